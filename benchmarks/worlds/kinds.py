"""The kinds of world: what each has that the model does not know of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One way the world may differ from the model; everything else is as the model has it.

    Parameters
    ----------
    name, told
        What it is called, and what is different in it.
    heavy_tails
        Days to pay scatter by a Student distribution of two degrees of freedom, in place of a logistic one.
    missing_invoices
        Half of the invoices still open are not recorded, and one in seven of the others.
    seasons
        Hours run a third higher in one half of the year than on average and a third lower in the other; payments take
        a third longer around the turn of the year and come sooner in summer.
    turns
        Each client turns worse by two standard deviations in one trait, in one of its last six months.
    echoes
        Signs come in pairs: the second of a pair is seen where the first is, and nowhere else.
    switches
        Clients are good or bad as a whole, and change from one to the other once in eighteen months on average.
    bursts
        Warning signs crowd into one month in five, whatever the strain.
    useless_signs
        Signs come at their base rate, whatever the strain.
    poor_market
        Searches take two and a half times as long as believed, bring three quarters of the fee, and bring clients who
        are half a standard deviation worse in every trait.
    """

    name: str
    told: str
    heavy_tails: bool = False
    missing_invoices: bool = False
    seasons: bool = False
    turns: bool = False
    echoes: bool = False
    switches: bool = False
    bursts: bool = False
    useless_signs: bool = False
    poor_market: bool = False


OWN = Kind(name="own", told="the model's own world")
HEAVY_TAILS = Kind(name="heavy tails", told="payments with a heavy tail", heavy_tails=True)
MISSING = Kind(name="missing invoices", told="invoices that are not recorded, open ones most", missing_invoices=True)
SEASONS = Kind(name="seasons", told="hours and payments by calendar month", seasons=True)
TURNS = Kind(name="turns", told="a sudden turn of character in the last six months", turns=True)
ECHOES = Kind(name="echoes", told="signs that always come in pairs", echoes=True)
SWITCHES = Kind(name="switches", told="good and bad types that switch", switches=True)
BURSTS = Kind(name="bursts", told="signs in bursts", bursts=True)
POOR_MARKET = Kind(name="poor market", told="a market worse than believed", poor_market=True)
USELESS = Kind(name="useless signs", told="signs without information", useless_signs=True)

FOR_INTERVALS = (OWN, HEAVY_TAILS, MISSING, SEASONS, TURNS, ECHOES)
FOR_DECISIONS = (OWN, SWITCHES, BURSTS, HEAVY_TAILS, POOR_MARKET, USELESS)

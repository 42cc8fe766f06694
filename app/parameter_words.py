"""Population parameters as people would name them, for a sentence about a fit that is not settled."""

from model.catalogue import Catalogue
from model.language import Phrases, phrase

_PLAIN = Phrases(
    {
        "half_life": "how long trouble with a client lasts",
        "correlation": "how far trouble of one kind comes with trouble of another",
        "invoice_shift": "how long clients usually take to pay",
        "invoice_slope": "how much later strained clients pay",
        "invoice_scale": "how much days to payment scatter",
        "never_paid_base": "how often an invoice is never paid",
        "never_paid_extra": "how often strained clients never pay",
        "hours_shift": "how far hours usually run over",
        "hours_slope": "how far hours run over with strained clients",
        "hours_scale": "how much hours scatter",
        "energy_first_cut": "how energy is rated on the whole",
        "energy_gaps": "how energy is rated on the whole",
        "energy_slopes": "what strain does to energy",
        "leave_base": "how often clients leave",
        "leave_slopes": "how strain moves clients to leave",
        "referral_base": "how often clients recommend you",
        "referral_slopes": "what strain does to recommendations",
        "ask_first_cut": "how clients answer when terms are asked for",
        "ask_gaps": "how clients answer when terms are asked for",
        "ask_slopes": "what strain does to the answer when terms are asked for",
        "ask_price": "how clients answer to a higher price",
        "ask_scope": "how clients answer to a cap on scope",
        "ask_terms": "how clients answer to stricter payment terms",
        "relief_scope": "what an accepted cap on scope brings",
        "relief_terms": "what accepted payment terms bring",
        "early_strain": "how much more trouble clients are in the beginning",
        "apart": "how far the firms differ",
        "own": "in what a firm differs from the others",
    }
)


def in_words(parameter: str, catalogue: Catalogue) -> str:
    """What a parameter of the population says, given its name in the diagnostics of a fit.

    Parameters
    ----------
    parameter
        As in `Diagnostics.worst_parameter`, such as `sign_base[disrespect]`.
    catalogue
        The signs.
    """
    block, _, place = parameter.partition("[")
    place = place.rstrip("]")
    if block in ("apart", "own"):
        return _PLAIN[block]
    if block == "standing_shift":
        return phrase("what “{label}” says of a client", label=catalogue.standing[int(place)].label)
    if block in ("sign_base", "sign_strength"):
        told = phrase("how often it is seen") if block == "sign_base" else phrase("how much it says")
        return phrase("the sign “{label}”, {told}", label=catalogue[place].label, told=told)
    return _PLAIN.get(block, phrase("one of the figures behind the answers"))


def shortcoming(parameter: str, catalogue: Catalogue) -> str:
    """What a fit that missed its gate twice lacks, and what to do, as one sentence."""
    worst = (
        phrase(": two tries left {parameter} unsettled", parameter=in_words(parameter, catalogue)) if parameter else ""
    )
    return phrase(
        "not reliable yet{worst}. Its draws are not used. Record more months or state "
        "narrower priors, then fit again; a new fit of the same records takes other "
        "random numbers.",
        worst=worst,
    )

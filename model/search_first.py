"""Search first: keep the client, look for a replacement meanwhile, and switch only to one that is worth it.

Each month of looking costs what a search costs. An offer comes with the market's chance; its fee is seen when it
comes, its strain is that of any newcomer. The rule is an optimal stopping rule: from the last month backward, an offer
is taken where that is worth more than going on, and looking ends where keeping alone is worth more (McCall 1970;
Weitzman 1979 for the one-off look of `model.two_in_the_bush`). Whether to switch is decided on what can be known, the
mean over the draws, never draw by draw.
"""

from dataclasses import dataclass, replace

import numpy as np

from model.actions import dropped
from model.alone import alone
from model.case import Case
from model.decision import MONTE_CARLO_ERRORS, about
from model.forecast import Array
from model.judged import Judgement
from model.language import phrase
from model.slot import discounts, net_income, ramp_up, search_cost

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
# A calendar with free hours for longer than this takes a new client beside the old one.
ROOM_FOR_MONTHS = 1.0
LEAST_GAIN = 0.5  # of the currency; less is told as 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFirst:
    """What looking while keeping a client is worth. All money in the portfolio's currency, discounted to today.

    Parameters
    ----------
    value
        Expected worth of keeping, looking, and switching when it pays.
    keep, drop
        Expected worth of the two without looking first.
    gain
        What looking first adds to the better of the two, and `resolution` twice its Monte Carlo error.
    least_fee
        Fee a month from which on to switch for an offer, in each month of looking (month): 0 where any will do, NaN
        where nothing is worth it or looking has ended.
    switches
        Probability of having switched by the horizon.
    months
        Expected months until then, for those who switch.
    mean_replacement
        Expected worth of switching to an average replacement at once, the search aside.
    worth
        Value given each draw (sample).
    """

    client: str
    value: float
    keep: float
    drop: float
    gain: float
    resolution: float
    least_fee: Array
    switches: float
    months: float
    mean_replacement: float
    room: bool
    worth: Array
    reason: str

    @property
    def search(self) -> bool:
        """Whether looking first is clearly better than keeping and than dropping."""
        # Two sums of the same money differ by rounding, and what never ends in a switch has nothing else to gain by.
        return not self.room and self.switches > 0 and self.gain > max(self.resolution, LEAST_GAIN)


def search_first(judgement: Judgement, client: str) -> SearchFirst:
    """Whether to look for a replacement before dropping a client, and which offer to switch for.

    Parameters
    ----------
    judgement
        The answer for the portfolio.
    client
        Name of an active client.

    Raises
    ------
    UnknownClient
        If the client is not an active one.
    """
    one = alone(judgement, client)
    case = Case.of(one.outlook, (one.terms,), one.settings, one.calendar)
    values = one.values()
    keep, drop = values[:, 0], values[:, 2]
    going = _going_on(case)
    level, per_fee = _switching(case)
    market = one.outlook.market
    scale = market.fee_log_sd[:, None] * NODES - market.fee_log_sd[:, None] ** 2 / 2
    factor = np.exp(scale)
    chance = market.win_rate
    cost = search_cost(case.slot.newcomers, one.settings)[:, 0]
    stay = _plan(going, level, per_fee, factor, chance, cost, case)
    worth = stay.worth - case.prepaid[0]
    best = keep if keep.mean() >= drop.mean() else drop
    gap = worth - best
    usual = float((market.fee_per_month * case.slot.newcomers[:, 0]).mean())
    found = SearchFirst(
        client=client, value=float(worth.mean()), keep=float(keep.mean()), drop=float(drop.mean()),
        gain=float(gap.mean()), resolution=MONTE_CARLO_ERRORS * float(gap.std()) / float(np.sqrt(len(gap))),
        least_fee=usual * stay.least, switches=stay.switches, months=stay.months,
        mean_replacement=float(level[:, 0].mean()) - float(case.prepaid[0]),
        room=bool(np.median(case.queue) > ROOM_FOR_MONTHS), worth=worth, reason="",
    )  # fmt: skip
    return replace(found, reason=reason_of(found, judgement))


def reason_of(found: SearchFirst, judgement: Judgement) -> str:
    """What looking first is worth, and what to do about it, in a few sentences."""
    money, best = judgement.settings.currency, max(found.keep, found.drop)
    if found.room:
        return phrase(
            "The calendar has room: whoever you find can come beside {client}, so nobody has to leave for them.",
            client=found.client,
        )
    if not found.search:
        what = phrase("keeping") if found.keep >= found.drop else phrase("dropping at once")
        return phrase(
            "Looking first is worth no more than {what}: a search costs more than what it would find is better by.",
            what=what,
        )
    other = phrase("keeping") if found.keep >= found.drop else phrase("dropping at once")
    said = [
        phrase(
            "Search first, and drop nobody yet: looking while you keep {client} is worth "
            "about {value} {money} more than {other}.",
            client=found.client,
            value=about(found.value - best),
            money=money,
            other=other,
        )
    ]
    if found.mean_replacement < found.keep:
        said.append(
            phrase("The average replacement is worth less than they are, but you switch only for a better one.")
        )
    first = found.least_fee[np.isfinite(found.least_fee)]
    if len(first) and first[0] > 0:
        said.append(
            phrase(
                "Switch for an offer of about {first} {money} a month or more.",
                first=about(float(first[0])),
                money=money,
            )
        )
    elif len(first):
        said.append(phrase("Switch for the first offer there is."))
    renegotiating = judgement.of(found.client).action("renegotiate").mean
    if renegotiating > found.value:
        said.append(
            phrase(
                "Renegotiating is worth more still, by about {renegotiating} {money}.",
                renegotiating=about(renegotiating - found.value),
                money=money,
            )
        )
    said.append(
        phrase(
            "A switch comes about in {switches} of 20 plausible cases, after {months:.0f} months.",
            switches=round(20 * found.switches) or phrase("fewer than one"),
            months=found.months,
        )
    )
    return " ".join(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Going:
    """Month by month, weighted by the chance to be there and discounted to today: worth and chances (sample, month)."""

    month: Array
    leaves: Array
    keep: Array
    there: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    worth: Array
    least: Array
    switches: float
    months: float


def _going_on(case: Case) -> _Going:
    base = case.outlook.base
    there = base.alive[:, 0, : case.months + 1].astype(np.float64)
    month = there[:, :-1] * case.discount[:-1] * case.month_of(base)[:, 0]
    after = case.after[:, 0]
    leaves = (there[:, :-1] - there[:, 1:]) * after[:, 1:]
    keep = np.zeros((len(there), case.months + 1))
    keep[:, :-1] = np.cumsum((month + leaves)[:, ::-1], axis=1)[:, ::-1]
    return _Going(month=month, leaves=leaves, keep=keep, there=there)


def _switching(case: Case) -> tuple[Array, Array]:
    """Worth of giving notice in a month with a replacement at hand, from that month on (sample, month 0..H-1).

    With the market's usual fee, and what each further multiple of it adds.
    """
    base, outlook, settings = case.outlook.base, case.outlook, case.settings
    month = case.month_of(base)
    waits = np.arange(case.months)
    relief = case.relief_per_month[:, :, None] * case.relief_months
    won = np.moveaxis(case.discount[:, None, None] * case.slot.won, 0, -1)
    newcomer, cut = outlook.newcomer, slice(None, case.months)
    paid = net_income(
        outlook.market.fee_per_month[:, None] * ramp_up(case.months, settings.replacement.ramp_up_months),
        1.0 - newcomer.never_paid[:, 0, cut], newcomer.days_to_pay[:, 0, cut], settings.discount_rate,
    ) * newcomer.alive[:, 0, cut]  # fmt: skip
    earned = np.cumsum(paid * discounts(settings.discount_rate, case.months)[:-1], axis=1)
    fees = np.zeros_like(won)
    fees[:, 0, :-1] = case.discount[:-1] * case.slot.newcomers * earned[:, ::-1]
    there = base.alive[:, :, : case.months + 1]
    gone = there[:, :, :-1] - there[:, :, 1:]
    worked = there[:, :, :-1] * case.discount[:-1] * month

    def from_then_on(after: Array) -> Array:
        total = dropped(case, month, base.alive, after, waits)[:, 0] + case.prepaid[0]
        before = np.cumsum(worked[:, 0] + gone[:, 0] * after[:, 0, 1:], axis=1)
        return np.asarray(total - np.concatenate([np.zeros((len(total), 1)), before[:, :-1]], axis=1))

    level = from_then_on(won + relief)
    return level, from_then_on(won + relief + fees) - level


def _plan(
    going: _Going, level: Array, per_fee: Array, factor: Array, chance: Array, cost: Array, case: Case
) -> _Plan:  # fmt: skip
    months, samples = case.months, len(chance)
    on = going.keep[:, -1].copy()
    least = np.full(months, np.nan)
    takes = np.zeros((months, len(NODES)), dtype=bool)
    looks = np.zeros(months, dtype=bool)
    for t in range(months - 1, -1, -1):
        found = on
        if t + 1 < months:
            offers = level[:, [t + 1]] + per_fee[:, [t + 1]] * (factor - 1.0)
            takes[t] = offers.mean(axis=0) > on.mean()
            better = np.where(takes[t], offers, on[:, None]) @ WEIGHTS
            found = chance * better + (1.0 - chance) * on
        spent = going.there[:, t] * case.discount[t] * cost
        looking = going.month[:, t] + going.leaves[:, t] - spent + found
        looks[t] = looking.mean() > going.keep[:, t].mean()
        if looks[t] and takes[t].any():
            lowest = int(np.argmax(takes[t]))
            least[t] = float(factor[:, lowest].mean()) if lowest else 0.0
        on = looking if looks[t] else going.keep[:, t]
    share = takes @ WEIGHTS
    unswitched, switched, when = np.ones(samples), np.zeros(samples), np.zeros(samples)
    for t in range(months):
        if not looks[t]:
            break
        now = unswitched * chance * share[t] * going.there[:, min(t + 1, months)]
        switched += now
        when += now * (t + 1)
        unswitched *= 1.0 - chance * share[t]
    total = float(switched.mean())
    return _Plan(worth=on, least=least, switches=total, months=float(when.mean()) / total if total > 0 else np.nan)

"""Possible clients with a name: what taking one on is worth against leaving the hours to whoever comes next.

The strain of a prospect comes from the instant update on the early signs, as that of any client does; a prospect
without signs is the usual newcomer. Hours they need beyond the free ones cost what the market pays for an hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from model.belief import Belief, update
from model.case import Case
from model.days import log_days
from model.decision import MONTE_CARLO_ERRORS, about
from model.forecast import Array, Ask
from model.judged import Judgement
from model.language import Headings, phrase
from model.observations import month_number
from model.outlook import outlook
from model.records import Client, Prospect, Records, Sighting
from model.slot import net_income, open_slot, ramp_up
from model.terms import terms_of

Answer = Literal["take", "decline", "too_close"]
_TRAIT_WORDS = Headings("how they pay", "how much they ask", "how they behave", "how well they fit")
NOTABLE_STRAIN = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Valued:
    """What taking on one prospect is worth. All money in the portfolio's currency, discounted to today.

    Parameters
    ----------
    strain
        Mean and standard deviation of each trait, shape (2, trait), in population standard deviations.
    worth, otherwise
        Value given each draw of taking them on, and of leaving their hours to whoever comes next (sample).
    gain
        Mean of the difference, if they say yes; `chance` of winning them is not in it.
    p_better
        Probability that taking them on is the better of the two.
    resolution
        Twice the Monte Carlo error of `gain`.
    least_fee
        Fee a month from which on they are worth taking, None where no fee makes it so.
    hours, beyond
        Hours a month they are expected to need, and how many of those are not free.
    starts_in
        Months until they start.
    """

    prospect: Prospect
    strain: Array
    worth: Array
    otherwise: Array
    gain: float
    p_better: float
    resolution: float
    least_fee: float | None
    hours: float
    beyond: float
    starts_in: int
    chance: float
    answer: Answer
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Dropping a client for named prospects, against what is best with the client today.

    `value` is the expected worth of dropping them and taking what of `prospects` says yes, `now` that of the best
    action without dropping, the prospects taken beside where that pays; `p_better` the probability that the exchange
    is worth more, given each draw.
    """

    client: str
    prospects: tuple[str, ...]
    value: float
    now: float
    instead_of: str
    p_better: float

    @property
    def gain(self) -> float:
        """What the exchange adds, in money."""
        return self.value - self.now


def valued(judgement: Judgement, prospect: Prospect) -> Valued:
    """What a prospect is worth, with the calendar as it is.

    Parameters
    ----------
    judgement
        The answer for the portfolio: its draws, economics, market and calendar.
    prospect
        Fee, hours, odds, start and early signs.

    Raises
    ------
    UnknownSign
        If an early sign is not in the catalogue.
    """
    case = _Case.of(judgement, prospect)
    free = judgement.calendar.idle_hours
    needed = float(case.hours.mean())
    inside = np.minimum(case.hours, free)
    worth, otherwise = case.taken(inside), case.left_open(inside)
    gap = worth - otherwise
    gain = float(gap.mean())
    resolution = MONTE_CARLO_ERRORS * float(gap.std()) / float(np.sqrt(len(gap)))
    per_fee = float(case.per_fee.mean())
    fee = float(prospect.fee_per_month)
    least = fee - gain / per_fee if per_fee > 1e-9 else None
    answer: Answer = "too_close" if abs(gain) < resolution else "take" if gain > 0 else "decline"
    found = Valued(
        prospect=prospect, strain=np.stack(case.belief.summary(prospect.name)), worth=worth, otherwise=otherwise,
        gain=gain, p_better=float((gap > 0).mean()), resolution=resolution,
        least_fee=None if least is None else max(0.0, least), hours=needed, beyond=max(0.0, needed - free),
        starts_in=case.start, chance=_odds(prospect), answer=answer, reason="",
    )  # fmt: skip
    return replace(found, reason=_reason(found, judgement))


def exchanges(judgement: Judgement, prospects: Sequence[Prospect]) -> tuple[Exchange, ...]:
    """Every client against each prospect, and against all of them together, the largest gain first.

    The client is dropped with notice, and a prospect starts when the hours are there, or on their own day if that is
    later. Who says no leaves their hours to the next newcomer. Of several, the one worth most an hour comes first;
    hours beyond those that are free and freed cost what the market pays for one.
    """
    cases = [_Case.of(judgement, prospect) for prospect in prospects]
    groups = [[case] for case in cases] + ([cases] if len(cases) > 1 else [])
    agreed = {term.client: term for term in judgement.terms}
    found = []
    for decision in judgement.decisions:
        c = judgement.belief.place(decision.client)
        term, best = agreed[decision.client], decision.best
        draws = judgement.net_benefit.sel(client=decision.client)
        drop = np.asarray(draws.sel(action="drop").values)
        ratio = judgement.outlook.base.hours_ratio[:, c, : judgement.settings.horizon_months].mean(axis=1)
        idle = judgement.calendar.idle_hours
        freed = max(0.0, term.agreed_hours * float(ratio.mean()) - judgement.calendar.overbooked_hours)
        exit_month = int(np.ceil(term.notice_months))
        for group in groups:
            value = drop + _filled(group, freed + idle, exit_month)
            now = np.asarray(draws.sel(action=best.action).values)
            # Nobody need be dropped for a prospect who is welcome beside them.
            beside = _filled(group, idle, 0)
            now = now + beside if beside.mean() > 0 else now
            found.append(
                Exchange(
                    client=decision.client,
                    prospects=tuple(case.prospect.name for case in group),
                    value=float(value.mean()),
                    now=float(now.mean()),
                    instead_of=best.action,
                    p_better=float((value > now).mean()),
                )
            )
    return tuple(sorted(found, key=lambda exchange: -exchange.gain))


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Prospects taken on beside the clients there are: what they add, in money (sample), fees and hours a month."""

    worth: Array
    fees: float
    hours: float


def beside(judgement: Judgement, prospects: Sequence[Prospect], *, freed: float = 0.0) -> Beside:
    """What several prospects together add, weighed by the odds of each.

    Parameters
    ----------
    judgement
        The answer for the portfolio.
    prospects
        Who is taken on.
    freed
        Hours a month of clients who are dropped for them.
    """
    cases = [_Case.of(judgement, prospect) for prospect in prospects]
    room = max(0.0, judgement.calendar.idle_hours + freed - judgement.calendar.overbooked_hours)
    odds = [_odds(prospect) for prospect in prospects]
    return Beside(
        worth=_filled(cases, room, 0),
        fees=sum(won * float(p.fee_per_month) for won, p in zip(odds, prospects, strict=True)),
        hours=sum(won * float(case.hours.mean()) for won, case in zip(odds, cases, strict=True)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A prospect month by month, over every draw; money of the month they start in unless said otherwise."""

    prospect: Prospect
    judgement: Judgement
    belief: Belief
    case: Case
    start: int
    hours: Array
    month: Array
    alive: Array
    per_fee_month: Array

    @staticmethod
    def of(judgement: Judgement, prospect: Prospect) -> "_Case":
        settings, today, market = judgement.settings, judgement.as_of, judgement.outlook.market
        client = Client(
            name=prospect.name, currency=settings.currency, since=today, billing="retainer",
            fee_per_month=prospect.fee_per_month, agreed_hours_per_month=prospect.hours_per_month,
        )  # fmt: skip
        seen = tuple(Sighting(client=prospect.name, on=today, sign=sign) for sign in prospect.early_signs)
        records = Records(settings=settings, clients=(client,), sightings=seen)
        terms = terms_of(records, prospect.name, today)
        belief = update(judgement.population, records, judgement.catalogue, today=today, seed=judgement.seed)
        ahead = outlook(
            judgement.population, belief, log_terms=np.array([log_days(terms.payment_terms_days)]),
            newcomers=judgement.newcomers, market=market, horizon_months=settings.horizon_months, asks=(_NO_ASK,),
            seed=judgement.seed,
        )  # fmt: skip
        case = Case.of(ahead, (terms,), settings, judgement.calendar)
        base, fee = ahead.base, float(prospect.fee_per_month)
        cut = slice(None, case.months)
        ramp = ramp_up(case.months, settings.replacement.ramp_up_months)
        paid = net_income(
            1.0, 1.0 - base.never_paid[:, 0, cut], base.days_to_pay[:, 0, cut], settings.discount_rate
        )  # fmt: skip
        start = 0
        if prospect.start is not None and prospect.start > today:
            start = min(case.months, month_number(prospect.start) - month_number(today))
        return _Case(
            prospect=prospect, judgement=judgement, belief=belief, case=case, start=start,
            hours=prospect.hours_per_month * base.hours_ratio[:, 0, cut].mean(axis=1),
            month=case.month_of(base)[:, 0] - (1.0 - ramp) * fee * paid,
            alive=base.alive[:, 0, : case.months + 1], per_fee_month=ramp * paid,
        )  # fmt: skip

    @property
    def per_fee(self) -> Array:
        """Worth today of one more unit of money a month (sample)."""
        return self._served(self.per_fee_month, self.start)

    def taken(self, inside: Array, start: int | None = None) -> Array:
        """Worth today of taking them on, with so many of their hours free (sample)."""
        k = self.start if start is None else start
        beyond = np.maximum(0.0, self.hours - inside) * self._hour
        left = self.case.months - k
        slot = self._slot(inside)
        leaves = self.alive[:, :-1] - self.alive[:, 1:]
        after = self.case.discount[k + 1 :] * slot[:, k + 1 :]
        before = self._opened(slot, 0) - self._opened(slot, k)
        served = self._served(self.month - beyond[:, None], k)
        return np.asarray(before + served + (leaves[:, :left] * after).sum(axis=1))

    def left_open(self, inside: Array) -> Array:
        """Worth today of leaving those hours to whoever comes next (sample)."""
        return self._opened(self._slot(inside), 0)

    @property
    def _hour(self) -> Array:
        market = self.judgement.outlook.market
        reserve = float(self.judgement.settings.reserve_value_per_hour)
        return np.maximum(0.0, market.fee_per_month / market.hours_per_month - reserve)

    def _served(self, month: Array, k: int) -> Array:
        left = self.case.months - k
        return np.asarray((month[:, :left] * self.alive[:, :left]) @ self.case.discount[k:-1])

    def _slot(self, inside: Array) -> Array:
        outlook_, settings = self.judgement.outlook, self.judgement.settings
        solved = open_slot(outlook_.newcomer, outlook_.market, inside[:, None], settings, self.case.months)
        return solved.value[:, :, 0].T

    def _opened(self, slot: Array, k: int) -> Array:
        return np.asarray(self.case.discount[k] * slot[:, k])


_NO_ASK = Ask(price_pct=0.0, scope=False)


def _filled(group: Sequence[_Case], room: float, exit_month: int) -> Array:
    gain = np.zeros(len(group[0].hours))
    by_the_hour = sorted(group, key=lambda case: -float(case.prospect.fee_per_month) / case.prospect.hours_per_month)
    for case in by_the_hour:
        start = min(case.case.months, max(case.start, exit_month))
        inside = np.minimum(case.hours, room)
        room = max(0.0, room - float(case.hours.mean()))
        slot = case._slot(inside)
        taken = case.taken(inside, start)
        gain += _odds(case.prospect) * (taken - case._opened(slot, 0))
    return gain


def _odds(prospect: Prospect) -> float:
    # Without odds the question is what they are worth once they have said yes.
    return 1.0 if prospect.odds is None else prospect.odds


def _reason(found: Valued, judgement: Judgement) -> str:
    money, name = judgement.settings.currency, found.prospect.name
    if found.answer == "too_close":
        said = [phrase("Taking {name} on or waiting for the next one: too close to call.", name=name)]
    else:
        told = {"name": name, "size": about(abs(found.gain)), "money": money}
        months = judgement.settings.horizon_months
        if found.answer == "take":
            said = [
                phrase(
                    "Taking {name} on is worth about {size} {money} more over {months} months than saying no and "
                    "waiting for the next one.",
                    months=months,
                    **told,
                )
            ]
        else:
            said = [
                phrase(
                    "Taking {name} on is worth about {size} {money} less over {months} months than saying no and "
                    "waiting for the next one.",
                    months=months,
                    **told,
                )
            ]
    said.append(
        phrase("It is the better choice in {p_better} of 20 plausible cases.", p_better=round(20 * found.p_better))
    )
    if found.beyond > 0.05 * found.hours:
        said.append(
            phrase(
                "They need about {hours:.0f} hours a month, {beyond:.0f} more than are free; "
                "those are counted at what the market pays for an hour.",
                hours=found.hours,
                beyond=found.beyond,
            )
        )
    worst = int(np.argmax(found.strain[0]))
    if found.prospect.early_signs and found.strain[0][worst] >= NOTABLE_STRAIN:
        said.append(phrase("What the early signs speak against is {trait_word}.", trait_word=_TRAIT_WORDS[worst]))
    if found.least_fee is not None:
        if found.answer == "take":
            said.append(
                phrase(
                    "They stay worth it down to about {least_fee} {money} a month.",
                    least_fee=about(found.least_fee),
                    money=money,
                )
            )
        elif found.least_fee < 10 * float(found.prospect.fee_per_month) + 1:
            said.append(
                phrase(
                    "They become worth it from about {least_fee} {money} a month.",
                    least_fee=about(found.least_fee),
                    money=money,
                )
            )
    return " ".join(said)

"""Waiting: keep for some months, then choose with what will have been seen by then.

What the months would show is simulated given each draw, and the choice is made on the expectation given what is seen
(Strong, Oakley, Brennan and Breeze 2015). What happens after the choice is valued by today's strain and its drift
alone, so what is learned of the drift itself is left out: the value of waiting is, if anything, too low.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from model.action_summary import DOT_LEVELS, ActionSummary
from model.actions import ACTIONS
from model.alone import Alone, alone
from model.decision import MONTE_CARLO_ERRORS, Decision, about
from model.forecast import Array
from model.foresight import Foresight, foresee
from model.judged import Judgement
from model.language import Phrases, phrase
from model.observations import month_number, month_start
from model.risk import cvar, expected_loss, p_best
from model.slot import discounts
from model.terms import DAYS_PER_MONTH
from model.voi import conditional_mean, evpi

MONTHS = (1, 2, 3, 6)
RULE_LEVELS = np.linspace(0.02, 0.98, 49)
_DO = Phrases({"keep": "keep on", "renegotiate": "renegotiate", "drop": "drop"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TripWire:
    """One thing to watch while waiting, and what to do once it happens.

    Parameters
    ----------
    observable
        `days_late`, `hours_ratio`, `energy` or `signs`.
    threshold
        In days after the due date, hours per hour agreed, points of energy, or signs weighed by strength.
    above
        Whether the wire trips above the threshold, or below it.
    then, otherwise
        The action if it trips, and the one if it does not.
    chance
        Probability that it trips.
    value
        What going by this wire alone is worth, in money, more than choosing blindly after the same months.
    sentence
        The rule in words.
    """

    observable: str
    threshold: float
    above: bool
    then: str
    otherwise: str
    chance: float
    value: float
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What it is worth to keep a client for some months and then decide.

    Parameters
    ----------
    months
        The best number of months to wait.
    value
        Expected discounted value of waiting so long, in money.
    evsi, evpi
        What the months are expected to show is worth for the choice after them, and what knowing everything would be.
    blind
        Value of waiting without looking: the best choice after the same months on what is known today.
    gain
        Value beyond that of the best action now; below 0 where waiting costs more than it teaches.
    resolution
        Twice the Monte Carlo error of `gain`.
    by_months
        Value of each number of months considered.
    trip_wire
        What to watch, None where no single thing would change the choice.
    worth
        Value given each draw (sample).
    chosen
        Action chosen after the months, as a place in keep, renegotiate, drop (sample).
    """

    client: str
    months: int
    value: float
    evsi: float
    evpi: float
    blind: float
    gain: float
    resolution: float
    by_months: tuple[tuple[int, float], ...]
    trip_wire: TripWire | None
    worth: Array
    chosen: "np.ndarray[tuple[int, ...], np.dtype[np.intp]]"


def waiting(judgement: Judgement, client: str, months: Sequence[int] = MONTHS) -> Waiting | None:
    """The value of waiting, for the best number of months; None where the horizon is too short to wait.

    It is never below the value of waiting as long without looking, and what is seen never worth more than everything.

    Parameters
    ----------
    judgement
        The answer for the portfolio.
    client
        Name of an active client.
    months
        Numbers of months to consider.

    Raises
    ------
    UnknownClient
        If the client is not an active one.
    """
    one = alone(judgement, client)
    ahead = min(one.settings.horizon_months, one.outlook.base.hours_ratio.shape[2])
    possible = sorted({m for m in months if 1 <= m < ahead})
    if not possible:
        return None
    foresight = foresee(judgement, client, possible[-1])
    now = one.values()
    exits = one.exits(possible[-1])
    tried = {m: _after(one, now, exits, m, foresight) for m in possible}
    best = max(tried, key=lambda m: tried[m].value)
    found = tried[best]
    act = int(np.argmax(now.mean(axis=0)))
    gap = found.worth - now[:, act]
    return Waiting(
        client=client,
        months=best,
        value=found.value,
        evsi=found.value - found.blind,
        evpi=evpi(found.later),
        blind=found.blind,
        gain=found.value - float(now[:, act].mean()),
        resolution=MONTE_CARLO_ERRORS * float(gap.std()) / float(np.sqrt(len(gap))),
        by_months=tuple((m, tried[m].value) for m in possible),
        trip_wire=_trip_wire(foresight, found, best, judgement.as_of),
        worth=found.worth,
        chosen=found.chosen,
    )


def deliberated(judgement: Judgement) -> Judgement:
    """The judgement with waiting considered for every client: a fourth action of each decision and of the futures."""
    waits = [waiting(judgement, decision.client) for decision in judgement.decisions]
    decided = tuple(considered(judgement, d, wait) for d, wait in zip(judgement.decisions, waits, strict=True))
    if judgement.lived.shape[2] > len(ACTIONS) or not any(waits):
        return replace(judgement, decisions=decided)
    # The time to wait is the same for all, so that either everyone has a fourth action or nobody.
    fourth = np.stack([_future(judgement, wait.client, wait) for wait in waits if wait is not None], axis=1)
    return replace(judgement, decisions=decided, lived=np.concatenate([judgement.lived, fourth[:, :, None]], axis=2))


def considered(judgement: Judgement, decision: Decision, wait: Waiting | None) -> Decision:
    """The decision with waiting as a fourth action, and the verdict `wait` where that is clearly the best.

    What is said of the other three stays as it was: they are compared with each other, as what can be done today.
    Waiting is compared with the best of them. A deal-breaker and a pause after an angry entry stay as they are.

    Parameters
    ----------
    judgement
        The answer for the portfolio.
    decision
        The one on this client; where waiting was considered already, it is returned unchanged.
    wait
        From `waiting`; None leaves the decision as it is.
    """
    if wait is None or decision.wait_months is not None:
        return decision
    now = np.asarray(judgement.net_benefit.sel(client=decision.client).values)
    futures = _future(judgement, decision.client, wait)
    against = np.column_stack([now, wait.worth])
    *dots, p10, p50, p90 = np.quantile(futures, (*DOT_LEVELS, 0.1, 0.5, 0.9))
    fourth = ActionSummary(
        action="wait", mean=wait.value, sd=float(futures.std()), p10=float(p10), p50=float(p50), p90=float(p90),
        p_best=float(p_best(against)[-1]), expected_loss=float(expected_loss(against)[-1]),
        cvar10=0.0 - cvar(-futures, 0.9), dots=tuple(float(dot) for dot in dots),
    )  # fmt: skip
    with_wait = replace(decision, actions=(*decision.actions, fourth), wait_months=wait.months)
    if decision.verdict in ("deal_breaker", "wait") or not _clearly_best(judgement, wait):
        return with_wait
    return replace(with_wait, verdict="wait", reason=f"{in_words(wait, decision.currency)} {_rule(wait)}".strip())


def in_words(wait: Waiting, currency: str) -> str:
    """What waiting brings or costs, in one sentence."""
    span = phrase("a month") if wait.months == 1 else phrase("{months} months", months=wait.months)
    if wait.gain <= 0:
        return phrase(
            "Waiting {span} and then deciding costs about {gain} {currency}: what the time "
            "would teach is worth {evsi}.",
            span=span,
            gain=about(-wait.gain),
            currency=currency,
            evsi=about(wait.evsi),
        )
    return phrase(
        "Keeping for {span} and then deciding is worth about {gain} {currency} more than "
        "deciding today: what the time teaches is worth {evsi}.",
        span=span,
        gain=about(wait.gain),
        currency=currency,
        evsi=about(wait.evsi),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _After:
    later: Array
    expected: Array
    chosen: "np.ndarray[tuple[int, ...], np.dtype[np.intp]]"
    worth: Array
    value: float
    blind: float


def _after(one: Alone, now: Array, exits: Array, months: int, foresight: Foresight) -> _After:
    later = _later(one, now, exits, months)
    best = int(np.argmax(later.mean(axis=0)))
    # What is common to all actions says nothing about the choice, and is noise to a regression.
    gaps = later - later[:, [best]]
    expected = conditional_mean(gaps, foresight.everything(months))
    chosen = expected.argmax(axis=1)
    teaches = min(max(0.0, float(expected.max(axis=1).mean())), evpi(later))
    blind = float(later[:, best].mean())
    return _After(
        later=later,
        expected=expected,
        chosen=chosen,
        worth=later[:, best] + _scaled(expected.max(axis=1), teaches),
        value=blind + teaches,
        blind=blind,
    )


def _scaled(gain: Array, mean: float) -> Array:
    total = float(gain.mean())
    return gain * (mean / total) if total > 0 else np.zeros_like(gain)


def _later(one: Alone, now: Array, exits: Array, months: int) -> Array:
    """Keep, renegotiate and drop after so many months, given each draw and as of today (sample, action)."""
    horizon = min(one.settings.horizon_months, one.outlook.base.hours_ratio.shape[2])
    shorter = one.values(settings=replace(one.settings, horizon_months=horizon - months))
    there = one.outlook.base.alive[:, 0, months] * discounts(one.settings.discount_rate, months)[months]
    asked = now[:, 0] + there * (shorter[:, 1] - shorter[:, 0])
    return np.stack([now[:, 0], asked, exits[:, months]], axis=1)


def _trip_wire(foresight: Foresight, found: _After, months: int, today: date) -> TripWire | None:
    """The threshold on one observable that is worth most, judged by what all the evidence says."""
    otherwise = int(np.argmax(found.expected.mean(axis=0)))
    gaps = found.expected - found.expected[:, [otherwise]]
    n = len(gaps)
    best: tuple[float, str, float, bool, int, float] | None = None
    for name, seen in _observables(foresight, months).items():
        order = np.argsort(seen, kind="stable")
        ordered = seen[order]
        so_far = np.vstack([np.zeros(gaps.shape[1]), np.cumsum(gaps[order], axis=0)]) / n
        for threshold in np.unique(np.quantile(seen, RULE_LEVELS)):
            below, upto = np.searchsorted(ordered, threshold, "left"), np.searchsorted(ordered, threshold, "right")
            for above, gains, chance in (
                (True, so_far[-1] - so_far[upto], 1.0 - upto / n),
                (False, so_far[below], below / n),
            ):
                then = int(np.argmax(gains))
                if then != otherwise and gains[then] > (best[0] if best else 1e-9):
                    best = (float(gains[then]), name, float(threshold), above, then, float(chance))
    if best is None:
        return None
    value, name, threshold, above, then, chance = best
    first = month_start(month_number(today) + 1)
    return TripWire(
        observable=name,
        threshold=threshold,
        above=above,
        then=ACTIONS[then],
        otherwise=ACTIONS[otherwise],
        chance=chance,
        value=value,
        sentence=phrase(
            "{then} if {condition}; otherwise {otherwise}.",
            then=_DO[ACTIONS[then]].capitalize(),
            condition=_condition(name, threshold, above, first, months),
            otherwise=_DO[ACTIONS[otherwise]],
        ),
    )


def _observables(foresight: Foresight, months: int) -> dict[str, Array]:
    found = {"energy": foresight.energy[:, :months].mean(axis=1)}
    if foresight.hours_ratio is not None:
        found["hours_ratio"] = foresight.hours_ratio[:, :months].mean(axis=1)
    age = months * DAYS_PER_MONTH - foresight.terms_days
    if age > 1:
        # An invoice that is still open by then has been late for so long already.
        found["days_late"] = np.floor(np.minimum(np.maximum(foresight.days_late[:, 0], -foresight.terms_days), age))
    return found


def _condition(name: str, threshold: float, above: bool, first: date, months: int) -> str:
    over = phrase("the month") if months == 1 else phrase("the {months} months", months=months)
    if name == "days_late":
        if threshold <= 0:
            day = _days_before(threshold)
            if above:
                return phrase("the {first:%B} invoice is paid later than {day}", first=first, day=day)
            return phrase("the {first:%B} invoice is paid earlier than {day}", first=first, day=day)
        if above:
            return phrase("the {first:%B} invoice is more than {days:.0f} days late", first=first, days=threshold)
        return phrase("the {first:%B} invoice is less than {days:.0f} days late", first=first, days=threshold)
    if name == "hours_ratio":
        return phrase("they take {share} the hours agreed in {over}", share=_share(above, threshold), over=over)
    if above:
        return phrase("energy at the check-ins of {over} averages above {level:.1f}", over=over, level=threshold)
    return phrase("energy at the check-ins of {over} averages below {level:.1f}", over=over, level=threshold)


def _share(above: bool, ratio: float) -> str:
    # "More than 20 % under" would be read as its opposite.
    if above:
        return phrase("more than {share:.0f} % of", share=100 * ratio)
    return phrase("less than {share:.0f} % of", share=100 * ratio)


def _days_before(threshold: float) -> str:
    return (
        phrase("its due date")
        if threshold == 0
        else phrase("{threshold:.0f} days before its due date", threshold=-threshold)
    )


def _rule(wait: Waiting) -> str:
    return wait.trip_wire.sentence if wait.trip_wire else ""


def _clearly_best(judgement: Judgement, wait: Waiting) -> bool:
    best = judgement.of(wait.client).best
    return wait.gain > max(wait.resolution, judgement.settings.least_lead * (best.p90 - best.p10))


def _future(judgement: Judgement, client: str, wait: Waiting) -> Array:
    # The simulated future of what is chosen then, shifted by what choosing it later changes on average.
    place = np.arange(len(wait.chosen))
    paths = np.asarray(judgement.futures.sel(client=client).values)[place, wait.chosen]
    expected = np.asarray(judgement.net_benefit.sel(client=client).values)[place, wait.chosen]
    return np.asarray(paths + wait.worth - expected)

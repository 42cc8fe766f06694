"""Possible clients with a name: what taking one on is worth against leaving the hours to whoever comes next.

The strain of a prospect comes from the instant update on the early signs, as that of any client does; a prospect
without signs is the usual newcomer. Hours they need beyond the free ones cost what the market pays for an hour.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from model.arrival import Arrival, Room, rooms
from model.decision import MONTE_CARLO_ERRORS, about
from model.forecast import Array
from model.judged import Judgement
from model.language import Headings, phrase, phrase_of
from model.records import Prospect

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
    held, still_free
        Whether their hours are best held free until then; where not, how likely those are open still, else 1.
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
    held: bool
    still_free: float
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
    arrival = Arrival.of(judgement, prospect)
    taken, _ = arrival.taken(rooms(judgement))
    needed, gain = float(arrival.hours.mean()), float(taken.gain.mean())
    resolution = MONTE_CARLO_ERRORS * float(taken.gain.std()) / float(np.sqrt(len(taken.gain)))
    answer: Answer = "too_close" if abs(gain) < resolution else "take" if gain > 0 else "decline"
    found = Valued(
        prospect=prospect, strain=np.stack(arrival.belief.summary(prospect.name)), worth=taken.otherwise + taken.gain,
        otherwise=taken.otherwise, gain=gain, p_better=float((taken.gain > 0).mean()), resolution=resolution,
        least_fee=taken.least_fee, hours=needed, beyond=max(0.0, needed - judgement.calendar.idle_hours),
        starts_in=arrival.start, held=taken.held, still_free=float(taken.comes.mean()), chance=_odds(prospect),
        answer=answer, reason="",
    )  # fmt: skip
    return replace(found, reason=_reason(found, judgement))


def exchanges(judgement: Judgement, prospects: Sequence[Prospect]) -> tuple[Exchange, ...]:
    """Every client against each prospect, and against all of them together, the largest gain first.

    The client is dropped with notice, and a prospect starts when the hours are there, or on their own day if that is
    later; who fits into the free hours waits for nobody. Who says no leaves their hours to the next newcomer. Of
    several, the one worth most an hour comes first; hours beyond those that are free and freed cost what the market
    pays for one.
    """
    arrivals = [Arrival.of(judgement, prospect) for prospect in prospects]
    groups = [[arrival] for arrival in arrivals] + ([arrivals] if len(arrivals) > 1 else [])
    # Nobody need be dropped for a prospect who is welcome beside them.
    besides = [_all_taken(group, rooms(judgement)).worth for group in groups]
    found = []
    for decision in judgement.decisions:
        draws, best = judgement.net_benefit.sel(client=decision.client), decision.best
        drop, kept = (np.asarray(draws.sel(action=action).values) for action in ("drop", best.action))
        there = rooms(judgement, (decision.client,))
        for group, beside_them in zip(groups, besides, strict=True):
            value = drop + _all_taken(group, there).worth
            now = kept + beside_them if beside_them.mean() > 0 else kept
            found.append(
                Exchange(
                    client=decision.client,
                    prospects=tuple(arrival.prospect.name for arrival in group),
                    value=float(value.mean()),
                    now=float(now.mean()),
                    instead_of=best.action,
                    p_better=float((value > now).mean()),
                )
            )
    return tuple(sorted(found, key=lambda exchange: -exchange.gain))


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Prospects taken on beside the clients there are: what they add, in money (sample), fees and hours a month.

    Fees and hours are weighed by the odds of each and by the chance that their hours are open still when they start.
    """

    worth: Array
    fees: float
    hours: float


def beside(judgement: Judgement, prospects: Sequence[Prospect], *, dropped: Collection[str] = ()) -> Beside:
    """What several prospects together add, weighed by the odds of each.

    Parameters
    ----------
    judgement
        The answer for the portfolio.
    prospects
        Who is taken on.
    dropped
        Clients who are dropped, whose hours are there when their notice has run.
    """
    return _all_taken([Arrival.of(judgement, prospect) for prospect in prospects], rooms(judgement, dropped))


def _all_taken(arrivals: Sequence[Arrival], there: tuple[Room, ...]) -> Beside:
    worth, fees, hours = np.zeros(len(arrivals[0].hours)), 0.0, 0.0
    for arrival in sorted(arrivals, key=lambda one: -float(one.prospect.fee_per_month) / one.prospect.hours_per_month):
        taken, there = arrival.taken(there)
        odds = _odds(arrival.prospect)
        worth += odds * taken.gain
        comes = odds * float(taken.comes.mean())
        fees += comes * float(arrival.prospect.fee_per_month)
        hours += comes * float(arrival.hours.mean())
    return Beside(worth=worth, fees=fees, hours=hours)


def _odds(prospect: Prospect) -> float:
    # Without odds the question is what they are worth once they have said yes.
    return 1.0 if prospect.odds is None else prospect.odds


def _reason(found: Valued, judgement: Judgement) -> str:
    money, name = judgement.settings.currency, found.prospect.name
    if found.answer == "too_close":
        said = [phrase("Taking {name} on or waiting for the next one: too close to call.", name=name)]
    else:
        told = {"name": name, "size": about(abs(found.gain)), "money": money}
        months = phrase_of(judgement.settings.horizon_months, "{count} month", "{count} months")
        if found.answer == "take":
            said = [
                phrase(
                    "Taking {name} on is worth about {size} {money} more over {months} than saying no and "
                    "waiting for the next one.",
                    months=months,
                    **told,
                )
            ]
        else:
            said = [
                phrase(
                    "Taking {name} on is worth about {size} {money} less over {months} than saying no and "
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
    if found.answer != "decline" and found.held:
        said.append(phrase("Until they start, their hours are best held free for them."))
    elif found.answer != "decline" and round(20 * found.still_free) < 20:
        said.append(
            phrase(
                "Until they start the search goes on; their hours are still free then in {free} of 20 plausible cases.",
                free=round(20 * found.still_free),
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

"""Looking back: what was forecast on an earlier day against what came, and what was done with what was advised.

Probabilities are scored by the Brier score, the mean squared difference to what happened (0 is perfect, 0.25 is what a
coin flip gets), intervals by how often they held what came. Months are scored once they are over, and invoices once
what is asked of them is known however they turn out: scored as soon as they are paid, quick payers would come first. Of
a client who was dropped nothing can come any more, so that nothing is scored: what a good decision to drop has saved is
not seen here.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from model.language import Phrases, phrase
from model.records import Invoice, Records

RESULTS = Phrases(
    {
        "open": "open",
        "accepted": "accepted",
        "partly": "partly",
        "refused_stayed": "refused, stayed",
        "refused_left": "refused, left",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """An expected figure, and the ends that were to hold it with 80 %."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthTold:
    """What was said on `said_on` of one client and one later month, named by its first day."""

    client: str
    said_on: date
    month: date
    still_there: float
    share_late: float
    days_to_pay: Expected
    hours: Expected
    energy: Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How forecasts of one kind did; `covered`, `brier` and `miscalibration` are NaN where they do not apply.

    `came` of days to pay is the mean of the invoices that are paid, and too low while slow ones are still open.
    """

    what: str
    cases: int
    covered: float
    forecast: float
    came: float
    brier: float
    miscalibration: float = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrierParts:
    """The Brier score taken apart: reliability, less resolution, plus uncertainty.

    `reliability` is what is lost by probabilities that are not those that come true (0 is perfect), `resolution` what
    is gained by telling cases apart, `uncertainty` what the base rate alone would score.
    """

    reliability: float
    resolution: float
    uncertainty: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What became of one verdict; `followed` is yes, no, or no advice."""

    done: str
    followed: str


def brier_score(probabilities: ArrayLike, happened: ArrayLike) -> float:
    """Mean squared difference of forecast probabilities and what happened, 0 or 1 (Brier 1950)."""
    return float(np.mean((np.asarray(probabilities, dtype=float) - np.asarray(happened, dtype=float)) ** 2))


def brier_parts(probabilities: ArrayLike, happened: ArrayLike) -> BrierParts:
    """The parts of the Brier score (Murphy 1973), over forecasts taken together by tenths.

    The three add up to the score where the forecasts of a tenth are all the same, and nearly where they are not.
    """
    said, came = np.asarray(probabilities, dtype=float), np.asarray(happened, dtype=float)
    tenth = np.minimum(9, np.floor(said * 10 + 1e-9).astype(int))
    rate = float(came.mean())
    reliability = resolution = 0.0
    for number in np.unique(tenth):
        mine = tenth == number
        reliability += float(mine.mean() * (said[mine].mean() - came[mine].mean()) ** 2)
        resolution += float(mine.mean() * (came[mine].mean() - rate) ** 2)
    return BrierParts(reliability=reliability, resolution=resolution, uncertainty=rate * (1.0 - rate))


def coverage(low: ArrayLike, high: ArrayLike, came: ArrayLike) -> float:
    """Share of figures within their intervals, the ends included."""
    figure = np.asarray(came, dtype=float)
    return float(np.mean((np.asarray(low) <= figure) & (figure <= np.asarray(high))))


def scores(told: Sequence[MonthTold], records: Records, today: date) -> tuple[Score, ...]:
    """Score every forecast of a month that is over.

    Whether an invoice is late is scored once its due date has passed, the days it took once it is older than the upper
    end of their interval; one still open by then took longer.

    Parameters
    ----------
    told
        Forecasts, of any clients and days.
    records
        What is known today.
    today
        Only months that ended before it count.
    """
    over = [one for one in told if one.said_on < one.month and _end(one.month) < today]
    clients = {client.name: client for client in records.clients}
    there: list[tuple[float, float]] = []
    late: list[tuple[float, float]] = []
    days: list[tuple[Expected, float]] = []
    hours: list[tuple[Expected, float]] = []
    energy: list[tuple[Expected, float]] = []
    logged: dict[tuple[str, date], float] = {}
    for entry in records.hours:
        key = (entry.client, entry.on.replace(day=1))
        logged[key] = logged.get(key, 0.0) + entry.hours
    rated = {(c.client, c.month): c.energy for c in records.checkins if c.energy is not None}
    issued: dict[tuple[str, date], list[Invoice]] = {}
    for invoice in records.invoices:
        issued.setdefault((invoice.client, invoice.issued.replace(day=1)), []).append(invoice)
    for one in over:
        client, key = clients.get(one.client), (one.client, one.month)
        if client is None or (client.ended_on is not None and client.ended_on < one.month and client.ended_by == "me"):
            continue
        gone = client.ended_on is not None and client.ended_on <= _end(one.month)
        if not (gone and client.ended_by == "me"):
            there.append((one.still_there, 0.0 if gone else 1.0))
        for invoice in issued.get(key, ()):
            took = _took(invoice, today)
            if invoice.due < today:
                late.append((one.share_late, float(took > (invoice.due - invoice.issued).days)))
            if (today - invoice.issued).days > one.days_to_pay.high:
                days.append((one.days_to_pay, took))
        if key in logged and one.hours.high > 0:
            hours.append((one.hours, logged[key]))
        if key in rated:
            energy.append((one.energy, float(rated[key])))
    return (
        *_probability(phrase("still a client at the end of the month"), there),
        *_probability(phrase("invoice paid late"), late),
        *_interval(phrase("days to pay"), days),
        *_interval(phrase("hours in a month"), hours),
        *_interval(phrase("energy in a month"), energy),
    )


def followed(verdict: str, client: str, said_on: date, records: Records, today: date) -> Followed:
    """What was done with a client after a verdict, and whether that is what was advised.

    Parameters
    ----------
    verdict
        As in `model.decision.Verdict`.
    client, said_on
        Of whom, and when.
    records, today
        What is known today.
    """
    known = next((one for one in records.clients if one.name == client), None)
    ended = known is not None and known.ended_on is not None and said_on < known.ended_on <= today
    by_me = ended and known is not None and known.ended_by == "me"
    asked = [
        event
        for event in records.events
        if event.client == client and event.kind == "renegotiation" and said_on < event.on <= today
    ]
    if by_me and known is not None:
        done = phrase("dropped on {ended_on}", ended_on=known.ended_on)
    elif ended and known is not None:
        done = phrase("they left on {ended_on}", ended_on=known.ended_on)
    elif asked:
        done = phrase("renegotiated on {on}: {result}", on=asked[0].on, result=RESULTS[asked[0].result or "open"])
    else:
        done = phrase("kept")
    match verdict:
        case "drop" | "deal_breaker":
            yes = by_me
        case "renegotiate":
            yes = bool(asked)
        case "keep":
            yes = not by_me
        case _:
            return Followed(done=done, followed="no advice")
    return Followed(done=done, followed="yes" if yes else "no")


def _probability(what: str, pairs: list[tuple[float, float]]) -> tuple[Score, ...]:
    if not pairs:
        return ()
    said, happened = (np.array(column) for column in zip(*pairs, strict=True))
    return (
        Score(
            what=what, cases=len(pairs), covered=float("nan"), forecast=float(said.mean()),
            came=float(happened.mean()), brier=brier_score(said, happened),
            miscalibration=brier_parts(said, happened).reliability,
        ),
    )  # fmt: skip


def _interval(what: str, pairs: list[tuple[Expected, float]]) -> tuple[Score, ...]:
    if not pairs:
        return ()
    came = np.array([figure for _, figure in pairs])
    known = np.isfinite(came)
    return (
        Score(
            what=what,
            cases=len(pairs),
            covered=coverage([e.low for e, _ in pairs], [e.high for e, _ in pairs], came),
            forecast=float(np.mean([e.expected for e, _ in pairs])),
            came=float(came[known].mean()) if known.any() else float("nan"),
            brier=float("nan"),
        ),
    )


def _took(invoice: Invoice, today: date) -> float:
    # Days until it was paid; what is still open takes longer than anything known.
    if invoice.paid_on is None or invoice.paid_on > today:
        return float("inf")
    return float((invoice.paid_on - invoice.issued).days)


def _end(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])

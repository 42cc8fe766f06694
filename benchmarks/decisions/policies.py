"""Policies: what each would do with every client of a firm, going by the records alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from benchmarks.decisions.firms import UNTIL, Firm, place_of
from benchmarks.worlds.telling import recorded_for
from model.actions import keeps_when_refused
from model.catalogue import Catalogue
from model.forecast import Ask
from model.judgement import Judgement, judge
from model.parameters import Array
from model.population import Population
from model.records import Records
from model.terms import terms_of

SIGN_MONTHS, QUIZ_MONTHS = 6, 1
MOST_SIGNS = 80
QUIZ_RENEGOTIATES, QUIZ_DROPS = 4, 9
# What someone asks for who has no way to find the best ask.
USUAL = Ask(price_pct=10.0, scope=True)
KEEP, RENEGOTIATE, DROP = (place_of(action) for action in ("keep", "renegotiate", "drop"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What the program says of every client: action (client), the ask, and the chance that dropping is best.

    `keeps` (client) tells whether it goes on with a client who refuses the ask and stays.
    """

    action: NDArray[np.int64]
    asks: tuple[Ask, ...]
    keeps: NDArray[np.bool_]
    p_drop: Array
    mean: Array
    verdicts: tuple[str, ...]


def program(firm: Firm, population: Population, catalogue: Catalogue, months: int, *, seed: int) -> Advice:
    """The program's verdicts after `months` of records; the higher mean where it is too close, keeping to wait."""
    found: Judgement = judge(
        recorded_for(firm.records, months, UNTIL), population, today=UNTIL, catalogue=catalogue, seed=seed
    )
    done = {"too_close": None, "wait": "keep", "deal_breaker": "drop"}
    chosen = [done.get(d.verdict, d.verdict) or d.best.action for d in found.decisions]
    return Advice(
        action=np.array([place_of(action) for action in chosen]),
        asks=tuple(decision.ask for decision in found.decisions),
        keeps=keeps_when_refused(found.outlook, found.terms, found.settings),
        p_drop=np.array([decision.action("drop").p_best for decision in found.decisions]),
        mean=np.array([[summary.mean for summary in decision.actions] for decision in found.decisions]),
        verdicts=tuple(decision.verdict for decision in found.decisions),
    )


def rules(firm: Firm, catalogue: Catalogue, months: int) -> Mapping[str, NDArray[np.int64]]:
    """What rules of thumb say after `months` of records; the action of every client, by the name of the rule."""
    known = recorded_for(firm.records, months, UNTIL)
    count = len(firm.clients)
    signs = _seen(known, firm.clients, catalogue, SIGN_MONTHS)
    points = _seen(known, firm.clients, catalogue, QUIZ_MONTHS)
    said = {f"signs >= {k}": np.where(signs >= k, DROP, KEEP) for k in range(1, MOST_SIGNS + 1)}
    quiz = np.where(points >= QUIZ_DROPS, DROP, np.where(points >= QUIZ_RENEGOTIATES, RENEGOTIATE, KEEP))
    rates = np.array([_rate(known, name) for name in firm.clients])
    lowest = np.full(count, KEEP)
    lowest[int(rates.argmin())] = DROP
    late = np.array([_paid_late(known, name) for name in firm.clients])
    return {
        "always keep": np.full(count, KEEP),
        "always renegotiate": np.full(count, RENEGOTIATE),
        **said,
        "points quiz": quiz,
        "lowest hourly rate first": lowest,
        "last payment late: drop": np.where(late, DROP, KEEP),
        "last payment late: renegotiate": np.where(late, RENEGOTIATE, KEEP),
    }


def _seen(records: Records, clients: tuple[str, ...], catalogue: Catalogue, months: int) -> NDArray[np.int64]:
    begin = UNTIL - timedelta(days=round(30.4375 * months))
    counts = dict.fromkeys(clients, 0)
    for sighting in records.sightings:
        if sighting.client in counts and sighting.on > begin and not catalogue[sighting.sign].is_good:
            counts[sighting.client] += 1
    return np.array([counts[name] for name in clients])


def _rate(records: Records, name: str) -> float:
    # By the hours worked where they are known, as a time tracker would have it.
    term = terms_of(records, name, UNTIL)
    worked = [h.hours for h in records.hours if h.client == name]
    months = len({(h.on.year, h.on.month) for h in records.hours if h.client == name})
    if term.rate_per_hour is not None:
        return term.rate_per_hour
    hours = sum(worked) / months if months else term.agreed_hours
    return term.fee_per_month / max(hours, 1e-9)


def _paid_late(records: Records, name: str) -> bool:
    paid = [(i.paid_on, i.due) for i in records.invoices if i.client == name and i.paid_on is not None]
    last: tuple[date, date] | None = max(paid, default=None)
    return last is not None and last[0] > last[1]

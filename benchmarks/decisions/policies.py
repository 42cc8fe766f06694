"""Policies: what each would do with every client of a firm, going by the records alone."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.decisions.firms import MONTHS, UNTIL, Firm, place_of
from benchmarks.worlds.telling import recorded_for
from model.actions import keeps_when_refused
from model.asks import ask_curves
from model.catalogue import Catalogue
from model.forecast import Ask, Forecast
from model.judged import Judgement
from model.judgement import judge, rejudge
from model.parameters import Array
from model.population import Population
from model.records import Records
from model.reply import unlearned
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

    `keeps` (client) tells whether it goes on with a client who refuses the ask and stays. `knowing` and `chosen` are
    what the program itself expects to gain over keeping everyone: with everything it is unsure of known before it
    chooses (nan where little is recorded yet), and as it has to choose.
    """

    action: NDArray[np.int64]
    asks: tuple[Ask, ...]
    keeps: NDArray[np.bool_]
    p_drop: Array
    mean: Array
    verdicts: tuple[str, ...]
    knowing: float
    chosen: float


def program(
    firm: Firm, population: Population, catalogue: Catalogue, months: int, *, seed: int
) -> tuple[Advice, Advice]:
    """The program's verdicts after `months` of records, with the asks it finds, and with the usual ask for everyone.

    The higher mean counts where it is too close, and keeping where it waits.
    """
    found = judge(recorded_for(firm.records, months, UNTIL), population, today=UNTIL, catalogue=catalogue, seed=seed)
    is_measured = months == MONTHS
    return _advice(found, is_measured), _advice(rejudge(found, ask=USUAL), is_measured)


def _advice(found: Judgement, is_measured: bool) -> Advice:
    done = {"too_close": None, "wait": "keep", "deal_breaker": "drop"}
    chosen = [done.get(d.verdict, d.verdict) or d.best.action for d in found.decisions]
    return Advice(
        action=np.array([place_of(action) for action in chosen]),
        asks=tuple(decision.ask for decision in found.decisions),
        keeps=keeps_when_refused(found.outlook, found.terms, found.settings),
        p_drop=np.array([decision.action("drop").p_best for decision in found.decisions]),
        mean=np.array([[summary.mean for summary in decision.actions] for decision in found.decisions]),
        verdicts=tuple(decision.verdict for decision in found.decisions),
        knowing=float(_knowing(found).sum()) if is_measured else float("nan"),
        chosen=float(sum(decision.best.mean - decision.action("keep").mean for decision in found.decisions)),
    )


def _knowing(found: Judgement) -> Array:
    """Expected gain over keeping, were the truth known to be one of the draws, by the best action and ask (client)."""
    worth = found.net_benefit.values
    over_keeping = worth - worth[:, :, [KEEP]]
    if found.asks is None or found.eased is None:
        return np.asarray(over_keeping.max(axis=2).mean(axis=0))
    apart = unlearned(found.population.n_samples, seed=found.seed)
    gains = []
    for i, draw in enumerate(found.eased.chosen):
        one = replace(
            found.eased, chosen=found.eased.chosen[[i]], forecasts=tuple(_only(f, i) for f in found.eased.forecasts)
        )
        curves = ask_curves(
            one, found.population.theta, found.belief.strain, newcomer=found.newcomers.forecast,
            newcomer_paths=found.newcomers.paths, market=found.outlook.market, wear=apart.wear, terms=found.terms,
            settings=found.settings,
        )  # fmt: skip
        asked = curves.gain.reshape(len(worth[0]), -1)[:, 1:].max(axis=1)
        gains.append(np.maximum(asked, over_keeping[draw].max(axis=1)))
    return np.mean(gains, axis=0)


def _only(forecast: Forecast, draw: int) -> Forecast:
    arrays: dict[str, Any] = {f.name: getattr(forecast, f.name)[[draw]] for f in fields(forecast)[1:]}
    return replace(forecast, **arrays)


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

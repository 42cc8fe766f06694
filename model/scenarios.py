"""Scenarios: the whole portfolio under a what-if, side by side with others, on the same random numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from model.case import Case
from model.errors import UnknownClient
from model.forecast import Array, Ask
from model.judged import Judgement
from model.judgement import rejudge
from model.language import marked, phrase
from model.prospects import beside
from model.screening import screened
from model.settings import Scenario
from model.waiting import deliberated

AS_TODAY = Scenario(name=marked("As today"))
ADVISED = Scenario(name=marked("As advised"), others="best")
# What a verdict that names no action comes to today: nothing is to be done yet, or they go, whatever the money says.
_DONE = {"wait": "keep", "too_close": "keep", "deal_breaker": "drop"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A scenario and what comes of it, for all clients together; money in the portfolio's currency, discounted.

    Parameters
    ----------
    actions
        What is done with each client, by name.
    value
        Expected worth until the horizon; `low` and `high` hold 80 % of the simulated futures between them.
    gain
        What that is more than the first scenario compared; 0 for the first itself.
    p_better
        Probability that it is worth more than the first, given each draw.
    fees, hours
        Invoiced and worked a month, at first: dropped clients left out, accepted rises and those taken on counted in.
    worth
        Value given each draw (sample).
    futures
        Value along one simulated future per draw (sample).
    """

    scenario: Scenario
    horizon_months: int
    actions: dict[str, str]
    value: float
    low: float
    high: float
    gain: float
    p_better: float
    fees: float
    hours: float
    worth: Array
    futures: Array


def compare(judgement: Judgement, scenarios: Sequence[Scenario]) -> tuple[Played, ...]:
    """Play each scenario; gains are over the first.

    Parameters
    ----------
    judgement
        The answer under the saved settings.
    scenarios
        What to compare, such as `AS_TODAY` and others.

    Raises
    ------
    UnknownClient
        If a scenario drops a client who is not active, or takes a prospect nobody wrote down.
    InvalidSettings
        If a value is outside its range.
    """
    played = [_played(judgement, scenario) for scenario in scenarios]
    first = played[0]
    return tuple(
        replace(
            one,
            gain=float((one.worth - first.worth).mean()) + 0.0,
            p_better=float((one.worth > first.worth).mean()),
        )
        for one in played
    )


def nobody_there(judgement: Judgement, scenario: Scenario) -> str:
    """Who of a scenario is not there any more, as a sentence; empty where all are.

    Parameters
    ----------
    judgement
        The answer under the saved settings.
    scenario
        One that was saved some time ago: a client may have ended since, a prospect may have been taken on.
    """
    active = {decision.client for decision in judgement.decisions}
    if missing := [name for name in scenario.drop if name not in active]:
        return phrase(
            "scenario {name!r} drops {missing!r}, who is not an active client.", name=scenario.name, missing=missing[0]
        )
    known = {prospect.name for prospect in judgement.records.prospects}
    if missing := [name for name in scenario.take if name not in known]:
        return phrase(
            "scenario {name!r} takes on {missing!r}; no prospect of that name is known.",
            name=scenario.name,
            missing=missing[0],
        )
    return ""


def _played(judgement: Judgement, scenario: Scenario) -> Played:
    if missing := nobody_there(judgement, scenario):
        raise UnknownClient(missing)
    settings = scenario.applied(judgement.settings)
    ask = _asked(scenario)
    same = settings == judgement.settings and ask is None
    under = judgement if same else rejudge(judgement, settings=settings, ask=ask)
    if scenario.accepted is not None and scenario.accepted < 1:
        under = screened(under, scenario.accepted)
    if scenario.others == "best" and under is not judgement:
        under = deliberated(under)
    known = {
        prospect.name: prospect if scenario.odds is None else replace(prospect, odds=scenario.odds)
        for prospect in judgement.records.prospects
    }
    actions = {
        decision.client: _DONE.get(decision.verdict, decision.verdict) if scenario.others == "best" else scenario.doing
        for decision in under.decisions
    } | dict.fromkeys(scenario.drop, "drop")
    draws, paths = np.zeros(under.population.n_samples), np.zeros(under.population.n_samples)
    for name, action in actions.items():
        draws += np.asarray(under.net_benefit.sel(client=name, action=action).values)
        paths += np.asarray(under.futures.sel(client=name, action=action).values)
    relieved = _relieved_twice(under, actions)
    draws, paths = draws - relieved, paths - relieved
    fees = hours = 0.0
    months = settings.horizon_months
    for term, decision in zip(under.terms, under.decisions, strict=True):
        if actions[term.client] == "drop":
            continue
        c = under.belief.place(term.client)
        beyond = float(under.outlook.base.hours_ratio[:, c, :months].mean())
        worked = term.agreed_hours * beyond
        rise = 0.0
        if actions[term.client] == "renegotiate":
            granted = under.outlook.outcomes[:, c].mean(axis=0)
            rise = decision.ask.price_pct / 100 * float(granted[0] + granted[1] / 2)
        fees += term.fee_per_month * (1 + rise) * (1.0 if term.rate_per_hour is None else beyond)
        hours += worked
    if scenario.take:
        dropped = [name for name, action in actions.items() if action == "drop"]
        taken = beside(under, [known[name] for name in scenario.take], dropped=dropped)
        draws, paths = draws + taken.worth, paths + taken.worth
        fees, hours = fees + taken.fees, hours + taken.hours
    low, high = np.quantile(paths, (0.1, 0.9))
    return Played(
        scenario=scenario, horizon_months=months, actions=actions, value=float(draws.mean()), low=float(low),
        high=float(high), gain=0.0, p_better=0.0, fees=fees, hours=hours, worth=draws, futures=paths,
    )  # fmt: skip


def _asked(scenario: Scenario) -> Ask | None:
    """What everybody is asked for alike; None where each is asked for the best thing."""
    if scenario.raise_pct is None and not scenario.scope and not scenario.terms:
        return None
    return Ask(price_pct=scenario.raise_pct or 0.0, scope=bool(scenario.scope), terms=bool(scenario.terms))


def _relieved_twice(under: Judgement, actions: dict[str, str]) -> Array:
    """What several dropped clients together are credited with beyond the hours that are overbooked (sample)."""
    case = Case.of(under.outlook.within(under.settings.horizon_months), under.terms, under.settings, under.calendar)
    dropped = [under.belief.place(name) for name, action in actions.items() if action == "drop"]
    if under.calendar.overbooked_hours == 0 or len(dropped) < 2:
        return np.zeros(under.population.n_samples)
    agreed = np.array([term.agreed_hours for term in under.terms])
    freed = agreed * under.outlook.base.hours_ratio[:, :, : case.months].mean(axis=2)
    each = np.minimum(freed, under.calendar.overbooked_hours)[:, dropped]
    all_together = np.minimum(each.sum(axis=1), under.calendar.overbooked_hours)
    leaving = int(np.ceil(case.leaving(np.array([0]))[dropped].max()))
    worth = case.relief_per_month[:, dropped].sum(axis=1) * case.relief_months[leaving]
    return np.asarray(worth * (1.0 - all_together / np.maximum(each.sum(axis=1), 1e-9)))

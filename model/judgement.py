"""The one engine behind app, command line, notebook and review: records in, decisions out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from model import actions
from model import catalogue as signs
from model.belief import Belief, seed_of, update
from model.calendar import Calendar, calendar_of
from model.catalogue import Catalogue
from model.decision import Basis, Decision, decide
from model.errors import UnknownClient
from model.forecast import Ask, Forecast, Market, Outlook, Paths
from model.market import market
from model.observations import log_days
from model.outlook import Newcomers, newcomers, outcome_probabilities, outlook
from model.population import Population
from model.records import Records
from model.settings import Settings
from model.terms import Terms, terms_of

if TYPE_CHECKING:
    from xarray import DataArray

DEFAULT_FEE, DEFAULT_HOURS, DEFAULT_TERMS_DAYS = 2000.0, 40.0, 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Everything known about the active clients on one day.

    Parameters
    ----------
    decisions
        One per active client, by name.
    net_benefit, futures
        Dims (sample, client, action): expectations given each draw, and one simulated future per draw.
    belief
        Strain of every active client, today and through the months.
    outlook
        Forecasts behind the values.
    """

    as_of: date
    basis: Basis
    settings: Settings
    records: Records
    population: Population
    decisions: tuple[Decision, ...]
    net_benefit: "DataArray"
    futures: "DataArray"
    belief: Belief
    outlook: Outlook
    newcomers: Newcomers
    terms: tuple[Terms, ...]
    calendar: Calendar
    seed: int

    def of(self, client: str) -> Decision:
        """The decision on one client.

        Raises
        ------
        UnknownClient
            If the client is not among the active ones.
        """
        for decision in self.decisions:
            if decision.client == client:
                return decision
        raise UnknownClient(f"there is no active client called {client!r} on {self.as_of}.")


def judge(
    records: Records,
    population: Population,
    *,
    today: date,
    ask: Ask | None = None,
    settings: Settings | None = None,
    catalogue: Catalogue | None = None,
    seed: int = 1,
    previous: Judgement | None = None,
    terms: tuple[Terms, ...] | None = None,
) -> Judgement:
    """Decide on every active client.

    Parameters
    ----------
    records
        The portfolio; what lies after `today` is not used.
    population
        Draws from the prior or a fit.
    today
        Date of the answer.
    ask
        The renegotiation considered; 10 % more and a scope cap where none is given.
    settings
        Other settings than the portfolio's own, for what-if.
    catalogue
        Other signs than the shipped ones.
    seed
        Of all random numbers; the same seed gives the same answer.
    previous
        An earlier judgement. Where day, population, ask and seed are the same, only clients whose records differ
        are looked at again; the answer is the same as without it.
    terms
        The terms of every active client, by name, where they are not to be read off `records`.
    """
    known = records.as_of(today)
    chosen, asked = settings or known.settings, ask or Ask()
    clients = tuple(client.name for client in known.active(today))
    months, mine = chosen.horizon_months, known.by_client()
    changed = clients
    if previous is not None and _same_question(previous, population, today, asked, seed, months):
        before = previous.records.by_client()
        there = frozenset(previous.belief.clients)
        changed = tuple(name for name in clients if name not in there or _differ(before[name], mine[name]))
    else:
        previous = None
    terms = terms or _terms(mine, clients, chosen, today)
    belief = update(population, _only(known, changed), catalogue or signs.load(), today=today, seed=seed)
    log_terms = {t.client: log_days(t.payment_terms_days) for t in terms}
    typical = float(np.median(list(log_terms.values()))) if log_terms else log_days(DEFAULT_TERMS_DAYS)
    if previous is not None and previous.newcomers.log_terms == typical:
        newest = previous.newcomers
    else:
        newest = newcomers(population, log_terms=typical, horizon_months=months, seed=seed)
    ahead = outlook(
        population, belief, log_terms=np.array([log_terms[name] for name in changed]), newcomers=newest,
        market=_market(replace(known, settings=chosen), terms, population.n_samples, today, seed),
        horizon_months=months, ask=asked, seed=seed,
    )  # fmt: skip
    if previous is not None:
        belief = previous.belief.with_changed(belief, clients)
        ahead = previous.outlook.with_changed(ahead, clients)
    return _decided(known, population, belief, ahead, newest, terms, chosen, today, seed)


def rejudge(judgement: Judgement, *, settings: Settings | None = None, ask: Ask | None = None) -> Judgement:
    """The same evidence under other settings or another ask, with the same random numbers; milliseconds.

    Parameters
    ----------
    judgement
        Where to start; its belief is kept.
    settings
        Other economics.
    ask
        Another renegotiation.
    """
    chosen, asked = settings or judgement.settings, ask or judgement.outlook.ask
    past, population = judgement.outlook, judgement.population
    terms = _terms(judgement.records.by_client(), judgement.belief.clients, chosen, judgement.as_of)
    new_clients = _market(
        replace(judgement.records, settings=chosen), terms, population.n_samples, judgement.as_of, judgement.seed
    )
    months, newest = past.base.energy.shape[2], judgement.newcomers
    if (asked.scope, asked.terms) == (past.ask.scope, past.ask.terms) and chosen.horizon_months <= months:
        outcomes = past.outcomes
        if asked != past.ask:
            outcomes = outcome_probabilities(population.theta, judgement.belief.strain, asked)
        ahead = replace(past, ask=asked, market=new_clients, outcomes=outcomes)
    else:
        if chosen.horizon_months > months:
            months = chosen.horizon_months
            newest = newcomers(population, log_terms=newest.log_terms, horizon_months=months, seed=judgement.seed)
        ahead = outlook(
            population, judgement.belief, log_terms=np.array([log_days(t.payment_terms_days) for t in terms]),
            newcomers=newest, market=new_clients, horizon_months=months, ask=asked, seed=judgement.seed,
        )  # fmt: skip
    return _decided(
        judgement.records, population, judgement.belief, ahead, newest, terms, chosen, judgement.as_of,
        judgement.seed,
    )  # fmt: skip


def _decided(
    known: Records, population: Population, belief: Belief, ahead: Outlook, newest: Newcomers,
    terms: tuple[Terms, ...], settings: Settings, today: date, seed: int,
) -> Judgement:  # fmt: skip
    within = _within(ahead, settings.horizon_months)
    expected = actions.net_benefit(within, terms, settings)
    simulated = actions.futures(within, terms, settings, seed)
    calendar = calendar_of(within, terms, settings)
    decisions = decide(
        expected, simulated, known, [belief.summary(name) for name in belief.clients], terms=terms, calendar=calendar,
        settings=settings, today=today, basis=population.basis, ask=ahead.ask,
    )  # fmt: skip
    return Judgement(
        as_of=today,
        basis=population.basis,
        settings=settings,
        records=known,
        population=population,
        decisions=decisions,
        net_benefit=expected,
        futures=simulated,
        belief=belief,
        outlook=ahead,
        newcomers=newest,
        terms=terms,
        calendar=calendar,
        seed=seed,
    )


def _terms(mine: Mapping[str, Records], clients: Sequence[str], settings: Settings, today: date) -> tuple[Terms, ...]:
    return tuple(terms_of(replace(mine[name], settings=settings), name, today) for name in clients)


def _same_question(previous: Judgement, population: Population, today: date, ask: Ask, seed: int, months: int) -> bool:
    return (
        previous.population is population
        and (previous.as_of, previous.outlook.ask, previous.seed) == (today, ask, seed)
        and previous.outlook.base.energy.shape[2] == months
    )


def _differ(before: Records, now: Records) -> bool:
    # Counted, not listed: the order of records is no change.
    return any(
        Counter(getattr(before, kind)) != Counter(getattr(now, kind))
        for kind in ("clients", "checkins", "sightings", "invoices", "hours", "events")
        if getattr(before, kind) != getattr(now, kind)
    )


def _only(records: Records, names: Sequence[str]) -> Records:
    kept = frozenset(names)
    return replace(
        records,
        clients=tuple(c for c in records.clients if c.name in kept),
        checkins=tuple(c for c in records.checkins if c.client in kept),
        sightings=tuple(s for s in records.sightings if s.client in kept),
        invoices=tuple(i for i in records.invoices if i.client in kept),
        hours=tuple(h for h in records.hours if h.client in kept),
        events=tuple(e for e in records.events if e.client in kept),
    )


def _market(known: Records, terms: Sequence[Terms], n_samples: int, today: date, seed: int) -> Market:
    fees = [t.fee_per_month for t in terms if t.fee_per_month > 0]
    hours = [t.agreed_hours for t in terms if t.agreed_hours > 0]
    return market(
        known,
        typical_fee=float(np.median(fees)) if fees else DEFAULT_FEE,
        typical_hours=float(np.median(hours)) if hours else DEFAULT_HOURS,
        today=today,
        n_samples=n_samples,
        rng=seed_of("the market", seed),
    )


def _within(ahead: Outlook, months: int) -> Outlook:
    return replace(
        ahead,
        base=_forecast_within(ahead.base, months),
        accepted=_forecast_within(ahead.accepted, months),
        partly=_forecast_within(ahead.partly, months),
        newcomer=_forecast_within(ahead.newcomer, months),
        base_paths=_paths_within(ahead.base_paths, months),
        accepted_paths=_paths_within(ahead.accepted_paths, months),
        newcomer_paths=_paths_within(ahead.newcomer_paths, months),
    )


def _forecast_within(forecast: Forecast, months: int) -> Forecast:
    return replace(
        forecast,
        alive=forecast.alive[..., : months + 1],
        hours_ratio=forecast.hours_ratio[..., :months],
        never_paid=forecast.never_paid[..., :months],
        days_to_pay=forecast.days_to_pay[..., :months],
        energy=forecast.energy[..., :months],
        referrals=forecast.referrals[..., :months],
    )


def _paths_within(paths: Paths, months: int) -> Paths:
    return replace(
        paths,
        left_in=np.minimum(paths.left_in, months),
        hours_ratio=paths.hours_ratio[..., :months],
        paid=paths.paid[..., :months],
        days_to_pay=paths.days_to_pay[..., :months],
        energy=paths.energy[..., :months],
        referrals=paths.referrals[..., :months],
    )

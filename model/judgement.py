"""The one engine behind app, command line, notebook and review: records in, decisions out."""

from collections.abc import Sequence
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
from model.outlook import outcome_probabilities, outlook
from model.population import Population
from model.records import Records
from model.settings import Settings
from model.terms import Terms, terms_of

if TYPE_CHECKING:
    from xarray import DataArray

LONGEST_HORIZON_MONTHS = 36  # forecasts reach this far, so that a longer horizon on a slider is only more of the same
DEFAULT_FEE, DEFAULT_HOURS = 2000.0, 40.0


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
    """
    known = records.as_of(today)
    chosen = settings or known.settings
    active = tuple(client.name for client in known.active(today))
    belief = update(population, _only(known, active), catalogue or signs.load(), today=today, seed=seed)
    return _decided(known, population, belief, ask or Ask(), chosen, today, seed)


def rejudge(
    judgement: Judgement, *, settings: Settings | None = None, ask: Ask | None = None
) -> Judgement:
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
    past = judgement.outlook
    same_shift = (asked.scope, asked.terms) == (past.ask.scope, past.ask.terms)
    return _decided(
        judgement.records, judgement.population, judgement.belief, asked, chosen, judgement.as_of, judgement.seed,
        known_outlook=past if same_shift else None,
    )  # fmt: skip


def _decided(
    known: Records,
    population: Population,
    belief: Belief,
    ask: Ask,
    settings: Settings,
    today: date,
    seed: int,
    known_outlook: Outlook | None = None,
) -> Judgement:
    terms = tuple(terms_of(replace(known, settings=settings), name, today) for name in belief.clients)
    new_clients = _market(replace(known, settings=settings), terms, population.n_samples, today, seed)
    months = max(settings.horizon_months, LONGEST_HORIZON_MONTHS)
    if known_outlook is not None and known_outlook.base.energy.shape[2] >= months:
        ahead = replace(known_outlook, ask=ask, market=new_clients)
        if ask != known_outlook.ask:
            ahead = replace(ahead, outcomes=outcome_probabilities(population.theta, belief.strain, ask))
    else:
        log_terms = np.array([np.log1p(t.payment_terms_days) for t in terms])
        ahead = outlook(
            population, belief, log_terms=log_terms, market=new_clients, horizon_months=months, ask=ask, seed=seed
        )
    within = _within(ahead, settings.horizon_months)
    expected = actions.net_benefit(within, terms, settings)
    simulated = actions.futures(within, terms, settings, seed)
    calendar = calendar_of(within, terms, settings)
    decisions = decide(
        expected, simulated, known, belief.strain, terms=terms, calendar=calendar, settings=settings, today=today,
        basis=population.basis, ask=ask,
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
        terms=terms,
        calendar=calendar,
        seed=seed,
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

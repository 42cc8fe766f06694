"""The one engine behind app, command line, notebook and review: records in, decisions out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from model import actions
from model import catalogue as signs
from model.asks import (
    N_DRAWS,
    WISHES,
    AskCurves,
    Eased,
    ask_curves,
    granted,
    short_curves,
    thinned,
)
from model.belief import Belief, believe
from model.calendar import Workload
from model.case import Case
from model.catalogue import Catalogue
from model.changes import differ
from model.days import log_days
from model.decision import decisions
from model.forecast import Ask, Forecast, Market, Outlook
from model.judged import Asked, Judgement, narrowed
from model.market import market_of, numbers_of
from model.observations import observed
from model.outlook import Known, Newcomers, eased, eased_of_some, newcomers, outlook
from model.population import Population
from model.priors import of as priors_of
from model.records import Records
from model.reply import Unlearned, outcome_probabilities, unlearned
from model.settings import Settings
from model.terms import Terms, log_terms_of, terms_of_all
from model.volume import Volumes

DEFAULT_TERMS_DAYS = 30.0
# Clients up to which forecasts after every wish are kept; of more, they would take more room than all the rest, and are
# made for some at a time.
MOST_KEPT, AT_ONCE = 120, 60


def judge(
    records: Records,
    population: Population,
    *,
    today: date,
    ask: Asked = None,
    settings: Settings | None = None,
    catalogue: Catalogue | None = None,
    seed: int = 1,
    previous: Judgement | None = None,
    terms: tuple[Terms, ...] | None = None,
    earlier: Belief | None = None,
    met: Sequence[Newcomers] = (),
    every_ask: bool = True,
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
        What every client, or each client named, is asked for; for all others the best ask is found.
    settings
        Other settings than the portfolio's own, for what-if.
    catalogue
        Other signs than the shipped ones.
    seed
        Of all random numbers; the same seed gives the same answer.
    previous
        An earlier judgement. Where day, population and seed are the same, only clients whose records differ
        are looked at again; the answer is the same as without it.
    terms
        The terms of every active client, by name, where they are not to be read off `records`.
    earlier
        What was believed on an earlier day, given the same draws: months taken up then are not filtered again. The
        answer is the same without it.
    met
        Newcomers worked out before of the same draws, horizon and seed: those on the usual terms here are taken again.
    every_ask
        Whether the worth of every ask is wanted, or only the best of them; the answer is the same.
    """
    known = records.as_of(today)
    chosen, spoken = settings or known.settings, catalogue or signs.spoken((settings or known.settings).language)
    clients = tuple(client.name for client in known.active(today))
    months, mine = chosen.horizon_months, known.by_client()
    changed = clients
    if previous is not None and _same_question(previous, population, spoken, chosen, today, seed):
        before = previous.records.by_client()
        there = frozenset(previous.belief.clients)
        changed = tuple(name for name in clients if name not in there or differ(before[name], mine[name]))
    else:
        previous = None
    terms = terms or terms_of_all(mine, clients, chosen, today)
    belief = believe(
        population, observed([mine[name] for name in changed], spoken, today), spoken, seed=seed,
        earlier=earlier if previous is None else previous.belief,
    )  # fmt: skip
    due = [log_days(t.payment_terms_days) for t in terms]
    typical = float(np.median(due)) if due else log_days(DEFAULT_TERMS_DAYS)
    made = met if previous is None else (*met, previous.newcomers)
    newest = next((one for one in made if one.log_terms == typical), None) or newcomers(
        population, log_terms=typical, horizon_months=months, seed=seed
    )
    if previous is not None:
        belief = previous.belief.with_changed(belief, clients)
    return _decided(
        _Question(
            known=known, mine=mine, population=population, catalogue=spoken, belief=belief, newest=newest, terms=terms,
            settings=chosen, today=today, seed=seed, asked=ask, months=months, every_ask=every_ask,
        ),
        changed,
        previous,
    )  # fmt: skip


def rejudge(
    judgement: Judgement, *, settings: Settings | None = None, ask: Asked = None, met: Newcomers | None = None,
    accepted: float = 1.0,
) -> Judgement:  # fmt: skip
    """The same evidence under other settings or another ask, with the same random numbers; milliseconds.

    Parameters
    ----------
    judgement
        Where to start; its belief is kept.
    settings
        Other economics.
    ask
        Another renegotiation with every client, or with each client named; as before where none is given.
    met
        Other newcomers, as many months ahead as those of the judgement, if not all who come are taken on.
    accepted
        Share of those who come that is taken: finding one takes as much longer.

    Raises
    ------
    ValueError
        If it is an excerpt: nothing but what is said of its clients is there.
    """
    if judgement.portfolio is None and judgement.workload.clients != judgement.belief.clients:
        raise ValueError("an excerpt of a judgement cannot be judged anew; judge the portfolio.")
    chosen, population = settings or judgement.settings, judgement.population
    months, newest = judgement.outlook.base.energy.shape[2], judgement.newcomers
    start: Judgement | None = judgement
    whole = judgement.portfolio
    if whole is not None and (chosen.horizon_months > months or _believed(chosen) != _believed(judgement.settings)):
        return narrowed(rejudge(whole, settings=settings, ask=ask), judgement.belief.clients[0])
    if _believed(chosen) != _believed(judgement.settings):
        start = None
    if chosen.horizon_months > months:
        start, months = None, chosen.horizon_months
        newest = newcomers(population, log_terms=newest.log_terms, horizon_months=months, seed=judgement.seed)
    return _decided(
        _Question(
            known=judgement.records, mine=judgement.mine, population=population, catalogue=judgement.catalogue,
            belief=judgement.belief, terms=_terms_under(judgement, chosen),
            newest=met or newest, accepted=accepted, settings=chosen, today=judgement.as_of, seed=judgement.seed,
            asked=judgement.asked if ask is None else ask,
            months=months, whole=whole,
        ),
        (),
        start,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    known: Records
    mine: Mapping[str, Records]
    population: Population
    catalogue: Catalogue
    belief: Belief
    newest: Newcomers
    terms: tuple[Terms, ...]
    settings: Settings
    today: date
    seed: int
    asked: Asked
    months: int
    whole: Judgement | None = None
    accepted: float = 1.0
    every_ask: bool = True

    @property
    def apart(self) -> Unlearned:
        return unlearned(self.population.n_samples, seed=self.seed, priors=priors_of(self.settings))


def _decided(question: _Question, changed: tuple[str, ...], previous: Judgement | None) -> Judgement:
    """Answer the question; of `previous`, all is kept but what concerns the clients in `changed`."""
    settings, belief, terms = question.settings, question.belief, question.terms
    whole, everyone = question.whole, terms
    if whole is not None:
        everyone = _terms_under(whole, settings)
    new_clients = market_of(
        replace(question.known, settings=settings), everyone, today=question.today,
        numbers=numbers_of(question.population.theta, question.seed), learned=question.population.market,
    )  # fmt: skip
    new_clients = replace(new_clients, win_rate=new_clients.win_rate * question.accepted)
    volumes = Volumes.of(
        everyone, n_samples=question.population.n_samples, months=question.months, seed=question.seed,
        priors=priors_of(settings),
    )  # fmt: skip
    compared, curves, as_they_are = _compared(question, new_clients, everyone, changed, previous, volumes)
    ahead = _ahead(question, _asks(question, curves), new_clients, changed, previous, compared, volumes)
    within = ahead.within(settings.horizon_months)
    workload = Workload.of((ahead if whole is None else whole.outlook).base, everyone)
    case = None if as_they_are is None else as_they_are.asking(within)
    if case is None:
        calendar = workload.bookings(within.base.hours_ratio.shape[2]).calendar(new_clients, settings)
        case = Case.of(within, terms, settings, calendar)
    worth, lived = actions.both(case, question.seed)
    decided = decisions(
        worth, lived, belief.clients, actions.ACTIONS, question.mine, belief.summaries(), terms=terms,
        calendar=case.calendar, settings=settings, today=question.today, basis=question.population.basis,
        asks=ahead.asks,
    )  # fmt: skip
    return Judgement(
        as_of=question.today,
        basis=question.population.basis,
        settings=settings,
        records=question.known,
        population=question.population,
        catalogue=question.catalogue,
        decisions=decided,
        worth=worth,
        lived=lived,
        belief=belief,
        outlook=ahead,
        newcomers=question.newest,
        terms=terms,
        calendar=case.calendar,
        workload=workload,
        seed=question.seed,
        asked=question.asked,
        eased=compared if question.every_ask else None,
        asks=curves,
        portfolio=whole,
    )


def _compared(
    question: _Question,
    new_clients: Market,
    everyone: tuple[Terms, ...],
    changed: tuple[str, ...],
    previous: Judgement | None,
    volumes: Volumes,
) -> tuple[Eased | None, AskCurves | None, Case | None]:
    """What to compare asks by, and the worth of each; nothing where every ask is given.

    Last comes the case of the clients as they are, where it was looked at by all draws.
    """
    belief, population = question.belief, question.population
    found = previous.eased if previous is not None else None
    given = question.asked
    if isinstance(given, Ask) or set(belief.clients) <= set(given or ()):
        # Kept for another question, unless it is out of date.
        return (None if changed or found is None or found.clients != belief.clients else found), None, None
    chosen = np.linspace(0, population.n_samples - 1, min(N_DRAWS, population.n_samples)).round().astype(np.int64)

    few, before = volumes.over(chosen), {name: granted(question.mine[name]) for name in belief.clients}
    asking: dict[str, Any] = {
        "horizon_months": question.months, "seed": question.seed, "apart": question.apart,
    }  # fmt: skip

    def made(names: tuple[str, ...], wishes: tuple[Ask, ...] = WISHES) -> Eased:
        return Eased(
            chosen=chosen,
            forecasts=eased(
                population, belief.with_changed(belief, names), log_terms=log_terms_of(question.terms, names),
                wishes=wishes, chosen=chosen, **asking,
            ),
        )  # fmt: skip

    def curves(some: Eased, of_all: tuple[Forecast, tuple[Terms, ...]] | None) -> AskCurves:
        places = [belief.place(name) for name in some.clients]
        return ask_curves(
            some, population.theta, belief.strain[:, places], newcomer=question.newest.forecast,
            newcomer_paths=question.newest.paths, market=new_clients, wear=question.apart.wear, terms=question.terms,
            settings=question.settings, volumes=few, everyone=of_all, granted=before,
        )  # fmt: skip

    if not question.every_ask and len(belief.clients) <= MOST_KEPT:
        log_terms = log_terms_of(question.terms, belief.clients)
        return short_curves(
            chosen, made(belief.clients, WISHES[:1]).forecasts[0],
            lambda draws, asked: eased_of_some(
                population, belief, log_terms=log_terms, wishes=WISHES, chosen=draws, asked=asked, **asking
            ),
            population.theta, belief.strain, newcomer=question.newest.forecast,
            newcomer_paths=question.newest.paths, market=new_clients, wear=question.apart.wear, terms=question.terms,
            settings=question.settings, volumes=few, granted=before,
        )  # fmt: skip
    if len(belief.clients) > MOST_KEPT:
        as_they_are = made(belief.clients, WISHES[:1]).forecasts[0]
        of_all = few.ahead(as_they_are, as_they_are), question.terms
        groups = [belief.clients[i : i + AT_ONCE] for i in range(0, len(belief.clients), AT_ONCE)]
        return None, AskCurves.beside([curves(made(group), of_all) for group in groups]), None
    fresh = tuple(name for name in belief.clients if found is None or name in changed or name not in found.clients)
    if fresh or found is None:
        new = made(fresh)
        found = new if found is None else found.with_changed(new, belief.clients)
    elif found.clients != belief.clients:
        found = found.with_changed(found, belief.clients)
    if question.whole is None:
        return found, curves(found, None), None
    kept = question.whole.eased
    base = thinned(question.whole.outlook.base, chosen) if kept is None else few.ahead(*2 * (kept.forecasts[0],))
    return found, curves(found, (base, everyone)), None


def _asks(question: _Question, curves: AskCurves | None) -> tuple[Ask, ...]:
    given = question.asked
    if isinstance(given, Ask):
        return (given,) * len(question.belief.clients)
    named, names = given or {}, question.belief.clients
    if curves is None:
        return tuple(named[name] for name in names)
    found = curves.best_of_each([granted(question.mine[name]) for name in curves.clients])
    best = dict(zip(curves.clients, found, strict=True))
    return tuple(named[name] if name in named else best[name] for name in names)


def _ahead(
    question: _Question, asks: tuple[Ask, ...], new_clients: Market, changed: tuple[str, ...],
    previous: Judgement | None, compared: Eased | None, volumes: Volumes,
) -> Outlook:  # fmt: skip
    belief, population = question.belief, question.population
    before = {} if previous is None else dict(zip(previous.belief.clients, previous.outlook.asks, strict=True))
    fresh = tuple(
        name
        for name, ask in zip(belief.clients, asks, strict=True)
        if name in changed or name not in before or before[name].wish != ask.wish
    )
    if previous is None or fresh:
        made = outlook(
            population, belief.with_changed(belief, fresh), log_terms=log_terms_of(question.terms, fresh),
            newcomers=question.newest, market=new_clients, horizon_months=question.months,
            asks=[ask for name, ask in zip(belief.clients, asks, strict=True) if name in fresh], seed=question.seed,
            apart=question.apart, known=_known_of(compared, fresh),
        )  # fmt: skip
        # Of the fresh ones alone: the others have their hours.
        made = volumes.outlook(made)
        merged = made if previous is None else previous.outlook.with_changed(made, belief.clients)
    elif previous.belief.clients != belief.clients:
        merged = previous.outlook.with_changed(previous.outlook, belief.clients)
    else:
        merged = previous.outlook
    return replace(
        merged, asks=asks, market=new_clients, newcomer=question.newest.forecast,
        newcomer_paths=question.newest.paths,
        outcomes=merged.outcomes if previous is None else outcome_probabilities(population.theta, belief.strain, asks),
    )  # fmt: skip


def _known_of(compared: Eased | None, clients: tuple[str, ...]) -> Known | None:
    # What asks were compared by is part of the outlook, where it is of the same clients.
    if compared is None or compared.clients != clients:
        return None
    return Known(chosen=compared.chosen, forecasts=dict(zip(WISHES, compared.forecasts, strict=True)))


def _terms_under(judgement: Judgement, settings: Settings) -> tuple[Terms, ...]:
    # Of the settings, terms read the currency and its rates alone.
    held = judgement.settings
    if (held.currency, held.exchange_rates) == (settings.currency, settings.exchange_rates):
        return judgement.terms
    return terms_of_all(judgement.records.by_client(), judgement.belief.clients, settings, judgement.as_of)


def _same_question(
    previous: Judgement, population: Population, catalogue: Catalogue, settings: Settings, today: date, seed: int
) -> bool:
    return (
        previous.population is population
        and previous.catalogue == catalogue
        and (previous.as_of, previous.seed) == (today, seed)
        and previous.outlook.base.energy.shape[2] == settings.horizon_months
        and _believed(previous.settings) == _believed(settings)
    )


def _believed(settings: Settings) -> tuple[object, ...]:
    return settings.prior_set, settings.beliefs

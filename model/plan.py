"""The joint plan: what to do with every client, in which month, under the limits of the whole portfolio."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from model import actions
from model.bookkeeping import concentration, effective_clients, effective_rate, over_servicing
from model.case import Case
from model.forecast import Array
from model.joint_choice import choose
from model.joint_limits import Bounds, Choices, JointChoice, LimitName, Shortfall
from model.language import phrase
from model.streams import Option, streams

if TYPE_CHECKING:
    from model.judged import Judgement

# Months until a client is told: they stagger the exits, so that the searches do not meet.
EXIT_MONTHS = (0, 1, 2, 3, 6, 9)
FAN = (0.1, 0.25, 0.5, 0.75, 0.9)
ONE_MORE_HOUR, MORE_CASH = 1.0, 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the plan says of one client.

    `fixed` says why there was no choice, empty where there was; `costs` is what the plan gives up against the best
    option of this client alone. `limited` says whether a limit stands in the way of that; where none does, another
    departure frees the hours already. Shares are of the income, hours and strain of all clients if nothing is done.
    """

    client: str
    option: Option
    value: float
    costs: float
    limited: bool
    fixed: str
    income_share: float
    hours_share: float
    strain_share: float
    effective_rate: float
    over_servicing: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A limit, and what the plan would gain without it, and with one unit more: an hour a month, 1,000, a search.

    `unit_gain` is nan for a limit that has no such unit.
    """

    limit: LimitName
    gain: float
    unit_gain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The joint plan.

    Parameters
    ----------
    steps
        One per client, by name.
    value, value_of_nothing, value_alone
        Expected net benefit of the plan, of keeping everyone, and of the best plan without any limit.
    short_of_best
        The most a better plan could be worth more.
    shortfalls
        Limits that no choice keeps, and by how much this one breaks them; empty where all are kept.
    impossible
        Whether it is proven that no plan keeps every limit.
    fan, fan_of_nothing
        Cash at the end of each month, its quantiles at the levels of `FAN` (level, month).
    floor_held, floor_held_of_nothing
        Share of the draws at or above the cash floor, in the worst month.
    concentration, effective_clients
        Of the income under the plan.
    """

    currency: str
    bounds: Bounds
    steps: tuple[Step, ...]
    value: float
    value_of_nothing: float
    value_alone: float
    short_of_best: float
    shortfalls: tuple[Shortfall, ...]
    impossible: bool
    fan: Array
    fan_of_nothing: Array
    floor_held: float
    floor_held_of_nothing: float
    concentration: float
    effective_clients: float
    choices: Choices


def bounds_of(judgement: "Judgement") -> Bounds:
    """The limits the settings hold."""
    settings, limits = judgement.settings, judgement.settings.limits
    return Bounds(
        # Without any hours on record there is nothing to hold against the capacity.
        capacity_hours=settings.capacity_hours_per_month if judgement.calendar.hours_known else None,
        cash=float(settings.cash),
        cash_floor=float(settings.cash_floor),
        costs_per_month=float(settings.fixed_costs_per_month),
        cash_probability=limits.cash_probability,
        searches_at_once=limits.searches_at_once,
        largest_share=limits.largest_client_share,
        low_paying_share=limits.low_paying_hours_share,
    )


def make_plan(judgement: "Judgement", bounds: Bounds | None = None) -> Plan:
    """The plan of highest expected net benefit within the limits; verdicts come from the same net benefit.

    A client with a deal-breaker is left at the earliest day, whatever the money says. One for whom the verdict waits
    for anger to cool is not left at once. The income of a replacement is not counted as cash, its search is: cash
    errs on the side of caution.

    Parameters
    ----------
    judgement
        What is known of every active client.
    bounds
        The limits; those of the settings if None.
    """
    chosen = bounds or bounds_of(judgement)
    choices, options = choices_of(judgement)
    found = choose(choices, _with_searches_that_must_be(choices, chosen))
    return _told(judgement, chosen, choices, options, found)


def binding(plan: Plan) -> tuple[Binding, ...]:
    """What each limit costs, by solving again without it and with one unit more; empty where limits are broken.

    Parameters
    ----------
    plan
        The plan.
    """
    if plan.shortfalls:
        return ()
    unit = {
        "hours": lambda b: replace(b, capacity_hours=b.capacity_hours + ONE_MORE_HOUR),
        "cash": lambda b: replace(b, cash=b.cash + MORE_CASH),
        "searches": lambda b: replace(b, searches_at_once=b.searches_at_once + 1),
    }

    def gain(bounds: Bounds) -> float:
        # Both plans are known to within what a better one could be worth; less than that is no gain.
        more = choose(plan.choices, _with_searches_that_must_be(plan.choices, bounds)).value - plan.value
        return max(0.0, more) if more > 1e-5 * abs(plan.value) else 0.0

    return tuple(
        Binding(
            limit=name,
            gain=(whole := gain(plan.bounds.without(name))),
            unit_gain=(gain(unit[name](plan.bounds)) if whole else 0.0) if name in unit else float("nan"),
        )
        for name in plan.bounds.names
    )


def choices_of(judgement: "Judgement") -> tuple[Choices, tuple[Option, ...]]:
    """What every option of every client brings, and the options.

    Parameters
    ----------
    judgement
        What is known of every active client.
    """
    settings, terms = judgement.settings, judgement.terms
    ahead = judgement.outlook.within(settings.horizon_months)
    months = tuple(month for month in EXIT_MONTHS if month < settings.horizon_months)
    later = actions.exit_values(ahead, terms, settings, max(months)).mean("sample").values
    expected = judgement.net_benefit.mean("sample").sel(action=["keep", "renegotiate"]).values
    usual = streams(ahead, terms, settings, exit_months=months)
    options, hours = usual.options, usual.hours.mean(axis=0, dtype=np.float64)
    income = usual.cash.sum(axis=3).mean(axis=0, dtype=np.float64)
    del usual  # of hundreds of clients, too much to hold while their futures are made
    searching = _searching(judgement, options, hours.shape)
    cash = streams(ahead, terms, settings, exit_months=months, seed=judgement.seed).cash
    cash -= np.float32(settings.replacement.search_cost_per_month) * searching.astype(np.float32)
    worked = hours.sum(axis=2)
    market = ahead.market
    rate = float(market.fee_per_month.mean() / market.hours_per_month.mean())
    value = np.concatenate([expected, later[:, list(months)]], axis=1)
    relief, most_relief = _relief(judgement, options)
    return (
        Choices(
            value=value,
            allowed=_allowed(judgement, options),
            hours=hours,
            cash=cash,
            searching=searching,
            income=income,
            low_paying=(worked > 0) & (income < rate * worked),
            relief=relief,
            most_relief=most_relief,
        ),
        options,
    )


def _relief(judgement: "Judgement", options: tuple[Option, ...]) -> tuple[Array | None, Array | None]:
    """What each option is credited with for hours beyond capacity in each month, and what all of a month are worth."""
    ahead = judgement.outlook.within(judgement.settings.horizon_months)
    case = Case.of(ahead, judgement.terms, judgement.settings, judgement.calendar)
    if not case.calendar.overbooked_hours:
        return None, None
    months = np.arange(case.months + 1)
    credited = np.zeros((len(judgement.terms), len(options), case.months))
    for column, option in enumerate(options):
        if option.exit_month is not None:
            # Whoever leaves within a month has relieved a part of it, as the worth of leaving has it.
            leaves = case.leaving(np.array([option.exit_month]))
            still = np.interp(np.maximum(leaves, months), months, case.relief_months)
            credited[:, column] = case.relief_per_month.mean(axis=0)[:, None] * -np.diff(still, axis=1)
    market, reserve = ahead.market, float(judgement.settings.reserve_value_per_hour)
    hour = np.maximum(0.0, market.fee_per_month / market.hours_per_month - reserve)
    return credited, case.calendar.overbooked_hours * float(hour.mean()) * -np.diff(case.relief_months)


def _allowed(judgement: "Judgement", options: tuple[Option, ...]) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    allowed = np.ones((len(judgement.decisions), len(options)), dtype=bool)
    at_once = np.array([option.exit_month == 0 for option in options])
    for place, decision in enumerate(judgement.decisions):
        if decision.verdict == "deal_breaker":
            allowed[place] = at_once
        elif decision.verdict == "wait":
            allowed[place] = ~at_once
    return allowed


def _searching(judgement: "Judgement", options: tuple[Option, ...], shape: tuple[int, ...]) -> Array:
    searching = np.zeros(shape)
    length = max(1, round(float(np.mean(1.0 / np.maximum(judgement.outlook.market.win_rate, 1e-2)))))
    by_name = {term.client: term for term in judgement.terms}
    for place, decision in enumerate(judgement.decisions):
        for column, option in enumerate(options):
            if option.exit_month is not None:
                first = int(by_name[decision.client].leaving_in(option.exit_month))
                searching[place, column, first : first + length] = 1.0
    return searching


def _with_searches_that_must_be(choices: Choices, bounds: Bounds) -> Bounds:
    """Who must be left is left: searches that follow from it are not held against the plan."""
    if bounds.searches_at_once is None or not len(choices.allowed):
        return bounds
    forced = np.where(choices.allowed[:, :, None], choices.searching, np.inf).min(axis=1).sum(axis=0)
    return replace(bounds, searches_at_once=max(bounds.searches_at_once, int(forced.max(initial=0.0))))


def _told(
    judgement: "Judgement", bounds: Bounds, choices: Choices, options: tuple[Option, ...], found: JointChoice
) -> Plan:
    rows = np.arange(len(found.option))
    keep = np.zeros(len(rows), dtype=np.int64)
    ahead = judgement.outlook.base
    strain = np.maximum(0.0, 5.0 - ahead.energy[:, :, : judgement.settings.horizon_months].mean(axis=(0, 2)))
    hours = choices.hours[:, 0].sum(axis=1) if len(rows) else np.zeros(0)
    ratio = ahead.hours_ratio[:, :, : judgement.settings.horizon_months].mean(axis=(0, 2))
    income = np.maximum(0.0, choices.income[:, 0])
    agreed = {client.name: client.agreed_hours_per_month for client in judgement.records.clients}
    reasons = {
        "deal_breaker": phrase("a deal-breaker: leaving is fixed"),
        "wait": phrase("not at once: the verdict is to wait"),
    }
    best, unlimited = np.where(choices.allowed, choices.value, -np.inf).max(axis=1), choose(choices, Bounds())
    planned = np.maximum(0.0, choices.income[rows, found.option])
    balance, nothing = (bounds.balance(choices.at(option)) for option in (found.option, keep))
    floor = -np.inf if bounds.cash_floor is None else bounds.cash_floor
    steps = tuple(
        Step(
            client=decision.client,
            option=options[found.option[place]],
            value=float(choices.value[place, found.option[place]]),
            costs=float(best[place] - choices.value[place, found.option[place]]),
            limited=bool(found.option[place] != unlimited.option[place]),
            fixed=reasons.get(decision.verdict, ""),
            income_share=_share(income, place),
            hours_share=_share(hours, place),
            strain_share=_share(strain, place),
            effective_rate=effective_rate(float(income[place]), float(hours[place])),
            # Where nothing is agreed, hours are held against nothing.
            over_servicing=over_servicing(float(ratio[place]), 1.0 if agreed[decision.client] else 0.0),
        )
        for place, decision in enumerate(judgement.decisions)
    )
    return Plan(
        currency=judgement.settings.currency,
        bounds=bounds,
        steps=steps,
        value=found.value,
        value_of_nothing=float(choices.value[:, 0].sum()),
        value_alone=unlimited.value,
        short_of_best=found.short_of_best,
        shortfalls=found.shortfalls,
        impossible=found.impossible,
        fan=np.quantile(balance, FAN, axis=0),
        fan_of_nothing=np.quantile(nothing, FAN, axis=0),
        floor_held=float((balance >= floor).mean(axis=0).min(initial=1.0)),
        floor_held_of_nothing=float((nothing >= floor).mean(axis=0).min(initial=1.0)),
        concentration=concentration(planned),
        effective_clients=effective_clients(planned),
        choices=choices,
    )


def _share(amounts: Array, place: int) -> float:
    return float(amounts[place] / amounts.sum()) if amounts.sum() > 0 else float("nan")

"""One option for every client under limits: never worse than trying them all, and honest where nothing fits."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from model.joint_choice import choose
from model.joint_limits import Bounds, Choices, draws_to_spare, shortfalls

SAMPLES, MONTHS, OPTIONS = 20, 4, 4
# The last two options leave, after the first and after the second month (option, month).
LEAVES = np.array([[0, 0, 0, 0], [0, 0, 0, 0], [0, 1, 1, 1], [0, 0, 1, 1]])


def portfolio(rng: np.random.Generator, clients: int = 3) -> Choices:
    fee = rng.uniform(500, 3000, (clients, 1))
    hours = np.repeat(rng.uniform(10, 50, (clients, 1, 1)), OPTIONS, axis=1) * np.ones(MONTHS)
    cash = fee[:, :, None] * rng.lognormal(0, 0.4, (SAMPLES, clients, 1, MONTHS)) * np.ones((1, 1, OPTIONS, 1))
    searching = np.zeros((clients, OPTIONS, MONTHS))
    for leaves, option in enumerate((2, 3)):
        hours[:, option, leaves + 1 :] = 0
        cash[:, :, option, leaves + 1 :] = 0
        searching[:, option, leaves + 1 : leaves + 3] = 1
    allowed = rng.random((clients, OPTIONS)) < 0.9
    allowed[~allowed.any(axis=1), 0] = True
    return Choices(
        value=rng.normal(5000, 3000, (clients, OPTIONS)),
        allowed=allowed,
        hours=hours,
        cash=cash,
        searching=searching,
        income=cash.mean(axis=0).sum(axis=2),
        low_paying=np.repeat(rng.random((clients, 1)) < 0.4, OPTIONS, axis=1),
        # Half of the portfolios are overbooked, and whoever leaves relieves the same hours.
        relief=np.repeat(LEAVES[None] * 2000.0, clients, axis=0) if rng.random() < 0.5 else None,
        most_relief=np.full(MONTHS, 2000.0),
    )


def limits(rng: np.random.Generator, choices: Choices) -> Bounds:
    """Limits of which some bind and some cannot be kept."""
    hours, month = choices.hours[:, 0, 0].sum(), choices.cash[:, :, 0].sum(axis=1).mean()
    chance = rng.random(5) < 0.6
    return Bounds(
        capacity_hours=hours * rng.uniform(0.6, 1.2) if chance[0] else None,
        cash=month * rng.uniform(0, 1),
        cash_floor=month * rng.uniform(-1, 0.5) if chance[1] else None,
        costs_per_month=month * rng.uniform(0.5, 1.1),
        cash_probability=float(rng.choice([0.5, 0.8, 0.9, 1.0])),
        searches_at_once=int(rng.integers(0, 3)) if chance[2] else None,
        largest_share=rng.uniform(0.3, 0.8) if chance[3] else None,
        low_paying_share=rng.uniform(0, 0.7) if chance[4] else None,
    )


def best_of_all(choices: Choices, bounds: Bounds) -> float | None:
    """The highest value within the limits, by trying every combination; the limits are checked anew, one by one."""
    best = None
    rows = np.arange(len(choices.value))
    for option in product(range(OPTIONS), repeat=len(rows)):
        at = rows, np.array(option)
        if not choices.allowed[at].all():
            continue
        hours, income = choices.hours[at], choices.income[at]
        if bounds.capacity_hours is not None and (hours.sum(axis=0) > bounds.capacity_hours).any():
            continue
        if bounds.searches_at_once is not None and choices.searching[at].sum(axis=0).max() > bounds.searches_at_once:
            continue
        if bounds.largest_share is not None and income.max() > bounds.largest_share * income.sum():
            continue
        if bounds.low_paying_share is not None:
            low = hours[choices.low_paying[at]].sum()
            if low > bounds.low_paying_share * hours.sum():
                continue
        if bounds.cash_floor is not None:
            balance = np.full(SAMPLES, bounds.cash)
            holds = True
            for month in range(MONTHS):
                balance = balance + choices.cash[:, rows, np.array(option), month].sum(axis=1) - bounds.costs_per_month
                holds &= (balance >= bounds.cash_floor).mean() >= bounds.cash_probability - 1e-9
            if not holds:
                continue
        value = choices.value[at].sum()
        if choices.relief is not None:
            # Hours beyond capacity are relieved once, whoever and however many leave.
            value -= np.maximum(0.0, choices.relief[at].sum(axis=0) - choices.most_relief).sum()
        best = value if best is None else max(best, value)
    return best


@pytest.mark.parametrize("block", range(10))
def test_the_program_equals_trying_every_combination_on_500_small_portfolios(block: int) -> None:
    feasible = 0
    for seed in range(50 * block, 50 * block + 50):
        rng = np.random.default_rng(seed)
        choices = portfolio(rng)
        bounds = limits(rng, choices)
        best, found = best_of_all(choices, bounds), choose(choices, bounds)
        if best is None:
            assert found.impossible and found.shortfalls, seed
            continue
        feasible += 1
        assert not found.shortfalls and not found.impossible, seed
        assert found.value == pytest.approx(best, rel=1e-5), seed
        assert found.short_of_best <= 1e-4 * abs(best), seed
    assert 5 < feasible < 50


def test_a_looser_limit_never_makes_the_plan_worse() -> None:
    for seed in range(30):
        rng = np.random.default_rng(seed)
        choices = portfolio(rng, clients=4)
        bounds = limits(rng, choices)
        found = choose(choices, bounds)
        if found.shortfalls:
            continue
        for name in bounds.names:
            looser = choose(choices, bounds.without(name))
            assert looser.value >= found.value - 1e-5 * abs(found.value), (seed, name)
        richer = choose(choices, replace(bounds, cash=bounds.cash + 1000))
        assert richer.value >= found.value - 1e-5 * abs(found.value)


def test_the_order_of_clients_and_draws_changes_nothing() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        choices = portfolio(rng, clients=4)
        bounds = limits(rng, choices)
        order, draws = rng.permutation(4), rng.permutation(SAMPLES)
        turned = Choices(
            value=choices.value[order],
            allowed=choices.allowed[order],
            hours=choices.hours[order],
            cash=choices.cash[draws][:, order],
            searching=choices.searching[order],
            income=choices.income[order],
            low_paying=choices.low_paying[order],
            relief=None if choices.relief is None else choices.relief[order],
            most_relief=choices.most_relief,
        )
        found, again = choose(choices, bounds), choose(turned, bounds)
        assert bool(found.shortfalls) == bool(again.shortfalls)
        if not found.shortfalls:
            assert again.value == pytest.approx(found.value, rel=1e-5)


def test_without_limits_every_client_gets_its_best_allowed_option() -> None:
    choices = portfolio(np.random.default_rng(3), clients=5)
    choices = replace(choices, relief=None)
    best = np.where(choices.allowed, choices.value, -np.inf).argmax(axis=1)
    assert (choose(choices, Bounds()).option == best).all()


def test_what_cannot_be_kept_is_named_with_the_least_amount_it_lacks() -> None:
    choices = portfolio(np.random.default_rng(1))
    everyone = replace(choices, allowed=np.eye(OPTIONS, dtype=bool)[[0, 0, 0]])
    hours = choices.hours[:, 0, 0].sum()
    found = choose(everyone, Bounds(capacity_hours=hours - 7.0))
    assert found.impossible
    assert {s.limit for s in found.shortfalls} == {"hours"}
    assert [s.amount for s in found.shortfalls] == pytest.approx([7.0] * MONTHS)
    kept = np.zeros(3, dtype=np.int64)
    start = Bounds(cash_floor=0.0, cash_probability=0.8)
    # The draw that may just hold is the fifth of twenty: four may fail.
    arrived = np.sort(start.balance(choices.at(kept))[:, 0])[4]
    found = choose(everyone, replace(start, cash=-100.0 - arrived))
    first = next(s for s in found.shortfalls if s.month == 0)
    assert (first.limit, first.amount) == ("cash", pytest.approx(100.0, rel=1e-3))


def test_of_two_limits_in_the_way_the_plan_bends_the_one_that_gives_least() -> None:
    """Dropping anyone needs a search, keeping all needs hours: half an hour is the lesser breach."""
    rng = np.random.default_rng(2)
    choices = replace(portfolio(rng), allowed=np.ones((3, OPTIONS), dtype=bool))
    hours = choices.hours[:, 0, 0].sum()
    found = choose(choices, Bounds(capacity_hours=hours - 0.5, searches_at_once=0))
    assert {s.limit for s in found.shortfalls} == {"hours"}
    assert all(s.amount == pytest.approx(0.5) for s in found.shortfalls)


def test_the_chance_is_counted_in_draws() -> None:
    assert draws_to_spare(Bounds(cash_probability=0.9), 1000) == 100
    assert draws_to_spare(Bounds(cash_probability=0.9), 350) == 35
    assert draws_to_spare(Bounds(cash_probability=1.0), 20) == 0
    assert draws_to_spare(Bounds(cash_probability=0.0), 20) == 20


def test_options_that_keep_every_limit_break_none() -> None:
    for seed in range(40):
        rng = np.random.default_rng(1000 + seed)
        choices = portfolio(rng)
        bounds = limits(rng, choices)
        found = choose(choices, bounds)
        assert shortfalls(choices, bounds, found.option) == found.shortfalls
        assert choices.allowed[np.arange(3), found.option].all()


def test_a_client_without_a_way_on_is_refused() -> None:
    choices = portfolio(np.random.default_rng(1))
    with pytest.raises(ValueError, match="needs an option"):
        choose(replace(choices, allowed=np.zeros_like(choices.allowed)), Bounds())
    with pytest.raises(ValueError, match="value holds numbers that are not finite"):
        choose(replace(choices, value=choices.value * np.nan), Bounds())

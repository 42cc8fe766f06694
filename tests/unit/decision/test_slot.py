"""The open slot against sums done by hand, and its laws."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.forecast import Forecast, Market
from model.settings import Replacement, Settings
from model.slot import discounts, open_slot, slots_and_lead, still_open

MONTHS = 6


def newcomer(hazard=0.0, energy=3.0, samples=1):
    flat = np.ones((samples, 1, MONTHS))
    return Forecast(
        clients=("newcomer",),
        alive=np.broadcast_to((1 - hazard) ** np.arange(MONTHS + 1), (samples, 1, MONTHS + 1)),
        hours_ratio=flat,
        never_paid=0 * flat,
        days_to_pay=0 * flat,
        energy=energy * flat,
        referrals=0 * flat,
    )


def market(win_rate=0.5, samples=1):
    one = np.ones(samples)
    return Market(win_rate=win_rate * one, fee_per_month=1000 * one, hours_per_month=20 * one, fee_log_sd=0.3 * one)


def economics(cost=0, ramp=0.0, rate=0.0, hour=0):
    return Settings(
        horizon_months=MONTHS,
        discount_rate=rate,
        reserve_value_per_hour=Decimal(hour),
        price_of_strain=Decimal(0),
        replacement=Replacement(search_cost_per_month=Decimal(cost), search_hours_per_month=0.0, ramp_up_months=ramp),
    )


def hours(amount, samples=1):
    return np.full((samples, 1), float(amount))


def test_a_slot_is_worth_the_months_that_are_left_after_winning():
    slot = open_slot(newcomer(), market(), hours(20), economics(), MONTHS)
    # Won in month k with probability 2^-(k+1), then paid from month k+1 on.
    by_hand = sum(0.5 ** (k + 1) * (MONTHS - k - 1) * 1000 for k in range(MONTHS))
    assert slot.value[0, 0, 0] == pytest.approx(by_hand)
    assert slot.value[MONTHS, 0, 0] == 0


def test_a_newcomer_who_leaves_opens_the_slot_again():
    hazard, win = 0.2, 0.5
    slot = open_slot(newcomer(hazard), market(win), hours(20), economics(), MONTHS)
    there = np.zeros(MONTHS + 1)
    # The chance that somebody works in a month: those who stayed, and those won in a month that began empty.
    for month in range(MONTHS):
        there[month + 1] = there[month] * (1 - hazard) + (1 - there[month]) * win
    assert slot.value[0, 0, 0] == pytest.approx(1000 * there[:MONTHS].sum())


def test_a_slot_is_open_in_a_later_month_if_nobody_was_won_or_who_was_won_has_left():
    hazard, win = 0.2, 0.5
    slot = open_slot(newcomer(hazard), market(win), hours(20), economics(), MONTHS)
    there = 0.0
    for month in range(MONTHS):
        # In the last month nobody is looked for: there is nothing left to earn.
        assert still_open(slot, newcomer(hazard), market(win), 0, month)[0, 0] == pytest.approx(1 - there)
        there = there * (1 - hazard) + (1 - there) * win
    assert still_open(slot, newcomer(hazard), market(win), 2, 4)[0, 0] == pytest.approx(0.5 * 0.5 + 0.5 * 0.2)
    dear = open_slot(newcomer(), market(), hours(20), economics(cost=10_000), MONTHS)
    assert still_open(dear, newcomer(), market(), 0, MONTHS)[0, 0] == 1.0


def test_nobody_searches_when_there_is_too_little_time_to_earn_the_cost_back():
    slot = open_slot(newcomer(), market(), hours(20), economics(cost=900), MONTHS)
    assert slot.searches[:, 0].tolist() == [True, True, True, True, False, False]
    assert (slot.value >= 0).all()
    assert not open_slot(newcomer(), market(), hours(20), economics(cost=10_000), MONTHS).searches.any()


def test_a_larger_slot_takes_more_newcomers_and_a_smaller_one_a_whole_search():
    args = newcomer(), market()
    one = open_slot(*args, hours(20), economics(cost=100), MONTHS).value[0, 0, 0]
    assert open_slot(*args, hours(60), economics(cost=100), MONTHS).value[0, 0, 0] == pytest.approx(3 * one)
    assert open_slot(*args, hours(10), economics(cost=100), MONTHS).value[0, 0, 0] < one / 2
    assert open_slot(*args, hours(0), economics(cost=100), MONTHS).value[0, 0, 0] == 0


def test_ramp_up_costs_half_a_month_per_month():
    args = newcomer(), market(1.0), hours(20)
    full = open_slot(*args, economics(), MONTHS).value[0, 0, 0]
    assert open_slot(*args, economics(ramp=1.0), MONTHS).value[0, 0, 0] == pytest.approx(full - 500)
    assert open_slot(*args, economics(ramp=3.0), MONTHS).value[0, 0, 0] == pytest.approx(full - 1500)


def test_discounting_is_monthly():
    assert discounts(0.08, 12)[12] == pytest.approx(1 / 1.08)
    slot = open_slot(newcomer(), market(1.0), hours(20), economics(rate=0.1), 2)
    assert slot.value[0, 0, 0] == pytest.approx(1000 * 1.1 ** (-1 / 12))


worlds = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 1000),
        "win": st.floats(0.01, 0.9),
        "hazard": st.floats(0, 0.3),
        "cost": st.integers(0, 500),
    }
)


@given(worlds, st.floats(0.1, 1.0))
def test_a_longer_or_dearer_search_never_makes_a_slot_worth_more(world, slower):
    samples, rng = 40, np.random.default_rng(world["seed"])
    who = newcomer(world["hazard"], samples=samples)
    where = replace(market(world["win"], samples), fee_per_month=rng.uniform(0, 2000, samples))
    args = hours(20, samples), economics(cost=world["cost"], hour=10), MONTHS
    value = open_slot(who, where, *args).value.mean(axis=1)
    assert (value >= -1e-9).all()
    longer = open_slot(who, replace(where, win_rate=slower * where.win_rate), *args).value.mean(axis=1)
    assert (longer <= value + 1e-6).all()
    dearer = economics(cost=world["cost"] + 50, hour=10)
    assert (open_slot(who, where, args[0], dearer, MONTHS).value.mean(axis=1) <= value + 1e-6).all()
    strained = replace(who, energy=who.energy - 0.5)
    priced = replace(args[1], price_of_strain=Decimal(100))
    calm = open_slot(who, where, args[0], priced, MONTHS).value.mean(axis=1)
    assert (open_slot(strained, where, args[0], priced, MONTHS).value.mean(axis=1) <= calm + 1e-6).all()


def test_a_lead_is_worth_something_only_where_a_slot_is_free():
    args = newcomer(), market(0.3)
    _, free = slots_and_lead(*args, hours(20), np.ones(MONTHS), economics(cost=50), MONTHS)
    assert free[0] > 0 and (np.diff(free) <= 0).all() and np.isfinite(free).all()
    _, none = slots_and_lead(*args, hours(20), np.zeros(MONTHS), economics(cost=50), MONTHS)
    assert (none == 0).all()


def test_slots_solved_beside_a_lead_are_those_solved_alone():
    args = newcomer(), market(0.3)
    beside, _ = slots_and_lead(*args, hours(35), np.ones(MONTHS), economics(cost=50), MONTHS)
    alone = open_slot(*args, hours(35), economics(cost=50), MONTHS)
    assert np.array_equal(beside.value, alone.value) and np.array_equal(beside.searches, alone.searches)

"""What leaving in a later month is worth, and the cash and hours of each way to go on."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from model import actions
from model.streams import streams


def worth(case, **options):
    return actions.exit_values(case.outlook, case.terms, case.settings, **options)


def flows(case, **options):
    return streams(case.outlook, case.terms, case.settings, **options)


WORLDS = [
    {},
    {"capacity": 80.0, "notice_months": 0.0},
    {"capacity": 200.0, "notice_months": 2.4, "open_invoices": 4000.0, "prepaid": 500.0},
    {"billing": "hourly", "rate_per_hour": 70.0, "notice_months": 1.5},
    {"notice_months": 99.0},
]


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_leaving_at_the_earliest_day_is_dropping(firm, world):
    case = firm(3, 100, **world)
    drop = actions.net_benefit(case.outlook, case.terms, case.settings).sel(action="drop")
    assert worth(case).sel(exit_month=0).values == pytest.approx(drop.values)


@given(st.integers(0, 300), st.integers(0, 5), st.floats(0.0, 3.0), st.sampled_from([60.0, 90.0, 200.0]))
@hypothesis_settings(max_examples=20)
def test_leaving_later_is_dropping_with_that_much_more_notice(firm, seed, wait, notice, capacity):
    case = firm(2, 30, 10, seed, notice_months=notice, capacity=capacity)
    later = case.with_terms(notice_months=notice + wait)
    drop = actions.net_benefit(later.outlook, later.terms, later.settings).sel(action="drop")
    # Invoices open on the day of the talk differ, by what a client owes who was never told.
    slack = 2800 * 12 * float(case.outlook.base.never_paid.max())
    gap = worth(case, last_month=wait).isel(exit_month=-1) - drop
    assert np.abs(gap).max() <= slack
    free, unpaid = case.with_terms(fee_per_month=0.0), later.with_terms(fee_per_month=0.0)
    drop = actions.net_benefit(unpaid.outlook, unpaid.terms, unpaid.settings).sel(action="drop")
    assert worth(free, last_month=wait).isel(exit_month=-1).values == pytest.approx(drop.values)


def test_open_invoices_put_less_at_risk_once_they_have_been_paid(firm):
    owed, calm = firm(2, open_invoices=20_000.0), firm(2)
    risk = (worth(calm) - worth(owed)).mean("sample")
    assert (risk.diff("exit_month") < 0).all()
    assert (risk.isel(exit_month=0) > 0).all() and (risk.isel(exit_month=6) < 0.01 * risk.isel(exit_month=0)).all()


def test_what_is_open_when_they_are_told_adds_up_by_hand(firm):
    case = firm(1, 1, 6, hazard=0.0, open_invoices=10_000.0, fee_per_month=600.0)
    flat = {"never_paid": np.full((1, 1, 6), 0.1), "days_to_pay": np.full((1, 1, 6), 365.25 / 12)}
    case = replace(case, outlook=replace(case.outlook, base=replace(case.outlook.base, **flat)))
    case = case.with_settings(discount_rate=0.0)
    paid = worth(case.with_terms(open_invoices=0.0))
    spread, month = 0.15, 365.25 / 12
    median = (month + 30) / (np.pi * spread / np.sin(np.pi * spread))
    still = 0.1 + 0.9 / (1 + ((month * np.arange(3) + 30) / median) ** (1 / spread))
    told = 2 * (0.1 / still) / (1 + 0.1 / still) - 0.1 / still
    assert (paid - worth(case)).values[0, 0, :3] == pytest.approx(told * 10_000 * still / still[0])


def test_word_of_having_left_costs_once_and_only_where_one_leaves(firm):
    plain, known = firm(2), firm(2).with_settings(reputation_cost=Decimal(500))
    assert (worth(plain) - worth(known)).sel(exit_month=0).values == pytest.approx(500)
    later = (worth(plain) - worth(known)).sel(exit_month=6).values
    assert (later < 500).all() and (later > 0).all()
    values = [actions.net_benefit(c.outlook, c.terms, c.settings) for c in (plain, known)]
    assert (values[0] - values[1]).sel(action="keep").values == pytest.approx(0)
    lived = [actions.futures(c.outlook, c.terms, c.settings, 1).sel(action="drop") for c in (plain, known)]
    assert (lived[0] - lived[1]).values == pytest.approx(500)


def test_each_further_month_with_a_client_worth_nothing_costs_money(firm):
    bad = firm(2, capacity=80.0, fee_per_month=200.0, strain=1.0)
    assert (worth(bad).mean("sample").diff("exit_month") < 0).all()


def test_exit_months_end_with_the_horizon(firm):
    case = firm(2, 20, 5)
    assert worth(case).sizes["exit_month"] == 5
    assert worth(case.with_settings(horizon_months=1)).sizes["exit_month"] == 1


def test_cash_and_hours_of_the_futures_average_to_the_expected_ones(firm):
    case = firm(2, 8000, 12, notice_months=1.3, open_invoices=3000.0)
    expected, simulated = flows(case, exit_months=(0, 3)), flows(case, exit_months=(0, 3), seed=2)
    assert [option.action for option in expected.options] == ["keep", "renegotiate", "drop", "drop"]
    assert [option.exit_month for option in expected.options] == [None, None, 0, 3]
    for kind in ("cash", "hours"):
        # Over all months: payment times are random along a path, so single months differ.
        gap = (getattr(simulated, kind) - getattr(expected, kind)).sum(axis=3)[:, :, :, None]
        share = np.abs(gap.mean(axis=0)) / getattr(expected, kind).sum(axis=3).mean(axis=0)[:, :, None]
        assert share.max() < 0.02, kind


def test_without_strain_or_time_the_cash_is_the_value(firm):
    case = firm(1, 300, capacity=100_000.0, notice_months=2.5).with_settings(
        discount_rate=0.0, price_of_strain=Decimal(0), reserve_value_per_hour=Decimal(0)
    )
    at_once = {"days_to_pay": 0 * case.outlook.base.days_to_pay, "referrals": 0 * case.outlook.base.referrals}
    case = replace(case, outlook=replace(case.outlook, base=replace(case.outlook.base, **at_once)))
    cash = flows(case).cash.sum(axis=3)
    found = actions.net_benefit(case.outlook, case.terms, case.settings)
    # A calendar as empty as this one fills no slot within the horizon, so a client who left is worth nothing more.
    assert cash[:, :, 0] == pytest.approx(found.sel(action="keep").values, rel=1e-4)
    assert cash[:, :, 2] == pytest.approx(found.sel(action="drop").values, rel=1e-4)


def test_money_comes_when_it_is_paid(firm):
    case = firm(1, 5, 6, hazard=0.0)
    still = {"never_paid": np.zeros((5, 1, 6)), "days_to_pay": np.full((5, 1, 6), 1.5 * 365.25 / 12)}
    case = replace(case, outlook=replace(case.outlook, base=replace(case.outlook.base, **still)))
    assert flows(case).cash[0, 0, 0] == pytest.approx([0, 1400, 2800, 2800, 2800, 2800])
    ahead = case.with_terms(prepaid=4200.0, notice_months=1.0)
    assert flows(ahead).cash[0, 0, 0] == pytest.approx([0, 0, 700, 2100, 2800, 2800])
    # One month is worked off; the other half of what was paid ahead goes back.
    assert flows(ahead).cash[0, 0, 2] == pytest.approx([0, -1400, 0, 0, 0, 0])


def test_dropping_ends_hours_with_the_notice_and_asking_takes_some(firm):
    case = firm(2, 50, 6, notice_months=1.5, hazard=0.0)
    hours = flows(case, exit_months=(0, 2)).hours
    keep = hours[:, :, 0]
    assert hours[:, :, 2] == pytest.approx(keep * np.array([1, 0.5, 0, 0, 0, 0]))
    assert hours[:, :, 3] == pytest.approx(keep * np.array([1, 1, 1, 0.5, 0, 0]))
    refused = np.zeros_like(case.outlook.outcomes)
    refused[:, :, 3] = 1
    lost = flows(replace(case, outlook=replace(case.outlook, outcomes=refused))).hours[:, :, 1]
    assert lost == pytest.approx(np.broadcast_to([actions.RENEGOTIATION_HOURS, 0, 0, 0, 0, 0], lost.shape))


def test_a_negative_exit_month_is_refused(firm):
    with pytest.raises(ValueError, match="count from 0"):
        flows(firm(1, 5), exit_months=(-1,))


def test_who_refuses_an_ask_and_is_left_for_it_works_a_month_longer_than_who_is_left_at_once(firm):
    case = firm(2, 50, 6, notice_months=1.0, hazard=0.0, fee_per_month=300.0)
    refused = np.zeros_like(case.outlook.outcomes)
    refused[:, :, 2] = 1
    hours = flows(replace(case, outlook=replace(case.outlook, outcomes=refused))).hours
    talk = np.array([actions.RENEGOTIATION_HOURS, 0, 0, 0, 0, 0])
    assert hours[:, :, 1] == pytest.approx(hours[:, :, 0] * np.array([1, 1, 0, 0, 0, 0]) + talk)
    assert hours[:, :, 2] == pytest.approx(hours[:, :, 0] * np.array([1, 0, 0, 0, 0, 0]))

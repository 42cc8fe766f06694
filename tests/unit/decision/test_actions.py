"""Keep, renegotiate and drop on a posterior made by hand."""

import os
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from model import actions
from model.calendar import calendar_of
from model.forecast import Ask, Forecast
from model.settings import Replacement


def value(case):
    return actions.net_benefit(case.outlook, case.terms, case.settings)


def means(case):
    return value(case).mean("sample")


def simulated(case, seed=1):
    return actions.futures(case.outlook, case.terms, case.settings, seed)


def permuted(case, order):
    def pick(part):
        return replace(
            part,
            **{
                name: tuple(part.clients[i] for i in order) if name == "clients" else getattr(part, name)[:, order]
                for name in part.__dataclass_fields__
            },
        )

    names = ("base", "accepted", "partly", "base_paths", "accepted_paths", "partly_paths")
    outlook = replace(case.outlook, **{name: pick(getattr(case.outlook, name)) for name in names})
    return replace(case, outlook=replace(outlook, outcomes=case.outlook.outcomes[:, order]), terms=case.terms[::-1])


@pytest.mark.parametrize(
    "world",
    [
        {},
        {"capacity": 200.0},
        {"capacity": 80.0},
        {"capacity": 150.0, "notice_months": 2.4, "open_invoices": 4000.0, "prepaid": 500.0},
        {"hazard": 0.12, "ask": Ask(price_pct=30.0)},
        {"hazard": 0.12, "fee_per_month": 500.0, "open_invoices": 800.0},
        {"ask": Ask(price_pct=30.0), "wear": 0.02},
        {"billing": "hourly", "rate_per_hour": 70.0, "notice_months": 0.0},
        {"notice_months": 99.0},
    ],
    ids=str,
)
def test_simulated_futures_average_to_the_expected_value(firm, world):
    case = firm(3, 8000, 12, seed=5, **world)
    gap = (simulated(case, seed=3) - value(case)).values
    assert (np.abs(gap.mean(axis=0)) <= 4 * gap.std(axis=0) / np.sqrt(len(gap)) + 1e-9).all()
    assert (simulated(case, seed=3).std("sample") > value(case).std("sample")).all()


def test_one_draw_with_an_absurd_rate_of_referrals_does_not_decide(firm):
    case = firm(2, 200)
    referrals = case.outlook.base.referrals.copy()
    referrals[0] = 40.0
    absurd = replace(case, outlook=replace(case.outlook, base=replace(case.outlook.base, referrals=referrals)))
    assert (means(absurd) - means(case)).max() < 0.05 * means(case).sel(action="keep").min()


def test_without_futures_after_a_partly_accepted_ask_others_stand_in(firm):
    case = firm(2, 500)
    stood_in = simulated(replace(case, outlook=replace(case.outlook, partly_paths=None)))
    assert np.isfinite(stood_in.values).all()
    kept, whole = simulated(case).sel(action="keep"), stood_in.sel(action="keep")
    assert (kept == whole).all()


def by_hand(**changes):
    """One client, one draw, two months, nothing uncertain."""
    flat = np.ones((1, 1, 2))
    plain = {
        "clients": ("only",),
        "alive": np.array([[[1.0, 0.5, 0.25]]]),
        "hours_ratio": 1.2 * flat,
        "never_paid": 0.1 * flat,
        "days_to_pay": 36.5 * flat,
        "energy": 2.0 * flat,
        "referrals": 0 * flat,
    }
    return Forecast(**(plain | changes))


def test_a_month_and_its_losses_add_up_by_hand(firm):
    case = firm(1, 1, 2, capacity=0.0, agreed_hours=10.0, fee_per_month=1000.0, notice_months=1.0)
    case = case.with_settings(discount_rate=0.1, replacement=Replacement(search_cost_per_month=Decimal(10**8)))
    forecast = by_hand(clients=("client 0",))
    outlook = replace(
        case.outlook,
        base=forecast,
        market=replace(case.outlook.market, fee_per_month=np.zeros(1), win_rate=np.full(1, 0.1)),
    )
    month = 1000 * 0.9 * (1 - 36.5 * 0.1 / 365) - 12 * 20 - 200
    found = actions.net_benefit(outlook, case.terms, case.settings)[0, 0]
    assert found.sel(action="keep") == pytest.approx(month * (1 + 0.5 * 1.1 ** (-1 / 12)))
    assert found.sel(action="drop") == pytest.approx(month)


def test_open_invoices_are_at_higher_risk_once_the_client_knows(firm):
    calm, owed = firm(2), firm(2, open_invoices=10_000.0)
    fall = means(calm) - means(owed)
    assert (fall.sel(action="drop") > 0).all() and (fall.sel(action="drop") < 1000).all()
    assert fall.sel(action="keep").values == pytest.approx(0)


def test_prepaid_work_is_owed_whatever_one_does(firm):
    fall = (value(firm(2)) - value(firm(2, prepaid=700.0))).sel(action=["keep", "drop"])
    assert fall.values == pytest.approx(700)


def test_a_longer_notice_than_the_horizon_makes_dropping_the_same_as_keeping(firm):
    found = value(firm(2, notice_months=50.0))
    assert found.sel(action="drop").values == pytest.approx(found.sel(action="keep").values)


def test_with_an_empty_calendar_nobody_whose_months_are_worth_something_is_dropped_for_money(firm):
    empty = firm(3, capacity=100_000.0, strain=0.4)
    found = means(empty)
    assert (found.sel(action="keep") > found.sel(action="drop")).all()


def test_the_fuller_the_calendar_the_more_dropping_is_worth(firm):
    weak = {"fee_per_month": 1100.0, "strain": 0.8}
    lead = []
    for capacity in (2000.0, 120.0, 60.0):
        found = means(firm(3, capacity=capacity, **weak))
        lead.append(float((found.sel(action="drop") - found.sel(action="keep")).mean()))
    assert lead == sorted(lead)
    assert lead[0] < 0 < lead[2]


def test_the_calendar_says_which_case_holds(firm):
    for capacity, fullness in [(400.0, "idle"), (122.0, "full"), (60.0, "overbooked")]:
        case = firm(3, capacity=capacity)
        assert calendar_of(case.outlook, case.terms, case.settings).fullness == fullness
    timeless = firm(3, agreed_hours=0.0)
    assert calendar_of(timeless.outlook, timeless.terms, timeless.settings).fullness == "unknown"


def test_a_client_without_hours_frees_nothing(firm):
    found = value(firm(2, agreed_hours=0.0, notice_months=0.0)).sel(action="drop")
    assert found.values == pytest.approx(0)


def test_the_order_of_clients_changes_nothing(firm):
    case = firm(4, capacity=100.0)
    order = [2, 0, 3, 1]
    names = list(case.outlook.base.clients)
    other = permuted(case, order)
    assert value(other).sel(client=names).values == pytest.approx(value(case).values)
    assert simulated(other).sel(client=names).values == pytest.approx(simulated(case).values)


def test_futures_repeat_with_their_seed_and_only_with_it(firm):
    case = firm(2, 100)
    assert (simulated(case, 1) == simulated(case, 1)).all()
    assert (simulated(case, 1) != simulated(case, 2)).any()


def test_a_slider_moves_no_random_number(firm):
    case = firm(2, 300)
    dearer = case.with_settings(price_of_strain=Decimal(201))
    moved = np.abs(simulated(dearer) - simulated(case)).max()
    assert 0 < moved <= 2 * 12 * 1.5


def test_a_horizon_beyond_the_forecast_is_cut_to_it(firm):
    case = firm(2, months=12)
    assert (value(case.with_settings(horizon_months=60)) == value(case)).all()
    assert value(case.with_settings(horizon_months=1)).shape == value(case).shape


def test_a_client_without_terms_is_named(firm):
    case = firm(2)
    with pytest.raises(ValueError, match="client 1"):
        actions.net_benefit(case.outlook, case.terms[:1], case.settings)


@given(st.integers(0, 500), st.floats(0.3, 3.0), st.floats(0, 3))
@hypothesis_settings(max_examples=20)
def test_scaling_all_money_scales_every_value(firm, seed, scale, notice):
    case = firm(2, 40, 8, seed, notice_months=notice, open_invoices=900.0, capacity=70.0)
    factor = Decimal(str(round(scale, 2)))
    market = case.outlook.market
    scaled = replace(
        case.with_terms(fee_per_month=2800.0 * float(factor), open_invoices=900.0 * float(factor)),
        outlook=replace(case.outlook, market=replace(market, fee_per_month=market.fee_per_month * float(factor))),
    ).with_settings(
        reserve_value_per_hour=20 * factor,
        price_of_strain=200 * factor,
        replacement=replace(case.settings.replacement, search_cost_per_month=50 * factor),
    )
    case = case.with_settings(replacement=replace(case.settings.replacement, search_cost_per_month=Decimal(50)))
    assert value(scaled).values == pytest.approx(float(factor) * value(case).values, rel=1e-9, abs=1e-6)


@given(st.integers(0, 500), st.sampled_from([60.0, 80.0, 200.0]), st.floats(0.05, 0.9))
@hypothesis_settings(max_examples=25)
def test_worse_clients_are_never_worth_more_to_keep_nor_longer_searches_to_drop(firm, seed, capacity, win_rate):
    case = firm(2, 40, 8, seed, capacity=capacity, win_rate=win_rate)
    before = means(case)
    # The client alone gets worse; the market stays as it was.
    base = case.outlook.base
    strained = replace(base, energy=np.maximum(1.0, base.energy - 0.5))
    worse = means(replace(case, outlook=replace(case.outlook, base=strained)))
    assert (worse.sel(action="keep") <= before.sel(action="keep") + 1e-6).all()
    gap = worse.sel(action="keep") - worse.sel(action="drop")
    assert (gap <= before.sel(action="keep") - before.sel(action="drop") + 1e-6).all()
    dearer = means(case.with_settings(reserve_value_per_hour=Decimal(30)))
    assert (dearer.sel(action="keep") <= before.sel(action="keep") + 1e-6).all()
    market = case.outlook.market
    slower = means(replace(case, outlook=replace(case.outlook, market=replace(market, win_rate=market.win_rate / 2))))
    assert (slower.sel(action="drop") <= before.sel(action="drop") + 1e-6).all()


@given(st.integers(0, 500))
@hypothesis_settings(max_examples=15)
def test_an_unpaid_share_never_raises_the_value_of_keeping(firm, seed):
    case = firm(2, 40, 8, seed)
    base = case.outlook.base
    for change in ({"never_paid": np.minimum(1, base.never_paid + 0.1)}, {"days_to_pay": base.days_to_pay + 30}):
        worse = replace(case, outlook=replace(case.outlook, base=replace(base, **change)))
        assert (means(worse).sel(action="keep") < means(case).sel(action="keep")).all()


def only_outcome(case, which):
    outcomes = np.zeros_like(case.outlook.outcomes)
    outcomes[:, :, which] = 1.0
    return replace(case, outlook=replace(case.outlook, outcomes=outcomes))


def test_a_partly_accepted_ask_brings_half_the_rise_and_its_own_relief(firm):
    asked = firm(2, 200, ask=Ask(price_pct=30.0), open_invoices=0.0)
    partly = value(only_outcome(asked, 1)).sel(action="renegotiate")
    half = replace(asked.outlook, asks=(Ask(price_pct=15.0),) * 2, accepted=asked.outlook.partly)
    assert value(only_outcome(replace(asked, outlook=half), 0)).sel(action="renegotiate").values == pytest.approx(
        partly.values
    )
    whole = value(only_outcome(asked, 0)).sel(action="renegotiate")
    assert (whole.mean("sample") > partly.mean("sample")).all()


def test_a_client_lost_over_the_ask_leaves_the_open_slot_at_once(firm):
    case = firm(2, 200, notice_months=0.0)
    lost = value(only_outcome(case, 3))
    expected = lost.sel(action="drop") - actions.RENEGOTIATION_HOURS * 20
    assert lost.sel(action="renegotiate").values == pytest.approx(expected.values)


def test_freed_hours_wait_until_newcomers_have_filled_the_free_ones(firm):
    case = firm(3, capacity=200.0)
    market = case.outlook.market
    calendar = calendar_of(case.outlook, case.terms, case.settings)
    months = calendar.idle_hours / market.hours_per_month / market.win_rate
    assert calendar.months_until_full == pytest.approx(months)
    assert calendar.idle_hours == pytest.approx(80, rel=0.1)
    assert ((calendar.free_share >= 0) & (calendar.free_share <= 1)).all()


def test_after_a_refusal_one_keeps_or_drops_by_what_can_be_known(firm):
    found = value(only_outcome(firm(1, 400), 2))
    better = max(("keep", "drop"), key=lambda action: float(found.sel(action=action).mean()))
    assert better == "keep"
    expected = found.sel(action=better) - actions.RENEGOTIATION_HOURS * 20
    assert found.sel(action="renegotiate").values == pytest.approx(expected.values)


def test_a_client_who_refuses_is_left_only_once_the_ask_is_answered(firm):
    unwanted = only_outcome(firm(2, 400, fee_per_month=500.0, open_invoices=800.0), 2)
    found = value(unwanted)
    assert (found.mean("sample").sel(action="drop") > found.mean("sample").sel(action="keep")).all()
    later = actions.exit_values(unwanted.outlook, unwanted.terms, unwanted.settings).sel(exit_month=1)
    expected = later - actions.RENEGOTIATION_HOURS * 20
    assert found.sel(action="renegotiate").values == pytest.approx(expected.values)
    # Time is what asking costs where a yes is out of reach.
    assert (found.sel(action="renegotiate") < found.sel(action="drop")).all()


def test_an_ask_is_answered_within_the_last_month_too(firm):
    case = firm(2, 50).with_settings(horizon_months=1)
    assert np.isfinite(value(case).values).all() and np.isfinite(simulated(case).values).all()


def test_what_decides_is_loaded_without_the_heavy_libraries():
    import subprocess
    import sys

    heavy = ("pymc", "pandas", "matplotlib", "arviz", "xarray")
    code = f"import sys, model.decision, model.actions; sys.exit(any(m in sys.modules for m in {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": os.getcwd()}).returncode == 0


def test_the_month_of_leaving_is_worked_and_paid_and_no_other(firm):
    case = firm(1, 50, capacity=100_000.0).with_settings(price_of_strain=Decimal(0), reserve_value_per_hour=Decimal(0))
    paths = replace(
        case.outlook.base_paths,
        left_in=np.zeros((50, 1), dtype=np.int64),
        days_to_pay=np.zeros((50, 1, 12)),
        paid=np.ones((50, 1, 12)),
        referrals=np.zeros((50, 1, 12)),
    )
    found = simulated(replace(case, outlook=replace(case.outlook, base_paths=paths)))
    assert found.sel(action="keep").values == pytest.approx(2800)

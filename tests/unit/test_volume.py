"""An hourly client who has agreed on no hours brings what the logged months say, with what they leave open."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from model import catalogue
from model.asks import PRICES, WISHES
from model.break_even import inputs
from model.evidence import weights
from model.forecast import Ask
from model.judgement import judge
from model.population import from_prior
from model.records import CheckIn, Client, Hours, Records, Sighting
from model.volume import volume

TODAY = date(2026, 6, 30)
DRAWS = from_prior(catalogue.load(), rng=np.random.default_rng(4), n_samples=400)
ANNA = Client(
    name="Anna", currency="EUR", since=date(2025, 6, 1), billing="hourly", rate_per_hour=Decimal(80),
    payment_terms_days=30,
)  # fmt: skip


def drawn(hours: list[float], n_samples: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    return volume(np.array(hours), n_samples=n_samples, rng=np.random.default_rng(1))


def judged(hours: list[float], client: Client = ANNA):
    logged = tuple(
        Hours(client="Anna", on=date(2025 + (6 + m) // 12, (6 + m) % 12 + 1, 1), hours=h, whole_month=True)
        for m, h in enumerate(hours)
    )
    return judge(Records(clients=(client,), hours=logged), DRAWS, today=TODAY)


def test_the_level_is_the_mean_of_the_logged_months_and_narrows_with_them():
    level, _ = drawn([20.0] * 9)
    assert level.mean() == pytest.approx(20.0, rel=0.05)
    assert np.log(drawn([20.0, 30.0] * 6)[0]).std() < 0.5 * np.log(drawn([20.0, 30.0])[0]).std()


def test_the_spread_is_learned():
    assert drawn([20.0, 20.5, 19.5, 20.0, 20.2, 19.8])[1].mean() < 0.6 * drawn([10.0, 40.0, 12.0, 35.0, 9.0])[1].mean()


def test_hours_expected_of_a_client_without_agreed_hours_are_those_logged():
    found = judged([20.0, 24.0, 18.0, 22.0, 21.0, 19.0, 23.0, 20.0])
    hours = found.terms[0].agreed_hours * found.outlook.base.hours_ratio[:, 0]
    assert hours.mean() == pytest.approx(21.0, rel=0.05)
    paths = found.terms[0].agreed_hours * found.outlook.base_paths.hours_ratio[:, 0]
    assert paths.mean() == pytest.approx(21.0, rel=0.05) and paths.std() > hours.std()


def test_hours_logged_where_none_are_agreed_are_no_sign_of_strain():
    few, many = judged([5.0] * 8), judged([50.0] * 8)
    assert np.array_equal(few.belief.mean, many.belief.mean)


def test_agreed_hours_leave_the_volume_to_the_strain():
    agreed = replace(ANNA, agreed_hours_per_month=20.0)
    assert judged([20.0] * 8, agreed).terms[0].monthly_hours == ()


def test_the_running_month_and_those_of_another_year_are_left_out():
    old = Hours(client="Anna", on=date(2024, 1, 1), hours=99.0, whole_month=True)
    now = Hours(client="Anna", on=TODAY, hours=1.0)
    kept = Hours(client="Anna", on=date(2026, 5, 1), hours=12.0, whole_month=True)
    found = judge(Records(clients=(ANNA,), hours=(old, now, kept)), DRAWS, today=TODAY)
    assert found.terms[0].monthly_hours == (12.0,)


def trying(checkins: tuple[CheckIn, ...] = ()) -> Records:
    """Anna asks for ever more, and has agreed on no hours."""
    months = range(1, 6)
    logged = tuple(Hours(client="Anna", on=date(2026, m, 1), hours=20.0 + m % 3, whole_month=True) for m in months)
    seen = tuple(
        Sighting(client="Anna", on=date(2026, m, 3), sign=sign)
        for m in months
        for sign in ("never_satisfied", "unrealistic_expectations", "changes_mind")
    )
    return Records(clients=(ANNA,), hours=logged, sightings=seen, checkins=checkins)


def test_an_ask_is_compared_by_the_hours_that_the_answer_counts():
    found = judge(trying(), DRAWS, today=TODAY)
    decision, everything = found.decisions[0], found.asks
    gain = everything.of("Anna")[WISHES.index(decision.ask.wish), PRICES.index(decision.ask.price_pct)]
    assert gain == pytest.approx(decision.action("renegotiate").mean - decision.action("keep").mean, rel=0.1)


def test_what_a_record_weighs_is_what_the_answer_loses_without_it():
    tired = tuple(CheckIn(client="Anna", month=date(2026, m, 1), energy=1) for m in range(1, 6))
    found = judge(trying(tired), DRAWS, today=TODAY)
    without = judge(trying(), DRAWS, today=TODAY, ask=found.decisions[0].ask)
    (weight,) = (weight for weight in weights(found, "Anna") if weight.subject == "check_ins")
    lost = (found.worth - without.worth)[:, 0, 0].mean()
    # Weights are found on a quarter of the draws.
    assert weight.money == pytest.approx(lost, rel=0.25)


@pytest.mark.parametrize("billing", ["retainer", "fixed"])
def test_logged_hours_hold_the_overruns_of_a_fixed_fee_already(billing):
    flat = replace(ANNA, billing=billing, rate_per_hour=None, fee_per_month=Decimal(2000))
    for logged in ([40.0], [38.0, 42.0, 41.0, 39.0, 40.0, 40.0, 43.0, 37.0]):
        found = judged(logged, flat)
        for ahead in (found.outlook.base, found.outlook.base_paths):
            assert (found.terms[0].agreed_hours * ahead.hours_ratio[:, 0]).mean() == pytest.approx(40.0, rel=0.05)


def test_a_cap_on_scope_lowers_the_hours_of_a_fixed_fee_that_names_none():
    flat = replace(ANNA, billing="retainer", rate_per_hour=None, fee_per_month=Decimal(2000))
    logged = (Hours(client="Anna", on=date(2026, 5, 1), hours=40.0, whole_month=True),)
    ahead = judge(Records(clients=(flat,), hours=logged), DRAWS, today=TODAY, ask=Ask(scope=True)).outlook
    assert (ahead.accepted.hours_ratio < ahead.base.hours_ratio).all()


def test_hours_are_scaled_once_however_often_the_portfolio_is_looked_at():
    flat = replace(ANNA, billing="retainer", rate_per_hour=None, fee_per_month=Decimal(2000))
    other = replace(flat, name="Bert", agreed_hours_per_month=10.0)
    logged = (Hours(client="Anna", on=date(2026, 5, 1), hours=40.0, whole_month=True),)
    first = judge(Records(clients=(flat, other), hours=logged), DRAWS, today=TODAY, ask=Ask())
    more = Records(clients=(flat, replace(other, agreed_hours_per_month=12.0)), hours=logged)
    again = judge(more, DRAWS, today=TODAY, ask=Ask(), previous=first)
    assert np.array_equal(
        again.outlook.base.hours_ratio, judge(more, DRAWS, today=TODAY, ask=Ask()).outlook.base.hours_ratio
    )


def test_what_an_hour_brings_is_what_is_billed_for_it_and_nothing_is_held_against_hours_nobody_agreed_on():
    logged = [30.0, 28.0, 33.0, 31.0, 29.0, 32.0]
    beyond = judged(logged, replace(ANNA, agreed_hours_per_month=20.0))
    found = {one.name: one for one in inputs(beyond, "Anna")}
    # Ten hours over the twenty agreed are billed as well.
    assert found["hourly_rate"].now == pytest.approx(80.0) and found["hours_above"].now > 10
    assert "hours_above" not in {one.name for one in inputs(judged(logged), "Anna")}
    retainer = replace(
        ANNA, billing="retainer", rate_per_hour=None, fee_per_month=Decimal(1600), agreed_hours_per_month=20.0
    )
    assert {one.name: one.now for one in inputs(judged(logged, retainer), "Anna")}["hourly_rate"] < 75

"""What is known of the next client: what the user expects, moved by the searches that were logged."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from model import priors as prior_table
from model.forecast import Market
from model.market import DAYS_PER_MONTH, cost_of_looking, market
from model.records import Records, Search
from model.settings import Replacement, Settings
from model.stratified import normals

TODAY = date(2026, 6, 20)
N = 20_000
EXPECTED = Replacement(fee_per_month=Decimal(1500), hours_per_month=25.0, months_to_win=4.0)
PLAIN = Records(settings=Settings(replacement=EXPECTED))


def drawn(*searches: Search, settings: Settings = PLAIN.settings, seed: int = 1) -> Market:
    return market(
        replace(PLAIN, searches=searches, settings=settings), typical_fee=900.0, typical_hours=18.0, today=TODAY,
        numbers=normals(np.random.default_rng(seed), N, 4),
    )  # fmt: skip


def won(after_days: int, fee: int | None = None, hours: float | None = None) -> Search:
    opened = date(2026, 1, 10)
    return Search(
        opened_on=opened, won_on=date.fromordinal(opened.toordinal() + after_days),
        fee_per_month=None if fee is None else Decimal(fee), hours_per_month=hours,
    )  # fmt: skip


def rate(found: Market) -> np.ndarray:
    return -np.log1p(-found.win_rate)


def test_without_searches_the_market_is_what_the_user_expects_of_it():
    found = drawn()
    assert rate(found).mean() == pytest.approx(1 / 4, rel=0.02)
    assert found.fee_per_month.mean() == pytest.approx(1500, rel=0.02)
    assert found.hours_per_month.mean() == pytest.approx(25, rel=0.02)


def test_where_the_user_expects_nothing_the_present_clients_stand_in():
    found = drawn(settings=Settings())
    assert found.fee_per_month.mean() == pytest.approx(900, rel=0.02)
    assert found.hours_per_month.mean() == pytest.approx(18, rel=0.02)


def test_every_number_is_possible():
    found = drawn(won(30, 2000, 40.0))
    assert ((found.win_rate > 0) & (found.win_rate < 1)).all()
    assert (found.fee_per_month > 0).all() and (found.hours_per_month > 0).all() and (found.fee_log_sd > 0).all()


def test_the_rate_of_winning_is_the_exact_gamma_posterior():
    searches = (won(30), won(95), Search(opened_on=date(2026, 3, 1)))
    shape = 1 / prior_table.load()["market_win_rate_factor"].scale ** 2 + 2
    months = (30 + 95 + (TODAY - date(2026, 3, 1)).days) / DAYS_PER_MONTH
    found = rate(drawn(*searches))
    expected = shape / ((shape - 2) * 4.0 + months)
    assert found.mean() == pytest.approx(expected, abs=4 * found.std() / np.sqrt(N))
    assert found.std() == pytest.approx(expected / np.sqrt(shape), rel=0.03)


def test_quick_wins_raise_the_odds_and_a_long_search_without_one_lowers_them():
    assert drawn(won(10), won(12)).win_rate.mean() > drawn().win_rate.mean()
    assert drawn(Search(opened_on=date(2025, 6, 1))).win_rate.mean() < drawn().win_rate.mean()
    # Four months for one win is what was expected.
    usual = rate(drawn(won(122)))
    assert usual.mean() == pytest.approx(1 / 4, rel=0.02) and usual.std() < rate(drawn()).std()


def test_better_paying_and_larger_new_clients_raise_what_the_next_one_is_expected_to_bring():
    found = drawn(*(won(40 + i, 3000, 50.0) for i in range(4)))
    assert 1500 < found.fee_per_month.mean() < 3000 and 25 < found.hours_per_month.mean() < 50
    as_expected = drawn(*(won(40 + i, 1500, 25.0) for i in range(4)))
    assert as_expected.fee_per_month.std() < 0.8 * drawn().fee_per_month.std()


def test_searches_from_after_today_are_not_known_and_a_win_from_after_today_is_an_open_search():
    later = Search(opened_on=date(2026, 6, 21))
    assert np.array_equal(drawn(later).win_rate, drawn().win_rate)
    opened = date(2026, 3, 1)
    to_come = Search(opened_on=opened, won_on=date(2026, 7, 1), fee_per_month=Decimal(9000))
    still_open = drawn(Search(opened_on=opened))
    assert np.array_equal(drawn(to_come).win_rate, still_open.win_rate)
    assert np.array_equal(drawn(to_come).fee_per_month, still_open.fee_per_month)


def test_the_order_of_searches_changes_nothing():
    searches = (won(30, 1000, 10.0), won(95, 1700, 30.0), won(61, 1313, 21.5))
    one, other = drawn(*searches), drawn(*searches[::-1])
    assert np.array_equal(one.fee_per_month, other.fee_per_month)
    assert one.win_rate == pytest.approx(other.win_rate, rel=1e-12)


def test_fees_of_clients_won_teach_how_far_apart_fees_lie():
    def spread(*fees: int) -> float:
        return float(drawn(*(won(20 + m, fee) for m, fee in enumerate(fees))).fee_log_sd.mean())

    assert spread(1500, 1510, 1490, 1505, 1495, 1500) < 0.8 * spread()
    assert spread(500, 5000, 900, 3000, 700, 8000) > 1.2 * spread()


def test_what_an_hour_brings_is_known_to_a_quarter_whatever_the_size_of_the_next_client():
    found = drawn()
    assert np.log(found.fee_per_month / found.hours_per_month).std() == pytest.approx(
        prior_table.load()["market_fee_factor"].scale, rel=0.02
    )
    assert found.fee_per_month.mean() == pytest.approx(1500, rel=0.02)


def test_small_and_large_clients_at_the_same_hourly_fee_do_not_make_it_uncertain():
    jobs = [(600, 10.0), (3000, 50.0), (1500, 25.0), (4800, 80.0)]
    found = drawn(*(won(40 + i, fee, hours) for i, (fee, hours) in enumerate(jobs)))
    hourly = found.fee_per_month / found.hours_per_month
    assert hourly.mean() == pytest.approx(60, rel=0.02)
    assert hourly.std() < 0.7 * (drawn().fee_per_month / drawn().hours_per_month).std()
    assert found.fee_log_sd.mean() < drawn().fee_log_sd.mean()


@pytest.mark.parametrize("spread", [0.2, 0.4, 0.5])
def test_logged_searches_lead_to_the_mean_of_what_new_clients_bring_and_not_to_their_median(spread: float):
    rng = np.random.default_rng(5)

    def about(mean: float, n: int) -> np.ndarray:
        return np.asarray(mean * np.exp(spread * normals(rng, n, 1)[:, 0] - spread**2 / 2))

    hours = about(25.0, 300)
    hourly = rng.permutation(about(60.0, 300))
    fees = hourly * hours
    found = drawn(
        *(
            replace(won(60), fee_per_month=Decimal(repr(round(float(fee), 6))), hours_per_month=float(size))
            for fee, size in zip(fees, hours, strict=True)
        )
    )
    assert (found.fee_per_month / found.hours_per_month).mean() == pytest.approx(60.0, rel=0.02)
    assert found.hours_per_month.mean() == pytest.approx(25.0, rel=0.02)
    assert found.fee_log_sd.mean() == pytest.approx(spread, rel=0.05)


def test_a_few_searches_that_came_out_as_expected_leave_the_fee_where_it_was():
    # Seven fees spread evenly, with a mean of 1500: the middle one lies below it.
    spread = 0.4 * np.array([-1.465, -0.792, -0.366, 0.0, 0.366, 0.792, 1.465])
    fees = 1500 * np.exp(spread) / np.exp(spread).mean()
    found = drawn(*(won(60, round(float(fee)), 25.0) for fee in fees))
    assert found.fee_per_month.mean() == pytest.approx(1500, rel=0.02)


def test_what_a_month_of_looking_cost_is_told_by_the_searches_with_a_cost_alone():
    paid = replace(won(61), cost=Decimal(300))
    later = Search(opened_on=date(2026, 4, 20), cost=Decimal(90))
    months = (61 + 61) / DAYS_PER_MONTH
    assert cost_of_looking((paid, later, won(400)), TODAY) == pytest.approx(390 / months)
    assert cost_of_looking((won(61),), TODAY) is None
    # Of ten days, or of what lies ahead, nothing can be told a month.
    assert cost_of_looking((Search(opened_on=date(2026, 6, 10), cost=Decimal(90)),), TODAY) is None
    assert cost_of_looking((Search(opened_on=date(2026, 8, 1), cost=Decimal(90)),), TODAY) is None
    assert cost_of_looking((replace(paid, cost=Decimal(0)),), TODAY) == 0.0
    assert cost_of_looking((paid,), date(2026, 3, 1)) is None  # all it cost, and half its months

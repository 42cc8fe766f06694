"""What the priors imply lies near what is known, as near as the sources agree with each other."""

import numpy as np
import pytest

from model import catalogue as signs
from model import priors as prior_table
from model.prior_check import KNOWN, TENTHS, Implied, prior_predictive

RATIO = "hours worked per hour agreed"

CATALOGUE = signs.load()


@pytest.fixture(scope="module")
def implied() -> dict[tuple[str, str], Implied]:
    return {(row.what, row.of): row for row in prior_predictive(CATALOGUE, rng=np.random.default_rng(1))}


def test_every_known_figure_is_one_that_is_computed(implied):
    assert {(row.kind, row.of) for row in implied.values() if row.known is not None} == {
        (kind, TENTHS[q]) for kind, q in KNOWN
    }


@pytest.mark.parametrize("figure", [figure for figure in KNOWN if figure != ("ratio", 0.1)], ids=str)
def test_a_known_figure_lies_where_90_percent_of_the_populations_have_it(implied, figure: tuple[str, float]):
    row = next(row for row in implied.values() if (row.kind, row.of) == (figure[0], TENTHS[figure[1]]))
    assert row.known is not None and row.low < row.known < row.high


def test_a_month_scatters_less_than_the_tasks_in_it(implied):
    low, high = implied[RATIO, "10 % point"], implied[RATIO, "90 % point"]
    assert low.known is not None and high.known is not None
    assert low.known < low.middle and high.middle < high.known


def test_between_sources_that_disagree_the_priors_take_neither_side(implied):
    # 20 % late and ten days late cannot both be the median payer's.
    late, days = implied["share of invoices paid late", "median"], implied["days paid after the due date", "median"]
    assert late.known is not None and days.known is not None
    assert late.known < late.middle < 0.5 and late.middle - late.known < 0.2
    assert days.middle < days.known and days.known - days.middle < 15.0


def test_a_few_percent_of_clients_leave_in_a_month_and_under_one_percent_of_invoices_is_lost(implied):
    leaving = implied["share of clients leaving in a month", "all clients"]
    assert 0.02 < leaving.middle < 0.05 and leaving.low > 0.005 and leaving.high < 0.1
    assert implied["share of invoices never paid", "all clients"].middle < 0.01


def test_three_is_the_commonest_rating_and_ratings_add_up(implied):
    middles = [implied["share of months by energy", f"rating {k}"].middle for k in range(1, 6)]
    assert max(middles) == middles[2] and middles[4] < middles[3]
    assert sum(middles) == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize(
    ("grade", "average", "strained"), [("moderate", 1 / 12, 1 / 6), ("serious", 1 / 20, 3 / 20), ("good", 1 / 4, None)]
)
def test_signs_are_about_as_common_as_the_reason_of_their_grade_says(implied, grade, average, strained):
    what = f"share of months with a sign graded {grade}"
    assert implied[what, "strain 0"].middle == pytest.approx(average, rel=0.25)
    if strained is not None:
        assert implied[what, "strain 1"].middle == pytest.approx(strained, rel=0.25)
    else:
        assert implied[what, "strain 1"].middle < implied[what, "strain 0"].middle


def test_grave_signs_are_almost_never_seen_with_an_average_client(implied):
    assert implied["share of months with a sign graded grave", "strain 0"].high < 0.01


def test_another_prior_implies_another_figure_and_the_same_seed_the_same():
    def days(priors: prior_table.Priors | None = None) -> float:
        rows = prior_predictive(CATALOGUE, rng=np.random.default_rng(2), n_samples=50, n_clients=50, priors=priors)
        return next(row.middle for row in rows if row.what == "days to pay")

    assert days() == days()
    assert days(prior_table.load().believing({"invoice_shift": (0.3, 0.6)})) > days() + 10.0

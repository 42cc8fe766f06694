"""Reference cases R21, R22, R33 and the laws of searching."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.search import (
    Discrete,
    Normal,
    Uniform,
    lasting_offer,
    reservation_value,
    value_in_order,
    value_of_looking,
)

A = Discrete([100, 55])
B = Discrete([240, 0], [0.2, 0.8])


def test_boxes_are_opened_by_their_index_not_by_their_mean():
    assert reservation_value(A, 15) == pytest.approx(70)
    assert reservation_value(B, 20) == pytest.approx(140)
    assert (A.mean - 15, B.mean - 20) == pytest.approx((62.5, 28))
    assert value_in_order([(B, 20), (A, 15)]) == pytest.approx(78)
    assert value_in_order([(A, 15), (B, 20)]) == pytest.approx(75)


def test_reservation_values_of_other_boxes():
    assert reservation_value(Uniform(0, 1), 0.02) == pytest.approx(0.8)
    assert reservation_value(Normal(100, 30), 5) == pytest.approx(118.220421, abs=1e-6)
    assert reservation_value(Discrete([200, 0], [0.3, 0.7]), 15) == pytest.approx(150)


def test_a_searcher_for_a_lasting_offer_waits_for_the_published_one():
    assert lasting_offer(Uniform(0, 100), 20, 0.95) == pytest.approx(75.770683, abs=1e-6)
    assert lasting_offer(Uniform(0, 100), 20, 0.9) == pytest.approx(67.507963, abs=1e-6)
    assert lasting_offer(Uniform(0, 100), 20, 0) == pytest.approx(20)


def test_a_replacement_worse_on_average_is_still_worth_looking_for():
    in_hand, box, cost = 6.92, Normal(8, 6), 2
    assert box.mean - cost < in_hand
    assert reservation_value(box, cost) == pytest.approx(8.833416, abs=1e-6)
    assert value_of_looking(box, cost, in_hand) == pytest.approx(7.892327, abs=1e-6)
    assert box.above(in_hand) == pytest.approx(0.571424, abs=1e-6)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=20), st.floats(0.01, 100), st.floats(0.01, 100))
def test_a_dearer_look_lowers_the_reservation_value(values, cost, more):
    box = Discrete(values)
    index = reservation_value(box, cost)
    assert box.excess(index) == pytest.approx(cost, abs=1e-6)
    assert reservation_value(box, cost + more) <= index
    assert value_of_looking(box, cost, index) == pytest.approx(index, abs=1e-6)


@given(st.floats(-100, 100), st.floats(0, 50), st.floats(0.1, 50))
def test_draws_of_a_box_stand_in_for_its_formula(mean, sd, cost):
    from scipy.stats import norm

    draws = mean + sd * norm.ppf((np.arange(4000) + 0.5) / 4000)
    assert reservation_value(Discrete(draws), cost) == pytest.approx(
        reservation_value(Normal(mean, sd), cost), abs=0.02 * (1 + sd)
    )


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="cost"):
        reservation_value(A, 0)
    with pytest.raises(ValueError, match="probability"):
        reservation_value(Discrete([1, 2], [0.5, 0.4]), 1)
    with pytest.raises(ValueError, match="discount"):
        lasting_offer(A, 1, 1.0)

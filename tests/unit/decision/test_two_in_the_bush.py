"""One client in hand against two in the bush."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import InvalidSettings
from model.two_in_the_bush import two_in_the_bush

WORTH = st.floats(-1e4, 1e4)
SCATTER = st.floats(0, 1e4)
COST = st.floats(0.01, 1e3)


def test_a_replacement_worse_on_average_is_searched_for_first_and_the_reason_says_why():
    bush = two_in_the_bush(in_hand=6.92, mean=8, sd=6, cost=2)
    assert bush.mean - bush.cost < bush.in_hand
    assert bush.search
    assert bush.index == pytest.approx(8.833416, abs=1e-6)
    assert bush.value == pytest.approx(7.892327, abs=1e-6)
    assert bush.gain == pytest.approx(0.972327, abs=1e-6)
    assert bush.switch == pytest.approx(0.571424, abs=1e-6)
    assert bush.reason.startswith("Search first, and drop nobody yet")
    assert "worth only 6.00" in bush.reason and "57%" in bush.reason


def test_even_before_its_cost_the_average_replacement_may_be_the_worse_one():
    bush = two_in_the_bush(in_hand=9, mean=8, sd=9, cost=2)
    assert bush.mean < bush.in_hand and bush.search and bush.gain > 0


def test_a_replacement_that_never_surprises_is_not_searched_for():
    bush = two_in_the_bush(in_hand=6.92, mean=8, sd=0, cost=2)
    assert not bush.search
    assert bush.value == 6.92
    assert bush.reason.startswith("Stay")


@given(in_hand=WORTH, mean=WORTH, sd=SCATTER, cost=COST)
def test_searching_is_right_exactly_where_it_gains_and_never_costs_the_client_in_hand(in_hand, mean, sd, cost):
    bush = two_in_the_bush(in_hand=in_hand, mean=mean, sd=sd, cost=cost)
    assert bush.value >= in_hand
    assert 0 <= bush.switch <= 1
    if abs(in_hand - bush.index) > 1e-6 * (1 + abs(bush.index)):
        assert bush.search == (bush.gain > 0)


@given(in_hand=WORTH, mean=WORTH, sd=SCATTER, cost=COST, more=COST)
def test_a_dearer_search_never_gains_more(in_hand, mean, sd, cost, more):
    cheap = two_in_the_bush(in_hand=in_hand, mean=mean, sd=sd, cost=cost)
    dear = two_in_the_bush(in_hand=in_hand, mean=mean, sd=sd, cost=cost + more)
    assert dear.gain <= cheap.gain
    assert dear.value <= cheap.value


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"cost": 0.0}, "must cost something"),
        ({"sd": -1.0}, "scatter"),
        ({"mean": float("nan")}, "must be numbers between"),
    ],
)
def test_numbers_that_mean_nothing_are_refused_in_a_sentence(wrong, says):
    with pytest.raises(InvalidSettings, match=says):
        two_in_the_bush(**({"in_hand": 6.92, "mean": 8.0, "sd": 6.0, "cost": 2.0} | wrong))

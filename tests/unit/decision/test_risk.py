"""Reference case R26 and the laws of tails and certainty equivalents."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from model import risk

money = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50)


def test_the_tail_of_normal_losses():
    losses = norm.ppf((np.arange(1_000_000) + 0.5) / 1_000_000)
    assert risk.value_at_risk(losses, 0.95) == pytest.approx(1.644854, abs=1e-5)
    assert risk.cvar(losses, 0.95) == pytest.approx(2.062713, abs=1e-5)
    assert risk.cvar(losses, 0.90) == pytest.approx(1.754983, abs=1e-5)


def test_a_tail_that_ends_inside_a_loss_counts_it_in_part():
    assert risk.cvar([0, 0, 0, 3], 0.5) == pytest.approx(1.5)
    assert risk.cvar([0, 10], 0.75) == pytest.approx(10)
    assert risk.cvar([0, 0, 10], 0.5) == pytest.approx(10 / 1.5)


@given(money, st.floats(0.01, 0.99))
def test_the_tail_is_never_better_than_the_mean_nor_worse_than_the_worst(losses, level):
    tail = risk.cvar(losses, level)
    slack = 1e-6 * (1 + max(abs(x) for x in losses))
    assert np.mean(losses) - slack <= tail <= max(losses) + slack
    assert risk.value_at_risk(losses, level) <= tail + slack


@given(money, st.floats(1.0, 1e6))
def test_caution_never_makes_a_gamble_worth_more_than_its_mean(values, tolerance):
    sure = risk.certainty_equivalent(values, tolerance)
    slack = 1e-6 * (1 + max(abs(x) for x in values))
    assert min(values) - slack <= sure <= np.mean(values) + slack
    assert sure <= risk.certainty_equivalent(values, 2 * tolerance) + slack


@given(money)
def test_without_fear_only_the_mean_counts(values):
    assert risk.certainty_equivalent(values, None) == np.mean(values)
    assert risk.certainty_equivalent(values, 1e13) == pytest.approx(np.mean(values), abs=2)


def test_nonsense_is_refused():
    for call in (
        lambda: risk.cvar([], 0.9),
        lambda: risk.cvar([1.0], 1.0),
        lambda: risk.cvar([np.inf], 0.9),
        lambda: risk.certainty_equivalent([1.0], 0.0),
    ):
        with pytest.raises(ValueError, match=r"must|needs"):
            call()

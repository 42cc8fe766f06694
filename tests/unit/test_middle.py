"""The middle of the normal nearest to a density."""

import numpy as np
import pytest

from model.errors import FitError
from model.middle import settled


def test_of_a_normal_it_is_the_mean_wherever_one_starts():
    mean, covariance = np.array([1.0, -2.0]), np.array([[2.0, 0.6], [0.6, 0.5]])
    precision = np.linalg.inv(covariance)
    middle, root, points = settled(
        lambda at: ((mean - at) @ precision).mean(axis=0), lambda at: covariance, np.zeros(2), np.random.default_rng(1)
    )
    assert middle == pytest.approx(mean, abs=1e-6)
    assert root @ root.T == pytest.approx(covariance)
    assert points.mean(axis=0) == pytest.approx(middle, abs=0.2)


def test_of_a_skewed_density_it_lies_off_the_mode_where_the_slope_is_nothing_on_average():
    # Log of a gamma number of shape 2: the slope of its log density is 2 - exp(x), and the mode log 2.
    middle, root, points = settled(
        lambda at: (2.0 - np.exp(at)).mean(axis=0), lambda at: np.array([[0.5]]), np.log([2.0]),
        np.random.default_rng(1),
    )  # fmt: skip
    assert middle[0] == pytest.approx(np.log(2.0) - 0.25, abs=0.02)
    assert abs((2.0 - np.exp(points)).mean()) * root[0, 0] < 0.1


def test_where_it_does_not_settle_the_whole_fit_is_named():
    with pytest.raises(FitError, match="did not settle"):
        settled(lambda at: np.array([3.0]), lambda at: np.array([[1.0]]), np.zeros(1), np.random.default_rng(1))

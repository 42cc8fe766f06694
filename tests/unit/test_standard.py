"""The standard normal numbers behind the parameters: there, back, and their gradients."""

import numpy as np

from model import catalogue, population, priors
from model.parameters import Layout
from model.standard import Standard

CATALOGUE = catalogue.load()
STANDARD = Standard.of(CATALOGUE, priors.load())
NUMBERS = np.random.default_rng(1).standard_normal((20, STANDARD.count))


def test_parameters_and_the_numbers_behind_them_are_two_ways_of_saying_the_same():
    theta = STANDARD.parameters(NUMBERS)
    assert theta.shape == (20, Layout.of(CATALOGUE).size)
    np.testing.assert_allclose(STANDARD.numbers(theta), NUMBERS, atol=1e-10)


def test_draws_from_the_prior_have_standard_normal_numbers_behind_them():
    drawn = population.from_prior(CATALOGUE, rng=np.random.default_rng(2), n_samples=4000)
    numbers = STANDARD.numbers(drawn.theta)
    # Spread evenly, the mean errs by far less than one over the root of their number; correlations by that.
    assert np.abs(numbers.mean(axis=0)).max() < 0.005
    assert np.abs(numbers.std(axis=0) - 1.0).max() < 0.01
    apart = np.corrcoef(numbers, rowvar=False) - np.eye(STANDARD.count)
    assert np.abs(apart).max() < 5.0 / np.sqrt(4000)


def test_gradients_in_the_numbers_are_those_of_finite_differences():
    slopes = np.random.default_rng(3).standard_normal((20, Layout.of(CATALOGUE).size))
    found = STANDARD.gradient(NUMBERS, slopes)
    step = 1e-5 * np.eye(STANDARD.count)
    for place in (0, 7):
        moved = STANDARD.parameters(NUMBERS[place] + step) - STANDARD.parameters(NUMBERS[place] - step)
        np.testing.assert_allclose(found[place], moved @ slopes[place] / 2e-5, rtol=1e-6, atol=1e-7)


def test_numbers_no_one_would_believe_still_have_parameters_and_finite_gradients():
    far = np.where(np.arange(STANDARD.count) % 2, 12.0, -12.0)[None]
    far[:, : Layout.of(CATALOGUE).free] /= 3.0
    theta = STANDARD.parameters(far)
    with np.errstate(all="raise", under="ignore"):
        gradient = STANDARD.gradient(far, np.ones_like(theta))
    assert np.isfinite(theta).all() and np.isfinite(gradient).all()

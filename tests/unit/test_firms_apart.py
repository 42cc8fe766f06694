"""How far firms differ, against the same integrals done directly on all numbers and levels at once."""

import numpy as np
import pytest

from model.firms_apart import Expansion, Given, draws_apart, draws_given
from model.levels import SPREAD

NUMBERS, FIRMS, LEVELS = 3, 4, 2
APART = np.array([0.3, 0.7])


def known(seed: int = 1) -> Expansion:
    rng = np.random.default_rng(seed)
    half = rng.standard_normal((FIRMS, NUMBERS + LEVELS, 4))
    return Expansion(
        numbers=rng.standard_normal(NUMBERS),
        own=rng.standard_normal((FIRMS, LEVELS)),
        slope=rng.standard_normal((FIRMS, NUMBERS + LEVELS)),
        bend=half @ half.swapaxes(1, 2),
    )


def joint(one: Expansion, apart: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean, covariance and log evidence of numbers and levels, on one precision matrix of all of them."""
    size = NUMBERS + FIRMS * LEVELS
    precision, slope = np.zeros((size, size)), np.zeros(size)
    prior = np.concatenate([np.ones(NUMBERS), np.tile(apart**-2.0, FIRMS)])
    about = np.concatenate([one.numbers, one.own.ravel()])
    for f in range(FIRMS):
        mine = [*range(NUMBERS), *range(NUMBERS + f * LEVELS, NUMBERS + (f + 1) * LEVELS)]
        precision[np.ix_(mine, mine)] += one.bend[f]
        slope[mine] += one.slope[f]
    # exp(slope (x - about) - (x - about)' precision (x - about) / 2) times the prior, integrated over x.
    whole = precision + np.diag(prior)
    drawn_to = slope + precision @ about
    mean = np.linalg.solve(whole, drawn_to)
    constant = -slope @ about - 0.5 * about @ precision @ about
    evidence = constant + 0.5 * drawn_to @ mean + 0.5 * np.log(prior).sum() - 0.5 * np.linalg.slogdet(whole)[1]
    return mean, np.linalg.inv(whole), float(evidence)


def test_the_evidence_is_that_of_the_integral_over_all_numbers_and_levels():
    one = known()
    others = [np.array(apart) for apart in ((0.1, 0.1), (1.5, 0.2), (0.6, 0.9))]
    found = [Given(one, apart).log_evidence - Given(one, APART).log_evidence for apart in others]
    expected = [joint(one, apart)[2] - joint(one, APART)[2] for apart in others]
    assert found == pytest.approx(expected, rel=1e-9)
    # Also where firms are all alike.
    alike = Given(one, np.zeros(LEVELS)).log_evidence - Given(one, APART).log_evidence
    assert alike == pytest.approx(joint(one, np.full(LEVELS, 1e-6))[2] - joint(one, APART)[2], rel=1e-5)


def test_numbers_and_levels_are_drawn_from_their_joint_normal():
    one = known()
    numbers, own = draws_given(one, np.tile(APART, (20_000, 1)), np.random.default_rng(2))
    drawn = np.concatenate([numbers, own.reshape(len(own), -1)], axis=1)
    mean, covariance, _ = joint(one, APART)
    assert drawn.mean(axis=0) == pytest.approx(mean, abs=0.02)
    assert np.cov(drawn.T) == pytest.approx(covariance, abs=0.03 * covariance.max())


def test_draws_of_how_far_firms_differ_have_the_mean_of_their_density():
    one = known(3)
    grid = np.linspace(0.002, 2.5, 120)
    heights = np.array([[Given(one, np.array([a, b])).log_evidence for b in grid] for a in grid])
    heights -= 0.5 * ((grid[:, None] / SPREAD) ** 2 + (grid / SPREAD) ** 2)
    weight = np.exp(heights - heights.max())
    weight /= weight.sum()
    drawn = draws_apart(one, np.random.default_rng(5), 2000)
    assert drawn.mean(axis=0) == pytest.approx([weight.sum(axis=1) @ grid, weight.sum(axis=0) @ grid], rel=0.05)
    assert (drawn >= 0).all()


def test_records_that_say_nothing_leave_the_prior():
    none = Expansion(
        numbers=np.zeros(NUMBERS), own=np.zeros((FIRMS, LEVELS)), slope=np.zeros((FIRMS, NUMBERS + LEVELS)),
        bend=np.zeros((FIRMS, NUMBERS + LEVELS, NUMBERS + LEVELS)),
    )  # fmt: skip
    drawn = draws_apart(none, np.random.default_rng(1), 4000)
    assert drawn.mean(axis=0) == pytest.approx(SPREAD * np.sqrt(2 / np.pi), rel=0.05)
    assert np.quantile(drawn, 0.95, axis=0) == pytest.approx(1.96 * SPREAD, rel=0.05)

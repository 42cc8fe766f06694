"""Functions taken many numbers at a time are those of the standard library."""

import numpy as np

from model.quadrature import decays


def test_many_exponentials_at_once_are_those_taken_one_by_one():
    rng = np.random.default_rng(1)
    x = np.concatenate(
        [rng.normal(0, scale, 500) for scale in (1e-12, 1.0, 30.0, 200.0)] + [[0.0, -0.0, 700.0, -700.0]]
    )
    found = np.empty_like(x)
    decays(x, found, np.empty_like(x))
    within = np.abs(x) <= 700
    np.testing.assert_allclose(found[within], np.exp(-np.abs(x[within])), rtol=5e-16)


def test_what_is_too_small_to_matter_stays_a_number():
    x = np.array([701.0, -1e9, np.inf, -np.inf])
    found = np.empty_like(x)
    decays(x, found, np.empty_like(x))
    assert ((found > 0) & (found < 1e-300)).all()

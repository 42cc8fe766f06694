"""The belief of today as strain, and a draw of it, are what plain NumPy makes of the latent processes."""

import numpy as np

from model import catalogue
from model.drift import put_back, spread
from model.parameters import FACTOR
from model.population import from_prior

SAMPLES, CLIENTS, KEPT = 7, 3, 2


def test_draws_and_beliefs_are_those_of_plain_linear_algebra():
    rng = np.random.default_rng(1)
    theta = from_prior(catalogue.load(), rng=rng, n_samples=SAMPLES).theta
    mean, noise, shift, early = (rng.standard_normal((SAMPLES, CLIENTS, 4)) for _ in range(4))
    wide = rng.standard_normal((SAMPLES, CLIENTS, 4, 6))
    cov = wide @ wide.swapaxes(-1, -2)
    first_row = np.array([0, 3, 3, 4])
    after_mean, after_cov = rng.standard_normal((SAMPLES, 4, 4)), rng.standard_normal((SAMPLES, 4, 4, 4))
    latent, strain, of_mean = (np.empty((SAMPLES, CLIENTS, 4)) for _ in range(3))
    of_cov = np.empty((SAMPLES, CLIENTS, 4, 4))
    after_cov += after_cov.swapaxes(-1, -2)
    kept = np.zeros((SAMPLES, CLIENTS, KEPT, 14))
    spread(
        theta, mean, cov, shift, early, noise, first_row, after_mean, after_cov, latent, strain, of_mean, of_cov, kept
    )  # fmt: skip
    factor = theta[:, FACTOR : FACTOR + 16].reshape(-1, 1, 4, 4)
    drawn = mean + (np.linalg.cholesky(cov) @ noise[..., None])[..., 0]
    close = {"rtol": 1e-12, "atol": 1e-12}
    np.testing.assert_allclose(latent, drawn, **close)
    np.testing.assert_allclose(strain, shift + early + (factor @ drawn[..., None])[..., 0], **close)
    np.testing.assert_allclose(of_mean, shift + early + (factor @ mean[..., None])[..., 0], **close)
    np.testing.assert_allclose(of_cov, factor @ cov @ factor.swapaxes(-1, -2), **close)
    assert not kept[:, 1].any() and not kept[:, 2, 0].any()
    again = np.zeros_like(after_mean), np.zeros_like(after_cov)
    put_back(kept, 0, (0, 2), 1, *again)
    put_back(kept, 2, (1, 2), 3, *again)
    assert np.array_equal(again[0][:, 1:], after_mean[:, 1:]) and np.array_equal(again[1][:, 1:], after_cov[:, 1:])
    assert not again[0][:, 0].any() and not again[1][:, 0].any()


def test_what_is_known_for_sure_is_drawn_as_it_is():
    theta = from_prior(catalogue.load(), rng=np.random.default_rng(1), n_samples=1).theta
    room = [np.empty((1, 1, 4)) for _ in range(3)]
    mean, none = np.ones((1, 1, 4)), np.zeros((1, 1, 4, 4))
    rows = np.zeros(2, dtype=np.int64), np.zeros((1, 0, 4)), np.zeros((1, 0, 4, 4))
    spread(
        theta, mean, none, np.zeros((1, 1, 4)), np.zeros((1, 1, 4)), np.ones((1, 1, 4)), *rows, *room,
        np.empty((1, 1, 4, 4)), np.zeros((1, 1, KEPT, 14)),
    )  # fmt: skip
    assert np.array_equal(room[0], mean)

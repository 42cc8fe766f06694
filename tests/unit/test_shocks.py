"""Random numbers of simulated futures are spread as they should be, and are a client's own."""

import numpy as np
from scipy.stats import kstest

from model.seeds import seed_of
from model.shocks import N_SHOCKS, WORDS, shocks_of

MONTHS, DRAWS = 24, 128
NAMES = tuple(f"client {i}" for i in range(30))


def test_the_numbers_are_what_the_bits_of_the_generator_say():
    normal, uniform = shocks_of(NAMES[:2], 5, 3, 7)
    for c, name in enumerate(NAMES[:2]):
        bits = seed_of(f"path of {name}", 7).bit_generator.random_raw(3 * WORDS * 5).reshape(3, WORDS, 5)
        low, high = ((half + 0.5) / 2**32 for half in (bits % 2**32, bits // 2**32))
        radius, angle = np.sqrt(-2 * np.log(low[:, :3])), 2 * np.pi * (high[:, :3] - 0.5)
        pairs = np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=2).reshape(3, 6, 5)
        np.testing.assert_allclose(normal[c], pairs[:, :N_SHOCKS], rtol=1e-9, atol=1e-12)
        halves = np.stack((low[:, 3:], high[:, 3:]), axis=2).reshape(3, 6, 5)
        np.testing.assert_allclose(uniform[c], halves[:, :N_SHOCKS], rtol=1e-15)


def test_normal_numbers_are_normal_uniform_ones_uniform_and_none_tells_of_another():
    normal, uniform = shocks_of(NAMES, DRAWS, MONTHS, 1)
    for place in range(N_SHOCKS):
        assert kstest(normal[:, :, place].ravel(), "norm").pvalue > 1e-3
        assert kstest(uniform[:, :, place].ravel(), "uniform").pvalue > 1e-3
    every = np.concatenate((normal, uniform), axis=2)
    of_a_draw = np.corrcoef(np.moveaxis(every, 2, 0).reshape(2 * N_SHOCKS, -1))
    squares = np.corrcoef(np.moveaxis(normal**2, 2, 0).reshape(N_SHOCKS, -1))
    by_month = np.corrcoef(np.moveaxis(normal, 1, 0).reshape(MONTHS, -1))
    for found in (of_a_draw, squares, by_month):
        # Five standard errors of so many.
        assert np.abs(found - np.eye(len(found))).max() < 5 / np.sqrt(normal.size / MONTHS)
    assert uniform.min() > 0.0 and uniform.max() < 1.0 and np.abs(normal).max() > 4.0


def test_numbers_of_a_client_do_not_depend_on_the_others_nor_on_how_far_one_looks():
    alone, whole = shocks_of(NAMES[3:4], DRAWS, 6, 1), shocks_of(NAMES, DRAWS, MONTHS, 1)
    for one, other in zip(alone, whole, strict=True):
        assert np.array_equal(one[0], other[3, :6])
    assert not np.array_equal(whole[0], shocks_of(NAMES, DRAWS, MONTHS, 2)[0])

"""Functions taken many numbers at a time are those of the standard library."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from model.quadrature import (
    EVEN_WEIGHTS,
    NODES,
    PAIRS,
    SPACING,
    WEIGHTS,
    exponentials,
    exponentials_both_ways,
    logarithms,
)


def test_many_exponentials_at_once_are_those_taken_one_by_one():
    rng = np.random.default_rng(1)
    x = np.concatenate(
        [rng.normal(0, scale, 500) for scale in (1e-12, 1.0, 30.0, 200.0)] + [[0.0, -0.0, 700.0, -700.0]]
    )
    found = np.empty_like(x)
    exponentials(x, found)
    within = np.abs(x) <= 700
    np.testing.assert_allclose(found[within], np.exp(x[within]), rtol=5e-16)


def test_what_is_too_small_or_too_large_to_matter_stays_a_number():
    x = np.array([-701.0, -1e9, -np.inf, 701.0, 1e9, np.inf])
    found = np.empty_like(x)
    exponentials(x, found)
    assert ((found[:3] > 0) & (found[:3] < 1e-300)).all()
    assert (np.isfinite(found[3:]) & (found[3:] > 1e300)).all()


def test_exponentials_both_ways_are_those_of_a_number_and_of_its_opposite():
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.normal(0, scale, 300) for scale in (1e-9, 1.0, 100.0)] + [[0.0, 700.0, -700.0]])
    found, inverse = np.empty_like(x), np.empty_like(x)
    exponentials_both_ways(x, found, inverse)
    np.testing.assert_allclose(found, np.exp(x), rtol=5e-16)
    np.testing.assert_allclose(inverse, np.exp(-x), rtol=5e-16)
    exponentials_both_ways(np.array([1e9, -np.inf]), found[:2], inverse[:2])
    assert np.isfinite(found[:2]).all() and np.isfinite(inverse[:2]).all()


def test_a_kernel_first_called_from_code_that_may_rearrange_sums_does_not(tmp_path: Path):
    script = """
import numba, numpy as np
from model.quadrature import exponentials
@numba.njit(fastmath=True)
def caller(x, out):
    exponentials(x, out)
x = np.random.default_rng(1).normal(0, 3, 252)
out = np.empty_like(x)
caller(x, out)
assert np.abs(out / np.exp(x) - 1).max() < 1e-15
"""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)


def test_many_logarithms_at_once_are_those_taken_one_by_one():
    rng = np.random.default_rng(3)
    x = np.concatenate([np.exp(rng.normal(0, scale, 500)) for scale in (1e-9, 1.0, 200.0)] + [[1.0, 0.5, 2.0**-33]])
    found = np.empty_like(x)
    logarithms(x, found)
    np.testing.assert_allclose(found, np.log(x), rtol=1e-15, atol=1e-300)


def test_chances_come_out_as_near_with_nodes_that_lie_evenly_apart_as_with_the_others():
    many, weights = np.polynomial.hermite_e.hermegauss(150)
    even = SPACING * np.arange(-PAIRS, PAIRS + 1), EVEN_WEIGHTS[np.abs(np.arange(-PAIRS, PAIRS + 1))]
    centre = np.linspace(-6, 6, 49)[:, None]
    for deviation, allowed in ((0.5, 1e-6), (1.0, 1.2e-5), (1.5, 2e-4), (2.0, 1e-3)):
        near = [
            weight @ (1 / (1 + np.exp(-centre - deviation * node))).T
            for node, weight in ((many, weights / weights.sum()), (NODES, WEIGHTS), even)
        ]
        off, off_evenly = (np.abs(one - near[0]).max() for one in near[1:])
        assert off_evenly < allowed and off_evenly < max(1.5 * off, 1e-6)
    for power in range(8):
        moment = {0: 1.0, 2: 1.0, 4: 3.0, 6: 15.0}.get(power, 0.0)
        np.testing.assert_allclose(even[1] @ even[0] ** power, moment, atol=1e-12)

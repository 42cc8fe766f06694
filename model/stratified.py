"""Random numbers spread evenly over their range: each number by itself is what it would be, all together err less.

Latin hypercube samples (McKay, Beckman and Conover 1979): of `n` draws of a number, one falls into each of the `n`
equally likely parts of its range, in random order. Means over draws then lie closer to their expectations than those of
independent draws, the more so the nearer what is averaged is to a sum of functions of one number each (Stein 1987). The
numbers of different calls are independent of each other.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Array = NDArray[np.float64]


def uniforms(rng: np.random.Generator, n_samples: int, *shape: int) -> Array:
    """Numbers uniform between 0 and 1, never either, of shape (n_samples, *shape); each column spread evenly.

    Parameters
    ----------
    rng
        Source of randomness.
    n_samples
        Number of draws; with one, it is an ordinary random number.
    *shape
        Of one draw; every number of it has an order of its own.
    """
    # The order of independent random numbers is a random order.
    place = np.argsort(rng.random((n_samples, *shape)), axis=0)
    return _spread(place, rng.random((n_samples, *shape)), n_samples)


def normals_of_each(rngs: Sequence[np.random.Generator], n_samples: int, count: int) -> Array:
    """`normals` of several generators side by side, of shape (n_samples, generator, count)."""
    # Sorted all at once: to sort few numbers takes less than to ask for it.
    drawn = np.array([(rng.random((n_samples, count)), rng.random((n_samples, count))) for rng in rngs])
    order, within = np.ascontiguousarray(drawn.reshape(-1, 2, n_samples, count).transpose(1, 0, 3, 2))
    spread = _spread(np.argsort(order, axis=2), within, n_samples)
    return np.ascontiguousarray(ndtri(spread).transpose(2, 0, 1))


def normals(rng: np.random.Generator, n_samples: int, *shape: int) -> Array:
    """Standard normal numbers of shape (n_samples, *shape), each column spread evenly."""
    return np.asarray(ndtri(uniforms(rng, n_samples, *shape)))


def untangled(values: Array, rounds: int = 4) -> Array:
    """The draws of each number in another order, so that hardly any two numbers are correlated over the draws.

    Parameters
    ----------
    values
        Normal numbers (sample, number). Of half as many numbers as there are draws, the first ones, correlations are a
        few thousandths afterwards instead of one over the root of the number of draws; others stay as they are.
    rounds
        How often they are ordered anew: ranks follow a rotation only nearly.
    """
    found, count = values.copy(), min(values.shape[1], len(values) // 2)
    ordered = np.sort(found[:, :count], axis=0)
    for _ in range(rounds if count > 1 else 0):
        some = found[:, :count]
        standard = (some - some.mean(axis=0)) / some.std(axis=0)
        # The small ridge is for few draws of few numbers, two of which may lie on one line.
        root = np.linalg.cholesky(standard.T @ standard / len(some) + 1e-9 * np.eye(count))
        apart = np.linalg.solve(root, standard.T).T
        np.put_along_axis(found[:, :count], apart.argsort(axis=0), ordered, axis=0)
    return found


def _spread(place: NDArray[np.int64], within: Array, n_samples: int) -> Array:
    return np.asarray((place + 1.0 - within) / max(n_samples, 1)).clip(None, 1.0 - 2.0**-53)

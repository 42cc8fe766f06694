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


def untangled(values: Array, beside: Array | None = None, rounds: int = 4) -> Array:
    """The draws of each number in another order, so that hardly any two numbers are correlated over the draws.

    Parameters
    ----------
    values
        Normal numbers (sample, number), or several sets of them (sample, set, number) that have nothing to do with each
        other. Of half as many numbers as there are draws, the first ones, correlations are a few thousandths afterwards
        instead of one over the root of the number of draws; others stay as they are.
    beside
        From `directions`: other numbers of the same draws, with which none of these is correlated afterwards either.
    rounds
        How often they are ordered anew: ranks follow a rotation only nearly.
    """
    n, count = len(values), min(values.shape[-1], len(values) // 2)
    if count < 2:
        return values.copy()
    whole = np.ascontiguousarray(np.moveaxis(values.reshape(n, -1, values.shape[-1]), 0, -1))
    found = whole[:, :count].copy()
    ordered = np.sort(found, axis=-1)
    for _ in range(rounds):
        rest = found - found.mean(axis=-1, keepdims=True)
        if beside is not None:
            rest = rest - (rest @ beside) @ beside.T
        rest /= np.sqrt((rest**2).mean(axis=-1, keepdims=True))
        # The small ridge is for few draws of few numbers, two of which may lie on one line.
        root = np.linalg.cholesky(rest @ rest.swapaxes(1, 2) / n + 1e-9 * np.eye(count))
        apart = np.linalg.solve(root, rest)
        np.put_along_axis(found, apart.argsort(axis=-1), ordered, axis=-1)
    whole[:, :count] = found
    return np.ascontiguousarray(np.moveaxis(whole, -1, 0)).reshape(values.shape)


def directions(values: Array, left_free: int) -> Array:
    """What the first numbers of some draws span, of length one and at right angles (sample, direction).

    Parameters
    ----------
    values
        Of any distribution (sample, number); only their order counts, and numbers that are always the same do not.
    left_free
        How many more numbers are to be ordered beside them: that many directions fewer than half the draws are taken.
    """
    n = len(values)
    varied = np.flatnonzero(np.ptp(values, axis=0) > 0) if n else np.zeros(0, dtype=np.int64)
    some = values[:, varied[: max(n // 2 - left_free, 0)]]
    if not some.shape[1]:
        return np.zeros((n, 0))
    place = some.argsort(axis=0, kind="stable").argsort(axis=0)
    score = np.asarray(ndtri((place + 0.5) / n))
    return np.linalg.qr(score - score.mean(axis=0))[0]


def _spread(place: NDArray[np.int64], within: Array, n_samples: int) -> Array:
    return np.asarray((place + 1.0 - within) / max(n_samples, 1)).clip(None, 1.0 - 2.0**-53)

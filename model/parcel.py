"""Observations as a parcel of three flat arrays: a compiled sampler then carries three pointers instead of thirty.

The sampler compiles its access to every array it is given, anew in each process and for half a second each. One array
of reals, one of counts and one of marks cost next to nothing; their views are cut out again inside the compiled code.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.kernel import compiled, inlined
from model.likelihood import KernelData
from model.parameters import Array

START = ("start_mean", "start_cov")
FIELDS = (*START, *KernelData._fields)
N_FIELDS = len(FIELDS)


class Parcel(NamedTuple):
    """Everything the bound is computed from; `counts` begins with where each field lies and how long its sides are."""

    reals: Array
    counts: NDArray[np.int64]
    marks: NDArray[np.int8]


def pack(data: KernelData, start_mean: Array, start_cov: Array) -> Parcel:
    """Lay all arrays end to end.

    Parameters
    ----------
    data
        The observations.
    start_mean, start_cov
        Shapes (row, latent) and (row, latent, latent): where the smoother begins.
    """
    places = np.zeros((N_FIELDS, 3), dtype=np.int64)
    parts: dict[str, list[NDArray[Any]]] = {"f": [], "i": [], "b": []}
    for field, value in enumerate((start_mean, start_cov, *data)):
        array = np.ascontiguousarray(value)
        kind = "b" if array.dtype.itemsize == 1 else array.dtype.kind
        before = places.size if kind == "i" else 0
        places[field, 0] = before + sum(part.size for part in parts[kind])
        places[field, 1 : 1 + min(array.ndim, 2)] = array.shape[:2]
        parts[kind].append(array.ravel())
    return Parcel(
        reals=np.concatenate(parts["f"]).astype(np.float64),
        counts=np.concatenate([places.ravel(), *parts["i"]]).astype(np.int64),
        marks=np.concatenate(parts["b"]).astype(np.int8),
    )


@inlined
def _vector(flat, places, field):
    first = places[field, 0]
    return flat[first : first + places[field, 1]]


@inlined
def _matrix(flat, places, field):
    first, rows, columns = places[field, 0], places[field, 1], places[field, 2]
    return flat[first : first + rows * columns].reshape((rows, columns))


@compiled
def unpack(reals, counts, marks):
    """The fields of a parcel again: `start_mean`, `start_cov` and the observations, as views."""
    places = counts[: 3 * N_FIELDS].reshape((N_FIELDS, 3))
    first, rows, side = places[1, 0], places[1, 1], places[1, 2]
    start_cov = reals[first : first + rows * side * side].reshape((rows, side, side))
    data = KernelData(
        _vector(counts, places, 2),
        _matrix(marks, places, 3),
        _vector(marks, places, 4) != 0,
        _vector(counts, places, 5),
        _vector(counts, places, 6),
        _vector(counts, places, 7),
        _matrix(reals, places, 8),
        _vector(counts, places, 9),
        _vector(counts, places, 10),
        counts[places[11, 0]],
        counts[places[12, 0]],
        counts[places[13, 0]],
        _matrix(reals, places, 14),
        _vector(counts, places, 15),
        _vector(counts, places, 16),
        _vector(reals, places, 17),
        _vector(reals, places, 18),
        _vector(reals, places, 19),
        _vector(counts, places, 20),
        _vector(counts, places, 21),
        _vector(counts, places, 22),
        _vector(counts, places, 23),
        _vector(counts, places, 24),
        _vector(reals, places, 25),
        _vector(reals, places, 26),
        _vector(reals, places, 27),
        _vector(reals, places, 28),
        _vector(reals, places, 29),
    )
    return _matrix(reals, places, 0), start_cov, data

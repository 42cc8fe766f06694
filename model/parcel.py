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

N_FIELDS = len(KernelData._fields)


class Parcel(NamedTuple):
    """Everything the bound is computed from; `counts` begins with where each field lies and how long its sides are."""

    reals: Array
    counts: NDArray[np.int64]
    marks: NDArray[np.int8]


def pack(data: KernelData) -> Parcel:
    """Lay all arrays of the observations end to end."""
    places = np.zeros((N_FIELDS, 3), dtype=np.int64)
    parts: dict[str, list[NDArray[Any]]] = {"f": [], "i": [], "b": []}
    for field, value in enumerate(data):
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
    """The observations of a parcel again, as views."""
    places = counts[: 3 * N_FIELDS].reshape((N_FIELDS, 3))
    return KernelData(
        _vector(counts, places, 0),
        _matrix(marks, places, 1),
        _vector(marks, places, 2) != 0,
        _vector(counts, places, 3),
        _vector(counts, places, 4),
        _vector(counts, places, 5),
        _matrix(reals, places, 6),
        _vector(counts, places, 7),
        _vector(counts, places, 8),
        counts[places[9, 0]],
        counts[places[10, 0]],
        counts[places[11, 0]],
        _matrix(reals, places, 12),
        _vector(counts, places, 13),
        _vector(counts, places, 14),
        _vector(reals, places, 15),
        _vector(reals, places, 16),
        _vector(reals, places, 17),
        _vector(counts, places, 18),
        _vector(counts, places, 19),
        _vector(counts, places, 20),
        _vector(counts, places, 21),
        _vector(counts, places, 22),
        _vector(reals, places, 23),
        _vector(reals, places, 24),
        _vector(reals, places, 25),
        _vector(reals, places, 26),
        _vector(reals, places, 27),
        _vector(reals, places, 28),
    )

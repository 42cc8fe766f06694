"""Random numbers of simulated futures: uniform and standard normal ones, for every client, month and draw.

A generator gives 64 random bits at a time. Half of them make a uniform number finer than any chance that is compared
with it, and two of those make two normal ones (Box and Muller 1958), many at once; to make normal numbers one at a time
takes four times as long.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.bits import number_of
from model.kernel import compiled, fused
from model.quadrature import logarithms
from model.seeds import seeds_of

Array = NDArray[np.float64]
Words = NDArray[np.uint64]
N_SHOCKS = 5  # of each kind
PAIRS = (N_SHOCKS + 1) // 2
WORDS = 2 * PAIRS  # of 64 bits, two numbers each: pairs for the normal ones, then the uniform ones
HALF = np.uint64(32)
LOW = np.uint64(0xFFFFFFFF)
# A double of this exponent holds a whole number of 32 bits in its lowest ones.
TWO_52, BITS_OF_TWO_52 = 2.0**52, np.uint64(0x4330000000000000)
# Of the Taylor series of sine and cosine.
S3, S5, S7, S9, S11 = -1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800
C2, C4, C6, C8, C10, C12 = -1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800, 1 / 479001600


def shocks_of(clients: Sequence[str], n_samples: int, months: int, seed: int) -> tuple[Array, Array]:
    """Random numbers of the simulated futures, each (client, month, 5, sample): standard normal, and uniform.

    The normal ones move strain and hours, the uniform ones, above 0 and below 1, say what happens. Those of a client
    depend on its name and `seed` alone, and a longer horizon leaves those of the earlier months as they were.
    """
    normal = np.empty((len(clients), months, N_SHOCKS, n_samples))
    uniform = np.empty_like(normal)
    room = np.empty((3, n_samples))
    for c, rng in enumerate(seeds_of([f"path of {name}" for name in clients], seed)):
        drawn = rng.bit_generator.random_raw(months * WORDS * n_samples)
        _made(drawn.reshape(months, WORDS, n_samples), normal[c], uniform[c], room)
    return normal, uniform


@compiled
def _made(drawn: Words, normal: Array, uniform: Array, room: Array) -> None:
    other = np.empty(drawn.shape[2])
    for month in range(len(drawn)):
        for p in range(PAIRS):
            _halves(drawn[month, p], room[0], room[1])
            second = normal[month, 2 * p + 1] if 2 * p + 1 < N_SHOCKS else other
            logarithms(room[0], room[2])  # type: ignore[no-untyped-call]
            _turned(room[2], room[1], normal[month, 2 * p], second)
        for p in range(PAIRS):
            second = uniform[month, 2 * p + 1] if 2 * p + 1 < N_SHOCKS else other
            _halves(drawn[month, PAIRS + p], uniform[month, 2 * p], second)


@compiled
def _halves(words: Words, first: Array, second: Array) -> None:
    # Two uniform numbers of every word, in the middle of the part of the range they stand for.
    for s in range(len(words)):
        first[s] = (number_of((words[s] & LOW) | BITS_OF_TWO_52) - TWO_52 + 0.5) * 2.0**-32
        second[s] = (number_of((words[s] >> HALF) | BITS_OF_TWO_52) - TWO_52 + 0.5) * 2.0**-32


@fused
def _turned(log_uniform: Array, turn: Array, first: Array, second: Array) -> None:
    # A radius of the right distribution and an even angle; the angle's quarter lies where the series are short.
    for s in range(len(turn)):
        quarter = (turn[s] - 0.5) * (0.5 * np.pi)
        q = quarter * quarter
        sine = quarter * (1.0 + q * (S3 + q * (S5 + q * (S7 + q * (S9 + q * S11)))))
        cosine = 1.0 + q * (C2 + q * (C4 + q * (C6 + q * (C8 + q * (C10 + q * C12)))))
        sine, cosine = 2.0 * (sine * cosine), 1.0 - 2.0 * (sine * sine)
        radius = np.sqrt(-2.0 * log_uniform[s])
        first[s] = radius * (1.0 - 2.0 * (sine * sine))
        second[s] = radius * (2.0 * (sine * cosine))

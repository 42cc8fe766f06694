"""Generators by name: the random numbers of a client depend on its name and a seed, and on nothing else.

`numpy.random.default_rng` mixes what it is seeded with number by number, and a book asks for three generators a client.
The same mixing (O'Neill 2015, as NumPy's `SeedSequence` has it and promises to keep) is done here of many names in one
compiled pass; the generators are the very same.
"""

from collections.abc import Sequence
from functools import cached_property
from hashlib import blake2b, sha256
from typing import Any

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence
from numpy.random.bit_generator import ISpawnableSeedSequence
from numpy.typing import NDArray

from model.kernel import compiled

POOL = 4
NAME_BYTES = 16


def seed_of(name: str, seed: int) -> Generator:
    """A generator that depends on a name and a seed, and on nothing else."""
    return seeds_of([name], seed)[0]


def seeds_of(names: Sequence[str], seed: int) -> list[Generator]:
    """The generators of several names, in their order.

    Parameters
    ----------
    names
        What each is for.
    seed
        At least 0.
    """
    # Every byte of the digest counts as a number of its own.
    digests = b"".join(sha256(name.encode()).digest()[:NAME_BYTES] for name in names)
    of_names = np.frombuffer(digests, dtype=np.uint8).reshape(len(names), NAME_BYTES).astype(np.uint32)
    of_seed = np.tile(np.array(_words(seed), dtype=np.uint32), (len(names), 1))
    return _generators(np.hstack((of_seed, of_names)))


def purposes_of(purposes: Sequence[str], seed: int) -> list[Generator]:
    """The generators of several purposes within an answer, in their order; others than those of the same names.

    Parameters
    ----------
    purposes
        What each is for.
    seed
        At least 0.
    """
    own = _words(seed)
    entropy = [own + _words(int.from_bytes(blake2b(one.encode(), digest_size=8).digest())) for one in purposes]
    if len({len(words) for words in entropy}) == 1:
        return _generators(np.array(entropy, dtype=np.uint32))
    return [_generators(np.array([words], dtype=np.uint32))[0] for words in entropy]


class _Mixed(ISpawnableSeedSequence):
    """What a bit generator asks its seed for, worked out before."""

    def __init__(self, entropy: NDArray[np.uint32], state: NDArray[np.uint64]) -> None:
        self._entropy, self._state = entropy, state

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> NDArray[Any]:
        """The state a PCG64 begins with, which is all that is asked for."""
        del n_words, dtype
        return self._state

    def spawn(self, n_children: int) -> list[SeedSequence]:  # type: ignore[override]
        """Seeds of generators that are independent of this one and of each other."""
        return self._numpys.spawn(n_children)

    @cached_property
    def _numpys(self) -> SeedSequence:
        # Counts its children.
        return SeedSequence(self._entropy.tolist())


def _generators(entropy: NDArray[np.uint32]) -> list[Generator]:
    states = np.empty((len(entropy), 2 * POOL), dtype=np.uint32)
    _mix(entropy, states)
    # NumPy takes any such sequence; its stubs know only its own.
    every = [_Mixed(*one) for one in zip(entropy, states.view(np.uint64), strict=True)]
    return [Generator(PCG64(seed)) for seed in every]  # type: ignore[arg-type]


def _words(number: int) -> list[int]:
    # A number is as many words as it takes, the lowest first, and none is one word too.
    if number < 0:
        raise ValueError(f"a seed is 0 or more; {number} came.")
    found = [number & 0xFFFFFFFF]
    while number := number >> 32:
        found.append(number & 0xFFFFFFFF)
    return found


@compiled
def _mix(entropy, states):
    # All sums and products are of 32 bits, in words of 64 so that no rule of mixed types has a say.
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(16)
    pool = np.zeros(4, dtype=np.uint64)
    for n in range(entropy.shape[0]):
        factor = np.uint64(0x43B0D7E5)
        n_words = entropy.shape[1]
        for i in range(4):
            value = np.uint64(entropy[n, i]) if i < n_words else np.uint64(0)
            value ^= factor
            factor = (factor * np.uint64(0x931E8875)) & low
            value = (value * factor) & low
            pool[i] = value ^ (value >> half)
        for source in range(max(4, n_words)):
            for i in range(4):
                if source == i:
                    continue
                value = pool[source] if source < 4 else np.uint64(entropy[n, source])
                value ^= factor
                factor = (factor * np.uint64(0x931E8875)) & low
                value = (value * factor) & low
                value ^= value >> half
                mixed = (np.uint64(0xCA01F9DD) * pool[i] - np.uint64(0x4973F715) * value) & low
                pool[i] = mixed ^ (mixed >> half)
        factor = np.uint64(0x8B51F9DD)
        for i in range(8):
            value = pool[i % 4] ^ factor
            factor = (factor * np.uint64(0x58F38DED)) & low
            value = (value * factor) & low
            states[n, i] = np.uint32(value ^ (value >> half))

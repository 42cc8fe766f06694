"""Generators made side by side are those NumPy makes one by one."""

from hashlib import blake2b, sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.seeds import purposes_of, seed_of, seeds_of

NAMES = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=4)
SEEDS = st.sampled_from([0, 1, 7, 2**32 - 1, 2**32, 2**40 + 3, 2**64, 2**200])


@given(NAMES, SEEDS)
def test_generators_of_names_are_numpys(names, seed):
    expected = [np.random.default_rng([seed, *sha256(name.encode()).digest()[:16]]) for name in names]
    assert _states(seeds_of(names, seed)) == _states(expected)
    assert all(_states([seed_of(name, seed)]) == _states([one]) for name, one in zip(names, expected, strict=True))


@given(NAMES, SEEDS)
def test_generators_of_purposes_are_numpys(names, seed):
    expected = [np.random.default_rng([seed, _digest(name)]) for name in names]
    assert _states(purposes_of(names, seed)) == _states(expected)


def test_a_digest_that_begins_with_zeros_is_a_shorter_number():
    small = next(
        n for n in map(str, range(10**6)) if int.from_bytes(blake2b(n.encode(), digest_size=8).digest()) < 2**50
    )
    short = int.from_bytes(blake2b(small.encode(), digest_size=8).digest())
    assert _states(purposes_of([small, "other"], 1))[:1] == _states([np.random.default_rng([1, short])])


def test_what_generators_bring_forth_is_what_numpys_do():
    ours, numpys = seed_of("Ada", 3), np.random.default_rng([3, *sha256(b"Ada").digest()[:16]])
    assert _states([*ours.spawn(2), *ours.spawn(1)]) == _states([*numpys.spawn(2), *numpys.spawn(1)])


def test_a_seed_below_zero_is_refused():
    with pytest.raises(ValueError, match="seed"):
        seed_of("Ada", -1)


def _digest(name):
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest())


def _states(generators):
    return [generator.bit_generator.state["state"] for generator in generators]

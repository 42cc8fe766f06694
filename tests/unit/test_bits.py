"""Bits taken for another kind of number are what an array shows that is looked at in another way."""

import numpy as np

from model.bits import bits_of, number_of
from model.kernel import compiled


@compiled
def there_and_back(numbers, bits, again):
    for i in range(len(numbers)):
        bits[i] = bits_of(numbers[i])
        again[i] = number_of(bits[i])


def test_bits_are_those_in_memory_and_make_the_number_again():
    numbers = np.array([0.0, -0.0, 1.0, -2.5, 5e-324, np.inf, np.pi])
    bits, again = np.empty(len(numbers), dtype=np.int64), np.empty_like(numbers)
    there_and_back(numbers, bits, again)
    assert np.array_equal(bits, numbers.view(np.int64)) and np.array_equal(again.view(np.int64), bits)

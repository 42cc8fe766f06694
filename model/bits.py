"""The bits of a number taken for those of another kind of number, in compiled code.

A power of two is made by writing its exponent. Through memory, as an array looked at in another way, that takes a loop
of its own and a number stored and read again; within a register it takes nothing.
"""

from collections.abc import Callable
from typing import Any, cast

from numba import types
from numba.extending import intrinsic


def _known_to_the_compiler(function: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    return cast(Callable[[Any], Any], intrinsic(function))


@_known_to_the_compiler
def bits_of(_: Any, number: Any) -> Any:
    """The bits of a floating-point number, as a whole number."""
    return types.int64(number), _same_bits


@_known_to_the_compiler
def number_of(_: Any, bits: Any) -> Any:
    """The floating-point number of such bits."""
    return types.float64(bits), _same_bits


def _same_bits(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    return builder.bitcast(values[0], context.get_value_type(signature.return_type))

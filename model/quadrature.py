"""Expectations under a normal distribution: Gauss-Hermite nodes, and the functions they are taken of, compiled."""

from math import factorial

import numpy as np

from model.bits import bits_of, number_of
from model.kernel import compiled, fused, inlined

_raw_nodes, _raw_weights = np.polynomial.hermite_e.hermegauss(7)
N_NODES = 7
NODES = np.ascontiguousarray(_raw_nodes)
WEIGHTS = _raw_weights / _raw_weights.sum()
# Seven nodes that lie evenly apart: the exponentials of a number at all of them are powers of one. Their weights make
# moments up to the seventh right, and a chance whose logit is normal comes out as near as with the others: off by 1e-5
# at most where the standard deviation of the logit is 1, and by 1e-3 where it is 2.
PAIRS, SPACING = 3, 1.1


def _even_weights() -> np.ndarray:
    # Of the middle node, then of each of a pair; the even moments of a standard normal are 1, 1, 3, 15.
    nodes, powers = SPACING * np.arange(PAIRS + 1), 2 * np.arange(PAIRS + 1)[:, None]
    pair = np.array([1.0] + [2.0] * PAIRS)
    return np.linalg.solve(pair * nodes**powers, [1.0, 1.0, 3.0, 15.0])


EVEN_WEIGHTS = _even_weights()
MAX_LOG_RATE = 30.0  # far beyond any real record; keeps exp() finite on hostile ones
MOST_LOG_REFERRALS = 3.0

LARGEST = 700.0
LOG2_E = 1.4426950408889634
# ln 2 in two parts, so that a whole number times the first is exact (Cody and Waite 1980).
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
WHOLE = 6755399441055744.0  # 1.5 * 2**52: added, it leaves the nearest whole number in the lowest bits
BIAS = 1023 << 52
BITS_OF_WHOLE, BITS_OF_ROOT_HALF = (int(np.array(number).view(np.int64)) for number in (WHOLE, np.sqrt(0.5)))
A3, A5, A7, A9, A11, A13, A15, A17, A19 = (1.0 / k for k in range(3, 20, 2))
T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12 = (1.0 / factorial(k) for k in range(2, 13))


@inlined
def sigmoid(x):
    """Logistic function, without overflow at either end."""
    if x >= 0.0:
        return 1.0 / (1.0 + np.exp(-x))
    e = np.exp(x)
    return e / (1.0 + e)


@fused
def exponentials(x, out):
    """`exp(x)` of many numbers, into `out`, to within two units in the last place.

    Written so that a compiler does four or eight at a time, which it does not with the exponential of the C library:
    2**k times a Taylor polynomial on half a binade. Beyond 700 either way it is that of 700 or of -700.

    Parameters
    ----------
    x, out
        Shape (n,), not the same.
    """
    for i in range(x.shape[0]):
        a = x[i] if x[i] > -LARGEST else -LARGEST
        a = a if a < LARGEST else LARGEST
        whole = a * LOG2_E + WHOLE
        k = whole - WHOLE
        r = (a - k * LN2_HIGH) - k * LN2_LOW
        high = T6 + r * (T7 + r * (T8 + r * (T9 + r * (T10 + r * (T11 + r * T12)))))
        rest = 1.0 + r * (1.0 + r * (T2 + r * (T3 + r * (T4 + r * (T5 + r * high)))))
        out[i] = rest * number_of((bits_of(whole) << 52) + BIAS)


@fused
def exponentials_both_ways(x, out, inverse):
    """`exp(x)` of many numbers into `out` and `exp(-x)` into `inverse`, for little more than one of the two.

    The even and the odd part of the polynomial of `exponentials`, added and subtracted; to within as much.

    Parameters
    ----------
    x, out, inverse
        Shape (n,), none of them the same.
    """
    for i in range(x.shape[0]):
        a = x[i] if x[i] > -LARGEST else -LARGEST
        a = a if a < LARGEST else LARGEST
        whole = a * LOG2_E + WHOLE
        k = whole - WHOLE
        r = (a - k * LN2_HIGH) - k * LN2_LOW
        q = r * r
        even = 1.0 + q * (T2 + q * (T4 + q * (T6 + q * (T8 + q * (T10 + q * T12)))))
        odd = r * (1.0 + q * (T3 + q * (T5 + q * (T7 + q * (T9 + q * T11)))))
        # The other power of two: exponents add up to twice the bias.
        power = (bits_of(whole) << 52) + BIAS
        out[i] = (even + odd) * number_of(power)
        inverse[i] = (even - odd) * number_of(2 * BIAS - power)


@fused
def logarithms(x, out):
    """`log(x)` of many numbers above 0 into `out`, as near as that of the library.

    A power of two, and the series of the inverse hyperbolic tangent of what is left between the roots of 1/2 and 2.

    Parameters
    ----------
    x, out
        Shape (n,), not the same.
    """
    for i in range(x.shape[0]):
        bits = bits_of(x[i])
        whole = (bits - BITS_OF_ROOT_HALF) >> 52
        k, rest = number_of(whole + BITS_OF_WHOLE) - WHOLE, number_of(bits - (whole << 52))
        t = (rest - 1.0) / (rest + 1.0)
        q = t * t
        high = A9 + q * (A11 + q * (A13 + q * (A15 + q * (A17 + q * A19))))
        series = q * (A3 + q * (A5 + q * (A7 + q * high)))
        out[i] = k * LN2_HIGH + (k * LN2_LOW + 2.0 * (t + t * series))


@compiled
def log1p_exp(x):
    """log(1 + exp(x)), without overflow."""
    return max(x, 0.0) + np.log1p(np.exp(-abs(x)))

"""When to go on looking: reservation values of things that cost something to inspect."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import erf, exp, pi, sqrt
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Box(Protocol):
    """Something whose value is known only after paying to look."""

    @property
    def mean(self) -> float:
        """Expected value."""
        ...

    def excess(self, threshold: float) -> float:
        """E[max(0, X - threshold)], in money."""
        ...

    def above(self, threshold: float) -> float:
        """Probability that X exceeds `threshold`."""
        ...


@dataclass(frozen=True, slots=True)
class Normal:
    """A normally distributed value, in money."""

    mean: float
    sd: float

    def excess(self, threshold: float) -> float:
        """`m Phi(m / s) + s phi(m / s)` with m = mean - threshold."""
        lead = self.mean - threshold
        if self.sd == 0:
            return max(0.0, lead)
        z = lead / self.sd
        return lead * _normal_cdf(z) + self.sd * exp(-z * z / 2) / sqrt(2 * pi)

    def above(self, threshold: float) -> float:
        """Probability that the value exceeds `threshold`."""
        return float(self.mean > threshold) if self.sd == 0 else _normal_cdf((self.mean - threshold) / self.sd)


@dataclass(frozen=True, slots=True)
class Uniform:
    """A value uniform between `low` and `high`, in money."""

    low: float
    high: float

    @property
    def mean(self) -> float:
        """Expected value."""
        return (self.low + self.high) / 2

    def excess(self, threshold: float) -> float:
        """`(high - z)^2 / (2 (high - low))` within the range."""
        if threshold <= self.low:
            return self.mean - threshold
        return max(0.0, self.high - threshold) ** 2 / (2 * (self.high - self.low))

    def above(self, threshold: float) -> float:
        """Probability that the value exceeds `threshold`."""
        return min(1.0, max(0.0, (self.high - threshold) / (self.high - self.low)))


@dataclass(frozen=True)
class Discrete:
    """Values (outcome) with their probabilities; without probabilities they are equally likely, as draws are."""

    values: ArrayLike
    probabilities: ArrayLike | None = None

    @property
    def mean(self) -> float:
        """Expected value."""
        values, weights = self.outcomes()
        return float(weights @ values)

    def excess(self, threshold: float) -> float:
        """Mean of what exceeds `threshold`."""
        values, weights = self.outcomes()
        return float(weights @ np.maximum(0.0, values - threshold))

    def above(self, threshold: float) -> float:
        """Probability that the value exceeds `threshold`."""
        values, weights = self.outcomes()
        return float(weights @ (values > threshold))

    def outcomes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Values and probabilities as arrays (outcome).

        Raises
        ------
        ValueError
            If they do not pair up or the probabilities are negative or do not sum to 1.
        """
        values = np.asarray(self.values, dtype=np.float64).ravel()
        if self.probabilities is None:
            return values, np.full(len(values), 1.0 / max(1, len(values)))
        weights = np.asarray(self.probabilities, dtype=np.float64).ravel()
        if len(weights) != len(values) or (weights < 0).any() or abs(weights.sum() - 1) > 1e-9:
            raise ValueError("each value needs a probability, none negative, with sum 1.")
        return values, weights


def reservation_value(box: Box, cost: float) -> float:
    """The value in hand at which looking into `box` for `cost` is just not worth it: z with E[(X - z)+] = cost.

    Open boxes in the order of it and stop when the best in hand is above all that are left (Weitzman 1979).

    Parameters
    ----------
    box
        The value's distribution, before the look.
    cost
        Price of looking, in money.

    Raises
    ------
    ValueError
        If the cost is not above 0: a free look is always worth it.
    """
    if not cost > 0:
        raise ValueError(f"a reservation value needs a cost above 0; {cost} came.")
    return _root(lambda z: box.excess(z) - cost, box.mean - cost, max(1.0, cost))


def value_of_looking(box: Box, cost: float, in_hand: float) -> float:
    """Expected value of looking into `box` once and taking the better of it and what is in hand."""
    return in_hand + box.excess(in_hand) - cost


def value_in_order(boxes: Sequence[tuple[Discrete, float]], in_hand: float = 0.0) -> float:
    """Expected value of opening independent boxes in the given order, stopping where the next is not worth its cost.

    Parameters
    ----------
    boxes
        Pairs of a discrete box and the cost of opening it.
    in_hand
        What can be taken without opening any.
    """
    if not boxes:
        return in_hand
    (box, cost), later = boxes[0], boxes[1:]
    values, weights = box.outcomes()
    opened = sum(w * value_in_order(later, max(in_hand, v)) for v, w in zip(values, weights, strict=True)) - cost
    return float(max(opened, value_in_order(later, in_hand)))


def lasting_offer(box: Box, income_while_searching: float, discount: float) -> float:
    """Smallest offer to accept for ever when one offer comes each period (McCall 1970).

    `w = income + discount / (1 - discount) E[(W - w)+]`.

    Parameters
    ----------
    box
        Distribution of an offer per period, in money.
    income_while_searching
        Money of a period spent searching.
    discount
        Factor per period, in [0, 1).
    """
    if not 0.0 <= discount < 1.0:
        raise ValueError(f"discount must lie in [0, 1); {discount} came.")
    weight = discount / (1.0 - discount)
    scale = max(1.0, abs(income_while_searching))
    return _root(lambda w: income_while_searching + weight * box.excess(w) - w, income_while_searching, scale)


def _root(falling: Callable[[float], float], start: float, step: float) -> float:
    from scipy.optimize import brentq

    low = high = start
    while falling(low) < 0:
        low -= step
        step *= 2
    while falling(high) > 0:
        high += step
        step *= 2
    return low if low == high else float(brentq(falling, low, high, xtol=1e-12, rtol=1e-14, maxiter=500))


def _normal_cdf(z: float) -> float:
    return (1.0 + erf(z / sqrt(2.0))) / 2.0

"""How far firms differ: its posterior where each firm's bound is known to second order.

Given how far firms differ, the standard normal numbers behind the platform's parameters and the levels of all its
firms are jointly normal, so that the levels, then the numbers, are integrated out in closed form. What is left is a
density in one number for each level. It is drawn from by weighing draws of a Student distribution, which is moved to
where they say it should be (population Monte Carlo, Cappé and others 2004).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri

from model.levels import SPREAD
from model.parameters import Array
from model.stratified import normals

TAILS = 8.0  # degrees of freedom of the Student distribution
WEIGHED = (500, 1000, 3000)
FARTHEST = 4.0  # of the most probable numbers from zero: nobody is that sure that firms are alike, or are not
ALONG, LEAST_BEND = 0.3, 0.5  # step of second differences; nothing is much less sure than before there were records
ROUNDING = 1e-6


@dataclass(frozen=True, kw_only=True)
class Expansion:
    """Bound of each firm to second order, in the numbers behind the platform's parameters and in the firm's levels.

    Parameters
    ----------
    numbers, own
        Shapes (number,) and (firm, level): what it is expanded about; levels in standard deviations of their priors.
    slope
        Shape (firm, number + level): gradient there.
    bend
        Shape (firm, number + level, number + level): negative second derivatives, none of them below zero.
    """

    numbers: Array
    own: Array
    slope: Array
    bend: Array

    @cached_property
    def shared(self) -> Array:
        """What all firms together say of the numbers where none has levels of its own, shape (number, number)."""
        count = len(self.numbers)
        return np.asarray(self.bend[:, :count, :count].sum(axis=0))

    @cached_property
    def unmoved(self) -> Array:
        """Gradient where all levels are zero, shape (firm, number + level)."""
        return np.asarray(self.slope + np.einsum("fxl,fl->fx", self.bend[:, :, len(self.numbers) :], self.own))


def draws_apart(known: Expansion, rng: np.random.Generator, n_samples: int, weighed: Sequence[int] = WEIGHED) -> Array:
    """Draws of how far firms differ, in standard deviations of the levels' priors, shape (sample, level).

    Parameters
    ----------
    known
        What the firms' records say.
    rng
        Source of randomness.
    n_samples
        How many.
    weighed
        Draws of the Student distribution before each move of it, and at last.
    """
    n_levels = known.own.shape[1]

    def height(number: Array) -> float:
        return Given(known, _apart(number)).log_evidence - 0.5 * float(number @ number)

    bounds = [(-FARTHEST, FARTHEST)] * n_levels
    found = minimize(lambda number: -height(number), np.zeros(n_levels), method="L-BFGS-B", bounds=bounds)
    middle = np.asarray(found.x)
    # Records say little of how one way of differing goes with another: each by itself will do to begin with.
    steps = ALONG * np.eye(n_levels)
    bend = np.array([2.0 * height(middle) - height(middle + step) - height(middle - step) for step in steps]) / ALONG**2
    root = np.diag(1.0 / np.sqrt(np.maximum(bend, LEAST_BEND)))
    for count in weighed:
        tried = normals(rng, count, n_levels) * np.sqrt(TAILS / rng.chisquare(TAILS, count))[:, None]
        numbers = middle + tried @ root.T
        told = np.array([height(number) for number in numbers])
        told += 0.5 * (TAILS + n_levels) * np.log1p((tried**2).sum(axis=1) / TAILS)
        weight = np.exp(told - told.max())
        weight /= weight.sum()
        middle = weight @ numbers
        off = numbers - middle
        root = np.linalg.cholesky((weight[:, None] * off).T @ off + ROUNDING * np.eye(n_levels))
    # Evenly along the weights, in random order.
    chosen = np.searchsorted(np.cumsum(weight), (rng.permutation(n_samples) + rng.random()) / n_samples)
    return _apart(numbers[np.minimum(chosen, len(numbers) - 1)])


def draws_given(known: Expansion, apart: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draws of the numbers (sample, number) and of the levels (sample, firm, level), one for each of `apart`."""
    noise = normals(rng, len(apart), len(known.numbers))
    own_noise = normals(rng, len(apart), *known.own.shape)
    drawn = [Given(known, one).draw(*both) for one, *both in zip(apart, noise, own_noise, strict=True)]
    return np.array([numbers for numbers, _ in drawn]), np.array([own for _, own in drawn])


class Given:
    """The normal of the numbers and the levels, given how far firms differ.

    Parameters
    ----------
    known
        What the firms' records say.
    apart
        Shape (level,): how far they differ, in standard deviations of the levels' priors.

    Attributes
    ----------
    log_evidence
        Log density of the records with numbers and levels integrated out, up to a constant.
    """

    def __init__(self, known: Expansion, apart: Array) -> None:
        count = len(known.numbers)
        # Levels in units of how far firms differ: a standard normal prior, also where they do not differ at all.
        self._known, self._apart = known, apart
        self._pull = apart * known.unmoved[:, count:]
        self._across = apart[:, None] * known.bend[:, count:, :count]
        self._precision = np.eye(len(apart)) + apart[:, None] * known.bend[:, count:, count:] * apart
        both = np.concatenate([self._across, self._pull[:, :, None]], axis=2)
        solved = np.linalg.solve(self._precision, both).reshape(-1, count + 1)
        across = self._across.reshape(-1, count)
        self._root = np.linalg.cholesky(np.eye(count) + known.shared - across.T @ solved[:, :count])
        drawn_to = known.unmoved[:, :count].sum(axis=0) - known.numbers - across.T @ solved[:, count]
        self._white = np.linalg.solve(self._root, drawn_to)
        self.log_evidence = float(
            0.5 * (self._white @ self._white + self._pull.ravel() @ solved[:, count])
            - np.log(np.diag(self._root)).sum()
            - 0.5 * np.linalg.slogdet(self._precision)[1].sum()
        )

    def draw(self, noise: Array, own_noise: Array) -> tuple[Array, Array]:
        """Numbers (number,) and levels (firm, level) from standard normal numbers of those shapes."""
        off = np.linalg.solve(self._root.T, self._white + noise)
        root = np.linalg.cholesky(self._precision)
        mean = np.linalg.solve(self._precision, (self._pull - self._across @ off)[:, :, None])[:, :, 0]
        scatter = np.linalg.solve(root.swapaxes(1, 2), own_noise[:, :, None])[:, :, 0]
        return self._known.numbers + off, self._apart * (mean + scatter)


def _apart(number: Array) -> Array:
    # Half-normal a priori, from a standard normal number.
    return SPREAD * np.asarray(-ndtri(0.5 * ndtr(-number)))

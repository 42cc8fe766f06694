"""A fit of a platform in seconds: normals near the posterior of its population and of each firm's levels.

As in `model.quick_fit`, the bound is expanded to second order in the standard normal numbers behind the parameters,
here firm by firm and in the firm's levels as well. Given how far firms differ, all of these are jointly normal, and the
levels can be integrated out; what is left is a density of how far firms differ alone, in one number for each level. It
is drawn from by weighing draws of a Student distribution, which is moved to where they say it should be (population
Monte Carlo, Cappé and others 2004).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri

from model import priors as prior_table
from model.errors import FitError
from model.firms import Firms
from model.language import phrase
from model.levels import SPREAD, Levels, levels_of
from model.likelihood import KernelData, kernel_data
from model.observations import Ints
from model.own_levels import bounds_of_firms
from model.parameters import Array
from model.platform_fit import PlatformFit, enough_to_fit, put_together
from model.priors import Priors
from model.quick_fit import FAR, LEAST_STEP, MOST_MOVES, MOST_STEPS, PAIRS, SETTLED, STALLED, WITHIN
from model.standard import Standard
from model.stratified import normals

DRAWS = 1000
TAILS, CANDIDATES = (
    8.0,
    (500, 1000, 3000),
)  # degrees of freedom of the Student distribution, and draws of it that are weighed
FARTHEST, ALONG, LEAST_BEND = 4.0, 0.3, 0.5


def quick_platform(
    firms: Firms,
    *,
    as_of: date,
    seed: int = 1,
    priors: Priors | None = None,
    draws: int = DRAWS,
    cancelled: Callable[[], bool] | None = None,
) -> PlatformFit:
    """Approximate the posterior of a platform's population, how far its firms differ, and the levels of each.

    Parameters
    ----------
    firms
        Clients of several firms.
    as_of
        The day they were observed.
    seed
        Of the draws.
    priors
        Other priors than the shipped ones.
    draws
        How many.
    cancelled
        Asked some times a second; it stops soon after that says yes.

    Raises
    ------
    FitError
        If there are too few firms or clients, it was cancelled, or the middle does not settle.
    """
    enough_to_fit(firms)
    table = priors or prior_table.load()
    levels = levels_of(firms.catalogue, table)
    target = _Target(
        standard=Standard.of(firms.catalogue, table), levels=levels, first_client=firms.first_client,
        data=kernel_data(firms.observations, firms.catalogue), stop=cancelled or (lambda: False),
    )  # fmt: skip
    rng = np.random.default_rng([seed, 0x706C6174])
    # How far firms differ decides how far each is drawn to the others, and where each is, how far they differ.
    apart = SPREAD * np.sqrt(2.0 / np.pi) * np.ones(levels.count)
    place = _mode(target, apart, _Place.none(target))
    apart = _apart(target.expanded(place), rng, 100).mean(axis=0)
    known = _settled(target, apart, _mode(target, apart, place), rng)
    drawn = _apart(known, rng, draws)
    numbers, own = _numbers(known, drawn, rng)
    return put_together(
        firms, levels, table, as_of=as_of, basis="quick", centre=target.standard.parameters(numbers), apart=drawn,
        own=own, ratio=numbers.std(axis=0),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    # Numbers (..., number) of the platform, and levels (..., firm, level) in standard deviations of their priors.
    numbers: Array
    own: Array

    @staticmethod
    def none(target: "_Target") -> "_Place":
        return _Place(
            numbers=np.zeros(target.standard.count), own=np.zeros((len(target.first_client) - 1, target.levels.count))
        )

    def joint(self) -> Array:
        return np.concatenate([self.numbers, self.own.reshape(*self.own.shape[:-2], -1)], axis=-1)

    def moved(self, joint: Array) -> "_Place":
        # By steps of shape (..., number + firm * level).
        count = len(self.numbers)
        steps = joint[..., count:].reshape(*joint.shape[:-1], *self.own.shape)
        return _Place(numbers=self.numbers + joint[..., :count], own=self.own + steps)


@dataclass(frozen=True, kw_only=True)
class _Expansion:
    # Bound of each firm to second order in the numbers and its levels.
    place: _Place
    slope: Array  # (firm, number + level), at `place`
    bend: Array  # (firm, number + level, number + level), negative second derivatives, none below zero

    @cached_property
    def shared(self) -> Array:
        # Of all firms in the numbers, which is asked for with every draw.
        count = len(self.place.numbers)
        return np.asarray(self.bend[:, :count, :count].sum(axis=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    # Bound of each firm as a function of the numbers and of its levels.
    standard: Standard
    levels: Levels
    data: KernelData
    first_client: Ints
    stop: Callable[[], bool]

    def at(self, places: _Place) -> tuple[Array, Array]:
        # Bounds (point, firm), and slopes (point, firm, number + level).
        if self.stop():
            raise FitError(phrase("the fit was cancelled; the last one stays in use."))
        thetas = self.standard.parameters(places.numbers)[:, None, :] + places.own @ self.levels.unit
        bound, gradient = bounds_of_firms(thetas, self.data, self.first_client)
        slope = np.empty((*bound.shape, self.standard.count + self.levels.count))
        for f in range(bound.shape[1]):
            slope[:, f, : self.standard.count] = self.standard.gradient(places.numbers, gradient[:, f])
        slope[:, :, self.standard.count :] = gradient @ self.levels.unit.T
        return bound, slope

    def expanded(self, place: _Place) -> _Expansion:
        count, n_levels = self.standard.count, self.levels.count
        steps = WITHIN * np.concatenate(
            [
                np.concatenate([np.eye(count), np.zeros((count, place.own.size))], axis=1),
                # Firms have nothing to do with each other: the levels of all are moved at once.
                np.concatenate([np.zeros((n_levels, count)), np.tile(np.eye(n_levels), len(place.own))], axis=1),
            ]
        )
        bend = (self.at(place.moved(-steps))[1] - self.at(place.moved(steps))[1]) / (2.0 * WITHIN)
        bend = bend.swapaxes(0, 1)
        values, vectors = np.linalg.eigh(0.5 * (bend + bend.swapaxes(1, 2)))
        bend = (vectors * np.maximum(values, 0.0)[:, None, :]) @ vectors.swapaxes(1, 2)
        return _Expansion(place=place, slope=self.at(place.moved(np.zeros((1, place.joint().size))))[1][0], bend=bend)


def _mode(target: _Target, apart: Array, start: _Place) -> _Place:
    # Most probable numbers and levels, where firms differ by so much.
    count = target.standard.count
    origin, precision = _Place.none(target), _prior_precision(target, apart)
    scale = 1.0 / np.sqrt(precision)  # levels in units of the spread: all are alike to the search

    def downhill(joint: Array) -> tuple[float, Array]:
        bound, slope = target.at(origin.moved(scale * joint[None]))
        return 0.5 * float(joint @ joint) - float(bound.sum()), joint - scale * _gathered(slope, count)[0]

    found = minimize(
        downhill, start.joint() / scale, jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS, "maxcor": 30}
    )
    return origin.moved(scale * np.asarray(found.x))


def _gathered(slope: Array, count: int) -> Array:
    # Slopes by firm (..., firm, number + level) as one in all numbers and levels (..., number + firm * level).
    own = slope[..., count:].reshape(*slope.shape[:-2], -1)
    return np.concatenate([slope[..., :count].sum(axis=-2), own], axis=-1)


def _prior_precision(target: _Target, apart: Array) -> Array:
    firms = len(target.first_client) - 1
    return np.concatenate([np.ones(target.standard.count), np.tile(1.0 / np.maximum(apart, 1e-3) ** 2, firms)])


def _settled(target: _Target, apart: Array, mode: _Place, rng: np.random.Generator) -> _Expansion:
    # Expanded about the middle, with the slopes that are there on average.
    count = target.standard.count
    prior = _prior_precision(target, apart)
    half = normals(rng, PAIRS, len(prior))
    place, step, before = mode, 1.0, np.inf
    known = target.expanded(mode)
    spread, root = _spread(known, prior)
    for _ in range(MOST_MOVES):
        slope = target.at(place.moved(np.concatenate([half, -half]) @ root.T))[1].mean(axis=0)
        move = spread @ (_gathered(slope, count) - prior * place.joint())
        reach = float(np.abs(move / np.sqrt(np.diag(spread))).max())
        if reach < SETTLED:
            return replace(known, place=place, slope=slope)
        step = max(step / 2.0, LEAST_STEP) if reach > STALLED * before else step
        place, before = place.moved(step * min(1.0, FAR / reach) * move), reach
        if reach > FAR:
            known = target.expanded(place)
            spread, root = _spread(known, prior)
    raise FitError(phrase("the quick fit did not settle; the whole fit makes no such approximation: run that one."))


def _spread(known: _Expansion, prior: Array) -> tuple[Array, Array]:
    count, n_levels = len(known.place.numbers), known.place.own.shape[1]
    precision = np.diag(prior)
    precision[:count, :count] += known.bend[:, :count, :count].sum(axis=0)
    for f, bend in enumerate(known.bend):
        at = slice(count + f * n_levels, count + (f + 1) * n_levels)
        precision[at, at] += bend[count:, count:]
        precision[:count, at] += bend[:count, count:]
        precision[at, :count] += bend[count:, :count]
    spread = np.linalg.inv(precision)
    return spread, np.linalg.cholesky(spread)


class _Given:
    # The normal of the numbers and the levels, given how far firms differ; levels in units of that.

    def __init__(self, known: _Expansion, apart: Array) -> None:
        count = len(known.place.numbers)
        # Slopes where all levels are zero, in the numbers from the middle on.
        slope = known.slope + np.einsum("fxl,fl->fx", known.bend[:, :, count:], known.place.own)
        self.apart = apart
        self.pull = apart * slope[:, count:]
        self.across = apart[:, None] * known.bend[:, count:, :count]
        self.precision = np.eye(len(apart)) + apart[:, None] * known.bend[:, count:, count:] * apart
        solved = np.linalg.solve(self.precision, np.concatenate([self.across, self.pull[:, :, None]], axis=2))
        lost, pulled = solved[:, :, :count], solved[:, :, count]
        across = self.across.reshape(-1, count)
        self.root = np.linalg.cholesky(np.eye(count) + known.shared - across.T @ lost.reshape(-1, count))
        drawn = slope[:, :count].sum(axis=0) - known.place.numbers - across.T @ pulled.ravel()
        self.white = np.linalg.solve(self.root, drawn)
        self.middle = known.place.numbers
        self.log_evidence = float(
            0.5 * (self.white @ self.white + (self.pull * pulled).sum())
            - np.log(np.diag(self.root)).sum()
            - 0.5 * np.linalg.slogdet(self.precision)[1].sum()
        )

    def draw(self, noise: Array, own_noise: Array) -> tuple[Array, Array]:
        # Numbers (number,) and levels (firm, level) in standard deviations of their priors.
        off = np.linalg.solve(self.root.T, self.white + noise)
        root = np.linalg.cholesky(self.precision)
        mean = np.linalg.solve(self.precision, (self.pull - self.across @ off)[:, :, None])[:, :, 0]
        scatter = np.linalg.solve(root.swapaxes(1, 2), own_noise[:, :, None])[:, :, 0]
        return self.middle + off, self.apart * (mean + scatter)


def _apart(known: _Expansion, rng: np.random.Generator, draws: int) -> Array:
    # How far firms differ, shape (draw, level), from standard normal numbers behind it.
    n_levels = known.place.own.shape[1]

    def height(number: Array) -> float:
        return _Given(known, _spread_of(number)).log_evidence - 0.5 * float(number @ number)

    found = minimize(
        lambda number: -height(number), np.zeros(n_levels), method="L-BFGS-B", bounds=[(-FARTHEST, FARTHEST)] * n_levels
    )
    middle = np.asarray(found.x)
    # Records say little of how one way of differing goes with another: each by itself will do to begin with.
    step = ALONG * np.eye(n_levels)
    bend = np.array([2.0 * height(middle) - height(middle + one) - height(middle - one) for one in step]) / ALONG**2
    root = np.diag(1.0 / np.sqrt(np.maximum(bend, LEAST_BEND)))
    for count in CANDIDATES:
        tried = normals(rng, count, n_levels) * np.sqrt(TAILS / rng.chisquare(TAILS, count))[:, None]
        numbers = middle + tried @ root.T
        log_weight = np.array([height(number) for number in numbers])
        log_weight += 0.5 * (TAILS + n_levels) * np.log1p((tried**2).sum(axis=1) / TAILS)
        weight = np.exp(log_weight - log_weight.max())
        weight /= weight.sum()
        # The next are drawn about where these say they should be.
        middle = weight @ numbers
        root = np.linalg.cholesky(
            (weight[:, None] * (numbers - middle)).T @ (numbers - middle) + 1e-6 * np.eye(n_levels)
        )
    chosen = np.searchsorted(np.cumsum(weight), (rng.permutation(draws) + rng.random()) / draws)
    return _spread_of(numbers[np.minimum(chosen, len(numbers) - 1)])


def _spread_of(number: Array) -> Array:
    # Half-normal a priori.
    return SPREAD * np.asarray(-ndtri(0.5 * ndtr(-number)))


def _numbers(known: _Expansion, apart: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    # Numbers (draw, number) and levels (draw, firm, level), given how far firms differ in each draw.
    noise = normals(rng, len(apart), len(known.place.numbers))
    own_noise = normals(rng, len(apart), *known.place.own.shape)
    pairs = [_Given(known, one).draw(*z) for one, *z in zip(apart, noise, own_noise, strict=True)]
    return np.array([numbers for numbers, _ in pairs]), np.array([own for _, own in pairs])

"""A fit of a platform in seconds: normals near the posterior of its population and of each firm's levels.

As in `model.quick_fit`, the bound is expanded to second order in the standard normal numbers behind the parameters,
here firm by firm and in the firm's levels as well; how far firms differ is then drawn by `model.firms_apart`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from model import priors as prior_table
from model.errors import FitError
from model.firms import Firms
from model.firms_apart import WEIGHED, Expansion, draws_apart, draws_given
from model.language import phrase
from model.levels import SPREAD, Levels, levels_of
from model.likelihood import KernelData, kernel_data
from model.middle import mode, settled
from model.own_levels import bounds_of_firms, never_negative
from model.parameters import Array
from model.platform_fit import WHOLE_SHARE, PlatformFit, checked, enough_to_fit, part_of, put_together
from model.priors import Priors
from model.quick_fit import WITHIN
from model.sampling import Progress
from model.standard import Standard
from model.told import Ints

DRAWS, DRAWS_ON_THE_WAY = 1000, 100
LEAST_APART = 1e-3  # nothing is divided by less


def quick_platform(
    firms: Firms,
    *,
    as_of: date,
    seed: int = 1,
    priors: Priors | None = None,
    draws: int = DRAWS,
    on_progress: Callable[[Progress], None] | None = None,
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
    on_progress
        Called after each part of the work.
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

    def done(share: float) -> None:
        if on_progress is not None:
            on_progress(Progress(stage=phrase("a quick fit"), share_done=share, seconds_left=None))

    done(0.0)
    # How far firms differ decides how far each is drawn to the others, and where each is, how far they differ.
    apart = SPREAD * np.sqrt(2.0 / np.pi) * np.ones(levels.count)
    place = _mode(target, apart, _Place.none(target))
    done(0.1)
    apart = draws_apart(target.expanded(place), rng, DRAWS_ON_THE_WAY, WEIGHED[:1]).mean(axis=0)
    done(0.4)
    known = _expanded(target, apart, _mode(target, apart, place), rng)
    done(0.8)
    drawn = draws_apart(known, rng, draws)
    numbers, own = draws_given(known, drawn, rng)
    return put_together(
        firms, levels, table, as_of=as_of, basis="quick", centre=target.standard.parameters(numbers), apart=drawn,
        own=own, ratio=numbers.std(axis=0),
    )  # fmt: skip


def quick_and_check(
    half: Firms, whole: Firms, held_out: Firms, *, as_of: date, seed: int = 1,
    on_progress: Callable[[Progress], None] | None = None, cancelled: Callable[[], bool] | None = None,
) -> PlatformFit:  # fmt: skip
    """Fit half of a subsample and all of it, and score both on a second one; parameters as in `fit_and_check`.

    Raises
    ------
    FitError
        As by `quick_platform`.
    """
    first, second = (
        quick_platform(firms, as_of=as_of, seed=seed, on_progress=part_of(on_progress, *part), cancelled=cancelled)
        for firms, part in ((half, (0.0, 1.0 - WHOLE_SHARE)), (whole, (1.0 - WHOLE_SHARE, 1.0)))
    )
    return checked(first, second, held_out)


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
            raise FitError(phrase("the fit was cancelled; what was in use stays in use."))
        thetas = self.standard.parameters(places.numbers)[:, None, :] + places.own @ self.levels.unit
        bound, gradient = bounds_of_firms(thetas, self.data, self.first_client)
        slope = np.empty((*bound.shape, self.standard.count + self.levels.count))
        for f in range(bound.shape[1]):
            slope[:, f, : self.standard.count] = self.standard.gradient(places.numbers, gradient[:, f])
        slope[:, :, self.standard.count :] = gradient @ self.levels.unit.T
        return bound, slope

    def expanded(self, place: _Place) -> Expansion:
        count, n_levels = self.standard.count, self.levels.count
        steps = WITHIN * np.concatenate(
            [
                np.concatenate([np.eye(count), np.zeros((count, place.own.size))], axis=1),
                # Firms have nothing to do with each other: the levels of all are moved at once.
                np.concatenate([np.zeros((n_levels, count)), np.tile(np.eye(n_levels), len(place.own))], axis=1),
            ]
        )
        bend = (self.at(place.moved(-steps))[1] - self.at(place.moved(steps))[1]) / (2.0 * WITHIN)
        return Expansion(
            numbers=place.numbers, own=place.own, bend=never_negative(bend.swapaxes(0, 1)),
            slope=self.at(place.moved(np.zeros((1, place.joint().size))))[1][0],
        )  # fmt: skip


def _mode(target: _Target, apart: Array, start: _Place) -> _Place:
    # Most probable numbers and levels, where firms differ by so much.
    count = target.standard.count
    origin, precision = _Place.none(target), _prior_precision(target, apart)
    scale = 1.0 / np.sqrt(precision)  # levels in units of the spread: all are alike to the search

    def downhill(joint: Array) -> tuple[float, Array]:
        bound, slope = target.at(origin.moved(scale * joint[None]))
        return 0.5 * float(joint @ joint) - float(bound.sum()), joint - scale * _gathered(slope, count)[0]

    return origin.moved(scale * mode(downhill, start.joint() / scale))


def _gathered(slope: Array, count: int) -> Array:
    # Slopes by firm (..., firm, number + level) as one in all numbers and levels (..., number + firm * level).
    own = slope[..., count:].reshape(*slope.shape[:-2], -1)
    return np.concatenate([slope[..., :count].sum(axis=-2), own], axis=-1)


def _prior_precision(target: _Target, apart: Array) -> Array:
    firms = len(target.first_client) - 1
    return np.concatenate([np.ones(target.standard.count), np.tile(1.0 / np.maximum(apart, LEAST_APART) ** 2, firms)])


def _expanded(target: _Target, apart: Array, start: _Place, rng: np.random.Generator) -> Expansion:
    # Expanded about the middle, with the slopes that are there on average.
    count = target.standard.count
    origin, prior = _Place.none(target), _prior_precision(target, apart)
    known: list[Expansion] = []

    def slopes(points: Array) -> Array:
        found = _gathered(target.at(origin.moved(points))[1], count)
        return np.asarray((found - prior * points).mean(axis=0))

    def covariance(joint: Array) -> Array:
        known.append(target.expanded(origin.moved(joint)))
        return _covariance(known[-1], prior)

    *_, points = settled(slopes, covariance, start.joint(), rng)
    place = origin.moved(points.mean(axis=0))
    slope = target.at(origin.moved(points))[1].mean(axis=0)
    return replace(known[-1], numbers=place.numbers, own=place.own, slope=slope)


def _covariance(known: Expansion, prior: Array) -> Array:
    count, n_levels = len(known.numbers), known.own.shape[1]
    precision = np.diag(prior)
    precision[:count, :count] += known.shared
    for f, bend in enumerate(known.bend):
        at = slice(count + f * n_levels, count + (f + 1) * n_levels)
        precision[at, at] += bend[count:, count:]
        precision[:count, at] += bend[:count, count:]
        precision[at, :count] += bend[count:, :count]
    return np.linalg.inv(precision)

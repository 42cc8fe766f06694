"""A fit in seconds: a normal distribution near the posterior, in the standard normal numbers behind the parameters.

The most probable numbers are searched for, the curvature there gives the spread (a Laplace approximation), and the
middle is then moved to where the slope is nothing on average under that spread, as it is for the normal that lies
closest in Kullback-Leibler divergence (Opper and Archambeau 2009). The target is the very bound that NUTS samples
in `model.fit`. What a normal cannot show, the skew of a posterior above all, is left to that fit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from model import priors as prior_table
from model.bound import slopes
from model.catalogue import Catalogue
from model.errors import FitError
from model.fit import with_ledger
from model.language import phrase
from model.likelihood import KernelData, kernel_data
from model.middle import mode, settled
from model.observations import Observations
from model.parameters import Array, Layout
from model.population import Population, fingerprint_of, library_versions
from model.priors import Priors
from model.standard import Standard
from model.stratified import normals

DRAWS = 1000
WITHIN = 0.05  # either way of the mode, in prior deviations: wide against rounding, narrow against any bend
LEAST_PRECISION = 0.25  # nothing is more than twice as unsure after the records as before


def quick_fit(
    observations: Observations,
    catalogue: Catalogue,
    *,
    seed: int = 1,
    priors: Priors | None = None,
    draws: int = DRAWS,
    cancelled: Callable[[], bool] | None = None,
) -> Population:
    """Approximate the posterior of the population parameters given every client's records.

    Parameters
    ----------
    observations
        All clients, those that left included.
    catalogue
        The signs.
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
        If nothing is recorded, it was cancelled, or the middle does not settle.
    """
    if observations.n_rows == 0:
        raise FitError(phrase("there is nothing to fit yet: no client has a record."))
    table = priors or prior_table.load()
    target = _Target(
        standard=Standard.of(catalogue, table), data=kernel_data(observations, catalogue),
        stop=cancelled or (lambda: False),
    )  # fmt: skip
    rng = np.random.default_rng([seed, 0x717569636B])
    middle, root, _ = settled(
        lambda points: target.at(points)[1].mean(axis=0), lambda place: _spread(target, place), _mode(target), rng
    )
    made = Population(
        theta=target.standard.parameters(middle + normals(rng, draws, len(middle)) @ root.T),
        names=Layout.of(catalogue).names(catalogue),
        basis="quick",
        fingerprint=fingerprint_of(observations, table),
        made_on=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=library_versions(),
    )
    return with_ledger(made, observations, catalogue, table)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    # Log density of the numbers given the records, up to a constant.
    standard: Standard
    data: KernelData
    stop: Callable[[], bool]

    def at(self, numbers: Array) -> tuple[Array, Array]:
        # Log density and its gradient at many points, shapes (point,) and (point, number).
        if self.stop():
            raise FitError(phrase("the fit was cancelled; what was in use stays in use."))
        bound, gradient = slopes(self.standard.parameters(numbers), self.data)
        return bound - 0.5 * (numbers**2).sum(axis=1), self.standard.gradient(numbers, gradient) - numbers


def _mode(target: _Target) -> Array:
    def downhill(numbers: Array) -> tuple[float, Array]:
        value, slope = target.at(numbers[None])
        return -float(value[0]), -slope[0]

    return mode(downhill, np.zeros(target.standard.count))


def _spread(target: _Target, place: Array) -> Array:
    steps = WITHIN * np.eye(len(place))
    bend = (target.at(place - steps)[1] - target.at(place + steps)[1]) / (2.0 * WITHIN)
    values, vectors = np.linalg.eigh(0.5 * (bend + bend.T))
    return np.asarray((vectors / np.maximum(values, LEAST_PRECISION)) @ vectors.T)

"""What later months say of clients in general, taken up without a new fit.

Where a density is smooth, its gradient is nothing on average under it. So draws of a posterior under which the gradient
of a new one, that knows more, is not nothing on average lie off its middle, and by how much a Newton step tells: their
covariance times that average. Of the gradient only the part that changed is needed, which is that of the bound on the
records, and of the draws some. All of them are then moved alike: what the new months say of where the population
lies is taken up, and what they say of how wide and skewed its posterior is waits for the next fit.
"""

from dataclasses import replace

import numpy as np

from model.bound import slopes
from model.catalogue import Catalogue
from model.likelihood import kernel_data
from model.observations import Observations
from model.parameters import Array
from model.population import Population, fingerprint_of, priors_digest
from model.priors import Priors
from model.standard import Standard

SOME = 64  # draws that gradients are taken at


def taken_up(population: Population, observations: Observations, catalogue: Catalogue, priors: Priors) -> Population:
    """The draws of a fit moved to where the records of today put the population.

    Where nothing changed since the fit, where it ended after these observations do, where the priors are others or it
    carries no slopes, it is the very same population.

    Parameters
    ----------
    population
        A fit, not thinned.
    observations
        All that is recorded by now, what the fit knew included.
    catalogue, priors
        In use.
    """
    ledger = population.ledger
    now = fingerprint_of(observations, priors)
    if (
        ledger is None
        or not len(population.slopes)
        or observations.today < ledger.today
        or now == population.fingerprint
        or ledger.priors != priors_digest(priors)
    ):
        return population
    standard, drawn = Standard.of(catalogue, priors), some_draws(population)
    numbers = standard.numbers(population.theta)
    gained = slopes(drawn, kernel_data(observations, catalogue))[1] - population.slopes
    pull = standard.gradient(standard.numbers(drawn), gained).mean(axis=0)
    moved = numbers + np.cov(numbers, rowvar=False) @ pull
    return replace(
        population, theta=standard.parameters(moved), fingerprint=f"{population.fingerprint}, {now} taken up"
    )


def some_draws(population: Population) -> Array:
    """The draws that gradients are taken at, shape (drawn, parameter): evenly spaced ones."""
    return population.thinned(SOME).theta

"""Simulated platforms: what their firms have in common, and how far each firm is from that.

As the model of a platform has it: the firm in the middle is drawn from the prior, and so is how far firms differ in
each level. The market for new clients is likewise: factors on what is expected of it are drawn from their priors, and
those of each firm scatter about them.
"""

from dataclasses import dataclass

import numpy as np

from model import population, priors
from model.belief import seed_of
from model.catalogue import Catalogue
from model.forecast import Market
from model.levels import SPREAD, levels_of
from model.parameters import Array
from model.priors import Prior
from model.settings import Replacement


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One platform as it truly is.

    Parameters
    ----------
    name
        Random numbers of its firms go by it.
    centre, unit
        Shapes (parameter,) and (level, parameter): the firm in the middle, and what a level adds.
    apart
        Shape (level,): how far firms differ.
    market, market_apart
        Shape (3,): factors on how readily clients are won, on what an hour brings and on hours, and how far the
        logarithms of firms' factors differ.
    scatter
        Of log fees and log hours, from one new client to the next.
    """

    name: str
    centre: Array
    unit: Array
    apart: Array
    market: Array
    market_apart: Array
    scatter: float

    def theta(self, number: int) -> Array:
        """Population of the firm of that number, shape (parameter,)."""
        rng = seed_of(f"{self.name} levels {number}", 1)
        return np.asarray(self.centre + (self.apart * rng.standard_normal(len(self.apart))) @ self.unit)

    def market_of(self, number: int, expected: Replacement, fee: float, hours: float) -> Market:
        """What truly comes of a search of that firm, where it expects so much; one sample."""
        rng = seed_of(f"{self.name} market {number}", 1)
        win, an_hour, size = self.market * np.exp(self.market_apart * rng.standard_normal(3))
        return Market(
            win_rate=np.array([-np.expm1(-win / expected.months_to_win)]),
            fee_per_month=np.array([fee * an_hour * size]),
            hours_per_month=np.array([hours * size]),
            fee_log_sd=np.array([self.scatter]),
        )


def drawn(catalogue: Catalogue, number: int, *, seed: int) -> Platform:
    """The platform of that number."""
    rng, table = np.random.default_rng([seed, number, 2]), priors.load()
    levels = levels_of(catalogue, table)
    rows = [table[name] for name in ("market_win_rate_factor", "market_fee_factor", "market_hours_factor")]
    return Platform(
        name=f"platform {number} of {seed}",
        centre=population.from_prior(catalogue, rng=rng, n_samples=1, independent=True).theta[0],
        unit=levels.unit,
        apart=_apart(rng, np.ones(levels.count)),
        market=np.array([_one(row, rng) for row in rows]),
        market_apart=_apart(rng, np.array([row.scale for row in rows])),
        scatter=_one(table["market_fee_log_sd"], rng),
    )


def _apart(rng: np.random.Generator, scale: Array) -> Array:
    return np.asarray(SPREAD * scale * np.abs(rng.standard_normal(len(scale))))


def _one(prior: Prior, rng: np.random.Generator) -> float:
    return float(prior.from_standard(rng.standard_normal(1))[0])

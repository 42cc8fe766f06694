"""How much work an hourly client brings where no hours are agreed: learned from the hours logged, month by month.

Nothing is agreed, so more hours are no sign of strain: they are just more work. The log of a month's hours is normal
around the client's own level; given the spread the level is conjugate, and the spread is drawn from its posterior on a
grid. What is left of not knowing the level goes into every value of the client.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from model import priors as prior_table
from model.belief import seed_of
from model.forecast import Array, Forecast, Outlook, Paths
from model.priors import Priors
from model.stratified import normals
from model.terms import Terms

GRID = np.linspace(-3.0, 3.0, 61)  # of the log spread, in standard deviations of its prior
# The first month logged says nearly all there is to know of the level; before it, a month's hours may be anything.
WEIGHT_OF_NO_MONTHS = 0.01


def with_volume(outlook: Outlook, terms: Sequence[Terms], *, seed: int, priors: Priors | None = None) -> Outlook:
    """The outlook with the hours of every client that is billed by the hour and has agreed on none.

    Parameters
    ----------
    outlook
        The months ahead; the hours of other clients are left as they are.
    terms
        Terms of every client of the outlook, in any order.
    seed
        Of the draws; those of a client depend on its name and the seed alone.
    priors
        Other priors than the shipped ones.
    """
    logged = {term.client: term for term in terms if term.monthly_hours}
    for c, name in enumerate(outlook.base.clients):
        if name not in logged:
            continue
        samples, _, months = outlook.base.hours_ratio.shape
        rng = seed_of(f"volume of {name}", seed)
        level, spread = volume(np.array(logged[name].monthly_hours), n_samples=samples, rng=rng, priors=priors)
        ratio = level / logged[name].agreed_hours
        luck = np.exp(spread[:, None] * rng.standard_normal((samples, months)) - spread[:, None] ** 2 / 2)
        outlook = replace(
            outlook,
            base=_filled(outlook.base, c, ratio[:, None]),
            accepted=_filled(outlook.accepted, c, ratio[:, None]),
            partly=_filled(outlook.partly, c, ratio[:, None]),
            base_paths=_filled(outlook.base_paths, c, ratio[:, None] * luck),
            accepted_paths=_filled(outlook.accepted_paths, c, ratio[:, None] * luck),
            partly_paths=None
            if outlook.partly_paths is None
            else _filled(outlook.partly_paths, c, ratio[:, None] * luck),
        )
    return outlook


def volume(
    monthly_hours: Array, *, n_samples: int, rng: np.random.Generator, priors: Priors | None = None
) -> tuple[Array, Array]:
    """Draws of the hours to expect of a month, and of the spread of its logarithm, each (sample).

    Parameters
    ----------
    monthly_hours
        Hours of each logged month (month), above zero; at least one.
    n_samples
        Number of draws.
    rng
        Source of randomness.
    priors
        Other priors than the shipped ones.
    """
    prior = (priors or prior_table.load())["volume_log_sd"]
    log_hours = np.log(monthly_hours)
    n, centre = len(log_hours), log_hours.mean()
    spreads = prior.from_standard(GRID)
    squares = float(((log_hours - centre) ** 2).sum())
    log_weight = -0.5 * GRID**2 - (n - 1) * np.log(spreads) - 0.5 * squares / spreads**2
    weight = np.exp(log_weight - log_weight.max())
    spread = rng.choice(spreads, size=n_samples, p=weight / weight.sum())
    level = centre + spread / np.sqrt(n + WEIGHT_OF_NO_MONTHS) * normals(rng, n_samples)
    return np.exp(level + spread**2 / 2), spread


def _filled[T: (Forecast, Paths)](ahead: T, client: int, ratio: Array) -> T:
    hours = ahead.hours_ratio.copy()
    hours[:, client] = ratio
    return replace(ahead, hours_ratio=hours)

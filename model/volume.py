"""How much work an hourly client brings where no hours are agreed: learned from the hours logged, month by month.

Nothing is agreed, so more hours are no sign of strain: they are just more work. The log of a month's hours is normal
around the client's own level; given the spread the level is conjugate, and the spread is drawn from its posterior on a
grid. What is left of not knowing the level goes into every value of the client.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from model import priors as prior_table
from model.belief import seed_of
from model.forecast import Array, Forecast, Outlook, Paths, Places
from model.priors import Priors
from model.stratified import normals
from model.terms import Terms

GRID = np.linspace(-3.0, 3.0, 61)  # of the log spread, in standard deviations of its prior
# The first month logged says nearly all there is to know of the level; before it, a month's hours may be anything.
WEIGHT_OF_NO_MONTHS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Volumes:
    """The hours of every client that is billed by the hour and has agreed on none, as a ratio to those logged so far.

    Parameters
    ----------
    expected
        By client, what a month is expected to bring (sample).
    luck
        By client, how far each simulated month is from that, as a factor (sample, month).
    """

    expected: Mapping[str, Array]
    luck: Mapping[str, Array]

    @staticmethod
    def of(
        terms: Sequence[Terms], *, n_samples: int, months: int, seed: int, priors: Priors | None = None
    ) -> "Volumes":
        """Learned from the hours logged.

        Parameters
        ----------
        terms
            Terms of every client.
        n_samples, months
            Numbers of draws and of months ahead.
        seed
            Of the draws; those of a client depend on its name and the seed alone.
        priors
            Other priors than the shipped ones.
        """
        expected, luck = {}, {}
        for term in terms:
            if not term.monthly_hours:
                continue
            rng = seed_of(f"volume of {term.client}", seed)
            level, spread = volume(np.array(term.monthly_hours), n_samples=n_samples, rng=rng, priors=priors)
            expected[term.client] = level / term.agreed_hours
            luck[term.client] = np.exp(
                spread[:, None] * rng.standard_normal((n_samples, months)) - spread[:, None] ** 2 / 2
            )
        return Volumes(expected=expected, luck=luck)

    def ahead(self, forecast: Forecast, chosen: Places | None = None) -> Forecast:
        """A forecast with these hours; it is over the draws `chosen`, or over all."""
        for c, name in enumerate(forecast.clients):
            if name in self.expected:
                ratio = self.expected[name] if chosen is None else self.expected[name][chosen]
                forecast = _filled(forecast, c, ratio[:, None])
        return forecast

    def outlook(self, outlook: Outlook) -> Outlook:
        """The outlook with these hours; those of other clients are left as they are."""
        if not self.expected.keys() & set(outlook.base.clients):
            return outlook
        partly = outlook.partly_paths
        return replace(
            outlook,
            base=self.ahead(outlook.base), accepted=self.ahead(outlook.accepted), partly=self.ahead(outlook.partly),
            base_paths=self._lived(outlook.base_paths), accepted_paths=self._lived(outlook.accepted_paths),
            partly_paths=None if partly is None else self._lived(partly),
        )  # fmt: skip

    def _lived(self, paths: Paths) -> Paths:
        for c, name in enumerate(paths.clients):
            if name in self.expected:
                months = paths.hours_ratio.shape[2]
                paths = _filled(paths, c, self.expected[name][:, None] * self.luck[name][:, :months])
        return paths


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

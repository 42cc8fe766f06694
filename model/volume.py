"""How much work a client brings where no hours are agreed: learned from the hours logged, month by month.

Nothing is agreed, so more hours are no sign of strain: they are just more work. The log of a month's hours is normal
around the client's own level; given the spread the level is conjugate, and the spread is drawn from its posterior on a
grid. What is left of not knowing the level goes into every value of the client.

Hours billed one by one are that level. Under a fixed fee they are what the client's strain makes of the work, so that
the level is where they start, overruns included, and they move from there with the strain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from model import priors as prior_table
from model.forecast import Array, Forecast, Outlook, Paths, Places
from model.priors import Priors
from model.seeds import seed_of
from model.stratified import normals
from model.terms import Terms

GRID = np.linspace(-3.0, 3.0, 61)  # of the log spread, in standard deviations of its prior
# The first month logged says nearly all there is to know of the level; before it, a month's hours may be anything.
WEIGHT_OF_NO_MONTHS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Volumes:
    """The hours of every client who has agreed on none, as a ratio to the mean of those logged.

    Parameters
    ----------
    expected
        By client, what is expected of a month, of the first one under a fixed fee (sample).
    luck
        By client billed by the hour, how far each simulated month is from that, as a factor (sample, month).
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
            if term.billing != "hourly":
                # One month logged may be any month: what it leaves open is spread about it, not added to it.
                expected[term.client] /= expected[term.client].mean()
            else:
                noise = spread[:, None] * rng.standard_normal((n_samples, months))
                luck[term.client] = np.exp(noise - spread[:, None] ** 2 / 2)
        return Volumes(expected=expected, luck=luck)

    def over(self, chosen: Places) -> "Volumes":
        """The same over some of the draws."""
        return Volumes(
            expected={name: ratio[chosen] for name, ratio in self.expected.items()},
            luck={name: luck[chosen] for name, luck in self.luck.items()},
        )

    def ahead(self, forecast: Forecast, as_they_are: Forecast) -> Forecast:
        """A forecast with these hours.

        Parameters
        ----------
        forecast
            Months ahead in which the hours of a month are what the population has; a client may come several times.
        as_they_are
            The same of these clients, over the same draws, if nothing is asked of them.
        """
        return self._with_hours(forecast, as_they_are, {})

    def outlook(self, outlook: Outlook) -> Outlook:
        """An outlook with these hours, as far as its clients have agreed on none; it must not have them yet."""
        if not self.expected.keys() & set(outlook.base.clients):
            return outlook
        base, partly = outlook.base, outlook.partly_paths
        return replace(
            outlook,
            base=self.ahead(base, base), accepted=self.ahead(outlook.accepted, base),
            partly=self.ahead(outlook.partly, base),
            base_paths=self._with_hours(outlook.base_paths, base, self.luck),
            accepted_paths=self._with_hours(outlook.accepted_paths, base, self.luck),
            partly_paths=None if partly is None else self._with_hours(partly, base, self.luck),
        )  # fmt: skip

    def _with_hours[T: (Forecast, Paths)](self, ahead: T, as_they_are: Forecast, luck: Mapping[str, Array]) -> T:
        places = [c for c, name in enumerate(ahead.clients) if name in self.expected]
        if not places:
            return ahead
        hours = ahead.hours_ratio.copy()
        for c in places:
            name = ahead.clients[c]
            level = self.expected[name][:, None]
            if name in self.luck:
                hours[:, c] = level * luck[name][:, : hours.shape[2]] if luck else level
            else:
                hours[:, c] *= level / as_they_are.hours_ratio[:, as_they_are.clients.index(name), :1]
        return replace(ahead, hours_ratio=hours)


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


NO_VOLUMES = Volumes(expected={}, luck={})

"""Whether a subsample is large enough: what the fit learned from it, and how it fares on clients it has not seen."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model.firms import Firms
from model.likelihood import kernel_data
from model.own_levels import bounds_of_clients
from model.parameters import Array

# Of a client-month's log score, in nats: one percent of the chance of what was recorded. Less is no reason to wait for.
ENOUGH = 0.01
NOTHING = 0.95  # of the prior's standard deviation; above it a parameter learned nothing
DRAWS, TOLERANCE = 120, 1e-2
Z95 = 1.645


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeCheck:
    """How a fit to a subsample compares with one to half of it, on clients neither has seen.

    Parameters
    ----------
    worst, median
        Posterior over prior standard deviation of the parameters: the largest, and that in the middle.
    untold
        Parameters that learned nothing.
    half, whole, unseen
        Clients in half of the subsample, in all of it, and in the second one, which is only scored.
    months
        Client-months of the second one.
    score_half, score
        Its mean log predictive bound a client-month, in nats, under the fit to half and to all.
    gain, gain_error
        What the whole adds over half, and its standard error over the clients.
    own_gain, own_gain_error
        What the firms' own levels add over those of any firm, likewise.
    """

    worst: float
    median: float
    untold: tuple[str, ...]
    half: int
    whole: int
    unseen: int
    months: int
    score_half: float
    score: float
    gain: float
    gain_error: float
    own_gain: float
    own_gain_error: float

    @property
    def more(self) -> float:
        """What twice as many clients would add, in nats a client-month.

        What a fit lacks falls as one over the number of clients: the next doubling adds half of what the last one did.
        """
        return self.gain / 2

    @property
    def most(self) -> float:
        """The same at most, by its one-sided 95 % bound."""
        return (self.gain + Z95 * self.gain_error) / 2

    @property
    def enough(self) -> bool:
        """Whether twice as many clients would surely add next to nothing."""
        return self.most < ENOUGH


@dataclass(frozen=True, slots=True, kw_only=True)
class Contraction:
    """Posterior over prior standard deviation of each parameter, with its name."""

    names: tuple[str, ...]
    ratio: Array

    @property
    def untold(self) -> tuple[str, ...]:
        """Names of those that learned nothing, least first."""
        order = np.argsort(-self.ratio)
        return tuple(self.names[i] for i in order if self.ratio[i] > NOTHING)


def size_check(
    contraction: Contraction, held_out: Firms, *, half: "Scored", whole: "Scored", anyone: "Scored"
) -> SizeCheck:
    """Put together what was measured; scores are paired client by client.

    Parameters
    ----------
    contraction
        Of the fit to the whole subsample.
    held_out
        The second subsample.
    half, whole
        Its clients under the fit to half and to all, each with the levels of its firm.
    anyone
        Under the fit to all, with the levels of any firm.
    """
    months = np.diff(held_out.observations.first_row)

    def a_month(of: Array) -> tuple[float, float]:
        # A ratio estimate: clients are drawn, their months come with them.
        mean = float(of.sum() / months.sum())
        left = of - mean * months
        return mean, float(np.sqrt(len(of) / max(len(of) - 1, 1) * (left**2).sum()) / months.sum())

    gain, own = a_month(whole.score - half.score), a_month(whole.score - anyone.score)
    return SizeCheck(
        worst=float(contraction.ratio.max()), median=float(np.median(contraction.ratio)), untold=contraction.untold,
        half=half.clients, whole=whole.clients, unseen=held_out.n_clients, months=int(months.sum()),
        score_half=a_month(half.score)[0], score=a_month(whole.score)[0],
        gain=gain[0], gain_error=gain[1], own_gain=own[0], own_gain_error=own[1],
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Log predictive bound of each client (client,), under a fit to so many clients."""

    clients: int
    score: Array


def scored(held_out: Firms, thetas: Mapping[str, Array], clients: int) -> Scored:
    """Score every client of the second subsample.

    Parameters
    ----------
    held_out
        The second subsample.
    thetas
        Draws of the population of each firm, shape (sample, parameter).
    clients
        How many the fit was made to.
    """
    data = kernel_data(held_out.observations, held_out.catalogue)
    found = np.zeros(held_out.n_clients)
    for f, name in enumerate(held_out.names):
        draws = thetas[name]
        chosen = np.linspace(0, len(draws) - 1, min(DRAWS, len(draws))).round().astype(int)
        first, stop = held_out.first_client[f], held_out.first_client[f + 1]
        bounds = bounds_of_clients(draws[chosen], data, first, stop, tolerance=TOLERANCE)
        top = bounds.max(axis=0)
        found[first:stop] = top + np.log(np.exp(bounds - top).mean(axis=0))
    return Scored(clients=clients, score=found)

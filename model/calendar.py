"""How full the calendar is: whether freed hours are wanted by the next client, idle already, or overbooked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model.forecast import Array, Forecast, Market, Outlook
from model.settings import Settings
from model.terms import Terms

Fullness = Literal["full", "idle", "overbooked", "unknown"]
FULL_WITHIN = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Hours booked against the hours the user wants to work.

    Parameters
    ----------
    capacity_hours, booked_hours
        Hours per month, the booked ones as expected of the active clients.
    months_until_full
        Months until the free hours are filled at the learned rate of winning clients (sample).
    free_share
        Expected free hours as a share of a newcomer's, 0 to 1 (month), if nobody is replaced.
    hours_known
        Whether the hours of any client are known.
    """

    capacity_hours: float
    booked_hours: float
    months_until_full: Array
    free_share: Array
    hours_known: bool

    @property
    def idle_hours(self) -> float:
        """Free hours per month."""
        return max(0.0, self.capacity_hours - self.booked_hours)

    @property
    def overbooked_hours(self) -> float:
        """Hours per month beyond capacity."""
        return max(0.0, self.booked_hours - self.capacity_hours)

    @property
    def fullness(self) -> Fullness:
        """Which case holds; within 5 % of capacity counts as full."""
        if not self.hours_known:
            return "unknown"
        slack = FULL_WITHIN * self.capacity_hours
        if self.idle_hours > slack:
            return "idle"
        return "overbooked" if self.overbooked_hours > slack else "full"


def calendar_of(outlook: Outlook, terms: Sequence[Terms], settings: Settings) -> Calendar:
    """The calendar of the clients in `outlook`.

    New clients fill free hours before anyone replaces a client who was dropped; that takes (free hours / hours of a
    newcomer) x (months to win one), on average.

    Parameters
    ----------
    outlook
        The months ahead given each draw.
    terms
        Terms of every client of the outlook, in any order.
    settings
        The capacity.
    """
    months = min(settings.horizon_months, outlook.base.hours_ratio.shape[2])
    return Workload.of(outlook.base, terms).bookings(months).calendar(outlook.market, settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What every client of a portfolio takes of the months ahead: all that the calendar has to know of them.

    Parameters
    ----------
    terms
        Terms of every client, in any order.
    clients
        Their names, in the order of the arrays.
    hours_ratio
        Hours worked for each hour agreed, given each draw (sample, client, month).
    alive
        Chance to be there at the start of a month (sample, client, month).
    """

    terms: tuple[Terms, ...]
    clients: tuple[str, ...]
    hours_ratio: Array
    alive: Array

    @staticmethod
    def of(base: Forecast, terms: Sequence[Terms]) -> "Workload":
        """The workload of the clients in `base`."""
        return Workload(terms=tuple(terms), clients=base.clients, hours_ratio=base.hours_ratio, alive=base.alive)

    def bookings(self, months: int, chosen: NDArray[np.int64] | None = None) -> "Bookings":
        """The hours taken of so many months, by all draws or those chosen."""
        hours_of = {term.client: term.agreed_hours for term in self.terms}
        agreed = np.array([hours_of[name] for name in self.clients])
        ratio, alive = self.hours_ratio[:, :, :months], self.alive[:, :, :months]
        if chosen is not None and len(chosen) < len(ratio):
            ratio, alive = ratio[chosen], alive[chosen]
        worked, there = (agreed * ratio.mean(axis=2)).mean(axis=0), alive.mean(axis=0)
        return Bookings(worked=float(worked.sum()), still=np.asarray(worked @ there), known=bool(agreed.any()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookings:
    """The hours that clients take, whatever new ones bring.

    Parameters
    ----------
    worked
        Hours per month, of all clients.
    still
        Of these, those of clients still there (month).
    known
        Whether the hours of any client are known.
    """

    worked: float
    still: Array
    known: bool

    def calendar(self, market: Market, settings: Settings) -> Calendar:
        """The calendar these hours leave."""
        capacity = settings.capacity_hours_per_month
        free = np.maximum(0.0, capacity - self.still)
        return Calendar(
            capacity_hours=capacity,
            booked_hours=self.worked,
            months_until_full=max(0.0, capacity - self.worked)
            / np.maximum(1e-9, market.hours_per_month * market.win_rate),
            free_share=np.minimum(1.0, free / max(float(market.hours_per_month.mean()), 1e-9)),
            hours_known=self.known,
        )

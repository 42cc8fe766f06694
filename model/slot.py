"""The open slot: what freed hours are worth until the horizon, searching, winning and losing clients again.

Values are those at the start of a month, in money of that month. A renewal recursion runs backward over the months:

    N(t) = income of a newcomer who starts in t, while they stay + the open slot after they leave
    V(t) = b V(t + 1) + [-search + w b (N(t + 1) - V(t + 1))]   the bracket only where its mean over draws is above 0

with w the chance to win one in a month of search and b the discount of a month. A search is thus optional, and
whether to search is decided on what can be known, the mean over draws, never draw by draw.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.forecast import Array, Forecast, Market, Paths
from model.kernel import compiled
from model.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSlot:
    """Open slots of several sizes.

    Parameters
    ----------
    value
        Worth of the slot when open at the start of a month (month 0..H, sample, client), in money of that month.
    won
        Worth of a newcomer who starts at the start of a month, same axes.
    searches
        Whether one searches in a month while the slot is open (month 0..H-1, client).
    newcomers
        Size of the slot in newcomers of the market's mean size (sample, client).
    """

    value: Array
    won: Array
    searches: NDArray[np.bool_]
    newcomers: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotChances:
    """The random numbers of simulated slots, the same for every action and every setting.

    Parameters
    ----------
    win
        Uniforms (sample, client, month): the search in that month succeeds where it is below the win rate.
    first
        Index of the newcomer path a slot starts with (sample, client).
    fee
        Standard normals (sample, newcomer): how far a newcomer's log fee is from the expected one.
    """

    win: Array
    first: NDArray[np.int64]
    fee: Array


def open_slot(
    newcomer: Forecast, market: Market, hours: Array, settings: Settings, months: int, policy: OpenSlot | None = None
) -> OpenSlot:
    """Solve the renewal recursion for slots of the given hours.

    The newcomer's fee and strain grow in proportion to the hours; a slot larger than one newcomer takes as many
    searches as newcomers, a smaller one takes a whole search.

    Parameters
    ----------
    newcomer
        Forecast by tenure of a client drawn from the population, client axis of length one.
    market
        Chance to win one, their fee and size.
    hours
        Freed hours per month (sample, client); a slot without hours is worth nothing.
    settings
        Economics; the search's cost and hours, the ramp-up.
    months
        Months to the horizon, H.
    policy
        A slot of the same hours over more months: its searches are made, though the counting stops earlier.
    """
    month_discount = discounts(settings.discount_rate, 1)[1]
    count = newcomers_in(hours, newcomer, market, months)
    if settings.replacement.at_most is not None:
        count = np.minimum(count, settings.replacement.at_most)
    if policy is not None:
        count = policy.newcomers
    monthly = _newcomer_month(
        1.0 - newcomer.never_paid[:, 0, :months],
        newcomer.days_to_pay[:, 0, :months],
        newcomer.hours_ratio[:, 0, :months],
        newcomer.energy[:, 0, :months],
        market.fee_per_month[:, None],
        market.hours_per_month[:, None],
        settings,
    )
    alive = newcomer.alive[:, 0, : months + 1]
    powers = discounts(settings.discount_rate, months)
    income = np.cumsum(powers[:-1] * alive[:, :-1] * monthly, axis=1)
    leaves = np.ascontiguousarray((powers[1:] * (alive[:, :-1] - alive[:, 1:])).T)
    cost = search_cost(count, settings)
    made = np.zeros((0, count.shape[1]), dtype=np.bool_) if policy is None else policy.searches[:months]
    value, won, searches = _renewed(income, leaves, count, cost, market.win_rate * month_discount, month_discount, made)
    return OpenSlot(value=value, won=won, searches=searches, newcomers=count)


@compiled
def _renewed(income, leaves, count, cost, chance, discount, made):
    # The recursion of the module, backward over the months; arrays as in `OpenSlot`, `made` searches where given.
    n_samples, n_clients = count.shape
    months = leaves.shape[0]
    value = np.zeros((months + 1, n_samples, n_clients))
    won = np.zeros((months + 1, n_samples, n_clients))
    searches = np.zeros((months, n_clients), dtype=np.bool_)
    mean = np.empty(n_clients)
    for t in range(months - 1, -1, -1):
        mean[:] = 0.0
        for s in range(n_samples):
            for c in range(n_clients):
                mean[c] += chance[s] * (won[t + 1, s, c] - value[t + 1, s, c]) - cost[s, c]
        for c in range(n_clients):
            searches[t, c] = made[t, c] if made.shape[0] else mean[c] > 0.0
        for s in range(n_samples):
            earned = income[s, months - t - 1]
            for c in range(n_clients):
                value[t, s, c] = discount * value[t + 1, s, c]
                if searches[t, c]:
                    value[t, s, c] += chance[s] * (won[t + 1, s, c] - value[t + 1, s, c]) - cost[s, c]
                won[t, s, c] = earned * count[s, c]
        for k in range(months - t):
            for s in range(n_samples):
                gone = leaves[k, s]
                for c in range(n_clients):
                    won[t, s, c] += gone * value[t + 1 + k, s, c]
    return value, won, searches


def slot_paths(newcomer: Paths, market: Market, slot: OpenSlot, chances: SlotChances, settings: Settings) -> Array:
    """Worth of the slot along one simulated future per draw (month 0..H, sample, client), in money of that month.

    The search policy is the one of `slot`. Which newcomer starts in a month is fixed by the month, so every action
    meets the same ones; a slot comes back to the same path only after all the others.
    """
    months, clients = slot.searches.shape
    samples, paths = newcomer.left_in.shape
    month_discount = discounts(settings.discount_rate, 1)[1]
    powers = discounts(settings.discount_rate, months)
    spread = market.fee_log_sd[:, None]
    fee = market.fee_per_month[:, None] * np.exp(spread * chances.fee - spread**2 / 2)
    monthly = _newcomer_month(
        newcomer.paid[:, :, :months],
        newcomer.days_to_pay[:, :, :months],
        newcomer.hours_ratio[:, :, :months],
        newcomer.energy[:, :, :months],
        fee[:, :, None],
        market.hours_per_month[:, None, None],
        settings,
    )
    income = np.zeros((samples, paths, months + 1))
    np.cumsum(powers[:-1] * monthly, axis=2, out=income[:, :, 1:])
    cost = search_cost(slot.newcomers, settings)
    value = np.zeros((months + 1, samples, clients))
    won = np.zeros_like(value)
    row, column = np.arange(samples)[:, None], np.arange(clients)
    for t in range(months - 1, -1, -1):
        succeeds = chances.win[:, :, t] < market.win_rate[:, None]
        gain = month_discount * np.where(succeeds, won[t + 1] - value[t + 1], 0.0) - cost
        value[t] = month_discount * value[t + 1] + np.where(slot.searches[t], gain, 0.0)
        which = (chances.first + t) % paths
        stays = np.minimum(newcomer.left_in[row, which] + 1, months - t)
        won[t] = income[row, which, stays] * slot.newcomers + powers[stays] * value[t + stays, row, column]
    return value


def lead_value(newcomer: Forecast, market: Market, free_share: Array, settings: Settings, months: int) -> Array:
    """What one more lead is worth to an open slot of a newcomer's size (month), in money, at least 0.

    A lead is one more month's chance of winning, without the search: `w (N(t) - V(t))`, times the share of such a
    slot that is expected to be free then.

    Parameters
    ----------
    free_share
        Expected free hours as a share of a newcomer's, 0 to 1 (month).
    """
    hours = market.hours_per_month[:, None] * newcomer.hours_ratio[:, 0, :months].mean(axis=1)[:, None]
    slot = open_slot(newcomer, market, hours, settings, months)
    gain = (market.win_rate * (slot.won[:-1, :, 0] - slot.value[:-1, :, 0])).mean(axis=1)
    return np.asarray(np.maximum(0.0, gain) * free_share)


def newcomers_in(hours: Array, newcomer: Forecast, market: Market, months: int) -> Array:
    """How many newcomers of the market's mean size fill `hours` of work a month (sample, client)."""
    worked = market.hours_per_month * newcomer.hours_ratio[:, 0, :months].mean(axis=1)
    return np.asarray(hours / np.maximum(worked, 1e-9)[:, None])


def net_income(fee: Array | float, paid: Array, days_to_pay: Array, discount_rate: float) -> Array:
    """What of `fee` comes in, less the cost of capital until it does, in money; broadcasts.

    Linear in days, so that the mean over paths is the value of the mean; a payment never costs more than itself.
    """
    income = days_to_pay * (-discount_rate / 365.0)
    income += 1.0
    np.maximum(income, 0.0, out=income)
    income *= paid
    return np.asarray(income * fee)


def discounts(discount_rate: float, months: int) -> Array:
    """Discount factors (month 0..months): `(1 + rate) ** (-m / 12)`."""
    return np.asarray((1.0 + discount_rate) ** (-np.arange(months + 1) / 12.0))


def ramp_up(months: int, ramp_months: float) -> Array:
    """Share of the full fee earned in each month of tenure (month): the mean over it of a straight line up to 1."""
    if ramp_months == 0:
        return np.ones(months)
    ends = np.arange(months + 1)
    area = np.where(ends < ramp_months, ends**2 / (2 * ramp_months), ends - ramp_months / 2)
    return np.asarray(np.diff(area))


def search_cost(newcomers: Array, settings: Settings) -> Array:
    """What a month of search for so many newcomers costs, its hours included, in money (sample, client)."""
    market = settings.replacement
    month = float(market.search_cost_per_month) + market.search_hours_per_month * float(settings.reserve_value_per_hour)
    return np.asarray(np.where(newcomers > 0, np.maximum(1.0, newcomers), 0.0) * month)


def _newcomer_month(
    paid: Array, days_to_pay: Array, hours_ratio: Array, energy: Array, fee: Array, hours: Array, settings: Settings
) -> Array:
    months = paid.shape[-1]
    earned = fee * ramp_up(months, settings.replacement.ramp_up_months)
    return np.asarray(
        net_income(earned, paid, days_to_pay, settings.discount_rate)
        - hours * hours_ratio * float(settings.reserve_value_per_hour)
        + float(settings.price_of_strain) * (energy - 3.0)
    )

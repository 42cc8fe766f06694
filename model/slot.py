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
from model.kernel import compiled, inlined, packed
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
    powers = discounts(settings.discount_rate, months)
    income, leaves = _tenure(
        packed(newcomer.alive), packed(newcomer.never_paid), packed(newcomer.days_to_pay),
        packed(newcomer.hours_ratio), packed(newcomer.energy), market.fee_per_month, market.hours_per_month,
        ramp_up(months, settings.replacement.ramp_up_months), settings.discount_rate / 365.0,
        float(settings.reserve_value_per_hour), float(settings.price_of_strain), powers,
    )  # fmt: skip
    cost = search_cost(count, settings)
    made = np.zeros((0, count.shape[1]), dtype=np.bool_) if policy is None else packed(policy.searches[:months])
    value, won, searches = _renewed(
        income, leaves, packed(count.T), packed(cost.T), market.win_rate * month_discount, month_discount, made
    )
    return OpenSlot(value=value.swapaxes(1, 2), won=won.swapaxes(1, 2), searches=searches, newcomers=count)


def slots_and_lead(
    newcomer: Forecast, market: Market, hours: Array, free_share: Array, settings: Settings, months: int
) -> tuple[OpenSlot, Array]:
    """Slots of the given hours, and what one more lead is worth to a slot of a newcomer's size (month), in money.

    A lead is what is won without the search, `w (N(t) - V(t))`, at least 0, times the share of such a slot that is
    expected to be free then.

    Parameters
    ----------
    newcomer, market, hours, settings, months
        As for `open_slot`.
    free_share
        Expected free hours as a share of a newcomer's, 0 to 1 (month).
    """
    every = open_slot(newcomer, market, np.hstack((hours, _usual_hours(newcomer, market, months))), settings, months)
    slots = OpenSlot(
        value=every.value[:, :, :-1], won=every.won[:, :, :-1], searches=every.searches[:, :-1],
        newcomers=every.newcomers[:, :-1],
    )  # fmt: skip
    return slots, _lead(every, market, free_share)


def still_open(slot: OpenSlot, newcomer: Forecast, market: Market, since: int, until: int) -> Array:
    """Chance that slots which open at the start of one month are open at that of a later one (sample, client).

    Open is also a slot whose newcomer has left again. The months are numbered as in `slot`, whose searches are made.
    """
    leaves = (newcomer.alive[:, 0, :-1] - newcomer.alive[:, 0, 1:]).T[:, :, None]
    months = until - since
    found = np.zeros((months + 1, *slot.newcomers.shape))
    found[0] = 1.0
    for month in range(months):
        won = market.win_rate[:, None] * found[month] * slot.searches[since + month]
        found[month + 1] += found[month] - won
        found[month + 2 :] += won * leaves[: max(0, months - month - 1)]
    return np.asarray(found[months])


@compiled
def _tenure(alive, never_paid, days, hours, energy, fee, size, ramp, per_day, hour, strain, powers):
    # Of a newcomer: what they have brought after each month, and the chance to leave in each of them, discounted, both
    # (month, sample).
    n_samples, months = alive.shape[0], len(powers) - 1
    income, leaves = np.empty((months, n_samples)), np.empty((months, n_samples))
    for s in range(n_samples):
        total = 0.0
        for m in range(months):
            paid = comes_in(1.0 - never_paid[s, 0, m], days[s, 0, m], per_day)
            month = fee[s] * ramp[m] * paid - size[s] * hours[s, 0, m] * hour + strain * (energy[s, 0, m] - 3.0)
            total += powers[m] * alive[s, 0, m] * month
            income[m, s] = total
            leaves[m, s] = powers[m + 1] * (alive[s, 0, m] - alive[s, 0, m + 1])
    return income, leaves


@compiled
def _renewed(income, leaves, count, cost, chance, discount, made):
    # The recursion of the module, backward over the months; arrays as in `OpenSlot`, `made` searches where given. Draws
    # come last, here and in `count` and `cost`, so that several are worked on in one instruction.
    n_clients, n_samples = count.shape
    months = leaves.shape[0]
    value = np.zeros((months + 1, n_clients, n_samples))
    won = np.zeros((months + 1, n_clients, n_samples))
    searches = np.zeros((months, n_clients), dtype=np.bool_)
    gain = np.empty(n_samples)
    for t in range(months - 1, -1, -1):
        for c in range(n_clients):
            later, new = value[t + 1, c], won[t + 1, c]
            for s in range(n_samples):
                gain[s] = chance[s] * (new[s] - later[s]) - cost[c, s]
            searches[t, c] = made[t, c] if made.shape[0] else gain.sum() > 0.0
            for s in range(n_samples):
                value[t, c, s] = discount * later[s] + (gain[s] if searches[t, c] else 0.0)
                won[t, c, s] = income[months - t - 1, s] * count[c, s]
            for k in range(months - t):
                for s in range(n_samples):
                    won[t, c, s] += leaves[k, s] * value[t + 1 + k, c, s]
    return value, won, searches


def slot_paths(newcomer: Paths, market: Market, slot: OpenSlot, chances: SlotChances, settings: Settings) -> Array:
    """Worth of the slot along one simulated future per draw (month 0..H, sample, client), in money of that month.

    The search policy is the one of `slot`. Which newcomer starts in a month is fixed by the month, so every action
    meets the same ones; a slot comes back to the same path only after all the others.
    """
    months = len(slot.searches)
    powers = discounts(settings.discount_rate, months)
    spread = market.fee_log_sd[:, None]
    fee = market.fee_per_month[:, None] * np.exp(spread * chances.fee - spread**2 / 2)
    income = _tenures(
        packed(newcomer.paid), packed(newcomer.days_to_pay), packed(newcomer.hours_ratio), packed(newcomer.energy), fee,
        market.hours_per_month, ramp_up(months, settings.replacement.ramp_up_months), settings.discount_rate / 365.0,
        float(settings.reserve_value_per_hour), float(settings.price_of_strain), powers,
    )  # fmt: skip
    cost = search_cost(slot.newcomers, settings)
    worth: Array = _lived(
        income, newcomer.left_in, packed(slot.newcomers), cost, packed(slot.searches), packed(chances.win),
        chances.first, market.win_rate, powers,
    )  # fmt: skip
    return worth


@compiled
def _tenures(paid, days, hours, energy, fee, size, ramp, per_day, hour, strain, powers):
    # What each newcomer has brought by the start of each month of tenure (sample, newcomer, month 0..H).
    n_samples, n_paths, months = fee.shape[0], fee.shape[1], len(powers) - 1
    income = np.zeros((n_samples, n_paths, months + 1))
    for s in range(n_samples):
        for k in range(n_paths):
            for m in range(months):
                came = comes_in(paid[s, k, m], days[s, k, m], per_day)
                month = fee[s, k] * ramp[m] * came - size[s] * hours[s, k, m] * hour + strain * (energy[s, k, m] - 3.0)
                income[s, k, m + 1] = income[s, k, m] + powers[m] * month
    return income


@compiled
def _lived(income, left_in, count, cost, searches, win, first, win_rate, powers):
    # One future of each slot, backward over the months; arrays as in `slot_paths`.
    n_samples, n_clients = count.shape
    months, n_paths = len(powers) - 1, left_in.shape[1]
    value, won = np.zeros((months + 1, n_samples, n_clients)), np.zeros((months + 1, n_samples, n_clients))
    for t in range(months - 1, -1, -1):
        for s in range(n_samples):
            for c in range(n_clients):
                value[t, s, c] = powers[1] * value[t + 1, s, c]
                if searches[t, c]:
                    value[t, s, c] -= cost[s, c]
                    if win[s, c, t] < win_rate[s]:
                        value[t, s, c] += powers[1] * (won[t + 1, s, c] - value[t + 1, s, c])
                which = (first[s, c] + t) % n_paths
                stays = min(left_in[s, which] + 1, months - t)
                won[t, s, c] = income[s, which, stays] * count[s, c] + powers[stays] * value[t + stays, s, c]
    return value


def _lead(slot: OpenSlot, market: Market, free_share: Array) -> Array:
    # Of the last slot, which is of the market's usual size.
    gain = (market.win_rate * (slot.won[:-1, :, -1] - slot.value[:-1, :, -1])).mean(axis=1)
    return np.asarray(np.maximum(0.0, gain) * free_share)


def _usual_hours(newcomer: Forecast, market: Market, months: int) -> Array:
    return np.asarray((market.hours_per_month * newcomer.hours_ratio[:, 0, :months].mean(axis=1))[:, None])


def newcomers_in(hours: Array, newcomer: Forecast, market: Market, months: int) -> Array:
    """How many newcomers of the market's mean size fill `hours` of work a month (sample, client)."""
    worked = market.hours_per_month * newcomer.hours_ratio[:, 0, :months].mean(axis=1)
    return np.asarray(hours / np.maximum(worked, 1e-9)[:, None])


@inlined
def comes_in(paid: float, days: float, per_day: float) -> float:
    """What comes in of the share that is paid, less the cost of capital of `per_day` until it does.

    Linear in days, so that the mean over paths is the value of the mean; a payment never costs more than itself.
    """
    return paid * max(1.0 - days * per_day, 0.0)


def net_income(fee: Array | float, paid: Array, days_to_pay: Array, discount_rate: float) -> Array:
    """What of `fee` comes in, as `comes_in` has it for one, in money; broadcasts."""
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

"""One simulated future of a client for each draw: what staying with them comes to, or leaving them; compiled.

Sums over the months of a path, as `model.worth` has them of what is expected. The hours a client frees are worth what
the simulated slot is from that month on, or from the one in which hours free already are filled, and the relief they
bring where the calendar is overbooked.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.kernel import compiled, inlined
from model.slot import comes_in

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


class Path(NamedTuple):
    """Simulated months (sample, client, month), and the last month the client is there for (sample, client)."""

    hours: Array
    paid: Array
    days: Array
    energy: Array
    referrals: Array
    left_in: Ints


class Stakes(NamedTuple):
    """What months and freed hours are worth, in money.

    Parameters
    ----------
    fixed_fee, fee_per_ratio, cost_of_hours, strain, most_leads, lead, per_day
        As for `model.worth.month_values`.
    discount
        Of every month (month 0..H).
    slot
        Worth of the slot when open at the start of a month (month 0..H, sample, client), in money of that month.
    queue
        Month before which free hours are filled first (sample, client).
    relief, relief_months
        What the relief of an overbooked calendar is worth a month (sample, client), and how many discounted months are
        left (month 0..H).
    prepaid
        Received for work not yet done (client).
    """

    fixed_fee: Array
    fee_per_ratio: Array
    cost_of_hours: Array
    strain: float
    most_leads: float
    lead: Array
    per_day: float
    discount: Array
    slot: Array
    queue: Ints
    relief: Array
    relief_months: Array
    prepaid: Array


@compiled
def stayed(path: Path, stakes: Stakes, rise: Array, wear: Array, luck: Array) -> Array:
    """Worth of staying with a client until they leave by themselves (sample, client), in money of today.

    Parameters
    ----------
    path, stakes
        What the months are like, and what they are worth.
    rise : array (client,)
        How much more they pay, as a share of the fee.
    wear : array (sample,)
        Chance to leave each month for a rise of a tenth.
    luck : array (sample, client)
        Uniform: the month in which a client leaves for the rise.
    """
    (n_samples, n_clients), months = path.left_in.shape, len(stakes.discount) - 1
    out = np.empty((n_samples, n_clients))
    for s in range(n_samples):
        for c in range(n_clients):
            left, hazard = min(path.left_in[s, c], months), min(1.0 - 1e-12, 10.0 * wear[s] * rise[c])
            if hazard > 0.0:
                left = int(min(float(left), np.log(luck[s, c]) / np.log1p(-hazard)))
            total = 0.0
            for m in range(min(left + 1, months)):
                total += stakes.discount[m] * _month(path, stakes, s, c, m, 1.0 + rise[c])
            out[s, c] = total - stakes.prepaid[c] + _freed(stakes, s, c, min(left + 1, months))
    return out


@compiled
def went(
    path: Path, stakes: Stakes, leaving: Array, wait: Ints, exit_luck: Array, at_risk: Array, more_unpaid: Array,
    unpaid_luck: Array, reputation: float,
) -> Array:  # fmt: skip
    """Worth of leaving one who is told in some months, and last of being left at once (wait + 1, sample, client).

    Parameters
    ----------
    path, stakes
        As for `stayed`.
    leaving : array (client, wait)
        Months until the last day of one who is told then.
    wait : array (wait,)
        In how many months the client is told.
    exit_luck : array (sample, client)
        Uniform: rounds the day to a month, so that its mean is kept.
    at_risk, more_unpaid : arrays (sample, client, wait)
        What is open once the client is told, and by how much its chance not to be paid grows.
    unpaid_luck : array (sample, client)
        Uniform: whether it is not paid.
    reputation : float
        What telling costs beside.
    """
    (n_samples, n_clients), months, n_waits = path.left_in.shape, len(stakes.discount) - 1, len(wait)
    out, value = np.empty((n_waits + 1, n_samples, n_clients)), np.empty(months)
    for s in range(n_samples):
        for c in range(n_clients):
            left = min(path.left_in[s, c], months)
            for m in range(min(left + 1, months)):
                value[m] = stakes.discount[m] * _month(path, stakes, s, c, m, 1.0)
            for k in range(n_waits):
                day = min(float(months), leaving[c, k])
                total = 0.0
                for m in range(min(left + 1, months)):
                    total += min(max(day - m, 0.0), 1.0) * value[m]
                by_themselves = left < max(0, int(np.ceil(day)) - 1)
                opens = left + 1 if by_themselves else min(months, int(np.floor(day + exit_luck[s, c])))
                if left >= wait[k]:
                    unpaid = at_risk[s, c, k] if unpaid_luck[s, c] < more_unpaid[s, c, k] else 0.0
                    total -= stakes.discount[wait[k]] * (unpaid + reputation)
                out[k, s, c] = total - stakes.prepaid[c] + _freed(stakes, s, c, opens)
            out[n_waits, s, c] = _freed(stakes, s, c, 0) - stakes.prepaid[c]
    return out


@inlined
def _month(path: Path, stakes: Stakes, s: int, c: int, m: int, factor: float) -> float:
    # Value of a month in which the fee is `factor` times what it is.
    ratio = path.hours[s, c, m]
    fee = factor * stakes.fixed_fee[c] + factor * stakes.fee_per_ratio[c] * ratio
    value = fee * comes_in(path.paid[s, c, m], path.days[s, c, m], stakes.per_day) - ratio * stakes.cost_of_hours[c]
    leads = min(path.referrals[s, c, m], stakes.most_leads)
    return float(value + stakes.strain * (path.energy[s, c, m] - 3.0) + leads * stakes.lead[m])


@inlined
def _freed(stakes: Stakes, s: int, c: int, month: int) -> float:
    # Worth today of the hours freed at the start of a month.
    opens = max(month, stakes.queue[s, c])
    relief = stakes.relief[s, c] * stakes.relief_months[month]
    return float(stakes.discount[opens] * stakes.slot[opens, s, c] + relief)

"""What months with a client add up to, compiled: the value of each, of staying through them, and of leaving on a day.

One pass over the draws instead of a dozen, for these sums are done hundreds of times to say how much an answer would
take to change.
"""

import numpy as np
from numpy.typing import NDArray

from model.kernel import compiled
from model.slot import comes_in
from model.terms import DAYS_PER_MONTH

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@compiled
def month_values(
    hours: Array, never_paid: Array, days: Array, energy: Array, referrals: Array, fixed_fee: Array,
    fee_per_ratio: Array, cost_of_hours: Array, strain: float, most_leads: float, lead: Array, per_day: float,
    months: int,
) -> Array:  # fmt: skip
    """Expected value of each month with a client (sample, client, month), in money.

    Parameters
    ----------
    hours, never_paid, days, energy, referrals : arrays (sample, client, month)
        What the months are like.
    fixed_fee, fee_per_ratio, cost_of_hours : arrays (client,)
        Fee of a month whatever is worked, fee for the hours agreed where they are billed, and what these hours cost.
    strain : float
        Price of a point of energy.
    most_leads : float
    lead : array (month,)
        What a lead is worth; more than `most_leads` a month are worth no more.
    per_day : float
        Cost of capital of a day.
    months : int
        How many months.
    """
    n_samples, n_clients = hours.shape[:2]
    out = np.empty((n_samples, n_clients, months))
    for s in range(n_samples):
        for c in range(n_clients):
            fixed, by_hours, cost = fixed_fee[c], fee_per_ratio[c], cost_of_hours[c]
            for m in range(months):
                ratio = hours[s, c, m]
                income = (fixed + by_hours * ratio) * comes_in(1.0 - never_paid[s, c, m], days[s, c, m], per_day)
                value = income - ratio * cost + strain * (energy[s, c, m] - 3.0)
                value += min(referrals[s, c, m], most_leads) * lead[m]
                out[s, c, m] = value
    return out


@compiled
def stays(month: Array, alive: Array, after: Array, discount: Array, steadiness: Array) -> Array:
    """Worth of staying until the client leaves by itself (sample, client).

    Parameters
    ----------
    month : array (sample, client, month)
        Value of each month while the client is there.
    alive : array (sample, client, month)
        Chance to be there at the start of a month.
    after : array (sample, client, month 0..H)
        Worth today of the hours freed at the start of a month.
    discount : array (month 0..H,)
    steadiness : array (sample, client)
        Chance not to leave because of a higher price, each month.
    """
    n_samples, n_clients, months = month.shape
    out = np.empty((n_samples, n_clients))
    for s in range(n_samples):
        for c in range(n_clients):
            total, steady, there = 0.0, 1.0, alive[s, c, 0]
            for m in range(months):
                steady *= steadiness[s, c]
                then = steady * alive[s, c, m + 1]
                total += there * discount[m] * month[s, c, m] + (there - then) * after[s, c, m + 1]
                there = then
            out[s, c] = total
    return out


@compiled
def leaves(
    month: Array, alive: Array, after: Array, discount: Array, leaving: Array, wait: Ints, lost: Array
) -> Array:  # fmt: skip
    """Worth of leaving one who is told in some months (sample, client, wait).

    Parameters
    ----------
    month, alive, after, discount : arrays
        As for `stays`.
    leaving : array (client, wait)
        Months until the last day of one who is told then.
    wait : array (wait,)
        In how many months the client is told.
    lost : array (sample, client, wait)
        What telling the client costs then, in money of that month.
    """
    n_samples, n_clients, months = month.shape
    out = np.empty((n_samples, n_clients, len(wait)))
    served, gone = np.zeros(months + 1), np.zeros(months + 1)
    for s in range(n_samples):
        for c in range(n_clients):
            for m in range(months):
                there, then = alive[s, c, m], alive[s, c, m + 1]
                served[m + 1] = served[m] + there * discount[m] * month[s, c, m]
                gone[m + 1] = gone[m] + (there - then) * after[s, c, m + 1]
            for k in range(len(wait)):
                day = min(float(months), leaving[c, k])
                floor, last = int(np.floor(day)), max(0, int(np.ceil(day)) - 1)
                part = day - floor
                # A part of a month is served before a last day that lies within it.
                inside = min(floor, months - 1)
                total = served[floor] + part * (served[inside + 1] - served[inside]) + gone[last]
                at_exit = (1.0 - part) * after[s, c, floor] + part * after[s, c, min(floor + 1, months)]
                told = discount[wait[k]] * alive[s, c, wait[k]] * lost[s, c, k]
                out[s, c, k] = total + alive[s, c, last] * at_exit - told
    return out


@compiled
def still_open(
    fixed_fee: Array, fee_per_ratio: Array, hours: Array, days: Array, wait: Ints
) -> Array:  # fmt: skip
    """What will be open, after some months, of what is invoiced from today on (sample, client, wait), in money.

    Between issue and payment an invoice is taken to be as likely to be paid on one day as on the next.

    Parameters
    ----------
    fixed_fee, fee_per_ratio : arrays (client,)
        As for `month_values`.
    hours, days : arrays (sample, client, month)
        Hours worked for each hour agreed, and days to payment.
    wait : array (wait,)
        Numbers of months.
    """
    n_samples, n_clients = hours.shape[:2]
    out = np.empty((n_samples, n_clients, len(wait)))
    longest = wait.max() if len(wait) else 0
    after = np.zeros(longest + 1)
    for s in range(n_samples):
        for c in range(n_clients):
            for m in range(longest):
                kept = np.exp(-DAYS_PER_MONTH / max(days[s, c, m], 1.0))
                after[m + 1] = after[m] * kept + fixed_fee[c] + fee_per_ratio[c] * hours[s, c, m]
            for k in range(len(wait)):
                out[s, c, k] = after[wait[k]]
    return out

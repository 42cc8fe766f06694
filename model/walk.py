"""Simulated futures month by month, compiled: one walk of each client in each draw, as they are and under other terms.

What moves from month to month is the same walk under all terms: terms shift the strain, and so multiply the odds, the
hours, the days and the rate of referrals by what does not change through the months. So exponentials are taken once for
all terms, and chances are compared as odds: a uniform number u lies below a chance of odds o where u < (1 - u) o.

The draws are worked on `LANES` at a time, rows of one flat array as in `model.expectation`.
"""

import numpy as np

from model.days import LARGEST_SCALE, LONGEST_DAYS, PAYMENT_RUN_DAYS
from model.filter import factor_of
from model.kernel import compiled, inlined
from model.lanes import LANES, place
from model.observations import LEFT_AFTER_A_MONTH
from model.parameters import (
    CONDUCT,
    DEMAND,
    ENERGY_CUTS,
    ENERGY_SLOPES,
    FIT,
    HOURS_SCALE,
    HOURS_SHIFT,
    HOURS_SLOPE,
    INVOICE_SCALE,
    INVOICE_SHIFT,
    INVOICE_SLOPE,
    LEAVE_BASE,
    LEAVE_SLOPES,
    NEVER_BASE,
    NEVER_SLOPE,
    PAYMENT,
    PERSISTENCE,
    REFERRAL_BASE,
    REFERRAL_SLOPES,
)
from model.quadrature import LARGEST, MAX_LOG_RATE, MOST_LOG_REFERRALS, exponentials, logarithms

# What is a matter of the month: log hours, log days, log referrals; log odds of never paying, of each rating and of
# leaving.
HOURS, DAYS, REFERRALS, NEVER, RATING, LEAVING = range(6)
N_KINDS = 6
MOST_TERMS = 3
RHO, NOISE, FACTOR = 0, 4, 8
SLOPES = 18  # of each kind on the four traits
BASES = SLOPES + 4 * N_KINDS
CUTS = BASES + N_KINDS
SCALES = CUTS + 4  # of log hours and of log days
LATENT, STRAIN = SCALES + 2, SCALES + 6
MOVED = STRAIN + 4  # normal numbers of a month
CHANCES = MOVED + 5  # uniform numbers of a month
ODDS = CHANCES + 5  # logarithm of the odds of the second of them
ETA = ODDS + 1
GROWN = ETA + N_KINDS
FACTORS = GROWN + N_KINDS  # by which terms multiply each kind
LEFT = FACTORS + MOST_TERMS * N_KINDS
FOUND = LEFT + MOST_TERMS
EARLY = FOUND + 5  # what the beginning adds to each trait
FRACTION = EARLY + 4  # the odds of the second of the uniform numbers
N_ROWS = FRACTION + 1
LARGEST_GROWN, MOST_REFERRALS = np.exp(MAX_LOG_RATE), np.exp(MOST_LOG_REFERRALS)


@compiled
def walk(theta, latent, shifts, early, log_terms, normal, uniform, draws, first, left_in, channels):
    """Walk some of the clients through the months, in some of the draws.

    Parameters
    ----------
    theta : array (sample, parameter)
    latent : array (sample, client, latent)
        The latent processes today.
    shifts : array (terms, sample, client, trait)
        What standing facts and accepted asks add to the strain, under at most `MOST_TERMS` terms.
    early : array (sample, client, trait)
        What the beginning adds today; it fades, and is the same under all terms.
    log_terms : array (client,)
        Payment terms, as `model.observations.log_days` has them.
    normal, uniform : arrays (client, month, 5, sample)
        Random numbers of as many clients as are walked, from `model.shocks`, the same under all terms.
    draws : tuple of two integers
        The first draw, and the one after the last.
    first : int
        The first client that is walked.
    left_in : array (terms, sample, client)
        Overwritten with the month in which the client leaves by itself; the number of months where it does not.
    channels : array (terms, channel, sample, client, month)
        Overwritten with hours, whether the month is paid, days to payment, energy and referrals.
    """
    n_clients, n_months, n_terms = normal.shape[0], normal.shape[1], len(shifts)
    room = np.zeros(N_ROWS * LANES)
    eta, grown = room[ETA * LANES : GROWN * LANES], room[GROWN * LANES : FACTORS * LANES]
    fraction, log_odds = room[FRACTION * LANES : N_ROWS * LANES], room[ODDS * LANES : ETA * LANES]
    of = np.zeros(LANES, dtype=np.int64)
    for start in range(draws[0], draws[1], LANES):
        for b in range(LANES):
            # Where the draws run out the last one is done again, which changes nothing.
            of[b] = min(start + b, draws[1] - 1)
            _constants(theta[of[b]], room, b)
        for walker in range(n_clients):
            c = first + walker
            for b in range(LANES):
                room[(BASES + DAYS) * LANES + b] = log_terms[c] + theta[of[b], INVOICE_SHIFT]
                for i in range(4):
                    room[(LATENT + i) * LANES + b] = latent[of[b], c, i]
                    room[(EARLY + i) * LANES + b] = early[of[b], c, i]
                for v in range(n_terms):
                    room[(LEFT + v) * LANES + b] = n_months
                    _shifted(shifts[v, of[b], c], room, v, b)
            for h in range(n_months):
                for b in range(LANES):
                    for i in range(5):
                        room[(MOVED + i) * LANES + b] = normal[walker, h, i, of[b]]
                        room[(CHANCES + i) * LANES + b] = uniform[walker, h, i, of[b]]
                for b in range(LANES):
                    u = room[(CHANCES + 1) * LANES + b]
                    fraction[b] = u / (1.0 - u)
                logarithms(fraction, log_odds)
                _step(room)
                exponentials(eta, grown)
                for v in range(n_terms):
                    _happens(room, v, h, n_months)
                    for b in range(LANES):
                        s = of[b]
                        for k in range(4):
                            channels[v, k, s, c, h] = room[(FOUND + k) * LANES + b]
                        channels[v, 4, s, c, h] = _poisson(
                            room[(FOUND + 4) * LANES + b], room[(CHANCES + 3) * LANES + b]
                        )
            for v in range(n_terms):
                for b in range(LANES):
                    left_in[v, of[b], c] = int(room[(LEFT + v) * LANES + b])


@inlined
def _constants(theta, room, b):
    A = factor_of(theta)
    for i in range(4):
        rho = theta[PERSISTENCE + i]
        room[(RHO + i) * LANES + b], room[(NOISE + i) * LANES + b] = rho, np.sqrt(1.0 - rho * rho)
        room[(CUTS + i) * LANES + b] = np.exp(min(max(theta[ENERGY_CUTS + i], -300.0), 300.0))
        for j in range(i + 1):
            room[(FACTOR + place(i, j)) * LANES + b] = A[i, j]
        for k in range(N_KINDS):
            room[(SLOPES + 4 * k + i) * LANES + b] = 0.0
        room[(SLOPES + 4 * LEAVING + i) * LANES + b] = theta[LEAVE_SLOPES + i]
    room[(SLOPES + 4 * HOURS + DEMAND) * LANES + b] = theta[HOURS_SLOPE]
    room[(SLOPES + 4 * DAYS + PAYMENT) * LANES + b] = theta[INVOICE_SLOPE]
    room[(SLOPES + 4 * REFERRALS + CONDUCT) * LANES + b] = -theta[REFERRAL_SLOPES]
    room[(SLOPES + 4 * REFERRALS + FIT) * LANES + b] = -theta[REFERRAL_SLOPES + 1]
    room[(SLOPES + 4 * NEVER + PAYMENT) * LANES + b] = theta[NEVER_SLOPE]
    room[(SLOPES + 4 * RATING + DEMAND) * LANES + b] = theta[ENERGY_SLOPES]
    room[(SLOPES + 4 * RATING + CONDUCT) * LANES + b] = theta[ENERGY_SLOPES + 1]
    room[(SLOPES + 4 * RATING + FIT) * LANES + b] = theta[ENERGY_SLOPES + 2]
    room[(BASES + HOURS) * LANES + b] = theta[HOURS_SHIFT]
    room[(BASES + REFERRALS) * LANES + b] = theta[REFERRAL_BASE]
    room[(BASES + NEVER) * LANES + b] = theta[NEVER_BASE]
    room[(BASES + LEAVING) * LANES + b] = theta[LEAVE_BASE]
    room[SCALES * LANES + b] = theta[HOURS_SCALE]
    room[(SCALES + 1) * LANES + b] = min(theta[INVOICE_SCALE], LARGEST_SCALE)


@inlined
def _shifted(shift, room, v, b):
    for k in range(N_KINDS):
        total = 0.0
        for i in range(4):
            total += room[(SLOPES + 4 * k + i) * LANES + b] * shift[i]
        room[(FACTORS + v * N_KINDS + k) * LANES + b] = np.exp(min(max(total, -LARGEST), LARGEST))


@inlined
def _step(room):
    # The latent processes a month on, the strain without what terms add, and what follows of it.
    for b in range(LANES):
        for i in range(4):
            moved = room[(NOISE + i) * LANES + b] * room[(MOVED + i) * LANES + b]
            room[(LATENT + i) * LANES + b] = room[(RHO + i) * LANES + b] * room[(LATENT + i) * LANES + b] + moved
            room[(EARLY + i) * LANES + b] *= LEFT_AFTER_A_MONTH
        for i in range(4):
            total = room[(EARLY + i) * LANES + b]
            for j in range(i + 1):
                total += room[(FACTOR + place(i, j)) * LANES + b] * room[(LATENT + j) * LANES + b]
            room[(STRAIN + i) * LANES + b] = total
        for k in range(N_KINDS):
            total = room[(BASES + k) * LANES + b]
            for i in range(4):
                total += room[(SLOPES + 4 * k + i) * LANES + b] * room[(STRAIN + i) * LANES + b]
            room[(ETA + k) * LANES + b] = total
        room[(ETA + HOURS) * LANES + b] += room[SCALES * LANES + b] * room[(MOVED + 4) * LANES + b]
        room[(ETA + DAYS) * LANES + b] += room[(SCALES + 1) * LANES + b] * room[ODDS * LANES + b]


@inlined
def _happens(room, v, h, n_months):
    factors = (FACTORS + v * N_KINDS) * LANES
    for b in range(LANES):
        hours = room[(GROWN + HOURS) * LANES + b] * room[factors + HOURS * LANES + b]
        room[FOUND * LANES + b] = min(hours, LARGEST_GROWN)
        never = room[(GROWN + NEVER) * LANES + b] * room[factors + NEVER * LANES + b]
        u = room[CHANCES * LANES + b]
        room[(FOUND + 1) * LANES + b] = 1.0 if u > (1.0 - u) * never else 0.0
        days = min(room[(GROWN + DAYS) * LANES + b] * room[factors + DAYS * LANES + b], LARGEST_GROWN)
        room[(FOUND + 2) * LANES + b] = min(max(days - PAYMENT_RUN_DAYS, 0.0), LONGEST_DAYS)
        # The first cut beyond which the chance lies says the rating.
        pull = room[(GROWN + RATING) * LANES + b] * room[factors + RATING * LANES + b]
        u, rating = room[(CHANCES + 2) * LANES + b], 5.0
        for k in range(3, -1, -1):
            rating = k + 1.0 if u < (1.0 - u) * (pull * room[(CUTS + k) * LANES + b]) else rating
        room[(FOUND + 3) * LANES + b] = rating
        rate = room[(GROWN + REFERRALS) * LANES + b] * room[factors + REFERRALS * LANES + b]
        room[(FOUND + 4) * LANES + b] = min(rate, MOST_REFERRALS)
        leaving = room[(GROWN + LEAVING) * LANES + b] * room[factors + LEAVING * LANES + b]
        u, left = room[(CHANCES + 4) * LANES + b], room[(LEFT + v) * LANES + b]
        gone = min(left, float(h))
        room[(LEFT + v) * LANES + b] = gone if u < (1.0 - u) * leaving else left


@inlined
def _poisson(rate, uniform):
    # Mostly there is none, which needs no exponential: exp(-rate) is at least 1 - rate.
    count = 0
    if uniform > 1.0 - rate:
        term = np.exp(-rate)
        total = term
        while uniform > total and count < 100:
            count += 1
            term *= rate / count
            total += term
    return float(count)

"""The months ahead in expectation: what to expect of each month of a client who is still there, compiled.

Given a draw, the strain of a month ahead is normal, and whatever happens in it depends on the strain along one
direction only: payment on the trait of that name, departure on a weighted sum, and so on. So no month asks for the
strain itself, only for the mean and variance along five directions, and those are sums over the latent processes.

The draws are worked on `LANES` at a time. Every number of the loop is a row of one flat array, `room`, so that a
compiler sees that rows never overlap and does four draws in one instruction; a row is named by a constant below.
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
from model.quadrature import (
    EVEN_WEIGHTS,
    MAX_LOG_RATE,
    MOST_LOG_REFERRALS,
    PAIRS,
    SPACING,
    exponentials,
    exponentials_both_ways,
)

# What stays the same through the months. A direction is five rows: its four weights on the latent processes, and the
# part of its mean that standing facts and accepted asks make. The factor is triangular: the first ones look along the
# first latent processes only.
RHO, NOISE = 0, 4
PAY, WORK, TIRE, REFER, LEAVE = 8, 13, 18, 23, 28
SLOPES = 33  # of log hours, log days, never paid
BASES = 36  # of log hours, log days, never paid, departure, referrals, the least cut of energy
LEVELS = 42  # of the sum over the four cuts as one fraction: its numerator, then its denominator
DAYS_FACTOR = 49
# What moves from month to month. A covariance is its lower triangle, row by row.
MEAN, COV, ALIVE = 50, 54, 64
CENTRES, VARIANCES, ALONG = 65, 70, 75
SPREADS = 79  # along payment, energy and departure
SUMS = 82  # never paid, energy, staying and its first two moments
# What exponentials are taken of: log hours, log days, log referrals, and the middle node of never paid, energy and
# departure; then what becomes of them. The other nodes lie on either side of the middle one, each as far from the one
# before, so that the odds at them are those before times the same.
ETA, N_ETA = 87, 6
GROWN = ETA + N_ETA
MIDDLE, NODE_WEIGHTS = EVEN_WEIGHTS[0], EVEN_WEIGHTS[1:].copy()
FAR, N_FAR = GROWN + N_ETA, 3
MORE, LESS = FAR + N_FAR, FAR + 2 * N_FAR
# What beginnings add to the mean along each direction; it fades from month to month.
FADING = FAR + 3 * N_FAR
N_ROWS = FADING + 5
# What is this many times as likely as not is certain; beyond it, products of eight such odds would overflow.
LARGEST_ODDS = 1e37
# Cuts of energy that lie farther apart than this, in logits, are taken to lie so far apart.
FARTHEST_CUT = -60.0


@compiled
def expect(theta, latent, cov, shift, early, log_terms, alive, channels):
    """Expectations of every month ahead, under the normal belief about today's strain.

    Parameters
    ----------
    theta : array (sample, parameter)
    latent, cov : arrays (sample, client, latent), (sample, client, latent, latent)
        Belief about the latent processes today.
    shift, early : arrays (sample, client, trait)
        What standing facts and accepted asks add to the strain, and what the beginning adds today.
    log_terms : array (client,)
        Payment terms, as `model.observations.log_days` has them.
    alive : array (sample, client, month 0..H)
        Overwritten with the chance to be there at the start of a month; its first column is read, not written.
    channels : array (channel, sample, client, month)
        Overwritten with hours, share never paid, days to payment, energy and referrals.
    """
    n_samples, n_clients, n_months = len(theta), latent.shape[1], channels.shape[3]
    room = np.zeros(N_ROWS * LANES)
    eta, grown = room[ETA * LANES : GROWN * LANES], room[GROWN * LANES : FAR * LANES]
    far, more = room[FAR * LANES : MORE * LANES], room[MORE * LANES : LESS * LANES]
    less = room[LESS * LANES : FADING * LANES]
    of = np.zeros(LANES, dtype=np.int64)
    for start in range(0, n_samples, LANES):
        for b in range(LANES):
            # Where the draws run out the last one is done again, which changes nothing.
            of[b] = min(start + b, n_samples - 1)
            _constants(theta[of[b]], room, b)
        for c in range(n_clients):
            for b in range(LANES):
                _begin(theta[of[b]], latent[of[b], c], cov[of[b], c], log_terms[c], room, b)
                _apart(theta[of[b]], shift[of[b], c], early[of[b], c], room, b)
                room[ALIVE * LANES + b] = alive[of[b], c, 0]
            for h in range(n_months):
                _drift(room)
                _look_along(room)
                _exponents(room)
                exponentials(eta, grown)
                exponentials_both_ways(far, more, less)
                _integrate(room)
                _condition_on_staying(room)
                for b in range(LANES):
                    s = of[b]
                    channels[0, s, c, h] = grown[b]
                    channels[1, s, c, h] = room[SUMS * LANES + b]
                    days = grown[LANES + b] * room[DAYS_FACTOR * LANES + b] - PAYMENT_RUN_DAYS
                    channels[2, s, c, h] = min(max(days, 0.0), LONGEST_DAYS)
                    channels[3, s, c, h] = room[(SUMS + 1) * LANES + b]
                    channels[4, s, c, h] = grown[2 * LANES + b]
                    alive[s, c, h + 1] = room[ALIVE * LANES + b]


@inlined
def _constants(theta, room, b):
    A = factor_of(theta)
    for i in range(4):
        room[(RHO + i) * LANES + b] = theta[PERSISTENCE + i]
        room[(NOISE + i) * LANES + b] = 1.0 - theta[PERSISTENCE + i] ** 2
        # A direction in the strain, seen from the latent processes.
        pay, work, tire, leave, refer = A[PAYMENT, i], A[DEMAND, i], 0.0, 0.0, 0.0
        for j in range(4):
            leave += theta[LEAVE_SLOPES + j] * A[j, i]
        tire += theta[ENERGY_SLOPES] * A[DEMAND, i]
        tire += theta[ENERGY_SLOPES + 1] * A[CONDUCT, i]
        tire += theta[ENERGY_SLOPES + 2] * A[FIT, i]
        refer -= theta[REFERRAL_SLOPES] * A[CONDUCT, i] + theta[REFERRAL_SLOPES + 1] * A[FIT, i]
        room[(PAY + i) * LANES + b] = pay
        room[(WORK + i) * LANES + b] = work
        room[(TIRE + i) * LANES + b] = tire
        room[(LEAVE + i) * LANES + b] = leave
        room[(REFER + i) * LANES + b] = refer
    _levels(theta, room, b)
    room[SLOPES * LANES + b] = theta[HOURS_SLOPE]
    room[(SLOPES + 1) * LANES + b] = theta[INVOICE_SLOPE]
    room[(SLOPES + 2) * LANES + b] = theta[NEVER_SLOPE]
    room[BASES * LANES + b] = theta[HOURS_SHIFT] + 0.5 * theta[HOURS_SCALE] ** 2
    room[(BASES + 2) * LANES + b] = theta[NEVER_BASE]
    room[(BASES + 3) * LANES + b] = theta[LEAVE_BASE]
    room[(BASES + 4) * LANES + b] = theta[REFERRAL_BASE]
    tail = np.pi * min(theta[INVOICE_SCALE], LARGEST_SCALE)
    room[DAYS_FACTOR * LANES + b] = tail / np.sin(tail)


@inlined
def _levels(theta, room, b):
    # With t the odds at the least cut, the sum of 1 / (1 + k t) over the cuts is one fraction of two polynomials in t.
    least = theta[ENERGY_CUTS]
    for i in range(1, 4):
        least = min(least, theta[ENERGY_CUTS + i])
    e1, e2, e3, e4 = 0.0, 0.0, 0.0, 0.0
    for i in range(4):
        k = np.exp(max(least - theta[ENERGY_CUTS + i], FARTHEST_CUT))
        e1, e2, e3, e4 = e1 + k, e2 + k * e1, e3 + k * e2, e4 + k * e3
    room[(BASES + 5) * LANES + b] = least
    for i, number in enumerate((3.0 * e1, 2.0 * e2, e3, e1, e2, e3, e4)):
        room[(LEVELS + i) * LANES + b] = number


@inlined
def _begin(theta, latent, cov, log_terms, room, b):
    room[(BASES + 1) * LANES + b] = log_terms + theta[INVOICE_SHIFT]
    for i in range(4):
        room[(MEAN + i) * LANES + b] = latent[i]
        for j in range(i + 1):
            room[(COV + place(i, j)) * LANES + b] = cov[i, j]


@inlined
def _apart(theta, shift, early, room, b):
    # What there is beside the latent processes, along each direction: what stays as it is, and what fades.
    _along_each(theta, shift, room, b, PAY + 4, WORK + 4, TIRE + 4, REFER + 4, LEAVE + 4)
    _along_each(theta, early, room, b, FADING, FADING + 1, FADING + 2, FADING + 3, FADING + 4)


@inlined
def _along_each(theta, strain, room, b, pay, work, tire, refer, leave):
    room[pay * LANES + b] = strain[PAYMENT]
    room[work * LANES + b] = strain[DEMAND]
    tires = theta[ENERGY_SLOPES] * strain[DEMAND] + theta[ENERGY_SLOPES + 1] * strain[CONDUCT]
    room[tire * LANES + b] = tires + theta[ENERGY_SLOPES + 2] * strain[FIT]
    room[refer * LANES + b] = -theta[REFERRAL_SLOPES] * strain[CONDUCT] - theta[REFERRAL_SLOPES + 1] * strain[FIT]
    leaves = 0.0
    for i in range(4):
        leaves += theta[LEAVE_SLOPES + i] * strain[i]
    room[leave * LANES + b] = leaves


@inlined
def _drift(room):
    # A month on: the latent processes are autoregressions of unit variance, beginnings fade. One loop over the draws,
    # here and below: short ones are written out by a compiler, one draw at a time.
    for b in range(LANES):
        for i in range(4):
            room[(MEAN + i) * LANES + b] *= room[(RHO + i) * LANES + b]
            for j in range(i):
                room[(COV + place(i, j)) * LANES + b] *= room[(RHO + i) * LANES + b] * room[(RHO + j) * LANES + b]
            rho, p = room[(RHO + i) * LANES + b], COV + place(i, i)
            room[p * LANES + b] = room[p * LANES + b] * (rho * rho) + room[(NOISE + i) * LANES + b]
        for k in range(5):
            room[(FADING + k) * LANES + b] *= LEFT_AFTER_A_MONTH


@inlined
def _look_along(room):
    # Mean and variance of the strain along each direction. The covariances with the last one, departure, stay behind in
    # their rows: the months that follow are conditioned on it.
    for b in range(LANES):
        pay = _look(room, b, PAY, 0, 1)
        room[SPREADS * LANES + b] = np.sqrt(max(pay, 0.0))
        _look(room, b, WORK, 1, 2)
        tire = _look(room, b, TIRE, 2, 4)
        room[(SPREADS + 1) * LANES + b] = np.sqrt(max(tire, 0.0))
        _look(room, b, REFER, 3, 4)
        leave = _look(room, b, LEAVE, 4, 4)
        room[(SPREADS + 2) * LANES + b] = np.sqrt(max(leave, 0.0))


@inlined
def _look(room, b, d, k, n):
    mean, var = room[(d + 4) * LANES + b] + room[(FADING + k) * LANES + b], 0.0
    for i in range(n):
        mean += room[(d + i) * LANES + b] * room[(MEAN + i) * LANES + b]
        along = 0.0
        for j in range(n):
            along += room[(COV + place(i, j)) * LANES + b] * room[(d + j) * LANES + b]
        room[(ALONG + i) * LANES + b] = along
        var += along * room[(d + i) * LANES + b]
    room[(CENTRES + k) * LANES + b] = mean
    room[(VARIANCES + k) * LANES + b] = var
    return var


@inlined
def _exponents(room):
    for b in range(LANES):
        slope, var = room[SLOPES * LANES + b], room[(VARIANCES + 1) * LANES + b]
        log_hours = room[BASES * LANES + b] + slope * room[(CENTRES + 1) * LANES + b] + 0.5 * slope * slope * var
        room[ETA * LANES + b] = min(log_hours, MAX_LOG_RATE)
        slope, var = room[(SLOPES + 1) * LANES + b], room[VARIANCES * LANES + b]
        log_days = room[(BASES + 1) * LANES + b] + slope * room[CENTRES * LANES + b] + 0.5 * slope * slope * var
        room[(ETA + 1) * LANES + b] = min(log_days, MAX_LOG_RATE)
        log_rate = room[(BASES + 4) * LANES + b] + room[(CENTRES + 3) * LANES + b]
        room[(ETA + 2) * LANES + b] = min(log_rate + 0.5 * room[(VARIANCES + 3) * LANES + b], MOST_LOG_REFERRALS)
        slope = room[(SLOPES + 2) * LANES + b]
        room[(ETA + 3) * LANES + b] = -room[(BASES + 2) * LANES + b] - slope * room[CENTRES * LANES + b]
        room[(ETA + 4) * LANES + b] = -room[(CENTRES + 2) * LANES + b] - room[(BASES + 5) * LANES + b]
        room[(ETA + 5) * LANES + b] = room[(BASES + 3) * LANES + b] + room[(CENTRES + 4) * LANES + b]
        room[FAR * LANES + b] = slope * room[SPREADS * LANES + b] * SPACING
        room[(FAR + 1) * LANES + b] = room[(SPREADS + 1) * LANES + b] * SPACING
        room[(FAR + 2) * LANES + b] = room[(SPREADS + 2) * LANES + b] * SPACING


@inlined
def _integrate(room):
    # Divisions take longest, so that the fractions of two nodes are brought to one denominator.
    for b in range(LANES):
        middle = min(room[(GROWN + 3) * LANES + b], LARGEST_ODDS)
        never, above, below = MIDDLE / (1.0 + middle), middle, middle
        for i in range(PAIRS):
            above = min(above * room[MORE * LANES + b], LARGEST_ODDS)
            below = min(below * room[LESS * LANES + b], LARGEST_ODDS)
            never += NODE_WEIGHTS[i] * (2.0 + above + below) / ((1.0 + above) * (1.0 + below))
        room[SUMS * LANES + b] = never
    for b in range(LANES):
        n1, n2, n3 = room[LEVELS * LANES + b], room[(LEVELS + 1) * LANES + b], room[(LEVELS + 2) * LANES + b]
        d1, d2 = room[(LEVELS + 3) * LANES + b], room[(LEVELS + 4) * LANES + b]
        d3, d4 = room[(LEVELS + 5) * LANES + b], room[(LEVELS + 6) * LANES + b]
        middle = min(room[(GROWN + 4) * LANES + b], LARGEST_ODDS)
        top = 4.0 + middle * (n1 + middle * (n2 + middle * n3))
        lost = MIDDLE * top / (1.0 + middle * (d1 + middle * (d2 + middle * (d3 + middle * d4))))
        above, below = middle, middle
        for i in range(PAIRS):
            above = min(above * room[(MORE + 1) * LANES + b], LARGEST_ODDS)
            below = min(below * room[(LESS + 1) * LANES + b], LARGEST_ODDS)
            top, bottom = 4.0 + above * (n1 + above * (n2 + above * n3)), 4.0 + below * (n1 + below * (n2 + below * n3))
            under_top = 1.0 + above * (d1 + above * (d2 + above * (d3 + above * d4)))
            under = 1.0 + below * (d1 + below * (d2 + below * (d3 + below * d4)))
            lost += NODE_WEIGHTS[i] * (top * under + bottom * under_top) / (under_top * under)
        room[(SUMS + 1) * LANES + b] = 5.0 - lost
    for b in range(LANES):
        middle = min(room[(GROWN + 5) * LANES + b], LARGEST_ODDS)
        stay, first, second, above, below = MIDDLE / (1.0 + middle), 0.0, 0.0, middle, middle
        for i in range(PAIRS):
            above = min(above * room[(MORE + 2) * LANES + b], LARGEST_ODDS)
            below = min(below * room[(LESS + 2) * LANES + b], LARGEST_ODDS)
            part = NODE_WEIGHTS[i] / ((1.0 + above) * (1.0 + below))
            both, node = (2.0 + above + below) * part, (i + 1.0) * SPACING
            stay += both
            first += (below - above) * part * node
            second += both * (node * node)
        room[(SUMS + 2) * LANES + b] = stay
        room[(SUMS + 3) * LANES + b] = first
        room[(SUMS + 4) * LANES + b] = second
        room[ALIVE * LANES + b] *= stay


@inlined
def _condition_on_staying(room):
    # Those who stay are the calmer ones: the belief is conditioned on it.
    for b in range(LANES):
        sd, per_stay = room[(SPREADS + 2) * LANES + b], 1.0 / room[(SUMS + 2) * LANES + b]
        moved = room[(SUMS + 3) * LANES + b] * per_stay
        narrowed = room[(SUMS + 4) * LANES + b] * per_stay - moved * moved - 1.0
        # Divided first and left out after: a division under a condition would be done for one draw at a time.
        per_sd = (1.0 / max(sd, 1e-9)) * (1.0 if sd > 1e-9 else 0.0)
        for i in range(4):
            along = room[(ALONG + i) * LANES + b] * per_sd
            room[(MEAN + i) * LANES + b] += along * moved
            for j in range(i + 1):
                p = COV + place(i, j)
                room[p * LANES + b] += along * room[(ALONG + j) * LANES + b] * per_sd * narrowed

"""The months ahead in expectation: what to expect of each month of a client who is still there, compiled.

Given a draw, the strain of a month ahead is normal, and whatever happens in it depends on the strain along one
direction only: payment on the trait of that name, departure on a weighted sum, and so on. So no month asks for the
strain itself, only for the mean and variance along five directions, and those are sums over the latent processes.

The draws are worked on `LANES` at a time. Every number of the loop is a row of one flat array, `room`, so that a
compiler sees that rows never overlap and does four draws in one instruction; a row is named by a constant below.
"""

import numpy as np

from model.days import PAYMENT_RUN_DAYS
from model.filter import factor_of
from model.kernel import compiled, inlined
from model.lanes import LANES, place
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
from model.quadrature import MAX_LOG_RATE, N_NODES, NODES, WEIGHTS, exponentials

LONGEST_DAYS = 3650.0
LARGEST_SCALE = 0.9  # the mean of a log-logistic variable is infinite from scale 1 on
MOST_LOG_REFERRALS = 3.0

# What stays the same through the months. A direction is five rows: its four weights on the latent processes, and the
# part of its mean that standing facts and accepted asks make.
RHO, NOISE = 0, 4
PAY, WORK, TIRE, REFER, LEAVE = 8, 13, 18, 23, 28
SLOPES = 33  # of log hours, log days, never paid
BASES = 36  # of log hours, log days, never paid, departure, referrals
CUTS = 41
DAYS_FACTOR = 45
# What moves from month to month. A covariance is its lower triangle, row by row.
MEAN, COV, ALIVE = 46, 50, 60
CENTRES, SPREADS, ALONG = 61, 66, 71
SUMS = 75  # never paid, energy, staying and its first two moments
N_ROWS = 80
# What exponentials are taken of: log hours, log days, log referrals, and three rows of nodes.
N_ETA = 3 + 3 * N_NODES
NEVER_ETA, TIRE_ETA, LEAVE_ETA = 3, 3 + N_NODES, 3 + 2 * N_NODES


@compiled
def expect(theta, latent, cov, shift, log_terms, alive, channels):
    """Expectations of every month ahead, under the normal belief about today's strain.

    Parameters
    ----------
    theta : array (sample, parameter)
    latent, cov : arrays (sample, client, latent), (sample, client, latent, latent)
        Belief about the latent processes today.
    shift : array (sample, client, trait)
        What standing facts and accepted asks add to the strain.
    log_terms : array (client,)
        Payment terms, as `model.observations.log_days` has them.
    alive : array (sample, client, month 0..H)
        Overwritten with the chance to be there at the start of a month; its first column is read, not written.
    channels : array (channel, sample, client, month)
        Overwritten with hours, share never paid, days to payment, energy and referrals.
    """
    n_samples, n_clients, n_months = len(theta), latent.shape[1], channels.shape[3]
    room, eta = np.zeros(N_ROWS * LANES), np.zeros(N_ETA * LANES)
    grown, power = np.zeros(N_ETA * LANES), np.zeros(N_ETA * LANES)
    of = np.zeros(LANES, dtype=np.int64)
    for start in range(0, n_samples, LANES):
        for b in range(LANES):
            # Where the draws run out the last one is done again, which changes nothing.
            of[b] = min(start + b, n_samples - 1)
            _constants(theta[of[b]], room, b)
        for c in range(n_clients):
            for b in range(LANES):
                _begin(theta[of[b]], latent[of[b], c], cov[of[b], c], shift[of[b], c], log_terms[c], room, b)
                room[ALIVE * LANES + b] = alive[of[b], c, 0]
            for h in range(n_months):
                _drift(room)
                _look_along(room)
                _exponents(room, eta)
                exponentials(eta, grown, power)
                _integrate(room, grown)
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
        room[(CUTS + i) * LANES + b] = np.exp(-min(max(theta[ENERGY_CUTS + i], -300.0), 300.0))
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
def _begin(theta, latent, cov, shift, log_terms, room, b):
    room[(BASES + 1) * LANES + b] = log_terms + theta[INVOICE_SHIFT]
    room[(PAY + 4) * LANES + b] = shift[PAYMENT]
    room[(WORK + 4) * LANES + b] = shift[DEMAND]
    tire = theta[ENERGY_SLOPES] * shift[DEMAND] + theta[ENERGY_SLOPES + 1] * shift[CONDUCT]
    room[(TIRE + 4) * LANES + b] = tire + theta[ENERGY_SLOPES + 2] * shift[FIT]
    leave = 0.0
    for i in range(4):
        leave += theta[LEAVE_SLOPES + i] * shift[i]
        room[(MEAN + i) * LANES + b] = latent[i]
        for j in range(i + 1):
            room[(COV + place(i, j)) * LANES + b] = cov[i, j]
    room[(LEAVE + 4) * LANES + b] = leave
    room[(REFER + 4) * LANES + b] = -theta[REFERRAL_SLOPES] * shift[CONDUCT] - theta[REFERRAL_SLOPES + 1] * shift[FIT]


@inlined
def _drift(room):
    # The latent processes a month on: autoregressions of unit variance.
    for i in range(4):
        for b in range(LANES):
            room[(MEAN + i) * LANES + b] *= room[(RHO + i) * LANES + b]
        for j in range(i + 1):
            p = COV + place(i, j)
            for b in range(LANES):
                room[p * LANES + b] *= room[(RHO + i) * LANES + b] * room[(RHO + j) * LANES + b]
        p = COV + place(i, i)
        for b in range(LANES):
            room[p * LANES + b] += room[(NOISE + i) * LANES + b]


@inlined
def _look_along(room):
    # Mean and standard deviation of the strain along each direction. The covariances with the last one, departure, stay
    # behind in their rows: the months that follow are conditioned on it.
    for k in range(5):
        d = PAY + 5 * k
        for b in range(LANES):
            mean, var = room[(d + 4) * LANES + b], 0.0
            for i in range(4):
                mean += room[(d + i) * LANES + b] * room[(MEAN + i) * LANES + b]
                along = 0.0
                for j in range(4):
                    along += room[(COV + place(i, j)) * LANES + b] * room[(d + j) * LANES + b]
                room[(ALONG + i) * LANES + b] = along
                var += along * room[(d + i) * LANES + b]
            room[(CENTRES + k) * LANES + b] = mean
            room[(SPREADS + k) * LANES + b] = np.sqrt(max(var, 0.0))


@inlined
def _exponents(room, eta):
    for b in range(LANES):
        slope, spread = room[SLOPES * LANES + b], room[(SPREADS + 1) * LANES + b]
        log_hours = room[BASES * LANES + b] + slope * room[(CENTRES + 1) * LANES + b] + 0.5 * (slope * spread) ** 2
        eta[b] = min(log_hours, MAX_LOG_RATE)
        slope, spread = room[(SLOPES + 1) * LANES + b], room[SPREADS * LANES + b]
        log_days = room[(BASES + 1) * LANES + b] + slope * room[CENTRES * LANES + b] + 0.5 * (slope * spread) ** 2
        eta[LANES + b] = min(log_days, MAX_LOG_RATE)
        log_rate = room[(BASES + 4) * LANES + b] + room[(CENTRES + 3) * LANES + b]
        eta[2 * LANES + b] = min(log_rate + 0.5 * room[(SPREADS + 3) * LANES + b] ** 2, MOST_LOG_REFERRALS)
    for i in range(N_NODES):
        for b in range(LANES):
            pay = room[CENTRES * LANES + b] + room[SPREADS * LANES + b] * NODES[i]
            never = room[(BASES + 2) * LANES + b] + room[(SLOPES + 2) * LANES + b] * pay
            eta[(NEVER_ETA + i) * LANES + b] = -never
            tire = room[(CENTRES + 2) * LANES + b] + room[(SPREADS + 2) * LANES + b] * NODES[i]
            eta[(TIRE_ETA + i) * LANES + b] = -tire
            leave = room[(CENTRES + 4) * LANES + b] + room[(SPREADS + 4) * LANES + b] * NODES[i]
            eta[(LEAVE_ETA + i) * LANES + b] = room[(BASES + 3) * LANES + b] + leave


@inlined
def _integrate(room, grown):
    for b in range(LANES):
        never, lost, stay, first, second = 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(N_NODES):
            never += WEIGHTS[i] / (1.0 + grown[(NEVER_ETA + i) * LANES + b])
            tire = grown[(TIRE_ETA + i) * LANES + b]
            levels = 0.0
            for k in range(4):
                levels += 1.0 / (1.0 + room[(CUTS + k) * LANES + b] * tire)
            lost += WEIGHTS[i] * levels
            p = WEIGHTS[i] / (1.0 + grown[(LEAVE_ETA + i) * LANES + b])
            stay += p
            first += p * NODES[i]
            second += p * NODES[i] ** 2
        room[SUMS * LANES + b] = never
        room[(SUMS + 1) * LANES + b] = 5.0 - lost
        room[(SUMS + 2) * LANES + b] = stay
        room[(SUMS + 3) * LANES + b] = first
        room[(SUMS + 4) * LANES + b] = second
        room[ALIVE * LANES + b] *= stay


@inlined
def _condition_on_staying(room):
    # Those who stay are the calmer ones: the belief is conditioned on it.
    for b in range(LANES):
        sd, stay = room[(SPREADS + 4) * LANES + b], room[(SUMS + 2) * LANES + b]
        moved = room[(SUMS + 3) * LANES + b] / stay
        narrowed = room[(SUMS + 4) * LANES + b] / stay - moved**2 - 1.0
        per_sd = 1.0 / sd if sd > 1e-9 else 0.0
        for i in range(4):
            along = room[(ALONG + i) * LANES + b] * per_sd
            room[(MEAN + i) * LANES + b] += along * moved
            for j in range(i + 1):
                p = COV + place(i, j)
                room[p * LANES + b] += along * room[(ALONG + j) * LANES + b] * per_sd * narrowed

"""What each record says about the strain of its month, for many draws at once: what `model.likelihood` says of one.

Every function adds to the expected gradient and Hessian in the strain, the rows `G` and `H` of a room as `model.lanes`
has them; no bound and no gradient in the parameters, which only a fit asks for. The parameters stand in the room as
well, a row for each, from `THETA` on.
"""

import numpy as np

from model.bits import bits_of
from model.kernel import compiled, inlined
from model.lanes import LANES, place, times
from model.observations import AT_ONCE, OPEN, PAID, WRITTEN_OFF
from model.parameters import (
    ASK_CUTS,
    ASK_PRICE,
    ASK_SCOPE,
    ASK_SLOPES,
    ASK_TERMS,
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
    REFERRAL_BASE,
    REFERRAL_SLOPES,
)
from model.quadrature import MAX_LOG_RATE, N_NODES, NODES, WEIGHTS, WHOLE, exponentials
from model.sign_likelihood import TABLE_LOW, TABLE_SIZE, TABLE_STEP

N_FILTER_ROWS = 115
# Rows of the room that belong to the likelihood: strain, its covariance, and what is added to.
X, V, G, H = 0, 4, 14, 18
DIRECTION, ALONG, CENTRE, SPREAD, FIRST, SECOND, OFFSET = 28, 32, 36, 37, 38, 39, 40
N_ROWS = 41
# Where the filter's own rows end, what exponentials are taken of begins, what becomes of them, and cells of a table;
# last come the parameters of each draw. Counted in numbers, not in rows.
N_ETA = max(TABLE_SIZE, 4 * N_NODES + 2)
ETA = (N_ROWS + N_FILTER_ROWS) * LANES
GROWN, CELL, THETA = ETA + N_ETA * LANES, ETA + 2 * N_ETA * LANES, ETA + 3 * N_ETA * LANES
TABLE_ROWS = 4 * TABLE_SIZE * 2  # of one class of clients


@compiled
def fill_tables(room, data, measured, tables):
    """What seeing none of the monthly signs does, as `model.sign_likelihood.absence_tables` has it, draws last.

    `tables` is flat, (class, trait, point, 2, lane); `measured` says which signs are not monthly (sign).
    """
    n_classes, n_signs = data.sign_weight.shape
    tables[:] = 0.0
    for c in range(n_classes):
        for k in range(n_signs):
            if measured[k]:
                continue
            weight = data.sign_weight[c, k]
            base, strength = (data.sign_base + k) * LANES, (data.sign_strength + k) * LANES
            for i in range(TABLE_SIZE):
                x = weight * (TABLE_LOW + TABLE_STEP * i)
                for b in range(LANES):
                    room[ETA + i * LANES + b] = -room[THETA + base + b] - room[THETA + strength + b] * x
            _exponentials(room, TABLE_SIZE)
            start = (c * TABLE_ROWS + data.sign_trait[k] * TABLE_SIZE * 2) * LANES
            for i in range(TABLE_SIZE):
                o = start + 2 * i * LANES
                for b in range(LANES):
                    p, slope = 1.0 / (1.0 + room[GROWN + i * LANES + b]), room[THETA + strength + b] * weight
                    tables[o + b] += slope * p
                    tables[o + LANES + b] += slope * slope * p * (1.0 - p)


@compiled
def absent(room, tables, kind):
    """None of the monthly signs was seen."""
    for j in range(4):
        _look_up(room, tables, (kind * TABLE_ROWS + j * TABLE_SIZE * 2) * LANES, j)


@compiled
def _look_up(room, tables, start, j):
    mean, var, inside = (X + j) * LANES, (V + place(j, j)) * LANES, N_NODES * LANES
    push, curve = (G + j) * LANES, (H + place(j, j)) * LANES
    for b in range(LANES):
        centre, sd = room[mean + b], np.sqrt(room[var + b])
        for i in range(N_NODES):
            at = (centre + sd * NODES[i] - TABLE_LOW) * (1.0 / TABLE_STEP)
            room[ETA + inside + i * LANES + b] = 1.0 if 0.0 < at < TABLE_SIZE - 1.0 else 0.0
            at = min(max(at, 0.0), TABLE_SIZE - 1.0)
            # Rounded to a whole number in the lowest bits; a conversion would be done for one draw at a time.
            cell = min(at - 0.5, TABLE_SIZE - 2.0) + WHOLE
            room[ETA + i * LANES + b] = at - (cell - WHOLE)
            room[CELL + i * LANES + b] = cell
    for i in range(N_NODES):
        for b in range(LANES):
            row = np.uint64(bits_of(room[CELL + i * LANES + b])) & np.uint64(63)
            begin = np.uint64(start + b) + row * np.uint64(2 * LANES)
            for k in range(4):
                room[GROWN + (4 * i + k) * LANES + b] = tables[begin + np.uint64(k * LANES)]
    value, slope = GROWN + 4 * N_NODES * LANES, GROWN + (4 * N_NODES + 1) * LANES
    room[value : value + 2 * LANES] = 0.0
    for i in range(N_NODES):
        w = WEIGHTS[i]
        for b in range(LANES):
            # Cubic Hermite interpolation: the table holds the function and its derivative; constant beyond it.
            s, o = room[ETA + i * LANES + b], 4 * i * LANES + b
            low, high = room[GROWN + o], room[GROWN + o + 2 * LANES]
            d_low, d_high = TABLE_STEP * room[GROWN + o + LANES], TABLE_STEP * room[GROWN + o + 3 * LANES]
            c2 = 3.0 * (high - low) - 2.0 * d_low - d_high
            c3 = 2.0 * (low - high) + d_low + d_high
            room[value + b] += w * (low + s * (d_low + s * (c2 + s * c3)))
            room[slope + b] += w * room[ETA + inside + i * LANES + b] * (d_low + s * (2.0 * c2 + s * 3.0 * c3))
    for b in range(LANES):
        room[push + b] -= room[value + b]
        room[curve + b] -= room[slope + b] * (1.0 / TABLE_STEP)


@compiled
def present_beside_absence(room, data, kind, sign):
    """One sign was seen after all, in a month for which `absent` has spoken."""
    push, strength = (G + data.sign_trait[sign]) * LANES, (data.sign_strength + sign) * LANES
    weight = data.sign_weight[kind, sign]
    for b in range(LANES):
        room[push + b] += room[THETA + strength + b] * weight


@compiled
def one_sign(room, data, kind, sign, seen):
    """One sign was seen (1.0) or seen absent (0.0)."""
    j, weight = data.sign_trait[sign], data.sign_weight[kind, sign]
    base, strength = (data.sign_base + sign) * LANES, (data.sign_strength + sign) * LANES
    mean, var, push, curve = (X + j) * LANES, (V + place(j, j)) * LANES, (G + j) * LANES, (H + place(j, j)) * LANES
    for i in range(N_NODES):
        for b in range(LANES):
            x = room[mean + b] + np.sqrt(room[var + b]) * NODES[i]
            room[ETA + i * LANES + b] = -room[THETA + base + b] - room[THETA + strength + b] * weight * x
    _exponentials(room, N_NODES)
    _binary(room, seen)
    for b in range(LANES):
        slope = room[THETA + strength + b] * weight
        room[push + b] += slope * room[FIRST * LANES + b]
        room[curve + b] += slope * slope * room[SECOND * LANES + b]


@compiled
def invoice(room, state, log_days, log_terms):
    """An invoice was paid, is open, or was written off; mixture cure model, as in `model.likelihood`."""
    told = 0.0 if state == WRITTEN_OFF else 1.0
    for i in range(N_NODES):
        for b in range(LANES):
            x = room[(X + PAYMENT) * LANES + b] + np.sqrt(room[V * LANES + b]) * NODES[i]
            room[ETA + i * LANES + b] = (
                -room[THETA + NEVER_BASE * LANES + b] - room[THETA + NEVER_SLOPE * LANES + b] * x
            )
            late = (
                log_days
                - log_terms
                - room[THETA + INVOICE_SHIFT * LANES + b]
                - room[THETA + INVOICE_SLOPE * LANES + b] * x
            )
            room[ETA + (N_NODES + i) * LANES + b] = told * late / room[THETA + INVOICE_SCALE * LANES + b]
    _exponentials(room, 2 * N_NODES)
    _clear(room)
    for i in range(N_NODES):
        w = WEIGHTS[i]
        if state == PAID:
            _paid(room, i, w)
        elif state == AT_ONCE:
            _paid_at_once(room, i, w)
        elif state == OPEN:
            _open(room, i, w)
        else:
            _written_off(room, i, w)
    for b in range(LANES):
        room[(G + PAYMENT) * LANES + b] += room[FIRST * LANES + b]
        room[H * LANES + b] += room[SECOND * LANES + b]


@inlined
def _paid(room, i, w):
    for b in range(LANES):
        slope = room[THETA + INVOICE_SLOPE * LANES + b] / room[THETA + INVOICE_SCALE * LANES + b]
        never_slope = room[THETA + NEVER_SLOPE * LANES + b]
        never = 1.0 / (1.0 + room[GROWN + i * LANES + b])
        still = 1.0 / (1.0 + room[GROWN + (N_NODES + i) * LANES + b])
        room[FIRST * LANES + b] += w * (slope * (1.0 - 2.0 * still) - never_slope * never)
        curve = 2.0 * slope * slope * still * (1.0 - still) + never_slope * never_slope * never * (1.0 - never)
        room[SECOND * LANES + b] -= w * curve


@inlined
def _paid_at_once(room, i, w):
    for b in range(LANES):
        slope = room[THETA + INVOICE_SLOPE * LANES + b] / room[THETA + INVOICE_SCALE * LANES + b]
        never_slope = room[THETA + NEVER_SLOPE * LANES + b]
        never = 1.0 / (1.0 + room[GROWN + i * LANES + b])
        later = 1.0 / (1.0 + room[GROWN + (N_NODES + i) * LANES + b])
        room[FIRST * LANES + b] -= w * (slope * later + never_slope * never)
        curve = slope * slope * later * (1.0 - later) + never_slope * never_slope * never * (1.0 - never)
        room[SECOND * LANES + b] -= w * curve


@inlined
def _open(room, i, w):
    for b in range(LANES):
        scale, slope = room[THETA + INVOICE_SCALE * LANES + b], room[THETA + INVOICE_SLOPE * LANES + b]
        never_slope = room[THETA + NEVER_SLOPE * LANES + b]
        never = 1.0 / (1.0 + room[GROWN + i * LANES + b])
        still = 1.0 / (1.0 + room[GROWN + (N_NODES + i) * LANES + b])
        unpaid = never + (1.0 - never) * still
        d_never, d_still = never * (1.0 - never), still * (1.0 - still) / scale
        f1 = never_slope * d_never * (1.0 - still) + (1.0 - never) * slope * d_still
        f2 = never_slope * never_slope * d_never * (1.0 - 2.0 * never) * (1.0 - still)
        f2 -= 2.0 * never_slope * d_never * slope * d_still
        f2 += (1.0 - never) * slope * slope * d_still * (1.0 - 2.0 * still) / scale
        f1 = f1 / unpaid
        room[FIRST * LANES + b] += w * f1
        room[SECOND * LANES + b] += w * (f2 / unpaid - f1 * f1)


@inlined
def _written_off(room, i, w):
    for b in range(LANES):
        never_slope = room[THETA + NEVER_SLOPE * LANES + b]
        never = 1.0 / (1.0 + room[GROWN + i * LANES + b])
        room[FIRST * LANES + b] += w * never_slope * (1.0 - never)
        room[SECOND * LANES + b] -= w * never_slope * never_slope * never * (1.0 - never)


@compiled
def hours(room, log_ratio):
    """So many hours were worked, against those agreed."""
    for b in range(LANES):
        slope, scale = room[THETA + HOURS_SLOPE * LANES + b], room[THETA + HOURS_SCALE * LANES + b]
        z = (log_ratio - room[THETA + HOURS_SHIFT * LANES + b] - slope * room[(X + DEMAND) * LANES + b]) / scale
        room[(G + DEMAND) * LANES + b] += slope * z / scale
        room[(H + 2) * LANES + b] -= slope * slope / (scale * scale)


@compiled
def energy(room, rating):
    """The month was given an energy rating, 1 to 5; ordered logit."""
    for b in range(LANES):
        room[DIRECTION * LANES + b] = 0.0
        room[(DIRECTION + DEMAND) * LANES + b] = -room[THETA + ENERGY_SLOPES * LANES + b]
        room[(DIRECTION + CONDUCT) * LANES + b] = -room[THETA + (ENERGY_SLOPES + 1) * LANES + b]
        room[(DIRECTION + FIT) * LANES + b] = -room[THETA + (ENERGY_SLOPES + 2) * LANES + b]
        room[OFFSET * LANES + b] = 0.0
    _ordered(room, ENERGY_CUTS, 4, rating - 1)


@compiled
def ask(room, outcome, price, scope, terms):
    """An ask was answered; ordered logit."""
    for b in range(LANES):
        for j in range(4):
            room[(DIRECTION + j) * LANES + b] = room[THETA + (ASK_SLOPES + j) * LANES + b]
        offset = room[THETA + ASK_PRICE * LANES + b] * price + room[THETA + ASK_SCOPE * LANES + b] * scope
        room[OFFSET * LANES + b] = offset + room[THETA + ASK_TERMS * LANES + b] * terms
    _ordered(room, ASK_CUTS, 3, outcome)


@compiled
def departure(room, left):
    """The client left in the month (1.0) or stayed (0.0)."""
    for b in range(LANES):
        for j in range(4):
            room[(DIRECTION + j) * LANES + b] = room[THETA + (LEAVE_SLOPES + j) * LANES + b]
    _look_along(room)
    for i in range(N_NODES):
        for b in range(LANES):
            along = room[CENTRE * LANES + b] + room[SPREAD * LANES + b] * NODES[i]
            room[ETA + i * LANES + b] = -room[THETA + LEAVE_BASE * LANES + b] - along
    _exponentials(room, N_NODES)
    _binary(room, left)
    _add_along(room)


@compiled
def referrals(room, count):
    """So many referrals came in the month."""
    for b in range(LANES):
        room[DIRECTION * LANES + b] = 0.0
        room[(DIRECTION + DEMAND) * LANES + b] = 0.0
        room[(DIRECTION + CONDUCT) * LANES + b] = -room[THETA + REFERRAL_SLOPES * LANES + b]
        room[(DIRECTION + FIT) * LANES + b] = -room[THETA + (REFERRAL_SLOPES + 1) * LANES + b]
    _look_along(room)
    for b in range(LANES):
        log_rate = room[THETA + REFERRAL_BASE * LANES + b] + room[CENTRE * LANES + b]
        room[ETA + b] = min(log_rate + 0.5 * room[SPREAD * LANES + b] * room[SPREAD * LANES + b], MAX_LOG_RATE)
    _exponentials(room, 1)
    for b in range(LANES):
        room[FIRST * LANES + b] = count - room[GROWN + b]
        room[SECOND * LANES + b] = -room[GROWN + b]
    _add_along(room)


@compiled
def _binary(room, seen):
    # Expected derivatives of the log probability of what was seen, from the exponentials of minus its logit.
    _clear(room)
    for i in range(N_NODES):
        w = WEIGHTS[i]
        for b in range(LANES):
            p = 1.0 / (1.0 + room[GROWN + i * LANES + b])
            room[FIRST * LANES + b] += w * (seen - p)
            room[SECOND * LANES + b] -= w * p * (1.0 - p)


@inlined
def _clear(room):
    for b in range(LANES):
        room[FIRST * LANES + b] = 0.0
        room[SECOND * LANES + b] = 0.0


@compiled
def _ordered(room, cuts, n_cuts, level):
    # P(level <= k) = sigmoid(cut[k] - eta)
    _look_along(room)
    # At either end of the scale there is no cut on that side.
    upper, lower = min(level, n_cuts - 1), max(level - 1, 0)
    for i in range(N_NODES):
        for b in range(LANES):
            at = room[OFFSET * LANES + b] + room[CENTRE * LANES + b] + room[SPREAD * LANES + b] * NODES[i]
            room[ETA + i * LANES + b] = at - room[THETA + (cuts + upper) * LANES + b]
            room[ETA + (N_NODES + i) * LANES + b] = at - room[THETA + (cuts + lower) * LANES + b]
    _exponentials(room, 2 * N_NODES)
    top, bottom = 1.0 if level == n_cuts else 0.0, 0.0 if level == 0 else 1.0
    _clear(room)
    for i in range(N_NODES):
        w = WEIGHTS[i]
        for b in range(LANES):
            above = max(1.0 / (1.0 + room[GROWN + i * LANES + b]), top)
            below = bottom / (1.0 + room[GROWN + (N_NODES + i) * LANES + b])
            room[FIRST * LANES + b] += w * (above + below - 1.0)
            room[SECOND * LANES + b] -= w * (above * (1.0 - above) + below * (1.0 - below))
    _add_along(room)


@inlined
def _exponentials(room, rows):
    n = rows * LANES
    exponentials(room[ETA : ETA + n], room[GROWN : GROWN + n])


@compiled
def _look_along(room):
    times(room, V, DIRECTION, ALONG)
    for b in range(LANES):
        centre, var = 0.0, 0.0
        for j in range(4):
            centre += room[(DIRECTION + j) * LANES + b] * room[(X + j) * LANES + b]
            var += room[(DIRECTION + j) * LANES + b] * room[(ALONG + j) * LANES + b]
        room[CENTRE * LANES + b] = centre
        room[SPREAD * LANES + b] = np.sqrt(max(var, 0.0))


@compiled
def _add_along(room):
    # Chain rule from the one direction to the strain.
    for i in range(4):
        for b in range(LANES):
            room[(G + i) * LANES + b] += room[FIRST * LANES + b] * room[(DIRECTION + i) * LANES + b]
        for j in range(i + 1):
            p = H + place(i, j)
            for b in range(LANES):
                both = room[(DIRECTION + i) * LANES + b] * room[(DIRECTION + j) * LANES + b]
                room[p * LANES + b] += room[SECOND * LANES + b] * both

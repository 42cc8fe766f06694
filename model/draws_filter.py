"""The filter of `model.filter` for many draws at once: the same steps, and the same beliefs but for rounding.

Records are the same for every draw, so that all of them take the same way through the program, side by side. A draw
that has settled stays where it is until the others of its group have; no draw's belief depends on its neighbours.
"""

import numpy as np

from model.draws_likelihood import (
    N_FILTER_ROWS,
    N_ROWS,
    TABLE_ROWS,
    THETA,
    G,
    H,
    V,
    X,
    absent,
    ask,
    departure,
    energy,
    fill_tables,
    hours,
    invoice,
    one_sign,
    present_beside_absence,
    referrals,
)
from model.kernel import compiled, inlined
from model.lanes import LANES, add_turned, add_turned_back, invert, place, times, turned, turned_back
from model.observations import LEFT, NOT_EXPOSED
from model.parameters import DEMAND, EARLY, FACTOR, FIT, PAYMENT, PERSISTENCE, RELIEF_SCOPE, RELIEF_TERMS

MAX_ITERATIONS = 100  # as the filter of one draw has them
# Rows of the room after those of the likelihood: the draw, the belief before the month, and after it.
RHO, A, SHIFT = N_ROWS, N_ROWS + 4, N_ROWS + 14
BEFORE, WIDE, NARROW, PULL = N_ROWS + 18, N_ROWS + 22, N_ROWS + 32, N_ROWS + 42
MEAN, COV, INFORMATION, PRECISION = N_ROWS + 46, N_ROWS + 50, N_ROWS + 60, N_ROWS + 64
TOTAL, LINE, AT = N_ROWS + 74, N_ROWS + 84, N_ROWS + 88
CURVE, OBSERVED = N_ROWS + 92, N_ROWS + 102
STEP, LAST, MOVED = N_ROWS + 112, N_ROWS + 113, N_ROWS + 114
assert MOVED + 1 == N_ROWS + N_FILTER_ROWS


@compiled
def absences(theta, data):
    """What seeing none of the monthly signs says: tables for each group of `LANES` draws, flat (group, number).

    They depend on the draws and the signs alone, not on anything that was recorded.
    """
    n_samples, n_parameters = theta.shape
    room = np.zeros(THETA + n_parameters * LANES)
    groups = (n_samples + LANES - 1) // LANES
    tables = np.zeros((groups, data.sign_weight.shape[0] * TABLE_ROWS * LANES))
    measured = np.zeros(data.signs.shape[1], dtype=np.bool_)
    for k in data.measured:
        measured[k] = True
    for group in range(groups):
        for k in range(n_parameters):
            for b in range(LANES):
                room[THETA + k * LANES + b] = theta[min(group * LANES + b, n_samples - 1), k]
        fill_tables(room, data, measured, tables[group])
    return tables


@compiled
def filter_draws(theta, data, begin, absent_tables, tolerance, mean, cov):
    """Filter every client under every draw.

    Parameters
    ----------
    theta : array (sample, parameter)
    data : KernelData
    begin : array (client,)
        Month to begin with, counted from the client's first one; the belief after the month before it is read.
    absent_tables : array (group, number)
        From `absences`, of the same draws and signs.
    tolerance : float
        A month is done when its mean moves by no more than this, in units of strain.
    mean, cov : arrays (sample, row, latent), (sample, row, latent, latent)
        Belief about the latent processes after each month; written from `begin` on.
    """
    n_samples, n_parameters = theta.shape
    room = np.zeros(THETA + n_parameters * LANES)
    if not np.any(begin < np.diff(data.first_row)):
        return
    for start in range(0, n_samples, LANES):
        # Where the draws run out the last one is done again, which changes nothing.
        for k in range(n_parameters):
            for b in range(LANES):
                room[THETA + k * LANES + b] = theta[min(start + b, n_samples - 1), k]
        for i in range(4):
            for b in range(LANES):
                room[(RHO + i) * LANES + b] = room[THETA + (PERSISTENCE + i) * LANES + b]
                for j in range(i + 1):
                    room[(A + place(i, j)) * LANES + b] = room[THETA + (FACTOR + 4 * i + j) * LANES + b]
        tables = absent_tables[start // LANES]
        for c in range(begin.shape[0]):
            first, stop = data.first_row[c], data.first_row[c + 1]
            for row in range(first + begin[c], stop):
                _before(room, mean, cov, start, row, row == first)
                _month(room, data, tables, c, row, tolerance)
                _write(room, mean, cov, start, row)


@inlined
def _before(room, mean, cov, start, row, is_first):
    # The belief of the month before, a month on: autoregressions of unit variance.
    for b in range(LANES):
        s = min(start + b, mean.shape[0] - 1)
        for i in range(4):
            rho = room[(RHO + i) * LANES + b]
            room[(BEFORE + i) * LANES + b] = 0.0 if is_first else rho * mean[s, row - 1, i]
            for j in range(i + 1):
                carried = 0.0 if is_first else rho * room[(RHO + j) * LANES + b] * cov[s, row - 1, i, j]
                room[(WIDE + place(i, j)) * LANES + b] = carried
            room[(WIDE + place(i, i)) * LANES + b] += 1.0 if is_first else 1.0 - rho * rho
    invert(room, WIDE, NARROW)
    times(room, NARROW, BEFORE, PULL)
    for i in range(4):
        for b in range(LANES):
            room[(MEAN + i) * LANES + b] = room[(BEFORE + i) * LANES + b]
            room[(INFORMATION + i) * LANES + b] = 0.0
    for i in range(10):
        for b in range(LANES):
            room[(COV + i) * LANES + b] = room[(WIDE + i) * LANES + b]
            room[(PRECISION + i) * LANES + b] = 0.0


@inlined
def _month(room, data, tables, client, row, tolerance):
    _shift(room, data, client, row)
    for b in range(LANES):
        room[STEP * LANES + b] = 1.0
        room[LAST * LANES + b] = np.inf
    for _ in range(MAX_ITERATIONS):
        for i in range(4):
            for b in range(LANES):
                room[(X + i) * LANES + b] = room[(SHIFT + i) * LANES + b]
                room[(G + i) * LANES + b] = 0.0
        for i in range(10):
            for b in range(LANES):
                room[(H + i) * LANES + b] = 0.0
        add_turned(room, A, MEAN, X)
        turned(room, A, COV, V)
        _records(room, data, tables, client, row)
        _observe(room)
        if _settle(room, tolerance):
            break


@inlined
def _shift(room, data, client, row):
    # What the beginning adds and standing facts do, less agreed relief.
    for b in range(LANES):
        for i in range(4):
            room[(SHIFT + i) * LANES + b] = room[THETA + (EARLY + i) * LANES + b] * data.early[row]
        for k in range(data.standing.shape[1]):
            room[(SHIFT + FIT) * LANES + b] += (
                room[THETA + (data.standing_place + k) * LANES + b] * data.standing[client, k]
            )
        room[(SHIFT + DEMAND) * LANES + b] -= room[THETA + RELIEF_SCOPE * LANES + b] * data.relief_scope[row]
        room[(SHIFT + PAYMENT) * LANES + b] -= room[THETA + RELIEF_TERMS * LANES + b] * data.relief_terms[row]


@inlined
def _records(room, data, tables, client, row):
    kind = data.client_class[client]
    if data.checked[row]:
        absent(room, tables, kind)
    for i in range(data.present_first[row], data.present_first[row + 1]):
        if data.checked[row]:
            present_beside_absence(room, data, kind, data.present[i])
        else:
            one_sign(room, data, kind, data.present[i], 1.0)
    for k in data.measured:
        if data.signs[row, k] >= 0:
            one_sign(room, data, kind, k, float(data.signs[row, k]))
    for i in range(data.invoice_first[row], data.invoice_first[row + 1]):
        invoice(room, data.invoice_state[i], data.invoice_log_days[i], data.invoice_log_terms[i])
    if not np.isnan(data.hours_log_ratio[row]):
        hours(room, data.hours_log_ratio[row])
    if data.energy[row] > 0:
        energy(room, data.energy[row])
    if data.exposure[row] != NOT_EXPOSED:
        departure(room, 1.0 if data.exposure[row] == LEFT else 0.0)
    if data.referrals[row] >= 0:
        referrals(room, float(data.referrals[row]))
    for i in range(data.ask_first[row], data.ask_first[row + 1]):
        ask(room, data.ask_outcome[i], data.ask_price[i], data.ask_scope[i], data.ask_terms[i])


@inlined
def _observe(room):
    # Towards the Gaussian observation of the latent processes that has this gradient and Hessian at the mean.
    for i in range(4):
        for j in range(i + 1):
            for b in range(LANES):
                curve = -room[(H + place(i, j)) * LANES + b]
                # An ancient open invoice can curve upwards; a negative precision would break the filter.
                room[(CURVE + place(i, j)) * LANES + b] = max(curve, 0.0) if i == j else curve
    turned_back(room, A, CURVE, OBSERVED)
    times(room, OBSERVED, MEAN, LINE)
    add_turned_back(room, A, G, LINE)
    for i in range(4):
        for b in range(LANES):
            towards = room[(LINE + i) * LANES + b] - room[(INFORMATION + i) * LANES + b]
            room[(INFORMATION + i) * LANES + b] += room[STEP * LANES + b] * towards
            room[(LINE + i) * LANES + b] = room[(PULL + i) * LANES + b] + room[(INFORMATION + i) * LANES + b]
    for i in range(10):
        for b in range(LANES):
            towards = room[(OBSERVED + i) * LANES + b] - room[(PRECISION + i) * LANES + b]
            room[(PRECISION + i) * LANES + b] += room[STEP * LANES + b] * towards
            room[(TOTAL + i) * LANES + b] = room[(NARROW + i) * LANES + b] + room[(PRECISION + i) * LANES + b]
    invert(room, TOTAL, COV)
    times(room, COV, LINE, AT)


@inlined
def _settle(room, tolerance):
    # A draw that has settled takes steps of nothing from then on, and so stays where it is.
    left = 0
    for b in range(LANES):
        moved = 0.0
        for i in range(4):
            moved = max(moved, abs(room[(AT + i) * LANES + b] - room[(MEAN + i) * LANES + b]))
            room[(MEAN + i) * LANES + b] = room[(AT + i) * LANES + b]
        step = room[STEP * LANES + b]
        if step == 0.0:
            continue
        if moved < tolerance * step:
            room[STEP * LANES + b] = 0.0
            continue
        shorter = moved > 0.7 * room[LAST * LANES + b]
        room[STEP * LANES + b] = max(0.5 * step, 0.05) if shorter else min(1.0, 1.25 * step)
        room[LAST * LANES + b] = moved
        left += 1
    return left == 0


@inlined
def _write(room, mean, cov, start, row):
    for b in range(LANES):
        s = min(start + b, mean.shape[0] - 1)
        for i in range(4):
            mean[s, row, i] = room[(MEAN + i) * LANES + b]
            for j in range(i + 1):
                cov[s, row, i, j] = room[(COV + place(i, j)) * LANES + b]
                cov[s, row, j, i] = cov[s, row, i, j]

"""What the signs of a month say about its strain: expected log likelihood and its derivatives, compiled.

Most signs are absent in most months, and what absence says depends on the population draw and the strain alone. Its
derivatives are therefore tabulated once per draw and trait; only the pass that wants the gradient in the population
parameters visits every sign.
"""

import numpy as np

from model.kernel import compiled, inlined
from model.quadrature import N_NODES, NODES, WEIGHTS, exponentials, sigmoid

TABLE_LOW, TABLE_STEP, TABLE_SIZE = -6.0, 0.4, 31


@compiled
def absence_tables(theta, data):
    """What seeing none of the monthly signs does to the gradient, by class of client, trait and strain.

    Returns
    -------
    array (class, trait, point, 2)
        Sum over the trait's monthly signs of `slope * p` and of its derivative `slope^2 * p * (1 - p)`, at strains
        `TABLE_LOW + TABLE_STEP * point`.
    """
    n_classes, n_signs = data.sign_weight.shape
    tables = np.zeros((n_classes, 4, TABLE_SIZE, 2))
    is_measured = np.zeros(n_signs, dtype=np.bool_)
    for k in data.measured:
        is_measured[k] = True
    for c in range(n_classes):
        for k in range(n_signs):
            if is_measured[k]:
                continue
            slope = theta[data.sign_strength + k] * data.sign_weight[c, k]
            for i in range(TABLE_SIZE):
                p = sigmoid(theta[data.sign_base + k] + slope * (TABLE_LOW + TABLE_STEP * i))
                tables[c, data.sign_trait[k], i, 0] += slope * p
                tables[c, data.sign_trait[k], i, 1] += slope * slope * p * (1.0 - p)
    return tables


@compiled
def every_sign(theta, data, client, row, mean, cov, g, H, gradient):
    """Visit each sign of a client-month: add to `g`, `H` and `gradient`; returns nats."""
    n_signs, kind = data.signs.shape[1], data.client_class[client]
    x, eta, minus = np.empty((4, N_NODES)), np.empty(n_signs * N_NODES), np.empty(n_signs * N_NODES)
    for j in range(4):
        for i in range(N_NODES):
            x[j, i] = mean[j] + np.sqrt(cov[j, j]) * NODES[i]
    n = 0
    for k in range(n_signs):
        if data.signs[row, k] >= 0:
            slope = theta[data.sign_strength + k] * data.sign_weight[kind, k]
            for i in range(N_NODES):
                eta[n + i] = theta[data.sign_base + k] + slope * x[data.sign_trait[k], i]
                minus[n + i] = -abs(eta[n + i])
            n += N_NODES
    e, p = np.empty(n), np.empty(n)
    exponentials(minus[:n], e)
    for i in range(n):
        q = 1.0 / (1.0 + e[i])
        p[i] = q if eta[i] >= 0.0 else e[i] * q
    # The logarithms of all signs at one node are taken at once, as that of a product of numbers from one to two.
    product = np.ones(N_NODES)
    value, n = 0.0, 0
    for k in range(n_signs):
        seen = data.signs[row, k]
        if seen < 0:
            continue
        j, weight = data.sign_trait[k], data.sign_weight[kind, k]
        slope = theta[data.sign_strength + k] * weight
        first, second, by_slope = 0.0, 0.0, 0.0
        for i in range(N_NODES):
            off = WEIGHTS[i] * (seen - p[n + i])
            first += off
            second += WEIGHTS[i] * p[n + i] * (1.0 - p[n + i])
            by_slope += off * x[j, i]
            value += WEIGHTS[i] * (seen * eta[n + i] - max(eta[n + i], 0.0))
            product[i] *= 1.0 + e[n + i]
        n += N_NODES
        g[j] += slope * first
        H[j, j] -= slope * slope * second
        gradient[data.sign_base + k] += first
        gradient[data.sign_strength + k] += by_slope * weight
    for i in range(N_NODES):
        value -= WEIGHTS[i] * np.log(product[i])
    return value


@inlined
def signs_by_table(theta, data, tables, client, row, mean, cov, g, H):
    """Add the signs of a client-month to `g` and `H`, those of a checked month by `absence_tables`."""
    kind = data.client_class[client]
    if data.checked[row]:
        for j in range(4):
            sd = np.sqrt(cov[j, j])
            for i in range(N_NODES):
                value, slope = _look_up(tables[kind, j], mean[j] + sd * NODES[i])
                g[j] -= WEIGHTS[i] * value
                H[j, j] -= WEIGHTS[i] * slope
        for i in range(data.present_first[row], data.present_first[row + 1]):
            k = data.present[i]
            g[data.sign_trait[k]] += theta[data.sign_strength + k] * data.sign_weight[kind, k]
    else:
        for i in range(data.present_first[row], data.present_first[row + 1]):
            _one_sign(theta, data, kind, data.present[i], 1.0, mean, cov, g, H)
    for k in data.measured:
        if data.signs[row, k] >= 0:
            _one_sign(theta, data, kind, k, float(data.signs[row, k]), mean, cov, g, H)


@inlined
def _one_sign(theta, data, kind, k, seen, mean, cov, g, H):
    j = data.sign_trait[k]
    slope = theta[data.sign_strength + k] * data.sign_weight[kind, k]
    sd = np.sqrt(cov[j, j])
    for i in range(N_NODES):
        p = sigmoid(theta[data.sign_base + k] + slope * (mean[j] + sd * NODES[i]))
        g[j] += WEIGHTS[i] * slope * (seen - p)
        H[j, j] -= WEIGHTS[i] * slope * slope * p * (1.0 - p)


@inlined
def _look_up(table, x):
    # Cubic Hermite interpolation: the table holds the function and its derivative; constant beyond the ends.
    place = (x - TABLE_LOW) / TABLE_STEP
    if place <= 0.0:
        return table[0, 0], 0.0
    if place >= TABLE_SIZE - 1:
        return table[TABLE_SIZE - 1, 0], 0.0
    i = int(place)
    s = place - i
    low, high = table[i, 0], table[i + 1, 0]
    d_low, d_high = TABLE_STEP * table[i, 1], TABLE_STEP * table[i + 1, 1]
    c2 = 3.0 * (high - low) - 2.0 * d_low - d_high
    c3 = 2.0 * (low - high) + d_low + d_high
    return low + s * (d_low + s * (c2 + s * c3)), (d_low + s * (2.0 * c2 + s * 3.0 * c3)) / TABLE_STEP

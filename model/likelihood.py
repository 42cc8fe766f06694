"""What each record says about the strain of its month: expected log likelihood and its derivatives, compiled.

A record depends on the strain `x` of its month through one direction only: a sign on its trait, an invoice on payment
strain, an energy rating on a weighted sum. Under a Gaussian belief about `x` the expectations are therefore integrals
over one variable, done by Gauss-Hermite quadrature with seven nodes.

Each private function adds to `g` (expected gradient in `x`), `H` (expected Hessian) and, where wanted, to `gradient`
(expected derivative in the population parameters), and returns the expected log likelihood in nats.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.catalogue import TRAITS, Catalogue
from model.kernel import compiled, inlined
from model.observations import AT_ONCE, LEFT, NOT_EXPOSED, OPEN, PAID, WRITTEN_OFF, Observations
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
    STANDING,
    Array,
    Layout,
)
from model.quadrature import MAX_LOG_RATE, N_NODES, NODES, WEIGHTS, log1p_exp, sigmoid
from model.sign_likelihood import every_sign, signs_by_table

LOG_SQRT_2PI = 0.5 * float(np.log(2.0 * np.pi))


class KernelData(NamedTuple):
    """Observations as the compiled functions take them; shapes as in `Observations`."""

    first_row: NDArray[np.int64]
    signs: NDArray[np.int8]
    checked: NDArray[np.bool_]
    present_first: NDArray[np.int64]
    present: NDArray[np.int64]
    measured: NDArray[np.int64]
    sign_weight: Array
    client_class: NDArray[np.int64]
    sign_trait: NDArray[np.int64]
    sign_base: int
    sign_strength: int
    standing_place: int
    standing: Array
    invoice_first: NDArray[np.int64]
    invoice_state: NDArray[np.int64]
    invoice_log_days: Array
    invoice_log_terms: Array
    hours_log_ratio: Array
    energy: NDArray[np.int64]
    exposure: NDArray[np.int64]
    referrals: NDArray[np.int64]
    ask_first: NDArray[np.int64]
    ask_outcome: NDArray[np.int64]
    ask_price: Array
    ask_scope: Array
    ask_terms: Array
    relief_scope: Array
    relief_terms: Array
    early: Array


def kernel_data(observations: Observations, catalogue: Catalogue) -> KernelData:
    """Pack observations and the catalogue's traits for the compiled functions."""
    layout = Layout.of(catalogue)
    ticked = catalogue.ticked
    monthly = np.array([sign.kind == "monthly" for sign in ticked])
    signs = observations.signs
    # A month is checked where every monthly sign was seen or seen absent; the table speaks for those months.
    checked = (signs[:, monthly] >= 0).all(axis=1) & bool(monthly.any())
    rows, places = np.nonzero((signs == 1) & (monthly[None, :]))
    # Weights of a client are one of few rows.
    weights = list(map(tuple, observations.sign_weight.tolist()))
    classes = sorted(set(weights))
    class_of = {row: number for number, row in enumerate(classes)}
    packed = {name: getattr(observations, name) for name in KernelData._fields if hasattr(observations, name)}
    packed["sign_weight"] = np.array(classes, dtype=np.float64).reshape(-1, len(ticked))
    return KernelData(
        **packed,
        checked=checked,
        present_first=np.searchsorted(rows, np.arange(observations.n_rows + 1)).astype(np.int64),
        present=places.astype(np.int64),
        measured=np.flatnonzero(~monthly).astype(np.int64),
        client_class=np.array([class_of[row] for row in weights], dtype=np.int64),
        sign_trait=np.array([TRAITS.index(sign.trait) for sign in ticked], dtype=np.int64),
        sign_base=layout.sign_base,
        sign_strength=layout.sign_strength,
        standing_place=STANDING,
    )


@inlined
def expected_log_likelihood(theta, data, tables, client, row, mean, cov, g, H, gradient, spare):
    """Expected log likelihood of one client-month under N(mean, cov), with derivatives.

    Parameters
    ----------
    theta : array (parameter,)
    data : KernelData
    tables : array (class, trait, point, 2)
        From `absence_tables`; used where no gradient is wanted.
    client, row : int
    mean, cov : arrays (trait,), (trait, trait)
        Belief about the strain of this month.
    g, H : arrays (trait,), (trait, trait)
        Overwritten with the expected gradient and Hessian in the strain.
    gradient : array (parameter,) or (0,)
        Added to where it is not empty; only the likelihood's own parameters.
    spare : array (2, trait)
        Room to work in; making some for every record would take longer than the record.

    Returns
    -------
    float
        Nats; without its logarithms where no gradient is wanted, for then nobody reads it.
    """
    g[:] = 0.0
    H[:] = 0.0
    value = 0.0
    if gradient.shape[0] > 0:
        value += every_sign(theta, data, client, row, mean, cov, g, H, gradient)
    else:
        signs_by_table(theta, data, tables, client, row, mean, cov, g, H)
    for i in range(data.invoice_first[row], data.invoice_first[row + 1]):
        value += _invoice(
            theta, data.invoice_state[i], data.invoice_log_days[i], data.invoice_log_terms[i],
            mean[PAYMENT], cov[PAYMENT, PAYMENT], g, H, gradient,
        )  # fmt: skip
    if not np.isnan(data.hours_log_ratio[row]):
        value += _hours(theta, data.hours_log_ratio[row], mean[DEMAND], cov[DEMAND, DEMAND], g, H, gradient)
    if data.energy[row] > 0:
        value += _energy(theta, data.energy[row], mean, cov, g, H, gradient, spare)
    if data.exposure[row] != NOT_EXPOSED:
        value += _departure(theta, data.exposure[row] == LEFT, mean, cov, g, H, gradient, spare)
    if data.referrals[row] >= 0:
        value += _referrals(theta, data.referrals[row], mean, cov, g, H, gradient, spare)
    for i in range(data.ask_first[row], data.ask_first[row + 1]):
        value += _ask(
            theta, data.ask_outcome[i], data.ask_price[i], data.ask_scope[i], data.ask_terms[i],
            mean, cov, g, H, gradient, spare,
        )  # fmt: skip
    return value


@compiled
def _invoice(theta, state, log_days, log_terms, mean, var, g, H, gradient):
    # Log-logistic days to payment with a share never paid (mixture cure model). An open invoice is censored, and so is
    # one paid on its day of issue, from the other side: no payment comes earlier.
    want = gradient.shape[0] > 0
    shift, slope, scale = theta[INVOICE_SHIFT], theta[INVOICE_SLOPE], theta[INVOICE_SCALE]
    never_base, never_slope = theta[NEVER_BASE], theta[NEVER_SLOPE]
    sd = np.sqrt(var)
    value, first, second = 0.0, 0.0, 0.0
    for i in range(N_NODES):
        w = WEIGHTS[i]
        x = mean + sd * NODES[i]
        never = sigmoid(never_base + never_slope * x)
        by_eta, by_scale, by_never = 0.0, 0.0, 0.0
        if state != WRITTEN_OFF:
            z = (log_days - log_terms - shift - slope * x) / scale
        else:
            z = 0.0
        if state == PAID:
            half = np.tanh(0.5 * z)
            if want:
                value += w * (-z - 2.0 * log1p_exp(-z) - np.log(scale) - log1p_exp(never_base + never_slope * x))
            by_eta = half / scale
            by_scale = (half * z - 1.0) / scale
            by_never = -never
            first += w * (slope * by_eta + never_slope * by_never)
            second += w * (
                -slope * slope * 0.5 * (1.0 - half * half) / (scale * scale)
                - never_slope * never_slope * never * (1.0 - never)
            )
        elif state == AT_ONCE:
            later = sigmoid(-z)
            if want:
                value -= w * (log1p_exp(-z) + log1p_exp(never_base + never_slope * x))
            by_eta = -later / scale
            by_scale = by_eta * z
            by_never = -never
            first += w * (slope * by_eta + never_slope * by_never)
            second -= w * (
                slope * slope * later * (1.0 - later) / (scale * scale)
                + never_slope * never_slope * never * (1.0 - never)
            )
        elif state == OPEN:
            still = sigmoid(-z)
            unpaid = never + (1.0 - never) * still
            d_still = still * (1.0 - still) / scale
            d_never = never * (1.0 - never)
            f1 = never_slope * d_never * (1.0 - still) + (1.0 - never) * slope * d_still
            f2 = (
                never_slope * never_slope * d_never * (1.0 - 2.0 * never) * (1.0 - still)
                - 2.0 * never_slope * d_never * slope * d_still
                + (1.0 - never) * slope * slope * d_still * (1.0 - 2.0 * still) / scale
            )
            if want:
                value += w * np.log(unpaid)
            by_eta = (1.0 - never) * d_still / unpaid
            by_scale = by_eta * z
            by_never = d_never * (1.0 - still) / unpaid
            first += w * f1 / unpaid
            second += w * (f2 / unpaid - (f1 / unpaid) ** 2)
        else:
            if want:
                value -= w * log1p_exp(-(never_base + never_slope * x))
            by_never = 1.0 - never
            first += w * never_slope * by_never
            second -= w * never_slope * never_slope * never * (1.0 - never)
        if want:
            gradient[INVOICE_SHIFT] += w * by_eta
            gradient[INVOICE_SLOPE] += w * by_eta * x
            gradient[INVOICE_SCALE] += w * by_scale
            gradient[NEVER_BASE] += w * by_never
            gradient[NEVER_SLOPE] += w * by_never * x
    g[PAYMENT] += first
    H[PAYMENT, PAYMENT] += second
    return value


@compiled
def _hours(theta, log_ratio, mean, var, g, H, gradient):
    slope, scale = theta[HOURS_SLOPE], theta[HOURS_SCALE]
    z = (log_ratio - theta[HOURS_SHIFT] - slope * mean) / scale
    spread = slope * slope * var / (scale * scale)
    g[DEMAND] += slope * z / scale
    H[DEMAND, DEMAND] -= slope * slope / (scale * scale)
    if gradient.shape[0] > 0:
        gradient[HOURS_SHIFT] += z / scale
        gradient[HOURS_SLOPE] += z / scale * mean - slope * var / (scale * scale)
        gradient[HOURS_SCALE] += (z * z + spread - 1.0) / scale
    return -0.5 * (z * z + spread) - np.log(scale) - LOG_SQRT_2PI


@compiled
def _energy(theta, rating, mean, cov, g, H, gradient, spare):
    # Ordered logit: the weighted strain pushes the rating down.
    direction = spare[0]
    direction[:] = 0.0
    direction[DEMAND] = -theta[ENERGY_SLOPES]
    direction[CONDUCT] = -theta[ENERGY_SLOPES + 1]
    direction[FIT] = -theta[ENERGY_SLOPES + 2]
    value, first, second = _ordered(theta, ENERGY_CUTS, 4, rating - 1, 0.0, direction, mean, cov, gradient)
    by = _spread(direction, first, second, mean, cov, g, H, spare[1])
    if gradient.shape[0] > 0:
        gradient[ENERGY_SLOPES] -= by[DEMAND]
        gradient[ENERGY_SLOPES + 1] -= by[CONDUCT]
        gradient[ENERGY_SLOPES + 2] -= by[FIT]
    return value


@compiled
def _ask(theta, outcome, price, scope, terms, mean, cov, g, H, gradient, spare):
    # Ordered logit of accepted < partly < refused and stayed < refused and left: strain and a big ask push it up.
    direction = theta[ASK_SLOPES : ASK_SLOPES + 4]
    offset = theta[ASK_PRICE] * price + theta[ASK_SCOPE] * scope + theta[ASK_TERMS] * terms
    value, first, second = _ordered(theta, ASK_CUTS, 3, outcome, offset, direction, mean, cov, gradient)
    by = _spread(direction, first, second, mean, cov, g, H, spare[1])
    if gradient.shape[0] > 0:
        for j in range(4):
            gradient[ASK_SLOPES + j] += by[j]
        gradient[ASK_PRICE] += first * price
        gradient[ASK_SCOPE] += first * scope
        gradient[ASK_TERMS] += first * terms
    return value


@compiled
def _departure(theta, left, mean, cov, g, H, gradient, spare):
    direction = theta[LEAVE_SLOPES : LEAVE_SLOPES + 4]
    centre, sd = _along(direction, mean, cov)
    seen = 1.0 if left else 0.0
    want = gradient.shape[0] > 0
    value, first, second = 0.0, 0.0, 0.0
    for i in range(N_NODES):
        eta = theta[LEAVE_BASE] + centre + sd * NODES[i]
        p = sigmoid(eta)
        if want:
            value += WEIGHTS[i] * (seen * eta - log1p_exp(eta))
        first += WEIGHTS[i] * (seen - p)
        second -= WEIGHTS[i] * p * (1.0 - p)
    by = _spread(direction, first, second, mean, cov, g, H, spare[1])
    if gradient.shape[0] > 0:
        gradient[LEAVE_BASE] += first
        for j in range(4):
            gradient[LEAVE_SLOPES + j] += by[j]
    return value


@compiled
def _referrals(theta, count, mean, cov, g, H, gradient, spare):
    direction = spare[0]
    direction[:] = 0.0
    direction[CONDUCT] = -theta[REFERRAL_SLOPES]
    direction[FIT] = -theta[REFERRAL_SLOPES + 1]
    centre, sd = _along(direction, mean, cov)
    log_rate = theta[REFERRAL_BASE] + centre
    rate = np.exp(min(log_rate + 0.5 * sd * sd, MAX_LOG_RATE))
    by = _spread(direction, count - rate, -rate, mean, cov, g, H, spare[1])
    if gradient.shape[0] > 0:
        gradient[REFERRAL_BASE] += count - rate
        gradient[REFERRAL_SLOPES] -= by[CONDUCT]
        gradient[REFERRAL_SLOPES + 1] -= by[FIT]
    log_factorial = 0.0
    for i in range(2, count + 1):
        log_factorial += np.log(i)
    return count * log_rate - rate - log_factorial


@compiled
def _ordered(theta, cuts, n_cuts, level, offset, direction, mean, cov, gradient):
    # Expected log P(level), P(level <= k) = sigmoid(cut[k] - eta), and its derivatives in eta.
    want = gradient.shape[0] > 0
    centre, sd = _along(direction, mean, cov)
    value, first, second = 0.0, 0.0, 0.0
    for i in range(N_NODES):
        w = WEIGHTS[i]
        eta = offset + centre + sd * NODES[i]
        above = 1.0 if level == n_cuts else sigmoid(theta[cuts + level] - eta)
        below = 0.0 if level == 0 else sigmoid(theta[cuts + level - 1] - eta)
        p = max(above - below, 1e-300)
        if want:
            value += w * np.log(p)
        first += w * (above + below - 1.0)
        second -= w * (above * (1.0 - above) + below * (1.0 - below))
        if want and level < n_cuts:
            gradient[cuts + level] += w * above * (1.0 - above) / p
        if want and level > 0:
            gradient[cuts + level - 1] -= w * below * (1.0 - below) / p
    return value, first, second


@inlined
def _along(direction, mean, cov):
    centre, var = 0.0, 0.0
    for i in range(4):
        centre += direction[i] * mean[i]
        for j in range(4):
            var += direction[i] * cov[i, j] * direction[j]
    return centre, np.sqrt(max(var, 0.0))


@inlined
def _spread(direction, first, second, mean, cov, g, H, by):
    # Chain rule from the one direction to the strain; returns E[l' x] for the slopes (Stein's lemma).
    for i in range(4):
        g[i] += first * direction[i]
        along = 0.0
        for j in range(4):
            H[i, j] += second * direction[i] * direction[j]
            along += cov[i, j] * direction[j]
        by[i] = first * mean[i] + second * along
    return by

"""The variational Gaussian smoother: one client's strain through the months, given the population.

For given population parameters the posterior of a client's latent months is approximated by the Gaussian that
maximises the evidence lower bound (Opper and Archambeau 2009). The maximum is found by iterating a Kalman smoother on
pseudo-observations (Khan and Lin 2017): expected first and second derivatives of each month's log likelihood under the
current Gaussian. At the maximum the bound's gradient in the population parameters is the expected gradient of the
complete-data log density, so no derivative of the optimum itself is needed. The search starts from what the filter
says: started from nothing it went astray for one simulated client in some hundreds, ten deviations off.
"""

import numpy as np

from model.filter import factor_of, filter_client, invert, pseudo_observation, shift_of, strain_of
from model.kernel import compiled, inlined
from model.likelihood import LOG_SQRT_2PI, expected_log_likelihood
from model.observations import PAID
from model.parameters import (
    DEMAND,
    EARLY,
    FACTOR,
    FIT,
    HOURS_SCALE,
    INVOICE_SCALE,
    PAYMENT,
    PERSISTENCE,
    RELIEF_SCOPE,
    RELIEF_TERMS,
)

MAX_ITERATIONS = 200
START_TOLERANCE = 0.05  # of the filter that only says where to begin


@compiled
def smooth_client(theta, data, tables, client, tolerance, gradient):
    """Smooth one client through its recorded months.

    Parameters
    ----------
    theta : array (parameter,)
        Population parameters, laid out as in `model.parameters`.
    data : KernelData
    tables : array
        From `model.likelihood.absence_tables` for the same parameters.
    client : int
    tolerance : float
        Iteration stops when no mean moves by more than this, in units of strain.
    gradient : array (parameter,) or (0,)
        The bound's gradient is added unless it is empty.

    Returns
    -------
    bound : float
        Evidence lower bound of the client's records, in nats; zero where no gradient is wanted, minus infinity where
        the parameters are so extreme that nothing can be computed.
    mean : array (month, latent)
        Smoothed mean of the latent processes `u`; strain is `shift + factor @ u`.
    cov : array (month, latent, latent)
    """
    start, stop = data.first_row[client], data.first_row[client + 1]
    n = stop - start
    A = factor_of(theta)
    rho = theta[PERSISTENCE : PERSISTENCE + 4].copy()
    m, P = np.zeros((n, 4)), np.zeros((n, 4, 4))
    filter_client(theta, data, tables, client, 0, START_TOLERANCE, m, P)
    information = np.zeros((n, 4))
    precision = np.zeros((n, 4, 4))
    G = np.zeros((n, 4, 4))
    log_evidence = 0.0
    x, V, g, H = np.empty(4), np.empty((4, 4)), np.empty(4), np.empty((4, 4))
    none, scratch, spare = np.empty(0), np.empty((3, 4, 4)), np.empty((2, 4))
    shift = np.empty((n, 4))
    for t in range(n):
        shift[t] = shift_of(theta, data, client, start + t)
    # Full steps overshoot where the likelihood has no curvature at the start (a very late payer, say): when the
    # mean moves on nearly as far as before, take shorter ones, and lengthen them again once it calms down.
    step, before = 1.0, np.inf
    for _ in range(MAX_ITERATIONS):
        for t in range(n):
            strain_of(A, shift[t], m[t], P[t], x, V, scratch[0])
            expected_log_likelihood(theta, data, tables, client, start + t, x, V, g, H, none, spare)
            pseudo_observation(A, g, H, m[t], step, information[t], precision[t], scratch)
        log_evidence, moved = _kalman(rho, information, precision, m, P, G)
        if moved < tolerance * step:
            break
        step = max(0.5 * step, 0.05) if moved > 0.7 * before else min(1.0, 1.25 * step)
        before = moved
    bound = 0.0
    if gradient.shape[0] > 0:
        bound = log_evidence
        for t in range(n):
            strain_of(A, shift[t], m[t], P[t], x, V, scratch[0])
            bound += expected_log_likelihood(theta, data, tables, client, start + t, x, V, g, H, gradient, spare)
            for i in range(4):
                bound -= information[t, i] * m[t, i]
                for j in range(4):
                    bound += 0.5 * precision[t, i, j] * (m[t, i] * m[t, j] + P[t, i, j])
            _state_gradient(theta, data, client, start + t, A, g, H, m[t], P[t], gradient)
        _persistence_gradient(rho, m, P, G, gradient)
        # At parameters no one would believe (a scatter of nothing, say) the arithmetic can break down, and a sampler
        # that took what comes of it for a good place would never leave it.
        if not bound <= _most(theta, data, start, stop) + 1.0:
            bound = -np.inf
    return bound, m, P


@compiled
def _most(theta, data, start, stop):
    # No bound lies above this: densities at their peaks, everything else certain.
    paid, hours = 0, 0
    for row in range(start, stop):
        for i in range(data.invoice_first[row], data.invoice_first[row + 1]):
            paid += data.invoice_state[i] == PAID
        hours += not np.isnan(data.hours_log_ratio[row])
    return -paid * np.log(4.0 * theta[INVOICE_SCALE]) - hours * (np.log(theta[HOURS_SCALE]) + LOG_SQRT_2PI)


@compiled
def _kalman(rho, information, precision, m, P, G):
    # Information-form filter and Rauch-Tung-Striebel smoother; the prior is stationary with unit variance.
    n = m.shape[0]
    mf, Pf = np.zeros((n, 4)), np.zeros((n, 4, 4))
    mp, Pp_inv = np.zeros((n, 4)), np.zeros((n, 4, 4))
    Pp = np.zeros((n, 4, 4))
    M = np.empty((4, 4))
    log_evidence = 0.0
    for t in range(n):
        for i in range(4):
            if t == 0:
                Pp[t, i, i] = 1.0
            else:
                mp[t, i] = rho[i] * mf[t - 1, i]
                for j in range(4):
                    Pp[t, i, j] = rho[i] * rho[j] * Pf[t - 1, i, j]
                Pp[t, i, i] += 1.0 - rho[i] * rho[i]
        log_prior = invert(Pp[t], Pp_inv[t])
        for i in range(4):
            for j in range(4):
                M[i, j] = Pp_inv[t, i, j] + precision[t, i, j]
        log_posterior_precision = invert(M, Pf[t])
        before, after = 0.0, 0.0
        for i in range(4):
            right = information[t, i]
            for j in range(4):
                right += Pp_inv[t, i, j] * mp[t, j]
            before += mp[t, i] * (right - information[t, i])
            for k in range(4):
                mf[t, k] += Pf[t, k, i] * right
            M[i, 0] = right
        for i in range(4):
            after += mf[t, i] * M[i, 0]
        log_evidence += 0.5 * (after - before - log_prior - log_posterior_precision)
    moved = 0.0
    ms, Ps = mf[n - 1].copy() if n > 0 else np.zeros(4), Pf[n - 1].copy() if n > 0 else np.zeros((4, 4))
    D = np.empty((4, 4))
    for t in range(n - 1, -1, -1):
        if t < n - 1:
            for i in range(4):
                for j in range(4):
                    total = 0.0
                    for k in range(4):
                        total += Pf[t, i, k] * rho[k] * Pp_inv[t + 1, k, j]
                    G[t, i, j] = total
            gap = np.empty(4)
            for i in range(4):
                gap[i] = ms[i] - mp[t + 1, i]
                for j in range(4):
                    D[i, j] = Ps[i, j] - Pp[t + 1, i, j]
            for i in range(4):
                ms[i] = mf[t, i]
                for k in range(4):
                    ms[i] += G[t, i, k] * gap[k]
            for i in range(4):
                for j in range(4):
                    M[i, j] = 0.0
                    for k in range(4):
                        M[i, j] += D[i, k] * G[t, j, k]
            for i in range(4):
                for j in range(4):
                    Ps[i, j] = Pf[t, i, j]
                    for k in range(4):
                        Ps[i, j] += G[t, i, k] * M[k, j]
        for i in range(4):
            moved = max(moved, abs(ms[i] - m[t, i]))
            m[t, i] = ms[i]
            for j in range(4):
                P[t, i, j] = 0.5 * (Ps[i, j] + Ps[j, i])
    return log_evidence, moved


@inlined
def _state_gradient(theta, data, client, row, A, g, H, m, P, gradient):
    # Through x = shift + A u: the parameters that place the strain, and the factor (Stein's lemma).
    for i in range(4):
        gradient[EARLY + i] += g[i] * data.early[row]
    for k in range(data.standing.shape[1]):
        gradient[data.standing_place + k] += g[FIT] * data.standing[client, k]
    gradient[RELIEF_SCOPE] -= g[DEMAND] * data.relief_scope[row]
    gradient[RELIEF_TERMS] -= g[PAYMENT] * data.relief_terms[row]
    AP = np.zeros((4, 4))
    for i in range(4):
        for j in range(4):
            for k in range(i + 1):
                AP[i, j] += A[i, k] * P[k, j]
    for i in range(4):
        for j in range(i + 1):
            total = g[i] * m[j]
            for k in range(4):
                total += H[i, k] * AP[k, j]
            gradient[FACTOR + 4 * i + j] += total


@compiled
def _persistence_gradient(rho, m, P, G, gradient):
    for t in range(m.shape[0] - 1):
        for j in range(4):
            lag = m[t + 1, j] * m[t, j]
            for k in range(4):
                lag += P[t + 1, j, k] * G[t, j, k]
            now = m[t + 1, j] ** 2 + P[t + 1, j, j]
            before = m[t, j] ** 2 + P[t, j, j]
            var = 1.0 - rho[j] ** 2
            residual = now - 2.0 * rho[j] * lag + rho[j] ** 2 * before
            gradient[PERSISTENCE + j] += rho[j] / var + (lag - rho[j] * before) / var - rho[j] * residual / (var * var)

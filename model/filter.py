"""The filter: one client's strain month by month, given the population, each month taken up once and for all.

For given population parameters the belief after a month is the Gaussian that maximises the evidence lower bound of that
month's records under the belief before it (assumed-density filtering, in the variational form of Opper and Archambeau
2009). What came before enters through that belief alone, so a new month costs one month's work, and the belief is the
same to the last digit whether the months came one by one or all at once.
"""

import numpy as np

from model.kernel import compiled, inlined
from model.likelihood import expected_log_likelihood
from model.parameters import DEMAND, EARLY, FACTOR, FIT, PAYMENT, PERSISTENCE, RELIEF_SCOPE, RELIEF_TERMS

MAX_ITERATIONS = 100


@compiled
def filter_client(theta, data, tables, client, first, tolerance, mean, cov):
    """Filter one client from its month `first` on.

    Parameters
    ----------
    theta : array (parameter,)
    data : KernelData
    tables : array
        From `model.sign_likelihood.absence_tables` for the same parameters.
    client : int
    first : int
        Month to begin with, counted from the client's first one; the belief after the month before it is read.
    tolerance : float
        A month is done when its mean moves by no more than this, in units of strain.
    mean, cov : arrays (month, latent), (month, latent, latent)
        Belief about the latent processes after each month; written from `first` on.
    """
    start = data.first_row[client]
    n = data.first_row[client + 1] - start
    A = factor_of(theta)
    x, V, g, H = np.empty(4), np.empty((4, 4)), np.empty(4), np.empty((4, 4))
    none, scratch, spare = np.empty(0), np.empty((3, 4, 4)), np.empty((2, 4))
    before, spread, narrow, pull = np.empty(4), np.empty((4, 4)), np.empty((4, 4)), np.empty(4)
    information, precision, total = np.empty(4), np.empty((4, 4)), np.empty((4, 4))
    for t in range(first, n):
        for i in range(4):
            rho = theta[PERSISTENCE + i]
            before[i] = 0.0 if t == 0 else rho * mean[t - 1, i]
            for j in range(4):
                spread[i, j] = 0.0 if t == 0 else rho * theta[PERSISTENCE + j] * cov[t - 1, i, j]
            spread[i, i] += 1.0 if t == 0 else 1.0 - rho * rho
        invert(spread, narrow)
        for i in range(4):
            pull[i] = 0.0
            mean[t, i] = before[i]
            for j in range(4):
                pull[i] += narrow[i, j] * before[j]
                cov[t, i, j] = spread[i, j]
        information[:] = 0.0
        precision[:] = 0.0
        shift = shift_of(theta, data, client, start + t)
        step, last = 1.0, np.inf
        for _ in range(MAX_ITERATIONS):
            strain_of(A, shift, mean[t], cov[t], x, V, scratch[0])
            expected_log_likelihood(theta, data, tables, client, start + t, x, V, g, H, none, spare)
            pseudo_observation(A, g, H, mean[t], step, information, precision, scratch)
            for i in range(4):
                for j in range(4):
                    total[i, j] = narrow[i, j] + precision[i, j]
            invert(total, cov[t])
            moved = 0.0
            for i in range(4):
                at = 0.0
                for j in range(4):
                    at += cov[t, i, j] * (pull[j] + information[j])
                moved = max(moved, abs(at - mean[t, i]))
                x[i] = at
            mean[t] = x
            if moved < tolerance * step:
                break
            step = max(0.5 * step, 0.05) if moved > 0.7 * last else min(1.0, 1.25 * step)
            last = moved


@compiled
def factor_of(theta):
    """Cholesky factor of the correlation of the traits, shape (4, 4)."""
    return theta[FACTOR : FACTOR + 16].copy().reshape(4, 4)


@inlined
def shift_of(theta, data, client, row):
    """Mean strain of a client-month, shape (4,): what its beginning adds and standing facts do, less agreed relief."""
    shift = np.zeros(4)
    for i in range(4):
        shift[i] = theta[EARLY + i] * data.early[row]
    for k in range(data.standing.shape[1]):
        shift[FIT] += theta[data.standing_place + k] * data.standing[client, k]
    shift[DEMAND] -= theta[RELIEF_SCOPE] * data.relief_scope[row]
    shift[PAYMENT] -= theta[RELIEF_TERMS] * data.relief_terms[row]
    return shift


@compiled
def strain_of(A, shift, m, P, x, V, AP):
    """Mean and covariance of the strain, into `x` and `V`: shift + A m and A P A', A being lower triangular."""
    for i in range(4):
        x[i] = shift[i]
        for k in range(i + 1):
            x[i] += A[i, k] * m[k]
        for j in range(4):
            total = 0.0
            for k in range(i + 1):
                total += A[i, k] * P[k, j]
            AP[i, j] = total
    for i in range(4):
        for j in range(i + 1):
            total = 0.0
            for k in range(j + 1):
                total += AP[i, k] * A[j, k]
            V[i, j] = total
            V[j, i] = total


@compiled
def pseudo_observation(A, g, H, m, step, information, precision, scratch):
    """Move towards the Gaussian observation of u whose log likelihood has this expected gradient and Hessian at `m`."""
    W, WA, L = scratch[0], scratch[1], scratch[2]
    for i in range(4):
        for j in range(4):
            W[i, j] = -H[i, j]
        # An ancient open invoice can curve upwards; a negative precision would break the smoother.
        W[i, i] = max(W[i, i], 0.0)
    for i in range(4):
        for j in range(4):
            total = 0.0
            for k in range(j, 4):
                total += W[i, k] * A[k, j]
            WA[i, j] = total
    for i in range(4):
        for j in range(4):
            total = 0.0
            for k in range(i, 4):
                total += A[k, i] * WA[k, j]
            L[i, j] = total
    for i in range(4):
        h = 0.0
        for k in range(i, 4):
            h += A[k, i] * g[k]
        for j in range(4):
            h += L[i, j] * m[j]
        information[i] += step * (h - information[i])
    for i in range(4):
        for j in range(4):
            precision[i, j] += step * (0.5 * (L[i, j] + L[j, i]) - precision[i, j])


@compiled
def invert(S, out):
    """Inverse of a symmetric positive definite (4, 4) matrix into `out`; returns its log determinant."""
    L = np.zeros((4, 4))
    log_det = 0.0
    for i in range(4):
        for j in range(i + 1):
            total = S[i, j]
            for k in range(j):
                total -= L[i, k] * L[j, k]
            if i == j:
                L[i, i] = np.sqrt(max(total, 1e-14))
                log_det += 2.0 * np.log(L[i, i])
            else:
                L[i, j] = total / L[j, j]
    # Inverse of the factor, then its transpose times itself.
    for i in range(4):
        L[i, i] = 1.0 / L[i, i]
        for j in range(i):
            total = 0.0
            for k in range(j, i):
                total -= L[i, k] * L[k, j]
            L[i, j] = total * L[i, i]
    for i in range(4):
        for j in range(i + 1):
            total = 0.0
            for k in range(i, 4):
                total += L[k, i] * L[k, j]
            out[i, j] = total
            out[j, i] = total
    return log_det

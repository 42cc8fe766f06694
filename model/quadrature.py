"""Expectations under a normal distribution: Gauss-Hermite nodes, and the functions they are taken of, compiled."""

import numpy as np

from model.kernel import compiled, inlined

_raw_nodes, _raw_weights = np.polynomial.hermite_e.hermegauss(7)
N_NODES = 7
NODES = np.ascontiguousarray(_raw_nodes)
WEIGHTS = _raw_weights / _raw_weights.sum()
MAX_LOG_RATE = 30.0  # far beyond any real record; keeps exp() finite on hostile ones


@inlined
def sigmoid(x):
    """Logistic function, without overflow at either end."""
    if x >= 0.0:
        return 1.0 / (1.0 + np.exp(-x))
    e = np.exp(x)
    return e / (1.0 + e)


@compiled
def log1p_exp(x):
    """log(1 + exp(x)), without overflow."""
    return max(x, 0.0) + np.log1p(np.exp(-abs(x)))

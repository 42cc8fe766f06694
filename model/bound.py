"""The evidence lower bound of all records, and its gradient, given the parameters of the population."""

import numpy as np

from model.belief import in_threads
from model.kernel import compiled, packed
from model.likelihood import KernelData
from model.parameters import Array
from model.sign_likelihood import absence_tables
from model.smoother import smooth_client

# Of the bound's optimum, in units of strain. The bound is then off by its square; NUTS accepts by the bound itself.
TOLERANCE = 1e-3


def slopes(theta: Array, data: KernelData) -> tuple[Array, Array]:
    """Bound of all clients under each draw, and its gradient there, on all cores.

    Parameters
    ----------
    theta
        Shape (sample, parameter), laid out as in `model.parameters`.
    data
        The records.

    Returns
    -------
    bound, gradient
        Shapes (sample,), in nats, and (sample, parameter).
    """
    bound, gradient = np.zeros(len(theta)), np.zeros(theta.shape)
    rows = packed(theta)

    def work(part: slice) -> None:
        _slopes(rows[part], data, TOLERANCE, bound[part], gradient[part])

    in_threads(work, len(theta))
    return bound, gradient


@compiled
def _slopes(theta, data, tolerance, bound, gradient):
    for s in range(theta.shape[0]):
        bound[s], gradient[s] = bound_of(theta[s], data, tolerance)


@compiled
def bound_of(theta, data, tolerance):
    """Bound of all clients and its gradient in `theta`, shapes () and (parameter,)."""
    gradient = np.zeros(theta.shape[0])
    tables = absence_tables(theta, data)
    total = 0.0
    for client in range(data.first_row.shape[0] - 1):
        if data.first_row[client + 1] > data.first_row[client]:
            bound, _, _ = smooth_client(theta, data, tables, client, tolerance, gradient)
            total += bound
    return total, gradient

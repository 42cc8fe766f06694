"""Where one firm stands in each level, given its records and draws of its platform.

For each draw of the platform the levels of a firm are normal: prior spread and curvature of the bound together (a
Laplace approximation). The bound is expanded once for each firm, about the middle of the draws and the firm's most
probable levels there; how the answer moves with the platform's other parameters is part of the expansion, so that a
draw more costs a few products of small matrices and not another walk through the firm's months.
"""

from dataclasses import dataclass

import numpy as np

from model.belief import in_threads
from model.kernel import compiled, packed
from model.levels import Levels
from model.likelihood import KernelData
from model.parameters import Array
from model.sign_likelihood import absence_tables
from model.smoother import smooth_client
from model.told import Ints

TOLERANCE = 1e-3  # of the bound's optimum, in units of strain
WITHIN = 0.1  # either way, in standard deviations of a level's prior: wide against rounding, narrow against any bend
STEPS, LONGEST = 6, 1.5  # steps towards the mode, and how far one may go in any level
SETTLED = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """A firm's bound to second order, in its levels and across to the platform's parameters.

    Parameters
    ----------
    about
        Shape (parameter,): the platform it is expanded about.
    slope
        Shape (level,): gradient in the levels, carried back to where all of them are zero.
    curvature
        Shape (level, level): negative second derivatives, none of them below zero.
    across
        Shape (level, parameter): second derivatives in a level and a parameter of the platform.
    """

    about: Array
    slope: Array
    curvature: Array
    across: Array

    def draws(self, centre: Array, apart: Array, noise: Array) -> Array:
        """Levels of the firm, in standard deviations of their priors, for each draw of the platform.

        Parameters
        ----------
        centre
            Shape (sample, parameter): the platform.
        apart
            Shape (sample, level): how far its firms differ.
        noise
            Shape (sample, level): standard normal numbers.
        """
        # In units of the spread the prior is standard, also where firms do not differ at all.
        slope = apart * (self.slope + (centre - self.about) @ self.across.T)
        precision = np.eye(len(self.slope)) + apart[:, :, None] * self.curvature * apart[:, None, :]
        root = np.linalg.cholesky(precision)
        mean = np.linalg.solve(precision, slope[..., None])[..., 0]
        scatter = np.linalg.solve(np.swapaxes(root, 1, 2), noise[..., None])[..., 0]
        return np.asarray(apart * (mean + scatter))


def expansion(theta: Array, apart: Array, levels: Levels, data: KernelData) -> Expansion:
    """Expand a firm's bound about its most probable levels.

    Parameters
    ----------
    theta
        Shape (parameter,): the platform.
    apart
        Shape (level,): how far its firms differ, in standard deviations of the levels' priors.
    levels
        Which ways they differ.
    data
        The firm's records.
    """
    clients = np.array([0, len(data.first_row) - 1])
    prior = np.diag(1.0 / np.maximum(apart, 1e-3) ** 2)

    def gradient(place: Array) -> Array:
        at = packed((theta + place @ levels.unit)[None, :])
        _, found = bound_of_firms(at, data, clients, TOLERANCE)
        return np.asarray(found[0])

    def second(place: Array, now: Array | None = None) -> Array:
        rows = []
        for step in WITHIN * np.eye(levels.count):
            before = gradient(place - step) if now is None else now
            rows.append((gradient(place + step) - before) / (2 * WITHIN if now is None else WITHIN))
        return np.array(rows)

    place = np.zeros(levels.count)
    now = gradient(place)
    bend = never_negative(-second(place, now) @ levels.unit.T)
    for _ in range(STEPS):
        step = np.linalg.solve(bend + prior, levels.unit @ now - prior @ place)
        step *= min(1.0, LONGEST / max(np.abs(step).max(), 1e-12))
        place = place + step
        now = gradient(place)
        if np.abs(step).max() < SETTLED:
            break
    across = second(place)
    bend = never_negative(-across @ levels.unit.T)
    return Expansion(about=theta, slope=levels.unit @ now + bend @ place, curvature=bend, across=across)


def bounds_of_clients(thetas: Array, data: KernelData, first: int, stop: int, *, tolerance: float = TOLERANCE) -> Array:
    """Bound of each client from `first` to `stop` by itself, under each draw, shape (sample, client), in nats."""
    return np.asarray(_bounds(packed(thetas), data, first, stop, tolerance))


def bounds_of_firms(thetas: Array, data: KernelData, first_client: Ints) -> tuple[Array, Array]:
    """Bound of each firm and its gradient in the parameters of that firm, on all cores.

    Parameters
    ----------
    thetas
        Shape (sample, firm, parameter).
    data
        Records of all firms.
    first_client
        As in `model.firms.Firms`.

    Returns
    -------
    bound, gradient
        Shapes (sample, firm), in nats, and (sample, firm, parameter).
    """
    n_firms = thetas.shape[1]
    rows = packed(thetas.reshape(-1, thetas.shape[2]))
    bound, gradient = np.zeros(len(rows)), np.zeros(rows.shape)
    firm = np.tile(np.arange(n_firms), len(thetas))

    def work(part: slice) -> None:
        _each_firm(rows[part], firm[part], data, first_client, TOLERANCE, bound[part], gradient[part])

    in_threads(work, len(rows))
    return bound.reshape(-1, n_firms), gradient.reshape(thetas.shape)


def never_negative(matrices: Array) -> Array:
    """Symmetric matrices (..., n, n) that bend no way below zero, and are otherwise the ones given.

    Far from the mode a bound can bend the other way; where the records say nothing, rounding does.
    """
    values, vectors = np.linalg.eigh(0.5 * (matrices + matrices.swapaxes(-1, -2)))
    return np.asarray((vectors * np.maximum(values, 0.0)[..., None, :]) @ vectors.swapaxes(-1, -2))


@compiled
def bound_of_firms(thetas, data, first_client, tolerance):
    """Bound of all firms and its gradient in the parameters of each, shapes () and (firm, parameter)."""
    gradient = np.zeros(thetas.shape)
    total = 0.0
    for firm in range(thetas.shape[0]):
        tables = absence_tables(thetas[firm], data)
        for client in range(first_client[firm], first_client[firm + 1]):
            if data.first_row[client + 1] > data.first_row[client]:
                bound, _, _ = smooth_client(thetas[firm], data, tables, client, tolerance, gradient[firm])
                total += bound
    return total, gradient


@compiled
def _each_firm(thetas, firm, data, first_client, tolerance, bound, gradient):
    for s in range(thetas.shape[0]):
        tables = absence_tables(thetas[s], data)
        for client in range(first_client[firm[s]], first_client[firm[s] + 1]):
            if data.first_row[client + 1] > data.first_row[client]:
                found, _, _ = smooth_client(thetas[s], data, tables, client, tolerance, gradient[s])
                bound[s] += found


@compiled
def _bounds(thetas, data, first, stop, tolerance):
    found = np.zeros((thetas.shape[0], stop - first))
    spare = np.zeros(thetas.shape[1])
    for s in range(thetas.shape[0]):
        tables = absence_tables(thetas[s], data)
        for client in range(first, stop):
            if data.first_row[client + 1] > data.first_row[client]:
                found[s, client - first], _, _ = smooth_client(thetas[s], data, tables, client, tolerance, spare)
    return found

"""What knowing more would be worth: EVPI, EVPPI and EVSI from draws of net benefit.

`EVPPI = E[max_a E[NB_a | parameters]] - max_a E[NB_a]` (Strong, Oakley and Brennan 2014); EVSI is the same with the
statistics that evidence would show in place of the parameters. The inner expectation is a regression on the draws:
exact group means where the knowns are discrete, penalised splines where they are not. Of an answer that is one of a
few, whose chances are known in each draw, it is a sum over the answers.

By definition EVPPI grows with the set of parameters, and EVSI is at most the EVPPI of what it is evidence of. Values by
regression are estimates, which err either way and may break both rules; what is shown side by side is held to them.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model.risk import as_draws

if TYPE_CHECKING:
    from xarray import DataArray

Array = NDArray[np.float64]
Knowns = Any
"""Draws of what would be known: 1-D (sample), 2-D (sample, unknown), a mapping of such arrays, or a DataArray."""

KNOTS = 5
DRAWS_PER_TERM = 10
DRAWS_PER_GROUP = 5


def evpi(net_benefit: "Array | DataArray") -> float:
    """Expected value of perfect information: the smallest expected loss, in money, never below 0.

    Parameters
    ----------
    net_benefit
        Draws (sample, action) in money.
    """
    draws = _against_best(net_benefit)
    return float(draws.max(axis=1).mean())


def evppi(net_benefit: "Array | DataArray", parameters: Knowns) -> float:
    """Expected value of knowing some parameters for sure, in money, between 0 and EVPI.

    An estimate: of continuous parameters, that of a larger set may be lower; `evppi_of_sets` holds several to the rule.

    Parameters
    ----------
    net_benefit
        Draws (sample, action) in money.
    parameters
        The same draws of the parameters; see `Knowns`.

    Raises
    ------
    ValueError
        If parameters and net benefit differ in their number of draws or hold a number that is not finite.
    """
    draws = _against_best(net_benefit)
    known = _columns(parameters, len(draws))
    expected = conditional_mean(draws, known)
    gain = expected.max(axis=1).mean() - max(0.0, expected.mean(axis=0).max())
    return float(min(max(0.0, gain), draws.max(axis=1).mean()))


def evppi_of_sets(
    net_benefit: "Array | DataArray", parts: Mapping[str, Knowns], sets: Sequence[Collection[str]]
) -> tuple[float, ...]:
    """EVPPI of several sets of unknowns, each worth no less than any other of `sets` that is part of it.

    Each is estimated by itself, and of these estimates the largest of it and its parts is taken: knowing more never
    harms, so that one below them errs.

    Parameters
    ----------
    net_benefit
        Draws (sample, action) in money.
    parts
        The same draws of each part; see `Knowns`.
    sets
        Names of the parts that are known together, at least one each.

    Raises
    ------
    ValueError
        If a part and net benefit differ in their number of draws or hold a number that is not finite.
    """
    found = {frozenset(names): 0.0 for names in sets}
    for names in found:
        found[names] = evppi(net_benefit, {name: parts[name] for name in parts if name in names})
    return tuple(max(worth for part, worth in found.items() if part <= frozenset(names)) for names in sets)


def evsi(net_benefit: "Array | DataArray", statistics: Knowns, parameters: Knowns | None = None) -> float:
    """Expected value of evidence, in money, between 0 and the EVPPI of what it is evidence of.

    Parameters
    ----------
    net_benefit
        Draws (sample, action) in money.
    statistics
        Per draw, a summary of evidence simulated under that draw; see `Knowns`.
    parameters
        The unknowns the evidence speaks of; when given, EVSI is held at or below their EVPPI (else EVPI), both being
        estimates.

    Raises
    ------
    ValueError
        If the arrays differ in their number of draws or hold a number that is not finite.
    """
    value = evppi(net_benefit, statistics)
    return value if parameters is None else min(value, evppi(net_benefit, parameters))


def evsi_of_answer(net_benefit: "Array | DataArray", chances: Array) -> float:
    """Expected value of an answer that is one of a few, in money, between 0 and EVPI; exact over the draws.

    `EVSI = sum_o max_a E[P(o) NB_a] - max_a E[NB_a]`: no answer is simulated, so that none is there by luck.

    Parameters
    ----------
    net_benefit
        Draws (sample, action) in money.
    chances
        Probability of each answer in each draw (sample, answer); those of a draw sum to 1.

    Raises
    ------
    ValueError
        If the arrays differ in their number of draws or hold a number that is not finite.
    """
    draws = _against_best(net_benefit)
    after = _columns(chances, len(draws)).T @ draws / len(draws)
    return float(min(max(0.0, after.max(axis=1).sum()), draws.max(axis=1).mean()))


def conditional_mean(draws: Array, known: Array) -> Array:
    """E[draws | known] for each draw (sample, column), with the mean of `draws` kept.

    Parameters
    ----------
    draws
        Values (sample, column).
    known
        What is conditioned on (sample, unknown).
    """
    # Rows are at least as many as the values of any column, and one column is sorted far sooner than rows are.
    few = known.shape[1] == 0 or len(np.unique(known[:, 0])) * DRAWS_PER_GROUP <= len(known)
    if few:
        rows, group = np.unique(known, axis=0, return_inverse=True)
        if len(rows) * DRAWS_PER_GROUP <= len(known) or len(rows) == 1:
            return _group_means(draws, group.ravel(), len(rows))
    return _regression(draws, _terms(known))


def _against_best(net_benefit: "Array | DataArray") -> Array:
    # Differences to the best action: a constant common to all actions, often far noisier, drops out exactly.
    draws = as_draws(net_benefit)
    best = int(np.argmax(draws.mean(axis=0)))
    return draws - draws[:, [best]]


def _columns(knowns: Knowns, samples: int) -> Array:
    if isinstance(knowns, Mapping):
        if not knowns:
            raise ValueError("at least one unknown must be given.")
        return np.hstack([_columns(part, samples) for part in knowns.values()])
    if hasattr(knowns, "dims") and "sample" in knowns.dims:
        knowns = knowns.transpose("sample", ...)
    known = np.asarray(knowns, dtype=np.float64)
    if known.ndim == 0 or len(known) != samples:
        raise ValueError(f"{samples} draws of the unknowns are needed, as many as of net benefit; {known.shape} came.")
    if not np.isfinite(known).all():
        raise ValueError("the unknowns hold a number that is not finite.")
    return known.reshape(samples, -1)


def _group_means(draws: Array, group: NDArray[np.intp], groups: int) -> Array:
    counts = np.bincount(group, minlength=groups)
    sums = np.stack([np.bincount(group, weights=column, minlength=groups) for column in draws.T], axis=1)
    return np.asarray((sums / counts[:, None])[group])


def _terms(known: Array) -> Array:
    """Centred regression terms (sample, term): a natural cubic spline per unknown, then products of pairs."""
    spread = known.std(axis=0)
    varying = known[:, spread > 1e-12 * (1 + np.abs(known).max(axis=0))]
    if varying.shape[1] == 0:
        return np.zeros((len(known), 0))
    scaled = (varying - varying.mean(axis=0)) / varying.std(axis=0)
    room = max(1, len(known) // DRAWS_PER_TERM)
    terms = list(scaled.T)
    if room >= scaled.shape[1] * (KNOTS - 1):
        knots = np.quantile(scaled, np.linspace(0.05, 0.95, KNOTS), axis=0)
        terms = [term for column, at in zip(scaled.T, knots.T, strict=True) for term in _natural_spline(column, at)]
    # Heavy tails would give single draws all the weight in a product.
    bounded = np.clip(scaled, -3, 3)
    pairs = [(i, j) for i in range(scaled.shape[1]) for j in range(i)]
    if len(terms) + len(pairs) <= room:
        terms += [bounded[:, i] * bounded[:, j] for i, j in pairs]
    basis = np.stack(terms, axis=1)
    basis -= basis.mean(axis=0)
    size = basis.std(axis=0)
    return np.asarray(basis[:, size > 1e-9] / size[size > 1e-9])


def _natural_spline(x: Array, knots: Array) -> list[Array]:
    # Linear beyond the outer knots, so that the tails cannot run away (Hastie, Tibshirani and Friedman 2009, 5.2.1).
    knots = np.unique(knots)
    if len(knots) < 3:
        return [x]

    def truncated(knot: float) -> Array:
        above = np.maximum(x - knot, 0.0)
        return np.asarray((above * above * above - beyond) / (knots[-1] - knot))

    beyond = np.maximum(x - knots[-1], 0.0) ** 3
    last = truncated(knots[-2])
    return [x, *(truncated(knot) - last for knot in knots[:-2])]


def _regression(draws: Array, basis: Array) -> Array:
    """Ridge regression of every column on the basis, its penalty by generalised cross-validation."""
    mean = draws.mean(axis=0)
    if basis.shape[1] == 0:
        return np.broadcast_to(mean, draws.shape)
    left, singular, _ = np.linalg.svd(basis, full_matrices=False)
    keep = singular > 1e-10 * singular[0]
    left, singular = left[:, keep], singular[keep]
    centred = draws - mean
    loadings = left.T @ centred
    total = (centred**2).sum(axis=0)
    samples = len(draws)
    penalties = np.concatenate([[0.0], samples * np.logspace(-8, 3, 23)])
    shrink = singular**2 / (singular**2 + penalties[:, None])
    residual = total - ((2 - shrink) * shrink) @ loadings**2
    loss = np.maximum(residual, 0.0) / np.maximum(1e-9, 1 - (shrink.sum(axis=1, keepdims=True) + 1) / samples) ** 2
    best = shrink[loss.argmin(axis=0)].T * loadings
    return np.asarray(mean + left @ best)

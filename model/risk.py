"""Risk of an outcome: the tail, the certainty equivalent, the chance of being best and the loss of not being it."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from xarray import DataArray

Array = NDArray[np.float64]


def value_at_risk(losses: ArrayLike, level: float) -> float:
    """The loss not exceeded with probability `level`.

    Parameters
    ----------
    losses
        Equally likely losses (sample); a loss is positive, so pass minus the net benefit.
    level
        Probability in (0, 1), such as 0.95.
    """
    ordered = np.sort(_sample(losses))
    _probability(level)
    return float(ordered[min(len(ordered) - 1, int(np.ceil(level * len(ordered) - 1e-9)) - 1)])


def cvar(losses: ArrayLike, level: float) -> float:
    """Conditional value at risk: the mean of the worst `1 - level` share of losses.

    The sample's tail is cut at exactly that share, counting the loss on the cut in part (Rockafellar and Uryasev 2002).

    Parameters
    ----------
    losses
        Equally likely losses (sample); a loss is positive, so pass minus the net benefit.
    level
        Probability in (0, 1), such as 0.9 for the worst decile.
    """
    worst_first = np.sort(_sample(losses))[::-1]
    _probability(level)
    tail = (1.0 - level) * len(worst_first)
    weights = np.clip(tail - np.arange(len(worst_first)), 0.0, 1.0)
    return float(weights @ worst_first / weights.sum())


def certainty_equivalent(values: ArrayLike, risk_tolerance: float | None) -> float:
    """The sure amount worth as much as the gamble to someone with exponential utility.

    `-R ln E[exp(-x / R)]`; the mean for `risk_tolerance` None or infinite.

    Parameters
    ----------
    values
        Equally likely outcomes (sample), in money.
    risk_tolerance
        R, in money; smaller is more cautious.
    """
    outcomes = _sample(values)
    if risk_tolerance is None or np.isinf(risk_tolerance):
        return float(outcomes.mean())
    if not risk_tolerance > 0:
        raise ValueError(f"risk_tolerance must be above 0; {risk_tolerance} came.")
    worst = outcomes.min()
    # Centred on the worst outcome, so that the exponential cannot overflow.
    return float(worst - risk_tolerance * np.log(np.mean(np.exp(-(outcomes - worst) / risk_tolerance))))


def expected_loss(net_benefit: "Array | DataArray") -> Array:
    """Expected regret of each action (action): what the best action of each draw would have brought more.

    Parameters
    ----------
    net_benefit
        Draws (sample, action) in money; a DataArray may have its dims in any order.
    """
    draws = as_draws(net_benefit)
    return np.asarray((draws.max(axis=1, keepdims=True) - draws).mean(axis=0))


def p_best(net_benefit: "Array | DataArray") -> Array:
    """Probability of each action (action) to be the best; ties are shared.

    Parameters
    ----------
    net_benefit
        Draws (sample, action) in money; a DataArray may have its dims in any order.
    """
    draws = as_draws(net_benefit)
    best = draws == draws.max(axis=1, keepdims=True)
    return np.asarray((best / best.sum(axis=1, keepdims=True)).mean(axis=0))


def as_draws(net_benefit: "Array | DataArray") -> Array:
    """Net benefit as a checked plain array (sample, action).

    Raises
    ------
    ValueError
        If the array is not two-dimensional, is empty or holds a number that is not finite.
    """
    if not isinstance(net_benefit, np.ndarray) and hasattr(net_benefit, "dims"):
        if set(net_benefit.dims) != {"sample", "action"}:
            raise ValueError(f"net benefit must have the dims (sample, action); {net_benefit.dims} came.")
        net_benefit = net_benefit.transpose("sample", "action")
    draws = np.asarray(net_benefit, dtype=np.float64)
    if draws.ndim != 2 or draws.size == 0:
        raise ValueError(f"net benefit must be a filled array (sample, action); one of shape {draws.shape} came.")
    if not np.isfinite(draws).all():
        raise ValueError("net benefit holds a number that is not finite.")
    return draws


def _sample(values: ArrayLike) -> Array:
    outcomes = np.asarray(values, dtype=np.float64).ravel()
    if outcomes.size == 0 or not np.isfinite(outcomes).all():
        raise ValueError("a sample needs at least one outcome, all of them finite.")
    return outcomes


def _probability(level: float) -> None:
    if not 0.0 < level < 1.0:
        raise ValueError(f"level must lie between 0 and 1; {level} came.")

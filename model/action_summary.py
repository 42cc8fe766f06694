"""One action in numbers: what the draws and the simulated futures of every client come to, for all clients at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.risk import Array

DOTS = 20
DOT_LEVELS = tuple((dot + 0.5) / DOTS for dot in range(DOTS))
LEVELS = (*DOT_LEVELS, 0.1, 0.5, 0.9)
WORST = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSummary:
    """One action in numbers, all money in the portfolio's currency and discounted to today.

    `mean`, `p_best` and `expected_loss` come from the expectation given each draw; `sd`, the percentiles, `cvar10`
    (mean of the worst decile) and `dots` (20 equally likely outcomes) from the simulated futures.
    """

    action: str
    mean: float
    sd: float
    p10: float
    p50: float
    p90: float
    p_best: float
    expected_loss: float
    cvar10: float
    dots: tuple[float, ...]


def summarised(draws: Array, paths: Array, labels: Sequence[str]) -> list[tuple[ActionSummary, ...]]:
    """The actions of every client in numbers, in the order of the clients and of `labels`.

    What `model.risk` says of one client and one action, said of all of them in one pass.

    Parameters
    ----------
    draws, paths
        Expectations given each draw, and one simulated future per draw (sample, client, action), in money.
    labels
        Names of the actions.

    Raises
    ------
    ValueError
        If there is no draw, or a number that is not finite.
    """
    if not len(draws) or not (np.isfinite(draws).all() and np.isfinite(paths).all()):
        raise ValueError("net benefit and futures must hold draws, each of them a finite number.")
    # The draws of one number lie side by side, so that a sum does not depend on who else is there.
    expected = np.ascontiguousarray(np.moveaxis(draws, 0, -1))
    lived = np.sort(np.moveaxis(paths, 0, -1), axis=-1)
    best = expected.max(axis=1, keepdims=True)
    is_best = expected == best
    figures = np.stack(
        (
            expected.mean(axis=-1),
            lived.std(axis=-1),
            (is_best / is_best.sum(axis=1, keepdims=True)).mean(axis=-1),
            (best - expected).mean(axis=-1),
            _mean_of_worst(lived),
        ),
        axis=-1,
    ).tolist()
    quantiles = _quantiles(lived).tolist()
    return [
        tuple(
            ActionSummary(
                action=label, mean=mean, sd=sd, p10=p10, p50=p50, p90=p90, p_best=p_best, expected_loss=loss,
                cvar10=worst, dots=tuple(dots),
            )
            for label, (mean, sd, p_best, loss, worst), (*dots, p10, p50, p90) in zip(
                labels, some, of_paths, strict=True
            )
        )
        for some, of_paths in zip(figures, quantiles, strict=True)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """By how much (`by`, in money) the best action leads the next in the mean over draws, and the Monte Carlo error.

    `keep` is keeping, or the best action where that is none of them.
    """

    best: ActionSummary
    second: ActionSummary
    keep: ActionSummary
    by: float
    error: float


def leads_of(draws: Array, summaries: Sequence[tuple[ActionSummary, ...]]) -> list[Lead]:
    """The lead of the best action of each client.

    Parameters
    ----------
    draws
        Expectations given each draw (sample, client, action), in money.
    summaries
        From `summarised`.
    """
    orders = [sorted(range(len(actions)), key=lambda a: -actions[a].mean) for actions in summaries]
    place, first, second = np.arange(len(orders)), [order[0] for order in orders], [order[1] for order in orders]
    gaps = np.ascontiguousarray((draws[:, place, first] - draws[:, place, second]).T)
    errors = gaps.std(axis=-1) / np.sqrt(len(draws))
    return [
        Lead(
            best=actions[order[0]], second=actions[order[1]], by=lead, error=error,
            keep=next((a for a in actions if a.action == "keep"), actions[order[0]]),
        )
        for actions, order, lead, error in zip(
            summaries, orders, gaps.mean(axis=-1).tolist(), errors.tolist(), strict=True
        )
    ]  # fmt: skip


def _quantiles(ordered: Array) -> Array:
    # Of `LEVELS`, between the two outcomes on either side, as `numpy.quantile` has them.
    place = np.array(LEVELS) * (ordered.shape[-1] - 1)
    below = np.floor(place).astype(np.int64)
    part = place - below
    low, high = ordered[..., below], ordered[..., np.minimum(below + 1, ordered.shape[-1] - 1)]
    return np.asarray(np.where(part < 0.5, low + (high - low) * part, high - (high - low) * (1.0 - part)))


def _mean_of_worst(ordered: Array) -> Array:
    # The tail is cut at exactly that share, counting the outcome on the cut in part, as `model.risk.cvar` does.
    count = ordered.shape[-1]
    weights = np.clip(WORST * count - np.arange(count), 0.0, 1.0)
    few = int(np.ceil(WORST * count))
    tail = np.sum(ordered[..., :few] * weights[:few], axis=-1)
    return np.asarray(tail / weights.sum() + 0.0)

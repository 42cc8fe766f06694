"""The middle of the normal that lies closest to a posterior in Kullback-Leibler divergence (Opper and Archambeau 2009).

It is where the slope of the log density is nothing on average under that normal, not where it is nothing: the mode of a
skewed posterior is off to one side.
"""

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize

from model.errors import FitError
from model.language import phrase
from model.parameters import Array
from model.stratified import normals

MOST_STEPS = 100  # of the search for the mode; some twenty are usual
PAIRS = 32  # of opposite points that the slope is averaged over
MOST_MOVES, SETTLED = 30, 0.1  # moves of the middle, until none of the numbers goes further, in its own deviations
STALLED, LEAST_STEP = 0.7, 0.1  # a move as long as that, beside the last, is halved
FAR = 1.0  # deviations


def mode(downhill: Callable[[Array], tuple[float, Array]], start: Array) -> Array:
    """The place of the highest density, shape (number,), given less its logarithm and the slope of that."""
    found = minimize(downhill, start, jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS, "maxcor": 30})
    return np.asarray(found.x)


def settled(
    slopes: Callable[[Array], Array], covariance: Callable[[Array], Array], start: Array, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Move to the middle.

    Parameters
    ----------
    slopes
        Slope of the log density on average over some points (point, number), shape (number,).
    covariance
        Of the normal, as the curvature at a place tells it, shape (number, number).
    start
        Shape (number,): the mode.
    rng
        Source of randomness.

    Returns
    -------
    middle, root, points
        Shapes (number,), (number, number): the Cholesky factor of the covariance, and (point, number): those that the
        slope was averaged over at last.

    Raises
    ------
    FitError
        If it does not settle.
    """
    half = normals(rng, PAIRS, len(start))
    middle, step, before = start, 1.0, np.inf
    spread = covariance(start)
    root = np.linalg.cholesky(spread)
    for _ in range(MOST_MOVES):
        points = middle + np.concatenate([half, -half]) @ root.T
        move = spread @ slopes(points)
        reach = float(np.abs(move / np.sqrt(np.diag(spread))).max())
        if reach < SETTLED:
            return middle + move, root, points
        # Where the slope bends more on average than in the middle, whole moves overshoot.
        step = max(step / 2.0, LEAST_STEP) if reach > STALLED * before else step
        middle, before = middle + step * min(1.0, FAR / reach) * move, reach
        if reach > FAR:
            # The mode of a skewed posterior is no place to tell how wide it is.
            spread = covariance(middle)
            root = np.linalg.cholesky(spread)
    raise FitError(phrase("the quick fit did not settle; the whole fit makes no such approximation: run that one."))

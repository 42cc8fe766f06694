"""Random numbers that stand beside the draws of a population, in an order that does not go together with them.

What a client is worth, or the next one, is a product of what the population draws say and of numbers drawn beside them:
where a client stands, what the market brings. By chance the two go together over the draws, which errs the more the
fewer there are. The numbers stay what they were; only the draws they belong to are others (Iman and Conover 1982).
"""

import numpy as np

from model.lately import Lately
from model.stratified import Array, directions, untangled

NUMBERS = 4  # at most, that are ordered beside one population
KEPT = 4  # populations

_kept: Lately[Array] = Lately(KEPT)


def beside(theta: Array, values: Array, rounds: int = 4) -> Array:
    """The same numbers in another order, in which they are correlated neither with the population's nor by themselves.

    Parameters
    ----------
    theta
        Draws of the population (sample, parameter); those that have to do with no sign come first, and count.
    values
        Up to `NUMBERS` normal numbers (sample, number), or several sets of as many (sample, set, number).
    rounds
        How often they are ordered anew: once leaves a tenth of the correlation there was, four times a thirtieth.
    """
    return untangled(values, _directions(theta), rounds)


def _directions(theta: Array) -> Array:
    return _kept.of(theta, None, lambda: np.ascontiguousarray(directions(theta, NUMBERS)))

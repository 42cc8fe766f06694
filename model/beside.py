"""Random numbers that stand beside the draws of a population, in an order that does not go together with them.

What a client is worth, or the next one, is a product of what the population draws say and of numbers drawn beside them:
where a client stands, what the market brings. By chance the two go together over the draws, which errs the more the
fewer there are. The numbers stay what they were; only the draws they belong to are others (Iman and Conover 1982).
"""

import numpy as np

from model.stratified import Array, directions, untangled

NUMBERS = 4  # at most, that are ordered beside one population
KEPT = 4

# Of the last few populations: a book asks the same draws about thousands of firms.
_kept: list[tuple[Array, Array]] = []


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
    for draws, known in _kept:
        if draws is theta:
            return known
    made = np.ascontiguousarray(directions(theta, NUMBERS))
    # Put in whole: other threads read the list meanwhile.
    _kept[:] = [(theta, made), *_kept[: KEPT - 1]]
    return made

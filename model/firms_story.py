"""The story of many firms as a PyMC model: each firm has levels of its own, all else is the platform's.

The months of every client are integrated out as in `model.generative`; one compiled call walks over the firms, so that
a step of the sampler costs what the clients cost, however they are spread over firms.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.link.numba.dispatch.basic import register_funcify_default_op_cache_key

from model.bound import TOLERANCE
from model.firms import Firms
from model.generative import Bound, population_of
from model.kernel import digest
from model.levels import SPREAD, Levels
from model.likelihood import kernel_data
from model.own_levels import bound_of_firms
from model.parcel import pack, unpack
from model.priors import Priors


def platform(firms: Firms, levels: Levels, priors: Priors) -> pm.Model:
    """The model of a platform: its population, how far firms differ in each level, and each firm's own levels.

    `apart` is how far firms differ (level,), and `own` where each firm stands, in units of that (firm, level).

    Parameters
    ----------
    firms
        Their records.
    levels
        Which ways they differ.
    priors
        Of the population.
    """
    parcel = pack(kernel_data(firms.observations, firms.catalogue))
    with pm.Model() as model:
        theta = population_of(firms.catalogue, priors)
        apart = pm.HalfNormal("apart", SPREAD, shape=levels.count)
        # In units of the spread. In their own units, or halfway there, levels of which records say much mixed twice as
        # fast, but the sampler diverged where firms may not differ at all.
        own = pm.Normal("own", 0.0, 1.0, shape=(len(firms.names), levels.count))
        thetas = theta[None, :] + pt.dot(own * apart[None, :], levels.unit)
        arrays = [pytensor.shared(value, name=name) for name, value in parcel._asdict().items()]
        for shared in arrays:
            model.register_data_var(shared)
        outputs: Any = FirmsBound()(thetas, pt.as_tensor(firms.first_client), *arrays)
        pm.Potential("bound", outputs[0])
    return model


class FirmsBound(Bound):
    """Evidence lower bound of all firms' records, and its gradient, given the parameters of each firm."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """Inputs: parameters (firm, parameter), first clients, data; outputs: the bound and its gradient."""
        return Apply(self, [pt.as_tensor(value) for value in inputs], [pt.dscalar(), pt.dmatrix()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], outputs: list[list[Any]]) -> None:
        """Evaluate outside Numba, for debugging and PyMC's own functions."""
        thetas, first, *parcel = inputs
        bound, gradient = bound_of_firms(np.ascontiguousarray(thetas), unpack(*parcel), first, TOLERANCE)
        outputs[0][0] = np.asarray(bound)
        outputs[1][0] = gradient


@register_funcify_default_op_cache_key(FirmsBound)
def _bound_in_numba(op: FirmsBound, **kwargs: Any) -> Any:
    from pytensor.link.numba.dispatch import basic as numba_basic

    @numba_basic.numba_njit
    def bound(thetas, first, reals, counts, marks):
        value, gradient = bound_of_firms(np.ascontiguousarray(thetas), unpack(reals, counts, marks), first, TOLERANCE)
        return np.asarray(value), gradient

    return bound, int(digest(), 16)

"""The one generative story as a PyMC model, in two forms that share every prior and every parameter.

`story` writes out each latent month and each record; it is used for prior predictive draws and, on small data, as the
slow exact reference. `collapsed` replaces the latent months by the bound of `model.smoother`; NUTS then moves in the
population parameters alone, which is what makes a fit take a minute and mix.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import register_funcify_default_op_cache_key

from model.bound import TOLERANCE, bound_of
from model.catalogue import TRAITS, Catalogue
from model.kernel import digest
from model.likelihood import KernelData, kernel_data
from model.observations import AT_ONCE, LEFT, NOT_EXPOSED, OPEN, PAID, Observations
from model.parameters import (
    ASK_CUTS,
    ASK_PRICE,
    ASK_SCOPE,
    ASK_SLOPES,
    ASK_TERMS,
    CONDUCT,
    DEMAND,
    EARLY,
    ENERGY_CUTS,
    ENERGY_SLOPES,
    FACTOR,
    FIT,
    HOURS_SCALE,
    HOURS_SHIFT,
    HOURS_SLOPE,
    INVOICE_SCALE,
    INVOICE_SHIFT,
    INVOICE_SLOPE,
    LEAVE_BASE,
    LEAVE_SLOPES,
    NEVER_BASE,
    NEVER_SLOPE,
    PAYMENT,
    PERSISTENCE,
    REFERRAL_BASE,
    REFERRAL_SLOPES,
    RELIEF_SCOPE,
    RELIEF_TERMS,
    STANDING,
    Layout,
    natural,
    polarity_of,
)
from model.parcel import pack, unpack
from model.priors import Priors


def collapsed(observations: Observations, catalogue: Catalogue, priors: Priors) -> pm.Model:
    """The model of the population parameters, with every client's months integrated out by the smoother.

    The observations are mutable data: `set_observations` puts others in their place without compiling again.
    """
    data = kernel_data(observations, catalogue)
    with pm.Model() as model:
        theta = population_of(catalogue, priors)
        arrays = [pytensor.shared(value, name=name) for name, value in pack(data)._asdict().items()]
        for shared in arrays:
            model.register_data_var(shared)
        outputs: Any = Bound()(theta, *arrays)
        pm.Potential("bound", outputs[0])
    return model


def story(observations: Observations, catalogue: Catalogue, priors: Priors) -> pm.Model:
    """The whole story with its latent months, record by record.

    The latent months are non-centred; random variables carry the names of their records.
    """
    data = kernel_data(observations, catalogue)
    layout = Layout.of(catalogue)
    with pm.Model() as model:
        theta = population_of(catalogue, priors)
        strain = pm.Deterministic("strain", _strain(theta, data))
        _story_signs(theta, strain, data, layout)
        _story_invoices(theta, strain, data)
        row = np.flatnonzero(~np.isnan(data.hours_log_ratio))
        if row.size:
            centre = theta[HOURS_SHIFT] + theta[HOURS_SLOPE] * strain[row, DEMAND]
            pm.Normal("hours", centre, theta[HOURS_SCALE], observed=data.hours_log_ratio[row])
        row = np.flatnonzero(data.energy > 0)
        if row.size:
            eta = -strain[row][:, [DEMAND, CONDUCT, FIT]] @ theta[ENERGY_SLOPES : ENERGY_SLOPES + 3]
            cuts = theta[ENERGY_CUTS : ENERGY_CUTS + 4]
            pm.OrderedLogistic("energy", eta=eta, cutpoints=cuts, observed=data.energy[row] - 1, compute_p=False)
        row = np.flatnonzero(data.exposure != NOT_EXPOSED)
        if row.size:
            eta = theta[LEAVE_BASE] + strain[row] @ theta[LEAVE_SLOPES : LEAVE_SLOPES + 4]
            pm.Bernoulli("left", logit_p=eta, observed=(data.exposure[row] == LEFT).astype(int))
        row = np.flatnonzero(data.referrals >= 0)
        if row.size:
            slopes = theta[REFERRAL_SLOPES : REFERRAL_SLOPES + 2]
            log_rate = theta[REFERRAL_BASE] - strain[row][:, [CONDUCT, FIT]] @ slopes
            pm.Poisson("referrals", pt.exp(log_rate), observed=data.referrals[row])
        row = np.repeat(np.arange(observations.n_rows), np.diff(data.ask_first))
        if row.size:
            eta = (
                strain[row] @ theta[ASK_SLOPES : ASK_SLOPES + 4]
                + theta[ASK_PRICE] * data.ask_price
                + theta[ASK_SCOPE] * data.ask_scope
                + theta[ASK_TERMS] * data.ask_terms
            )
            cuts = theta[ASK_CUTS : ASK_CUTS + 3]
            pm.OrderedLogistic("asks", eta=eta, cutpoints=cuts, observed=data.ask_outcome, compute_p=False)
    return model


def set_observations(model: Any, observations: Observations, catalogue: Catalogue) -> Any:
    """A compiled collapsed model with other observations in place, without compiling again.

    Clients and months may be more or fewer; the catalogue has to be the one it was compiled with.
    """
    return model.with_data(**pack(kernel_data(observations, catalogue))._asdict())


class Bound(Op):
    """Evidence lower bound of all clients' records, and its gradient, given the population parameters."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """Inputs: the parameters and the data; outputs: the bound (scalar) and its gradient (parameter)."""
        return Apply(self, [pt.as_tensor(value) for value in inputs], [pt.dscalar(), pt.dvector()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], outputs: list[list[Any]]) -> None:
        """Evaluate outside Numba, for debugging and PyMC's own functions."""
        theta, *parcel = inputs
        bound, gradient = bound_of(theta, unpack(*parcel), TOLERANCE)
        outputs[0][0] = np.asarray(bound)
        outputs[1][0] = gradient

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """The gradient comes with the value; the data have none."""
        first = cotangents[0] * outputs[1]
        return [first, *(pytensor.gradient.DisconnectedType()() for _ in inputs[1:])]

    def connection_pattern(self, node: Apply[Any]) -> list[list[bool]]:
        """Only the parameters are differentiated, and only through the bound."""
        return [[True, False], *([False, False] for _ in node.inputs[1:])]


@register_funcify_default_op_cache_key(Bound)
def _bound_in_numba(op: Bound, **kwargs: Any) -> Any:
    from pytensor.link.numba.dispatch import basic as numba_basic

    @numba_basic.numba_njit
    def bound(theta, reals, counts, marks):
        value, gradient = bound_of(theta, unpack(reals, counts, marks), TOLERANCE)
        return np.asarray(value), gradient

    return bound, int(digest(), 16)


def population_of(catalogue: Catalogue, priors: Priors) -> Any:
    """The parameters of the population as random variables, with their priors; shape (parameter,)."""
    layout = Layout.of(catalogue)
    location, scale, positive = priors.location_and_scale(catalogue, layout)
    shape = priors.partial_correlation_shape()
    z = pm.Normal("z", 0.0, 1.0, shape=layout.free)
    share = pm.Beta("partials", shape, shape, shape=len(shape))
    linear = location + scale * z
    values = pt.where(positive > 0, pt.exp(linear * positive), linear)
    return pm.Deterministic("theta", natural(values, 2.0 * share - 1.0, polarity_of(catalogue), layout, pt))


def _strain(theta: Any, data: KernelData) -> Any:
    n = len(data.signs)
    start = np.zeros(n, dtype=bool)
    start[data.first_row[:-1][np.diff(data.first_row) > 0]] = True
    client = np.repeat(np.arange(len(data.first_row) - 1), np.diff(data.first_row))
    rho = theta[PERSISTENCE : PERSISTENCE + 4]
    shocks = pm.Normal("shocks", 0.0, 1.0, shape=(n, len(TRAITS)))
    # u[t] = sum over earlier months of the same client of rho^(t - s) times the shock of month s.
    month = np.arange(n)
    lag = month[:, None] - month[None, :]
    same = (client[:, None] == client[None, :]) & (lag >= 0)
    decay = pt.where(same[..., None], pt.exp(np.maximum(lag, 0)[..., None] * pt.log(rho)), 0.0)
    size = pt.where(start[:, None], 1.0, pt.sqrt(1.0 - rho**2))
    u = pt.sum(decay * (shocks * size)[None, :, :], axis=1)
    strain = u @ theta[FACTOR : FACTOR + 16].reshape((4, 4)).T
    strain = strain + data.early[:, None] * theta[EARLY : EARLY + 4]
    fit = data.standing[client] @ theta[STANDING : STANDING + data.standing.shape[1]]
    strain = pt.inc_subtensor(strain[:, FIT], fit)
    strain = pt.inc_subtensor(strain[:, DEMAND], -theta[RELIEF_SCOPE] * data.relief_scope)
    return pt.inc_subtensor(strain[:, PAYMENT], -theta[RELIEF_TERMS] * data.relief_terms)


def _story_signs(theta: Any, strain: Any, data: KernelData, layout: Layout) -> None:
    row, sign = np.nonzero(data.signs >= 0)
    if not row.size:
        return
    client = np.searchsorted(data.first_row, row, side="right") - 1
    weight = data.sign_weight[data.client_class[client], sign]
    slope = theta[layout.sign_strength + sign] * weight
    eta = theta[layout.sign_base + sign] + slope * strain[row, data.sign_trait[sign]]
    pm.Bernoulli("signs", logit_p=eta, observed=data.signs[row, sign].astype(int))


def _story_invoices(theta: Any, strain: Any, data: KernelData) -> None:
    row = np.repeat(np.arange(len(data.signs)), np.diff(data.invoice_first))
    if not row.size:
        return
    x = strain[row, PAYMENT]
    eta = data.invoice_log_terms + theta[INVOICE_SHIFT] + theta[INVOICE_SLOPE] * x
    never_logit = theta[NEVER_BASE] + theta[NEVER_SLOPE] * x
    z = (data.invoice_log_days - eta) / theta[INVOICE_SCALE]
    paid = -z - 2.0 * pt.softplus(-z) - pt.log(theta[INVOICE_SCALE]) - pt.softplus(never_logit)
    never = pt.sigmoid(never_logit)
    still_open = pt.log(never + (1.0 - never) * pt.sigmoid(-z))
    given_up = -pt.softplus(-never_logit)
    at_once = -pt.softplus(-z) - pt.softplus(never_logit)
    state = data.invoice_state
    otherwise = pt.where(state == AT_ONCE, at_once, given_up)
    pm.Potential("invoices", pt.sum(pt.where(state == PAID, paid, pt.where(state == OPEN, still_open, otherwise))))

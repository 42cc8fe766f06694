"""Sensitivity to the priors: whether another set of beliefs to start from would lead to another action."""

from dataclasses import dataclass, replace

import numpy as np

from model import parameters as at
from model import population, priors
from model.judged import Judgement
from model.judgement import judge
from model.parameters import Array
from model.population import Population
from model.priors import Priors

LEAST_ESS = 100.0
# Where each prior that a set may move stands in the flat vector; those of the market are learned apart.
_PLACES = {
    "invoice_shift": at.INVOICE_SHIFT, "never_paid_base": at.NEVER_BASE, "hours_shift": at.HOURS_SHIFT,
    "energy_first_cut": at.ENERGY_CUTS, "leave_base": at.LEAVE_BASE, "ask_first_cut": at.ASK_CUTS,
    "relief_scope": at.RELIEF_SCOPE, "relief_terms": at.RELIEF_TERMS,
}  # fmt: skip
_LEARNED_APART = ("market_",)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderSet:
    """The answers under one set of priors.

    Parameters
    ----------
    name
        Of the set.
    ess
        Effective number of draws that speak for it; all of them where they come from the prior itself.
    judgement
        The answers, None where too few draws speak for the set to tell.
    """

    name: str
    ess: float
    judgement: Judgement | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """One client's best action under each set of priors.

    Parameters
    ----------
    client
        The client.
    held
        The set in use.
    actions
        Per set, the action of highest expected value, or None where that cannot be told.
    leads
        Per set, by how much keeping beats the best alternative, in portfolio money; None where it cannot be told.
    """

    client: str
    held: str
    actions: tuple[tuple[str, str | None], ...]
    leads: tuple[tuple[str, float | None], ...]

    @property
    def robust(self) -> bool | None:
        """Whether every set leads to the same action; None where too little is known to tell."""
        found = {action for _, action in self.actions if action is not None}
        if len(found) > 1:
            return False
        return None if any(action is None for _, action in self.actions) else True


def under_every_set(judgement: Judgement) -> tuple[UnderSet, ...]:
    """Judge again under every shipped set of priors, with the same records, asks and random numbers.

    The user's own intervals stay in each. Draws of the prior are drawn anew from the set. Draws of a fit are weighed by
    how much likelier the set makes them than the priors they were fitted with (importance resampling; the likelihood
    is the same under both), and nothing is said where the effective number of draws falls below 100.

    Parameters
    ----------
    judgement
        The answer for the portfolio.
    """
    return tuple(_under(judgement, known.name) for known in priors.sets())


def sensitivity(judgement: Judgement, client: str, sets: tuple[UnderSet, ...] | None = None) -> Sensitivity:
    """One client's answer under every set.

    Parameters
    ----------
    judgement
        The answer for the portfolio.
    client
        Name of an active client.
    sets
        From `under_every_set`, where it was asked for before.

    Raises
    ------
    UnknownClient
        If the client is not an active one.
    """
    judgement.of(client)
    actions: list[tuple[str, str | None]] = []
    leads: list[tuple[str, float | None]] = []
    for under in sets if sets is not None else under_every_set(judgement):
        if under.judgement is None:
            actions.append((under.name, None))
            leads.append((under.name, None))
            continue
        means = under.judgement.net_benefit.sel(client=client).mean("sample")
        actions.append((under.name, str(means["action"].values[means.values.argmax()])))
        leads.append((under.name, float(means.sel(action="keep") - means.drop_sel(action="keep").max())))
    return Sensitivity(
        client=client, held=judgement.settings.prior_set, actions=tuple(actions), leads=tuple(leads)
    )  # fmt: skip


def weights_of(theta: Array, held: Priors, other: Priors) -> Array:
    """How much likelier each draw is under other priors than under those held, shape (sample,), adding up to 1.

    Parameters
    ----------
    theta
        Shape (sample, parameter).
    held, other
        The priors the draws came with, and those to weigh them by.

    Raises
    ------
    ValueError
        If the two differ in a prior whose parameter cannot be read off the draws.
    """
    log_ratio = np.zeros(len(theta))
    for before, after in zip(held.every, other.every, strict=True):
        if before.name.startswith(_LEARNED_APART) or (before.low, before.high) == (after.low, after.high):
            continue
        if before.name not in _PLACES:
            raise ValueError(f"draws cannot be weighed by the prior {before.name}.")
        value = theta[:, _PLACES[before.name]]
        value = np.log(value) if before.shape == "positive" else value
        for sign, prior in ((1.0, after), (-1.0, before)):
            z = (value - prior.location) / prior.scale
            log_ratio -= sign * (0.5 * z**2 + np.log(prior.scale))
    weights = np.exp(log_ratio - log_ratio.max())
    return np.asarray(weights / weights.sum())


def _under(judgement: Judgement, name: str) -> UnderSet:
    held, settings = judgement.population, replace(judgement.settings, prior_set=name)
    if name == judgement.settings.prior_set:
        return UnderSet(name=name, ess=float(held.n_samples), judgement=judgement)
    table = priors.of(settings)
    if held.basis == "prior":
        rng = np.random.default_rng(judgement.seed)
        draws = population.from_prior(judgement.catalogue, rng=rng, n_samples=held.n_samples, priors=table)
        ess = float(held.n_samples)
    else:
        weights = weights_of(held.theta, priors.of(judgement.settings), table)
        ess = float(1.0 / (weights**2).sum())
        if ess < LEAST_ESS:
            return UnderSet(name=name, ess=ess, judgement=None)
        draws = _resampled(held, weights)
    asked = {decision.client: decision.ask for decision in judgement.decisions}
    again = judge(
        judgement.records, draws, today=judgement.as_of, ask=asked, settings=settings, catalogue=judgement.catalogue,
        seed=judgement.seed,
    )  # fmt: skip
    return UnderSet(name=name, ess=ess, judgement=again)


def _resampled(held: Population, weights: Array) -> Population:
    # Systematic: a draw comes as often as its weight says, up to one.
    places = (np.arange(held.n_samples) + 0.5) / held.n_samples
    chosen = np.minimum(np.searchsorted(np.cumsum(weights), places), held.n_samples - 1)
    return replace(held, theta=np.ascontiguousarray(held.theta[chosen]), ledger=None)

"""How a client answers an ask, and what an accepted one does to the strain and to the time they stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from model import priors as prior_table
from model.forecast import Ask
from model.parameters import (
    ASK_CUTS,
    ASK_PRICE,
    ASK_SCOPE,
    ASK_SLOPES,
    ASK_TERMS,
    CONDUCT,
    DEMAND,
    N_TRAITS,
    PAYMENT,
    RELIEF_SCOPE,
    RELIEF_TERMS,
    Array,
)
from model.priors import Prior, Priors
from model.quadrature import MAX_LOG_RATE
from model.stratified import normals

OUTCOMES = ("accepted", "partly", "refused_stays", "refused_leaves")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlearned:
    """What asking does that no record of this program tells of, so that it stays as its prior has it; axis (sample).

    Parameters
    ----------
    office_hours
        Strain of conduct that accepted office hours take away.
    wear
        Extra chance a month that a client leaves after an accepted rise of ten percent.
    """

    office_hours: Array
    wear: Array


def unlearned(n_samples: int, *, seed: int, priors: Priors | None = None) -> Unlearned:
    """Draws of what stays as the prior has it.

    Parameters
    ----------
    n_samples
        Number of draws.
    seed
        The same seed gives the same draws.
    priors
        Other priors than the shipped ones.
    """
    table = priors or prior_table.load()
    return _drawn(n_samples, seed, table["relief_office_hours"], table["price_wear"])


@lru_cache(maxsize=8)
def _drawn(n_samples: int, seed: int, office_hours: Prior, wear: Prior) -> Unlearned:
    # The same for every firm of a book, and for every answer of the app.
    normal = normals(np.random.default_rng([seed, 0x617368]), n_samples, 2)
    return Unlearned(
        office_hours=office_hours.from_standard(normal[:, 0]),
        wear=np.minimum(1.0, wear.from_standard(normal[:, 1])),
    )


def outcome_probabilities(theta: Array, strain: Array, asks: Sequence[Ask]) -> Array:
    """Probability of each of `OUTCOMES`, shape (sample, client, outcome).

    Office hours meet the same resistance as a scope cap: both draw a line, and no record tells them apart.

    Parameters
    ----------
    theta
        Shape (sample, parameter).
    strain
        Shape (sample, client, trait).
    asks
        What each client is asked for.
    """
    return outcomes_given(theta, resistance(theta, strain, asks))


def resistance(theta: Array, strain: Array, asks: Sequence[Ask]) -> Array:
    """How much stands against each ask, in logits, shape (sample, client); parameters as of `outcome_probabilities`."""
    asked = (
        theta[:, ASK_PRICE, None] * np.array([ask.price_pct / 10 for ask in asks])
        + theta[:, ASK_SCOPE, None] * np.array([float(ask.scope) + float(ask.office_hours) for ask in asks])
        + theta[:, ASK_TERMS, None] * np.array([float(ask.terms) for ask in asks])
    )
    return np.asarray(np.einsum("scj,sj->sc", strain, theta[:, ASK_SLOPES : ASK_SLOPES + 4]) + asked)


def outcomes_given(theta: Array, against: Array) -> Array:
    """Probability of each of `OUTCOMES` given the whole resistance (sample, ...), in logits; a last axis is added."""
    below = 1.0 / (1.0 + np.exp(-np.clip(log_odds(theta, against), -MAX_LOG_RATE, MAX_LOG_RATE)))
    edges = np.concatenate([np.zeros_like(below[..., :1]), below, np.ones_like(below[..., :1])], axis=-1)
    return np.diff(edges, axis=-1)


def log_odds(theta: Array, against: Array) -> Array:
    """Log odds of an answer no worse than each of `OUTCOMES` but the last, given the whole resistance (sample, ...)."""
    return np.asarray(theta[:, ASK_CUTS : ASK_CUTS + 3].reshape(len(theta), *(1,) * (against.ndim - 1), 3)
                      - against[..., None])  # fmt: skip


def relief(theta: Array, asks: Sequence[Ask], unlearned: Unlearned) -> Array:
    """Strain that goes once each of `asks` is accepted, shape (sample, ask, trait); at least 0.

    A scope cap eases demand, payment terms ease payment, office hours ease conduct.
    """
    eased = np.zeros((len(theta), len(asks), N_TRAITS))
    eased[:, :, DEMAND] = theta[:, RELIEF_SCOPE, None] * np.array([float(ask.scope) for ask in asks])
    eased[:, :, PAYMENT] = theta[:, RELIEF_TERMS, None] * np.array([float(ask.terms) for ask in asks])
    eased[:, :, CONDUCT] = unlearned.office_hours[:, None] * np.array([float(ask.office_hours) for ask in asks])
    return eased

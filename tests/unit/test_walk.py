"""Simulated futures are what the story told in plain NumPy says, one draw, one client and one month at a time."""

import numpy as np

from model import catalogue
from model.days import LARGEST_SCALE, LONGEST_DAYS, PAYMENT_RUN_DAYS
from model.lanes import LANES
from model.parameters import (
    CONDUCT,
    DEMAND,
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
    Array,
)
from model.population import from_prior
from model.quadrature import MAX_LOG_RATE, MOST_LOG_REFERRALS
from model.walk import walk

MONTHS, CLIENTS, TERMS = 12, 3, 3


def sigmoid(x: Array | float) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.asarray(x))))


def poisson(rate: float, uniform: float) -> float:
    chance = [np.exp(-rate)]
    for count in range(1, 101):
        chance.append(chance[-1] * rate / count)
    return float(min(100, np.searchsorted(np.cumsum(chance), uniform)))


def reference(
    theta: Array, latent: Array, shift: Array, early: Array, log_terms: float, normal: Array, uniform: Array
) -> tuple[int, Array]:
    """The month the client leaves in, and hours, paid, days, energy, referrals (channel, month)."""
    factor, rho = theta[FACTOR : FACTOR + 16].reshape(4, 4), theta[PERSISTENCE : PERSISTENCE + 4]
    left, channels = MONTHS, np.zeros((5, MONTHS))
    for month in range(MONTHS):
        moved, chance = normal[month], uniform[month]
        latent = rho * latent + np.sqrt(1 - rho**2) * moved[:4]
        early = early / 2 ** (1 / 12)
        strain = shift + early + factor @ latent
        log_hours = theta[HOURS_SHIFT] + theta[HOURS_SLOPE] * strain[DEMAND] + theta[HOURS_SCALE] * moved[4]
        scale, odds = min(theta[INVOICE_SCALE], LARGEST_SCALE), np.log(chance[1] / (1 - chance[1]))
        log_days = log_terms + theta[INVOICE_SHIFT] + theta[INVOICE_SLOPE] * strain[PAYMENT] + scale * odds
        pull = theta[ENERGY_SLOPES : ENERGY_SLOPES + 3] @ strain[[DEMAND, CONDUCT, FIT]]
        log_rate = theta[REFERRAL_BASE] - theta[REFERRAL_SLOPES : REFERRAL_SLOPES + 2] @ strain[[CONDUCT, FIT]]
        channels[:, month] = (
            np.exp(min(log_hours, MAX_LOG_RATE)),
            chance[0] > sigmoid(theta[NEVER_BASE] + theta[NEVER_SLOPE] * strain[PAYMENT]),
            np.clip(np.exp(min(log_days, MAX_LOG_RATE)) - PAYMENT_RUN_DAYS, 0, LONGEST_DAYS),
            1 + (chance[2] >= sigmoid(theta[ENERGY_CUTS : ENERGY_CUTS + 4] + pull)).sum(),
            poisson(np.exp(min(log_rate, MOST_LOG_REFERRALS)), chance[3]),
        )
        leaves = chance[4] < sigmoid(theta[LEAVE_BASE] + theta[LEAVE_SLOPES : LEAVE_SLOPES + 4] @ strain)
        left = month if leaves and left == MONTHS else left
    return left, channels


def test_every_walk_is_the_one_the_plain_story_tells():
    signs, rng = catalogue.load(), np.random.default_rng(1)
    # As many draws as are worked on at once, and some more; some of the clients, and not from the first draw on.
    draws, walked, begin = 2 * LANES + 3, 2, 5
    theta = from_prior(signs, rng=rng, n_samples=draws).theta.copy()
    theta[:, LEAVE_BASE] += 2.0
    theta[:, REFERRAL_BASE] += 3.0
    latent, shifts = rng.standard_normal((draws, CLIENTS, 4)), rng.standard_normal((TERMS, draws, CLIENTS, 4))
    early, log_terms = rng.standard_normal((draws, CLIENTS, 4)), np.log([38.0, 60.0, 90.0])
    normal, uniform = rng.standard_normal((walked, MONTHS, 5, draws)), rng.random((walked, MONTHS, 5, draws))
    left_in = np.full((TERMS, draws, CLIENTS), -1)
    channels = np.full((TERMS, 5, draws, CLIENTS, MONTHS), -1.0)
    walk(theta, latent, shifts, early, log_terms, normal, uniform, (begin, draws), 1, left_in, channels)
    for v in range(TERMS):
        for s in range(begin, draws):
            for c in range(walked):
                left, found = reference(
                    theta[s], latent[s, 1 + c], shifts[v, s, 1 + c], early[s, 1 + c], log_terms[1 + c],
                    normal[c, ..., s], uniform[c, ..., s],
                )  # fmt: skip
                assert left_in[v, s, 1 + c] == left
                np.testing.assert_allclose(channels[v, :, s, 1 + c], found, rtol=1e-9)
    # Whatever was not asked for is left alone, and there is something to see in what was.
    assert (left_in[:, :, 0] == -1).all() and (channels[:, :, :begin] == -1).all()
    assert (left_in[:, begin:, 1:] < MONTHS).any() and (channels[:, 4] > 1).any()

"""The months ahead in expectation are what the story told in plain NumPy says, one draw and one client at a time."""

import numpy as np

from model import catalogue
from model.days import LARGEST_SCALE, LONGEST_DAYS, PAYMENT_RUN_DAYS
from model.expectation import expect
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
from model.quadrature import EVEN_WEIGHTS, MAX_LOG_RATE, MOST_LOG_REFERRALS, SPACING

MONTHS, CLIENTS = 9, 3
NODES = SPACING * np.arange(-3, 4)
WEIGHTS = EVEN_WEIGHTS[[3, 2, 1, 0, 1, 2, 3]]


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def reference(
    theta: Array, mean: Array, cov: Array, shift: Array, early: Array, log_terms: float
) -> tuple[Array, Array]:
    """Chance to be there (month 0..H), and hours, never paid, days, energy, referrals (channel, month)."""
    factor = theta[FACTOR : FACTOR + 16].reshape(4, 4)
    rho = theta[PERSISTENCE : PERSISTENCE + 4]
    tired, gone, referring = np.zeros(4), theta[LEAVE_SLOPES : LEAVE_SLOPES + 4], np.zeros(4)
    tired[[DEMAND, CONDUCT, FIT]] = theta[ENERGY_SLOPES : ENERGY_SLOPES + 3]
    referring[[CONDUCT, FIT]] = -theta[REFERRAL_SLOPES : REFERRAL_SLOPES + 2]
    alive, channels = np.ones(MONTHS + 1), np.zeros((5, MONTHS))
    for month in range(MONTHS):
        mean, cov = rho * mean, np.outer(rho, rho) * cov + np.diag(1 - rho**2)
        early = early / 2 ** (1 / 12)
        strain, spread = shift + early + factor @ mean, factor @ cov @ factor.T

        def along(direction: Array, strain: Array = strain, spread: Array = spread) -> Array:
            return np.asarray(direction @ strain + np.sqrt(direction @ spread @ direction) * NODES)

        slope = theta[HOURS_SLOPE]
        log_hours = theta[HOURS_SHIFT] + slope * strain[DEMAND]
        log_hours += (slope**2 * spread[DEMAND, DEMAND] + theta[HOURS_SCALE] ** 2) / 2
        slope, tail = theta[INVOICE_SLOPE], np.pi * min(theta[INVOICE_SCALE], LARGEST_SCALE)
        log_days = log_terms + theta[INVOICE_SHIFT] + slope * strain[PAYMENT] + slope**2 * spread[PAYMENT, PAYMENT] / 2
        days = np.exp(min(log_days, MAX_LOG_RATE)) * tail / np.sin(tail) - PAYMENT_RUN_DAYS
        log_rate = theta[REFERRAL_BASE] + referring @ strain + referring @ spread @ referring / 2
        cuts = theta[ENERGY_CUTS : ENERGY_CUTS + 4]
        channels[:, month] = (
            np.exp(min(log_hours, MAX_LOG_RATE)),
            WEIGHTS @ sigmoid(theta[NEVER_BASE] + theta[NEVER_SLOPE] * along(np.eye(4)[PAYMENT])),
            np.clip(days, 0, LONGEST_DAYS),
            5 - WEIGHTS @ sigmoid(cuts[:, None] + along(tired)).sum(axis=0),
            np.exp(min(log_rate, MOST_LOG_REFERRALS)),
        )
        weight = WEIGHTS * sigmoid(-theta[LEAVE_BASE] - along(gone))
        stay = weight.sum()
        alive[month + 1] = alive[month] * stay
        moved = weight @ NODES / stay
        narrowed = weight @ NODES**2 / stay - moved**2 - 1
        push = cov @ factor.T @ gone / np.sqrt(gone @ spread @ gone)
        mean, cov = mean + push * moved, cov + np.outer(push, push) * narrowed
    return alive, channels


def test_every_draw_and_client_has_what_the_plain_story_says():
    signs, rng = catalogue.load(), np.random.default_rng(1)
    # As many draws as are worked on at once, and some more.
    draws = LANES + 3
    theta = from_prior(signs, rng=rng, n_samples=draws).theta
    latent, shift, early = rng.standard_normal((3, draws, CLIENTS, 4))
    root = rng.standard_normal((draws, CLIENTS, 4, 4)) / 3
    cov, log_terms = root @ np.swapaxes(root, 2, 3), np.log([8.0, 30.0, 60.0])
    alive, channels = np.ones((draws, CLIENTS, MONTHS + 1)), np.zeros((5, draws, CLIENTS, MONTHS))
    expect(theta, latent, cov, shift, early, log_terms, alive, channels)
    for s in range(draws):
        for c in range(CLIENTS):
            there, said = reference(theta[s], latent[s, c], cov[s, c], shift[s, c], early[s, c], log_terms[c])
            np.testing.assert_allclose(alive[s, c], there, rtol=1e-9)
            np.testing.assert_allclose(channels[:, s, c], said, rtol=1e-9, atol=1e-12)


def test_certainties_are_certain_however_far_beyond_the_odds_go():
    signs, rng = catalogue.load(), np.random.default_rng(2)
    theta = from_prior(signs, rng=rng, n_samples=4).theta.copy()
    # Energy is as bad as can be for two draws, as good for the others; nobody pays or leaves, or everybody does.
    for draw, (far, cuts) in enumerate(((1e4, 1e4), (300.0, 1e4), (-1e4, -1e4), (-300.0, -1e4))):
        theta[draw, [NEVER_BASE, LEAVE_BASE]] = -far
        theta[draw, ENERGY_CUTS : ENERGY_CUTS + 4] = cuts * np.array([1.0, 1.0, 1.1, 1.2])
    theta[:, ENERGY_SLOPES : ENERGY_SLOPES + 3] = 1.0
    nobody = np.zeros((4, 1, 4))
    alive, channels = np.ones((4, 1, MONTHS + 1)), np.zeros((5, 4, 1, MONTHS))
    with np.errstate(all="raise"):
        expect(theta, nobody, np.zeros((4, 1, 4, 4)), nobody, nobody, np.log([30.0]), alive, channels)
    np.testing.assert_allclose(channels[3, :2], 1.0, atol=1e-12)
    np.testing.assert_allclose(channels[3, 2:], 5.0, atol=1e-10)
    np.testing.assert_allclose(channels[1, :2], 0.0, atol=1e-12)
    np.testing.assert_allclose(channels[1, 2:], 1.0, atol=1e-12)
    np.testing.assert_allclose(alive[:2], 1.0, atol=1e-12)
    np.testing.assert_allclose(alive[2:, :, 1:], 0.0, atol=1e-12)

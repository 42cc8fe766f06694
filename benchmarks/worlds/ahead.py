"""What comes after today in a world of some kind, given its truth."""

import numpy as np

from benchmarks.worlds.kinds import Kind
from model.days import PAYMENT_RUN_DAYS
from model.forecast import Forecast
from model.observations import LEFT_AFTER_A_MONTH
from model.parameters import (
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
    N_TRAITS,
    NEVER_BASE,
    NEVER_SLOPE,
    PAYMENT,
    PERSISTENCE,
    REFERRAL_BASE,
    REFERRAL_SLOPES,
    Array,
)

SWITCH = 1.0 / 18.0
# Good or bad makes three quarters of the variance of every trait; the rest drifts as in the model.
GOOD_OR_BAD, REST = float(np.sqrt(0.75)), 0.5
POOR_STRAIN = 0.5
LONGEST_DAYS = 3650.0
SLOW_WINTER = 0.3
PLACES = (np.arange(200) + 0.5) / 200


def sigmoid(x: Array | float) -> Array:
    """The logistic function."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(x, dtype=float))))


def days_to_pay(
    kind: Kind, theta: Array, payment: Array | float, agreed: Array | float, calendar_month: int, place: Array | float
) -> Array:
    """Days from issue to payment; broadcasts.

    Parameters
    ----------
    kind, theta
        The world.
    payment
        Payment strain.
    agreed
        Terms, as `model.observations.log_days` has them.
    calendar_month
        Month of issue, 0 for January.
    place
        Quantile within what the client might take, 0 to 1.
    """
    odds = np.asarray(place) / (1.0 - np.asarray(place))
    noise = np.log(odds)
    if kind.heavy_tails:
        # Quantile of Student's t with two degrees of freedom, in closed form.
        p = np.asarray(place)
        noise = (2.0 * p - 1.0) * np.sqrt(2.0 / (4.0 * p * (1.0 - p)))
    log_paid = agreed + theta[INVOICE_SHIFT] + theta[INVOICE_SLOPE] * np.asarray(payment) + theta[INVOICE_SCALE] * noise
    if kind.seasons:
        log_paid = log_paid + SLOW_WINTER * np.cos(2.0 * np.pi * calendar_month / 12.0)
    return np.asarray(np.clip(np.exp(np.minimum(log_paid, 30.0)) - PAYMENT_RUN_DAYS, 0.0, LONGEST_DAYS))


def strain_ahead(
    kind: Kind, theta: Array, latent: Array, apart: Array, bad: Array, early: Array, months: int,
    rng: np.random.Generator,
) -> Array:  # fmt: skip
    """Simulated strain of the months to come (path, client, month, trait), given today's truth.

    Parameters
    ----------
    kind, theta
        The world.
    latent, apart, bad
        As in `Told`, with an axis for paths in front: shapes (path, client, latent), (path, client, trait) and
        (path, client).
    early
        As in `Told`, shape (client, trait).
    months
        How many.
    rng
        Source of randomness.
    """
    rho = theta[PERSISTENCE : PERSISTENCE + N_TRAITS]
    factor = theta[FACTOR : FACTOR + N_TRAITS**2].reshape(N_TRAITS, N_TRAITS)
    paths = np.empty((*latent.shape[:2], months, N_TRAITS))
    u, state = latent.copy(), bad.copy()
    for month in range(months):
        u = rho * u + np.sqrt(1.0 - rho**2) * rng.standard_normal(u.shape)
        state = np.where(rng.random(state.shape) < SWITCH, -state, state)
        share = REST if kind.switches else 1.0
        beside = apart + LEFT_AFTER_A_MONTH ** (month + 1) * early + GOOD_OR_BAD * state[..., None] * kind.switches
        paths[:, :, month] = share * u @ factor.T + beside
    return paths


def newcomers_ahead(kind: Kind, theta: Array, n_paths: int, months: int, rng: np.random.Generator) -> Array:
    """Strain of clients nobody has met, by month of tenure (path, 1, month, trait)."""
    shape = (n_paths, 1)
    return strain_ahead(
        kind, theta, rng.standard_normal((*shape, N_TRAITS)),
        np.full((*shape, N_TRAITS), POOR_STRAIN if kind.poor_market else 0.0), rng.choice([-1.0, 1.0], shape),
        theta[None, EARLY : EARLY + N_TRAITS], months, rng,
    )  # fmt: skip


def expected(kind: Kind, theta: Array, strain: Array, agreed: Array, clients: tuple[str, ...]) -> Forecast:
    """What to expect of each month given its strain (path, client, month), as `model.forecast.Forecast` has it.

    Parameters
    ----------
    kind, theta
        The world.
    strain
        Shape (path, client, month, trait).
    agreed
        Shape (client,): terms, as `model.observations.log_days` has them.
    clients
        Their names.
    """
    x = np.moveaxis(strain, -1, 0)
    hazard = sigmoid(theta[LEAVE_BASE] + strain @ theta[LEAVE_SLOPES : LEAVE_SLOPES + N_TRAITS])
    stays = np.cumprod(1.0 - hazard, axis=2)
    pull = np.tensordot(theta[ENERGY_SLOPES : ENERGY_SLOPES + 3], x[[DEMAND, CONDUCT, FIT]], axes=1)
    cuts = theta[ENERGY_CUTS : ENERGY_CUTS + 4]
    rate = theta[REFERRAL_BASE] - theta[REFERRAL_SLOPES] * x[CONDUCT] - theta[REFERRAL_SLOPES + 1] * x[FIT]
    log_hours = theta[HOURS_SHIFT] + theta[HOURS_SLOPE] * x[DEMAND] + 0.5 * theta[HOURS_SCALE] ** 2
    return Forecast(
        clients=clients,
        alive=np.concatenate([np.ones_like(stays[:, :, :1]), stays], axis=2),
        hours_ratio=np.exp(log_hours),
        never_paid=sigmoid(theta[NEVER_BASE] + theta[NEVER_SLOPE] * x[PAYMENT]),
        days_to_pay=_mean_days(kind, theta, x[PAYMENT], agreed[:, None]),
        energy=5.0 - sum(sigmoid(cut + pull) for cut in cuts),
        referrals=np.exp(np.minimum(rate, 3.0)),
    )


def on_average(forecast: Forecast) -> Forecast:
    """One path that holds the mean over all of them, of each month over those who are still there."""
    alive = forecast.alive
    weight = alive[:, :, :-1] / alive[:, :, :-1].sum(axis=0)

    def mean(values: Array) -> Array:
        return np.asarray((weight * values).sum(axis=0, keepdims=True))

    return Forecast(
        clients=forecast.clients,
        alive=alive.mean(axis=0, keepdims=True),
        hours_ratio=mean(forecast.hours_ratio),
        never_paid=mean(forecast.never_paid),
        days_to_pay=mean(forecast.days_to_pay),
        energy=mean(forecast.energy),
        referrals=mean(forecast.referrals),
    )


def _mean_days(kind: Kind, theta: Array, payment: Array, agreed: Array) -> Array:
    # By a table over strain: the mean is smooth in it, and the paths are many.
    at = np.linspace(-6.0, 8.0, 141)
    days = np.empty((*payment.shape,))
    for c in range(payment.shape[1]):
        table = days_to_pay(kind, theta, at[:, None], agreed[c, 0], 0, PLACES).mean(axis=1)
        days[:, c] = np.interp(payment[:, c], at, table)
    return days

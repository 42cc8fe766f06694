"""Evidence still to come: what the next months may show of a client, simulated given each draw."""

from dataclasses import dataclass

import numpy as np

from model.belief import factors, seed_of
from model.days import PAYMENT_RUN_DAYS, log_days
from model.judged import Judgement
from model.observations import LEFT_AFTER_A_MONTH
from model.parameters import (
    DEMAND,
    ENERGY_CUTS,
    ENERGY_SLOPES,
    HOURS_SCALE,
    HOURS_SHIFT,
    HOURS_SLOPE,
    INVOICE_SCALE,
    INVOICE_SHIFT,
    INVOICE_SLOPE,
    N_TRAITS,
    NEVER_BASE,
    NEVER_SLOPE,
    PAYMENT,
    PERSISTENCE,
    Array,
    Layout,
)
from model.terms import DAYS_PER_MONTH

LONGEST_LOG_DAYS = 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """What the next months may show; every array has axes (sample, month) unless said otherwise.

    Parameters
    ----------
    days_late
        Days after the due date on which the month's invoice is paid; infinite where it never is.
    hours_ratio
        Hours worked per hour agreed; None where no hours are agreed, for then a month of hours is no evidence.
    energy
        Rating at the check-in, 1 to 5.
    signs
        Signs seen at the check-in (sample, month, trait), each counted by its mean strength; good signs count against.
    terms_days
        Days from issue to the due date.
    """

    days_late: Array
    hours_ratio: Array | None
    energy: Array
    signs: Array
    terms_days: float

    def payments(self, months: int) -> Array:
        """What is known of the payments after `months` (sample, statistic): log days each took so far, on average.

        An invoice still open counts with the days it has been open.
        """
        asked = np.arange(months)
        age = (months - asked) * DAYS_PER_MONTH
        days = np.minimum(np.maximum(self.days_late[:, :months] + self.terms_days, 0.0), age)
        return np.asarray(np.log(days + PAYMENT_RUN_DAYS).mean(axis=1, keepdims=True))

    def hours(self, months: int) -> Array:
        """Mean log hours worked per hour agreed (sample, statistic); no statistic where no hours are agreed."""
        if self.hours_ratio is None:
            return np.zeros((len(self.energy), 0))
        return np.asarray(np.log(self.hours_ratio[:, :months]).mean(axis=1, keepdims=True))

    def moods(self, months: int) -> Array:
        """Mean energy, and what the signs of each trait add up to (sample, statistic)."""
        return np.hstack([self.energy[:, :months].mean(axis=1, keepdims=True), self.signs[:, :months].mean(axis=1)])

    def everything(self, months: int) -> Array:
        """All that the months show (sample, statistic)."""
        return np.hstack([self.payments(months), self.hours(months), self.moods(months)])


def foresee(judgement: Judgement, client: str, months: int) -> Foresight:
    """Simulate the evidence of the next `months` months, one history per draw.

    The draw's own strain drifts on from today, and every kind of record is made from it as in `model.simulate`: an
    invoice and a check-in each month, with the hours logged where hours are agreed.

    Parameters
    ----------
    judgement
        The answer the evidence would change.
    client
        Name of an active client.
    months
        Number of months ahead, at least 1.

    Raises
    ------
    UnknownClient
        If the client is not an active one.
    """
    judgement.of(client)
    theta, catalogue, c = judgement.population.theta, judgement.catalogue, judgement.belief.place(client)
    n = len(theta)
    rng = seed_of(f"evidence of {client}", judgement.seed)
    persistence, factor = theta[:, PERSISTENCE : PERSISTENCE + N_TRAITS], factors(theta)
    latent, shift = judgement.belief.latent[:, c], judgement.belief.shift[:, c]
    early = judgement.belief.early[:, c]
    terms_days = next(t.payment_terms_days for t in judgement.terms if t.client == client)
    layout = Layout.of(catalogue)
    asked = np.array([sign.measured_by is None for sign in catalogue.ticked])
    place = np.flatnonzero(asked)
    trait = np.array([_TRAIT_PLACE[sign.trait] for sign in catalogue.ticked], dtype=int)[place]
    strength = theta[:, layout.sign_strength + place]
    base = theta[:, layout.sign_base + place]
    belongs = np.eye(N_TRAITS)[trait]
    days_late, ratio, energy = np.zeros((n, months)), np.zeros((n, months)), np.zeros((n, months))
    signs = np.zeros((n, months, N_TRAITS))
    for month in range(months):
        noise, uniform = rng.standard_normal((n, 5)), rng.random((n, 3))
        seen = rng.random((n, len(place)))
        latent = persistence * latent + np.sqrt(1.0 - persistence**2) * noise[:, :4]
        early = LEFT_AFTER_A_MONTH * early
        x = shift + early + np.einsum("sij,sj->si", factor, latent)
        odds = np.log(uniform[:, 0] / (1.0 - uniform[:, 0] + 1e-15) + 1e-15)
        log_paid = log_days(terms_days) + theta[:, INVOICE_SHIFT] + theta[:, INVOICE_SLOPE] * x[:, PAYMENT]
        log_paid += theta[:, INVOICE_SCALE] * odds
        days = np.maximum(np.exp(np.minimum(log_paid, LONGEST_LOG_DAYS)) - PAYMENT_RUN_DAYS, 0.0)
        never = uniform[:, 1] < _sigmoid(theta[:, NEVER_BASE] + theta[:, NEVER_SLOPE] * x[:, PAYMENT])
        days_late[:, month] = np.where(never, np.inf, days - terms_days)
        log_hours = theta[:, HOURS_SHIFT] + theta[:, HOURS_SLOPE] * x[:, DEMAND] + theta[:, HOURS_SCALE] * noise[:, 4]
        ratio[:, month] = np.exp(np.clip(log_hours, -LONGEST_LOG_DAYS, LONGEST_LOG_DAYS))
        pull = np.einsum("sj,sj->s", theta[:, ENERGY_SLOPES : ENERGY_SLOPES + 3], x[:, DEMAND:])
        below = _sigmoid(theta[:, ENERGY_CUTS : ENERGY_CUTS + 4] + pull[:, None])
        energy[:, month] = 1.0 + (uniform[:, 2, None] >= below).sum(axis=1)
        present = seen < _sigmoid(base + strength * x[:, trait])
        # Good signs have a negative strength, so that they count against.
        signs[:, month] = (present * strength.mean(axis=0)) @ belongs
    agreed = judgement.records_of(client).clients[0].agreed_hours_per_month
    return Foresight(days_late=days_late, hours_ratio=ratio if agreed else None, energy=energy, signs=signs,
                     terms_days=float(terms_days))  # fmt: skip


_TRAIT_PLACE = {"payment": 0, "demand": 1, "conduct": 2, "fit": 3}


def _sigmoid(x: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -500, 500))))

"""Replicated records: the months of the same clients lived once more, from draws of their strain."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from model import parameters as at
from model.catalogue import TRAITS, Catalogue
from model.days import PAYMENT_RUN_DAYS
from model.filter import filter_client
from model.likelihood import kernel_data
from model.observations import NOT_EXPOSED, Observations, observe
from model.parameters import CONDUCT, DEMAND, FIT, N_TRAITS, PAYMENT, Array, Layout
from model.population import Population
from model.records import Records
from model.sign_likelihood import absence_tables

TOLERANCE = 1e-2  # of the filter, in units of strain
LONGEST_LOG_DAYS = 30.0

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """One replication of all records for each draw of the population, in the months and cells that were observed.

    Parameters
    ----------
    observed
        The records that were replicated.
    client_of_row
        Shape (row,): place of the client each row belongs to.
    age_days
        Shape (invoice,): days from issue to the day of the answer.
    strain
        Shape (sample, row, trait): the path of strain the replicated records come from.
    signs
        Shape (sample, row, sign): seen or not; only the cells observed are meant.
    invoice_days
        Shape (sample, invoice): days from issue to payment, infinite where it is not paid by the day of the answer.
    hours_log_ratio
        Shape (sample, row): log of hours worked over hours agreed.
    energy
        Shape (sample, row): rating 1 to 5.
    left
        Shape (sample, row): whether the client left by itself; only months it could leave in are meant.
    referrals
        Shape (sample, row): number received.
    outcome
        Shape (sample, ask): index into `model.observations.OUTCOMES`.
    """

    observed: Observations
    client_of_row: NDArray[np.int64]
    age_days: Array
    strain: Array
    signs: Bools
    invoice_days: Array
    hours_log_ratio: Array
    energy: NDArray[np.int64]
    left: Bools
    referrals: NDArray[np.int64]
    outcome: NDArray[np.int64]


def replicate(
    population: Population, records: Records, catalogue: Catalogue, *, today: date, rng: np.random.Generator
) -> Replica:
    """Replicate the records of every client once for each draw of the population.

    The months, the cells observed in them, the terms and ages of invoices and the asks made stay as they were; what
    the clients did in them is drawn again. The strain is one joint draw through the months of each client given its
    records, by filtering forwards and sampling backwards (Carter and Kohn 1994) from the belief after each month.

    Parameters
    ----------
    population
        Draws of the population.
    records
        The portfolio; later records than `today` are not used.
    catalogue
        The signs.
    today
        Date of the answer.
    rng
        Source of randomness.

    Raises
    ------
    UnknownSign
        If a record names a sign the catalogue does not hold.
    """
    theta = population.theta
    seen = observe(records, catalogue, today)
    client_of_row = np.repeat(np.arange(len(seen.clients)), np.diff(seen.first_row))
    latent = _latent_paths(theta, seen, catalogue, rng)
    factor = theta[:, at.FACTOR : at.FACTOR + N_TRAITS**2].reshape(-1, N_TRAITS, N_TRAITS)
    strain = np.einsum("sij,srj->sri", factor, latent) + _shift(theta, seen, client_of_row)
    age_days = _ages(records, seen, today)
    return Replica(
        observed=seen,
        client_of_row=client_of_row,
        age_days=age_days,
        strain=strain,
        signs=_signs(theta, seen, catalogue, client_of_row, strain, rng),
        invoice_days=_invoice_days(theta, seen, age_days, strain, rng),
        hours_log_ratio=theta[:, [at.HOURS_SHIFT]]
        + theta[:, [at.HOURS_SLOPE]] * strain[..., DEMAND]
        + theta[:, [at.HOURS_SCALE]] * rng.standard_normal(strain.shape[:2]),
        energy=_energy(theta, strain, rng),
        left=_left(theta, seen, strain, rng),
        referrals=_referrals(theta, strain, rng),
        outcome=_outcomes(theta, seen, strain, rng),
    )


def _latent_paths(theta: Array, seen: Observations, catalogue: Catalogue, rng: np.random.Generator) -> Array:
    n_samples = len(theta)
    mean, cov = np.zeros((n_samples, seen.n_rows, 4)), np.zeros((n_samples, seen.n_rows, 4, 4))
    data = kernel_data(seen, catalogue)
    for s in range(n_samples):
        tables = absence_tables(theta[s], data)  # type: ignore[no-untyped-call]
        for c in range(len(seen.clients)):
            rows = slice(seen.first_row[c], seen.first_row[c + 1])
            filter_client(  # type: ignore[no-untyped-call]
                theta[s], data, tables, c, 0, TOLERANCE, mean[s, rows], cov[s, rows]
            )
    rho = theta[:, at.PERSISTENCE : at.PERSISTENCE + 4]
    noise = rng.standard_normal(mean.shape)
    paths = np.zeros_like(mean)
    last_rows = set(seen.first_row[1:] - 1)
    for row in range(seen.n_rows - 1, -1, -1):
        m, P = mean[:, row], cov[:, row]
        if row not in last_rows:
            # Given the next month, this one is what its own belief and the drift between the two allow.
            carried = P * rho[:, None, :]
            ahead = rho[:, :, None] * carried
            ahead[:, range(4), range(4)] += 1.0 - rho**2
            gain = np.linalg.solve(ahead, carried.transpose(0, 2, 1)).transpose(0, 2, 1)
            m = m + np.einsum("sij,sj->si", gain, paths[:, row + 1] - rho * m)
            P = P - np.einsum("sij,skj->sik", gain, carried)
        root = np.linalg.cholesky(0.5 * (P + P.transpose(0, 2, 1)))
        paths[:, row] = m + np.einsum("sij,sj->si", root, noise[:, row])
    return paths


def _shift(theta: Array, seen: Observations, client_of_row: NDArray[np.int64]) -> Array:
    shift = theta[:, None, at.EARLY : at.EARLY + N_TRAITS] * seen.early[:, None]
    n_standing = seen.standing.shape[1]
    shift[..., FIT] += theta[:, at.STANDING : at.STANDING + n_standing] @ seen.standing[client_of_row].T
    shift[..., DEMAND] -= theta[:, [at.RELIEF_SCOPE]] * seen.relief_scope
    shift[..., PAYMENT] -= theta[:, [at.RELIEF_TERMS]] * seen.relief_terms
    return shift


def _ages(records: Records, seen: Observations, today: date) -> Array:
    # In the order the observations have them: by client, then by day of issue and number.
    known = records.as_of(today)
    order = {name: c for c, name in enumerate(seen.clients)}
    invoices = sorted(known.invoices, key=lambda i: (order[i.client], i.issued, i.number))
    return np.array([(today - invoice.issued).days for invoice in invoices], dtype=float)


def _signs(
    theta: Array, seen: Observations, catalogue: Catalogue, client_of_row: NDArray[np.int64], strain: Array,
    rng: np.random.Generator,
) -> Bools:  # fmt: skip
    layout = Layout.of(catalogue)
    base = theta[:, layout.sign_base : layout.sign_base + layout.n_signs]
    strength = theta[:, layout.sign_strength : layout.sign_strength + layout.n_signs]
    trait = np.array([TRAITS.index(sign.trait) for sign in catalogue.ticked])
    weight = seen.sign_weight[client_of_row]
    eta = base[:, None] + strength[:, None] * weight * strain[..., trait]
    return np.asarray(rng.random(eta.shape) < _sigmoid(eta))


def _invoice_days(theta: Array, seen: Observations, age_days: Array, strain: Array, rng: np.random.Generator) -> Array:
    row_of_invoice = np.repeat(np.arange(seen.n_rows), np.diff(seen.invoice_first))
    x = strain[:, row_of_invoice, PAYMENT]
    uniform = rng.uniform(1e-12, 1.0 - 1e-12, x.shape)
    log_days = seen.invoice_log_terms + theta[:, [at.INVOICE_SHIFT]] + theta[:, [at.INVOICE_SLOPE]] * x
    log_days = log_days + theta[:, [at.INVOICE_SCALE]] * np.log(uniform / (1.0 - uniform))
    days = np.maximum(np.exp(np.minimum(log_days, LONGEST_LOG_DAYS)) - PAYMENT_RUN_DAYS, 0.0).round()
    never = rng.random(x.shape) < _sigmoid(theta[:, [at.NEVER_BASE]] + theta[:, [at.NEVER_SLOPE]] * x)
    return np.where(never | (days > age_days), np.inf, days)


def _energy(theta: Array, strain: Array, rng: np.random.Generator) -> NDArray[np.int64]:
    slopes = theta[:, at.ENERGY_SLOPES : at.ENERGY_SLOPES + 3]
    pull = np.einsum("srk,sk->sr", strain[..., [DEMAND, CONDUCT, FIT]], slopes)
    cuts = theta[:, None, at.ENERGY_CUTS : at.ENERGY_CUTS + 4]
    above = rng.random(pull.shape)[..., None] > _sigmoid(cuts + pull[..., None])
    return np.asarray(1 + above.sum(axis=-1), dtype=np.int64)


def _left(theta: Array, seen: Observations, strain: Array, rng: np.random.Generator) -> Bools:
    hazard = theta[:, [at.LEAVE_BASE]] + np.einsum(
        "srk,sk->sr", strain, theta[:, at.LEAVE_SLOPES : at.LEAVE_SLOPES + N_TRAITS]
    )
    return np.asarray((rng.random(hazard.shape) < _sigmoid(hazard)) & (seen.exposure != NOT_EXPOSED))


def _referrals(theta: Array, strain: Array, rng: np.random.Generator) -> NDArray[np.int64]:
    conduct, fit = theta[:, [at.REFERRAL_SLOPES]], theta[:, [at.REFERRAL_SLOPES + 1]]
    log_rate = theta[:, [at.REFERRAL_BASE]] - conduct * strain[..., CONDUCT] - fit * strain[..., FIT]
    return np.asarray(rng.poisson(np.exp(np.minimum(log_rate, 3.0))), dtype=np.int64)


def _outcomes(theta: Array, seen: Observations, strain: Array, rng: np.random.Generator) -> NDArray[np.int64]:
    row_of_ask = np.repeat(np.arange(seen.n_rows), np.diff(seen.ask_first))
    slopes = theta[:, at.ASK_SLOPES : at.ASK_SLOPES + N_TRAITS]
    eta = np.einsum("sak,sk->sa", strain[:, row_of_ask], slopes)
    eta = eta + theta[:, [at.ASK_PRICE]] * seen.ask_price + theta[:, [at.ASK_SCOPE]] * seen.ask_scope
    eta = eta + theta[:, [at.ASK_TERMS]] * seen.ask_terms
    cuts = theta[:, None, at.ASK_CUTS : at.ASK_CUTS + 3]
    refused = rng.random(eta.shape)[..., None] > _sigmoid(cuts - eta[..., None])
    return np.asarray(refused.sum(axis=-1), dtype=np.int64)


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)))

"""The instant update: what to believe about each client's strain today, given the population and the records."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.catalogue import Catalogue
from model.kernel import compiled
from model.likelihood import kernel_data
from model.observations import Observations, observe
from model.parameters import DEMAND, FACTOR, FIT, PAYMENT, PERSISTENCE, RELIEF_SCOPE, RELIEF_TERMS, Array
from model.population import Population
from model.records import Records
from model.sign_likelihood import absence_tables
from model.smoother import factor_of, shift_of, smooth_all, smooth_client

# Of the smoother, in units of strain; what is left after the last step is about a quarter of it, a hundredth of the
# width of any belief.
TOLERANCE = 1e-2


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """Strain of each client, given each draw of the population.

    Parameters
    ----------
    clients
        Names, sorted.
    latent
        Shape (sample, client, latent): one draw of the latent processes today per draw of the population.
    shift
        Shape (sample, client, trait): what standing facts and accepted asks add; strain is `shift + factor @ latent`.
    strain
        Shape (sample, client, trait): one draw of today's strain per draw of the population.
    mean, cov
        Shapes (sample, client, trait) and (sample, client, trait, trait): the Gaussian belief the draw comes from.
    month
        Per client, shape (month,): month numbers of its recorded months.
    path_mean, path_sd
        Per client, shape (month, trait): smoothed strain over all draws.
    """

    clients: tuple[str, ...]
    today: int
    latent: Array
    shift: Array
    strain: Array
    mean: Array
    cov: Array
    month: tuple[NDArray[np.int64], ...]
    path_mean: tuple[Array, ...]
    path_sd: tuple[Array, ...]

    def place(self, client: str) -> int:
        """Index of a client on the client axis."""
        return self.clients.index(client)

    def summary(self, client: str) -> tuple[Array, Array]:
        """Posterior mean and standard deviation of a client's strain today, each of shape (trait,)."""
        c = self.place(client)
        mean = self.mean[:, c].mean(axis=0)
        within = np.einsum("sjj->sj", self.cov[:, c]).mean(axis=0)
        return mean, np.sqrt(within + self.mean[:, c].var(axis=0))

    def with_changed(self, changed: "Belief", clients: tuple[str, ...]) -> "Belief":
        """The belief about `clients`, with those in `changed` taken from there."""
        there, here = changed.clients, self.clients

        def pick(name: str) -> tuple[Belief, int]:
            return (changed, there.index(name)) if name in there else (self, here.index(name))

        picked = [pick(name) for name in clients]

        def joined(field: str) -> Array:
            parts = [getattr(belief, field)[:, c] for belief, c in picked]
            return np.stack(parts, axis=1) if parts else getattr(self, field)[:, :0]

        return Belief(
            clients=clients,
            today=self.today,
            latent=joined("latent"),
            shift=joined("shift"),
            strain=joined("strain"),
            mean=joined("mean"),
            cov=joined("cov"),
            month=tuple(belief.month[c] for belief, c in picked),
            path_mean=tuple(belief.path_mean[c] for belief, c in picked),
            path_sd=tuple(belief.path_sd[c] for belief, c in picked),
        )


def update(population: Population, records: Records, catalogue: Catalogue, *, today: date, seed: int = 1) -> Belief:
    """Belief about every client of `records` as of `today`.

    The population is held where the prior or the last fit left it, so the same evidence never counts twice. The
    random numbers of a client depend on its name and `seed` alone: the order of clients changes nothing, and a record
    of one client leaves the draws of the others as they were.

    Parameters
    ----------
    population
        Draws of the population parameters.
    records
        The portfolio; later records than `today` are not used.
    catalogue
        The signs.
    today
        Date of the answer.
    seed
        Of the draws of strain.

    Raises
    ------
    UnknownSign
        If a record names a sign the catalogue does not hold.
    """
    return believe(population, observe(records, catalogue, today), catalogue, seed=seed)


def believe(population: Population, observations: Observations, catalogue: Catalogue, *, seed: int = 1) -> Belief:
    """The same from observations already made."""
    data = kernel_data(observations, catalogue)
    n_samples, n_clients = population.n_samples, len(observations.clients)
    latent_mean = np.zeros((n_samples, n_clients, 4))
    latent_cov = np.zeros((n_samples, n_clients, 4, 4))
    shift = np.zeros((n_samples, n_clients, 4))
    path_sum = np.zeros((n_samples, observations.n_rows, 4))
    path_var = np.zeros((n_samples, observations.n_rows, 4))
    rows = np.diff(data.first_row)
    last = [observations.month[data.first_row[c + 1] - 1] if rows[c] else observations.today for c in range(n_clients)]
    gap = np.maximum(observations.today - np.array(last, dtype=np.int64), 0)

    # Every draw starts from the months as the middle draw sees them, which is nearer than nothing.
    begin, around = smooth_all(np.median(population.theta, axis=0), data, TOLERANCE)

    def work(part: slice) -> None:
        _smooth_samples(
            population.theta[part], data, gap, observations.relief_now, begin, around, TOLERANCE,
            latent_mean[part], latent_cov[part], shift[part], path_sum[part], path_var[part],
        )  # fmt: skip

    in_threads(work, n_samples)
    factor = factors(population.theta)
    root = np.linalg.cholesky(latent_cov) if n_clients else latent_cov
    noise = _noise(observations.clients, n_samples, seed)
    latent = latent_mean + np.einsum("scij,scj->sci", root, noise)
    mean = shift + np.einsum("sij,scj->sci", factor, latent_mean)
    cov = np.einsum("sij,scjk,slk->scil", factor, latent_cov, factor, optimize=True)
    bounds = [slice(data.first_row[c], data.first_row[c + 1]) for c in range(n_clients)]
    path_sd = np.sqrt(path_var.mean(axis=0) + path_sum.var(axis=0))
    path_mean = path_sum.mean(axis=0)
    return Belief(
        clients=observations.clients,
        today=observations.today,
        latent=latent,
        shift=shift,
        strain=shift + np.einsum("sij,scj->sci", factor, latent),
        mean=mean,
        cov=cov,
        month=tuple(observations.month[b] for b in bounds),
        path_mean=tuple(path_mean[b] for b in bounds),
        path_sd=tuple(path_sd[b] for b in bounds),
    )


def factors(theta: Array) -> Array:
    """Cholesky factors of the correlation of the traits, shape (sample, trait, latent)."""
    return theta[:, FACTOR : FACTOR + 16].reshape(-1, 4, 4)


def seed_of(name: str, seed: int) -> np.random.Generator:
    """A generator that depends on a name and a seed, and on nothing else."""
    return np.random.default_rng([seed, *sha256(name.encode()).digest()[:16]])


def _noise(clients: Iterable[str], n_samples: int, seed: int) -> Array:
    drawn = [seed_of(name, seed).standard_normal((n_samples, 4)) for name in clients]
    return np.stack(drawn, axis=1) if drawn else np.zeros((n_samples, 0, 4))


def in_threads(work: Callable[[slice], None], n_samples: int) -> None:
    """Run `work` on slices of the samples, one per core."""
    # The compiled kernel releases the interpreter lock; samples are independent, so the split changes no number.
    n_workers = min(os.cpu_count() or 1, 8)
    edges = np.linspace(0, n_samples, n_workers + 1).astype(int)
    parts = [slice(a, b) for a, b in pairwise(edges) if b > a]
    if len(parts) <= 1:
        for part in parts:
            work(part)
        return
    with ThreadPoolExecutor(n_workers) as pool:
        for done in [pool.submit(work, part) for part in parts]:
            done.result()


@compiled
def _smooth_samples(
    theta, data, gap, relief_now, begin, around, tolerance, latent_mean, latent_cov, shift, path_mean, path_var
):
    none = np.empty(0)
    for s in range(theta.shape[0]):
        tables = absence_tables(theta[s], data)
        A = factor_of(theta[s])
        for c in range(gap.shape[0]):
            start = data.first_row[c]
            n = data.first_row[c + 1] - start
            m, P = np.zeros((n, 4)), np.zeros((n, 4, 4))
            if n > 0:
                _, m, P = smooth_client(
                    theta[s], data, tables, c, tolerance, begin[start : start + n], around[start : start + n], none
                )
            for t in range(n):
                at = shift_of(theta[s], data, c, start + t)
                for i in range(4):
                    path_mean[s, start + t, i] = at[i]
                    for k in range(i + 1):
                        path_mean[s, start + t, i] += A[i, k] * m[t, k]
                        for j in range(i + 1):
                            path_var[s, start + t, i] += A[i, k] * P[t, k, j] * A[i, j]
            _today(theta[s], data, c, gap[c], relief_now[c], m, P, latent_mean[s, c], latent_cov[s, c], shift[s, c])


@compiled
def _today(theta, data, client, gap, relief, m, P, mean, cov, shift):
    # From the last recorded month to today nothing is known: the strain drifts back towards the population.
    n = m.shape[0]
    for k in range(data.standing.shape[1]):
        shift[FIT] += theta[data.standing_place + k] * data.standing[client, k]
    shift[DEMAND] -= theta[RELIEF_SCOPE] * relief[0]
    shift[PAYMENT] -= theta[RELIEF_TERMS] * relief[1]
    for i in range(4):
        if n == 0:
            cov[i, i] = 1.0
            continue
        fade = theta[PERSISTENCE + i] ** gap
        mean[i] = fade * m[n - 1, i]
        for j in range(4):
            cov[i, j] = fade * theta[PERSISTENCE + j] ** gap * P[n - 1, i, j]
        cov[i, i] += 1.0 - fade * fade

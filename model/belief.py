"""The instant update: what to believe about each client's strain today, given the population and the records."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.beside import beside
from model.catalogue import Catalogue
from model.digests import month_digests
from model.draws_filter import absences, filter_draws
from model.drift import carry_to_today, put_back, spread
from model.lanes import LANES
from model.lately import Lately
from model.likelihood import KernelData, kernel_data
from model.observations import Observations, observe
from model.parameters import FACTOR, Array
from model.population import Population
from model.records import Records
from model.seeds import seed_of as seed_of
from model.seeds import seeds_of
from model.stratified import normals_of_each

# Of the filter, in units of strain; what is left after the last step is about a quarter of it, a hundredth of the width
# of any belief.
TOLERANCE = 1e-2
CORES = min(os.cpu_count() or 1, 8)
KEPT_MONTHS = 6  # an invoice is paid, and a check-in done, within months of its own
KEPT_NUMBERS = 14  # of each of them


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
        Shape (sample, client, trait): what standing facts and accepted asks add to the strain.
    early
        Shape (sample, client, trait): what the beginning of the relationship adds today, fading by half every year;
        strain is `shift + early + factor @ latent`.
    strain
        Shape (sample, client, trait): one draw of today's strain per draw of the population.
    mean, cov
        Shapes (sample, client, trait) and (sample, client, trait, trait): the Gaussian belief the draw comes from.
    months
        Per client, its recorded months with the digest of what each holds.
    after
        Shape (sample, client, kept, `KEPT_NUMBERS`): belief after each of the last recorded months, from which a later
        record is taken up; the mean of the latent processes, then the lower triangle of their covariance, row by row.
    """

    clients: tuple[str, ...]
    today: int
    latent: Array
    shift: Array
    early: Array
    strain: Array
    mean: Array
    cov: Array
    months: tuple[tuple[tuple[int, str], ...], ...]
    after: Array

    def place(self, client: str) -> int:
        """Index of a client on the client axis."""
        return self.clients.index(client)

    def summary(self, client: str) -> tuple[Array, Array]:
        """Posterior mean and standard deviation of a client's strain today, each of shape (trait,)."""
        c = self.place(client)
        mean = self.mean[:, c].mean(axis=0)
        within = np.einsum("sjj->sj", self.cov[:, c]).mean(axis=0)
        return mean, np.sqrt(within + self.mean[:, c].var(axis=0))

    def summaries(self) -> Array:
        """The same of every client (client, 2, trait): means, then standard deviations."""
        mean = self.mean.mean(axis=0)
        within = np.einsum("scjj->scj", self.cov).mean(axis=0)
        return np.stack((mean, np.sqrt(within + self.mean.var(axis=0))), axis=1)

    def change(self, client: str, population: Population, months: int = 3) -> Array | None:
        """How far a client's strain moved over the last recorded months, in the mean (trait,); None without so many.

        What standing facts, agreed relief and the beginning shift is left as it is today.
        """
        c = self.place(client)
        if not 0 < months < min(len(self.months[c]), KEPT_MONTHS):
            return None
        then = np.einsum("sij,sj->si", factors(population.theta), self.after[:, c, KEPT_MONTHS - 1 - months, :4])
        return np.asarray((self.mean[:, c] - self.shift[:, c] - self.early[:, c] - then).mean(axis=0))

    def with_changed(self, changed: "Belief", clients: tuple[str, ...]) -> "Belief":
        """The belief about `clients`, with those in `changed` taken from there."""
        if clients == changed.clients and self.today == changed.today:
            return changed
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
            early=joined("early"),
            strain=joined("strain"),
            mean=joined("mean"),
            cov=joined("cov"),
            months=tuple(belief.months[c] for belief, c in picked),
            after=joined("after"),
        )


def update(
    population: Population,
    records: Records,
    catalogue: Catalogue,
    *,
    today: date,
    seed: int = 1,
    earlier: Belief | None = None,
) -> Belief:
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
    earlier
        A belief of the very same draws and catalogue: months whose records are what they were then are not filtered
        again. The answer is the same, to the last digit, as without it.

    Raises
    ------
    UnknownSign
        If a record names a sign the catalogue does not hold.
    """
    return believe(population, observe(records, catalogue, today), catalogue, seed=seed, earlier=earlier)


def believe(
    population: Population,
    observations: Observations,
    catalogue: Catalogue,
    *,
    seed: int = 1,
    earlier: Belief | None = None,
) -> Belief:
    """The same from observations already made."""
    data = kernel_data(observations, catalogue)
    months = month_digests(observations, data)
    held = _Held.of(population, observations)
    first = np.zeros(len(months), dtype=np.int64)
    if earlier is not None:
        for c, name in enumerate(observations.clients):
            first[c] = _carry(earlier, name, months[c], int(data.first_row[c]), held)
    return _believed(population, observations, data, first, held, months, seed)


def believe_beside(
    population: Population,
    one: Observations,
    variants: Observations,
    catalogue: Catalogue,
    *,
    same_months: Sequence[int],
    seed: int = 1,
) -> Belief:
    """Belief about variants of one client; beliefs after single months are not kept.

    Parameters
    ----------
    population, catalogue, seed
        As for `believe`.
    one
        The client as it is.
    variants
        Every client of them is a variant of that one.
    same_months
        How many months of each variant, from its first one, hold what the client's do (client): those are not filtered
        again.
    """
    data, as_it_is = kernel_data(variants, catalogue), _Held.of(population, one)
    _filter(population, one, kernel_data(one, catalogue), np.zeros(1, dtype=np.int64), as_it_is)
    held, first = _Held.of(population, variants), np.array(same_months, dtype=np.int64)
    for c, same in enumerate(same_months):
        if same:
            at = data.first_row[c] + same - 1
            held.mean[:, at], held.cov[:, at] = as_it_is.mean[:, same - 1], as_it_is.cov[:, same - 1]
    return _believed(population, variants, data, first, held, (), seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    # Belief about the latent processes after each month (sample, row, latent), and today (sample, client, latent).
    mean: Array
    cov: Array
    latent_mean: Array
    latent_cov: Array
    shift: Array
    early: Array

    @staticmethod
    def of(population: Population, observations: Observations) -> "_Held":
        rows, today = (population.n_samples, observations.n_rows), (population.n_samples, len(observations.clients))
        # Of the months that are not filtered again, nobody reads more than what is put in place of an earlier belief.
        return _Held(
            mean=np.empty((*rows, 4)), cov=np.empty((*rows, 4, 4)), latent_mean=np.zeros((*today, 4)),
            latent_cov=np.zeros((*today, 4, 4)), shift=np.zeros((*today, 4)), early=np.zeros((*today, 4)),
        )  # fmt: skip


def _filter(
    population: Population, observations: Observations, data: KernelData, first: NDArray[np.int64], held: _Held
) -> None:
    rows = np.diff(data.first_row)
    last = [observations.month[data.first_row[c + 1] - 1] if rows[c] else observations.today for c in range(len(rows))]
    gap = np.maximum(observations.today - np.array(last, dtype=np.int64), 0)

    tables = _absences(population.theta, data) if (first < rows).any() else np.zeros((0, 0))

    def work(part: slice) -> None:
        theta, mean, cov = population.theta[part], held.mean[part], held.cov[part]
        filter_draws(theta, data, first, tables[part.start // LANES :], TOLERANCE, mean, cov)
        carry_to_today(
            theta, data, gap, observations.relief_now, observations.early_now, mean, cov, held.latent_mean[part],
            held.latent_cov[part], held.shift[part], held.early[part],
        )  # fmt: skip

    in_threads(work, population.n_samples)


# Tables of what absent signs say, of the last few draws and signs.
_tables: Lately[Array] = Lately(4)


def _absences(theta: Array, data: KernelData) -> Array:
    of_signs = (data.sign_weight, data.sign_trait, data.measured)
    signs = (*(part.tobytes() for part in of_signs), data.sign_base, data.sign_strength)
    return _tables.of(theta, signs, lambda: np.asarray(absences(theta, data)))


def _believed(
    population: Population, observations: Observations, data: KernelData, first: NDArray[np.int64], held: _Held,
    months: tuple[tuple[tuple[int, str], ...], ...], seed: int,
) -> Belief:  # fmt: skip
    n_samples, n_clients = population.n_samples, len(observations.clients)
    _filter(population, observations, data, first, held)
    latent, strain, mean = (np.empty((n_samples, n_clients, 4)) for _ in range(3))
    cov = np.empty((n_samples, n_clients, 4, 4))
    after = np.zeros((n_samples, n_clients, KEPT_MONTHS, KEPT_NUMBERS))
    # Beliefs after single months are kept of clients as they are, not of variants of one.
    rows = data.first_row if months else np.zeros_like(data.first_row)
    spread(
        population.theta, held.latent_mean, held.latent_cov, held.shift, held.early,
        _noise(population.theta, observations.clients, seed), rows, held.mean, held.cov, latent, strain, mean, cov,
        after,
    )  # fmt: skip
    return Belief(
        clients=observations.clients,
        today=observations.today,
        latent=latent,
        shift=held.shift,
        early=held.early,
        strain=strain,
        mean=mean,
        cov=cov,
        months=months,
        after=after,
    )


def _carry(earlier: Belief, name: str, now: tuple[tuple[int, str], ...], start: int, held: "_Held") -> int:
    # The first month to filter; what the earlier belief held after the months before it is put in place.
    if name not in earlier.clients:
        return 0
    c = earlier.place(name)
    then = earlier.months[c]
    same = next((t for t, (a, b) in enumerate(zip(then, now, strict=False)) if a != b), min(len(then), len(now)))
    oldest = max(len(now) - KEPT_MONTHS, 0)  # the belief after this month is wanted again
    oldest_kept = max(len(then) - KEPT_MONTHS, 0)
    if same == 0 or same - 1 < oldest_kept or (oldest < same and oldest < oldest_kept):
        return 0
    there = KEPT_MONTHS - len(then) + oldest_kept, KEPT_MONTHS - len(then) + same
    put_back(earlier.after, c, there, start + oldest_kept, held.mean, held.cov)
    return same


def factors(theta: Array) -> Array:
    """Cholesky factors of the correlation of the traits, shape (sample, trait, latent)."""
    return theta[:, FACTOR : FACTOR + 16].reshape(-1, 4, 4)


def _noise(theta: Array, clients: Iterable[str], seed: int) -> Array:
    names = list(clients)
    # Variants of one client bear the same name.
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    # Once is enough for so many numbers, and takes a hundredth of what a client takes.
    drawn = beside(theta, normals_of_each(seeds_of(list(places), seed), len(theta), 4), rounds=1)
    return drawn if len(places) == len(names) else drawn[:, [places[name] for name in names]]


def in_threads(work: Callable[[slice], None], n_samples: int) -> None:
    """Run `work` on slices of the samples, one per core."""
    if CORES == 1:
        work(slice(0, n_samples))
        return
    # The compiled kernel releases the interpreter lock; samples are independent, so the split changes no number.
    # Cut where a group of them ends, so that no core does a part of one.
    edges = np.minimum(n_samples, LANES * np.linspace(0, -(-n_samples // LANES), CORES + 1).round().astype(int))
    parts = [slice(a, b) for a, b in pairwise(edges) if b > a]
    if len(parts) <= 1:
        for part in parts:
            work(part)
        return
    for done in [_pool().submit(work, part) for part in parts]:
        done.result()


@cache
def _pool() -> ThreadPoolExecutor:
    # Kept: starting threads anew takes longer than most of what they are started for.
    return ThreadPoolExecutor(CORES, thread_name_prefix="draws")


# A forked process has the pool but none of its threads.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)

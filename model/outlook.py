"""From today's strain to the months ahead: expectations and simulated paths for clients and for newcomers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.belief import Belief, factors, in_threads
from model.expectation import expect
from model.forecast import Ask, Forecast, Market, Outlook, Paths
from model.kernel import packed
from model.observations import PARTLY_SHARE
from model.parameters import EARLY, INVOICE_SCALE, N_TRAITS, Array
from model.population import Population
from model.reply import Unlearned, outcome_probabilities, relief, unlearned
from model.seeds import seed_of
from model.shocks import shocks_of
from model.stratified import normals
from model.walk import walk

N_NEWCOMERS = 6  # successive newcomers on one slot; more than that within a horizon does not happen in practice
NEWCOMERS = "newcomers"
N_CHANNELS = 5
AT_ONCE = 64
# Single precision is far finer than any draw, and halves what a changed client costs to merge.
SINGLE: Any = np.float32
Places = NDArray[np.int64]
NOBODY: Places = np.zeros(0, dtype=np.int64)
NOTHING = Ask(price_pct=0.0, scope=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomers:
    """Clients drawn from the population: what to expect of one, and simulated ones to follow each other."""

    log_terms: float
    forecast: Forecast
    paths: Paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Forecasts of clients after wishes that were worked out already, by wish, over the draws `chosen`."""

    chosen: Places
    forecasts: Mapping[Ask, Forecast]

    def after(self, wishes: Sequence[Ask], clients: tuple[str, ...]) -> Forecast | None:
        """The forecast of `clients`, each after its own wish; None where that is not known of all."""
        if not clients or len(wishes) < len(clients) or not set(wishes) <= self.forecasts.keys():
            return None
        first = self.forecasts[wishes[0]]
        if len(set(wishes)) == 1 and clients == first.clients:
            return first
        places = {wish: {name: c for c, name in enumerate(self.forecasts[wish].clients)} for wish in set(wishes)}
        if any(name not in places[wish] for name, wish in zip(clients, wishes, strict=True)):
            return None
        arrays: dict[str, Any] = {}
        for field in fields(first)[1:]:
            some = getattr(first, field.name)
            arrays[field.name] = np.empty((len(some), len(clients), some.shape[2]), dtype=some.dtype)
            for wish, there in places.items():
                mine = [c for c, other in enumerate(wishes) if other == wish]
                found = getattr(self.forecasts[wish], field.name)
                arrays[field.name][:, mine] = found[:, [there[clients[c]] for c in mine]]
        return Forecast(clients=clients, **arrays)


def newcomers(population: Population, *, log_terms: float, horizon_months: int, seed: int = 1) -> Newcomers:
    """The months ahead of clients nobody has met yet.

    Parameters
    ----------
    population
        Draws of the population.
    log_terms
        Payment terms they are given, as `model.observations.log_days` has them.
    horizon_months
        Number of months ahead.
    seed
        Of the paths.
    """
    theta = population.theta
    names = tuple(f"{NEWCOMERS} {i + 1}" for i in range(N_NEWCOMERS))
    latent = np.stack([normals(seed_of(name, seed), len(theta), 4) for name in names], axis=1)
    terms = np.full(N_NEWCOMERS, log_terms)
    unknown = np.broadcast_to(np.eye(4), (len(theta), 1, 4, 4)).copy()
    nobody = np.zeros((len(theta), 1, 4))
    return Newcomers(
        log_terms=log_terms,
        forecast=_forecast(
            theta, (NEWCOMERS,), nobody, nobody, beginnings(theta, 1), terms[:1], horizon_months, unknown
        ),
        paths=_of_newcomers(theta, names, latent, terms, horizon_months, seed),
    )


def beginnings(theta: Array, count: int) -> Array:
    """What the beginning adds to the strain of clients who begin today, shape (sample, client, trait)."""
    return np.repeat(theta[:, None, EARLY : EARLY + N_TRAITS], count, axis=1)


def strangers(
    population: Population, count: int, *, log_terms: float, horizon_months: int, seed: int = 1
) -> tuple[Array, Forecast]:
    """Several newcomers a draw, each with a strain of their own: it (sample, client, trait), and the months ahead.

    Parameters
    ----------
    population, log_terms, horizon_months, seed
        As for `newcomers`.
    count
        How many in each draw.
    """
    theta = population.theta
    names = tuple(f"stranger {i + 1}" for i in range(count))
    latent = np.stack([normals(seed_of(name, seed), len(theta), 4) for name in names], axis=1)
    early = beginnings(theta, count)
    ahead = _forecast(theta, names, latent, np.zeros_like(latent), early, np.full(count, log_terms), horizon_months)
    return early + np.einsum("sij,snj->sni", factors(theta), latent), ahead


def among(ahead: Forecast, passes: NDArray[np.bool_], name: str = NEWCOMERS) -> Forecast:
    """What to expect of one of several strangers a draw, of those who pass (sample, client)."""
    # A draw in which nobody passes has no client of its own to show; all of its strangers stand in.
    weight = np.where(passes.any(axis=1, keepdims=True), passes, True).astype(np.float64)
    there = ahead.alive * weight[:, :, None]
    total = there[:, :, :-1].sum(axis=1, keepdims=True)

    def mean(values: Array) -> Array:
        return np.asarray((there[:, :, :-1] * values).sum(axis=1, keepdims=True) / np.maximum(total, 1e-12))

    return Forecast(
        clients=(name,),
        alive=there.sum(axis=1, keepdims=True) / weight.sum(axis=1)[:, None, None],
        hours_ratio=mean(ahead.hours_ratio), never_paid=mean(ahead.never_paid), days_to_pay=mean(ahead.days_to_pay),
        energy=mean(ahead.energy), referrals=mean(ahead.referrals),
    )  # fmt: skip


def chosen_among(
    population: Population, ahead: Forecast, passes: NDArray[np.bool_], *, log_terms: float, horizon_months: int,
    seed: int = 1,
) -> Newcomers:  # fmt: skip
    """Newcomers when only strangers who pass are taken on.

    Parameters
    ----------
    population, log_terms, horizon_months, seed
        As for `newcomers`.
    ahead
        The months ahead of the strangers, from `strangers`.
    passes
        Who of them is taken (sample, client).
    """
    theta, (n_samples, count) = population.theta, passes.shape
    latent = np.stack([normals(seed_of(f"stranger {i + 1}", seed), n_samples, 4) for i in range(count)], axis=1)
    # Those who pass follow each other in turn; where nobody does, all do.
    order = np.argsort(~passes, axis=1, kind="stable")
    many = np.where(passes.any(axis=1), passes.sum(axis=1), count)
    turn = np.take_along_axis(order, np.arange(N_NEWCOMERS)[None] % many[:, None], axis=1)
    names = tuple(f"{NEWCOMERS} {i + 1}" for i in range(N_NEWCOMERS))
    of_each = np.take_along_axis(latent, turn[:, :, None], axis=1)
    paths = _of_newcomers(theta, names, of_each, np.full(N_NEWCOMERS, log_terms), horizon_months, seed)
    return Newcomers(log_terms=log_terms, forecast=among(ahead, passes), paths=paths)


def _of_newcomers(
    theta: Array, names: tuple[str, ...], latent: Array, log_terms: Array, months: int, seed: int
) -> Paths:
    nothing = np.zeros_like(latent)
    return _simulate(theta, names, latent, (nothing,), beginnings(theta, len(names)), log_terms, months, seed)[0]


def outlook(
    population: Population,
    belief: Belief,
    *,
    log_terms: Array,
    newcomers: Newcomers,
    market: Market,
    horizon_months: int,
    asks: Sequence[Ask],
    seed: int = 1,
    apart: Unlearned | None = None,
    known: Known | None = None,
) -> Outlook:
    """Forecasts and paths of every client, as they are and after the ask, beside those of newcomers.

    Parameters
    ----------
    population
        Draws of the population, as many as `belief` holds.
    belief
        Today's strain.
    log_terms
        Shape (client,): payment terms, as `model.observations.log_days` has them.
    newcomers
        From the function of that name, over as many months.
    market
        What the draws say of new clients.
    horizon_months
        Number of months ahead.
    asks
        What each client of `belief` is asked for.
    seed
        Of the paths; the draws of a client depend on its name and the seed alone.
    apart
        What stays as its prior has it; the shipped priors' where none is given.
    known
        Forecasts of the same clients after wishes, for some of the draws: what of them is asked for is not worked out
        again. The answer is the same without them.
    """
    theta = population.theta
    apart = apart or unlearned(len(theta), seed=seed)
    eased = relief(theta, asks, apart)
    shifts = belief.shift, belief.shift - eased, belief.shift - PARTLY_SHARE * eased

    def ahead(shift: Array, places: Places, wishes: Sequence[Ask]) -> Forecast:
        names = tuple(belief.clients[int(c)] for c in places)
        there = None if known is None else known.after(wishes, names)
        chosen = NOBODY if known is None or there is None else known.chosen
        if there is not None and len(chosen) == len(theta):
            return there
        rest = np.setdiff1d(np.arange(len(theta)), chosen)
        made = _forecast(
            theta[rest], names, belief.latent[np.ix_(rest, places)], shift[np.ix_(rest, places)],
            belief.early[np.ix_(rest, places)], log_terms[places], horizon_months,
        )  # fmt: skip
        return made if there is None else made.joined(rest, there, chosen)

    base = ahead(shifts[0], np.arange(len(asks)), [NOTHING] * len(asks))
    accepted = partly = base
    # Who is asked for a price alone is as they are, whatever they answer.
    moved = np.flatnonzero(eased.any(axis=(0, 2)))
    if len(moved):
        accepted = _put(base, moved, ahead(shifts[1], moved, [asks[int(c)].wish for c in moved]))
        partly = _put(base, moved, ahead(shifts[2], moved, []))
    base_paths, accepted_paths, partly_paths = _simulate(
        theta, belief.clients, belief.latent, shifts, belief.early, log_terms, horizon_months, seed
    )
    return Outlook(
        asks=tuple(asks),
        base=base,
        accepted=accepted,
        partly=partly,
        newcomer=newcomers.forecast,
        outcomes=outcome_probabilities(theta, belief.strain, asks),
        base_paths=base_paths,
        accepted_paths=accepted_paths,
        partly_paths=partly_paths,
        newcomer_paths=newcomers.paths,
        market=market,
        wear=apart.wear,
        payment_spread=theta[:, INVOICE_SCALE],
    )


def eased(
    population: Population,
    belief: Belief,
    *,
    log_terms: Array,
    horizon_months: int,
    wishes: Sequence[Ask],
    chosen: NDArray[np.int64],
    seed: int = 1,
    apart: Unlearned | None = None,
) -> tuple[Forecast, ...]:
    """Forecasts of every client after each of `wishes` is accepted, over some of the draws.

    Parameters
    ----------
    population, belief, log_terms, horizon_months, seed, apart
        As for `outlook`.
    wishes
        Asks; their price is left aside, for it changes no strain.
    chosen
        Which draws.
    """
    theta, latent, shift = population.theta[chosen], belief.latent[chosen], belief.shift[chosen]
    early = belief.early[chosen]
    taken = relief(population.theta, wishes, apart or unlearned(population.n_samples, seed=seed))[chosen]
    return tuple(
        _forecast(theta, belief.clients, latent, shift - taken[:, [w]], early, log_terms, horizon_months)
        for w in range(len(wishes))
    )


def eased_of_some(
    population: Population,
    belief: Belief,
    *,
    log_terms: Array,
    horizon_months: int,
    wishes: Sequence[Ask],
    chosen: NDArray[np.int64],
    asked: NDArray[np.bool_],
    seed: int = 1,
    apart: Unlearned | None = None,
) -> Forecast:
    """The same in one forecast, of those clients alone of whom a wish is `asked` (wish, client), in that order."""
    of_wish, of_client = np.nonzero(asked)
    taken = relief(population.theta, wishes, apart or unlearned(population.n_samples, seed=seed))[chosen]
    return _forecast(
        population.theta[chosen], tuple(belief.clients[c] for c in of_client.tolist()),
        belief.latent[chosen].take(of_client, axis=1),
        belief.shift[chosen].take(of_client, axis=1) - taken.take(of_wish, axis=1),
        belief.early[chosen].take(of_client, axis=1), log_terms[of_client], horizon_months,
    )  # fmt: skip


def _put(base: Forecast, places: NDArray[np.int64], changed: Forecast) -> Forecast:
    """The forecast `base` with the clients at `places` taken from `changed`."""
    arrays: dict[str, Any] = {field.name: getattr(base, field.name).copy() for field in fields(base)[1:]}
    for name, array in arrays.items():
        array[:, places] = getattr(changed, name)
    return Forecast(clients=base.clients, **arrays)


def _forecast(
    theta: Array, clients: tuple[str, ...], latent: Array, shift: Array, early: Array, log_terms: Array, months: int,
    cov: Array | None = None,
) -> Forecast:  # fmt: skip
    # Without a covariance, `latent` is what it is.
    cov = np.zeros((*latent.shape, 4)) if cov is None else cov
    shape = (len(theta), len(clients), months)
    alive: Array = np.empty((*shape[:2], months + 1), dtype=SINGLE)
    alive[:, :, 0] = 1.0
    channels: Array = np.empty((N_CHANNELS, *shape), dtype=SINGLE)

    def work(part: slice) -> None:
        expect(
            theta[part], latent[part], cov[part], shift[part], early[part], log_terms, alive[part], channels[:, part]
        )

    in_threads(work, len(theta))
    hours, never, days, energy, referrals = channels
    return Forecast(
        clients=clients, alive=alive, hours_ratio=hours, never_paid=never, days_to_pay=days, energy=energy,
        referrals=referrals,
    )  # fmt: skip


def _simulate(
    theta: Array, clients: tuple[str, ...], latent: Array, shifts: Sequence[Array], early: Array, log_terms: Array,
    months: int, seed: int,
) -> tuple[Paths, ...]:  # fmt: skip
    """Simulated futures under each of `shifts`, with the same random numbers."""
    shape = len(theta), len(clients)
    terms = np.stack(shifts)
    left_in = np.empty((len(shifts), *shape), dtype=np.int64)
    channels: NDArray[np.float32] = np.empty((len(shifts), N_CHANNELS, *shape, months), dtype=SINGLE)
    # Some clients at a time: the random numbers of all of them would take more room than what comes of them.
    for start in range(0, len(clients), AT_ONCE):
        normal, uniform = shocks_of(clients[start : start + AT_ONCE], len(theta), months, seed)

        def work(part: slice, start: int = start, normal: Array = normal, uniform: Array = uniform) -> None:
            draws = part.start, part.stop
            walk(
                theta, packed(latent), terms, packed(early), log_terms, normal, uniform, draws, start, left_in, channels
            )

        in_threads(work, len(theta))
    return tuple(
        Paths(
            clients=clients, left_in=left, hours_ratio=channel[0], paid=channel[1], days_to_pay=channel[2],
            energy=channel[3], referrals=channel[4],
        )
        for left, channel in zip(left_in, channels, strict=True)
    )  # fmt: skip

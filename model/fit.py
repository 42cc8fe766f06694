"""The population fit: NUTS on everything recorded, with progress, cancel and a gate on its diagnostics."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from model import priors as prior_table
from model.belief import believe
from model.catalogue import TRAITS, Catalogue
from model.chains import Chain, KeptChains, forget
from model.errors import FitError
from model.kernel import digest
from model.language import phrase
from model.ledger import ledger_of
from model.observations import Observations
from model.parameters import Layout
from model.population import Diagnostics, Population, fingerprint_of, library_versions, priors_digest
from model.priors import Priors

# Two chains run at a time. Four of them and not two longer ones: a fit that is interrupted keeps those that are
# complete, and four tell better whether they agree.
CHAINS, AT_A_TIME = 4, 2
# Of 147 parameters and four chains the largest R-hat passes 1.01 by chance in two fits of five: as many chains again
# settle whether it was chance, at half the price of a second try, and their draws are used.
MOST_CHAINS = 2 * CHAINS
TUNE, DRAWS = 300, 600
FIRST_TARGET, SECOND_TARGET = 0.8, 0.95  # acceptance; the second try takes shorter, surer steps
LEDGER_SAMPLES = 150  # enough to tell a chance of one in a hundred, small enough to be kept with the fit
POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a fit is. `seconds_left` is None until it can be told; `share_done` runs from 0 to 1."""

    stage: str
    share_done: float
    seconds_left: float | None
    divergences: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The collapsed model compiled for the sampler, with the catalogue and the priors that are part of it."""

    model: Any
    catalogue: Catalogue
    priors: Priors

    def holding(self, observations: Observations) -> "Graph":
        """The same compiled code with other records in it; clients and months may be more or fewer."""
        from model.generative import set_observations

        return replace(self, model=set_observations(self.model, observations, self.catalogue))


def fit(
    observations: Observations,
    catalogue: Catalogue,
    *,
    seed: int = 1,
    priors: Priors | None = None,
    tune: int = TUNE,
    draws: int = DRAWS,
    graph: Graph | None = None,
    keep: Path | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Population:
    """Sample the population parameters given every client's records.

    If the chains miss the gate and none diverged, as many again are drawn beside them. If the gate is missed still, one
    more try is made with a higher acceptance target and twice the draws; what comes of it is returned either way, and
    `diagnostics.reliable` tells whether to use it.

    Parameters
    ----------
    observations
        All clients, those that left included.
    catalogue
        The signs.
    seed
        Of the sampler.
    priors
        Other priors than the shipped ones.
    tune, draws
        Per chain; there are four chains, or eight, two at a time.
    graph
        A model compiled before by `compile_model`, for the same catalogue and priors.
    keep
        Path the names of complete chains begin with: a fit of the same records and settings that was interrupted goes
        on from those, and ends with the same draws. `model.chains.forget` removes them when they are done with.
    on_progress
        Called about four times a second.
    cancelled
        Asked as often; sampling stops soon after it says yes.

    Raises
    ------
    FitError
        If nothing is recorded, the fit was cancelled, the graph was compiled for something else, or the sampler failed.
    """
    if observations.n_rows == 0:
        raise FitError(phrase("there is nothing to fit yet: no client has a record."))
    table = priors or prior_table.load()
    if graph is not None and (graph.catalogue != catalogue or graph.priors != table):
        raise FitError(phrase("the compiled model is for another catalogue or other priors; compile it again."))
    say = on_progress or (lambda progress: None)
    stop = cancelled or (lambda: False)
    began = time.monotonic()
    about = (fingerprint_of(observations, table), catalogue, digest(), library_versions(), seed)
    stages = phrase("sampling"), phrase("sampling once more")
    tries = [
        _Try(target=target, tune=n * tune, draws=n * draws, stage=stages[n - 1], seed=(seed, n),
             kept=KeptChains(keep, *about, target, n * tune, n * draws))
        for n, target in ((1, FIRST_TARGET), (2, SECOND_TARGET))
    ]  # fmt: skip
    if keep is not None:
        forget(keep, but=tuple(one.kept for one in tries))
    say(Progress(stage=phrase("compiling the model"), share_done=0.0, seconds_left=None))
    ready = compile_model(observations, catalogue, table) if graph is None else graph.holding(observations)
    if stop():
        raise FitError(phrase("the fit was cancelled; the last one stays in use."))

    def sampled(one: _Try, chains: list[Chain], count: int) -> tuple[Population, list[Chain]]:
        chains = _sample(ready, one, chains, count, say, stop)
        return _population(chains, observations, catalogue, table, time.monotonic() - began), chains

    first, second = tries
    population, chains = sampled(first, [], CHAINS)
    if not _reliable(population) and not any(chain.divergences for chain in chains):
        more = replace(first, stage=phrase("sampling more chains"))
        population, _ = sampled(more, chains, MOST_CHAINS)
    if not _reliable(population):
        population, _ = sampled(second, [], CHAINS)
    return with_ledger(population, observations, catalogue, table)


def _reliable(population: Population) -> bool:
    return population.diagnostics is not None and population.diagnostics.reliable


def with_ledger(population: Population, observations: Observations, catalogue: Catalogue, priors: Priors) -> Population:
    """The same population with what it was fitted to, so that what is new since, and how surprising, can be told."""
    belief = believe(population.thinned(LEDGER_SAMPLES), observations, catalogue)
    return replace(
        population,
        ledger=ledger_of(
            observations, catalogue, salt=population.fingerprint, priors=priors_digest(priors), latent=belief.latent,
            shift=belief.shift,
        ),
    )  # fmt: skip


def compile_model(observations: Observations, catalogue: Catalogue, priors: Priors) -> Graph:
    """The collapsed model compiled for the sampler; `Graph.holding` puts other records into it."""
    import nutpie

    from model.generative import collapsed

    return Graph(
        model=nutpie.compile_pymc_model(collapsed(observations, catalogue, priors)), catalogue=catalogue, priors=priors
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    target: float
    tune: int
    draws: int
    stage: str
    seed: tuple[int, int]
    kept: KeptChains


@dataclass(slots=True, kw_only=True)
class _Running:
    sampler: Any
    # Draws finished and divergences, as the sampler's own thread last told them.
    latest: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])


def _sample(
    graph: Graph, one: _Try, drawn: list[Chain], count: int, say: Callable[[Progress], None], stop: Callable[[], bool]
) -> list[Chain]:
    """Chains up to `count`, those after the ones drawn already."""
    numbers = range(len(drawn), count)
    finished = {number: chain for number in numbers if (chain := one.kept.load(number)) is not None}
    taken_up, steps = len(finished), one.tune + one.draws
    stage = one.stage + (
        phrase(", going on from {taken_up} of {chains} chains", taken_up=taken_up, chains=len(numbers))
        if taken_up
        else ""
    )
    waiting = [number for number in numbers if number not in finished]
    running: dict[int, _Running] = {}
    whole = steps * len(numbers)
    began = time.monotonic()
    try:
        while waiting or running:
            while waiting and len(running) < AT_A_TIME:
                number = waiting.pop(0)
                running[number] = _started(graph, one, number)
            if stop():
                raise FitError(phrase("the fit was cancelled; the last one stays in use."))
            done = steps * len(finished) + sum(live.latest[0][0] for live in running.values())
            fresh, spent = done - steps * taken_up, time.monotonic() - began
            left = spent * (whole - done) / fresh if fresh > whole // 50 else None
            divergences = sum(c.divergences for c in finished.values()) + sum(
                live.latest[0][1] for live in running.values()
            )
            say(
                Progress(
                    stage=stage, share_done=done / whole, seconds_left=left, divergences=divergences
                )
            )  # fmt: skip
            for number, live in tuple(running.items()):
                try:
                    trace = live.sampler.wait(timeout=POLL_SECONDS / len(running))
                except TimeoutError:
                    continue
                except RuntimeError as error:
                    raise FitError(phrase("the sampler failed: {error}", error=error)) from error
                del running[number]
                finished[number] = _chain(trace)
                one.kept.save(number, finished[number])
    finally:
        for live in running.values():
            with suppress(RuntimeError):  # it ended by itself
                live.sampler.cancel()
    return [*drawn, *(finished[number] for number in numbers)]


def _started(graph: Graph, one: _Try, number: int) -> _Running:
    import nutpie

    latest: list[tuple[int, int]] = [(0, 0)]

    def note(chains: Any) -> None:
        latest[0] = (sum(c.finished_draws for c in chains), sum(c.divergences for c in chains))

    # Its own seed and its own sampler: what a chain draws must not depend on which others are drawn beside it.
    seed = int(np.random.SeedSequence([*one.seed, number]).generate_state(1)[0])
    # Intercepts of a trait's signs move together with the clients' common level: a low-rank metric learns that.
    sampler = nutpie.sample(
        graph.model, draws=one.draws, tune=one.tune, chains=1, cores=1, seed=seed, target_accept=one.target,
        adaptation="low_rank", progress_bar=False, progress_callback=note, blocking=False, save_warmup=False,
    )  # fmt: skip
    return _Running(sampler=sampler, latest=latest)


def _chain(trace: Any) -> Chain:
    posterior = trace.posterior.ds
    return Chain(
        z=np.asarray(posterior["z"].values[0], dtype=np.float64),
        partials=np.asarray(posterior["partials"].values[0], dtype=np.float64),
        theta=np.asarray(posterior["theta"].values[0], dtype=np.float64),
        divergences=int(trace.sample_stats.ds["diverging"].sum()),
    )


def _population(
    chains: list[Chain], observations: Observations, catalogue: Catalogue, priors: Priors, seconds: float
) -> Population:
    from arviz_stats import ess, rhat
    from xarray import Dataset

    free = np.stack([np.concatenate([chain.z, chain.partials], axis=1) for chain in chains])
    labelled = Dataset({"free": (("chain", "draw", "place"), free)})
    rhats = np.asarray(rhat(labelled)["free"])
    sizes = np.asarray(ess(labelled, method="bulk")["free"])
    layout = Layout.of(catalogue)
    diagnostics = Diagnostics(
        worst_rhat=float(rhats.max()),
        worst_ess=float(sizes.min()),
        divergences=sum(chain.divergences for chain in chains),
        draws=free.shape[1],
        chains=len(chains),
        seconds=seconds,
        worst_parameter=_name(layout, catalogue, int(sizes.argmin())),
    )
    return Population(
        theta=np.ascontiguousarray(np.concatenate([chain.theta for chain in chains])),
        names=layout.names(catalogue),
        basis="fit",
        fingerprint=fingerprint_of(observations, priors),
        made_on=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=library_versions(),
        diagnostics=diagnostics,
    )


def _name(layout: Layout, catalogue: Catalogue, place: int) -> str:
    names: list[str] = []
    for block, size in layout.free_blocks:
        if block in ("sign_base", "sign_strength"):
            names += [f"{block}[{sign.id}]" for sign in catalogue.ticked]
        else:
            names += [block if size == 1 else f"{block}[{i}]" for i in range(size)]
    names += [f"correlation[{a},{b}]" for a, b in combinations(TRAITS, 2)]
    return names[place]

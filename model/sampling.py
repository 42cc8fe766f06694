"""The chains of a fit: NUTS, so many at a time, with progress, cancel, and what the gate on them looks at."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from model.chains import Chain, KeptChains, forget
from model.errors import FitError
from model.language import phrase
from model.parameters import Array
from model.population import Diagnostics

# Two chains run at a time. Four of them and not two longer ones: a fit that is interrupted keeps those that are
# complete, and four tell better whether they agree.
CHAINS, AT_A_TIME = 4, 2
# Of some 150 parameters and four chains the largest R-hat passes 1.01 by chance in two fits of five: as many chains
# again settle whether it was chance, at half the price of a second try, and their draws are used.
MOST_CHAINS = 2 * CHAINS
FIRST_TARGET, SECOND_TARGET = 0.8, 0.95  # acceptance; the second try takes shorter, surer steps
POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a fit is. `seconds_left` is None until it can be told; `share_done` runs from 0 to 1."""

    stage: str
    share_done: float
    seconds_left: float | None
    divergences: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try: the acceptance aimed for, the steps of each chain, and where complete chains are kept.

    `most` is how many chains there may be: those after the first four are drawn where these miss the gate undiverged.
    """

    target: float
    tune: int
    draws: int
    stage: str
    seed: tuple[int, int]
    kept: KeptChains
    most: int = CHAINS


@dataclass(slots=True, kw_only=True)
class Running:
    """A chain under way."""

    sampler: Any
    # Draws finished and divergences, as the sampler's own thread last told them.
    latest: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """The chains of the last try, and how well they mixed."""

    chains: list[Chain]
    diagnostics: Diagnostics


def sample_until_reliable(
    model: Any, tries: Sequence[Try], names: Sequence[str], *, began: float, say: Callable[[Progress], None],
    stop: Callable[[], bool], behind: Sequence[str] = ("z",),
) -> Sampled:  # fmt: skip
    """Chains of the first try whose diagnostics pass the gate, or of the last one either way.

    A try without a divergence that may have more chains than four gets them before the next one is made.

    Parameters
    ----------
    model
        Compiled for the sampler.
    tries
        From `two_tries`.
    names
        Of everything whose mixing is judged: what is in `behind`, then the partial correlations.
    began
        When the fit began, by `time.monotonic`.
    say, stop
        Told how far it is, and asked whether to stop, about four times a second.
    behind
        Random variables of the model that make up `Chain.z`, one after the other.

    Raises
    ------
    FitError
        If it was cancelled, or the sampler failed.
    """
    found: Sampled | None = None
    for one in tries:
        chains: list[Chain] = []
        for count, stage in ((CHAINS, one.stage), (one.most, phrase("sampling more chains"))):
            if len(chains) == count or any(chain.divergences for chain in chains):
                break
            chains = sample(model, replace(one, stage=stage), chains, count, say, stop, behind)
            found = Sampled(chains=chains, diagnostics=diagnostics_of(chains, names, time.monotonic() - began))
            if found.diagnostics.reliable:
                return found
    assert found is not None
    return found


def two_tries(keep: Path | None, about: Sequence[object], *, seed: int, tune: int, draws: int) -> tuple[Try, ...]:
    """A try, and one with a higher acceptance target and twice the steps; kept chains of other settings are removed."""
    stages = phrase("sampling"), phrase("sampling once more")
    tries = tuple(
        Try(target=aim, tune=n * tune, draws=n * draws, stage=stages[n - 1], seed=(seed, n), most=most,
            kept=KeptChains(keep, *about, aim, n * tune, n * draws))
        for n, aim, most in ((1, FIRST_TARGET, MOST_CHAINS), (2, SECOND_TARGET, CHAINS))
    )  # fmt: skip
    if keep is not None:
        forget(keep, but=tuple(one.kept for one in tries))
    return tries


def diagnostics_of(chains: Sequence[Chain], names: Sequence[str], seconds: float) -> Diagnostics:
    """How well the chains mixed, judged on the numbers behind the parameters."""
    from arviz_stats import ess, rhat
    from xarray import Dataset

    free = np.stack([np.concatenate([chain.z, chain.partials], axis=1) for chain in chains])
    labelled = Dataset({"free": (("chain", "draw", "place"), free)})
    rhats = np.asarray(rhat(labelled)["free"])
    sizes = np.asarray(ess(labelled, method="bulk")["free"])
    return Diagnostics(
        worst_rhat=float(rhats.max()),
        worst_ess=float(sizes.min()),
        divergences=sum(chain.divergences for chain in chains),
        draws=free.shape[1],
        chains=len(chains),
        seconds=seconds,
        worst_parameter=names[int(sizes.argmin())],
    )


def sample(
    model: Any, one: Try, drawn: list[Chain], count: int, say: Callable[[Progress], None], stop: Callable[[], bool],
    behind: Sequence[str] = ("z",),
) -> list[Chain]:  # fmt: skip
    """Chains of one try up to `count`, those already drawn first; those complete before are taken up again."""
    numbers = range(len(drawn), count)
    finished = {number: chain for number in numbers if (chain := one.kept.load(number)) is not None}
    taken_up, steps = len(finished), one.tune + one.draws
    stage = one.stage + (
        phrase(", going on from {taken_up} of {chains} chains", taken_up=taken_up, chains=len(numbers))
        if taken_up
        else ""
    )
    whole = steps * len(numbers)
    waiting = [number for number in numbers if number not in finished]
    running: dict[int, Running] = {}
    began = time.monotonic()
    try:
        while waiting or running:
            while waiting and len(running) < AT_A_TIME:
                number = waiting.pop(0)
                running[number] = started(model, one, number)
            if stop():
                raise FitError(phrase("the fit was cancelled; what was in use stays in use."))
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
                finished[number] = chain_of(trace, behind)
                one.kept.save(number, finished[number])
    finally:
        for live in running.values():
            with suppress(RuntimeError):  # it ended by itself
                live.sampler.cancel()
    return [*drawn, *(finished[number] for number in numbers)]


def started(model: Any, one: Try, number: int) -> Running:
    """Begin one chain."""
    import nutpie

    latest: list[tuple[int, int]] = [(0, 0)]

    def note(chains: Any) -> None:
        latest[0] = (sum(c.finished_draws for c in chains), sum(c.divergences for c in chains))

    # Its own seed and its own sampler: what a chain draws must not depend on which others are drawn beside it.
    seed = int(np.random.SeedSequence([*one.seed, number]).generate_state(1)[0])
    # Intercepts of a trait's signs move together with the clients' common level: a low-rank metric learns that.
    sampler = nutpie.sample(
        model, draws=one.draws, tune=one.tune, chains=1, cores=1, seed=seed, target_accept=one.target,
        adaptation="low_rank", progress_bar=False, progress_callback=note, blocking=False, save_warmup=False,
    )  # fmt: skip
    return Running(sampler=sampler, latest=latest)


def chain_of(trace: Any, behind: Sequence[str]) -> Chain:
    """What is kept of a chain that ended."""
    posterior = trace.posterior.ds
    return Chain(
        z=np.concatenate([_flat(posterior[name].values[0]) for name in behind], axis=1),
        partials=np.asarray(posterior["partials"].values[0], dtype=np.float64),
        theta=np.asarray(posterior["theta"].values[0], dtype=np.float64),
        divergences=int(trace.sample_stats.ds["diverging"].sum()),
    )


def _flat(values: Any) -> Array:
    return np.asarray(values, dtype=np.float64).reshape(len(values), -1)

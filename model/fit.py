"""The population fit: NUTS on everything recorded, with progress, cancel and a gate on its diagnostics."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from model import priors as prior_table
from model.catalogue import Catalogue
from model.errors import FitError
from model.observations import Observations
from model.parameters import Layout
from model.population import Diagnostics, Population, fingerprint_of, library_versions
from model.priors import Priors

CHAINS = 2
TUNE, DRAWS = 500, 1000
FIRST_TARGET, SECOND_TARGET = 0.8, 0.95  # acceptance; the second try takes shorter, surer steps
POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a fit is. `seconds_left` is None until it can be told; `share_done` runs from 0 to 1."""

    stage: str
    share_done: float
    seconds_left: float | None
    divergences: int = 0


def fit(
    observations: Observations,
    catalogue: Catalogue,
    *,
    seed: int = 1,
    priors: Priors | None = None,
    tune: int = TUNE,
    draws: int = DRAWS,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Population:
    """Sample the population parameters given every client's records.

    If the diagnostics do not pass the gate, one more try is made with a higher acceptance target and twice the draws;
    what comes of it is returned either way, and `diagnostics.reliable` tells whether to use it.

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
        Per chain; there are two chains.
    on_progress
        Called about four times a second.
    cancelled
        Asked as often; sampling stops soon after it says yes.

    Raises
    ------
    FitError
        If nothing is recorded, the fit was cancelled, or the sampler failed.
    """
    if observations.n_rows == 0:
        raise FitError("there is nothing to fit yet: no client has a record.")
    table = priors or prior_table.load()
    say = on_progress or (lambda progress: None)
    stop = cancelled or (lambda: False)
    began = time.monotonic()
    say(Progress(stage="compiling the model", share_done=0.0, seconds_left=None))
    compiled = compile_model(observations, catalogue, table)
    if stop():
        raise FitError("the fit was cancelled; the last one stays in use.")
    tries = ((FIRST_TARGET, tune, draws, "sampling"), (SECOND_TARGET, 2 * tune, 2 * draws, "sampling once more"))
    population: Population | None = None
    for target, n_tune, n_draws, stage in tries:
        trace = _sample(compiled, seed, target, n_tune, n_draws, stage, say, stop)
        population = _population(trace, observations, catalogue, table, time.monotonic() - began)
        if population.diagnostics is not None and population.diagnostics.reliable:
            break
    assert population is not None
    return population


def compile_model(observations: Observations, catalogue: Catalogue, priors: Priors) -> Any:
    """The collapsed model compiled for the sampler; `generative.set_observations` puts other records into it."""
    import nutpie

    from model.generative import collapsed

    return nutpie.compile_pymc_model(collapsed(observations, catalogue, priors))


def _sample(
    compiled: Any, seed: int, target: float, tune: int, draws: int, stage: str,
    say: Callable[[Progress], None], stop: Callable[[], bool],
) -> Any:  # fmt: skip
    import nutpie

    total = CHAINS * (tune + draws)
    latest: list[tuple[int, int]] = [(0, 0)]

    def note(chains: Any) -> None:
        latest[0] = (sum(c.finished_draws for c in chains), sum(c.divergences for c in chains))

    began = time.monotonic()
    # Intercepts of a trait's signs move together with the clients' common level: a low-rank metric learns that.
    sampler = nutpie.sample(
        compiled, draws=draws, tune=tune, chains=CHAINS, cores=CHAINS, seed=seed, target_accept=target,
        adaptation="low_rank", progress_bar=False, progress_callback=note, blocking=False, save_warmup=False,
    )  # fmt: skip
    while True:
        if stop():
            sampler.cancel()
            raise FitError("the fit was cancelled; the last one stays in use.")
        done, divergences = latest[0]
        spent = time.monotonic() - began
        left = spent * (total - done) / done if done > total // 50 else None
        say(Progress(stage=stage, share_done=done / total, seconds_left=left, divergences=divergences))
        try:
            return sampler.wait(timeout=POLL_SECONDS)
        except TimeoutError:
            continue
        except RuntimeError as error:
            raise FitError(f"the sampler failed: {error}") from error


def _population(
    trace: Any, observations: Observations, catalogue: Catalogue, priors: Priors, seconds: float
) -> Population:
    from arviz_stats import ess, rhat

    posterior = trace.posterior.ds
    free = posterior[["z", "partials"]]
    rhats = {name: np.asarray(value) for name, value in rhat(free).data_vars.items()}
    sizes = {name: np.asarray(value) for name, value in ess(free, method="bulk").data_vars.items()}
    theta = posterior["theta"].stack(sample=("chain", "draw")).transpose("sample", ...).values
    layout = Layout.of(catalogue)
    least = int(sizes["z"].argmin())
    diagnostics = Diagnostics(
        worst_rhat=float(max(value.max() for value in rhats.values())),
        worst_ess=float(min(value.min() for value in sizes.values())),
        divergences=int(trace.sample_stats.ds["diverging"].sum()),
        draws=int(posterior.sizes["draw"]),
        chains=int(posterior.sizes["chain"]),
        seconds=seconds,
        worst_parameter=_name(layout, catalogue, least),
    )
    return Population(
        theta=np.ascontiguousarray(theta, dtype=np.float64),
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
    return names[place]

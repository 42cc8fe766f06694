"""The population fit: NUTS on everything recorded, with progress, cancel and a gate on its diagnostics."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from model import priors as prior_table
from model.belief import believe
from model.bound import slopes
from model.catalogue import TRAITS, Catalogue
from model.errors import FitError
from model.kernel import digest
from model.language import phrase
from model.ledger import ledger_of
from model.likelihood import kernel_data
from model.observations import Observations
from model.parameters import Layout
from model.population import Population, fingerprint_of, library_versions, priors_digest
from model.priors import Priors
from model.sampling import Progress as Progress
from model.sampling import sample_until_reliable, two_tries
from model.taking_up import some_draws

TUNE, DRAWS = 300, 600
LEDGER_SAMPLES = 150  # enough to tell a chance of one in a hundred, small enough to be kept with the fit


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
    tries = two_tries(keep, about, seed=seed, tune=tune, draws=draws)
    say(Progress(stage=phrase("compiling the model"), share_done=0.0, seconds_left=None))
    ready = compile_model(observations, catalogue, table) if graph is None else graph.holding(observations)
    if stop():
        raise FitError(phrase("the fit was cancelled; what was in use stays in use."))
    found = sample_until_reliable(
        ready.model, tries, names_of_free(Layout.of(catalogue), catalogue), began=began, say=say, stop=stop
    )
    population = Population(
        theta=np.ascontiguousarray(np.concatenate([chain.theta for chain in found.chains])),
        names=Layout.of(catalogue).names(catalogue),
        basis="fit",
        fingerprint=fingerprint_of(observations, table),
        made_on=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=library_versions(),
        diagnostics=found.diagnostics,
    )
    return with_ledger(population, observations, catalogue, table)


def with_ledger(population: Population, observations: Observations, catalogue: Catalogue, priors: Priors) -> Population:
    """The same population with what it was fitted to, so that what is new since, and how surprising, can be told.

    What the records said of the population goes with it, for later months to be taken up (`model.taking_up`).
    """
    belief = believe(population.thinned(LEDGER_SAMPLES), observations, catalogue)
    return replace(
        population,
        slopes=slopes(some_draws(population), kernel_data(observations, catalogue))[1],
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


def names_of_free(layout: Layout, catalogue: Catalogue) -> tuple[str, ...]:
    """A name for each of the numbers behind the parameters: the standard normal ones, then the correlations."""
    names: list[str] = []
    for block, size in layout.free_blocks:
        if block in ("sign_base", "sign_strength"):
            names += [f"{block}[{sign.id}]" for sign in catalogue.ticked]
        else:
            names += [block if size == 1 else f"{block}[{i}]" for i in range(size)]
    names += [f"correlation[{a},{b}]" for a, b in combinations(TRAITS, 2)]
    return tuple(names)

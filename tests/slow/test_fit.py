"""The fit: two forms of one story agree, and one compiled graph serves every portfolio."""

import ctypes
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy as np
import pytest

from model import catalogue as signs
from model import fit as fits
from model import priors
from model.bound import TOLERANCE, bound_of
from model.catalogue import Catalogue
from model.likelihood import kernel_data
from model.observations import Observations, observe
from model.parameters import Layout, natural, polarity_of
from model.population import from_prior
from model.records import Records
from model.simulate import simulate, typical_population

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CATALOGUE = signs.load()
UNTIL = date(2026, 10, 31)


def small_catalogue() -> Catalogue:
    """The standing facts and one sign of each trait."""
    ticked = {next(s.id for s in CATALOGUE.ticked if s.trait == trait and not s.is_good) for trait in signs.TRAITS}
    return Catalogue(tuple(s for s in CATALOGUE.signs if s.kind == "standing" or s.id in ticked))


def world(catalogue: Catalogue, clients: int, months: int) -> Records:
    theta = typical_population(catalogue)
    return simulate(theta, catalogue, clients=clients, months=months, until=UNTIL, rng=np.random.default_rng(6)).records


@contextmanager
def others_warnings() -> Iterator[None]:
    """PyMC and its compilers warn about themselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_the_written_out_story_draws_the_population_the_plain_priors_do():
    with others_warnings():
        import pymc as pm

        from model.generative import collapsed, story

        seen = observe(world(CATALOGUE, 2, 3), CATALOGUE, UNTIL)
        for form in (story, collapsed):
            (theta,) = pm.draw([form(seen, CATALOGUE, priors.load())["theta"]], draws=4000, random_seed=1)
            plain = from_prior(CATALOGUE, rng=np.random.default_rng(2), n_samples=4000).theta
            spread = plain.std(axis=0)
            fixed = spread < 1e-12
            assert np.allclose(theta[:, fixed], plain[:, fixed])
            error = np.sqrt(2 / 4000) * spread[~fixed]
            # Some 150 parameters: the largest of so many differences of means is well within five errors.
            assert (np.abs(theta.mean(axis=0) - plain.mean(axis=0))[~fixed] < 5 * error).all()
            logs = [np.log(np.abs(t[:, ~fixed]) + 1e-9).std(axis=0) for t in (theta, plain)]
            assert np.abs(logs[0] / logs[1] - 1).max() < 0.25


def test_integrating_the_months_out_leaves_the_population_the_written_out_story_has():
    catalogue = small_catalogue()
    seen = observe(world(catalogue, 3, 6), catalogue, UNTIL)
    with others_warnings():
        import nutpie

        from model.generative import collapsed, story

        draws = []
        for form in (story, collapsed):
            compiled = nutpie.compile_pymc_model(form(seen, catalogue, priors.load()))
            trace = nutpie.sample(
                compiled, draws=1000, tune=400, chains=2, cores=2, seed=3, target_accept=0.9, progress_bar=False
            )
            draws.append(trace.posterior.ds["theta"].stack(sample=("chain", "draw")).transpose("sample", ...).values)
    exact, bound = draws
    free = exact.std(axis=0) > 1e-12
    names = np.array(Layout.of(catalogue).names(catalogue))[free]
    off = np.abs(exact.mean(axis=0) - bound.mean(axis=0))[free] / exact.std(axis=0)[free]
    assert off.max() < 0.2, list(zip(names[off > 0.1], off[off > 0.1].round(2), strict=True))


def log_density(compiled: Any, at: np.ndarray) -> float:
    """Of a model compiled for the sampler, as the sampler itself asks for it."""
    value, gradient = np.zeros(()), np.zeros_like(at)
    real = ctypes.POINTER(ctypes.c_double)
    failed = compiled.compiled_logp_func.ctypes(
        at.size, at.ctypes.data_as(real), gradient.ctypes.data_as(real), value.ctypes.data_as(real),
        compiled.user_data.ctypes.data,
    )  # fmt: skip
    assert failed == 0
    return float(value)


def bound(seen: Observations, theta: np.ndarray) -> float:
    """Of all records, computed without the sampler's compiled model."""
    return bound_of(theta, kernel_data(seen, CATALOGUE), TOLERANCE)[0]


def test_one_compiled_graph_serves_more_clients_and_more_months_without_compiling_again():
    few, many = (observe(world(CATALOGUE, *size), CATALOGUE, UNTIL) for size in ((2, 3), (5, 9)))
    table, layout = priors.load(), Layout.of(CATALOGUE)
    with others_warnings():
        first = fits.compile_model(few, CATALOGUE, table)
        other = first.holding(many)
    assert other.model.compiled_logp_func is first.model.compiled_logp_func
    at = np.zeros(first.model.n_dim)
    location, _, positive = table.location_and_scale(CATALOGUE, layout)
    values = np.where(positive > 0, np.exp(location * positive), location)
    theta = natural(values, np.zeros(6), polarity_of(CATALOGUE), layout, np)
    # The prior is the same in both, so what is left of the difference is the records.
    difference = log_density(other.model, at) - log_density(first.model, at)
    assert difference == pytest.approx(bound(many, theta) - bound(few, theta), abs=1e-6)
    assert log_density(other.holding(few).model, at) == pytest.approx(log_density(first.model, at), abs=1e-9)

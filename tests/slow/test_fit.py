"""The fit: two forms of one story agree, and the worker takes it from the records to the desk."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.desk import Desk
from app.fitting import FitStatus, start, status, wait, work
from app.store import open_portfolio
from model import catalogue as signs
from model import fit as fits
from model import priors
from model.bound import TOLERANCE, bound_of
from model.catalogue import Catalogue
from model.chains import kept_at
from model.likelihood import kernel_data
from model.observations import Observations, observe
from model.parameters import Layout, natural, polarity_of
from model.population import fingerprint_of, from_prior, load
from model.records import Records, Sighting
from model.simulate import simulate, typical_population

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CATALOGUE = signs.load()
UNTIL = date(2026, 10, 31)
COMPILES = Path(__file__).parents[2] / "benchmarks" / "fit.py"


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


def test_the_worker_fits_saves_and_the_desk_uses_the_draws_until_a_record_is_added(tmp_path: Path, monkeypatch):
    records = world(CATALOGUE, 3, 8)
    portfolio = open_portfolio(tmp_path / "portfolio.db")
    portfolio.add(*records.clients, *records.checkins, *records.sightings, *records.invoices, *records.hours,
                  *records.events, *records.searches)  # fmt: skip
    told: list[FitStatus] = []
    real = fits.fit

    def watched(*arguments, on_progress, **options):
        def note(progress):
            on_progress(progress)
            told.append(status(portfolio.path))

        return real(*arguments, on_progress=note, **options)

    monkeypatch.setattr(fits, "fit", watched)
    with others_warnings():
        ended = work(portfolio.path, UNTIL, tune=300, draws=600)
    assert ended.state == "done", ended
    assert {t.state for t in told} == {"running"}
    shares = [t.share_done for t in told if t.message == "sampling"]
    assert shares == sorted(shares) and told[0].message == "compiling the model"

    desk = Desk(portfolio.path, today=UNTIL)
    made = load(desk.fit_path, CATALOGUE)
    assert made.fingerprint == fingerprint_of(observe(desk.records(), CATALOGUE, UNTIL), priors.load())
    assert made.diagnostics == ended.diagnostics and made.diagnostics is not None and made.diagnostics.reliable
    assert desk.population().basis == "fit" and not desk.freshness().stale
    judgement = desk.judgement()
    assert judgement.basis == "fit" and len(judgement.decisions) == len(desk.records().active(UNTIL))
    portfolio.add(Sighting(client=records.clients[0].name, on=date(2026, 10, 5), sign="disrespect"))
    assert desk.freshness().stale


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


@pytest.mark.filterwarnings("ignore:subprocess:ResourceWarning")  # a worker outlives who started it, on purpose
def test_a_worker_that_is_killed_loses_no_complete_chain_and_ends_with_the_same_draws(tmp_path: Path):
    records = world(CATALOGUE, 2, 4)
    path, other, sizes = tmp_path / "portfolio.db", tmp_path / "other.db", {"tune": 60, "draws": 60}
    for place in (path, other):
        open_portfolio(place).add(*records.clients, *records.checkins, *records.sightings, *records.invoices,
                                  *records.hours, *records.events, *records.searches)  # fmt: skip
    # Code just compiled and the same code read from the cache may differ in the last bit of a number, which moves a
    # chain elsewhere. So one process only compiles, and every worker after it reads what that kept.
    subprocess.run([sys.executable, COMPILES, "--compile-only"], check=True, capture_output=True)
    start(other, UNTIL, **sizes)
    wait(other, lambda now: None, seconds=0.05)
    whole = load(Desk(other, today=UNTIL).fit_path, CATALOGUE)

    start(path, UNTIL, **sizes)
    worker = json.loads(path.with_name(f"{path.name}.fit.json").read_text())["pid"]
    until = time.monotonic() + 300
    while not kept_at(path.with_name(f"{path.name}.fit")):
        assert status(path).state == "running" and time.monotonic() < until
        time.sleep(0.05)
    os.kill(worker, signal.SIGKILL)
    while status(path).state == "running":
        time.sleep(0.05)
    assert status(path).state == "failed" and "already complete" in status(path).message

    said: set[str] = set()
    start(path, UNTIL, **sizes)
    assert "already complete" in status(path).message
    ended = wait(path, lambda now: said.add(now.message), seconds=0.05)
    assert any("going on from" in message for message in said), said
    assert ended.diagnostics is not None and ended.state in ("done", "failed")
    made = load(Desk(path, today=UNTIL).fit_path, CATALOGUE)
    assert np.array_equal(made.theta, whole.theta)
    assert not kept_at(path.with_name(f"{path.name}.fit"))

"""The worker that fits: from the records to the desk, and on again where it was killed."""

import json
import os
import signal
import subprocess
import sys
import time
import warnings
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from app.desk import Desk
from app.fitting import FitStatus, start, status, wait, work
from app.store import open_portfolio
from model import catalogue as signs
from model import fit as fits
from model import priors
from model.chains import kept_at
from model.observations import observe
from model.population import fingerprint_of, load
from model.records import Records, Sighting
from model.simulate import simulate, typical_population

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CATALOGUE = signs.load()
UNTIL = date(2026, 10, 31)
COMPILES = Path(__file__).parents[2] / "benchmarks" / "fit.py"


def world(clients: int, months: int) -> Records:
    theta = typical_population(CATALOGUE)
    return simulate(theta, CATALOGUE, clients=clients, months=months, until=UNTIL, rng=np.random.default_rng(6)).records


def test_the_worker_fits_saves_and_the_desk_uses_the_draws_until_a_record_is_added(tmp_path: Path, monkeypatch):
    records = world(3, 8)
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
    with warnings.catch_warnings():
        # PyMC and its compilers warn about themselves.
        warnings.simplefilter("ignore")
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


@pytest.mark.filterwarnings("ignore:subprocess:ResourceWarning")  # a worker outlives who started it, on purpose
def test_a_worker_that_is_killed_loses_no_complete_chain_and_ends_with_the_same_draws(tmp_path: Path):
    records = world(2, 4)
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

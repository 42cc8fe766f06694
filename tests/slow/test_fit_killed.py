"""A worker that fits is killed, and the next one goes on from what it left."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from app.desk import Desk
from app.fitting import start, status, wait
from app.store import open_portfolio
from model import catalogue as signs
from model.chains import kept_at
from model.population import load
from model.simulate import simulate, typical_population

pytestmark = [pytest.mark.slow, pytest.mark.timeout(450)]

CATALOGUE = signs.load()
UNTIL = date(2026, 10, 31)
COMPILES = Path(__file__).parents[2] / "benchmarks" / "fit.py"


@pytest.mark.filterwarnings("ignore:subprocess:ResourceWarning")  # a worker outlives who started it, on purpose
def test_a_worker_that_is_killed_loses_no_complete_chain_and_ends_with_the_same_draws(tmp_path: Path):
    rng = np.random.default_rng(6)
    records = simulate(typical_population(CATALOGUE), CATALOGUE, clients=2, months=4, until=UNTIL, rng=rng).records
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

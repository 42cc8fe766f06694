"""The worker that fits: from the records to the desk."""

import warnings
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from app.desk import Desk
from app.fitting import FitStatus, status, work
from app.store import open_portfolio
from model import catalogue as signs
from model import fit as fits
from model import priors
from model.observations import observe
from model.population import fingerprint_of, load
from model.records import Records, Sighting
from model.simulate import simulate, typical_population

pytestmark = [pytest.mark.slow, pytest.mark.timeout(250)]

CATALOGUE = signs.load()
UNTIL = date(2026, 10, 31)


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

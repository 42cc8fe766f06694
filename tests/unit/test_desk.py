"""The desk makes each thing once."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from app.desk import Desk, draws_of
from app.store import open_portfolio
from model import priors
from model.population import save
from model.records import CheckIn, Client, Records


def test_a_new_record_leaves_the_draws_as_they_are_so_that_the_judgement_is_carried_on(tmp_path: Path) -> None:
    portfolio = open_portfolio(tmp_path / "desk.db")
    portfolio.add(Client(name="A", currency="EUR", since=date(2026, 1, 1), billing="retainer"))
    desk = Desk(tmp_path / "desk.db", today=date(2026, 9, 30))
    before = desk.population()
    desk.portfolio.add(CheckIn(client="A", month=date(2026, 8, 1), energy=2))
    assert desk.population() is before


def test_a_portfolio_is_read_once_until_it_changes_whoever_changed_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = open_portfolio(tmp_path / "desk.db")
    mine.add(Client(name="A", currency="EUR", since=date(2026, 1, 1), billing="retainer"))
    desk, reads = Desk(tmp_path / "desk.db", today=date(2026, 9, 30)), 0
    records = desk.portfolio.records

    def counting(as_of: date | None = None) -> Records:
        nonlocal reads
        reads += 1
        return records(as_of)

    monkeypatch.setattr(desk.portfolio, "records", counting)
    for _ in range(3):
        assert len(desk.records().checkins) == 0
        desk.population(), desk.freshness()
    assert reads == 1
    mine.add(CheckIn(client="A", month=date(2026, 8, 1), energy=2))
    assert len(desk.records().checkins) == 1
    desk.population(), desk.freshness()
    assert reads == 2


def test_a_second_fit_of_the_same_records_is_answered_from(tmp_path: Path) -> None:
    portfolio = open_portfolio(tmp_path / "desk.db")
    portfolio.add(Client(name="A", currency="EUR", since=date(2026, 1, 1), billing="retainer"))
    desk = Desk(tmp_path / "desk.db", today=date(2026, 9, 30))
    fits = [
        replace(draws_of(priors.load(), n_samples=desk.population().n_samples, seed=seed), basis="fit", fingerprint="x")
        for seed in (2, 3)
    ]
    for made_at, fit in enumerate(fits):
        save(fit, desk.fit_path)
        os.utime(desk.fit_path, ns=(made_at, made_at))
        assert np.array_equal(desk.judgement().population.theta, fit.theta)

"""The desk makes each thing once."""

from datetime import date
from pathlib import Path

from app.desk import Desk
from app.store import open_portfolio
from model.records import CheckIn, Client


def test_a_new_record_leaves_the_draws_as_they_are_so_that_the_judgement_is_carried_on(tmp_path: Path) -> None:
    portfolio = open_portfolio(tmp_path / "desk.db")
    portfolio.add(Client(name="A", currency="EUR", since=date(2026, 1, 1), billing="retainer"))
    desk = Desk(tmp_path / "desk.db", today=date(2026, 9, 30))
    before = desk.population()
    desk.portfolio.add(CheckIn(client="A", month=date(2026, 8, 1), energy=2))
    assert desk.population() is before

"""Care of the records: a copy and the way back, and a client forgotten so that no file holds the name."""

import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from app.store import open_portfolio
from app.store.backup import backups_of, make_backup, restore
from app.store.forgetting import FORGOTTEN, forget
from app.store.portfolio import Portfolio
from app.store.sqlite import SqliteFile
from model.errors import StoreError, UnknownClient
from model.records import CheckIn, Client, Event, Sighting
from model.settings import Scenario, Settings

ROOT = Path(__file__).parents[2]
NAME = 'Zebulon Quartz "Ltd"'


def portfolio_at(path: Path) -> Portfolio:
    portfolio = open_portfolio(path)
    for name in (NAME, "Acme"):
        portfolio.add(Client(name=name, currency="EUR", since=date(2024, 1, 1), billing="fixed"))
    portfolio.add(
        CheckIn(client=NAME, month=date(2024, 2, 1), note="quiet"),
        Sighting(client=NAME, on=date(2024, 2, 3), sign="disrespect"),
        Event(client="Acme", on=date(2024, 2, 3), kind="note", note=f"met through {NAME}"),
    )  # fmt: skip
    portfolio.end(NAME, date(2024, 6, 1), "me")
    portfolio.save_settings(Settings(scenarios=(Scenario(name=f"without {NAME}", drop=(NAME,)),)))
    document = '{"clients": [{"client": "Zebulon Quartz \\"Ltd\\"", "fee": 1}, {"client": "Acme"}], "summary": ["x"]}'
    portfolio.keep_review(document, as_of=date(2024, 5, 1), first_day=date(2024, 4, 1), fingerprint="x")
    return portfolio


def test_a_forgotten_client_leaves_no_trace_in_any_file(tmp_path: Path) -> None:
    path = tmp_path / "portfolio.db"
    portfolio = portfolio_at(path)
    (tmp_path / "portfolio.db.fit.npz").write_bytes(b"draws")
    backup = make_backup(SqliteFile(path))
    found = forget(SqliteFile(path), NAME)
    assert found.rows == 4 and found.backups == (str(backup),)  # the client twice: as added, and as ended
    assert [file.name for file in found.files] == ["portfolio.db.fit.npz"]
    backup.unlink()
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert b"Zebulon" not in content, file
    records = portfolio.records()
    assert [client.name for client in records.clients] == ["Acme"]
    assert records.events[0].note == f"met through {FORGOTTEN}"
    assert portfolio.settings.scenarios == ()  # there was nothing else in the only one
    assert portfolio.reviews()[0].document.count("client") == 2  # the heading, and the one who is left
    assert portfolio.history(1)[0].kind == "forget"
    # Everything else holds as before: rows cannot be changed, and the file is whole.
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute("DELETE FROM clients")


def test_nobody_else_is_touched_and_an_unknown_name_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "portfolio.db"
    before = portfolio_at(path).records()
    with pytest.raises(UnknownClient):
        forget(SqliteFile(path), "Nobody")
    assert open_portfolio(path).records() == before
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("DELETE FROM clients")


def test_a_backup_brings_everything_back_and_keeps_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "portfolio.db"
    portfolio = portfolio_at(path)
    copy = make_backup(SqliteFile(path))
    assert copy.stat().st_mode & 0o077 == 0
    before = portfolio.records()
    portfolio.add(Client(name="Late", currency="EUR", since=date(2025, 1, 1), billing="fixed"))
    kept = restore(path, copy)
    assert open_portfolio(path).records() == before
    assert kept is not None and {c.name for c in open_portfolio(kept).records().clients} == {NAME, "Acme", "Late"}
    assert set(backups_of(path)) == {copy, kept}
    with pytest.raises(StoreError, match="exists already"):
        make_backup(SqliteFile(path), copy)


def test_a_backup_of_an_earlier_schema_is_moved_up_and_a_damaged_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "portfolio.db"
    portfolio_at(path)
    old = tmp_path / "old.db"
    shutil.copy(ROOT / "tests" / "fixtures" / "schema-0001.db", old)
    restore(path, old)
    assert [client.name for client in open_portfolio(path).records().clients] == ["Anchor"]
    held = path.read_bytes()
    broken = tmp_path / "broken.db"
    broken.write_bytes(held[: len(held) // 2])
    for backup in (broken, tmp_path / "missing.db", path):
        with pytest.raises(StoreError):
            restore(path, backup)
    assert path.read_bytes() == held
    assert not list(tmp_path.glob("*-restoring-*"))


def test_care_from_the_command_line(filled, tmp_path: Path) -> None:
    copy = filled.json("backup")["backup"]
    filled("forget", "Moody Museum", code=1)
    assert "say --yes" in filled.stderr
    found = filled.json("forget", "Moody Museum", "--yes")
    assert found["rows"] > 0 and found["backups"] == [copy]
    assert [d["client"] for d in filled.json("decide")] == ["Anchor Bakery"]
    filled("restore", copy, "--yes")
    assert [d["client"] for d in filled.json("decide")] == ["Anchor Bakery", "Moody Museum"]

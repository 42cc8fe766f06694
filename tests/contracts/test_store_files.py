"""What can happen to a database file: created, killed, cut off, locked, full, older, newer, not ours."""

import os
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event

from app.store import default_url, example_url, migrate, open_portfolio, schema, sqlite
from app.store.places import database_file
from app.store.portfolio import Portfolio
from app.store.sqlite import SqliteFile
from model.errors import StoreError
from model.records import Client, Hours

ACME = Client(name="Acme", currency="EUR", since=date(2024, 1, 1), billing="hourly", rate_per_hour=Decimal(95))
ROOT = Path(__file__).resolve().parents[2]

WRITER = """
import sys
from datetime import date
from app.store import open_portfolio
from model.records import Hours
portfolio = open_portfolio(sys.argv[1])
batch = [Hours(client="Acme", on=date(2024, 1, 1), hours=1.0)] * 500
print("ready", flush=True)
while True:
    portfolio.add(*batch)
"""


def test_the_schema_is_the_one_the_migrations_build(tmp_path: Path) -> None:
    store = SqliteFile(tmp_path / "portfolio.db")
    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_writer_killed_at_any_moment_leaves_all_of_a_write_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "portfolio.db"
    open_portfolio(path).add(ACME)
    whole = 0
    for attempt in range(15):
        with Popen([sys.executable, "-c", WRITER, path], stdout=-1, stderr=DEVNULL, cwd=ROOT) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.013 * attempt)
            os.kill(writer.pid, signal.SIGKILL)
        portfolio = open_portfolio(path)
        batches = [batch for batch in portfolio.history(10_000) if batch.records == 500]
        assert len(portfolio.records().hours) == 500 * len(batches)
        assert len(batches) >= whole
        whole = len(batches)
    assert whole > 0


def test_the_file_is_written_with_care(tmp_path: Path) -> None:
    store = SqliteFile(tmp_path / "portfolio.db")
    with store.reading() as connection:
        told = {
            pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
            for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert told == {"journal_mode": "delete", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    assert (tmp_path / "portfolio.db").stat().st_mode & 0o077 == 0


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "portfolio.db"
    open_portfolio(path).add(ACME)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"newer version.*9999.*Update the program"):
        open_portfolio(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["portfolio.db"]


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Give the program one more migration, which runs the statement given."""

    def add(statement: str) -> None:
        steps = tmp_path / "migrations"
        shutil.copytree(migrate.MIGRATIONS, steps)
        (steps / "versions" / "9999_more.py").write_text(
            f"from alembic import op\nrevision, down_revision = '9999', '{schema.REVISIONS[-1]}'\n"
            f"def upgrade():\n    op.execute('CREATE TABLE half (id INTEGER)')\n    op.execute({statement!r})\n"
        )
        monkeypatch.setattr(migrate, "MIGRATIONS", steps)
        monkeypatch.setattr(sqlite, "REVISIONS", (*schema.REVISIONS, "9999"))

    return add


def test_an_older_database_is_copied_before_it_is_migrated(tmp_path: Path, next_version: Callable[[str], None]) -> None:
    path = tmp_path / "portfolio.db"
    open_portfolio(path).add(ACME)
    next_version("CREATE TABLE more (id INTEGER)")
    assert open_portfolio(path).records().clients == (ACME,)
    (copy,) = tmp_path.glob(f"portfolio-schema-{schema.REVISIONS[-1]}-*.db")
    with closing(sqlite3.connect(copy)) as old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchall() == [(schema.REVISIONS[-1],)]
        assert old.execute("SELECT name FROM clients").fetchall() == [("Acme",)]
    open_portfolio(path)
    assert len(list(tmp_path.glob("portfolio-schema-*.db"))) == 1


@pytest.mark.parametrize("version", schema.REVISIONS[:-1])
def test_a_database_of_every_earlier_schema_is_read_as_it_was(tmp_path: Path, version: str) -> None:
    path = tmp_path / "portfolio.db"
    shutil.copy(ROOT / "tests" / "fixtures" / f"schema-{version}.db", path)
    records = open_portfolio(path).records()
    assert [client.name for client in records.clients] == ["Anchor"]
    assert records.invoices[0].paid_on == date(2025, 4, 20) and records.invoices[0].amount == Decimal("1500.50")
    kinds = (records.checkins, records.sightings, records.hours, records.events, records.searches, records.prospects)
    assert all(len(kind) == 1 for kind in kinds) and records.settings.horizon_months == 12
    with SqliteFile(path).reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    tmp_path: Path, next_version: Callable[[str], None]
) -> None:
    path = tmp_path / "portfolio.db"
    open_portfolio(path).add(ACME)
    next_version("CREATE TABLE clients (id INTEGER)")
    with pytest.raises(StoreError, match="already exists"):
        open_portfolio(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(schema.REVISIONS[-1],)]
        assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'half'").fetchall() == []


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear client, " * 100)
    with pytest.raises(StoreError, match=r"letter\.db is not a database"):
        open_portfolio(path)


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE clients (id INTEGER)")
    with pytest.raises(StoreError, match="another program"):
        open_portfolio(path)


@pytest.mark.parametrize("kept", [50, 4096, -1000])
def test_a_database_cut_off_is_refused(kept: int, tmp_path: Path) -> None:
    path = tmp_path / "portfolio.db"
    open_portfolio(path).add(ACME)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(StoreError, match=r"cut off.*backup"):
        open_portfolio(path)


def test_a_damaged_page_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "portfolio.db"
    portfolio = open_portfolio(path)
    portfolio.add(ACME)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged.*backup"):
        portfolio.records()


def with_pragma(portfolio: Portfolio, pragma: str) -> None:
    def configure(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute(f"PRAGMA {pragma}")

    assert isinstance(portfolio.database, SqliteFile)
    event.listen(portfolio.database._engine, "connect", configure)


def test_a_full_disk_is_told_and_nothing_is_stored(tmp_path: Path) -> None:
    portfolio = open_portfolio(tmp_path / "portfolio.db")
    portfolio.add(ACME)
    with_pragma(portfolio, "max_page_count = 1")
    with pytest.raises(StoreError, match=r"disk is full.*free some space"):
        portfolio.add(*[Hours(client="Acme", on=date(2024, 1, 1), hours=1.0)] * 2000)
    assert open_portfolio(portfolio.path).records().hours == ()


def test_a_read_only_database_is_read_and_refuses_writes(tmp_path: Path) -> None:
    portfolio = open_portfolio(tmp_path / "portfolio.db")
    portfolio.add(ACME)
    with_pragma(portfolio, "query_only = ON")
    assert portfolio.records().clients == (ACME,)
    with pytest.raises(StoreError, match=r"read-only.*permissions"):
        portfolio.add(Hours(client="Acme", on=date(2024, 1, 1), hours=1.0))


def test_a_database_in_use_is_told_after_the_wait(tmp_path: Path) -> None:
    portfolio = open_portfolio(tmp_path / "portfolio.db")
    with_pragma(portfolio, "busy_timeout = 50")
    with closing(sqlite3.connect(portfolio.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="in use by another program"):
            portfolio.add(ACME)
    portfolio.add(ACME)


def test_a_missing_database_or_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"there is no database.*bush init"):
        open_portfolio(tmp_path / "new.db", create=False)
    with pytest.raises(StoreError, match="does not exist"):
        open_portfolio(tmp_path / "nowhere" / "new.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("letter.txt", "neither a portfolio folder nor a database"),
        ("mysql://me:secret@host/db", "'mysql'"),
        ("sqlite://", "names no file"),
        ("://", "cannot be read"),
    ],
)
def test_a_place_that_cannot_be_a_portfolio_is_refused_without_a_secret(where: str, told: str) -> None:
    with pytest.raises(StoreError, match=told) as refused:
        open_portfolio(where)
    assert "secret" not in str(refused.value)


def test_the_own_database_and_the_example_are_two_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    portfolio = open_portfolio()
    assert portfolio.path == database_file(default_url())
    assert portfolio.path.name == "portfolio.db"
    assert portfolio.path.parent.name == "two-in-the-bush"
    assert database_file(example_url()) == portfolio.path.with_name("example.db")
    monkeypatch.setenv("BUSH_DATABASE_URL", f"sqlite:///{tmp_path}/mine 100%.db")
    assert open_portfolio().path == tmp_path / "mine 100%.db"
    assert database_file(example_url()) == tmp_path / "example.db"


def test_an_up_to_date_database_opens_at_once(tmp_path: Path) -> None:
    path = tmp_path / "portfolio.db"
    open_portfolio(path)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        open_portfolio(path)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.05

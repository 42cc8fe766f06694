"""A backup is whole or refused, and the way back is open above all when the portfolio is damaged."""

import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from app.store import open_portfolio
from app.store.backup import backups_of, make_backup, restore
from app.store.forgetting import forget
from app.store.sqlite import SqliteFile
from model.errors import StoreError
from model.records import Client


def filled(path: Path, name: str = "Ann") -> Path:
    portfolio = open_portfolio(path)
    portfolio.add(*(Client(name=f"{name}{n}", currency="EUR", since=date(2024, 1, 1), billing="fixed") for n in "123"))
    return path


def spoil_a_page(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        root, size = connection.execute(
            "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_master WHERE name = 'hours'"
        ).fetchone()
    held = bytearray(path.read_bytes())
    held[(root - 1) * size : root * size] = b"\x55" * size
    path.write_bytes(held)


@pytest.mark.parametrize("damage", ["cut off", "a page", "no database"])
def test_a_damaged_portfolio_is_kept_byte_for_byte_and_the_backup_takes_its_place(tmp_path: Path, damage: str) -> None:
    path = filled(tmp_path / "p[1].db")
    backup = make_backup(SqliteFile(path))
    if damage == "cut off":
        path.write_bytes(path.read_bytes()[:5000])
    elif damage == "a page":
        spoil_a_page(path)
    else:
        path.write_bytes(b"scribbled over")
    # What a killed write left beside it must not be played into what was restored.
    path.with_name("p[1].db-journal").write_bytes(b"half a write")
    spoilt = path.read_bytes()
    aside = restore(path, backup)
    assert aside is not None and aside.read_bytes() == spoilt and aside.stat().st_mode & 0o077 == 0
    assert [client.name for client in open_portfolio(path).records().clients] == ["Ann1", "Ann2", "Ann3"]
    assert backups_of(path) == (backup,)
    assert not path.with_name("p[1].db-journal").exists()
    # Where it still holds the name, nobody would look.
    assert (str(aside) in forget(SqliteFile(path), "Ann1").backups) == (b"Ann1" in spoilt)
    assert not [file for file in tmp_path.iterdir() if "restoring" in file.name]


def test_a_portfolio_another_program_writes_to_is_not_put_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled(tmp_path / "p.db")
    backup = make_backup(SqliteFile(path))
    monkeypatch.setattr("app.store.sqlite.PRAGMAS", ("busy_timeout=1",))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="in use by another program"):
            restore(path, backup)
    assert len(open_portfolio(path).records().clients) == 3


def test_letters_that_search_patterns_know_are_letters_in_a_file_name(tmp_path: Path) -> None:
    path = filled(tmp_path / "p[1].db")
    (tmp_path / "p[1].db.fit.npz").write_bytes(b"draws")
    backup = make_backup(SqliteFile(path))
    assert backups_of(path) == (backup,)
    shutil.copy(Path(__file__).parents[1] / "fixtures" / "schema-0001.db", tmp_path / "old.db")
    kept = restore(path, tmp_path / "old.db")
    assert kept is not None and set(backups_of(path)) == {backup, kept}
    assert not [file for file in tmp_path.iterdir() if "restoring" in file.name]
    found = forget(SqliteFile(path), "Anchor")
    assert [file.name for file in found.files] == ["p[1].db.fit.npz"] and found.backups == ()


def test_where_nothing_can_be_put_the_folder_is_named_and_not_the_backup(tmp_path: Path) -> None:
    backup = filled(tmp_path / "p.db")
    with pytest.raises(StoreError, match=r"folder .*nowhere does not exist"):
        restore(tmp_path / "nowhere" / "p.db", backup)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"folder .*file does not exist"):
        restore(tmp_path / "file" / "p.db", backup)


def test_a_folder_that_is_only_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = filled(tmp_path / "p.db")

    def refused(*_: object) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("app.store.backup.copied", refused)
    with pytest.raises(StoreError, match=r"nothing can be put into the folder .*Permission denied"):
        restore(tmp_path / "other.db", backup)


@pytest.mark.parametrize("damage", ["a page", "cut off", "no database", "empty", "newer"])
def test_a_backup_that_cannot_be_used_is_called_by_its_own_name(tmp_path: Path, damage: str) -> None:
    path, backup = filled(tmp_path / "p.db"), filled(tmp_path / "copy.db", "Old")
    if damage == "a page":
        spoil_a_page(backup)
    elif damage == "newer":
        with closing(sqlite3.connect(backup)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
            connection.commit()
    else:
        backup.write_bytes({"cut off": backup.read_bytes()[:5000], "empty": b""}.get(damage, b"scribbled" * 99))
    held = path.read_bytes()
    with pytest.raises(StoreError, match=r"copy\.db") as refused:
        restore(path, backup)
    assert "restoring" not in str(refused.value)
    assert path.read_bytes() == held
    assert {file.name for file in tmp_path.iterdir()} == {"p.db", "copy.db"}


def test_a_damaged_portfolio_is_not_backed_up_as_if_it_were_whole(tmp_path: Path) -> None:
    path = filled(tmp_path / "p.db")
    database = SqliteFile(path)
    spoil_a_page(path)
    with pytest.raises(StoreError, match="damaged"):
        make_backup(database)
    assert [file.name for file in tmp_path.iterdir()] == ["p.db"]

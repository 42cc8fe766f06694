"""Copies of a whole portfolio, on demand, and the way back from one."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from glob import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from app.store.database import Database
from app.store.migrate import copied
from app.store.places import is_own_folder
from app.store.sqlite import SqliteFile
from model.errors import StoreError
from model.language import phrase

DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
NO_ROOM = ("SQLITE_FULL", "SQLITE_READONLY")
IN_USE = ("SQLITE_BUSY", "SQLITE_LOCKED")


def make_backup(database: Database, target: Path | None = None) -> Path:
    """Copy a portfolio to an SQLite file, as it stands at this moment.

    Parameters
    ----------
    database
        Of the portfolio.
    target
        The copy; None for a file beside the portfolio that says the moment in UTC.

    Raises
    ------
    StoreError
        If the portfolio cannot be read or is damaged, the copy exists already, or cannot be written.
    """
    path = database.path
    copy = target or path.with_name(f"{path.stem}-backup-{_moment()}{path.suffix}")
    if copy.exists():
        raise StoreError(phrase("{copy} exists already; give another name for the backup.", copy=copy))
    try:
        database.copy_to(copy)
        fault = _fault(copy, "quick_check")
    except (OSError, sqlite3.Error) as error:
        copy.unlink(missing_ok=True)
        if _named(error).startswith(DAMAGED):
            raise _is_damaged(database, str(error)) from error
        raise StoreError(
            phrase("the backup cannot be written to {copy}: {error}. Choose another folder.", copy=copy, error=error)
        ) from error
    if fault:
        copy.unlink()
        raise _is_damaged(database, fault)
    return copy


def restore(path: Path, backup: Path) -> Path | None:
    """Put a backup in the place of the portfolio at `path`, which is itself copied first.

    The backup is looked at whole before anything is changed; one of an earlier schema is moved up on the way. A
    portfolio that cannot be read any more is moved to a name beside, byte for byte.

    Returns
    -------
    Path or None
        Where that is which was there before; None where there was nothing.

    Raises
    ------
    StoreError
        If the backup is missing, damaged, newer than this program, or of another program; if another program writes
        to the portfolio, or nothing can be put into its folder.
    """
    if not backup.is_file():
        raise StoreError(phrase("there is no backup at {backup}.", backup=backup))
    if path.exists() and backup.samefile(path):
        raise StoreError(phrase("that file is the portfolio itself; name one of its backups."))
    if is_own_folder(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.parent.is_dir():
        raise StoreError(phrase("the folder {parent} does not exist; create it first.", parent=path.parent))
    aside = path.with_name(f"{path.stem}-restoring-{os.getpid()}{path.suffix}")
    try:
        _opened_copy(backup, aside)
        before = _kept(path) if path.exists() else None
        aside.replace(path)
    except OSError as error:
        raise _no_room(path.parent, error.strerror) from error
    finally:
        # Its own, and the copy made before it was moved up from an earlier schema.
        for leftover in aside.parent.glob(f"{escape(aside.stem)}*"):
            leftover.unlink()
    return before


def restore_team(database: Database, backup: Path) -> None:
    """Put everything of a backup into a team's workspace, which must be empty.

    Raises
    ------
    StoreError
        If the backup is missing, damaged or of another program, or anything was ever written in the workspace.
    """
    from app.store.workspace import Workspace

    if not isinstance(database, Workspace):
        raise StoreError(phrase("only a team's workspace takes a backup in this way."))
    if not backup.is_file():
        raise StoreError(phrase("there is no backup at {backup}.", backup=backup))
    with TemporaryDirectory() as folder:
        # A copy of it, for one of an earlier schema is moved up on the way.
        database.take_back(_opened_copy(backup, Path(folder) / "backup.db"))


def backups_of(path: Path) -> tuple[Path, ...]:
    """The copies this program made beside a portfolio, oldest first."""
    return _beside(path, f"-backup-*{escape(path.suffix)}", f"-schema-*{escape(path.suffix)}")


def set_aside(path: Path) -> tuple[Path, ...]:
    """What could not be read any more when a backup took its place, oldest first."""
    return _beside(path, "-unreadable-*")


def _beside(path: Path, *kinds: str) -> tuple[Path, ...]:
    stem = escape(path.stem)
    return tuple(sorted(file for kind in kinds for file in path.parent.glob(f"{stem}{kind}")))


def _opened_copy(backup: Path, aside: Path) -> SqliteFile:
    try:
        copied(backup, aside)
        fault = _fault(aside, "integrity_check")
    except sqlite3.Error as error:
        if _named(error).startswith(NO_ROOM):
            raise _no_room(aside.parent, error) from error
        raise StoreError(phrase("the backup {backup} cannot be read: {error}.", backup=backup, error=error)) from error
    if fault:
        raise StoreError(
            phrase("the backup {backup} is damaged ({found}); use another one.", backup=backup, found=fault)
        )
    try:
        return SqliteFile(aside, create=False)
    except StoreError as error:
        # Nobody knows the copy: what is wrong with it is wrong with the backup.
        raise StoreError(str(error).replace(str(aside), str(backup))) from error


def _fault(path: Path, check: str) -> str:
    """What is wrong with a copy, in SQLite's words; empty where nothing is."""
    with closing(sqlite3.connect(path)) as connection:
        (found,) = connection.execute(f"PRAGMA {check}").fetchone()
        if found == "ok" and connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
            return phrase("it is empty")
    return "" if found == "ok" else str(found)


def _kept(path: Path) -> Path:
    """A copy of the portfolio before another takes its place; where it cannot be read, the file itself, elsewhere."""
    if _is_whole(path):
        return make_backup(SqliteFile(path))
    aside = path.with_name(f"{path.stem}-unreadable-{_moment()}{path.suffix}")
    path.rename(aside)
    # What a killed write left is of this file, and would be played into the other one.
    for end in ("-journal", "-wal", "-shm"):
        if (beside := path.with_name(path.name + end)).exists():
            beside.rename(aside.with_name(aside.name + end))
    return aside


def _is_whole(path: Path) -> bool:
    try:
        with SqliteFile(path).reading() as connection:
            return connection.exec_driver_sql("PRAGMA quick_check").scalar() == "ok"
    except StoreError as error:
        if path.is_dir() or _named(getattr(error.__cause__, "orig", error.__cause__)).startswith(IN_USE):
            raise
        return False


def _is_damaged(database: Database, fault: str) -> StoreError:
    return StoreError(
        phrase(
            "{place} is damaged ({fault}), and so would be a backup of it: none was made. "
            "Restore an earlier one with `bush restore FILE`.",
            place=database.place,
            fault=fault,
        )
    )


def _no_room(folder: Path, error: object) -> StoreError:
    return StoreError(
        phrase(
            "nothing can be put into the folder {folder}: {error}. Check its permissions, or free some space.",
            folder=folder,
            error=error,
        )
    )


def _named(error: object) -> str:
    return str(getattr(error, "sqlite_errorname", ""))


def _moment() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")

"""Copies of a whole portfolio, on demand, and the way back from one."""

import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from app.store.database import Database
from app.store.migrate import copied
from app.store.sqlite import SqliteFile
from model.errors import StoreError
from model.language import phrase


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
        If the portfolio cannot be read, the copy exists already, or cannot be written.
    """
    path = database.path
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    copy = target or path.with_name(f"{path.stem}-backup-{moment}{path.suffix}")
    if copy.exists():
        raise StoreError(phrase("{copy} exists already; give another name for the backup.", copy=copy))
    try:
        return database.copy_to(copy)
    except (OSError, sqlite3.Error) as error:
        copy.unlink(missing_ok=True)
        raise StoreError(
            phrase("the backup cannot be written to {copy}: {error}. Choose another folder.", copy=copy, error=error)
        ) from error


def restore(path: Path, backup: Path) -> Path | None:
    """Put a backup in the place of the portfolio at `path`, which is itself copied first.

    The backup is looked at whole before anything is changed; one of an earlier schema is moved up on the way.

    Returns
    -------
    Path or None
        The copy of what was there before; None where there was nothing.

    Raises
    ------
    StoreError
        If the backup is missing, damaged, newer than this program, or of another program.
    """
    if not backup.is_file():
        raise StoreError(phrase("there is no backup at {backup}.", backup=backup))
    if path.exists() and backup.samefile(path):
        raise StoreError(phrase("that file is the portfolio itself; name one of its backups."))
    aside = path.with_name(f"{path.stem}-restoring-{os.getpid()}{path.suffix}")
    try:
        try:
            copied(backup, aside)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                phrase("the backup {backup} cannot be read: {error}.", backup=backup, error=error)
            ) from error
        database = SqliteFile(aside, create=False)
        with database.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
        if found != "ok":
            raise StoreError(
                phrase("the backup {backup} is damaged ({found}); use another one.", backup=backup, found=found)
            )
        before = make_backup(SqliteFile(path)) if path.exists() else None
        aside.replace(path)
    finally:
        # Its own, and the copy made before it was moved up from an earlier schema.
        for leftover in aside.parent.glob(f"{aside.stem}*"):
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
        database.take_back(SqliteFile(copied(backup, Path(folder) / "backup.db"), create=False))


def backups_of(path: Path) -> tuple[Path, ...]:
    """The copies this program made beside a portfolio, oldest first."""
    kinds = (f"{path.stem}-backup-*{path.suffix}", f"{path.stem}-schema-*{path.suffix}")
    return tuple(sorted(copy for kind in kinds for copy in path.parent.glob(kind)))

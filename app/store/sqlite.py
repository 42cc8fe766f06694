"""The SQLite file: opened with care, written in one transaction at a time, its failures put into sentences."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.store.database import Database
from app.store.places import is_own_folder
from app.store.schema import REVISIONS
from model.errors import StoreError
from model.language import phrase

BUSY_TIMEOUT_MS = 10_000
MAGIC = b"SQLite format 3\x00"
PRAGMAS = ("journal_mode=DELETE", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}")


class SqliteFile(Database):
    """One SQLite file at the schema version this program works with.

    Parameters
    ----------
    path
        The file. A missing one is created with all tables, an older one is backed up beside itself and migrated.
    create
        Whether a missing file may be created.

    Raises
    ------
    StoreError
        If the file is missing (without `create`), not a database, of another program, truncated, locked, or newer
        than this program.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.path, self.place = path, str(path)
        existed = _prepare(path, create)
        self._engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool)
        event.listen(self._engine, "connect", _configure)
        event.listen(self._engine, "begin", _begin)
        self._immediate = self._engine.execution_options(immediate=True)
        with self.reading() as connection:
            version = _version(connection, path)
        if version != REVISIONS[-1]:
            self._migrate(existed)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment of the database."""
        with _spoken(self.path), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection that holds the write lock; all of it is stored when the block ends, or nothing."""
        with _spoken(self.path), self._immediate.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def erasing(self) -> Iterator[Connection]:
        """A connection like that of `writing`, in which rows may also be changed and deleted."""
        with self.writing() as connection:
            # What is deleted is overwritten, and not only let go.
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
            # Rows of one client supersede one another, so that for a moment some point to rows that are gone.
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
            for name, _ in triggers:
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
            yield connection
            for _, sql in triggers:
                connection.exec_driver_sql(sql)

    def compact(self) -> tuple[str, ...]:
        """Write the file anew, so that nothing of what was deleted is left in it."""
        with _spoken(self.path), self._engine.connect() as connection:
            plain = connection.connection.driver_connection
            assert plain is not None
            plain.execute("PRAGMA secure_delete=ON")
            plain.execute("VACUUM")
        return ()

    def copy_to(self, copy: Path) -> Path:
        """Copy everything to a file of its own, as it stands at this moment."""
        from app.store.migrate import copied

        return copied(self.path, copy)

    def _migrate(self, existed: bool) -> None:
        from app.store.migrate import back_up, upgrade

        with self.writing() as connection:
            # Another process may have migrated while this one waited for the lock.
            version = _version(connection, self.path)
            if version == REVISIONS[-1]:
                return
            if existed and version is not None:
                back_up(self.path, version)
            upgrade(connection)


def _prepare(path: Path, create: bool) -> bool:
    try:
        existed = path.exists()
        if not existed:
            _create(path, create)
        elif path.is_dir():
            raise StoreError(phrase("{path} is a folder; a database file was expected.", path=path))
        _check_whole(path)
    except OSError as error:
        raise StoreError(
            phrase(
                "the database {path} cannot be opened: {strerror}. Check the folder and its permissions.",
                path=path,
                strerror=error.strerror,
            )
        ) from error
    return existed


def _create(path: Path, create: bool) -> None:
    if not create:
        raise StoreError(
            phrase("there is no database at {path}; create one with 'bush init' or give another place.", path=path)
        )
    if is_own_folder(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.parent.is_dir():
        raise StoreError(
            phrase("the folder {parent} does not exist; create it first, or give another place.", parent=path.parent)
        )
    # What is kept here is about people: nobody but the owner reads it.
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _check_whole(path: Path) -> None:
    # SQLite notices a cut-off file only when it needs a missing page; the header tells at once.
    with path.open("rb") as file:
        header = file.read(100)
    if not header:
        return
    if header[:16] != MAGIC[: len(header)]:
        raise StoreError(
            phrase("{path} is not a database of this program: it does not begin like an SQLite file.", path=path)
        )
    page_size = int.from_bytes(header[16:18], "big")
    page_size = 65536 if page_size == 1 else page_size
    pages = int.from_bytes(header[28:32], "big") if header[24:28] == header[92:96] else 1
    being_rolled_back = path.with_name(path.name + "-journal").exists()
    if len(header) < 100 or (path.stat().st_size < page_size * pages and not being_rolled_back):
        raise StoreError(
            phrase(
                "the database {path} is cut off: {whole:,} bytes were expected, {st_size:,} "
                "are there. Restore it from a backup.",
                path=path,
                whole=page_size * pages,
                st_size=path.stat().st_size,
            )
        )


def _version(connection: Connection, path: Path) -> str | None:
    tables = set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")))
    if not tables:
        return None
    if not {"alembic_version", "batches"} <= tables:
        raise StoreError(
            phrase("{path} is an SQLite database of another program; give another place for the portfolio.", path=path)
        )
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if version not in REVISIONS:
        raise StoreError(
            phrase(
                "the database {path} was written by a newer version of this program (schema "
                "{version}; this one knows up to {revision}). Update the program, or open "
                "another database.",
                path=path,
                version=version,
                revision=REVISIONS[-1],
            )
        )
    return version


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver would open transactions by its own rules; here each begins as `_begin` says.
    connection.isolation_level = None
    for pragma in reversed(PRAGMAS):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def _spoken(path: Path) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StoreError(_sentence(error.orig, path)) from error
    except sqlite3.Error as error:
        raise StoreError(_sentence(error, path)) from error


def _sentence(error: BaseException | None, path: Path) -> str:
    name = str(getattr(error, "sqlite_errorname", ""))
    for start, what in (
        ("SQLITE_FULL", phrase("cannot grow: the disk is full. Nothing was stored; free some space and try again.")),
        (
            "SQLITE_IOERR",
            phrase("cannot be read or written: the disk reports an error. Nothing was stored; check the disk."),
        ),
        ("SQLITE_READONLY", phrase("is read-only. Nothing was stored; change its permissions or copy it elsewhere.")),
        ("SQLITE_PERM", phrase("may not be opened. Change its permissions or copy it elsewhere.")),
        ("SQLITE_CANTOPEN", phrase("cannot be opened. Check that its folder exists and may be written to.")),
        (
            "SQLITE_BUSY",
            phrase("is in use by another program. Nothing was stored; close the other program and try again."),
        ),
        (
            "SQLITE_LOCKED",
            phrase("is in use by another program. Nothing was stored; close the other program and try again."),
        ),
        ("SQLITE_NOTADB", phrase("is not a database, or it is damaged. Restore it from a backup.")),
        ("SQLITE_CORRUPT", phrase("is damaged. Restore it from a backup.")),
    ):
        if name.startswith(start):
            return phrase("the database {path} {what}", path=path, what=what)
    return phrase("the database {path} refused the request: {error}.", path=path, error=error)

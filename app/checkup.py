"""The check-up of an installation and a portfolio: what is well, and what to do about the rest."""

import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from stat import S_IRWXG, S_IRWXO

from app.store.places import is_team
from model.errors import BushError
from model.language import phrase

PACKAGES = ("numpy", "scipy", "numba", "xarray", "pandas", "pymc", "nutpie", "sqlalchemy", "streamlit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at; `advice` is what to do, empty where all is well."""

    what: str
    found: str
    advice: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is nothing to do."""
        return not self.advice


def check_up(where: str, file: Path, today: date) -> Iterator[Finding]:
    """Look at everything that may keep the program from working, cheapest first.

    Parameters
    ----------
    where
        The portfolio as it would be opened.
    file
        The database file or folder that is.
    today
        The day a fit is held against.
    """
    yield from _versions()
    yield _catalogue()
    yield _folder(file.parent)
    yield _compile_cache()
    if is_team(where):
        yield _team(where)
        yield _fit(where, today)
        return
    if not file.exists():
        advice = phrase("`bush init` starts a portfolio, `bush demo` shows the example.")
        yield Finding(what=phrase("Portfolio"), found=phrase("there is none at {file} yet", file=file), advice=advice)
        return
    yield from _portfolio(where, file)
    yield _fit(where, today)


def _versions() -> Iterator[Finding]:
    supported = (3, 12) <= sys.version_info[:2] < (3, 15)
    found = ".".join(map(str, sys.version_info[:3]))
    yield Finding(
        what=phrase("Python"), found=found, advice="" if supported else phrase("Use Python 3.12, 3.13 or 3.14.")
    )
    for package in PACKAGES:
        try:
            yield Finding(what=package, found=version(package))
        except PackageNotFoundError:
            yield Finding(what=package, found=phrase("missing"), advice=phrase("Install the program anew."))


def _catalogue() -> Finding:
    from model.catalogue import load

    try:
        return Finding(what=phrase("Catalogue"), found=phrase("{count} signs", count=len(load().signs)))
    except BushError as error:
        return Finding(what=phrase("Catalogue"), found=str(error), advice=phrase("Install the program anew."))


def _folder(folder: Path) -> Finding:
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(there, os.W_OK):
        return Finding(
            what=phrase("Folder"),
            found=phrase("{there} cannot be written", there=there),
            advice=phrase("Allow writing, or use another --db."),
        )
    return Finding(what=phrase("Folder"), found=phrase("{folder} can be written", folder=folder))


def _compile_cache() -> Finding:
    from model.kernel import cache_folder

    given = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(given) if given else cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        advice = phrase("Set NUMBA_CACHE_DIR to a folder that can be written; until then every start compiles anew.")
        return Finding(what=phrase("Compile cache"), found=f"{folder}: {error.strerror}", advice=advice)
    compiled = any(folder.glob("**/*.nbc"))
    found = phrase("{folder} can be written", folder=folder)
    if not compiled:
        return Finding(
            what=phrase("Compile cache"),
            found=phrase("{found}; empty", found=found),
            advice=phrase("`bush warm-up` fills it."),
        )
    return Finding(what=phrase("Compile cache"), found=found)


def _portfolio(where: str, file: Path) -> Iterator[Finding]:
    from app.store import open_portfolio

    if file.is_file() and os.name == "posix" and file.stat().st_mode & (S_IRWXG | S_IRWXO):
        yield Finding(
            what=phrase("Privacy"), found=phrase("other accounts may open the database"), advice=f"chmod 600 {file}"
        )
    if file.is_file():
        yield _database(file)
    try:
        records = open_portfolio(where, create=False).records()
    except BushError as error:
        yield Finding(
            what=phrase("Portfolio"), found=str(error), advice=phrase("Mend what the sentence says, or restore a copy.")
        )
        return
    yield Finding(
        what=phrase("Portfolio"), found=phrase("{count} clients in {file}", count=len(records.clients), file=file)
    )


def _team(where: str) -> Finding:
    from app.store import open_portfolio

    try:
        portfolio = open_portfolio(where, create=False)
        records = portfolio.records()
    except BushError as error:
        return Finding(what=phrase("Portfolio"), found=str(error), advice=phrase("Mend what the sentence says."))
    role = portfolio.database.role
    return Finding(
        what=phrase("Portfolio"),
        found=phrase(
            "{count} clients in {place}; you are its {role}",
            count=len(records.clients),
            place=portfolio.place,
            role=role,
        ),
    )


def _database(file: Path) -> Finding:
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            (answer,) = connection.execute("PRAGMA integrity_check").fetchone()
            strays = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        answer, strays = str(error), None
    if answer == "ok" and strays is None:
        return Finding(what=phrase("Database"), found=phrase("whole"))
    found = str(answer) if answer != "ok" else phrase("rows without their batch")
    return Finding(
        what=phrase("Database"), found=found, advice=phrase("Keep a copy of the file, and restore the last good one.")
    )


def _fit(where: str, today: date) -> Finding:
    from app.desk import Desk

    try:
        freshness = Desk(where, today=today).freshness()
    except BushError as error:
        return Finding(what=phrase("Fit"), found=str(error), advice=phrase("`bush fit` makes a new one."))
    if freshness.problem:
        return Finding(what=phrase("Fit"), found=freshness.problem, advice=phrase("`bush fit` makes a new one."))
    if freshness.basis == "prior":
        return Finding(
            what=phrase("Fit"), found=phrase("none yet; answers rest on judgement and a few published figures")
        )
    if freshness.basis == "quick":
        found = " ".join((phrase("a quick one"), *freshness.sentences))
        return Finding(what=phrase("Fit"), found=found, advice=phrase("`bush fit` makes a whole one, in minutes."))
    if freshness.stale:
        advice = phrase("`bush fit` makes a new one.") if freshness.due else ""
        return Finding(what=phrase("Fit"), found=" ".join(freshness.sentences), advice=advice)
    return Finding(what=phrase("Fit"), found=phrase("up to date"))

"""Moving a database file to the present schema, with a copy kept beside it first."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def upgrade(connection: Connection) -> None:
    """Run every missing step inside the transaction open on `connection`."""
    config = Config()
    # Alembic's configuration is ini text, where a percent sign starts an interpolation.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def back_up(path: Path, version: str) -> Path:
    """Copy the database at `path`, still at schema `version`, to a file beside it.

    Returns
    -------
    Path
        The copy, complete and synced; its name says the version and the moment in UTC.
    """
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return copied(path, path.with_name(f"{path.stem}-schema-{version}-{moment}{path.suffix}"))


def copied(path: Path, copy: Path) -> Path:
    """Copy a database to a file of its own, complete and synced, which nobody but the owner can read."""
    # Made by its owner alone before anything is in it.
    os.close(os.open(copy, os.O_CREAT | os.O_WRONLY, 0o600))
    # The backup interface copies a consistent state even while a writer holds its lock.
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    copy.chmod(0o600)
    return copy

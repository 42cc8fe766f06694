"""Where a portfolio lives: the user's own file, the example's, a team's database, or the place a person named."""

import os
from hashlib import sha256
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from model.errors import StoreError
from model.language import phrase

FOLDER_NAME = "two-in-the-bush"
SUFFIXES = (".db", ".sqlite", ".sqlite3")


def default_url() -> str:
    """The database the user's own records go to: `BUSH_DATABASE_URL`, or a file in the user's data folder."""
    return os.environ.get("BUSH_DATABASE_URL") or _url(_own_folder() / "portfolio.db")


def example_url() -> str:
    """The database of the example portfolio: a file of its own, beside the default one, never mixed with it."""
    given = os.environ.get("BUSH_DATABASE_URL")
    folder = home_of(given).parent if given else _own_folder()
    return _url(folder / "example.db")


def is_own_folder(folder: Path) -> bool:
    """Whether `folder` is the one this program keeps in the user's data folder, and may therefore create."""
    return folder == _own_folder()


def is_team(where: str | Path) -> bool:
    """Whether records are kept in a team's PostgreSQL database, and not in a file."""
    return isinstance(where, str) and where.startswith(("postgresql:", "postgresql+psycopg:", "postgres:"))


def team_url(where: str) -> tuple[URL, str | None]:
    """The address of a team's database as the driver wants it, and the workspace named in it.

    Raises
    ------
    StoreError
        If the URL cannot be read.
    """
    try:
        url = make_url(where.replace("postgres:", "postgresql:", 1) if where.startswith("postgres:") else where)
    except ArgumentError as error:
        raise StoreError(
            phrase(
                "the database URL cannot be read; one such as postgresql://me@host/bush?workspace=Studio was expected."
            )
        ) from error
    workspace = url.query.get("workspace")
    if isinstance(workspace, tuple):
        raise StoreError(phrase("the database URL names more than one workspace; name one."))
    return url.set(drivername="postgresql+psycopg").difference_update_query(["workspace"]), workspace


def home_of(where: str | Path) -> Path:
    """The file that holds the records, or stands for them on this machine: fits and copies are kept beside it."""
    if not is_team(where):
        return database_file(where)
    url, workspace = team_url(str(where))
    # Without the password, which may change and belongs in no file name.
    meant = f"{url.host}:{url.port or 5432}/{url.database}/{workspace or ''}/{url.username or ''}"
    plain = "".join(letter if letter.isalnum() else "-" for letter in workspace or url.database or "team")[:40]
    return _own_folder() / "teams" / f"{plain}-{sha256(meant.encode()).hexdigest()[:12]}.db"


def database_file(where: str | Path) -> Path:
    """The SQLite file a URL or a path means.

    Raises
    ------
    StoreError
        If it is another kind of database, a database in memory, or not a name for a database file.
    """
    if isinstance(where, str) and "://" in where:
        return _file_of_url(where)
    path = Path(where).expanduser()
    if path.suffix.lower() not in SUFFIXES:
        raise StoreError(
            phrase(
                "{path!r} is neither a portfolio folder nor a database file ({suffixes}); give "
                "one of them, or a database URL such as sqlite:///portfolio.db.",
                path=str(path),
                suffixes=", ".join(SUFFIXES),
            )
        )
    return path


def _file_of_url(text: str) -> Path:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise StoreError(
            phrase("the database URL cannot be read; one such as sqlite:////home/me/portfolio.db was expected.")
        ) from error
    if url.get_backend_name() != "sqlite":
        # The URL may hold a password: name the kind of database only.
        raise StoreError(
            phrase(
                "records are kept in SQLite or PostgreSQL; a URL for {kind!r} came.",
                kind=url.get_backend_name(),
            )
        )
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise StoreError(
            phrase("the database URL names no file; sqlite:/// followed by the path of a file was expected.")
        )
    return Path(url.database).expanduser()


def _own_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path(FOLDER_NAME, appauthor=False)


def _url(path: Path) -> str:
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)

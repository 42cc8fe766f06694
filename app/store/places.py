"""Where a portfolio lives: the user's own file, the example's, or the place a person named."""

import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from model.errors import StoreError

FOLDER_NAME = "two-in-the-bush"
SUFFIXES = (".db", ".sqlite", ".sqlite3")


def default_url() -> str:
    """The database the user's own records go to: `BUSH_DATABASE_URL`, or a file in the user's data folder."""
    return os.environ.get("BUSH_DATABASE_URL") or _url(_own_folder() / "portfolio.db")


def example_url() -> str:
    """The database of the example portfolio: a file of its own, beside the default one, never mixed with it."""
    given = os.environ.get("BUSH_DATABASE_URL")
    folder = database_file(given).parent if given else _own_folder()
    return _url(folder / "example.db")


def is_own_folder(folder: Path) -> bool:
    """Whether `folder` is the one this program keeps in the user's data folder, and may therefore create."""
    return folder == _own_folder()


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
            f"{str(path)!r} is neither a portfolio folder nor a database file ({', '.join(SUFFIXES)}); "
            "give one of them, or a database URL such as sqlite:///portfolio.db."
        )
    return path


def _file_of_url(text: str) -> Path:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise StoreError(
            "the database URL cannot be read; one such as sqlite:////home/me/portfolio.db was expected."
        ) from error
    if url.get_backend_name() != "sqlite":
        # The URL may hold a password: name the kind of database only.
        raise StoreError(f"this version keeps its records in SQLite; a URL for {url.get_backend_name()!r} came.")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise StoreError("the database URL names no file; sqlite:/// followed by the path of a file was expected.")
    return Path(url.database).expanduser()


def _own_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path(FOLDER_NAME, appauthor=False)


def _url(path: Path) -> str:
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)

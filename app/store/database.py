"""What a store is to everything above it: a place that is read and written in whole transactions."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from app.store.places import database_file, is_team

Role = Literal["owner", "editor", "viewer"]


class Database(ABC):
    """A portfolio's tables at the schema version this program works with."""

    path: Path
    """The file; of a team's records, the name on this machine beside which fits and copies are kept."""
    place: str
    """Where the records are, for a person."""
    role: Role = "owner"
    """What whoever opened it may do: read, write too, or also erase, restore and choose the members."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that sees one moment of the database."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[Connection]:
        """A connection nobody else writes beside; all of it is stored when the block ends, or nothing."""

    @abstractmethod
    def erasing(self) -> AbstractContextManager[Connection]:
        """A connection like that of `writing`, in which rows may also be changed and deleted."""

    @abstractmethod
    def compact(self) -> tuple[str, ...]:
        """Write what is left anew, so that nothing of what was deleted is left; gives what could not be cleared."""

    @abstractmethod
    def copy_to(self, copy: Path) -> Path:
        """Copy everything to an SQLite file of its own, as it stands at this moment."""


def open_database(where: str | Path, *, create: bool = True) -> Database:
    """Open the SQLite file, or the team's workspace, that a path or URL means.

    Raises
    ------
    StoreError
        If it is neither, cannot be used, or is missing (without `create`).
    """
    if is_team(where):
        from app.store.workspace import Workspace

        return Workspace(str(where))
    from app.store.sqlite import SqliteFile

    return SqliteFile(database_file(where), create=create)

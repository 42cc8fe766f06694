"""A portfolio folder as a portfolio: read like any other, and never written to."""

from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path
from typing import NoReturn, override

from app.store.kept import KeptReview
from app.store.merge import Standing
from app.store.portfolio import Portfolio
from app.store.writes import Batch, Change, Record, Stored, Undone
from model.errors import StoreError
from model.language import phrase
from model.records import Records
from model.settings import Settings


class FolderPortfolio(Portfolio):
    """A portfolio folder as it stood when opened; writes are refused."""

    def __init__(self, folder: Path) -> None:
        from app.imports.folder import fingerprint, read_folder

        self._folder = folder
        self._records = read_folder(folder)
        self._revision = fingerprint(folder)

    @property
    @override
    def database(self) -> NoReturn:
        raise self._refusal()

    @property
    @override
    def path(self) -> Path:
        return self._folder

    @property
    @override
    def place(self) -> str:
        return str(self._folder)

    @property
    @override
    def read_only(self) -> bool:
        return True

    @property
    @override
    def why_read_only(self) -> str:
        return phrase("This portfolio is a folder, which is only read here; import it into a database to write.")

    @override
    def records(self, as_of: date | None = None, *, only: Collection[type] = ()) -> Records:
        return self._records if as_of is None else self._records.as_of(as_of)

    @override
    def revision(self) -> int:
        return self._revision

    @property
    @override
    def settings(self) -> Settings:
        return self._records.settings

    @override
    def history(self, limit: int = 50) -> tuple[Batch, ...]:
        return ()

    @override
    def keep_review(self, document: str, *, as_of: date, first_day: date, fingerprint: str) -> KeptReview:
        raise self._refusal()

    @override
    def reviews(self) -> tuple[KeptReview, ...]:
        return ()

    @override
    def take_in(
        self,
        new: tuple[Record, ...],
        *,
        settings: Settings | None = None,
        source: str = "import",
        key: str | None = None,
        rehearse: bool = False,
    ) -> Stored:
        raise self._refusal()

    @override
    def undo(self) -> Undone | None:
        raise self._refusal()

    @override
    def _write(
        self,
        plan: Callable[[Standing], tuple[list[Change], int]],
        *,
        kind: str,
        summary: str | None = None,
        source: str | None = None,
        key: str | None = None,
    ) -> Stored:
        raise self._refusal()

    def _refusal(self) -> StoreError:
        return StoreError(
            phrase(
                "{folder} is a portfolio folder, which is only read here; import it into a database to write.",
                folder=self._folder,
            )
        )

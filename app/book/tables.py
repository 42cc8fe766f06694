"""The tables of a book, wherever they are: a folder of Parquet files, or a PostgreSQL database."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.imports.columns import FILES, SETTINGS_FILE
from app.settings_file import read_settings
from app.store.places import is_team
from model.errors import ImportRefused
from model.language import phrase
from model.settings import Settings

if TYPE_CHECKING:
    from pyarrow import Array
    from pyarrow.dataset import Dataset, ParquetFileFragment

ROWS_AT_ONCE = 65_536
FIRM, SETTINGS, FIRMS = "firm", "settings", "firms"
TABLES = tuple(kind.file.removesuffix(".csv") for kind in FILES)


class Tables(ABC):
    """Tables by name, each with the firm in front; `clients` must be there, `firms` may hold settings of some."""

    place: str

    @abstractmethod
    def columns(self, table: str) -> tuple[str, ...] | None:
        """The columns of a table; None where there is no such table."""

    @abstractmethod
    def rows(self, table: str, columns: Sequence[str], first: str, last: str) -> Iterator[tuple[Any, ...]]:
        """The rows of the firms from `first` to `last`, the firm in front, in the order they were written."""

    def blocks(self, table: str, columns: Sequence[str], first: str, last: str) -> Iterator[list[Sequence[Any]]]:
        """The same column by column, some rows at a time."""
        rows = self.rows(table, columns, first, last)
        while some := list(islice(rows, ROWS_AT_ONCE)):
            yield list(zip(*some, strict=True))

    @abstractmethod
    def firms(self) -> dict[str | None, int]:
        """Every firm with its number of clients; None stands for clients of no firm."""

    @abstractmethod
    def beyond(self, table: str, last: str) -> int:
        """How many rows of a table name no firm, or one after `last`."""

    @abstractmethod
    def fingerprint(self) -> str:
        """A digest that is another one once anything was written."""

    def settings(self) -> Settings:
        """What holds for every firm that has no settings of its own."""
        return Settings()


def tables_at(place: str) -> Tables:
    """The tables of the book at `place`: a folder, or the URL of a database."""
    if is_team(place):
        from app.book.postgres import PostgresTables

        return PostgresTables(place)
    return ParquetTables(Path(place))


class ParquetTables(Tables):
    """Tables in a folder: a file, or a folder of files, for each."""

    def __init__(self, folder: Path) -> None:
        self.place, self._folder = str(folder), folder
        self._tables = {name: found for name in (*TABLES, FIRMS) if (found := _dataset(folder, name)) is not None}
        for name, table in self._tables.items():
            _check_texts(table, name, self.place)
        self._groups: dict[str, list[tuple[ParquetFileFragment, list[tuple[str, str] | None]]]] = {}

    def columns(self, table: str) -> tuple[str, ...] | None:
        """The columns of a table; None where there is no such table."""
        return tuple(self._tables[table].schema.names) if table in self._tables else None

    def rows(self, table: str, columns: Sequence[str], first: str, last: str) -> Iterator[tuple[Any, ...]]:
        """The rows of the firms from `first` to `last`, the firm in front."""
        for block in self.blocks(table, columns, first, last):
            yield from zip(*block, strict=True)

    def blocks(self, table: str, columns: Sequence[str], first: str, last: str) -> Iterator[list[Sequence[Any]]]:
        """The same column by column, some rows at a time."""
        from pyarrow.dataset import field

        names = [FIRM, *columns]
        within = (field(FIRM) >= first) & (field(FIRM) <= last)
        with self._readable(table):
            for fragment in self._fragments(table, first, last):
                # A worker has one core, and threads of Arrow's own would only take turns on it.
                some = fragment.to_batches(
                    schema=self._tables[table].schema, columns=names, filter=within, batch_size=ROWS_AT_ONCE,
                    use_threads=False,
                )  # fmt: skip
                for batch in some:
                    if batch.num_rows:
                        yield [_cells(batch.column(name)) for name in names]

    @contextmanager
    def _readable(self, table: str) -> Iterator[None]:
        from pyarrow import ArrowException

        try:
            yield
        except (ArrowException, OSError) as error:
            # A disk that is gone for a while has a number and is tried again; what is damaged has none.
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise ImportRefused(
                phrase(
                    "{place}: the table {table} cannot be read: {error}.", place=self.place, table=table, error=error
                )
            ) from error

    def _fragments(self, table: str, first: str, last: str) -> "Iterator[ParquetFileFragment]":
        """What of the files may hold any of the firms; Arrow would go through what is said of every group of rows."""
        if table not in self._groups:
            self._groups[table] = [(part, _firms_of_groups(part)) for part in self._tables[table].get_fragments()]
        for fragment, groups in self._groups[table]:
            rows = [at for at, ends in enumerate(groups) if ends is None or (ends[0] <= last and first <= ends[1])]
            if rows:
                yield fragment.subset(row_group_ids=rows)

    def firms(self) -> dict[str | None, int]:
        """Every firm with its number of clients; None stands for clients of no firm."""
        counts: dict[str | None, int] = {}
        with self._readable(TABLES[0]):
            for batch in self._tables[TABLES[0]].to_batches(columns=[FIRM], batch_size=ROWS_AT_ONCE):
                for entry in batch.column(0).value_counts().to_pylist():
                    counts[entry["values"]] = counts.get(entry["values"], 0) + entry["counts"]
        return counts

    def beyond(self, table: str, last: str) -> int:
        """How many rows of a table name no firm, or one after `last`."""
        from pyarrow.dataset import field

        with self._readable(table):
            return int(self._tables[table].count_rows(filter=field(FIRM).is_null() | (field(FIRM) > last)))

    def fingerprint(self) -> str:
        """A digest of names, sizes and times of the files."""
        return written(self._folder)

    def settings(self) -> Settings:
        """The settings file beside the tables."""
        path = self._folder / SETTINGS_FILE
        try:
            return read_settings(path.read_text(encoding="utf-8"), SETTINGS_FILE) if path.exists() else Settings()
        except (OSError, UnicodeDecodeError) as error:
            raise ImportRefused(phrase("{path} cannot be read as text in UTF-8.", path=path)) from error


def written(folder: Path) -> str:
    """A digest of names, sizes and times of the files of a book: another one once anything of it was written."""
    digest = sha256()
    # Scores and beliefs may lie in the folder as well, and are none of it.
    tables = [folder / f"{table}.parquet" for table in (*TABLES, FIRMS)]
    parts = [path for table in (*TABLES, FIRMS) for path in (folder / table).rglob("*")]
    for path in sorted((*tables, *parts, folder / SETTINGS_FILE)):
        if path.is_file():
            about = path.stat()
            told = f"{path.relative_to(folder)} {about.st_size} {about.st_mtime_ns}\n"
            digest.update(told.encode("utf-8", errors="surrogateescape"))
    return digest.hexdigest()[:16]


def _firms_of_groups(fragment: "ParquetFileFragment") -> list[tuple[str, str] | None]:
    """The first and the last firm of each group of rows; None where the file does not say."""
    about = fragment.metadata
    found: list[tuple[str, str] | None] = [None] * about.num_row_groups
    if FIRM not in about.schema.names:
        return found
    place = about.schema.names.index(FIRM)
    for group in range(about.num_row_groups):
        told = about.row_group(group).column(place).statistics
        if told is not None and told.has_min_max and isinstance(told.min, str) and isinstance(told.max, str):
            found[group] = told.min, told.max
    return found


def _cells(column: "Array") -> list[Any]:
    from pyarrow import types

    number = types.is_floating(column.type) or types.is_integer(column.type) or types.is_boolean(column.type)
    if number and not column.null_count:
        found: list[Any] = column.to_numpy(zero_copy_only=False).tolist()
        return found
    if not (types.is_date32(column.type) or types.is_string(column.type) or types.is_boolean(column.type)):
        plain: list[Any] = column.to_pylist()
        return plain
    # Names, days and notes come again and again: each is made once.
    coded = column.dictionary_encode()
    known = np.array([*coded.dictionary.to_pylist(), None], dtype=object)
    cells: list[Any] = known[coded.indices.fill_null(len(known) - 1).to_numpy()].tolist()
    return cells


def _dataset(folder: Path, table: str) -> "Dataset | None":
    from pyarrow import ArrowException
    from pyarrow.dataset import dataset

    for path in (folder / f"{table}.parquet", folder / table):
        if path.exists():
            try:
                return dataset(path, format="parquet")
            except (ArrowException, OSError) as error:
                raise ImportRefused(phrase("{path} cannot be read as Parquet.", path=path)) from error
    return None


def _check_texts(table: "Dataset", name: str, place: str) -> None:
    """Refuse names of firms, and settings, that are no texts."""
    from pyarrow import types

    for column in (FIRM, SETTINGS) if name == FIRMS else (FIRM,):
        if table.schema.names.count(column) != 1:
            continue
        kind = table.schema.field(column).type
        of = kind.value_type if types.is_dictionary(kind) else kind
        if not (types.is_string(of) or types.is_large_string(of) or types.is_string_view(of)):
            raise ImportRefused(
                phrase(
                    "{place}: the table {table}: the column {column} must hold texts; {kind} came.",
                    place=place, table=name, column=column, kind=kind,
                )
            )  # fmt: skip

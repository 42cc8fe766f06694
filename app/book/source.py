"""The records of many firms in Parquet: one table for each kind of record, with the firm in front.

A book is a folder that holds a file or a folder of files for each table: `clients`, `checkins`, `signs` and so on, with
the columns of a portfolio folder and `firm`. Each table is best sorted by firm, so that one part of the book is read
without the rest. A `settings.toml` holds for every firm; a table `firms` with columns `firm` and `settings` for those
it names.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.imports.cells import UnreadableCell, read_cell, write_cell
from app.imports.columns import FILES, SETTINGS_FILE, TEXT_KINDS, Column, FileKind
from app.settings_file import read_settings
from app.store.merge import check, key_of
from model.errors import BushError, ImportRefused
from model.records import Records
from model.settings import Settings

if TYPE_CHECKING:
    from pyarrow import Schema
    from pyarrow.dataset import Dataset

ROWS_AT_ONCE = 65_536
FIRM = "firm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulty:
    """A firm whose records cannot be read, and why."""

    firm: str
    sentence: str


class Book:
    """A book in a folder.

    Parameters
    ----------
    folder
        Where the tables are.

    Raises
    ------
    ImportRefused
        If there is no table of clients, or a table lacks a column that must be there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._tables = {kind.file: found for kind in FILES if (found := _table(folder, kind.file)) is not None}
        if FILES[0].file not in self._tables:
            raise ImportRefused(f"{folder} holds no table of clients (clients.parquet, or a folder clients).")
        for kind in FILES:
            table = self._tables.get(kind.file)
            needed = [FIRM, *(column.name for column in kind.columns if column.required)]
            missing = [] if table is None else [name for name in needed if name not in table.schema.names]
            if missing:
                raise ImportRefused(f"{folder}: the table {_stem(kind.file)} lacks the column {missing[0]!r}.")
        self._settings = _common_settings(folder)
        self._own = _table(folder, "firms.csv")

    def firms(self) -> list[tuple[str, int]]:
        """Every firm with its number of clients, sorted.

        Raises
        ------
        ImportRefused
            If a client has no firm.
        """
        counts: dict[Any, int] = {}
        for batch in self._tables[FILES[0].file].to_batches(columns=[FIRM], batch_size=ROWS_AT_ONCE):
            for entry in batch.column(0).value_counts().to_pylist():
                counts[entry["values"]] = counts.get(entry["values"], 0) + entry["counts"]
        if None in counts:
            raise ImportRefused(f"{self.folder}: {counts[None]:,} clients have no firm.")
        return sorted(counts.items())

    def fingerprint(self) -> str:
        """A digest of names, sizes and times of the files: another one once anything was written."""
        digest = sha256()
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                about = path.stat()
                told = f"{path.relative_to(self.folder)} {about.st_size} {about.st_mtime_ns}\n"
                digest.update(told.encode("utf-8", errors="surrogateescape"))
        return digest.hexdigest()[:16]

    def records(self, first: str, last: str) -> Iterator[tuple[str, Records] | Faulty]:
        """The records of every firm from `first` to `last`, in the order of their names."""
        from pyarrow.dataset import field

        within = (field(FIRM) >= first) & (field(FIRM) <= last)
        held: dict[str, dict[str, list[Any]]] = {}
        faulty: dict[str, str] = {}
        for kind in FILES:
            if (table := self._tables.get(kind.file)) is None:
                continue
            known = {column.name: column for column in kind.columns}
            names = [FIRM, *(name for name in table.schema.names if name in known)]
            for batch in table.to_batches(columns=names, filter=within, batch_size=ROWS_AT_ONCE):
                firms, *cells = (batch.column(name).to_pylist() for name in names)
                for firm, *row in zip(firms, *cells, strict=True):
                    if firm in faulty:
                        continue
                    try:
                        record = _record(kind, [known[name] for name in names[1:]], row)
                    except BushError as error:
                        faulty[firm] = f"{_stem(kind.file)}: {error}"
                        continue
                    held.setdefault(firm, {}).setdefault(kind.attribute, []).append(record)
        own = self._own_settings(within)
        for firm in sorted({*held, *faulty}):
            if firm in faulty:
                yield Faulty(firm=firm, sentence=faulty[firm])
                continue
            try:
                settings = read_settings(own[firm], f"settings of {firm!r}") if firm in own else self._settings
                yield firm, _checked(held[firm], settings)
            except BushError as error:
                yield Faulty(firm=firm, sentence=str(error))

    def _own_settings(self, within: Any) -> dict[str, str]:
        if self._own is None:
            return {}
        rows = self._own.to_table(columns=[FIRM, "settings"], filter=within).to_pylist()
        return {row[FIRM]: row["settings"] for row in rows if row["settings"]}


def write_book(folder: Path, firms: Iterator[tuple[str, Records]], *, settings: Settings | None = None) -> None:
    """Write a book, streaming: no more than some firms are held at a time.

    Parameters
    ----------
    folder
        Created where it is missing.
    firms
        Firms in the order of their names, with their records.
    settings
        Written once for all of them; the settings of each firm's records where none are given.
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    from app.settings_file import write_settings

    folder.mkdir(parents=True, exist_ok=True)
    if settings is not None:
        (folder / SETTINGS_FILE).write_text(write_settings(settings), encoding="utf-8")
    own = pa.schema([(FIRM, pa.string()), ("settings", pa.string())])
    writers = {kind.file: ParquetWriter(folder / f"{_stem(kind.file)}.parquet", _schema(kind)) for kind in FILES}
    with ParquetWriter(folder / "firms.parquet", own) as about:
        while some := list(islice(firms, 256)):
            for kind in FILES:
                rows = [
                    {FIRM: firm} | {column.name: _cell(record, column) for column in kind.columns}
                    for firm, records in some
                    for record in getattr(records, kind.attribute)
                ]
                if rows:
                    writers[kind.file].write_table(pa.Table.from_pylist(rows, schema=_schema(kind)))
            if settings is None:
                told = [{FIRM: firm, "settings": write_settings(records.settings)} for firm, records in some]
                about.write_table(pa.Table.from_pylist(told, schema=own))
    for writer in writers.values():
        writer.close()


def _table(folder: Path, file: str) -> "Dataset | None":
    from pyarrow.dataset import dataset

    for path in (folder / f"{_stem(file)}.parquet", folder / _stem(file)):
        if path.exists():
            return dataset(path, format="parquet")
    return None


def _stem(file: str) -> str:
    return file.removesuffix(".csv")


def _common_settings(folder: Path) -> Settings:
    path = folder / SETTINGS_FILE
    return read_settings(path.read_text(encoding="utf-8"), SETTINGS_FILE) if path.exists() else Settings()


def _record(kind: FileKind, columns: Sequence[Column], row: Sequence[Any]) -> Any:
    values: dict[str, Any] = {}
    for column, cell in zip(columns, row, strict=True):
        if cell is None or (cell == "" and column.kind not in TEXT_KINDS):
            values[column.field] = column.empty
            continue
        try:
            values[column.field] = _value(cell, column)
        except UnreadableCell as error:
            raise ImportRefused(f"column {column.name}: {error} was expected; {cell!r} came.") from error
        if column.kind == "day_or_month":
            values["whole_month"] = isinstance(cell, str) and len(cell.strip()) == len("2026-01")
    return kind.record(**values)


def _value(cell: Any, column: Column) -> Any:
    """The value of a typed cell; text is read as in a portfolio folder, for all but names and notes."""
    if isinstance(cell, str):
        return cell if column.kind in TEXT_KINDS else read_cell(cell, column)
    match column.kind, cell:
        case "date" | "month" | "day_or_month", datetime():
            return cell.date()
        case "date" | "month" | "day_or_month", date():
            return cell
        case "flag", bool():
            return cell
        case "decimal", bool():
            raise UnreadableCell("an amount")
        case "decimal", int() | Decimal():
            return Decimal(cell)
        case "decimal", float():
            return Decimal(repr(cell))
        case "number", int() | float() | Decimal():
            return float(cell)
        case "integer", int():
            return cell
    raise UnreadableCell(f"a {column.kind}")


def _checked(held: dict[str, list[Any]], settings: Settings) -> Records:
    records = Records(**{name: tuple(rows) for name, rows in held.items()}, settings=settings)
    clients = {client.name: client for client in records.clients}
    for kind in FILES:
        rows = getattr(records, kind.attribute)
        keys = Counter(key_of(record) for record in rows)
        for key, count in keys.items():
            if key is not None and count > 1:
                raise ImportRefused(f"{_stem(kind.file)}: {' '.join(map(str, key))} is there {count} times.")
        check(rows, clients, settings)
    return records


def _cell(record: object, column: Column) -> Any:
    value = getattr(record, column.field)
    if value is None:
        return None
    if column.kind in ("date", "flag", "number", "integer", *TEXT_KINDS):
        return value
    return write_cell(record, column) or None


def _schema(kind: FileKind) -> "Schema":
    import pyarrow as pa

    types = {"date": pa.date32(), "flag": pa.bool_(), "number": pa.float64(), "integer": pa.int64()}
    return pa.schema([(FIRM, pa.string()), *((c.name, types.get(c.kind, pa.string())) for c in kind.columns)])

"""The records of many firms: one table for each kind of record, with the firm in front.

A book is a folder of Parquet tables, or a PostgreSQL database with tables of the same names: `clients`, `checkins`,
`signs` and so on, with the columns of a portfolio folder and `firm`. A table in Parquet is best sorted by firm, one in
a database indexed by `firm COLLATE "C"`, so that one part of the book is read without the rest. A `settings.toml` in
the folder holds for every firm; a table `firms` with columns `firm` and `settings` for those it names.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import groupby, islice
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

from app.book.tables import FIRM, FIRMS, SETTINGS, TABLES, tables_at, written
from app.imports.cells import UnreadableCell, read_cell, read_decimals, write_cell
from app.imports.columns import FILES, SETTINGS_FILE, TEXT_KINDS, Column, FileKind
from app.settings_file import read_settings
from app.store.merge import check, key_of
from app.store.places import is_team
from model.choice import Choice
from model.columns import records_of
from model.errors import BushError, ImportRefused
from model.language import phrase, phrase_of
from model.records import CheckIn, Event, Hours, Invoice, Records, Sighting
from model.settings import Settings

if TYPE_CHECKING:
    from pyarrow import Schema


FIRMS_AT_ONCE = 32  # written in one group of rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulty:
    """A firm whose records cannot be read, and why."""

    firm: str
    sentence: str


class Book:
    """A book of many firms.

    Parameters
    ----------
    place
        A folder of Parquet tables, or the URL of a PostgreSQL database that holds them.

    Raises
    ------
    ImportRefused
        If there is no table of clients, or a table lacks a column that must be there.
    """

    def __init__(self, place: str | Path) -> None:
        self._tables = tables_at(str(place))
        self.place = self._tables.place
        if self._tables.columns(TABLES[0]) is None:
            raise ImportRefused(
                phrase("{place} holds no table of clients (clients.parquet, or a folder clients).", place=self.place)
            )
        needed = {_stem(kind.file): [FIRM, *(c.name for c in kind.columns if c.required)] for kind in FILES}
        for table, names in (needed | {FIRMS: [FIRM, SETTINGS]}).items():
            there = self._tables.columns(table)
            missing = [] if there is None else [name for name in names if name not in there]
            if missing:
                raise ImportRefused(
                    phrase(
                        "{place}: the table {file} lacks the column {missing!r}.",
                        place=self.place,
                        file=table,
                        missing=missing[0],
                    )
                )
        self._settings = self._tables.settings()

    def firms(self) -> list[tuple[str, int]]:
        """Every firm with its number of clients, sorted.

        Raises
        ------
        ImportRefused
            If a client has no firm.
        """
        counts = self._tables.firms()
        if None in counts:
            raise ImportRefused(
                phrase("{place}: {count:,} clients have no firm.", place=self.place, count=counts[None])
            )
        return sorted((firm, count) for firm, count in counts.items() if firm is not None)

    def strays(self) -> list[Faulty]:
        """What is read with no firm: rows that name none, or one after the last that has a client.

        A firm between others that has no client is named with their records.
        """
        last = max((name for name in self._tables.firms() if name is not None), default="")
        counts = {table: self._tables.beyond(table, last) for table in TABLES[1:] if self._tables.columns(table)}
        return [
            Faulty(
                firm="",
                sentence=phrase_of(
                    count,
                    "{table}: {count:,} row is of no firm with a client",
                    "{table}: {count:,} rows are of no firm with a client",
                    table=table,
                ),
            )
            for table, count in counts.items()
            if count
        ]

    def fingerprint(self) -> str:
        """A digest that is another one once anything was written."""
        return self._tables.fingerprint()

    def records(self, first: str, last: str) -> Iterator[tuple[str, Records] | Faulty]:
        """The records of every firm from `first` to `last`, in the order of their names."""
        held: dict[str, dict[str, list[Any]]] = {}
        faulty: dict[str, str] = {}
        for kind in FILES:
            table = _stem(kind.file)
            if (there := self._tables.columns(table)) is None:
                continue
            known = {column.name: column for column in kind.columns}
            columns = [known[name] for name in there if name in known]
            for firms, *cells in self._tables.blocks(table, [column.name for column in columns], first, last):
                for firm, made in _made(kind, columns, firms, cells):
                    if isinstance(made, BushError):
                        faulty.setdefault(firm, f"{table}: {made}")
                    else:
                        held.setdefault(firm, {}).setdefault(kind.attribute, []).extend(made)
        own = self._own_settings(first, last)
        for firm in sorted({*held, *faulty}):
            if firm in faulty:
                yield Faulty(firm=firm, sentence=faulty[firm])
                continue
            try:
                settings = (
                    read_settings(own[firm], phrase("settings of {firm!r}", firm=firm))
                    if firm in own
                    else self._settings
                )
                yield firm, _checked(held[firm], settings)
            except BushError as error:
                yield Faulty(firm=firm, sentence=str(error))

    def _own_settings(self, first: str, last: str) -> dict[str, str]:
        if self._tables.columns(FIRMS) is None:
            return {}
        return {firm: text for firm, text in self._tables.rows(FIRMS, [SETTINGS], first, last) if text}


def opened(place: str) -> Book:
    """The book at `place`: a folder is opened once, as long as nothing in it is written."""
    return Book(place) if is_team(place) else _opened(place, written(Path(place)))


@lru_cache(maxsize=1)
def _opened(place: str, digest: str) -> Book:
    # What a large table says of its groups of rows takes longer to read than a part of it.
    del digest
    return Book(place)


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
        # So few that a part of the book is read without much of what lies beside it: a group of rows is read whole.
        while some := list(islice(firms, FIRMS_AT_ONCE)):
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


def _stem(file: str) -> str:
    return file.removesuffix(".csv")


_PLAIN: dict[str, type] = {
    "date": date, "month": date, "flag": bool, "number": float, "integer": int, **dict.fromkeys(TEXT_KINDS, str),
}  # fmt: skip


def _made(
    kind: FileKind, columns: Sequence[Column], firms: Sequence[str], cells: Sequence[Sequence[Any]]
) -> Iterator[tuple[str, Sequence[Any] | BushError]]:
    """The records of each run of rows of one firm, or what is wrong with one of them."""
    try:
        made = _records(kind, columns, cells)
    except BushError:
        # Row by row, to tell whose it is.
        for firm, *row in zip(firms, *cells, strict=True):
            try:
                yield firm, _records(kind, columns, [(cell,) for cell in row])
            except BushError as error:
                yield firm, error
        return
    start = 0
    for firm, run in groupby(firms):
        stop = start + sum(1 for _ in run)
        yield firm, made[start:stop]
        start = stop


def _records(kind: FileKind, columns: Sequence[Column], cells: Sequence[Sequence[Any]]) -> list[Any]:
    """Records from their cells, column by column."""
    fields = [column.field for column in columns]
    values = [_values(some, column) for some, column in zip(cells, columns, strict=True)]
    for some, column in zip(cells, columns, strict=True):
        if column.kind == "day_or_month":
            fields.append("whole_month")
            whole = {cell: isinstance(cell, str) and len(cell.strip()) == len("2026-01") for cell in set(some)}
            values.append([whole[cell] for cell in some])
    return records_of(kind.record, dict(zip(fields, values, strict=True)))


def _values(cells: Sequence[Any], column: Column) -> Sequence[Any]:
    """The values of the cells of one column, something in each where something must be."""
    values = _read_all(cells, column)
    if column.required and None in values:
        raise ImportRefused(phrase("the column {name} is empty", name=column.name))
    return values


def _read_all(cells: Sequence[Any], column: Column) -> Sequence[Any]:
    kinds, empty = set(map(type, cells)), column.empty
    plain = {_PLAIN.get(column.kind), NoneType}
    # What is stored as what it is needs no reading; nearly every cell of a book is.
    if kinds <= plain:
        return cells if empty is None or NoneType not in kinds else [empty if cell is None else cell for cell in cells]
    if kinds <= {str, NoneType}:
        # Few texts are there, many times over; amounts are many, and read at once where all are spelt well.
        known: dict[Any, Any] | None = read_decimals(set(cells)) if column.kind == "decimal" else None
        if known is None:
            known = {cell: _read(cell, column) for cell in set(cells)}
        return list(map(known.__getitem__, cells))
    return [cell if type(cell) in plain and cell is not None else _read(cell, column) for cell in cells]


def _read(cell: Any, column: Column) -> Any:
    if cell is None or (cell == "" and column.kind not in TEXT_KINDS):
        return column.empty
    try:
        return _value(cell, column)
    except UnreadableCell as error:
        raise ImportRefused(
            phrase("column {name}: {what} was expected; {cell!r} came.", name=column.name, what=error, cell=cell)
        ) from error


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
            raise UnreadableCell(phrase("an amount"))
        case "decimal", int() | Decimal():
            return Decimal(cell)
        case "decimal", float():
            return Decimal(repr(cell))
        case "number", int() | float() | Decimal():
            return float(cell)
        case "integer", int():
            return cell
        # Where some are missing, whole numbers are often stored with a point.
        case "integer", float() if cell.is_integer():
            return int(cell)
    raise UnreadableCell(_wanted(column))


def _wanted(column: Column) -> str:
    match column.kind:
        case "date" | "day_or_month":
            return phrase("a date YYYY-MM-DD")
        case "month":
            return phrase("a month YYYY-MM")
        case "flag":
            return phrase("0 or 1")
        case "integer":
            return phrase("a whole number")
        case "decimal" | "number":
            return phrase("a number such as 1234.50")
        case _:
            return phrase("a text")


def _checked(held: dict[str, list[Any]], settings: Settings) -> Records:
    records = Records(**{name: tuple(rows) for name, rows in held.items()}, settings=settings)
    clients = {client.name: client for client in records.clients}
    for kind in FILES:
        rows = getattr(records, kind.attribute)
        # Of what has a day, several alike may stand side by side.
        keys = list(map(key_of, rows)) if rows and key_of(rows[0]) is not None else []
        for key, count in Counter(keys).items() if len(set(keys)) < len(keys) else ():
            if count > 1:
                raise ImportRefused(
                    phrase(
                        "{file}: {key} is there {count} times.",
                        file=_stem(kind.file),
                        key=" ".join(map(str, key or ())),
                        count=count,
                    )
                )
        check(_unlike(rows), clients, settings)
    return records


def _unlike(rows: Sequence[Any]) -> Collection[Any]:
    """One of those records that stand or fall together: thousands of hours are of a dozen clients."""
    match rows[:1]:
        case (Sighting(),):
            return {(record.client, record.sign): record for record in rows}.values()
        case (Invoice(),):
            return {(record.client, record.currency): record for record in rows}.values()
        case (CheckIn() | Hours() | Event() | Choice(),):
            return {record.client: record for record in rows}.values()
        case _:
            return rows


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

"""A portfolio folder to records: every file whole and valid, or a refusal that names the cell."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zlib import crc32

from app.imports.cells import UnreadableCell, read_cell
from app.imports.columns import FILES, SETTINGS_FILE, Column, FileKind
from app.imports.faults import Fault, from_error, not_yet, refusal, unreadable
from app.settings_file import read_settings, settings_changed
from app.store.merge import check, check_names_of_settings, key_of
from app.store.portfolio import Portfolio
from app.store.writes import Record, Stored, counted
from model.errors import (
    BushError,
    ImportRefused,
    InvalidRecord,
    InvalidSettings,
    MissingRate,
    UnknownClient,
    UnknownSign,
)
from model.language import phrase
from model.records import Client, Records
from model.settings import Settings

MAX_BYTES = 200_000_000

Row = tuple[int, Record]


def import_folder(portfolio: Portfolio, folder: Path, *, today: date | None = None) -> Stored:
    """Store a portfolio folder in one batch; records that are there already are left alone.

    Settings that the folder's file names take the place of those held; the others stay.

    Parameters
    ----------
    portfolio
        Where to.
    folder
        Holds at least `clients.csv`.
    today
        The day of the import: what has happened lies no later. None not to ask.

    Raises
    ------
    ImportRefused
        If a file holds a fault, or contradicts what is recorded.
    StoreError
        If the database cannot be written.
    """
    has_settings = (folder / SETTINGS_FILE).exists()
    records = read_folder(folder, settings=_kept(portfolio), today=today)
    new = tuple(record for kind in FILES for record in getattr(records, kind.attribute))
    saved = records.settings if has_settings or not _kept(portfolio) else None
    try:
        return portfolio.take_in(new, settings=saved, source=phrase("folder {name}", name=folder.name))
    except (InvalidRecord, UnknownClient, MissingRate) as error:
        raise ImportRefused(phrase("{name}: {error} Nothing was stored.", name=folder.name, error=error)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderPreview:
    """What a folder would store: how many records it holds, in words, and which settings would change."""

    records: str
    settings: tuple[str, ...]


def preview_folder(portfolio: Portfolio, folder: Path, *, today: date | None = None) -> FolderPreview:
    """Read a portfolio folder and say what importing it would store.

    Parameters
    ----------
    portfolio, folder, today
        As for `import_folder`.

    Raises
    ------
    ImportRefused
        If a file holds a fault.
    """
    held = _kept(portfolio)
    found = read_folder(folder, settings=held, today=today)
    return FolderPreview(
        records=counted(record for kind in FILES for record in getattr(found, kind.attribute)),
        settings=() if held is None else settings_changed(held, found.settings),
    )


def read_folder(folder: Path, *, settings: Settings | None = None, today: date | None = None) -> Records:
    """Read and check a whole portfolio folder.

    Parameters
    ----------
    folder
        Holds at least `clients.csv`.
    settings
        What holds where the folder's `settings.toml`, if there is one, says nothing; None for the defaults, in the
        currency of the clients if they share one.
    today
        What has happened lies no later; None not to ask.

    Raises
    ------
    ImportRefused
        Naming file, row and column, what was expected and what came.
    """
    if not folder.is_dir():
        raise ImportRefused(
            phrase("{folder} is not a folder; a portfolio folder with a clients.csv was expected.", folder=folder)
        )
    if not (folder / FILES[0].file).exists():
        raise ImportRefused(phrase("{folder} holds no clients.csv; every portfolio folder has one.", folder=folder))
    faults: list[Fault] = []
    rows: dict[FileKind, list[Row]] = {}
    for kind in FILES:
        path = folder / kind.file
        rows[kind] = list(_records(path, kind, faults, today)) if path.exists() else []
    settings = _settings(folder, settings, [record for _, record in rows[FILES[0]]])
    if not faults:
        _check_together(rows, settings, faults)
    if faults:
        raise refusal(faults)
    held: dict[str, Any] = {kind.attribute: tuple(record for _, record in rows[kind]) for kind in FILES}
    return Records(**held, settings=settings)


def fingerprint(folder: Path) -> int:
    """A number that tells one state of a folder's files from another."""
    value = 0
    for name in sorted([*(kind.file for kind in FILES), SETTINGS_FILE]):
        if (folder / name).exists():
            value = crc32(_bytes(folder / name), crc32(name.encode(), value))
    return value


def read_rows(path: Path) -> list[list[str]]:
    """The rows of a UTF-8 CSV file, blank ones as empty lists.

    Raises
    ------
    ImportRefused
        If the file is empty, not text, or its quotes do not close.
    """
    content = _bytes(path)
    name = path.name
    if not content.removeprefix(b"\xef\xbb\xbf").strip():
        raise ImportRefused(phrase("{name} is empty; a header row was expected.", name=name))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise ImportRefused(
            phrase(
                "{name}, row {row}: the file is not UTF-8 text (byte {content:#04x} came); save it as CSV in UTF-8.",
                name=name,
                row=row,
                content=content[error.start],
            )
        ) from error
    if "\x00" in text:
        row = text[: text.index("\x00")].count("\n") + 1
        raise ImportRefused(
            phrase("{name}, row {row}: the file is binary, not text; a CSV file was expected.", name=name, row=row)
        )
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise ImportRefused(phrase("{name} is not a CSV file: {error}.", name=name, error=error)) from error


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ImportRefused(
                phrase("{name} is larger than {max_bytes:,} bytes; split it.", name=path.name, max_bytes=MAX_BYTES)
            )
        return path.read_bytes()
    except OSError as error:
        raise ImportRefused(
            phrase("{name} cannot be read: {strerror}.", name=path.name, strerror=error.strerror)
        ) from error


def _kept(portfolio: Portfolio) -> Settings | None:
    # An empty portfolio that was never set up takes over what the folder brings.
    records = portfolio.records()
    return None if not records.clients and records.settings == Settings() else records.settings


def _settings(folder: Path, given: Settings | None, clients: list[Record]) -> Settings:
    path = folder / SETTINGS_FILE
    if path.exists():
        try:
            text = _bytes(path).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ImportRefused(
                phrase("{settings_file} is not UTF-8 text; save it as UTF-8.", settings_file=SETTINGS_FILE)
            ) from error
        settings = read_settings(text, SETTINGS_FILE, given)
        try:
            check_names_of_settings(settings)
        except UnknownSign as error:
            raise ImportRefused(
                phrase(
                    "{settings_file}, deal_breakers: {error} Nothing was stored.",
                    settings_file=SETTINGS_FILE,
                    error=error,
                )
            ) from error
        except InvalidSettings as error:
            raise ImportRefused(
                phrase(
                    "{settings_file}, beliefs: {error} Nothing was stored.", settings_file=SETTINGS_FILE, error=error
                )
            ) from error
        return settings
    currencies = {client.currency for client in clients if isinstance(client, Client)}
    if given is None and len(currencies) == 1:
        return Settings(currency=currencies.pop())
    return given or Settings()


def _records(path: Path, kind: FileKind, faults: list[Fault], today: date | None) -> Iterator[Row]:
    header, *rows = read_rows(path)
    names = [cell.strip() for cell in header]
    wrong = list(_wrong_header(names, kind))
    faults.extend(wrong)
    if wrong:
        return
    columns = {column.name: column for column in kind.columns}
    for number, cells in enumerate(rows, 2):
        if not cells:
            continue
        if len(cells) != len(names):
            sentence = phrase(
                "{columns} cells were expected, one per column; {came} came.", columns=len(names), came=len(cells)
            )
            faults.append(Fault(file=kind.file, row=number, sentence=sentence))
            continue
        record = _record([columns[name] for name in names], cells, kind, number, faults)
        if record is None:
            continue
        if today is not None:
            faults.extend(from_error(error, kind.file, number) for error in not_yet(record, kind.columns, today))
        yield number, record


def _wrong_header(names: list[str], kind: FileKind) -> Iterator[Fault]:
    known = [column.name for column in kind.columns]
    for place, name in enumerate(names, 1):
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = phrase(" Did you mean {near!r}?", near=near[0]) if near else ""
            label = repr(name) if name else phrase("number {place} (without a name)", place=place)
            sentence = phrase("it is not a column of this file; {known} are.{hint}", known=", ".join(known), hint=hint)
            yield Fault(file=kind.file, row=1, column=label, sentence=sentence)
        elif names.index(name) != place - 1:
            yield Fault(file=kind.file, row=1, column=name, sentence=phrase("the header names this column twice."))
    for column in kind.columns:
        if column.required and column.name not in names:
            sentence = phrase("this column must be there; {names} came.", names=", ".join(map(repr, names)))
            yield Fault(file=kind.file, row=1, column=column.name, sentence=sentence)


def _record(columns: list[Column], cells: list[str], kind: FileKind, number: int, faults: list[Fault]) -> Record | None:
    values: dict[str, object] = {}
    before = len(faults)
    for column, cell in zip(columns, cells, strict=True):
        if cell == "":
            if column.required:
                faults.append(unreadable(kind.file, number, column.name, phrase("a value"), cell))
            values[column.field] = column.empty
            continue
        try:
            values[column.field] = read_cell(cell, column)
        except UnreadableCell as error:
            faults.append(unreadable(kind.file, number, column.name, str(error), cell))
        if column.kind == "day_or_month":
            values["whole_month"] = len(cell.strip()) == len("2026-01")
    if len(faults) > before:
        return None
    try:
        record: Record = kind.record(**values)
    except BushError as error:
        faults.append(from_error(error, kind.file, number))
        return None
    return record


def _check_together(rows: dict[FileKind, list[Row]], settings: Settings, faults: list[Fault]) -> None:
    clients: dict[str, Client] = {}
    seen: dict[object, int] = {}
    for kind, found in rows.items():
        seen.clear()
        for number, record in found:
            key = key_of(record)
            if key is not None and key in seen:
                column = "name" if len(key) == 1 else kind.columns[1].name
                sentence = phrase("the same as in row {seen}; each may come once.", seen=seen[key])
                faults.append(Fault(file=kind.file, row=number, column=column, sentence=sentence))
            elif key is not None:
                seen[key] = number
            if isinstance(record, Client):
                clients[record.name] = record
            signs_column = next((column.name for column in kind.columns if column.kind == "signs"), "sign")
            try:
                check((record,), clients, settings)
            except UnknownSign as error:
                faults.append(from_error(error, kind.file, number, signs_column))
            except BushError as error:
                faults.append(from_error(error, kind.file, number))

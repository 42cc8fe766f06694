"""The journal: everything recorded, each entry with an id of its own, by which it is found and put right."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from app.correcting import Correctable, blanks_of, corrected, course_of
from app.evidence_timeline import entries_of
from app.imports.cells import UnreadableCell, read_cell, read_date, write_cell
from app.imports.columns import FILES, Column
from model.errors import InvalidRecord
from model.language import phrase, written
from model.records import Prospect
from model.rules import LAST_DATE

if TYPE_CHECKING:
    from model.catalogue import Catalogue
    from model.records import Records

BYTES_OF_AN_ID = 4
FEWEST_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One record with its id; a search has no client, a prospect no day."""

    id: str
    on: date | None
    client: str
    what: str
    detail: str
    record: Correctable


def journal(records: "Records", catalogue: "Catalogue", client: str | None = None) -> tuple[JournalEntry, ...]:
    """Everything recorded of one client, or of all with searches and prospects, newest first.

    Terms are not among them: they go by the client's name.

    Raises
    ------
    UnknownClient
        If there is no client of that name.
    """
    if client is not None:
        return tuple(_of_client(records, catalogue, records.client(client).name))
    found = [entry for one in records.clients for entry in _of_client(records, catalogue, one.name)]
    found += [_entry(search.opened_on, "", phrase("Search"), course_of(search), search) for search in records.searches]
    found += [
        _entry(None, one.name, phrase("Prospect"), _offer(one, records.settings.currency), one)
        for one in records.prospects
    ]
    return tuple(sorted(found, key=lambda entry: entry.on or date.max, reverse=True))


def entry_of(entries: Sequence[JournalEntry], begins: str) -> JournalEntry:
    """The entry whose id is, or alone `begins` with, these digits.

    Raises
    ------
    InvalidRecord
        If there is none, or more than one.
    """
    digits = begins.strip().lower()
    # Entries alike in everything share an id, and one of them is as good as another.
    found = {entry.id: entry for entry in entries if entry.id.startswith(digits)}
    if len(digits) < FEWEST_DIGITS:
        raise InvalidRecord(
            phrase("give at least {count} digits of the id; {begins!r} came.", count=FEWEST_DIGITS, begins=begins)
        )
    if not found:
        raise InvalidRecord(phrase("no entry has the id {begins!r}; `bush entries` lists them.", begins=begins))
    if len(found) > 1:
        raise InvalidRecord(
            phrase("{count} ids begin with {begins!r}: give more of its digits.", count=len(found), begins=begins)
        )
    return next(iter(found.values()))


def values_of(record: Correctable) -> dict[str, str]:
    """What of a record can be corrected, by column of the portfolio folder, spelt as there."""
    return {column.name: write_cell(record, column) for column in _columns(record)}


def put_right[R: Correctable](record: R, said: Sequence[str], today: date) -> R:
    """The record with columns as said.

    Parameters
    ----------
    record
        As it is recorded.
    said
        `COLUMN=VALUE` each, spelt as in a portfolio folder; no value empties the column.
    today
        The day nothing may have happened after.

    Raises
    ------
    InvalidRecord
        If a column is none that can be corrected, a value does not fit it, or the record it would be is none.
    """
    columns = {column.name: column for column in _columns(record)}
    typed: dict[str, Any] = {
        blank.name: written(blank.value, "f") if blank.kind == "amount" and blank.value is not None else blank.value
        for blank in blanks_of(record)
    }
    kinds = {blank.name: blank.kind for blank in blanks_of(record)}
    for one in said:
        name, equals, text = (part.strip() for part in one.partition("="))
        if not equals or name not in columns:
            raise InvalidRecord(
                phrase("COLUMN=VALUE was expected, of {names}; {one!r} came.", names=", ".join(columns), one=one)
            )
        column = columns[name]
        value = _read(text, column)
        if value is not None and kinds[column.field] == "amount":
            # As money is typed in the language spoken.
            value = written(value, "f")
        elif value is not None and kinds[column.field] == "percent":
            value = 100 * float(str(value))
        typed[column.field] = value
    return corrected(record, typed, today)


def _of_client(records: "Records", catalogue: "Catalogue", client: str) -> Iterator[JournalEntry]:
    for entry in entries_of(records, client, catalogue, LAST_DATE):
        yield _entry(entry.on, client, entry.what, entry.detail, entry.record)


def _entry(on: date | None, client: str, what: str, detail: str, record: Correctable) -> JournalEntry:
    name = blake2b(repr(record).encode(errors="surrogatepass"), digest_size=BYTES_OF_AN_ID).hexdigest()
    return JournalEntry(id=name, on=on, client=client, what=what, detail=detail, record=record)


def _offer(prospect: Prospect, currency: str) -> str:
    return phrase(
        "{fee} {currency} for {hours:g} hours a month",
        fee=prospect.fee_per_month, currency=currency, hours=prospect.hours_per_month,
    )  # fmt: skip


def _columns(record: Correctable) -> tuple[Column, ...]:
    names = [blank.name for blank in blanks_of(record)]
    known = next(kind.columns for kind in FILES if kind.record is type(record))
    return tuple(column for column in known if column.field in names)


def _read(text: str, column: Column) -> object:
    if not text:
        if column.required:
            raise InvalidRecord(phrase("{column} cannot be empty.", column=column.name), column=column.name)
        return column.empty
    try:
        # Hours of a whole month have no day to put right, and those of a day do not become a month's.
        return read_date(text) if column.kind == "day_or_month" else read_cell(text, column)
    except UnreadableCell as error:
        raise InvalidRecord(
            phrase("{column}: {expected} was expected; {text!r} came.", column=column.name, expected=error, text=text),
            column=column.name,
        ) from error

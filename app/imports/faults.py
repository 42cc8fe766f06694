"""What is wrong with a file, by row and column, and the refusal that says so."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.entries import happened
from app.imports.columns import Column
from model.errors import BushError, ImportRefused, InvalidRecord, MissingRate, UnknownClient, UnknownSign
from model.language import phrase

SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong: `row` counts as a spreadsheet shows it, the header being row 1; None for the whole file."""

    file: str
    sentence: str
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        row = "" if self.row is None else phrase(", row {row}", row=self.row)
        column = "" if self.column is None else phrase(", column {column}", column=self.column)
        return f"{self.file}{row}{column}: {self.sentence}"


def unreadable(file: str, row: int, column: str, expected: str, came: str) -> Fault:
    """The fault of a cell that does not hold what was expected."""
    shown = came if len(came) <= 60 else came[:57] + "..."
    return Fault(
        file=file,
        row=row,
        column=column,
        sentence=phrase("{expected} was expected; {shown!r} came.", expected=expected, shown=shown),
    )


def from_error(error: BushError, file: str, row: int, column: str | None = None) -> Fault:
    """The fault of a row whose record was refused, with the column its error speaks of."""
    match error:
        case UnknownSign() if column is None:
            column = "sign"
        case InvalidRecord(column=str(named)) if column is None:
            column = named
        case UnknownClient():
            column = "client"
        case MissingRate():
            column = "currency"
    return Fault(file=file, row=row, column=column, sentence=str(error))


def not_yet(record: object, columns: Iterable[Column], today: date) -> Iterator[BushError]:
    """A refusal for each day of a record that lies ahead of today, unless it is one that can be planned."""
    for column in columns:
        day = getattr(record, column.field)
        if isinstance(day, date) and not column.planned:
            try:
                happened(day, today, column.name)
            except InvalidRecord as error:
                yield error


def refusal(faults: Sequence[Fault]) -> ImportRefused:
    """The refusal of a file for its faults: the first few in full, then how many more there are."""
    said = [str(fault) for fault in faults[:SHOWN]]
    if len(faults) > SHOWN:
        said.append(phrase("... and {count:,} more.", count=len(faults) - SHOWN))
    return ImportRefused("\n".join([*said, phrase("Nothing was stored.")]))

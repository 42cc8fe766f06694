"""One cell of a portfolio folder to a value and back, by the one spelling the format has."""

import re
from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal

from app.imports.columns import TEXT_KINDS, Column
from model.language import phrase
from model.records import Hours

# A spreadsheet takes a cell that starts like this for a formula. Any apostrophes before it are the escape, grown by
# one on writing and shrunk by one on reading, so that a text which itself begins with an apostrophe comes back whole.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?")
_PLAIN_NUMBERS = re.compile(rf"(?:{_PLAIN_NUMBER.pattern.replace('(', '(?:')}\n)*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


class UnreadableCell(ValueError):
    """A cell is not what its column holds; the text says what was expected."""


def read_cell(text: str, column: Column) -> object:
    """The value of a cell that is not empty.

    Raises
    ------
    UnreadableCell
        If the text is not spelt the way the column's kind is.
    """
    if column.kind in TEXT_KINDS:
        return without_escape(text)
    return _READERS[column.kind](text.strip())


def write_cell(record: object, column: Column) -> str:
    """The cell that reads back as this field of the record."""
    value = getattr(record, column.field)
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case str():
            return with_escape(value)
        case tuple():
            return ";".join(value)
        case Decimal():
            return format(value, "f")
        case float():
            # Plain digits, no exponent: the shortest text that reads back as the same float.
            return format(Decimal(repr(value)), "f")
        case date():
            in_months = column.kind == "month" or (isinstance(record, Hours) and record.whole_month)
            return f"{value:%Y-%m}" if in_months else value.isoformat()
        case _:
            return str(value)


def with_escape(text: str) -> str:
    """Text as it goes into a cell: an apostrophe before anything a spreadsheet would run."""
    return f"'{text}" if _FORMULA.match(text) else text


def without_escape(text: str) -> str:
    """Text of a cell as it was before `with_escape`."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def read_date(text: str) -> date:
    """A day as YYYY-MM-DD."""
    if not _DAY.fullmatch(text):
        raise UnreadableCell(phrase("a date YYYY-MM-DD"))
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UnreadableCell(phrase("a day that exists, YYYY-MM-DD")) from error


def read_month(text: str) -> date:
    """The first day of a month given as YYYY-MM."""
    if not _MONTH.fullmatch(text):
        raise UnreadableCell(phrase("a month YYYY-MM"))
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise UnreadableCell(phrase("a month that exists, YYYY-MM")) from error


def read_decimal(text: str) -> Decimal:
    """A number in plain digits with a decimal point."""
    if not _PLAIN_NUMBER.fullmatch(text):
        raise UnreadableCell(phrase("a number such as 1234.50"))
    return Decimal(text)


def read_decimals(texts: Collection[str | None]) -> dict[str | None, Decimal | None] | None:
    """The numbers of many cells by their text, nothing where there is none; None where one is spelt another way."""
    given = [text for text in texts if text is not None]
    lines = "".join(f"{text}\n" for text in given)
    if lines.count("\n") != len(given) or not _PLAIN_NUMBERS.fullmatch(lines):
        return None
    return {None: None, **dict(zip(given, map(Decimal, given), strict=True))}


def read_signs(text: str) -> tuple[str, ...]:
    """Sign ids separated by semicolons."""
    return tuple(part.strip() for part in text.split(";"))


def _read_integer(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise UnreadableCell(phrase("a whole number"))
    return int(text)


def _read_flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise UnreadableCell(phrase("0 or 1"))
    return text == "1"


def _read_day_or_month(text: str) -> date:
    return read_month(text) if _MONTH.fullmatch(text) else read_date(text)


_READERS: dict[str, Callable[[str], object]] = {
    "date": read_date,
    "month": read_month,
    "day_or_month": _read_day_or_month,
    "decimal": read_decimal,
    "number": lambda text: float(read_decimal(text)),
    "integer": _read_integer,
    "flag": _read_flag,
    "signs": read_signs,
}

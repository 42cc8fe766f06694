"""Rules a value must keep before it becomes part of a record; each breach is a sentence."""

from datetime import date
from decimal import Decimal
from math import isfinite
from typing import NoReturn, get_args

from model.errors import InvalidRecord
from model.language import phrase, written

MAX_NAME = 200
MAX_AMOUNT = Decimal("1e12")
FIRST_DATE, LAST_DATE = date(1970, 1, 1), date(2200, 12, 31)


def refuse(column: str, text: str, /, **values: object) -> NoReturn:
    """Refuse a record for what one of its columns holds; `text` as of `model.language.phrase`."""
    raise InvalidRecord(phrase(text, **values), column=column)


def named(text: str, what: object, column: str = "name") -> None:
    """A name: not empty, not too long, and text a file can hold."""
    if not text.strip():
        refuse(column, "the {what} must not be empty.", what=what)
    if len(text) > MAX_NAME or not _storable(text):
        refuse(
            column,
            "the {what} has at most {max_name} characters, no NUL and no half characters; {text!r} came.",
            what=what,
            max_name=MAX_NAME,
            text=text[:40],
        )


def in_order(first: date, later: date | None, where: object, columns: tuple[str, str]) -> None:
    """Two days of which the second, if there is one, is not before the first."""
    if later is not None and later < first:
        refuse(
            columns[1], "{where}: {column} {later} lies before {before} {first}.",
            where=where, column=columns[1], later=later, before=columns[0], first=first,
        )  # fmt: skip


def noted(text: str, where: object) -> None:
    """A note: text a file can hold."""
    if not _storable(text):
        refuse(
            "note", "{where}: a note holds no NUL and no half characters; {text!r} came.", where=where, text=text[:40]
        )


def _storable(text: str) -> bool:
    # An unpaired surrogate has no UTF-8 form: neither a database nor a CSV file could hold it.
    return not text or (
        "\x00" not in text and (text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text))
    )


def currency_code(code: str, where: object) -> None:
    """A three-letter currency code."""
    if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
        refuse(
            "currency",
            "{where}: currency must be a three-letter code such as EUR; {code!r} came.",
            where=where,
            code=code,
        )


def dated(day: date | None, where: object, column: str) -> None:
    """A day within two centuries; None passes."""
    if day is not None and not FIRST_DATE <= day <= LAST_DATE:
        refuse(
            column,
            "{where}: {column} must lie between {first_date} and {last_date}; {day} came.",
            where=where,
            column=column,
            first_date=FIRST_DATE,
            last_date=LAST_DATE,
            day=day,
        )


def amount_within(amount: Decimal | None, where: object, column: str, *, signed: bool = False) -> None:
    """A finite amount of money, not negative unless it is `signed`; None passes."""
    least = -MAX_AMOUNT if signed else Decimal(0)
    if amount is not None and not (amount.is_finite() and least <= amount <= MAX_AMOUNT):
        lowest = written(least, ".0e") if signed else "0"
        refuse(
            column,
            "{where}: {column} must be an amount from {lowest} to {max_amount:.0e}; {amount} came.",
            where=where,
            column=column,
            lowest=lowest,
            max_amount=MAX_AMOUNT,
            amount=amount,
        )


def quantity_within(number: float | None, where: object, column: str, most: float = 1e6) -> None:
    """A finite quantity from zero to `most`; None passes."""
    if number is not None and not (isfinite(number) and 0 <= number <= most):
        refuse(
            column,
            "{where}: {column} must lie between 0 and {most:g}; {number} came.",
            where=where,
            column=column,
            most=most,
            number=number,
        )


def one_of(value: str, choices: object, where: object, column: str) -> None:
    """One of the values of a Literal type."""
    allowed = get_args(choices)
    if value not in allowed:
        refuse(
            column,
            "{where}: {column} must be one of {allowed}; {value!r} came.",
            where=where,
            column=column,
            allowed=", ".join(allowed),
            value=value,
        )

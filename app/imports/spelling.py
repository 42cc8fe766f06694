"""How a file spells dates, numbers and yes or no: decided once for the whole file, never cell by cell."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from app.imports.cells import UnreadableCell
from model.errors import ImportRefused
from model.language import listed, phrase

DateOrder = Literal["dmy", "mdy", "ymd"]
DecimalMark = Literal[",", "."]
Place = tuple[int, str, str]
"""Row, column and text of a cell."""

_TIME = r"(?:[T ][0-9:.]+(?: ?[AaPp][Mm])?(?:Z|[+-][0-9:]+)?)?"
_PARTS = re.compile(rf"([0-9]{{1,4}})([-/. ])([0-9]{{1,2}})\2([0-9]{{1,4}})\.?{_TIME}")
# Jan 28 2021, January 28, 2021, 28 Jan 2021, 28-JAN-21: a month that is named leaves nothing to settle.
_NAMED = re.compile(
    rf"(?:([0-9]{{1,2}})[-. ]+([^\W\d_]{{3,12}})\.?|([^\W\d_]{{3,12}})\.? +([0-9]{{1,2}}),?)"
    rf"[- ]+([0-9]{{2}}|[0-9]{{4}}){_TIME}"
)
_MONTHS = {
    name: month
    for month, names in enumerate(
        ("jan", "feb", "mar mär mrz", "apr", "may mai maj", "jun", "jul", "aug", "sep", "oct okt", "nov", "dec dez"), 1
    )
    for name in names.split()
}
_SPACES = "\u0020\u00a0\u202f\u2009"
_APOSTROPHES = "'\u2019"
_SIGNS = {"€": "EUR", "£": "GBP"}
_CURRENCY = re.compile(r"^(?:([A-Z]{3})|([$€£¥]))?\s*(.*?)\s*(?:([A-Z]{3})|([$€£¥]))?$")
_DURATION = re.compile(r"([0-9]{1,4}):([0-5][0-9])(?::([0-5][0-9]))?")
_YES, _NO = {"1", "yes", "y", "true", "x"}, {"0", "no", "n", "false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """The one reading of a file's dates and numbers; None where no value needed it."""

    date_order: DateOrder | None
    decimal_mark: DecimalMark | None

    def day(self, text: str) -> date:
        """A date, with or without a time of day.

        Raises
        ------
        UnreadableCell
            If it is not a day of the calendar in this file's order.
        """
        # Undecided means that every date of the file is the same either way, such as 5/5/2024.
        order = self.date_order or "dmy"
        parts = _PARTS.fullmatch(text)
        if parts is None and (named := _named(text)):
            return named
        if parts is None:
            raise UnreadableCell(phrase("a date ({order})", order=_shape(order)))
        first, middle, last = parts[1], parts[3], parts[4]
        if len(first) == 4:
            year, month, day = first, middle, last
        elif order == "mdy":
            month, day, year = first, middle, last
        elif order == "dmy":
            day, month, year = first, middle, last
        else:
            raise UnreadableCell(phrase("a date (year-month-day)"))
        if len(year) not in (2, 4):
            raise UnreadableCell(phrase("a date ({order}) with a year of four digits", order=_shape(order)))
        try:
            return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
        except ValueError as error:
            raise UnreadableCell(phrase("a date that exists ({order})", order=_shape(order))) from error

    def amount(self, text: str, currency: str | None = None) -> Decimal:
        """A number with this file's decimal mark, thousands marks and a currency sign allowed.

        Raises
        ------
        UnreadableCell
            If it is not a number, or carries the sign of another currency.
        """
        number, named = _without_currency(text)
        if named is not None and currency is not None and named != currency:
            raise UnreadableCell(phrase("an amount in {currency}", currency=currency))
        mark = self.decimal_mark or "."
        group = ("." if mark == "," else ",") + _SPACES + _APOSTROPHES
        pattern = rf"([-+]?(?:[0-9]+|[0-9]{{1,3}}(?:[{re.escape(group)}][0-9]{{3}})+))(?:{re.escape(mark)}([0-9]+))?"
        match = re.fullmatch(pattern, number)
        if match is None or len(number) > 40:
            raise UnreadableCell(phrase("an amount such as 1234{mark}50", mark=mark))
        whole = re.sub(r"[^0-9+-]", "", match[1])
        return Decimal(f"{whole}.{match[2] or '0'}") if match[2] else Decimal(whole)

    def hours(self, text: str) -> float:
        """Hours as a number, or as H:MM or H:MM:SS.

        Raises
        ------
        UnreadableCell
            If it is neither.
        """
        duration = _DURATION.fullmatch(text)
        if duration is None:
            return float(self.amount(text))
        return int(duration[1]) + int(duration[2]) / 60 + int(duration[3] or 0) / 3600


def read_flag(text: str) -> bool:
    """Yes or no, in the ways tools write it.

    Raises
    ------
    UnreadableCell
        If it is neither.
    """
    if text.casefold() in _YES:
        return True
    if text.casefold() in _NO:
        return False
    raise UnreadableCell(phrase("yes or no"))


def decide(
    dates: Sequence[Place],
    numbers: Sequence[Place],
    *,
    file: str,
    date_order: str | None = None,
    decimal_mark: str | None = None,
) -> Spelling:
    """Settle how a file is to be read, from the cells that can be read one way only.

    Parameters
    ----------
    dates, numbers
        All cells of the columns that hold dates and numbers.
    date_order, decimal_mark
        What the user said; None to let the values decide.

    Raises
    ------
    ImportRefused
        If no value settles it, or two values contradict each other.
    """
    if date_order is not None and date_order not in get_args(DateOrder):
        raise ImportRefused(
            phrase(
                "the date order is one of {known}; {date_order!r} came.",
                known=", ".join(get_args(DateOrder)),
                date_order=date_order,
            )
        )
    if decimal_mark is not None and decimal_mark not in get_args(DecimalMark):
        raise ImportRefused(
            phrase("the decimal mark is a comma or a point; {decimal_mark!r} came.", decimal_mark=decimal_mark)
        )
    order = date_order or _settled(dates, _order_of, file, phrase("--date-order dmy or mdy"), phrase("day and month"))
    mark = decimal_mark or _settled(numbers, _mark_of, file, phrase("--decimal , or ."), phrase("the decimal mark"))
    return Spelling(date_order=order, decimal_mark=mark)  # type: ignore[arg-type]  # both were checked above


def _settled(
    cells: Iterable[Place], vote: Callable[[str], str | None], file: str, option: str, what: str
) -> str | None:
    votes: dict[str, Place] = {}
    open_case: Place | None = None
    for cell in cells:
        voted = vote(cell[2])
        if voted == "?":
            open_case = open_case or cell
        elif voted is not None:
            votes.setdefault(voted, cell)
    if len(votes) > 1:
        said = listed(
            [
                phrase("row {row}, column {column} ({text!r})", row=row, column=column, text=text)
                for row, column, text in votes.values()
            ]
        )
        raise ImportRefused(
            phrase(
                "{file}: {said} contradict each other about {what}; mend the file. Nothing was stored.",
                file=file,
                said=said,
                what=what,
            )
        )
    if votes:
        return next(iter(votes))
    if open_case is not None:
        row, column, text = open_case
        raise ImportRefused(
            phrase(
                "{file}, row {row}, column {column}: {text!r} can be read two ways, and no value "
                "of the file settles {what}; say which with {option}. Nothing was stored.",
                file=file,
                row=row,
                column=column,
                text=text,
                what=what,
                option=option,
            )
        )
    return None


def _order_of(text: str) -> str | None:
    parts = _PARTS.fullmatch(text)
    if parts is None or len(parts[1]) > 2 or len(parts[4]) not in (2, 4):
        return None
    first, second = int(parts[1]), int(parts[3])
    if (first > 12 and second > 12) or first == second:
        return None
    if first > 12:
        return "dmy"
    if second > 12:
        return "mdy"
    return "?"


def _named(text: str) -> date | None:
    found = _NAMED.fullmatch(text)
    if found is None:
        return None
    month = _MONTHS.get((found[2] or found[3]).casefold()[:3])
    if month is None:
        return None
    day, year = int(found[1] or found[4]), int(found[5])
    try:
        return date(year + (2000 if year < 100 else 0), month, day)
    except ValueError as error:
        raise UnreadableCell(phrase("a date that exists")) from error


def _mark_of(text: str) -> str | None:
    number = _without_currency(text)[0].lstrip("+-")
    marks = re.findall(r"[.,]", number)
    if not marks or not re.fullmatch(rf"[0-9.,{_SPACES}{_APOSTROPHES}]+", number):
        return None
    last: str = marks[-1]
    other: Mapping[str, str] = {",": ".", ".": ","}
    if len(set(marks)) == 2:
        return last
    if len(marks) > 1:
        return other[last]
    before, _, after = number.partition(last)
    grouped = re.search(rf"[{_SPACES}{_APOSTROPHES}]", before) is not None
    if len(after) != 3 or len(before) > 3 or before in ("", "0") or grouped:
        return last
    return "?"


def _without_currency(text: str) -> tuple[str, str | None]:
    sign = text[:1] if text[:1] in "+-" else ""
    match = _CURRENCY.match(text[len(sign) :].strip())
    if match is None:
        return text, None
    named = match[1] or match[4] or _SIGNS.get(match[2] or match[5] or "")
    return sign + match[3], named


def _shape(order: DateOrder) -> str:
    return {"dmy": "day/month/year", "mdy": "month/day/year", "ymd": "year-month-day"}[order]

"""The days a review speaks of: the last month or quarter that is over, or months named."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from model.errors import InvalidSettings
from model.language import phrase

_MONTHS = re.compile(r"(\d{4})-(\d{2})(?:\.\.(\d{4})-(\d{2}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From the first day to the last, both of them in it."""

    first_day: date
    last_day: date


def period_of(text: str, today: date) -> Period:
    """The period a text names: `month`, `quarter`, `2026-07` or `2026-07..2026-09`.

    `month` and `quarter` are the last ones that were over by `today`, today among them where it is the last day. Of
    months that are still running only the days until today count.

    Raises
    ------
    InvalidSettings
        If the text names no period, or one that has not begun.
    """
    if text in ("month", "quarter"):
        months = 1 if text == "month" else 3
        tomorrow = today + timedelta(days=1)
        number = tomorrow.year * 12 + tomorrow.month - 1
        number -= number % months
        return Period(first_day=_first(number - months), last_day=_first(number) - timedelta(days=1))
    found = _MONTHS.fullmatch(text)
    if found is None:
        raise InvalidSettings(
            phrase("a period is month, quarter, 2026-07 or 2026-07..2026-09; {text!r} came.", text=text)
        )
    year, month, last_year, last_month = (int(part) if part else None for part in found.groups())
    last_year, last_month = last_year or year, last_month or month
    try:
        first = date(int(year or 0), int(month or 0), 1)
        end = date(int(last_year or 0), int(last_month or 0), 1)
    except ValueError as error:
        raise InvalidSettings(phrase("{text!r} names a month that does not exist.", text=text)) from error
    last = end.replace(day=monthrange(end.year, end.month)[1])
    if last < first:
        raise InvalidSettings(phrase("the period {text} ends before it begins.", text=text))
    if first > today:
        raise InvalidSettings(phrase("the period {text} has not begun by {today}.", text=text, today=today))
    return Period(first_day=first, last_day=min(last, today))


def _first(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)

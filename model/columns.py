"""Records made of whole columns at once: single ones are asked for the rules only where a column breaks one.

A book has a hundred records for every client, nearly all of them as they should be, and few days, names and notes that
come again and again. To ask each record by itself takes ten times as long as to ask each column.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import MISSING
from datetime import date
from decimal import Decimal
from itertools import repeat
from operator import le
from typing import Any, get_args

from model.records import CheckIn, Event, EventKind, Hours, Invoice, Outcome, Sighting
from model.rules import FIRST_DATE, LAST_DATE, MAX_AMOUNT, MAX_NAME

Columns = Mapping[str, Sequence[Any]]


def records_of[Record](kind: type[Record], columns: Columns) -> list[Record]:
    """The records whose fields are the rows of `columns`.

    Parameters
    ----------
    kind
        A type of `model.records`.
    columns
        The values of each field that is given, all of one length and of the field's type; others are as they are where
        nothing is said.

    Raises
    ------
    InvalidRecord
        If a record breaks a rule, with the sentence of the first one that does.
    """
    if not _keep_to_the_rules(kind, columns):
        return [kind(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]
    count = len(next(iter(columns.values())))
    made = list(map(kind.__new__, repeat(kind, count)))
    for name, field in kind.__dataclass_fields__.items():  # type: ignore[attr-defined]
        # Past the frozen record's own way of setting, which is Python.
        place = kind.__dict__[name].__set__
        deque(map(place, made, columns[name] if name in columns else repeat(field.default, count)), maxlen=0)
    return made


def _keep_to_the_rules(kind: type, columns: Columns) -> bool:
    rules, fields = _RULES.get(kind), kind.__dataclass_fields__.values()  # type: ignore[attr-defined]
    if rules is None or any(field.default is MISSING and field.name not in columns for field in fields):
        return False
    try:
        return rules(columns)
    except (TypeError, AttributeError):
        # Nothing where something has to be: the record itself says what becomes of it.
        return False


def _checkins(columns: Columns) -> bool:
    months = set(columns["month"])
    return (
        _dated(months)
        and all(month.day == 1 for month in months)
        and set(columns.get("energy", ())) <= {None, 1, 2, 3, 4, 5}
        and _noted(columns)
    )


def _sightings(columns: Columns) -> bool:
    return _dated(set(columns["on"])) and _named(set(columns["sign"])) and _noted(columns)


def _invoices(columns: Columns) -> bool:
    issued, due, amounts = columns["issued"], columns["due"], columns["amount"]
    paid, written_off = _given(columns, "paid_on"), _given(columns, "written_off")
    given_up = _given(columns, "written_off_on")
    return (
        _named(columns["number"])
        and _dated({*issued, *due, *(day for _, day in (*paid, *given_up))})
        and all(map(le, issued, due))
        and all(issued[row] <= day for row, day in (*paid, *given_up))
        and {row for row, _ in given_up} <= {row for row, _ in written_off}
        and _amounts(set(amounts))
        and _amounts({amount for _, amount in written_off})
        and all(amount <= amounts[row] for row, amount in written_off)
        and all(_is_code(code) for code in set(columns["currency"]))
    )


def _hours(columns: Columns) -> bool:
    whole = columns.get("whole_month", ())
    return (
        _dated(set(columns["on"]))
        and all(0 <= hours <= 744.0 for hours in columns["hours"])
        and (not any(whole) or all(day.day == 1 for day, month in zip(columns["on"], whole, strict=True) if month))
    )


def _events(columns: Columns) -> bool:
    asks = [columns[name] for name in ("ask_scope", "ask_terms") if name in columns]
    prices, results = _given(columns, "ask_price_pct"), _given(columns, "result")
    kinds = columns["kind"]
    asked = {row for row, _ in (*prices, *results)} | {row for ask in asks for row, there in enumerate(ask) if there}
    return (
        _dated(set(columns["on"]))
        and set(kinds) <= set(get_args(EventKind))
        and _noted(columns)
        and _amounts({amount for _, amount in _given(columns, "amount")})
        and all(-100.0 < price <= 1000.0 for _, price in prices)
        and {result for _, result in results} <= set(get_args(Outcome))
        and all(kinds[row] == "renegotiation" for row in asked)
    )


_RULES: dict[type, Callable[[Columns], bool]] = {
    CheckIn: _checkins, Sighting: _sightings, Invoice: _invoices, Hours: _hours, Event: _events,
}  # fmt: skip


def _given(columns: Columns, name: str) -> list[tuple[int, Any]]:
    return [(row, value) for row, value in enumerate(columns.get(name, ())) if value is not None]


def _dated(days: Collection[date]) -> bool:
    return not days or (min(days) >= FIRST_DATE and max(days) <= LAST_DATE)


def _amounts(amounts: Iterable[Decimal]) -> bool:
    return all(amount.is_finite() and 0 <= amount <= MAX_AMOUNT for amount in amounts)


def _named(names: Collection[str]) -> bool:
    return all(map(str.strip, names)) and max(map(len, names), default=0) <= MAX_NAME and _plain(names)


def _noted(columns: Columns) -> bool:
    return _plain(set(columns.get("note", ())))


def _plain(texts: Iterable[str]) -> bool:
    joined = "".join(texts)
    if not joined.isascii():
        try:
            joined.encode()
        except UnicodeEncodeError:
            return False
    return "\x00" not in joined


def _is_code(code: str) -> bool:
    return len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()

"""Figures in the cells of other tools: amounts, clocks, and rows that are totals."""

import re
from datetime import datetime
from decimal import Decimal

_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?\s*([AaPp][Mm])?")


def is_total(text: str) -> bool:
    """Whether a row that begins so sums up others."""
    return text.casefold().startswith(("total for ", "total ", "total,")) or text.casefold() in (
        "total",
        "grand total",
    )


def is_amount(*texts: str) -> bool:
    """Whether all of them are amounts with a point."""
    return all(re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?", text) for text in texts)


def span(began: str, ended: str) -> str:
    """The time between two clocks, or days with clocks, as a cell; empty where it cannot be told or is below zero."""
    first, last = _CLOCK.search(began), _CLOCK.search(ended)
    if first and last and _CLOCK.sub("", began).strip() == _CLOCK.sub("", ended).strip():
        length = seconds(last) - seconds(first)
    else:
        try:
            length = round((datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds())
        except ValueError:
            # Over midnight in a date order not settled yet: the duration column says it.
            return ""
    return "" if length < 0 else clock(length)


def seconds(clock: re.Match[str]) -> int:
    """Seconds since midnight of hours, minutes, seconds and am or pm."""
    hours, minutes, rest = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if clock[4]:
        hours = hours % 12 + (12 if clock[4].casefold() == "pm" else 0)
    return 3600 * hours + 60 * minutes + rest


def clock(seconds: int) -> str:
    """Hours, minutes and seconds as a cell, which reads the same whatever mark decimals have."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def text(amount: Decimal) -> str:
    """An amount as a cell."""
    # Always with a point and two places or more, so that it reads one way only.
    whole, _, cents = format(amount, "f").partition(".")
    return f"{whole}.{cents.rstrip('0').ljust(2, '0')}"

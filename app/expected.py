"""What the model expects, row by row: the same words for the terminal and the page."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.wording import TRAITS as NAMES
from model.catalogue import TRAITS

if TYPE_CHECKING:
    from model.ahead import MonthAhead, Range
    from model.predictive_check import Check

MONTH_COLUMNS = ("Month", "Still there", "Days to pay", "Late", "Hours", "Energy", *(NAMES[trait] for trait in TRAITS))
CHECK_COLUMNS = ("Figure", "Of", "Recorded", "Expected", "90 % interval", "Tail probability")
HOW_TO_READ_MONTHS = (
    "Expected, and between which two it comes to lie in 80 % of the futures in which the client is still there."
)


def month_rows(ahead: "Iterable[MonthAhead]") -> list[tuple[str, ...]]:
    """The months ahead of one client, in the order of `MONTH_COLUMNS`."""
    return [
        (
            f"{month.month:%Y-%m}",
            f"{month.still_there:.0%}",
            _interval(month.days_to_pay, 0),
            f"{month.share_late:.0%}",
            _interval(month.hours, 0),
            _interval(month.energy, 1),
            *(_interval(strain, 1) for strain in month.strain),
        )
        for month in ahead
    ]


def check_rows(checks: "Iterable[Check]") -> list[tuple[str, ...]]:
    """Figures of the records beside those of replicated ones, in the order of `CHECK_COLUMNS`."""
    from model.predictive_check import told

    return [
        (
            check.what,
            check.of,
            told(check.observed, check.unit),
            told(check.middle, check.unit),
            f"{told(check.low, check.unit)} to {told(check.high, check.unit)}",
            f"{check.tail:.3f}",
        )
        for check in checks
    ]


def _interval(figure: "Range", digits: int) -> str:
    return f"{figure.expected:.{digits}f} ({figure.low:.{digits}f} to {figure.high:.{digits}f})"

"""What the model expects, row by row: the same words for the terminal and the page."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from model.language import Headings, phrase, written

if TYPE_CHECKING:
    from model.ahead import MonthAhead, Range
    from model.predictive_check import Check

MONTH_COLUMNS = Headings(
    "Month", "Still there", "Days to pay", "Late", "Hours", "Energy", "Payment", "Demand", "Conduct", "Fit"
)
CHECK_COLUMNS = Headings("Figure", "Of", "Recorded", "Expected", "90 % interval", "Tail probability")


def how_to_read_months() -> str:
    """What the figures of the months ahead are."""
    return phrase(
        "Expected, and between which two it comes to lie in 80 % of the futures in which the client is still there."
    )


def month_rows(ahead: "Iterable[MonthAhead]") -> list[tuple[str, ...]]:
    """The months ahead of one client, in the order of `MONTH_COLUMNS`."""
    return [
        (
            f"{month.month:%Y-%m}",
            written(month.still_there, ".0%"),
            _interval(month.days_to_pay, 0),
            written(month.share_late, ".0%"),
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
            phrase("{low} to {high}", low=told(check.low, check.unit), high=told(check.high, check.unit)),
            written(check.tail, ".3f"),
        )
        for check in checks
    ]


def _interval(figure: "Range", digits: int) -> str:
    return phrase(
        "{expected:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})",
        expected=figure.expected,
        digits=digits,
        low=figure.low,
        high=figure.high,
    )

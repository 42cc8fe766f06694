"""Which portfolio the app has open: the user's own, the example, or the place named at the start."""

import os
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock
from typing import Literal

from app.desk import Desk
from app.store import default_url, example_url, open_portfolio
from model.catalogue import DATA
from model.records import Records

PORTFOLIO, TODAY, EXAMPLE = "BUSH_APP_PORTFOLIO", "BUSH_APP_TODAY", "BUSH_APP_EXAMPLE"
TURNED_TO = "BUSH_APP_TURNED_TO"
EXAMPLE_FOLDER = DATA / "example"
KEPT = 4


type Which = Literal["example", "own"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A portfolio to show.

    `today` is the date of every answer, None for the real one; `is_example` says that the records are invented.
    """

    where: str
    today: date | None = None
    is_example: bool = False


def hand_over(opened: Opened) -> None:
    """Leave word for the pages of this process which portfolio to open.

    The environment carries it, never the address in the browser: a link must not open another file.
    """
    os.environ[PORTFOLIO] = opened.where
    os.environ[TODAY] = opened.today.isoformat() if opened.today else ""
    os.environ[EXAMPLE] = "1" if opened.is_example else ""
    os.environ[TURNED_TO] = ""


def handed_over() -> Opened:
    """What `hand_over` left, or the user's own portfolio."""
    today = os.environ.get(TODAY)
    return Opened(
        where=os.environ.get(PORTFOLIO) or default_url(),
        today=date.fromisoformat(today) if today else None,
        is_example=os.environ.get(EXAMPLE) == "1",
    )


def turn_to(which: Which, *, for_good: bool) -> Opened:
    """The example, or out of it again: to the portfolio of the start, or the user's own where that was the example.

    With `for_good`, whoever loads a page from now on gets the same, until the app is started anew: a page loaded again
    must not quietly be another portfolio. Where several people share the app, one must not choose for the others.

    Raises
    ------
    ImportRefused, StoreError
        If the example is damaged, or its database cannot be used.
    """
    found = _found(which)
    if for_good:
        os.environ[TURNED_TO] = which
    return found


def last_turned_to() -> Opened:
    """What a page that is loaded now shows: where `turn_to` went for good, or the portfolio of the start."""
    match os.environ.get(TURNED_TO):
        case "example":
            return _found("example")
        case "own":
            return _found("own")
        case _:
            return handed_over()


def example() -> Opened:
    """The example portfolio, stored on first use, on the last day it knows: its answers stay as they were meant.

    Raises
    ------
    ImportRefused, StoreError
        If the shipped folder is damaged or missing, or the database cannot be used.
    """
    from app.imports.folder import import_folder

    where = example_url()
    with _LOCK:
        portfolio = open_portfolio(where)
        if not portfolio.records().clients:
            import_folder(portfolio, EXAMPLE_FOLDER)
        return Opened(where=where, today=newest_day(portfolio.records()), is_example=True)


def newest_day(records: Records) -> date | None:
    """The last day anything is recorded of, whole months counting to their end; None where nothing is."""
    days = [
        *(sighting.on for sighting in records.sightings),
        *(event.on for event in records.events),
        *(day for i in records.invoices for day in (i.issued, i.paid_on) if day is not None),
        *(_end_of_month(hours.on) if hours.whole_month else hours.on for hours in records.hours),
        *(_end_of_month(checkin.month) for checkin in records.checkins),
    ]
    return max(days, default=None)


def desk_of(opened: Opened) -> Desk:
    """The one desk this process has for a portfolio and a day.

    Raises
    ------
    StoreError, ImportRefused
        If the portfolio cannot be opened.
    """
    today = opened.today or date.today()  # noqa: DTZ011 - the day on the user's own calendar
    with _LOCK:
        if (found := _DESKS.get((opened.where, today))) is None:
            while len(_DESKS) >= KEPT:
                _DESKS.pop(next(iter(_DESKS)))
            found = _DESKS[opened.where, today] = Desk(opened.where, today=today)
        return found


def _found(which: Which) -> Opened:
    start = handed_over()
    if which == "example":
        return example()
    return Opened(where=default_url()) if start.is_example else start


def _end_of_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


_LOCK = Lock()
_DESKS: dict[tuple[str, date], Desk] = {}

"""A review that makes itself: a timer of the user's own system, and a reminder for the calendar."""

import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from model.errors import StoreError
from model.language import phrase

NAME = "two-in-the-bush-review"
EVERY = {"month": "*-*-01 08:00:00", "quarter": "*-01,04,07,10-01 08:00:00"}
PRODUCT = "-//Two in the Bush//Review//EN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A timer of systemd, as the two files that make it, and the line of cron that does the same."""

    files: dict[Path, str]
    cron: str

    @property
    def switch_on(self) -> str:
        """The command that starts it."""
        return f"systemctl --user enable --now {NAME}.timer"

    @property
    def switch_off(self) -> str:
        """The command that stops it."""
        return f"systemctl --user disable --now {NAME}.timer"


def timer(every: str, *, where: str, out: Path, folder: Path | None = None) -> Timer:
    """The timer for a review on the first morning after each month or quarter.

    Parameters
    ----------
    every
        `month` or `quarter`.
    where
        The portfolio, as `--db` takes it.
    out
        Where the reviews go.
    folder
        Where systemd looks for a user's own units; None for the usual place.
    """
    words = [sys.executable, "-m", "app", "--db", where, "review", "--period", every, "--out", str(out.resolve())]
    unit = folder or Path.home() / ".config" / "systemd" / "user"
    service = (
        "[Unit]\nDescription=Client review of Two in the Bush\n\n"
        f"[Service]\nType=oneshot\nExecStart={' '.join(map(_systemd, words))}\n"
    )
    clock = (
        f"[Unit]\nDescription=Client review, every {every}\n\n"
        f"[Timer]\nOnCalendar={EVERY[every]}\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n"
    )
    months = "*" if every == "month" else "1,4,7,10"
    cron = f"0 8 1 {months} * {' '.join(map(_shell, words))}"
    return Timer(files={unit / f"{NAME}.service": service, unit / f"{NAME}.timer": clock}, cron=cron)


def install(made: Timer) -> None:
    """Write the files of a timer; one that is there already is replaced.

    Raises
    ------
    StoreError
        If they cannot be written.
    """
    try:
        for path, text in made.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(
            phrase("the timer cannot be written: {error}. Put the line for cron into your crontab.", error=error)
        ) from error


def remove(made: Timer) -> tuple[Path, ...]:
    """Delete the files of a timer that are there, and say which."""
    there = tuple(path for path in made.files if path.exists())
    for path in there:
        path.unlink()
    return there


def reminder(every: str, today: date) -> bytes:
    """A calendar file: the check-in on the last day of each month, the review on the first after each period."""
    from icalendar import Calendar, Event, vRecur

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    following = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    first = date(following.year + (following.month > 10), (following.month + 2) // 3 * 3 % 12 + 1, 1)
    entries = (
        (
            "check-in",
            phrase("Check-in: how was the month with each client?"),
            following - timedelta(days=1),
            {"freq": "monthly", "bymonthday": -1},
        ),
        (
            "review",
            phrase("Client review: bush review"),
            following if every == "month" or following.month in (1, 4, 7, 10) else first,
            {"freq": "monthly", "interval": 1 if every == "month" else 3, "bymonthday": 1},
        ),
    )
    for name, title, on, rule in entries:
        event = Event()
        event.add("uid", f"{name}-{every}@two-in-the-bush")
        event.add("dtstamp", datetime.combine(today, time(), UTC))
        event.add("dtstart", on)
        event.add("dtend", on + timedelta(days=1))
        event.add("rrule", vRecur(rule))
        event.add("summary", title)
        # A day to remember something on is not a day away.
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _systemd(word: str) -> str:
    # systemd's own quoting: a percent sign is a specifier, a dollar sign a variable.
    quoted = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{quoted}"'


def _shell(word: str) -> str:
    from shlex import quote

    # A percent sign ends the command in a crontab.
    return quote(word).replace("%", r"\%")

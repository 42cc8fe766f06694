"""Writing the review, listing those that were made, and a reminder to make the next one."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.call import Call, read_day
from app.commands.screen import as_json, can_ask, console, remark, say, table
from model.language import phrase

if TYPE_CHECKING:
    from app.desk import Desk
    from app.review.making import Made

FORMATS = ("html", "pdf", "xlsx", "csv", "json", "md")


def review(
    call: Call,
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where to write; created if it is missing.")
    ] = None,
    format: Annotated[
        str, typer.Option(metavar="html,pdf,...", help="Which kinds of file: html, pdf, xlsx, csv, json, md.")
    ] = "html,pdf",
    period: Annotated[
        str | None,
        typer.Option(metavar="PERIOD", help="month, quarter, 2026-07 or 2026-07..2026-09; until today if not given."),
    ] = None,
    compare: Annotated[
        date | None, typer.Option(parser=read_day, metavar="DATE", help="Compare with the last review until this day.")
    ] = None,
    pseudonyms: Annotated[
        bool, typer.Option("--pseudonyms", help="Client A, Client B ... in place of every name, to show to others.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep/--no-keep", help="Keep it, so that later ones can look back.")] = True,
    listed: Annotated[bool, typer.Option("--list", help="List the reviews made so far, and stop.")] = False,
    schedule: Annotated[
        str | None,
        typer.Option(
            "--install-schedule", metavar="month|quarter", help="Have it made by itself; shown before written."
        ),
    ] = None,
    unschedule: Annotated[bool, typer.Option("--remove-schedule", help="Take that back.")] = False,
    reminder: Annotated[
        Path | None, typer.Option(metavar="FILE.ics", help="Write a reminder of check-in and review for the calendar.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write the schedule without asking.")] = False,
) -> None:
    """Write the periodic review as files to keep or send, and keep it to look back on.

    Says what changed since the last one, what was forecast then and what came of it, and what to do with every client.
    """
    if listed:
        _list(call)
        return
    if schedule is not None or unschedule or reminder is not None:
        _schedule(call, schedule, unschedule, reminder, out, yes)
        return
    if out is None:
        raise typer.BadParameter(phrase("--out FOLDER says where to write the review; --list shows those made so far."))
    wanted = [part.strip().lower() for part in format.split(",") if part.strip()]
    if not wanted or not set(wanted) <= set(FORMATS):
        raise typer.BadParameter(
            phrase("--format takes {formats}, by commas; {format!r} came.", formats=", ".join(FORMATS), format=format)
        )
    from app.pseudonyms import pseudonyms as letters
    from app.review.files import write_review
    from app.review.making import one_line
    from app.review.period import period_of

    first_day = None
    if period is not None:
        days = period_of(period, call.day(call.portfolio()))
        first_day, call = days.first_day, replace(call, as_of=days.last_day)
    desk = call.desk()
    made = _made(desk, call, first_day, compare, keep)
    records = desk.records()
    names = letters([c.name for c in records.clients], [p.name for p in records.prospects]) if pseudonyms else None
    written = write_review(made.review, out, wanted, names)
    if call.json:
        kept = None if made.kept is None else made.kept.id
        as_json({"files": [str(path) for path in written], "kept": kept})
        return
    if names is None:
        say(one_line(made.review))
    say(*(phrase("Written: {path}", path=path) for path in written))


def _made(desk: "Desk", call: Call, first_day: date | None, compare: date | None, keep: bool) -> "Made":
    from app.review.making import make_review

    if call.json or not can_ask():
        return make_review(desk, first_day=first_day, compare=compare, keep=keep)
    from rich.progress import Progress

    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(phrase("Weighing the evidence"), total=len(desk.records().active(desk.today)))
        return make_review(
            desk, first_day=first_day, compare=compare, keep=keep, on_client=lambda: bar.advance(task)
        )  # fmt: skip


def _list(call: Call) -> None:
    from app.review.past import listed

    rows = listed(call.portfolio().reviews())
    if call.json:
        as_json(
            [{"as_of": day, "from": first, "made": made, "verdicts": verdicts} for day, first, made, verdicts in rows]
        )
        return
    if not rows:
        say(phrase("No review was made yet; `bush review --out FOLDER` makes one."))
        return
    table((phrase("As of"), phrase("From"), phrase("Made"), phrase("Verdicts")), rows)


def _schedule(
    call: Call, every: str | None, unschedule: bool, reminder: Path | None, out: Path | None, yes: bool
) -> None:  # fmt: skip
    from app.review import schedule as plan

    # With --json only the document of what was done goes to standard output.
    tell = remark if call.json else say
    done: dict[str, object] = {}
    if every not in (None, *plan.EVERY):
        raise typer.BadParameter(phrase("--install-schedule takes month or quarter; {every!r} came.", every=every))
    if reminder is not None:
        from model.errors import StoreError

        try:
            reminder.write_bytes(plan.reminder(every or "quarter", call.today))
        except OSError as error:
            raise StoreError(
                phrase(
                    "the reminder cannot be written to {reminder}: {strerror}.",
                    reminder=reminder,
                    strerror=error.strerror,
                )
            ) from error
        tell(phrase("Written: {reminder}. Open it with your calendar.", reminder=reminder))
        done["reminder"] = str(reminder)
        if every is None:
            _done(call, done)
            return
    if unschedule:
        gone = plan.remove(plan.timer("month", where=call.where, out=Path()))
        switched = plan.timer("month", where=call.where, out=Path()).switch_off
        tell(
            *(phrase("Removed: {path}", path=path) for path in gone),
            phrase("`{switched}` stops one that runs.", switched=switched) if gone else phrase("There was none."),
        )
        _done(call, done | {"removed": [str(path) for path in gone]})
        return
    if out is None or every is None:
        raise typer.BadParameter(phrase("--install-schedule needs --out FOLDER, where the reviews go."))
    made = plan.timer(every, where=call.where, out=out)
    for path, text in made.files.items():
        tell(f"{path}:", *text.splitlines(), "")
    tell(phrase("Or as a line of crontab:"), made.cron, "")
    if not yes and not (can_ask() and typer.confirm(phrase("Write these files?"), err=True)):
        tell(phrase("Nothing was written; --yes writes them without asking."))
        raise typer.Exit(1)
    plan.install(made)
    tell(
        phrase(
            "Written. `{switch_on}` starts it; `bush review --remove-schedule` takes it back.", switch_on=made.switch_on
        )
    )
    _done(call, done | {"written": [str(path) for path in made.files], "switch_on": made.switch_on})


def _done(call: Call, done: dict[str, object]) -> None:
    if call.json:
        as_json(done)

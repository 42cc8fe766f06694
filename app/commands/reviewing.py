"""Writing the review, listing those that were made, and a reminder to make the next one."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.call import Call, read_day
from app.commands.screen import as_json, can_ask, console, say, table

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
) -> None:
    """Write the periodic review as files to keep or send, and keep it to look back on.

    Says what changed since the last one, what was forecast then and what came of it, and what to do with every client.
    """
    if listed:
        _list(call)
        return
    if out is None:
        raise typer.BadParameter("--out FOLDER says where to write the review; --list shows those made so far.")
    wanted = [part.strip().lower() for part in format.split(",") if part.strip()]
    if not wanted or not set(wanted) <= set(FORMATS):
        raise typer.BadParameter(f"--format takes {', '.join(FORMATS)}, by commas; {format!r} came.")
    from app.review.files import write_review
    from app.review.making import one_line
    from app.review.period import period_of
    from app.review.pseudonyms import pseudonyms as letters

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
    say(*(f"Written: {path}" for path in written))


def _made(desk: "Desk", call: Call, first_day: date | None, compare: date | None, keep: bool) -> "Made":
    from app.review.making import make_review

    if call.json or not can_ask():
        return make_review(desk, first_day=first_day, compare=compare, keep=keep)
    from rich.progress import Progress

    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("Weighing the evidence", total=len(desk.records().active(desk.today)))
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
        say("No review was made yet; `bush review --out FOLDER` makes one.")
        return
    table(("As of", "From", "Made", "Verdicts"), rows)

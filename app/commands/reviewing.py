"""Writing the review."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.call import Call
from app.commands.screen import as_json, can_ask, console, say

FORMATS = ("html", "json")


def review(
    call: Call,
    *,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where to write; created if it is missing.")],
    format: Annotated[str, typer.Option(metavar="html,json", help="Which kinds of file, by commas.")] = "html,json",
) -> None:
    """Write the periodic review as files to keep or send."""
    from app.review.content import review_of
    from app.review.files import write_review
    from model.errors import UnknownClient

    wanted = [part.strip().lower() for part in format.split(",") if part.strip()]
    unknown = [part for part in wanted if part not in FORMATS]
    if unknown or not wanted:
        raise typer.BadParameter(f"--format takes {' and '.join(FORMATS)}; {format!r} came.")
    desk = call.desk()
    if not desk.records().active(desk.today):
        raise UnknownClient(f"there is no active client on {desk.today} to review.")
    judgement = desk.judgement()
    if can_ask() and not call.json:
        from rich.progress import Progress

        with Progress(console=console(stderr=True), transient=True) as bar:
            task = bar.add_task("Weighing the evidence", total=len(judgement.decisions))
            content = review_of(judgement, desk.freshness(), on_client=lambda: bar.advance(task))
    else:
        content = review_of(judgement, desk.freshness())
    written = write_review(content, out, wanted)
    if call.json:
        as_json({"files": [str(path) for path in written]})
    else:
        say(*(f"Written: {path}" for path in written))

"""Looking back at what was written, and taking it back."""

from typing import Annotated

import typer

from app.commands.call import Call
from app.commands.screen import as_json, say, table


def undo(call: Call) -> None:
    """Take the last write back, whole."""
    undone = call.portfolio().undo()
    if call.json:
        as_json({"undone": None if undone is None else undone.batch.summary})
    else:
        say("There is nothing to take back." if undone is None else undone.sentence)


def history(
    call: Call,
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many writes to list.")] = 20,
) -> None:
    """List the last writes, newest first."""
    batches = call.portfolio().history(limit)
    if call.json:
        as_json(
            [
                {
                    "id": batch.id,
                    "created_at": batch.created_at.isoformat(),
                    "kind": batch.kind,
                    "summary": batch.summary,
                    "records": batch.records,
                    "undone": batch.undone,
                }
                for batch in batches
            ]
        )
        return
    if not batches:
        say("Nothing has been written yet.")
        return
    table(
        ("When (UTC)", "What", "Records", ""),
        [
            (
                f"{batch.created_at:%Y-%m-%d %H:%M}",
                f"{batch.kind}: {batch.summary}",
                f"{batch.records:,}",
                "taken back" if batch.undone else "",
            )
            for batch in batches
        ],
        right=("Records",),
    )

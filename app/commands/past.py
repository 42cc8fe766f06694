"""Looking back at what was written, taking it back, keeping a copy, and forgetting."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.call import Call, ClientName
from app.commands.screen import as_json, can_ask, remark, say, table
from app.wording import WRITES
from model.language import phrase, written


def undo(call: Call) -> None:
    """Take the last write back, whole."""
    undone = call.portfolio().undo()
    if call.json:
        as_json({"undone": None if undone is None else undone.batch.summary})
    else:
        say(phrase("There is nothing to take back.") if undone is None else undone.sentence)


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
                    "author": batch.author,
                }
                for batch in batches
            ]
        )
        return
    if not batches:
        say(phrase("Nothing has been written yet."))
        return
    by_whom = any(batch.author for batch in batches)
    table(
        (phrase("When (UTC)"), *((phrase("Who"),) if by_whom else ()), phrase("What"), phrase("Records"), ""),
        [
            (
                f"{batch.created_at:%Y-%m-%d %H:%M}",
                *((batch.author or "",) if by_whom else ()),
                f"{WRITES.get(batch.kind, batch.kind)}: {batch.summary}",
                written(batch.records, ","),
                phrase("taken back") if batch.undone else "",
            )
            for batch in batches
        ],
        right=(phrase("Records"),),
    )


def backup(
    call: Call,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="The copy; beside the portfolio if not given."),
    ] = None,
) -> None:
    """Copy the whole portfolio to a file."""
    from app.store.backup import make_backup

    made = make_backup(call.portfolio().database, file)
    if call.json:
        as_json({"backup": str(made)})
    else:
        say(phrase("Copied to {made}. `bush restore {made}` brings it back.", made=made))


def restore(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A copy that `bush backup` made.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Without asking.")] = False,
) -> None:
    """Put a copy in the place of the portfolio.

    What is there now is copied first, and can be brought back the same way. A team's workspace must be empty for it.
    """
    from app.store.backup import restore as put_back
    from app.store.backup import restore_team
    from app.store.places import home_of, is_team

    path = home_of(call.where)
    if is_team(call.where):
        place, before = call.portfolio().place, None
        _sure(phrase("Put everything in {file} into {place}?", file=file, place=place), yes)
        restore_team(call.portfolio().database, file)
    else:
        place = str(path)
        _sure(phrase("Put {file} in the place of {place}?", file=file, place=place), yes)
        before = put_back(path, file)
    if call.json:
        as_json({"restored": place, "before": None if before is None else str(before)})
    else:
        kept = "" if before is None else phrase(" What was there before is kept in {before}.", before=before)
        say(phrase("Restored from {file}.{kept}", file=file, kept=kept))


def forget(
    call: Call,
    client: ClientName,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Without asking.")] = False,
) -> None:
    """Erase everything about a client or prospect for good; it cannot be taken back.

    Records, names in notes and reviews, and the fit that was made of them. Says which backups still hold the name.
    """
    from app.store.forgetting import check_known
    from app.store.forgetting import forget as erased

    database = call.portfolio().database
    check_known(database, client)
    _sure(phrase("Erase everything about {client!r} for good? This cannot be taken back.", client=client), yes)
    found = erased(database, client)
    if call.json:
        as_json(
            {
                "rows": found.rows,
                "files": [str(file) for file in found.files],
                "backups": [str(copy) for copy in found.backups],
            }
        )
        return
    say(
        phrase("Erased: {rows:,} rows", rows=found.rows)
        + (phrase(" and {count} files of the fit.", count=len(found.files)) if found.files else ".")
    )
    if found.backups:
        remark(
            phrase(
                "These backups still hold the name; delete them if it is to be gone: {backups}.",
                backups=", ".join(map(str, found.backups)),
            )
        )


def _sure(question: str, yes: bool) -> None:
    if yes:
        return
    if not can_ask():
        remark(phrase("Nothing was changed: say --yes if you are sure."))
        raise typer.Exit(1)
    if not typer.confirm(question, err=True):
        remark(phrase("Nothing was changed."))
        raise typer.Exit(1)

"""What was recorded, entry by entry: listed with ids, put right, taken out."""

from typing import Annotated

import typer

from app.commands.call import Call
from app.commands.log import told
from app.commands.screen import as_json, remark, say, table
from model.errors import InvalidRecord
from model.language import phrase, phrase_of, written


def entries(
    call: Call,
    client: Annotated[
        str | None, typer.Argument(metavar="CLIENT", help="Only what is recorded of this one; everything if not given.")
    ] = None,
    *,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many entries to list.")] = 50,
) -> None:
    """List what was recorded, newest first, each entry with the id to correct it by."""
    from app.journal import journal, values_of
    from model import catalogue

    records = call.portfolio().records()
    found = journal(records, catalogue.spoken(records.settings.language), client)
    if call.as_of is not None:
        found = tuple(entry for entry in found if entry.on is None or entry.on <= call.as_of)
    shown = found[:limit]
    if call.json:
        as_json(
            [
                {
                    "id": entry.id,
                    "date": entry.on.isoformat() if entry.on else None,
                    "client": entry.client or None,
                    "what": entry.what,
                    "detail": entry.detail,
                    "values": values_of(entry.record),
                }
                for entry in shown
            ]
        )
        return
    if not found:
        say(phrase("Nothing is recorded yet."))
        return
    whose = (phrase("Client"),) if client is None else ()
    table(
        (phrase("Id"), phrase("Date"), *whose, phrase("Record"), phrase("Detail")),
        [
            (
                entry.id,
                written(entry.on) if entry.on else "",
                *((entry.client,) if client is None else ()),
                entry.what,
                entry.detail,
            )
            for entry in shown
        ],
    )
    if len(found) > limit:
        hidden = phrase_of(len(found) - limit, "{count} older one is not listed", "{count} older ones are not listed")
        remark(phrase("{hidden}; --limit lists more.", hidden=hidden))


def correct(
    call: Call,
    entry: Annotated[str, typer.Argument(metavar="ID", help="Id of the entry, or its first digits, four or more.")],
    *,
    put: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="COLUMN=VALUE",
            help="What is right, spelt as in a portfolio folder; nothing after the = empties it; may be repeated.",
        ),
    ] = None,
    out: Annotated[bool, typer.Option("--out", help="Take the entry out altogether.")] = False,
) -> None:
    """Put an entry right, or take it out; `bush undo` takes that back. Without options, say what can be set."""
    from app.journal import entry_of, journal, put_right, values_of
    from model import catalogue

    portfolio = call.portfolio()
    records = portfolio.records()
    found = entry_of(journal(records, catalogue.spoken(records.settings.language)), entry)
    if put and out:
        raise InvalidRecord(phrase("an entry is put right with --set or taken out with --out, not both."))
    if out:
        told(call, portfolio.correct(found.record, None))
    elif put:
        told(call, portfolio.correct(found.record, put_right(found.record, put, call.day(portfolio))))
    elif call.json:
        as_json(values_of(found.record))
    else:
        day = written(found.on) if found.on else ""
        say(" · ".join(part for part in (day, found.client, found.what, found.detail) if part))
        table((phrase("Column"), phrase("Value")), list(values_of(found.record).items()))
        say(phrase("`bush correct {id} --set COLUMN=VALUE` puts one right, `--out` takes the entry out.", id=found.id))

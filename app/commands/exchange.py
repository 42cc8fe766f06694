"""Bringing records in from files, and taking them out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from app.commands.call import Call, read_day, read_figure
from app.commands.screen import as_json, can_ask, remark, say
from model.language import phrase

if TYPE_CHECKING:
    from app.imports.table import Preview
    from app.store import Portfolio, Stored
    from model.settings import ExchangeRate

TARGETS = ("auto", "folder", "clients", "invoices", "hours", "checkins", "signs", "events")


def take_in(
    call: Call,
    path: Annotated[Path, typer.Argument(help="A portfolio folder, or a CSV file of any tool.")],
    *,
    format: Annotated[
        str,
        typer.Option(
            "--as", metavar="FORMAT", help="What it is, if its header does not tell: invoices, hours, xero ..."
        ),
    ] = "auto",
    payments: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Payments, where the invoices do not say when they were paid.")
    ] = None,
    map: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="Which column is what: a map file, or a shipped one.")
    ] = None,
    date_order: Annotated[
        Literal["dmy", "mdy", "ymd"] | None, typer.Option(help="Order of day and month, if the file leaves it open.")
    ] = None,
    decimal: Annotated[Literal[",", "."] | None, typer.Option(help="Decimal mark, if the file leaves it open.")] = None,
    create_clients: Annotated[
        bool, typer.Option("--create-clients", help="Add the clients the portfolio does not know.")
    ] = False,
    same: Annotated[
        list[str] | None,
        typer.Option(metavar="'NAME=CLIENT'", help="Who a name in the file is; remembered. May be repeated."),
    ] = None,
    rate: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE=RATE@DATE", help="What one unit of a currency is worth; remembered. Repeatable."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Store without asking.")] = False,
) -> None:
    """Import a folder or a table, after showing what it holds.

    Nothing is stored before a yes, no record is overwritten, and `bush undo` takes the whole back. Settings that a
    folder names take the place of those held, after they were shown.
    """
    from app.imports.folder import import_folder, preview_folder
    from model.errors import ImportRefused

    if not path.exists():
        raise ImportRefused(phrase("there is no file or folder {path}.", path=path))
    portfolio = call.portfolio(create=True)
    if path.is_dir():
        if format not in ("auto", "folder"):
            raise ImportRefused(
                phrase("{path} is a folder; --as {format} is for a single file.", path=path, format=format)
            )
        found = preview_folder(portfolio, path, today=call.today)
        _remark(call, f"{path}: {found.records}.")
        if found.settings:
            _remark(call, phrase("Settings that change:"), *(f"- {told}" for told in found.settings))
        if _agreed(yes):
            _told(call, import_folder(portfolio, path, today=call.today))
        return
    told = {"same": dict(_who(one) for one in same or ()), "rates": tuple(_rate(one) for one in rate or ())}
    _table(call, portfolio, path, format, map, date_order, decimal, create_clients, yes, payments, told)


def write_out(
    call: Call,
    folder: Annotated[Path, typer.Argument(help="The folder to write; created if it is missing.")],
    *,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a portfolio folder that is there.")] = False,
    pseudonyms: Annotated[
        bool, typer.Option("--pseudonyms", help="Letters for names, numbers for invoices, and no notes: to share it.")
    ] = False,
) -> None:
    """Export everything as a portfolio folder.

    Importing it again gives the same records.
    """
    from app.exports.folder import export_folder
    from app.pseudonyms import nameless

    records = call.portfolio().records(call.as_of)
    written = export_folder(nameless(records) if pseudonyms else records, folder, overwrite=overwrite)
    if call.json:
        as_json({"folder": str(folder), "files": [path.name for path in written]})
    else:
        say(phrase("Written to {folder}: {written}.", folder=folder, written=", ".join(path.name for path in written)))


def _table(
    call: Call,
    portfolio: "Portfolio",
    path: Path,
    format: str,
    map: Path | None,
    date_order: str | None,
    decimal: str | None,
    create_clients: bool,
    yes: bool,
    payments: Path | None,
    told: dict[str, Any],
) -> None:
    from app.imports.faults import refusal
    from app.imports.mapping import load_map
    from app.imports.table import preview_table, store_preview
    from model.errors import ImportRefused

    preview = preview_table(
        path,
        portfolio,
        mapping=load_map(map) if map is not None else None,
        date_order=date_order,
        decimal=decimal,
        create_clients=create_clients,
        format=None if format in TARGETS else format,
        payments=payments,
        today=call.today,
        **told,
    )
    if format in TARGETS and format not in ("auto", preview.target):
        raise ImportRefused(
            phrase(
                "{name} reads as {target}, and --as {format} was asked for; say which column is what with --map.",
                name=path.name,
                target=preview.target,
                format=format,
            )
        )
    _remark(call, preview.sentence, *([f"{'; '.join(preview.notes)}."] if preview.notes else []), _read_as(preview))
    for stranger in preview.strangers:
        if stranger.like:
            _remark(
                call,
                phrase(
                    "{name!r} is not recorded, and much like {like!r}; if they are the same, say "
                    "--same '{name}={like}'.",
                    name=stranger.name,
                    like=stranger.like[0],
                ),
            )
    if preview.faults:
        raise refusal(preview.faults)
    if _agreed(yes):
        _told(call, store_preview(portfolio, preview))


def _who(text: str) -> tuple[str, str]:
    name, equals, client = text.rpartition("=")
    if not equals or not name or not client:
        raise typer.BadParameter(
            phrase("--same takes what the file says and the client, as 'NAME=CLIENT'; {text!r} came.", text=text)
        )
    return name, client


def _rate(text: str) -> "ExchangeRate":
    from model.settings import ExchangeRate

    currency, _, rest = text.partition("=")
    rate, at, day = rest.partition("@")
    if not at:
        raise typer.BadParameter(
            phrase("--rate takes a currency, its worth and a day, as USD=0.92@2026-01-31; {text!r} came.", text=text)
        )
    return ExchangeRate(currency=currency.strip().upper(), on=read_day(day.strip()), rate=read_figure(rate.strip()))


def _read_as(preview: "Preview") -> str:
    columns = ", ".join(
        phrase("{ours} from {theirs!r}", ours=ours, theirs=theirs) for ours, theirs in preview.columns.items()
    )
    ignored = (
        phrase(" Not used: {ignored_columns}.", ignored_columns=", ".join(map(repr, preview.ignored_columns)))
        if preview.ignored_columns
        else ""
    )
    spelling = preview.spelling
    spelt = [phrase("dates {date_order}", date_order=spelling.date_order)] if spelling.date_order else []
    spelt += (
        [phrase("decimal mark {decimal_mark!r}", decimal_mark=spelling.decimal_mark)] if spelling.decimal_mark else []
    )
    return phrase(
        "Read as {target}: {columns}.{ignored}",
        target=preview.target,
        columns="; ".join([columns, *spelt]),
        ignored=ignored,
    )


def _agreed(yes: bool) -> bool:
    if yes:
        return True
    if not can_ask():
        remark(phrase("Nothing was stored: say --yes to store it."))
        raise typer.Exit(1)
    if typer.confirm(phrase("Store this?"), err=True):
        return True
    remark(phrase("Nothing was stored."))
    raise typer.Exit(1)


def _told(call: Call, stored: "Stored") -> None:
    if call.json:
        as_json({"added": stored.added, "corrected": stored.corrected, "already_there": stored.already_there})
    elif stored.batch is None:
        say(phrase("Everything was recorded already; nothing changed."))
    else:
        say(
            phrase(
                "Stored: {added:,} new, {corrected:,} brought up to date, {already_there:,} "
                "recorded already. `bush undo` takes it back.",
                added=stored.added,
                corrected=stored.corrected,
                already_there=stored.already_there,
            )
        )


def _remark(call: Call, *sentences: str) -> None:
    if not call.json:
        remark(*sentences)

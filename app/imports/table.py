"""A table some other tool wrote, to a preview of what it would store, and from there into the portfolio."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from app.imports.faults import Fault, refusal
from app.imports.formats import detect
from app.imports.mapping import TARGETS, ColumnMap, guess_map, map_from, resolve
from app.imports.matching import Stranger, known_as, strangers
from app.imports.remembered import aliases_of, known_map, told
from app.imports.reshaping import Payments, payments_of, reshape
from app.imports.rows import RowReader
from app.imports.spelling import Place, Spelling, decide
from app.imports.text import Table, read_lines, table_of
from app.store.merge import check, contradicts, key_of
from app.store.portfolio import Portfolio
from app.store.writes import DAY_OF, Record, Stored, counted
from model.entered import says_nothing
from model.errors import BushError, ImportRefused, InvalidRecord, MissingRate, UnknownClient
from model.language import Plurals, listed, phrase
from model.records import Client, Invoice, Records
from model.settings import ExchangeRate, Settings

_NUMBERS = ("decimal", "number", "integer")
_COUNTED = Plurals(
    {
        "new": ("{count:,} new client", "{count:,} new clients"),
        "updated": ("{count:,} brought up to date", "{count:,} brought up to date"),
        "already": ("{count:,} already recorded", "{count:,} already recorded"),
        "repeated": ("{count:,} repeated in the file", "{count:,} repeated in the file"),
        "blank": ("{count:,} blank row skipped", "{count:,} blank rows skipped"),
        "faults": ("{count:,} faults", "{count:,} faults"),
    }
)
_DATES = ("date", "month", "day_or_month")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a file would store, before anything is.

    `rows` counts the data rows read; `repeated` those that say word for word what an earlier one said;
    `already_there` the records the portfolio holds; `settings` is set where something is to be remembered: the file's
    currency by an empty portfolio, who is who, which column is what, exchange rates. `notes` say which format it was
    read as and what was left out of it, empty where it was guessed. `strangers` are names that are not recorded,
    `unrated` the currencies an exchange rate is missing for, with the first day it is needed.
    """

    file: str
    target: str
    records: tuple[Record, ...]
    new_clients: tuple[Client, ...]
    rows: int
    blank_rows: int
    repeated: int
    added: int
    updated: int
    already_there: int
    faults: tuple[Fault, ...]
    columns: Mapping[str, str]
    ignored_columns: tuple[str, ...]
    spelling: Spelling
    encoding: str
    delimiter: str
    settings: Settings | None = None
    notes: tuple[str, ...] = ()
    strangers: tuple[Stranger, ...] = ()
    unrated: Mapping[str, date] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """What storing it would do, for a person."""
        parts = [
            phrase("{file}: {rows:,} rows, {records}", file=self.file, rows=self.rows, records=counted(self.records))
        ]
        for count, what in (
            (len(self.new_clients), "new"),
            (self.updated, "updated"),
            (self.already_there, "already"),
            (self.repeated, "repeated"),
            (self.blank_rows, "blank"),
            (len(self.faults), "faults"),
        ):
            if count:
                parts.append(_COUNTED.of(count, what))
        return ", ".join(parts) + "."


def preview_table(
    path: Path,
    portfolio: Portfolio,
    *,
    mapping: ColumnMap | Mapping[str, Any] | None = None,
    date_order: str | None = None,
    decimal: str | None = None,
    create_clients: bool = False,
    format: str | None = None,
    payments: Path | None = None,
    same: Mapping[str, str] | None = None,
    rates: Sequence[ExchangeRate] = (),
    today: date | None = None,
) -> Preview:
    """Read a table and say what it would store, with every fault by row and column.

    Parameters
    ----------
    path
        A CSV file (comma, semicolon, tab or bar; UTF-8, UTF-16 or Windows-1252), an XLSX workbook, whose first sheet
        is taken, or the JSON of Timewarrior.
    mapping
        Which column is what; it is kept for later files with this header. None to go by what was said of an earlier
        one, to know the format, or to guess, by the header.
    date_order, decimal
        How the file writes `dmy`, `mdy` or `ymd` dates and the decimal mark, if its values do not settle it.
    create_clients
        Whether clients the portfolio does not hold are made up from their rows: billed at fixed prices, since their
        first date, in the currency of their first row.
    format
        Id of the format in `data/formats.toml`; None to find it out.
    payments
        A file of payments, to complete invoices that do not say when they were paid.
    same
        What the file calls a client, to the recorded client it is; kept for later files.
    rates
        Exchange rates for currencies the portfolio has none for; kept in the settings.
    today
        The day of the import: what has happened lies no later. A list of clients that does not say since when they
        have been clients begins in its month. None to ask for neither.

    Raises
    ------
    ImportRefused
        If the file cannot be read as a table at all.
    """
    known, given = portfolio.settings, mapping
    if given is not None and not isinstance(given, ColumnMap):
        given = map_from(given, phrase("the map"))
    table, mapping, places, notes = _read(path, given, known, date_order, decimal, format, payments)
    kind = TARGETS[mapping.target].record
    # Years of hours need not be read to look at a month of them: alike they may stand side by side.
    held = portfolio.records(only={Client} if kind in DAY_OF else {Client, kind})
    spelling = _spelling(table, mapping, places, date_order, None if mapping.decimal else decimal)
    reading = RowReader(table, mapping, places, spelling, held, today)
    names = [client.name for client in held.clients]
    found = known_as(reading.rows(), same or {}, names, remembered=aliases_of(held.settings))
    unknown = () if mapping.target == "clients" else strangers(found, names)
    adopted = _adopted_settings(held, found) or held.settings
    by_now = told(adopted, same=same or {}, header=table.header, mapping=given, rates=rates)
    settings = None if by_now == held.settings else by_now
    new_clients = _new_clients(found, reading.held) if create_clients else ()
    told_something = [(number, record) for number, record in found if not says_nothing(record)]
    kept, repeated, known_clients = _checked(told_something, reading, new_clients, by_now)
    records = tuple(record for _, record in kept)
    plan = Stored()
    if not reading.faults:
        plan = portfolio.take_in((*new_clients, *records), settings=settings, rehearse=True)
    used = set(places.values())
    return Preview(
        file=table.file,
        target=mapping.target,
        records=records,
        new_clients=new_clients,
        rows=len(table.rows),
        blank_rows=table.blank_rows + len(found) - len(told_something),
        repeated=repeated,
        added=plan.added,
        updated=plan.corrected,
        already_there=plan.already_there + len(known_clients),
        faults=tuple(sorted(reading.faults, key=lambda fault: fault.row or 0)),
        columns={ours: table.header[place] for ours, place in places.items()},
        ignored_columns=tuple(name for place, name in enumerate(table.header) if place not in used),
        spelling=spelling,
        encoding=table.encoding,
        delimiter=table.delimiter,
        settings=settings,
        notes=(*notes, *_other_terms(known_clients, held)),
        strangers=unknown,
        unrated=_unrated(found, by_now),
    )


def _read(
    path: Path,
    mapping: ColumnMap | None,
    settings: Settings,
    date_order: str | None,
    decimal: str | None,
    format: str | None,
    payments: Path | None,
) -> tuple[Table, ColumnMap, dict[str, int], tuple[str, ...]]:
    lines = read_lines(path)
    notes: tuple[str, ...] = ()
    if mapping is None and format is None and (mapping := known_map(lines, settings)) is not None:
        notes = (phrase("read as an earlier table with this header was"),)
    found = detect(lines, format) if mapping is None else None
    if found is not None:
        if found.format.target == "payments":
            raise ImportRefused(
                phrase(
                    "{name} is {title}: it completes a file of invoices; import that one, with this as its payments.",
                    name=path.name,
                    title=found.format.title,
                )
            )
        came = None if payments is None else _payments(payments, date_order, decimal)
        shaped = reshape(lines, found, date_order=date_order, decimal=decimal, payments=came)
        return shaped.table, shaped.mapping, shaped.places, shaped.notes
    if payments is not None:
        raise ImportRefused(
            phrase("payments complete the invoices of a known format; this file is of none that is known.")
        )
    table = table_of(lines)
    if mapping is None:
        mapping = guess_map(table)
    return table, mapping, resolve(mapping, table), notes


def _payments(path: Path, date_order: str | None, decimal: str | None) -> Payments:
    lines = read_lines(path)
    found = detect(lines)
    if found is None or found.format.target != "payments":
        raise ImportRefused(
            phrase("{name} is not a list of payments: client, invoice number, amount and date.", name=path.name)
        )
    return payments_of(lines, found, date_order=date_order, decimal=decimal)


def store_preview(portfolio: Portfolio, preview: Preview) -> Stored:
    """Store what a preview showed, in one batch that `undo` takes back whole.

    Raises
    ------
    ImportRefused
        If the preview holds faults, or the portfolio has changed so that it no longer fits.
    StoreError
        If the database cannot be written.
    """
    if preview.faults:
        raise refusal(preview.faults)
    new = (*preview.new_clients, *preview.records)
    try:
        return portfolio.take_in(new, settings=preview.settings, source=preview.file)
    except (InvalidRecord, UnknownClient, MissingRate) as error:
        raise ImportRefused(phrase("{file}: {error} Nothing was stored.", file=preview.file, error=error)) from error


def _spelling(
    table: Table, mapping: ColumnMap, places: Mapping[str, int], date_order: str | None, decimal: str | None
) -> Spelling:
    def cells(kinds: tuple[str, ...]) -> list[Place]:
        chosen = [(c, places[c.name]) for c in TARGETS[mapping.target].columns if c.kind in kinds and c.name in places]
        return [
            (number, table.header[place], row[place])
            for number, row in zip(table.numbers, table.rows, strict=True)
            for _, place in chosen
            if place < len(row) and row[place]
        ]

    return decide(
        cells(_DATES),
        cells(_NUMBERS),
        file=table.file,
        date_order=date_order or mapping.date_order,
        decimal_mark=decimal or mapping.decimal,
    )


def _adopted_settings(held: Records, found: list[tuple[int, Record]]) -> Settings | None:
    # A portfolio nobody has set up yet takes the currency of the first file, as long as there is only one.
    currencies = {record.currency for _, record in found if isinstance(record, Invoice)}
    if held.clients or held.settings != Settings() or len(currencies) != 1 or currencies == {held.settings.currency}:
        return None
    return replace(held.settings, currency=currencies.pop())


def _unrated(found: list[tuple[int, Record]], settings: Settings) -> dict[str, date]:
    known = {settings.currency, *(rate.currency for rate in settings.exchange_rates)}
    first: dict[str, date] = {}
    for _, record in found:
        if isinstance(record, Invoice) and record.currency not in known:
            first[record.currency] = min(record.issued, first.get(record.currency, record.issued))
    return first


def _new_clients(found: list[tuple[int, Record]], held: Records) -> tuple[Client, ...]:
    known = {client.name for client in held.clients}
    since: dict[str, date] = {}
    currency: dict[str, str] = {}
    for _, record in found:
        name = getattr(record, "client", "")
        if not name.strip() or name in known:
            continue
        on = next(getattr(record, field) for field in ("issued", "on", "month") if hasattr(record, field))
        since[name] = min(on, since.get(name, on))
        currency.setdefault(name, getattr(record, "currency", held.settings.currency))
    made = []
    for name, first in since.items():
        try:
            made.append(Client(name=name, currency=currency[name], since=first, billing="fixed"))
        except InvalidRecord:
            # Its rows are told as faults of an unknown client, each with its place in the file.
            continue
    return tuple(made)


def _checked(
    found: list[tuple[int, Record]], reading: RowReader, new_clients: tuple[Client, ...], settings: Settings
) -> tuple[list[tuple[int, Record]], int, list[Client]]:
    # What is kept, how many rows say again what the file said, and the clients that are recorded already.
    clients = {client.name: client for client in (*reading.held.clients, *new_clients)}
    held: list[Record] = list(getattr(reading.held, reading.kind.attribute))
    recorded = {key: record for record in held if (key := key_of(record)) is not None}
    seen: dict[object, tuple[int, Record]] = {}
    unknown: set[str] = set()
    kept: list[tuple[int, Record]] = []
    repeated, known_clients = 0, []
    for number, record in found:
        if isinstance(record, Client) and record.name in clients:
            # An import never changes what is recorded of a client.
            known_clients.append(record)
            continue
        name = getattr(record, "client", None)
        if name is not None and name not in clients:
            if name not in unknown:
                unknown.add(name)
                reading.faults.append(_unknown_client(name, number, reading, clients))
            continue
        key = key_of(record)
        earlier = None if key is None else seen.get(key)
        if earlier is not None and earlier[1] == record:
            repeated += 1
            continue
        try:
            check((record,), clients, settings)
            if earlier is not None:
                raise InvalidRecord(
                    phrase(
                        "row {earlier} gives the same one with other content; one row each was expected.",
                        earlier=earlier[0],
                    )
                )
            if key in recorded and contradicts(record, recorded[key]):
                raise InvalidRecord(
                    phrase("it is recorded already with other content, which an import does not overwrite.")
                )
        except BushError as error:
            reading.fault(number, error)
            continue
        if key is not None:
            seen[key] = (number, record)
        kept.append((number, record))
    return kept, repeated, known_clients


_TERMS = ("rate_per_hour", "fee_per_month", "agreed_hours_per_month", "payment_terms_days", "notice_days")


def _other_terms(known: Sequence[Client], held: Records) -> Iterator[str]:
    recorded = {client.name: client for client in held.clients}
    others = [
        client.name
        for client in known
        if any(getattr(client, term) not in (None, getattr(recorded[client.name], term)) for term in _TERMS)
    ]
    if others:
        yield phrase(
            "an import changes no terms; other ones are recorded for {clients}, which `bush edit client` or the "
            "client's page changes",
            clients=listed(others),
        )


def _unknown_client(name: str, number: int, reading: RowReader, clients: Mapping[str, Client]) -> Fault:
    near = get_close_matches(name, clients, n=1, cutoff=0.85)
    hint = phrase(" Did you mean {near!r}?", near=near[0]) if near else ""
    sentence = phrase(
        "there is no client called {name!r}; add the client, or let the import create new ones.{hint}",
        name=name,
        hint=hint,
    )
    return Fault(file=reading.table.file, row=number, column=reading.header_of("client"), sentence=sentence)

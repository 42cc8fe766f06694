"""Which column of a foreign table means what: said in a map file, or guessed from common headers."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from app.imports.columns import FILES, FileKind
from app.imports.text import Table
from model.catalogue import DATA
from model.errors import ImportRefused
from model.language import phrase

TARGETS: dict[str, FileKind] = {
    kind.file.removesuffix(".csv"): kind
    for kind in FILES
    if kind.file in ("clients.csv", "invoices.csv", "hours.csv", "checkins.csv", "signs.csv", "events.csv")
}
OPTIONAL = {"invoices": ("due", "currency"), "clients": ("currency", "since", "billing")}
"""Columns the importer can fill in by itself: a due date from the terms, a currency from client or portfolio, how a
client pays from the price that is given, and that they have been one since this month."""
TELLING = {"clients": ("fee_per_month", "rate_per_hour", "billing", "since", "agreed_hours_per_month")}
"""Of these a table must have one to be taken for what it is: a column of names alone may be anything."""

_HEADERS: dict[str, dict[str, str]] = {
    "invoices": {
        "client": "client clientname customer customerid customername contact contactname account company billto kunde",
        "number": "number invoicenumber invoiceno invoiceid invoice invoicenr docnumber rechnungsnummer",
        "issued": "issued issuedate dateissued invoicedate date rechnungsdatum",
        "due": "due duedate datedue invoiceduedate faelligkeit",
        "amount": "amount invoiceamount total invoicetotal totalamount grandtotal betrag",
        "currency": "currency currencycode invoicecurrency waehrung",
        "paid_on": "paidon paiddate datepaid paymentdate settleddate lastpaymentdate fullypaidondate paid",
        "written_off": "writtenoff writeoff baddebt",
        "disputed": "disputed dispute isdisputed",
    },
    "hours": {
        "client": "client clientname customer customername company kunde",
        "date": "date day startdate spentdate workdate datum",
        "hours": "hours duration durationdecimal time timehours quantity stunden",
        "billable": "billable isbillable",
    },
    "clients": {
        "name": "name client clientname customer customername company companyname organization organisation kunde",
        "currency": "currency currencycode waehrung",
        "since": "since clientsince start startdate started from seit createdate",
        "billing": "billing billingtype billed",
        "rate_per_hour": "rateperhour hourlyrate rate hourly perhour stundensatz",
        "fee_per_month": "feepermonth monthlyfee fee retainer permonth monthly price",
        "agreed_hours_per_month": "agreedhourspermonth hourspermonth agreedhours hours stunden",
        "payment_terms_days": "paymenttermsdays paymentterms terms termsdays netdays",
        "notice_days": "noticedays notice noticeperiod",
    },
}


class UnknownColumns(ImportRefused):
    """A table whose header tells nothing: somebody has to say which column is what; `header` holds its columns."""

    def __init__(self, sentence: str, header: tuple[str, ...]) -> None:
        super().__init__(sentence)
        self.header = header


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """How a foreign table maps to records.

    Parameters
    ----------
    target
        What its rows are: invoices, hours, checkins, signs or events.
    columns
        Our column to the header or headers it goes by; the first one present counts.
    constants
        Our column to the text that holds for every row; `terms_days` gives invoices a due date.
    date_order, decimal
        Only where the file's own values may not decide.
    """

    target: str
    columns: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str] = field(default_factory=dict)
    date_order: str | None = None
    decimal: str | None = None


def load_map(path: Path) -> ColumnMap:
    """Read a map file, or one that ships with the program by its bare name.

    Raises
    ------
    ImportRefused
        If there is none, it is not TOML, or it names an unknown target or column.
    """
    shipped = DATA / "maps" / f"{path.name}.toml"
    source = shipped if not path.exists() and path.name == str(path) and shipped.exists() else path
    try:
        document = tomllib.loads(source.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ImportRefused(
            phrase("the map file {path} cannot be read: {strerror}.", path=path, strerror=error.strerror)
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ImportRefused(phrase("the map file {name} is not TOML: {error}.", name=path.name, error=error)) from error
    return map_from(document, source.name)


def map_from(document: Mapping[str, Any], source: str) -> ColumnMap:
    """A column map from the contents of a map file.

    Raises
    ------
    ImportRefused
        If it names an unknown target, setting or column, or maps a column to nothing.
    """
    unknown = set(document) - {"target", "columns", "constants", "date_order", "decimal"}
    if unknown:
        raise ImportRefused(
            phrase("{source}: there is no map entry called {unknown!r}.", source=source, unknown=sorted(unknown)[0])
        )
    target = document.get("target")
    if target not in TARGETS:
        raise ImportRefused(
            phrase(
                "{source}: target must be one of {targets}; {target!r} came.",
                source=source,
                targets=", ".join(TARGETS),
                target=target,
            )
        )
    known = [column.name for column in TARGETS[target].columns]
    columns = _section(document, "columns", known, source)
    constants = _section(document, "constants", [*known, "terms_days"], source)
    headers = {name: tuple(value) if isinstance(value, list) else (value,) for name, value in columns.items()}
    if not all(header and isinstance(header, str) for group in headers.values() for header in group):
        raise ImportRefused(
            phrase("{source}: every entry of columns must be a header or a list of headers.", source=source)
        )
    return ColumnMap(
        target=target,
        columns=headers,
        constants={name: str(value) for name, value in constants.items()},
        date_order=document.get("date_order"),
        decimal=document.get("decimal"),
    )


def guess_map(table: Table) -> ColumnMap:
    """The map that the header of a table suggests.

    Raises
    ------
    UnknownColumns
        If the header is not that of invoices, hours or clients.
    """
    found = {target: _guessed(table.header, names) for target, names in _HEADERS.items()}
    for target, columns in found.items():
        required = {c.name for c in TARGETS[target].columns if c.required} - set(OPTIONAL.get(target, ()))
        telling = TELLING.get(target)
        if required <= set(columns) and (telling is None or not set(telling).isdisjoint(columns)):
            return ColumnMap(target=target, columns=columns)
    raise UnknownColumns(
        phrase(
            "{file}, row 1: the columns {header} are not those of a list of invoices "
            "(client, number, issued, amount), of hours (client, date, hours) or of clients "
            "(name, fee or rate); say which is which with --map.",
            file=table.file,
            header=", ".join(map(repr, table.header)),
        ),
        table.header,
    )


def resolve(mapping: ColumnMap, table: Table) -> dict[str, int]:
    """Our column to its place in the table.

    Raises
    ------
    ImportRefused
        If the table lacks a column the map asks for, or a required one is neither mapped nor constant.
    """
    places: dict[str, int] = {}
    folded = [name.casefold() for name in table.header]
    for ours, headers in mapping.columns.items():
        place = next((folded.index(name.casefold()) for name in headers if name.casefold() in folded), None)
        if place is None:
            near = get_close_matches(headers[0], table.header, n=1)
            hint = phrase(" Did you mean {near!r}?", near=near[0]) if near else ""
            raise ImportRefused(
                phrase(
                    "{file}, row 1, column {header}: the map takes {ours} from it, and the file has "
                    "{table_header}.{hint}",
                    file=table.file,
                    header=headers[0],
                    ours=ours,
                    table_header=", ".join(map(repr, table.header)),
                    hint=hint,
                )
            )
        if table.header[place] in table.doubled:
            raise ImportRefused(
                phrase(
                    "{file}, row 1, column {header}: the header names this column twice.",
                    file=table.file,
                    header=table.header[place],
                )
            )
        places[ours] = place
    for column in TARGETS[mapping.target].columns:
        given = column.name in places or column.name in mapping.constants
        if column.required and not given and column.name not in OPTIONAL.get(mapping.target, ()):
            raise ImportRefused(
                phrase(
                    "{file}: no column of the file is mapped to {name}, which is required.",
                    file=table.file,
                    name=column.name,
                )
            )
    return places


def _section(document: Mapping[str, Any], name: str, known: list[str], source: str) -> dict[str, Any]:
    section = document.get(name, {})
    if not isinstance(section, dict):
        raise ImportRefused(phrase("{source}: {name} must be a table.", source=source, name=name))
    unknown = [key for key in section if key not in known]
    if unknown:
        raise ImportRefused(
            phrase(
                "{source}, {name}: {unknown!r} is not one of {known}.",
                source=source,
                name=name,
                unknown=unknown[0],
                known=", ".join(known),
            )
        )
    return section


def _guessed(header: tuple[str, ...], names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    plain = [re.sub(r"[^a-z0-9]", "", name.casefold()) for name in header]
    found: dict[str, tuple[str, ...]] = {}
    for ours, words in names.items():
        # The words run from the most telling to the least: a file may have both `Invoice Date` and `Date`.
        place = next((plain.index(word) for word in words.split() if word in plain), None)
        if place is not None:
            found[ours] = (header[place],)
    return found

"""The files of a portfolio folder and their columns: what import and export both go by."""

from dataclasses import dataclass
from typing import Literal

from model.agreed import EarlierTerms
from model.choice import Choice
from model.records import CheckIn, Client, Event, Hours, Invoice, Prospect, Search, Sighting

Kind = Literal[
    "text", "code", "date", "month", "day_or_month", "decimal", "number", "integer", "flag", "signs", "sign", "choice"
]

TEXT_KINDS: tuple[Kind, ...] = ("text", "code", "sign", "choice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its name in the file, the field of the record it fills, and how its cells read.

    An empty cell of an optional column is `empty`: None where not recorded differs from no. A day in a column that is
    `planned` may lie ahead; all others tell of what has happened.
    """

    name: str
    field: str
    kind: Kind
    required: bool = False
    empty: bool | str | tuple[str, ...] | None = None
    planned: bool = False

    @property
    def title(self) -> str:
        """The name as a heading, in English."""
        return self.name.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """One file of the folder: its name, the record type of its rows, the attribute of `Records` they go to."""

    file: str
    record: type
    attribute: str
    columns: tuple[Column, ...]


def _column(
    name: str,
    kind: Kind,
    field: str | None = None,
    *,
    empty: bool | str | tuple[str, ...] | None = None,
    planned: bool = False,
) -> Column:
    plain = name.strip("*")
    return Column(
        name=plain, field=field or plain, kind=kind, required=name.startswith("*"), empty=empty, planned=planned
    )


FILES: tuple[FileKind, ...] = (
    FileKind(
        file="clients.csv",
        record=Client,
        attribute="clients",
        columns=(
            _column("*name", "text"),
            _column("*currency", "code"),
            _column("*since", "date"),
            _column("*billing", "choice"),
            _column("rate_per_hour", "decimal"),
            _column("fee_per_month", "decimal"),
            _column("agreed_hours_per_month", "number"),
            _column("payment_terms_days", "integer"),
            _column("notice_days", "integer"),
            _column("contract_end", "date", planned=True),
            _column("committed_hours", "number"),
            _column("prepaid_amount", "decimal"),
            _column("standing_signs", "signs", empty=()),
            _column("ended_on", "date", planned=True),
            _column("ended_by", "choice"),
        ),
    ),
    FileKind(
        file="earlier_terms.csv",
        record=EarlierTerms,
        attribute="earlier_terms",
        columns=(
            _column("*client", "text"),
            _column("*until", "date"),
            _column("*billing", "choice"),
            _column("rate_per_hour", "decimal"),
            _column("fee_per_month", "decimal"),
            _column("agreed_hours_per_month", "number"),
        ),
    ),
    FileKind(
        file="checkins.csv",
        record=CheckIn,
        attribute="checkins",
        columns=(
            _column("*client", "text"),
            _column("*month", "month"),
            _column("energy", "integer"),
            _column("note", "text", empty=""),
        ),
    ),
    FileKind(
        file="signs.csv",
        record=Sighting,
        attribute="sightings",
        columns=(
            _column("*client", "text"),
            _column("*date", "date", "on"),
            _column("*sign", "sign"),
            _column("angry", "flag", empty=False),
            _column("note", "text", empty=""),
        ),
    ),
    FileKind(
        file="invoices.csv",
        record=Invoice,
        attribute="invoices",
        columns=(
            _column("*client", "text"),
            _column("*number", "text"),
            _column("*issued", "date"),
            _column("*due", "date", planned=True),
            _column("*amount", "decimal"),
            _column("*currency", "code"),
            _column("paid_on", "date"),
            _column("written_off", "decimal"),
            _column("disputed", "flag", empty=False),
            _column("written_off_on", "date"),
        ),
    ),
    FileKind(
        file="hours.csv",
        record=Hours,
        attribute="hours",
        columns=(
            _column("*client", "text"),
            _column("*date", "day_or_month", "on"),
            _column("*hours", "number"),
            _column("billable", "flag"),
        ),
    ),
    FileKind(
        file="events.csv",
        record=Event,
        attribute="events",
        columns=(
            _column("*client", "text"),
            _column("*date", "date", "on"),
            _column("*kind", "choice"),
            _column("ask_price_pct", "number"),
            _column("ask_scope", "flag", empty=False),
            _column("ask_terms", "flag", empty=False),
            _column("result", "choice"),
            _column("amount", "decimal"),
            _column("note", "text", empty=""),
        ),
    ),
    FileKind(
        file="decisions.csv",
        record=Choice,
        attribute="choices",
        columns=(
            _column("*client", "text"),
            _column("*date", "date", "on"),
            _column("*action", "choice"),
            _column("advised", "choice"),
            _column("expected", "decimal"),
            _column("instead", "decimal"),
            _column("note", "text", empty=""),
        ),
    ),
    FileKind(
        file="searches.csv",
        record=Search,
        attribute="searches",
        columns=(
            _column("*opened_on", "date"),
            _column("won_on", "date"),
            _column("fee_per_month", "decimal"),
            _column("hours_per_month", "number"),
            _column("cost", "decimal"),
        ),
    ),
    FileKind(
        file="prospects.csv",
        record=Prospect,
        attribute="prospects",
        columns=(
            _column("*name", "text"),
            _column("*fee_per_month", "decimal"),
            _column("*hours_per_month", "number"),
            _column("odds", "number"),
            _column("start", "date", planned=True),
            _column("early_signs", "signs", empty=()),
        ),
    ),
)

SETTINGS_FILE = "settings.toml"

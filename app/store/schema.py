"""The tables: one per record type, each row part of a batch, none ever changed or deleted.

What holds now is read as: rows of batches not undone, not superseded by such a row, and not withdrawn by such a
batch. `migrations/` builds the same tables step by step; a test holds the two against each other.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

from model.agreed import EarlierTerms
from model.choice import Choice
from model.records import CheckIn, Client, Event, Hours, Invoice, Prospect, Search, Sighting

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""Every schema version this program knows, oldest first; the last is the one it works with."""


class Money(TypeDecorator[Decimal]):
    """An amount as plain decimal text: SQLite has no decimal type, and a float would not be the same amount."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Amount to text, without an exponent."""
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """Text to amount."""
        return None if value is None else Decimal(value)


class SignIds(TypeDecorator[tuple[str, ...]]):
    """Sign ids in one cell, separated by semicolons, which no id contains."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Iterable[str] | None, dialect: Dialect) -> str:
        """Ids to text."""
        return ";".join(value or ())

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:
        """Text to ids."""
        return tuple(value.split(";")) if value else ()


class UtcTime(TypeDecorator[datetime]):
    """A moment as ISO text in UTC."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Moment to text."""
        return None if value is None else value.astimezone(UTC).isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Text to moment."""
        return None if value is None else datetime.fromisoformat(value)


metadata = MetaData()

batches = Table(
    "batches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("created_at", UtcTime, nullable=False),
    Column("kind", String, nullable=False),
    Column("summary", Text, nullable=False),
    Column("records", Integer, nullable=False),
    Column("key", String, unique=True),
    Column("undoes", Integer, ForeignKey("batches.id"), unique=True),
    # Who wrote it, where several do; PostgreSQL fills it in.
    Column("author", String),
    sqlite_autoincrement=True,
)

withdrawals = Table(
    "withdrawals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("batch_id", Integer, ForeignKey("batches.id"), nullable=False),
    Column("record_table", String, nullable=False),
    Column("record_id", Integer, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("batch_id", Integer, ForeignKey("batches.id"), nullable=False),
    Column("document", Text, nullable=False),
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made_at", UtcTime, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("document", Text, nullable=False),
)


def _evidence(name: str, *columns: Column[Any]) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Integer, primary_key=True),
        Column("batch_id", Integer, ForeignKey("batches.id"), nullable=False),
        Column("supersedes", Integer, ForeignKey(f"{name}.id"), index=True),
        *columns,
    )


RECORD_TABLES: dict[type, Table] = {
    Client: _evidence(
        "clients",
        Column("name", String, nullable=False),
        Column("currency", String, nullable=False),
        Column("since", Date, nullable=False),
        Column("billing", String, nullable=False),
        Column("rate_per_hour", Money),
        Column("fee_per_month", Money),
        Column("agreed_hours_per_month", Float),
        Column("payment_terms_days", Integer),
        Column("notice_days", Integer),
        Column("contract_end", Date),
        Column("committed_hours", Float),
        Column("prepaid_amount", Money),
        Column("standing_signs", SignIds, nullable=False),
        Column("ended_on", Date),
        Column("ended_by", String),
    ),
    EarlierTerms: _evidence(
        "earlier_terms",
        Column("client", String, nullable=False),
        Column("until", Date, nullable=False),
        Column("billing", String, nullable=False),
        Column("rate_per_hour", Money),
        Column("fee_per_month", Money),
        Column("agreed_hours_per_month", Float),
    ),
    CheckIn: _evidence(
        "checkins",
        Column("client", String, nullable=False),
        Column("month", Date, nullable=False),
        Column("energy", Integer),
        Column("note", Text, nullable=False),
    ),
    Sighting: _evidence(
        "sightings",
        Column("client", String, nullable=False),
        Column("on", Date, nullable=False),
        Column("sign", String, nullable=False),
        Column("angry", Boolean, nullable=False),
        Column("note", Text, nullable=False),
    ),
    Invoice: _evidence(
        "invoices",
        Column("client", String, nullable=False),
        Column("number", String, nullable=False),
        Column("issued", Date, nullable=False),
        Column("due", Date, nullable=False),
        Column("amount", Money, nullable=False),
        Column("currency", String, nullable=False),
        Column("paid_on", Date),
        Column("written_off", Money),
        Column("disputed", Boolean, nullable=False),
        Column("written_off_on", Date),
    ),
    Hours: _evidence(
        "hours",
        Column("client", String, nullable=False),
        Column("on", Date, nullable=False),
        Column("hours", Float, nullable=False),
        Column("billable", Boolean),
        Column("whole_month", Boolean, nullable=False),
    ),
    Event: _evidence(
        "events",
        Column("client", String, nullable=False),
        Column("on", Date, nullable=False),
        Column("kind", String, nullable=False),
        Column("ask_price_pct", Float),
        Column("ask_scope", Boolean, nullable=False),
        Column("ask_terms", Boolean, nullable=False),
        Column("result", String),
        Column("amount", Money),
        Column("note", Text, nullable=False),
    ),
    Choice: _evidence(
        "decisions",
        Column("client", String, nullable=False),
        Column("on", Date, nullable=False),
        Column("action", String, nullable=False),
        Column("advised", String),
        Column("expected", Money),
        Column("instead", Money),
        Column("note", Text, nullable=False),
    ),
    Search: _evidence(
        "searches",
        Column("opened_on", Date, nullable=False),
        Column("won_on", Date),
        Column("fee_per_month", Money),
        Column("hours_per_month", Float),
        Column("cost", Money),
    ),
    Prospect: _evidence(
        "prospects",
        Column("name", String, nullable=False),
        Column("fee_per_month", Money, nullable=False),
        Column("hours_per_month", Float, nullable=False),
        Column("odds", Float),
        Column("start", Date),
        Column("early_signs", SignIds, nullable=False),
    ),
}

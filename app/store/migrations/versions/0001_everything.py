"""Everything: batches, one table per record type, and the triggers that keep them append-only."""

from typing import Any

from alembic import op
from sqlalchemy import Boolean, Column, Date, Float, ForeignKey, Integer, String, Text

from app.store.migrations import append_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_BECAUSE = "a correction is a new row"


def upgrade() -> None:
    op.create_table(
        "batches",
        Column("id", Integer, primary_key=True),
        Column("created_at", String, nullable=False),
        Column("kind", String, nullable=False),
        Column("summary", Text, nullable=False),
        Column("records", Integer, nullable=False),
        Column("key", String, unique=True),
        Column("undoes", Integer, ForeignKey("batches.id"), unique=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "withdrawals",
        Column("id", Integer, primary_key=True),
        _batch(),
        Column("record_table", String, nullable=False),
        Column("record_id", Integer, nullable=False),
    )
    op.create_table("settings", Column("id", Integer, primary_key=True), _batch(), _required("document", Text))
    _evidence(
        "clients",
        _required("name"),
        _required("currency"),
        _required("since", Date),
        _required("billing"),
        Column("rate_per_hour", String),
        Column("fee_per_month", String),
        Column("agreed_hours_per_month", Float),
        Column("payment_terms_days", Integer),
        Column("notice_days", Integer),
        Column("contract_end", Date),
        Column("committed_hours", Float),
        Column("prepaid_amount", String),
        _required("standing_signs"),
        Column("ended_on", Date),
        Column("ended_by", String),
    )
    _evidence(
        "checkins",
        _required("client"),
        _required("month", Date),
        Column("energy", Integer),
        _required("note", Text),
    )
    _evidence(
        "sightings",
        _required("client"),
        _required("on", Date),
        _required("sign"),
        _required("angry", Boolean),
        _required("note", Text),
    )
    _evidence(
        "invoices",
        _required("client"),
        _required("number"),
        _required("issued", Date),
        _required("due", Date),
        _required("amount"),
        _required("currency"),
        Column("paid_on", Date),
        Column("written_off", String),
        _required("disputed", Boolean),
    )
    _evidence(
        "hours",
        _required("client"),
        _required("on", Date),
        _required("hours", Float),
        Column("billable", Boolean),
        _required("whole_month", Boolean),
    )
    _evidence(
        "events",
        _required("client"),
        _required("on", Date),
        _required("kind"),
        Column("ask_price_pct", Float),
        _required("ask_scope", Boolean),
        _required("ask_terms", Boolean),
        Column("result", String),
        Column("amount", String),
        _required("note", Text),
    )
    _evidence(
        "searches",
        _required("opened_on", Date),
        Column("won_on", Date),
        Column("fee_per_month", String),
        Column("hours_per_month", Float),
        Column("cost", String),
    )
    _evidence(
        "prospects",
        _required("name"),
        _required("fee_per_month"),
        _required("hours_per_month", Float),
        Column("odds", Float),
        Column("start", Date),
        _required("early_signs"),
    )
    for table in ("batches", "withdrawals", "settings"):
        append_only(table, _BECAUSE)


def _evidence(name: str, *columns: Column[Any]) -> None:
    op.create_table(
        name,
        Column("id", Integer, primary_key=True),
        _batch(),
        Column("supersedes", Integer, ForeignKey(f"{name}.id")),
        *columns,
    )
    op.create_index(f"ix_{name}_supersedes", name, ["supersedes"])
    append_only(name, _BECAUSE)


def _batch() -> Column[Any]:
    return Column("batch_id", Integer, ForeignKey("batches.id"), nullable=False)


def _required(name: str, kind: type = String) -> Column[Any]:
    return Column(name, kind, nullable=False)

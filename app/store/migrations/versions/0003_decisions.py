"""Decisions: what the user chose to do about a client, against which advice, and why."""

from alembic import op
from sqlalchemy import Column, Date, ForeignKey, Integer, String, Text

from app.store.migrations import append_only

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decisions",
        Column("id", Integer, primary_key=True),
        Column("batch_id", Integer, ForeignKey("batches.id"), nullable=False),
        Column("supersedes", Integer, ForeignKey("decisions.id"), index=True),
        Column("client", String, nullable=False),
        Column("on", Date, nullable=False),
        Column("action", String, nullable=False),
        Column("advised", String),
        Column("expected", String),
        Column("instead", String),
        Column("note", Text, nullable=False),
    )
    append_only("decisions", "corrections supersede, and undo takes back")

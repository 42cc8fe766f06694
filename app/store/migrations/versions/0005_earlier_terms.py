"""Earlier terms: what was agreed before, and until when; and the day an invoice was given up."""

from alembic import op
from sqlalchemy import Column, Date, Float, ForeignKey, Integer, String

from app.store.migrations import append_only

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "earlier_terms",
        Column("id", Integer, primary_key=True),
        Column("batch_id", Integer, ForeignKey("batches.id"), nullable=False),
        Column("supersedes", Integer, ForeignKey("earlier_terms.id"), index=True),
        Column("client", String, nullable=False),
        Column("until", Date, nullable=False),
        Column("billing", String, nullable=False),
        Column("rate_per_hour", String),
        Column("fee_per_month", String),
        Column("agreed_hours_per_month", Float),
    )
    append_only("earlier_terms", "corrections supersede, and undo takes back")
    op.add_column("invoices", Column("written_off_on", Date))

"""Reviews: what was said on a day, kept as it was said."""

from alembic import op
from sqlalchemy import Column, Date, Integer, String, Text

from app.store.migrations import append_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reviews",
        Column("id", Integer, primary_key=True),
        Column("made_at", String, nullable=False),
        Column("as_of", Date, nullable=False),
        Column("first_day", Date, nullable=False),
        Column("fingerprint", String, nullable=False),
        Column("document", Text, nullable=False),
    )
    append_only("reviews", "a review is kept as it was made")

"""Authors: who made each write, where several people share a portfolio."""

from alembic import op
from sqlalchemy import Column, String

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("batches", Column("author", String))
    if op.get_bind().dialect.name == "postgresql":
        # After the column is there: rows written before have no author, and not the one who moved the tables up.
        op.execute("ALTER TABLE batches ALTER COLUMN author SET DEFAULT session_user")

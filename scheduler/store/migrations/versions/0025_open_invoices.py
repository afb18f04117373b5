"""Open invoices of other books: from when these have them, what was paid before, and numbers that void ones of them leave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_KEEPS_NUMBER = sa.text("taken_over_on IS NULL OR state <> 'void'")


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    for table in ("invoices", "invoices_versions"):
        op.add_column(table, sa.Column("taken_over_on", sa.Date(), nullable=True))
        op.add_column(table, sa.Column("paid_before_minor", sa.BigInteger(), nullable=False, server_default="0"))
    op.drop_index("uq_invoices_number", "invoices")
    columns = ["legal_entity_id", "number"]
    op.create_index("uq_invoices_number", "invoices", columns, unique=True, sqlite_where=_KEEPS_NUMBER, postgresql_where=_KEEPS_NUMBER)

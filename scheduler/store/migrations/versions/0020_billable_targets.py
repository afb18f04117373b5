"""What part of somebody's time should be billable, by term of employment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    for table in ("person_terms", "person_terms_versions"):
        op.add_column(table, sa.Column("billable_target", sa.BigInteger(), nullable=True))

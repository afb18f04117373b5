"""
With an answer kept for an idempotency key: with which rights it was given.

Answers of before have none, and are given to nobody again; they live for a day.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    op.add_column("idempotency_records", sa.Column("standing_sha256", sa.String(length=64), nullable=False, server_default=""))

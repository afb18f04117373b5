"""Sweeps: series of what-if plans that answer one question."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    op.create_table(
        "sweeps",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["jobs.id"], name=op.f("fk_sweeps_id_jobs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweeps")),
    )

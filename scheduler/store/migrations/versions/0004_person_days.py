"""
Counters of people's days, the flag on bookings beyond capacity, overrides, and which changes of a plan were applied.

The counters are filled from the bookings by the program after its last migration (``schema.migrate``), in the same transaction.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    for table in ("bookings", "bookings_versions"):
        op.add_column(table, sa.Column("over_capacity", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("plans", sa.Column("applied_changes", sa.Text(), nullable=True))
    op.create_table(
        "person_days",
        sa.Column("person_id", key_type(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("capacity_min", sa.Integer(), nullable=False),
        sa.Column("booked_min", sa.Integer(), nullable=False),
        sa.Column("excess_min", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity_min >= 0", name=op.f("ck_person_days_capacity_min_at_least_0")),
        sa.CheckConstraint("excess_min >= 0", name=op.f("ck_person_days_excess_min_at_least_0")),
        sa.CheckConstraint("booked_min <= capacity_min + excess_min", name=op.f("ck_person_days_within_capacity")),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_person_days")),
    )
    op.create_table(
        "booking_loads",
        sa.Column("booking_id", key_type(64), nullable=False),
        sa.Column("person_id", key_type(64), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("promised", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_booking_loads")),
    )
    op.create_index(op.f("ix_booking_loads_person_id"), "booking_loads", ["person_id"])
    op.create_table(
        "capacity_overrides",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("person_id", key_type(64), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("over_min", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("actor_id", key_type(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacity_overrides")),
    )
    op.create_index(op.f("ix_capacity_overrides_person_id"), "capacity_overrides", ["person_id"])

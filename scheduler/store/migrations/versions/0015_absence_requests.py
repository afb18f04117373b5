"""Kinds of absences, and requests for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    op.create_table(
        "absence_kinds",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", key_type(1000), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("is_always_recordable", sa.Boolean(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("entitlement", sa.Integer(), nullable=True),
        sa.Column("full_week", sa.Integer(), nullable=True),
        sa.Column("first_year", sa.SmallInteger(), nullable=True),
        sa.Column("accrual", sa.String(length=40), nullable=False),
        sa.Column("carry_over_max", sa.Integer(), nullable=True),
        sa.Column("carry_over_until", sa.String(length=5), nullable=True),
        sa.Column("beyond_balance", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_kinds")),
    )
    op.create_index(op.f("uq_absence_kinds_external_id"), "absence_kinds", ["external_id"], unique=True)
    op.create_index(op.f("uq_absence_kinds_name_key"), "absence_kinds", ["name_key"], unique=True)

    op.create_table(
        "absence_kinds_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("name_key", key_type(1000), autoincrement=False, nullable=False),
        sa.Column("needs_approval", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("is_always_recordable", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("entitlement", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("full_week", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("first_year", sa.SmallInteger(), autoincrement=False, nullable=True),
        sa.Column("accrual", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("carry_over_max", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("carry_over_until", sa.String(length=5), autoincrement=False, nullable=True),
        sa.Column("beyond_balance", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_absence_kinds_versions")),
    )
    op.create_table(
        "absence_requests_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("person_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("kind_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("period_start", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("period_end", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("first_half", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("last_half", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("note", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("state", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("requested_by", key_type(64), autoincrement=False, nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("decided_by", key_type(64), autoincrement=False, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("reason", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_absence_requests_versions")),
    )
    op.create_table(
        "absence_requests",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("person_id", key_type(64), nullable=False),
        sa.Column("kind_id", key_type(64), nullable=True),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("first_half", sa.Boolean(), nullable=False),
        sa.Column("last_half", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("requested_by", key_type(64), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", key_type(64), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(["kind_id"], ["absence_kinds.id"], name=op.f("fk_absence_requests_kind_id_absence_kinds")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_absence_requests_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_requests")),
    )
    op.create_index(op.f("ix_absence_requests_kind_id"), "absence_requests", ["kind_id"], unique=False)
    op.create_index(op.f("ix_absence_requests_period_start"), "absence_requests", ["period_start"], unique=False)
    op.create_index(op.f("ix_absence_requests_person_id"), "absence_requests", ["person_id"], unique=False)
    op.create_index(op.f("uq_absence_requests_external_id"), "absence_requests", ["external_id"], unique=True)

    op.add_column("absences", sa.Column("request_id", key_type(64), nullable=True))
    op.create_index(op.f("ix_absences_request_id"), "absences", ["request_id"], unique=False)

    op.add_column("absences_versions", sa.Column("request_id", key_type(64), autoincrement=False, nullable=True))

"""Approvals: whom handed-in lines wait for, delegations, period locks, and the firm's policy."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    _approval_policies()
    _delegations()
    _period_locks()
    _line_approvals()


def _approval_policies() -> None:
    op.create_table(
        "approval_policies",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("sheet_period", sa.String(length=40), nullable=False),
        sa.Column("escalation_days", sa.Integer(), nullable=True),
        sa.Column("reject_needs_reason", sa.Boolean(), nullable=False),
        sa.Column("tell_deciders", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_policies")),
    )
    op.create_index("uq_approval_policies_external_id", "approval_policies", ["external_id"], unique=True)
    op.create_table(
        "approval_policies_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("sheet_period", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("escalation_days", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("reject_needs_reason", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("tell_deciders", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_approval_policies_versions")),
    )


def _delegations() -> None:
    op.create_table(
        "delegations_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("person_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("deputy_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("period_start", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("period_end", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_delegations_versions")),
    )
    op.create_table(
        "delegations",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("person_id", key_type(64), nullable=False),
        sa.Column("deputy_id", key_type(64), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["deputy_id"], ["people.id"], name=op.f("fk_delegations_deputy_id_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_delegations_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
    )
    op.create_index(op.f("ix_delegations_deputy_id"), "delegations", ["deputy_id"], unique=False)
    op.create_index(op.f("ix_delegations_person_id"), "delegations", ["person_id"], unique=False)
    op.create_index("uq_delegations_external_id", "delegations", ["external_id"], unique=True)


def _period_locks() -> None:
    op.create_table(
        "period_locks_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("locked_before", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("project_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("note", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("locked_by", key_type(64), autoincrement=False, nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("lifted_by", key_type(64), autoincrement=False, nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("lift_reason", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_period_locks_versions")),
    )
    op.create_table(
        "period_locks",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("locked_before", sa.Date(), nullable=False),
        sa.Column("project_id", key_type(64), nullable=True),
        sa.Column("note", sa.String(length=400), nullable=True),
        sa.Column("locked_by", key_type(64), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", key_type(64), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lift_reason", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_period_locks_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_locks")),
    )
    op.create_index(op.f("ix_period_locks_locked_at"), "period_locks", ["locked_at"], unique=False)
    op.create_index(op.f("ix_period_locks_project_id"), "period_locks", ["project_id"], unique=False)
    op.create_index("uq_period_locks_external_id", "period_locks", ["external_id"], unique=True)


def _line_approvals() -> None:
    op.create_table(
        "line_approvals",
        sa.Column("id", key_type(110), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("line_id", key_type(64), nullable=False),
        sa.Column("person_id", key_type(64), nullable=False),
        sa.Column("project_id", key_type(64), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("waits_for", sa.String(length=40), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", key_type(64), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", key_type(64), nullable=True),
        sa.Column("decided_for", key_type(64), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_line_approvals_person_id_people")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_line_approvals_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_approvals")),
    )
    op.create_index(op.f("ix_line_approvals_due_at"), "line_approvals", ["due_at"], unique=False)
    op.create_index(op.f("ix_line_approvals_person_id"), "line_approvals", ["person_id"], unique=False)
    op.create_index("ix_line_approvals_project", "line_approvals", ["project_id", "waits_for", "day"], unique=False)
    op.create_index("ix_line_approvals_waiting", "line_approvals", ["waits_for", "day"], unique=False)

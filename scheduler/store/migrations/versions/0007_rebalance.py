"""Rebalance policies, and the change sets that their runs came to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    _policies()
    _change_sets()


def _policies() -> None:
    op.create_table(
        "rebalance_policies_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("name_key", key_type(1000), autoincrement=False, nullable=False),
        sa.Column("cron", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("time_zone", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("is_active", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("weeks", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("any_project", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("min_probability", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("frozen_weeks", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("churn_cost", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("setup_cost", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("max_churn_hours", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("min_worth", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unasked", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("time_limit_s", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_rebalance_policies_versions")),
    )
    op.create_table(
        "rebalance_policies",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", key_type(1000), nullable=False),
        sa.Column("cron", sa.String(length=400), nullable=True),
        sa.Column("time_zone", sa.String(length=400), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("any_project", sa.Boolean(), nullable=False),
        sa.Column("min_probability", sa.BigInteger(), nullable=True),
        sa.Column("frozen_weeks", sa.Integer(), nullable=False),
        sa.Column("churn_cost", sa.BigInteger(), nullable=False),
        sa.Column("setup_cost", sa.BigInteger(), nullable=False),
        sa.Column("max_churn_hours", sa.BigInteger(), nullable=True),
        sa.Column("min_worth", sa.BigInteger(), nullable=False),
        sa.Column("unasked", sa.String(length=40), nullable=False),
        sa.Column("time_limit_s", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rebalance_policies")),
    )
    op.create_index(op.f("uq_rebalance_policies_external_id"), "rebalance_policies", ["external_id"], unique=True)
    op.create_index(op.f("uq_rebalance_policies_name_key"), "rebalance_policies", ["name_key"], unique=True)
    op.create_table(
        "rebalance_policy_projects_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("project_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "project_id", "recorded_from", name=op.f("pk_rebalance_policy_projects_versions")),
    )
    op.create_table(
        "rebalance_policy_projects",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("project_id", key_type(64), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_rebalance_policy_projects_project_id_projects")),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["rebalance_policies.id"],
            name=op.f("fk_rebalance_policy_projects_parent_id_rebalance_policies"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("parent_id", "project_id", name=op.f("pk_rebalance_policy_projects")),
    )
    op.create_index(op.f("ix_rebalance_policy_projects_project_id"), "rebalance_policy_projects", ["project_id"], unique=False)
    op.create_table(
        "rebalance_policy_told_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("person_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "person_id", "recorded_from", name=op.f("pk_rebalance_policy_told_versions")),
    )
    op.create_table(
        "rebalance_policy_told",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("person_id", key_type(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["rebalance_policies.id"], name=op.f("fk_rebalance_policy_told_parent_id_rebalance_policies"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_rebalance_policy_told_person_id_people")),
        sa.PrimaryKeyConstraint("parent_id", "person_id", name=op.f("pk_rebalance_policy_told")),
    )
    op.create_index(op.f("ix_rebalance_policy_told_person_id"), "rebalance_policy_told", ["person_id"], unique=False)


def _change_sets() -> None:
    op.create_table(
        "change_sets_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("policy_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("policy_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("actor_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("is_dry_run", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("plan_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("base_plan_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("failure_code", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("gain_x60", sa.String(length=60), autoincrement=False, nullable=True),
        sa.Column("dropped_count", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_change_sets_versions")),
    )
    op.create_table(
        "change_sets",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("policy_id", key_type(64), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("actor_id", key_type(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_dry_run", sa.Boolean(), nullable=False),
        sa.Column("plan_id", key_type(64), nullable=True),
        sa.Column("base_plan_id", key_type(64), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure_code", sa.String(length=400), nullable=True),
        sa.Column("gain_x60", sa.String(length=60), nullable=True),
        sa.Column("dropped_count", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_change_sets_plan_id_plans")),
        sa.ForeignKeyConstraint(["policy_id"], ["rebalance_policies.id"], name=op.f("fk_change_sets_policy_id_rebalance_policies")),
        sa.ForeignKeyConstraint(["base_plan_id"], ["plans.id"], name=op.f("fk_change_sets_base_plan_id_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_sets")),
    )
    op.create_index(op.f("ix_change_sets_created_at"), "change_sets", ["created_at"], unique=False)
    op.create_index(op.f("ix_change_sets_plan_id"), "change_sets", ["plan_id"], unique=False)
    op.create_index(op.f("ix_change_sets_policy_id"), "change_sets", ["policy_id"], unique=False)
    op.create_index(op.f("ix_change_sets_state"), "change_sets", ["state"], unique=False)
    op.create_index(op.f("uq_change_sets_external_id"), "change_sets", ["external_id"], unique=True)
    op.create_index(op.f("uq_change_sets_policy_id_due_at"), "change_sets", ["policy_id", "due_at"], unique=True)
    op.create_table(
        "change_groups_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("changes", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("reasons", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("worth_x60", sa.String(length=60), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("decided_by", key_type(64), autoincrement=False, nullable=True),
        sa.Column("undo", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "position", "recorded_from", name=op.f("pk_change_groups_versions")),
    )
    op.create_table(
        "change_groups",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("worth_x60", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", key_type(64), nullable=True),
        sa.Column("undo", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["change_sets.id"], name=op.f("fk_change_groups_parent_id_change_sets"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("parent_id", "position", name=op.f("pk_change_groups")),
    )

"""Time entries, activity types, policies on time, running timers and reminders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    _activity_types()
    _policies()
    _entries()
    _entry_versions()
    _timers()


def _activity_types() -> None:
    op.create_table(
        "activity_types",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", key_type(1000), nullable=False),
        sa.Column("is_billable", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_types")),
    )
    op.create_index("uq_activity_types_external_id", "activity_types", ["external_id"], unique=True)
    op.create_index("uq_activity_types_name_key", "activity_types", ["name_key"], unique=True)
    op.create_table(
        "activity_types_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "external_id",
            key_type(1000),
            autoincrement=False,
            nullable=True,
        ),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column(
            "name_key",
            key_type(1000),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("is_billable", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("is_active", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_activity_types_versions")),
    )


def _policies() -> None:
    op.create_table(
        "time_policies",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", key_type(1000), nullable=False),
        sa.Column("project_id", key_type(64), nullable=True),
        sa.Column("team", sa.String(length=400), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("remind_after_days", sa.SmallInteger(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_time_policies_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_policies")),
    )
    op.create_index(op.f("ix_time_policies_project_id"), "time_policies", ["project_id"], unique=False)
    op.create_index("uq_time_policies_external_id", "time_policies", ["external_id"], unique=True)
    op.create_index("uq_time_policies_name_key", "time_policies", ["name_key"], unique=True)
    op.create_table(
        "time_policies_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "external_id",
            key_type(1000),
            autoincrement=False,
            nullable=True,
        ),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column(
            "name_key",
            key_type(1000),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "project_id",
            key_type(64),
            autoincrement=False,
            nullable=True,
        ),
        sa.Column("team", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("valid_from", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("valid_until", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("remind_after_days", sa.SmallInteger(), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_time_policies_versions")),
    )
    op.create_table(
        "time_policy_rules",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=40), nullable=False),
        sa.Column("figure", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["time_policies.id"], name=op.f("fk_time_policy_rules_parent_id_time_policies"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("parent_id", "kind", name=op.f("pk_time_policy_rules")),
    )
    op.create_table(
        "time_policy_rules_versions",
        sa.Column(
            "parent_id",
            key_type(64),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("severity", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("figure", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "kind", "recorded_from", name=op.f("pk_time_policy_rules_versions")),
    )


def _entries() -> None:
    op.create_table(
        "time_entries",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("person_id", key_type(64), nullable=False),
        sa.Column("project_id", key_type(64), nullable=False),
        sa.Column("task_id", key_type(64), nullable=True),
        sa.Column("demand_id", key_type(64), nullable=True),
        sa.Column("booking_id", key_type(64), nullable=True),
        sa.Column("work_date", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=True),
        sa.Column("activity_type_id", key_type(64), nullable=True),
        sa.Column("ticket_ref", sa.String(length=400), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("is_billable", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.CheckConstraint("minutes >= 1", name=op.f("ck_time_entries_minutes_at_least_1")),
        sa.ForeignKeyConstraint(["activity_type_id"], ["activity_types.id"], name=op.f("fk_time_entries_activity_type_id_activity_types")),
        sa.ForeignKeyConstraint(["demand_id"], ["demands.id"], name=op.f("fk_time_entries_demand_id_demands")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_time_entries_person_id_people")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_time_entries_project_id_projects")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_time_entries_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_entries")),
    )
    op.create_index(op.f("ix_time_entries_activity_type_id"), "time_entries", ["activity_type_id"], unique=False)
    op.create_index("ix_time_entries_day", "time_entries", ["work_date", "id"], unique=False)
    op.create_index(op.f("ix_time_entries_demand_id"), "time_entries", ["demand_id"], unique=False)
    op.create_index("ix_time_entries_person_day", "time_entries", ["person_id", "work_date", "id"], unique=False)
    op.create_index("ix_time_entries_project_day", "time_entries", ["project_id", "state", "work_date", "id"], unique=False)
    op.create_index("ix_time_entries_state_day", "time_entries", ["state", "work_date", "id"], unique=False)
    op.create_index(op.f("ix_time_entries_task_id"), "time_entries", ["task_id"], unique=False)
    op.create_index("uq_time_entries_external_id", "time_entries", ["external_id"], unique=True)


def _entry_versions() -> None:
    op.create_table(
        "time_entries_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "external_id",
            key_type(1000),
            autoincrement=False,
            nullable=True,
        ),
        sa.Column(
            "person_id",
            key_type(64),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "project_id",
            key_type(64),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "task_id",
            key_type(64),
            autoincrement=False,
            nullable=True,
        ),
        sa.Column(
            "demand_id",
            key_type(64),
            autoincrement=False,
            nullable=True,
        ),
        sa.Column(
            "booking_id",
            key_type(64),
            autoincrement=False,
            nullable=True,
        ),
        sa.Column("work_date", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("minutes", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("zone", sa.String(length=64), autoincrement=False, nullable=True),
        sa.Column(
            "activity_type_id",
            key_type(64),
            autoincrement=False,
            nullable=True,
        ),
        sa.Column("ticket_ref", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("note", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("is_billable", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_time_entries_versions")),
    )


def _timers() -> None:
    op.create_table(
        "running_timers",
        sa.Column("person_id", key_type(64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("project_id", key_type(64), nullable=False),
        sa.Column("task_id", key_type(64), nullable=True),
        sa.Column("demand_id", key_type(64), nullable=True),
        sa.Column("activity_type_id", key_type(64), nullable=True),
        sa.Column("ticket_ref", sa.String(length=400), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("is_billable", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_type_id"], ["activity_types.id"], name=op.f("fk_running_timers_activity_type_id_activity_types")
        ),
        sa.ForeignKeyConstraint(["demand_id"], ["demands.id"], name=op.f("fk_running_timers_demand_id_demands")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_running_timers_person_id_people")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_running_timers_project_id_projects")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_running_timers_task_id_tasks")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_running_timers")),
    )
    op.create_index(op.f("ix_running_timers_activity_type_id"), "running_timers", ["activity_type_id"], unique=False)
    op.create_index(op.f("ix_running_timers_demand_id"), "running_timers", ["demand_id"], unique=False)
    op.create_index(op.f("ix_running_timers_project_id"), "running_timers", ["project_id"], unique=False)
    op.create_index(op.f("ix_running_timers_task_id"), "running_timers", ["task_id"], unique=False)
    op.create_table(
        "time_reminders",
        sa.Column("person_id", key_type(64), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("missing_min", sa.Integer(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_time_reminders_person_id_people"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "week", name=op.f("pk_time_reminders")),
    )

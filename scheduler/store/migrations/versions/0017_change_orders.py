"""Demands that follow from tasks, and change orders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    _change_orders()
    _changed_demands()
    _tasks()
    _template_parts()
    _demands()


def _change_orders() -> None:
    op.create_table(
        "change_orders_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "external_id",
            key_type(1000),
            autoincrement=False,
            nullable=True,
        ),
        sa.Column(
            "project_id",
            key_type(64),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("value_delta_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("budget_delta_minutes", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("budget_delta_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column(
            "decided_by",
            key_type(64),
            autoincrement=False,
            nullable=True,
        ),
        sa.Column("value_before_minor", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("value_after_minor", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("minutes_before", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("minutes_after", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("budget_before_minor", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("budget_after_minor", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_change_orders_versions")),
    )
    op.create_table(
        "change_orders",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("project_id", key_type(64), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("value_delta_minor", sa.BigInteger(), nullable=False),
        sa.Column("budget_delta_minutes", sa.BigInteger(), nullable=False),
        sa.Column("budget_delta_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", key_type(64), nullable=True),
        sa.Column("value_before_minor", sa.BigInteger(), nullable=True),
        sa.Column("value_after_minor", sa.BigInteger(), nullable=True),
        sa.Column("minutes_before", sa.BigInteger(), nullable=True),
        sa.Column("minutes_after", sa.BigInteger(), nullable=True),
        sa.Column("budget_before_minor", sa.BigInteger(), nullable=True),
        sa.Column("budget_after_minor", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_change_orders_number_at_least_1")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_change_orders_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_orders")),
    )
    op.create_index(op.f("ix_change_orders_project_id"), "change_orders", ["project_id"], unique=False)
    op.create_index("uq_change_orders_external_id", "change_orders", ["external_id"], unique=True)
    op.create_index("uq_change_orders_project_id_number", "change_orders", ["project_id", "number"], unique=True)


def _changed_demands() -> None:
    op.create_table(
        "change_order_demands_versions",
        sa.Column(
            "parent_id",
            key_type(64),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "demand_id",
            key_type(64),
            autoincrement=False,
            nullable=True,
        ),
        sa.Column("base_version", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("grade", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "position", "recorded_from", name=op.f("pk_change_order_demands_versions")),
    )
    op.create_table(
        "change_order_effort_versions",
        sa.Column(
            "parent_id",
            key_type(64),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("week", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("minutes", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "position", "week", "recorded_from", name=op.f("pk_change_order_effort_versions")),
    )
    op.create_table(
        "change_order_requires_versions",
        sa.Column(
            "parent_id",
            key_type(64),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "skill_id",
            key_type(64),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "position", "skill_id", "recorded_from", name=op.f("pk_change_order_requires_versions")),
    )
    op.create_table(
        "change_order_demands",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("demand_id", key_type(64), nullable=True),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=True),
        sa.Column("grade", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(["demand_id"], ["demands.id"], name=op.f("fk_change_order_demands_demand_id_demands")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["change_orders.id"], name=op.f("fk_change_order_demands_parent_id_change_orders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("parent_id", "position", name=op.f("pk_change_order_demands")),
    )
    op.create_index(op.f("ix_change_order_demands_demand_id"), "change_order_demands", ["demand_id"], unique=False)
    op.create_table(
        "change_order_effort",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["change_orders.id"], name=op.f("fk_change_order_effort_parent_id_change_orders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("parent_id", "position", "week", name=op.f("pk_change_order_effort")),
    )
    op.create_table(
        "change_order_requires",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("skill_id", key_type(64), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["change_orders.id"], name=op.f("fk_change_order_requires_parent_id_change_orders"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_change_order_requires_skill_id_skills")),
        sa.PrimaryKeyConstraint("parent_id", "position", "skill_id", name=op.f("pk_change_order_requires")),
    )
    op.create_index(op.f("ix_change_order_requires_skill_id"), "change_order_requires", ["skill_id"], unique=False)


def _tasks() -> None:
    op.create_table(
        "task_requires_versions",
        sa.Column(
            "parent_id",
            key_type(64),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "skill_id",
            key_type(64),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "skill_id", "recorded_from", name=op.f("pk_task_requires_versions")),
    )
    op.create_table(
        "task_requires",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("skill_id", key_type(64), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("level >= 1", name=op.f("ck_task_requires_level_at_least_1")),
        sa.ForeignKeyConstraint(["parent_id"], ["tasks.id"], name=op.f("fk_task_requires_parent_id_tasks"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_task_requires_skill_id_skills")),
        sa.PrimaryKeyConstraint("parent_id", "skill_id", name=op.f("pk_task_requires")),
    )
    op.create_index(op.f("ix_task_requires_skill_id"), "task_requires", ["skill_id"], unique=False)
    op.add_column("tasks", sa.Column("progress_percent", sa.SmallInteger(), nullable=True))
    op.add_column("tasks", sa.Column("grade", sa.String(length=400), nullable=True))
    op.add_column("tasks_versions", sa.Column("progress_percent", sa.SmallInteger(), autoincrement=False, nullable=True))
    op.add_column("tasks_versions", sa.Column("grade", sa.String(length=400), autoincrement=False, nullable=True))


def _template_parts() -> None:
    for table in ("template_parts", "template_parts_versions"):
        op.add_column(table, sa.Column("grade", sa.String(length=400), nullable=True))
    op.create_table(
        "template_part_requires_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("skill_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "position", "skill_id", "recorded_from", name=op.f("pk_template_part_requires_versions")),
    )
    op.create_table(
        "template_part_requires",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("skill_id", key_type(64), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["project_templates.id"], name=op.f("fk_template_part_requires_parent_id_project_templates"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_template_part_requires_skill_id_skills")),
        sa.PrimaryKeyConstraint("parent_id", "position", "skill_id", name=op.f("pk_template_part_requires")),
    )
    op.create_index(op.f("ix_template_part_requires_skill_id"), "template_part_requires", ["skill_id"], unique=False)


def _demands() -> None:
    op.add_column(
        "demands",
        sa.Column("task_id", key_type(64), nullable=True),
    )
    op.add_column("demands", sa.Column("derived_sha256", sa.String(length=64), nullable=True))
    op.create_index("uq_demands_task_id", "demands", ["task_id"], unique=True)
    op.add_column(
        "demands_versions",
        sa.Column(
            "task_id",
            key_type(64),
            autoincrement=False,
            nullable=True,
        ),
    )
    op.add_column("demands_versions", sa.Column("derived_sha256", sa.String(length=64), autoincrement=False, nullable=True))

"""Tasks that projects are broken down into, and templates of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    _templates()
    _tasks()
    for table in ("projects", "projects_versions"):
        op.add_column(table, sa.Column("template_id", key_type(64), nullable=True))
        op.add_column(table, sa.Column("template_version", sa.Integer(), nullable=True))


def _templates() -> None:
    op.create_table(
        "project_templates",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", key_type(1000), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_templates")),
    )
    op.create_index(op.f("uq_project_templates_external_id"), "project_templates", ["external_id"], unique=True)
    op.create_index(op.f("uq_project_templates_name_key"), "project_templates", ["name_key"], unique=True)
    op.create_table(
        "project_templates_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("name_key", key_type(1000), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_project_templates_versions")),
    )
    op.create_table(
        "template_parts_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("parent_key", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("start_day", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("length_days", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("due_day", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("estimate_minutes", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("is_billable", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("checklist", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "position", "recorded_from", name=op.f("pk_template_parts_versions")),
    )
    op.create_table(
        "template_parts",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("parent_key", sa.String(length=400), nullable=True),
        sa.Column("start_day", sa.Integer(), nullable=True),
        sa.Column("length_days", sa.Integer(), nullable=True),
        sa.Column("due_day", sa.Integer(), nullable=True),
        sa.Column("estimate_minutes", sa.BigInteger(), nullable=True),
        sa.Column("is_billable", sa.Boolean(), nullable=False),
        sa.Column("checklist", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["project_templates.id"], name=op.f("fk_template_parts_parent_id_project_templates"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("parent_id", "position", name=op.f("pk_template_parts")),
    )


def _tasks() -> None:
    op.create_table(
        "task_checklist_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("is_done", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "position", "recorded_from", name=op.f("pk_task_checklist_versions")),
    )
    op.create_table(
        "tasks_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("project_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("parent_task_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("name_key", key_type(1000), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("period_start", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("period_end", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("due", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("owner_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("state", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("estimate_minutes", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("is_billable", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_tasks_versions")),
    )
    op.create_table(
        "tasks",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("project_id", key_type(64), nullable=False),
        sa.Column("parent_task_id", key_type(64), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", key_type(1000), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("owner_id", key_type(64), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("estimate_minutes", sa.BigInteger(), nullable=True),
        sa.Column("is_billable", sa.Boolean(), nullable=False),
        sa.CheckConstraint("position >= 0", name=op.f("ck_tasks_position_at_least_0")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_tasks_owner_id_people")),
        sa.ForeignKeyConstraint(["parent_task_id"], ["tasks.id"], name=op.f("fk_tasks_parent_task_id_tasks")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_tasks_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index(op.f("ix_tasks_name_key"), "tasks", ["name_key"], unique=False)
    op.create_index(op.f("ix_tasks_owner_id"), "tasks", ["owner_id"], unique=False)
    op.create_index(op.f("ix_tasks_parent_task_id"), "tasks", ["parent_task_id"], unique=False)
    op.create_index(op.f("ix_tasks_project_id"), "tasks", ["project_id"], unique=False)
    op.create_index(op.f("uq_tasks_external_id"), "tasks", ["external_id"], unique=True)
    op.create_table(
        "task_checklist",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("text", sa.String(length=400), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["tasks.id"], name=op.f("fk_task_checklist_parent_id_tasks"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("parent_id", "position", name=op.f("pk_task_checklist")),
    )

"""Budgets, and the alerts that they gave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    _budgets()
    _alerts()


def _budgets() -> None:
    op.create_table(
        "budgets_versions",
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
        sa.Column("grade", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("target_key", sa.String(length=420), autoincrement=False, nullable=False),
        sa.Column("minutes", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("alert_percents", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("target_margin", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_budgets_versions")),
    )
    op.create_table(
        "budgets",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("project_id", key_type(64), nullable=False),
        sa.Column("task_id", key_type(64), nullable=True),
        sa.Column("demand_id", key_type(64), nullable=True),
        sa.Column("grade", sa.String(length=400), nullable=True),
        sa.Column("target_key", sa.String(length=420), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("alert_percents", sa.Text(), nullable=False),
        sa.Column("target_margin", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["demand_id"], ["demands.id"], name=op.f("fk_budgets_demand_id_demands")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_budgets_project_id_projects")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_budgets_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budgets")),
    )
    op.create_index(op.f("ix_budgets_demand_id"), "budgets", ["demand_id"], unique=False)
    op.create_index(op.f("ix_budgets_project_id"), "budgets", ["project_id"], unique=False)
    op.create_index(op.f("ix_budgets_task_id"), "budgets", ["task_id"], unique=False)
    op.create_index("uq_budgets_external_id", "budgets", ["external_id"], unique=True)
    op.create_index("uq_budgets_project_id_target_key", "budgets", ["project_id", "target_key"], unique=True)


def _alerts() -> None:
    op.create_table(
        "budget_alerts",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("budget_id", key_type(64), nullable=False),
        sa.Column("project_id", key_type(64), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("percent", sa.SmallInteger(), nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), nullable=False),
        sa.Column("used_minor", sa.BigInteger(), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_alerts")),
    )
    op.create_index(op.f("ix_budget_alerts_budget_id"), "budget_alerts", ["budget_id"], unique=False)
    op.create_index(op.f("ix_budget_alerts_project_id"), "budget_alerts", ["project_id"], unique=False)
    op.create_index("uq_budget_alerts_external_id", "budget_alerts", ["external_id"], unique=True)
    op.create_table(
        "budget_alerts_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "external_id",
            key_type(1000),
            autoincrement=False,
            nullable=True,
        ),
        sa.Column(
            "budget_id",
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
        sa.Column("measure", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("percent", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("used_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_budget_alerts_versions")),
    )

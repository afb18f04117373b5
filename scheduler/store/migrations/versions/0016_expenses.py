"""Expenses, their categories and their receipts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    op.create_table(
        "expense_categories",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", key_type(1000), nullable=False),
        sa.Column("is_allowed", sa.Boolean(), nullable=False),
        sa.Column("limit_item_minor", sa.BigInteger(), nullable=True),
        sa.Column("limit_day_minor", sa.BigInteger(), nullable=True),
        sa.Column("beyond_limit", sa.String(length=40), nullable=False),
        sa.Column("receipt_above_minor", sa.BigInteger(), nullable=True),
        sa.Column("tax_rate", sa.BigInteger(), nullable=False),
        sa.Column("tax_category", sa.String(length=400), nullable=True),
        sa.Column("markup", sa.BigInteger(), nullable=True),
        sa.Column("is_reimbursable", sa.Boolean(), nullable=False),
        sa.Column("is_billable", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expense_categories")),
    )
    op.create_index(op.f("uq_expense_categories_external_id"), "expense_categories", ["external_id"], unique=True)
    op.create_index(op.f("uq_expense_categories_name_key"), "expense_categories", ["name_key"], unique=True)

    op.create_table(
        "expense_categories_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("name_key", key_type(1000), autoincrement=False, nullable=False),
        sa.Column("is_allowed", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("limit_item_minor", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("limit_day_minor", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("beyond_limit", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("receipt_above_minor", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("tax_rate", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tax_category", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("markup", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("is_reimbursable", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("is_billable", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_expense_categories_versions")),
    )
    op.create_table(
        "expense_receipts_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("receipt_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("person_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("media_type", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("size_bytes", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "position", "recorded_from", name=op.f("pk_expense_receipts_versions")),
    )
    op.create_table(
        "expenses_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("person_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("project_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("task_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("category_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("work_date", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.String(length=3), autoincrement=False, nullable=False),
        sa.Column("rate", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rate_date", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("rate_source", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("home_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("home_currency", sa.String(length=3), autoincrement=False, nullable=False),
        sa.Column("tax_rate", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("markup", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("is_reimbursable", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("is_billable", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("note", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("state", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_expenses_versions")),
    )
    op.create_table(
        "receipt_contents",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_receipt_contents")),
    )
    op.create_table(
        "expenses",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("person_id", key_type(64), nullable=False),
        sa.Column("project_id", key_type(64), nullable=False),
        sa.Column("task_id", key_type(64), nullable=True),
        sa.Column("category_id", key_type(64), nullable=False),
        sa.Column("work_date", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column("rate_date", sa.Date(), nullable=True),
        sa.Column("rate_source", sa.String(length=400), nullable=True),
        sa.Column("home_minor", sa.BigInteger(), nullable=False),
        sa.Column("home_currency", sa.String(length=3), nullable=False),
        sa.Column("tax_rate", sa.BigInteger(), nullable=False),
        sa.Column("markup", sa.BigInteger(), nullable=True),
        sa.Column("is_reimbursable", sa.Boolean(), nullable=False),
        sa.Column("is_billable", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.CheckConstraint("amount_minor >= 1", name=op.f("ck_expenses_amount_minor_at_least_1")),
        sa.ForeignKeyConstraint(["category_id"], ["expense_categories.id"], name=op.f("fk_expenses_category_id_expense_categories")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_expenses_person_id_people")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_expenses_project_id_projects")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_expenses_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expenses")),
    )
    op.create_index(op.f("ix_expenses_category_id"), "expenses", ["category_id"], unique=False)
    op.create_index(op.f("ix_expenses_day"), "expenses", ["work_date", "id"], unique=False)
    op.create_index(op.f("ix_expenses_person_day"), "expenses", ["person_id", "work_date", "id"], unique=False)
    op.create_index(op.f("ix_expenses_project_day"), "expenses", ["project_id", "state", "work_date"], unique=False)
    op.create_index(op.f("ix_expenses_state_day"), "expenses", ["state", "work_date", "id"], unique=False)
    op.create_index(op.f("ix_expenses_task_id"), "expenses", ["task_id"], unique=False)
    op.create_index(op.f("uq_expenses_external_id"), "expenses", ["external_id"], unique=True)

    op.create_table(
        "expense_receipts",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("receipt_id", key_type(64), nullable=False),
        sa.Column("person_id", key_type(64), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=True),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["expenses.id"], name=op.f("fk_expense_receipts_parent_id_expenses"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("parent_id", "position", name=op.f("pk_expense_receipts")),
    )
    op.create_index(op.f("ix_expense_receipts_sha256"), "expense_receipts", ["sha256"], unique=False)

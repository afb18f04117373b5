"""Versions of what belongs to invoices, and the instant as of which each month was closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``. Of months that are closed already nobody knows the instant."""
    _lines()
    _allowances()
    _items()
    for table in ("closed_months", "closed_months_versions"):
        op.add_column(table, sa.Column("known_at", sa.DateTime(timezone=True), nullable=True))


def _known_from_now_on(table: str) -> None:
    """What they were before was not kept."""
    columns = ", ".join(f'"{column["name"]}"' for column in sa.inspect(op.get_bind()).get_columns(table))
    op.execute(
        f"INSERT INTO {table}_versions ({columns}, recorded_from) "
        f"SELECT {columns}, (SELECT recorded_at FROM recording_clock WHERE id = 1) FROM {table}"
    )


def _lines() -> None:
    op.create_table(
        "invoice_lines_versions",
        sa.Column("invoice_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("description", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("quantity", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_price", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("net_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tax_category", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("tax_percent", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contract_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("project_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("person_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("service_from", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("service_until", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("note", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("tells_cost", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("credits_position", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("trail", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("invoice_id", "position", "recorded_from", name=op.f("pk_invoice_lines_versions")),
    )
    op.create_index("ix_invoice_lines_versions_contract", "invoice_lines_versions", ["contract_id"], unique=False)
    _known_from_now_on("invoice_lines")


def _allowances() -> None:
    op.create_table(
        "invoice_allowances_versions",
        sa.Column("invoice_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("reason", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("base_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("percent", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tax_category", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("tax_percent", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("invoice_id", "position", "recorded_from", name=op.f("pk_invoice_allowances_versions")),
    )
    _known_from_now_on("invoice_allowances")


def _items() -> None:
    op.create_table(
        "invoice_items_versions",
        sa.Column("invoice_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("source_id", key_type(1000), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("net_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("minutes", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("billed_minutes", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("is_live", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("invoice_id", "kind", "source_id", "recorded_from", name=op.f("pk_invoice_items_versions")),
    )
    op.create_index("ix_invoice_items_versions_source", "invoice_items_versions", ["kind", "source_id"], unique=False)
    _known_from_now_on("invoice_items")

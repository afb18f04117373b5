"""Closed months of the books with their balances and postings, balances taken over, adjustments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0024"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    _closed_months()
    _contract_balances()
    _ledger_postings()
    _contract_openings()
    _revenue_adjustments()


def _closed_months() -> None:
    op.create_table(
        "closed_months",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", key_type(64), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("chain_sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_months")),
    )
    op.create_index("uq_closed_months_external_id", "closed_months", ["external_id"], unique=True)
    op.create_index("uq_closed_months_month", "closed_months", ["month"], unique=True)
    op.create_table(
        "closed_months_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("month", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("closed_by", key_type(64), autoincrement=False, nullable=False),
        sa.Column("content_sha256", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("chain_sha256", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_closed_months_versions")),
    )


def _contract_balances() -> None:
    op.create_table(
        "contract_balances",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("contract_id", key_type(64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("opening_minor", sa.BigInteger(), nullable=False),
        sa.Column("earned_minor", sa.BigInteger(), nullable=False),
        sa.Column("billed_minor", sa.BigInteger(), nullable=False),
        sa.Column("adjusted_minor", sa.BigInteger(), nullable=False),
        sa.Column("closing_minor", sa.BigInteger(), nullable=False),
        sa.Column("opening_home_minor", sa.BigInteger(), nullable=False),
        sa.Column("earned_home_minor", sa.BigInteger(), nullable=False),
        sa.Column("billed_home_minor", sa.BigInteger(), nullable=False),
        sa.Column("adjusted_home_minor", sa.BigInteger(), nullable=False),
        sa.Column("exchange_home_minor", sa.BigInteger(), nullable=False),
        sa.Column("closing_home_minor", sa.BigInteger(), nullable=False),
        sa.Column("provision_minor", sa.BigInteger(), nullable=False),
        sa.Column("provision_home_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_contract_balances_contract_id_contracts")),
        sa.ForeignKeyConstraint(["month"], ["closed_months.month"], name=op.f("fk_contract_balances_month_closed_months")),
        sa.PrimaryKeyConstraint("month", "contract_id", name=op.f("pk_contract_balances")),
    )
    op.create_index("ix_contract_balances_contract", "contract_balances", ["contract_id", "month"], unique=False)


def _ledger_postings() -> None:
    op.create_table(
        "ledger_postings",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", key_type(1000), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("text", sa.String(length=400), nullable=False),
        sa.Column("account", sa.String(length=400), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_home_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("document_number", sa.String(length=400), nullable=True),
        sa.Column("project", sa.String(length=400), nullable=True),
        sa.Column("client", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(["month"], ["closed_months.month"], name=op.f("fk_ledger_postings_month_closed_months")),
        sa.PrimaryKeyConstraint("month", "position", name=op.f("pk_ledger_postings")),
    )
    op.create_index(op.f("ix_ledger_postings_entry_id"), "ledger_postings", ["entry_id"], unique=False)


def _contract_openings() -> None:
    op.create_table(
        "contract_openings",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("contract_id", key_type(64), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("earned_minor", sa.BigInteger(), nullable=False),
        sa.Column("billed_minor", sa.BigInteger(), nullable=False),
        sa.Column("home_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_contract_openings_contract_id_contracts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_openings")),
    )
    op.create_index("uq_contract_openings_contract_id", "contract_openings", ["contract_id"], unique=True)
    op.create_index("uq_contract_openings_external_id", "contract_openings", ["external_id"], unique=True)
    op.create_table(
        "contract_openings_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("contract_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("earned_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("billed_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("home_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_contract_openings_versions")),
    )


def _revenue_adjustments() -> None:
    op.create_table(
        "revenue_adjustments",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("contract_id", key_type(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", key_type(64), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_revenue_adjustments_contract_id_contracts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revenue_adjustments")),
    )
    op.create_index(op.f("ix_revenue_adjustments_contract_id"), "revenue_adjustments", ["contract_id"], unique=False)
    op.create_index("uq_revenue_adjustments_external_id", "revenue_adjustments", ["external_id"], unique=True)
    op.create_table(
        "revenue_adjustments_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("contract_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("made_by", key_type(64), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_revenue_adjustments_versions")),
    )

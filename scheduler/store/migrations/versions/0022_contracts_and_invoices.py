"""Contracts, what is charged, invoices and payments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    _tax_codes()
    _legal_entities()
    _client_accounts()
    _contracts()
    _charges()
    _invoices()
    _lines_of_invoices()
    _items_of_invoices()
    _payments()
    _runs()


def _tax_codes() -> None:
    op.create_table(
        "tax_codes",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", key_type(1000), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("exemption_code", sa.String(length=400), nullable=True),
        sa.Column("exemption_reason", sa.String(length=400), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_codes")),
    )
    with op.batch_alter_table("tax_codes", schema=None) as batch_op:
        batch_op.create_index("uq_tax_codes_external_id", ["external_id"], unique=True)
        batch_op.create_index("uq_tax_codes_name_key", ["name_key"], unique=True)
    op.create_table(
        "tax_codes_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("name_key", key_type(1000), autoincrement=False, nullable=False),
        sa.Column("category", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("exemption_code", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("exemption_reason", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("is_active", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_tax_codes_versions")),
    )
    op.create_table(
        "tax_rates_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("percent", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "valid_from", "recorded_from", name=op.f("pk_tax_rates_versions")),
    )
    op.create_table(
        "tax_rates",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["tax_codes.id"], name=op.f("fk_tax_rates_parent_id_tax_codes"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("parent_id", "valid_from", name=op.f("pk_tax_rates")),
    )


def _legal_entities() -> None:
    op.create_table(
        "legal_entities_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("line1", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("line2", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("postcode", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("city", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("country", sa.String(length=2), autoincrement=False, nullable=False),
        sa.Column("vat_id", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("email", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("name_key", key_type(1000), autoincrement=False, nullable=False),
        sa.Column("tax_number", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("iban", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("bic", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("bank_name", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("language", sa.String(length=2), autoincrement=False, nullable=False),
        sa.Column("number_format", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("credit_format", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("tax_code_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("payment_days", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("intro", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("footer", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("accounts", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_legal_entities_versions")),
    )
    op.create_table(
        "legal_entities",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("line1", sa.String(length=400), nullable=True),
        sa.Column("line2", sa.String(length=400), nullable=True),
        sa.Column("postcode", sa.String(length=400), nullable=True),
        sa.Column("city", sa.String(length=400), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("vat_id", sa.String(length=400), nullable=True),
        sa.Column("email", sa.String(length=400), nullable=True),
        sa.Column("name_key", key_type(1000), nullable=False),
        sa.Column("tax_number", sa.String(length=400), nullable=True),
        sa.Column("iban", sa.String(length=400), nullable=True),
        sa.Column("bic", sa.String(length=400), nullable=True),
        sa.Column("bank_name", sa.String(length=400), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("number_format", sa.String(length=40), nullable=False),
        sa.Column("credit_format", sa.String(length=40), nullable=False),
        sa.Column("tax_code_id", key_type(64), nullable=True),
        sa.Column("payment_days", sa.SmallInteger(), nullable=False),
        sa.Column("intro", sa.Text(), nullable=True),
        sa.Column("footer", sa.Text(), nullable=True),
        sa.Column("accounts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tax_code_id"], ["tax_codes.id"], name=op.f("fk_legal_entities_tax_code_id_tax_codes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_entities")),
    )
    with op.batch_alter_table("legal_entities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_legal_entities_tax_code_id"), ["tax_code_id"], unique=False)
        batch_op.create_index("uq_legal_entities_external_id", ["external_id"], unique=True)
        batch_op.create_index("uq_legal_entities_name_key", ["name_key"], unique=True)
    op.create_table(
        "legal_entity_logos",
        sa.Column("legal_entity_id", key_type(64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["legal_entity_id"],
            ["legal_entities.id"],
            name=op.f("fk_legal_entity_logos_legal_entity_id_legal_entities"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("legal_entity_id", name=op.f("pk_legal_entity_logos")),
    )
    op.create_table(
        "number_series",
        sa.Column("legal_entity_id", key_type(64), nullable=False),
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("chain_sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["legal_entity_id"], ["legal_entities.id"], name=op.f("fk_number_series_legal_entity_id_legal_entities")),
        sa.PrimaryKeyConstraint("legal_entity_id", "series", name=op.f("pk_number_series")),
    )


def _client_accounts() -> None:
    op.create_table(
        "client_accounts_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("client_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("line1", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("line2", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("postcode", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("city", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("country", sa.String(length=2), autoincrement=False, nullable=False),
        sa.Column("vat_id", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("email", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("buyer_reference", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("debtor_number", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("language", sa.String(length=2), autoincrement=False, nullable=True),
        sa.Column("tax_code_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("payment_days", sa.SmallInteger(), autoincrement=False, nullable=True),
        sa.Column("grouping", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_client_accounts_versions")),
    )
    op.create_table(
        "client_accounts",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("client_id", key_type(64), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("line1", sa.String(length=400), nullable=True),
        sa.Column("line2", sa.String(length=400), nullable=True),
        sa.Column("postcode", sa.String(length=400), nullable=True),
        sa.Column("city", sa.String(length=400), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("vat_id", sa.String(length=400), nullable=True),
        sa.Column("email", sa.String(length=400), nullable=True),
        sa.Column("buyer_reference", sa.String(length=400), nullable=True),
        sa.Column("debtor_number", sa.String(length=400), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("tax_code_id", key_type(64), nullable=True),
        sa.Column("payment_days", sa.SmallInteger(), nullable=True),
        sa.Column("grouping", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_client_accounts_client_id_clients")),
        sa.ForeignKeyConstraint(["tax_code_id"], ["tax_codes.id"], name=op.f("fk_client_accounts_tax_code_id_tax_codes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_accounts")),
    )
    with op.batch_alter_table("client_accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_client_accounts_tax_code_id"), ["tax_code_id"], unique=False)
        batch_op.create_index("uq_client_accounts_client_id", ["client_id"], unique=True)
        batch_op.create_index("uq_client_accounts_external_id", ["external_id"], unique=True)


def _contracts() -> None:
    op.create_table(
        "contracts_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("project_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("currency", sa.String(length=3), autoincrement=False, nullable=False),
        sa.Column("legal_entity_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("starts_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("ends_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("tax_code_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("recognition", sa.String(length=40), autoincrement=False, nullable=True),
        sa.Column("blended_rate", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("cap_minor", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("beyond_cap", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("value_minor", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("retainer_fee_minor", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("retainer_included_min", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("retainer_unused", sa.String(length=40), autoincrement=False, nullable=True),
        sa.Column("retainer_roll_months", sa.SmallInteger(), autoincrement=False, nullable=True),
        sa.Column("retainer_overage_rate", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("markup", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("discount", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("retention", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("retention_due_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("payment_days", sa.SmallInteger(), autoincrement=False, nullable=True),
        sa.Column("rounding_step_min", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("rounding_mode", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("rounding_minimum_min", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("rounding_scope", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("detail", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("order_reference", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_contracts_versions")),
    )
    op.create_table(
        "contracts",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("project_id", key_type(64), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("legal_entity_id", key_type(64), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("tax_code_id", key_type(64), nullable=True),
        sa.Column("recognition", sa.String(length=40), nullable=True),
        sa.Column("blended_rate", sa.BigInteger(), nullable=True),
        sa.Column("cap_minor", sa.BigInteger(), nullable=True),
        sa.Column("beyond_cap", sa.String(length=40), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=True),
        sa.Column("retainer_fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("retainer_included_min", sa.Integer(), nullable=True),
        sa.Column("retainer_unused", sa.String(length=40), nullable=True),
        sa.Column("retainer_roll_months", sa.SmallInteger(), nullable=True),
        sa.Column("retainer_overage_rate", sa.BigInteger(), nullable=True),
        sa.Column("markup", sa.BigInteger(), nullable=True),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("retention", sa.BigInteger(), nullable=False),
        sa.Column("retention_due_on", sa.Date(), nullable=True),
        sa.Column("payment_days", sa.SmallInteger(), nullable=True),
        sa.Column("rounding_step_min", sa.SmallInteger(), nullable=False),
        sa.Column("rounding_mode", sa.String(length=40), nullable=False),
        sa.Column("rounding_minimum_min", sa.SmallInteger(), nullable=False),
        sa.Column("rounding_scope", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=40), nullable=False),
        sa.Column("order_reference", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(["legal_entity_id"], ["legal_entities.id"], name=op.f("fk_contracts_legal_entity_id_legal_entities")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_contracts_project_id_projects")),
        sa.ForeignKeyConstraint(["tax_code_id"], ["tax_codes.id"], name=op.f("fk_contracts_tax_code_id_tax_codes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contracts")),
    )
    with op.batch_alter_table("contracts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contracts_legal_entity_id"), ["legal_entity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contracts_tax_code_id"), ["tax_code_id"], unique=False)
        batch_op.create_index("uq_contracts_external_id", ["external_id"], unique=True)
        batch_op.create_index("uq_contracts_project_id", ["project_id"], unique=True)


def _charges() -> None:
    op.create_table(
        "charges_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("contract_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("due_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("minutes", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("task_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("state", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("approved_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("approved_by", key_type(64), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_charges_versions")),
    )
    op.create_table(
        "charges",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("contract_id", key_type(64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("task_id", key_type(64), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", key_type(64), nullable=True),
        sa.CheckConstraint("amount_minor >= 1", name=op.f("ck_charges_amount_minor_at_least_1")),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_charges_contract_id_contracts")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_charges_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charges")),
    )
    with op.batch_alter_table("charges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_charges_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_charges_due_on"), ["due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_charges_task_id"), ["task_id"], unique=False)
        batch_op.create_index("uq_charges_external_id", ["external_id"], unique=True)


def _invoices() -> None:
    op.create_table(
        "invoices_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("kind", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("legal_entity_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("client_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("currency", sa.String(length=3), autoincrement=False, nullable=False),
        sa.Column("net_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("period_start", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("period_end", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("contract_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("credits_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("number", sa.String(length=60), autoincrement=False, nullable=True),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("series", sa.String(length=40), autoincrement=False, nullable=True),
        sa.Column("issued_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("due_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("retained_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("retention_due_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("payment_days", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(length=2), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("needs", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("home_currency", sa.String(length=3), autoincrement=False, nullable=False),
        sa.Column("home_rate", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("home_rate_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("home_rate_source", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("home_net_minor", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("home_tax_minor", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("home_gross_minor", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("parties", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("approved_by", key_type(64), autoincrement=False, nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("issued_by", key_type(64), autoincrement=False, nullable=True),
        sa.Column("content_sha256", sa.String(length=64), autoincrement=False, nullable=True),
        sa.Column("chain_sha256", sa.String(length=64), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_invoices_versions")),
    )
    op.create_table(
        "invoices",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("legal_entity_id", key_type(64), nullable=False),
        sa.Column("client_id", key_type(64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("contract_id", key_type(64), nullable=True),
        sa.Column("credits_id", key_type(64), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("series", sa.String(length=40), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("retained_minor", sa.BigInteger(), nullable=False),
        sa.Column("retention_due_on", sa.Date(), nullable=True),
        sa.Column("payment_days", sa.SmallInteger(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("needs", sa.String(length=400), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("home_currency", sa.String(length=3), nullable=False),
        sa.Column("home_rate", sa.BigInteger(), nullable=False),
        sa.Column("home_rate_on", sa.Date(), nullable=True),
        sa.Column("home_rate_source", sa.String(length=400), nullable=True),
        sa.Column("home_net_minor", sa.BigInteger(), nullable=True),
        sa.Column("home_tax_minor", sa.BigInteger(), nullable=True),
        sa.Column("home_gross_minor", sa.BigInteger(), nullable=True),
        sa.Column("parties", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", key_type(64), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_by", key_type(64), nullable=True),
        sa.Column("content_sha256", sa.String(length=64), nullable=True),
        sa.Column("chain_sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_invoices_client_id_clients")),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_invoices_contract_id_contracts")),
        sa.ForeignKeyConstraint(["credits_id"], ["invoices.id"], name=op.f("fk_invoices_credits_id_invoices")),
        sa.ForeignKeyConstraint(["legal_entity_id"], ["legal_entities.id"], name=op.f("fk_invoices_legal_entity_id_legal_entities")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
    )
    with op.batch_alter_table("invoices", schema=None) as batch_op:
        batch_op.create_index("ix_invoices_client_day", ["client_id", "issued_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_credits_id"), ["credits_id"], unique=False)
        batch_op.create_index("ix_invoices_issued_on", ["issued_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_state"), ["state"], unique=False)
        batch_op.create_index("uq_invoices_external_id", ["external_id"], unique=True)
        batch_op.create_index("uq_invoices_number", ["legal_entity_id", "number"], unique=True)
        batch_op.create_index("uq_invoices_sequence", ["legal_entity_id", "series", "sequence"], unique=True)


def _lines_of_invoices() -> None:
    op.create_table(
        "invoice_allowances",
        sa.Column("invoice_id", key_type(64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract_id", key_type(64), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("base_minor", sa.BigInteger(), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_category", sa.String(length=40), nullable=False),
        sa.Column("tax_percent", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_allowances_invoice_id_invoices"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("invoice_id", "position", name=op.f("pk_invoice_allowances")),
    )
    op.create_table(
        "invoice_lines",
        sa.Column("invoice_id", key_type(64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_category", sa.String(length=40), nullable=False),
        sa.Column("tax_percent", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", key_type(64), nullable=True),
        sa.Column("project_id", key_type(64), nullable=True),
        sa.Column("person_id", key_type(64), nullable=True),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("service_until", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("tells_cost", sa.Boolean(), nullable=False),
        sa.Column("credits_position", sa.Integer(), nullable=True),
        sa.Column("trail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_invoice_lines_contract_id_contracts")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_lines_invoice_id_invoices"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_invoice_lines_person_id_people")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_invoice_lines_project_id_projects")),
        sa.PrimaryKeyConstraint("invoice_id", "position", name=op.f("pk_invoice_lines")),
    )
    with op.batch_alter_table("invoice_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invoice_lines_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_lines_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_lines_project_id"), ["project_id"], unique=False)
    op.create_table(
        "invoice_taxes",
        sa.Column("invoice_id", key_type(64), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("percent", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("exemption_code", sa.String(length=400), nullable=True),
        sa.Column("exemption_reason", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_taxes_invoice_id_invoices"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("invoice_id", "category", "percent", name=op.f("pk_invoice_taxes")),
    )


def _items_of_invoices() -> None:
    op.create_table(
        "invoice_files",
        sa.Column("invoice_id", key_type(64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_files_invoice_id_invoices")),
        sa.PrimaryKeyConstraint("invoice_id", "kind", name=op.f("pk_invoice_files")),
    )
    op.create_table(
        "invoice_items",
        sa.Column("invoice_id", key_type(64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("source_id", key_type(1000), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("person_id", key_type(64), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("billed_minutes", sa.Integer(), nullable=True),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_items_invoice_id_invoices"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_invoice_items_person_id_people")),
        sa.PrimaryKeyConstraint("invoice_id", "kind", "source_id", name=op.f("pk_invoice_items")),
    )
    with op.batch_alter_table("invoice_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invoice_items_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_invoice_items_source", ["kind", "source_id"], unique=False)
        batch_op.create_index(
            "uq_invoice_items_live",
            ["kind", "source_id"],
            unique=True,
            sqlite_where=sa.text("is_live = 1"),
            postgresql_where=sa.text("is_live"),
        )


def _payments() -> None:
    op.create_table(
        "payments_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("invoice_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("paid_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("home_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reference", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_payments_versions")),
    )
    op.create_table(
        "payments",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("invoice_id", key_type(64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("home_minor", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=400), nullable=True),
        sa.CheckConstraint("amount_minor >= 1", name=op.f("ck_payments_amount_minor_at_least_1")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_payments_invoice_id_invoices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
    )
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payments_invoice_id"), ["invoice_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payments_paid_on"), ["paid_on"], unique=False)
        batch_op.create_index("uq_payments_external_id", ["external_id"], unique=True)


def _runs() -> None:
    op.create_table(
        "invoice_runs",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("groups", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["jobs.id"], name=op.f("fk_invoice_runs_id_jobs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_runs")),
    )
    op.create_table(
        "invoice_run_outcomes",
        sa.Column("run_id", key_type(64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("invoice_id", key_type(64), nullable=True),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_run_outcomes_invoice_id_invoices")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["invoice_runs.id"], name=op.f("fk_invoice_run_outcomes_run_id_invoice_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_invoice_run_outcomes")),
    )

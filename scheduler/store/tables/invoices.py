"""Tables of invoices: heads, lines, sums of taxes, what stands on them, their files, and payments."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Table, Text, text

from scheduler.domain.billing.document_lines import LineUnit
from scheduler.domain.billing.invoices import InvoiceKind, InvoiceState, ItemKind, LineKind, PaymentKind
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.store.columns import Choice, FineScaled, Id, JsonText, Key, Name, Scaled, UtcDateTime
from scheduler.store.tables.base import METADATA, at_least, head, reference, versioned
from scheduler.store.tables.billing import CONTRACTS, LEGAL_ENTITIES
from scheduler.store.tables.jobs import JOBS
from scheduler.store.tables.people import PEOPLE
from scheduler.store.tables.work import CLIENTS, PROJECTS

_KEEPS_NUMBER = text("taken_over_on IS NULL OR state <> 'void'")

INVOICES = head(
    "invoices",
    Column("kind", Choice(InvoiceKind), nullable=False),
    Column("state", Choice(InvoiceState), nullable=False, index=True),
    Column("legal_entity_id", Id, ForeignKey(LEGAL_ENTITIES.c.id), nullable=False),
    Column("client_id", Id, ForeignKey(CLIENTS.c.id), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("net_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("gross_minor", BigInteger, nullable=False),
    Column("period_start", Date),
    Column("period_end", Date),
    reference("contract_id", CONTRACTS, nullable=True),
    Column("credits_id", Id, ForeignKey("invoices.id"), index=True),
    Column("number", String(60)),
    Column("sequence", Integer),
    Column("series", String(40)),
    Column("issued_on", Date),
    Column("due_on", Date),
    Column("retained_minor", BigInteger, nullable=False),
    Column("retention_due_on", Date),
    Column("payment_days", SmallInteger, nullable=False),
    Column("language", String(2), nullable=False),
    Column("note", Text),
    # Rights that reading it asks for beside those of the area: costs, where a line follows from them.
    Column("needs", Name, nullable=False),
    Column("reason", Text),
    # Of invoices of other books: from when these have them, and what was paid before.
    Column("taken_over_on", Date),
    Column("paid_before_minor", BigInteger, nullable=False, server_default="0"),
    Column("home_currency", String(3), nullable=False),
    Column("home_rate", FineScaled, nullable=False),
    Column("home_rate_on", Date),
    Column("home_rate_source", Name),
    Column("home_net_minor", BigInteger),
    Column("home_tax_minor", BigInteger),
    Column("home_gross_minor", BigInteger),
    Column("parties", JsonText),
    Column("created_at", UtcDateTime),
    Column("approved_at", UtcDateTime),
    Column("approved_by", Id),
    Column("issued_at", UtcDateTime),
    Column("issued_by", Id),
    Column("content_sha256", String(64)),
    Column("chain_sha256", String(64)),
    # A client's invoices by day, and each number of a legal entity once; what was taken over wrongly and is void leaves it to the right one.
    Index("ix_invoices_client_day", "client_id", "issued_on", "id"),
    Index("ix_invoices_issued_on", "issued_on", "id"),
    Index("uq_invoices_number", "legal_entity_id", "number", unique=True, sqlite_where=_KEEPS_NUMBER, postgresql_where=_KEEPS_NUMBER),
    Index("uq_invoices_sequence", "legal_entity_id", "series", "sequence", unique=True),
)

INVOICE_LINES = Table(
    "invoice_lines",
    METADATA,
    Column("invoice_id", Id, ForeignKey(INVOICES.c.id, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", Choice(LineKind), nullable=False),
    Column("description", Text, nullable=False),
    Column("unit", Choice(LineUnit), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("unit_price", Scaled, nullable=False),
    Column("net_minor", BigInteger, nullable=False),
    Column("tax_category", Choice(TaxCategory), nullable=False),
    Column("tax_percent", Scaled, nullable=False),
    reference("contract_id", CONTRACTS, nullable=True),
    reference("project_id", PROJECTS, nullable=True),
    reference("person_id", PEOPLE, nullable=True),
    Column("service_from", Date),
    Column("service_until", Date),
    Column("note", Text),
    Column("tells_cost", Boolean(create_constraint=False), nullable=False),
    Column("credits_position", Integer),
    Column("trail", JsonText, nullable=False),
)
versioned(INVOICE_LINES, Index("ix_invoice_lines_versions_contract", "contract_id"))

INVOICE_ALLOWANCES = Table(
    "invoice_allowances",
    METADATA,
    Column("invoice_id", Id, ForeignKey(INVOICES.c.id, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("contract_id", Id),
    Column("reason", Name, nullable=False),
    Column("base_minor", BigInteger, nullable=False),
    Column("percent", Scaled, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("tax_category", Choice(TaxCategory), nullable=False),
    Column("tax_percent", Scaled, nullable=False),
)
"""What is taken off the lines of one tax."""
versioned(INVOICE_ALLOWANCES)

INVOICE_TAXES = Table(
    "invoice_taxes",
    METADATA,
    Column("invoice_id", Id, ForeignKey(INVOICES.c.id, ondelete="CASCADE"), primary_key=True),
    Column("category", Choice(TaxCategory), primary_key=True),
    Column("percent", Scaled, primary_key=True, autoincrement=False),
    Column("net_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("exemption_code", Name),
    Column("exemption_reason", Name),
)

INVOICE_ITEMS = Table(
    "invoice_items",
    METADATA,
    Column("invoice_id", Id, ForeignKey(INVOICES.c.id, ondelete="CASCADE"), primary_key=True),
    Column("kind", Choice(ItemKind), primary_key=True),
    Column("source_id", Key, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("net_minor", BigInteger, nullable=False),
    reference("person_id", PEOPLE, nullable=True),
    Column("minutes", Integer),
    Column("billed_minutes", Integer),
    Column("is_live", Boolean(create_constraint=False), nullable=False),
    # Each thing is billed once: nothing stands on two invoices that count.
    Index("uq_invoice_items_live", "kind", "source_id", unique=True, sqlite_where=text("is_live = 1"), postgresql_where=text("is_live")),
    Index("ix_invoice_items_source", "kind", "source_id"),
)
versioned(INVOICE_ITEMS, Index("ix_invoice_items_versions_source", "kind", "source_id"))

INVOICE_FILES = Table(
    "invoice_files",
    METADATA,
    Column("invoice_id", Id, ForeignKey(INVOICES.c.id), primary_key=True),
    # "pdf", "cii" or "ubl".
    Column("kind", String(10), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""The bytes of what was issued."""

INVOICE_RUNS = Table(
    "invoice_runs",
    METADATA,
    Column("id", Id, ForeignKey(JOBS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("request", JsonText, nullable=False),
    # Contracts that make an invoice together, once the run has begun.
    Column("groups", JsonText),
)
"""Runs that draft invoices; the id is the job's."""

INVOICE_RUN_OUTCOMES = Table(
    "invoice_run_outcomes",
    METADATA,
    Column("run_id", Id, ForeignKey(INVOICE_RUNS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("invoice_id", Id, ForeignKey(INVOICES.c.id)),
    Column("findings", JsonText, nullable=False),
)
"""What came of each group, written with its draft."""

PAYMENTS = head(
    "payments",
    reference("invoice_id", INVOICES),
    Column("kind", Choice(PaymentKind), nullable=False),
    Column("paid_on", Date, nullable=False, index=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("home_minor", BigInteger, nullable=False),
    Column("reference", Name),
    at_least("amount_minor", 1),
)

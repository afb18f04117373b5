"""Tables of the books: closed months with their balances and postings, balances taken over, adjustments by hand."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from scheduler.domain.billing.journal import EntryKind
from scheduler.store.columns import Choice, Id, Key, Name, UtcDateTime
from scheduler.store.tables.base import METADATA, head, reference
from scheduler.store.tables.billing import CONTRACTS

CLOSED_MONTHS = head(
    "closed_months",
    Column("month", Date, nullable=False),
    Column("closed_at", UtcDateTime, nullable=False),
    Column("closed_by", Id, nullable=False),
    # The instant as of which it was reckoned: what was recorded later counts in later months. Nothing where that was not kept yet.
    Column("known_at", UtcDateTime),
    # Of the month's balances and postings; and of that and the chain of the month before.
    Column("content_sha256", String(64), nullable=False),
    Column("chain_sha256", String(64), nullable=False),
    Index("uq_closed_months_month", "month", unique=True),
)

CONTRACT_BALANCES = Table(
    "contract_balances",
    METADATA,
    Column("month", Date, ForeignKey(CLOSED_MONTHS.c.month), primary_key=True),
    Column("contract_id", Id, ForeignKey(CONTRACTS.c.id), primary_key=True),
    Column("currency", String(3), nullable=False),
    Column("opening_minor", BigInteger, nullable=False),
    Column("earned_minor", BigInteger, nullable=False),
    Column("billed_minor", BigInteger, nullable=False),
    Column("adjusted_minor", BigInteger, nullable=False),
    Column("closing_minor", BigInteger, nullable=False),
    Column("opening_home_minor", BigInteger, nullable=False),
    Column("earned_home_minor", BigInteger, nullable=False),
    Column("billed_home_minor", BigInteger, nullable=False),
    Column("adjusted_home_minor", BigInteger, nullable=False),
    Column("exchange_home_minor", BigInteger, nullable=False),
    Column("closing_home_minor", BigInteger, nullable=False),
    Column("provision_minor", BigInteger, nullable=False),
    Column("provision_home_minor", BigInteger, nullable=False),
    Index("ix_contract_balances_contract", "contract_id", "month"),
)
"""The roll-forward of closed months. Rows are added by closing a month, and by nothing else."""

LEDGER_POSTINGS = Table(
    "ledger_postings",
    METADATA,
    Column("month", Date, ForeignKey(CLOSED_MONTHS.c.month), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("entry_id", Key, nullable=False, index=True),
    Column("kind", Choice(EntryKind), nullable=False),
    Column("day", Date, nullable=False),
    Column("text", Name, nullable=False),
    Column("account", Name, nullable=False),
    # Debit above 0, credit below.
    Column("amount_minor", BigInteger, nullable=False),
    Column("amount_home_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("document_number", Name),
    Column("project", Name),
    Column("client", Name),
)
"""The journal of closed months, in order. Rows are added by closing a month, and by nothing else."""

CONTRACT_OPENINGS = head(
    "contract_openings",
    Column("contract_id", Id, ForeignKey(CONTRACTS.c.id), nullable=False),
    Column("month", Date, nullable=False),
    Column("earned_minor", BigInteger, nullable=False),
    Column("billed_minor", BigInteger, nullable=False),
    Column("home_minor", BigInteger, nullable=False),
    Index("uq_contract_openings_contract_id", "contract_id", unique=True),
)

REVENUE_ADJUSTMENTS = head(
    "revenue_adjustments",
    reference("contract_id", CONTRACTS),
    Column("day", Date, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("made_by", Id, nullable=False),
)

"""Tables of what is agreed with clients: tax codes, legal entities, accounts of clients, contracts and their charges."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Table, Text

from scheduler.domain.billing.charges import ChargeKind, ChargeState
from scheduler.domain.billing.contracts import BeyondCap, ContractKind, LineDetail, Recognition, RoundingMode, RoundingScope, Unused
from scheduler.domain.billing.parties import Grouping
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.store.columns import Choice, Id, JsonText, Key, Name, Scaled, UtcDateTime
from scheduler.store.tables.base import METADATA, at_least, child, head, reference
from scheduler.store.tables.delivery import TASKS
from scheduler.store.tables.work import CLIENTS, PROJECTS

TAX_CODES = head(
    "tax_codes",
    Column("name", Name, nullable=False),
    Column("name_key", Key, nullable=False),
    Column("category", Choice(TaxCategory), nullable=False),
    Column("exemption_code", Name),
    Column("exemption_reason", Name),
    Column("is_active", Boolean(create_constraint=False), nullable=False),
    Index("uq_tax_codes_name_key", "name_key", unique=True),
)

TAX_RATES = child(
    "tax_rates",
    TAX_CODES,
    Column("valid_from", Date, primary_key=True),
    Column("percent", Scaled, nullable=False),
)

_ADDRESS = ("line1", "line2", "postcode", "city")


def _party() -> tuple[Column[str], ...]:
    """Columns of a name and an address; made anew for each table."""
    return (
        Column("name", Name, nullable=False),
        *(Column(name, Name) for name in _ADDRESS),
        Column("country", String(2), nullable=False),
        Column("vat_id", Name),
        Column("email", Name),
    )


LEGAL_ENTITIES = head(
    "legal_entities",
    *_party(),
    Column("name_key", Key, nullable=False),
    Column("tax_number", Name),
    Column("iban", Name),
    Column("bic", Name),
    Column("bank_name", Name),
    Column("language", String(2), nullable=False),
    Column("number_format", String(40), nullable=False),
    Column("credit_format", String(40), nullable=False),
    reference("tax_code_id", TAX_CODES, nullable=True),
    Column("payment_days", SmallInteger, nullable=False),
    Column("intro", Text),
    Column("footer", Text),
    Column("accounts", JsonText, nullable=False),
    Index("uq_legal_entities_name_key", "name_key", unique=True),
)

LEGAL_ENTITY_LOGOS = Table(
    "legal_entity_logos",
    METADATA,
    Column("legal_entity_id", Id, ForeignKey(LEGAL_ENTITIES.c.id, ondelete="CASCADE"), primary_key=True),
    Column("media_type", String(40), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

NUMBER_SERIES = Table(
    "number_series",
    METADATA,
    Column("legal_entity_id", Id, ForeignKey(LEGAL_ENTITIES.c.id), primary_key=True),
    # The kind of document and, where the form of its numbers has the year, the year: "invoice:2026".
    Column("series", String(40), primary_key=True),
    Column("last", Integer, nullable=False),
    # The chain's hash after the last number.
    Column("chain_sha256", String(64)),
)
"""The last number that was given; the row is locked by the transaction that issues."""

CLIENT_ACCOUNTS = head(
    "client_accounts",
    Column("client_id", Id, ForeignKey(CLIENTS.c.id), nullable=False),
    *_party(),
    Column("buyer_reference", Name),
    Column("debtor_number", Name),
    Column("language", String(2)),
    reference("tax_code_id", TAX_CODES, nullable=True),
    Column("payment_days", SmallInteger),
    Column("grouping", Choice(Grouping), nullable=False),
    Index("uq_client_accounts_client_id", "client_id", unique=True),
)

CONTRACTS = head(
    "contracts",
    Column("project_id", Id, ForeignKey(PROJECTS.c.id), nullable=False),
    Column("name", Name, nullable=False),
    Column("kind", Choice(ContractKind), nullable=False),
    Column("currency", String(3), nullable=False),
    reference("legal_entity_id", LEGAL_ENTITIES),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    reference("tax_code_id", TAX_CODES, nullable=True),
    Column("recognition", Choice(Recognition)),
    Column("blended_rate", Scaled),
    Column("cap_minor", BigInteger),
    Column("beyond_cap", Choice(BeyondCap), nullable=False),
    Column("value_minor", BigInteger),
    Column("retainer_fee_minor", BigInteger),
    Column("retainer_included_min", Integer),
    Column("retainer_unused", Choice(Unused)),
    Column("retainer_roll_months", SmallInteger),
    Column("retainer_overage_rate", Scaled),
    Column("markup", Scaled),
    Column("discount", Scaled, nullable=False),
    Column("retention", Scaled, nullable=False),
    Column("retention_due_on", Date),
    Column("payment_days", SmallInteger),
    Column("rounding_step_min", SmallInteger, nullable=False),
    Column("rounding_mode", Choice(RoundingMode), nullable=False),
    Column("rounding_minimum_min", SmallInteger, nullable=False),
    Column("rounding_scope", Choice(RoundingScope), nullable=False),
    Column("detail", Choice(LineDetail), nullable=False),
    Column("order_reference", Name),
    Index("uq_contracts_project_id", "project_id", unique=True),
)

CHARGES = head(
    "charges",
    reference("contract_id", CONTRACTS),
    Column("kind", Choice(ChargeKind), nullable=False),
    Column("name", Name, nullable=False),
    Column("due_on", Date, nullable=False, index=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("minutes", Integer),
    reference("task_id", TASKS, nullable=True),
    Column("state", Choice(ChargeState), nullable=False),
    Column("approved_on", Date),
    Column("approved_at", UtcDateTime),
    Column("approved_by", Id),
    at_least("amount_minor", 1),
)

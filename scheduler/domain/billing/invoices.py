"""Invoices and credit notes: a head with its sums, lines, what stands on them, and what was paid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.money import round_half_up

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from scheduler.domain.billing.document_lines import LineUnit
    from scheduler.domain.billing.tax_codes import TaxCategory
    from scheduler.domain.billing.totals import Totals
    from scheduler.domain.ground.ids import ClientId, ContractId, InvoiceId, LegalEntityId, PaymentId, PersonId, ProjectId


class InvoiceKind(StrEnum):
    """What a document is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class InvoiceState(StrEnum):
    """How far an invoice is."""

    DRAFT = "draft"
    APPROVED = "approved"
    ISSUED = "issued"
    """It has its number and its files, and never changes again."""
    VOID = "void"
    """It was issued and does not count; its number stays taken."""
    CANCELLED = "cancelled"
    """It was never issued."""


STEPS: Mapping[InvoiceState, frozenset[InvoiceState]] = {
    InvoiceState.DRAFT: frozenset({InvoiceState.APPROVED, InvoiceState.CANCELLED}),
    InvoiceState.APPROVED: frozenset({InvoiceState.DRAFT, InvoiceState.ISSUED, InvoiceState.CANCELLED}),
    InvoiceState.ISSUED: frozenset({InvoiceState.VOID}),
    InvoiceState.VOID: frozenset(),
    InvoiceState.CANCELLED: frozenset(),
}
LIVE = frozenset({InvoiceState.DRAFT, InvoiceState.APPROVED, InvoiceState.ISSUED})
"""States in which what stands on an invoice cannot stand on another."""
NUMBERED = frozenset({InvoiceState.ISSUED, InvoiceState.VOID})


def check_step(before: InvoiceState, after: InvoiceState) -> None:
    """Raises DomainError ``invoice.illegal_step``, or ``invoice.issued`` for what would change one that was issued."""
    if after in STEPS[before]:
        return
    if before in NUMBERED:
        detail = "The invoice was issued and never changes; write a credit note, or void it as long as nothing was paid."
        raise DomainError(ErrorKind.CONFLICT, "invoice.issued", detail, facts={"state": before.value})
    allowed = sorted(STEPS[before])
    detail = f"An invoice that is {before} cannot become {after}; it can become {' or '.join(allowed) or 'nothing else'}."
    raise DomainError(ErrorKind.CONFLICT, "invoice.illegal_step", detail, facts={"state": before.value, "allowed": allowed})


class LineKind(StrEnum):
    """What a line charges for."""

    TIME = "time"
    EXPENSE = "expense"
    MILESTONE = "milestone"
    SCHEDULE = "schedule"
    RETAINER = "retainer"
    """A month's fee."""
    COVERED = "covered"
    """Work that a retainer or a block has paid for already: at no price."""
    BLOCK = "block"
    DEPOSIT = "deposit"
    DEPOSIT_DRAW = "deposit_draw"
    """A deposit that is taken off: negative."""
    CAP = "cap"
    """What brings an invoice down to its contract's cap: negative."""
    CORRECTION = "correction"
    """Of a credit note, by amount alone."""
    TAKEN_OVER = "taken_over"
    """All that an invoice of other books billed."""


class ItemKind(StrEnum):
    """What can stand on a line, and only on one that counts."""

    TIME_ENTRY = "time_entry"
    EXPENSE = "expense"
    CHARGE = "charge"
    RETAINER_PERIOD = "retainer_period"
    """Its id: the contract's, a colon, and the month as 2026-11."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """
    One line. ``net_minor`` is ``quantity`` x ``unit_price`` (of minutes: a sixtieth), rounded once, half up.

    ``quantity`` is negative for what is taken off; on a credit note all that is given back is positive, as the document says it.
    """

    position: int
    """From 1."""
    kind: LineKind
    description: str
    unit: LineUnit
    quantity: int
    unit_price: Decimal
    net_minor: int
    tax_category: TaxCategory
    tax_percent: Decimal
    contract_id: ContractId | None = None
    project_id: ProjectId | None = None
    person_id: PersonId | None = None
    service_from: date | None = None
    service_until: date | None = None
    note: str | None = None
    tells_cost: bool = False
    """Whether a cost rate follows from it: only whoever sees costs sees such an invoice."""
    credits_position: int | None = None
    """On a credit note: which line of the invoice it gives back."""
    trail: tuple[Mapping[str, Any], ...] = ()
    """The rules and rows that made the amount, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceItem:
    """What stands on a line; of work also the minutes as recorded and as billed, and its part of the line's amount."""

    position: int
    kind: ItemKind
    source_id: str
    day: date
    net_minor: int
    """The parts of a line's items make the line's amount; after discount in ``Invoice`` alone."""
    person_id: PersonId | None = None
    minutes: int | None = None
    billed_minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """The head of an invoice or a credit note, with its sums in minor units of ``currency``."""

    id: InvoiceId
    kind: InvoiceKind
    state: InvoiceState
    legal_entity_id: LegalEntityId
    client_id: ClientId
    currency: str
    net_minor: int
    tax_minor: int
    gross_minor: int
    period_start: date | None = None
    period_end: date | None = None
    """First and last day of what it bills."""
    contract_id: ContractId | None = None
    """``None`` where it bills several."""
    credits_id: InvoiceId | None = None
    """The invoice that a credit note credits."""
    number: str | None = None
    sequence: int | None = None
    series: str | None = None
    """Which sequence of the legal entity its number is from."""
    issued_on: date | None = None
    due_on: date | None = None
    retained_minor: int = 0
    """Part of the gross that is due on ``retention_due_on``."""
    retention_due_on: date | None = None
    payment_days: int = 30
    language: str = "en"
    note: str | None = None
    tells_cost: bool = False
    reason: str | None = None
    """Why it credits, or why it is void or cancelled."""
    taken_over_on: date | None = None
    """Of an invoice of other books: the day from which these have it. It has a number of those, and no file here."""
    paid_before_minor: int = 0
    """What of it was paid before that."""
    home_currency: str = ""
    home_rate: Decimal = Decimal(1)
    """What one unit of its currency was worth in the firm's when it was issued."""
    home_rate_on: date | None = None
    home_rate_source: str | None = None
    home_net_minor: int | None = None
    home_tax_minor: int | None = None
    home_gross_minor: int | None = None
    parties: Mapping[str, Any] | None = None
    """Seller and buyer as they were when it was issued."""
    created_at: datetime | None = None
    approved_at: datetime | None = None
    approved_by: str | None = None
    issued_at: datetime | None = None
    issued_by: str | None = None
    content_sha256: str | None = None
    """Of everything that was issued, lines included."""
    chain_sha256: str | None = None
    """Of that and the chain of the number before, so that one that was changed or taken out shows."""
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        for name in ("note", "reason"):
            object.__setattr__(self, name, faults.optional_lines(f"/{name}", getattr(self, name), most=2000))
        faults.raise_any("invoice")
        if self.gross_minor != self.net_minor + self.tax_minor:
            raise ValueError(f"net {self.net_minor} and tax {self.tax_minor} do not make gross {self.gross_minor}")

    @property
    def is_taken_over(self) -> bool:
        """Whether other books issued it."""
        return self.taken_over_on is not None

    def with_sums(self, sums: Totals, *, retention: Decimal, tells_cost: bool, period: tuple[date | None, date | None]) -> Invoice:
        """The head of other lines; ``retention``: which share of the gross is held back."""
        return replace(
            self,
            net_minor=sums.net_minor,
            tax_minor=sums.tax_minor,
            gross_minor=sums.gross_minor,
            retained_minor=max(0, round_half_up(Fraction(retention) * sums.gross_minor)),
            tells_cost=tells_cost,
            period_start=period[0],
            period_end=period[1],
        )


class PaymentKind(StrEnum):
    """What settles an invoice."""

    PAYMENT = "payment"
    REFUND = "refund"
    """Money that went back: negative for what is settled."""
    WRITE_OFF = "write_off"
    """It is not expected any more."""
    RECOVERY = "recovery"
    """A write-off that is taken back, because it was a mistake or the client pays after all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money that came in for an invoice, or is not expected any more; in the invoice's currency, > 0."""

    id: PaymentId
    invoice_id: InvoiceId
    kind: PaymentKind
    paid_on: date
    amount_minor: int
    home_minor: int = 0
    """In the firm's currency, at the rate of its day."""
    reference: str | None = None
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        for name in ("reference", "external_id"):
            object.__setattr__(self, name, faults.optional_text(f"/{name}", getattr(self, name)))
        faults.integer("/amount_minor", self.amount_minor, least=1)
        faults.raise_any("payment")

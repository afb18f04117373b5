"""Invoices and credit notes: heads, lines, payments, and what is sent to draft, change, credit and settle them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from api.schemas.fields import MOST_MINOR, MOST_MINUTES, Clean, Currency, Day, Id, Instant, Integer, Minor, Name, Schema, WriteSchema, plain
from api.schemas.lists import ListQuery, Word
from scheduler.domain.billing.contracts import PAYMENT_DAYS_MAX
from scheduler.domain.billing.crediting import WantedCredit
from scheduler.domain.billing.document_lines import LineUnit
from scheduler.domain.billing.drafts import CHANGEABLE
from scheduler.domain.billing.invoices import InvoiceKind, InvoiceState, ItemKind, LineKind, PaymentKind
from scheduler.domain.billing.runs import CONTRACTS_MAX, ENTRIES_MAX
from scheduler.domain.billing.settlement import PaymentState
from scheduler.domain.billing.tax_codes import TaxCategory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.billing.crediting import Creditable
    from scheduler.domain.billing.invoice_parts import InvoiceParts
    from scheduler.domain.billing.invoices import Invoice, InvoiceItem, InvoiceLine, Payment
    from scheduler.queries.invoices import SeenInvoice, WholeInvoice

Text = Annotated[Clean, Field(max_length=2000)]
Lines = Annotated[list[Annotated[Integer, Field(ge=1)]], Field(max_length=5_000)]


class BillingWrite(WriteSchema):
    """Base of what is sent about invoices: sums are never taken, they follow from the lines."""

    read_only: ClassVar[frozenset[str]] = WriteSchema.read_only | {
        *("tax", "line_total", "lines_total", "net_minor", "tax_minor", "gross_minor", "open_minor", "home_net_minor", "home_tax_minor"),
        *("home_gross_minor", "number", "sequence", "state", "payment_state", "due_on", "taxes", "items", "content_sha256", "chain_sha256"),
    }


class InvoiceDraftWrite(BillingWrite):
    """What is to be billed on one invoice: everything that is billable of these contracts, or of some entries alone."""

    contract_ids: Annotated[
        list[Id], Field(min_length=1, max_length=CONTRACTS_MAX, description="Of one client, legal entity and currency.")
    ]
    until: Annotated[Day, Field(description="The last day that is billed.")]
    since: Annotated[Day | None, Field(description="The first one; null: ever.")] = None
    entries: Annotated[
        list[Id] | None,
        Field(
            max_length=ENTRIES_MAX, description="Time entries and expenses that are billed and nothing else; null: all that is billable."
        ),
    ] = None


class InvoicePatch(BillingWrite):
    """Fields of a draft to change; lines that are left out can be billed again."""

    read_only: ClassVar[frozenset[str]] = BillingWrite.read_only | {"issued_on", "lines"}

    note: Annotated[str | None, Field(max_length=2000, description="Stands at the end of the document.")] = None
    payment_days: Annotated[Integer, Field(ge=0, le=PAYMENT_DAYS_MAX)] = 0
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    leave_out: Annotated[Lines, Field(description="Positions of lines.", default_factory=list)]

    def given(self) -> dict[str, Any]:
        """What of the head changes."""
        return {name: getattr(self, name) for name in self.model_fields_set & CHANGEABLE}


class NothingWrite(BillingWrite):
    """Nothing but the step itself."""


class ReasonWrite(BillingWrite):
    """Why."""

    reason: Name


class IssueWrite(BillingWrite):
    """When it is issued."""

    issued_on: Annotated[Day | None, Field(description="null: today.")] = None


class CreditLineWrite(BillingWrite):
    """A line to be credited: minutes or pieces, an amount before tax, or (neither) all that is left of it."""

    position: Annotated[Integer, Field(ge=1)]
    quantity: Annotated[Integer | None, Field(ge=-MOST_MINUTES, le=MOST_MINUTES)] = None
    amount_minor: Annotated[Integer | None, Field(ge=-MOST_MINOR, le=MOST_MINOR, description="Instead of a quantity.")] = None


class CreditWrite(BillingWrite):
    """What is credited, and why."""

    reason: Name
    lines: Annotated[list[CreditLineWrite] | None, Field(min_length=1, max_length=5_000, description="null: all that is left.")] = None

    def wanted(self) -> tuple[WantedCredit, ...] | None:
        """As the domain knows it."""
        if self.lines is None:
            return None
        return tuple(WantedCredit(position=one.position, quantity=one.quantity, amount_minor=one.amount_minor) for one in self.lines)


class PaymentWrite(BillingWrite):
    """What was paid, paid back, written off, or taken back of that; in minor units of the invoice's currency."""

    kind: PaymentKind = PaymentKind.PAYMENT
    paid_on: Day
    amount_minor: Annotated[Minor, Field(ge=1)]
    reference: Name | None = None
    external_id: Name | None = None


class InvoiceHeadRead(Schema):
    """An invoice or credit note without its lines; amounts in minor units of ``currency``, of a credit note above 0 for what is given back."""

    id: Id
    version: Integer
    external_id: str | None
    kind: InvoiceKind
    state: InvoiceState
    number: str | None
    legal_entity_id: Id
    client_id: Id
    contract_id: Annotated[Id | None, Field(description="null where it bills several.")]
    credits_id: Annotated[Id | None, Field(description="The invoice that a credit note credits.")]
    currency: Currency
    net_minor: Integer
    tax_minor: Integer
    gross_minor: Integer
    retained_minor: Annotated[Integer, Field(description="Part of the gross that is due on `retention_due_on`.")]
    retention_due_on: Day | None
    period_start: Day | None
    period_end: Day | None
    issued_on: Day | None
    due_on: Day | None
    payment_days: Integer
    language: str
    note: str | None
    reason: Annotated[str | None, Field(description="Why it credits, or is void or cancelled.")]
    taken_over_on: Annotated[Day | None, Field(description="Of an invoice that other books issued: from when it is here.")]
    paid_before_minor: Annotated[Integer, Field(description="What of it was paid before that.")]
    home_currency: str
    home_rate: Annotated[str, Field(description="What a unit of its currency was worth in the firm's on `home_rate_on`.")]
    home_rate_on: Day | None
    home_rate_source: str | None
    home_net_minor: Integer | None
    home_tax_minor: Integer | None
    home_gross_minor: Integer | None
    created_at: Instant | None
    approved_at: Instant | None
    approved_by: Id | None
    issued_at: Instant | None
    issued_by: Id | None
    content_sha256: Annotated[str | None, Field(description="Of everything that was issued.")]
    chain_sha256: Annotated[str | None, Field(description="Of that and the chain of the number before.")]


class InvoiceRead(InvoiceHeadRead):
    """An invoice without its lines, with what is open; null as long as it is not issued, and without `payments:read`."""

    payment_state: PaymentState | None
    open_minor: Annotated[Integer | None, Field(description="Below 0 where the client is owed money.")]
    paid_minor: Annotated[Integer | None, Field(description="Payments less refunds, here.")]
    credited_minor: Integer | None
    written_off_minor: Integer | None


class InvoiceLineRead(Schema):
    """A line. Minutes are priced by the hour; the net is their product, rounded once, half up."""

    position: Integer
    kind: LineKind
    description: str
    unit: LineUnit
    quantity: Integer
    unit_price: str
    net_minor: Integer
    tax_category: TaxCategory
    tax_percent: str
    contract_id: Id | None
    project_id: Id | None
    person_id: Id | None
    service_from: Day | None
    service_until: Day | None
    note: str | None
    credits_position: Annotated[Integer | None, Field(description="Which line of the invoice it gives back.")]


class AllowanceRead(Schema):
    """A contract's discount, as far as it falls on one tax."""

    contract_id: Id | None
    reason: str
    base_minor: Integer
    percent: str
    amount_minor: Integer
    tax_category: TaxCategory
    tax_percent: str


class TaxRead(Schema):
    """A tax on the rounded net of all that it is on."""

    category: TaxCategory
    percent: str
    net_minor: Integer
    tax_minor: Integer
    exemption_code: str | None
    exemption_reason: str | None


class InvoiceItemRead(Schema):
    """What stands on a line; of work its minutes as recorded and as billed, and its part of the line's net."""

    position: Integer
    kind: ItemKind
    source_id: str
    day: Day
    net_minor: Integer
    person_id: Id | None
    minutes: Integer | None
    billed_minutes: Integer | None


class PaymentRead(Schema):
    """What was paid, paid back or written off."""

    id: Id
    version: Integer
    external_id: str | None
    invoice_id: Id
    kind: PaymentKind
    paid_on: Day
    amount_minor: Integer
    home_minor: Annotated[Integer, Field(description="In the firm's currency, at the rate of its day.")]
    reference: str | None


class LineLeftRead(Schema):
    """What of a line is left to be credited."""

    position: Integer
    quantity: Integer
    net_minor: Integer


class CreditableRead(Schema):
    """What is left to be credited, after credit notes that were drafted."""

    net_minor: Integer
    tax_minor: Integer
    gross_minor: Integer
    lines: list[LineLeftRead]


class InvoiceFileRead(Schema):
    """A file as it was issued."""

    kind: str
    sha256: str


class InvoiceWholeRead(InvoiceRead):
    """An invoice with everything on it."""

    parties: Annotated[dict[str, Any] | None, Field(description="Seller and buyer as they were when it was issued.")]
    lines: list[InvoiceLineRead]
    allowances: list[AllowanceRead]
    taxes: list[TaxRead]
    items: list[InvoiceItemRead]
    files: list[InvoiceFileRead]
    payments: list[PaymentRead]
    credit_notes: list[Id]
    creditable: Annotated[CreditableRead | None, Field(description="Of an issued invoice.")]


class ExplanationRead(Schema):
    """A line with the rules and rows that made its amount, in order, and what stands on it."""

    line: InvoiceLineRead
    trail: list[dict[str, Any]]
    items: list[InvoiceItemRead]


class InvoiceList(ListQuery):
    """Invoices and credit notes."""

    client_id: Word | None = None
    contract_id: Word | None = None
    legal_entity_id: Word | None = None
    credits_id: Word | None = None
    kind: InvoiceKind | None = None
    state: InvoiceState | None = None
    currency: Word | None = None
    taken_over: Annotated[bool | None, Field(description="Whether other books issued it.")] = None
    number: Word | None = None
    from_: Annotated[Day | None, Field(alias="from", description="Issued on this day or later.")] = None
    until: Annotated[Day | None, Field(description="Issued before this day.")] = None
    external_id: Word | None = None


class PaymentList(ListQuery):
    """Payments."""

    invoice_id: Word | None = None
    kind: PaymentKind | None = None
    from_: Annotated[Day | None, Field(alias="from", description="Paid on this day or later.")] = None
    until: Annotated[Day | None, Field(description="Paid before this day.")] = None
    external_id: Word | None = None


def shown_head(invoice: Invoice) -> InvoiceHeadRead:
    """As HTTP shows it."""
    return InvoiceHeadRead.model_construct(**_head(invoice))


def shown_invoice(seen: SeenInvoice) -> InvoiceRead:
    """As HTTP shows it."""
    return InvoiceRead.model_construct(**_head(seen.invoice), **_settled(seen))


def shown_whole(seen: WholeInvoice) -> InvoiceWholeRead:
    """As HTTP shows it."""
    return InvoiceWholeRead.model_construct(
        **_head(seen.invoice),
        **_settled(seen),
        parties=seen.invoice.parties,
        **shown_parts(seen.parts),
        files=[InvoiceFileRead(kind=kind, sha256=sha256) for kind, sha256 in seen.files.items()],
        payments=[shown_payment(one) for one in seen.payments],
        credit_notes=[note.id for note in seen.credit_notes],
        creditable=None if seen.creditable is None else _creditable(seen.creditable),
    )


def shown_parts(parts: InvoiceParts) -> dict[str, Any]:
    """Lines, discounts, taxes and items, by the names of their fields."""
    return {
        "lines": [shown_line(line) for line in parts.lines],
        "allowances": [AllowanceRead.model_construct(**_plain(AllowanceRead, one)) for one in parts.allowances],
        "taxes": [TaxRead.model_construct(**_plain(TaxRead, tax, percent=plain(tax.rate))) for tax in parts.taxes],
        "items": [shown_item(item) for item in parts.items],
    }


def shown_line(line: InvoiceLine) -> InvoiceLineRead:
    """As HTTP shows it."""
    return InvoiceLineRead.model_construct(**_plain(InvoiceLineRead, line))


def shown_item(item: InvoiceItem) -> InvoiceItemRead:
    """As HTTP shows it."""
    return InvoiceItemRead.model_construct(**_plain(InvoiceItemRead, item))


def shown_payment(payment: Payment) -> PaymentRead:
    """As HTTP shows it."""
    return PaymentRead.model_construct(**_plain(PaymentRead, payment))


def _head(invoice: Invoice) -> dict[str, Any]:
    return _plain(InvoiceHeadRead, invoice)


_DECIMALS = frozenset({"home_rate", "unit_price", "tax_percent", "percent"})


def _plain(shape: type[Schema], value: Any, **others: Any) -> dict[str, Any]:
    given = {name: getattr(value, name) for name in shape.model_fields if name not in others}
    return {name: plain(one) if name in _DECIMALS else one for name, one in given.items()} | others


def _settled(seen: SeenInvoice) -> Mapping[str, Any]:
    found = seen.settlement
    names = ("open_minor", "paid_minor", "credited_minor", "written_off_minor")
    return {"payment_state": None if found is None else found.state, **{name: getattr(found, name, None) for name in names}}


def _creditable(left: Creditable) -> CreditableRead:
    lines = [LineLeftRead.model_construct(position=one.position, quantity=one.quantity, net_minor=one.net_minor) for one in left.lines]
    return CreditableRead.model_construct(net_minor=left.net_minor, tax_minor=left.tax_minor, gross_minor=left.gross_minor, lines=lines)

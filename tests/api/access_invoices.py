"""An invoice of each project of the firm in which every role has something of its own, with a line, a file and a payment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.billing.document_lines import LineUnit
from scheduler.domain.billing.invoice_parts import InvoiceParts
from scheduler.domain.billing.invoices import Invoice, InvoiceKind, InvoiceLine, InvoiceState, LineKind, Payment, PaymentKind
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.ground.ids import ClientId, ContractId, InvoiceId, LegalEntityId, PaymentId
from scheduler.store.invoices import InvoiceRows

if TYPE_CHECKING:
    from scheduler.store import Transaction


def add_invoice(tx: Transaction, project: str, client: str) -> None:
    """A draft of one piece at 100.00, untaxed."""
    head = Invoice(
        id=InvoiceId(f"invoice-{project}"),
        kind=InvoiceKind.INVOICE,
        state=InvoiceState.DRAFT,
        legal_entity_id=LegalEntityId("acme-advisers"),
        client_id=ClientId(client),
        currency="EUR",
        net_minor=100_00,
        tax_minor=0,
        gross_minor=100_00,
        contract_id=ContractId(f"contract-{project}"),
        home_currency="EUR",
    )
    line = InvoiceLine(
        position=1,
        kind=LineKind.MILESTONE,
        description="Done",
        unit=LineUnit.PIECE,
        quantity=1,
        unit_price=Decimal(100),
        net_minor=100_00,
        tax_category=TaxCategory.ZERO,
        tax_percent=Decimal(0),
        contract_id=ContractId(f"contract-{project}"),
    )
    tx.area("invoices").add(head)
    rows = InvoiceRows(tx.connection)
    rows.put(head.id, InvoiceParts(lines=(line,)))
    rows.keep_files(head.id, {"pdf": b"%PDF-1.7"})
    paid = date(2026, 2, 1)
    payment = Payment(id=PaymentId(f"payment-{project}"), invoice_id=head.id, kind=PaymentKind.PAYMENT, paid_on=paid, amount_minor=1)
    tx.area("payments").add(payment)

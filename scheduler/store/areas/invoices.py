"""How the heads of invoices, and payments, are stored; lines and what stands on them are in ``store.invoices``."""

from __future__ import annotations

from scheduler.domain.billing.invoices import Invoice, InvoiceKind, InvoiceState, Payment, PaymentKind
from scheduler.domain.ground.permissions import COST_READ
from scheduler.store.areas.base import Area, Filter, FilterKind, built, plain
from scheduler.store.tables.invoices import INVOICES, PAYMENTS

INVOICE_AREA: Area[Invoice] = Area(
    name="invoices",
    one="invoice",
    table=INVOICES,
    guard="needs",
    to_row=lambda invoice: plain(invoice, INVOICES, needs=COST_READ if invoice.tells_cost else ""),
    from_row=lambda row, _children: built(Invoice, row, tells_cost=bool(row["needs"])),
    sorts={"issued_on": "issued_on", "id": "id"},
    filters={
        "client_id": Filter(kind=FilterKind.EQUALS, column="client_id"),
        "contract_id": Filter(kind=FilterKind.EQUALS, column="contract_id"),
        "legal_entity_id": Filter(kind=FilterKind.EQUALS, column="legal_entity_id"),
        "credits_id": Filter(kind=FilterKind.EQUALS, column="credits_id"),
        "kind": Filter(kind=FilterKind.EQUALS, column="kind", choices=InvoiceKind),
        "state": Filter(kind=FilterKind.EQUALS, column="state", choices=InvoiceState),
        "currency": Filter(kind=FilterKind.EQUALS, column="currency"),
        "taken_over": Filter(kind=FilterKind.IS_GIVEN, column="taken_over_on"),
        "number": Filter(kind=FilterKind.EQUALS, column="number"),
        "from": Filter(kind=FilterKind.SINCE, column="issued_on"),
        "until": Filter(kind=FilterKind.UNTIL, column="issued_on"),
        "external_id": Filter(kind=FilterKind.EQUALS, column="external_id"),
    },
)

PAYMENT_AREA: Area[Payment] = Area(
    name="payments",
    one="payment",
    table=PAYMENTS,
    guarded_by=("invoice_id", INVOICES.c.needs),
    to_row=lambda payment: plain(payment, PAYMENTS),
    from_row=lambda row, _children: built(Payment, row),
    sorts={"paid_on": "paid_on", "id": "id"},
    filters={
        "invoice_id": Filter(kind=FilterKind.EQUALS, column="invoice_id"),
        "kind": Filter(kind=FilterKind.EQUALS, column="kind", choices=PaymentKind),
        "from": Filter(kind=FilterKind.SINCE, column="paid_on"),
        "until": Filter(kind=FilterKind.UNTIL, column="paid_on"),
        "external_id": Filter(kind=FilterKind.EQUALS, column="external_id"),
    },
)

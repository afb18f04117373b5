"""Invoices in parts: a test says only what it is about."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scheduler.domain.billing.document_lines import ExemptionReason, LineUnit, line_net
from scheduler.domain.billing.invoice_parts import InvoiceAllowance, InvoiceParts, summed
from scheduler.domain.billing.invoices import Invoice, InvoiceItem, InvoiceKind, InvoiceLine, InvoiceState, ItemKind, LineKind
from scheduler.domain.billing.tax_codes import NEEDS_REASON, TaxCategory
from scheduler.domain.ground.ids import ClientId, ContractId, InvoiceId, LegalEntityId
from scheduler.domain.ground.money import round_half_up

ISSUED_ON = date(2026, 3, 10)
REASONS = {category: ExemptionReason(text=f"why {category}") for category in NEEDS_REASON}


def make_line(position: int = 1, *, currency: str = "EUR", **changes: Any) -> InvoiceLine:
    """An hour at 100.00 with 19 % tax, unless it is said otherwise; the net is what quantity and price make."""
    base: dict[str, Any] = {
        "position": position,
        "kind": LineKind.TIME,
        "description": f"Work {position}",
        "unit": LineUnit.MINUTE,
        "quantity": 60,
        "unit_price": Decimal(100),
        "tax_category": TaxCategory.STANDARD,
        "tax_percent": Decimal(19),
        "contract_id": ContractId("contract"),
    }
    given = {**base, **changes}
    net = line_net(given["unit"], given["quantity"], given["unit_price"], currency)
    return InvoiceLine(**{"net_minor": net, **given})


def make_piece(position: int, price: str, *, kind: LineKind = LineKind.EXPENSE, **changes: Any) -> InvoiceLine:
    """One piece at a price; with a price below 0, one that is taken off."""
    amount = Decimal(price)
    given = {"kind": kind, "unit": LineUnit.PIECE, "quantity": -1 if amount < 0 else 1, "unit_price": abs(amount)}
    return make_line(position, **{**given, **changes})


def make_allowance(percent: str, base_minor: int, **changes: Any) -> InvoiceAllowance:
    base: dict[str, Any] = {
        "reason": "Friends",
        "base_minor": base_minor,
        "percent": Decimal(percent),
        "amount_minor": round_half_up(base_minor * Fraction(percent) / 100),
        "tax_category": TaxCategory.STANDARD,
        "tax_percent": Decimal(19),
        "contract_id": ContractId("contract"),
    }
    return InvoiceAllowance(**{**base, **changes})


def make_item(position: int, source_id: str, net_minor: int, **changes: Any) -> InvoiceItem:
    base: dict[str, Any] = {
        "position": position,
        "kind": ItemKind.TIME_ENTRY,
        "source_id": source_id,
        "day": date(2026, 3, 2),
        "net_minor": net_minor,
    }
    return InvoiceItem(**{**base, **changes})


def make_parts(*lines: InvoiceLine, allowances: tuple[InvoiceAllowance, ...] = (), items: tuple[InvoiceItem, ...] = ()) -> InvoiceParts:
    """With the taxes that they make."""
    return summed(InvoiceParts(lines=lines, allowances=allowances, items=items), REASONS)[0]


def make_invoice(state: InvoiceState = InvoiceState.ISSUED, **changes: Any) -> Invoice:
    """The head of an invoice of 119.00 that was issued on 10 March; a draft has no number and no days."""
    base: dict[str, Any] = {
        "id": InvoiceId("invoice"),
        "kind": InvoiceKind.INVOICE,
        "state": state,
        "legal_entity_id": LegalEntityId("firm"),
        "client_id": ClientId("acme"),
        "currency": "EUR",
        "net_minor": 100_00,
        "tax_minor": 19_00,
        "gross_minor": 119_00,
        "home_currency": "EUR",
    }
    issued = {"number": "INV-1", "sequence": 1, "series": "invoice", "issued_on": ISSUED_ON, "due_on": date(2026, 4, 9)}
    return Invoice(**{**base, **({} if state is InvoiceState.DRAFT else issued), **changes})

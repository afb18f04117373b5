"""An invoice that somebody does something with: seen, allowed, in the version that they saw, and locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.billing.invoices import check_step
from scheduler.domain.ground.access import require
from scheduler.store.areas.invoices import INVOICE_AREA
from scheduler.store.repository import stale

if TYPE_CHECKING:
    from scheduler.domain.billing.invoices import Invoice, InvoiceState
    from scheduler.store.transaction import Transaction

INVOICES = INVOICE_AREA.name


def held_invoice(
    tx: Transaction, invoice_id: str, *, right: str, version: int | None = None, becomes: InvoiceState | None = None
) -> Invoice:
    """
    The whole invoice; its row is locked, and before it that of the invoice which it credits.

    Raises DomainError ``record.not_found``, ``access.denied``, ``invoice.issued`` or ``invoice.illegal_step`` where it cannot become what is
    wanted, ``version.stale``.
    """
    known: Invoice | None = tx.unrestricted.area(INVOICES).find(invoice_id)
    if known is not None and known.credits_id is not None:
        tx.area(INVOICES).hold(known.credits_id)
    tx.area(INVOICES).get(invoice_id)
    require(tx.actor, right)
    invoice: Invoice = tx.elevated.area(INVOICES).get(invoice_id)
    if becomes is not None:
        check_step(invoice.state, becomes)
    if version is not None and version != invoice.version:
        raise stale(INVOICE_AREA, invoice_id, given=version, current=invoice.version)
    return invoice


def saved_invoice(tx: Transaction, invoice: Invoice) -> Invoice:
    """Keep a changed head, for a right that was asked for; the answer is what the actor sees of it."""
    tx.elevated.area(INVOICES).save(invoice)
    seen: Invoice = tx.area(INVOICES).get(invoice.id)
    return seen

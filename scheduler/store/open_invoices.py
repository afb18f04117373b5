"""Taking over open invoices of other books: over HTTP and by file alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.billing.content import content_sha256
from scheduler.domain.billing.invoices import InvoiceState
from scheduler.domain.billing.open_invoices import OpenInvoice
from scheduler.domain.ground.access import require
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.permissions import INVOICES_ISSUE
from scheduler.store.held_invoices import INVOICES
from scheduler.store.invoice_worth import at_home
from scheduler.store.invoices import InvoiceReader, InvoiceRows
from scheduler.store.ledger_rows import require_month_open

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scheduler.domain.billing.invoices import Invoice
    from scheduler.store.transaction import Transaction


def take_over(tx: Transaction, value: OpenInvoice) -> Invoice:
    """
    Keep an invoice of other books as issued and frozen, without a number of ours and without files.

    Raises
    ------
    DomainError
        ``access.denied``, ``month.closed``, ``invoice.number_taken``, ``rate.exchange_missing``, ``reference.not_found``, ``external_id.taken``.
    """
    require(tx.actor, INVOICES_ISSUE)
    require_month_open(tx.connection, value.taken_over_on)
    _require_free(tx, value)
    invoice, parts = value.as_issued(home_currency=tx.unrestricted.firm.get().currency, now=tx.now)
    worth = at_home(tx, invoice)
    tx.area(INVOICES).add(replace(worth, content_sha256=content_sha256(worth, parts)))
    InvoiceRows(tx.connection).put(invoice.id, parts)
    seen: Invoice = tx.area(INVOICES).get(invoice.id)
    return seen


def _require_free(tx: Transaction, value: OpenInvoice) -> None:
    same: tuple[Invoice, ...] = tx.unrestricted.area(INVOICES).matching(legal_entity_id=value.legal_entity_id, number=value.number)
    if any(one.state is not InvoiceState.VOID or not one.is_taken_over for one in same):
        detail = f"The legal entity has an invoice {value.number!r} already; take over each once, under the number that is printed on it."
        fault = Fault(pointer="/number", code="invoice.number_taken", message=detail)
        raise DomainError(ErrorKind.CONFLICT, "invoice.number_taken", detail, (fault,), {"number": value.number})


def taken_over(tx: Transaction, external_ids: Iterable[str]) -> tuple[OpenInvoice, ...]:
    """What was taken over under these ids and is not void."""
    found: tuple[Invoice, ...] = tx.area(INVOICES).among("external_id", set(external_ids))
    rows = InvoiceReader(tx.connection)
    return tuple(OpenInvoice.of(one, rows.parts(one.id)) for one in found if one.is_taken_over and one.state is InvoiceState.ISSUED)

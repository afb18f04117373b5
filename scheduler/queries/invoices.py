"""What somebody may see of invoices: heads with what is open, one as a whole, its files, and why a line has its amount."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scheduler.domain.billing.crediting import Credits
from scheduler.domain.billing.invoices import InvoiceKind, InvoiceState
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.paging import Page, PageRequest
from scheduler.store import retried
from scheduler.store.held_invoices import INVOICES
from scheduler.store.invoice_runs import RunReader
from scheduler.store.invoices import InvoiceReader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.billing.crediting import Creditable
    from scheduler.domain.billing.invoice_parts import InvoiceParts
    from scheduler.domain.billing.invoices import Invoice, InvoiceLine, Payment
    from scheduler.domain.billing.run_progress import InvoiceRun
    from scheduler.domain.billing.settlement import Settlement
    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store
    from scheduler.store.view import View

PAYMENTS_READ = "payments:read"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenInvoice:
    """The head, and what became of it once it was issued: ``None`` for whoever may not see payments."""

    invoice: Invoice
    settlement: Settlement | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeInvoice(SeenInvoice):
    """An invoice with everything on it."""

    parts: InvoiceParts
    files: Mapping[str, str]
    payments: tuple[Payment, ...]
    credit_notes: tuple[Invoice, ...]
    creditable: Creditable | None
    """What is left to be credited; ``None`` unless it is an invoice that was issued here."""


@retried
def get_invoice(store: Store, *, actor: Actor, invoice_id: str) -> WholeInvoice:
    """One invoice as a whole. Raises DomainError ``record.not_found``."""
    with store.read(actor) as view:
        return whole_invoice(view, invoice_id)


def whole_invoice(view: View, invoice_id: str) -> WholeInvoice:
    """The same in a view that is open. Raises DomainError ``record.not_found``."""
    invoice: Invoice = view.area(INVOICES).get(invoice_id)
    rows = InvoiceReader(view.connection)
    parts = rows.parts(invoice_id)
    creditable = None
    if invoice.kind is InvoiceKind.INVOICE and invoice.state is InvoiceState.ISSUED and not invoice.is_taken_over:
        notes = [rows.parts(note) for note in rows.counting_notes(invoice_id)]
        creditable = Credits(parts, notes, currency=invoice.currency).left
    return WholeInvoice(
        invoice=invoice,
        settlement=_settlements(view, (invoice,)).get(invoice_id),
        parts=parts,
        files=rows.files(invoice_id),
        payments=view.area("payments").matching(invoice_id=invoice_id) if view.actor.may(PAYMENTS_READ) else (),
        credit_notes=view.area(INVOICES).matching(credits_id=invoice_id),
        creditable=creditable,
    )


@retried
def list_invoices(store: Store, *, actor: Actor, page: PageRequest) -> Page[SeenInvoice]:
    """One page of heads. Raises DomainError for a sort, filter, limit or cursor that is not allowed."""
    with store.read(actor) as view:
        found: Page[Invoice] = view.area(INVOICES).page(page)
        settled = _settlements(view, found.items)
        items = tuple(SeenInvoice(invoice=one, settlement=settled.get(one.id)) for one in found.items)
        return Page(items=items, next_cursor=found.next_cursor)


@retried
def invoice_file(store: Store, *, actor: Actor, invoice_id: str, kind: str) -> tuple[Invoice, bytes]:
    """A file as it was issued. Raises DomainError ``record.not_found``, ``invoice.taken_over``."""
    with store.read(actor) as view:
        invoice: Invoice = view.area(INVOICES).get(invoice_id)
        content = InvoiceReader(view.connection).file(invoice_id, kind)
    if invoice.is_taken_over:
        detail = f"Other books issued the invoice {invoice.number}: its document is with the program that did, and there is none here."
        raise DomainError(ErrorKind.NOT_FOUND, "invoice.taken_over", detail, facts={"number": invoice.number})
    if content is None:
        raise DomainError(ErrorKind.NOT_FOUND, "record.not_found", "There is no such file of the invoice.")
    return invoice, content


@retried
def explain_line(store: Store, *, actor: Actor, invoice_id: str, position: int) -> tuple[Invoice, InvoiceLine, tuple[Any, ...]]:
    """A line with the rules and rows that made its amount, and what stands on it. Raises DomainError ``record.not_found``."""
    with store.read(actor) as view:
        invoice: Invoice = view.area(INVOICES).get(invoice_id)
        parts = InvoiceReader(view.connection).parts(invoice_id)
    line = next((one for one in parts.lines if one.position == position), None)
    if line is None:
        raise DomainError(ErrorKind.NOT_FOUND, "record.not_found", "There is no such line of the invoice.")
    return invoice, line, tuple(item for item in parts.items if item.position == position)


@retried
def get_invoice_run(store: Store, *, actor: Actor, run_id: str) -> InvoiceRun:
    """A run with how far it is and what came of it. Raises DomainError ``record.not_found``."""
    with store.read(actor) as view:
        return RunReader(view.connection, actor).get(run_id)


@retried
def list_invoice_runs(store: Store, *, actor: Actor, page: PageRequest) -> Page[InvoiceRun]:
    """One page of runs, without what came of them. Raises DomainError ``access.denied``."""
    with store.read(actor) as view:
        return RunReader(view.connection, actor).page(page)


def _settlements(view: View, invoices: tuple[Invoice, ...]) -> Mapping[str, Settlement]:
    return InvoiceReader(view.connection).settlements(invoices) if view.actor.may(PAYMENTS_READ) else {}

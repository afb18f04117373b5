"""Issued invoices as the documents that they were, for files that other programs read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.billing.invoice_documents import Parties, document_of
from scheduler.domain.billing.invoices import InvoiceKind, InvoiceState
from scheduler.domain.billing.months import last_day
from scheduler.domain.ground.access import require
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.permissions import INVOICES_READ, PRICE_READ
from scheduler.store import retried
from scheduler.store.held_invoices import INVOICES
from scheduler.store.invoices import InvoiceReader

if TYPE_CHECKING:
    from scheduler.domain.billing.documents import InvoiceDocument
    from scheduler.domain.ground.access import Actor
    from scheduler.queries.ledger import Months
    from scheduler.store import Store

DOCUMENTS_MAX = 2_000
"""Most documents of one file; each is held whole."""


@retried
def issued_documents(store: Store, *, actor: Actor, months: Months, with_credit_notes: bool) -> tuple[InvoiceDocument, ...]:
    """
    What was issued here in some months and counts, in order of days and numbers, as far as the actor sees it.

    Raises DomainError ``access.denied``, ``accounting_file.too_many``.
    """
    require(actor, INVOICES_READ)
    require(actor, PRICE_READ)
    with store.read(actor) as view:
        reader = InvoiceReader(view.connection)
        ids = reader.issued_within(months.first, last_day(months.last))
        # What other books issued is in the program that did.
        wanted = [one for one in view.area(INVOICES).many(ids) if one.state is InvoiceState.ISSUED and not one.is_taken_over]
        wanted = [one for one in wanted if with_credit_notes or one.kind is InvoiceKind.INVOICE]
        if len(wanted) > DOCUMENTS_MAX:
            detail = f"{len(wanted)} documents were issued then; a file has at most {DOCUMENTS_MAX}. Ask for fewer months."
            raise DomainError(ErrorKind.TOO_LARGE, "accounting_file.too_many", detail, facts={"count": len(wanted), "most": DOCUMENTS_MAX})
        made = []
        for invoice in sorted(wanted, key=lambda one: (one.issued_on, one.legal_entity_id, one.series, one.sequence)):
            credited = None if invoice.credits_id is None else view.unrestricted.area(INVOICES).get(invoice.credits_id)
            parties = Parties.of_plain(invoice.parties or {})
            made.append(document_of(invoice, reader.parts(invoice.id), parties, preceding=credited))
    return tuple(made)

"""Drafting credit notes; they are approved and issued like invoices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.billing.crediting import Credits
from scheduler.domain.billing.invoices import Invoice, InvoiceKind, InvoiceState
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import InvoiceId, new_id
from scheduler.domain.ground.permissions import INVOICES_CREATE
from scheduler.store import retried
from scheduler.store.held_invoices import INVOICES, held_invoice
from scheduler.store.invoices import InvoiceRows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scheduler.domain.billing.crediting import WantedCredit
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.store import Store


@retried
def credit_invoice(
    store: Store,
    *,
    actor: Actor,
    invoice_id: str,
    expected_version: int,
    reason: str,
    now: datetime,
    wanted: Sequence[WantedCredit] | None = None,
    idempotency: IdempotencyClaim | None = None,
) -> Invoice:
    """
    Draft a credit note of some lines of an issued invoice, or of all that is left of it.

    What is drafted counts: nobody else can credit it meanwhile.

    Raises
    ------
    DomainError
        ``record.not_found``, ``access.denied``, ``version.stale``, ``credit.of_credit``, ``credit.not_issued``, ``credit.taken_over``,
        ``credit.too_much``, ``credit.nothing``, ``input.invalid``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        invoice = held_invoice(tx, invoice_id, right=INVOICES_CREATE, version=expected_version)
        _require_creditable(invoice)
        rows = InvoiceRows(tx.connection)
        notes = [rows.parts(note) for note in rows.counting_notes(invoice_id)]
        parts = Credits(rows.parts(invoice_id), notes, currency=invoice.currency).credit(wanted)
        start, end = parts.period
        note = Invoice(
            id=InvoiceId(new_id()),
            kind=InvoiceKind.CREDIT_NOTE,
            state=InvoiceState.DRAFT,
            legal_entity_id=invoice.legal_entity_id,
            client_id=invoice.client_id,
            currency=invoice.currency,
            net_minor=parts.net_minor,
            tax_minor=parts.tax_minor,
            gross_minor=parts.net_minor + parts.tax_minor,
            period_start=start,
            period_end=end,
            contract_id=invoice.contract_id,
            credits_id=invoice.id,
            payment_days=0,
            language=invoice.language,
            tells_cost=parts.tells_cost,
            reason=reason,
            home_currency=invoice.home_currency,
            created_at=now,
        )
        tx.area(INVOICES).add(note)
        rows.put(note.id, replace(parts, items=()))
        seen: Invoice = tx.area(INVOICES).get(note.id)
        return tx.answer(seen)


def _require_creditable(invoice: Invoice) -> None:
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        detail = "A credit note cannot be credited; void it, or bill again what it gave back too much."
        raise DomainError(ErrorKind.CONFLICT, "credit.of_credit", detail)
    if invoice.state is not InvoiceState.ISSUED:
        detail = f"The invoice is {invoice.state}; only issued ones are credited. A draft can be changed or cancelled."
        raise DomainError(ErrorKind.CONFLICT, "credit.not_issued", detail, facts={"state": invoice.state.value})
    if invoice.is_taken_over:
        detail = (
            f"Other books issued the invoice {invoice.number}, and what it billed is there: write the credit note with the program that"
            " issued it, and write off here what will not be paid because of it."
        )
        raise DomainError(ErrorKind.CONFLICT, "credit.taken_over", detail, facts={"number": invoice.number})

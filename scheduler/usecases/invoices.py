"""The life of an invoice before and after it is issued: changing a draft, approving it, taking that back, cancelling and voiding."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scheduler.domain.billing.drafts import changed_draft, without_lines
from scheduler.domain.billing.invoice_parts import summed
from scheduler.domain.billing.invoices import InvoiceKind, InvoiceState, check_step
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.permissions import INVOICES_APPROVE, INVOICES_CHANGE, INVOICES_ISSUE
from scheduler.store import retried
from scheduler.store.contract_checks import prepaid_kept
from scheduler.store.held_invoices import held_invoice, saved_invoice
from scheduler.store.invoiced_lines import require_as_billed
from scheduler.store.invoices import InvoiceRows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from scheduler.domain.billing.invoices import Invoice
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.store import Store, Transaction


@retried
def change_draft(
    store: Store,
    *,
    actor: Actor,
    invoice_id: str,
    expected_version: int,
    given: Mapping[str, Any],
    leave_out: Sequence[int] = (),
    now: datetime,
) -> Invoice:
    """
    Change note, days to pay or language of a draft, and leave lines out of it; what stood on those can be billed again.

    Raises DomainError ``record.not_found``, ``access.denied``, ``invoice.issued``, ``invoice.not_draft``, ``version.stale``,
    ``invoice.lines_depend``, ``input.invalid``.
    """
    with store.begin(actor, now=now) as tx:
        invoice = held_invoice(tx, invoice_id, right=INVOICES_CHANGE)
        if invoice.state is not InvoiceState.DRAFT:
            check_step(invoice.state, InvoiceState.DRAFT)
            detail = "The invoice is approved; take it back to draft, then change it."
            raise DomainError(ErrorKind.CONFLICT, "invoice.not_draft", detail, facts={"state": invoice.state.value})
        held_invoice(tx, invoice_id, right=INVOICES_CHANGE, version=expected_version)
        changed = changed_draft(invoice, given)
        if leave_out:
            rows = InvoiceRows(tx.connection)
            before = rows.parts(invoice_id)
            parts, sums = summed(without_lines(invoice, before, leave_out), before.reasons)
            rows.replace(invoice_id, parts)
            retention = Decimal(0)
            if invoice.contract_id is not None and invoice.retention_due_on is not None:
                retention = tx.unrestricted.area("contracts").get(invoice.contract_id).retention
            changed = changed.with_sums(sums, retention=retention, tells_cost=parts.tells_cost, period=parts.period)
        return saved_invoice(tx, changed)


@retried
def approve_invoice(
    store: Store, *, actor: Actor, invoice_id: str, expected_version: int, now: datetime, idempotency: IdempotencyClaim | None = None
) -> Invoice:
    """
    Say that a draft is right.

    Raises DomainError ``record.not_found``, ``access.denied``, ``invoice.illegal_step``, ``invoice.issued``, ``version.stale``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        invoice = held_invoice(tx, invoice_id, right=INVOICES_APPROVE, version=expected_version, becomes=InvoiceState.APPROVED)
        approved = replace(invoice, state=InvoiceState.APPROVED, approved_at=now, approved_by=actor.id)
        return tx.answer(saved_invoice(tx, approved))


@retried
def reopen_invoice(
    store: Store, *, actor: Actor, invoice_id: str, expected_version: int, now: datetime, idempotency: IdempotencyClaim | None = None
) -> Invoice:
    """Take an approved invoice back to draft. Raises like ``approve_invoice``."""
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        invoice = held_invoice(tx, invoice_id, right=INVOICES_APPROVE, version=expected_version, becomes=InvoiceState.DRAFT)
        return tx.answer(saved_invoice(tx, replace(invoice, state=InvoiceState.DRAFT, approved_at=None, approved_by=None)))


@retried
def cancel_invoice(
    store: Store,
    *,
    actor: Actor,
    invoice_id: str,
    expected_version: int,
    reason: str | None,
    now: datetime,
    idempotency: IdempotencyClaim | None = None,
) -> Invoice:
    """
    Give up what was never issued; what stands on it can be billed again.

    Raises DomainError ``record.not_found``, ``access.denied``, ``invoice.illegal_step``, ``invoice.issued``, ``version.stale``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        invoice = held_invoice(tx, invoice_id, right=INVOICES_CHANGE, version=expected_version, becomes=InvoiceState.CANCELLED)
        InvoiceRows(tx.connection).release(invoice_id)
        kept = reason or invoice.reason
        return tx.answer(saved_invoice(tx, replace(invoice, state=InvoiceState.CANCELLED, reason=kept)))


@retried
def void_invoice(
    store: Store,
    *,
    actor: Actor,
    invoice_id: str,
    expected_version: int,
    reason: str,
    now: datetime,
    idempotency: IdempotencyClaim | None = None,
) -> Invoice:
    """
    Say that an issued document does not count; its number stays taken, unless it is of other books. What an invoice billed can be billed again, what
    a credit note gave back is owed again.

    Raises DomainError ``record.not_found``, ``access.denied``, ``invoice.illegal_step``, ``version.stale``, ``invoice.paid``,
    ``invoice.credited``, ``invoice.prepaid_used``; where what a credit note had released was billed since ``entry.already_billed``, where it is
    not what it was ``entry.changed_since``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        invoice = held_invoice(tx, invoice_id, right=INVOICES_ISSUE, version=expected_version, becomes=InvoiceState.VOID)
        rows = InvoiceRows(tx.connection)
        with prepaid_kept(tx, rows.parts(invoice_id)):
            if invoice.kind is InvoiceKind.CREDIT_NOTE:
                _owe_again(tx, rows, invoice)
            else:
                _require_untouched(rows, invoice)
                rows.release(invoice_id)
            # What was taken over wrongly leaves its id to the right one, as it does its number.
            kept_id = None if invoice.is_taken_over else invoice.external_id
            voided = saved_invoice(tx, replace(invoice, state=InvoiceState.VOID, reason=reason, external_id=kept_id))
        return tx.answer(voided)


def _require_untouched(rows: InvoiceRows, invoice: Invoice) -> None:
    """Only what nobody paid and nobody credited is void."""
    if not rows.settlements([invoice])[invoice.id].is_untouched:
        detail = "Something was paid or written off; write a credit note, or set the payments right by their opposites first."
        raise DomainError(ErrorKind.CONFLICT, "invoice.paid", detail)
    notes = rows.counting_notes(invoice.id)
    if notes:
        detail = "There are credit notes for it; cancel or void those first, or credit what is left."
        raise DomainError(ErrorKind.CONFLICT, "invoice.credited", detail, facts={"credit_notes": list(notes)})


def _owe_again(tx: Transaction, rows: InvoiceRows, note: Invoice) -> None:
    """
    What the note had released stands on its invoice again, unless the other notes leave nothing of that all the same.

    The contracts stay locked, so that no approval is taken back meanwhile.
    """
    assert note.credits_id is not None
    credited = tx.unrestricted.area("invoices").get(note.credits_id)
    others = [one for one in rows.issued_notes(credited.id) if one != note.id]
    if credited.state is InvoiceState.ISSUED and not rows.is_all_credited(credited, others):
        rows.claim_again(note.credits_id)
        require_as_billed(tx.connection, note.credits_id)

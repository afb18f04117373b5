"""Issuing: an approved invoice gets its number, its parties and its files, and never changes again."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduler.domain.billing.content import chained, content_sha256
from scheduler.domain.billing.invoice_documents import document_of, parties_of
from scheduler.domain.billing.invoices import InvoiceKind, InvoiceState, ItemKind
from scheduler.domain.billing.numbers import number_of, series_of
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.permissions import INVOICES_ISSUE
from scheduler.store import retried
from scheduler.store.contract_checks import prepaid_kept
from scheduler.store.held_invoices import held_invoice, saved_invoice
from scheduler.store.invoice_worth import at_home
from scheduler.store.invoices import InvoiceRows
from scheduler.store.number_series import keep_number, next_number
from scheduler.store.tables.billing import LEGAL_ENTITY_LOGOS

if TYPE_CHECKING:
    from datetime import date, datetime

    from scheduler.domain.billing.invoice_documents import FilesOf, Parties
    from scheduler.domain.billing.invoice_parts import InvoiceParts
    from scheduler.domain.billing.invoices import Invoice
    from scheduler.domain.billing.parties import ClientAccount, LegalEntity
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.store import Store, Transaction


@retried
def issue_invoice(
    store: Store,
    *,
    actor: Actor,
    invoice_id: str,
    expected_version: int,
    files_of: FilesOf,
    now: datetime,
    issued_on: date | None = None,
    idempotency: IdempotencyClaim | None = None,
) -> Invoice:
    """
    Issue an approved invoice or credit note: number, days, parties, rate to the firm's currency and files in one transaction, all frozen.

    Without ``issued_on`` it is today. A credit note after which nothing is left to be credited releases what its invoice billed.

    Raises
    ------
    DomainError
        ``record.not_found``, ``access.denied``, ``invoice.issued``, ``invoice.illegal_step``, ``version.stale``, ``invoice.in_future``,
        ``invoice.before_credited``, ``invoice.party_incomplete``, ``rate.exchange_missing``, ``credit.void``, ``invoice.number_taken``,
        ``invoice.before_service``, ``invoice.prepaid_used``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        invoice = held_invoice(tx, invoice_id, right=INVOICES_ISSUE, version=expected_version, becomes=InvoiceState.ISSUED)
        rows = InvoiceRows(tx.connection)
        parts, credited = rows.parts(invoice_id), _credited(tx, invoice)
        day = issued_on or now.date()
        _check_day(day, credited, today=now.date())
        _check_work(day, parts)
        dated = _dated(invoice, day, actor=actor, now=now)
        entity: LegalEntity = tx.unrestricted.area("legal_entities").get(invoice.legal_entity_id)
        parties = _parties(tx, invoice, parts, entity)
        priced = at_home(tx, dated, credited)
        issued = _numbered(tx, replace(priced, parties=parties.as_plain()), parts, entity)
        document = document_of(issued, parts, parties, preceding=credited)
        rows.keep_files(invoice_id, files_of(document))
        with nullcontext() if credited is None else prepaid_kept(tx, parts):
            if credited is not None and rows.is_all_credited(credited, (*rows.issued_notes(credited.id), issued.id)):
                rows.release(credited.id)
            seen = saved_invoice(tx, issued)
        return tx.answer(seen)


def _credited(tx: Transaction, invoice: Invoice) -> Invoice | None:
    """The invoice that a credit note credits. Raises DomainError ``credit.void``."""
    if invoice.credits_id is None:
        return None
    credited: Invoice = tx.unrestricted.area("invoices").get(invoice.credits_id)
    if credited.state is not InvoiceState.ISSUED:
        raise DomainError(ErrorKind.CONFLICT, "credit.void", "The invoice that it credits is void; cancel the credit note.")
    return credited


def _check_day(day: date, credited: Invoice | None, *, today: date) -> None:
    """Days may be ahead by one: somewhere it is tomorrow already."""
    if day > today + timedelta(days=1):
        raise DomainError(ErrorKind.INVALID, "invoice.in_future", f"The {day} has not come yet; give today or an earlier day.")
    if credited is not None and credited.issued_on is not None and day < credited.issued_on:
        detail = f"The invoice was issued on {credited.issued_on}; a credit note is issued on that day or later."
        raise DomainError(ErrorKind.INVALID, "invoice.before_credited", detail)


def _check_work(day: date, parts: InvoiceParts) -> None:
    """Nobody bills time and expenses on a day before they were. Raises DomainError ``invoice.before_service``."""
    last = max((item.day for item in parts.items if item.kind in {ItemKind.TIME_ENTRY, ItemKind.EXPENSE}), default=day)
    if day < last:
        detail = f"Work of {last} stands on the invoice; issue it on that day or later."
        raise DomainError(ErrorKind.INVALID, "invoice.before_service", detail, facts={"last": last.isoformat()})


def _dated(invoice: Invoice, day: date, *, actor: Actor, now: datetime) -> Invoice:
    due_on = day + timedelta(days=invoice.payment_days)
    return replace(invoice, state=InvoiceState.ISSUED, issued_on=day, due_on=due_on, issued_at=now, issued_by=actor.id)


def _parties(tx: Transaction, invoice: Invoice, parts: InvoiceParts, entity: LegalEntity) -> Parties:
    everything = tx.unrestricted
    account: ClientAccount | None = next(iter(everything.area("client_accounts").matching(client_id=invoice.client_id)), None)
    order = None if invoice.contract_id is None else everything.area("contracts").get(invoice.contract_id).order_reference
    query = select(LEGAL_ENTITY_LOGOS.c.content).where(LEGAL_ENTITY_LOGOS.c.legal_entity_id == entity.id)
    logo = tx.connection.execute(query).scalar_one_or_none()
    return parties_of(entity, account, parts, order_reference=order, logo=logo)


def _numbered(tx: Transaction, invoice: Invoice, parts: InvoiceParts, entity: LegalEntity) -> Invoice:
    """With the next number of its sequence, whose row stays locked until this is committed, and with its hashes."""
    assert invoice.issued_on is not None
    form = entity.credit_format if invoice.kind is InvoiceKind.CREDIT_NOTE else entity.number_format
    series = series_of(invoice.kind, form, invoice.issued_on)
    sequence, chain = next_number(tx.connection, entity.id, series)
    number = number_of(form, issued_on=invoice.issued_on, sequence=sequence)
    taken = tx.unrestricted.area("invoices").matching(legal_entity_id=entity.id, number=number)
    if taken:
        detail = (
            f"The number {number} is there already: it was given under another form of numbers, or taken over from other books. Change the"
            " form of the legal entity's numbers."
        )
        raise DomainError(ErrorKind.CONFLICT, "invoice.number_taken", detail, facts={"number": number})
    numbered = replace(invoice, series=series, sequence=sequence, number=number)
    content = content_sha256(numbered, parts)
    after = chained(chain, content)
    keep_number(tx.connection, entity.id, series, number=sequence, chain_sha256=after)
    return replace(numbered, content_sha256=content, chain_sha256=after)

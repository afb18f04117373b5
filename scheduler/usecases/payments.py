"""Recording what was paid, paid back or written off, and taken back of that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.billing.invoices import Payment
from scheduler.domain.billing.settlement import check_payment
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.exchange import Exchange
from scheduler.domain.ground.ids import InvoiceId, PaymentId, new_id
from scheduler.domain.ground.money import Money
from scheduler.store import retried
from scheduler.store.held_invoices import held_invoice
from scheduler.store.invoices import InvoiceRows
from scheduler.store.price_locks import hold_prices

if TYPE_CHECKING:
    from datetime import date, datetime

    from scheduler.domain.billing.invoices import Invoice, PaymentKind
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.store import Store, Transaction


@retried
def record_payment(
    store: Store,
    *,
    actor: Actor,
    invoice_id: str,
    kind: PaymentKind,
    paid_on: date,
    amount_minor: int,
    now: datetime,
    reference: str | None = None,
    external_id: str | None = None,
    idempotency: IdempotencyClaim | None = None,
) -> Payment:
    """
    Record a payment, refund, write-off or recovery of an issued invoice; never more than is open, or than there is to take back.

    Raises
    ------
    DomainError
        ``record.not_found``, ``access.denied``, ``payment.not_issued``, ``payment.on_credit_note``, ``payment.before_issue``,
        ``payment.in_future``, ``payment.too_much``, ``rate.exchange_missing``, ``input.invalid``, ``external_id.taken``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        invoice = held_invoice(tx, invoice_id, right="payments:create")
        payment = Payment(
            id=PaymentId(new_id()),
            invoice_id=InvoiceId(invoice_id),
            kind=kind,
            paid_on=paid_on,
            amount_minor=amount_minor,
            reference=reference,
            external_id=external_id,
        )
        found = InvoiceRows(tx.connection).settlements([invoice]).get(invoice_id)
        if found is None:
            raise DomainError(ErrorKind.CONFLICT, "payment.not_issued", f"The invoice is {invoice.state}; only issued ones are paid.")
        check_payment(invoice, found, payment, today=now.date())
        tx.vouch("invoices", [invoice_id])
        tx.area("payments").add(replace(payment, home_minor=_home_minor(tx, invoice, payment)))
        seen: Payment = tx.area("payments").get(payment.id)
        return tx.answer(seen)


def _home_minor(tx: Transaction, invoice: Invoice, payment: Payment) -> int:
    """In the firm's currency at the rate of the day on which it was paid."""
    hold_prices(tx.connection, shared=True)
    everything = tx.unrestricted
    rates = everything.area("exchange_rates").matching(currency=invoice.currency)
    exchange = Exchange(rates, home=everything.firm.get().currency)
    return exchange.to_home(Money(amount_minor=payment.amount_minor, currency=invoice.currency), payment.paid_on).amount_minor

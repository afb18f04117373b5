"""Taking over what other books issued and is still to be paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.store import retried
from scheduler.store.open_invoices import take_over

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.billing.invoices import Invoice
    from scheduler.domain.billing.open_invoices import OpenInvoice
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.store import Store


@retried
def take_over_invoice(
    store: Store, *, actor: Actor, value: OpenInvoice, now: datetime, idempotency: IdempotencyClaim | None = None
) -> Invoice:
    """
    Take over an invoice of other books; it stays as it is, and is void like any other as long as nothing was paid here.

    Raises DomainError ``access.denied``, ``month.closed``, ``invoice.number_taken``, ``rate.exchange_missing``, ``reference.not_found``,
    ``external_id.taken``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        return tx.answer(take_over(tx, value))

"""What clients owe as of a day, and how long it takes from work to bill to money."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.billing.invoices import InvoiceKind, PaymentKind
from scheduler.domain.billing.journal import Worth
from scheduler.domain.billing.receivables import BilledWork, OpenItem, ageing, cycle_time, days_sales_outstanding, totals
from scheduler.domain.ground.access import require
from scheduler.domain.ground.money import round_half_up
from scheduler.domain.ground.permissions import COST_READ, LEDGER_READ, PRICE_READ
from scheduler.store import retried
from scheduler.store.ledger_documents import billed_documents, work_to_bill
from scheduler.store.ledger_reading import read_payments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from scheduler.domain.billing.books import BilledDocument
    from scheduler.domain.billing.invoices import Payment
    from scheduler.domain.billing.receivables import Ageing, Bucket, CycleTime
    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store

_TAKEN_BACK = frozenset({PaymentKind.REFUND, PaymentKind.RECOVERY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivables:
    """The report, as of the end of the day ``on``."""

    on: date
    home_currency: str
    clients: tuple[Ageing, ...]
    totals: Mapping[str, Mapping[Bucket, Worth]]
    """By currency."""
    days_sales_outstanding: Mapping[str, Fraction | None]
    """By currency; ``None`` where the sales of two years do not make up what is owed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingCycle:
    """Days from work to bill of what was issued in a time, by currency, and by client and currency."""

    currencies: Mapping[str, CycleTime]
    clients: Mapping[tuple[str, str], CycleTime]


@retried
def receivables_report(store: Store, *, actor: Actor, on: date) -> Receivables:
    """
    What each client owes as of a day, by how long it has been due; what was paid later still counts.

    Without the right to see costs, invoices from which these follow are left out. Raises DomainError ``access.denied``.
    """
    require(actor, LEDGER_READ)
    require(actor, PRICE_READ)
    with store.read(actor) as view:
        everything = view.unrestricted
        documents = [one for one in billed_documents(everything) if _counts(one, on) and (actor.may(COST_READ) or not one.head.tells_cost)]
        payments = read_payments(everything)
        home = everything.firm.get().currency
    credited: defaultdict[str, int] = defaultdict(int)
    for one in documents:
        credited[one.head.credits_id or ""] += one.head.gross_minor
    items = [
        item
        for one in documents
        if one.head.kind is InvoiceKind.INVOICE
        for item in _open_items(one, credited[one.head.id], payments.get(one.head.id, ()), on)
    ]
    clients = ageing(items, on=on)
    sums = totals(clients)
    dso = {}
    for currency, buckets in sums.items():
        held_back = sum(item.worth.minor for item in items if item.currency == currency and item.is_held_back and item.due_on > on)
        owed = sum(worth.minor for worth in buckets.values()) - held_back
        sales = ((one.issued_on, one.sign * one.head.gross_minor) for one in documents if one.head.currency == currency)
        dso[currency] = days_sales_outstanding(owed, sales, on=on)
    return Receivables(on=on, home_currency=home, clients=clients, totals=sums, days_sales_outstanding=dso)


@retried
def billing_cycle_report(store: Store, *, actor: Actor, first: date, last: date) -> BillingCycle:
    """How long work waited for its bill, of invoices issued from ``first`` to ``last``. Raises DomainError ``access.denied``."""
    require(actor, LEDGER_READ)
    with store.read(actor) as view:
        groups = work_to_bill(view.connection, first=first, last=last, with_costs=actor.may(COST_READ))
    currencies: defaultdict[str, list[BilledWork]] = defaultdict(list)
    for (_, currency), found in groups.items():
        currencies[currency] += found
    return BillingCycle(
        currencies={key: time for key, found in sorted(currencies.items()) if (time := cycle_time(found)) is not None},
        clients={key: time for key, found in sorted(groups.items()) if (time := cycle_time(found)) is not None},
    )


def _counts(document: BilledDocument, on: date) -> bool:
    return document.entered_on <= on and (document.voided_on is None or document.voided_on > on)


def _open_items(document: BilledDocument, credited_minor: int, payments: Iterable[Payment], on: date) -> Iterator[OpenItem]:
    """What is open of an invoice: what is held back stays open until the last, and is due on its own day."""
    head = document.head
    settled = sum(-one.amount_minor if one.kind in _TAKEN_BACK else one.amount_minor for one in payments if one.paid_on <= on)
    left = head.gross_minor - head.paid_before_minor - credited_minor - settled
    held_back = max(0, min(left, head.retained_minor))
    due_on = head.due_on or document.issued_on
    # As the journal carries it: what was settled took its share with it, and the rest is what is left of the whole.
    home_left = document.home_gross - _home_share(document, head.gross_minor - left)
    home_held = home_left if held_back == left else _home_share(document, held_back)
    for amount, home, due, is_held_back in (
        (left - held_back, home_left - home_held, due_on, False),
        (held_back, home_held, head.retention_due_on or due_on, True),
    ):
        if amount:
            yield OpenItem(
                client_id=head.client_id,
                currency=head.currency,
                due_on=due,
                worth=Worth(minor=amount, home=home),
                is_held_back=is_held_back,
            )


def _home_share(document: BilledDocument, minor: int) -> int:
    """What a part of a document counts for in the firm's currency."""
    gross = document.head.gross_minor
    return round_half_up(Fraction(document.home_gross * minor, gross)) if gross else 0

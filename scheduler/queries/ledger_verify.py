"""Whether the books are what follows from their rows: every bill, its taxes and number, every payment, and every closed month."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING

from scheduler.domain.billing.books import all_entries
from scheduler.domain.billing.invoices import NUMBERED
from scheduler.domain.billing.journal import EntryKind
from scheduler.domain.billing.ledger import chain_hash, content_hash
from scheduler.domain.billing.months import following
from scheduler.domain.billing.verification import (
    Difference,
    check_balances,
    check_content,
    check_document,
    check_entry,
    check_series,
    differences,
)
from scheduler.domain.ground.access import require
from scheduler.domain.ground.permissions import COST_READ, LEDGER_READ
from scheduler.planning.contract_books import contract_books
from scheduler.store import retried
from scheduler.store.invoices import InvoiceReader
from scheduler.store.ledger_checks import counts, document_files, document_rows, entry_sums, kept_balances, number_counters
from scheduler.store.ledger_reading import charted, read_ledger, read_payments
from scheduler.store.ledger_rows import closed_entries, kept_rows
from scheduler.store.recorded_rows import unrecorded
from scheduler.store.tables.billing import CHARGES, CONTRACTS, TAX_CODES, TAX_RATES
from scheduler.store.tables.expenses import EXPENSES
from scheduler.store.tables.invoices import INVOICES, PAYMENTS
from scheduler.store.tables.ledger import CLOSED_MONTHS, CONTRACT_OPENINGS, REVENUE_ADJUSTMENTS
from scheduler.store.tables.rates import BILL_RATES, EXCHANGE_RATES
from scheduler.store.tables.time import TIME_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from scheduler.domain.billing.books import BilledDocument, ContractBook
    from scheduler.domain.billing.invoices import Invoice
    from scheduler.domain.billing.ledger import ClosedMonth, ContractOpening, RevenueAdjustment
    from scheduler.domain.billing.roll_forward import BilledAmount
    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store, View

RECORDED = (
    INVOICES,
    PAYMENTS,
    CONTRACT_OPENINGS,
    REVENUE_ADJUSTMENTS,
    CLOSED_MONTHS,
    CHARGES,
    CONTRACTS,
    TAX_CODES,
    TAX_RATES,
    EXCHANGE_RATES,
    BILL_RATES,
    TIME_ENTRIES,
    EXPENSES,
)
"""Tables from whose rows the books follow, and of which every version is kept."""
_BY_PAYMENTS = frozenset({EntryKind.PAYMENT, EntryKind.WRITE_OFF})
"""Entries whose worth in the firm's currency moves when an earlier payment of the same invoice comes to light."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at, and the first thing that is not as it should be."""

    documents: int
    months: int
    entries: int
    difference: Difference | None

    @property
    def holds(self) -> bool:
        """Whether everything is as it should be."""
        return self.difference is None


@retried
def verify_ledger(store: Store, *, actor: Actor, today: date) -> Verified:
    """
    Reckon every bill and every closed month anew, and name the first column that is stored otherwise.

    What a closed month has earned is not reckoned anew: it followed from what was known then. Its rows are held by a chain of hashes, and
    their sums and entries follow from them. Raises DomainError ``access.denied``.
    """
    require(actor, LEDGER_READ)
    require(actor, COST_READ)
    with store.read(actor) as view:
        everything = view.unrestricted
        heads, months, entries = counts(everything.connection)
        # One after the other: rows that were edited may be no values any more, and what was recorded of them says so first.
        found = next(chain(_recorded(everything), _documents(everything), _months(everything), _books(everything, today=today)), None)
    return Verified(documents=heads, months=months, entries=entries, difference=found)


def _recorded(view: View) -> Iterator[Difference]:
    for table in RECORDED:
        for one in unrecorded(view.connection, table):
            yield from differences(table.name, one.row, {one.column: one.stored}, {one.column: one.recorded})


def _documents(view: View) -> Iterator[Difference]:
    reader = InvoiceReader(view.connection)
    documents: tuple[Invoice, ...] = view.area("invoices").selected(lambda rows: [rows.c.state.in_(sorted(NUMBERED))])
    for invoice in sorted(documents, key=lambda one: (one.legal_entity_id, one.series or "", one.sequence or 0)):
        lines, allowances, taxes = document_rows(view.connection, invoice.id)
        yield from check_document(asdict(invoice), lines=lines, allowances=allowances, taxes=taxes)
        yield from check_content(invoice, reader.parts(invoice.id))
    yield from check_series(documents, number_counters(view.connection))
    for invoice_id, kind, digest, content in document_files(view.connection):
        yield from differences("invoice_files", f"{invoice_id}/{kind}", {"sha256": digest}, {"sha256": sha256(content).hexdigest()})


def _months(view: View) -> Iterator[Difference]:
    """Closed months: balances that follow each other, entries that balance, and the hashes of all of it."""
    openings: dict[str, ContractOpening] = {one.contract_id: one for one in view.area("contract_openings").all()}
    for contract_id, rows in kept_balances(view.connection).items():
        opening = openings.get(contract_id)
        yield from check_balances(contract_id, rows, None if opening is None else opening.opening)
    for month, entry_id, minor, home in entry_sums(view.connection):
        wanted = {"amount_minor": 0, "amount_home_minor": 0}
        yield from differences("ledger_postings", f"{month:%Y-%m}/{entry_id}", {"amount_minor": minor, "amount_home_minor": home}, wanted)
    before: str | None = None
    expected: date | None = None
    for one in sorted(view.area("closed_months").all(), key=lambda month: month.month):
        content = content_hash(one.month, *kept_rows(view.connection, one.month))
        stored = {"month": one.month, "content_sha256": one.content_sha256, "chain_sha256": one.chain_sha256}
        derived = {"month": expected or one.month, "content_sha256": content, "chain_sha256": chain_hash(before, content)}
        yield from differences("closed_months", one.id, stored, derived)
        before, expected = one.chain_sha256, following(one.month)


def _books(view: View, *, today: date) -> Iterator[Difference]:
    """What closed months say of bills, adjustments and entries, against the rows of these."""
    rows = read_ledger(view, on=today)
    if rows.last_closed is None:
        return
    until = rows.last_closed
    heads: list[ClosedMonth] = sorted(view.area("closed_months").all(), key=lambda month: month.month)
    books, _ = contract_books(rows, until=until)
    bills: defaultdict[str, list[tuple[BilledDocument, BilledAmount]]] = defaultdict(list)
    for document in rows.documents:
        for contract_id, amount in document.by_contract():
            bills[contract_id].append((document, amount))
    for book in books:
        yield from _movements(book, bills[book.contract_id], rows.adjustments.get(book.contract_id, ()), heads)
    months = [(book, book.closed) for book in books]
    derived = {entry.id: entry for entry in all_entries(months, charted(rows), read_payments(view), until=until)}
    for month, entry in closed_entries(view.connection):
        yield from check_entry(month, entry, derived.get(entry.id), in_home=entry.kind not in _BY_PAYMENTS)


def _movements(
    book: ContractBook,
    bills: Sequence[tuple[BilledDocument, BilledAmount]],
    adjustments: Sequence[RevenueAdjustment],
    heads: Sequence[ClosedMonth],
) -> Iterator[Difference]:
    """Billed and adjusted of each closed month: what was known of it when it was closed, less what months before it have."""
    closed_at = {one.month: one.closed_at for one in heads}
    since = date.min if book.record.opening is None else book.record.opening.month
    totals = dict.fromkeys(("billed_minor", "billed_home_minor", "adjusted_minor"), 0)
    for row in book.closed:
        at, end = closed_at[row.month], following(row.month)
        billed = [one for document, one in bills if since <= one.day < end and _was_known(document, one.day, at)]
        hands = [one for one in adjustments if one.made_at <= at and since <= one.day < end]
        known = {
            "billed_minor": sum(one.amount_minor for one in billed),
            "billed_home_minor": sum(one.home_minor for one in billed),
            "adjusted_minor": sum(one.amount_minor for one in hands),
        }
        wanted = {name: known[name] - totals[name] for name in totals}
        stored = {name: getattr(row, name) for name in totals}
        yield from differences("contract_balances", f"{book.contract_id}/{row.month:%Y-%m}", stored, wanted)
        totals = known


def _was_known(document: BilledDocument, day: date, at: datetime) -> bool:
    """Whether the document's issue, or the void on the day, was known at the instant."""
    issued_at = document.head.issued_at
    if day == document.voided_on and day != document.issued_on:
        return document.voided_at is None or document.voided_at <= at
    return issued_at is None or issued_at <= at

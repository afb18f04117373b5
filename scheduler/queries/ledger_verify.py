"""Whether the books are what follows from their rows: every bill, its taxes and number, every payment, and every closed month."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING

from scheduler.domain.billing.invoices import NUMBERED
from scheduler.domain.billing.ledger import chain_hash, content_hash
from scheduler.domain.billing.months import following
from scheduler.domain.billing.verification import (
    Difference,
    check_balances,
    check_content,
    check_document,
    check_rows,
    check_series,
    differences,
)
from scheduler.domain.ground.access import require
from scheduler.domain.ground.permissions import COST_READ, LEDGER_READ
from scheduler.planning.contract_books import contract_books
from scheduler.planning.month_closing import reckoned_month
from scheduler.queries.bills_verify import bills
from scheduler.store import View, retried
from scheduler.store.invoice_versions import PARTS
from scheduler.store.invoices import InvoiceReader
from scheduler.store.ledger_checks import counts, document_files, document_rows, entry_sums, kept_balances, number_counters
from scheduler.store.ledger_reading import charted, read_ledger, read_payments
from scheduler.store.ledger_rows import balance_row, closed_entries, kept_rows, posting_rows
from scheduler.store.recorded_rows import unrecorded
from scheduler.store.tables.billing import CHARGES, CONTRACTS, LEGAL_ENTITIES, TAX_CODES, TAX_RATES
from scheduler.store.tables.change_orders import CHANGE_ORDERS
from scheduler.store.tables.expenses import EXPENSES
from scheduler.store.tables.invoices import INVOICES, PAYMENTS
from scheduler.store.tables.ledger import CLOSED_MONTHS, CONTRACT_OPENINGS, REVENUE_ADJUSTMENTS
from scheduler.store.tables.people import PERSON_TERMS
from scheduler.store.tables.rates import BILL_RATES, EXCHANGE_RATES
from scheduler.store.tables.time import TIME_ENTRIES
from scheduler.store.tables.work import BOOKINGS, DEMANDS, PROJECTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from scheduler.domain.billing.invoices import Invoice
    from scheduler.domain.billing.ledger import ClosedMonth, ContractOpening
    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store

RECORDED = (
    INVOICES,
    *PARTS,
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
    PROJECTS,
    CHANGE_ORDERS,
    DEMANDS,
    BOOKINGS,
    PERSON_TERMS,
    LEGAL_ENTITIES,
)
"""Tables from whose rows the books follow, and of which every version is kept."""


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
def verify_ledger(store: Store, *, actor: Actor) -> Verified:
    """
    Reckon every bill and every closed month anew, and name the first column that is stored otherwise.

    Each is reckoned from the rows of its own instant: a bill from those just before it was drafted, a month from those as of which it was
    closed. Raises DomainError ``access.denied``.
    """
    require(actor, LEDGER_READ)
    require(actor, COST_READ)
    with store.read(actor) as view:
        return verified(view.unrestricted)


def verified(view: View) -> Verified:
    """The same of one state of the database; the view sees everything."""
    heads, months, entries = counts(view.connection)
    # One after the other: rows that were edited may be no values any more, and what was recorded of them says so first.
    found = next(chain.from_iterable(check(view) for check in (_recorded, _documents, bills, _months, _books)), None)
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


def _books(view: View) -> Iterator[Difference]:
    """Balances and entries of each closed month against what they follow from: every row as it was when the month was closed."""
    for one in sorted(view.area("closed_months").all(), key=lambda month: month.month):
        if one.known_at is not None:
            yield from _month(View(view.connection, view.actor, as_of=one.known_at), one)


def _month(then: View, head: ClosedMonth) -> Iterator[Difference]:
    rows = read_ledger(then, on=head.closed_at.date())
    books, _ = contract_books(rows, until=head.month)
    balances, entries = reckoned_month(
        rows,
        books,
        documents=charted(rows),
        payments=read_payments(then),
        kept=closed_entries(then.connection, as_of=then.as_of),
        last_closed=rows.last_closed,
        month=head.month,
    )
    kept_balances, kept_postings = kept_rows(then.connection, head.month)
    made = [balance_row(head.month, one.contract_id, one.currency, one.row) for one in balances]
    name = f"{head.month:%Y-%m}"
    yield from check_rows("contract_balances", kept_balances, made, key="contract_id", named=lambda row: f"{row['contract_id']}/{name}")
    postings = posting_rows(head.month, entries)
    yield from check_rows(
        "ledger_postings", kept_postings, postings, key="position", named=lambda row: f"{name}/{row['entry_id']}/{row['position']}"
    )

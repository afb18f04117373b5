"""What closing a month keeps: the same whether it is closed now, or reckoned anew as of the instant at which it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.billing.books import all_entries, journal_of, rolled
from scheduler.planning.contract_books import home_rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from scheduler.domain.billing.books import BilledDocument, ContractBook
    from scheduler.domain.billing.invoices import Payment
    from scheduler.domain.billing.journal import Entry, LedgerAccounts
    from scheduler.domain.billing.roll_forward import BalanceMonth
    from scheduler.planning.contract_books import LedgerRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A contract's row of a month."""

    contract_id: str
    currency: str
    row: BalanceMonth


def reckoned_month(
    rows: LedgerRows,
    books: Sequence[ContractBook],
    *,
    documents: Iterable[tuple[BilledDocument, LedgerAccounts]],
    payments: Mapping[str, Iterable[Payment]],
    kept: Sequence[tuple[date, Entry]],
    last_closed: date | None,
    month: date,
) -> tuple[tuple[Balance, ...], tuple[Entry, ...]]:
    """Balances of the first open month, by contract, and everything that is entered and in no closed month (``kept``)."""
    rate_of = home_rate(rows.exchange, on=rows.on)
    months = {book.contract_id: rolled(book, until=month, last_closed=last_closed, rate_of=rate_of) for book in books}
    balances = tuple(
        Balance(contract_id=book.contract_id, currency=book.about.currency, row=months[book.contract_id][-1])
        for book in sorted(books, key=lambda one: one.contract_id)
        if months[book.contract_id] and months[book.contract_id][-1].month == month
    )
    rolled_books = [(book, months[book.contract_id]) for book in books]
    derived = all_entries(rolled_books, documents, payments, until=month)
    return balances, journal_of(derived, closed=kept, last_closed=last_closed, until=month).open

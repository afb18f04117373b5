"""The books: how balances of contracts roll forward, what was earned by month, and the journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.billing.books import all_entries, journal_of, rolled
from scheduler.domain.billing.months import month_of
from scheduler.domain.billing.runs import bills_costs
from scheduler.domain.ground.access import require
from scheduler.domain.ground.permissions import COST_READ, LEDGER_READ, PRICE_READ
from scheduler.planning.contract_books import contract_books, home_rate
from scheduler.store import retried
from scheduler.store.ledger_reading import charted, read_ledger, read_payments
from scheduler.store.ledger_rows import closed_entries

if TYPE_CHECKING:
    from datetime import date

    from scheduler.domain.billing.books import ContractBook, Journal
    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.billing.journal import Entry
    from scheduler.domain.billing.roll_forward import BalanceMonth
    from scheduler.domain.ground.access import Actor
    from scheduler.planning.contract_books import Unpriced
    from scheduler.store import Store, View
    from scheduler.store.ledger_reading import LedgerRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Months:
    """The months that are asked for, both included; each is named by its first day."""

    first: date
    last: date

    def __contains__(self, month: date) -> bool:
        return self.first <= month <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractMonths:
    """A contract's rows of the months that were asked for."""

    contract: Contract
    client_id: str | None
    project: str
    client: str | None
    rows: tuple[BalanceMonth, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RollForward:
    """The report; months to ``last_closed`` are kept, later ones follow from what is known now."""

    home_currency: str
    last_closed: date | None
    contracts: tuple[ContractMonths, ...]
    unpriced: tuple[Unpriced, ...]
    """Approved work of contracts that has no price, so it is not earned."""
    sees_costs: bool
    """Whether the reader may see provisions, which follow from costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalReport:
    """Entries of the months that were asked for, in order."""

    home_currency: str
    last_closed: date | None
    entries: tuple[Entry, ...]


@retried
def roll_forward_report(
    store: Store, *, actor: Actor, months: Months, today: date, contract_id: str | None = None, client_id: str | None = None
) -> RollForward:
    """
    Balances of contracts month by month, of one contract or client, or of all; those that bill costs are left out for whoever may not see these.

    Raises DomainError ``access.denied``, ``rate.exchange_missing``.
    """
    require(actor, LEDGER_READ)
    require(actor, PRICE_READ)
    with store.read(actor) as view:
        rows = read_ledger(view.unrestricted, on=today)
    books, unpriced = contract_books(rows, until=months.last)
    clients = {project.id: project.client_id for project in rows.work.projects}
    found, sees_costs = [], actor.may(COST_READ)
    for book in books:
        contract = book.record.contract
        of_client = clients.get(contract.project_id)
        if bills_costs(contract) and not actor.may(COST_READ):
            continue
        if contract_id in {None, contract.id} and client_id in {None, of_client}:
            kept = tuple(row for row in _rolled(book, rows, months.last) if row.month in months)
            found.append(ContractMonths(contract=contract, client_id=of_client, project=book.project, client=book.client, rows=kept))
    known = {one.contract.id for one in found}
    return RollForward(
        home_currency=rows.exchange.home,
        last_closed=rows.last_closed,
        contracts=tuple(sorted(found, key=lambda one: (one.project, one.contract.id))),
        unpriced=tuple(one for one in unpriced if one.contract_id in known),
        sees_costs=sees_costs,
    )


@retried
def journal_report(store: Store, *, actor: Actor, months: Months, today: date) -> JournalReport:
    """
    Entries of months: of closed ones as they are kept, of open ones as they follow now.

    Needs ``cost:read`` too: bills and revenue of cost-plus contracts, and provisions, follow from costs. Raises DomainError as
    ``roll_forward_report``.
    """
    for right in (LEDGER_READ, PRICE_READ, COST_READ):
        require(actor, right)
    with store.read(actor) as view:
        rows, journal = read_journal(view.unrestricted, until=months.last, on=today)
    found: list[Entry] = [entry for month, entry in journal.closed if month in months]
    found += [entry for entry in journal.open if month_of(entry.date) in months]
    return JournalReport(home_currency=rows.exchange.home, last_closed=rows.last_closed, entries=tuple(found))


def read_journal(view: View, *, until: date, on: date) -> tuple[LedgerRows, Journal]:
    """The whole journal to the end of a month; the view sees everything."""
    rows = read_ledger(view, on=on)
    books, _ = contract_books(rows, until=until)
    rolled_books = [(book, _rolled(book, rows, until)) for book in books]
    derived = all_entries(rolled_books, charted(rows), read_payments(view), until=until)
    return rows, journal_of(derived, closed=closed_entries(view.connection), last_closed=rows.last_closed, until=until)


def _rolled(book: ContractBook, rows: LedgerRows, until: date) -> tuple[BalanceMonth, ...]:
    return rolled(book, until=until, last_closed=rows.last_closed, rate_of=home_rate(rows.exchange, on=rows.on))

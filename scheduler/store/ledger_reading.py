"""All rows from which the books follow, read from one state of the database."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduler.domain.billing.books import accounts_of
from scheduler.domain.billing.contracts import PRICED_AS_A_WHOLE, ContractKind
from scheduler.domain.billing.recognition import PriceChange
from scheduler.domain.ground.exchange import Exchange
from scheduler.domain.staffing.change_orders import ChangeOrder, OrderState
from scheduler.domain.staffing.work import ProjectState
from scheduler.store.history import source
from scheduler.store.ledger_documents import billed_documents, covered_lines, live_claims, work_on_bills
from scheduler.store.ledger_rows import closed_balances, last_closed
from scheduler.store.ledger_work import unbilled_work
from scheduler.store.spent_lines import spent_lines
from scheduler.store.tables.base import TWINS
from scheduler.store.tables.work import PROJECTS
from scheduler.store.worked_minutes import worked_minutes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from typing import Any

    from scheduler.domain.billing.books import BilledDocument
    from scheduler.domain.billing.charges import Charge
    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.billing.earning import WorkItem
    from scheduler.domain.billing.invoices import ItemKind, Payment
    from scheduler.domain.billing.journal import LedgerAccounts
    from scheduler.domain.billing.ledger import ContractOpening, RevenueAdjustment
    from scheduler.domain.billing.parties import LegalEntity
    from scheduler.domain.billing.roll_forward import BalanceMonth
    from scheduler.domain.delivery.forecast import SpentLine, WorkedMinutes
    from scheduler.domain.ground.bill_rates import BillRate
    from scheduler.domain.ground.billable import BillableItem
    from scheduler.domain.staffing.people import Absence, Calendar, Person
    from scheduler.domain.staffing.work import Booking, Demand, Firm, Project
    from scheduler.store.view import View

_BY_COST = frozenset({*PRICED_AS_A_WHOLE, ContractKind.CAPPED})
"""Kinds of contracts that can lose money, or earn by their costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRows:
    """What prices and costs of work follow from."""

    firm: Firm
    calendars: tuple[Calendar, ...]
    people: tuple[Person, ...]
    absences: tuple[Absence, ...]
    projects: tuple[Project, ...]
    demands: tuple[Demand, ...]
    bill_rates: tuple[BillRate, ...]
    bookings: tuple[Booking, ...]
    """Of projects whose costs matter."""
    worked: tuple[WorkedMinutes, ...]
    """Approved time of those projects, before the day on which it was asked."""
    spent: tuple[SpentLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRows:
    """Rows of all contracts but internal ones; mappings are by contract, but for those of projects."""

    on: date
    contracts: tuple[Contract, ...]
    entities: Mapping[str, LegalEntity]
    clients: Mapping[str, str]
    """Names."""
    charges: Mapping[str, tuple[Charge, ...]]
    changes: Mapping[str, tuple[PriceChange, ...]]
    """Approved change orders, by project."""
    closed_on: Mapping[str, date]
    """When projects that are closed were closed."""
    documents: tuple[BilledDocument, ...]
    billed_work: Mapping[str, tuple[WorkItem, ...]]
    open_work: Mapping[str, list[BillableItem]]
    claims: Mapping[str, frozenset[tuple[ItemKind, str]]]
    covered: Mapping[str, list[Any]]
    openings: Mapping[str, ContractOpening]
    adjustments: Mapping[str, tuple[RevenueAdjustment, ...]]
    closed: Mapping[str, tuple[BalanceMonth, ...]]
    last_closed: date | None
    exchange: Exchange
    work: WorkRows


def read_ledger(view: View, *, on: date) -> LedgerRows:
    """
    Everything as the view's instant knows it; costs and bookings as of the day ``on``. The view sees everything.

    Raises DomainError ``rate.exchange_missing`` where an expense has no rate to its contract's currency.
    """
    contracts: tuple[Contract, ...] = tuple(one for one in view.area("contracts").all() if one.kind is not ContractKind.INTERNAL)
    firm = view.firm.get()
    exchange = Exchange(view.area("exchange_rates").all(), home=firm.currency)
    ids = [one.id for one in contracts]
    projects = [one.project_id for one in contracts]
    prepaid = [one.id for one in contracts if one.kind in {ContractKind.RETAINER, ContractKind.BLOCK_HOURS}]
    charges: defaultdict[str, list[Charge]] = defaultdict(list)
    for charge in view.area("charges").all():
        charges[charge.contract_id].append(charge)
    adjustments: defaultdict[str, list[RevenueAdjustment]] = defaultdict(list)
    for one in view.area("revenue_adjustments").all():
        adjustments[one.contract_id].append(one)
    return LedgerRows(
        on=on,
        contracts=contracts,
        entities={one.id: one for one in view.area("legal_entities").all()},
        clients={one.id: one.name for one in view.clients.all()},
        charges={key: tuple(found) for key, found in charges.items()},
        changes=_changes(view, projects),
        closed_on=_closed_on(view),
        documents=billed_documents(view),
        billed_work=work_on_bills(view),
        open_work=unbilled_work(view, contracts, exchange),
        claims=live_claims(view, ids),
        covered=covered_lines(view, prepaid),
        openings={one.contract_id: one for one in view.area("contract_openings").all()},
        adjustments={key: tuple(found) for key, found in adjustments.items()},
        closed=closed_balances(view.connection, as_of=view.as_of),
        last_closed=last_closed(view.connection, as_of=view.as_of),
        exchange=exchange,
        work=_work(view, contracts, firm, on=on),
    )


def read_payments(view: View) -> Mapping[str, tuple[Payment, ...]]:
    """By invoice: what was paid, paid back or written off."""
    found: defaultdict[str, list[Payment]] = defaultdict(list)
    for payment in view.area("payments").all():
        found[payment.invoice_id].append(payment)
    return {invoice_id: tuple(made) for invoice_id, made in found.items()}


def charted(rows: LedgerRows) -> tuple[tuple[BilledDocument, LedgerAccounts], ...]:
    """Each document with the chart of accounts of the legal entity that issued it."""
    charts = {entity_id: accounts_of(entity.accounts) for entity_id, entity in rows.entities.items()}
    return tuple((one, charts[one.head.legal_entity_id]) for one in rows.documents)


def _work(view: View, contracts: tuple[Contract, ...], firm: Firm, *, on: date) -> WorkRows:
    by_cost = [one.project_id for one in contracts if one.kind in _BY_COST]
    bookings: tuple[Booking, ...] = view.bookings.among("project_id", by_cost)
    projects = [one.project_id for one in contracts]
    return WorkRows(
        firm=firm,
        calendars=view.calendars.all(),
        people=view.people.all(),
        absences=view.absences.all(),
        projects=view.projects.many(projects),
        demands=view.demands.among("project_id", projects),
        bill_rates=view.bill_rates.all(),
        bookings=tuple(one for one in bookings if one.period.end is None or one.period.end > on),
        worked=tuple(worked_minutes(view, by_cost, until=on)),
        spent=tuple(spent_lines(view, by_cost, until=on)),
    )


def _changes(view: View, projects: list[Any]) -> Mapping[str, tuple[PriceChange, ...]]:
    found: defaultdict[str, list[PriceChange]] = defaultdict(list)
    orders: tuple[ChangeOrder, ...] = view.area("change_orders").among("project_id", projects)
    for order in orders:
        if order.state is OrderState.APPROVED and order.value_delta_minor and order.decided_at is not None:
            found[order.project_id].append(PriceChange(approved_on=order.decided_at.date(), delta_minor=order.value_delta_minor))
    return {key: tuple(made) for key, made in found.items()}


def _closed_on(view: View) -> Mapping[str, date]:
    """The day since which each project that is closed has been so, from the versions of its row."""
    twin = TWINS[PROJECTS.name].c
    rows = source(PROJECTS, view.as_of).c
    closed = select(rows.id).where(rows.state == ProjectState.CLOSED)
    query = select(twin.id, twin.state, twin.recorded_from).where(twin.id.in_(closed)).order_by(twin.id, twin.recorded_from)
    if view.as_of is not None:
        query = query.where(twin.recorded_from <= view.as_of)
    found: dict[str, date | None] = {}
    for project_id, state, at in view.connection.execute(query):
        if state is not ProjectState.CLOSED:
            found[project_id] = None
        elif found.get(project_id) is None:
            found[project_id] = at.date()
    return {project_id: day for project_id, day in found.items() if day is not None}

"""Approved work and expenses that stand on no bill, of the projects of contracts."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduler.domain.billing.invoices import ItemKind
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.ground.billable import BillableItem, BillableKind
from scheduler.domain.ground.money import exponent, round_half_up
from scheduler.store.among import among, chunks
from scheduler.store.history import source
from scheduler.store.tables.expenses import EXPENSES
from scheduler.store.tables.invoices import INVOICE_ITEMS
from scheduler.store.tables.time import TIME_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.ground.exchange import Exchange
    from scheduler.domain.ground.ids import ProjectId
    from scheduler.domain.staffing.people import Term
    from scheduler.store.view import View


def unbilled_work(view: View, contracts: Iterable[Contract], exchange: Exchange) -> Mapping[str, list[BillableItem]]:
    """
    By contract: what is approved and billable and stands on no invoice that counts; expenses in the contract's currency.

    The view sees everything. Raises DomainError ``rate.exchange_missing``.
    """
    by_project = {one.project_id: one for one in contracts}
    found: defaultdict[str, list[BillableItem]] = defaultdict(list)
    terms = {person.id: person.terms for person in view.people.all()}
    for row in _open_rows(view, TIME_ENTRIES, ItemKind.TIME_ENTRY, by_project):
        contract = by_project[row["project_id"]]
        found[contract.id].append(
            BillableItem(
                kind=BillableKind.TIME,
                id=row["id"],
                version=row["version"],
                project_id=row["project_id"],
                person_id=row["person_id"],
                day=row["work_date"],
                minutes=row["minutes"],
                grade=_grade(terms.get(row["person_id"], ()), row["work_date"]),
                activity_type_id=row["activity_type_id"],
                demand_id=row["demand_id"],
                task_id=row["task_id"],
            )
        )
    expenses = {one.id: one for one in view.area("expenses").among("project_id", by_project)}
    for row in _open_rows(view, EXPENSES, ItemKind.EXPENSE, by_project):
        contract, expense = by_project[row["project_id"]], expenses[row["id"]]
        found[contract.id].append(
            BillableItem(
                kind=BillableKind.EXPENSE,
                id=row["id"],
                version=row["version"],
                project_id=row["project_id"],
                person_id=row["person_id"],
                day=row["work_date"],
                amount_minor=_in_currency(expense.charged_minor or 0, contract.currency, row["work_date"], exchange),
                task_id=row["task_id"],
            )
        )
    return found


def _open_rows(view: View, table: Any, kind: ItemKind, projects: Iterable[ProjectId]) -> Iterator[Any]:
    rows, items = source(table, view.as_of), source(INVOICE_ITEMS, view.as_of).c
    claims = select(items.source_id).where(items.kind == kind, items.is_live).subquery("claims")
    # An outer join, and no "not exists": as of an instant nothing is indexed by what stands on invoices, and so both are read once.
    apart = select(rows).outerjoin(claims, claims.c.source_id == rows.c.id).where(claims.c.source_id.is_(None))
    for part in chunks(sorted(projects)):
        query = apart.where(among(rows.c.project_id, part), rows.c.state == LineState.APPROVED, rows.c.is_billable)
        yield from view.connection.execute(query.order_by(rows.c.work_date, rows.c.id)).mappings()


def _in_currency(amount_minor: int, currency: str, day: Any, exchange: Exchange) -> int:
    """An amount in the firm's currency as one of the contract's, at the rate of the day; rounded once, half up."""
    found = exchange.found(currency, day)
    if found is None:
        return amount_minor
    scale = Fraction(10 ** exponent(currency), 10 ** exponent(exchange.home))
    return round_half_up(amount_minor * scale / Fraction(found.rate))


def _grade(terms: Iterable[Term], day: Any) -> str | None:
    return next((term.grade for term in terms if day in term.period), None)

"""Approved and billable work of a project that stands on no invoice, and what of a contract was billed before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from scheduler.domain.billing.billed_before import CAPPED, BilledLine
from scheduler.domain.billing.invoices import LIVE, InvoiceKind, InvoiceLine, InvoiceState, ItemKind, LineKind
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.ground.billable import BillableItem, BillableKind
from scheduler.store.among import among, chunks
from scheduler.store.areas.base import built
from scheduler.store.history import source
from scheduler.store.tables.expenses import EXPENSES
from scheduler.store.tables.invoices import INVOICE_ITEMS, INVOICE_LINES, INVOICES
from scheduler.store.tables.time import TIME_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from sqlalchemy import Connection, FromClause, Select, Table

    from scheduler.domain.billing.contracts import Contract
    from scheduler.store.view import View

_AT_ONCE = 2_000
_BEFOREHAND = frozenset({LineKind.DEPOSIT, LineKind.DEPOSIT_DRAW, LineKind.COVERED})


def unbilled_time(connection: Connection, project_id: str, *, until: date, since: date | None = None) -> Iterator[BillableItem]:
    """Time of a project that can be billed, by day; read as it is consumed. ``grade`` is not said."""
    rows = TIME_ENTRIES.c
    wanted = _worked(TIME_ENTRIES).where(*_unbilled(TIME_ENTRIES, ItemKind.TIME_ENTRY, project_id, until=until, since=since))
    ordered = wanted.order_by(rows.work_date, rows.id).execution_options(yield_per=_AT_ONCE)
    for row in connection.execute(ordered).mappings():
        yield BillableItem(kind=BillableKind.TIME, **row)


def time_of(view: View, project_id: str, ids: Iterable[str]) -> Iterator[BillableItem]:
    """Those of the entries that are of the project and can be billed, as the view's instant knows them; whether they are is not asked."""
    table = source(TIME_ENTRIES, view.as_of)
    for part in chunks(sorted(ids)):
        query = _worked(table).where(among(table.c.id, part), *_billable(table, project_id))
        for row in view.connection.execute(query).mappings():
            yield BillableItem(kind=BillableKind.TIME, **row)


def expenses_of(view: View, project_id: str, ids: Iterable[str]) -> tuple[str, ...]:
    """The same of expenses: their ids."""
    table = source(EXPENSES, view.as_of)
    found: list[str] = []
    for part in chunks(sorted(ids)):
        query = select(table.c.id).where(among(table.c.id, part), *_billable(table, project_id)).order_by(table.c.work_date, table.c.id)
        found += view.connection.execute(query).scalars()
    return tuple(found)


def unbilled_expenses(connection: Connection, project_id: str, *, until: date, since: date | None = None) -> tuple[str, ...]:
    """Ids of expenses of a project that can be billed."""
    query = select(EXPENSES.c.id).where(*_unbilled(EXPENSES, ItemKind.EXPENSE, project_id, until=until, since=since))
    return tuple(connection.execute(query.order_by(EXPENSES.c.work_date, EXPENSES.c.id)).scalars())


def unbilled_by_project(connection: Connection, *, until: date) -> Mapping[str, tuple[int, int, date]]:
    """Of each project with work that can be billed: how many entries and expenses, their minutes, and the first day."""
    found: dict[str, tuple[int, int, date]] = {}
    for table, kind, minutes in (
        (TIME_ENTRIES, ItemKind.TIME_ENTRY, func.sum(TIME_ENTRIES.c.minutes)),
        (EXPENSES, ItemKind.EXPENSE, literal(0)),
    ):
        sums = select(table.c.project_id, func.count(), minutes, func.min(table.c.work_date))
        query = sums.where(*_unbilled(table, kind, None, until=until, since=None)).group_by(table.c.project_id)
        for project_id, count, worked, first in connection.execute(query):
            before = found.get(project_id, (0, 0, first))
            found[project_id] = (before[0] + count, before[1] + int(worked), min(before[2], first))
    return found


def taken_charges(view: View, contract: Contract, charge_ids: Iterable[str]) -> frozenset[tuple[ItemKind, str]]:
    """Which charges and retainer periods of a contract stand on an invoice that counts."""
    rows = source(INVOICE_ITEMS, view.as_of).c
    # Periods are named by the contract's id and a colon, which is the character before the semicolon.
    periods = and_(rows.kind == ItemKind.RETAINER_PERIOD, rows.source_id >= f"{contract.id}:", rows.source_id < f"{contract.id};")
    found: set[tuple[ItemKind, str]] = set()
    queries = [periods, *(and_(rows.kind == ItemKind.CHARGE, among(rows.source_id, part)) for part in chunks(sorted(charge_ids)))]
    for wanted in queries:
        query = select(rows.kind, rows.source_id).where(wanted, rows.is_live)
        found.update((row.kind, row.source_id) for row in view.connection.execute(query))
    return frozenset(found)


def counting_lines(view: View, contract: Contract) -> Iterator[BilledLine]:
    """Lines of the contract on invoices that count, and on credit notes that were issued, of the kinds on which later bills depend."""
    kinds = _BEFOREHAND | (CAPPED if contract.cap_minor is not None else frozenset())
    heads, lines = source(INVOICES, view.as_of), source(INVOICE_LINES, view.as_of)
    # What was issued changes no more, so lines that are credited are read as they are.
    credited = aliased(INVOICE_LINES, name="credited")
    of_note = and_(credited.c.invoice_id == heads.c.credits_id, credited.c.position == lines.c.credits_position)
    query = (
        select(
            *lines.c,
            heads.c.kind.label("document"),
            heads.c.state,
            credited.c.kind.label("credited_kind"),
            credited.c.trail.label("credited_trail"),
        )
        .select_from(lines.join(heads, heads.c.id == lines.c.invoice_id).outerjoin(credited, of_note))
        .where(
            lines.c.contract_id == contract.id,
            or_(
                and_(heads.c.kind == InvoiceKind.INVOICE, heads.c.state.in_(sorted(LIVE)), lines.c.kind.in_(sorted(kinds))),
                and_(heads.c.kind == InvoiceKind.CREDIT_NOTE, heads.c.state == InvoiceState.ISSUED, credited.c.kind.in_(sorted(kinds))),
            ),
        )
    )
    for row in view.connection.execute(query).mappings():
        is_credit = row["document"] is InvoiceKind.CREDIT_NOTE
        trail = row["credited_trail"] if is_credit else row["trail"]
        yield BilledLine(
            line=built(InvoiceLine, row, trail=tuple(trail)),
            kind=row["credited_kind"] if is_credit else row["kind"],
            is_credit=is_credit,
            is_issued=row["state"] is InvoiceState.ISSUED,
        )


def _worked(table: FromClause) -> Select[Any]:
    rows = table.c
    columns = (rows.id, rows.project_id, rows.person_id, rows.work_date.label("day"), rows.minutes, rows.activity_type_id)
    return select(*columns, rows.demand_id, rows.task_id, rows.note, rows.version)


def _billable(table: FromClause, project_id: str) -> tuple[Any, ...]:
    return (table.c.project_id == project_id, table.c.state == LineState.APPROVED, table.c.is_billable)


def _unbilled(table: Table, kind: ItemKind, project_id: str | None, *, until: date, since: date | None) -> tuple[Any, ...]:
    rows, items = table.c, INVOICE_ITEMS.c
    # OFFSET 0 makes PostgreSQL look each row up by the index. Otherwise it joins all that was ever billed, as long as it takes that for few rows.
    billed = exists(select(1).where(items.kind == kind, items.source_id == rows.id, items.is_live).offset(0))
    wanted: tuple[Any, ...] = (rows.state == LineState.APPROVED, rows.work_date <= until, rows.is_billable, ~billed)
    if project_id is not None:
        wanted = (rows.project_id == project_id, *wanted)
    return wanted if since is None else (*wanted, rows.work_date >= since)

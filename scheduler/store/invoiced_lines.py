"""Which lines of time and expenses stand on an invoice that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, literal, select

from scheduler.domain.billing.invoices import ItemKind
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.lines import LineKind, LineRef
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.store.history import source
from scheduler.store.invoice_versions import first_recorded
from scheduler.store.invoices import InvoiceReader
from scheduler.store.tables.base import TWINS
from scheduler.store.tables.billing import CHARGES, CONTRACTS
from scheduler.store.tables.expenses import EXPENSES
from scheduler.store.tables.invoices import INVOICE_ITEMS, INVOICES
from scheduler.store.tables.time import TIME_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import ColumnElement, Connection

    from scheduler.domain.delivery.lines import Line

_ITEMS = {LineKind.TIME_ENTRY: ItemKind.TIME_ENTRY, LineKind.EXPENSE: ItemKind.EXPENSE}
_CHARGED = ("amount_minor", "currency", "rate", "home_currency", "tax_rate", "markup")
"""From what follows what the client is charged for an expense."""
_LINES = {item: line for line, item in _ITEMS.items()}


def invoiced_lines(connection: Connection, lines: Iterable[Line]) -> Mapping[LineRef, str]:
    """
    Those of the lines that stand on an invoice that counts, and on which: its number, or its id while it has none.

    The contracts of their projects stay locked: whoever bills them just now has ended before this answers, or begins after this transaction.
    """
    known = tuple(lines)
    projects = sorted({line.project_id for line in known if line.project_id is not None})
    held = select(CONTRACTS.c.id).where(CONTRACTS.c.project_id.in_(projects)).order_by(CONTRACTS.c.id)
    connection.execute(held.with_for_update()).all()
    found = InvoiceReader(connection).claimed_by([(_ITEMS[line.ref.kind], line.ref.id) for line in known])
    return {LineRef(kind=_LINES[kind], id=source): number or invoice_id for (kind, source), (invoice_id, number) in found.items()}


def require_as_billed(connection: Connection, invoice_id: str) -> None:
    """
    What stands on an invoice is what it was then: approved and billable, with the same minutes or day, charges at the same amount, and expenses
    with everything from which follows what is charged.

    Raises DomainError ``entry.changed_since``.
    """
    items = INVOICE_ITEMS.c
    worked = and_(TIME_ENTRIES.c.minutes == items.minutes, TIME_ENTRIES.c.work_date == items.day)
    same = {
        ItemKind.TIME_ENTRY: (TIME_ENTRIES, and_(TIME_ENTRIES.c.state == LineState.APPROVED, TIME_ENTRIES.c.is_billable, worked)),
        ItemKind.EXPENSE: (
            EXPENSES,
            and_(
                EXPENSES.c.state == LineState.APPROVED,
                EXPENSES.c.is_billable,
                EXPENSES.c.work_date == items.day,
                _was_charged(connection, invoice_id),
            ),
        ),
        ItemKind.CHARGE: (CHARGES, CHARGES.c.amount_minor == items.net_minor),
    }
    changed: list[str] = []
    for kind, (table, is_same) in same.items():
        joined = INVOICE_ITEMS.outerjoin(table, and_(table.c.id == items.source_id, is_same))
        query = select(items.source_id).select_from(joined)
        missing = query.where(items.invoice_id == invoice_id, items.kind == kind, table.c.id.is_(None))
        changed += connection.execute(missing.order_by(items.source_id)).scalars()
    if changed:
        detail = f"{len(changed)} of what the invoice billed is not what it was then; leave the credit note, and bill what is there anew."
        raise DomainError(ErrorKind.CONFLICT, "entry.changed_since", detail, facts={"count": len(changed), "ids": changed[:5]})


def _was_charged(connection: Connection, invoice_id: str) -> ColumnElement[bool]:
    """Whether the client would be charged the same for an expense as when the invoice was drafted."""
    of_it = TWINS[INVOICES.name].c.id == invoice_id
    then = source(EXPENSES, first_recorded(connection, INVOICES, of_it)[invoice_id]).alias("then")
    same = (then.c[name].is_not_distinct_from(EXPENSES.c[name]) for name in _CHARGED)
    return exists(select(literal(1)).select_from(then).where(then.c.id == EXPENSES.c.id, *same).correlate(EXPENSES))

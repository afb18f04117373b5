"""Which lines of time and expenses stand on an invoice that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduler.domain.billing.invoices import ItemKind
from scheduler.domain.delivery.lines import LineKind, LineRef
from scheduler.store.invoices import InvoiceReader
from scheduler.store.tables.billing import CONTRACTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from scheduler.domain.delivery.lines import Line

_ITEMS = {LineKind.TIME_ENTRY: ItemKind.TIME_ENTRY, LineKind.EXPENSE: ItemKind.EXPENSE}
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

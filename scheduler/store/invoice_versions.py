"""
Versions of what belongs to invoices: lines, discounts, and what stands on the lines.

Drafts may lose lines, and what stands on an invoice may be released and claimed again. What a month or a later bill followed from can be
read as of its instant all the same. Taxes follow from lines and discounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, insert, literal, null, select, update

from scheduler.domain.billing.invoice_parts import InvoiceAllowance, InvoiceParts
from scheduler.domain.billing.invoices import InvoiceItem, InvoiceLine
from scheduler.store.among import among, chunks
from scheduler.store.areas.base import built
from scheduler.store.columns import UtcDateTime
from scheduler.store.history import source
from scheduler.store.tables.base import TWINS
from scheduler.store.tables.invoices import INVOICE_ALLOWANCES, INVOICE_ITEMS, INVOICE_LINES, INVOICES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Table

PARTS = (INVOICE_LINES, INVOICE_ALLOWANCES, INVOICE_ITEMS)


def record_parts(connection: Connection, invoice_ids: Iterable[str], at: datetime) -> None:
    """Close the versions that hold no longer, and keep the new ones, of these invoices and of those that they credit; most rows stay as they are."""
    for part in chunks(sorted(invoice_ids)):
        credited = select(INVOICES.c.credits_id).where(among(INVOICES.c.id, part), INVOICES.c.credits_id.is_not(None))
        whose = sorted({*part, *connection.execute(credited).scalars()})
        for table in PARTS:
            _record(connection, table, whose, at)


def parts_as_of(connection: Connection, invoice_id: str, at: datetime) -> InvoiceParts:
    """Everything of an invoice but its head and its taxes, as it was at an instant; no lines where that was not kept yet."""
    lines, allowances, items = (_rows(connection, table, invoice_id, at) for table in PARTS)
    return InvoiceParts(
        lines=tuple(built(InvoiceLine, row, trail=tuple(row["trail"])) for row in lines),
        allowances=tuple(built(InvoiceAllowance, row) for row in allowances),
        items=tuple(built(InvoiceItem, row) for row in items),
    )


def first_recorded(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> Mapping[str, datetime]:
    """Since when each row of a table is known, or meets conditions on its versions, by its id."""
    twin = TWINS[table.name].c
    query = select(twin.id, func.min(twin.recorded_from).label("at")).where(*conditions).group_by(twin.id)
    return {row.id: row.at for row in connection.execute(query)}


def _rows(connection: Connection, table: Table, invoice_id: str, at: datetime) -> Sequence[Mapping[Any, Any]]:
    rows = source(table, at)
    order = (rows.c[column.name] for column in table.primary_key)
    return connection.execute(select(rows).where(rows.c.invoice_id == invoice_id).order_by(*order)).mappings().all()


def _record(connection: Connection, table: Table, invoice_ids: Sequence[str], at: datetime) -> None:
    twin: Any = TWINS[table.name]
    keys = {column.name for column in table.primary_key}
    # The key by "=", so that its index serves; OFFSET 0, so that PostgreSQL uses it for each row, and does not join all rows of an invoice with all.
    pairs = [(twin.c[one.name] == one) if one.name in keys else twin.c[one.name].is_not_distinct_from(one) for one in table.columns]
    same = and_(*pairs)
    stays = exists(select(literal(1)).select_from(table).where(same).correlate(twin).offset(0))
    gone = update(twin).where(among(twin.c.invoice_id, invoice_ids), twin.c.recorded_to.is_(None), ~stays)
    connection.execute(gone.values(recorded_to=at))
    known = exists(select(literal(1)).select_from(twin).where(same, twin.c.recorded_to.is_(None)).correlate(table).offset(0))
    fresh = select(*table.columns, literal(at, UtcDateTime), null()).where(among(table.c.invoice_id, invoice_ids), ~known)
    names = [column.name for column in table.columns]
    connection.execute(insert(twin).from_select([*names, "recorded_from", "recorded_to"], fresh))

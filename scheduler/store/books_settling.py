"""Nothing is issued into a closed month: looked at once for each transaction, at its end, whoever issued it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select

from scheduler.domain.billing.invoices import NUMBERED
from scheduler.store.among import among, chunks
from scheduler.store.ledger_rows import require_month_open
from scheduler.store.tables.base import TWINS
from scheduler.store.tables.invoices import INVOICES

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scheduler.store.repository import Changes


def settle_books(connection: Connection, changes: Changes) -> None:
    """
    See that no document was issued on a day of a closed month, and none of other books taken over on one.

    Whoever closes a month waits for this, and the other way round, so of the two one sees the other. Raises DomainError ``month.closed``.
    """
    ids = sorted(changes.touched.get(INVOICES.name, ()))
    twin = TWINS[INVOICES.name]
    was_issued = exists(select(twin.c.id).where(twin.c.id == INVOICES.c.id, twin.c.state.in_(sorted(NUMBERED))))
    for part in chunks(ids):
        day = func.coalesce(INVOICES.c.taken_over_on, INVOICES.c.issued_on)
        query = select(day).where(among(INVOICES.c.id, part), INVOICES.c.state.in_(sorted(NUMBERED)), ~was_issued)
        days = list(connection.execute(query.where(day.is_not(None))).scalars())
        if days:
            require_month_open(connection, min(days))

"""
Nothing that prices follow from changes while work is being approved or billed, and the other way round.

Whoever approves or bills waits for whoever has changed a price and is not done, and that one for all of them. So of the two that come
at the same time one sees the other, and what was approved or billed was priced by what was recorded before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from scheduler.domain.delivery.line_states import LineState
from scheduler.store.among import among, chunks
from scheduler.store.tables.time import TIME_ENTRIES

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scheduler.store.repository import Changes

_PRICES_LOCK = 7_203_914_557
"""Number of PostgreSQL's lock that stands for all prices; on SQLite one transaction writes at a time anyway."""
_OF_BILLS = ("exchange_rates", "tax_codes")
"""Bills follow from these; whether other rows change the price of approved time is asked before the transaction ends, and held then."""


def hold_prices(connection: Connection, *, shared: bool = False) -> None:
    """Wait for whoever is about to change a price; not ``shared``: and for whoever is about to approve or bill."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock{'_shared' if shared else ''}({_PRICES_LOCK})")


def settle_prices(connection: Connection, changes: Changes) -> None:
    """At a transaction's end: wait for the others where it has written approved time, or what bills follow from."""
    if any(changes.touched.get(area) for area in _OF_BILLS):
        hold_prices(connection)
    elif _approves(connection, changes):
        hold_prices(connection, shared=True)


def _approves(connection: Connection, changes: Changes) -> bool:
    rows = TIME_ENTRIES.c
    return any(
        connection.execute(select(exists().where(among(rows.id, part), rows.state == LineState.APPROVED))).scalar_one()
        for part in chunks(sorted(changes.touched.get(TIME_ENTRIES.name, ())))
    )

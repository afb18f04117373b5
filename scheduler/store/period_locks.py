"""
Nothing of a locked period changes: looked at once for each transaction, at its end, whoever wrote the lines and why.

Whoever locks or lifts waits until nobody is about to write a line, and the other way round. So of a lock and a line that are written at
the same time, one sees the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from scheduler.domain.delivery.lines import LineRef
from scheduler.domain.delivery.period_locks import PeriodLock, check_open
from scheduler.store.among import among, chunks
from scheduler.store.areas.base import built
from scheduler.store.line_approvals import ApprovalRows
from scheduler.store.lines import LINE_TABLES
from scheduler.store.tables.approvals import PERIOD_LOCKS
from scheduler.store.tables.base import TWINS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy import Connection

    from scheduler.store.lines import LineTable
    from scheduler.store.repository import Changes

_PERIODS_LOCK = 7_203_914_555
"""Number of PostgreSQL's lock that stands for all periods; on SQLite one transaction writes at a time anyway."""


def hold_periods(connection: Connection, *, shared: bool = False) -> None:
    """Wait for whoever is about to lock or lift a period; not ``shared``: and for whoever is about to write lines."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock{'_shared' if shared else ''}({_PERIODS_LOCK})")


def locks_over(connection: Connection, days: Iterable[tuple[date, str | None]]) -> tuple[PeriodLock, ...]:
    """Locks that may cover one of these days of projects, the longest first."""
    wanted = set(days)
    if not wanted:
        return ()
    rows = PERIOD_LOCKS
    projects = sorted({project_id for _, project_id in wanted if project_id is not None})
    query = select(rows).where(rows.c.lifted_at.is_(None), rows.c.locked_before > min(day for day, _ in wanted))
    found = {}
    for part in (*chunks(projects), *(() if projects else ([],))):
        these = query.where(or_(rows.c.project_id.is_(None), among(rows.c.project_id, part)))
        for row in connection.execute(these).mappings():
            found[row["id"]] = built(PeriodLock, row)
    return tuple(sorted(found.values(), key=lambda lock: lock.locked_before, reverse=True))


def settle_lines(connection: Connection, changes: Changes) -> None:
    """
    See that no line was written into a locked period, out of one or in one, and forget what was kept of lines that are gone.

    Raises DomainError ``period.locked``.
    """
    for kind, where in LINE_TABLES.items():
        ids = sorted(changes.touched.get(where.area, ()))
        if not ids:
            continue
        hold_periods(connection, shared=True)
        here, days = _days(connection, where, ids)
        check_open(days, locks_over(connection, days))
        approvals = ApprovalRows(connection, changes)
        approvals.forget(approvals.find(LineRef(kind=kind, id=row_id) for row_id in ids if row_id not in here))


def _days(connection: Connection, where: LineTable, ids: list[str]) -> tuple[set[str], set[tuple[date, str | None]]]:
    """Which of the lines there are, and the days and projects where they are now, and where they were recorded before."""
    twin = TWINS[where.table.name]
    here: set[str] = set()
    found: set[tuple[date, str | None]] = set()
    for part in chunks(ids):
        for row_id, day, project_id in connection.execute(
            select(where.table.c.id, where.day, where.table.c.project_id).where(among(where.table.c.id, part))
        ):
            here.add(row_id)
            found.add((day, project_id))
        was = select(twin.c[where.day.name], twin.c.project_id).where(among(twin.c.id, part), twin.c.recorded_to.is_(None))
        found.update((row[0], row[1]) for row in connection.execute(was))
    return here, found

"""Every version of every business row: where to read it as of an instant, and how a change is recorded.

A change is recorded when its transaction commits, with one instant for all of it, later than any recorded before: the row of
``recording_clock`` is locked for that moment. So the versions of two tables always fit together, and a clock that is put back
does not reorder what happened.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, insert, literal, null, or_, select, update

from scheduler.store.among import among, chunks
from scheduler.store.columns import UtcDateTime
from scheduler.store.tables.base import TWINS
from scheduler.store.tables.plans import RECORDING_CLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, FromClause, Table

    from scheduler.store.areas.base import Area

_TICK = timedelta(microseconds=1)


def source(table: Table, as_of: datetime | None) -> FromClause:
    """The rows of a table: those of now, or those recorded as valid at ``as_of``."""
    if as_of is None:
        return table
    twin = TWINS[table.name]
    valid = and_(twin.c.recorded_from <= as_of, or_(twin.c.recorded_to.is_(None), twin.c.recorded_to > as_of))
    return select(*(twin.c[column.name] for column in table.columns)).where(valid).subquery(table.name)


def tick(connection: Connection, now: datetime) -> datetime:
    """The instant of this change: ``now``, or just after the last recorded one if that is later. Locks the clock."""
    last = connection.execute(select(RECORDING_CLOCK.c.recorded_at).where(RECORDING_CLOCK.c.id == 1).with_for_update()).scalar_one()
    at: datetime = max(now, last + _TICK)
    connection.execute(update(RECORDING_CLOCK).where(RECORDING_CLOCK.c.id == 1).values(recorded_at=at))
    return at


def last_recorded(connection: Connection) -> datetime:
    """When something was last recorded."""
    at: datetime = connection.execute(select(RECORDING_CLOCK.c.recorded_at).where(RECORDING_CLOCK.c.id == 1)).scalar_one()
    return at


def record(connection: Connection, area: Area[object], ids: Iterable[str], at: datetime) -> None:
    """Close the open versions of these values, and copy what their rows are now, if there are any."""
    for part in chunks(sorted(ids)):
        _record(connection, area.table, "id", part, at)
        for child in area.children:
            _record(connection, child.table, "parent_id", part, at)


def _record(connection: Connection, table: Table, by: str, ids: Sequence[str], at: datetime) -> None:
    twin = TWINS[table.name]
    connection.execute(update(twin).where(among(twin.c[by], ids), twin.c.recorded_to.is_(None)).values(recorded_to=at))
    names = [column.name for column in table.columns]
    rows = select(*table.columns, literal(at, UtcDateTime), null()).where(among(table.c[by], ids))
    connection.execute(insert(twin).from_select([*names, "recorded_from", "recorded_to"], rows))

"""What was recorded of demands, and what their coming weeks carry of it."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, insert, select, update

from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.staffing.effort_left import Carried, Recorded, with_recorded
from scheduler.domain.staffing.work import SHIFT_MAX
from scheduler.store.among import among, chunks
from scheduler.store.noted_rows import note
from scheduler.store.tables.time import TIME_ENTRIES
from scheduler.store.tables.work import CARRIED_EFFORT, DEMAND_EFFORT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection

    from scheduler.domain.ground.ids import DemandId
    from scheduler.domain.staffing.work import Demand
    from scheduler.store.repository import Changes
    from scheduler.store.view import View


def uncounted(view: View, *, on: date, demand_ids: Collection[str] | None = None) -> tuple[tuple[Demand, Demand, Carried], ...]:
    """
    Demands of which more or less is left from the Monday ``on`` on than their rows say, by what was recorded of them.

    Each as it is, and as it would be with what it carries then. The view has to see everything.
    """
    carried = _carried(view.connection, demand_ids)
    recorded = _recorded(view.connection, on=on, demand_ids=demand_ids)
    ids = recorded.keys() | {demand_id for demand_id, one in carried.items() if one.minutes}
    bookings = defaultdict(list)
    for booking in view.bookings.among("demand_id", ids):
        bookings[booking.demand_id].append(booking)
    found = []
    for demand in view.demands.among("id", ids):
        was = carried.get(demand.id, Carried())
        left, carries = with_recorded(demand, recorded=recorded.get(demand.id, ()), bookings=bookings[demand.id], carried=was, on=on)
        if (left, carries) != (demand, was):
            found.append((demand, left, carries))
    return tuple(found)


def more_left(view: View, *, on: date) -> dict[DemandId, int]:
    """Minutes that demands lack, from the Monday ``on`` on, of what is left by approved time."""
    missing = {
        demand.id: sum(e.minutes for e in left.effort) - sum(e.minutes for e in demand.effort) for demand, left, _ in uncounted(view, on=on)
    }
    return {demand_id: minutes for demand_id, minutes in missing.items() if minutes > 0}


def keep_carried(connection: Connection, changes: Changes, demand_id: str, carried: Carried) -> None:
    """Keep what a demand's coming weeks carry."""
    note(connection, changes, CARRIED_EFFORT, demand_id)
    values = {"counts_from": carried.counts_from, "minutes": carried.minutes}
    done = connection.execute(update(CARRIED_EFFORT).where(CARRIED_EFFORT.c.demand_id == demand_id).values(values))
    if done.rowcount == 0:
        connection.execute(insert(CARRIED_EFFORT).values(demand_id=demand_id, **values))


def _carried(connection: Connection, demand_ids: Collection[str] | None) -> dict[str, Carried]:
    rows = [
        row
        for wanted in _among(CARRIED_EFFORT.c.demand_id, demand_ids)
        for row in connection.execute(select(CARRIED_EFFORT).where(*wanted))
    ]
    return {row.demand_id: Carried(counts_from=row.counts_from, minutes=row.minutes) for row in rows}


def _recorded(connection: Connection, *, on: date, demand_ids: Collection[str] | None) -> Mapping[str, Sequence[Recorded]]:
    """Approved minutes by demand, person and day, of demands that may have weeks to come."""
    entries = TIME_ENTRIES.c
    # Bookings may have moved a demand, so weeks of its own that lie a shift back may be still to come.
    to_come = exists().where(DEMAND_EFFORT.c.parent_id == entries.demand_id, DEMAND_EFFORT.c.week >= on - timedelta(weeks=SHIFT_MAX))
    found: dict[str, list[Recorded]] = defaultdict(list)
    for wanted in _among(entries.demand_id, demand_ids):
        query = (
            select(entries.demand_id, entries.person_id, entries.work_date, func.sum(entries.minutes).label("minutes"))
            .where(entries.state == LineState.APPROVED, entries.work_date < on, to_come, *wanted)
            .group_by(entries.demand_id, entries.person_id, entries.work_date)
        )
        for row in connection.execute(query):
            found[row.demand_id].append(Recorded(person_id=row.person_id, day=row.work_date, minutes=int(row.minutes)))
    return found


def _among(column: ColumnElement[str], ids: Collection[str] | None) -> list[tuple[ColumnElement[bool], ...]]:
    return [(column.is_not(None),)] if ids is None else [(among(column, part),) for part in chunks(sorted(ids))]

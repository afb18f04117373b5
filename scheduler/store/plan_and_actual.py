"""Minutes that were planned and that were logged, by person, project and timesheet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from scheduler.domain.delivery.timesheets import sheet_days
from scheduler.domain.ground.ids import BookingId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.person_days import Load
from scheduler.domain.staffing.planned_minutes import minutes_within
from scheduler.store.among import among, chunks
from scheduler.store.tables.capacity import BOOKING_LOADS
from scheduler.store.tables.time import TIME_ENTRIES
from scheduler.store.tables.work import BOOKINGS

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy import Connection

    from scheduler.domain.delivery.approval_policies import SheetPeriod


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A person's work on a project in the days of one timesheet."""

    person_id: str
    project_id: str
    days: DateInterval


def planned_minutes(connection: Connection, groups: Collection[Group]) -> Counter[Group]:
    """What is booked, whatever the state of the booking."""
    found: Counter[Group] = Counter()
    if not groups:
        return found
    span = _span(groups)
    columns = (BOOKINGS.c.id, BOOKINGS.c.person_id, BOOKINGS.c.project_id, BOOKINGS.c.period_start, BOOKINGS.c.period_end)
    query = select(*columns, BOOKING_LOADS.c.promised, BOOKING_LOADS.c.minutes).join(
        BOOKING_LOADS, BOOKING_LOADS.c.booking_id == BOOKINGS.c.id
    )
    query = query.where(BOOKINGS.c.period_start < span.end, BOOKINGS.c.period_end > span.start)
    of_pair: dict[tuple[str, str], list[Group]] = {}
    for group in groups:
        of_pair.setdefault((group.person_id, group.project_id), []).append(group)
    for part in chunks(sorted({group.person_id for group in groups})):
        for row in connection.execute(query.where(among(BOOKINGS.c.person_id, part))):
            load = Load(
                booking_id=BookingId(row.id),
                period=DateInterval(row.period_start, row.period_end),
                promised=tuple(row.promised),
                minutes=tuple(row.minutes),
            )
            for group in of_pair.get((row.person_id, row.project_id), ()):
                found[group] += minutes_within(load, group.days)
    return found


def logged_minutes(connection: Connection, groups: Collection[Group], period: SheetPeriod) -> Counter[Group]:
    """What was logged, whatever has become of it; the groups' days are those of whole timesheets."""
    found: Counter[Group] = Counter()
    if not groups:
        return found
    span = _span(groups)
    rows = TIME_ENTRIES.c
    query = select(rows.person_id, rows.project_id, rows.work_date, func.sum(rows.minutes).label("minutes"))
    query = query.where(rows.work_date >= span.start, rows.work_date < span.end).group_by(rows.person_id, rows.project_id, rows.work_date)
    wanted = set(groups)
    for part in chunks(sorted({group.person_id for group in groups})):
        for row in connection.execute(query.where(among(rows.person_id, part))):
            group = Group(person_id=row.person_id, project_id=row.project_id, days=sheet_days(row.work_date, period))
            if group in wanted:
                found[group] += int(row.minutes)
    return found


def _span(groups: Collection[Group]) -> DateInterval:
    return DateInterval(min(group.days.start for group in groups), max(_end(group.days) for group in groups))


def _end(days: DateInterval) -> date:
    assert days.end is not None
    return days.end

"""What rules and grids of worked time rest on: minutes people were to work, minutes that are booked and logged, who changed a row last."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from scheduler.domain.delivery.loggable import LoggedOn
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.booked_minutes import covered_days
from scheduler.domain.staffing.capacity import WEEK_DAYS, minutes_by_day
from scheduler.domain.staffing.day_spread import spread_week
from scheduler.domain.staffing.work import BookingState, ContractKind, ProjectState
from scheduler.public_holidays import days_off
from scheduler.store.among import among, chunks
from scheduler.store.tables.audit import AUDIT_CHANGES, AUDIT_RECORDS
from scheduler.store.tables.capacity import BOOKING_LOADS
from scheduler.store.tables.people import PEOPLE
from scheduler.store.tables.time import TIME_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from scheduler.domain.ground.ids import PersonId
    from scheduler.domain.staffing.capacity import Minutes
    from scheduler.domain.staffing.people import Absence, Person
    from scheduler.domain.staffing.work import Booking
    from scheduler.store.view import View

CLOSED = frozenset({ProjectState.LOST, ProjectState.CLOSED})
AGREED = frozenset({BookingState.CONFIRMED, BookingState.LOCKED})
"""Bookings whose minutes are proposed; a tentative one promises nothing yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedWeek:
    """What a person was to work in the week from a Monday on, and what they have logged, in whatever state."""

    person_id: PersonId
    week: date
    target_min: int
    logged_min: int

    @property
    def missing_min(self) -> int:
        """What is still to be logged."""
        return max(0, self.target_min - self.logged_min)


def logged_weeks(view: View, people: Sequence[Person], *, weeks: Sequence[date]) -> tuple[LoggedWeek, ...]:
    """Each person's weeks, in order; the weeks follow one another. The reader has to see them all."""
    days = DateInterval(weeks[0], weeks[-1] + timedelta(weeks=1))
    minutes = daily_minutes(view, people, days=days)
    logged = logged_by_week(view.connection, [person.id for person in people], weeks=weeks)
    return tuple(
        LoggedWeek(
            person_id=person.id,
            week=week,
            target_min=sum(day.bookable_min for day in minutes[person.id][number * WEEK_DAYS : (number + 1) * WEEK_DAYS]),
            logged_min=logged.get((person.id, week), 0),
        )
        for person in people
        for number, week in enumerate(weeks)
    )


def people_after(view: View, after: str, *, most: int, team: str | None = None, person_id: str | None = None) -> tuple[Person, ...]:
    """The next people by id, of a team or one of them. The reader has to see them all."""
    wanted = [PEOPLE.c.id > after]
    wanted += [] if team is None else [PEOPLE.c.team == team]
    wanted += [] if person_id is None else [PEOPLE.c.id == person_id]
    query = select(PEOPLE.c.id).where(*wanted).order_by(PEOPLE.c.id).limit(most)
    return view.people.many(view.connection.execute(query).scalars().all())


def logged_on(view: View, *, project_id: str, task_id: str | None, demand_id: str | None, activity_type_id: str | None) -> LoggedOn | None:
    """What an entry is about, if there is such a project. The reader has to see all of it."""
    project = view.projects.find(project_id)
    if project is None:
        return None
    demand = None if demand_id is None else view.demands.find(demand_id)
    return LoggedOn(
        is_open=project.state not in CLOSED,
        is_agreed=project.state is ProjectState.WON,
        is_internal=project.contract is ContractKind.INTERNAL,
        period=project.period,
        task=None if task_id is None else view.area("tasks").find(task_id),
        demand_project=None if demand is None else demand.project_id,
        activity=None if activity_type_id is None else view.area("activity_types").find(activity_type_id),
    )


def daily_minutes(view: View, people: Sequence[Person], *, days: DateInterval) -> Mapping[PersonId, tuple[Minutes, ...]]:
    """Each person's minutes on each of the days, by terms, calendar and absences. The reader has to see them all."""
    calendars = view.calendars.many({term.calendar_id for person in people for term in person.terms})
    closed = {calendar.id: days_off(calendar, days=days) for calendar in calendars}
    absences: dict[PersonId, list[Absence]] = defaultdict(list)
    for absence in view.absences.among("person_id", [person.id for person in people]):
        absences[absence.person_id].append(absence)
    return {p.id: minutes_by_day(terms=p.terms, absences=absences.get(p.id, ()), days_off=closed, days=days) for p in people}


def logged_by_week(connection: Connection, people: Iterable[str], *, weeks: Sequence[date]) -> Mapping[tuple[str, date], int]:
    """Minutes that each person has logged in each of these weeks (their Mondays), in whatever state."""
    found: dict[tuple[str, date], int] = defaultdict(int)
    entries = TIME_ENTRIES.c
    day = (entries.work_date >= weeks[0], entries.work_date < weeks[-1] + timedelta(weeks=1))
    for part in chunks(sorted(people)):
        query = select(entries.person_id, entries.work_date, func.sum(entries.minutes).label("minutes")).where(
            among(entries.person_id, part), *day
        )
        for row in connection.execute(query.group_by(entries.person_id, entries.work_date)):
            found[row.person_id, row.work_date - timedelta(days=row.work_date.weekday())] += row.minutes
    return found


def booked_days(view: View, person: Person, monday: date) -> tuple[tuple[Booking, tuple[int, ...]], ...]:
    """What each agreed booking takes of the seven days of a week; the reader has to see all."""
    week = daily_minutes(view, [person], days=DateInterval(monday, monday + timedelta(weeks=1)))[person.id]
    taken = _taken(view.connection, person.id, monday)
    bookings = [booking for booking in view.bookings.many(taken) if booking.state in AGREED]
    wanted = [(one, taken[one.id], covered_days(one.period.start, one.period.end, monday=monday)) for one in bookings]
    found = []
    free = list(week)
    # As counters of people's days have it: what covers the week in part goes first.
    for booking, minutes, days in sorted(wanted, key=lambda one: (len(one[2]), one[2].start, one[0].id)):
        spread = spread_week([(minutes, days)], week=free)
        free = [replace(day, bookable_min=max(0, day.bookable_min - used)) for day, used in zip(free, spread, strict=True)]
        found.append((booking, spread))
    return tuple(found)


def last_change(connection: Connection, area: str, row_id: str) -> tuple[str | None, datetime | None]:
    """Who changed a row last, and when."""
    query = (
        select(AUDIT_RECORDS.c.actor_id, AUDIT_RECORDS.c.recorded_at)
        .join(AUDIT_CHANGES, AUDIT_CHANGES.c.position == AUDIT_RECORDS.c.position)
        .where(AUDIT_CHANGES.c.row_id == row_id, AUDIT_CHANGES.c.area == area)
        .order_by(AUDIT_RECORDS.c.position.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return (None, None) if row is None else (row.actor_id, row.recorded_at)


def _taken(connection: Connection, person_id: str, monday: date) -> Mapping[str, int]:
    """Minutes that the person's bookings take of the week, by booking."""
    loads = BOOKING_LOADS.c
    query = select(BOOKING_LOADS).where(
        loads.person_id == person_id, loads.period_start < monday + timedelta(days=WEEK_DAYS), loads.period_end > monday
    )
    found = {}
    for row in connection.execute(query):
        first = row.period_start - timedelta(days=row.period_start.weekday())
        minutes = row.minutes[(monday - first).days // WEEK_DAYS]
        if minutes:
            found[row.booking_id] = minutes
    return found

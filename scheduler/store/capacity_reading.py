"""Whose days a transaction has changed, and all that their counters follow from."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduler.domain.ground.ids import BookingId, DemandId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.booked_minutes import monday_of
from scheduler.domain.staffing.capacity import minutes_by_day
from scheduler.domain.staffing.person_days import Availability, Load, PersonDay
from scheduler.domain.staffing.work import WeekEffort
from scheduler.public_holidays import days_off
from scheduler.store.among import among, chunks
from scheduler.store.tables.base import TWINS
from scheduler.store.tables.capacity import BOOKING_LOADS, PERSON_DAYS
from scheduler.store.tables.people import ABSENCES, PEOPLE, PERSON_TERMS
from scheduler.store.tables.work import BOOKINGS, DEMAND_EFFORT, DEMANDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import date

    from sqlalchemy import ColumnElement, Connection, Table

    from scheduler.domain.ground.ids import CalendarId, PersonId
    from scheduler.domain.staffing.people import Absence, DayPart, Person
    from scheduler.domain.staffing.work import Booking
    from scheduler.store.view import View

WATCHED = frozenset({"bookings", "demands", "people", "absences", "calendars"})
"""Areas from whose rows the counters follow."""


def hold(connection: Connection, *, people: Iterable[str], demands: Iterable[str] = ()) -> None:
    """
    Lock people's days until the end of the transaction, in the one order: demands, then people, each ascending by id.

    Whoever locks bookings locks their people first, so that two writers never wait for each other.
    """
    for part in chunks(sorted(set(demands))):
        query = select(DEMANDS.c.id).where(among(DEMANDS.c.id, part)).order_by(DEMANDS.c.id)
        connection.execute(query.with_for_update(read=True, key_share=True))
    for part in chunks(sorted(set(people))):
        # Not FOR UPDATE: a row that is added for the person meanwhile holds a key share, which must not be waited for.
        query = select(PEOPLE.c.id).where(among(PEOPLE.c.id, part)).order_by(PEOPLE.c.id)
        connection.execute(query.with_for_update(key_share=True))


def concerned(connection: Connection, touched: Mapping[str, Collection[str]]) -> tuple[set[str], set[str]]:
    """Ids of the bookings that were written, themselves or by their demand, and of the people whose days may differ."""
    written = set(touched.get("bookings", ()))
    written.update(_column(connection, BOOKINGS.c.id, BOOKINGS.c.demand_id, touched.get("demands", ())))
    people = set(touched.get("people", ()))
    people.update(_column(connection, BOOKINGS.c.person_id, BOOKINGS.c.id, written))
    people.update(_column(connection, BOOKING_LOADS.c.person_id, BOOKING_LOADS.c.booking_id, written))
    for table in (ABSENCES, TWINS[ABSENCES.name]):
        # The last version too: an absence may have been somebody else's.
        people.update(_column(connection, table.c.person_id, table.c.id, touched.get("absences", ())))
    people.update(_column(connection, PERSON_TERMS.c.parent_id, PERSON_TERMS.c.calendar_id, touched.get("calendars", ())))
    booked = _column(connection, BOOKINGS.c.person_id, BOOKINGS.c.person_id, people)
    return written, {*booked, *_column(connection, BOOKING_LOADS.c.person_id, BOOKING_LOADS.c.person_id, people)}


def _column(connection: Connection, wanted: ColumnElement[Any], by: ColumnElement[Any], ids: Iterable[str]) -> Iterator[str]:
    for part in chunks(sorted(ids)):
        yield from connection.execute(select(wanted).where(among(by, part)).distinct()).scalars()


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the counters of some people follow from, and what they are."""

    people: Mapping[PersonId, Person]
    bookings: Mapping[PersonId, tuple[Booking, ...]]
    efforts: Mapping[DemandId, tuple[WeekEffort, ...]]
    absences: Mapping[PersonId, tuple[Absence, ...]]
    loads: Mapping[str, Mapping[BookingId, Load]]
    days: Mapping[str, Mapping[date, PersonDay]]
    days_off: Mapping[CalendarId, Mapping[date, DayPart]]

    def availability(self, person_id: PersonId) -> Availability:
        """The person's minutes in all weeks of their bookings, as they are and as they were."""
        span = _span(
            [*(b.period for b in self.bookings.get(person_id, ())), *(one.period for one in self.loads.get(person_id, {}).values())]
        )
        person = self.people.get(person_id)
        terms = () if person is None else person.terms
        days = minutes_by_day(terms=terms, absences=self.absences.get(person_id, ()), days_off=self.days_off, days=span)
        return Availability(start=span.start, days=days)


def read_basis(view: View, people: Collection[str], *, also: DateInterval | None = None) -> Basis:
    """Everything of these people; holidays of the days of their bookings, and ``also`` of others."""
    bookings = _grouped(view.bookings.among("person_id", people))
    loads = loads_of(view.connection, people)
    persons = {person.id: person for person in view.people.many(people)}
    periods = [*(booking.period for row in bookings.values() for booking in row), *(() if also is None else (also,))]
    periods += [load.period for row in loads.values() for load in row.values()]
    calendars = view.calendars.many({term.calendar_id for person in persons.values() for term in person.terms})
    span = _span(periods) if periods else None
    return Basis(
        people=persons,
        bookings=bookings,
        efforts=efforts_of(view.connection, {b.demand_id for row in bookings.values() for b in row if b.demand_id is not None}),
        absences=_grouped(view.absences.among("person_id", people)),
        loads=loads,
        days=_days(view.connection, people),
        days_off={} if span is None else {calendar.id: days_off(calendar, days=span) for calendar in calendars},
    )


def _span(periods: Iterable[DateInterval]) -> DateInterval:
    """Whole weeks that hold all the periods."""
    starts, ends = zip(*((period.start, period.end or period.start) for period in periods), strict=True)
    start, last = monday_of(min(starts)), monday_of(max(ends) - timedelta(days=1))
    return DateInterval(start, max(start, last) + timedelta(weeks=1))


def _grouped(values: Iterable[Any]) -> dict[PersonId, tuple[Any, ...]]:
    grouped: dict[PersonId, list[Any]] = defaultdict(list)
    for value in values:
        grouped[value.person_id].append(value)
    return {person: tuple(row) for person, row in grouped.items()}


def _rows(connection: Connection, table: Table, by: ColumnElement[Any], ids: Iterable[str]) -> Iterator[Any]:
    for part in chunks(sorted(ids)):
        yield from connection.execute(select(table).where(among(by, part)))


def loads_of(connection: Connection, people: Collection[str]) -> dict[str, dict[BookingId, Load]]:
    """What bookings of these people take, by person."""
    found: dict[str, dict[BookingId, Load]] = defaultdict(dict)
    for row in _rows(connection, BOOKING_LOADS, BOOKING_LOADS.c.person_id, people):
        found[row.person_id][row.booking_id] = Load(
            booking_id=BookingId(row.booking_id),
            period=DateInterval(row.period_start, row.period_end),
            promised=tuple(row.promised),
            minutes=tuple(row.minutes),
        )
    return found


def _days(connection: Connection, people: Collection[str]) -> dict[str, dict[date, PersonDay]]:
    found: dict[str, dict[date, PersonDay]] = defaultdict(dict)
    for row in _rows(connection, PERSON_DAYS, PERSON_DAYS.c.person_id, people):
        found[row.person_id][row.day] = PersonDay(capacity_min=row.capacity_min, booked_min=row.booked_min)
    return found


def efforts_of(connection: Connection, demands: Collection[str]) -> dict[DemandId, tuple[WeekEffort, ...]]:
    """The weeks of these demands."""
    found: dict[DemandId, list[WeekEffort]] = {DemandId(demand): [] for demand in demands}
    for row in _rows(connection, DEMAND_EFFORT, DEMAND_EFFORT.c.parent_id, demands):
        found[row.parent_id].append(WeekEffort(week=row.week, minutes=row.minutes))
    return {demand: tuple(weeks) for demand, weeks in found.items()}

"""
What becomes of somebody's terms and bookings when they leave.

The week in which they leave is worked as booked; from the next Monday on, bookings end. Work of a demand is open again by that;
work that was booked without a demand becomes one, so that it is not forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.work import Demand, WeekEffort

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scheduler.domain.ground.ids import DemandId
    from scheduler.domain.staffing.people import Person
    from scheduler.domain.staffing.work import Booking

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """The person with their terms ended, and what changes of the bookings."""

    person: Person
    changed: tuple[Booking, ...]
    deleted: tuple[Booking, ...]
    demands: tuple[Demand, ...]
    """Open work that no demand stood for."""


def departure(
    person: Person, bookings: Iterable[Booking], *, leaves: date, next_id: Callable[[], DemandId], approved_until: date | None = None
) -> Departure:
    """
    ``leaves``: the first day on which the person does not work any more. ``approved_until``: the last day of their approved time.

    Terms do not end before that: its price and its cost follow from them.
    """
    cut = _monday_from(leaves)
    until = leaves if approved_until is None else max(leaves, approved_until + timedelta(days=1))
    terms = tuple(
        term if term.period.end is not None and term.period.end <= until else replace(term, period=DateInterval(term.period.start, until))
        for term in person.terms
        if term.period.start < until
    )
    changed, deleted, demands = [], [], []
    for booking in sorted(bookings, key=lambda one: one.id):
        end = booking.period.end
        if end is not None and end <= cut:
            continue
        if booking.period.start >= cut:
            deleted.append(booking)
        else:
            changed.append(replace(booking, period=DateInterval(booking.period.start, cut)))
        if booking.demand_id is None and (open_work := _open_work(booking, cut, next_id)) is not None:
            demands.append(open_work)
    return Departure(person=replace(person, terms=terms), changed=tuple(changed), deleted=tuple(deleted), demands=tuple(demands))


def _open_work(booking: Booking, cut: date, next_id: Callable[[], DemandId]) -> Demand | None:
    start, end = booking.period.start, booking.period.end
    assert booking.weekly_minutes is not None
    first = max(cut, start - timedelta(days=start.weekday()))
    weeks = [] if end is None else [first + n * _WEEK for n in range(-(-(end - first).days // 7))]
    if not weeks:
        return None
    return Demand(
        id=next_id(),
        project_id=booking.project_id,
        name=f"Replacement from {first}",
        effort=tuple(WeekEffort(week=week, minutes=booking.weekly_minutes) for week in weeks),
        shares=(Decimal(1),),
    )


def _monday_from(day: date) -> date:
    return day if day.weekday() == 0 else day + timedelta(days=7 - day.weekday())

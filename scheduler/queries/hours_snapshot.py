"""What reports of hours read: people, and what takes their time in the days that are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_

from scheduler.planning.person_days import covering_grid
from scheduler.planning.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, FromClause

    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.staffing.work import Booking, Demand
    from scheduler.store import View


def read_hours(view: View, days: DateInterval, *, bookings_of: View | None = None) -> Snapshot:
    """
    All people, projects and calendars, and the absences and bookings of the weeks of ``days``, with the demands that these are on.

    The view has to see everything. ``bookings_of``: only those bookings that another view sees.
    """
    bookings = (bookings_of or view).bookings.selected(lambda rows: _meets(rows, days))
    return Snapshot(
        firm=view.firm.get(),
        skills=view.skills.all(),
        calendars=view.calendars.all(),
        people=view.people.all(),
        absences=view.absences.selected(lambda rows: _meets(rows, days)),
        projects=view.projects.all(),
        demands=_demands(view, bookings),
        bookings=bookings,
    )


def _meets(rows: FromClause, days: DateInterval) -> Iterable[ColumnElement[bool]]:
    """Rows with a period that has a day in the weeks of the days."""
    weeks = covering_grid(days).days
    return (rows.c.period_start < weeks.end, or_(rows.c.period_end.is_(None), rows.c.period_end > weeks.start))


def _demands(view: View, bookings: Iterable[Booking]) -> tuple[Demand, ...]:
    return view.demands.many({booking.demand_id for booking in bookings if booking.demand_id is not None})

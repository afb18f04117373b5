"""People's minutes by week, and what bookings that stay take from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.staffing.capacity import Minutes, minutes_by_day, minutes_by_week, term_changes
from scheduler.public_holidays import days_off

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from scheduler.domain.ground.ids import CalendarId, PersonId
    from scheduler.domain.staffing.people import Absence, DayPart, Person, Term
    from scheduler.planning.snapshot import Snapshot
    from scheduler.planning.time_grid import TimeGrid


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """One person's minutes over the horizon, before any booking."""

    person: Person
    terms: tuple[Term, ...]
    """In force at some time of the horizon, in order of time."""
    days: tuple[Minutes, ...]
    weeks: tuple[Minutes, ...]

    @property
    def opening_term(self) -> Term | None:
        """The term in force on the first working day of the horizon."""
        return self.terms[0] if self.terms else None


def availabilities(snapshot: Snapshot, grid: TimeGrid) -> dict[PersonId, Availability]:
    """Every person's minutes, by calendar and absences; holidays are looked up once per calendar."""
    closed = {calendar.id: days_off(calendar, days=grid.days) for calendar in snapshot.calendars}
    absences: dict[PersonId, list[Absence]] = {}
    for absence in snapshot.absences:
        absences.setdefault(absence.person_id, []).append(absence)
    return {p.id: _availability(p, absences=absences.get(p.id, []), closed=closed, grid=grid) for p in snapshot.people}


def _availability(
    person: Person,
    *,
    absences: Sequence[Absence],
    closed: Mapping[CalendarId, Mapping[date, DayPart]],
    grid: TimeGrid,
) -> Availability:
    terms = term_changes(person.terms, days=grid.days)
    days = minutes_by_day(terms=terms, absences=absences, days_off=closed, days=grid.days)
    return Availability(person=person, terms=_from_first_working_day(terms, days, grid), days=days, weeks=minutes_by_week(days))


def _from_first_working_day(terms: tuple[Term, ...], days: Sequence[Minutes], grid: TimeGrid) -> tuple[Term, ...]:
    """The terms from the one in force on the first day with usual minutes on; all of them when no day has any."""
    worked = (day for day, minutes in zip(grid.days.days(), days, strict=True) if minutes.usual_min)
    first = next(worked, None)
    return tuple(t for t in terms if first is None or t.period.end is None or t.period.end > first)

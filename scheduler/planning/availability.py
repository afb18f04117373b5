"""People's minutes by week, and what bookings that stay take from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.staffing.capacity import Minutes, minutes_by_day, minutes_by_week, term_changes
from scheduler.public_holidays import days_off

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.domain.ground.ids import PersonId
    from scheduler.domain.staffing.people import Absence, Person, Term
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
    # Most people are never away and work like others: their minutes are the same, and worked out once.
    known: dict[object, tuple[tuple[Minutes, ...], tuple[Minutes, ...]]] = {}
    found = {}
    for person in snapshot.people:
        terms = term_changes(person.terms, days=grid.days)
        away = [absence for absence in absences.get(person.id, ()) if absence.period.overlaps(grid.days)]
        pattern = (person.id if away else None, tuple((term.period, term.calendar_id, term.weekly_minutes) for term in terms))
        if pattern not in known:
            days = minutes_by_day(terms=terms, absences=away, days_off=closed, days=grid.days)
            known[pattern] = days, minutes_by_week(days)
        days, weeks = known[pattern]
        found[person.id] = Availability(person=person, terms=_from_first_working_day(terms, days, grid), days=days, weeks=weeks)
    return found


def _from_first_working_day(terms: tuple[Term, ...], days: Sequence[Minutes], grid: TimeGrid) -> tuple[Term, ...]:
    """The terms from the one in force on the first day with usual minutes on; all of them when no day has any."""
    worked = (day for day, minutes in zip(grid.days.days(), days, strict=True) if minutes.usual_min)
    first = next(worked, None)
    return tuple(t for t in terms if first is None or t.period.end is None or t.period.end > first)

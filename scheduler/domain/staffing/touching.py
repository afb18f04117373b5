"""
Which of the rows that have moved since a plan was computed matter to the changes that somebody wants to apply.

What matters is the capacity of the chosen people on the days of their chosen runs, whether they qualify, the chosen demands with
all that is booked on them, and the rules of their projects. Everything else may move: a team's name, an absence in another month.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from scheduler.domain.ground.ids import CalendarId, DemandId, PersonId, ProjectId
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.staffing.people import Person

_NAMES = frozenset({"name", "external_id", "version"})
_RULES_OF_PROJECTS = ("state", "all_or_nothing", "shift_weeks", "apart", "together")


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What chosen changes of a plan rest on."""

    days: Mapping[PersonId, tuple[DateInterval, ...]]
    """Days of the chosen runs of each chosen person; none for somebody who only loses work."""
    demands: frozenset[DemandId]
    projects: frozenset[ProjectId] = frozenset()
    joint_projects: frozenset[ProjectId] = frozenset()
    """Those with rules on who is on them together, or that start or come whole: all that is booked on them matters."""
    calendars: Mapping[CalendarId, tuple[DateInterval, ...]] = field(default_factory=dict)
    """By which the people work, with their days."""

    def by(self, area: str, was: Any, now: Any) -> bool:
        """Whether a row of an area, that was and is this (``None``: not there), matters."""
        match area:
            case "demands":
                return _id(was, now) in self.demands and _differ(was, now, _fields(was or now))
            case "projects":
                return _id(was, now) in self.projects and _differ(was, now, _RULES_OF_PROJECTS)
            case "people":
                return _id(was, now) in self.days and self._person(was, now)
            case "calendars":
                return _id(was, now) in self.calendars and self._calendar(was, now)
            case "absences":
                return any(self._takes_days(one) for one in (was, now) if one is not None)
            case "bookings":
                return any(self._booking(one) for one in (was, now) if one is not None)
            case _:
                return False

    def _person(self, was: Person | None, now: Person | None) -> bool:
        if was is None or now is None or was.skills != now.skills or was.max_demands != now.max_demands:
            return True
        return any(_pattern(was, span) != _pattern(now, span) for span in self.days[now.id])

    def _calendar(self, was: Any, now: Any) -> bool:
        if was is None or now is None or (was.country, was.subdivision) != (now.country, now.subdivision):
            return True
        moved = {(c.day, c.part) for c in was.closures} ^ {(c.day, c.part) for c in now.closures}
        return any(day in span for day, _ in moved for span in self.calendars[now.id])

    def _booking(self, booking: Any) -> bool:
        return booking.demand_id in self.demands or booking.project_id in self.joint_projects or self._takes_days(booking)

    def _takes_days(self, row: Any) -> bool:
        return any(row.period.overlaps(span) for span in self.days.get(row.person_id, ()))


def is_own_application(area: str, was: Any, now: Any, *, plan_id: str, applied: Collection[tuple[str, str]]) -> bool:
    """Whether a row was moved by applying an earlier part of the plan: the pairs of person and demand in ``applied``."""
    if area != "bookings" or (now is not None and now.plan_id != plan_id):
        return False
    known = was if now is None else now
    return (known.person_id, known.demand_id) in applied


def _id(was: Any, now: Any) -> str:
    found: str = (was or now).id
    return found


def _fields(row: Any) -> Iterable[str]:
    return (name for name in row.__dataclass_fields__ if name not in _NAMES)


def _differ(was: Any, now: Any, names: Iterable[str]) -> bool:
    return was is None or now is None or any(getattr(was, name) != getattr(now, name) for name in names)


def _pattern(person: Person, span: DateInterval) -> Sequence[tuple[date, date | None, object, object, object]]:
    """What the person works on these days, where, and by which calendar."""
    found = []
    for term in person.terms:
        if term.period.overlaps(span):
            end = span.end if term.period.end is None or (span.end is not None and span.end < term.period.end) else term.period.end
            found.append((max(term.period.start, span.start), end, term.weekly_minutes, term.calendar_id, term.location))
    return found

"""People's days as reports count them: what is bookable, booked and recorded on each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from scheduler.domain.delivery.work_hours import DayMinutes, PersonMinutes, column_of, summed
from scheduler.domain.staffing.work import BookingState, ContractKind, ProjectState
from scheduler.planning.availability import availabilities
from scheduler.planning.bookings import demand_of, overlaps
from scheduler.planning.fractions import e4
from scheduler.planning.planned_work import minutes_on
from scheduler.planning.time_grid import WEEK, TimeGrid
from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import date

    from scheduler.domain.ground.ids import PersonId, ProjectId
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.staffing.people import Term
    from scheduler.domain.staffing.work import Booking, Project
    from scheduler.planning.availability import Availability
    from scheduler.planning.snapshot import Snapshot


class Logged(NamedTuple):
    """Recorded minutes of a person on a project on a day."""

    person_id: PersonId
    project_id: ProjectId
    day: date
    is_billable: bool
    minutes: int


class Planned(NamedTuple):
    """Booked minutes of a person on a project on a day."""

    person_id: PersonId
    project_id: ProjectId
    day: date
    minutes: int
    is_firm: bool
    """Confirmed or locked, on a project that was won."""
    chance_e4: int
    """That of the project, or a whole where it is firm."""


def planned_days(snapshot: Snapshot, days: DateInterval, *, people: Mapping[PersonId, Availability] | None = None) -> Iterator[Planned]:
    """What is booked on each of ``days``, which have an end; nothing of lost projects, and only of the ``people`` given."""
    grid = covering_grid(days)
    people = availabilities(snapshot, grid) if people is None else people
    demands = {demand.id: demand for demand in snapshot.demands}
    projects = {project.id: project for project in snapshot.projects}
    for booking in snapshot.bookings:
        project, person = projects[booking.project_id], people.get(booking.person_id)
        if person is None or project.state is ProjectState.LOST or not overlaps(booking, grid):
            continue
        is_firm = _is_firm(booking, project)
        chance_e4 = E4 if is_firm else e4(project.probability)
        for day, minutes in minutes_on(booking, demand=demand_of(booking, demands), person=person, grid=grid):
            if minutes and day in days:
                yield Planned(
                    person_id=booking.person_id,
                    project_id=booking.project_id,
                    day=day,
                    minutes=minutes,
                    is_firm=is_firm,
                    chance_e4=chance_e4,
                )


def covering_grid(days: DateInterval) -> TimeGrid:
    """Whole weeks that hold all of ``days``."""
    assert days.end is not None
    first = days.start - WEEK / 7 * days.start.weekday()
    return TimeGrid(start=first, weeks=-(-(days.end - first).days // WEEK.days))


def person_minutes(
    snapshot: Snapshot,
    days: DateInterval,
    *,
    starts: tuple[date, ...],
    logged: Iterable[Logged] = (),
    only: Collection[PersonId] | None = None,
) -> tuple[PersonMinutes, ...]:
    """
    Everybody's minutes of ``days`` by column, and by term of employment where it changes within one.

    ``starts``: the first day of each column. ``only``: the people who count; all of them where it is ``None``.
    """
    grid = covering_grid(days)
    counted = tuple(person for person in snapshot.people if only is None or person.id in only)
    people = availabilities(replace(snapshot, people=counted), grid)
    booked = _booked(planned_days(snapshot, days, people=people))
    recorded = _recorded(logged, snapshot.projects)
    column = column_of(days.days(), starts)
    return tuple(row for one in people.values() for row in _rows(one, grid, column, booked[one.person.id], recorded[one.person.id]))


def _is_firm(booking: Booking, project: Project) -> bool:
    return booking.state is not BookingState.TENTATIVE and project.state in {ProjectState.WON, ProjectState.CLOSED}


def _booked(planned: Iterable[Planned]) -> defaultdict[PersonId, dict[date, tuple[int, int, int]]]:
    """Firm, tentative and expected minutes (x 10,000) by person and day."""
    found: defaultdict[PersonId, dict[date, tuple[int, int, int]]] = defaultdict(dict)
    for one in planned:
        firm, tentative, weighted = found[one.person_id].get(one.day, (0, 0, 0))
        firm, tentative = (firm + one.minutes, tentative) if one.is_firm else (firm, tentative + one.minutes)
        found[one.person_id][one.day] = (firm, tentative, weighted + one.minutes * one.chance_e4)
    return found


def _recorded(logged: Iterable[Logged], projects: Iterable[Project]) -> defaultdict[PersonId, dict[date, tuple[int, int, int]]]:
    """Minutes recorded, of these billable, and of these for clients, by person and day."""
    internal = {project.id for project in projects if project.contract is ContractKind.INTERNAL}
    found: defaultdict[PersonId, dict[date, tuple[int, int, int]]] = defaultdict(dict)
    for one in logged:
        total, billable, productive = found[one.person_id].get(one.day, (0, 0, 0))
        found[one.person_id][one.day] = (
            total + one.minutes,
            billable + (one.minutes if one.is_billable else 0),
            productive + (0 if one.project_id in internal else one.minutes),
        )
    return found


def _rows(
    one: Availability,
    grid: TimeGrid,
    column: Mapping[date, date],
    booked: Mapping[date, tuple[int, int, int]],
    recorded: Mapping[date, tuple[int, int, int]],
) -> Iterator[PersonMinutes]:
    by_column: defaultdict[tuple[date, Term | None], list[DayMinutes]] = defaultdict(list)
    for day, found in zip(grid.days.days(), one.days, strict=True):
        if day not in column:
            continue
        firm, tentative, weighted_e4 = booked.get(day, _NONE)
        total, billable, productive = recorded.get(day, _NONE)
        if not (found.contracted_min or firm or tentative or total):
            continue
        term = _term_on(one.terms, day)
        target_e4 = 0 if term is None or term.billable_target is None else e4(term.billable_target)
        minutes = (found.contracted_min, found.bookable_min, firm, tentative, weighted_e4, target_e4, total, billable, productive)
        by_column[column[day], term].append(DayMinutes(*minutes))
    for (start, term), row in by_column.items():
        yield PersonMinutes(
            person_id=one.person.id,
            name=one.person.name,
            team=one.person.team,
            grade=None if term is None else term.grade,
            location=None if term is None else term.location,
            start=start,
            minutes=summed(row),
        )


_NONE = (0, 0, 0)


def _term_on(terms: Iterable[Term], day: date) -> Term | None:
    return next((term for term in terms if day in term.period), None)

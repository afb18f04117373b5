"""People's days as reports count them: what is bookable, booked and recorded on each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import repeat
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
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from scheduler.domain.ground.ids import PersonId, ProjectId
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.staffing.capacity import Minutes
    from scheduler.domain.staffing.people import Person, Term
    from scheduler.domain.staffing.work import Booking, Project
    from scheduler.planning.availability import Availability
    from scheduler.planning.snapshot import Snapshot


class Logged(NamedTuple):
    """Recorded minutes of a person on a project on a day."""

    person_id: PersonId
    project_id: ProjectId
    day: date
    minutes: int


class Recorded(NamedTuple):
    """Recorded minutes of a person, of several days under the first one of them."""

    person_id: PersonId
    day: date
    minutes: int
    billable_min: int
    productive_min: int
    """On projects for clients."""


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
    people = availabilities(snapshot, covering_grid(days)) if people is None else people
    for booking, is_firm, chance_e4, by_day in _spread(snapshot, days, people):
        for day, minutes in by_day:
            yield Planned(booking.person_id, booking.project_id, day, minutes, is_firm, chance_e4)


def _spread(
    snapshot: Snapshot, days: DateInterval, people: Mapping[PersonId, Availability]
) -> Iterator[tuple[Booking, bool, int, Iterable[tuple[date, int]]]]:
    """Each booking that counts: whether it is firm, its chance, and its minutes on each of ``days``."""
    assert days.end is not None
    first, until, grid = days.start, days.end, covering_grid(days)
    demands = {demand.id: demand for demand in snapshot.demands}
    projects = {project.id: project for project in snapshot.projects}
    for booking in snapshot.bookings:
        project, person = projects[booking.project_id], people.get(booking.person_id)
        if person is None or project.state is ProjectState.LOST or not overlaps(booking, grid):
            continue
        is_firm = _is_firm(booking, project)
        by_day = minutes_on(booking, demand=demand_of(booking, demands), person=person, grid=grid)
        yield booking, is_firm, E4 if is_firm else e4(project.probability), [one for one in by_day if first <= one[0] < until]


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
    recorded: Iterable[Recorded] = (),
    only: Collection[PersonId] | None = None,
) -> tuple[PersonMinutes, ...]:
    """
    Everybody's minutes of ``days`` by column, and by term of employment where it changes within one.

    ``starts``: the first day of each column. ``recorded``: by day, or by stretches between ``cuts``. ``only``: the people who count; all
    of them where it is ``None``.
    """
    grid = covering_grid(days)
    counted = tuple(person for person in snapshot.people if only is None or person.id in only)
    people = availabilities(replace(snapshot, people=counted), grid)
    booked = _booked(snapshot, days, people)
    worked = _recorded(recorded)
    columns = tuple(column_of(days.days(), starts).items())
    before = (days.start - grid.start).days
    found: list[PersonMinutes] = []
    for key, one in people.items():
        found += _rows(one, columns, one.days[before : before + len(columns)], booked.get(key, {}), worked.get(key, {}))
    return tuple(found)


def _is_firm(booking: Booking, project: Project) -> bool:
    return booking.state is not BookingState.TENTATIVE and project.state in {ProjectState.WON, ProjectState.CLOSED}


Three = tuple[int, int, int]


def _booked(snapshot: Snapshot, days: DateInterval, people: Mapping[PersonId, Availability]) -> Mapping[PersonId, dict[date, Three]]:
    """Firm, tentative and expected minutes (x 10,000) by person and day."""
    found: defaultdict[PersonId, dict[date, Three]] = defaultdict(dict)
    for booking, is_firm, chance_e4, by_day in _spread(snapshot, days, people):
        mine = found[booking.person_id]
        for day, minutes in by_day:
            firm, tentative, weighted = mine.get(day, _NONE)
            if is_firm:
                mine[day] = (firm + minutes, tentative, weighted + minutes * chance_e4)
            else:
                mine[day] = (firm, tentative + minutes, weighted + minutes * chance_e4)
    return found


def cuts(people: Iterable[Person], starts: Sequence[date], days: DateInterval) -> tuple[date, ...]:
    """First days of stretches in which nobody's column and nobody's term of employment changes."""
    turns = {day for person in people for term in person.terms for day in (term.period.start, term.period.end)}
    return tuple(sorted({*starts, *(day for day in turns if day is not None and day in days)}))


def internal_projects(projects: Iterable[Project]) -> frozenset[ProjectId]:
    """Work on them is for no client."""
    return frozenset(project.id for project in projects if project.contract is ContractKind.INTERNAL)


def _recorded(recorded: Iterable[Recorded]) -> Mapping[PersonId, dict[date, Three]]:
    """Minutes recorded, of these billable, and of these for clients, by person and day."""
    found: defaultdict[PersonId, dict[date, Three]] = defaultdict(dict)
    for person_id, day, minutes, billable, productive in recorded:
        mine = found[person_id]
        before = mine.get(day, _NONE)
        mine[day] = (before[0] + minutes, before[1] + billable, before[2] + productive)
    return found


def _rows(
    one: Availability,
    columns: Sequence[tuple[date, date]],
    days: Sequence[Minutes],
    booked: Mapping[date, Three],
    recorded: Mapping[date, Three],
) -> Iterator[PersonMinutes]:
    """One row for each column, and for each term in it; ``columns``: each day with the first day of its column."""
    at: tuple[date, Term | None] | None = None
    row: list[DayMinutes] = []
    target_e4 = 0
    terms = _terms_on(one.terms, [day for day, _ in columns])
    for (day, start), found, term in zip(columns, days, terms, strict=True):
        if at is None or at[0] is not start or at[1] is not term:
            if at is not None:
                yield _row(one, at, row)
            at, row = (start, term), []
            target_e4 = 0 if term is None or term.billable_target is None else e4(term.billable_target)
        firm, tentative, weighted_e4 = booked.get(day, _NONE)
        total, billable, productive = recorded.get(day, _NONE)
        if found.contracted_min or firm or tentative or total:
            minutes = (found.contracted_min, found.bookable_min, firm, tentative, weighted_e4, target_e4, total, billable, productive)
            row.append(DayMinutes(*minutes))
    if at is not None:
        yield _row(one, at, row)


def _row(one: Availability, at: tuple[date, Term | None], row: Iterable[DayMinutes]) -> PersonMinutes:
    start, term = at
    return PersonMinutes(
        person_id=one.person.id,
        name=one.person.name,
        team=one.person.team,
        grade=None if term is None else term.grade,
        location=None if term is None else term.location,
        start=start,
        minutes=summed(row),
    )


def _terms_on(terms: Sequence[Term], days: Sequence[date]) -> Iterable[Term | None]:
    """The term in force on each of the days; most people have one on all of them."""
    if len(terms) == 1 and days[0] in terms[0].period and days[-1] in terms[0].period:
        return repeat(terms[0], len(days))
    return [next((term for term in terms if day in term.period), None) for day in days]


_NONE = (0, 0, 0)

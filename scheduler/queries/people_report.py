"""What people can do, are booked for and have recorded, by group and by week or month; docs/metrics.md defines every figure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.domain.delivery.work_hours import Grouping, column_starts, grouped
from scheduler.domain.ground.access import require
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.permissions import REPORTS_READ, Scope
from scheduler.domain.staffing.held_levels import best_levels
from scheduler.planning.person_days import cuts, internal_projects, person_minutes
from scheduler.queries.hours_snapshot import read_hours
from scheduler.queries.recorded_time import recorded_by_person
from scheduler.store import retried

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from scheduler.domain.delivery.line_states import LineState
    from scheduler.domain.delivery.work_hours import GroupMinutes, PersonMinutes, Span
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.ids import PersonId
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.planning.snapshot import Snapshot
    from scheduler.store import Store

CELLS_MAX = 50_000
"""Most groups times columns of one report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleRequest:
    """What is asked for; ``days`` has an end."""

    days: DateInterval
    by: Grouping
    span: Span
    states: frozenset[LineState]
    """Which recorded time counts."""
    team: str | None = None
    person_id: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleReport:
    """The report: the first day of every column, and the groups, each with every column."""

    starts: tuple[date, ...]
    groups: tuple[GroupMinutes, ...]


@retried
def people_report(store: Store, *, actor: Actor, request: PeopleRequest, as_of: datetime | None = None) -> PeopleReport:
    """
    The minutes of the people whom the actor sees.

    As of an instant it is what it was then: the same question about the same instant has the same answer for ever.
    Raises DomainError ``access.denied``, ``report.too_large``.
    """
    require(actor, REPORTS_READ)
    assert request.days.end is not None
    starts = column_starts(request.days.start, request.days.end, request.span)
    with store.read(actor, as_of=as_of) as view:
        everything = view.unrestricted
        snapshot = read_hours(everything, request.days)
        seen = {person.id for person in snapshot.people} if actor.scope("people:read") is Scope.ALL else {p.id for p in view.people.all()}
        people = {
            person.id
            for person in snapshot.people
            if person.id in seen and request.team in {None, person.team} and request.person_id in {None, person.id}
        }
        recorded = tuple(
            recorded_by_person(
                everything,
                starts=cuts(snapshot.people, starts, request.days),
                until=request.days.end,
                states=request.states,
                internal=internal_projects(snapshot.projects),
            )
        )
    if request.by is Grouping.PERSON and len(people) * len(starts) > CELLS_MAX:
        raise _too_large(len(people), len(starts))
    rows = person_minutes(snapshot, request.days, starts=starts, recorded=recorded, only=people)
    if request.by is Grouping.SKILL:
        rows = tuple(_by_skill(rows, snapshot, request.days))
    return PeopleReport(starts=starts, groups=grouped(rows, by=request.by, starts=starts))


def _by_skill(rows: Iterable[PersonMinutes], snapshot: Snapshot, days: DateInterval) -> Iterator[PersonMinutes]:
    """Everybody under each skill that they hold on some of the days; who holds none under none."""
    names = {skill.id: skill.name for skill in snapshot.skills}
    held = {person.id: sorted(names[skill] for skill in best_levels(person.skills, days=days)) for person in snapshot.people}
    for row in rows:
        yield from (replace(row, skill=name) for name in held[row.person_id])
        if not held[row.person_id]:
            yield row


def _too_large(people: int, columns: int) -> DomainError:
    message = (
        f"{people:,} people times {columns} columns are {people * columns:,} cells, more than {CELLS_MAX:,};"
        " ask for one team, for fewer days, or for months in place of weeks."
    )
    return DomainError(ErrorKind.INVALID, "report.too_large", message, (Fault(pointer="/by", code="report.too_large", message=message),))

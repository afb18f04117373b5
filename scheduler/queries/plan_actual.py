"""Planned against recorded hours, and how near earlier forecasts came; docs/metrics.md defines both."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.delivery.work_hours import PlanActual, accuracy, column_of, column_starts
from scheduler.domain.ground.access import require
from scheduler.domain.ground.checks import name_key
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.permissions import BOOKINGS_READ, TIME_READ
from scheduler.planning.availability import availabilities
from scheduler.planning.person_days import covering_grid, planned_days
from scheduler.queries.hours_snapshot import read_hours
from scheduler.queries.recorded_time import recorded_time
from scheduler.store import retried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from scheduler.domain.delivery.line_states import LineState
    from scheduler.domain.delivery.work_hours import Accuracy, Span
    from scheduler.domain.ground.access import Actor
    from scheduler.planning.person_days import Logged, Planned
    from scheduler.planning.snapshot import Snapshot
    from scheduler.store import Store, View

WEEK = timedelta(weeks=1)


class PlanGrouping(StrEnum):
    """What the rows are."""

    FIRM = "firm"
    TEAM = "team"
    PERSON = "person"
    PROJECT = "project"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanActualGroup:
    """A group's minutes by column; the key is ``None`` for the firm and for people without a team."""

    key: str | None
    name: str | None
    columns: Mapping[date, PlanActual]
    total: PlanActual


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyGroup:
    """How near a group's forecasts came, by week."""

    key: str | None
    name: str | None
    columns: Mapping[date, Accuracy]
    total: Accuracy


@retried
def plan_actual(
    store: Store,
    *,
    actor: Actor,
    days: DateInterval,
    by: PlanGrouping,
    span: Span,
    states: frozenset[LineState],
    as_of: datetime | None = None,
) -> tuple[tuple[date, ...], tuple[PlanActualGroup, ...]]:
    """Booked and recorded minutes of ``days``, as far as the actor sees bookings and time. Raises DomainError ``access.denied``."""
    _require(actor)
    assert days.end is not None
    starts = column_starts(days.start, days.end, span)
    column = column_of(days.days(), starts)
    with store.read(actor, as_of=as_of) as view:
        snapshot, booked = _booked(view, days)
        logged = recorded_time(view, days=days, states=states)
    key, names = _keys(snapshot, by)
    planned_min: Counter[tuple[str | None, date]] = Counter()
    logged_min: Counter[tuple[str | None, date]] = Counter()
    for one in booked:
        planned_min[key(one), column[one.day]] += one.minutes
    for entry in logged:
        logged_min[key(entry), column[entry.day]] += entry.minutes
    found = []
    for group in _ordered({group for group, _ in (*planned_min, *logged_min)}, names, by):
        columns = {start: PlanActual(planned_min=planned_min[group, start], logged_min=logged_min[group, start]) for start in starts}
        total = PlanActual(
            planned_min=sum(one.planned_min for one in columns.values()), logged_min=sum(one.logged_min for one in columns.values())
        )
        found.append(PlanActualGroup(key=group, name=names.get(group), columns=columns, total=total))
    return starts, tuple(found)


@retried
def forecast_accuracy(
    store: Store, *, actor: Actor, weeks: DateInterval, weeks_ahead: int, by: PlanGrouping, states: frozenset[LineState]
) -> tuple[AccuracyGroup, ...]:
    """
    For each week what had been booked for it ``weeks_ahead`` weeks before its Monday, 00:00 UTC, against what was recorded.

    ``weeks`` are whole weeks from a Monday on. Raises DomainError ``access.denied``.
    """
    _require(actor)
    forecast: defaultdict[tuple[str | None, date], Counter[object]] = defaultdict(Counter)
    recorded: defaultdict[tuple[str | None, date], Counter[object]] = defaultdict(Counter)
    mondays = [day for day in weeks.days() if day.weekday() == 0]
    with store.read(actor) as view:
        logged = recorded_time(view, days=weeks, states=states)
        key, names = _keys(read_hours(view.unrestricted, weeks), by)
    for monday in mondays:
        then = datetime.combine(monday - weeks_ahead * WEEK, time.min, tzinfo=UTC)
        with store.read(actor, as_of=then) as view:
            _, booked = _booked(view, DateInterval(monday, monday + WEEK))
        for one in booked:
            forecast[key(one), monday][one.person_id, one.project_id, monday] += one.minutes
    for entry in logged:
        monday = entry.day - timedelta(days=entry.day.weekday())
        recorded[key(entry), monday][entry.person_id, entry.project_id, monday] += entry.minutes
    found = []
    for group in _ordered({group for group, _ in (*forecast, *recorded)}, names, by):
        columns = {monday: accuracy(forecast[group, monday], recorded[group, monday]) for monday in mondays}
        every_forecast = _all(forecast[group, monday] for monday in mondays)
        every_record = _all(recorded[group, monday] for monday in mondays)
        found.append(AccuracyGroup(key=group, name=names.get(group), columns=columns, total=accuracy(every_forecast, every_record)))
    return tuple(found)


def _require(actor: Actor) -> None:
    require(actor, TIME_READ)
    require(actor, BOOKINGS_READ)


def _all(parts: Iterable[Counter[object]]) -> Counter[object]:
    total: Counter[object] = Counter()
    for part in parts:
        total.update(part)
    return total


def _booked(view: View, days: DateInterval) -> tuple[Snapshot, tuple[Planned, ...]]:
    """All rows, and what those bookings that the view's actor sees take of the days."""
    snapshot = read_hours(view.unrestricted, days, bookings_of=view)
    people = {booking.person_id for booking in snapshot.bookings}
    shown = snapshot.of(people=people)
    return snapshot, tuple(planned_days(shown, days, people=availabilities(shown, covering_grid(days))))


def _keys(snapshot: Snapshot, by: PlanGrouping) -> tuple[Callable[[Planned | Logged], str | None], dict[str | None, str]]:
    """The group of a piece of work, and the groups' names."""
    match by:
        case PlanGrouping.FIRM:
            return (lambda _work: None), {}
        case PlanGrouping.TEAM:
            teams = {person.id: person.team for person in snapshot.people}
            return (lambda work: teams.get(work.person_id)), {team: team for team in teams.values() if team is not None}
        case PlanGrouping.PERSON:
            return (lambda work: work.person_id), {person.id: person.name for person in snapshot.people}
        case PlanGrouping.PROJECT:
            return (lambda work: work.project_id), {project.id: project.name for project in snapshot.projects}


def _ordered(groups: Iterable[str | None], names: Mapping[str | None, str], by: PlanGrouping) -> list[str | None]:
    """By name; the firm is there even without work."""
    every = {None} if by is PlanGrouping.FIRM else set(groups)
    return sorted(every, key=lambda group: (group is None, name_key(names.get(group, group or "")), group or ""))

"""A person's week of worked time, who has logged less than they were to work, and what one works on just now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler.domain.delivery.loggable import hints
from scheduler.domain.delivery.time_policies import RuleKind
from scheduler.domain.delivery.time_rules import breaches, rules_for
from scheduler.domain.delivery.time_weeks import RowKey, rows_of, week_days
from scheduler.domain.ground.access import require
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.paging import Page
from scheduler.domain.ground.permissions import TIME_CREATE, TIME_READ, Scope
from scheduler.store import retried
from scheduler.store.time_reading import LoggedWeek, daily_minutes, logged_on, logged_weeks, people_after

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from scheduler.domain.delivery.time_entries import TimeEntry
    from scheduler.domain.delivery.time_rules import TimeWarning
    from scheduler.domain.delivery.time_weeks import Row
    from scheduler.domain.delivery.timers import RunningTimer
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.staffing.people import Person
    from scheduler.store import Store, View

ENTRIES = "time_entries"
_BATCH = 200
_OF_ENTERING = frozenset({RuleKind.LATEST_ENTRY_DAYS, RuleKind.EARLIEST_ENTRY_DAYS})
"""Rules on when something is entered say nothing of what is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWeek:
    """A week as far as its reader sees it."""

    person_id: str
    days: tuple[date, ...]
    rows: tuple[Row, ...]
    targets: tuple[int, ...] | None
    """Minutes to work on each day; ``None`` for a reader who sees only some of the person's time."""
    warnings: tuple[TimeWarning, ...]
    earlier_rows: tuple[RowKey, ...]
    """Rows of the week before that this one has not."""


@retried
def time_week(store: Store, *, actor: Actor, person_id: str, week: date, now: datetime) -> TimeWeek:
    """
    A person's week; of somebody else's time the lines that the actor sees.

    Raises DomainError ``record.not_found`` for a person whom the actor does not see, ``access.denied``, ``week.not_monday``.
    """
    with store.read(actor) as view:
        person = _person(view, person_id)
        require(actor, TIME_READ)
        days = week_days(week)
        entries = _between(view, person_id, week)
        rows = rows_of(entries)
        is_whole = sees_whole_of(actor, person)
        before = rows_of(_between(view, person_id, week - timedelta(weeks=1)))
        return TimeWeek(
            person_id=person_id,
            days=days,
            rows=rows,
            targets=_targets(view.unrestricted, person, week) if is_whole else None,
            warnings=tuple(_warnings(view.unrestricted, person, entries, now)) if is_whole else (),
            earlier_rows=tuple(row.key for row in before if row.key not in {one.key for one in rows}),
        )


@retried
def missing_time(
    store: Store,
    *,
    actor: Actor,
    first: date,
    weeks: int,
    team: str | None = None,
    person_id: str | None = None,
    cursor: str | None = None,
    limit: int = 100,
) -> Page[LoggedWeek]:
    """
    Weeks in which people whose whole time the actor sees have logged less than they were to work, by person and week.

    A page holds the weeks of at most ``limit`` people. Raises DomainError ``access.denied``, ``week.not_monday``.
    """
    require(actor, TIME_READ)
    week_days(first)
    mondays = [first + timedelta(weeks=number) for number in range(weeks)]
    found: list[LoggedWeek] = []
    last, named = cursor or "", 0
    with store.read(actor) as view:
        everything = view.unrestricted
        while named < limit:
            people = people_after(everything, last, most=_BATCH, team=team, person_id=person_id)
            if not people:
                return Page(items=tuple(found), next_cursor=None)
            known = logged_weeks(everything, [one for one in people if sees_whole_of(actor, one)], weeks=mondays)
            for person in people:
                short = [one for one in known if one.person_id == person.id and one.missing_min]
                found += short
                last, named = person.id, named + bool(short)
                if named == limit:
                    break
        return Page(items=tuple(found), next_cursor=last)


@retried
def running_timer(store: Store, *, actor: Actor) -> RunningTimer | None:
    """What the person works on that the actor is. Raises DomainError ``access.denied``."""
    require(actor, TIME_CREATE)
    with store.read(actor) as view:
        return None if actor.person_id is None else view.timers.of(actor.person_id)


def sees_whole_of(actor: Actor, person: Person) -> bool:
    """Whether all of a person's time is the actor's to see, and so what they were to work."""
    if actor.person_id == person.id:
        return True
    scope = actor.scope(TIME_READ)
    return scope is Scope.ALL or (scope is Scope.TEAM and actor.team in (None, person.team))


def _person(view: View, person_id: str) -> Person:
    is_own = view.actor.person_id == person_id and view.actor.may(TIME_READ)
    return (view.unrestricted if is_own else view).people.get(person_id)


def _between(view: View, person_id: str, monday: date) -> tuple[TimeEntry, ...]:
    found: tuple[TimeEntry, ...] = view.area(ENTRIES).between("work_date", monday, monday + timedelta(weeks=1), person_id=person_id)
    return found


def _targets(view: View, person: Person, monday: date) -> tuple[int, ...]:
    days = DateInterval(monday, monday + timedelta(weeks=1))
    return tuple(day.bookable_min for day in daily_minutes(view, [person], days=days)[person.id])


def _warnings(view: View, person: Person, entries: Sequence[TimeEntry], now: datetime) -> Iterator[TimeWarning]:
    """What stands against the entries, be it that policies forbid it by now."""
    policies = view.area("time_policies").all() if entries else ()
    about = {}
    for entry in entries:
        rules = {kind: one for kind, one in rules_for(entry, policies, team=person.team).items() if kind not in _OF_ENTERING}
        others = [one for one in entries if one.id != entry.id]
        yield from (breach.warning for breach in breaches(entry, others=others, rules=rules, now=now))
        key = (entry.project_id, entry.task_id)
        if key not in about:
            about[key] = logged_on(view, project_id=entry.project_id, task_id=entry.task_id, demand_id=None, activity_type_id=None)
        found = about[key]
        if found is not None:
            yield from hints(entry, found)

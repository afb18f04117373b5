"""What has moved since a plan was computed: the rows that its chosen changes rest on, and all others."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduler.domain.staffing.movement import Moved, moved
from scheduler.domain.staffing.touching import Touched
from scheduler.store.areas import AREAS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scheduler.domain.ground.ids import CalendarId
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.staffing.plan_changes import PlanChanges
    from scheduler.store.transaction import Transaction


def hold_what_is_touched(tx: Transaction, changes: PlanChanges) -> Touched:
    """What the changes rest on. Its rows stay locked, and with them whoever would book the same: demands first, people last."""
    days: dict[Any, list[DateInterval]] = {person: [] for person, _ in changes.pairs}
    for run in changes.written:
        days[run.person_id].append(run.period)
    demands = tx.demands.locked({demand for _, demand in changes.pairs})
    projects = tx.projects.locked({demand.project_id for demand in demands})
    calendars: dict[CalendarId, list[DateInterval]] = defaultdict(list)
    for person in tx.people.many(days):
        for calendar_id in {term.calendar_id for term in person.terms}:
            calendars[calendar_id] += days[person.id]
    tx.calendars.locked(calendars)
    tx.hold_days(people=days)
    return Touched(
        days={person: tuple(spans) for person, spans in days.items()},
        demands=frozenset(demand for _, demand in changes.pairs),
        projects=frozenset(project.id for project in projects),
        joint_projects=frozenset(p.id for p in projects if p.all_or_nothing or p.shift_weeks is not None or p.apart or p.together),
        calendars={calendar: tuple(spans) for calendar, spans in calendars.items()},
    )


def moved_rows(
    tx: Transaction, *, versions: Mapping[str, Mapping[str, int]], touched: Touched, ignored: Callable[[str, Any, Any], bool]
) -> tuple[list[Moved], list[Moved]]:
    """
    What differs from ``versions``: rows that are touched, and the others. Added and deleted rows too.

    ``ignored``: which rows (area, as it was, as it is) are left out.
    """
    near: list[Moved] = []
    far: list[Moved] = []
    for area in AREAS:
        if area in versions:
            for was, now in _differing(tx, area, versions[area]):
                if (was is not None or now is not None) and not _is_same(was, now) and not ignored(area, was, now):
                    (near if touched.by(area, was, now) else far).append(moved(area, was, now))
    return near, far


def _is_same(was: Any, now: Any) -> bool:
    """Whether the row has been changed and changed back."""
    return was is not None and now is not None and replace(was, version=now.version) == now


def _differing(tx: Transaction, area: str, then: Mapping[str, int]) -> Iterator[tuple[Any, Any]]:
    table = AREAS[area].table
    now = {row.id: row.version for row in tx.connection.execute(select(table.c.id, table.c.version))}
    ids = sorted(row_id for row_id in {*then, *now} if then.get(row_id) != now.get(row_id))
    reader = tx.area(area)
    current = {row.id: row for row in reader.many(ids)}
    for row_id in ids:
        version = then.get(row_id)
        yield (None if version is None else reader.at_version(row_id, version)), current.get(row_id)

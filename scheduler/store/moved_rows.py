"""What has moved since a plan was computed: the rows that its chosen changes rest on, and all others."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduler.domain.staffing.movement import Moved, moved
from scheduler.domain.staffing.touching import Touched
from scheduler.store.areas import AREAS
from scheduler.store.areas.work import FIRM_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scheduler.domain.ground.ids import CalendarId
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.staffing.plan_changes import PlanChanges
    from scheduler.store.transaction import Transaction
    from scheduler.store.view import View


def hold_what_is_touched(tx: Transaction, changes: PlanChanges) -> Touched:
    """What the changes rest on. Its rows stay locked, and with them whoever would book the same: demands first, people last."""
    demands = tx.demands.locked({demand for _, demand in changes.pairs})
    tx.projects.locked({demand.project_id for demand in demands})
    found = touched(tx, changes)
    tx.calendars.locked(found.calendars)
    tx.hold_days(people=found.days)
    return found


def touched(seen: Transaction | View, changes: PlanChanges) -> Touched:
    """What the changes rest on."""
    days: dict[Any, list[DateInterval]] = {person: [] for person, _ in changes.pairs}
    for run in changes.written:
        days[run.person_id].append(run.period)
    projects = seen.projects.many({demand.project_id for demand in seen.demands.many({demand for _, demand in changes.pairs})})
    calendars: dict[CalendarId, list[DateInterval]] = defaultdict(list)
    for person in seen.people.many(days):
        for calendar_id in {term.calendar_id for term in person.terms}:
            calendars[calendar_id] += days[person.id]
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
    for area, was, now in differing(tx, versions):
        if not ignored(area, was, now):
            (near if touched.by(area, was, now) else far).append(moved(area, was, now))
    return near, far


def differing(seen: Transaction | View, versions: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[str, Any, Any]]:
    """Area, as it was and as it is, of every row that is not what it was at these versions; changed and changed back is the same."""
    for area in AREAS:
        if area in versions:
            for was, now in _differing(seen, area, versions[area]):
                if (was is not None or now is not None) and not _is_same(was, now):
                    yield area, was, now


def _is_same(was: Any, now: Any) -> bool:
    return was is not None and now is not None and bool(replace(was, version=now.version) == now)


def _differing(seen: Transaction | View, area: str, then: Mapping[str, int]) -> Iterator[tuple[Any, Any]]:
    table = AREAS[area].table
    now = {row.id: row.version for row in seen.connection.execute(select(table.c.id, table.c.version))}
    ids = sorted(row_id for row_id in {*then, *now} if then.get(row_id) != now.get(row_id))
    reader = seen.area(area)
    current = {getattr(row, "id", FIRM_ID): row for row in reader.many(ids)}
    for row_id in ids:
        version = then.get(row_id)
        yield (None if version is None else reader.at_version(row_id, version)), current.get(row_id)

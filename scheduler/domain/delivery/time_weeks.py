"""A person's week as a grid: one row for each thing that was worked on, one column for each day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from scheduler.domain.delivery.time_entries import TimeEntry
    from scheduler.domain.ground.ids import ActivityTypeId, DemandId, ProjectId, TaskId, TimeEntryId

WEEK_DAYS = 7
CELLS_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RowKey:
    """What a row of the grid is about."""

    project_id: ProjectId
    task_id: TaskId | None = None
    demand_id: DemandId | None = None
    activity_type_id: ActivityTypeId | None = None
    is_billable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One day of a row."""

    day: date
    entries: tuple[TimeEntry, ...]

    @property
    def minutes(self) -> int:
        """The sum of its entries."""
        return sum(entry.minutes for entry in self.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: the days that have entries, in order."""

    key: RowKey
    cells: tuple[Cell, ...]

    @property
    def minutes(self) -> int:
        """The sum of its cells."""
        return sum(cell.minutes for cell in self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellWrite:
    """
    What one cell is to hold.

    With ``entry_id`` and ``version`` an entry changes, or goes where ``minutes`` are 0; without them one is added. ``given``: further
    fields of the entry, such as its note.
    """

    key: RowKey
    day: date
    minutes: int
    entry_id: TimeEntryId | None = None
    version: int | None = None
    given: Mapping[str, Any] = field(default_factory=dict)


def key_of(entry: TimeEntry) -> RowKey:
    """The row that an entry stands in."""
    return RowKey(
        project_id=entry.project_id,
        task_id=entry.task_id,
        demand_id=entry.demand_id,
        activity_type_id=entry.activity_type_id,
        is_billable=entry.is_billable,
    )


def rows_of(entries: Iterable[TimeEntry]) -> tuple[Row, ...]:
    """Entries as rows, ordered by what they are about."""
    grouped: dict[RowKey, dict[date, list[TimeEntry]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        grouped[key_of(entry)][entry.work_date].append(entry)
    return tuple(
        Row(key=key, cells=tuple(Cell(day=day, entries=tuple(days[day])) for day in sorted(days)))
        for key, days in sorted(grouped.items(), key=lambda one: _order(one[0]))
    )


def week_days(monday: date) -> tuple[date, ...]:
    """The seven days of a week. Raises DomainError ``input.invalid`` with ``week.not_monday``."""
    if monday.weekday() != 0:
        right = monday - timedelta(days=monday.weekday())
        message = f"{monday} is not a Monday; the week that holds it begins {right}."
        raise invalid("week", Fault(pointer="/week", code="week.not_monday", message=message))
    return tuple(monday + timedelta(days=number) for number in range(WEEK_DAYS))


def iso_week(monday: date) -> str:
    """The week's name in ISO 8601, such as 2026-W53."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02d}"


def _order(key: RowKey) -> tuple[str, str, str, str, bool]:
    return (key.project_id, key.task_id or "", key.demand_id or "", key.activity_type_id or "", not key.is_billable)

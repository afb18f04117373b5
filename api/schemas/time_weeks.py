"""A person's week as a grid, and time that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field

from api.schemas.fields import Clean, Day, Flag, Id, Integer, Schema, WriteSchema
from api.schemas.lists import Word
from api.schemas.time import Note, TimeEntryRead, TimeWarningRead, TimeWritten, shown_entries, shown_warnings
from scheduler.domain.delivery.time_entries import DAY_MINUTES_MAX
from scheduler.domain.delivery.time_weeks import CELLS_MAX, CellWrite, RowKey, iso_week
from scheduler.domain.ground.ids import ActivityTypeId, DemandId, ProjectId, TaskId, TimeEntryId
from scheduler.domain.ground.paging import LIMIT_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.domain.delivery.time_rules import TimeWarning
    from scheduler.domain.delivery.time_weeks import Row
    from scheduler.queries.time_weeks import TimeWeek
    from scheduler.store.time_book import Written
    from scheduler.store.time_reading import LoggedWeek

Monday = Annotated[Day, Field(description="The week's Monday.")]
_KEY = ("project_id", "task_id", "demand_id", "activity_type_id", "is_billable")
_NOTES = ("note", "ticket_ref")


class RowShape(Schema):
    """What a row of the grid is about."""

    project_id: Id
    task_id: Id | None
    demand_id: Id | None
    activity_type_id: Id | None
    is_billable: Flag

    @classmethod
    def of(cls, key: RowKey) -> Self:
        """As callers see it."""
        return cls.model_construct(**{name: getattr(key, name) for name in _KEY})


class CellRead(Schema):
    """A day of a row that has entries."""

    day: Day
    minutes: Integer
    entries: list[TimeEntryRead]


class RowRead(RowShape):
    """One row; days without an entry are left out."""

    minutes: Integer
    cells: list[CellRead]


class WeekDayRead(Schema):
    """One day of the week."""

    day: Day
    target_minutes: Annotated[Integer | None, Field(description="By contract, calendar and absences; null for whom the time is not whole.")]
    logged_minutes: Integer


class TimeWeekRead(Schema):
    """
    A person's week, as far as one may see it.

    `earlier_rows` are those of the week before that this one has not: what to go on with.
    """

    person_id: Id
    week: Monday
    iso_week: Annotated[str, Field(examples=["2026-W53"])]
    days: list[WeekDayRead]
    rows: list[RowRead]
    earlier_rows: list[RowShape]
    logged_minutes: Integer
    target_minutes: Integer | None
    warnings: list[TimeWarningRead]


class CellShape(WriteSchema):
    """
    What a cell is to hold.

    With `entry_id` and `version` that entry changes, and goes where `minutes` are 0; without them one is added.
    """

    project_id: Id
    task_id: Id | None = None
    demand_id: Id | None = None
    activity_type_id: Id | None = None
    is_billable: Flag = True
    day: Day
    minutes: Annotated[Integer, Field(ge=0, le=DAY_MINUTES_MAX)]
    entry_id: Id | None = None
    version: Annotated[Integer | None, Field(ge=1, description="Of the entry, as it was read; goes with `entry_id`.")] = None
    note: Note | None = None
    ticket_ref: Clean | None = None

    def to_value(self) -> CellWrite:
        """As the domain knows it."""
        key = RowKey(
            project_id=ProjectId(self.project_id),
            task_id=None if self.task_id is None else TaskId(self.task_id),
            demand_id=None if self.demand_id is None else DemandId(self.demand_id),
            activity_type_id=None if self.activity_type_id is None else ActivityTypeId(self.activity_type_id),
            is_billable=self.is_billable,
        )
        given: dict[str, Any] = {name: getattr(self, name) for name in _NOTES if name in self.model_fields_set}
        entry_id = None if self.entry_id is None else TimeEntryId(self.entry_id)
        return CellWrite(key=key, day=self.day, minutes=self.minutes, entry_id=entry_id, version=self.version, given=given)


class TimeWeekWrite(WriteSchema):
    """Cells of a week; those that are not named stay as they are."""

    week: Monday
    cells: Annotated[list[CellShape], Field(max_length=CELLS_MAX)]


class WeekCopy(WriteSchema):
    """A week to be filled as another was."""

    week: Monday
    source: Annotated[Day | None, Field(description="The Monday of the week to copy; null: the one before.")] = None
    with_notes: Flag = False


class WeekPrefill(WriteSchema):
    """A week to be filled with what is booked."""

    week: Monday


class SkippedRead(Schema):
    """A proposal that was not made, and why."""

    project_id: Id
    work_date: Day
    minutes: Integer
    code: str
    message: str


class TimeProposed(TimeWritten):
    """Drafts that were made. What they still lack stands among the warnings; what nothing can be made of was left out."""

    skipped: list[SkippedRead]


class WeekQuery(Schema):
    """Which week."""

    week: Monday


class MissingTimeQuery(Schema):
    """Whose missing time, and of which weeks."""

    week: Annotated[Day, Field(description="The Monday of the first week.")]
    weeks: Annotated[int, Field(ge=1, le=13, description="How many weeks from there on.")] = 1
    team: Word | None = None
    person_id: Word | None = None
    cursor: Annotated[Word | None, Field(description="`next_cursor` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX, description="Most people in the page.")] = 100


class MissingTimeRead(Schema):
    """A person's week in which less is logged than was to be worked."""

    person_id: Id
    week: Monday
    target_minutes: Integer
    logged_minutes: Annotated[Integer, Field(description="In whatever state.")]
    missing_minutes: Integer


class MissingTimePage(Schema):
    """One page: the weeks of so many people, by person and week."""

    items: list[MissingTimeRead]
    next_cursor: Annotated[str | None, Field(description="Where the next page begins; null on the last one.")]


def shown_week(found: TimeWeek, *, more: Sequence[TimeWarning] = ()) -> TimeWeekRead:
    """A week as callers see it; ``more``: warnings of what was just written."""
    logged = {day: sum(cell.minutes for row in found.rows for cell in row.cells if cell.day == day) for day in found.days}
    targets = found.targets or (None,) * len(found.days)
    warnings = dict.fromkeys([*found.warnings, *more])
    return TimeWeekRead.model_construct(
        person_id=found.person_id,
        week=found.days[0],
        iso_week=iso_week(found.days[0]),
        days=[
            WeekDayRead.model_construct(day=day, target_minutes=target, logged_minutes=logged[day])
            for day, target in zip(found.days, targets, strict=True)
        ],
        rows=[_row(row) for row in found.rows],
        earlier_rows=[RowShape.of(key) for key in found.earlier_rows],
        logged_minutes=sum(logged.values()),
        target_minutes=None if found.targets is None else sum(found.targets),
        warnings=shown_warnings(warnings),
    )


def shown_proposed(written: Written) -> TimeProposed:
    """Drafts that were made."""
    return TimeProposed.model_construct(
        entries=shown_entries(written.entries),
        warnings=shown_warnings(written.warnings),
        skipped=[
            SkippedRead.model_construct(
                project_id=one.entry.project_id,
                work_date=one.entry.work_date,
                minutes=one.entry.minutes,
                code=one.code,
                message=one.message,
            )
            for one in written.skipped
        ],
    )


def shown_missing(weeks: Sequence[LoggedWeek], next_cursor: str | None) -> MissingTimePage:
    """A page of missing time."""
    items = [
        MissingTimeRead.model_construct(
            person_id=one.person_id,
            week=one.week,
            target_minutes=one.target_min,
            logged_minutes=one.logged_min,
            missing_minutes=one.missing_min,
        )
        for one in weeks
    ]
    return MissingTimePage.model_construct(items=items, next_cursor=next_cursor)


def _row(row: Row) -> RowRead:
    cells = [CellRead.model_construct(day=cell.day, minutes=cell.minutes, entries=shown_entries(cell.entries)) for cell in row.cells]
    return RowRead.model_construct(**{name: getattr(row.key, name) for name in _KEY}, minutes=row.minutes, cells=cells)

"""Worked time: entries, activity types, policies, weeks and timers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.schemas.fields import (
    EARLIEST,
    LATEST,
    Clean,
    Day,
    Flag,
    Id,
    Instant,
    Integer,
    Name,
    Part,
    RecordWrite,
    Schema,
    WriteSchema,
    checked_text,
)
from api.schemas.lists import ListQuery, NamedList, Word
from scheduler.domain.delivery.clock_times import Moment
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.time_drafts import TimeDraft
from scheduler.domain.delivery.time_entries import DAY_MINUTES_MAX, NOTE_MAX, ActivityType, TimeEntry
from scheduler.domain.delivery.time_policies import FIGURE_MAX, REMIND_MAX, PolicyRule, RuleKind, Severity, TimePolicy
from scheduler.domain.ground.ids import ActivityTypeId, PersonId, ProjectId, TimeEntryId, TimePolicyId

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scheduler.domain.delivery.time_rules import TimeWarning


def _clock_time(value: Any) -> datetime:
    """An instant with its offset, or what a clock shows; a number could be seconds or milliseconds of any epoch, and is refused."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("time.zone_required", "A time is written as text with its offset, such as 2026-03-02T09:00:00+01:00")
    try:
        found = datetime.fromisoformat(value) if 10 < len(value) <= 40 else None
    except ValueError:
        found = None
    if found is None:
        raise PydanticCustomError("time.invalid", "A time is written as text, such as 2026-03-02T09:00:00+01:00")
    if not EARLIEST <= found.date() <= LATEST:
        raise PydanticCustomError("date.out_of_range", f"Days from {EARLIEST} to {LATEST} are taken")
    return found


ClockTime = Annotated[
    datetime,
    BeforeValidator(_clock_time),
    WithJsonSchema({"type": "string", "examples": ["2026-03-02T09:00:00+01:00"]}),
]
Note = Annotated[str, StringConstraints(strict=True, max_length=NOTE_MAX), BeforeValidator(checked_text)]
Zone = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64), BeforeValidator(checked_text)]
EntryMinutes = Annotated[Integer, Field(ge=1, le=DAY_MINUTES_MAX)]
Fold = Annotated[Literal[0, 1] | None, Field(description="In the hour that comes twice: 0 for the first, 1 for the second time.")]
_FOLDS = {"started_at": "started_fold", "ended_at": "ended_fold"}


class ActivityTypeWrite(RecordWrite):
    """A sort of work that the firm tells apart, such as travel."""

    name: Name
    is_billable: Annotated[Flag, Field(description="Whether work of this sort is billable unless an entry says otherwise.")] = True
    is_active: Annotated[Flag, Field(description="Whether new entries may name it.")] = True
    external_id: Clean | None = None

    def to_value(self, *, own_id: str, version: int) -> ActivityType:
        """As the domain knows it."""
        given = {name: getattr(self, name) for name in type(self).model_fields}
        return ActivityType(id=ActivityTypeId(own_id), version=version, **given)

    @classmethod
    def of(cls, value: ActivityType) -> Self:
        """What a caller would send."""
        return cls.model_construct(**{name: getattr(value, name) for name in cls.model_fields if hasattr(value, name)})


class ActivityTypeList(NamedList):
    """Activity types."""

    is_active: bool | None = None


class PolicyRuleShape(Part):
    """One rule of a policy."""

    kind: RuleKind
    severity: Severity = Severity.BLOCK
    figure: Annotated[Integer | None, Field(ge=0, le=FIGURE_MAX, description="Days, minutes or characters, as the rule has it.")] = None

    def to_value(self) -> PolicyRule:
        """As the domain knows it."""
        return PolicyRule(kind=self.kind, severity=self.severity, figure=self.figure)

    @classmethod
    def of(cls, value: PolicyRule) -> Self:
        """What a caller would send."""
        return cls.model_construct(kind=value.kind, severity=value.severity, figure=value.figure)


class TimePolicyWrite(RecordWrite):
    """Rules for time entries: the firm's, a team's or a project's, by work date."""

    name: Name
    project_id: Annotated[Id | None, Field(description="For entries on this project.")] = None
    team: Annotated[Clean | None, Field(description="For entries of this team's people.")] = None
    valid_from: Annotated[Day | None, Field(description="First work date for which it counts.")] = None
    valid_until: Annotated[Day | None, Field(description="Last work date for which it counts.")] = None
    rules: Annotated[list[PolicyRuleShape], Field(max_length=len(RuleKind))] = Field(default_factory=list)
    remind_after_days: Annotated[
        Integer | None, Field(ge=0, le=REMIND_MAX, description="Days after a week's end when those are reminded whose time is missing.")
    ] = None
    external_id: Clean | None = None

    def to_value(self, *, own_id: str, version: int) -> TimePolicy:
        """As the domain knows it."""
        return TimePolicy(
            id=TimePolicyId(own_id),
            version=version,
            name=self.name,
            project_id=None if self.project_id is None else ProjectId(self.project_id),
            team=self.team,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            rules=tuple(rule.to_value() for rule in self.rules),
            remind_after_days=self.remind_after_days,
            external_id=self.external_id,
        )

    @classmethod
    def of(cls, value: TimePolicy) -> Self:
        """What a caller would send."""
        given: dict[str, Any] = {name: getattr(value, name) for name in TimePolicyWrite.model_fields if name != "rules"}
        return cls.model_construct(**given, rules=[PolicyRuleShape.of(rule) for rule in value.rules])


class TimePolicyList(NamedList):
    """Time policies."""

    project_id: Word | None = None
    team: Word | None = None


class _EntryFields(WriteSchema):
    """What a caller says of an entry."""

    read_only: ClassVar[frozenset[str]] = WriteSchema.read_only | {"state", "booking_id"}
    task_id: Id | None = None
    demand_id: Id | None = None
    work_date: Annotated[Day | None, Field(description="The local day; with minutes, and without start and end.")] = None
    minutes: EntryMinutes | None = None
    started_at: Annotated[ClockTime | None, Field(description="With its offset, or as clocks in `zone` show it; whole minutes.")] = None
    started_fold: Fold = None
    ended_at: Annotated[
        ClockTime | None, Field(description="After the start; what crosses midnight in `zone` becomes several entries.")
    ] = None
    ended_fold: Fold = None
    zone: Annotated[Zone | None, Field(description="IANA name; says on which day the work lies.", examples=["Europe/Berlin"])] = None
    activity_type_id: Id | None = None
    ticket_ref: Annotated[Clean | None, Field(description="Of the ticket it was worked on, in whatever tool.")] = None
    note: Note | None = None
    is_billable: Annotated[Flag | None, Field(description="Null: as project, task and activity type have it.")] = None
    external_id: Clean | None = None

    def given(self) -> dict[str, Any]:
        """The fields that were sent, as the domain knows them."""
        found = {name: getattr(self, name) for name in self.model_fields_set if name not in _FOLDS.values()}
        for name, fold in _FOLDS.items():
            if found.get(name) is not None:
                found[name] = Moment(at=found[name], fold=getattr(self, fold))
        return found


class TimeEntryWrite(_EntryFields):
    """Work: `work_date` and `minutes`, or `started_at`, `ended_at` and `zone`."""

    person_id: Id
    project_id: Id

    def draft(self) -> TimeDraft:
        """As the domain knows it."""
        return TimeDraft(**self.given())


class TimeEntryPatch(_EntryFields):
    """Fields to change. An entry stays its person's. Set start and end to null to go on with minutes alone."""

    read_only: ClassVar[frozenset[str]] = _EntryFields.read_only | {"person_id"}
    project_id: Id = Field(default_factory=lambda: None)  # type: ignore[assignment]  # left out, not empty


class TimeEntryRead(RecordWrite):
    """Work of one person on one project on one day."""

    id: Id
    version: Annotated[Integer, Field(ge=1, description="Counts changes; the ETag is this number.")]
    person_id: Id
    project_id: Id
    task_id: Id | None
    demand_id: Id | None
    booking_id: Annotated[Id | None, Field(description="The booking that it was proposed from.")]
    work_date: Day
    minutes: Integer
    started_at: Instant | None
    ended_at: Instant | None
    zone: str | None
    activity_type_id: Id | None
    ticket_ref: str | None
    note: str | None
    is_billable: Flag
    state: LineState
    external_id: str | None

    def to_value(self, *, own_id: str, version: int) -> TimeEntry:
        """As the domain knows it."""
        given = {name: getattr(self, name) for name in type(self).model_fields if name not in ("id", "version")}
        return TimeEntry(id=TimeEntryId(own_id), version=version, **given)

    @classmethod
    def of(cls, value: TimeEntry) -> Self:
        """The entry as callers see it."""
        return cls.model_construct(**{name: getattr(value, name) for name in cls.model_fields})


class TimeEntryList(ListQuery):
    """Time entries."""

    from_: Annotated[Day | None, Field(alias="from", description="First work date.")] = None
    until: Annotated[Day | None, Field(description="The day after the last work date.")] = None
    person_id: Word | None = None
    project_id: Word | None = None
    task_id: Word | None = None
    demand_id: Word | None = None
    activity_type_id: Word | None = None
    state: LineState | None = None
    is_billable: bool | None = None
    external_id: Word | None = None


class TimeWarningRead(Schema):
    """
    What is to be told of an entry that was taken.

    Codes: those of rules whose severity is `warn` (`time.overlap`, `time.day_full`, ...), `time.project_tentative`,
    `time.outside_project`, `time.task_done`, `time.outside_task`.
    """

    entry_id: Id
    code: str
    message: str
    policy_id: Annotated[Id | None, Field(description="The policy whose rule it is; null: no policy's.")]
    figure: Annotated[Integer | None, Field(description="What the rule allows.")]
    found: Annotated[Integer | None, Field(description="What there is.")]
    other_entry_ids: list[Id]


class TimeWritten(Schema):
    """Entries as they were kept, one for each local day, and what is to be told of them."""

    entries: list[TimeEntryRead]
    warnings: list[TimeWarningRead]


class TimerWrite(WriteSchema):
    """What one begins to work on."""

    project_id: Id
    zone: Annotated[Zone, Field(description="IANA name; says on which days the work will lie.", examples=["Europe/Berlin"])]
    task_id: Id | None = None
    demand_id: Id | None = None
    activity_type_id: Id | None = None
    ticket_ref: Clean | None = None
    note: Note | None = None
    is_billable: Annotated[Flag | None, Field(description="Null: as project, task and activity type have it.")] = None

    def draft(self, person_id: str) -> TimeDraft:
        """As the domain knows it."""
        given = {name: getattr(self, name) for name in type(self).model_fields if name != "zone"}
        return TimeDraft(person_id=PersonId(person_id), **given)


class TimerStop(WriteSchema):
    """The end of what one works on."""

    ended_at: Annotated[Instant | None, Field(description="Null: now. Earlier where the timer was forgotten.")] = None
    note: Annotated[Note | None, Field(description="In place of the timer's.")] = None


class TimerRead(Schema):
    """What one works on."""

    person_id: Id
    project_id: Id
    started_at: Instant
    zone: str
    task_id: Id | None
    demand_id: Id | None
    activity_type_id: Id | None
    ticket_ref: str | None
    note: str | None
    is_billable: Flag


class TimerState(Schema):
    """The timer that runs, if one does."""

    running: TimerRead | None


def shown_entries(entries: Iterable[TimeEntry]) -> list[TimeEntryRead]:
    """Entries as callers see them."""
    return [TimeEntryRead.of(entry) for entry in entries]


def shown_warnings(warnings: Iterable[TimeWarning]) -> list[TimeWarningRead]:
    """Warnings as callers see them."""
    names = ("entry_id", "code", "message", "policy_id", "figure", "found")
    return [
        TimeWarningRead.model_construct(**{name: getattr(one, name) for name in names}, other_entry_ids=list(one.other_ids))
        for one in warnings
    ]

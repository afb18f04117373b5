"""Timesheets, what is handed in and decided about, deputies, locked periods and the firm's policy for all that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field

from api.schemas.fields import Clean, Day, Flag, Id, Instant, Integer, Name, RecordWrite, Schema, WriteSchema
from api.schemas.lists import ListQuery, Word
from api.schemas.people import Period
from scheduler.domain.delivery.approval_policies import ESCALATION_MAX_DAYS, ApprovalPolicy, SheetPeriod
from scheduler.domain.delivery.approvals import Level
from scheduler.domain.delivery.delegations import Delegation
from scheduler.domain.delivery.line_decisions import LINES_MAX
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.lines import LineKind, LineRef, WantedLine, WantedLines, WantedSheet
from scheduler.domain.delivery.timesheets import SheetState
from scheduler.domain.ground.ids import DelegationId, PersonId
from scheduler.domain.ground.paging import LIMIT_MAX, PageRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scheduler.domain.delivery.period_locks import PeriodLock
    from scheduler.queries.timesheets import Inbox, PlanAndActual, ShownLine, Timesheet
    from scheduler.usecases.line_steps import Moved


class LineWrite(WriteSchema):
    """A line in the version that you saw."""

    kind: LineKind = LineKind.TIME_ENTRY
    id: Id
    version: Annotated[Integer, Field(ge=1)]
    read_only = WriteSchema.read_only - {"id", "version"}


class SheetWrite(WriteSchema):
    """What of a timesheet is yours to do this with, as you saw it."""

    person_id: Id
    day: Annotated[Day, Field(description="Any day of it.")]
    seen: Annotated[Word, Field(description="`seen` of the timesheet that you read.")]


class LinesWrite(WriteSchema):
    """Lines one by one, or whole timesheets: all of them or, when one stands in the way, none. At most 500 lines."""

    lines: Annotated[list[LineWrite], Field(max_length=LINES_MAX)] = Field(default_factory=list)
    sheets: Annotated[list[SheetWrite], Field(max_length=LINES_MAX)] = Field(default_factory=list)

    def to_value(self) -> WantedLines:
        """As the use case knows it."""
        return WantedLines(
            lines=tuple(WantedLine(ref=LineRef(kind=one.kind, id=one.id), version=one.version) for one in self.lines),
            sheets=tuple(WantedSheet(person_id=one.person_id, day=one.day, seen=one.seen) for one in self.sheets),
        )


class LinesWithReasonWrite(LinesWrite):
    """Lines or timesheets, and why."""

    reason: Annotated[Clean | None, Field(description="The lines' people read it.")] = None


class LineRead(Schema):
    """A line on its way, and what is known of that way."""

    kind: LineKind
    id: Id
    version: Integer
    person_id: Id
    project_id: Id | None
    day: Day
    minutes: Integer | None
    state: LineState
    waits_for: Annotated[Level | None, Field(description="Whose decision it waits for.")]
    submitted_at: Instant | None
    decided_at: Instant | None
    decided_by: Annotated[Id | None, Field(description="The user who decided last, or took an approval back.")]
    decided_for: Annotated[Id | None, Field(description="The person in whose name that was; null: the decider's own.")]
    reason: Annotated[str | None, Field(description="Of the last decision.")]


class ShownLineRead(LineRead):
    """A line with what you can do about it."""

    can_decide: Annotated[bool, Field(description="Whether you can approve or reject it now.")]
    decide_for: Annotated[Id | None, Field(description="The person in whose name you would; null: your own.")]
    is_locked: Annotated[bool, Field(description="Whether its day lies in a locked period.")]


class MovedLinesRead(Schema):
    """The lines after the step, with their new versions."""

    lines: list[LineRead]


class PlanAndActualRead(Schema):
    """A person's work on a project in one timesheet: minutes booked, and minutes logged in any state."""

    person_id: Id
    project_id: Id
    period: Period
    planned_minutes: Integer
    logged_minutes: Integer


class WaitingRead(Schema):
    """Whom some lines wait for; `people` are those with a login that is a person's, deputies included."""

    level: Level
    people: list[Id]
    lines: Integer


class TimesheetRead(Schema):
    """What you see of a person's week or month. `state` follows from its lines: see docs/how-to/timesheets.md."""

    person_id: Id
    period: Period
    state: SheetState
    seen: Annotated[str, Field(description="Differs as soon as a line is added, changed or gone. Send it with what you decide.")]
    lines: list[ShownLineRead]
    groups: list[PlanAndActualRead]
    waits_for: list[WaitingRead]
    names: dict[str, dict[str, str]]


class InboxRead(Schema):
    """One page of the lines that wait for you."""

    items: list[ShownLineRead]
    groups: list[PlanAndActualRead]
    names: dict[str, dict[str, str]]
    next_cursor: Annotated[str | None, Field(description="Where the next page begins; null on the last one.")]


class TimesheetQuery(Schema):
    """Which timesheet of a person."""

    day: Annotated[Day, Field(description="Any day of it.")]


class InboxQuery(Schema):
    """Which of the lines that wait for you."""

    kind: LineKind | None = None
    person_id: Word | None = None
    project_id: Word | None = None
    cursor: Annotated[str | None, Field(max_length=2000, description="`next_cursor` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX, description="Most items in the page.")] = 100

    def page_request(self) -> PageRequest:
        """As the store knows it."""
        given = {"kind": self.kind, "person_id": self.person_id, "project_id": self.project_id}
        filters = {name: str(value) for name, value in given.items() if value is not None}
        return PageRequest(filters=filters, cursor=self.cursor, limit=self.limit)


class DelegationWrite(RecordWrite):
    """A deputy decides about the lines that a person could decide about, from `period.start` to before `period.end`."""

    person_id: Annotated[Id, Field(description="For whom.")]
    deputy_id: Annotated[Id, Field(description="Who stands in; has to have a login that may decide about lines.")]
    period: Period
    external_id: Clean | None = None

    def to_value(self, *, own_id: str, version: int) -> Delegation:
        """As the domain knows it."""
        return Delegation(
            id=DelegationId(own_id),
            version=version,
            person_id=PersonId(self.person_id),
            deputy_id=PersonId(self.deputy_id),
            period=self.period.to_value(),
            external_id=self.external_id,
        )

    @classmethod
    def of(cls, value: Delegation) -> Self:
        """What a caller would send."""
        given: dict[str, Any] = {name: getattr(value, name) for name in ("person_id", "deputy_id", "external_id")}
        return cls.model_construct(**given, period=Period.of(value.period))


class DelegationList(ListQuery):
    """Delegations."""

    person_id: Word | None = None
    deputy_id: Word | None = None
    from_: Annotated[Day | None, Field(alias="from", description="What has not ended on this day.")] = None
    until: Annotated[Day | None, Field(description="What has begun before this day.")] = None
    external_id: Word | None = None


class PeriodLockWrite(WriteSchema):
    """All lines of days before `locked_before` stay as they are: of a project, or of all."""

    locked_before: Annotated[Day, Field(description="The first day that stays open.")]
    project_id: Annotated[Id | None, Field(description="null: the whole firm.")] = None
    note: Name | None = None


class PeriodLockRead(Schema):
    """A lock, and what became of it."""

    id: Id
    version: Integer
    locked_before: Day
    project_id: Id | None
    note: str | None
    locked_by: Id
    locked_at: Instant
    lifted_by: Id | None
    lifted_at: Instant | None
    lift_reason: str | None


class PeriodLockPage(Schema):
    """One page."""

    items: list[PeriodLockRead]
    next_cursor: Annotated[str | None, Field(description="Where the next page begins; null on the last one.")]


class PeriodLockList(ListQuery):
    """Period locks."""

    project_id: Word | None = None
    external_id: Word | None = None


class LiftWrite(WriteSchema):
    """Why a lock is lifted."""

    reason: Name


class ApprovalPolicyWrite(RecordWrite):
    """How lines are handed in and decided about."""

    sheet_period: Annotated[SheetPeriod, Field(description="How long a timesheet is.")] = SheetPeriod.WEEK
    escalation_days: Annotated[
        Integer | None,
        Field(ge=1, le=ESCALATION_MAX_DAYS, description="Days without a decision after which the next level is asked; null: never."),
    ] = 3
    reject_needs_reason: Flag = True
    tell_deciders: Annotated[Flag, Field(description="Whether those whom lines wait for hear of it by mail.")] = True

    def to_value(self, *, own_id: str, version: int) -> ApprovalPolicy:  # noqa: ARG002 - there is one
        """As the domain knows it."""
        return ApprovalPolicy(version=version, **{name: getattr(self, name) for name in _POLICY_FIELDS})

    @classmethod
    def of(cls, value: ApprovalPolicy) -> Self:
        """What a caller would send."""
        return cls.model_construct(**{name: getattr(value, name) for name in _POLICY_FIELDS})


_POLICY_FIELDS = tuple(ApprovalPolicyWrite.model_fields)


class ApprovalPolicyRead(ApprovalPolicyWrite):
    """How lines are handed in and decided about; version 0 says that nobody has said so yet."""

    id: str
    version: Integer


def shown_lock(value: PeriodLock) -> PeriodLockRead:
    """As HTTP shows it."""
    return PeriodLockRead.model_construct(**{name: getattr(value, name) for name in PeriodLockRead.model_fields})


def shown_moved(done: Moved) -> MovedLinesRead:
    """As HTTP shows it."""
    return MovedLinesRead.model_construct(lines=[LineRead.model_construct(**_line(line, approval)) for line, approval in done.lines])


def shown_sheet(found: Timesheet) -> TimesheetRead:
    """As HTTP shows it."""
    return TimesheetRead.model_construct(
        person_id=found.person_id,
        period=Period.of(found.days),
        state=found.state,
        seen=found.seen,
        lines=_lines(found.lines),
        groups=_groups(found.groups),
        waits_for=[WaitingRead.model_construct(level=one.level, people=list(one.people), lines=one.lines) for one in found.waiting],
        names=_plain(found.names),
    )


def shown_inbox(found: Inbox) -> InboxRead:
    """As HTTP shows it."""
    return InboxRead.model_construct(
        items=_lines(found.lines), groups=_groups(found.groups), names=_plain(found.names), next_cursor=found.next_cursor
    )


def _plain(names: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {area: dict(found) for area, found in names.items()}


def _line(line: Any, approval: Any) -> dict[str, Any]:
    own = {name: getattr(line, name) for name in ("version", "person_id", "project_id", "day", "minutes", "state")}
    way = ("waits_for", "submitted_at", "decided_at", "decided_by", "decided_for", "reason")
    return {"kind": line.ref.kind, "id": line.ref.id, **own, **{name: getattr(approval, name, None) for name in way}}


def _lines(shown: Iterable[ShownLine]) -> list[ShownLineRead]:
    return [
        ShownLineRead.model_construct(
            **_line(one.line, one.approval),
            can_decide=one.seat is not None and not one.is_locked,
            decide_for=None if one.seat is None else one.seat.for_person,
            is_locked=one.is_locked,
        )
        for one in shown
    ]


def _groups(groups: Iterable[PlanAndActual]) -> list[PlanAndActualRead]:
    return [
        PlanAndActualRead.model_construct(
            person_id=one.group.person_id,
            project_id=one.group.project_id,
            period=Period.of(one.group.days),
            planned_minutes=one.planned_min,
            logged_minutes=one.logged_min,
        )
        for one in groups
    ]

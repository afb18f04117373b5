"""Reports of hours as callers ask for them and see them."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from api.schemas.fields import Day, Id, Integer, Schema
from api.schemas.lists import ReadQuery, Word
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.work_hours import Grouping, Span
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.ids import PersonId
from scheduler.domain.ground.interval import DateInterval
from scheduler.planning.time_grid import WEEK, TimeGrid
from scheduler.queries.people_report import PeopleRequest
from scheduler.queries.plan_actual import PlanGrouping

if TYPE_CHECKING:
    from fractions import Fraction

    from scheduler.domain.delivery.work_hours import Accuracy, Minutes, PlanActual
    from scheduler.planning.skill_pools import PoolReport
    from scheduler.queries.people_report import PeopleReport
    from scheduler.queries.plan_actual import AccuracyGroup, PlanActualGroup

DAYS_MAX = 1_100
"""Three years."""
WEEKS_MAX = 156
ACCURACY_WEEKS_MAX = 26


class RecordedTime(StrEnum):
    """Which recorded time counts."""

    APPROVED = "approved"
    SUBMITTED = "submitted"
    """Handed in, approved or not yet."""
    ALL = "all"
    """Drafts and what was rejected too."""


STATES = {
    RecordedTime.APPROVED: frozenset({LineState.APPROVED}),
    RecordedTime.SUBMITTED: frozenset({LineState.APPROVED, LineState.SUBMITTED}),
    RecordedTime.ALL: frozenset(LineState),
}

_Start = Annotated[Day, Field(description="The first day.")]
_Until = Annotated[Day, Field(description="The day after the last one.")]
_Time = Annotated[RecordedTime, Field(description="Which recorded time counts: approved, handed in (submitted and approved), or all.")]


class _DaysQuery(ReadQuery):
    start: _Start
    end: _Until
    span: Annotated[Span, Field(description="What a column is; the first and the last may be cut short.")] = Span.WEEK
    time: _Time = RecordedTime.SUBMITTED

    def days(self) -> DateInterval:
        """The days asked for."""
        return days_between(self.start, self.end, most=DAYS_MAX)


class PeopleReportQuery(_DaysQuery):
    """Which days, groups and people."""

    by: Annotated[Grouping, Field(description="What a row is. Groups by skill overlap; all others add up to the firm.")] = Grouping.FIRM
    team: Annotated[Word | None, Field(description="Only this team.")] = None
    person_id: Annotated[Id | None, Field(description="Only this person.")] = None

    def request(self) -> PeopleRequest:
        """As the query knows it."""
        person = None if self.person_id is None else PersonId(self.person_id)
        return PeopleRequest(days=self.days(), by=self.by, span=self.span, states=STATES[self.time], team=self.team, person_id=person)


class PlanActualQuery(_DaysQuery):
    """Which days and groups."""

    by: Annotated[PlanGrouping, Field(description="What a row is.")] = PlanGrouping.PROJECT


class BottleneckQuery(ReadQuery):
    """Which weeks."""

    start: Annotated[Day, Field(description="The first Monday.")]
    weeks: Annotated[int, Field(ge=1, le=WEEKS_MAX)] = 13

    def grid(self) -> TimeGrid:
        """The weeks asked for."""
        return TimeGrid(start=_monday(self.start), weeks=self.weeks)


class AccuracyQuery(Schema):
    """Which weeks, and how long before them."""

    start: Annotated[Day, Field(description="The first Monday.")]
    weeks: Annotated[int, Field(ge=1, le=ACCURACY_WEEKS_MAX)] = 4
    weeks_ahead: Annotated[int, Field(ge=0, le=52, description="How long before each week the forecast is looked at.")] = 4
    by: Annotated[PlanGrouping, Field(description="What a row is.")] = PlanGrouping.FIRM
    time: _Time = RecordedTime.SUBMITTED

    def days(self) -> DateInterval:
        """All days of the weeks."""
        first = _monday(self.start)
        return DateInterval(first, first + self.weeks * WEEK)


def _monday(day: date) -> date:
    if day.weekday() != 0:
        monday = day - timedelta(days=day.weekday())
        message = f"{day} is a {day:%A}; weeks begin on a Monday, such as {monday} or {monday + WEEK}."
        raise DomainError(
            ErrorKind.INVALID, "week.not_monday", message, (Fault(pointer="/start", code="week.not_monday", message=message),)
        )
    return day


def days_between(start: date, end: date, *, most: int) -> DateInterval:
    """The days of a report. Raises DomainError ``interval.empty``, ``report.too_large``."""
    length = (end - start).days
    if length < 1:
        message = f"The end {end} is not after the start {start}; it is the day after the last one."
        raise DomainError(ErrorKind.INVALID, "interval.empty", message, (Fault(pointer="/end", code="interval.empty", message=message),))
    if length > most:
        message = f"From {start} to {end} are {length:,} days; ask for at most {most:,}."
        raise DomainError(
            ErrorKind.INVALID, "report.too_large", message, (Fault(pointer="/end", code="report.too_large", message=message),)
        )
    return DateInterval(start, end)


Ratio = Annotated[str | None, Field(description="A part of one, with four places; null where there is nothing to divide by.")]


class MinutesRead(Schema):
    """Minutes of a group in a column; docs/metrics.md defines every figure."""

    contracted_minutes: Integer
    bookable_minutes: Integer
    confirmed_minutes: Integer
    tentative_minutes: Integer
    weighted_minutes: Integer
    bench_minutes: Integer
    overload_minutes: Integer
    target_minutes: Integer
    logged_minutes: Integer
    billable_minutes: Integer
    productive_minutes: Integer
    booked_utilisation: Ratio
    billable_utilisation: Ratio
    productive_utilisation: Ratio


class PeopleGroupRead(Schema):
    """A group; ``columns`` has one entry for each of the report's ``starts``. Key and name are null for the firm, and for those without."""

    key: str | None
    name: str | None
    columns: list[MinutesRead]
    total: MinutesRead


class PeopleReportRead(Schema):
    """The report; ``starts`` is the first day of every column."""

    by: Grouping
    span: Span
    starts: list[Day]
    groups: list[PeopleGroupRead]


class PlanActualCell(Schema):
    """``difference_minutes``: recorded beyond what was planned."""

    planned_minutes: Integer
    logged_minutes: Integer
    difference_minutes: int


class PlanActualGroupRead(Schema):
    """A group; key and name are null for the firm, and for people without a team."""

    key: str | None
    name: str | None
    columns: list[PlanActualCell]
    total: PlanActualCell


class PlanActualRead(Schema):
    """The report."""

    by: PlanGrouping
    span: Span
    starts: list[Day]
    groups: list[PlanActualGroupRead]


class AccuracyCell(Schema):
    """``missed_minutes``: the differences by person, project and week, whichever way, added up."""

    forecast_minutes: Integer
    logged_minutes: Integer
    missed_minutes: Integer
    accuracy: Ratio


class AccuracyGroupRead(Schema):
    """A group by week."""

    key: str | None
    name: str | None
    columns: list[AccuracyCell]
    total: AccuracyCell


class AccuracyRead(Schema):
    """The report."""

    by: PlanGrouping
    weeks_ahead: int
    weeks: list[Day]
    groups: list[AccuracyGroupRead]


class PoolWeekRead(Schema):
    """A week of a pool."""

    week: Day
    wanted_minutes: Integer
    expected_minutes: Integer
    bookable_minutes: Integer
    missing_minutes: Integer


class PoolRead(Schema):
    """Those who hold a skill at a level or above, and what is wanted of them."""

    skill_id: str
    skill: str
    level: int
    people: int
    missing_minutes: Integer
    pressure: Annotated[Ratio, Field(description="Expected over bookable minutes of all weeks.")]
    weeks: list[PoolWeekRead]


class BottlenecksRead(Schema):
    """The scarcest first."""

    kind: Literal["skill_pools"]
    pools: list[PoolRead]


def shown_people(found: PeopleReport, query: PeopleReportQuery) -> PeopleReportRead:
    """As callers see it."""
    groups = [
        PeopleGroupRead.model_construct(
            key=group.key, name=group.name, columns=[_minutes(one) for one in group.columns.values()], total=_minutes(group.total)
        )
        for group in found.groups
    ]
    return PeopleReportRead.model_construct(by=query.by, span=query.span, starts=list(found.starts), groups=groups)


def _minutes(found: Minutes) -> MinutesRead:
    return MinutesRead.model_construct(
        contracted_minutes=found.contracted_min,
        bookable_minutes=found.bookable_min,
        confirmed_minutes=found.confirmed_min,
        tentative_minutes=found.tentative_min,
        weighted_minutes=found.weighted_min,
        bench_minutes=found.bench_min,
        overload_minutes=found.overload_min,
        target_minutes=found.target_min,
        logged_minutes=found.logged_min,
        billable_minutes=found.billable_min,
        productive_minutes=found.productive_min,
        booked_utilisation=ratio(found.booked_utilisation),
        billable_utilisation=ratio(found.billable_utilisation),
        productive_utilisation=ratio(found.productive_utilisation),
    )


def ratio(found: Fraction | None) -> str | None:
    """With four places, half up."""
    if found is None:
        return None
    e4 = (2 * found.numerator * 10_000 + found.denominator) // (2 * found.denominator)
    return f"{e4 // 10_000}.{e4 % 10_000:04d}"


def shown_plan_actual(starts: tuple[date, ...], groups: tuple[PlanActualGroup, ...], query: PlanActualQuery) -> PlanActualRead:
    """As callers see it."""
    shown = [
        PlanActualGroupRead.model_construct(
            key=group.key, name=group.name, columns=[_plan_cell(one) for one in group.columns.values()], total=_plan_cell(group.total)
        )
        for group in groups
    ]
    return PlanActualRead.model_construct(by=query.by, span=query.span, starts=list(starts), groups=shown)


def _plan_cell(found: PlanActual) -> PlanActualCell:
    return PlanActualCell.model_construct(
        planned_minutes=found.planned_min, logged_minutes=found.logged_min, difference_minutes=found.difference_min
    )


def shown_accuracy(groups: tuple[AccuracyGroup, ...], query: AccuracyQuery) -> AccuracyRead:
    """As callers see it."""
    shown = [
        AccuracyGroupRead.model_construct(
            key=group.key, name=group.name, columns=[_accuracy(one) for one in group.columns.values()], total=_accuracy(group.total)
        )
        for group in groups
    ]
    mondays = [day for day in query.days().days() if day.weekday() == 0]
    return AccuracyRead.model_construct(by=query.by, weeks_ahead=query.weeks_ahead, weeks=mondays, groups=shown)


def _accuracy(found: Accuracy) -> AccuracyCell:
    return AccuracyCell.model_construct(
        forecast_minutes=found.forecast_min,
        logged_minutes=found.logged_min,
        missed_minutes=found.missed_min,
        accuracy=ratio(found.accuracy),
    )


def shown_pools(pools: tuple[PoolReport, ...]) -> BottlenecksRead:
    """As callers see it."""
    return BottlenecksRead.model_construct(kind="skill_pools", pools=[_pool(pool) for pool in pools])


def _pool(found: PoolReport) -> PoolRead:
    weeks = [
        PoolWeekRead.model_construct(
            week=week.week,
            wanted_minutes=week.wanted_min,
            expected_minutes=week.expected_min,
            bookable_minutes=week.bookable_min,
            missing_minutes=week.missing_min,
        )
        for week in found.weeks
    ]
    return PoolRead.model_construct(
        skill_id=found.skill_id,
        skill=found.skill,
        level=found.level,
        people=found.people,
        missing_minutes=found.missing_min,
        pressure=ratio(found.pressure),
        weeks=weeks,
    )

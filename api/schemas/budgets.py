"""Budgets, the report of what is used of them, and flags of projects."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field

from api.schemas.fields import Day, Id, Instant, Integer, Minor, Minutes, Name, RecordWrite, Schema, SignedRate
from api.schemas.lists import ListQuery, ReadQuery, Word
from scheduler.domain.delivery.budgets import PERCENT_MAX, PERCENTS_MAX, USUAL_PERCENTS, Budget, Measure
from scheduler.domain.delivery.flags import FlagKind
from scheduler.domain.delivery.forecast import Forecast, SpentLine, forecast, forecast_by
from scheduler.domain.ground.ids import BudgetId, DemandId, ProjectId, TaskId
from scheduler.domain.ground.paging import PageRequest
from scheduler.domain.staffing.work import ProjectState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from fractions import Fraction

    from scheduler.domain.delivery.budgets import Used
    from scheduler.domain.delivery.earned_value import EarnedValue
    from scheduler.domain.delivery.flags import Flag
    from scheduler.domain.delivery.forecast import Amounts, Line
    from scheduler.domain.delivery.structure import Part
    from scheduler.queries.project_status import BudgetReport, FlaggedPage

_PLACES = Decimal("0.0001")


class BudgetWrite(RecordWrite):
    """
    A limit on one task with its parts, one demand, or one grade of a project.

    With none of them it is the whole project's: its limits are the project's `budget_minutes` and `budget_minor`, and it only says at which
    percents somebody is told, and which margin is wanted.
    """

    project_id: Id
    task_id: Id | None = None
    demand_id: Id | None = None
    grade: Name | None = None
    minutes: Minutes | None = None
    amount_minor: Annotated[Minor | None, Field(description="Of the value of work at what it is billed.")] = None
    alert_percents: Annotated[
        list[Annotated[Integer, Field(ge=1, le=PERCENT_MAX)]],
        Field(
            max_length=PERCENTS_MAX, default_factory=lambda: list(USUAL_PERCENTS), description="Parts of it that are told of, once each."
        ),
    ]
    target_margin: Annotated[SignedRate | None, Field(ge=-1, le=1, description="Part of the project's revenue.")] = None
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> Budget:
        """As the domain knows it."""
        return Budget(
            id=BudgetId(own_id),
            version=version,
            project_id=ProjectId(self.project_id),
            task_id=None if self.task_id is None else TaskId(self.task_id),
            demand_id=None if self.demand_id is None else DemandId(self.demand_id),
            grade=self.grade,
            minutes=self.minutes,
            amount_minor=self.amount_minor,
            alert_percents=tuple(self.alert_percents),
            target_margin=self.target_margin,
            external_id=self.external_id,
        )

    @classmethod
    def of(cls, value: Budget) -> Self:
        """What a caller would send to make ``value``."""
        given: dict[str, Any] = {name: getattr(value, name) for name in BudgetWrite.model_fields if name != "alert_percents"}
        return cls.model_construct(**given, alert_percents=list(value.alert_percents))


class BudgetList(ListQuery):
    """Budgets."""

    project_id: Word | None = None
    task_id: Word | None = None
    demand_id: Word | None = None
    grade: Word | None = None
    external_id: Word | None = None


class BudgetReportQuery(ReadQuery):
    """Of which day."""

    on: Annotated[Day | None, Field(description="What was approved before it and is booked from then on; today (UTC).")] = None


class AmountsRead(Schema):
    """What work adds up to. Amounts in minor units, null where they are not to be seen; minutes without a rate are in no amount."""

    minutes: Integer
    bill_minor: int | None
    cost_minor: int | None
    unpriced_minutes: Integer
    uncosted_minutes: int | None


class ForecastRead(Schema):
    """Approved time; what is still booked; both together, the estimate at completion."""

    actual: AmountsRead
    booked: AmountsRead
    at_completion: AmountsRead


class ForecastPartRead(Schema):
    """One part of the project's work; the parts of one list add up to the whole. ``id`` null: of no task, demand, grade or known person."""

    id: str | None
    forecast: ForecastRead


class TaskForecastRead(Schema):
    """A task with all its parts, before these; so wholes hold what their parts hold."""

    task_id: Id | None
    depth: Integer
    forecast: ForecastRead


class EarnedValueRead(Schema):
    """PV, EV and AC up to the day; ``cpi`` = EV / AC and ``spi`` = EV / PV with four places, null where there is nothing to divide by."""

    total: Integer
    planned: Integer
    earned: Integer
    actual: Integer
    cpi: str | None
    spi: str | None


class AlertRead(Schema):
    """A part of a limit that was told to be used up."""

    percent: Integer
    limit: Integer
    fired_at: Instant


class UsedRead(Schema):
    """How much of one limit is used, in minutes or minor units."""

    budget_id: Annotated[Id | None, Field(description="Null: the project's own, for which nobody made a budget.")]
    task_id: Id | None
    demand_id: Id | None
    grade: str | None
    measure: Measure
    limit: Integer
    actual: Integer
    booked: Integer
    at_completion: Integer
    used_percent: int | None
    alerts: list[AlertRead]


class FlagRead(Schema):
    """What is not as it should be: the rule, and the figures that it was worked out from."""

    kind: FlagKind
    rule: str
    figures: dict[str, Any]


class BudgetReportRead(Schema):
    """Where a project stands on a day. ``revenue_minor``: at completion; cost and margin only for whoever may read costs."""

    project_id: Id
    on: Day
    currency: str
    forecast: Annotated[ForecastRead, Field(description="Of time and expenses together.")]
    expenses: Annotated[AmountsRead, Field(description="What of the actual amounts was spent: charged, and paid without tax.")]
    revenue_minor: int | None
    margin_minor: int | None
    budgets: list[UsedRead]
    earned_value: EarnedValueRead
    earned_value_minor: EarnedValueRead | None
    flags: list[FlagRead]
    by_task: list[TaskForecastRead]
    by_grade: list[ForecastPartRead]
    by_demand: list[ForecastPartRead]
    by_person: list[ForecastPartRead]


class FlaggedProjectsQuery(Schema):
    """Which projects, and which flags."""

    state: ProjectState | None = ProjectState.WON
    flag: FlagKind | None = None
    on: Annotated[Day | None, Field(description="Today (UTC).")] = None
    cursor: Annotated[str | None, Field(max_length=2000, description="`next_cursor` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=100, description="Most projects that are looked at for a page.")] = 50

    def page_request(self) -> PageRequest:
        """The page of projects that are looked at."""
        filters = {} if self.state is None else {"state": self.state.value}
        return PageRequest(sort="id", filters=filters, cursor=self.cursor, limit=self.limit)


class FlaggedProjectRead(Schema):
    """A project, and what is not as it should be in it."""

    project_id: Id
    name: str
    flags: list[FlagRead]


class FlaggedProjectsRead(Schema):
    """Those of the projects looked at that have flags, perhaps none of them."""

    items: list[FlaggedProjectRead]
    next_cursor: Annotated[str | None, Field(description="Where the next page begins; null on the last one.")]


def shown_report(report: BudgetReport) -> BudgetReportRead:
    """As callers see it."""
    status = report.status
    shown = _Shown(report)
    margin = status.revenue_minor - status.forecast.at_completion.cost_minor
    people = report.people
    return BudgetReportRead.model_construct(
        project_id=status.project.id,
        on=status.on,
        currency=report.currency,
        forecast=shown.forecast(status.forecast),
        expenses=shown.expenses(),
        revenue_minor=status.revenue_minor if report.sees_prices else None,
        margin_minor=margin if report.sees_costs and report.sees_prices else None,
        budgets=[shown.used(one) for one in status.used if report.sees_prices or one.measure is Measure.MINUTES],
        earned_value=_earned(status.earned),
        earned_value_minor=_earned(status.earned_money) if status.earned_money is not None and report.sees_prices else None,
        flags=[_flag(flag) for flag in report.flags],
        by_task=shown.tasks(),
        by_grade=shown.parts(lambda line: line.grade),
        by_demand=shown.parts(lambda line: line.demand_id),
        by_person=shown.parts(lambda line: line.person_id if line.person_id in people else None),
    )


def shown_flagged(page: FlaggedPage) -> FlaggedProjectsRead:
    """As callers see it."""
    items = [
        FlaggedProjectRead.model_construct(project_id=one.project_id, name=one.name, flags=[_flag(flag) for flag in one.flags])
        for one in page.items
    ]
    return FlaggedProjectsRead.model_construct(items=items, next_cursor=page.next_cursor)


class _Shown:
    """A report's figures, as far as its reader may see them."""

    def __init__(self, report: BudgetReport) -> None:
        self._report = report
        self._lines = report.status.lines

    def forecast(self, found: Forecast) -> ForecastRead:
        return ForecastRead.model_construct(
            actual=self._amounts(found.actual), booked=self._amounts(found.booked), at_completion=self._amounts(found.at_completion)
        )

    def expenses(self) -> AmountsRead:
        return self._amounts(forecast(line for line in self._lines if isinstance(line, SpentLine)).actual)

    def parts(self, key: Callable[[Line], str | None]) -> list[ForecastPartRead]:
        sums = forecast_by(self._lines, key)
        order = sorted(sums, key=lambda name: (name is None, name or ""))
        return [ForecastPartRead.model_construct(id=name, forecast=self.forecast(sums[name])) for name in order]

    def tasks(self) -> list[TaskForecastRead]:
        own = forecast_by(self._lines, lambda line: line.task_id)
        rows: list[tuple[TaskId | None, int, Forecast]] = []
        known = {task_id for task_id, _, _ in _rolled(self._report.status.parts, own, 0, rows)}
        rest = sum((found for task_id, found in own.items() if task_id not in known), Forecast())
        if rest != Forecast():
            rows.append((None, 0, rest))
        return [
            TaskForecastRead.model_construct(task_id=task_id, depth=depth, forecast=self.forecast(found)) for task_id, depth, found in rows
        ]

    def used(self, one: Used) -> UsedRead:
        budget = one.budget
        alerts = [
            AlertRead.model_construct(percent=alert.percent, limit=alert.limit_minor, fired_at=alert.fired_at)
            for alert in sorted(self._report.alerts, key=lambda alert: (alert.limit_minor, alert.percent))
            if alert.budget_id == budget.id and alert.measure is one.measure
        ]
        return UsedRead.model_construct(
            budget_id=budget.id or None,
            task_id=budget.task_id,
            demand_id=budget.demand_id,
            grade=budget.grade,
            measure=one.measure,
            limit=one.limit,
            actual=one.actual,
            booked=one.booked,
            at_completion=one.at_completion,
            used_percent=one.percent,
            alerts=alerts,
        )

    def _amounts(self, found: Amounts) -> AmountsRead:
        return AmountsRead.model_construct(
            minutes=found.minutes,
            bill_minor=found.bill_minor if self._report.sees_prices else None,
            cost_minor=found.cost_minor if self._report.sees_costs else None,
            unpriced_minutes=found.unpriced_minutes,
            uncosted_minutes=found.uncosted_minutes if self._report.sees_costs else None,
        )


def _rolled(
    parts: Iterable[Part], own: dict[TaskId | None, Forecast], depth: int, rows: list[tuple[TaskId | None, int, Forecast]]
) -> list[tuple[TaskId | None, int, Forecast]]:
    """Every task before its parts, with what they come to together; they are added to ``rows``."""
    for part in parts:
        place = len(rows)
        rows.append((part.task.id, depth, Forecast()))
        _rolled(part.parts, own, depth + 1, rows)
        inner = (found for _, level, found in rows[place + 1 :] if level == depth + 1)
        rows[place] = (part.task.id, depth, sum(inner, own.get(part.task.id, Forecast())))
    return rows


def _earned(found: EarnedValue) -> EarnedValueRead:
    return EarnedValueRead.model_construct(
        total=found.total,
        planned=found.planned,
        earned=found.earned,
        actual=found.actual,
        cpi=_index(found.cpi),
        spi=_index(found.spi),
    )


def _index(value: Fraction | None) -> str | None:
    """A ratio with four places, half up."""
    if value is None:
        return None
    return str((Decimal(value.numerator) / Decimal(value.denominator)).quantize(_PLACES, rounding=ROUND_HALF_UP))


def _flag(flag: Flag) -> FlagRead:
    return FlagRead.model_construct(kind=flag.kind, rule=flag.rule, figures=dict(flag.figures))

"""Where a project stands: its forecast, how much of its budgets is used, its earned value, and its flags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.delivery import flags as rules
from scheduler.domain.delivery.budgets import Budget, Measure, Used
from scheduler.domain.delivery.earned_value import EarnedValue, earned_value, in_money
from scheduler.domain.delivery.forecast import Forecast, Line, forecast
from scheduler.domain.delivery.structure import Part, tree, warnings
from scheduler.domain.ground.ids import BudgetId, TaskId
from scheduler.domain.staffing.work import ContractKind, ProjectState
from scheduler.planning.project_work import next_monday

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from scheduler.domain.delivery.tasks import Task
    from scheduler.domain.staffing.work import Demand, Project

_STAFFED = frozenset({ProjectState.TENTATIVE, ProjectState.WON})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectStatus:
    """Where a project stands on a day; costs included, whoever may see them."""

    project: Project
    on: date
    lines: tuple[Line, ...]
    parts: tuple[Part, ...]
    """Its tasks as a tree."""
    forecast: Forecast
    used: tuple[Used, ...]
    earned: EarnedValue
    earned_money: EarnedValue | None
    revenue_minor: int
    """At completion: the contract value of a fixed price, else what the work is billed."""
    flags: tuple[rules.Flag, ...]


def project_status(
    project: Project, *, on: date, lines: Sequence[Line], tasks: Iterable[Task], demands: Iterable[Demand], budgets: Iterable[Budget]
) -> ProjectStatus:
    """From the project's rows, and the lines of what was worked before ``on`` and of what is booked from then on."""
    parts = tree(tasks)
    whole = forecast(lines)
    used = tuple(used_budgets(project, lines=lines, parts=parts, budgets=budgets))
    actual = whole.actual
    earned = earned_value(parts, project_days=project.period, on=on, actual_minutes=actual.minutes)
    revenue = _revenue(project, whole)
    target = next((one.target_margin for one in budgets if one.target_key == "project"), None)
    flags = (
        *rules.late(late_tasks=_late(parts, project, on), minutes_after_end=_after_end(project, lines)),
        *rules.over_budget(used),
        *rules.under_staffed(_staffing(demands, lines, on) if project.state in _STAFFED else ()),
        *rules.margin_below_target(revenue_minor=revenue, cost_minor=whole.at_completion.cost_minor, target=target),
    )
    money = None if project.budget_minor is None else in_money(earned, budget_minor=project.budget_minor, actual_minor=actual.bill_minor)
    return ProjectStatus(
        project=project,
        on=on,
        lines=tuple(lines),
        parts=parts,
        forecast=whole,
        used=used,
        earned=earned,
        earned_money=money,
        revenue_minor=revenue,
        flags=() if project.state is ProjectState.LOST else flags,
    )


def used_budgets(project: Project, *, lines: Sequence[Line], parts: Sequence[Part], budgets: Iterable[Budget]) -> Iterator[Used]:
    """How much of each limit is used: of the whole project's own first, also where nobody made a budget for it."""
    listed = sorted(budgets, key=lambda one: (one.target_key != "project", one.target_key))
    if not listed or listed[0].target_key != "project":
        listed.insert(0, Budget(id=BudgetId(""), project_id=project.id, alert_percents=()))
    below = {part.task.id: ids for part, ids in _subtrees(parts)}
    for budget in listed:
        is_whole = budget.target_key == "project"
        own = lines if is_whole else [line for line in lines if _is_of(line, budget, below.get(budget.task_id or TaskId(""), frozenset()))]
        sums = forecast(own)
        minutes = project.budget_minutes if is_whole else budget.minutes
        amount = project.budget_minor if is_whole else budget.amount_minor
        if minutes is not None:
            yield Used(budget=budget, measure=Measure.MINUTES, limit=minutes, actual=sums.actual.minutes, booked=sums.booked.minutes)
        if amount is not None:
            yield Used(budget=budget, measure=Measure.AMOUNT, limit=amount, actual=sums.actual.bill_minor, booked=sums.booked.bill_minor)


def _is_of(line: Line, budget: Budget, task_ids: frozenset[TaskId]) -> bool:
    if budget.task_id is not None:
        return line.task_id in task_ids
    if budget.demand_id is not None:
        return line.demand_id == budget.demand_id
    return line.grade == budget.grade


def _subtrees(parts: Iterable[Part]) -> Iterator[tuple[Part, frozenset[TaskId]]]:
    """Every task, with the ids of itself and all that it is made of."""
    for part in parts:
        inner = list(_subtrees(part.parts))
        yield from inner
        yield part, frozenset({part.task.id}).union(*(ids for _, ids in inner))


def _revenue(project: Project, whole: Forecast) -> int:
    if project.contract is ContractKind.INTERNAL:
        return 0
    return (project.contract_value_minor or 0) if project.contract is ContractKind.FIXED_PRICE else whole.at_completion.bill_minor


def _late(parts: Sequence[Part], project: Project, on: date) -> list[TaskId]:
    return [one.task_id for one in warnings(parts, project_days=project.period, today=on) if one.code == "task.late"]


def _after_end(project: Project, lines: Iterable[Line]) -> int:
    end = None if project.period is None else project.period.end
    return 0 if end is None else sum(line.minutes for line in lines if line.is_booked and line.day >= end)


def _staffing(demands: Iterable[Demand], lines: Iterable[Line], on: date) -> Iterator[rules.Staffing]:
    monday = next_monday(on)
    booked: dict[str, int] = {}
    for line in lines:
        if line.is_booked and line.demand_id is not None and line.day >= monday:
            booked[line.demand_id] = booked.get(line.demand_id, 0) + line.minutes
    for demand in demands:
        wanted = sum(one.minutes for one in demand.effort if one.week >= monday)
        yield rules.Staffing(demand_id=demand.id, wanted=wanted, booked=booked.get(demand.id, 0))

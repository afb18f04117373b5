"""Budgets of projects and of parts of them, and the parts of a budget at which somebody is told."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults, duplicates
from scheduler.domain.ground.ids import BudgetAlertId
from scheduler.domain.ground.webhooks import Event, EventType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from scheduler.domain.ground.ids import BudgetId, DemandId, ProjectId, TaskId

PERCENTS_MAX = 20
PERCENT_MAX = 1_000
USUAL_PERCENTS = (50, 80, 100)


class Measure(StrEnum):
    """What a budget limits."""

    MINUTES = "minutes"
    AMOUNT = "amount"
    """The value of work at what it is billed, in minor units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """
    A limit on a part of a project: a task with all its parts, a demand, or a grade; by minutes, money or both.

    For none of these it is the whole project's: its limits are the project's own, which change orders change; it only says when
    somebody is told, and which margin is wanted.
    """

    id: BudgetId
    project_id: ProjectId
    task_id: TaskId | None = None
    demand_id: DemandId | None = None
    grade: str | None = None
    minutes: int | None = None
    amount_minor: int | None = None
    alert_percents: tuple[int, ...] = USUAL_PERCENTS
    """Ascending; put in order here."""
    target_margin: Decimal | None = None
    """Of the whole project's revenue, 0 to 1."""
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "grade", faults.optional_text("/grade", self.grade))
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        self._check_percents(faults)
        for name in ("minutes", "amount_minor"):
            if (value := getattr(self, name)) is not None:
                faults.integer(f"/{name}", value, least=0)
        if self.target_margin is not None:
            faults.decimal("/target_margin", self.target_margin, least=Decimal(-1), most=Decimal(1))
        targets = [name for name in ("task_id", "demand_id", "grade") if getattr(self, name) is not None]
        if len(targets) > 1:
            faults.add(f"/{targets[1]}", "budget.two_targets", "A budget is for one task, one demand or one grade; make one for each.")
        faults.raise_any("budget")

    def _check_percents(self, faults: Faults) -> None:
        if len(self.alert_percents) > PERCENTS_MAX:
            faults.add("/alert_percents", "list.too_long", f"At most {PERCENTS_MAX} parts of a budget can be told of.")
        for number, percent in enumerate(self.alert_percents):
            faults.integer(f"/alert_percents/{number}", percent, least=1, most=PERCENT_MAX)
        for repeated in duplicates(self.alert_percents):
            faults.add("/alert_percents", "budget.percent_twice", f"{repeated} % is listed twice; keep one.")
        object.__setattr__(self, "alert_percents", tuple(sorted(self.alert_percents)))

    @property
    def target_key(self) -> str:
        """What it is for, in one word."""
        if self.task_id is not None:
            return f"task {self.task_id}"
        if self.demand_id is not None:
            return f"demand {self.demand_id}"
        return "project" if self.grade is None else f"grade {self.grade}"


def check_limits(budget: Budget) -> None:
    """
    A part has a limit, and a whole project has none of its own here. Not asked of what is read: somebody may see a budget and not its limits.

    Raises DomainError ``input.invalid`` with ``budget.of_project``, ``budget.no_limit``, ``budget.margin_of_project``.
    """
    faults = Faults()
    is_whole = budget.target_key == "project"
    limits = [name for name in ("minutes", "amount_minor") if getattr(budget, name) is not None]
    if is_whole and limits:
        message = "The limits of a whole project stand on the project; set them there, or by a change order."
        faults.add(f"/{limits[0]}", "budget.of_project", message)
    if not is_whole and not limits:
        faults.add("/minutes", "budget.no_limit", "A budget of a part needs minutes, amount_minor or both.")
    if not is_whole and budget.target_margin is not None:
        faults.add("/target_margin", "budget.margin_of_project", "A margin is wanted of the whole project; leave it out here.")
    faults.raise_any("budget")


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """How much of one limit of a budget is used. Amounts of both are minutes or minor units, as the measure says."""

    budget: Budget
    measure: Measure
    limit: int
    actual: int
    booked: int

    @property
    def at_completion(self) -> int:
        """What it comes to with all that is booked."""
        return self.actual + self.booked

    @property
    def is_over(self) -> bool:
        """Whether it comes to more than the limit."""
        return self.at_completion > self.limit

    @property
    def percent(self) -> int | None:
        """How much of it is used, rounded down; nothing of nothing has no part."""
        return self.actual * 100 // self.limit if self.limit else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetAlert:
    """A part of a limit that is used up, said once."""

    id: BudgetAlertId
    budget_id: BudgetId
    project_id: ProjectId
    measure: Measure
    percent: int
    limit_minor: int
    """The limit, in minutes or minor units; ``used_minor`` likewise."""
    used_minor: int
    fired_at: datetime
    external_id: str | None = None
    version: int = 0


def due_alerts(used: Iterable[Used], *, now: datetime) -> Iterator[BudgetAlert]:
    """What is to be said, whether or not it was said before: the same has the same id."""
    for one in used:
        for percent in one.budget.alert_percents:
            if one.actual and one.actual * 100 >= percent * one.limit:
                yield BudgetAlert(
                    id=_id(one, percent),
                    budget_id=one.budget.id,
                    project_id=one.budget.project_id,
                    measure=one.measure,
                    percent=percent,
                    limit_minor=one.limit,
                    used_minor=one.actual,
                    fired_at=now,
                )


def alert_event(alert: BudgetAlert, *, told: Iterable[str]) -> Event:
    """What subscribers hear of it: no amounts."""
    facts = {
        "alert_id": alert.id,
        "budget_id": alert.budget_id,
        "project_id": alert.project_id,
        "measure": alert.measure.value,
        "percent": alert.percent,
    }
    return Event(type=EventType.BUDGET_ALERT, facts=facts, told=frozenset(told))


def _id(used: Used, percent: int) -> BudgetAlertId:
    key = f"{used.budget.id} {used.measure} {percent} {used.limit}"
    return BudgetAlertId(hashlib.sha256(key.encode()).hexdigest()[:32])

"""How budgets and their alerts are stored."""

from __future__ import annotations

from scheduler.domain.delivery.budgets import Budget, BudgetAlert
from scheduler.store.areas.base import Area, Filter, FilterKind, built, plain
from scheduler.store.tables.budgets import BUDGET_ALERTS, BUDGETS

_OF_PROJECT = {"project_id": Filter(kind=FilterKind.EQUALS, column="project_id")}

BUDGET_AREA: Area[Budget] = Area(
    name="budgets",
    one="budget",
    table=BUDGETS,
    to_row=lambda budget: plain(budget, BUDGETS, alert_percents=list(budget.alert_percents)),
    from_row=lambda row, _children: built(Budget, row, alert_percents=tuple(row["alert_percents"])),
    sorts={"id": "id"},
    filters={
        **_OF_PROJECT,
        "task_id": Filter(kind=FilterKind.EQUALS, column="task_id"),
        "demand_id": Filter(kind=FilterKind.EQUALS, column="demand_id"),
        "grade": Filter(kind=FilterKind.EQUALS, column="grade"),
        "external_id": Filter(kind=FilterKind.EQUALS, column="external_id"),
    },
)

BUDGET_ALERT_AREA: Area[BudgetAlert] = Area(
    name="budget_alerts",
    one="budget alert",
    table=BUDGET_ALERTS,
    to_row=lambda alert: plain(alert, BUDGET_ALERTS),
    from_row=lambda row, _children: built(BudgetAlert, row),
    sorts={"fired_at": "fired_at", "id": "id"},
    filters=_OF_PROJECT,
    stand_ins={"limit_minor": 0, "used_minor": 0},
)

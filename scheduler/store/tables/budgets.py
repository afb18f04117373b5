"""Tables of budgets, and of the alerts that they gave."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, SmallInteger, String

from scheduler.domain.delivery.budgets import Measure
from scheduler.store.columns import Choice, Id, JsonText, Name, Scaled, UtcDateTime
from scheduler.store.tables.base import head, reference
from scheduler.store.tables.delivery import TASKS
from scheduler.store.tables.work import DEMANDS, PROJECTS

BUDGETS = head(
    "budgets",
    reference("project_id", PROJECTS),
    reference("task_id", TASKS, nullable=True),
    reference("demand_id", DEMANDS, nullable=True),
    Column("grade", Name),
    # What it is for, in one word: so that there is one budget for each.
    Column("target_key", String(420), nullable=False),
    Column("minutes", BigInteger),
    Column("amount_minor", BigInteger),
    Column("alert_percents", JsonText, nullable=False),
    Column("target_margin", Scaled),
    Index("uq_budgets_project_id_target_key", "project_id", "target_key", unique=True),
)

# The id follows from budget, measure, part and limit: each is told once, however many processes look, and of another limit anew.
BUDGET_ALERTS = head(
    "budget_alerts",
    # No references: what was told was told, whatever became of the budget.
    Column("budget_id", Id, nullable=False, index=True),
    Column("project_id", Id, nullable=False, index=True),
    Column("measure", Choice(Measure), nullable=False),
    Column("percent", SmallInteger, nullable=False),
    Column("limit_minor", BigInteger, nullable=False),
    Column("used_minor", BigInteger, nullable=False),
    Column("fired_at", UtcDateTime, nullable=False),
)

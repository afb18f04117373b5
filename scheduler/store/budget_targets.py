"""What a budget is for lies in its project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import Fault

if TYPE_CHECKING:
    from scheduler.domain.delivery.budgets import Budget
    from scheduler.store.transaction import Transaction


def check_target(tx: Transaction, budget: Budget) -> None:
    """A budget's task or demand is one of its project. Raises DomainError ``budget.target_elsewhere``."""
    everything = tx.unrestricted
    for pointer, area, row_id in (("/task_id", "tasks", budget.task_id), ("/demand_id", "demands", budget.demand_id)):
        found = None if row_id is None else everything.area(area).find(row_id)
        if found is not None and found.project_id != budget.project_id:
            message = "It belongs to another project; a budget is for a part of its own."
            raise invalid("budget", Fault(pointer=pointer, code="budget.target_elsewhere", message=message))

"""What the rules of an expense rest on, beyond the line itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.delivery.expenses import breaches
from scheduler.domain.delivery.line_states import LineState

if TYPE_CHECKING:
    from datetime import date

    from scheduler.domain.delivery.expenses import Breach, Expense
    from scheduler.store.view import View


def read_breaches(view: View, expense: Expense, *, today: date) -> tuple[Breach, ...]:
    """Every rule of its category that the line does not keep, among the person's other lines of the day that were not given back."""
    category = view.area("expense_categories").get(expense.category_id)
    others = view.area("expenses").matching(person_id=expense.person_id, category_id=expense.category_id, work_date=expense.work_date)
    same_day = [one for one in others if one.id != expense.id and one.state is not LineState.REJECTED]
    return breaches(expense, category, same_day=same_day, today=today)

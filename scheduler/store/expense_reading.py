"""What the rules of an expense rest on, beyond the line itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.delivery.expenses import breaches, require_complete
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.ground.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from scheduler.domain.delivery.expenses import Breach, Expense
    from scheduler.store.view import View


def read_breaches(view: View, expense: Expense, *, today: date) -> tuple[Breach, ...]:
    """Every rule of its category that the line does not keep, among the person's other lines of the day that were not given back."""
    category = view.area("expense_categories").get(expense.category_id)
    others = view.area("expenses").matching(person_id=expense.person_id, category_id=expense.category_id, work_date=expense.work_date)
    same_day = [one for one in others if one.id != expense.id and one.state is not LineState.REJECTED]
    return breaches(expense, category, same_day=same_day, today=today)


def check_expenses(view: View, pointers: Mapping[str, str], *, today: date) -> None:
    """
    See that expenses keep what their categories want of a line that is handed in, such as a receipt.

    ``pointers``: where in the request each stands. Raises DomainError ``expense.policy`` with all that is missing.
    """
    found: list[DomainError] = []
    for expense in view.area("expenses").many(pointers):
        try:
            require_complete(read_breaches(view, expense, today=today))
        except DomainError as error:
            found.append(error.under(pointers[expense.id]))
    if found:
        raise replace(found[0], faults=tuple(fault for error in found for fault in error.faults))

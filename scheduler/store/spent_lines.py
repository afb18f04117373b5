"""Approved expenses of projects as lines of a forecast."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.delivery.forecast import SpentLine
from scheduler.domain.delivery.line_states import LineState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from scheduler.domain.delivery.expenses import Expense
    from scheduler.domain.ground.ids import ProjectId
    from scheduler.store.view import View


def spent_lines(view: View, project_ids: Iterable[ProjectId], *, until: date) -> Iterator[SpentLine]:
    """
    Expenses on these projects before the day ``until`` that were approved; the view sees everything.

    They bring what the client is charged, and cost what was paid without tax: each rounded once, half up, in the firm's currency.
    """
    found: Iterable[Expense] = view.area("expenses").among("project_id", project_ids)
    for expense in found:
        if expense.state is LineState.APPROVED and expense.work_date < until:
            net = 1 / (1 + Fraction(expense.tax_rate or 0))
            yield SpentLine(
                project_id=expense.project_id,
                person_id=expense.person_id,
                day=expense.work_date,
                task_id=expense.task_id,
                bill_minor=expense.charged_minor or 0,
                cost_minor=expense.amount.converted(expense.home_currency, expense.rate, times=net).amount_minor,
            )

"""How expenses, their categories and their receipts are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.domain.delivery.expense_categories import ExpenseCategory
from scheduler.domain.delivery.expenses import Expense
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.receipts import Receipt
from scheduler.domain.ground.checks import name_key
from scheduler.store.areas.base import Area, Child, ChildRows, Filter, FilterKind, Row, built, plain
from scheduler.store.areas.people import BY_NAME, NAMED
from scheduler.store.tables.expenses import EXPENSE_CATEGORIES, EXPENSE_RECEIPTS, EXPENSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EXPENSE_CATEGORY_AREA: Area[ExpenseCategory] = Area(
    name="expense_categories",
    one="expense category",
    table=EXPENSE_CATEGORIES,
    to_row=lambda category: plain(category, EXPENSE_CATEGORIES, name_key=name_key(category.name)),
    from_row=lambda row, _children: built(ExpenseCategory, row),
    sorts=BY_NAME,
    filters=NAMED,
)


def _expense_children(expense: Expense) -> Mapping[str, Iterable[dict[str, Any]]]:
    receipts = enumerate(expense.receipts)
    rows = [plain(one, EXPENSE_RECEIPTS, position=n, receipt_id=one.id, person_id=expense.person_id) for n, one in receipts]
    return {EXPENSE_RECEIPTS.name: rows}


def _expense(row: Row, children: ChildRows) -> Expense:
    receipts = (built(Receipt, one, id=one["receipt_id"]) for one in children[EXPENSE_RECEIPTS.name])
    return built(Expense, row, receipts=tuple(receipts))


EXPENSE_AREA: Area[Expense] = Area(
    name="expenses",
    one="expense",
    table=EXPENSES,
    to_row=lambda expense: plain(expense, EXPENSES),
    to_children=_expense_children,
    from_row=_expense,
    children=(Child(table=EXPENSE_RECEIPTS, pointer=lambda number, _row: f"/receipts/{number}"),),
    sorts={"work_date": "work_date", "id": "id"},
    filters={
        "from": Filter(kind=FilterKind.SINCE, column="work_date"),
        "until": Filter(kind=FilterKind.UNTIL, column="work_date"),
        "person_id": Filter(kind=FilterKind.EQUALS, column="person_id"),
        "project_id": Filter(kind=FilterKind.EQUALS, column="project_id"),
        "task_id": Filter(kind=FilterKind.EQUALS, column="task_id"),
        "category_id": Filter(kind=FilterKind.EQUALS, column="category_id"),
        "state": Filter(kind=FilterKind.EQUALS, column="state", choices=LineState),
        "external_id": Filter(kind=FilterKind.EQUALS, column="external_id"),
    },
)

"""Expenses and receipts that are written at the same time, on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scheduler.domain.delivery.receipts import receipt_of
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import ExpenseId, ReceiptId
from scheduler.queries.expenses import receipt_content
from scheduler.store.tables.expenses import RECEIPT_CONTENTS
from scheduler.usecases.expenses import add_receipt, create_expense, delete_receipt
from scheduler.usecases.records import create_record
from tests.factories import MONDAY, make_expense, make_expense_category

if TYPE_CHECKING:
    from scheduler.domain.delivery.expenses import Expense
    from scheduler.store import Store

NOW = datetime(2027, 3, 2, tzinfo=UTC)
PDF = b"%PDF-1.7\n%%EOF\n"
ROUNDS = 4


def test_a_days_limit_is_spent_once(firm: Store) -> None:
    """Of two lines that each are the whole limit of a day one is kept, and the other is refused with the reason."""
    create_record(firm, actor=LOCAL, value=make_expense_category(limit_day_minor=119_00), now=NOW)
    for number in range(ROUNDS):
        day = MONDAY.replace(year=2020 + number)
        both = [make_expense(id=ExpenseId(f"{number}-{n}"), work_date=day) for n in range(2)]
        start = threading.Barrier(2)

        def spend(line: Expense, start: threading.Barrier = start) -> str:
            start.wait()
            try:
                return create_expense(firm, actor=LOCAL, value=line, now=NOW).state
            except DomainError as error:
                return error.faults[0].code

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(spend, both)) == ["draft", "expense.beyond_day_limit"]


def test_a_content_is_there_as_long_as_a_receipt_has_it(firm: Store) -> None:
    """While the last receipt of a file is removed somebody else adds the same file: theirs can be read, and nothing is left over in the end."""
    create_record(firm, actor=LOCAL, value=make_expense_category(), now=NOW)
    first, second = (receipt_of(ReceiptId(name), name="a", content=PDF) for name in ("first", "second"))
    for number in range(ROUNDS):
        old, new = (create_expense(firm, actor=LOCAL, value=make_expense(id=ExpenseId(f"{number}-{n}")), now=NOW) for n in range(2))
        add_receipt(firm, actor=LOCAL, expense_id=old.id, version=1, receipt=first, content=PDF, now=NOW)
        start = threading.Barrier(2)

        def remove(own: str = old.id, start: threading.Barrier = start) -> None:
            start.wait()
            delete_receipt(firm, actor=LOCAL, expense_id=own, receipt_id="first", version=2, now=NOW)

        def add(own: str = new.id, start: threading.Barrier = start) -> None:
            start.wait()
            add_receipt(firm, actor=LOCAL, expense_id=own, version=1, receipt=second, content=PDF, now=NOW)

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(remove), pool.submit(add)]:
                done.result()
        assert receipt_content(firm, actor=LOCAL, expense_id=new.id, receipt_id="second")[1] == PDF
        delete_receipt(firm, actor=LOCAL, expense_id=new.id, receipt_id="second", version=2, now=NOW)
        with firm.read(LOCAL) as view:
            assert view.connection.execute(RECEIPT_CONTENTS.select()).all() == []

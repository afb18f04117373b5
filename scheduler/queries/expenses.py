"""What a receipt holds, and which rules an expense does not keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.store import retried
from scheduler.store.expense_reading import read_breaches
from scheduler.store.receipt_contents import content_of

if TYPE_CHECKING:
    from datetime import date

    from scheduler.domain.delivery.expenses import Breach
    from scheduler.domain.delivery.receipts import Receipt
    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store

EXPENSES = "expenses"


@retried
def receipt_content(store: Store, *, actor: Actor, expense_id: str, receipt_id: str) -> tuple[Receipt, bytes]:
    """A receipt and its file, for whoever sees the expense. Raises DomainError ``record.not_found``."""
    with store.read(actor) as view:
        expense = view.area(EXPENSES).get(expense_id)
        found = next((one for one in expense.receipts if one.id == receipt_id), None)
        if found is None:
            raise DomainError(ErrorKind.NOT_FOUND, "record.not_found", "There is no such receipt.")
        return found, content_of(view.connection, found.sha256)


@retried
def expense_breaches(store: Store, *, actor: Actor, expense_id: str, today: date) -> tuple[Breach, ...]:
    """Every rule of its category that an expense does not keep. Raises DomainError ``record.not_found``."""
    with store.read(actor) as view:
        view.area(EXPENSES).get(expense_id)
        everything = view.unrestricted
        return read_breaches(everything, everything.area(EXPENSES).get(expense_id), today=today)

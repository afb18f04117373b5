"""Entering expenses, changing and deleting them before they are handed in, and their receipts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.delivery.expenses import refuse, require_editable
from scheduler.domain.ground.access import require
from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.permissions import EXPENSES_CREATE
from scheduler.domain.staffing.work import ProjectState
from scheduler.store import retried
from scheduler.store.areas.expenses import EXPENSE_AREA
from scheduler.store.expense_reading import read_breaches
from scheduler.store.receipt_contents import drop_unused, put_content

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.delivery.expense_categories import ExpenseCategory
    from scheduler.domain.delivery.expenses import Expense
    from scheduler.domain.delivery.receipts import Receipt
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.store import Store, Transaction
    from scheduler.store.repository import Repository

EXPENSES = EXPENSE_AREA.name
CLOSED = frozenset({ProjectState.LOST, ProjectState.CLOSED})


@retried
def create_expense(store: Store, *, actor: Actor, value: Expense, now: datetime, idempotency: IdempotencyClaim | None = None) -> Expense:
    """
    Keep a new line, completed by its category.

    Raises DomainError ``expense.policy`` with every rule that it does not keep, ``reference.not_found``, ``input.invalid``,
    ``access.denied``, ``access.out_of_scope``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        require(actor, EXPENSES_CREATE)
        tx.hold_days(people={value.person_id})  # so of two lines of one day one sees the other
        own = frozenset({"markup"}) if value.markup is None else frozenset()
        completed = value.completed(_category(tx, value), home=tx.unrestricted.firm.get().currency)
        tx.area(EXPENSES).add(completed, own=own)
        _check(tx, completed)
        return tx.answer(_seen(tx, value.id))


@retried
def change_expense(store: Store, *, actor: Actor, value: Expense, now: datetime) -> Expense:
    """Replace a line that is not handed in. Raises like ``create_expense``, and ``expense.locked``, ``version.stale``, ``record.not_found``."""
    with store.begin(actor, now=now) as tx:
        stored = _locked(tx, value.id, value.person_id)
        tx.area(EXPENSES).require_change(value.id)
        before = _seen(tx, value.id)
        if before == value:
            return value
        require_editable(stored)
        own = frozenset({"markup"}) if value.markup is None else frozenset()
        stays = value.markup is None and before.markup is None and value.category_id == stored.category_id
        wanted = replace(value, markup=stored.markup) if stays else value
        completed = wanted.completed(_category(tx, value), home=tx.unrestricted.firm.get().currency)
        tx.area(EXPENSES).save(completed, own=own)
        _check(tx, completed)
        return _seen(tx, value.id)


@retried
def delete_expense(store: Store, *, actor: Actor, area: str, record_id: str, version: int, now: datetime) -> None:
    """Delete a line that is not handed in, with its receipts. Raises DomainError ``expense.locked``, ``version.stale``, ``record.not_found``."""
    with store.begin(actor, now=now) as tx:
        stored = _locked(tx, record_id)
        repository: Repository[Expense] = tx.area(area)
        repository.require_delete(record_id)
        require_editable(stored)
        repository.delete(record_id, version)
        drop_unused(tx.connection, [one.sha256 for one in stored.receipts])


@retried
def add_receipt(
    store: Store,
    *,
    actor: Actor,
    expense_id: str,
    version: int,
    receipt: Receipt,
    content: bytes,
    now: datetime,
    idempotency: IdempotencyClaim | None = None,
) -> Expense:
    """
    Add a receipt to a line that is not handed in.

    Raises DomainError ``record.not_found``, ``access.denied``, ``expense.locked``, ``version.stale``, ``receipt.added_already``,
    ``input.invalid`` for too many.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        expense = _to_change(tx, expense_id)
        if any(one.sha256 == receipt.sha256 for one in expense.receipts):
            detail = "The expense has this very file already; send another one."
            raise DomainError(ErrorKind.CONFLICT, "receipt.added_already", detail)
        put_content(tx.connection, receipt.sha256, content)
        tx.area(EXPENSES).save(replace(expense, receipts=(*expense.receipts, receipt), version=version))
        return tx.answer(_seen(tx, expense_id))


@retried
def delete_receipt(store: Store, *, actor: Actor, expense_id: str, receipt_id: str, version: int, now: datetime) -> Expense:
    """Remove a receipt from a line that is not handed in; its content goes with the last receipt of it. Raises like ``add_receipt``."""
    with store.begin(actor, now=now) as tx:
        expense = _to_change(tx, expense_id)
        kept = tuple(one for one in expense.receipts if one.id != receipt_id)
        if len(kept) == len(expense.receipts):
            raise DomainError(ErrorKind.NOT_FOUND, "record.not_found", "There is no such receipt.")
        tx.area(EXPENSES).save(replace(expense, receipts=kept, version=version))
        drop_unused(tx.connection, [one.sha256 for one in expense.receipts if one.id == receipt_id])
        return _seen(tx, expense_id)


def _locked(tx: Transaction, expense_id: str, *people: str) -> Expense:
    """The whole line, its row locked after the days of its person, and of ``people``. Raises DomainError ``record.not_found``."""
    found: Expense | None = tx.unrestricted.area(EXPENSES).find(expense_id)
    if found is not None:
        tx.hold_days(people={found.person_id, *people})
    tx.area(EXPENSES).get(expense_id)
    whole: Expense = tx.unrestricted.area(EXPENSES).get(expense_id)
    return whole


def _to_change(tx: Transaction, expense_id: str) -> Expense:
    """The line as the actor sees it, once it may be changed."""
    _locked(tx, expense_id)
    tx.area(EXPENSES).require_change(expense_id)
    seen = _seen(tx, expense_id)
    require_editable(seen)
    return seen


def _seen(tx: Transaction, expense_id: str) -> Expense:
    expense: Expense = tx.area(EXPENSES).get(expense_id)
    return expense


def _category(tx: Transaction, expense: Expense) -> ExpenseCategory:
    """The whole category, if the actor sees it at all."""
    if tx.area("expense_categories").find(expense.category_id) is None:
        message = "There is no such expense category; give the id of one."
        raise invalid("expense", Fault(pointer="/category_id", code="reference.not_found", message=message))
    category: ExpenseCategory = tx.unrestricted.area("expense_categories").get(expense.category_id)
    return category


def _check(tx: Transaction, expense: Expense) -> None:
    """Raise DomainError ``expense.policy`` with all that is wrong with a line that was just written."""
    everything = tx.unrestricted
    others = []
    if everything.projects.get(expense.project_id).state in CLOSED:
        message = "The project is closed or lost, so nothing is spent on it; choose another, or have it opened again."
        others.append(Fault(pointer="/project_id", code="expense.project_closed", message=message))
    if expense.task_id is not None and everything.area("tasks").get(expense.task_id).project_id != expense.project_id:
        message = "The task belongs to another project; give one of this project, or none."
        others.append(Fault(pointer="/task_id", code="expense.task_elsewhere", message=message))
    refuse(read_breaches(everything, expense, today=tx.now.date()), *others)

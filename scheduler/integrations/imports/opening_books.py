"""Keeping what other books leave: balances of contracts, and invoices that are still to be paid."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.access import require
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.store.ledger_rows import require_month_open
from scheduler.store.open_invoices import take_over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from scheduler.integrations.imports.draft import Draft
    from scheduler.store.transaction import Transaction

    Keeper = Callable[[Transaction, Iterable[Draft], Callable[[Draft, DomainError], None]], None]

OPENINGS = "contract_openings"


def _keep_balances(tx: Transaction, drafts: Iterable[Draft], refuse: Callable[[Draft, DomainError], None]) -> None:
    """A balance that differs is another one in the place of the first: both months are open, and the actor may delete and create."""
    for draft in drafts:
        try:
            if draft.is_change:
                require_month_open(tx.connection, draft.value.month)
            if draft.before is None:
                tx.area(OPENINGS).add(draft.value)
            elif draft.is_change:
                require_month_open(tx.connection, draft.before.month)
                for verb in ("create", "delete"):
                    require(tx.actor, f"{OPENINGS}:{verb}")
                tx.elevated.area(OPENINGS).save(draft.value)
        except DomainError as error:
            refuse(draft, _placed(error, "/month"))


def _keep_invoices(tx: Transaction, drafts: Iterable[Draft], refuse: Callable[[Draft, DomainError], None]) -> None:
    for draft in drafts:
        try:
            if draft.before is None:
                take_over(tx, draft.value)
        except DomainError as error:
            refuse(draft, _placed(error, "/taken_over_on" if error.code == "month.closed" else "/currency"))


def check_taken_over(drafts: Iterable[Draft], blame: Callable[[Draft, DomainError], None]) -> None:
    """What was taken over never changes; each field that a file has otherwise is named."""
    for draft in drafts:
        if draft.area == "open_invoices" and draft.before is not None and draft.is_change:
            blame(draft, _differs(draft.before, draft.value))


def _placed(error: DomainError, pointer: str) -> DomainError:
    """The error at a field where it names none."""
    if error.faults or error.kind not in (ErrorKind.INVALID, ErrorKind.CONFLICT):
        return error
    return DomainError(error.kind, error.code, error.detail, (Fault(pointer=pointer, code=error.code, message=error.detail),), error.facts)


def _differs(before: Any, value: Any) -> DomainError:
    code = "open_invoice.differs"
    detail = (
        "What was taken over stays as it is. Record what was paid since as a payment; what was wrong from the start is made void, as long"
        " as nothing was paid here, and imported again."
    )
    names = [one.name for one in fields(value) if getattr(before, one.name) != getattr(value, one.name)]
    faults = tuple(
        Fault(
            pointer=f"/{name}",
            code=code,
            message=f"Taken over with {_said(name, getattr(before, name))}, and the file has {_said(name, getattr(value, name))}. {detail}",
        )
        for name in names
    )
    return DomainError(ErrorKind.CONFLICT, code, detail, faults)


def _said(name: str, value: object) -> str:
    if value is None:
        return "nothing"
    return f"{value} minor units" if name.endswith("_minor") else str(value)


KEEPERS: Mapping[str, Keeper] = {OPENINGS: _keep_balances, "open_invoices": _keep_invoices}
"""Areas that are not written as all others are."""

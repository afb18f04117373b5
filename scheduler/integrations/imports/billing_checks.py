"""What imported contracts, charges and opening balances, and projects that have contracts, must agree with; once everything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.billing.contract_rules import check_charge_open
from scheduler.domain.ground.errors import DomainError
from scheduler.integrations.imports.opening_books import OPENINGS
from scheduler.integrations.imports.parts import invalid_field
from scheduler.store.contract_billing import billed_charges
from scheduler.store.contract_checks import check_charge, check_contract, check_project_of_contract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scheduler.integrations.imports.draft import Draft
    from scheduler.store.transaction import Transaction


_FIELD_OF_CODE = {
    "contract.other_than_project": "/kind",
    "contract.client_missing": "/project",
    "contract.below_billed": "/cap",
    "charge.other_than_contract": "/kind",
}


def check_billing(tx: Transaction, drafts: Iterable[Draft], *, home: str, blame: Callable[[Draft, DomainError], None]) -> None:
    """Every contract, charge and opening balance that is new or differs, and every project that does; ``home``: the firm's currency."""
    changed = [draft for draft in drafts if draft.is_change]
    charges = {draft.value.id: draft for draft in changed if draft.area == "charges"}
    billed = billed_charges(tx.connection, charges)
    for draft in changed:
        try:
            if draft.area == "projects" and draft.before is not None:
                check_project_of_contract(tx, draft.value)
            elif draft.area == "contracts":
                check_contract(tx, draft.value.id, before=draft.before)
            elif draft.area == "charges":
                if draft.before is not None:
                    check_charge_open(draft.before, is_billed=draft.value.id in billed)
                check_charge(tx, draft.value.id)
                _check_currency(tx, draft, home)
            elif draft.area == OPENINGS:
                _check_currency(tx, draft, home)
        except DomainError as error:
            blame(draft, _placed(draft, error))


def _placed(draft: Draft, error: DomainError) -> DomainError:
    """The error at the field that it is about, where it names none of its own."""
    pointer = "/contract" if draft.area == "projects" else _FIELD_OF_CODE.get(error.code)
    return error if error.faults or pointer is None else invalid_field(pointer, error.code, error.detail)


def _check_currency(tx: Transaction, draft: Draft, home: str) -> None:
    """Whole units became minor ones by the currency that the row names: that has to be the contract's."""
    currency = tx.unrestricted.area("contracts").get(draft.value.contract_id).currency
    named = draft.record.values.get("currency") or home
    if draft.record.values.keys() & {"amount", "earned", "billed"} and named != currency:
        message = f"The contract is in {currency}, and the amount in {named}; give it in {currency}, and name that as its currency."
        raise invalid_field("/currency", "money.currency_mismatch", message)

"""Writing contracts and charges, and approving milestones; each function is one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from scheduler.domain.billing.contract_rules import approved, check_charge_open, check_not_billed, unapproved
from scheduler.domain.billing.contracts import PRICED_AS_A_WHOLE
from scheduler.domain.ground.access import require
from scheduler.domain.ground.permissions import CHARGES_APPROVE
from scheduler.planning.price_changes import check_approved_stays
from scheduler.store import retried
from scheduler.store.approved_hours import ApprovedWork
from scheduler.store.areas.billing import CHARGE_AREA, CONTRACT_AREA
from scheduler.store.contract_billing import billed_charges
from scheduler.store.contract_checks import check_charge, check_contract
from scheduler.store.repository import stale

if TYPE_CHECKING:
    from datetime import date, datetime

    from scheduler.domain.billing.charges import Charge
    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.store import Store, Transaction

CONTRACTS, CHARGES = CONTRACT_AREA.name, CHARGE_AREA.name


@retried
def create_contract(store: Store, *, actor: Actor, value: Contract, now: datetime, idempotency: IdempotencyClaim | None = None) -> Contract:
    """
    Keep a new contract.

    Raises DomainError ``contract.taken``, ``contract.other_than_project``, ``contract.client_missing``, ``input.invalid``,
    ``price.in_use`` where approved time would get another price, ``reference.not_found``, ``access.denied``, ``access.out_of_scope``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        tx.projects.hold(value.project_id)  # so that its project does not become of another sort meanwhile
        tx.area(CONTRACTS).add(value)
        check_contract(tx, value.id)
        check_approved_stays(ApprovedWork(tx))
        return tx.answer(cast("Contract", tx.area(CONTRACTS).get(value.id)))


@retried
def change_contract(store: Store, *, actor: Actor, value: Contract, now: datetime) -> Contract:
    """
    Replace a contract.

    Raises like ``create_contract``, and ``contract.invoiced``, ``contract.below_billed``, ``charge.other_than_contract``,
    ``version.stale``, ``record.not_found``.
    """
    with store.begin(actor, now=now) as tx:
        tx.projects.hold(value.project_id)
        contracts = tx.area(CONTRACTS)
        contracts.require_change(value.id)
        if contracts.get(value.id) == value:
            return value
        before: Contract = tx.unrestricted.area(CONTRACTS).get(value.id)
        contracts.save(value)
        check_contract(tx, value.id, before=before)
        check_approved_stays(ApprovedWork(tx))
        return cast("Contract", contracts.get(value.id))


@retried
def create_charge(store: Store, *, actor: Actor, value: Charge, now: datetime, idempotency: IdempotencyClaim | None = None) -> Charge:
    """Keep a new charge. Raises DomainError ``charge.other_than_contract``, ``input.invalid``, ``reference.not_found``, ``access.denied``."""
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        _hold(tx, value.contract_id)  # so of the last milestone and a new one, one sees the other
        tx.area(CHARGES).add(value)
        check_charge(tx, value.id)
        return tx.answer(cast("Charge", tx.area(CHARGES).get(value.id)))


@retried
def change_charge(store: Store, *, actor: Actor, value: Charge, now: datetime) -> Charge:
    """
    Replace a charge that is neither billed nor approved.

    Raises like ``create_charge``, and ``charge.billed``, ``charge.approved``, ``version.stale``, ``record.not_found``.
    """
    with store.begin(actor, now=now) as tx:
        stored = _held(tx, value.id, value.contract_id)
        charges = tx.area(CHARGES)
        charges.require_change(value.id)
        if charges.get(value.id) == value:
            return value
        check_charge_open(stored, is_billed=_is_billed(tx, value.id))
        charges.save(value)
        check_charge(tx, value.id)
        return cast("Charge", charges.get(value.id))


@retried
def delete_charge(store: Store, *, actor: Actor, area: str, record_id: str, version: int, now: datetime) -> None:
    """
    Delete a charge that is neither billed nor approved.

    Raises DomainError ``charge.billed``, ``charge.approved``, ``version.stale``, ``record.not_found``, ``access.denied``.
    """
    with store.begin(actor, now=now) as tx:
        stored = _held(tx, record_id)
        charges = tx.area(area)
        charges.require_delete(record_id)
        check_charge_open(stored, is_billed=_is_billed(tx, record_id))
        charges.delete(record_id, version)


@retried
def approve_charge(
    store: Store,
    *,
    actor: Actor,
    charge_id: str,
    expected_version: int,
    reached_on: date,
    now: datetime,
    idempotency: IdempotencyClaim | None = None,
) -> Charge:
    """
    Say that a milestone was reached on a day: from then on it is billable.

    Raises DomainError ``record.not_found``, ``access.denied``, ``version.stale``, ``charge.not_approvable``, ``charge.approved``,
    ``contract.milestones_differ``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        charge = _decided(tx, charge_id, expected_version)
        others = tx.unrestricted.area(CHARGES).matching(contract_id=charge.contract_id)
        value = _value(tx, charge.contract_id)
        done = approved(charge, others, value_minor=value, on=reached_on, at=now, by=actor.id)
        tx.elevated.area(CHARGES).save(done)
        return tx.answer(cast("Charge", tx.area(CHARGES).get(charge_id)))


@retried
def unapprove_charge(
    store: Store, *, actor: Actor, charge_id: str, expected_version: int, now: datetime, idempotency: IdempotencyClaim | None = None
) -> Charge:
    """
    Take the approval of a milestone back, as long as it is not billed.

    Raises DomainError ``record.not_found``, ``access.denied``, ``version.stale``, ``charge.not_approved``, ``charge.billed``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        charge = _decided(tx, charge_id, expected_version)
        check_not_billed(is_billed=_is_billed(tx, charge_id))
        tx.elevated.area(CHARGES).save(unapproved(charge))
        return tx.answer(cast("Charge", tx.area(CHARGES).get(charge_id)))


def _value(tx: Transaction, contract_id: str) -> int | None:
    """The price of a contract that is priced as a whole: its own, or its project's."""
    contract: Contract = tx.unrestricted.area(CONTRACTS).get(contract_id)
    if contract.kind not in PRICED_AS_A_WHOLE or contract.value_minor is not None:
        return contract.value_minor
    return tx.unrestricted.projects.get(contract.project_id).contract_value_minor


def _hold(tx: Transaction, contract_id: str) -> None:
    """Lock a contract and, before it, its project: neither the price nor the other charges change meanwhile."""
    contract: Contract | None = tx.unrestricted.area(CONTRACTS).find(contract_id)
    if contract is not None:
        tx.projects.hold(contract.project_id)
        tx.area(CONTRACTS).hold(contract_id)


def _held(tx: Transaction, charge_id: str, *contracts: str) -> Charge:
    """The whole charge, locked after its contract and others. Raises DomainError ``record.not_found``."""
    found: Charge | None = tx.unrestricted.area(CHARGES).find(charge_id)
    for contract_id in sorted({*contracts, *([] if found is None else [found.contract_id])}):
        _hold(tx, contract_id)
    tx.area(CHARGES).get(charge_id)
    return cast("Charge", tx.unrestricted.area(CHARGES).get(charge_id))


def _decided(tx: Transaction, charge_id: str, expected_version: int) -> Charge:
    charge = _held(tx, charge_id)
    require(tx.actor, CHARGES_APPROVE)
    if charge.version != expected_version:
        raise stale(CHARGE_AREA, charge_id, given=expected_version, current=charge.version)
    return charge


def _is_billed(tx: Transaction, charge_id: str) -> bool:
    return charge_id in billed_charges(tx.connection, [charge_id])

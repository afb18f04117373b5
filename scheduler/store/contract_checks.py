"""Contracts and charges against everything that they have to agree with; read whole, whatever the writer may see."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from scheduler.domain.billing.billed_before import billed_before
from scheduler.domain.billing.contract_rules import (
    check_charge_amount,
    check_charges_fit,
    check_client_stays,
    check_contract_stays,
    check_lacks_no_more,
    check_project,
    check_value,
    lacking,
)
from scheduler.domain.ground.checks import Faults
from scheduler.store.contract_billing import billed_charges, billed_lines, invoiced_clients, is_invoiced

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scheduler.domain.billing.charges import Charge
    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.billing.invoice_parts import InvoiceParts
    from scheduler.domain.staffing.work import Project
    from scheduler.store.transaction import Transaction


def check_contract(tx: Transaction, contract_id: str, *, before: Contract | None = None) -> None:
    """
    A contract that was written agrees with its project, its charges and its invoices; ``before``: as it was.

    Raises DomainError ``input.invalid``, ``contract.other_than_project``, ``contract.client_missing``, ``charge.other_than_contract``,
    ``contract.invoiced``, ``contract.below_billed``.
    """
    everything = tx.unrestricted
    contract: Contract = everything.area("contracts").get(contract_id)
    contract.require_terms()
    check_value(contract, home=everything.firm.get().currency)
    project = everything.projects.get(contract.project_id)
    check_project(contract, says=project.contract.value, has_client=project.client_id is not None)
    if before is not None:
        check_charges_fit(contract, everything.area("charges").matching(contract_id=contract_id))
        capped = billed_before(billed_lines(tx.connection, contract_id)).capped_minor if contract.cap_minor is not None else 0
        check_contract_stays(before, contract, is_invoiced=is_invoiced(tx.connection, contract_id), capped_minor=capped)


def check_project_of_contract(tx: Transaction, project: Project) -> None:
    """
    A project that changes stays what its contract needs, and whose it was when that was billed.

    Raises DomainError ``contract.other_than_project``, ``contract.client_missing``, ``contract.invoiced``.
    """
    for contract in tx.unrestricted.area("contracts").matching(project_id=project.id):
        check_project(contract, says=project.contract.value, has_client=project.client_id is not None)
        check_client_stays(project.client_id, invoiced_clients(tx.connection, contract.id))


@contextmanager
def prepaid_kept(tx: Transaction, parts: InvoiceParts) -> Iterator[None]:
    """
    While a document of these parts is taken back or given back, deposits, blocks and caps of its contracts stay enough for what rests on them.

    The contracts stay locked, so that nobody draws meanwhile. Raises DomainError ``invoice.prepaid_used``.
    """
    ids = {line.contract_id for line in parts.lines if line.contract_id is not None}
    contracts: Sequence[Contract] = tx.elevated.area("contracts").locked(ids)
    before = [_lacking(tx, contract) for contract in contracts]
    yield
    for contract, lacked in zip(contracts, before, strict=True):
        check_lacks_no_more(lacked, _lacking(tx, contract))


def _lacking(tx: Transaction, contract: Contract) -> Mapping[str, int]:
    charges: tuple[Charge, ...] = tx.unrestricted.area("charges").matching(contract_id=contract.id)
    billed = billed_charges(tx.connection, [charge.id for charge in charges])
    return lacking(contract, charges, billed_before(billed_lines(tx.connection, contract.id)), billed)


def check_charge(tx: Transaction, charge_id: str) -> None:
    """
    A charge that was written fits its contract, and its task is the project's.

    Raises DomainError ``input.invalid``, ``charge.other_than_contract``.
    """
    everything = tx.unrestricted
    charge: Charge = everything.area("charges").get(charge_id)
    check_charge_amount(charge)
    contract: Contract = everything.area("contracts").get(charge.contract_id)
    check_charges_fit(contract, (charge,))
    if charge.task_id is not None and everything.area("tasks").get(charge.task_id).project_id != contract.project_id:
        faults = Faults()
        faults.add("/task_id", "charge.other_project", "The task is of another project; name one of the contract's project.")
        faults.raise_any("charge")

"""What contracts and charges have to agree with: their project, each other, and what was billed already."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.billing.charges import OF_KINDS, ChargeKind, ChargeState
from scheduler.domain.billing.contracts import PRICED_AS_A_WHOLE, BeyondCap, ContractKind
from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, datetime

    from scheduler.domain.billing.charges import Charge
    from scheduler.domain.billing.contract_work import BilledBefore
    from scheduler.domain.billing.contracts import Contract

FIXED, INTERNAL, BY_TIME = "fixed_price", "internal", "time_and_materials"
"""How a project says that it earns money."""
_STAYS = ("project_id", "kind", "currency", "legal_entity_id")
"""What stays as it is once something of a contract is on an invoice."""
_STAYS_OF_RETAINERS = ("starts_on", "retainer")
"""Of retainers also this: what was rolled over would be reckoned anew."""


def project_contract(kind: ContractKind) -> str:
    """What the project of such a contract says."""
    if kind in PRICED_AS_A_WHOLE:
        return FIXED
    return INTERNAL if kind is ContractKind.INTERNAL else BY_TIME


def check_project(contract: Contract, *, says: str, has_client: bool) -> None:
    """
    A contract is of the sort that its project says, and somebody pays for it.

    Raises DomainError ``contract.other_than_project``, ``contract.client_missing``.
    """
    wanted = project_contract(contract.kind)
    if says != wanted:
        detail = f"A {contract.kind} contract needs a project whose contract is {wanted}; this one's is {says}. Change one of them."
        raise DomainError(ErrorKind.CONFLICT, "contract.other_than_project", detail, facts={"kind": contract.kind.value, "project": says})
    if not has_client and contract.kind is not ContractKind.INTERNAL:
        detail = "The project has no client, so there is nobody to bill; give the project its client first."
        raise DomainError(ErrorKind.CONFLICT, "contract.client_missing", detail)


def check_value(contract: Contract, *, home: str) -> None:
    """In the firm's currency the price is the project's, in another the contract says it. Raises DomainError ``input.invalid``."""
    faults = Faults()
    needs = contract.kind in PRICED_AS_A_WHOLE and contract.currency != home
    if needs and contract.value_minor is None:
        faults.add(
            "/value_minor", "contract.value", f"A price in {contract.currency} is not the project's, which is in {home}; give it here."
        )
    if not needs and contract.value_minor is not None:
        faults.add("/value_minor", "contract.value", f"In {home} the price is the project's contract value; leave it out here.")
    faults.raise_any("contract")


def check_contract_stays(before: Contract, after: Contract, *, is_invoiced: bool, capped_minor: int) -> None:
    """
    What invoices rest on does not change under them; both are seen whole.

    Raises DomainError ``contract.invoiced``, ``contract.below_billed`` for a cap below what counts towards it already.
    """
    names = _STAYS + (_STAYS_OF_RETAINERS if before.kind is ContractKind.RETAINER else ())
    changed = [name for name in names if getattr(before, name) != getattr(after, name)]
    if is_invoiced and changed:
        detail = (
            f"Something of it is on an invoice, so {', '.join(changed)} cannot change; credit or cancel that first, or end the contract."
        )
        raise DomainError(ErrorKind.CONFLICT, "contract.invoiced", detail, facts={"fields": changed})
    if after.cap_minor is not None and after.cap_minor < capped_minor and after.cap_minor != before.cap_minor:
        detail = f"{capped_minor} minor units count towards the cap already; set it to that or higher, or credit an invoice first."
        raise DomainError(ErrorKind.CONFLICT, "contract.below_billed", detail, facts={"billed_minor": capped_minor})


def check_client_stays(client_id: str | None, invoiced: Collection[str]) -> None:
    """Deposits and caps that one client was billed for are not another's. Raises DomainError ``contract.invoiced``."""
    if any(one != client_id for one in invoiced):
        detail = "Something of the project's contract is on an invoice, so its client cannot change; credit or cancel that first."
        raise DomainError(ErrorKind.CONFLICT, "contract.invoiced", detail, facts={"fields": ["client_id"]})


def lacking(contract: Contract, charges: Iterable[Charge], before: BilledBefore, billed: Collection[str]) -> Mapping[str, int]:
    """
    What counts on invoices of a contract and has nothing to rest on, by what it is.

    Minor units drawn beyond the deposits and billed beyond the cap; by charge, minutes used beyond blocks that are ``billed`` (charge ids).
    """
    found = {"deposits": before.drawn_minor - before.deposits_minor}
    if contract.cap_minor is not None and contract.beyond_cap is BeyondCap.STOP:
        found["cap"] = before.capped_minor - contract.cap_minor
    for charge in charges:
        sold = (charge.minutes or 0) if charge.id in billed else 0
        found[charge.id] = before.covered_minutes.get(charge.id, 0) - sold
    return {name: amount for name, amount in found.items() if amount > 0}


def check_lacks_no_more(before: Mapping[str, int], after: Mapping[str, int]) -> None:
    """Taking a document back leaves nothing in the air that was not before. Raises DomainError ``invoice.prepaid_used``."""
    if more := {name: amount for name, amount in after.items() if amount > before.get(name, 0)}:
        detail = (
            "Other invoices of the contract rest on it: they draw the deposit, use the block or fill the cap. Void or credit those first."
        )
        raise DomainError(ErrorKind.CONFLICT, "invoice.prepaid_used", detail, facts={"lacking": more})


def check_charges_fit(contract: Contract, charges: Iterable[Charge]) -> None:
    """Every charge may stand under such a contract. Raises DomainError ``charge.other_than_contract``."""
    for charge in charges:
        if contract.kind not in OF_KINDS[charge.kind]:
            detail = f"A {charge.kind} does not belong to a {contract.kind} contract; delete the charge, or choose another kind."
            facts = {"kind": contract.kind.value, "charge": charge.id}
            raise DomainError(ErrorKind.CONFLICT, "charge.other_than_contract", detail, facts=facts)


def check_charge_amount(charge: Charge) -> None:
    """A charge is for something. Raises DomainError ``input.invalid``."""
    faults = Faults()
    faults.integer("/amount_minor", charge.amount_minor, least=1)
    faults.raise_any("charge")


def check_charge_open(charge: Charge, *, is_billed: bool) -> None:
    """A charge changes or goes only before it is billed and while it is not approved. Raises DomainError ``charge.billed``, ``charge.approved``."""
    check_not_billed(is_billed=is_billed)
    if charge.state is ChargeState.APPROVED:
        detail = "The milestone is approved; take the approval back before you change it."
        raise DomainError(ErrorKind.CONFLICT, "charge.approved", detail)


def check_not_billed(*, is_billed: bool) -> None:
    """Raise DomainError ``charge.billed`` for a charge that stands on an invoice that counts."""
    if is_billed:
        detail = "The charge is on an invoice; cancel the draft or credit the invoice first."
        raise DomainError(ErrorKind.CONFLICT, "charge.billed", detail)


def approved(charge: Charge, others: Iterable[Charge], *, value_minor: int | None, on: date, at: datetime, by: str) -> Charge:
    """
    The milestone, reached on a day. ``others``: of its contract; ``value_minor``: the contract's price, ``None`` where nobody has said it.

    Raises DomainError ``charge.not_approvable``, ``charge.approved``; ``contract.milestones_differ`` for the last one that is open, unless
    all milestones together make the price.
    """
    if charge.kind is not ChargeKind.MILESTONE:
        detail = "Only milestones are approved; other charges become billable on their day."
        raise DomainError(ErrorKind.CONFLICT, "charge.not_approvable", detail)
    if charge.state is ChargeState.APPROVED:
        raise DomainError(ErrorKind.CONFLICT, "charge.approved", "The milestone is approved already.")
    milestones = [one for one in others if one.kind is ChargeKind.MILESTONE and one.id != charge.id]
    total = charge.amount_minor + sum(one.amount_minor for one in milestones)
    if all(one.state is ChargeState.APPROVED for one in milestones) and total != value_minor:
        price = "the contract has no price yet" if value_minor is None else f"the contract's price is {value_minor}"
        detail = f"This is the last milestone, all together make {total} minor units, and {price}; make them agree first."
        facts = {"milestones_minor": total, "value_minor": value_minor}
        raise DomainError(ErrorKind.CONFLICT, "contract.milestones_differ", detail, facts=facts)
    return replace(charge, state=ChargeState.APPROVED, approved_on=on, approved_at=at, approved_by=by)


def unapproved(charge: Charge) -> Charge:
    """The milestone, open again. Raises DomainError ``charge.not_approved``."""
    if charge.state is not ChargeState.APPROVED:
        raise DomainError(ErrorKind.CONFLICT, "charge.not_approved", "The milestone is not approved.")
    return replace(charge, state=ChargeState.PLANNED, approved_on=None, approved_at=None, approved_by=None)

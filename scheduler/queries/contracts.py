"""Where contracts stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.billing.billed_before import billed_before
from scheduler.domain.billing.contract_status import blocks_of, milestones_minor, months_of
from scheduler.domain.billing.contracts import PRICED_AS_A_WHOLE, ContractKind
from scheduler.domain.ground.access import require
from scheduler.domain.ground.permissions import COST_READ, PRICE_READ
from scheduler.store import retried
from scheduler.store.contract_billing import billed_lines, billed_net, taken

if TYPE_CHECKING:
    from datetime import date

    from scheduler.domain.billing.contract_status import BlockStatus, MonthStatus
    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store
    from scheduler.store.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractStatus:
    """Amounts in minor units of the contract's currency, before tax; ``None``: does not apply, or may not be seen."""

    contract_id: str
    currency: str
    value_minor: int | None
    billed_minor: int | None
    cap_minor: int | None
    cap_left_minor: int | None
    milestones_minor: int | None
    deposits_minor: int
    deposits_left_minor: int | None
    blocks: tuple[BlockStatus, ...]
    months: tuple[MonthStatus, ...]


@retried
def contract_status(store: Store, *, actor: Actor, contract_id: str, on: date) -> ContractStatus:
    """
    Where a contract stands on a day. From what a cost-plus contract billed costs follow, so it is for whoever sees those.

    Raises DomainError ``record.not_found``, ``access.denied``.
    """
    with store.read(actor) as view:
        contract: Contract = view.area("contracts").get(contract_id)
        require(actor, PRICE_READ)
        everything = view.unrestricted
        charges = everything.area("charges").matching(contract_id=contract_id)
        before = billed_before(billed_lines(view.connection, contract_id))
        claimed = taken(view.connection, contract_id)
        is_shown = contract.kind is not ContractKind.COST_PLUS or actor.may(COST_READ)
        cap = contract.cap_minor
        return ContractStatus(
            contract_id=contract_id,
            currency=contract.currency,
            value_minor=_value(everything, contract),
            billed_minor=billed_net(view.connection, contract_id) if is_shown else None,
            cap_minor=cap,
            cap_left_minor=None if cap is None else max(0, cap - before.capped_minor),
            milestones_minor=milestones_minor(contract, charges),
            deposits_minor=before.deposits_minor,
            deposits_left_minor=max(0, before.deposits_minor - before.drawn_minor) if is_shown else None,
            blocks=blocks_of(charges, before, claimed),
            months=months_of(contract, before, claimed, on=on),
        )


def _value(everything: View, contract: Contract) -> int | None:
    """The price as a whole, where the contract has one: its own, or its project's."""
    if contract.kind not in PRICED_AS_A_WHOLE or contract.value_minor is not None:
        return contract.value_minor
    return everything.projects.get(contract.project_id).contract_value_minor

"""What a run would draft, without drafting it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.billing.contract_work import Finding
from scheduler.domain.billing.runs import Billed, drafted
from scheduler.domain.ground.access import require
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import InvoiceId
from scheduler.domain.ground.permissions import COST_READ, INVOICES_CREATE, PRICE_READ
from scheduler.store import retried
from scheduler.store.contract_work import NO_CLIENT, WorkReader
from scheduler.store.invoice_runs import groups_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scheduler.domain.billing.contract_work import Left
    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.billing.invoice_parts import InvoiceParts
    from scheduler.domain.billing.invoices import Invoice
    from scheduler.domain.billing.runs import RunScope
    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store
    from scheduler.store.view import View

GROUPS_MAX = 200
"""Most invoices that are proposed at once."""
PROPOSED = "proposed"
"""In place of an id, which only a draft has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What would be drafted of contracts that go together; ``None``: nothing."""

    contract_ids: tuple[str, ...]
    invoice: Invoice | None
    parts: InvoiceParts | None
    findings: tuple[Finding, ...]
    left: tuple[Left, ...]
    """What is not billed, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """Of a whole scope; ``groups``: how many there are, of which at most ``GROUPS_MAX`` are worked out."""

    proposals: tuple[Proposal, ...]
    groups: int


@retried
def propose_invoices(store: Store, *, actor: Actor, scope: RunScope, now: datetime) -> Proposals:
    """What a run would draft now. Raises DomainError ``access.denied``."""
    require(actor, INVOICES_CREATE)
    require(actor, PRICE_READ)
    with store.read(actor) as view:
        everything = view.unrestricted
        groups = groups_of(everything, scope, with_costs=actor.may(COST_READ))
        reader = WorkReader(everything)
        found = tuple(_proposal(everything, reader, group, scope, now) for group in groups[:GROUPS_MAX])
    return Proposals(proposals=tuple(one for one in found if one.parts or one.findings or one.left), groups=len(groups))


def _proposal(view: View, reader: WorkReader, group: Sequence[str], scope: RunScope, now: datetime) -> Proposal:
    contracts: tuple[Contract, ...] = view.area("contracts").many(group)
    billed: list[Billed] = []
    findings: list[Finding] = []
    client_id, language = None, "en"
    for contract in contracts:
        side = reader.side(contract)
        if side is None:
            findings.append(Finding(code=NO_CLIENT, message="The contract's project has no client.", facts={"contract_id": contract.id}))
            continue
        client_id, language = side.client_id, side.language
        one = reader.billed(contract, side, until=scope.until, since=scope.since)
        if isinstance(one, Finding):
            findings.append(one)
        else:
            billed.append(one)
            findings += one.bill.findings
    made = None
    try:
        if client_id is not None:
            own = InvoiceId(PROPOSED)
            made = drafted(billed, invoice_id=own, client_id=client_id, language=language, home_currency=reader.home, now=now)
    except DomainError as error:
        findings.append(Finding(code=error.code, message=error.detail))
    return Proposal(
        contract_ids=tuple(group),
        invoice=None if made is None else made[0],
        parts=None if made is None else made[1],
        findings=tuple(findings),
        left=tuple(left for one in billed for left in one.bill.left),
    )

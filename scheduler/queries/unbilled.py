"""What could have been billed long ago and is on no invoice, by contract, with the reasons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler.domain.billing.contract_work import Finding, LeftReason
from scheduler.domain.billing.contracts import ContractKind
from scheduler.domain.billing.runs import bills_costs
from scheduler.domain.ground.access import require
from scheduler.domain.ground.permissions import COST_READ, INVOICES_CREATE, PRICE_READ
from scheduler.store import retried
from scheduler.store.billable_work import unbilled_by_project
from scheduler.store.contract_work import NO_CLIENT, WorkReader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store

NOT_DRAFTED, NO_CONTRACT = "not_drafted", "no_contract"
PAID_OTHERWISE = frozenset({LeftReason.IN_PRICE, LeftReason.INTERNAL})
"""Work that is on no invoice because it never is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """Of one contract, or of a project without one: what is on no invoice. ``billable_minor``: what a run would bill of it, before tax."""

    project_id: str
    contract_id: str | None
    currency: str | None
    count: int
    """Entries, expenses, charges and months."""
    minutes: int
    oldest: date
    billable_minor: int
    reasons: Mapping[str, int]
    """How many for each reason: ``not_drafted`` where nothing stands in the way."""


@retried
def unbilled_work(store: Store, *, actor: Actor, days: int, now: datetime) -> tuple[Leak, ...]:
    """
    Approved and billable time and expenses, and charges that were due, that are on no invoice so many days later; oldest first.

    What a fixed price pays for is none of it, and contracts that bill costs are left out for whoever may not see those.
    Raises DomainError ``access.denied``.
    """
    require(actor, INVOICES_CREATE)
    require(actor, PRICE_READ)
    until = now.date() - timedelta(days=days)
    with store.read(actor) as view:
        everything = view.unrestricted
        reader = WorkReader(everything)
        contracts: tuple[Contract, ...] = everything.area("contracts").all()
        wanted = [one for one in contracts if one.kind is not ContractKind.INTERNAL and (actor.may(COST_READ) or not bills_costs(one))]
        rest = unbilled_by_project(everything.connection, until=until)
        found = [leak for one in wanted if (leak := _leak(reader, one, until, rest.get(one.project_id))) is not None]
    known = {one.project_id for one in contracts}
    found += [_as_a_whole(None, project_id, rest[project_id], NO_CONTRACT) for project_id in sorted(rest.keys() - known)]
    return tuple(sorted(found, key=lambda leak: (leak.oldest, leak.project_id)))


def _leak(reader: WorkReader, contract: Contract, until: date, rest: tuple[int, int, date] | None) -> Leak | None:
    side = reader.side(contract)
    billed = None if side is None else reader.billed(contract, side, until=until)
    if billed is None or isinstance(billed, Finding):
        code = NO_CLIENT if billed is None else billed.code
        return None if rest is None else _as_a_whole(contract, contract.project_id, rest, code)
    reasons: Counter[str] = Counter({NOT_DRAFTED: len(billed.bill.items)} if billed.bill.items else {})
    days = [item.day for item in billed.bill.items]
    minutes = sum(item.minutes or 0 for item in billed.bill.items)
    for left in billed.bill.left:
        if left.reason not in PAID_OTHERWISE:
            reasons[left.reason.value] += 1
            days.append(left.day)
            minutes += left.minutes or 0
    if not days:
        return None
    return Leak(
        project_id=contract.project_id,
        contract_id=contract.id,
        currency=contract.currency,
        count=reasons.total(),
        minutes=minutes,
        oldest=min(days),
        billable_minor=billed.bill.net_minor,
        reasons=dict(reasons),
    )


def _as_a_whole(contract: Contract | None, project_id: str, rest: tuple[int, int, date], reason: str) -> Leak:
    """A project whose work nothing can be said of but that it is there, and why it is not billed."""
    count, minutes, oldest = rest
    return Leak(
        project_id=project_id,
        contract_id=None if contract is None else contract.id,
        currency=None if contract is None else contract.currency,
        count=count,
        minutes=minutes,
        oldest=oldest,
        billable_minor=0,
        reasons={reason: count},
    )

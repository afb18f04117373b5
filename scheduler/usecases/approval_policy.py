"""The firm's approval policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.store import retried
from scheduler.store.areas.approvals import APPROVAL_POLICY_AREA
from scheduler.store.deciders import approval_policy
from scheduler.store.repository import stale

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.delivery.approval_policies import ApprovalPolicy
    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store


@retried
def change_approval_policy(store: Store, *, actor: Actor, policy: ApprovalPolicy, now: datetime) -> ApprovalPolicy:
    """Set it; version 0 says nobody has before. Raises DomainError ``access.denied``, ``version.stale``."""
    with store.begin(actor, now=now) as tx:
        require(actor, "approval_policies:change")
        stored = approval_policy(tx)
        if stored.version and stored == policy:
            return stored
        if stored.version == 0 and policy.version:
            raise stale(APPROVAL_POLICY_AREA, policy.id, given=policy.version, current=0)
        rows = tx.area(APPROVAL_POLICY_AREA.name)
        kept: ApprovalPolicy = rows.save(policy) if stored.version else rows.add(policy)
        return kept

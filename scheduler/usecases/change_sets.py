"""Rejecting groups of a change set, and undoing those that were applied. Approving is ``scheduler.jobs.approval``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.permissions import PLANS_APPLY
from scheduler.domain.staffing.change_sets import Decision
from scheduler.store import retried
from scheduler.store.change_set_rows import keep, opened
from scheduler.store.putting_back import put_back

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.change_sets import ChangeGroup, ChangeSet
    from scheduler.store import Store, Transaction


@retried
def reject_groups(
    store: Store,
    *,
    actor: Actor,
    change_set_id: str,
    expected_version: int,
    groups: Sequence[int] | None,
    now: datetime,
    idempotency: IdempotencyClaim | None = None,
) -> ChangeSet:
    """Leave groups be, or (``None``) all that are open. Raises DomainError ``change_set.not_open``, ``version.stale``, ``input.invalid``."""
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        found = opened(tx, change_set_id, expected_version=expected_version)
        chosen = found.chosen(Decision.REJECT, groups)
        return tx.answer(keep(tx, found.decided(Decision.REJECT, chosen, by=actor.id, at=now)))


@retried
def undo_groups(
    store: Store,
    *,
    actor: Actor,
    change_set_id: str,
    expected_version: int,
    groups: Sequence[int] | None,
    now: datetime,
    idempotency: IdempotencyClaim | None = None,
) -> ChangeSet:
    """
    Put back exactly what was there before groups were applied, or (``None``) all that are.

    Raises DomainError ``change_set.undo_moved`` (CONFLICT) when bookings have been changed since, or their time is taken, and what
    ``reject_groups`` raises. Nothing is changed then.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        found = opened(tx, change_set_id, expected_version=expected_version)
        require(actor, PLANS_APPLY)
        chosen = found.chosen(Decision.UNDO, groups)
        for group in sorted(chosen, key=_when, reverse=True):
            assert group.undo is not None
            put_back(tx, group.undo)
        _forget_applied(tx, found, chosen)
        return tx.answer(keep(tx, found.decided(Decision.UNDO, chosen, by=actor.id, at=now)))


def _when(group: ChangeGroup) -> tuple[str, int]:
    """What was applied last is undone first."""
    return (group.decided_at.isoformat() if group.decided_at is not None else "", group.position)


def _forget_applied(tx: Transaction, found: ChangeSet, groups: Iterable[ChangeGroup]) -> None:
    """The plan does not have these changes applied any more."""
    assert found.plan_id is not None
    plans = tx.elevated.plans
    plan = plans.get(found.plan_id)
    gone = {change for group in groups for change in group.change_ids}
    plans.save(replace(plan, applied_changes=tuple(one for one in plan.applied_changes or () if one not in gone)))

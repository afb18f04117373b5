"""
Deciding about groups of a change set: approve, reject, undo.

Approved groups are applied together as a part of the set's plan, verified first. Each function is one transaction, and answers with the
set as its caller may see it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.permissions import PLANS_APPLY
from scheduler.domain.staffing.change_sets import Decision
from scheduler.domain.staffing.plan_changes import PlanPart
from scheduler.queries.change_sets import shown_change_set
from scheduler.store import View, retried
from scheduler.store.change_set_rows import keep, opened
from scheduler.store.putting_back import put_back, standing, undo_of
from scheduler.usecases.plan_application import ApplyTerms, apply_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.change_sets import ChangeGroup, ChangeSet
    from scheduler.queries.change_sets import ShownChangeSet
    from scheduler.store import Store, Transaction

_MOVED = frozenset({"plan.changed", "plan.superseded"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Which groups (``None``: all that are open), how firm their bookings become, and why somebody may be overbooked."""

    groups: Sequence[int] | None = None
    confirmed: bool = False
    override_reason: str | None = None


@retried
def approve_groups(
    store: Store,
    *,
    actor: Actor,
    change_set_id: str,
    expected_version: int | None,
    approval: Approval,
    now: datetime,
    idempotency: IdempotencyClaim | None = None,
) -> ShownChangeSet:
    """
    Apply groups: all of them or, when anything is wrong, none.

    Raises DomainError ``change_set.expired`` (STALE) when what the groups rest on has changed, with the rows; ``plan.part_breaks_rules``
    (CONFLICT) for groups that do not hold without others; ``capacity.exceeded``; ``change_set.not_open``, ``version.stale``, ``access.denied``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        found = opened(tx, change_set_id, expected_version=expected_version)
        chosen = found.chosen(Decision.APPROVE, approval.groups)
        pairs = {(change["person_id"], change["demand_id"]) for group in chosen for change in group.changes}
        people = {person for person, _ in pairs}
        before = standing(tx, people)
        _apply(tx, found, chosen, approval, now=now)
        after = standing(tx, people)
        undo = {group.position: undo_of(before, after, _pairs(group)) for group in chosen}
        return tx.answer(_kept(tx, found.decided(Decision.APPROVE, chosen, by=actor.id, at=now, undo=undo)))


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
) -> ShownChangeSet:
    """Leave groups be, or (``None``) all that are open. Raises DomainError ``change_set.not_open``, ``version.stale``, ``input.invalid``."""
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        found = opened(tx, change_set_id, expected_version=expected_version)
        chosen = found.chosen(Decision.REJECT, groups)
        return tx.answer(_kept(tx, found.decided(Decision.REJECT, chosen, by=actor.id, at=now)))


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
) -> ShownChangeSet:
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
        return tx.answer(_kept(tx, found.decided(Decision.UNDO, chosen, by=actor.id, at=now)))


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


def _kept(tx: Transaction, found: ChangeSet) -> ShownChangeSet:
    keep(tx, found)
    return shown_change_set(View(tx.connection, tx.actor), found.id)


def _pairs(group: ChangeGroup) -> frozenset[tuple[str, str]]:
    return frozenset((change["person_id"], change["demand_id"]) for change in group.changes)


def _apply(tx: Transaction, found: ChangeSet, chosen: Sequence[ChangeGroup], approval: Approval, *, now: datetime) -> None:
    assert found.plan_id is not None
    part = PlanPart(change_ids=tuple(change for group in chosen for change in group.change_ids))
    terms = ApplyTerms(confirmed=approval.confirmed, part=part, override_reason=approval.override_reason)
    try:
        apply_in(tx, plan_id=found.plan_id, expected_version=None, now=now, terms=terms)
    except DomainError as error:
        if error.code not in _MOVED:
            raise
        named = ", ".join(str(group.position) for group in chosen)
        detail = f"What the groups {named} rest on has changed since they were computed. Nothing was applied; run the policy again."
        raise DomainError(ErrorKind.STALE, "change_set.expired", detail, facts=error.facts) from error

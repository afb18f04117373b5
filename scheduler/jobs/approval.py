"""Approving groups of a change set: they are applied together as a part of its plan, verified first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.staffing.change_sets import Decision
from scheduler.domain.staffing.plan_changes import PlanPart
from scheduler.store import retried
from scheduler.store.change_set_rows import keep, opened
from scheduler.store.putting_back import standing, undo_of
from scheduler.usecases.plan_application import ApplyTerms, apply_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.change_sets import ChangeGroup, ChangeSet
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
) -> ChangeSet:
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
        return tx.answer(keep(tx, found.decided(Decision.APPROVE, chosen, by=actor.id, at=now, undo=undo)))


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

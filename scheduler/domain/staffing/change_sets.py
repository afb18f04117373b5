"""Change sets: what a rebalance would change, in groups that can be decided one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.webhooks import Event, EventType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from scheduler.domain.ground.ids import ActorId, ChangeSetId, PlanId, RebalancePolicyId


class ChangeSetState(StrEnum):
    """Where a change set stands."""

    QUEUED = "queued"
    """Its plan is being computed."""
    READY = "ready"
    """It has groups to be decided."""
    EMPTY = "empty"
    """Nothing is to be changed."""
    DECIDED = "decided"
    """Every group is applied, rejected or undone."""
    SUPERSEDED = "superseded"
    """A later run of the same policy has groups of its own."""
    FAILED = "failed"


class GroupState(StrEnum):
    """Where a group stands."""

    OPEN = "open"
    APPLIED = "applied"
    REJECTED = "rejected"
    UNDONE = "undone"


class Decision(StrEnum):
    """What somebody does with groups."""

    APPROVE = "approve"
    REJECT = "reject"
    UNDO = "undo"


STEPS: Mapping[Decision, tuple[GroupState, GroupState]] = {
    Decision.APPROVE: (GroupState.OPEN, GroupState.APPLIED),
    Decision.REJECT: (GroupState.OPEN, GroupState.REJECTED),
    Decision.UNDO: (GroupState.APPLIED, GroupState.UNDONE),
}
"""The state that a decision asks for, and the one that it leads to."""
NO_PLAN = "change_set.no_plan"
"""Why a set failed whose plan has no assignments, or was cancelled."""
COMPUTED = frozenset({ChangeSetState.READY, ChangeSetState.EMPTY, ChangeSetState.DECIDED, ChangeSetState.SUPERSEDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeGroup:
    """Changes that are applied together or not at all."""

    position: int
    """Its number in the set, from 1."""
    changes: tuple[Mapping[str, Any], ...]
    """Plain JSON: ``id``, ``person_id``, ``demand_id``, ``project_id``, ``kind``, ``was`` and ``now``."""
    reasons: tuple[Mapping[str, Any], ...]
    """Plain JSON: ``code``, ids and minutes."""
    worth_x60: int | None
    """The objective with less the objective without, in minor units x 60; ``None`` for whoever may not see costs."""
    state: GroupState = GroupState.OPEN
    decided_at: datetime | None = None
    decided_by: ActorId | None = None
    undo: Mapping[str, Any] | None = None
    """What was there before, by ids and versions, once it is applied."""

    @property
    def change_ids(self) -> tuple[str, ...]:
        """Ids of the plan's changes."""
        return tuple(change["id"] for change in self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """What one run of a rebalance policy came to."""

    id: ChangeSetId
    policy_id: RebalancePolicyId
    policy_version: int
    state: ChangeSetState
    actor_id: ActorId
    created_at: datetime
    due_at: datetime | None = None
    """When the policy wanted it; ``None`` when somebody asked."""
    is_dry_run: bool = False
    """To be looked at only."""
    plan_id: PlanId | None = None
    """The plan behind it; ``None`` when nothing had changed since the last one."""
    base_plan_id: PlanId | None = None
    """The plan that says from which rows it was computed."""
    finished_at: datetime | None = None
    expired_at: datetime | None = None
    """When it was found that what open groups rest on has changed."""
    failure_code: str | None = None
    gain_x60: int | None = None
    """What all groups bring together."""
    dropped_count: int | None = None
    """Groups that bring less than the policy wants."""
    groups: tuple[ChangeGroup, ...] = ()
    external_id: str | None = None
    version: int = 0

    def chosen(self, decision: Decision, positions: Iterable[int] | None) -> tuple[ChangeGroup, ...]:
        """
        The groups that somebody decides about; without positions all that can be.

        Raises DomainError ``input.invalid`` for a group that the set does not have, ``change_set.not_open`` (CONFLICT) when the set, or
        one of the groups, is not in the state that this asks for.
        """
        wanted, _ = STEPS[decision]
        by_position = {group.position: group for group in self.groups}
        if self.is_dry_run or (decision is not Decision.UNDO and self.state is not ChangeSetState.READY):
            why = "was a dry run" if self.is_dry_run else f"is {self.state}"
            detail = f"The change set {why}; there is nothing in it to {decision}. Run the policy again for one that can be decided."
            raise DomainError(ErrorKind.CONFLICT, "change_set.not_open", detail, facts={"state": str(self.state)})
        if positions is None:
            found = [group for group in self.groups if group.state is wanted]
            if not found:
                detail = f"No group of the change set is {wanted}, so there is nothing to {decision}."
                raise DomainError(ErrorKind.CONFLICT, "change_set.not_open", detail, facts={"state": str(self.state)})
            return tuple(found)
        listed = tuple(dict.fromkeys(positions))
        faults = Faults()
        if not listed:
            faults.add("/groups", "part.empty", "No group is chosen; name some by their number, or leave the field out for all.")
        for number, position in enumerate(listed):
            if position not in by_position:
                faults.add(
                    f"/groups/{number}", "reference.not_found", "The change set has no group of this number; GET it for those it has."
                )
        faults.raise_any("decision")
        groups = tuple(by_position[position] for position in listed)
        closed = [group for group in groups if group.state is not wanted]
        if closed:
            named = ", ".join(f"{group.position} ({group.state})" for group in closed)
            detail = f"To {decision}, a group has to be {wanted}; these are not: {named}. Nothing was done."
            facts = {"state": str(self.state), "groups": {str(group.position): str(group.state) for group in closed}}
            raise DomainError(ErrorKind.CONFLICT, "change_set.not_open", detail, facts=facts)
        return groups

    def decided(
        self,
        decision: Decision,
        groups: Iterable[ChangeGroup],
        *,
        by: ActorId,
        at: datetime,
        undo: Mapping[int, Mapping[str, Any]] | None = None,
    ) -> ChangeSet:
        """The set after these groups were decided; ``undo``: what was there before, by position."""
        _, state = STEPS[decision]
        positions = {group.position for group in groups}
        kept = undo or {}
        changed = tuple(
            replace(g, state=state, decided_at=at, decided_by=by, undo=kept.get(g.position, g.undo)) if g.position in positions else g
            for g in self.groups
        )
        is_open = any(group.state is GroupState.OPEN for group in changed)
        following = self.state if self.state is not ChangeSetState.READY or is_open else ChangeSetState.DECIDED
        return replace(self, groups=changed, state=following)


def change_set_ready(found: ChangeSet, *, to_decide: int, told: Iterable[str]) -> Event:
    """What subscribers, and whom the policy tells, hear of a set; ``to_decide``: its groups that the policy does not apply by itself."""
    facts = {"change_set_id": found.id, "policy_id": found.policy_id, "groups": len(found.groups), "to_decide": to_decide}
    return Event(type=EventType.CHANGE_SET_READY, facts=facts, told=frozenset(told))


def change_set_expired(found: ChangeSet, *, positions: Iterable[int], told: Iterable[str]) -> Event:
    """What they hear of it when groups that are open rest on what has changed since."""
    facts = {"change_set_id": found.id, "policy_id": found.policy_id, "groups": sorted(positions)}
    return Event(type=EventType.CHANGE_SET_EXPIRED, facts=facts, told=frozenset(told))

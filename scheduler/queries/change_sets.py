"""What somebody may see of change sets: with names, the proof of the plan, what no longer holds, and which groups have expired."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import name_key
from scheduler.domain.staffing.change_sets import ChangeSetState, GroupState
from scheduler.domain.staffing.movement import moved
from scheduler.domain.staffing.plan_changes import PlanChanges, plan_changes
from scheduler.domain.staffing.touching import is_own_application
from scheduler.planning.broken import PREFIX
from scheduler.store import retried
from scheduler.store.moved_rows import differing, touched

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.paging import Page, PageRequest
    from scheduler.domain.staffing.change_sets import ChangeSet
    from scheduler.domain.staffing.movement import Moved
    from scheduler.store import Store, View

AREA = "change_sets"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChangeSet:
    """A change set with what is said of it."""

    found: ChangeSet
    policy_name: str
    proof: Mapping[str, Any] | None
    """Of the plan behind it; ``None`` until there is one."""
    broken: tuple[Mapping[str, Any], ...]
    """Statements on bookings that no longer hold."""
    names: Mapping[str, Mapping[str, str]]
    """Area (``people``, ``demands``, ``projects``) to id to name."""
    moved: Mapping[int, tuple[Moved, ...]] = field(default_factory=dict)
    """Of open groups, by position: what they rest on and has changed since."""


@retried
def get_change_set(store: Store, *, actor: Actor, change_set_id: str) -> ShownChangeSet:
    """One change set. Raises DomainError ``record.not_found``."""
    with store.read(actor) as view:
        return shown_change_set(view, change_set_id)


def shown_change_set(view: View, change_set_id: str) -> ShownChangeSet:
    """As ``get_change_set``."""
    found: ChangeSet = view.area(AREA).get(change_set_id)
    everything = view.unrestricted
    result = None if found.base_plan_id is None else view.plans.get(found.base_plan_id).result
    said = () if result is None else tuple(one for one in result["view"]["left_out"] if one["code"].startswith(PREFIX))
    changes = [change for group in found.groups for change in group.changes]
    return ShownChangeSet(
        found=found,
        policy_name=everything.area("rebalance_policies").get(found.policy_id).name,
        proof=None if result is None or found.plan_id is None else result["view"]["proof"],
        broken=said,
        names={
            area: {row.id: row.name for row in everything.area(area).many({change[key] for change in changes})}
            for area, key in (("people", "person_id"), ("demands", "demand_id"), ("projects", "project_id"))
        },
        moved=moved_under(everything, found),
    )


@retried
def list_change_sets(store: Store, *, actor: Actor, page: PageRequest) -> Page[ChangeSet]:
    """One page of change sets, as far as the actor may see. Raises DomainError for a sort or filter that is not allowed."""
    with store.read(actor) as view:
        found: Page[ChangeSet] = view.area(AREA).page(page)
        return found


@retried
def policy_id_of(store: Store, *, actor: Actor, name: str) -> str | None:
    """The id of the policy that is called so, upper and lower case alike."""
    with store.read(actor) as view:
        policies = view.area("rebalance_policies").matching(name_key=name_key(name.strip()))
    return policies[0].id if policies else None


def moved_under(view: View, found: ChangeSet) -> dict[int, tuple[Moved, ...]]:
    """What open groups rest on and has changed since, by the group's position. ``view`` sees everything."""
    open_groups = [group for group in found.groups if group.state is GroupState.OPEN]
    kept = None if found.plan_id is None else view.plans.problem(found.plan_id)
    if kept is None or not open_groups or found.state is not ChangeSetState.READY or found.plan_id is None:
        return {}
    plan = view.plans.get(found.plan_id)
    assert plan.result is not None
    whole: PlanChanges = plan_changes(plan.result["view"], kept.problem)
    applied = whole.only(plan.applied_changes or ()).pairs
    rows = [row for row in differing(view, kept.row_versions) if not is_own_application(*row, plan_id=plan.id, applied=applied)]
    near = {}
    for group in open_groups if rows else ():
        rests_on = touched(view, whole.only(group.change_ids))
        near[group.position] = tuple(moved(area, was, now) for area, was, now in rows if rests_on.by(area, was, now))
    return {position: listed for position, listed in near.items() if listed}

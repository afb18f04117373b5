"""What somebody may see of plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.permissions import COST_READ
from scheduler.store import retried

if TYPE_CHECKING:
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.paging import Page, PageRequest
    from scheduler.domain.staffing.plans import Plan, PlanProblem
    from scheduler.store import Store


@retried
def get_plan(store: Store, *, actor: Actor, plan_id: str) -> Plan:
    """One plan with its result. Raises DomainError ``record.not_found``."""
    with store.read(actor) as view:
        return view.plans.get(plan_id)


@retried
def get_plan_with_costs(store: Store, *, actor: Actor, plan_id: str) -> Plan:
    """One plan with all that it was proven with. Raises DomainError ``record.not_found``, ``access.denied``."""
    with store.read(actor) as view:
        plan = view.plans.get(plan_id)
    require(actor, COST_READ)
    return plan


@retried
def list_plans(store: Store, *, actor: Actor, page: PageRequest) -> Page[Plan]:
    """One page of plans, without their results."""
    with store.read(actor) as view:
        return view.plans.page(page)


@retried
def get_plan_problem(store: Store, *, actor: Actor, plan_id: str) -> PlanProblem:
    """What a plan was computed from. Raises DomainError ``plan.no_result`` until a worker has read it, ``access.denied``."""
    with store.read(actor) as view:
        view.plans.get(plan_id)
        problem = view.plans.problem(plan_id)
    if problem is None:
        raise DomainError(ErrorKind.NOT_FOUND, "plan.no_result", "The plan's problem has not been read yet; wait until it runs.")
    return problem

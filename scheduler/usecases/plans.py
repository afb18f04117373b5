"""What somebody may do with plans. What the worker writes into them is ``scheduler.jobs``' business."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.ids import PlanId, new_id
from scheduler.domain.ground.jobs import SOLVE_PLAN, Job
from scheduler.domain.ground.permissions import COST_READ
from scheduler.domain.staffing.plans import Plan, PlanState
from scheduler.planning.request_json import request_to_json
from scheduler.store import retried
from scheduler.store.scenario_stack import stack_of
from solver_models.staffing.formats_size import too_many

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.planning.request import PlanRequest
    from scheduler.store import Store, Transaction


@retried
def request_plan(
    store: Store,
    *,
    actor: Actor,
    request: PlanRequest,
    now: datetime,
    blind: bool = False,
    idempotency: IdempotencyClaim | None = None,
) -> Plan:
    """
    Ask for a plan: its row and its job are written together.

    ``blind``: somebody who may not read costs gets one that is computed without them.

    Raises DomainError ``input.invalid`` for unknown projects or an unknown scenario, ``scenario.applied``,
    and ``problem.too_large`` when so many rows are out of reach for any plan.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        if blind and not actor.may(COST_READ):
            request = replace(request, cost_blind=True)
        _check_projects(tx, request, made=_check_scenario(tx, request))
        _check_size(tx, request)
        plan = tx.plans.add(
            Plan(
                id=PlanId(new_id()),
                state=PlanState.QUEUED,
                request=request_to_json(request),
                actor_id=actor.id,
                created_at=now,
                scenario_id=request.scenario_id,
            )
        )
        tx.enqueue(Job(kind=SOLVE_PLAN, target_id=plan.id))
        return tx.answer(plan)


@retried
def cancel_plan(store: Store, *, actor: Actor, plan_id: str, now: datetime, idempotency: IdempotencyClaim | None = None) -> Plan:
    """
    Stop a plan: at once while it is queued, else as soon as its worker sees the flag.

    Raises
    ------
    IllegalTransition
        If the plan has ended already.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        plan = tx.plans.get(plan_id)
        require(actor, "plans:change")
        cancelled = plan.asked_to_stop(now=now)
        return tx.answer(cancelled if cancelled == plan else tx.plans.save(cancelled))


def _check_scenario(tx: Transaction, request: PlanRequest) -> frozenset[str]:
    """Ids of the rows that the scenario, or one that it stands on, makes; once it is there and open."""
    if request.scenario_id is None:
        return frozenset()
    scenario = tx.area("scenarios").find(request.scenario_id)
    if scenario is None:
        message = "There is no such scenario; give the id of an existing one, or leave it out to plan the firm as it is."
        raise invalid("plan request", Fault(pointer="/scenario_id", code="reference.not_found", message=message))
    scenario.require_open()
    return frozenset(row_id for one in stack_of(tx.elevated.area("scenarios"), scenario) for row_id in one.made)


def _check_projects(tx: Transaction, request: PlanRequest, *, made: frozenset[str]) -> None:
    wanted = sorted(request.project_ids or ())
    known = {project.id for project in tx.projects.many(wanted)} | made
    faults = [
        Fault(
            pointer=f"/project_ids/{number}",
            code="reference.not_found",
            message="There is no such project; give the id of an existing one.",
        )
        for number, project_id in enumerate(wanted)
        if project_id not in known
    ]
    if faults:
        refused = invalid("plan request", *faults)
        refused.unseen = tuple(("projects", project_id) for project_id in wanted if project_id not in known)
        raise refused


def _check_size(tx: Transaction, request: PlanRequest) -> None:
    """By counts alone, and only where all projects are wanted: the worker looks again at what it has read."""
    if request.project_ids is not None:
        return
    fault = too_many(people=tx.people.count(), demands=tx.demands.count(), periods=request.weeks)
    if fault is not None:
        raise DomainError(ErrorKind.INVALID, fault.code, fault.message)

"""What somebody may do with plans and series of them. What the worker writes into them is ``scheduler.jobs``' business."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.ids import PlanId, new_id
from scheduler.domain.ground.jobs import SOLVE_PLAN, Job
from scheduler.domain.ground.permissions import COST_READ
from scheduler.domain.staffing.plan_scope import SCOPE
from scheduler.domain.staffing.plans import Plan, PlanState, plan_finished
from scheduler.domain.staffing.sweeps import Sweep, SweepKind
from scheduler.planning.request_json import request_to_json
from scheduler.planning.scope import check_named, named_projects
from scheduler.planning.sweep_request import sweep_to_json
from scheduler.store import retried
from scheduler.store.change_set_rows import fail_waiting
from scheduler.store.columns import can_be_text
from scheduler.store.scenario_stack import stack_of
from solver_models.staffing.formats_size import too_many

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.planning.request import PlanRequest
    from scheduler.planning.sweep_request import SweepRequest
    from scheduler.store import Store, Transaction

_OF_MARGIN = frozenset({SweepKind.PIPELINE, SweepKind.CHURN_FRONTIER, SweepKind.FAIRNESS_FRONTIER})


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
        _check_scope(tx, request, made=_check_scenario(tx, request))
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
def request_sweep(
    store: Store,
    *,
    actor: Actor,
    request: SweepRequest,
    now: datetime,
    blind: bool = False,
    idempotency: IdempotencyClaim | None = None,
) -> Sweep:
    """
    Ask for a sweep: its row and its job are written together.

    ``blind``: somebody who may not read costs gets one that is computed without them.

    Raises DomainError ``access.denied``, also for what is about margins without the right to see costs, ``access.out_of_scope``,
    ``input.invalid`` for what it names and nobody knows, ``scenario.applied``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        for right in ("scenarios:create", "plans:create", *((COST_READ,) if request.kind in _OF_MARGIN else ())):
            require(actor, right)
        if blind and not actor.may(COST_READ):
            request = replace(request, plan=replace(request.plan, cost_blind=True))
        try:
            made = _check_scenario(tx, request.plan)
            _check_scope(tx, request.plan, made=made)
        except DomainError as error:
            raise error.under("/plan") from None
        if request.project_id is not None and request.project_id not in made and not tx.projects.many([request.project_id]):
            message = "There is no such project; give the id of an existing one."
            raise invalid("sweep", Fault(pointer="/project_id", code="reference.not_found", message=message))
        sweep = tx.sweeps.add(request=sweep_to_json(request), now=now)
        tx.dispatch(sweep.job)
        return tx.answer(sweep)


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
        job = tx.jobs.open_one(Job(kind=SOLVE_PLAN, target_id=plan_id)) if can_be_text(plan_id) else None
        plan = tx.plans.get(plan_id)
        require(actor, "plans:change")
        cancelled = plan.asked_to_stop(now=now)
        if cancelled.state is PlanState.CANCELLED:
            tx.announce(plan_finished(plan, PlanState.CANCELLED))
            fail_waiting(tx, plan.id)
        if job is not None:
            tx.jobs.save(job.asked_to_stop(now=now))
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


def _check_scope(tx: Transaction, request: PlanRequest, *, made: frozenset[str] = frozenset()) -> None:
    """
    Raise DomainError ``input.invalid`` for what the request names and the actor does not see.

    ``made``: what its scenario makes. Teams and locations that a scenario may bring are looked at when it is planned.
    """
    wanted = {project_id for _, project_id in named_projects(request)}
    known = {project.id for project in tx.projects.many(sorted(wanted))} | made
    named = replace(request, teams=None, locations=None) if request.scenario_id is not None else request
    people = tx.people.all() if named.teams is not None or named.locations is not None else ()
    try:
        check_named(
            named, projects=known, skills={skill.id for skill in tx.skills.many(sorted(named.skill_ids or ()))} | made, people=people
        )
    except DomainError as refused:
        refused.unseen = tuple(("projects", project_id) for project_id in sorted(wanted - known))
        raise


def _check_size(tx: Transaction, request: PlanRequest) -> None:
    """By counts alone, and only where everything is wanted: the worker looks again at what it has read."""
    if any(getattr(request, name) is not None for name in SCOPE):
        return
    fault = too_many(people=tx.people.count(), demands=tx.demands.count(), periods=request.weeks)
    if fault is not None:
        raise DomainError(ErrorKind.INVALID, fault.code, fault.message)

"""What a running plan writes into its row: one short transaction each, every one safe to repeat."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.access import JOB, Actor
from scheduler.domain.ground.ids import ActorId
from scheduler.domain.ground.jobs import SOLVE_PLAN, Job
from scheduler.domain.ground.permissions import Role
from scheduler.domain.staffing.plans import ATTEMPTS_MAX, OPEN_STATES, Plan, PlanProblem, PlanProgress, PlanState
from scheduler.store import Store, retried

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.ground.ids import PlanId

WORKER = Actor(id=ActorId("worker"), name="job worker", role=Role.SYSTEM, origin=JOB)


@retried
def claim(store: Store, *, plan_id: str) -> Plan | None:
    """
    Take a plan up, counting the attempt; ``None`` when there is nothing to do.

    The attempt is counted before any work, so that a plan which takes its process down with it is not tried for ever.
    """
    now = datetime.now(UTC)
    with store.begin(WORKER, now=now) as tx:
        plan = tx.plans.get(plan_id)
        if plan.state not in OPEN_STATES:
            return None
        if plan.cancel_requested:
            tx.plans.save(plan.step(PlanState.CANCELLED, finished_at=now))
            return None
        if plan.attempts >= ATTEMPTS_MAX:
            detail = (
                f"The plan was started {plan.attempts} times and its server process died each time; it is not tried again. "
                "Plan fewer people, demands or weeks at a time, or report the fault."
            )
            tx.plans.save(plan.step(PlanState.FAILED, finished_at=now, failure_code="job.crashed", failure_detail=detail))
            return None
        return tx.plans.save(plan.step(PlanState.RUNNING, started_at=now, attempts=plan.attempts + 1, progress=None))


@retried
def keep_problem(store: Store, *, problem: PlanProblem) -> None:
    """Keep what is about to be solved: any case can be looked at again, and so can one that went wrong."""
    with store.begin(WORKER) as tx:
        tx.plans.keep_problem(problem)


@retried
def note_progress(store: Store, *, plan_id: str, progress: PlanProgress) -> bool:
    """Keep the progress; whether somebody wants the plan cancelled."""
    with store.begin(WORKER) as tx:
        return tx.plans.note_progress(plan_id, progress)


@retried
def is_cancelled(store: Store, *, plan_id: str) -> bool:
    """Whether somebody wants the plan cancelled."""
    with store.read(WORKER) as view:
        return view.plans.get(plan_id).cancel_requested


@retried
def finish(store: Store, *, plan_id: PlanId, result: Mapping[str, Any] | None) -> None:
    """Record the outcome: succeeded, or cancelled (with the best plan so far) when somebody asked for that meanwhile."""
    now = datetime.now(UTC)
    with store.begin(WORKER, now=now) as tx:
        plan = tx.plans.get(plan_id)
        if plan.state is PlanState.RUNNING:
            state = PlanState.CANCELLED if plan.cancel_requested else PlanState.SUCCEEDED
            tx.plans.save(plan.step(state, finished_at=now, result=result))


@retried
def fail(store: Store, *, plan_id: str, code: str, detail: str) -> None:
    """Record a failure; a plan that has ended already stays as it is."""
    now = datetime.now(UTC)
    with store.begin(WORKER, now=now) as tx:
        plan = tx.plans.get(plan_id)
        if plan.state in OPEN_STATES:
            tx.plans.save(plan.step(PlanState.FAILED, finished_at=now, failure_code=code, failure_detail=detail))


@retried
def requeue(store: Store, *, plan_id: str) -> None:
    """Put a plan back that the server's stop interrupted: no fault of its own, so the attempt does not count."""
    with store.begin(WORKER) as tx:
        plan = tx.plans.get(plan_id)
        if plan.state is PlanState.RUNNING:
            plan = tx.plans.save(plan.step(PlanState.QUEUED, attempts=max(0, plan.attempts - 1), started_at=None, progress=None))
        if plan.state is PlanState.QUEUED:
            tx.enqueue(Job(kind=SOLVE_PLAN, target_id=plan.id))


@retried
def enqueue(store: Store, *, plan_id: PlanId) -> None:
    """Ask for the plan's job once more."""
    with store.begin(WORKER) as tx:
        tx.enqueue(Job(kind=SOLVE_PLAN, target_id=plan_id))

"""What a running plan writes into its row: one short transaction each, every one safe to repeat."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.jobs import SOLVE_PLAN, Job, JobOutcome, JobState
from scheduler.domain.staffing.plan_privacy import coarse_gap
from scheduler.domain.staffing.plans import OPEN_STATES, Plan, PlanProblem, PlanProgress, PlanState, plan_finished
from scheduler.jobs.job_rows import WORKER
from scheduler.store import Store, leases, retried

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.ground.ids import PlanId


@retried
def claim(store: Store, *, plan_id: str) -> Plan | None:
    """Take a plan up, counting the attempt; ``None`` when there is nothing to do."""
    now = datetime.now(UTC)
    with store.begin(WORKER, now=now) as tx:
        plan = tx.plans.get(plan_id)
        if plan.state not in OPEN_STATES:
            return None
        if plan.cancel_requested:
            tx.plans.save(plan.step(PlanState.CANCELLED, finished_at=now))
            tx.announce(plan_finished(plan, PlanState.CANCELLED))
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
    lease = leases.current()
    with store.begin(WORKER) as tx:
        asked = False
        if lease is not None:
            asked = tx.jobs.note_progress(lease, seconds=progress.seconds, gap=coarse_gap(progress.gap))
        return tx.plans.note_progress(plan_id, progress) or asked


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
            tx.announce(plan_finished(plan, state))


@retried
def fail(store: Store, *, plan_id: str, code: str, detail: str) -> None:
    """Record a failure; a plan that has ended already stays as it is."""
    now = datetime.now(UTC)
    with store.begin(WORKER, now=now) as tx:
        plan = tx.plans.get(plan_id)
        if plan.state in OPEN_STATES:
            tx.plans.save(plan.step(PlanState.FAILED, finished_at=now, failure_code=code, failure_detail=detail))
            tx.announce(plan_finished(plan, PlanState.FAILED))


@retried
def requeue(store: Store, *, plan_id: str) -> None:
    """Set a plan back that the server's stop interrupted: no fault of its own, so the attempt does not count."""
    with store.begin(WORKER) as tx:
        plan = tx.plans.get(plan_id)
        if plan.state is PlanState.RUNNING:
            tx.plans.save(plan.step(PlanState.QUEUED, attempts=max(0, plan.attempts - 1), started_at=None, progress=None))


@retried
def outcome(store: Store, *, plan_id: str) -> JobOutcome:
    """How the plan's job ended. The failure's words stay with the plan: they may tell what its job's list must not."""
    with store.read(WORKER) as view:
        plan = view.plans.get(plan_id)
    state = {PlanState.FAILED: JobState.FAILED, PlanState.CANCELLED: JobState.CANCELLED}.get(plan.state, JobState.SUCCEEDED)
    return JobOutcome(state=state, failure_code=plan.failure_code)


@retried
def without_job(store: Store) -> tuple[Job, ...]:
    """A job for every open plan that has none."""
    with store.read(WORKER) as view:
        wanted = [Job(kind=SOLVE_PLAN, target_id=plan.id) for plan in view.plans.in_states(OPEN_STATES)]
        return tuple(job for job in wanted if not view.jobs.has_open(job))

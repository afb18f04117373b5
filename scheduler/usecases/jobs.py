"""What somebody may do with work in the background: stop it, and have it tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import new_id
from scheduler.domain.ground.jobs import SOLVE_PLAN, SOLVE_PROBLEM, SWEEP, Job, JobRecord
from scheduler.domain.staffing.plans import OPEN_STATES, PlanState, plan_finished
from scheduler.store import retried
from scheduler.store.change_set_rows import fail_waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.store import Store, Transaction


@retried
def cancel_job(store: Store, *, actor: Actor, job_id: str, now: datetime, idempotency: IdempotencyClaim | None = None) -> JobRecord:
    """
    Stop a job: at once while it is queued, else as soon as its worker sees the wish.

    Raises DomainError ``record.not_found``, ``access.denied``, and ``job.illegal_transition`` when it has ended.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        job = tx.jobs.get(job_id)
        tx.jobs.require_change(job)
        stopped = job.asked_to_stop(now=now)
        target = _TARGETS.get(job.kind)
        if target is not None:
            target.stop(tx, job.target_id)
        return tx.answer(tx.jobs.save(stopped))


@retried
def retry_job(store: Store, *, actor: Actor, job_id: str, now: datetime, idempotency: IdempotencyClaim | None = None) -> JobRecord:
    """
    Do a job again that failed, was set aside, or was cancelled.

    Raises DomainError ``record.not_found``, ``access.denied``, ``job.illegal_transition``, ``job.not_repeatable``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        job = tx.jobs.get(job_id)
        tx.jobs.require_change(job)
        target = _TARGETS.get(job.kind)
        if target is None:
            detail = f"A job of the kind {job.kind} is not done again by itself; ask anew for what it was about."
            raise DomainError(ErrorKind.CONFLICT, "job.not_repeatable", detail)
        again = job.repeated(run_id=new_id())
        if tx.jobs.has_open(Job(kind=job.kind, target_id=job.target_id)):
            raise DomainError(ErrorKind.CONFLICT, "job.not_repeatable", "Another job does this already; wait for its end.")
        target.repeat(tx, job.target_id)
        tx.jobs.save(again)
        tx.dispatch(again)
        return tx.answer(again)


class _Target:
    """What stopping and repeating mean for what a job is about; by itself nothing."""

    def __init__(
        self,
        *,
        stop: Callable[[Transaction, str], None] = lambda _tx, _id: None,
        repeat: Callable[[Transaction, str], None] = lambda _tx, _id: None,
    ) -> None:
        self.stop = stop
        self.repeat = repeat


def _stop_plan(tx: Transaction, plan_id: str) -> None:
    plan = tx.plans.get(plan_id)
    require(tx.actor, "plans:change")
    if plan.state in OPEN_STATES:
        stopped = tx.plans.save(plan.asked_to_stop(now=tx.now))
        if stopped.state is PlanState.CANCELLED:
            tx.announce(plan_finished(plan, PlanState.CANCELLED))
            fail_waiting(tx, plan.id)


def _repeat_plan(tx: Transaction, plan_id: str) -> None:
    plan = tx.plans.get(plan_id)
    require(tx.actor, "plans:change")
    tx.plans.save(plan.repeated())


_TARGETS: Mapping[str, _Target] = {SOLVE_PLAN: _Target(stop=_stop_plan, repeat=_repeat_plan), SOLVE_PROBLEM: _Target(), SWEEP: _Target()}
"""By kind of job. Of others, the job's own row says that it shall stop; they are not repeated."""

"""What becomes of jobs and workers, written into their rows: one short transaction each, every one safe to repeat."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.access import JOB, Actor
from scheduler.domain.ground.ids import ActorId, new_id
from scheduler.domain.ground.jobs import Job, JobOutcome, JobRecord, JobState, Lease
from scheduler.domain.ground.permissions import Role
from scheduler.store import Store, leases, retried

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

WORKER = Actor(id=ActorId("worker"), name="job worker", role=Role.SYSTEM, origin=JOB)


@retried
def claim(store: Store, *, run_id: str, worker_id: str) -> JobRecord | None:
    """Take a job up, counting the attempt; ``None`` when it is another run's, has ended, or was cancelled while it waited."""
    now = datetime.now(UTC)
    with store.begin(WORKER, now=now) as tx:
        job = tx.jobs.of_run(run_id)
        if job is None or job.state is not JobState.QUEUED:
            return None
        return tx.jobs.save(job.claimed(worker_id=worker_id, now=now))


@retried
def end(store: Store, *, lease: Lease, outcome: JobOutcome) -> JobRecord | None:
    """Record how a job ended; ``None`` when it is another worker's by now."""
    now = datetime.now(UTC)
    with store.begin(WORKER, now=now) as tx:
        job = tx.jobs.of_run(lease.run_id)
        return None if job is None or job.state is not JobState.RUNNING else tx.jobs.save(job.ended(outcome, now=now))


@retried
def give_back(store: Store, *, lease: Lease, counts: bool) -> None:
    """Put a running job back into the queue; ``counts``: as a failed attempt."""
    with store.begin(WORKER) as tx:
        job = tx.jobs.of_run(lease.run_id)
        if job is not None and job.state is JobState.RUNNING:
            tx.dispatch(tx.jobs.save(job.queued_again(run_id=new_id(), counts=counts)))


@retried
def note_progress(store: Store, *, seconds: float, gap: float | None) -> bool:
    """Keep how far the job of this thread is; whether somebody wants it cancelled."""
    lease = leases.current()
    if lease is None:
        return False
    with store.begin(WORKER) as tx:
        return tx.jobs.note_progress(lease, seconds=seconds, gap=gap)


@retried
def is_cancelled(store: Store, *, job_id: str) -> bool:
    """Whether somebody wants the job cancelled."""
    with store.read(WORKER) as view:
        return view.jobs.get(job_id).cancel_requested


@retried
def register(store: Store, *, worker: Mapping[str, Any]) -> None:
    """A worker begins."""
    with store.begin(WORKER) as tx:
        tx.jobs.register({**worker, "beats": 0, "started_at": tx.now})


@retried
def beat(store: Store, *, worker_id: str) -> bool:
    """A worker lives; False when it was struck off."""
    with store.begin(WORKER) as tx:
        return tx.jobs.beat(worker_id)


@retried
def strike_off(store: Store, *, worker_id: str, beats: int | None = None) -> bool:
    """A worker is gone; with ``beats`` only if it was not heard of since. From then on its jobs are for others."""
    with store.begin(WORKER) as tx:
        return tx.jobs.strike_off(worker_id, beats=beats)


@retried
def workers(store: Store) -> tuple[Mapping[str, Any], ...]:
    """Who works."""
    with store.read(WORKER) as view:
        return view.jobs.workers()


@retried
def take_over(store: Store) -> tuple[JobRecord, ...]:
    """Put the jobs of workers that are gone back into the queue, as failed attempts."""
    with store.begin(WORKER) as tx:
        taken = []
        for job in tx.jobs.orphans():
            again = tx.jobs.save(job.queued_again(run_id=new_id()))
            tx.dispatch(again)
            taken.append(again)
        return tuple(taken)


@retried
def queued(store: Store) -> tuple[JobRecord, ...]:
    """The jobs that wait."""
    with store.read(WORKER) as view:
        return view.jobs.in_state(JobState.QUEUED)


@retried
def dispatch_again(store: Store, *, run_ids: Collection[str]) -> None:
    """Put waiting jobs into the queue anew, whose runs the queue has lost."""
    with store.begin(WORKER) as tx:
        for run_id in run_ids:
            job = tx.jobs.of_run(run_id)
            if job is not None and job.state is JobState.QUEUED:
                tx.dispatch(tx.jobs.save(replace(job, run_id=new_id())))


@retried
def enqueue(store: Store, *, jobs: Collection[Job]) -> None:
    """Ask for jobs, but for those that are wanted already."""
    with store.begin(WORKER) as tx:
        for job in jobs:
            tx.enqueue(job)


@retried
def forget_ended(store: Store, *, keep: timedelta) -> int:
    """Remove jobs that ended longer ago than is kept, with what was sent in and came out, and expired answers; how many jobs."""
    with store.begin(WORKER) as tx:
        tx.idempotency.forget_expired(now=tx.now)
        tx.webhooks.forget_old(before=tx.now - keep)
        tx.mails.forget_old(before=tx.now - keep)
        return tx.jobs.forget_ended(before=tx.now - keep)

"""What somebody may see of work in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.permissions import METRICS_READ
from scheduler.store import retried

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.jobs import Job, JobRecord, JobState
    from scheduler.domain.ground.paging import Page, PageRequest
    from scheduler.domain.staffing.solves import Solve
    from scheduler.domain.staffing.sweeps import Sweep
    from scheduler.store import Store


@retried
def get_job(store: Store, *, actor: Actor, job_id: str) -> JobRecord:
    """One job. Raises DomainError ``record.not_found``."""
    with store.read(actor) as view:
        return view.jobs.get(job_id)


@retried
def list_jobs(store: Store, *, actor: Actor, page: PageRequest) -> Page[JobRecord]:
    """One page of jobs."""
    with store.read(actor) as view:
        return view.jobs.page(page)


@retried
def get_solve(store: Store, *, actor: Actor, solve_id: str) -> Solve:
    """A problem that the actor sent in, with what came out. Raises DomainError ``record.not_found``."""
    with store.read(actor) as view:
        return view.solves.get(solve_id)


@retried
def get_sweep(store: Store, *, actor: Actor, sweep_id: str) -> Sweep:
    """A sweep with what came out; without amounts for whoever may not see costs. Raises DomainError ``record.not_found``."""
    with store.read(actor) as view:
        return view.sweeps.get(sweep_id)


@retried
def list_sweeps(store: Store, *, actor: Actor, page: PageRequest) -> Page[Sweep]:
    """One page of sweeps, without what came out. Raises DomainError ``access.denied``."""
    with store.read(actor) as view:
        return view.sweeps.page(page)


@retried
def job_counts(store: Store, *, actor: Actor) -> tuple[Mapping[tuple[str, JobState], int], int]:
    """How many jobs there are by kind and state, and how many workers. Raises DomainError ``access.denied``."""
    require(actor, METRICS_READ)
    with store.read(actor) as view:
        return view.jobs.counts(), len(view.jobs.worker_ids())


@retried
def is_wanted(store: Store, *, actor: Actor, job: Job) -> bool:
    """Whether a job waits or is being done."""
    with store.read(actor) as view:
        return view.jobs.has_open(job)

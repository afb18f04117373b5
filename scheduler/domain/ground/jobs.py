"""A job as use cases know it: what is to be done, to which thing; and as it is kept: how far that is, and which steps are allowed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from scheduler.domain.ground.ids import ActorId

ATTEMPTS_MAX = 3
"""A job that failed unexpectedly, or whose worker died, this often is not tried again."""
CRASHED = "job.crashed"
FAILED = "job.failed"
LOST_LEASE = "job.lost_lease"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work to be done later, at least once, after the transaction that asked for it."""

    kind: str
    target_id: str


SOLVE_PLAN = "solve_plan"
"""Kind of the job that computes one plan; its target is the plan's id."""
SOLVE_PROBLEM = "solve_problem"
"""Kind of the job that solves a problem which somebody sent in; its target is the solve's id."""

SWEEP = "sweep"
"""Kind of the job that answers a sweep; its target is the sweep's id."""

INVOICE_RUN = "invoice_run"
"""Kind of the job that drafts invoices; its target is the run's id."""


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_JOBS = frozenset({JobState.QUEUED, JobState.RUNNING})
ENDED_JOBS = frozenset(JobState) - OPEN_JOBS

STEPS: Mapping[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.CANCELLED}),
    JobState.RUNNING: frozenset({JobState.QUEUED, JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED}),
    JobState.SUCCEEDED: frozenset(),
    JobState.FAILED: frozenset({JobState.QUEUED}),
    JobState.CANCELLED: frozenset({JobState.QUEUED}),
}
"""The states that may follow each. Queued follows running when the worker stops or dies, and an end when somebody wants it tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOutcome:
    """How a job ended, as its handler says."""

    state: JobState = JobState.SUCCEEDED
    failure_code: str | None = None
    failure_detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right of one worker to write what a job comes to: lost as soon as the job is given to another."""

    job_id: str
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """A job as it is kept. Every time it is put into the queue it gets another ``run_id``, and only who runs that may write."""

    id: str
    kind: str
    target_id: str
    state: JobState
    actor_id: ActorId
    run_id: str
    created_at: datetime
    request_id: str | None = None
    """The HTTP request that asked for it."""
    worker_id: str | None = None
    attempts: int = 0
    cancel_requested: bool = False
    progress_seconds: float | None = None
    progress_gap: float | None = None
    """Up to whole percent: exact ones of several searches give amounts away."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    failure_code: str | None = None
    failure_detail: str | None = None

    @property
    def lease(self) -> Lease:
        """What its present run writes under."""
        return Lease(job_id=self.id, run_id=self.run_id)

    @property
    def is_exhausted(self) -> bool:
        """Whether it has been begun as often as it may be, this time included or not."""
        return self.attempts > ATTEMPTS_MAX

    @property
    def is_quarantined(self) -> bool:
        """Whether it was set aside because it failed every time."""
        return self.failure_code == CRASHED

    def step(self, state: JobState, **changes: Any) -> JobRecord:
        """The job in another state. Raises DomainError ``job.illegal_transition``."""
        if state not in STEPS[self.state]:
            allowed = ", ".join(sorted(STEPS[self.state])) or "none"
            raise DomainError(
                ErrorKind.CONFLICT,
                "job.illegal_transition",
                f"The job is {self.state}; it cannot become {state} (allowed from here: {allowed}).",
                facts={"state": str(self.state), "wanted": str(state)},
            )
        return replace(self, state=state, **changes)

    def claimed(self, *, worker_id: str, now: datetime) -> JobRecord:
        """The job as a worker begins it. The attempt counts before any work, so that one which kills its worker is not tried for ever."""
        return self.step(
            JobState.RUNNING,
            worker_id=worker_id,
            attempts=self.attempts + 1,
            started_at=now,
            progress_seconds=None,
            progress_gap=None,
        )

    def ended(self, outcome: JobOutcome, *, now: datetime) -> JobRecord:
        """The job at its end."""
        return self.step(
            outcome.state,
            finished_at=now,
            worker_id=None,
            failure_code=outcome.failure_code,
            failure_detail=outcome.failure_detail,
        )

    def queued_again(self, *, run_id: str, counts: bool = True) -> JobRecord:
        """The job back in the queue; ``counts``: the attempt was a failure, not a stop of the server."""
        attempts = self.attempts if counts else max(0, self.attempts - 1)
        return self.step(JobState.QUEUED, run_id=run_id, worker_id=None, started_at=None, attempts=attempts)

    def asked_to_stop(self, *, now: datetime) -> JobRecord:
        """The job after somebody wants it cancelled: at once while it waits. Raises DomainError when it has ended."""
        if self.state is JobState.RUNNING:
            return replace(self, cancel_requested=True)
        return self.step(JobState.CANCELLED, cancel_requested=True, finished_at=now)

    def repeated(self, *, run_id: str) -> JobRecord:
        """The job from its beginning, after it failed or was cancelled. Raises DomainError when it did neither."""
        return self.step(
            JobState.QUEUED,
            run_id=run_id,
            attempts=0,
            cancel_requested=False,
            started_at=None,
            finished_at=None,
            failure_code=None,
            failure_detail=None,
            progress_seconds=None,
            progress_gap=None,
        )


def lost_lease() -> DomainError:
    """A worker wants to write what another has taken over."""
    return DomainError(
        ErrorKind.CONFLICT, LOST_LEASE, "The job was given to another worker, because this one was not heard of; nothing was written."
    )


def crashed_outcome(attempts: int) -> JobOutcome:
    """A job that was begun too often."""
    detail = (
        f"The job was started {attempts} times and its worker died or failed each time; it is set aside. "
        "Find out why from the log, then retry it at POST /v1/jobs/{id}/retry, or report the fault."
    )
    return JobOutcome(state=JobState.FAILED, failure_code=CRASHED, failure_detail=detail)

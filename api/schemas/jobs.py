"""Work in the background, and problems that are sent in to be solved."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from api.schemas.fields import Id, Instant, Integer, Schema
from api.schemas.lists import Word
from api.schemas.plans import EndedShape, FailureShape, Seconds
from scheduler.domain.ground.jobs import JobRecord, JobState
from scheduler.domain.ground.paging import LIMIT_MAX, PageRequest
from scheduler.domain.staffing.solves import Solve
from scheduler.planning.request import SEED_MAX, TIME_LIMIT_MAX_S, WORKERS_MAX, SolveLimits


class JobProgressShape(Schema):
    """How far a job that searches is: seconds, and the gap up to whole percent once there is one."""

    seconds: float
    gap: float | None


class JobRead(Schema):
    """One job: work in the background, about ``target_id`` (of a ``solve_plan`` the plan, of a ``solve_problem`` the solve, of a ``sweep`` the sweep)."""

    id: Id
    kind: str
    target_id: Id
    state: JobState
    actor_id: Annotated[Id, Field(description="The user who asked for it.")]
    request_id: Annotated[str | None, Field(description="The Request-Id of the request that asked for it; it stands in the log.")]
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    attempts: Annotated[Integer, Field(description="How often it was begun; a third failure sets it aside.")]
    is_quarantined: Annotated[bool, Field(description="Whether it was set aside because its worker died or failed every time.")]
    cancel_requested: bool
    worker_id: Annotated[str | None, Field(description="Who does it now.")]
    progress: JobProgressShape | None
    failure: FailureShape | None


class JobList(Schema):
    """Jobs."""

    state: JobState | None = None
    kind: Word | None = None
    target_id: Word | None = None
    sort: Annotated[Word | None, Field(description="A field of the list, with a minus in front for descending order.")] = None
    cursor: Annotated[str | None, Field(max_length=2000)] = None
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = 100

    def page_request(self) -> PageRequest:
        """As the store knows it."""
        given = {"state": None if self.state is None else self.state.value, "kind": self.kind, "target_id": self.target_id}
        filters = {name: value for name, value in given.items() if value is not None}
        return PageRequest(sort=self.sort, filters=filters, cursor=self.cursor, limit=self.limit)


class SolveQuery(Schema):
    """When the search stops. The server's own caps win over more generous wishes."""

    time_limit_s: Annotated[Seconds, Field(description=f"Seconds of search, 1 to {TIME_LIMIT_MAX_S}.")] = Field(default=60)  # type: ignore[assignment]
    gap: Annotated[Seconds, Field(description="Stop once (bound - objective) / bound is at most this, 0 to 1.")] = Field(default=0)  # type: ignore[assignment]
    workers: Annotated[int | None, Field(description=f"Search threads, 1 to {WORKERS_MAX}; absent: one per core.")] = None
    seed: Annotated[int, Field(description=f"0 to {SEED_MAX}.")] = 0

    def to_value(self) -> SolveLimits:
        """As planning knows it."""
        return SolveLimits(time_limit_s=float(self.time_limit_s), gap=float(self.gap), workers=self.workers, seed=self.seed)


class SolveRead(Schema):
    """A problem that was sent in: how far it is and, once there is one, its plan with the proof. The id is the job's too."""

    id: Id
    state: JobState
    limits: dict[str, Any]
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    attempts: Integer
    cancel_requested: bool
    progress: JobProgressShape | None
    failure: FailureShape | None
    ended: EndedShape | None
    plan: Annotated[
        dict[str, Any] | None,
        Field(description="staffing-plan/1: assignments, fills, objective, bound, proof and certificate; `muster verify` checks it."),
    ]


def shown_job(job: JobRecord) -> JobRead:
    """A job as callers see it."""
    return JobRead.model_construct(
        **{name: getattr(job, name) for name in JobRead.model_fields if name not in {"progress", "failure"}},
        progress=shown_progress_of(job),
        failure=shown_failure(job),
    )


def shown_solve(solve: Solve) -> SolveRead:
    """A solve as its sender sees it."""
    job, result = solve.job, solve.result or {}
    own = {name: getattr(job, name) for name in ("state", "created_at", "started_at", "finished_at", "attempts", "cancel_requested")}
    return SolveRead.model_construct(
        id=solve.id,
        **own,
        limits=dict(solve.limits),
        progress=shown_progress_of(job),
        failure=shown_failure(job),
        ended=result.get("ended"),
        plan=result.get("answer"),
    )


def shown_progress_of(job: JobRecord) -> JobProgressShape | None:
    """How far it is."""
    return None if job.progress_seconds is None else JobProgressShape(seconds=job.progress_seconds, gap=job.progress_gap)


def shown_failure(job: JobRecord) -> FailureShape | None:
    """Why it failed."""
    if job.failure_code is None:
        return None
    return FailureShape(code=job.failure_code, detail=job.failure_detail or f"What the job is about ({job.target_id}) says more.")

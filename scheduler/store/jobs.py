"""Jobs: put into the queue, claimed by a worker, ended; and the list that somebody may see of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from scheduler.domain.ground.access import beyond_reach, denied
from scheduler.domain.ground.ids import new_id
from scheduler.domain.ground.jobs import ENDED_JOBS, OPEN_JOBS, JobRecord, JobState, lost_lease
from scheduler.domain.ground.paging import Page
from scheduler.domain.ground.permissions import JOBS_CHANGE, JOBS_READ, Scope
from scheduler.store.areas.base import Area, Filter, FilterKind, Row, built, plain
from scheduler.store.columns import can_be_text
from scheduler.store.pages import rows_of_page
from scheduler.store.reader import not_found
from scheduler.store.tables.jobs import JOBS, SOLVES, SWEEPS, WORKERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.jobs import Job, Lease
    from scheduler.domain.ground.paging import PageRequest


def _to_row(job: JobRecord) -> dict[str, Any]:
    return plain(job, JOBS, open_target=f"{job.kind}:{job.target_id}" if job.state in OPEN_JOBS else None)


def _from_row(row: Row) -> JobRecord:
    return built(JobRecord, row)


JOB_AREA: Area[JobRecord] = Area(
    name="jobs",
    one="job",
    table=JOBS,
    to_row=_to_row,
    from_row=lambda row, _children: _from_row(row),
    sorts={"created_at": "created_at", "id": "id"},
    filters={
        "state": Filter(kind=FilterKind.EQUALS, column="state", choices=JobState),
        "kind": Filter(kind=FilterKind.EQUALS, column="kind"),
        "target_id": Filter(kind=FilterKind.EQUALS, column="target_id"),
    },
)


class JobReader:
    """Jobs that somebody may see: all, or those they asked for."""

    _locking = False

    def __init__(self, connection: Connection, actor: Actor) -> None:
        self._connection = connection
        self._actor = actor

    def get(self, job_id: str) -> JobRecord:
        """The job; in a write transaction its row stays locked. Raises DomainError ``record.not_found``."""
        if not can_be_text(job_id):
            raise not_found(JOB_AREA, job_id)
        found = self._one(JOBS.c.id == job_id, *self._rows(JOBS_READ))
        if found is None:
            raise not_found(JOB_AREA, job_id)
        return found

    def page(self, request: PageRequest) -> Page[JobRecord]:
        """One page of the list. Raises DomainError for a sort, filter, limit or cursor that is not allowed."""
        if not self._actor.may(JOBS_READ):
            raise denied(JOBS_READ)
        found, following = rows_of_page(
            self._connection, request, area=JOB_AREA, rows=JOBS, seen=select(JOBS).where(*self._rows(JOBS_READ))
        )
        return Page(items=tuple(_from_row(row) for row in found), next_cursor=following)

    def counts(self) -> Mapping[tuple[str, JobState], int]:
        """How many there are of each kind and state."""
        query = select(JOBS.c.kind, JOBS.c.state, func.count()).group_by(JOBS.c.kind, JOBS.c.state)
        return {(kind, state): count for kind, state, count in self._connection.execute(query)}

    def in_state(self, state: JobState) -> tuple[JobRecord, ...]:
        """Every job in the state, oldest first."""
        query = select(JOBS).where(JOBS.c.state == state).order_by(JOBS.c.created_at, JOBS.c.id)
        return tuple(_from_row(row) for row in self._connection.execute(query).mappings())

    def has_open(self, job: Job) -> bool:
        """Whether it is queued or running."""
        return self._connection.execute(select(JOBS.c.id).where(JOBS.c.open_target == f"{job.kind}:{job.target_id}")).first() is not None

    def worker_ids(self) -> frozenset[str]:
        """Who works."""
        return frozenset(self._connection.execute(select(WORKERS.c.id)).scalars())

    def workers(self) -> tuple[Mapping[str, Any], ...]:
        """The rows of those who work."""
        return tuple(dict(row) for row in self._connection.execute(select(WORKERS)).mappings())

    def _one(self, *conditions: ColumnElement[bool]) -> JobRecord | None:
        query = select(JOBS).where(*conditions)
        row = self._connection.execute(query.with_for_update() if self._locking else query).mappings().one_or_none()
        return None if row is None else _from_row(row)

    def _rows(self, right: str) -> tuple[ColumnElement[bool], ...]:
        scope = self._actor.scope(right)
        if scope is Scope.ALL:
            return ()
        return (JOBS.c.actor_id == self._actor.id,) if scope is Scope.OWN else (JOBS.c.id.is_(None),)


class JobRepository(JobReader):
    """Jobs in a write transaction."""

    _locking = True

    def put(self, job: Job, *, now: datetime) -> JobRecord | None:
        """A new job in the queue; ``None`` when the same is wanted already and has not ended."""
        record = JobRecord(
            id=new_id(),
            kind=job.kind,
            target_id=job.target_id,
            state=JobState.QUEUED,
            actor_id=self._actor.id,
            run_id=new_id(),
            created_at=now,
            request_id=self._actor.origin.request_id,
        )
        return record if self._insert(record) else None

    def put_own(self, kind: str, *, now: datetime) -> JobRecord:
        """A new job that is its own target."""
        job_id = new_id()
        record = JobRecord(
            id=job_id,
            kind=kind,
            target_id=job_id,
            state=JobState.QUEUED,
            actor_id=self._actor.id,
            run_id=new_id(),
            created_at=now,
            request_id=self._actor.origin.request_id,
        )
        self._insert(record)
        return record

    def save(self, job: JobRecord) -> JobRecord:
        """Keep a changed job, which this transaction holds locked."""
        self._connection.execute(update(JOBS).where(JOBS.c.id == job.id).values(_to_row(job)))
        return job

    def require_change(self, job: JobRecord) -> None:
        """Raise DomainError unless the actor may cancel and retry the job."""
        scope = self._actor.scope(JOBS_CHANGE)
        if scope is Scope.NONE:
            raise denied(JOBS_CHANGE)
        if scope is Scope.OWN and job.actor_id != self._actor.id:
            raise beyond_reach(JOBS_CHANGE)

    def of_run(self, run_id: str) -> JobRecord | None:
        """The job that a run is of, locked; ``None`` when it was given to another run, or is gone."""
        return self._one(JOBS.c.run_id == run_id)

    def open_one(self, job: Job) -> JobRecord | None:
        """The job that has not ended, locked."""
        return self._one(JOBS.c.open_target == f"{job.kind}:{job.target_id}")

    def require_lease(self, lease: Lease) -> None:
        """Raise DomainError ``job.lost_lease`` unless the job is still this run's; it stays so until the transaction ends."""
        held = self._one(JOBS.c.id == lease.job_id, JOBS.c.run_id == lease.run_id, JOBS.c.state == JobState.RUNNING)
        if held is None:
            raise lost_lease()

    def note_progress(self, lease: Lease, *, seconds: float, gap: float | None) -> bool:
        """Keep how far a run is; whether somebody wants it cancelled."""
        statement = update(JOBS).where(JOBS.c.id == lease.job_id).values(progress_seconds=seconds, progress_gap=gap)
        self._connection.execute(statement)
        return bool(self._connection.execute(select(JOBS.c.cancel_requested).where(JOBS.c.id == lease.job_id)).scalar_one())

    def orphans(self) -> tuple[JobRecord, ...]:
        """Running jobs whose worker is gone, locked; those that somebody holds locked just now are for the next time."""
        gone = JOBS.c.worker_id.not_in(select(WORKERS.c.id))
        query = select(JOBS).where(JOBS.c.state == JobState.RUNNING, gone).order_by(JOBS.c.created_at)
        return tuple(_from_row(row) for row in self._connection.execute(query.with_for_update(skip_locked=True)).mappings())

    def register(self, worker: Mapping[str, Any]) -> None:
        """Somebody begins to work."""
        self._connection.execute(WORKERS.insert().values(dict(worker)))

    def beat(self, worker_id: str) -> bool:
        """Somebody still works; False when they were struck off."""
        done = self._connection.execute(update(WORKERS).where(WORKERS.c.id == worker_id).values(beats=WORKERS.c.beats + 1))
        return done.rowcount == 1

    def strike_off(self, worker_id: str, *, beats: int | None = None) -> bool:
        """Somebody works no more; with ``beats`` only if they were not heard of since."""
        unheard = () if beats is None else (WORKERS.c.beats == beats,)
        return self._connection.execute(delete(WORKERS).where(WORKERS.c.id == worker_id, *unheard)).rowcount == 1

    def forget_ended(self, *, before: datetime) -> int:
        """Remove jobs that ended before then, and what was kept with them; how many."""
        old = (JOBS.c.state.in_(list(ENDED_JOBS)), JOBS.c.finished_at < before)
        for table in (SOLVES, SWEEPS):
            self._connection.execute(delete(table).where(table.c.id.in_(select(JOBS.c.id).where(*old))))
        return self._connection.execute(delete(JOBS).where(*old)).rowcount

    def _insert(self, record: JobRecord) -> bool:
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(JOBS).values(_to_row(replace(record))).on_conflict_do_nothing().returning(JOBS.c.id)
        return self._connection.execute(statement).first() is not None

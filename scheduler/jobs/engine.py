"""
The job engine: durable on SQLite and PostgreSQL, enqueued in the caller's transaction. DBOS is behind it, and only here.

A job is a kind and the id of the thing it works on. It runs at least once: whoever is killed half-way is run again from the start by
another worker, so every handler is idempotent by that id. What holds is the job's row (``job_rows``): DBOS only says which worker begins
which run. A run that is not, or no longer, its job's present one does nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import new_id
from scheduler.domain.ground.jobs import FAILED, LOST_LEASE, Job, JobOutcome, JobState, crashed_outcome
from scheduler.jobs import job_metrics, job_rows
from scheduler.store import leases

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from scheduler.domain.ground.jobs import JobRecord
    from scheduler.store import Store

T = TypeVar("T")
_LOG = logging.getLogger("muster.jobs")

APPLICATION = "muster"
APPLICATION_VERSION = "1"
"""Constant: the default is a hash of the code, and a new release would leave its predecessor's jobs where they stand."""
QUEUE = "jobs"
SCHEMA = "dbos"
"""Where DBOS keeps its tables on PostgreSQL; SQLite has no schemas, there they stand beside ours."""
_JSON = DBOSPortableJSONSerializer()
"""Not the default, which is pickle: rows of the database must not be able to run code."""
_WORKFLOW = "muster.run_job"
_POLL_S = 0.25
_OPEN = frozenset({"ENQUEUED", "DELAYED", "PENDING"})
_FORGET_AT_ONCE = 500
_PAUSES_S = (0.5, 1.0, 2.0, 5.0)
"""Between two tries while the database is away; the last one for ever."""


class JobHandler(Protocol):
    """What is done for one kind of job."""

    def run(self, target_id: str, stopping: threading.Event, /) -> JobOutcome | None:
        """
        Do the work, and say how it ended; ``None``: well. May run again after a crash.

        Raises JobInterrupted when ``stopping`` ended it early, and JobTryAgain for another attempt, of which there are three. What it
        writes is refused with ``job.lost_lease`` once the job is another worker's. DomainErrors of kind BUSY (database away) put the job
        back into the queue.
        """

    def requeue(self, target_id: str, /) -> None:
        """Set the target back, whose job goes back into the queue because ``stopping`` interrupted it."""

    def crashed(self, target_id: str, error: Exception, /) -> None:
        """Record that ``run`` raised something nobody expected, or (JobQuarantined) that it was begun too often."""


class JobInterrupted(Exception):  # noqa: N818 - not an error: the server is going down and the job will run again
    """The server stops; the job has to run again."""


class JobTryAgain(Exception):  # noqa: N818 - not an error of the program
    """What the job depends on died under it; it goes back into the queue as a failed attempt."""


class JobQuarantined(Exception):  # noqa: N818 - a finding, not an error of the program
    """The job was begun as often as it may be, and its worker died or failed each time."""


_running: Engine | None = None
"""DBOS is one per process, and so is a started engine."""


@DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=None)
def _run_job(*, kind: str, target_id: str) -> None:
    # Without recovery limit here: attempts are counted where the row is claimed, so that the row can say why it failed.
    engine, run_id = _running, DBOS.workflow_id
    if engine is None or run_id is None:  # pragma: no cover - DBOS starts nothing before launch
        raise RuntimeError("a job was started without a running engine")
    engine.run(Job(kind=kind, target_id=target_id), run_id)


class Engine:
    """One database's jobs: enqueue from anywhere; run them in this process after ``start``."""

    def __init__(self, *, store: Store, database_url: str, concurrency: int = 1) -> None:
        self._store = store
        self._database_url = database_url
        self._concurrency = concurrency
        self.worker_id = f"worker-{new_id()}"
        """Another one each time: whoever had it before must not be taken for this process."""
        self._handlers: dict[str, JobHandler] = {}
        self._stopping = threading.Event()
        self._active = 0
        self._idle = threading.Condition()
        self._client = DBOSClient(
            system_database_url=database_url,
            dbos_system_schema=SCHEMA,
            serializer=_JSON,
            application_name=APPLICATION,
            lazy=True,
        )

    def handle(self, handlers: Mapping[str, JobHandler]) -> None:
        """Say who does which kind of job; before ``start``."""
        self._handlers.update(handlers)

    def migrate(self) -> None:
        """Create or update the engine's own tables, and the queue in them: a worker looks for queues only when it starts, then rarely."""
        _quiet()
        DBOS.migrate(self._database_url, schema=SCHEMA)
        self._client.register_queue(QUEUE, worker_concurrency=self._concurrency, polling_interval_sec=_POLL_S, application_name=APPLICATION)

    def enqueue(self, connection: Connection | Session, job: Job, run_id: str) -> None:
        """Put one run of a job in the queue, as part of the transaction that is open on ``connection``."""
        options: EnqueueOptions = {
            "workflow_name": _WORKFLOW,
            "workflow_id": run_id,
            "queue_name": QUEUE,
            "app_version": APPLICATION_VERSION,
            "application_name": APPLICATION,
        }
        self._client.enqueue_in_transaction(connection, options, kind=job.kind, target_id=job.target_id)

    def workers_of(self, run_ids: Collection[str]) -> Mapping[str, str | None]:
        """Those of the runs that will still be begun, or were and have not ended: by whom; ``None`` while they wait."""
        if not run_ids:
            return {}
        found = self._client.list_workflows(
            workflow_ids=list(run_ids), status=["ENQUEUED", "DELAYED", "PENDING"], load_input=False, load_output=False
        )
        return {one.workflow_id: one.executor_id if one.status == "PENDING" else None for one in found}

    def forget(self, *, before: float, living: Collection[str]) -> int:
        """
        Remove what is kept of runs that were made before an instant (seconds since 1970) and have ended, or whose worker is not among
        the living; how many.
        """
        gone = 0
        while True:
            old = self._client.list_workflows(
                name=_WORKFLOW,
                end_time=_iso(before),
                limit=_FORGET_AT_ONCE,
                load_input=False,
                load_output=False,
                application_name=APPLICATION,
            )
            ids = [one.workflow_id for one in old if one.status not in _OPEN or (one.status == "PENDING" and one.executor_id not in living)]
            self._client.delete_workflows(ids)
            gone += len(ids)
            if len(ids) < _FORGET_AT_ONCE:
                return gone

    def start(self) -> None:
        """Begin to work through the queue. Call it from a thread without a running event loop."""
        global _running  # noqa: PLW0603 - see above
        if _running is not None:
            raise RuntimeError("another job engine runs in this process; stop it first")
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self._database_url,
            "dbos_system_schema": SCHEMA,
            "application_version": APPLICATION_VERSION,
            "executor_id": self.worker_id,
            "serializer": _JSON,
            "run_migrations": False,
            "sys_db_pool_size": 5,
            "notification_listener_polling_interval_sec": _POLL_S,
            "log_level": "ERROR",
        }
        self._stopping.clear()
        _running = self
        try:
            DBOS(config=config)
            DBOS.launch()
            DBOS.register_queue(QUEUE, worker_concurrency=self._concurrency, polling_interval_sec=_POLL_S, on_conflict="always_update")
        except BaseException:
            DBOS.destroy()
            _running = None
            raise

    def stop(self, *, timeout_s: float = 20.0) -> None:
        """Stop the worker. Running jobs are asked to stop and put back into the queue; nothing is lost."""
        global _running  # noqa: PLW0603
        if _running is not self:
            return
        self._stopping.set()
        with self._idle:
            self._idle.wait_for(lambda: self._active == 0, timeout=timeout_s)
        DBOS.destroy()
        _running = None

    def close(self) -> None:
        """Stop, and let go of the database."""
        self.stop()
        self._client.destroy()

    @property
    def is_running(self) -> bool:
        """Whether this process works through the queue."""
        return _running is self

    def run(self, job: Job, run_id: str) -> None:
        """Do one run of a job now. Whatever goes wrong ends in the job's row, never in the worker."""
        with self._idle:
            self._active += 1
        try:
            claimed = self._insist(lambda: job_rows.claim(self._store, run_id=run_id, worker_id=self.worker_id))
            if claimed is None:
                return
            names = {"job_id": claimed.id, "job_kind": job.kind, "attempt": claimed.attempts}
            if claimed.request_id is not None:
                names["request_id"] = claimed.request_id
            with structlog.contextvars.bound_contextvars(**names), leases.held(claimed.lease):
                self._attempt(claimed)
        finally:
            with self._idle:
                self._active -= 1
                self._idle.notify_all()

    def _attempt(self, job: JobRecord) -> None:
        began = time.monotonic()
        _LOG.info("job begun")
        try:
            outcome = self._outcome(job)
        except JobInterrupted:
            self._insist(lambda: self._handlers[job.kind].requeue(job.target_id), even_stopping=True)
            job_rows.give_back(self._store, lease=job.lease, counts=False)
            _LOG.info("job put back: the worker stops")
            return
        except (DomainError, JobTryAgain) as error:
            if isinstance(error, DomainError) and error.code == LOST_LEASE:
                job_metrics.LOST_LEASES.inc()
                _LOG.warning("job lost: it was given to another worker; nothing was written")
                return
            _LOG.warning("job put back: %s", error)
            self._insist(lambda: job_rows.give_back(self._store, lease=job.lease, counts=True))
            return
        ended = self._insist(lambda: job_rows.end(self._store, lease=job.lease, outcome=outcome))
        if ended is not None:
            job_metrics.ended(job.kind, outcome, seconds=time.monotonic() - began)
            _LOG.info("job ended state=%s code=%s seconds=%.1f", outcome.state, outcome.failure_code or "-", time.monotonic() - began)

    def _outcome(self, job: JobRecord) -> JobOutcome:
        """How the job ended. Raises JobInterrupted, JobTryAgain, and DomainErrors of kind BUSY or with ``job.lost_lease``."""
        handler = self._handlers.get(job.kind)
        if handler is None:
            _LOG.error("job of unknown kind %r (target %s)", job.kind, job.target_id)
            return JobOutcome(state=JobState.FAILED, failure_code="job.kind_unknown", failure_detail="This version knows no such jobs.")
        if job.is_exhausted:
            _LOG.error("job quarantined after %s attempts (target %s)", job.attempts - 1, job.target_id)
            handler.crashed(job.target_id, JobQuarantined(f"begun {job.attempts - 1} times"))
            return crashed_outcome(job.attempts - 1)
        try:
            if self._stopping.is_set():
                raise JobInterrupted
            return handler.run(job.target_id, self._stopping) or JobOutcome()
        except (JobInterrupted, JobTryAgain):
            raise
        except Exception as error:
            if isinstance(error, DomainError) and (error.kind is ErrorKind.BUSY or error.code == LOST_LEASE):
                raise
            # The worker loop: one bad job must not stop the others.
            _LOG.exception("job failed unexpectedly (target %s)", job.target_id)
            handler.crashed(job.target_id, error)
            detail = f"The program failed while it did this job ({type(error).__name__}). Retry it; if it fails again, report it with the job's id."
            return JobOutcome(state=JobState.FAILED, failure_code=FAILED, failure_detail=detail)

    def _insist(self, write: Callable[[], T], *, even_stopping: bool = False) -> T | None:
        """Do it as soon as the database lets us; ``None`` when this worker stops meanwhile, or may not any more."""
        tries = 0
        while True:
            try:
                return write()
            except DomainError as error:
                if error.code == LOST_LEASE:
                    return None
                if error.kind is not ErrorKind.BUSY:
                    raise
                _LOG.warning("the database cannot take it just now: %s", error)
            if self._stopping.wait(_PAUSES_S[min(tries, len(_PAUSES_S) - 1)]) and not (even_stopping and tries < len(_PAUSES_S)):
                return None
            tries += 1


def _quiet() -> None:
    logging.getLogger("dbos").setLevel(logging.ERROR)


def _iso(instant: float) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat()

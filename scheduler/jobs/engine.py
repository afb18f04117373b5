"""The job engine: durable on SQLite and PostgreSQL, enqueued in the caller's transaction. DBOS is behind it, and only here.

A job is a kind and the id of the row it works on, nothing else. It runs at least once: whoever is killed half-way is run again
from the start when a worker with the same executor id starts, so every handler is idempotent by that id.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Protocol

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions

from scheduler.domain.ground.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

_LOG = logging.getLogger("muster.jobs")

APPLICATION = "muster"
APPLICATION_VERSION = "1"
"""Constant: the default is a hash of the code, and a new release would leave its predecessor's jobs where they stand."""
EMBEDDED_EXECUTOR = "embedded"
"""Fixed: a server that was killed and started again recovers the jobs of its former self."""
QUEUE = "jobs"
SCHEMA = "dbos"
"""Where DBOS keeps its tables on PostgreSQL; SQLite has no schemas, there they stand beside ours."""
_JSON = DBOSPortableJSONSerializer()
"""Not the default, which is pickle: rows of the database must not be able to run code."""
_WORKFLOW = "muster.run_job"
_POLL_S = 0.25


class JobHandler(Protocol):
    """What is done for one kind of job."""

    def run(self, target_id: str, stopping: threading.Event, /) -> None:
        """Do the work. May run again after a crash. Raises JobInterrupted when ``stopping`` ended it early."""

    def requeue(self, target_id: str, /) -> None:
        """Put a job back that ``stopping`` interrupted, so that the next start runs it."""

    def crashed(self, target_id: str, error: Exception, /) -> None:
        """Record that ``run`` raised something nobody expected."""


class JobInterrupted(Exception):  # noqa: N818 - not an error: the server is going down and the job will run again
    """The server stops; the job has to run again."""


_running: Engine | None = None
"""DBOS is one per process, and so is a started engine."""


@DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=None)
def _run_job(*, kind: str, target_id: str) -> None:
    # Without recovery limit here: attempts are counted where the row is claimed, so that the row can say why it failed.
    engine = _running
    if engine is None:  # pragma: no cover - DBOS starts nothing before launch
        raise RuntimeError("a job was started without a running engine")
    engine.run(Job(kind=kind, target_id=target_id))


class Engine:
    """One database's jobs: enqueue from anywhere; run them in this process after ``start``."""

    def __init__(self, *, database_url: str, concurrency: int = 1) -> None:
        self._database_url = database_url
        self._concurrency = concurrency
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

    def enqueue(self, connection: Connection | Session, job: Job) -> None:
        """Put a job in the queue, as part of the transaction that is open on ``connection``."""
        options: EnqueueOptions = {
            "workflow_name": _WORKFLOW,
            "queue_name": QUEUE,
            "app_version": APPLICATION_VERSION,
            "application_name": APPLICATION,
        }
        self._client.enqueue_in_transaction(connection, options, kind=job.kind, target_id=job.target_id)

    def waiting(self) -> frozenset[Job]:
        """The jobs that are queued, or were running when their process died."""
        found = self._client.list_workflows(name=_WORKFLOW, status=["ENQUEUED", "PENDING"], application_name=APPLICATION, load_output=False)
        return frozenset(Job(**workflow.input["kwargs"]) for workflow in found if workflow.input is not None)

    def start(self) -> None:
        """Start the embedded worker: recovers what a killed process left running, then works through the queue.

        Call it from a thread without a running event loop.
        """
        global _running  # noqa: PLW0603 - see above
        if _running is not None:
            raise RuntimeError("another job engine runs in this process; stop it first")
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self._database_url,
            "dbos_system_schema": SCHEMA,
            "application_version": APPLICATION_VERSION,
            "executor_id": EMBEDDED_EXECUTOR,
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

    def run(self, job: Job) -> None:
        """Do one job now. Whatever goes wrong ends in the job's row, never in the worker."""
        with self._idle:
            self._active += 1
        try:
            self._attempt(job)
        finally:
            with self._idle:
                self._active -= 1
                self._idle.notify_all()

    def _attempt(self, job: Job) -> None:
        handler = self._handlers.get(job.kind)
        if handler is None:
            _LOG.error("job of unknown kind %r dropped (target %s)", job.kind, job.target_id)
            return
        try:
            if self._stopping.is_set():
                raise JobInterrupted
            handler.run(job.target_id, self._stopping)
        except JobInterrupted:
            handler.requeue(job.target_id)
        except Exception as error:  # noqa: BLE001 - the worker loop: one bad job must not stop the others
            _LOG.exception("job %s %s failed unexpectedly", job.kind, job.target_id)
            handler.crashed(job.target_id, error)


def _quiet() -> None:
    logging.getLogger("dbos").setLevel(logging.ERROR)

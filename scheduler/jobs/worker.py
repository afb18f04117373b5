"""
One process that works through the queue: known to the others by its row, and watching them.

Each worker counts its row up every few seconds. Who sees another's count stand still for ``SILENCE_S`` by the own monotonic clock (no wall
clock can make anybody look dead), or its process gone from the same machine, strikes it off; its jobs go back into the queue in the same
way as any others whose worker is no more. A worker that was only paused finds its leases lost.
"""

from __future__ import annotations

import hashlib
import logging
import platform
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from scheduler.domain.ground.errors import DomainError
from scheduler.jobs import job_metrics, job_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.jobs.engine import Engine
    from scheduler.store import Store

_LOG = logging.getLogger("muster.jobs")
BEAT_S = 5.0
SILENCE_S = 30.0
"""With the beat, the next look and the queue's own poll, a job is taken over within 45 s."""
TIDY_S = 3_600.0


class Worker:
    """What one process does of the work."""

    def __init__(self, *, store: Store, engine: Engine, is_alone: bool, keep: timedelta) -> None:
        self._store = store
        self._engine = engine
        self._is_alone = is_alone
        """On SQLite one process writes: whoever else is in the table is gone."""
        self._keep = keep
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._heard: dict[str, tuple[int, float]] = {}
        self._tidied: float | None = None

    def start(self) -> None:
        """Take over what others left, then begin to work."""
        own = psutil.Process()
        row = {"id": self._engine.worker_id, "place": _place(), "pid": own.pid, "pid_started": own.create_time()}
        job_rows.register(self._store, worker=row)
        try:
            self.look_after()
            self._engine.start()
        except BaseException:
            job_rows.strike_off(self._store, worker_id=self._engine.worker_id)
            raise
        self._stop.clear()
        self._thread = threading.Thread(target=self._watch, name="muster-worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop working: running jobs go back into the queue."""
        if self._thread is None:
            return
        self._stop.set()
        self._thread.join()
        self._thread = None
        self._engine.stop()
        try:
            job_rows.strike_off(self._store, worker_id=self._engine.worker_id)
        except DomainError as error:
            _LOG.warning("the worker could not sign off: %s", error)

    def look_after(self) -> None:
        """Strike off whoever is gone, put their jobs back into the queue, and those that the queue has lost."""
        for row in job_rows.workers(self._store):
            if row["id"] != self._engine.worker_id and self._is_gone(row):
                struck = job_rows.strike_off(self._store, worker_id=row["id"], beats=row["beats"])
                if struck:
                    _LOG.warning("worker %s (process %s) is gone; its jobs are taken over", row["id"], row["pid"])
        for job in job_rows.take_over(self._store):
            job_metrics.TAKEN_OVER.labels(kind=job.kind).inc()
            _LOG.warning(
                "job taken over job_id=%s kind=%s attempts=%s request_id=%s", job.id, job.kind, job.attempts, job.request_id or "-"
            )
        self._find_lost()

    def tidy(self) -> None:
        """Forget jobs that ended longer ago than is kept."""
        jobs = job_rows.forget_ended(self._store, keep=self._keep)
        living = {row["id"] for row in job_rows.workers(self._store)}
        runs = self._engine.forget(before=time.time() - self._keep.total_seconds(), living=living)
        if jobs or runs:
            _LOG.info("tidied up: %s old jobs and %s old runs removed", jobs, runs)

    def _watch(self) -> None:
        while not self._stop.wait(BEAT_S):
            try:
                self._round()
            except DomainError as error:
                _LOG.warning("the worker's round has to wait: %s", error)
            except Exception:  # noqa: BLE001 - the worker loop: whoever watches the others must not die of one bad moment
                _LOG.exception("the worker's round failed")

    def _round(self) -> None:
        if not self._is_alone:
            if not job_rows.beat(self._store, worker_id=self._engine.worker_id):
                _LOG.error("this worker was not heard of for too long and was struck off; it signs on again")
                own = psutil.Process()
                row = {"id": self._engine.worker_id, "place": _place(), "pid": own.pid, "pid_started": own.create_time()}
                job_rows.register(self._store, worker=row)
            self.look_after()
        if self._tidied is None or time.monotonic() - self._tidied > TIDY_S:
            self._tidied = time.monotonic()
            self.tidy()

    def _is_gone(self, row: Mapping[str, Any]) -> bool:
        if self._is_alone:
            return True
        if row["place"] == _place() and not _runs(row["pid"], row["pid_started"]):
            return True
        now = time.monotonic()
        beats, since = self._heard.get(row["id"], (row["beats"], now))
        if beats != row["beats"]:
            since = now
        self._heard[row["id"]] = (row["beats"], since)
        return bool(now - since > SILENCE_S)

    def _find_lost(self) -> None:
        """Jobs wait whose run is not in the queue any more: begun by somebody who died before the claim, or ended without one."""
        waiting = {job.run_id for job in job_rows.queued(self._store)}
        if not waiting:
            return
        begun_by = self._engine.workers_of(waiting)
        living = {row["id"] for row in job_rows.workers(self._store)}
        lost = [run for run in waiting if run not in begun_by or (begun_by[run] is not None and begun_by[run] not in living)]
        if lost:
            _LOG.warning("%s waiting jobs are queued again: the queue had lost them", len(lost))
            job_rows.dispatch_again(self._store, run_ids=lost)


def _place() -> str:
    """Where process numbers mean something: this boot of this machine, and this container in it."""
    parts = [platform.node()]
    boot = Path("/proc/sys/kernel/random/boot_id")
    if boot.exists():
        parts += [boot.read_text().strip(), str(Path("/proc/self/ns/pid").readlink())]
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:40]


def _runs(pid: int, started: float) -> bool:
    """Whether a process is the one that signed on, and not a later one of the same number."""
    try:
        process = psutil.Process(pid)
        return bool(abs(process.create_time() - started) < 1.0 and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False

"""The job that drafts the invoices of a run, one transaction for each; begun again, it goes on after the last that is done."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scheduler.domain.billing.run_progress import scope_from_json
from scheduler.domain.ground.jobs import JobOutcome, JobState
from scheduler.jobs import job_rows
from scheduler.jobs.engine import JobInterrupted
from scheduler.store.invoice_runs import RunReader
from scheduler.usecases.invoice_drafts import draft_of_run
from scheduler.usecases.invoice_runs import begin_invoice_run

if TYPE_CHECKING:
    from scheduler.store import Store

_LOOK_S = 1.0
"""Between two looks whether somebody wants it cancelled."""


class DraftInvoices:
    """Handler of ``invoice_run`` jobs; the target is the job itself."""

    def __init__(self, *, store: Store) -> None:
        self._store = store

    def run(self, target_id: str, stopping: threading.Event, /) -> JobOutcome:
        """Draft what is billable. Repeatable: a group that is done is not done again, and nothing is billed twice."""
        with self._store.read(job_rows.WORKER) as view:
            request = RunReader(view.connection, view.actor).get(target_id).request
        scope, now = scope_from_json(request), datetime.now(UTC)
        run = begin_invoice_run(
            self._store, actor=job_rows.WORKER, run_id=target_id, scope=scope, with_costs=request["with_costs"], now=now
        )
        done = {outcome.position for outcome in run.outcomes}
        began = looked = time.monotonic()
        for position, contract_ids in enumerate(run.groups or ()):
            if position in done:
                continue
            if stopping.is_set():
                raise JobInterrupted
            if time.monotonic() - looked >= _LOOK_S:
                looked = time.monotonic()
                if job_rows.note_progress(self._store, seconds=looked - began, gap=None) or self._is_cancelled(target_id):
                    return JobOutcome(state=JobState.CANCELLED)
            draft_of_run(
                self._store,
                actor=job_rows.WORKER,
                run_id=target_id,
                position=position,
                contract_ids=contract_ids,
                until=scope.until,
                since=scope.since,
                now=datetime.now(UTC),
            )
        return JobOutcome()

    def requeue(self, target_id: str, /) -> None:
        """The job's own row is all there is."""

    def crashed(self, target_id: str, error: Exception, /) -> None:
        """The job's own row is all there is."""

    def _is_cancelled(self, run_id: str) -> bool:
        return job_rows.is_cancelled(self._store, job_id=run_id)

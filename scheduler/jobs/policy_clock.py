"""Watches the clock: runs policies that are due, says what has expired and which budgets are used up, passes lines on, reminds of time."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError
from scheduler.due_times import latest_due
from scheduler.jobs.budget_watch import BudgetWatch
from scheduler.jobs.escalation import EscalationWatch
from scheduler.jobs.expiry import ExpiryWatch
from scheduler.jobs.job_rows import WORKER
from scheduler.jobs.time_reminders import ReminderWatch
from scheduler.store import retried
from scheduler.usecases.rebalance_runs import POLICIES, SETS, run_policy

if TYPE_CHECKING:
    from scheduler.domain.staffing.change_sets import ChangeSet
    from scheduler.store import Store

_LOG = logging.getLogger("muster.jobs")
LOOK_S = 20.0


class PolicyClock:
    """
    A thread of a process with a worker. Any number of processes may have one: what is due at a time has one row.

    After a time without any server the last missed time is made up for, once.
    """

    def __init__(self, store: Store, *, blind: bool) -> None:
        self._store = store
        self._blind = blind
        self._expiry = ExpiryWatch(store)
        self._escalation = EscalationWatch(store)
        self._reminders = ReminderWatch(store)
        self._budgets = BudgetWatch(store)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._watch, name="policy clock", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Watch no more."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _watch(self) -> None:
        while True:
            try:
                run_due(self._store, now=datetime.now(UTC), blind=self._blind)
                self._expiry.look(now=datetime.now(UTC))
                self._escalation.look(now=datetime.now(UTC))
                self._reminders.look(now=datetime.now(UTC))
                self._budgets.look(now=datetime.now(UTC))
            except DomainError as error:
                _LOG.warning("rebalance policies could not be looked at: %s", error.code)
            except Exception:  # noqa: BLE001 - a worker's loop
                # A fault in one look must not end all of them.
                _LOG.exception("rebalance policies could not be looked at")
            if self._stop.wait(LOOK_S):
                return


def run_due(store: Store, *, now: datetime, blind: bool = False) -> list[ChangeSet]:
    """Run every active policy that was due since its last time, or since it was last changed; what was asked for."""
    asked = []
    for policy_id, due_at in _due(store, now):
        try:
            found = run_policy(store, actor=WORKER, policy_id=policy_id, now=now, due_at=due_at, blind=blind)
        except DomainError as error:
            # Another run is being computed: looked at again in a moment.
            _LOG.info("policy %s due at %s waits: %s", policy_id, due_at.isoformat(), error.code)
        else:
            asked.append(found)
    return asked


@retried
def _due(store: Store, now: datetime) -> list[tuple[str, datetime]]:
    with store.read(WORKER) as view:
        found = []
        for policy in view.area(POLICIES).all():
            if policy.cron is None or not policy.is_active:
                continue
            since = view.area(POLICIES).history(policy.id)[-1].recorded_from
            done = [one.due_at for one in view.area(SETS).matching(policy_id=policy.id) if one.due_at is not None]
            due = latest_due(policy.cron, policy.time_zone, after=max([since, *done]), until=now)
            if due is not None:
                found.append((policy.id, due))
        return found

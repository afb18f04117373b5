"""Finds parts of budgets that are used up, and has them told, once each."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler.jobs.job_rows import WORKER
from scheduler.queries.budget_alerts import alerts_to_tell
from scheduler.store import retried
from scheduler.store.history import last_recorded
from scheduler.usecases.budget_alerts import tell_alerts

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.store import Store

EVERY = timedelta(minutes=5)


class BudgetWatch:
    """Looks every few minutes, and only when something was recorded since the last look."""

    def __init__(self, store: Store, *, every: timedelta = EVERY) -> None:
        self._store = store
        self._every = every
        self._last: tuple[datetime, datetime] | None = None
        """When it looked last, and what was recorded last by then."""

    def look(self, *, now: datetime) -> int:
        """Tell of what is used up; of how many parts."""
        if self._last is not None and now - self._last[0] < self._every:
            return 0
        recorded_at = _last_recorded(self._store)
        if self._last is not None and self._last[1] == recorded_at:
            self._last = (now, recorded_at)
            return 0
        told = 0
        for alerts in alerts_to_tell(self._store, actor=WORKER, now=now):
            told += len(tell_alerts(self._store, actor=WORKER, alerts=alerts, now=now))
        self._last = (now, recorded_at)
        return told


@retried
def _last_recorded(store: Store) -> datetime:
    with store.read(WORKER) as view:
        return last_recorded(view.connection)

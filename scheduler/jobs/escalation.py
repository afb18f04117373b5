"""Looks for lines that nobody decided about in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.jobs.job_rows import WORKER
from scheduler.usecases.escalation import AT_ONCE, escalate_lines

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.store import Store


class EscalationWatch:
    """What is due, in as many transactions as it takes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def look(self, *, now: datetime) -> int:
        """How many lines went to the next level."""
        done = 0
        while count := escalate_lines(self._store, actor=WORKER, now=now):
            done += count
            if count < AT_ONCE:
                break
        return done

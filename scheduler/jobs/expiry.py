"""Finds change sets whose open groups rest on what has changed since, and says so, once for each set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.staffing.change_sets import ChangeSetState, change_set_expired
from scheduler.jobs.job_rows import WORKER
from scheduler.queries.change_sets import moved_under
from scheduler.store import retried
from scheduler.store.history import last_recorded
from scheduler.usecases.rebalance_runs import POLICIES, SETS

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from scheduler.store import Store


class ExpiryWatch:
    """Looks again only when something was recorded since the last look."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looked_at: datetime | None = None

    def look(self, *, now: datetime) -> int:
        """Mark what has expired, and tell of it; how many sets."""
        recorded_at, expired = _expired(self._store, unless=self._looked_at)
        done = sum(_mark(self._store, set_id, positions, now=now) for set_id, positions in expired)
        self._looked_at = recorded_at
        return done


@retried
def _expired(store: Store, *, unless: datetime | None) -> tuple[datetime, list[tuple[str, Collection[int]]]]:
    """When something was recorded last and, if that is another instant than ``unless``, sets with groups that expired unmarked."""
    with store.read(WORKER) as view:
        recorded_at = last_recorded(view.connection)
        if recorded_at == unless:
            return recorded_at, []
        ready = [one for one in view.area(SETS).matching(state=ChangeSetState.READY) if one.expired_at is None and not one.is_dry_run]
        found = [(one.id, tuple(moved_under(view, one))) for one in ready]
        return recorded_at, [(set_id, positions) for set_id, positions in found if positions]


@retried
def _mark(store: Store, set_id: str, positions: Collection[int], *, now: datetime) -> bool:
    """Whether this was the first to say so."""
    with store.begin(WORKER, now=now) as tx:
        found = tx.area(SETS).get(set_id)
        if found.state is not ChangeSetState.READY or found.expired_at is not None:
            return False
        tx.area(SETS).save(replace(found, expired_at=now))
        policy = tx.area(POLICIES).get(found.policy_id)
        tx.announce(change_set_expired(found, positions=positions, told=policy.tell))
        return True

"""Locking periods and lifting the locks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.delivery.period_locks import PeriodLock
from scheduler.domain.ground.access import require
from scheduler.domain.ground.ids import PeriodLockId, ProjectId, new_id
from scheduler.domain.ground.permissions import PERIOD_LOCKS_CHANGE, PERIOD_LOCKS_CREATE
from scheduler.store import retried
from scheduler.store.areas.approvals import PERIOD_LOCK_AREA
from scheduler.store.period_locks import hold_periods
from scheduler.store.repository import stale

if TYPE_CHECKING:
    from datetime import date, datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.store import Store

LOCKS = PERIOD_LOCK_AREA.name


@retried
def lock_period(
    store: Store,
    *,
    actor: Actor,
    locked_before: date,
    project_id: str | None,
    note: str | None,
    now: datetime,
    idempotency: IdempotencyClaim | None = None,
) -> PeriodLock:
    """
    Let nothing change any more of the days before ``locked_before``: of a project, or of all.

    Whoever is writing a line just now is waited for; who comes later is refused. Raises DomainError ``access.denied``,
    ``reference.not_found``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        require(actor, PERIOD_LOCKS_CREATE)
        hold_periods(tx.connection)
        lock = PeriodLock(
            id=PeriodLockId(new_id()),
            locked_before=locked_before,
            project_id=None if project_id is None else ProjectId(project_id),
            note=note,
            locked_by=actor.id,
            locked_at=now,
        )
        added: PeriodLock = tx.area(LOCKS).add(lock)
        return tx.answer(added)


@retried
def lift_lock(
    store: Store,
    *,
    actor: Actor,
    period_lock_id: str,
    expected_version: int,
    reason: str,
    now: datetime,
    idempotency: IdempotencyClaim | None = None,
) -> PeriodLock:
    """Lift a lock; earlier ones stay. Raises DomainError ``record.not_found``, ``access.denied``, ``version.stale``, ``period.not_locked``."""
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        locks = tx.area(LOCKS)
        locks.get(period_lock_id)
        require(actor, PERIOD_LOCKS_CHANGE)
        hold_periods(tx.connection)
        found: PeriodLock = locks.get(period_lock_id)
        if found.version != expected_version:
            raise stale(PERIOD_LOCK_AREA, period_lock_id, given=expected_version, current=found.version)
        lifted: PeriodLock = locks.save(found.lifted(by=actor.id, at=now, reason=reason))
        return tx.answer(lifted)

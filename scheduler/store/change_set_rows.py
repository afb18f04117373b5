"""A change set that is about to be decided: who may, and from which version; and keeping it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.staffing.change_sets import NO_PLAN, ChangeSetState
from scheduler.store.areas.rebalance import CHANGE_SET_AREA
from scheduler.store.repository import stale

if TYPE_CHECKING:
    from scheduler.domain.staffing.change_sets import ChangeSet
    from scheduler.store.transaction import Transaction


def opened(tx: Transaction, change_set_id: str, *, expected_version: int | None) -> ChangeSet:
    """The set with all that is in it, its row locked. Raises DomainError ``record.not_found``, ``access.denied``, ``version.stale``."""
    area = CHANGE_SET_AREA.name
    tx.area(area).get(change_set_id)
    require(tx.actor, f"{area}:change")
    found: ChangeSet = tx.elevated.area(area).get(change_set_id)
    if expected_version is not None and found.version != expected_version:
        raise stale(CHANGE_SET_AREA, change_set_id, given=expected_version, current=found.version)
    return found


def fail_waiting(tx: Transaction, plan_id: str) -> None:
    """The set that waits for a plan has failed, if there is one: its plan was cancelled before anybody began with it."""
    rows = tx.elevated.area(CHANGE_SET_AREA.name)
    for found in rows.matching(plan_id=plan_id):
        if found.state is ChangeSetState.QUEUED:
            rows.save(replace(found, state=ChangeSetState.FAILED, failure_code=NO_PLAN, finished_at=tx.now))


def keep(tx: Transaction, found: ChangeSet) -> None:
    """Keep what was decided, by whoever may decide it."""
    tx.elevated.area(CHANGE_SET_AREA.name).save(found)

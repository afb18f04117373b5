"""What is left of a demand: as its lead says, or as follows from approved time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.staffing.effort_left import estimated, with_effort_left
from scheduler.store import retried
from scheduler.store.recorded_effort import uncounted

if TYPE_CHECKING:
    from datetime import date, datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.staffing.work import Demand
    from scheduler.store import Store


@retried
def estimate_effort_left(store: Store, *, actor: Actor, demand_id: str, version: int, minutes: int, on: date, now: datetime) -> Demand:
    """
    Say what is left of a demand from the first Monday on or after ``on`` on; what was recorded before then counts no more.

    Raises DomainError ``effort.no_weeks``, ``capacity.exceeded`` (CONFLICT), ``input.invalid``, ``version.stale``, ``record.not_found``,
    ``access.denied``.
    """
    with store.begin(actor, now=now) as tx:
        current = tx.demands.get(demand_id)
        tx.demands.require_change(demand_id)
        saved = tx.demands.save(replace(with_effort_left(current, minutes=minutes, on=on), version=version))
        tx.carry_effort(demand_id, estimated(on))
        tx.settle_days()
        return saved


@retried
def count_recorded_time(store: Store, *, actor: Actor, demand_id: str, on: date, now: datetime) -> Demand | None:
    """
    Let the demand's coming weeks, from the Monday ``on`` on, want what is left by approved time; ``None`` where they do already.

    Raises DomainError ``capacity.exceeded`` (CONFLICT) when that is more than those booked have time for, and ``access.denied``.
    """
    with store.begin(actor, now=now) as tx:
        tx.demands.require_change(demand_id)
        tx.demands.get(demand_id)  # its row stays locked, so that nothing is counted twice
        for _, left, carries in uncounted(tx.unrestricted, on=on, demand_ids=(demand_id,)):
            saved = tx.demands.save(left)
            tx.carry_effort(demand_id, carries)
            tx.settle_days()
            return saved
    return None

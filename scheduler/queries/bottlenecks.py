"""Which skills are short, week by week."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.permissions import REPORTS_READ
from scheduler.planning.skill_pools import skill_pools
from scheduler.queries.hours_snapshot import read_hours
from scheduler.store import retried

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.planning.skill_pools import PoolReport
    from scheduler.planning.time_grid import TimeGrid
    from scheduler.store import Store


@retried
def bottlenecks(store: Store, *, actor: Actor, grid: TimeGrid, as_of: datetime | None = None) -> tuple[PoolReport, ...]:
    """The pools that demand asks for, with the people whom the actor sees. Raises DomainError ``access.denied``."""
    require(actor, REPORTS_READ)
    require(actor, "demands:read")
    with store.read(actor, as_of=as_of) as view:
        everything = view.unrestricted
        snapshot = replace(read_hours(everything, grid.days), people=view.people.all(), demands=view.demands.all())
    return skill_pools(snapshot, grid)

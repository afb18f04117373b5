"""Before a policy's plan is computed: what is left of its demands, by the time that was approved."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.staffing.plans import OPEN_STATES
from scheduler.jobs.job_rows import WORKER
from scheduler.planning.request_json import request_from_json
from scheduler.store import retried
from scheduler.store.recorded_effort import uncounted
from scheduler.usecases.effort_left import count_recorded_time
from scheduler.usecases.rebalance_runs import SETS

if TYPE_CHECKING:
    from datetime import date

    from scheduler.store import Store

_LOG = logging.getLogger("muster.jobs")


def count_for_plan(store: Store, plan_id: str) -> None:
    """
    Count what was recorded, if a change set waits for the plan and is no dry run. Said again it changes nothing.

    Where more is left than those booked have time for, the demand stays as it was.
    """
    on, demand_ids = _to_count(store, plan_id)
    for demand_id in demand_ids:
        try:
            count_recorded_time(store, actor=WORKER, demand_id=demand_id, on=on, now=datetime.now(UTC))
        except DomainError as error:
            if error.code != "capacity.exceeded":
                raise
            _LOG.warning("more is left of demand %s than its people have time for; it stays as it was", demand_id)


@retried
def _to_count(store: Store, plan_id: str) -> tuple[date, tuple[str, ...]]:
    with store.read(WORKER) as view:
        plan = view.plans.get(plan_id)
        on = request_from_json(plan.request).horizon_start
        waiting = view.area(SETS).matching(plan_id=plan_id)
        if plan.state not in OPEN_STATES or not waiting or waiting[0].is_dry_run:
            return on, ()
        return on, tuple(demand.id for demand, _, _ in uncounted(view.unrestricted, on=on))

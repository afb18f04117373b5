"""Which parts of budgets are used up and were not told of."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler.domain.delivery.budgets import due_alerts
from scheduler.queries.project_status import statuses
from scheduler.store import retried

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from scheduler.domain.delivery.budgets import BudgetAlert
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.ids import ProjectId
    from scheduler.store import Store

_AT_ONCE = 50
_LATEST = timedelta(days=2)
"""Beyond any zone's today: approved time counts whole, whatever its day."""


def alerts_to_tell(store: Store, *, actor: Actor, now: datetime) -> Iterator[Sequence[BudgetAlert]]:
    """Of all projects with a budget that somebody is to be told of, some projects at a time."""
    projects = _told_projects(store, actor)
    for start in range(0, len(projects), _AT_ONCE):
        found = _due(store, actor, projects[start : start + _AT_ONCE], now)
        if found:
            yield found


@retried
def _told_projects(store: Store, actor: Actor) -> list[ProjectId]:
    with store.read(actor) as view:
        return sorted({budget.project_id for budget in view.area("budgets").all() if budget.alert_percents})


@retried
def _due(store: Store, actor: Actor, project_ids: Sequence[ProjectId], now: datetime) -> list[BudgetAlert]:
    with store.read(actor) as view:
        found = [
            alert
            for status in statuses(view.unrestricted, project_ids, on=now.date() + _LATEST, with_booked=False)
            for alert in due_alerts(status.used, now=now)
        ]
        told = {known.id for known in view.area("budget_alerts").many([alert.id for alert in found])}
    return [alert for alert in found if alert.id not in told]

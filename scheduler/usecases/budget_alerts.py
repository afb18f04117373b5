"""Telling of parts of budgets that are used up, once each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.delivery.budgets import alert_event
from scheduler.domain.ground.errors import DomainError
from scheduler.store import retried
from scheduler.store.project_leads import leads_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from scheduler.domain.delivery.budgets import BudgetAlert
    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store

ALERTS = "budget_alerts"
_TOLD_ALREADY = "record.exists"


@retried
def tell_alerts(store: Store, *, actor: Actor, alerts: Iterable[BudgetAlert], now: datetime) -> tuple[BudgetAlert, ...]:
    """
    Keep those alerts that were not told before, and tell of them, in one transaction; which they are.

    Of several processes that tell the same at the same time one does: the alert's id is the same in each.
    """
    told = []
    with store.begin(actor, now=now) as tx:
        for alert in sorted(alerts, key=lambda one: one.id):
            try:
                tx.area(ALERTS).add(alert)
            except DomainError as error:
                if error.code != _TOLD_ALREADY:
                    raise
                continue
            tx.announce(alert_event(alert, told=leads_of(tx.connection, alert.project_id)))
            told.append(alert)
    return tuple(told)

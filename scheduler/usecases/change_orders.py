"""Deciding on change orders."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from scheduler.domain.ground.access import require
from scheduler.domain.ground.ids import DemandId, new_id
from scheduler.domain.ground.permissions import CHANGE_ORDERS_APPROVE
from scheduler.domain.staffing.change_orders import OrderState, figures_of, ordered, ordered_demands
from scheduler.store import retried
from scheduler.store.areas.change_orders import CHANGE_ORDER_AREA
from scheduler.store.project_locks import hold_booked_days
from scheduler.store.repository import stale

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.change_orders import ChangeOrder
    from scheduler.store import Store, Transaction


@retried
def approve_change_order(
    store: Store, *, actor: Actor, order_id: str, expected_version: int, now: datetime, idempotency: IdempotencyClaim | None = None
) -> ChangeOrder:
    """
    Approve a change order: the project's contract value, its budgets and its demands change with it, all or nothing.

    Raises
    ------
    DomainError
        ``record.not_found``, ``access.denied``, ``version.stale``, ``change_order.decided``, ``change_order.outdated``,
        ``change_order.nothing_there``, ``change_order.below_zero``, ``capacity.exceeded`` where somebody is booked on a demand that grows.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        order = _held(tx, order_id, expected_version)
        everything = tx.elevated
        before = everything.projects.get(order.project_id)
        after = ordered(before, order)
        demands = {one.id: one for one in everything.demands.matching(project_id=order.project_id)}
        for demand in tuple(ordered_demands(order, demands, next_id=lambda: DemandId(new_id()))):
            if demand.version:
                everything.demands.save(demand)
            else:
                everything.demands.add(demand)
        if after != before:
            everything.projects.save(after)
        approved = order.decided(OrderState.APPROVED, by=actor.id, at=now)
        everything.area("change_orders").save(replace(approved, before=figures_of(before), after=figures_of(after)))
        return tx.answer(cast("ChangeOrder", tx.area("change_orders").get(order_id)))


@retried
def reject_change_order(
    store: Store,
    *,
    actor: Actor,
    order_id: str,
    expected_version: int,
    reason: str,
    now: datetime,
    idempotency: IdempotencyClaim | None = None,
) -> ChangeOrder:
    """Reject a change order, for a reason. Raises DomainError ``record.not_found``, ``access.denied``, ``version.stale``, ``change_order.decided``."""
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        order = _held(tx, order_id, expected_version)
        tx.elevated.area("change_orders").save(order.decided(OrderState.REJECTED, by=actor.id, at=now, reason=reason))
        return tx.answer(cast("ChangeOrder", tx.area("change_orders").get(order_id)))


def _held(tx: Transaction, order_id: str, expected_version: int) -> ChangeOrder:
    """The whole draft, that the actor may decide on and saw in this version; its project is locked first."""
    seen: ChangeOrder | None = tx.unrestricted.area("change_orders").find(order_id)
    if seen is not None:
        hold_booked_days(tx, seen.project_id)
        tx.projects.hold(seen.project_id)
    orders = tx.area("change_orders")
    orders.get(order_id)
    require(tx.actor, CHANGE_ORDERS_APPROVE)
    order: ChangeOrder = tx.elevated.area("change_orders").get(order_id)
    if order.version != expected_version:
        raise stale(CHANGE_ORDER_AREA, order_id, given=expected_version, current=order.version)
    order.require_draft()
    return order

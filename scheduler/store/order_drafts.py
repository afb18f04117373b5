"""What the server adds to a change order that is written: its number, and which versions of demands it was written for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.store.tables.base import TWINS
from scheduler.store.tables.change_orders import CHANGE_ORDERS

if TYPE_CHECKING:
    from scheduler.domain.ground.ids import DemandId
    from scheduler.domain.staffing.change_orders import ChangeOrder, DemandChange
    from scheduler.domain.staffing.work import Demand
    from scheduler.store.transaction import Transaction


def completed(tx: Transaction, order: ChangeOrder, *, before: ChangeOrder | None = None) -> ChangeOrder:
    """
    The order as it is kept; its project stays locked, so that no number is given twice.

    Raises DomainError ``change_order.decided``, ``change_order.project_fixed``, ``change_order.demand_elsewhere``.
    """
    if before is not None:
        before.require_draft()
        if before.project_id != order.project_id:
            detail = "A change order stays in its project, where it has its number; draft another one there."
            raise DomainError(ErrorKind.CONFLICT, "change_order.project_fixed", detail)
    tx.projects.hold(order.project_id)
    demands = {one.id: one for one in tx.unrestricted.demands.among("id", [one.demand_id for one in order.demands if one.demand_id])}
    changes = tuple(_based(one, demands, order, number) for number, one in enumerate(order.demands))
    number = _next_number(tx, order.project_id) if before is None else before.number
    return replace(order, number=number, demands=changes)


def _based(change: DemandChange, demands: dict[DemandId, Demand], order: ChangeOrder, number: int) -> DemandChange:
    demand = None if change.demand_id is None else demands.get(change.demand_id)
    if demand is None:
        return change  # new, or unknown: then the reference is refused
    if demand.project_id != order.project_id:
        message = "The demand belongs to another project; an order changes demands of its own."
        raise invalid("change order", Fault(pointer=f"/demands/{number}/demand_id", code="change_order.demand_elsewhere", message=message))
    return replace(change, base_version=demand.version)


def _next_number(tx: Transaction, project_id: str) -> int:
    """One more than any order of the project ever had, those that are gone included."""
    highest = 0
    for table in (CHANGE_ORDERS, TWINS[CHANGE_ORDERS.name]):
        found = tx.connection.execute(select(func.max(table.c.number)).where(table.c.project_id == project_id)).scalar_one()
        highest = max(highest, found or 0)
    return highest + 1

"""Bookings of a plan in a write transaction: which they are, writing them, and the refusal where what they rest on has moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import BookingId, new_id
from scheduler.domain.staffing.booking_moves import Mover, may_ever_move, require_moves
from scheduler.domain.staffing.over_capacity import PlannedMinutes
from scheduler.domain.staffing.rebooking import Rebooking, in_force, rebook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.domain.ground.ids import PlanId
    from scheduler.domain.staffing.movement import Moved
    from scheduler.domain.staffing.plan_changes import PlanChanges
    from scheduler.domain.staffing.plans import PlanProblem
    from scheduler.domain.staffing.work import Booking, BookingState
    from scheduler.store.transaction import Transaction

MOVED_SHOWN = 50


def rebooked(tx: Transaction, changes: PlanChanges, *, state: BookingState, plan_id: PlanId) -> Rebooking:
    """What of the bookings as they are now becomes what, so that the changes are in force."""
    bookings = tx.bookings.among("person_id", {person for person, _ in changes.pairs})
    return rebook(
        in_force((b for b in bookings if may_ever_move(b, Mover.PLAN)), changes.pairs, horizon=changes.horizon),
        changes.written,
        horizon=changes.horizon,
        state=state,
        plan_id=plan_id,
        next_id=lambda: BookingId(new_id()),
    )


def write_bookings(tx: Transaction, changes: PlanChanges, rebooking: Rebooking) -> tuple[tuple[Booking, ...], tuple[Booking, ...]]:
    """
    Write them, with their days counted; those added and those changed as they are stored.

    Raises DomainError ``access.denied``, ``capacity.exceeded``, ``version.stale``.
    """
    require_moves(tx.actor, (*rebooking.deleted, *tx.bookings.many(b.id for b in rebooking.changed)), Mover.PLAN)
    require_moves(tx.actor, (*rebooking.added, *rebooking.changed), Mover.PLAN)
    tx.follow_plan(PlannedMinutes(horizon=changes.horizon, minutes=changes.minutes))
    for booking in rebooking.deleted:
        tx.bookings.delete(booking.id, booking.version)
    changed = [tx.bookings.save(booking).id for booking in rebooking.changed]
    added = [tx.bookings.add(booking).id for booking in rebooking.added]
    tx.settle_days()
    return tx.bookings.many(added), tx.bookings.many(changed)


def plan_changed(tx: Transaction, rows: Sequence[Moved], others: Sequence[Moved], problem: PlanProblem) -> DomainError:
    """The refusal: ``plan.superseded`` where another plan was applied to the same, else ``plan.changed``, with what moved."""
    facts = {
        "rows": [row.to_json() for row in rows[:MOVED_SHOWN]],
        "count": len(rows),
        "other_moves": [row.to_json() for row in others[:MOVED_SHOWN]],
        "other_count": len(others),
    }
    other = _applied_meanwhile(tx, rows, problem)
    if other is not None:
        detail = "Another plan was applied to the same people or demands after this one was computed; plan again."
        return DomainError(ErrorKind.CONFLICT, "plan.superseded", detail, facts={**facts, "plan_id": other})
    named = ", ".join(f"{row.name or row.id} ({row.area}, {row.change})" for row in rows[:5])
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    detail = (
        f"What the plan rests on has changed since it was computed: {named}{more}. Nothing was applied; plan again, choose a part that"
        " does not touch them, or let the plan be checked again (revalidate)."
    )
    return DomainError(ErrorKind.STALE, "plan.changed", detail, facts=facts)


def _applied_meanwhile(tx: Transaction, rows: Sequence[Moved], problem: PlanProblem) -> str | None:
    """The plan whose application moved one of the bookings."""
    moved_bookings = tx.bookings.many(row.id for row in rows if row.area == "bookings")
    for plan_id in sorted({booking.plan_id for booking in moved_bookings if booking.plan_id is not None}):
        applied_at = tx.plans.get(plan_id).applied_at
        if applied_at is not None and applied_at >= problem.read_at:
            return plan_id
    return None

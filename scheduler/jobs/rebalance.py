"""Putting a plan of the bookings in force to work, unless it moves so much that somebody should look first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.rebalancing import upheaval
from scheduler.planning.request_json import request_from_json
from scheduler.store import retried
from scheduler.usecases.plan_application import ApplyTerms, apply_plan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.staffing.plans import Plan
    from scheduler.domain.staffing.rebalancing import MoveLimit, Upheaval
    from scheduler.domain.staffing.work import Booking
    from scheduler.planning.request import PlanRequest
    from scheduler.store import Store, View
    from scheduler.usecases.plan_application import PlanApplication


class RebalanceOutcome(StrEnum):
    """What happened to the plan."""

    NOTHING_TO_CHANGE = "nothing_to_change"
    """Every booking stays and there is no new one; the plan was not applied."""
    APPLIED = "applied"
    WITHIN_LIMIT = "within_limit"
    """It would have been applied, had it not been a dry run."""
    REVIEW = "review"
    """It moves more than was allowed; nothing was applied, and the plan is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebalance:
    """What was, or would be, done."""

    plan: Plan
    outcome: RebalanceOutcome
    upheaval: Upheaval
    added: tuple[Booking, ...]
    """Bookings of people on demands that they were not booked on in the horizon."""
    names: Mapping[str, Mapping[str, str]]
    """Area (``people``, ``projects``, ``demands``) to id to name."""


def settle(store: Store, *, actor: Actor, plan: Plan, limit: MoveLimit, now: datetime, dry_run: bool) -> Rebalance:
    """
    Apply a plan that succeeded with assignments, if the limit allows it: what is new or moved becomes tentative, the rest stays.

    Raises DomainError like ``apply_plan``; nothing is changed then.
    """
    tried = apply_plan(
        store, actor=actor, plan_id=plan.id, expected_version=plan.version, now=now, terms=ApplyTerms(confirmed=False, dry_run=True)
    )
    rebalance = _judged(store, actor=actor, tried=tried, limit=limit)
    if rebalance.outcome is not RebalanceOutcome.WITHIN_LIMIT or dry_run:
        return rebalance
    done = apply_plan(store, actor=actor, plan_id=plan.id, expected_version=plan.version, now=now, terms=ApplyTerms(confirmed=False))
    # What is added has other ids than in the rehearsal.
    return replace(rebalance, plan=done.plan, outcome=RebalanceOutcome.APPLIED, added=_fresh(done, rebalance.upheaval))


@retried
def _judged(store: Store, *, actor: Actor, tried: PlanApplication, limit: MoveLimit) -> Rebalance:
    with store.read(actor) as view:
        before = view.bookings.all()
        names = _names(view)
    replaced = {booking.id for booking in (*tried.changed, *tried.deleted)}
    after = (*(booking for booking in before if booking.id not in replaced), *tried.changed, *tried.added)
    horizon, frozen = _horizon(request_from_json(tried.plan.request))
    found = upheaval(before, after, horizon=horizon, frozen=frozen)
    if not (tried.added or tried.changed or tried.deleted):
        outcome = RebalanceOutcome.NOTHING_TO_CHANGE
    else:
        outcome = RebalanceOutcome.WITHIN_LIMIT if limit.allows(found) else RebalanceOutcome.REVIEW
    return Rebalance(plan=tried.plan, outcome=outcome, upheaval=found, added=_fresh(tried, found), names=names)


def _fresh(application: PlanApplication, found: Upheaval) -> tuple[Booking, ...]:
    """What is added, but for the pieces of moved bookings."""
    moved = {(move.was.person_id, move.was.demand_id) for move in found.moves}
    return tuple(booking for booking in application.added if (booking.person_id, booking.demand_id) not in moved)


def _horizon(request: PlanRequest) -> tuple[DateInterval, DateInterval | None]:
    """The weeks that were planned, and those of them in which nothing may move."""
    days, frozen = request.grid.days, timedelta(weeks=request.policy.frozen_weeks)
    return days, DateInterval(days.start, days.start + frozen) if frozen else None


def _names(view: View) -> dict[str, dict[str, str]]:
    return {area: {row.id: row.name for row in getattr(view, area).all()} for area in ("people", "projects", "demands")}

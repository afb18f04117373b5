"""Putting a plan in force: its runs become bookings, all of them or none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import BookingId, DemandId, PersonId, ProjectId, new_id
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.plans import Plan, PlanState
from scheduler.domain.staffing.rebooking import PlannedRun, Rebooking, in_force, rebook
from scheduler.domain.staffing.work import Booking, BookingState
from scheduler.store import retried
from scheduler.store.moved_rows import moved_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.movement import Moved
    from scheduler.domain.staffing.plans import PlanProblem
    from scheduler.store import Store, Transaction

MOVED_SHOWN = 50
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanApplication:
    """What applying a plan did, or (``dry_run``) would do."""

    plan: Plan
    added: tuple[Booking, ...]
    changed: tuple[Booking, ...]
    deleted: tuple[Booking, ...]
    dry_run: bool = False


class _OnlyTried(Exception):  # noqa: N818 - not an error: it rolls a dry run back
    def __init__(self, application: PlanApplication) -> None:
        super().__init__()
        self.application = application


@retried
def apply_plan(
    store: Store,
    *,
    actor: Actor,
    plan_id: str,
    expected_version: int,
    now: datetime,
    confirmed: bool,
    dry_run: bool = False,
    idempotency: IdempotencyClaim | None = None,
) -> PlanApplication:
    """
    Make bookings of a plan's runs: confirmed ones, or tentative.

    Bookings that the plan keeps, and locked ones, stay as they are; weeks outside its horizon too.

    Raises
    ------
    DomainError
        ``plan.changed`` (STALE) with the rows that have changed since the plan was computed; ``plan.superseded`` (CONFLICT) when
        another plan was applied to them meanwhile; ``plan.already_applied``, ``plan.not_applicable`` (CONFLICT);
        ``version.stale``. Nothing is changed then.
    """
    try:
        with store.begin(actor, now=now, idempotency=None if dry_run else idempotency) as tx:
            plan = _applicable(tx, plan_id, expected_version=expected_version)
            rebooking = _rebooking(tx, plan, confirmed=confirmed)
            application = _applied(tx, plan, rebooking, now=now)
            if dry_run:
                raise _OnlyTried(replace(application, plan=plan, dry_run=True))
            return tx.answer(application)
    except _OnlyTried as tried:
        return tried.application


def _applicable(tx: Transaction, plan_id: str, *, expected_version: int) -> Plan:
    plan = tx.plans.get(plan_id)
    if plan.applied_at is not None:
        detail = f"The plan was applied on {plan.applied_at:%Y-%m-%d at %H:%M} UTC; it cannot be applied twice."
        raise DomainError(ErrorKind.CONFLICT, "plan.already_applied", detail, facts={"applied_at": plan.applied_at.isoformat()})
    if plan.version != expected_version:
        raise DomainError(
            ErrorKind.STALE,
            "version.stale",
            f"The plan has changed: yours is version {expected_version}, the current one is {plan.version}. Read it again.",
            facts={"area": "plans", "id": plan_id, "given_version": expected_version, "current_version": plan.version},
        )
    if plan.state is not PlanState.SUCCEEDED or not plan.result or plan.result["view"]["assignments"] is None:
        detail = f"The plan is {plan.state} and has no assignments to apply; only a plan that succeeded with assignments can be applied."
        raise DomainError(ErrorKind.CONFLICT, "plan.not_applicable", detail, facts={"state": str(plan.state)})
    return plan


def _rebooking(tx: Transaction, plan: Plan, *, confirmed: bool) -> Rebooking:
    """The bookings to write. Raises DomainError when what they rest on has changed."""
    assert plan.result is not None
    problem = tx.plans.problem(plan.id)
    if problem is None:
        raise RuntimeError(f"plan {plan.id} succeeded without a problem")
    view = plan.result["view"]
    horizon = DateInterval(date.fromisoformat(view["horizon"]["start"]), date.fromisoformat(view["horizon"]["end"]))
    written = [_run(one) for one in view["assignments"] if one["change"] in {"new", "changed"}]
    standing = {(one["person"]["id"], one["demand"]["id"]) for one in view["assignments"] if one["change"] not in {"new", "changed"}}
    before = {(PersonId(run["person"]), DemandId(run["demand"])) for run in problem.problem.get("current", ())} - standing
    people = {run.person_id for run in written} | {person for person, _ in before}
    demands = {run.demand_id for run in written} | {demand for _, demand in before}
    rows = moved_rows(tx, versions=problem.row_versions, people=people, demands=demands)
    if rows:
        raise _refusal(tx, rows, problem)
    bookings = [booking for booking in tx.bookings.all() if booking.state is not BookingState.LOCKED]
    return rebook(
        in_force(bookings, before, horizon=horizon),
        written,
        horizon=horizon,
        state=BookingState.CONFIRMED if confirmed else BookingState.TENTATIVE,
        plan_id=plan.id,
        next_id=lambda: BookingId(new_id()),
    )


def _run(assignment: Mapping[str, Any]) -> PlannedRun:
    first, last = (date.fromisoformat(assignment[end]) for end in ("first_week", "last_week"))
    return PlannedRun(
        person_id=PersonId(assignment["person"]["id"]),
        demand_id=DemandId(assignment["demand"]["id"]),
        project_id=ProjectId(assignment["project"]["id"]),
        share=Decimal(assignment["share"]),
        period=DateInterval(first, last + _WEEK),
        shift_weeks=assignment["shift_weeks"],
    )


def _applied(tx: Transaction, plan: Plan, rebooking: Rebooking, *, now: datetime) -> PlanApplication:
    for booking in rebooking.deleted:
        tx.bookings.delete(booking.id, booking.version)
    changed = tuple(tx.bookings.save(booking) for booking in rebooking.changed)
    added = tuple(tx.bookings.add(booking) for booking in rebooking.added)
    saved = tx.plans.save(replace(plan, applied_at=now, applied_by=tx.actor.id))
    return PlanApplication(plan=saved, added=added, changed=changed, deleted=rebooking.deleted)


def _refusal(tx: Transaction, rows: Sequence[Moved], problem: PlanProblem) -> DomainError:
    facts = {"rows": [row.to_json() for row in rows[:MOVED_SHOWN]], "count": len(rows)}
    other = _applied_meanwhile(tx, rows, problem)
    if other is not None:
        detail = "Another plan was applied to the same people or demands after this one was computed; plan again."
        return DomainError(ErrorKind.CONFLICT, "plan.superseded", detail, facts={**facts, "plan_id": other})
    named = ", ".join(f"{row.name or row.id} ({row.area}, {row.change})" for row in rows[:5])
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    detail = f"What the plan rests on has changed since it was computed: {named}{more}. Nothing was applied; plan again."
    return DomainError(ErrorKind.STALE, "plan.changed", detail, facts=facts)


def _applied_meanwhile(tx: Transaction, rows: Sequence[Moved], problem: PlanProblem) -> str | None:
    """The plan whose application moved one of the bookings."""
    moved_bookings = tx.bookings.many(row.id for row in rows if row.area == "bookings")
    for plan_id in sorted({booking.plan_id for booking in moved_bookings if booking.plan_id is not None}):
        applied_at = tx.plans.get(plan_id).applied_at
        if applied_at is not None and applied_at >= problem.read_at:
            return plan_id
    return None

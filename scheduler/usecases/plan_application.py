"""Putting a plan in force: its runs become bookings, all of them or none."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.access import require
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import BookingId, DemandId, PersonId, ProjectId, new_id
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.permissions import PLANS_APPLY
from scheduler.domain.staffing.plans import Plan, PlanState
from scheduler.domain.staffing.rebooking import PlannedRun, Rebooking, in_force, rebook
from scheduler.domain.staffing.work import Booking, BookingState
from scheduler.planning.request_json import request_from_json
from scheduler.planning.revalidation import revalidate
from scheduler.planning.snapshot import Snapshot
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
_WRITTEN = frozenset({"new", "changed"})
"""What a plan says of the runs that are not booked like that already."""
_SNAPSHOT_AREAS = tuple(one.name for one in fields(Snapshot) if one.name != "firm")


_NEEDED = (PLANS_APPLY, *(f"{area}:read" for area in ("people", "demands", "projects", "calendars", "absences", "bookings")))
"""Whoever does not see everything that a plan rests on would book over it."""


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
    revalidate_if_changed: bool = False,
    dry_run: bool = False,
    idempotency: IdempotencyClaim | None = None,
) -> PlanApplication:
    """
    Make bookings of a plan's runs: confirmed ones, or tentative.

    Bookings that the plan keeps, and locked ones, stay as they are; weeks outside its horizon too. With
    ``revalidate_if_changed`` a plan whose rows have changed is checked against them as they are now, and applied if it breaks
    no rule (whether it is still the best is another question).

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
            rebooking = _rebooking(tx, plan, confirmed=confirmed, revalidate_if_changed=revalidate_if_changed)
            application = _applied(tx, plan, rebooking, now=now)
            if dry_run:
                raise _OnlyTried(replace(application, plan=plan, dry_run=True))
            return tx.answer(application)
    except _OnlyTried as tried:
        return tried.application


def _applicable(tx: Transaction, plan_id: str, *, expected_version: int) -> Plan:
    plan = tx.plans.get(plan_id)
    for permission in _NEEDED:
        require(tx.actor, permission)
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


def _rebooking(tx: Transaction, plan: Plan, *, confirmed: bool, revalidate_if_changed: bool) -> Rebooking:
    """The bookings to write. Raises DomainError when what they rest on has changed."""
    assert plan.result is not None
    kept = tx.unrestricted.plans.problem(plan.id)
    if kept is None:
        raise RuntimeError(f"plan {plan.id} succeeded without a problem")
    state = BookingState.CONFIRMED if confirmed else BookingState.TENTATIVE
    changes = _changes(plan.result["view"], kept.problem)
    rows = moved_rows(tx, versions=kept.row_versions, people=changes.people, demands=changes.demands)
    if not rows:
        return _rebooked(tx, plan, changes, state=state)
    refusal = _refusal(tx, rows, kept)
    if not revalidate_if_changed:
        raise refusal
    rebooking = _rebooked(tx, plan, _read_again(tx, plan, kept, refusal), state=state)
    # A booking that somebody has changed since is not written over, whatever the rules say.
    if {booking.id for booking in (*rebooking.changed, *rebooking.deleted)} & {row.id for row in rows if row.area == "bookings"}:
        raise refusal
    return rebooking


def _rebooked(tx: Transaction, plan: Plan, changes: _Changes, *, state: BookingState) -> Rebooking:
    bookings = [booking for booking in tx.bookings.all() if booking.state is not BookingState.LOCKED]
    return rebook(
        in_force(bookings, changes.before, horizon=changes.horizon),
        changes.written,
        horizon=changes.horizon,
        state=state,
        plan_id=plan.id,
        next_id=lambda: BookingId(new_id()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changes:
    horizon: DateInterval
    written: tuple[PlannedRun, ...]
    before: frozenset[tuple[PersonId, DemandId]]
    """Who is booked on what now, where the plan has it otherwise or not at all."""

    @property
    def people(self) -> set[PersonId]:
        return {run.person_id for run in self.written} | {person for person, _ in self.before}

    @property
    def demands(self) -> set[DemandId]:
        return {run.demand_id for run in self.written} | {demand for _, demand in self.before}


def _changes(view: Mapping[str, Any], problem: Mapping[str, Any]) -> _Changes:
    """What the plan changes in the bookings that its problem was made from."""
    horizon = DateInterval(*(date.fromisoformat(view["horizon"][end]) for end in ("start", "end")))
    standing = {(one["person"]["id"], one["demand"]["id"]) for one in view["assignments"] if one["change"] not in _WRITTEN}
    booked = {(PersonId(run["person"]), DemandId(run["demand"])) for run in problem.get("current", ())}
    written = tuple(_run(one) for one in view["assignments"] if one["change"] in _WRITTEN)
    return _Changes(horizon=horizon, written=written, before=frozenset(booked - standing))


def _read_again(tx: Transaction, plan: Plan, kept: PlanProblem, refusal: DomainError) -> _Changes:
    """The plan's changes to the bookings of now. Raises the refusal, with the broken rules, when the plan does not hold any more."""
    assert plan.result is not None
    view = tx.unrestricted
    rows: dict[str, Any] = {area: view.area(area).all() for area in _SNAPSHOT_AREAS}
    known = frozenset((run["person"], run["demand"]) for run in kept.problem.get("current", ()))
    snapshot = Snapshot(firm=view.firm.get(), **rows)
    again = revalidate(snapshot, request_from_json(plan.request), plan.result["view"], known=known)
    if again.view is None:
        shown = again.broken[:MOVED_SHOWN]
        raise DomainError(
            refusal.kind,
            refusal.code,
            f"{refusal.detail} It would break rules now: {shown[0]}",
            facts={**refusal.facts, "broken": list(shown)},
        )
    return _changes(again.view, again.problem)


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

"""Putting a plan in force: its changes become bookings, all of them or a chosen part, or none."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.access import require
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.permissions import BOOKINGS_OVERBOOK, PLANS_APPLY
from scheduler.domain.staffing.plan_changes import PlanChanges, plan_changes
from scheduler.domain.staffing.plans import Plan, PlanState
from scheduler.domain.staffing.touching import is_own_application
from scheduler.domain.staffing.work import Booking, BookingState
from scheduler.planning.request_json import request_from_json
from scheduler.planning.revalidation import part_breaks, revalidate
from scheduler.planning.snapshot import Snapshot
from scheduler.store import retried
from scheduler.store.moved_rows import hold_what_is_touched, moved_rows
from scheduler.store.plan_booking import MOVED_SHOWN, plan_changed, rebooked, write_bookings

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.movement import Moved
    from scheduler.domain.staffing.plan_changes import PlanPart
    from scheduler.domain.staffing.plans import PlanProblem
    from scheduler.domain.staffing.rebooking import Rebooking
    from scheduler.store import Store, Transaction

_SNAPSHOT_AREAS = tuple(one.name for one in fields(Snapshot) if one.name != "firm")
_NEEDED = (PLANS_APPLY, *(f"{area}:read" for area in ("people", "demands", "projects", "calendars", "absences", "bookings")))
"""Whoever does not see everything that a plan rests on would book over it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyTerms:
    """How a plan is to be applied."""

    confirmed: bool
    """Bookings become confirmed, else tentative."""
    part: PlanPart | None = None
    """Which changes; ``None``: all that were not applied before."""
    revalidate_if_changed: bool = False
    """Check a plan whose rows have changed against them as they are now, and apply it if it breaks no rule."""
    override_reason: str | None = None
    """Why people may be booked beyond their capacity."""
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanApplication:
    """What applying a plan did, or (``dry_run``) would do."""

    plan: Plan
    added: tuple[Booking, ...]
    changed: tuple[Booking, ...]
    deleted: tuple[Booking, ...]
    remaining: tuple[str, ...] = ()
    """Changes of the plan that are not applied yet."""
    other_moves: tuple[Moved, ...] = ()
    """What else has changed since the plan was computed; it does not touch what was applied."""
    dry_run: bool = False


class _OnlyTried(Exception):  # noqa: N818 - not an error: it rolls a dry run back
    def __init__(self, application: PlanApplication) -> None:
        super().__init__()
        self.application = application


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """What is to be applied of a plan."""

    plan: Plan
    kept: PlanProblem
    whole: PlanChanges
    changes: PlanChanges
    """The chosen ones that were not applied before."""
    applied: PlanChanges
    """Those that were."""
    moves: tuple[Moved, ...] = field(default=())
    """What has moved, and does not matter."""


@retried
def apply_plan(
    store: Store,
    *,
    actor: Actor,
    plan_id: str,
    expected_version: int,
    now: datetime,
    terms: ApplyTerms,
    idempotency: IdempotencyClaim | None = None,
) -> PlanApplication:
    """
    Make bookings of a plan's changes, all or a chosen part; the rest can be applied later.

    Bookings that the plan keeps, and locked ones, stay as they are; weeks outside its horizon too.

    Raises
    ------
    DomainError
        ``plan.changed`` (STALE) with the rows that have changed since the plan was computed and matter to the chosen changes, and
        the others beside them; ``plan.superseded`` (CONFLICT) when another plan was applied to them meanwhile;
        ``plan.part_breaks_rules`` (CONFLICT) for a part that does not hold without the rest; ``capacity.exceeded`` (CONFLICT);
        ``plan.already_applied``, ``plan.not_applicable`` (CONFLICT); ``version.stale``. Nothing is changed then.
    """
    try:
        with store.begin(actor, now=now, idempotency=None if terms.dry_run else idempotency) as tx:
            before = tx.plans.get(plan_id)
            application = apply_in(tx, plan_id=plan_id, expected_version=expected_version, now=now, terms=terms)
            if terms.dry_run:
                raise _OnlyTried(replace(application, plan=before, dry_run=True))
            return tx.answer(application)
    except _OnlyTried as tried:
        return tried.application


def apply_in(tx: Transaction, *, plan_id: str, expected_version: int | None, now: datetime, terms: ApplyTerms) -> PlanApplication:
    """As ``apply_plan``, within a transaction that does more; without a version the plan may be any."""
    plan = _applicable(tx, plan_id, expected_version=expected_version)
    if terms.override_reason is not None:
        require(tx.actor, BOOKINGS_OVERBOOK)
        tx.allow_excess(terms.override_reason)
    chosen, rebooking = _rebooking(tx, _chosen(tx, plan, terms), terms)
    return _applied(tx, chosen, rebooking, now=now)


def _applicable(tx: Transaction, plan_id: str, *, expected_version: int | None) -> Plan:
    plan = tx.plans.get(plan_id)
    for permission in _NEEDED:
        require(tx.actor, permission)
    plan.require_of_live_rows()
    if plan.applied_at is not None and plan.applied_changes is None:
        raise _already_applied(plan)
    if expected_version is not None and plan.version != expected_version:
        if plan.applied_at is not None:
            # Whoever repeats an application has the version of before it.
            raise _already_applied(plan)
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


def _already_applied(plan: Plan) -> DomainError:
    assert plan.applied_at is not None
    detail = (
        f"The plan, or the chosen part of it, was applied on {plan.applied_at:%Y-%m-%d at %H:%M} UTC; it cannot be applied twice."
        " To apply what is left of it, read it again and choose that."
    )
    return DomainError(ErrorKind.CONFLICT, "plan.already_applied", detail, facts={"applied_at": plan.applied_at.isoformat()})


def _chosen(tx: Transaction, plan: Plan, terms: ApplyTerms) -> _Chosen:
    assert plan.result is not None
    kept = tx.unrestricted.plans.problem(plan.id)
    if kept is None:
        raise RuntimeError(f"plan {plan.id} succeeded without a problem")
    whole = plan_changes(plan.result["view"], kept.problem)
    ids = {change.id for change in whole.changes} if terms.part is None else terms.part.of(whole)
    done = frozenset(plan.applied_changes or ())
    if plan.applied_at is not None and not ids - done:
        raise _already_applied(plan)
    return _Chosen(plan=plan, kept=kept, whole=whole, changes=whole.only(ids - done), applied=whole.only(done))


def _rebooking(tx: Transaction, chosen: _Chosen, terms: ApplyTerms) -> tuple[_Chosen, Rebooking]:
    """The bookings to write. Raises DomainError when what they rest on has changed, or the part does not hold by itself."""
    touched = hold_what_is_touched(tx, chosen.changes)
    rows, others = moved_rows(tx, versions=chosen.kept.row_versions, touched=touched, ignored=lambda *row: _is_our_own(chosen, *row))
    chosen = replace(chosen, moves=tuple(others))
    state = BookingState.CONFIRMED if terms.confirmed else BookingState.TENTATIVE
    if not rows:
        _check_part(tx, chosen)
        return chosen, rebooked(tx, chosen.changes, state=state, plan_id=chosen.plan.id)
    refusal = plan_changed(tx, rows, others, chosen.kept)
    if not terms.revalidate_if_changed or len(chosen.changes.changes) < len(chosen.whole.changes):
        raise refusal
    chosen = replace(chosen, changes=_read_again(tx, chosen, refusal))
    rebooking = rebooked(tx, chosen.changes, state=state, plan_id=chosen.plan.id)
    # A booking that somebody has changed since is not written over, whatever the rules say.
    if {booking.id for booking in (*rebooking.changed, *rebooking.deleted)} & {row.id for row in rows if row.area == "bookings"}:
        raise refusal
    return chosen, rebooking


def _is_our_own(chosen: _Chosen, area: str, was: Any, now: Any) -> bool:
    """Whether the plan's own application, of an earlier part, moved the row."""
    return is_own_application(area, was, now, plan_id=chosen.plan.id, applied=chosen.applied.pairs)


def _check_part(tx: Transaction, chosen: _Chosen) -> None:
    """A part of a plan has to hold without the rest."""
    if len(chosen.changes.changes) + len(chosen.applied.changes) == len(chosen.whole.changes):
        return
    result = tx.unrestricted.plans.get(chosen.plan.id).result  # with prices, which a planner has no sight of
    assert result is not None
    broken = part_breaks(chosen.kept.problem, result["answer"], applied=chosen.applied.pairs, chosen=chosen.changes.pairs)
    if broken:
        detail = f"The chosen part does not hold without the rest of the plan: {broken[0]} Choose more of it, or less; nothing was applied."
        raise DomainError(ErrorKind.CONFLICT, "plan.part_breaks_rules", detail, facts={"broken": list(broken[:MOVED_SHOWN])})


def _read_again(tx: Transaction, chosen: _Chosen, refusal: DomainError) -> PlanChanges:
    """The plan's changes to the bookings of now. Raises the refusal, with the broken rules, when the plan does not hold any more."""
    plan = chosen.plan
    assert plan.result is not None
    view = tx.unrestricted
    rows: dict[str, Any] = {area: view.area(area).all() for area in _SNAPSHOT_AREAS}
    known = frozenset((run["person"], run["demand"]) for run in chosen.kept.problem.get("current", ()))
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
    return plan_changes(again.view, again.problem)


def _applied(tx: Transaction, chosen: _Chosen, rebooking: Rebooking, *, now: datetime) -> PlanApplication:
    added, changed = write_bookings(tx, chosen.changes, rebooking)
    done = {*(chosen.plan.applied_changes or ()), *(change.id for change in chosen.changes.changes)}
    applied = replace(chosen.plan, applied_at=now, applied_by=tx.actor.id, applied_changes=tuple(sorted(done)))
    return PlanApplication(
        plan=tx.plans.save(applied),
        added=added,
        changed=changed,
        deleted=rebooking.deleted,
        remaining=tuple(change.id for change in chosen.whole.changes if change.id not in done),
        other_moves=chosen.moves,
    )

"""Making a scenario real: its changes become live rows, with the bookings of its plan, all at once or not at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.access import require
from scheduler.domain.ground.bill_rates import BillRate, check_rate_alone
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.permissions import BOOKINGS_OVERBOOK, PLANS_APPLY
from scheduler.domain.staffing.booking_moves import Mover, require_moves
from scheduler.domain.staffing.change_orders import check_value_stays
from scheduler.domain.staffing.leave import check_by_hand
from scheduler.domain.staffing.people import Absence, Person
from scheduler.domain.staffing.plan_changes import PlanChanges, plan_changes
from scheduler.domain.staffing.plans import Plan, PlanState
from scheduler.domain.staffing.scenario_changes import with_scenarios
from scheduler.domain.staffing.work import Booking, BookingState, Project
from scheduler.planning.price_changes import check_approved_stays
from scheduler.store import View, retried
from scheduler.store.approved_hours import ApprovedWork
from scheduler.store.moved_rows import hold_what_is_touched, moved_rows
from scheduler.store.plan_booking import plan_changed, rebooked, write_bookings
from scheduler.store.scenario_stack import live_rows, stack_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.scenario_rows import RowsDiffer
    from scheduler.domain.staffing.scenarios import Scenario
    from scheduler.store import Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioTerms:
    """How a scenario is to be applied."""

    plan_id: str | None = None
    """Its plan whose bookings are made as well; ``None``: its changes alone."""
    confirmed: bool = False
    """The plan's bookings become confirmed, else tentative."""
    override_reason: str | None = None
    """Why people may be booked beyond their capacity."""
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRow:
    """A live row that became another."""

    area: str
    id: str
    change: str
    """``added``, ``changed`` or ``deleted``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioApplication:
    """What applying a scenario did, or (``dry_run``) would do."""

    scenario: Scenario
    scenario_ids: tuple[str, ...]
    """The scenarios whose changes are live now: those it stands on, and itself."""
    rows: tuple[WrittenRow, ...]
    plan: Plan | None = None
    dry_run: bool = False


class _OnlyTried(Exception):  # noqa: N818 - not an error: it rolls a dry run back
    def __init__(self, application: ScenarioApplication) -> None:
        super().__init__()
        self.application = application


@retried
def apply_scenario(
    store: Store,
    *,
    actor: Actor,
    scenario_id: str,
    expected_version: int,
    now: datetime,
    terms: ScenarioTerms,
    idempotency: IdempotencyClaim | None = None,
) -> ScenarioApplication:
    """
    Write the changes of a scenario, and of those it stands on, to the live rows; with a plan, its bookings too.

    Every row is written as its author would write it one by one: with the same rights, capacity counters and audit.

    Raises
    ------
    DomainError
        ``scenario.does_not_fit`` (CONFLICT), ``scenario.applied``, ``scenario.plan_outdated``, ``plan.changed`` (STALE),
        ``plan.superseded``, ``plan.already_applied``, ``plan.not_applicable``, ``capacity.exceeded``, ``version.stale``,
        ``access.denied``, ``field.not_allowed``. Nothing is changed then.
    """
    try:
        with store.begin(actor, now=now, idempotency=None if terms.dry_run else idempotency) as tx:
            stack = _stack(tx, scenario_id, expected_version=expected_version)
            if terms.override_reason is not None:
                require(actor, BOOKINGS_OVERBOOK)
                tx.allow_excess(terms.override_reason)
            planned = None if terms.plan_id is None else _planned(tx, terms.plan_id, stack)
            rows = _write(tx, _differ(tx, stack))
            plan, booked = (None, ()) if planned is None else _book(tx, *planned, terms=terms, now=now)
            tx.settle_days()
            saved = [tx.area("scenarios").save(one.applied(by=actor.id, at=now)) for one in stack]
            application = ScenarioApplication(
                scenario=saved[-1], scenario_ids=tuple(one.id for one in stack), rows=(*rows, *booked), plan=plan
            )
            if terms.dry_run:
                raise _OnlyTried(replace(application, scenario=stack[-1], dry_run=True))
            return tx.answer(application)
    except _OnlyTried as tried:
        return tried.application


def _stack(tx: Transaction, scenario_id: str, *, expected_version: int) -> tuple[Scenario, ...]:
    repository = tx.area("scenarios")
    scenario: Scenario = repository.get(scenario_id)
    repository.require_change(scenario_id)
    scenario.require_open()
    if scenario.version != expected_version:
        raise DomainError(
            ErrorKind.STALE,
            "version.stale",
            f"The scenario has changed: yours is version {expected_version}, the current one is {scenario.version}. Read it again.",
            facts={"area": "scenarios", "id": scenario_id, "given_version": expected_version, "current_version": scenario.version},
        )
    return stack_of(repository, scenario)


def _planned(tx: Transaction, plan_id: str, stack: Sequence[Scenario]) -> tuple[Plan, PlanChanges]:
    """The plan and its changes, once what they rest on is locked and has not moved."""
    plan = tx.plans.get(plan_id)
    require(tx.actor, PLANS_APPLY)
    kept = tx.unrestricted.plans.problem(plan.id)
    _require_applicable(plan, stack[-1])
    if kept is None:
        raise RuntimeError(f"plan {plan.id} succeeded without a problem")
    if kept.row_versions.get("scenarios") != {one.id: one.version for one in stack}:
        detail = "The scenario, or one that it stands on, was edited or applied since the plan was computed; plan it again."
        raise DomainError(ErrorKind.CONFLICT, "scenario.plan_outdated", detail)
    assert plan.result is not None
    changes = plan_changes(plan.result["view"], kept.problem)
    versions = {area: rows for area, rows in kept.row_versions.items() if area != "scenarios"}
    moved, others = moved_rows(tx, versions=versions, touched=hold_what_is_touched(tx, changes), ignored=lambda *_: False)
    if moved:
        raise plan_changed(tx, moved, others, kept)
    return plan, changes


def _require_applicable(plan: Plan, scenario: Scenario) -> None:
    if plan.scenario_id != scenario.id:
        detail = "The plan was computed for something else; give one that was asked for with this scenario_id."
        raise DomainError(ErrorKind.CONFLICT, "plan.of_other_scenario", detail, facts={"scenario_id": plan.scenario_id})
    if plan.applied_at is not None:
        detail = f"The plan was applied on {plan.applied_at:%Y-%m-%d at %H:%M} UTC; it cannot be applied twice."
        raise DomainError(ErrorKind.CONFLICT, "plan.already_applied", detail, facts={"applied_at": plan.applied_at.isoformat()})
    if plan.state is not PlanState.SUCCEEDED or not plan.result or plan.result["view"]["assignments"] is None:
        detail = f"The plan is {plan.state} and has no assignments to apply; only a plan that succeeded with assignments can be applied."
        raise DomainError(ErrorKind.CONFLICT, "plan.not_applicable", detail, facts={"state": str(plan.state)})


def _differ(tx: Transaction, stack: Sequence[Scenario]) -> RowsDiffer:
    """What differs from the live rows as they are once the days of everybody concerned are locked."""
    view = View(tx.connection, tx.actor)
    live = live_rows(view)
    concerned = with_scenarios(live, stack).differ(live)
    rows = [value for part in (concerned.added, concerned.changed, concerned.deleted) for _, value in part]
    tx.hold_days(people=_people(rows), demands=[one.demand_id for one in rows if isinstance(one, Booking) and one.demand_id is not None])
    live = live_rows(view)
    return with_scenarios(live, stack).differ(live)


def _people(rows: Iterable[Any]) -> set[str]:
    return {one.id if isinstance(one, Person) else one.person_id for one in rows if isinstance(one, Person | Absence | Booking)}


def _write(tx: Transaction, differ: RowsDiffer) -> tuple[WrittenRow, ...]:
    if any(area == "bill_rates" for area, _ in (*differ.added, *differ.changed)):
        tx.firm.lock()  # so of two rates written at the same time one sees the other
    states = [value for part in (differ.added, differ.changed, differ.deleted) for _, value in part]
    before = tx.bookings.many(value.id for _, value in differ.changed if isinstance(value, Booking))
    require_moves(tx.actor, [*before, *(one for one in states if isinstance(one, Booking))], Mover.HAND)
    for project in (value for _, value in differ.changed if isinstance(value, Project)):
        check_value_stays(tx.projects.get(project.id), project, tx.unrestricted.area("change_orders").matching(project_id=project.id))
    absences = [one for one in states if isinstance(one, Absence)]
    if absences:
        live = tx.unrestricted.absences.many(one.id for one in absences)
        check_by_hand(tx.actor, [*live, *absences], kinds=tx.unrestricted.area("absence_kinds").all())
    for area, value in differ.added:
        tx.area(area).add(value)
    for area, value in differ.changed:
        tx.area(area).save(value)
    for area, value in differ.deleted:
        tx.area(area).delete(value.id, value.version)
    _check_rates(tx, differ)
    check_approved_stays(ApprovedWork(tx))
    parts = (("added", differ.added), ("changed", differ.changed), ("deleted", differ.deleted))
    return tuple(WrittenRow(area=area, id=value.id, change=change) for change, part in parts for area, value in part)


def _check_rates(tx: Transaction, differ: RowsDiffer) -> None:
    """Bill rates stand beside all others as they do beside those in sight."""
    written = [value for part in (differ.added, differ.changed) for _, value in part if isinstance(value, BillRate)]
    if written:
        now, home = tx.unrestricted.bill_rates.all(), tx.unrestricted.firm.get().currency
        for rate in written:
            check_rate_alone(rate, now, home=home)


def _book(tx: Transaction, plan: Plan, changes: PlanChanges, *, terms: ScenarioTerms, now: datetime) -> tuple[Plan, tuple[WrittenRow, ...]]:
    state = BookingState.CONFIRMED if terms.confirmed else BookingState.TENTATIVE
    rebooking = rebooked(tx, changes, state=state, plan_id=plan.id)
    added, changed = write_bookings(tx, changes, rebooking)
    applied = replace(plan, applied_at=now, applied_by=tx.actor.id, applied_changes=tuple(sorted(change.id for change in changes.changes)))
    parts = (("added", added), ("changed", changed), ("deleted", rebooking.deleted))
    rows = tuple(WrittenRow(area="bookings", id=booking.id, change=change) for change, part in parts for booking in part)
    return tx.plans.save(applied), rows

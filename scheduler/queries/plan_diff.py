"""What applying a plan would change of people's weeks, against the bookings as they are now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import BookingId, PersonId
from scheduler.domain.ground.permissions import PLANS_READ, Role
from scheduler.domain.staffing.booked_minutes import monday_of
from scheduler.domain.staffing.booking_moves import Mover, may_ever_move
from scheduler.domain.staffing.over_capacity import PlannedMinutes
from scheduler.domain.staffing.plan_changes import change_id, plan_changes
from scheduler.domain.staffing.rebooking import in_force, rebook
from scheduler.domain.staffing.work import BookingState
from scheduler.store import View, cursor, retried
from scheduler.store.capacity_ledger import settled_days
from scheduler.store.capacity_reading import efforts_of, read_basis

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.ids import DemandId
    from scheduler.domain.ground.paging import PageRequest
    from scheduler.domain.staffing.person_days import Load
    from scheduler.domain.staffing.plan_changes import PlanChanges
    from scheduler.domain.staffing.plans import Plan
    from scheduler.domain.staffing.work import Booking, WeekEffort
    from scheduler.store import Store
    from scheduler.store.capacity_reading import Basis

_NEEDED = (PLANS_READ, *(f"{area}:read" for area in ("people", "demands", "projects", "calendars", "absences", "bookings")))

Minutes = dict[tuple[PersonId, "date"], dict["DemandId | None", int]]
"""By person and week, what each demand takes (``None``: all that is booked on no demand)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffPart:
    """What changes of one demand in somebody's week. ``id``: of the plan's change, to choose it."""

    id: str
    demand_id: DemandId
    before_min: int
    after_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonWeek:
    """A week of somebody's that the plan changes."""

    person_id: PersonId
    name: str
    week: date
    capacity_min: int
    before_min: int
    after_min: int
    parts: tuple[DiffPart, ...]

    @property
    def place(self) -> tuple[str, str]:
        """Where it stands in the list."""
        return self.name, f"{self.person_id} {self.week.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDiff:
    """One page of weeks, and sums over all of them."""

    items: tuple[PersonWeek, ...]
    next_cursor: str | None
    before_min: int
    after_min: int
    remaining: tuple[str, ...]
    """Changes that are not applied yet."""


@retried
def plan_diff(store: Store, *, actor: Actor, plan_id: str, page: PageRequest) -> PlanDiff:
    """
    What is left to be applied of a plan, by person and week, in the order of names.

    Raises DomainError ``record.not_found``, ``access.denied``, ``plan.not_applicable`` for a plan without assignments, ``cursor.invalid``.
    """
    with store.read(actor) as seen:
        seen.plans.get(plan_id)
        for permission in _NEEDED:
            require(actor, permission)
        view = View(seen.connection, replace(actor, role=Role.SYSTEM, scopes=None))
        plan = view.plans.get(plan_id)
        plan.require_of_live_rows()
        changes = _left(view, plan)
        weeks = sorted(_weeks(view, plan, changes), key=lambda one: one.place)
    area = f"plan_diff {plan_id}"
    after = cursor.position(page, area)
    rest = [one for one in weeks if after is None or one.place > after]
    shown = rest[: page.limit]
    return PlanDiff(
        items=tuple(shown),
        next_cursor=cursor.encode(page, area, None, *shown[-1].place) if len(rest) > len(shown) else None,
        before_min=sum(one.before_min for one in weeks),
        after_min=sum(one.after_min for one in weeks),
        remaining=tuple(change.id for change in changes.changes),
    )


def _left(view: View, plan: Plan) -> PlanChanges:
    kept = view.plans.problem(plan.id)
    if kept is None or not plan.result or plan.result["view"]["assignments"] is None:
        detail = f"The plan is {plan.state} and has no assignments; there is nothing to compare with the bookings."
        raise DomainError(ErrorKind.CONFLICT, "plan.not_applicable", detail, facts={"state": str(plan.state)})
    whole = plan_changes(plan.result["view"], kept.problem)
    is_whole_applied = plan.applied_at is not None and plan.applied_changes is None
    done = {change.id for change in whole.changes} if is_whole_applied else set(plan.applied_changes or ())
    return whole.only(change.id for change in whole.changes if change.id not in done)


def _weeks(view: View, plan: Plan, changes: PlanChanges) -> Iterator[PersonWeek]:
    people = {person for person, _ in changes.pairs}
    basis = read_basis(view, people, also=changes.horizon)
    planned = PlannedMinutes(horizon=changes.horizon, minutes=changes.minutes)
    after, written = _with_plan(basis, plan, changes, efforts=efforts_of(view.connection, {demand for _, demand in changes.pairs}))
    booked = {person for person in people if after.bookings.get(person) or after.loads.get(person)}
    settled = settled_days(after, booked, written=written, planned=planned)
    minutes_before = _by_week(basis, {person: basis.loads.get(person, {}) for person in people})
    minutes_after = _by_week(after, {person: one.loads for person, one in settled.items()})
    availability = {person: after.availability(person) for person in {one for one, _ in (*minutes_before, *minutes_after)}}
    for person, week in sorted({*minutes_before, *minutes_after}):
        before, now = minutes_before.get((person, week), {}), minutes_after.get((person, week), {})
        if before != now and week in changes.horizon:
            known = basis.people.get(person)
            yield PersonWeek(
                person_id=person,
                name=known.name if known is not None else person,
                week=week,
                capacity_min=sum(day.bookable_min for day in availability[person].week(week)),
                before_min=sum(before.values()),
                after_min=sum(now.values()),
                parts=tuple(_parts(person, before, now)),
            )


def _parts(person: PersonId, before: Mapping[DemandId | None, int], after: Mapping[DemandId | None, int]) -> Iterator[DiffPart]:
    for demand in sorted(one for one in {*before, *after} if one is not None and before.get(one, 0) != after.get(one, 0)):
        yield DiffPart(id=change_id(person, demand), demand_id=demand, before_min=before.get(demand, 0), after_min=after.get(demand, 0))


def _with_plan(
    basis: Basis, plan: Plan, changes: PlanChanges, *, efforts: Mapping[DemandId, tuple[WeekEffort, ...]]
) -> tuple[Basis, set[str]]:
    """The bookings as applying the plan would leave them, and which of them it would write."""
    everything = [booking for row in basis.bookings.values() for booking in row]
    numbers = iter(range(len(everything) + 2 * len(changes.changes) + 1))
    done = rebook(
        in_force((b for b in everything if may_ever_move(b, Mover.PLAN)), changes.pairs, horizon=changes.horizon),
        changes.written,
        horizon=changes.horizon,
        state=BookingState.TENTATIVE,
        plan_id=plan.id,
        next_id=lambda: BookingId(f"new {next(numbers)}"),
    )
    gone = {booking.id for booking in (*done.changed, *done.deleted)}
    grouped: dict[PersonId, list[Booking]] = {}
    for booking in (*(one for one in everything if one.id not in gone), *done.changed, *done.added):
        grouped.setdefault(booking.person_id, []).append(booking)
    bookings = {person: tuple(row) for person, row in grouped.items()}
    written: set[str] = {booking.id for booking in (*done.changed, *done.added)}
    return replace(basis, bookings=bookings, efforts={**basis.efforts, **efforts}), written


def _by_week(basis: Basis, loads: Mapping[PersonId, Mapping[BookingId, Load]]) -> Minutes:
    demand_of = {booking.id: booking.demand_id for row in basis.bookings.values() for booking in row}
    found: Minutes = {}
    for person, row in loads.items():
        for load in row.values():
            start = monday_of(load.period.start)
            for number, minutes in enumerate(load.minutes):
                if minutes:
                    week = found.setdefault((person, start + timedelta(weeks=number)), {})
                    demand = demand_of.get(load.booking_id)
                    week[demand] = week.get(demand, 0) + minutes
    return found

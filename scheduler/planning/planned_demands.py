"""
Demands as a plan sees them: moved to where the plan in force has them, cut to the horizon, less what stays booked.

The plan in force is the origin: when bookings have moved a demand by some weeks, its effort is moved by as many and the
range of its shift counts from there. So a demand that was moved and has begun keeps its remaining weeks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from scheduler.domain.staffing.work import BookingState
from scheduler.planning.bookings import overlaps, promised_by
from scheduler.planning.wording import Statement, hours, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scheduler.domain.ground.ids import DemandId, PersonId, ProjectId
    from scheduler.domain.staffing.work import Booking, Demand, Project
    from scheduler.planning.availability import Availability
    from scheduler.planning.time_grid import TimeGrid


NOTHING: Mapping[str, str] = MappingProxyType({})
SHARED = "people outside of the plan are booked on it"
"""Reason of a demand that stays whole as it is: shares are of the whole effort, so what those inside do depends on those outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDemand:
    """A demand inside the horizon."""

    demand: Demand
    project: Project
    effort: tuple[int, ...]
    """Minutes still to be staffed in each week."""
    base_shift: int
    shift: tuple[int, int]
    """Weeks it may move, from ``base_shift`` on."""
    max_people: int
    never: frozenset[PersonId]
    runs: tuple[Booking, ...] = ()
    """Bookings that are runs of it: the plan in force."""

    @property
    def window(self) -> tuple[int, int]:
        """First and last week with effort."""
        wanted = [t for t, minutes in enumerate(self.effort) if minutes]
        return wanted[0], wanted[-1]

    @property
    def reach(self) -> tuple[int, int]:
        """First and last week that some allowed shift may bring its window to, inside the horizon."""
        first, last = self.window
        inside = [s for s in range(self.shift[0], self.shift[1] + 1) if first + s >= 0 and last + s < len(self.effort)] or [0]
        return first + inside[0], last + inside[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A demand's effort moved by the plan in force, and what of it lies outside the horizon."""

    effort: tuple[int, ...]
    before_min: int
    after_min: int


def plan_demands(
    demands: Iterable[Demand],
    *,
    projects: Mapping[ProjectId, Project],
    bookings: Sequence[Booking],
    people: Mapping[PersonId, Availability],
    grid: TimeGrid,
    aside: Mapping[str, str] = NOTHING,
) -> tuple[list[PlannedDemand], list[Statement]]:
    """
    The demands of ``projects`` with effort in the horizon; a statement for all that is dropped or held still.

    The bookings of demands that are put ``aside``, each with its reason in words, stay as they are, and are no runs.
    """
    chosen = sorted((d for d in demands if d.project_id in projects), key=lambda d: d.id)
    booked: dict[DemandId, list[Booking]] = {}
    for booking in sorted(bookings, key=_precedence):
        if booking.demand_id is not None:
            booked.setdefault(booking.demand_id, []).append(booking)
    live = {d: [b for b in found if overlaps(b, grid) and b.person_id in people] for d, found in booked.items()}
    aside = {**_booked_twice(live, people=people), **aside}
    planned: list[PlannedDemand] = []
    statements: list[Statement] = []
    for unit in _units(chosen, projects):
        shift = next((b.shift_weeks for d in unit for b in booked.get(d.id, ()) if b.state is BookingState.LOCKED), None)
        if shift is None:
            shift = next((b.shift_weeks for d in unit for b in booked.get(d.id, ())), 0)
        cuts = {d.id: _cut(d, shift=shift, grid=grid) for d in unit}
        held = any((c.before_min or c.after_min) and any(c.effort) for c in cuts.values()) or any(d.id in aside for d in unit)
        for demand in unit:
            one = _planned(demand, projects[demand.project_id], cut=cuts[demand.id], base_shift=shift, held=held)
            statements += _cut_statements(one, cuts[demand.id], held=held)
            if any(one.effort):
                one, said = _with_bookings(one, live.get(demand.id, []), people=people, grid=grid, stays=aside.get(demand.id))
                statements += said
            if any(one.effort):
                planned.append(one)
    return planned, statements


def _precedence(booking: Booking) -> tuple[bool, str, str]:
    return (booking.state is not BookingState.LOCKED, booking.period.start.isoformat(), booking.id)


def _units(demands: Sequence[Demand], projects: Mapping[ProjectId, Project]) -> list[list[Demand]]:
    """Demands that move together: all of a project that moves as one, else each for itself."""
    units: dict[str, list[Demand]] = {}
    for demand in demands:
        moves_as_one = projects[demand.project_id].shift_weeks is not None
        units.setdefault(f"p:{demand.project_id}" if moves_as_one else f"d:{demand.id}", []).append(demand)
    return list(units.values())


def _cut(demand: Demand, *, shift: int, grid: TimeGrid) -> Cut:
    effort = [0] * grid.weeks
    before_min = after_min = 0
    for wanted in demand.effort:
        index = grid.index(wanted.week) + shift
        if index < 0:
            before_min += wanted.minutes
        elif index >= grid.weeks:
            after_min += wanted.minutes
        else:
            effort[index] += wanted.minutes
    return Cut(effort=tuple(effort), before_min=before_min, after_min=after_min)


def _planned(demand: Demand, project: Project, *, cut: Cut, base_shift: int, held: bool) -> PlannedDemand:
    low, high = project.shift_weeks or demand.shift_weeks
    return PlannedDemand(
        demand=demand,
        project=project,
        effort=cut.effort,
        base_shift=base_shift,
        shift=(0, 0) if held else (low - base_shift, high - base_shift),
        max_people=demand.max_people,
        never=demand.never,
    )


def _cut_statements(planned: PlannedDemand, cut: Cut, *, held: bool) -> Iterable[Statement]:
    demand, project = planned.demand, planned.project
    if cut.before_min or cut.after_min:
        spans = [f"{hours(m)} {where} it" for m, where in ((cut.before_min, "before"), (cut.after_min, "after")) if m]
        yield Statement(
            code="effort.outside_horizon",
            subject="demand",
            id=demand.id,
            name=demand.name,
            text=f"{demand.name} ({project.name}): only effort inside the horizon is planned; dropped: {' and '.join(spans)}.",
            facts={"before_min": cut.before_min, "after_min": cut.after_min, "inside_min": sum(cut.effort)},
        )
    movable = (project.shift_weeks or demand.shift_weeks) != (0, 0)
    if held and movable and any(cut.effort):
        yield Statement(
            code="shift.held",
            subject="demand",
            id=demand.id,
            name=demand.name,
            text=f"{demand.name} ({project.name}) stays where it is: the horizon cuts it, bookings that stay hold it, or work that"
            " moves with it.",
        )
    if project.shift_weeks is not None and demand.shift_weeks != (0, 0):
        yield Statement(
            code="shift.of_project",
            subject="demand",
            id=demand.id,
            name=demand.name,
            text=f"{demand.name} moves with its project {project.name}; its own shift range is not used.",
        )


def _booked_twice(booked: Mapping[DemandId, Sequence[Booking]], *, people: Mapping[PersonId, Availability]) -> dict[str, str]:
    """Demands that somebody is booked on more than once, with that in words: a plan has one run of a person on a demand."""
    found: dict[str, str] = {}
    for demand_id, bookings in booked.items():
        pairs = [b.person_id for b in bookings]
        if twice := sorted({person_id for person_id in pairs if pairs.count(person_id) > 1}):
            found[demand_id] = f"{some(people[i].person.name for i in twice)} is booked on it more than once"
    return found


def _with_bookings(
    planned: PlannedDemand, bookings: Sequence[Booking], *, people: Mapping[PersonId, Availability], grid: TimeGrid, stays: str | None
) -> tuple[PlannedDemand, list[Statement]]:
    """
    The demand with its bookings as runs; or, when they stay for the reason ``stays``, with no effort to plan.

    All of them stay then and the rest is not planned: shares are of the whole effort, so a share of the rest would promise another
    amount as soon as it is booked.
    """
    if stays is None:
        return replace(planned, runs=tuple(bookings)), []
    left = list(planned.effort)
    for booking in bookings:
        for t, promised in enumerate(promised_by(booking, demand=planned.demand, availability=people[booking.person_id], grid=grid)):
            left[t] = max(0, left[t] - promised)
    return replace(planned, effort=(0,) * grid.weeks), [_stay_statement(planned, bookings, why=stays, left_min=sum(left))]


def _stay_statement(planned: PlannedDemand, bookings: Sequence[Booking], *, why: str, left_min: int) -> Statement:
    demand = planned.demand
    return Statement(
        code="booking.not_a_run",
        subject="demand",
        id=demand.id,
        name=demand.name,
        text=f"{demand.name} ({planned.project.name}): {why}, which a plan cannot change, so all"
        f" its bookings stay as they are and take capacity; the other {hours(left_min)} are not planned.",
        facts={"bookings": [b.id for b in bookings], "remaining_min": left_min},
    )

"""
Which demands a plan with a narrower scope takes in, and what people outside of it mean for them.

Whoever is outside keeps every booking. So a demand they are booked on stays as it is, and groups of people who work apart or together
are kept with those outside where they are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.staffing.plan_scope import DemandState
from scheduler.planning.bookings import overlaps, promised_by
from scheduler.planning.planned_demands import SHARED
from scheduler.planning.wording import Statement, count

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from scheduler.domain.ground.ids import PersonId, ProjectId
    from scheduler.domain.staffing.work import Booking, Project
    from scheduler.planning.availability import Availability
    from scheduler.planning.planned_demands import PlannedDemand
    from scheduler.planning.request import PlanRequest
    from scheduler.planning.time_grid import TimeGrid

_ROUNDING = 1_000


def shared_demands(bookings: Sequence[Booking], *, inside: Collection[PersonId], grid: TimeGrid) -> dict[str, str]:
    """Demands that somebody outside is booked on in the horizon, with the reason why their bookings stay."""
    return {b.demand_id: SHARED for b in bookings if b.demand_id is not None and b.person_id not in inside and overlaps(b, grid)}


def demands_in_scope(
    demands: Sequence[PlannedDemand], *, request: PlanRequest, people: Mapping[PersonId, Availability]
) -> tuple[list[PlannedDemand], list[Statement]]:
    """
    The demands with the skills and in the states asked for, and a statement of how many others there are.

    A project that is all or nothing, or that moves as one, is taken in whole as soon as one of its demands is.
    """
    wanted = {d.demand.id for d in demands if _is_wanted(d, request, people)}
    whole = {d.project.id for d in demands if d.demand.id in wanted and (d.project.all_or_nothing or d.project.shift_weeks is not None)}
    chosen = [d for d in demands if d.demand.id in wanted or d.project.id in whole]
    others = [d.demand.id for d in demands if d.demand.id not in wanted and d.project.id not in whole]
    if not others:
        return chosen, []
    text = f"{count(len(others), 'demand')} outside of the plan's skills or states: not planned, and their bookings stay."
    return chosen, [Statement(code="demand.outside_scope", subject="plan", text=text, facts={"demands": others})]


def _is_wanted(planned: PlannedDemand, request: PlanRequest, people: Mapping[PersonId, Availability]) -> bool:
    if request.skill_ids is not None and not request.skill_ids & planned.demand.requires.keys():
        return False
    return request.demand_states is None or demand_state(planned, people, grid=request.grid) in request.demand_states


def demand_state(planned: PlannedDemand, people: Mapping[PersonId, Availability], *, grid: TimeGrid) -> DemandState:
    """How much of the demand's effort in the horizon is promised by bookings."""
    promised = sum(sum(promised_by(run, demand=planned.demand, availability=people[run.person_id], grid=grid)) for run in planned.runs)
    if promised == 0:
        return DemandState.OPEN
    open_min = sum(planned.effort) - promised
    return DemandState.BOOKED if open_min * _ROUNDING < sum(planned.effort) else DemandState.PARTLY_BOOKED


def with_group_bars(
    demands: Sequence[PlannedDemand], *, bookings: Sequence[Booking], inside: Collection[PersonId], grid: TimeGrid
) -> list[PlannedDemand]:
    """
    The demands, closed to whoever would meet somebody outside whom they are kept apart from, or be there without whom they work with.

    Whoever is booked on the project already is not turned out by that.
    """
    booked: dict[ProjectId, set[PersonId]] = {}
    for booking in bookings:
        if overlaps(booking, grid):
            booked.setdefault(booking.project_id, set()).add(booking.person_id)
    barred = {p.id: _barred(p, holders=booked.get(p.id, set()), inside=inside) for p in {d.project.id: d.project for d in demands}.values()}
    return [replace(d, never=d.never | barred[d.project.id]) if barred[d.project.id] else d for d in demands]


def _barred(project: Project, *, holders: Collection[PersonId], inside: Collection[PersonId]) -> frozenset[PersonId]:
    found: set[PersonId] = set()
    for group in project.apart:
        if any(one in holders for one in group if one not in inside):
            found |= group
    for group in project.together:
        if any(one not in holders for one in group if one not in inside):
            found |= group
    return frozenset(found - set(holders))

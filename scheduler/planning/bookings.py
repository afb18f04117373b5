"""Bookings as runs of a plan in force, and as minutes that stay and take capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.staffing.booked_minutes import promised_by_week, taken_by_week
from scheduler.planning.fractions import e4
from solver_models.staffing.problem import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scheduler.domain.ground.ids import DemandId
    from scheduler.domain.staffing.work import Booking, Demand
    from scheduler.planning.availability import Availability
    from scheduler.planning.time_grid import TimeGrid


def overlaps(booking: Booking, grid: TimeGrid) -> bool:
    """Whether the booking has a day in the horizon."""
    return booking.period.overlaps(grid.days)


def as_run(booking: Booking, *, base_shift: int, grid: TimeGrid) -> Run | None:
    """The part of a demand's booking inside the horizon as a run; ``None`` when there is none, or when it is on no demand."""
    start, end = booking.period.start, booking.period.end
    if booking.demand_id is None or booking.share is None:
        return None
    weeks = grid.clip(grid.index(start), grid.weeks - 1 if end is None else grid.index(end) - 1)
    if weeks is None:
        return None
    return Run(
        person=booking.person_id,
        demand=booking.demand_id,
        share_e4=e4(booking.share),
        first=weeks[0],
        last=weeks[1],
        shift=booking.shift_weeks - base_shift,
    )


def promised_by(booking: Booking, *, demand: Demand | None, availability: Availability, grid: TimeGrid) -> tuple[int, ...]:
    """Minutes the booking promises in each week of the horizon; see ``promised_by_week``."""
    effort = None if demand is None else demand.effort
    return promised_by_week(booking, effort=effort, start=grid.start, days=availability.days)


def taken_by(promised: Iterable[int], availability: Availability) -> tuple[int, ...]:
    """Minutes a staying booking takes in each week: what it promises, shortened by absences."""
    return taken_by_week(promised, availability.weeks)


def demand_of(booking: Booking, demands: Mapping[DemandId, Demand]) -> Demand | None:
    """The booking's demand, if it has one."""
    return None if booking.demand_id is None else demands.get(booking.demand_id)

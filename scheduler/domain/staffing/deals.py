"""Deals: tentative projects that are won or lost, and what becomes of their demand and bookings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.task_demands import derived_anew, is_as_derived
from scheduler.domain.staffing.work import Booking, Demand, Project, ProjectState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scheduler.domain.ground.working_days import DayShift


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """Bookings of a lost deal: those that end earlier, and those that go."""

    shortened: tuple[Booking, ...]
    deleted: tuple[Booking, ...]


def require_deal(project: Project, *, into: str) -> None:
    """Raise DomainError ``project.not_tentative`` for what is no open deal."""
    if project.state is not ProjectState.TENTATIVE:
        raise DomainError(
            ErrorKind.CONFLICT,
            "project.not_tentative",
            f"The project {project.name} is {project.state}, so it is no open deal that could be {into}.",
            facts={"state": project.state.value},
        )


def won(project: Project) -> Project:
    """The project of a deal that was won. Raises DomainError ``project.not_tentative``."""
    require_deal(project, into="won")
    return replace(project, state=ProjectState.WON, probability=Decimal(1))


def lost(project: Project) -> Project:
    """The project of a deal that was lost. Raises DomainError ``project.not_tentative``."""
    require_deal(project, into="lost")
    return replace(project, state=ProjectState.LOST, probability=Decimal(0))


def released(bookings: Iterable[Booking], *, cut: date | None) -> Released:
    """
    Nobody is booked on a lost deal any more: its bookings go, from the Monday ``cut`` on or (``None``) all of them.

    Raises DomainError ``input.invalid`` with ``week.not_monday`` at ``/from``.
    """
    if cut is not None and cut.weekday() != 0:
        message = f"Bookings end with whole weeks; {cut} is not a Monday."
        raise invalid("request", Fault(pointer="/from", code="week.not_monday", message=message))
    shortened, deleted = [], []
    for booking in bookings:
        if cut is None or booking.period.start >= cut:
            deleted.append(booking)
        elif booking.period.end is None or booking.period.end > cut:
            shortened.append(replace(booking, period=DateInterval(booking.period.start, cut)))
    return Released(shortened=tuple(shortened), deleted=tuple(deleted))


def moved_demand(demand: Demand, *, weeks: int) -> Demand:
    """The demand with its effort so many weeks later; what followed from a task still does."""
    moved = replace(demand, effort=tuple(replace(one, week=one.week + timedelta(weeks=weeks)) for one in demand.effort))
    return derived_anew(moved) if is_as_derived(demand) else moved


def moved_booking(booking: Booking, shift: DayShift) -> Booking:
    """The booking later: of a demand by whole weeks, as the demand moves; otherwise by working days."""
    if booking.demand_id is None:
        return replace(booking, period=shift.interval(booking.period))
    by = timedelta(weeks=shift.weeks)
    end = booking.period.end
    return replace(booking, period=DateInterval(booking.period.start + by, None if end is None else end + by))


def first_day(project: Project, *, demands: Iterable[Demand], others: Iterable[date]) -> date:
    """
    The day on which the deal is expected to begin: its period's first, else the first of its demand and of ``others``.

    Raises DomainError ``input.invalid`` with ``project.no_dates`` at ``/starts`` where nothing has a day.
    """
    if project.period is not None:
        return project.period.start
    days = [*others, *(demand.effort[0].week for demand in demands if demand.effort)]
    if not days:
        message = "Neither the project nor its tasks or demands have a day, so there is nothing to move; leave starts out."
        raise invalid("request", Fault(pointer="/starts", code="project.no_dates", message=message))
    return min(days)

"""What the bookings in force are worth, by project and month: each day priced as an invoice would price it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.permissions import BUDGETS_READ, COST_READ, PRICE_READ
from scheduler.domain.staffing.booked_minutes import covered_days, monday_of
from scheduler.domain.staffing.work import ProjectState
from scheduler.planning.availability import availabilities
from scheduler.planning.day_prices import DayPrices
from scheduler.planning.person_days import covering_grid
from scheduler.queries.hours_snapshot import read_hours
from scheduler.store import retried
from scheduler.store.capacity_reading import loads_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.ids import BookingId, ProjectId
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.ground.planned_amounts import PlannedAmounts, PlannedDay
    from scheduler.domain.staffing.person_days import Load
    from scheduler.domain.staffing.work import Booking
    from scheduler.planning.snapshot import Snapshot
    from scheduler.planning.time_grid import TimeGrid
    from scheduler.store import Store, View


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectMonth:
    """A project's calendar month (its first day). Amounts that the reader may not see are ``None``."""

    project_id: ProjectId
    project_name: str
    month: date
    minutes: int
    unpriced_minutes: int | None
    currency: str
    billed_minor: int | None
    """In ``currency``, in which the project is billed; the others are in the firm's."""
    revenue_minor: int | None
    expected_minor: int | None
    """Revenue by the chance that the work comes."""
    cost_minor: int | None
    margin_minor: int | None
    """What is expected less the cost of all booked hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueForecast:
    """The months of all projects with bookings; ``currency``: the firm's."""

    currency: str
    months: tuple[ProjectMonth, ...]


@retried
def revenue_forecast(store: Store, *, actor: Actor, days: DateInterval) -> RevenueForecast:
    """
    Bookings of every state on ``days`` (which have an end), of the projects that the actor sees and that are not lost.

    A booking's week is what it takes of its person, as it is counted when it is written; so what a plan said it would bring is what its
    bookings bring once it is applied. Raises DomainError ``access.denied``.
    """
    with store.read(actor) as view:
        require(actor, BUDGETS_READ)
        everything = view.unrestricted
        seen = {project.id for project in view.projects.all() if project.state is not ProjectState.LOST}
        snapshot = _snapshot(everything, days, seen)
        loads = loads_of(everything.connection, {booking.person_id for booking in snapshot.bookings})
    grid = covering_grid(days)
    prices = DayPrices(snapshot, people=availabilities(snapshot, grid), grid=grid, with_costs=actor.may(COST_READ))
    by_booking = {booking_id: load for row in loads.values() for booking_id, load in row.items()}
    found = prices.amounts(_priced(snapshot, by_booking, days=days, grid=grid, prices=prices))
    names = {project.id: project.name for project in snapshot.projects}
    months = tuple(_shown(actor, key, names[key[0]], amounts) for key, amounts in found.items())
    return RevenueForecast(currency=snapshot.firm.currency, months=months)


def _snapshot(view: View, days: DateInterval, seen: set[ProjectId]) -> Snapshot:
    hours = read_hours(view, days)
    bookings = tuple(booking for booking in hours.bookings if booking.project_id in seen)
    projects = {booking.project_id for booking in bookings}
    return replace(
        hours,
        bookings=bookings,
        demands=view.demands.among("project_id", projects),
        bill_rates=view.bill_rates.all(),
        exchange_rates=view.area("exchange_rates").all(),
        contracts=view.area("contracts").among("project_id", projects),
    )


def _priced(
    snapshot: Snapshot, loads: dict[BookingId, Load], *, days: DateInterval, grid: TimeGrid, prices: DayPrices
) -> Iterator[PlannedDay]:
    for booking in snapshot.bookings:
        load = loads.get(booking.id)
        if load is None:
            continue
        for index, minutes in _weeks(load, grid):
            if minutes:
                yield from (day for day in _days(booking, minutes, index=index, grid=grid, prices=prices) if day.day in days)


def _days(booking: Booking, minutes: int, *, index: int, grid: TimeGrid, prices: DayPrices) -> Iterator[PlannedDay]:
    return prices.of_week(
        minutes,
        person_id=booking.person_id,
        index=index,
        project_id=booking.project_id,
        demand_id=booking.demand_id,
        covered=covered_days(booking.period.start, booking.period.end, monday=grid.monday(index)),
    )


def _weeks(load: Load, grid: TimeGrid) -> Iterator[tuple[int, int]]:
    """The weeks of the grid, by index, with what the booking takes of each."""
    first = grid.index(monday_of(load.period.start))
    for number, minutes in enumerate(load.minutes):
        if 0 <= first + number < grid.weeks:
            yield first + number, minutes


def _shown(actor: Actor, key: tuple[ProjectId, date], name: str, found: PlannedAmounts) -> ProjectMonth:
    priced, costed = actor.may(PRICE_READ), actor.may(COST_READ)
    return ProjectMonth(
        project_id=key[0],
        project_name=name,
        month=key[1],
        minutes=found.minutes,
        unpriced_minutes=found.unpriced_minutes if priced else None,
        currency=found.currency,
        billed_minor=found.billed_minor if priced else None,
        revenue_minor=found.revenue_minor if priced else None,
        expected_minor=found.expected_minor if priced else None,
        cost_minor=found.cost_minor if costed else None,
        margin_minor=found.expected_minor - found.cost_minor if priced and costed else None,
    )

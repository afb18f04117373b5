"""Bookings as minutes of work by person and month, each with what an hour brings and costs."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from scheduler.domain.staffing.booked_minutes import covered_days
from scheduler.domain.staffing.capacity import WEEK_DAYS
from scheduler.domain.staffing.margin import Work
from scheduler.domain.staffing.work import ProjectState
from scheduler.planning.availability import availabilities
from scheduler.planning.bookings import demand_of, overlaps, promised_by, taken_by
from scheduler.planning.prices import Prices, Worked
from scheduler.planning.time_grid import WEEK, TimeGrid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.staffing.capacity import Minutes
    from scheduler.domain.staffing.work import Booking, Demand
    from scheduler.planning.availability import Availability
    from scheduler.planning.snapshot import Snapshot


def planned_work(snapshot: Snapshot, days: DateInterval, *, with_costs: bool = True) -> tuple[Work, ...]:
    """
    What is booked in whole calendar months (``days`` has an end), of every state, on projects that are not lost.

    ``with_costs``: whether whoever reads it may see costs, and so prices from which they follow.

    A week's minutes are those that the booking takes in planning, absences considered; they lie on the week's bookable days in
    proportion to what is bookable.
    """
    assert days.end is not None
    first = days.start - timedelta(days=days.start.weekday())
    grid = TimeGrid(start=first, weeks=-(-(days.end - first).days // WEEK.days))
    people = availabilities(snapshot, grid)
    demands = {demand.id: demand for demand in snapshot.demands}
    projects = {project.id: project for project in snapshot.projects}
    prices = Prices(snapshot, with_costs=with_costs)
    sums: Counter[tuple[object, ...]] = Counter()
    for booking in snapshot.bookings:
        project, person = projects[booking.project_id], people[booking.person_id]
        if project.state is ProjectState.LOST or not overlaps(booking, grid):
            continue
        demand = demand_of(booking, demands)
        for day, minutes in minutes_on(booking, demand=demand, person=person, grid=grid):
            if day in days:
                term = next(term for term in person.person.terms if day in term.period)
                rate = prices.home_rate(Worked(project, booking.person_id, day, demand, term.grade, term.cost_rate))
                sums[booking.person_id, day.replace(day=1), rate, Fraction(term.known_cost_rate)] += minutes
    return tuple(_work(key, minutes) for key, minutes in sums.items())


def _work(key: Sequence[object], minutes: int) -> Work:
    person_id, month, bill_rate, cost_rate = key
    return Work(person_id=person_id, month=month, minutes=minutes, bill_rate=bill_rate, cost_rate=cost_rate)  # type: ignore[arg-type]


def minutes_on(booking: Booking, *, demand: Demand | None, person: Availability, grid: TimeGrid) -> Iterator[tuple[date, int]]:
    """The booking's minutes by day; they add up to what it takes of each week."""
    taken = taken_by(promised_by(booking, demand=demand, availability=person, grid=grid), person)
    for index, minutes in enumerate(taken):
        if not minutes:
            continue
        monday = grid.monday(index)
        covered = covered_days(booking.period.start, booking.period.end, monday=monday)
        week = person.days[index * WEEK_DAYS : (index + 1) * WEEK_DAYS]
        for day, part in on_days(minutes, covered, week=week):
            yield monday + _DAYS[day], part


def on_days(minutes: int, covered: range, *, week: Sequence[Minutes]) -> Iterator[tuple[int, int]]:
    """Minutes of a week by day (0 = Monday) of those that are covered, in proportion to what is bookable on each; the parts add up."""
    weights = tuple([week[day].bookable_min for day in covered])
    if not any(weights):
        weights = tuple([week[day].contracted_min for day in covered])  # away on just the days that it covers
    if not any(weights):
        weights = tuple([int(day < _WORKING_DAYS) for day in covered])  # nothing is left of the contract: as in any week
    if not any(weights):
        weights = (1,) * len(covered)
    for day, part in zip(covered, _spread(minutes, weights), strict=True):
        if part:
            yield day, part


_WORKING_DAYS = 5


_DAYS = tuple(timedelta(days=day) for day in range(WEEK_DAYS))


@lru_cache(maxsize=4096)
def _spread(minutes: int, weights: tuple[int, ...]) -> tuple[int, ...]:
    """Whole minutes in proportion to the weights, with ``minutes`` as their sum; 0 where the weight is 0. Most weeks are like others."""
    total = sum(weights)
    until = [minutes * passed // total for passed in accumulate(weights)]
    return tuple([now - before for before, now in pairwise((0, *until))])

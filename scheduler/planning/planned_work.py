"""Bookings as minutes of work by person and month, each with what an hour brings and costs."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from scheduler.domain.ground.money import exponent
from scheduler.domain.staffing.booked_minutes import covered_days
from scheduler.domain.staffing.capacity import WEEK_DAYS
from scheduler.domain.staffing.margin import MINUTES_PER_HOUR, Work
from scheduler.domain.staffing.work import ContractKind, ProjectState
from scheduler.planning.availability import availabilities
from scheduler.planning.bookings import demand_of, overlaps, promised_by, taken_by
from scheduler.planning.snapshot import rate_card
from scheduler.planning.time_grid import WEEK, TimeGrid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from scheduler.domain.ground.ids import PersonId, ProjectId
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.staffing.work import Booking, Demand, Project
    from scheduler.planning.availability import Availability
    from scheduler.planning.snapshot import Snapshot


def planned_work(snapshot: Snapshot, days: DateInterval) -> tuple[Work, ...]:
    """
    What is booked in whole calendar months (``days`` has an end), of every state, on projects that are not lost.

    A week's minutes are those that the booking takes in planning, absences considered; they lie on the week's bookable days in
    proportion to what is bookable.
    """
    assert days.end is not None
    first = days.start - timedelta(days=days.start.weekday())
    grid = TimeGrid(start=first, weeks=-(-(days.end - first).days // WEEK.days))
    people = availabilities(snapshot, grid)
    demands = {demand.id: demand for demand in snapshot.demands}
    projects = {project.id: project for project in snapshot.projects}
    prices = Prices(snapshot)
    sums: Counter[tuple[object, ...]] = Counter()
    for booking in snapshot.bookings:
        project, person = projects[booking.project_id], people[booking.person_id]
        if project.state is ProjectState.LOST or not overlaps(booking, grid):
            continue
        demand = demand_of(booking, demands)
        for day, minutes in minutes_on(booking, demand=demand, person=person, grid=grid):
            if day in days:
                term = next(term for term in person.person.terms if day in term.period)
                rate = prices.hour(project, demand=demand, person_id=booking.person_id, grade=term.grade, day=day)
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
        week = [person.days[index * WEEK_DAYS + day] for day in covered]
        weights = tuple([found.bookable_min for found in week])
        if not any(weights):
            weights = tuple([found.contracted_min for found in week])  # away on just the days that it covers
        for day, part in zip(covered, _spread(minutes, weights), strict=True):
            if part:
                yield monday + _DAYS[day], part


_DAYS = tuple(timedelta(days=day) for day in range(WEEK_DAYS))


@lru_cache(maxsize=4096)
def _spread(minutes: int, weights: tuple[int, ...]) -> tuple[int, ...]:
    """Whole minutes in proportion to the weights, with ``minutes`` as their sum; 0 where the weight is 0. Most weeks are like others."""
    total = sum(weights)
    until = [minutes * passed // total for passed in accumulate(weights)]
    return tuple([now - before for before, now in pairwise((0, *until))])


class Prices:
    """What an hour brings, before chances and priorities."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._card = rate_card(snapshot)
        self._unit = 10 ** exponent(snapshot.firm.currency)
        self._effort: Counter[ProjectId] = Counter()
        for demand in snapshot.demands:
            self._effort[demand.project_id] += sum(wanted.minutes for wanted in demand.effort)

    def hour(self, project: Project, *, demand: Demand | None, person_id: PersonId, grade: str | None, day: date) -> Fraction | None:
        """
        Per hour in the currency's main unit; ``None`` where there is no rate, contract value or planned work.

        ``grade``: the person's on that day, which counts where the demand names none.
        """
        if project.contract is ContractKind.INTERNAL:
            return Fraction(0)
        if project.contract is ContractKind.FIXED_PRICE:
            planned_min = project.planned_minutes or self._effort[project.id]
            if project.contract_value_minor is None or not planned_min:
                return None
            return Fraction(project.contract_value_minor * MINUTES_PER_HOUR, self._unit * planned_min)
        if demand is not None and demand.bill_rate is not None:
            return Fraction(demand.bill_rate)
        return self._card.rate(day=day, project_id=project.id, grade=(demand and demand.grade) or grade, person_id=person_id)

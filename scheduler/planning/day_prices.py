"""Booked weeks as priced days: each day at the rates, the grade and the cost that hold on it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.ground.planned_amounts import PlannedDay, planned_amounts
from scheduler.domain.staffing.capacity import WEEK_DAYS
from scheduler.planning.planned_work import on_days
from scheduler.planning.prices import Prices, Worked
from scheduler.planning.scope import probability

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from scheduler.domain.ground.ids import DemandId, PersonId, ProjectId
    from scheduler.domain.ground.planned_amounts import PlannedAmounts
    from scheduler.domain.staffing.people import Term
    from scheduler.planning.availability import Availability
    from scheduler.planning.snapshot import Snapshot
    from scheduler.planning.time_grid import TimeGrid

EVERY_DAY = range(WEEK_DAYS)


class DayPrices:
    """
    Prices what people do in the weeks of a grid.

    ``with_costs``: as in ``Prices``; without it nobody's cost is known either.
    """

    def __init__(self, snapshot: Snapshot, *, people: Mapping[PersonId, Availability], grid: TimeGrid, with_costs: bool) -> None:
        self._prices = Prices(snapshot, with_costs=with_costs)
        self._people = people
        self._grid = grid
        self._with_costs = with_costs
        self._days = tuple(grid.days.days())
        self._projects = {project.id: project for project in snapshot.projects}
        self._demands = {demand.id: demand for demand in snapshot.demands}
        self._terms: dict[PersonId, tuple[Term | None, ...]] = {}

    def bills_costs(self, demand_ids: Iterable[DemandId]) -> bool:
        """Whether costs follow from the prices of any of the demands."""
        return any(self._prices.bills_costs(self._demands[one].project_id) for one in demand_ids)

    def of_week(
        self,
        minutes: int,
        *,
        person_id: PersonId,
        index: int,
        project_id: ProjectId,
        demand_id: DemandId | None = None,
        covered: range = EVERY_DAY,
    ) -> Iterator[PlannedDay]:
        """A week's minutes (``index``: the week of the grid) of a person, on those of its days that are ``covered``."""
        person, first = self._people[person_id], index * WEEK_DAYS
        project, demand = self._projects[project_id], None if demand_id is None else self._demands.get(demand_id)
        terms = self._terms_of(person_id)
        for day, part in on_days(minutes, covered, week=person.days[first : first + WEEK_DAYS]):
            term, on = terms[first + day], self._days[first + day]
            cost_rate = None if term is None or not self._with_costs else term.cost_rate
            hour = self._prices.hour(Worked(project, person_id, on, demand, None if term is None else term.grade, cost_rate))
            cost = None if cost_rate is None else Fraction(cost_rate)
            yield PlannedDay(project_id, person_id, on, part, hour.rate, hour.currency, cost)

    def of_demand(self, minutes: int, *, person_id: PersonId, index: int, demand_id: DemandId) -> Iterator[PlannedDay]:
        """The same of work on a demand."""
        project_id = self._demands[demand_id].project_id
        return self.of_week(minutes, person_id=person_id, index=index, project_id=project_id, demand_id=demand_id)

    def amounts(self, days: Iterable[PlannedDay]) -> dict[tuple[ProjectId, date], PlannedAmounts]:
        """What days come to, by project and month."""
        chances = {project.id: Fraction(probability(project)) for project in self._projects.values()}
        return planned_amounts(days, chances=chances, exchange=self._prices.exchange)

    def _terms_of(self, person_id: PersonId) -> tuple[Term | None, ...]:
        """The term in force on each day of the grid."""
        if person_id not in self._terms:
            terms = self._people[person_id].person.terms
            self._terms[person_id] = tuple(next((term for term in terms if day in term.period), None) for day in self._days)
        return self._terms[person_id]

"""Work on projects as lines of a forecast: approved time, and bookings from a day on, each day at the rates valid on it."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.delivery.forecast import WorkLine
from scheduler.domain.ground.money import exponent
from scheduler.domain.staffing.booked_minutes import monday_of
from scheduler.domain.staffing.work import ProjectState
from scheduler.planning.availability import availabilities
from scheduler.planning.bookings import demand_of, overlaps
from scheduler.planning.planned_work import minutes_on
from scheduler.planning.prices import Prices, Worked
from scheduler.planning.time_grid import WEEK, WEEKS_MAX, TimeGrid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from scheduler.domain.delivery.forecast import WorkedMinutes
    from scheduler.domain.ground.ids import ActivityTypeId, DemandId, PersonId, ProjectId, TaskId
    from scheduler.domain.staffing.people import Term
    from scheduler.domain.staffing.work import Booking
    from scheduler.planning.snapshot import Snapshot


class ProjectWork:
    """The lines of some projects. The snapshot has them with all their demands, whoever works on them, and all rates."""

    def __init__(self, snapshot: Snapshot, *, bookings: Sequence[Booking]) -> None:
        self._snapshot = snapshot
        self._bookings = bookings
        self._prices = Prices(snapshot)
        self._unit = 10 ** exponent(snapshot.firm.currency)
        self._projects = {project.id: project for project in snapshot.projects}
        self._demands = {demand.id: demand for demand in snapshot.demands}
        self._people = {person.id: person for person in snapshot.people}

    def worked(self, worked: Iterable[WorkedMinutes]) -> Iterator[WorkLine]:
        """Approved time. What is not billable is billed at 0."""
        for one in worked:
            yield self._line(
                one.project_id,
                one.person_id,
                one.day,
                one.minutes,
                is_booked=False,
                demand_id=one.demand_id,
                task_id=one.task_id,
                activity_type_id=one.activity_type_id,
                is_billable=one.is_billable,
            )

    def booked(self, *, on: date) -> Iterator[WorkLine]:
        """
        Bookings of every state from the day ``on`` on, on projects that are not lost: what they take, day by day.

        A week's minutes are those that the booking takes in planning; they lie on its bookable days in proportion to what is bookable.
        """
        bookings = [one for one in self._bookings if self._projects[one.project_id].state is not ProjectState.LOST]
        last = max((one.period.end for one in bookings if one.period.end is not None), default=on)
        start = monday_of(on)
        while start < last:
            grid = TimeGrid(start=start, weeks=min(WEEKS_MAX, -(-(last - start).days // WEEK.days)))
            people = availabilities(self._snapshot, grid)
            for booking in bookings:
                if not overlaps(booking, grid):
                    continue
                demand = demand_of(booking, self._demands)
                for day, minutes in minutes_on(booking, demand=demand, person=people[booking.person_id], grid=grid):
                    if minutes and day >= on:
                        yield self._line(booking.project_id, booking.person_id, day, minutes, is_booked=True, demand_id=booking.demand_id)
            start += WEEK * grid.weeks

    def _line(
        self,
        project_id: ProjectId,
        person_id: PersonId,
        day: date,
        minutes: int,
        *,
        is_booked: bool,
        demand_id: DemandId | None,
        task_id: TaskId | None = None,
        activity_type_id: ActivityTypeId | None = None,
        is_billable: bool = True,
    ) -> WorkLine:
        demand, term = None if demand_id is None else self._demands.get(demand_id), self._term(person_id, day)
        grade = None if term is None else term.grade
        rate: Fraction | None = Fraction(0)
        if is_billable:
            cost_rate = None if term is None else term.cost_rate
            project = self._projects[project_id]
            rate = self._prices.home_rate(Worked(project, person_id, day, demand, grade, cost_rate, activity_type_id))
        return WorkLine(
            project_id=project_id,
            person_id=person_id,
            day=day,
            minutes=minutes,
            is_booked=is_booked,
            task_id=task_id or (demand.task_id if demand is not None else None),
            demand_id=demand_id,
            grade=(demand.grade if demand is not None else None) or grade,
            bill_rate=None if rate is None else rate * self._unit,
            cost_rate=None if term is None or term.cost_rate is None else Fraction(term.cost_rate) * self._unit,
        )

    def _term(self, person_id: PersonId, day: date) -> Term | None:
        """The term in force; somebody who has left works under none."""
        person = self._people.get(person_id)
        return None if person is None else next((term for term in person.terms if day in term.period), None)


def next_monday(day: date) -> date:
    """The first Monday on or after a day."""
    return day + timedelta(days=-day.weekday() % 7)

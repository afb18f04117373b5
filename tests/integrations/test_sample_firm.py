"""The sample firm: complete, as large as promised, and short of people in interesting ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.staffing.people import Employment
from scheduler.domain.staffing.work import BookingState, ContractKind, ProjectState
from scheduler.planning.request import PlanRequest
from scheduler.planning.snapshot import Snapshot
from scheduler.planning.to_problem import to_problem
from scheduler.sample_firm import HORIZON_START, WEEKS, load_sample_firm
from tests.integrations.firm_files import NOW

if TYPE_CHECKING:
    from scheduler.store import Store


def test_the_sample_firm_imports_and_a_second_time_changes_nothing(store: Store) -> None:
    """40 people, 12 skills, 4 calendars, 15 projects, 70 demands."""
    report = load_sample_firm(store, actor=LOCAL, now=NOW)
    counts = {count.area: count.created for count in report.areas}
    assert (counts["people"], counts["skills"], counts["calendars"], counts["projects"], counts["demands"]) == (40, 12, 4, 15, 70)
    again = load_sample_firm(store, actor=LOCAL, now=NOW)
    assert (again.created, again.changed, again.unchanged) == (0, 0, report.created)


def test_the_sample_firm_has_some_of_everything(sqlite_store: Store) -> None:
    """Part-timers, contractors, a contract change, a lapsing certificate, every kind of project and booking, every demand in its weeks."""
    snapshot = sample_snapshot(sqlite_store)
    terms = [term for person in snapshot.people for term in person.terms]
    assert sum(term.employment is Employment.CONTRACTOR for term in terms) == 5
    assert sum(sum(term.weekly_minutes) < 35 * 60 for term in terms) >= 6
    assert any(len(person.terms) == 2 for person in snapshot.people)
    assert any(held.valid_until is not None for person in snapshot.people for held in person.skills)
    assert {project.contract for project in snapshot.projects} == set(ContractKind)
    assert {project.state for project in snapshot.projects} == {ProjectState.WON, ProjectState.TENTATIVE}
    assert {booking.state for booking in snapshot.bookings} == set(BookingState)
    assert {booking.demand_id is None for booking in snapshot.bookings} == {True, False}
    assert all(demand.effort and demand.effort[0].week >= HORIZON_START for demand in snapshot.demands)


def test_the_sample_firm_is_asked_for_a_little_more_than_it_can_do(sqlite_store: Store) -> None:
    """Demand is 105 to 115 % of capacity, nothing of it is left out, and some of it nobody can do."""
    staffing = to_problem(sample_snapshot(sqlite_store), PlanRequest(horizon_start=HORIZON_START, weeks=WEEKS))
    problem = staffing.problem
    assert len(problem.demands) == 70
    assert [statement.code for statement in staffing.left_out] == ["booking.without_demand"]
    ratio = sum(sum(demand.effort) for demand in problem.demands) / sum(sum(person.capacity) for person in problem.people)
    assert 1.05 <= ratio <= 1.15
    nobody = [
        demand.id
        for demand in problem.demands
        if not any(all(person.skills.get(skill, 0) >= level for skill, level in demand.requires.items()) for person in problem.people)
    ]
    assert len(nobody) == 2


def sample_snapshot(store: Store) -> Snapshot:
    """The sample firm's rows."""
    load_sample_firm(store, actor=LOCAL, now=NOW)
    with store.read(LOCAL) as view:
        return Snapshot(
            firm=view.firm.get(),
            skills=view.skills.all(),
            calendars=view.calendars.all(),
            people=view.people.all(),
            absences=view.absences.all(),
            clients=view.clients.all(),
            projects=view.projects.all(),
            demands=view.demands.all(),
            bookings=view.bookings.all(),
            bill_rates=view.bill_rates.all(),
        )

"""What a problem says of people: minutes, skills, place, cost, and which demands are closed to them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from scheduler.domain.ground.ids import SkillId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.people import DayPart, Employment
from scheduler.domain.staffing.work import ProjectState
from scheduler.planning.to_problem import to_problem
from tests.factories import (
    MONDAY,
    make_absence,
    make_booking,
    make_calendar,
    make_demand,
    make_firm,
    make_held,
    make_person,
    make_project,
    make_request,
    make_snapshot,
    make_term,
    monday,
    weeks,
)

if TYPE_CHECKING:
    from scheduler.planning.staffing import Staffing
    from solver_models.staffing.problem import Person

SAP = SkillId("sap")
CHANGE = monday(4)
BEFORE = DateInterval(date(2020, 1, 1), CHANGE)
AFTER = DateInterval(CHANGE)


def only_person(staffing: Staffing) -> Person:
    (person,) = staffing.problem.people
    return person


def test_capacity_is_less_by_absences_and_usual_is_not() -> None:
    """A day and a half off leaves three and a half bookable; usual stays the whole week."""
    absences = (make_absence(), make_absence(first=date(2027, 3, 3), part=DayPart.HALF))
    person = only_person(to_problem(make_snapshot(absences=absences), make_request(weeks=2)))
    assert (person.capacity, person.usual) == ((1_680, 2_400), (2_400, 2_400))


def test_public_holidays_are_off_for_both() -> None:
    """Good Friday and Easter Monday of 2027 are in no week's capacity, and in no week's usual capacity."""
    snapshot = make_snapshot(calendars=(make_calendar(country="DE", subdivision="BE"),))
    person = only_person(to_problem(snapshot, make_request(horizon_start=date(2027, 3, 22), weeks=2)))
    assert (person.capacity, person.usual) == ((1_920, 1_920), None)


def test_booking_without_a_demand_takes_capacity() -> None:
    """Its weekly minutes are gone from capacity and usual; what it takes is kept for the plan's grid."""
    booking = make_booking(demand=None, period=DateInterval(date(2027, 3, 4), date(2027, 3, 15)))
    staffing = to_problem(make_snapshot(bookings=(booking,)), make_request(weeks=3))
    person = only_person(staffing)
    assert (person.capacity, person.usual) == ((2_208, 1_920, 2_400), None)
    assert staffing.stays == {"ann": (192, 480, 0)}
    assert staffing.bookable == {"ann": (2_400, 2_400, 2_400)}
    assert "booking.without_demand" in [s.code for s in staffing.left_out]


def test_booking_outside_the_plan_takes_its_share_of_effort() -> None:
    """A booking on a lost project's demand stays until somebody releases it, and takes share times effort, moved by its shift."""
    booking = make_booking(share=Decimal("0.5"), shift_weeks=1, period=weeks(1, 2))
    snapshot = make_snapshot(projects=(make_project(state=ProjectState.LOST),), bookings=(booking,))
    staffing = to_problem(snapshot, make_request(weeks=4))
    assert only_person(staffing).capacity == (2_400, 1_800, 1_800, 2_400)
    assert "booking.outside_plan" in [s.code for s in staffing.left_out]


def test_absence_shortens_staying_bookings_alike() -> None:
    """Away two days of five with a half-time booking: it takes half of three days, and capacity to usual is three to five."""
    booking = make_booking(demand=None, weekly_minutes=1_200, period=weeks(0, 0))
    person = only_person(to_problem(make_snapshot(bookings=(booking,), absences=(make_absence(days=2),)), make_request(weeks=1)))
    assert (person.capacity, person.usual) == ((720,), (1_200,))


def test_overbooked_weeks_are_said() -> None:
    """Bookings that stay beyond what is bookable leave nothing, never less, and it is said by how much."""
    bookings = tuple(make_booking(demand=None, weekly_minutes=1_500, id=str(n), period=weeks(0, 0)) for n in range(2))
    staffing = to_problem(make_snapshot(bookings=bookings), make_request(weeks=1))
    assert only_person(staffing).capacity == (0,)
    (said,) = [s for s in staffing.left_out if s.code == "person.overbooked"]
    assert said.facts == {"weeks": [MONDAY.isoformat()], "minutes": [600]}


def test_s09_one_booking_beyond_the_contract_is_said() -> None:
    """A booking of all 168 hours of a week takes what there is, and it is said by how much it exceeds that."""
    booking = make_booking(demand=None, weekly_minutes=168 * 60, period=weeks(0, 0))
    staffing = to_problem(make_snapshot(bookings=(booking,)), make_request(weeks=1))
    (said,) = [s for s in staffing.left_out if s.code == "person.overbooked"]
    assert said.facts == {"weeks": [MONDAY.isoformat()], "minutes": [128 * 60]}


def test_people_not_employed_in_the_horizon_are_left_out() -> None:
    """Without a term in the horizon somebody is not in the problem, unless a booking in it names them."""
    former = make_person("bob", terms=(make_term(period=DateInterval(date(2020, 1, 1), MONDAY)),))
    assert [p.id for p in to_problem(make_snapshot(people=(make_person(), former)), make_request()).problem.people] == ["ann"]
    booked = make_snapshot(people=(make_person(), former), bookings=(make_booking("bob"),))
    problem = to_problem(booked, make_request()).problem
    assert [(p.id, sum(p.capacity)) for p in problem.people] == [("ann", 8 * 2_400), ("bob", 0)]
    assert [r.person for r in problem.current] == ["bob"]


def test_location_is_that_of_the_first_working_day() -> None:
    """Somebody who moves within the horizon is planned where they are at its start, and the statement says so."""
    person = make_person(terms=(make_term(period=BEFORE, location="Berlin"), make_term(period=AFTER, location="Rome")))
    staffing = to_problem(make_snapshot(people=(person,)), make_request())
    assert only_person(staffing).location == "Berlin"
    (said,) = [s for s in staffing.valuation if s.code == "location.changes"]
    assert said.facts == {"changes_on": CHANGE.isoformat(), "taken": "Berlin", "later": "Rome"}


def test_location_of_somebody_who_starts_later() -> None:
    """Before the first working day there is no place: the first term in the horizon gives it, without a change to tell."""
    staffing = to_problem(make_snapshot(people=(make_person(terms=(make_term(period=AFTER, location="Rome"),)),)), make_request())
    assert only_person(staffing).location == "Rome"
    assert [s.code for s in staffing.valuation if s.subject == "person"] == ["cost.chosen"]


def test_terms_that_end_before_the_first_working_day_do_not_count() -> None:
    """A term that ends on the horizon's first Monday, a day off, is not the one at the start."""
    tuesday = date(2027, 3, 2)
    no_mondays = (0, 480, 480, 480, 480, 0, 0)
    terms = (
        make_term(period=DateInterval(date(2020, 1, 1), tuesday), weekly_minutes=no_mondays, location="Berlin"),
        make_term(period=DateInterval(tuesday), location="Rome"),
    )
    assert only_person(to_problem(make_snapshot(people=(make_person(terms=terms),)), make_request())).location == "Rome"


def test_cost_is_the_mean_of_the_terms_by_usual_minutes() -> None:
    """Four full weeks at 50 and four half weeks at 56 make 52 an hour."""
    half = (240, 240, 240, 240, 240, 0, 0)
    person = make_person(terms=(make_term(period=BEFORE), make_term(period=AFTER, cost_rate=Decimal(56), weekly_minutes=half)))
    staffing = to_problem(make_snapshot(people=(person,)), make_request())
    assert only_person(staffing).cost_rate == 5_200
    (said,) = [s for s in staffing.valuation if s.code == "cost.chosen"]
    assert said.confidential
    assert said.facts["cost_rate_minor"] == 5_200
    assert "mean" in said.text


@pytest.mark.parametrize(("employment", "idle_cost"), [(Employment.EMPLOYEE, 5_000), (Employment.CONTRACTOR, 0)])
def test_idle_hours_cost_only_with_employees(employment: Employment, idle_cost: int) -> None:
    """Employees are paid anyway, so their idle hour costs what their hour costs; a contractor's costs nothing."""
    person = make_person(terms=(make_term(employment=employment),))
    assert only_person(to_problem(make_snapshot(people=(person,)), make_request())).idle_cost == idle_cost


def test_cost_without_minor_units() -> None:
    """In yen an hour at 5,000.5 costs 5,001: rounded once, half up, to the currency's own minor unit."""
    people = (make_person(terms=(make_term(cost_rate=Decimal("5000.5")),)),)
    yen = to_problem(make_snapshot(people=people, firm=make_firm(currency="JPY")), make_request())
    assert only_person(yen).cost_rate == 5_001


def test_skills_are_the_best_levels_of_the_horizon() -> None:
    """The best level held at some time of the horizon counts; what lapsed before it does not."""
    person = make_person(
        max_demands=2,
        skills=(
            make_held(level=2, valid_until=date(2027, 3, 10)),
            make_held(level=4, valid_from=date(2027, 3, 11)),
            make_held("java", 3, valid_until=date(2027, 2, 28)),
        ),
    )
    found = only_person(to_problem(make_snapshot(people=(person,)), make_request()))
    assert (found.skills, found.max_demands) == ({"sap": 4}, 2)


@pytest.mark.parametrize(("last_day", "closed"), [(date(2027, 3, 28), False), (date(2027, 3, 27), True)])
def test_certificate_counts_only_through_the_whole_window(last_day: date, closed: bool) -> None:
    """Valid to the last day of a four-week demand it counts; one day less and the demand is closed to its holder, with the reason."""
    person = make_person(skills=(make_held(valid_until=last_day),))
    staffing = to_problem(make_snapshot(people=(person,), demands=(make_demand(requires={SAP: 3}),)), make_request())
    found = only_person(staffing)
    assert found.skills == {"sap": 3}
    assert found.not_for == ({"alpha-lead"} if closed else frozenset())
    assert ("2027-03-28" in staffing.names.bars["ann"]["alpha-lead"]) if closed else not staffing.names.bars


def test_certificate_must_last_wherever_the_demand_may_move() -> None:
    """A demand that may start a week later needs it a week longer; the horizon's end bounds that."""
    person = make_person(skills=(make_held(valid_until=date(2027, 3, 28)),))
    demand = make_demand(requires={SAP: 3}, shift_weeks=(0, 9))
    moving = to_problem(make_snapshot(people=(person,), demands=(demand,)), make_request())
    assert only_person(moving).not_for == {"alpha-lead"}
    bounded = to_problem(make_snapshot(people=(person,), demands=(demand,)), make_request(weeks=4))
    assert only_person(bounded).not_for == frozenset()


def test_certificate_must_last_wherever_its_project_may_move() -> None:
    """The same when the project moves as one."""
    person = make_person(skills=(make_held(valid_until=date(2027, 3, 28)),))
    snapshot = make_snapshot(people=(person,), projects=(make_project(shift_weeks=(0, 1)),), demands=(make_demand(requires={SAP: 3}),))
    assert only_person(to_problem(snapshot, make_request())).not_for == {"alpha-lead"}


def test_who_never_qualifies_is_not_barred() -> None:
    """Too low a level is told by the level itself, so that the reason says nobody is qualified."""
    person = make_person(skills=(make_held(level=2, valid_until=date(2027, 3, 7)),))
    staffing = to_problem(make_snapshot(people=(person,), demands=(make_demand(requires={SAP: 3}),)), make_request())
    assert only_person(staffing).not_for == frozenset()


def test_level_that_lasts_suffices_beside_a_better_one_that_lapses() -> None:
    """Level 3 for good and 5 for a week: a demand for 3 is open, and valued at the level held throughout."""
    person = make_person(skills=(make_held(level=5, valid_until=date(2027, 3, 7)), make_held(level=3, valid_from=date(2027, 3, 8))))
    demand = make_demand(requires={SAP: 3}, prefers={SAP: Decimal(2)}, overqualified_cost=Decimal(7))
    found = only_person(to_problem(make_snapshot(people=(person,), demands=(demand,)), make_request()))
    assert (found.skills, found.not_for) == ({"sap": 5}, frozenset())
    # the solver counts 2 levels too many at 7 each, and 5 levels at 2 each instead of 3
    assert found.preferences == {"alpha-lead": 2 * 700 - 2 * 200}

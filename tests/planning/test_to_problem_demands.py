"""Which demands a problem holds, where they lie and what they ask."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import PersonId, ProjectId, SkillId
from scheduler.domain.staffing.work import BookingState, ProjectState
from scheduler.planning.request import ChangePolicy, Tentative
from scheduler.planning.to_problem import to_problem
from solver_models.staffing.problem import Policy, Run
from tests.factories import make_booking, make_demand, make_held, make_person, make_project, make_request, make_snapshot, monday, weeks

if TYPE_CHECKING:
    from scheduler.planning.staffing import Staffing
    from solver_models.staffing.problem import Demand

EFFORT = dict.fromkeys(range(4), 1200)


def only_demand(staffing: Staffing) -> Demand:
    (demand,) = staffing.problem.demands
    return demand


def codes(staffing: Staffing) -> list[str]:
    return [statement.code for statement in staffing.left_out]


@pytest.mark.parametrize(("state", "planned"), [("won", True), ("tentative", True), ("lost", False), ("closed", False)])
def test_projects_are_planned_by_state(state: str, planned: bool) -> None:
    """Won and tentative work is planned; lost and closed projects are left out, and it is said."""
    staffing = to_problem(make_snapshot(projects=(make_project(state=ProjectState(state)),)), make_request())
    assert bool(staffing.problem.demands) is planned
    assert codes(staffing) == ([] if planned else [f"project.{state}"])


@pytest.mark.parametrize(("probability", "planned"), [("0.49", False), ("0.5", True), ("0.51", True)])
def test_tentative_projects_from_a_threshold_on(probability: str, planned: bool) -> None:
    """At or above the threshold a tentative project is planned, below it is left out; a won one always is planned."""
    tentative = make_project(state=ProjectState.TENTATIVE, probability=Decimal(probability))
    won = make_project("beta", probability=Decimal("0.1"))
    snapshot = make_snapshot(projects=(tentative, won), demands=(make_demand(), make_demand(project="beta")))
    staffing = to_problem(snapshot, make_request(tentative=Tentative.AT_OR_ABOVE, min_probability=Decimal("0.5")))
    assert {d.project for d in staffing.problem.demands} == ({"alpha", "beta"} if planned else {"beta"})
    assert codes(staffing) == ([] if planned else ["project.improbable"])


def test_only_named_projects() -> None:
    """With project ids only those projects are planned."""
    snapshot = make_snapshot(projects=(make_project(), make_project("beta")), demands=(make_demand(), make_demand(project="beta")))
    staffing = to_problem(snapshot, make_request(project_ids=frozenset({ProjectId("beta")})))
    assert [d.project for d in staffing.problem.demands] == ["beta"]


def test_unknown_project_is_refused() -> None:
    """A project id that is not there is an error, not an empty plan."""
    with pytest.raises(DomainError) as refused:
        to_problem(make_snapshot(), make_request(project_ids=frozenset({ProjectId("gamma")})))
    assert [fault.code for fault in refused.value.faults] == ["reference.not_found"]


def test_nothing_to_plan_is_an_empty_problem() -> None:
    """No people and no demands make a problem with periods alone."""
    problem = to_problem(make_snapshot(people=(), demands=()), make_request()).problem
    assert (problem.people, problem.demands, len(problem.periods)) == ((), (), 8)


def test_demand_keys_are_passed_on() -> None:
    """Every key of a demand stands in the problem: ids as they are, money in minor units, fractions in ten-thousandths."""
    demand = make_demand(
        requires={SkillId("sap"): 3},
        prefers={SkillId("java"): Decimal("2.505")},
        overqualified_cost=Decimal("1.5"),
        locations=frozenset({"Berlin"}),
        shares=(Decimal("0.5"), Decimal("0.29")),
        max_people=2,
        min_run_weeks=2,
        min_coverage=Decimal("0.65"),
        shift_weeks=(0, 2),
        only=frozenset({PersonId("ann")}),
        never=frozenset({PersonId("bob"), PersonId("gone")}),
    )
    people = (make_person(), make_person("bob"), make_person("gone", terms=()))
    asked = only_demand(to_problem(make_snapshot(people=people, demands=(demand,)), make_request()))
    assert (asked.requires, asked.prefers, asked.overqualified_cost) == ({"sap": 3}, {"java": 251}, 150)
    assert (asked.locations, asked.shares_e4, asked.max_people) == (frozenset({"Berlin"}), (2_900, 5_000), 2)
    assert (asked.min_run, asked.min_coverage_e4, asked.shift) == (2, 6_500, (0, 2))
    assert (asked.only, asked.never) == (frozenset({"ann"}), frozenset({"bob"}))


def test_only_people_who_are_gone_leaves_nobody() -> None:
    """A demand open to somebody who is not employed any more is open to nobody; it does not become open to all."""
    demand = make_demand(only=frozenset({PersonId("gone")}))
    people = (make_person(), make_person("gone", terms=()))
    asked = only_demand(to_problem(make_snapshot(people=people, demands=(demand,)), make_request()))
    assert asked.only == frozenset()


def test_project_keys_are_passed_on() -> None:
    """All-or-nothing, shift, apart and together stand in the problem, groups without people who are not planned."""
    ann, bob, gone = (PersonId(name) for name in ("ann", "bob", "gone"))
    pair = frozenset({"ann", "bob"})
    project = make_project(
        all_or_nothing=True,
        shift_weeks=(-1, 2),
        apart=(frozenset({ann, bob, gone}), frozenset({ann, gone})),
        together=(frozenset({ann, bob}),),
    )
    people = (make_person(), make_person("bob"), make_person("gone", terms=()))
    (planned,) = to_problem(make_snapshot(people=people, projects=(project,)), make_request()).problem.projects
    assert (planned.all_or_nothing, planned.shift) == (True, (-1, 2))
    assert (planned.apart, planned.together) == ((pair,), (pair,))


def test_together_holds_with_somebody_who_has_no_time() -> None:
    """Who must work together with somebody not employed in the horizon must not be let off: that person stays, with no minutes."""
    project = make_project(together=(frozenset({PersonId("ann"), PersonId("gone")}),))
    problem = to_problem(make_snapshot(people=(make_person(), make_person("gone", terms=())), projects=(project,)), make_request()).problem
    assert problem.projects[0].together == (frozenset({"ann", "gone"}),)
    assert [p.capacity for p in problem.people if p.id == "gone"] == [(0,) * 8]


def test_effort_outside_the_horizon_is_dropped_and_said() -> None:
    """Only effort in the horizon counts; how much was dropped before and after it is stated."""
    staffing = to_problem(make_snapshot(demands=(make_demand(effort={-2: 60, -1: 60, 0: 600, 7: 700, 8: 90}),)), make_request())
    assert only_demand(staffing).effort == (600, 0, 0, 0, 0, 0, 0, 700)
    (said,) = staffing.left_out
    assert (said.code, dict(said.facts)) == ("effort.outside_horizon", {"before_min": 120, "after_min": 90, "inside_min": 1_300})


def test_demand_without_effort_in_the_horizon_is_left_out() -> None:
    """A demand wholly before or after the horizon is not in the problem, and it is said."""
    staffing = to_problem(make_snapshot(demands=(make_demand(effort={-1: 60}), make_demand("late", effort={8: 60}))), make_request())
    assert staffing.problem.demands == ()
    assert codes(staffing) == ["effort.outside_horizon"] * 2


def test_demand_cut_by_the_horizon_does_not_move() -> None:
    """What has begun, or reaches beyond the end, stays where it is: the problem does not know the rest of it."""
    staffing = to_problem(make_snapshot(demands=(make_demand(effort={-1: 60, 0: 60}, shift_weeks=(-1, 3)),)), make_request())
    assert only_demand(staffing).shift == (0, 0)
    assert "shift.held" in codes(staffing)


def test_project_moves_its_demands_together() -> None:
    """A project with a shift moves as one; a demand's own range is not used, and one cut demand holds all of them."""
    project = make_project(shift_weeks=(0, 2))
    free = to_problem(make_snapshot(projects=(project,), demands=(make_demand(shift_weeks=(0, 1)), make_demand("dev"))), make_request())
    assert free.problem.projects[0].shift == (0, 2)
    assert {d.shift for d in free.problem.demands} == {(0, 0)}
    assert codes(free) == ["shift.of_project"]
    held = to_problem(
        make_snapshot(projects=(project,), demands=(make_demand(), make_demand("dev", effort={-1: 60, 0: 60}))), make_request()
    )
    assert held.problem.projects[0].shift == (0, 0)
    assert codes(held).count("shift.held") == 2


def test_plan_in_force_is_the_origin_of_shifts() -> None:
    """A demand that bookings have moved by two weeks lies there, its run has shift 0, and its range counts from there."""
    booking = make_booking(shift_weeks=2, period=weeks(2, 5))
    staffing = to_problem(make_snapshot(demands=(make_demand(shift_weeks=(-1, 3)),), bookings=(booking,)), make_request())
    asked = only_demand(staffing)
    assert asked.effort == (0, 0, 1_200, 1_200, 1_200, 1_200, 0, 0)
    assert asked.shift == (-3, 1)
    assert staffing.problem.current == (Run(person="ann", demand="alpha-lead", share_e4=10_000, first=2, last=5, shift=0),)
    assert staffing.base_shift == {"alpha-lead": 2}


def test_plan_in_force_outside_the_range_of_shifts() -> None:
    """A range that was changed after the booking leaves the booking where it is: the demand may only go back into its range."""
    booking = make_booking(shift_weeks=3, period=weeks(3, 6))
    person = make_person(skills=(make_held(valid_until=monday(6)),))
    demand = make_demand(requires={SkillId("sap"): 3}, shift_weeks=(0, 1))
    staffing = to_problem(make_snapshot(people=(person,), demands=(demand,), bookings=(booking,)), make_request())
    assert only_demand(staffing).shift == (-3, -2)
    assert staffing.problem.people[0].not_for == frozenset()


def test_moved_demand_that_has_begun_keeps_its_remaining_weeks() -> None:
    """Moved by three weeks, a demand of the four weeks before the horizon still has three weeks to go."""
    demand = make_demand(effort=dict.fromkeys(range(-4, 0), 600), shift_weeks=(0, 4))
    booking = make_booking(shift_weeks=3, period=weeks(-1, 2))
    staffing = to_problem(make_snapshot(demands=(demand,), bookings=(booking,)), make_request())
    assert only_demand(staffing).effort == (600, 600, 600, 0, 0, 0, 0, 0)
    assert staffing.problem.current == (Run(person="ann", demand="alpha-lead", share_e4=10_000, first=0, last=2),)


def test_bookings_of_planned_demands_are_the_plan_in_force() -> None:
    """Tentative and confirmed bookings are current; a locked one is fixed, and current too, so that keeping it is no change."""
    demands = tuple(make_demand(name, max_people=1) for name in ("a", "b", "c"))
    bookings = tuple(
        make_booking(demand=f"alpha-{name}", share=Decimal("0.5"), state=state)
        for name, state in zip("abc", (BookingState.TENTATIVE, BookingState.CONFIRMED, BookingState.LOCKED), strict=True)
    )
    problem = to_problem(make_snapshot(demands=demands, bookings=bookings), make_request()).problem
    assert [r.demand for r in problem.current] == ["alpha-a", "alpha-b", "alpha-c"]
    assert [r.demand for r in problem.fixed] == ["alpha-c"]
    assert {r.share_e4 for r in problem.current} == {5_000}


def test_booking_is_cut_to_the_horizon() -> None:
    """A booking that began before the horizon and ends after it runs from the first to the last week."""
    demand = make_demand(effort=dict.fromkeys(range(-2, 10), 60))
    problem = to_problem(make_snapshot(demands=(demand,), bookings=(make_booking(period=weeks(-2, 9)),)), make_request()).problem
    assert [(r.first, r.last) for r in problem.current] == [(0, 7)]


def test_past_bookings_are_no_part_of_the_plan() -> None:
    """A booking that ended before the horizon is neither a run nor capacity."""
    demand = make_demand(effort=dict.fromkeys(range(-2, 3), 60))
    staffing = to_problem(make_snapshot(demands=(demand,), bookings=(make_booking(period=weeks(-2, -1)),)), make_request())
    assert (staffing.problem.current, staffing.stays) == ((), {})


def test_person_booked_twice_on_a_demand_stays() -> None:
    """A plan has one run of a person on a demand: booked twice, all the demand's bookings stay, and its rest is not planned."""
    demand = make_demand(max_people=2, shares=(Decimal("0.5"), Decimal(1)))
    first = make_booking(share=Decimal("0.5"), period=weeks(0, 0))
    second = make_booking(share=Decimal("0.5"), period=weeks(2, 3), id="again")
    staffing = to_problem(make_snapshot(demands=(demand,), bookings=(first, second)), make_request())
    assert (staffing.problem.demands, staffing.problem.current) == ((), ())
    assert staffing.problem.people[0].capacity == (1_800, 2_400, 1_800, 1_800, 2_400, 2_400, 2_400, 2_400)
    (said,) = [said for said in staffing.left_out if said.code == "booking.not_a_run"]
    assert said.facts["remaining_min"] == 600 + 1_200 + 600 + 600


def test_what_moves_with_somebody_booked_twice_stays() -> None:
    """A project that moves as one does not leave behind the demand whose bookings stay."""
    bookings = (make_booking(period=weeks(0, 0)), make_booking(period=weeks(2, 3), id="again"))
    demands = (make_demand(), make_demand("dev"))
    snapshot = make_snapshot(projects=(make_project(shift_weeks=(0, 2)),), demands=demands, bookings=bookings)
    staffing = to_problem(snapshot, make_request())
    assert ([d.id for d in staffing.problem.demands], staffing.problem.projects[0].shift) == (["alpha-dev"], (0, 0))
    assert "shift.held" in codes(staffing)


def test_policy_in_minor_units_and_minutes() -> None:
    """Money becomes minor units, hours minutes, the band ten-thousandths, frozen weeks periods."""
    policy = ChangePolicy(
        setup_cost=Decimal("12.5"),
        churn_cost=Decimal("0.005"),
        max_churn_hours=Decimal("1.5"),
        frozen_weeks=2,
        fairness_cost=Decimal(3),
        band_low=Decimal("0.6"),
        band_high=Decimal("0.95"),
    )
    found = to_problem(make_snapshot(), make_request(policy=policy)).problem.policy
    assert found == Policy(setup_cost=1_250, churn_cost=1, max_churn_minutes=90, frozen_periods=2, fairness_cost=300, band=(6_000, 9_500))
    assert to_problem(make_snapshot(), make_request()).problem.policy == Policy()


def test_problem_does_not_depend_on_the_order_of_rows() -> None:
    """Rows in another order give the same problem."""
    people = (make_person(), make_person("bob"))
    demands = (make_demand(effort=EFFORT), make_demand("dev"))
    bookings = (make_booking(), make_booking("bob", demand="alpha-dev"))
    snapshot = make_snapshot(people=people, demands=demands, bookings=bookings)
    turned = make_snapshot(people=people[::-1], demands=demands[::-1], bookings=bookings[::-1])
    assert to_problem(snapshot, make_request()) == to_problem(turned, make_request())

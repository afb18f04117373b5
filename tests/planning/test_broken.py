"""What of the bookings in force no longer holds is said, and never a reason for no plan."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.ground.ids import PersonId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.work import BookingState, ProjectState
from scheduler.planning.request_json import request_from_json, request_to_json
from scheduler.planning.to_problem import to_problem
from solver_models.limits import Limits
from solver_models.staffing.solve import solve
from solver_models.staffing.verify import check_plan, fixed_conflicts, verify
from tests.factories import (
    make_absence,
    make_booking,
    make_demand,
    make_held,
    make_person,
    make_project,
    make_request,
    make_snapshot,
    make_term,
    monday,
    weeks,
)
from tests.planning.random_snapshots import random_request, random_snapshot

if TYPE_CHECKING:
    from scheduler.planning.snapshot import Snapshot

BOOKED = make_booking()


def broken(snapshot: Snapshot, **request: Any) -> list[tuple[str, list[str]]]:
    """Code and weeks of everything that is said to be broken."""
    staffing = to_problem(snapshot, make_request(rebalances=True, **request))
    return [(said.code.removeprefix("broken."), said.facts["weeks"]) for said in staffing.left_out if said.code.startswith("broken.")]


def days(*numbers: int) -> list[str]:
    return [monday(number).isoformat() for number in numbers]


LEAVER = make_person(terms=(make_term(period=DateInterval(date(2020, 1, 1), monday(2))),))
SHORTER = make_demand(effort={0: 1_200, 1: 1_200})
CASES: dict[str, tuple[dict[str, Any], list[tuple[str, list[str]]]]] = {
    "all is well": ({}, []),
    "a leaver": ({"people": [LEAVER]}, [("person_left", days(2, 3)), ("coverage", [])]),
    "a sick week after the booking": (
        {"absences": (make_absence(first=monday(1), days=7),), "bookings": (replace(BOOKED, over_capacity=True),)},
        [("absent", days(1)), ("coverage", [])],
    ),
    "a holiday known before": ({"absences": (make_absence(first=monday(1), days=1),)}, []),
    "a demand cut": ({"demands": [SHORTER]}, [("window", [])]),
    "a demand gone": ({"demands": [make_demand(effort={})]}, [("nothing_wanted", days(0, 1, 2, 3))]),
    "a project lost": ({"projects": (make_project(state=ProjectState.LOST),)}, [("project_ended", [])]),
    "a level that is not held": (
        {"people": [make_person(skills=(make_held(level=2),))], "demands": [make_demand(requires={"sap": 3})]},
        [("skill", [])],
    ),
    "somebody barred": ({"demands": [make_demand(never=frozenset({PersonId("ann")}))]}, [("not_suitable", [])]),
    "a share not allowed": ({"demands": [make_demand(shares=(Decimal("0.5"),))]}, [("share", [])]),
}


@pytest.mark.parametrize("case", CASES)
def test_what_no_longer_holds_is_said(case: str) -> None:
    """Who, on what, why and in which weeks; what holds is not mentioned."""
    changes, wanted = CASES[case]
    assert broken(make_snapshot(**{"bookings": (BOOKED,), **changes})) == wanted


def test_two_on_one_place() -> None:
    """A demand that wants one person now and has two booked says so of both, in the weeks in which they meet."""
    people = [make_person(), make_person("bob")]
    bookings = (make_booking(share=Decimal("0.6")), make_booking("bob", share=Decimal("0.6"), period=weeks(2, 5)))
    demand = make_demand(effort=dict.fromkeys(range(6), 600), shares=(Decimal("0.6"),), min_run_weeks=1)
    found = broken(make_snapshot(people=people, demands=[demand], bookings=bookings))
    assert found == [("too_much_share", days(2, 3)), ("too_many_people", [])] * 2


def test_s10_locked_bookings_that_clash_stay_and_the_rest_is_planned() -> None:
    """Two full-time locked bookings of one person: a rebalance keeps what fits, sets the other aside as booked, and has a plan."""
    full = dict.fromkeys(range(4), 2_400)
    demands = [make_demand("lead", effort=full), make_demand("other", effort=full), make_demand("free", effort=full)]
    locked = [make_booking(demand=d.id, state=BookingState.LOCKED) for d in demands[:2]]
    snapshot = make_snapshot(people=[make_person(), make_person("bob")], demands=demands, bookings=tuple(locked))
    assert fixed_conflicts(to_problem(snapshot, make_request()).problem)
    staffing = to_problem(snapshot, make_request(rebalances=True))
    assert not fixed_conflicts(staffing.problem)
    assert "booking.not_a_run" in {said.code for said in staffing.left_out}
    assert {d.id for d in staffing.problem.demands} >= {"alpha-free"}
    answer = solve(staffing.problem, Limits(time_s=10, workers=1))
    assert answer.assignments is not None
    assert check_plan(staffing.problem, answer.assignments) == ()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_a_rebalance_always_has_a_problem_with_a_plan(seed: int) -> None:
    """Whatever the bookings break, locked ones too: the fixed runs contradict nothing, so there is a plan."""
    rng = random.Random(seed)
    snapshot = random_snapshot(rng)
    locked = tuple(replace(b, state=BookingState.LOCKED) if rng.random() < 0.6 else b for b in snapshot.bookings)
    request = replace(random_request(rng), rebalances=True)
    staffing = to_problem(replace(snapshot, bookings=locked), request)
    assert fixed_conflicts(staffing.problem) == ()
    assert request_from_json(request_to_json(request)) == request
    named = {said.facts["booking"] for said in staffing.left_out if said.code.startswith("broken.")}
    assert named <= {booking.id for booking in locked}


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10**9))
def test_a_solved_rebalance_passes_the_check(seed: int) -> None:
    """The answer to tomorrow's problem is a plan that the independent checker accepts."""
    rng = random.Random(seed)
    snapshot = random_snapshot(rng)
    locked = tuple(replace(b, state=BookingState.LOCKED) if rng.random() < 0.6 else b for b in snapshot.bookings)
    problem = to_problem(replace(snapshot, bookings=locked), replace(random_request(rng), rebalances=True)).problem
    answer = solve(problem, Limits(time_s=5, workers=1))
    assert answer.assignments is not None
    assert verify(problem, answer).holds

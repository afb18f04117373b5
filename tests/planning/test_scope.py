"""What a plan's scope takes in, and what becomes of the rest."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import PersonId, ProjectId, SkillId
from scheduler.domain.staffing.plan_scope import DemandState
from scheduler.domain.staffing.work import BookingState, ProjectState
from scheduler.planning.request import ChangePolicy
from scheduler.planning.request_json import request_from_json, request_to_json
from scheduler.planning.to_problem import to_problem
from solver_models.staffing.verify import fixed_conflicts
from tests.factories import make_booking, make_demand, make_person, make_project, make_request, make_snapshot, make_term, weeks
from tests.planning.random_snapshots import HORIZON, random_snapshot

if TYPE_CHECKING:
    from scheduler.planning.staffing import Staffing

SAP, JAVA = SkillId("sap"), SkillId("java")
NORTH = make_person("ann", team="North", terms=(make_term(location="Berlin"),))
SOUTH = make_person("bob", team="South", terms=(make_term(location="Rome"),))


def planned(staffing: Staffing) -> tuple[list[str], list[str]]:
    """Ids of the people and demands of the problem."""
    return [p.id for p in staffing.problem.people], [d.id for d in staffing.problem.demands]


def codes(staffing: Staffing) -> set[str]:
    return {said.code for said in staffing.left_out}


@pytest.mark.parametrize(
    ("asked", "people"),
    [
        ({"teams": frozenset({"North"})}, ["ann"]),
        ({"locations": frozenset({"Rome"})}, ["bob"]),
        ({"teams": frozenset({"North"}), "locations": frozenset({"Rome"})}, []),
        ({"teams": frozenset()}, []),
        ({}, ["ann", "bob"]),
    ],
)
def test_teams_and_locations_choose_people(asked: dict[str, Any], people: list[str]) -> None:
    """People of a team and at a place; both have to hold, an empty list holds for nobody, none asks nothing."""
    staffing = to_problem(make_snapshot(people=(NORTH, SOUTH)), make_request(**asked))
    assert planned(staffing) == (people, ["alpha-lead"])


def test_what_people_outside_are_booked_on_stays() -> None:
    """Their bookings are no runs, the demand is not planned, not even the rest of it, and the plan says so."""
    demands = (make_demand(max_people=2, shares=(Decimal("0.5"), Decimal(1))), make_demand("dev"))
    bookings = (make_booking("bob", share=Decimal("0.5")), make_booking("ann", share=Decimal("0.5")))
    snapshot = make_snapshot(people=(NORTH, SOUTH), demands=demands, bookings=bookings)
    staffing = to_problem(snapshot, make_request(teams=frozenset({"North"})))
    assert planned(staffing) == (["ann"], ["alpha-dev"])
    assert (staffing.problem.current, staffing.stays["ann"][:4]) == ((), (600, 600, 600, 600)), "what Ann does there takes her time"
    assert "booking.not_a_run" in codes(staffing)
    assert planned(to_problem(snapshot, make_request(teams=frozenset({"North", "South"}))))[1] == ["alpha-dev", "alpha-lead"]


@pytest.mark.parametrize(
    ("group", "booked", "barred"),
    [("apart", True, {"ann"}), ("apart", False, set()), ("together", True, set()), ("together", False, {"ann"})],
)
def test_groups_with_people_outside(group: str, booked: bool, barred: set[str]) -> None:
    """Who is kept apart from somebody outside stays off their project; who works together with somebody outside is there with them only."""
    groups: dict[str, Any] = {group: (frozenset({PersonId("ann"), PersonId("bob")}),)}
    project = make_project(**groups)
    bookings = (make_booking("bob", demand="alpha-dev"),) if booked else ()
    snapshot = make_snapshot(people=(NORTH, SOUTH), projects=(project,), demands=(make_demand(), make_demand("dev")), bookings=bookings)
    (lead,) = [d for d in to_problem(snapshot, make_request(teams=frozenset({"North"}))).problem.demands if d.id == "alpha-lead"]
    assert lead.never == barred


def test_skills_choose_demands() -> None:
    """A demand that requires one of the skills; the bookings of others stay and take capacity."""
    demands = (make_demand(requires={SAP: 2, JAVA: 1}), make_demand("dev", requires={JAVA: 1}), make_demand("aide"))
    snapshot = make_snapshot(demands=demands, bookings=(make_booking(demand="alpha-aide"),))
    staffing = to_problem(snapshot, make_request(skill_ids=frozenset({SAP})))
    assert planned(staffing) == (["ann"], ["alpha-lead"])
    assert staffing.problem.people[0].capacity[:4] == (1_200,) * 4
    assert {"demand.outside_scope", "booking.outside_plan"} <= codes(staffing)


def test_states_choose_demands_and_projects() -> None:
    """By how much of the effort is booked, and by whether the deal is won."""
    demands = [make_demand(name, shares=(Decimal("0.5"), Decimal(1))) for name in ("free", "half", "full")]
    beta = make_project("beta", state=ProjectState.TENTATIVE, probability=Decimal("0.5"))
    bookings = (
        make_booking(demand="alpha-half", share=Decimal("0.5"), state=BookingState.TENTATIVE),
        make_booking("bob", demand="alpha-full", state=BookingState.TENTATIVE),
    )
    snapshot = make_snapshot(
        people=(NORTH, SOUTH), projects=(make_project(), beta), demands=(*demands, make_demand(project="beta")), bookings=bookings
    )
    wanted = {DemandState.OPEN: ["alpha-free", "beta-lead"], DemandState.PARTLY_BOOKED: ["alpha-half"], DemandState.BOOKED: ["alpha-full"]}
    for state, found in wanted.items():
        assert planned(to_problem(snapshot, make_request(demand_states=frozenset({state}))))[1] == found
    for project_state, project in ((ProjectState.WON, "alpha"), (ProjectState.TENTATIVE, "beta")):
        staffing = to_problem(snapshot, make_request(project_states=frozenset({project_state})))
        assert {d.project for d in staffing.problem.demands} == {project}


def test_what_cannot_be_divided_is_taken_in_whole() -> None:
    """A project that is all or nothing, or moves as one, is planned with all its demands once one of them is in scope."""
    demands = (make_demand(requires={SAP: 1}), make_demand("aide"))
    cases: tuple[dict[str, Any], ...] = ({"all_or_nothing": True}, {"shift_weeks": (0, 1)})
    for changes in cases:
        snapshot = make_snapshot(projects=(make_project(**changes),), demands=demands)
        assert planned(to_problem(snapshot, make_request(skill_ids=frozenset({SAP}))))[1] == ["alpha-aide", "alpha-lead"]
        assert planned(to_problem(snapshot, make_request(skill_ids=frozenset({JAVA}))))[1] == []


def test_priorities_of_the_request_count_instead_of_the_projects() -> None:
    """A factor of the request replaces the project's own, for this plan alone."""
    snapshot = make_snapshot(projects=(make_project(priority=Decimal(2)),))
    asked = make_request(policy=ChangePolicy(priorities=((ProjectId("alpha"), Decimal("1.5")),)))
    values = [to_problem(snapshot, request).problem.demands[0].value_rate for request in (make_request(), asked)]
    assert values == [20_000, 15_000]


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"teams": frozenset({"Nowhere"})}, "/teams/0"),
        ({"locations": frozenset({"Atlantis"})}, "/locations/0"),
        ({"skill_ids": frozenset({SkillId("cobol")})}, "/skill_ids/0"),
        ({"policy": ChangePolicy(priorities=((ProjectId("gamma"), Decimal(1)),))}, "/policy/priorities/0/project_id"),
    ],
)
def test_names_that_nobody_knows_are_refused(asked: dict[str, Any], pointer: str) -> None:
    """A team, place, skill or project that does not exist is named by its place in the request."""
    with pytest.raises(DomainError) as refused:
        to_problem(make_snapshot(), make_request(**asked))
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(pointer, "reference.not_found")]


def test_requests_that_cannot_be_meant_are_refused() -> None:
    """Lost work is not planned; a priority is above zero and given once."""
    alpha = ProjectId("alpha")
    with pytest.raises(DomainError) as refused:
        make_request(
            project_states=frozenset({ProjectState.LOST}), policy=ChangePolicy(priorities=((alpha, Decimal(0)), (alpha, Decimal(1))))
        )
    assert {fault.pointer for fault in refused.value.faults} == {
        "/project_states",
        "/policy/priorities/0/priority",
        "/policy/priorities",
    }


def test_a_request_survives_its_row() -> None:
    """All of a request is in its JSON; one of an earlier version, without a scope, is read as one of everything."""
    whole = make_request(
        project_ids=frozenset({ProjectId("alpha")}),
        project_states=frozenset({ProjectState.WON}),
        demand_states=frozenset({DemandState.OPEN}),
        skill_ids=frozenset({SAP}),
        teams=frozenset({"North"}),
        locations=frozenset(),
        policy=ChangePolicy(priorities=((ProjectId("alpha"), Decimal("1.25")),)),
    )
    assert request_from_json(request_to_json(whole)) == whole
    earlier = request_to_json(make_request())
    for name in ("project_states", "demand_states", "skill_ids", "teams", "locations"):
        del earlier[name]
    del earlier["policy"]["priorities"]
    assert request_from_json(earlier) == make_request()


@pytest.mark.parametrize("third", range(3))
def test_a_team_of_any_firm_leaves_the_others_alone(third: int) -> None:
    """Random firms: nobody outside is in the problem, no demand that they hold is, and their bookings never make it infeasible."""
    for seed in range(third, 60, 3):
        rng = random.Random(seed)
        snapshot = random_snapshot(rng)
        inside = {p.id for p in snapshot.people if rng.random() < 0.5}
        teams = {p.id: "in" if p.id in inside else "out" for p in snapshot.people}
        people = tuple(
            make_person(p.id, team=teams[p.id], terms=p.terms, skills=p.skills, max_demands=p.max_demands) for p in snapshot.people
        )
        if not inside:
            continue
        staffing = to_problem(make_snapshot(**_rows(snapshot), people=people), make_request(weeks=HORIZON, teams=frozenset({"in"})))
        assert {p.id for p in staffing.problem.people} <= inside
        grid = make_request(weeks=HORIZON).grid
        held = {b.demand_id for b in snapshot.bookings if b.person_id not in inside and b.period.overlaps(grid.days)}
        assert not held & {d.id for d in staffing.problem.demands}
        pins = {b.person_id for b in snapshot.bookings if b.state is BookingState.LOCKED and b.person_id in inside}
        assert pins or not fixed_conflicts(staffing.problem)


def _rows(snapshot: Any) -> dict[str, Any]:
    return {
        name: getattr(snapshot, name)
        for name in ("firm", "skills", "calendars", "absences", "clients", "projects", "demands", "bookings", "bill_rates")
    }


def test_weeks_of_a_booking_outside_of_the_horizon_share_nothing() -> None:
    """Somebody outside who was booked on a demand before the horizon does not keep it from being planned."""
    demand = make_demand(effort=dict.fromkeys(range(-2, 3), 60))
    snapshot = make_snapshot(people=(NORTH, SOUTH), demands=(demand,), bookings=(make_booking("bob", period=weeks(-2, -1)),))
    assert planned(to_problem(snapshot, make_request(teams=frozenset({"North"}))))[1] == ["alpha-lead"]

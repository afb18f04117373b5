"""The what-if problems of sweeps, small enough to be known by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import SkillId
from scheduler.domain.staffing.sweeps import Sweep, SweepKind
from scheduler.domain.staffing.work import ProjectState
from scheduler.planning.request import ChangePolicy
from scheduler.planning.sweep_points import Bid, fairness_costs, not_dominated, with_hires
from scheduler.planning.sweep_request import SweepRequest, sweep_from_json, sweep_to_json
from scheduler.planning.to_problem import to_problem
from solver_models.limits import Limits
from solver_models.staffing.solve import solve
from tests.factories import make_booking, make_demand, make_person, make_project, make_request, make_snapshot

if TYPE_CHECKING:
    from scheduler.planning.snapshot import Snapshot
    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Problem

PROFILE = {
    "name": "Hire",
    "skills": [{"skill_id": "java", "level": 3}],
    "terms": [{"period": {"start": "2027-01-04"}, "employment": "employee", "calendar_id": "plain", "weekly_minutes": [480] * 5 + [0, 0]}],
}


def best(problem: Problem) -> Answer:
    return solve(problem, Limits(time_s=20, workers=1))


def bid_firm(**changes: Any) -> Snapshot:
    """Ann is wanted whole for three weeks at 100; the bid wants her whole for two weeks at 90, as its author wrote it from week 5 on."""
    rows: dict[str, Any] = {
        "projects": (make_project(), make_project("bid", state=ProjectState.TENTATIVE, probability=Decimal("0.1"))),
        "demands": (
            make_demand(effort=dict.fromkeys(range(3), 2_400)),
            make_demand(project="bid", effort={5: 2_400, 6: 2_400}, bill_rate=Decimal(90)),
        ),
    }
    return make_snapshot(**{**rows, **changes})


def test_a_bid_starts_where_nothing_better_is_to_do() -> None:
    """It could be staffed from the first week on, and is worth it from the fourth; as won, whatever its chance; six weeks are its last."""
    bid = Bid(bid_firm(), make_request(), "bid")
    assert list(bid.starts(26)) == list(range(7))
    verdicts = []
    for week in range(4):
        staffing = bid.starting(week)
        assert bid.is_in(best(bid.alone(staffing.problem)))
        verdicts.append(bid.is_in(best(staffing.problem)))
    assert verdicts == [False, False, False, True]
    assert best(bid.starting(3).problem).objective_x60 == best(bid.without().problem).objective_x60 + 2 * 2_400 * 9_000  # type: ignore[operator]


def test_a_bid_that_nobody_can_do_cannot_be_staffed() -> None:
    """Not even alone; and one that is booked already is looked at as if it were not."""
    demand = make_demand(project="bid", effort={5: 2_400}, requires={SkillId("java"): 1})
    bid = Bid(bid_firm(demands=(demand,)), make_request(), "bid")
    assert not bid.is_in(best(bid.alone(bid.starting(0).problem)))
    booked = bid_firm(bookings=(make_booking(demand="bid-lead", project="bid"),))
    assert Bid(booked, make_request(), "bid").starting(0).problem.current == ()


@pytest.mark.parametrize(
    ("project", "changes", "code"),
    [
        ("none", {}, "reference.not_found"),
        ("bid", {"projects": (make_project("bid", state=ProjectState.LOST),)}, "project.not_open"),
        ("bid", {"demands": (make_demand(project="bid", effort={}),)}, "demand.no_effort"),
    ],
)
def test_what_is_no_bid_is_refused(project: str, changes: dict[str, Any], code: str) -> None:
    """A project that is not there, is lost, or wants nobody, by its place in the request."""
    with pytest.raises(DomainError) as refused:
        Bid(bid_firm(**changes), make_request(), project)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/project_id", code)]


def test_a_bid_outside_of_the_scope_says_so() -> None:
    bid = Bid(bid_firm(), make_request(skill_ids=frozenset({SkillId("java")})), "bid")
    with pytest.raises(DomainError) as refused:
        bid.starting(0)
    assert refused.value.faults[0].code == "bid.not_planned"


def test_hires_are_there_in_the_sweep_only() -> None:
    """So many people of the profile, at what others of their grade cost; the rows given stay as they are."""
    snapshot = make_snapshot()
    larger = with_hires(snapshot, PROFILE, 2)
    assert [p.name for p in larger.people if p not in snapshot.people] == ["Hire 1", "Hire 2"]
    assert with_hires(snapshot, PROFILE, 0) is snapshot
    assert len(to_problem(larger, make_request()).problem.people) == 3


def point(axis: int, margin: int) -> dict[str, Any]:
    return {"new_minutes": axis, "amounts": {"margin_after_bench_minor": margin}}


def test_no_point_of_a_frontier_is_dominated() -> None:
    """Of points on the same axis the best, of equal ones the first, and none that another beats in both."""
    points = [point(10, 5), point(0, 3), point(20, 5), point(0, 2), point(30, 9), point(10, 5), point(25, 8), point(26, 8)]
    kept = not_dominated(points, axis="new_minutes")
    assert [(one["new_minutes"], one["amounts"]["margin_after_bench_minor"]) for one in kept] == [(0, 3), (10, 5), (25, 8), (30, 9)]


def test_costs_of_unfairness_go_from_nothing_to_more_than_work_brings() -> None:
    problem = to_problem(make_snapshot(people=(make_person(),)), make_request()).problem
    assert fairness_costs(problem, 5) == [0, 1_250, 2_500, 5_000, 10_000]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"kind": SweepKind.EARLIEST_START}, "/project_id"),
        ({"kind": SweepKind.HIRES}, "/profile"),
        ({"kind": SweepKind.FAIRNESS_FRONTIER}, "/plan/policy/band_low"),
        ({"kind": SweepKind.CHURN_FRONTIER, "points": 1}, "/points"),
        ({"kind": SweepKind.PIPELINE, "samples": 1}, "/samples"),
    ],
)
def test_sweeps_that_cannot_be_answered_are_refused(changes: dict[str, Any], pointer: str) -> None:
    """What is missing for its kind, or out of range, by its place."""
    with pytest.raises(DomainError) as refused:
        SweepRequest(plan=make_request(), **changes)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_a_sweep_survives_its_row() -> None:
    policy = ChangePolicy(band_low=Decimal("0.6"))
    asked = SweepRequest(kind=SweepKind.FAIRNESS_FRONTIER, plan=make_request(policy=policy), points=7)
    assert sweep_from_json(sweep_to_json(asked)) == asked


def test_a16_amounts_are_taken_out_wherever_they_are() -> None:
    """In lists and objects alike; with them the profile, which may say what somebody shall cost."""
    result = {"points": [{"hires": 0, "amounts": {"margin_minor": 5}}], "amounts": {"x": 1}, "axis": "new_minutes"}
    job: Any = None
    seen = Sweep(job=job, request={"kind": "hires", "profile": PROFILE}, result=result).without_amounts()
    assert seen.result == {"points": [{"hires": 0, "amounts": None}], "amounts": None, "axis": "new_minutes"}
    assert seen.request["profile"] is None

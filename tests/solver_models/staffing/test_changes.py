"""Changes to a problem: each does what it says and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver_models.staffing.changes import Change, Kind, changed, hired, keeps_old_plans, relaxation
from solver_models.staffing.problem import Problem, Project
from tests.solver_models.staffing.small_cases import demand, person, problem, run

CASE = problem(
    [
        person("ana", skills={"sap": 2}, cost_rate=30, max_demands=1, not_for=frozenset({"d"}), available_for=frozenset()),
        person("ben", [600, 0, 300, 0], usual=(600, 0, 600, 0), cost_rate=50, skills={"sap": 4}, idle_cost=3),
    ],
    [
        demand("d", requires={"sap": 3, "java": 1}, locations=frozenset({"Bonn"}), only=frozenset(), never=frozenset({"ana"}), min_run=3),
        demand("e"),
    ],
    projects=[
        Project(id="P", all_or_nothing=True, shift=(0, 1), apart=(frozenset({"ana", "ben"}),), together=(frozenset({"ana", "ben"}),))
    ],
    fixed=[run("ben", "e", 0, 0)],
    max_churn_minutes=100,
    frozen_periods=2,
)


def _after(steps: int = 1, **keys: object) -> Problem:
    return changed(CASE, relaxation({Change(**keys): steps}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("keys", "steps", "expected"),
    [
        ({"kind": Kind.LEVEL, "demand": "d", "skill": "sap"}, 2, {"requires": {"sap": 1, "java": 1}}),
        ({"kind": Kind.LEVEL, "demand": "d", "skill": "java"}, 1, {"requires": {"sap": 3}}),
        ({"kind": Kind.LATER, "demand": "d"}, 2, {"shift": (0, 2)}),
        ({"kind": Kind.EARLIER, "demand": "d"}, 1, {"shift": (-1, 0)}),
        ({"kind": Kind.PEOPLE, "demand": "d"}, 2, {"max_people": 3}),
        ({"kind": Kind.SHARE, "demand": "d", "share_e4": 5_000}, 1, {"shares_e4": (10_000, 5_000)}),
        ({"kind": Kind.RUN, "demand": "d"}, 2, {"min_run": 1}),
        ({"kind": Kind.PLACE, "demand": "d", "place": "Oslo"}, 1, {"locations": frozenset({"Bonn", "Oslo"})}),
        ({"kind": Kind.PLACE, "demand": "d"}, 1, {"locations": None}),
        ({"kind": Kind.ADMIT, "demand": "d", "person": "ana", "rule": "only"}, 1, {"only": frozenset({"ana"})}),
        ({"kind": Kind.ADMIT, "demand": "d", "person": "ana", "rule": "never"}, 1, {"never": frozenset()}),
        ({"kind": Kind.RATE, "demand": "d"}, 7, {"value_rate": 107}),
    ],
)
def test_a_change_of_a_demand(keys: dict[str, object], steps: int, expected: dict[str, object]) -> None:
    """One key of the one demand; all else stays."""
    assert _after(steps, **keys) == replace(CASE, demands=(replace(CASE.demands[0], **expected), CASE.demands[1]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("keys", "steps", "expected"),
    [
        ({"kind": Kind.AT_ONCE, "person": "ana"}, 2, {"max_demands": 3}),
        ({"kind": Kind.ADMIT, "demand": "d", "person": "ana", "rule": "not_for"}, 1, {"not_for": frozenset()}),
        ({"kind": Kind.ADMIT, "demand": "d", "person": "ana", "rule": "available_for"}, 1, {"available_for": frozenset({"d"})}),
    ],
)
def test_a_change_of_a_person(keys: dict[str, object], steps: int, expected: dict[str, object]) -> None:
    """One key of the one person; all else stays."""
    assert _after(steps, **keys) == replace(CASE, people=(replace(CASE.people[0], **expected), CASE.people[1]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"kind": Kind.LATER, "demand": "d", "project": "P"}, {"shift": (0, 2)}),
        ({"kind": Kind.WHOLE, "project": "P"}, {"all_or_nothing": False}),
        ({"kind": Kind.APART, "project": "P", "group": 0}, {"apart": (frozenset(),)}),
        ({"kind": Kind.TOGETHER, "project": "P", "group": 0}, {"together": (frozenset(),)}),
    ],
)
def test_a_change_of_a_project(keys: dict[str, object], expected: dict[str, object]) -> None:
    """One key of the one project; groups keep their numbers."""
    assert _after(1, **keys) == replace(CASE, projects=(replace(CASE.projects[0], **expected),))  # type: ignore[arg-type]


def test_a_change_of_the_policy() -> None:
    """More new minutes; fewer frozen periods, never fewer than none."""
    assert _after(20, kind=Kind.CHURN).policy.max_churn_minutes == 120
    assert _after(1, kind=Kind.UNFREEZE).policy.frozen_periods == 1
    assert _after(9, kind=Kind.UNFREEZE).policy.frozen_periods == 0


def test_a_lifted_pin_is_the_plan_in_force() -> None:
    """What was fixed may move; moving it is a change as of any booking, and what is in force already stays as it is."""
    assert (_after(1, kind=Kind.PIN, person="ben", demand="e").fixed, _after(1, kind=Kind.PIN, person="ben", demand="e").current) == (
        (),
        CASE.fixed,
    )
    both = replace(CASE, current=(run("ben", "e", 0, 2),))
    assert changed(both, relaxation({Change(kind=Kind.PIN, person="ben", demand="e"): 1})).current == both.current


def test_hired_people_are_there_for_one_demand_at_what_such_people_cost() -> None:
    """The levels asked for, an allowed place, the fullest weeks; the cost of the middle one of those qualified, else of everybody."""
    hire = hired(CASE, "d", 1)
    assert (hire.skills, hire.location, hire.available_for) == ({"sap": 3, "java": 1}, "Bonn", frozenset({"d"}))
    assert hire.capacity == (600, 600, 600, 600)
    assert (hire.cost_rate, hired(CASE, "e", 1).cost_rate) == (30, 30)
    closed = replace(CASE, people=tuple(replace(p, capacity=(600, 100, 150, 0), usual=None) for p in CASE.people))
    assert hired(closed, "d", 1).capacity == (600, 600, 150, 600)
    two = _after(2, kind=Kind.HIRE, demand="d")
    assert [p.id for p in two.people[2:]] == ["hire", "hire-2"]
    assert two.demands[0].only == frozenset({"hire", "hire-2"})


def test_of_what_keeps_old_plans_more_never_does_less() -> None:
    """Lifting pins may take plans away; a lower level makes those above it dearer, a hire costs even unbooked, where that is priced."""
    level, hire, pin = (Change(kind=kind, demand="d", skill="sap", person="ben") for kind in (Kind.LEVEL, Kind.HIRE, Kind.PIN))
    assert [keeps_old_plans(CASE, change) for change in (level, hire, pin)] == [True, True, False]
    dear = replace(
        CASE,
        people=tuple(replace(p, idle_cost=5) for p in CASE.people),
        demands=tuple(replace(d, overqualified_cost=1) for d in CASE.demands),
    )
    assert [keeps_old_plans(dear, change) for change in (level, hire)] == [False, False]

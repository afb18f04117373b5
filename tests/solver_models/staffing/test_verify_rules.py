"""One planted fault for each rule of a feasible plan, beside a twin without it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from solver_models.staffing.problem import Project
from tests.solver_models.staffing.verify_cases import broken, demand, only_violation, person, problem, run

FULL = run()


def test_a_plan_without_fault_breaks_no_rule() -> None:
    """A qualified person with enough capacity on one demand is a feasible plan, and so is doing nothing."""
    assert broken(problem(), FULL) == []
    assert broken(problem()) == []


def test_rule_1_level() -> None:
    """Each required level must be held; the level itself is enough."""
    wants = demand(requires={"sap": 3, "sql": 1})
    assert broken(problem([person(skills={"sap": 3, "sql": 5})], [wants]), FULL) == []
    violation = only_violation(problem([person(skills={"sap": 2, "sql": 5})], [wants]), FULL)
    assert violation.rule == 1
    assert violation.facts == {"person": "ann", "demand": "build", "skill": "sap", "required": 3, "held": 2}
    assert violation.message == "ann on build: needs sap at level 3 and has level 2."
    assert broken(problem([person()], [wants]), FULL) == [1, 1]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        pytest.param(({"location": "Bonn"}, {"locations": frozenset({"Bonn"})}), ({"location": "Oslo"}, {}), id="location"),
        pytest.param(({"location": "Bonn"}, {"locations": frozenset({"Bonn"})}), ({"location": None}, {}), id="no location"),
        pytest.param(({"location": "Bonn"}, {}), ({}, {"locations": frozenset()}), id="no place at all"),
        pytest.param(({"available_for": frozenset({"build"})}, {}), ({"available_for": frozenset()}, {}), id="available_for"),
        pytest.param(({"not_for": frozenset()}, {}), ({"not_for": frozenset({"build"})}, {}), id="not_for"),
        pytest.param(({}, {"only": frozenset({"ann"})}), ({}, {"only": frozenset()}), id="only"),
        pytest.param(({}, {"never": frozenset()}), ({}, {"never": frozenset({"ann"})}), id="never"),
        pytest.param(({}, {"shares_e4": (5_000, 10_000)}), ({}, {"shares_e4": (5_000,)}), id="share"),
        pytest.param(({}, {}), ({}, {"shares_e4": ()}), id="no share"),
    ],
)
def test_rule_1_who_may_do_it(right: tuple[dict[str, Any], ...], wrong: tuple[dict[str, Any], ...]) -> None:
    """Location, allowed and refused people and demands, and the shares all bind; a pinned run is exempt."""
    assert broken(problem([person(**right[0])], [demand(**right[1])]), FULL) == []
    who, what = person(**(right[0] | wrong[0])), demand(**(right[1] | wrong[1]))
    assert broken(problem([who], [what]), FULL) == [1]
    assert broken(problem([who], [what], fixed=[FULL]), FULL) == []


def test_rule_2_capacity() -> None:
    """Minutes of a person's runs in a period are at most the capacity."""
    work = [demand("a"), demand("b", effort=(600, 601, 600, 600), min_coverage_e4=0)]
    assert broken(problem([person(capacity=(1_200, 1_201, 1_200, 1_200))], work), run(what="a"), run(what="b")) == []
    violation = only_violation(problem([person(capacity=(1_200,) * 4)], work), run(what="a"), run(what="b"))
    assert violation.rule == 2
    assert violation.facts == {"person": "ann", "period": 1, "minutes": 1_201, "limit": 1_200}


def test_rule_2_runs_at_once() -> None:
    """Runs count against ``max_demands`` in every period they cover, even one without minutes."""
    work = [demand("a", effort=(600, 0, 600, 600)), demand("b", effort=(0, 600, 0, 0), project="other")]
    plan = run(what="a"), run(what="b", first=1, last=1)
    assert broken(problem([person(max_demands=2)], work), *plan) == []
    violation = only_violation(problem([person(max_demands=1)], work), *plan)
    assert (violation.rule, violation.facts["period"], violation.facts["runs"]) == (2, 1, 2)


def test_rule_3_shares() -> None:
    """Shares of a demand's runs in a period sum to at most 1, exactly."""
    people = [person("ann"), person("bob")]
    wants = demand(shares_e4=(2_900, 7_100, 7_101), max_people=2)
    small = run("ann", share_e4=2_900)
    assert broken(problem(people, [wants]), small, run("bob", share_e4=7_100)) == []
    assert broken(problem(people, [wants]), small, run("bob", share_e4=7_101)) == [3, 3, 3, 3]


def test_rule_3_people() -> None:
    """A demand has at most ``max_people`` runs, even one after the other."""
    people = [person("ann"), person("bob")]
    plan = run("ann", last=1), run("bob", first=2)
    assert broken(problem(people, [demand(max_people=2, min_run=2)]), *plan) == []
    violation = only_violation(problem(people, [demand(min_run=2)]), *plan)
    assert (violation.rule, violation.facts) == (3, {"demand": "build", "people": 2, "limit": 1})


def test_rule_3_shift_of_a_demand() -> None:
    """A run has one of its demand's shifts, and all runs of the demand have the same."""
    people = [person("ann"), person("bob")]
    wants = demand(effort=(0, 600, 600, 0), shift=(-1, 0), shares_e4=(5_000,), max_people=2)
    earlier = run("ann", share_e4=5_000, first=0, last=1, shift=-1)
    assert broken(problem(people, [wants]), earlier, replace(earlier, person="bob")) == []
    assert broken(problem(people, [wants]), earlier, run("bob", share_e4=5_000, first=1, last=2)) == [3]
    assert broken(problem(people, [wants]), run("ann", share_e4=5_000, first=2, last=3, shift=1)) == [3]


def test_rule_3_shift_of_a_project() -> None:
    """All demands of a project with a ``shift`` move alike, and none leaves the horizon; without one each moves alone."""
    early, late = demand("a", effort=(600, 600, 0, 0)), demand("b", effort=(0, 600, 600, 0))
    moving = Project(id="tower", shift=(0, 2))
    both = run(what="a", first=1, last=2, shift=1), run(what="b", first=2, last=3, shift=1)
    assert broken(problem(demands=[early, late], projects=[moving]), *both) == []
    assert broken(problem(demands=[early, late], projects=[moving]), both[0], run(what="b", first=1, last=2)) == [3]
    assert broken(problem(demands=[early, late], projects=[moving]), run(what="a", first=2, last=3, shift=2)) == [3]
    alone = [replace(early, shift=(0, 2)), replace(late, shift=(0, 2))]
    assert broken(problem(demands=alone), both[0], run(what="b", first=1, last=2)) == []
    assert broken(problem(demands=alone), run(what="a", first=2, last=3, shift=2)) == []


@pytest.mark.parametrize(("first", "last", "faults"), [(1, 2, []), (0, 2, [4]), (1, 3, [4])])
def test_rule_4_window(first: int, last: int, faults: list[int]) -> None:
    """A run lies between the first and the last period with effort."""
    wants = demand(effort=(0, 600, 600, 0), min_run=1)
    assert broken(problem(demands=[wants]), run(first=first, last=last)) == faults


def test_rule_4_zeros_inside_the_window_are_part_of_it() -> None:
    """A run may begin or end in a period without effort, inside the window."""
    wants = demand(effort=(600, 0, 0, 600), min_run=1)
    assert broken(problem(demands=[wants]), run(first=1)) == []
    assert broken(problem(demands=[wants]), run(last=2)) == []


def test_rule_4_a_demand_without_effort_takes_no_run() -> None:
    """All effort zero: no run."""
    assert broken(problem(demands=[demand(effort=(0, 0, 0, 0))]), FULL) == [4]


def test_rule_4_frozen_periods() -> None:
    """A run begins in period n or later, and the shortest run counts periods from n on only."""
    assert broken(problem(frozen_periods=2), run(first=2)) == []
    assert broken(problem(frozen_periods=2), run(first=1)) == [4]
    assert broken(problem(frozen_periods=2), run(first=3)) == [4]
    assert broken(problem(demands=[demand(min_run=3)], frozen_periods=2), run(first=2)) == []


def test_rule_4_length() -> None:
    """A run lasts at least ``min_run`` periods; by default the whole window."""
    wants = demand(min_run=2)
    assert broken(problem(demands=[wants]), run(first=1, last=2)) == []
    assert only_violation(problem(demands=[wants]), run(first=1, last=1)).facts["least"] == 2
    assert broken(problem(), run(first=1)) == [4]
    assert broken(problem(demands=[demand(min_run=9)]), FULL) == []
    assert broken(problem(demands=[demand(min_run=9)]), run(first=1)) == [4]


def test_rule_4_one_minute() -> None:
    """A run delivers at least one minute, even where no coverage is asked for."""
    wants = demand(min_coverage_e4=0)
    assert broken(problem([person(capacity=(0, 0, 0, 1))], [wants]), FULL) == []
    assert broken(problem([person(capacity=(0, 0, 0, 0))], [wants]), FULL) == [4]


def test_rule_4_coverage() -> None:
    """Minutes over the run are at least ``min_coverage`` of those promised, to the minute."""
    wants = demand(effort=(1_000, 1_000, 1_000, 1_000), min_coverage_e4=8_000)
    usual = (1_000,) * 4
    assert broken(problem([person(capacity=(200, 1_000, 1_000, 1_000), usual=usual)], [wants]), FULL) == []
    violation = only_violation(problem([person(capacity=(199, 1_000, 1_000, 1_000), usual=usual)], [wants]), FULL)
    assert (violation.rule, violation.facts["minutes"], violation.facts["promised"]) == (4, 3_199, 4_000)


def test_rule_4_shifted_window_inside_the_horizon() -> None:
    """A shift given by a pinned run does not carry other runs of its unit out of the horizon."""
    wants = demand(shares_e4=(5_000,), max_people=2, min_run=1)
    pin = run("bob", share_e4=5_000, first=1, last=3, shift=1)
    case = problem([person("ann"), person("bob")], [wants], fixed=[pin])
    assert broken(case, pin) == []
    assert broken(case, pin, run("ann", share_e4=5_000, first=1, last=3, shift=1)) == [4]


def test_rule_5_one_run() -> None:
    """A person has at most one run on a demand, even at different times."""
    wants = demand(min_run=1, max_people=2)
    people = [person("ann"), person("bob")]
    assert broken(problem(people, [wants]), run(last=1), run("bob", first=2)) == []
    assert broken(problem(people, [wants]), run(last=1), run(first=2)) == [5]


def test_rule_6_fixed_runs() -> None:
    """Every fixed run is there exactly."""
    case = problem(demands=[demand(shares_e4=(5_000, 10_000), min_run=1)], fixed=[FULL])
    assert broken(case, FULL) == []
    assert broken(case) == [6]
    for other in (replace(FULL, last=2), replace(FULL, first=1), replace(FULL, share_e4=5_000)):
        assert 6 in broken(case, other)
    assert broken(case, FULL, FULL) == [3, 3, 3, 3, 3, 5]


def test_rule_6_frozen_runs() -> None:
    """A run that began before period n keeps person, demand, share, first and shift; it may end from n-1 to the end of its window."""
    wants = demand(effort=(600, 600, 600, 0), shares_e4=(5_000, 10_000), min_run=1)
    case = problem(demands=[wants], current=[run(last=1)], frozen_periods=2)
    for last in (1, 2):
        assert broken(case, run(last=last)) == []
    assert broken(case, run(last=0)) == [4, 6]
    assert 6 in broken(case, run(last=3))
    assert 6 in broken(case, run(first=1, last=1))
    assert 6 in broken(case, run(last=1, share_e4=5_000))
    assert broken(case) == [6]


def test_rule_6_a_frozen_run_that_ended_keeps_its_end() -> None:
    """A frozen run whose last period lies before n-1 keeps it."""
    case = problem(demands=[demand(min_run=1)], current=[run(last=0)], frozen_periods=2)
    assert broken(case, run(last=0)) == []
    assert 6 in broken(case, run(last=1))


def test_rule_6_a_frozen_run_may_keep_an_end_after_its_window() -> None:
    """The last period of a frozen run may be its old one, though the window has become shorter."""
    case = problem(demands=[demand(effort=(600, 600, 0, 0))], current=[run(last=2)], frozen_periods=1)
    for last in (0, 1, 2):
        assert broken(case, run(last=last)) == []
    assert 6 in broken(case, run(last=3))


def test_rule_6_new_minutes() -> None:
    """Minutes above the plan in force are at most ``max_churn_minutes``; dropped ones and fixed runs do not count."""
    people = [person("ann"), person("bob")]
    work = [demand("a", min_run=1), demand("b", min_run=1)]
    kept = run("ann", "a", last=1)
    new = run("bob", "b", last=0)
    assert broken(problem(people, work, current=[kept], max_churn_minutes=600), kept, new) == []
    assert broken(problem(people, work, current=[kept], max_churn_minutes=599), kept, new) == [6]
    assert broken(problem(people, work, current=[kept], max_churn_minutes=600), replace(kept, last=2)) == []
    assert broken(problem(people, work, current=[kept], max_churn_minutes=0)) == []
    assert broken(problem(people, work, current=[kept], fixed=[new], max_churn_minutes=0), kept, new) == []


def test_rule_6_a_moved_start_is_new_by_calendar_period() -> None:
    """The same work a period later is new in the period it did not cover."""
    wants = demand(effort=(600, 600, 0, 0), shift=(0, 1))
    case = problem(demands=[wants], current=[run(last=1)], max_churn_minutes=599)
    assert broken(case, run(first=1, last=2, shift=1)) == [6]
    assert broken(replace(case, policy=replace(case.policy, max_churn_minutes=600)), run(first=1, last=2, shift=1)) == []


def test_rule_7_apart() -> None:
    """Of an ``apart`` group one person at most has a run on the project, on whichever demand and at whatever time."""
    people = [person("ann"), person("bob"), person("cat")]
    work = [demand("a", effort=(600, 0, 0, 0)), demand("b", effort=(0, 0, 0, 600))]
    split = Project(id="tower", apart=(frozenset({"ann", "bob"}),))
    first, last = run("ann", "a", last=0), run("bob", "b", first=3)
    assert broken(problem(people, work, projects=[split]), first, replace(last, person="cat")) == []
    assert broken(problem(people, work, projects=[split]), first, replace(last, person="ann")) == []
    assert broken(problem(people, work, projects=[split]), first, last) == [7]
    assert broken(problem(people, [work[0], replace(work[1], project="other")], projects=[split]), first, last) == []


def test_rule_7_together() -> None:
    """Of a ``together`` group all or none have a run on the project."""
    people = [person("ann"), person("bob"), person("cat")]
    work = [demand("a"), demand("b"), demand("c")]
    joined = Project(id="tower", together=(frozenset({"ann", "bob"}),))
    case = problem(people, work, projects=[joined])
    assert broken(case, run("ann", "a"), run("bob", "b")) == []
    assert broken(case, run("cat", "c")) == []
    assert broken(case, run("ann", "a"), run("cat", "c")) == [7]


def test_rule_8_every_demand() -> None:
    """An ``all_or_nothing`` project has no run, or one on each demand with effort."""
    work = [demand("a"), demand("b"), demand("c", effort=(0, 0, 0, 0))]
    case = problem(demands=work, projects=[Project(id="tower", all_or_nothing=True)])
    assert broken(case) == []
    assert broken(case, run(what="a"), run(what="b")) == []
    assert broken(case, run(what="a")) == [8]


def test_rule_8_every_period() -> None:
    """In each period with effort shares sum to at least 0.99; three times 0.33 is full, 0.9899 is not."""
    people = [person("ann"), person("bob"), person("cat")]
    wants = demand(effort=(600, 0, 600, 600), shares_e4=(3_300, 3_299), max_people=3, min_run=1)
    case = problem(people, [wants], projects=[Project(id="tower", all_or_nothing=True)])
    full = [run(name, share_e4=3_300) for name in ("ann", "bob", "cat")]
    assert broken(case, *full) == []
    assert broken(case, *full[:2], replace(full[2], share_e4=3_299)) == [8, 8, 8]
    assert broken(case, *full[:2], replace(full[2], last=2)) == [8]


def test_rule_8_absences_do_not_matter() -> None:
    """Shares make a project full, whatever absences take of its minutes."""
    away = person(capacity=(2_400, 2_400, 2_400, 0), usual=(2_400,) * 4)
    case = problem([away], [demand(min_coverage_e4=5_000)], projects=[Project(id="tower", all_or_nothing=True)])
    assert broken(case, FULL) == []


def test_rule_8_follows_the_shift() -> None:
    """The periods that must be full are those of the shifted effort."""
    wants = demand(effort=(600, 600, 0, 0), shift=(0, 2), min_run=1)
    case = problem(demands=[wants], projects=[Project(id="tower", all_or_nothing=True)])
    assert broken(case, run(first=2, last=3, shift=2)) == []
    assert only_violation(case, run(first=2, last=2, shift=2)).facts["period"] == 3


def test_rule_8_frozen_periods_are_left_out() -> None:
    """Only periods from n on must be full."""
    case = problem(demands=[demand()], projects=[Project(id="tower", all_or_nothing=True)], frozen_periods=2)
    assert broken(case, run(first=2)) == []

"""Each constraint of the model alone, on one to three demands: satisfied, violated if it were missing, and at its boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from solver_models.staffing.problem import Project
from solver_models.staffing.solve import solve
from tests.solver_models.staffing.small_cases import demand, person, problem, run, runs_of, solved

if TYPE_CHECKING:
    from solver_models.staffing.problem import Demand, Person, Problem

ANA, BEN = person("ana"), person("ben", cost_rate=20)


@pytest.mark.parametrize(
    ("who", "wanted", "fits"),
    [
        pytest.param(person("ana", skills={"sap": 3}), demand("d", requires={"sap": 3}), True, id="level held"),
        pytest.param(person("ana", skills={"sap": 2}), demand("d", requires={"sap": 3}), False, id="level short by one"),
        pytest.param(person("ana", skills={"sap": 5}), demand("d", requires={"sap": 1, "java": 1}), False, id="all skills must hold"),
        pytest.param(person("ana", location="MUC"), demand("d", locations=frozenset({"MUC"})), True, id="location allowed"),
        pytest.param(person("ana"), demand("d", locations=frozenset({"MUC"})), False, id="no location is refused"),
        pytest.param(person("ana", available_for=frozenset({"d"})), demand("d"), True, id="available for it"),
        pytest.param(person("ana", available_for=frozenset()), demand("d"), False, id="available for nothing"),
        pytest.param(person("ana", not_for=frozenset({"d"})), demand("d"), False, id="not for it"),
        pytest.param(person("ana"), demand("d", only=frozenset()), False, id="only nobody"),
        pytest.param(person("ana"), demand("d", never=frozenset({"ana"})), False, id="never her"),
        pytest.param(person("ana"), demand("d", shares_e4=()), False, id="no share allowed"),
    ],
)
def test_rule_1_eligibility(who: Person, wanted: Demand, fits: bool) -> None:
    """A run exists only where every level, place and list allows it."""
    assert runs_of(problem([who], [wanted])) == ({run("ana", "d")} if fits else set())


@pytest.mark.parametrize(("minutes", "both"), [(300, True), (301, False)])
def test_rule_2_capacity(minutes: int, both: bool) -> None:
    """A person's minutes sum to at most the capacity of every period."""
    case = problem([ANA], [demand("d", [minutes] * 4), demand("e", [300] * 4)])
    assert len(runs_of(case)) == (2 if both else 1)


@pytest.mark.parametrize(("most", "runs"), [(1, 1), (2, 2), (3, 3), (None, 3)])
def test_rule_2_max_demands(most: int | None, runs: int) -> None:
    """Runs of a person in one period number at most ``max_demands``."""
    case = problem([person("ana", max_demands=most)], [demand(d, [100] * 4) for d in "def"])
    assert len(runs_of(case)) == runs


def test_rule_2_max_demands_counts_per_period() -> None:
    """Runs that do not meet do not count together."""
    case = problem([person("ana", max_demands=1)], [demand("d", [100, 100, 0, 0]), demand("e", [0, 0, 100, 100])])
    assert len(runs_of(case)) == 2


@pytest.mark.parametrize(("share", "runs"), [(5_000, 2), (5_001, 1)])
def test_rule_3_shares(share: int, runs: int) -> None:
    """Shares of a demand's runs sum to at most one."""
    assert len(runs_of(problem([ANA, BEN], [demand("d", shares_e4=(share,), max_people=2)]))) == runs


@pytest.mark.parametrize(("most", "runs"), [(1, 1), (2, 2)])
def test_rule_3_max_people(most: int, runs: int) -> None:
    """A demand has at most ``max_people`` runs, however little each takes."""
    assert len(runs_of(problem([ANA, BEN], [demand("d", shares_e4=(3_000,), max_people=most)]))) == runs


def test_rule_3_one_shift_per_demand() -> None:
    """Two people on one demand start together, though alone each would start when free."""
    people = [person("ana", [600, 600, 0, 0]), person("ben", [0, 0, 600, 600])]
    wanted = demand("d", [600, 600, 0, 0], shares_e4=(5_000,), max_people=2, shift=(0, 2))
    assert len(runs_of(problem(people, [wanted]))) == 1


def test_rule_3_one_shift_per_project() -> None:
    """The demands of a project that moves, move by one number."""
    people = [person("ana", [600, 600, 0, 0], skills={"x": 1}), person("ben", [0, 0, 600, 600], skills={"y": 1})]
    wanted = [demand("d", [600, 600, 0, 0], requires={"x": 1}), demand("e", [600, 600, 0, 0], requires={"y": 1})]
    assert len(runs_of(problem(people, wanted, projects=[Project(id="P", shift=(0, 2))]))) == 1
    apart = [demand("d", [600, 600, 0, 0], requires={"x": 1}), demand("e", [600, 600, 0, 0], requires={"y": 1}, shift=(0, 2))]
    assert len(runs_of(problem(people, apart))) == 2


def test_rule_3_shift_keeps_every_window_in_the_horizon() -> None:
    """A project moves only as far as all of its demands stay inside."""
    wanted = [demand("d", [600, 0, 0, 0]), demand("e", [0, 0, 600, 0])]
    case = problem([person("ana", [0, 600, 0, 600])], wanted, projects=[Project(id="P", shift=(0, 2))])
    assert runs_of(case) == {run("ana", "d", 1, 1, shift=1), run("ana", "e", 3, 3, shift=1)}


@pytest.mark.parametrize(("shortest", "expected"), [(2, {run("ana", "d", 0, 1)}), (3, set()), (None, set())])
def test_rule_4_shortest_run(shortest: int | None, expected: set[object]) -> None:
    """A run lasts at least ``min_run`` periods, and the whole window when it is not given."""
    case = problem([person("ana", [600, 600, 0, 600])], [demand("d", min_run=shortest, min_coverage_e4=10_000)])
    assert runs_of(case) == expected


def test_rule_4_run_is_one_interval() -> None:
    """Somebody away in the middle runs before or after, not around."""
    case = problem([person("ana", [600, 600, 0, 600])], [demand("d", min_run=1, min_coverage_e4=10_000)])
    assert runs_of(case) == {run("ana", "d", 0, 1)}


@pytest.mark.parametrize(("coverage", "expected"), [(7_500, {run("ana", "d")}), (7_501, set())])
def test_rule_4_coverage_is_summed_over_the_run(coverage: int, expected: set[object]) -> None:
    """A week away out of four leaves three quarters of what was promised."""
    case = problem([person("ana", [600, 0, 600, 600], usual=(600,) * 4)], [demand("d", min_coverage_e4=coverage)])
    assert runs_of(case) == expected


def test_rule_4_a_run_delivers_at_least_a_minute() -> None:
    """A bonus cannot be had by a run without minutes, whatever the coverage allows."""
    case = problem([person("ana", [0] * 4, usual=(600,) * 4)], [demand("d", min_coverage_e4=0)])
    assert runs_of(case) == set()


def test_rule_4_frozen_periods_take_no_new_run() -> None:
    """A new run lies in the periods from n on, and its window shortens to them."""
    assert runs_of(problem([ANA], [demand("d")], frozen_periods=2)) == {run("ana", "d", 2, 3)}


def test_rule_5_one_run_per_person_and_demand() -> None:
    """One person cannot fill a demand with two half shares."""
    assert len(runs_of(problem([ANA], [demand("d", shares_e4=(5_000,), max_people=2)]))) == 1


def test_rule_6_new_minutes() -> None:
    """New minutes stay within the limit; what the plan in force has is not new, and dropping it is free."""
    wanted = [demand("d", [300] * 4), demand("e", [300] * 4)]
    in_force = [run("ana", "d")]
    assert runs_of(problem([ANA], wanted, current=in_force, max_churn_minutes=1_199)) == {run("ana", "d")}
    assert len(runs_of(problem([ANA], wanted, current=in_force, max_churn_minutes=1_200))) == 2


def test_rule_7_apart() -> None:
    """Of an apart group one person at most works on the project, at any time."""
    wanted = [demand("d", [600, 600, 0, 0], only=frozenset({"ana"})), demand("e", [0, 0, 600, 600], only=frozenset({"ben"}))]
    group = (frozenset({"ana", "ben"}),)
    assert len(runs_of(problem([ANA, BEN], wanted, projects=[Project(id="P", apart=group)]))) == 1
    assert len(runs_of(problem([ANA, BEN], wanted))) == 2


def test_rule_7_together() -> None:
    """Of a together group all work on the project or none: Ben's loss is worth Ana's gain, until it is not."""
    group = (frozenset({"ana", "ben"}),)
    wanted = [demand("d", only=frozenset({"ana"}))]
    assert runs_of(problem([ANA, BEN], wanted, projects=[Project(id="P", together=group)])) == set()
    poor = [*wanted, demand("e", value_rate=0, only=frozenset({"ben"}))]
    assert len(runs_of(problem([ANA, BEN], poor, projects=[Project(id="P", together=group)]))) == 2


@pytest.mark.parametrize(("shares", "all_three"), [((3_300,), True), ((3_299,), False)])
def test_rule_8_all_or_nothing(shares: tuple[int, ...], all_three: bool) -> None:
    """Three times 0.33 is full; anything less leaves the whole project undone."""
    people = [person(p) for p in "abc"]
    case = problem(people, [demand("d", shares_e4=shares, max_people=3)], projects=[Project(id="P", all_or_nothing=True)])
    assert len(runs_of(case)) == (3 if all_three else 0)


def test_rule_8_needs_every_demand() -> None:
    """One demand that nobody can do takes the project's other demand with it."""
    wanted = [demand("d"), demand("e", requires={"cobol": 1})]
    assert runs_of(problem([ANA], wanted, projects=[Project(id="P", all_or_nothing=True)])) == set()
    assert runs_of(problem([ANA], [demand("d"), demand("e", [0] * 4)], projects=[Project(id="P", all_or_nothing=True)])) == {
        run("ana", "d")
    }


def test_pinned_runs_raise_the_limits_they_exceed() -> None:
    """Frozen runs over capacity stay, are named as conflicts, and let nothing else in."""
    in_force = [run("ana", "d"), run("ana", "e")]
    case = problem([ANA], [demand("d"), demand("e"), demand("f", [60] * 4)], current=in_force, frozen_periods=4)
    answer = solved(case)
    assert set(answer.assignments or ()) == set(in_force)
    assert {(c.rule, c.facts["period"]) for c in answer.conflicts} == {("capacity", t) for t in range(4)}


def test_frozen_run_may_end_early_or_go_on() -> None:
    """After the frozen periods a running assignment may be cut, or extended to the end of its window."""
    good = problem([ANA], [demand("d")], current=[run("ana", "d", 0, 1)], frozen_periods=1)
    assert runs_of(good) == {run("ana", "d")}
    bad = problem([ANA], [demand("d", value_rate=0)], current=[run("ana", "d", 0, 2)], frozen_periods=1)
    assert runs_of(bad) == {run("ana", "d", 0, 0)}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(problem([ANA], [demand("d"), demand("e")], fixed=[run("ana", "d"), run("ana", "e")]), id="capacity"),
        pytest.param(problem([ANA], [demand("d", [9] * 4)], fixed=[run("ana", "d", 0, 1), run("ana", "d", 2, 3)]), id="duplicate"),
        pytest.param(problem([ANA, BEN], [demand("d")], fixed=[run("ana", "d"), run("ben", "d")]), id="effort"),
    ],
)
def test_contradictory_fixed_runs_are_infeasible(case: Problem, request: pytest.FixtureRequest) -> None:
    """Only fixed runs that break the unrelaxed rules by themselves make a problem infeasible, and each is named."""
    answer = solve(case)
    assert answer.status == "infeasible"
    assert answer.assignments is None
    assert request.node.callspec.id in {c.rule for c in answer.conflicts}


def test_fairness_spreads_work() -> None:
    """Minutes above the band cost: the second demand goes to the dearer, idle person."""
    wanted = [demand("d", [300] * 4), demand("e", [300] * 4)]
    assert {r.person for r in runs_of(problem([ANA, BEN], wanted))} == {"ana"}
    assert {r.person for r in runs_of(problem([ANA, BEN], wanted, fairness_cost=50, band=(0, 5_000)))} == {"ana", "ben"}


def test_idle_cost_makes_cheap_work_worth_doing() -> None:
    """Work below cost is done by those who are paid anyway."""
    wanted = [demand("d", value_rate=5)]
    assert runs_of(problem([ANA], wanted)) == set()
    assert runs_of(problem([person("ana", idle_cost=10)], wanted)) == {run("ana", "d")}


@pytest.mark.parametrize("case", [problem([], [demand("d")]), problem([ANA], [])])
def test_s01_nothing_to_plan_claims_nothing(case: Problem) -> None:
    """Without people or demands the empty plan is no optimum that somebody searched for."""
    answer = solve(case)
    assert (answer.status, answer.assignments, answer.bound_x60, answer.proof) == ("feasible", (), None, None)

"""A thousand random problems, small enough to try every plan: the solver finds the best one and the check agrees with every number."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import pytest

from solver_models.limits import Limits
from solver_models.result import Status
from solver_models.staffing.formats import problem_from_json
from solver_models.staffing.formats_write import problem_to_json
from solver_models.staffing.solve import solve
from solver_models.staffing.verify import check_plan, objective_x60, verify
from tests.solver_models.staffing.brute_force import AllPlans, best_plan, count_plans
from tests.solver_models.staffing.brute_force_rules import ONE, Rules
from tests.solver_models.staffing.random_problems import MOST_PLANS, other_plans, small_problem
from tests.solver_models.staffing.random_problems_keys import DROPPED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver_models.staffing.problem import Problem
    from tests.solver_models.staffing.brute_force import Optimum

SEEDS = range(1_000)
CHUNKS = 20
OTHER_PLANS = 20
LEAST_PRESENT = 100
LEAST_BINDING = 20
LEAST_GIVING_WAY = 10


@cache
def _problem(seed: int) -> Problem:
    return small_problem(seed)


@cache
def _best(seed: int) -> Optimum | None:
    return best_plan(_problem(seed))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_solver_finds_what_trying_everything_finds(chunk: int) -> None:
    """The solver proves the best objective, or infeasibility, and the independent check finds nothing wrong with its answer."""
    for seed in SEEDS[chunk::CHUNKS]:
        problem, best = _problem(seed), _best(seed)
        answer = solve(problem, Limits(workers=1))
        report = verify(problem, answer)
        assert report.violations == (), f"seed {seed}"
        if best is None:
            assert (answer.status, answer.assignments) == (Status.INFEASIBLE, None), f"seed {seed}"
            assert answer.conflicts, f"seed {seed}"
            continue
        assert answer.assignments is not None, f"seed {seed}"
        assert answer.status is Status.OPTIMAL, f"seed {seed}"
        assert answer.objective_x60 == answer.bound_x60 == best.objective_x60, f"seed {seed}"
        assert check_plan(problem, answer.assignments) == (), f"seed {seed}"
        assert objective_x60(problem, answer.assignments) == best.objective_x60, f"seed {seed}"
        assert (report.feasible, report.objective_matches) == (True, True), f"seed {seed}"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_check_agrees_with_trying_everything(chunk: int) -> None:
    """The best plan found by trying everything has no violation, and the check computes the same objective for it."""
    for seed in SEEDS[chunk::CHUNKS]:
        problem, best = _problem(seed), _best(seed)
        assert count_plans(problem) <= MOST_PLANS, f"seed {seed}"
        assert problem_from_json(problem_to_json(problem)) == problem, f"seed {seed}"
        if best is not None:
            assert check_plan(problem, best.plan) == (), f"seed {seed}"
            assert objective_x60(problem, best.plan) == best.objective_x60, f"seed {seed}"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_check_accepts_plans_and_nothing_else(chunk: int) -> None:
    """A set of runs a few steps from the best plan has no violation exactly when it is one of all plans, and then the same objective."""
    accepted = refused = 0
    for seed in SEEDS[chunk::CHUNKS]:
        problem, best = _problem(seed), _best(seed)
        plans = AllPlans(problem) if best is not None else None
        for runs in other_plans(problem, best.plan, seed=seed, count=OTHER_PLANS) if best is not None else ():
            assert plans is not None
            value = plans.objective_x60(runs)
            violations = check_plan(problem, runs)
            assert (violations == ()) is (value is not None), f"seed {seed}: {runs} {violations}"
            assert value is None or objective_x60(problem, runs) == value, f"seed {seed}: {runs}"
            accepted, refused = accepted + (value is not None), refused + (value is None)
    assert accepted > OTHER_PLANS
    assert refused > OTHER_PLANS


@pytest.mark.parametrize("key", DROPPED)
def test_every_key_is_present_and_binding(key: str) -> None:
    """Each key is in at least 100 of the problems, and in at least 20 the best objective is another one without it."""
    without = {seed: DROPPED[key](_problem(seed)) for seed in SEEDS}
    present = [seed for seed, dropped in without.items() if dropped != _problem(seed)]
    assert len(present) >= LEAST_PRESENT
    binding = 0
    for seed in present:
        best = _best(seed)
        other = best_plan(without[seed]) if best is not None else None
        binding += best is not None and other is not None and best.objective_x60 != other.objective_x60
        if binding >= LEAST_BINDING:
            return
    pytest.fail(f"{key} is binding in {binding} problems only")


@pytest.mark.parametrize(
    "what",
    ["capacity", "max_demands", "shares", "max_people", "apart", "together", "all_or_nothing", "extension", "no shift", "shift outside"],
)
def test_pinned_runs_make_limits_give_way_often_enough(what: str) -> None:
    """Each limit that pinned runs may exceed, each rule they switch off and each freedom they have is met in at least ten problems."""
    assert sum(what in _given_way(seed) for seed in SEEDS) >= LEAST_GIVING_WAY


def test_fixed_runs_contradict_each_other_often_enough() -> None:
    """At least ten of the problems are infeasible."""
    assert sum(_best(seed) is None for seed in SEEDS) >= LEAST_GIVING_WAY


@cache
def _given_way(seed: int) -> frozenset[str]:
    if _best(seed) is None:
        return frozenset()
    rules = Rules(_problem(seed))
    return frozenset((*_wider_limits(rules), *_rules_off(rules)))


def _wider_limits(rules: Rules) -> Iterator[str]:
    for period, person in product(rules.periods, rules.people.values()):
        if rules.capacity_limit(person.id, period) > person.capacity[period]:
            yield "capacity"
        if person.max_demands is not None and rules.run_limit(person.id, period) > person.max_demands:
            yield "max_demands"
    for demand in rules.demands.values():
        if any(rules.share_limit(demand.id, period) > ONE for period in rules.periods):
            yield "shares"
        if rules.people_limit(demand.id) > demand.max_people:
            yield "max_people"
    for project in rules.projects.values():
        if any(rules.apart_limit(project.id, group) > 1 for group in project.apart):
            yield "apart"


def _rules_off(rules: Rules) -> Iterator[str]:
    """Project rules that do not bind, and what the runs themselves may do beside their windows and ranges."""
    for project in rules.projects.values():
        if project.id in rules.pinned_projects and project.together:
            yield "together"
        if project.id in rules.pinned_projects and project.all_or_nothing:
            yield "all_or_nothing"
    if any(len(rules.frozen_variants(run)) > 1 for run in rules.frozen):
        yield "extension"
    if not all(rules.shifts.values()):
        yield "no shift"
    for demand in rules.demands.values():
        if any(not rules.stays_inside(demand, shift) for shift in rules.shifts[rules.unit_of(demand.id)]):
            yield "shift outside"

"""Column generation: its bound holds, and everything it says of prices adds up."""

from __future__ import annotations

import time

import pytest

from solver_models.staffing.bound import Pricing
from solver_models.staffing.columns import Columns
from solver_models.staffing.greedy import filled_plan, greedy_plan
from solver_models.staffing.problem import Policy, Project
from solver_models.staffing.roster import objective_x60
from solver_models.staffing.verify import check_plan
from tests.solver_models.staffing.brute_force import best_plan
from tests.solver_models.staffing.random_problems import small_problem
from tests.solver_models.staffing.small_cases import demand, person, problem


def _pricing(columns: Columns) -> Pricing:
    ends = time.monotonic() + 30
    return Pricing(
        columns,
        [greedy_plan(columns)],
        workers=1,
        is_over=lambda: time.monotonic() > ends,
        seconds_left=lambda: ends - time.monotonic(),
    )


def _bound(columns: Columns) -> int:
    return _pricing(columns).bound()[0]


@pytest.mark.parametrize("seed", range(7_000, 7_080))
def test_no_plan_beats_the_bound(seed: int) -> None:
    """The bound of column generation is at least the optimum, whatever keys the problem uses, and its plans keep every rule."""
    case = small_problem(seed)
    columns = Columns(case)
    optimum = best_plan(case)
    if optimum is None:
        assert columns.conflicts
        return
    pricing = _pricing(columns)
    assert pricing.bound()[0] >= optimum.objective_x60
    for plan in (greedy_plan(columns), filled_plan(columns, pricing.dive())):
        assert check_plan(case, plan) == ()
        assert objective_x60(columns, plan) <= optimum.objective_x60


def test_the_bound_is_tight_where_people_do_not_compete() -> None:
    """Without competition for a demand, everybody's best schedule is a plan and the bound its objective."""
    people = [person("ana", skills={"x": 1}), person("ben", skills={"y": 1})]
    case = problem(people, [demand("d", requires={"x": 1}), demand("e", requires={"y": 1}), demand("f", [300] * 4, requires={"y": 1})])
    optimum = best_plan(case)
    assert optimum is not None
    assert _bound(Columns(case)) == optimum.objective_x60


def test_an_all_or_nothing_project_is_priced_as_a_whole() -> None:
    """A project that cannot be filled is worth nothing to the bound, though each of its demands alone would be."""
    wanted = [demand("d"), demand("e", requires={"cobol": 1})]
    case = problem([person("ana")], wanted, projects=[Project(id="P", all_or_nothing=True)])
    assert _bound(Columns(case)) == 0
    assert _bound(Columns(problem([person("ana")], wanted))) > 0


def test_new_minutes_have_a_price() -> None:
    """With a limit on new minutes, the bound counts only the best of them."""
    case = problem([person("ana")], [demand("d", [300] * 4), demand("e", [300] * 4, value_rate=50)], max_churn_minutes=1_200)
    assert case.policy == Policy(max_churn_minutes=1_200)
    assert _bound(Columns(case)) == 1_200 * 90

"""Amounts far beyond what firms bill in cents, up to what the format takes: bounds hold, and nothing runs over in silence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.generators import Shape, generate
from solver_models.limits import Limits
from solver_models.staffing.formats_size import too_large
from solver_models.staffing.problem import Problem, Project
from solver_models.staffing.solve import solve
from solver_models.staffing.verify import verify
from tests.solver_models.staffing.brute_force import best_plan
from tests.solver_models.staffing.small_cases import demand, person, problem, run

RATE = 10**13
"""Minor units per hour: a person's part of the objective nearly is the most that the format takes."""
PEOPLE = [person(f"p{n}", cost_rate=RATE // (3 + n)) for n in range(3)]


@pytest.mark.parametrize(
    "case",
    [
        problem(PEOPLE, [demand(f"d{n}", value_rate=RATE + 7 * n) for n in range(4)]),
        problem(
            PEOPLE,
            [demand(f"d{n}", value_rate=RATE + 7 * n, shares_e4=(5_000,), max_people=2) for n in range(2)],
            projects=[Project(id="P", all_or_nothing=True)],
        ),
        problem(
            PEOPLE,
            [demand(f"d{n}", value_rate=RATE + 7 * n) for n in range(2)],
            current=[run("p0", "d0"), run("p1", "d1")],
            churn_cost=RATE // 2,
        ),
    ],
)
def test_the_largest_amounts_are_planned_best(case: Problem) -> None:
    """What pricing could not count in 64 bits is searched as a whole; the best plan is found, and no bound lies below it."""
    assert too_large(case) is None
    optimum = best_plan(case)
    assert optimum is not None
    answer = solve(case, Limits(time_s=30, workers=1))
    assert answer.objective_x60 == answer.bound_x60 == optimum.objective_x60
    assert verify(case, answer).holds


def test_a_firm_with_small_money_is_planned_like_any_other() -> None:
    """At rates of nearly a thousand million an hour everybody's amounts together need more than 64 bits: same plan, and a bound that holds."""
    case = generate(Shape(people=150, demands=500, weeks=26), seed=5, mode="plain")
    times = 70_000
    dear = replace(
        case,
        people=tuple(replace(p, cost_rate=times * p.cost_rate) for p in case.people),
        demands=tuple(replace(d, value_rate=times * d.value_rate) for d in case.demands),
    )
    assert too_large(dear) is None
    answer = solve(dear, Limits(time_s=600, work=100, workers=1))
    assert verify(dear, answer).holds
    assert answer.gap is not None
    assert 0 <= answer.gap < 0.05

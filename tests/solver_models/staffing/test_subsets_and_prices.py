"""The model for parts of a problem: neighbourhoods of a plan, and bounds by prices."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from ortools.sat.python import cp_model

from solver_models.staffing.certificate import Prices
from solver_models.staffing.columns import Columns
from solver_models.staffing.greedy import greedy_plan
from solver_models.staffing.model import StaffingModel
from solver_models.staffing.problem import E4
from solver_models.staffing.roster import objective_x60
from solver_models.staffing.verify import check_plan
from solver_models.staffing.verify import objective_x60 as checked_objective_x60
from tests.solver_models.staffing.brute_force import best_plan
from tests.solver_models.staffing.random_problems import small_problem

if TYPE_CHECKING:
    from solver_models.staffing.problem import Problem, Run

SEEDS = range(5_000, 5_040)


def _solved(model: StaffingModel) -> tuple[int, tuple[Run, ...]]:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model.cp) == cp_model.OPTIMAL
    return round(solver.objective_value), model.chosen_runs(solver.value)


def _prices(case: Problem, columns: Columns, draw: random.Random) -> Prices:
    """Any prices that the certificate allows: shares of any sign only where rule 8 binds."""
    whole = {p.id for p in case.projects if p.all_or_nothing and p.id not in columns.pinned_projects}
    share = {}
    for d in case.demands:
        for s in columns.shifts[columns.terms.unit_of[d.id]]:
            for t, effort in enumerate(columns.terms.effort(d.id, s)):
                low = -20_000 if d.project in whole and t >= columns.terms.frozen and effort > 0 else 0
                share[d.id, s, t] = draw.randint(low, 40_000)
    free = [p for p in case.projects if p.id not in columns.pinned_projects]
    return Prices(
        share=share,
        heads={d.id: draw.randint(0, 60_000) for d in case.demands},
        fresh=draw.randint(0, 60) if case.policy.max_churn_minutes is not None else 0,
        apart={(p.id, g): draw.randint(0, 30_000) for p in case.projects for g in range(len(p.apart))},
        together={(p.id, g, i): draw.randint(-30_000, 30_000) for p in free for g, group in enumerate(p.together) for i in group},
    )


def _sold(case: Problem, columns: Columns, prices: Prices) -> int:
    """The demand side of the certificate's bound, in ten-thousandths of Z."""
    used, terms = columns.used, columns.terms
    whole: dict[str, int] = {}
    total = 0
    for unit, demands in terms.units.items():
        best = 0 if not columns.shifts[unit] else -(10**30)
        for s in columns.shifts[unit]:
            worth = 0
            for d in demands:
                for t in range(terms.horizon):
                    v = prices.share.get((d.id, s, t), 0)
                    worth += v * (max(E4, used.share_e4.get((d.id, t), 0)) if v >= 0 else 9_900)
                worth += E4 * prices.heads.get(d.id, 0) * max(d.max_people, used.people.get(d.id, 0))
            best = max(best, worth)
        project = terms.projects.get(demands[0].project)
        if project is not None and project.all_or_nothing and project.id not in columns.pinned_projects:
            whole[project.id] = whole.get(project.id, 0) + best
        else:
            total += best
    total += sum(max(0, u) for u in whole.values())
    total += E4 * prices.fresh * (case.policy.max_churn_minutes or 0)
    total += E4 * sum(a * max(1, used.apart[key]) for key, a in prices.apart.items())
    for p in case.projects:
        for g, group in enumerate(p.together):
            total += E4 * max(0, sum(prices.together.get((p.id, g, i), 0) for i in group))
    return total


@pytest.mark.parametrize("seed", SEEDS)
def test_any_prices_give_a_bound(seed: int) -> None:
    """Demand side sold at any prices plus each person's best schedule at them is at least the optimum."""
    case = small_problem(seed)
    columns = Columns(case)
    optimum = best_plan(case)
    if optimum is None:
        assert columns.conflicts
        return
    prices = _prices(case, columns, random.Random(seed))
    together, _ = _solved(StaffingModel(columns, prices=prices))
    alone = sum(_solved(StaffingModel(columns, people={p.id}, prices=prices))[0] for p in case.people)
    assert together <= alone
    assert (_sold(case, columns, prices) + alone) // E4 >= optimum.objective_x60


@pytest.mark.parametrize("seed", SEEDS)
def test_without_prices_a_schedule_is_at_least_its_part_of_the_optimum(seed: int) -> None:
    """At prices of zero, everybody's best schedules together are worth at least the best plan."""
    case = small_problem(seed)
    columns = Columns(case)
    if columns.conflicts:
        return
    optimum = best_plan(case)
    assert optimum is not None
    total, _ = _solved(StaffingModel(columns, prices=Prices()))
    assert total >= E4 * optimum.objective_x60


@pytest.mark.parametrize("seed", SEEDS)
def test_a_neighbourhood_keeps_the_rest_and_never_loses(seed: int) -> None:
    """Re-planning one person around the others' runs keeps those runs, every rule, and at least the plan's objective."""
    case = small_problem(seed)
    columns = Columns(case)
    if columns.conflicts:
        return
    plan = greedy_plan(columns)
    free = {case.people[seed % len(case.people)].id}
    _, runs = _solved(StaffingModel(columns, people=free, kept=plan))
    assert {r for r in runs if r.person not in free} == {r for r in plan if r.person not in free}
    assert check_plan(case, runs) == ()
    assert objective_x60(columns, runs) == checked_objective_x60(case, runs) >= objective_x60(columns, plan)

"""Prices, the plans that follow from them, and neighbourhoods: bounds hold, plans keep every rule and never get worse."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from solver_models.limits import Limits
from solver_models.staffing.bound import Pricing
from solver_models.staffing.budget import Budget
from solver_models.staffing.columns import Columns
from solver_models.staffing.demand_bound import demand_bound
from solver_models.staffing.dense_prices import Market
from solver_models.staffing.dive import Dive
from solver_models.staffing.greedy import filled_plan, greedy_plan
from solver_models.staffing.hopeless import hopeless_projects
from solver_models.staffing.improve import Neighbourhoods
from solver_models.staffing.master import Master
from solver_models.staffing.mend import mended
from solver_models.staffing.pricing import Pricer
from solver_models.staffing.problem import Policy, Problem, Project
from solver_models.staffing.roster import objective_x60
from solver_models.staffing.run_table import RunTable
from solver_models.staffing.verify import check_plan
from solver_models.staffing.verify_ledger import Ledger
from solver_models.staffing.verify_prices import priced_bound
from tests.solver_models.staffing.brute_force import best_plan
from tests.solver_models.staffing.random_problems import small_problem
from tests.solver_models.staffing.small_cases import demand, person, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEDS = range(7_000, 7_040)


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    """Threads to price with."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield pool


def _budget() -> Budget:
    return Budget(Limits(time_s=60), began=time.monotonic())


def _pricing(columns: Columns, threads: ThreadPoolExecutor) -> Pricing:
    """Prices as good as they get."""
    market = Market(RunTable(columns))
    pricing = Pricing(market, Pricer(market.table, threads), _budget())
    pricing.offer([market.table.plan(()), greedy_plan(columns)])
    pricing.descend(share=1.0)
    pricing.generate(Master(market), share=1.0)
    return pricing


def _bound(case: Problem, threads: ThreadPoolExecutor) -> int:
    best = _pricing(Columns(case), threads).best
    assert best is not None
    return best.x60


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_beats_the_bound(seed: int, threads: ThreadPoolExecutor) -> None:
    """The bound of prices is at least the optimum, whatever keys the problem uses, and plans from them keep every rule."""
    case = small_problem(seed)
    columns = Columns(case)
    optimum = best_plan(case)
    if optimum is None:
        assert columns.conflicts
        return
    pricing = _pricing(columns, threads)
    assert pricing.best is not None
    assert pricing.best.x60 >= optimum.objective_x60
    dived = Dive(pricing, _budget()).run(share=1.0)
    plan = filled_plan(columns, mended(pricing, dived, _budget(), seed=seed))
    assert check_plan(case, plan) == ()
    assert objective_x60(columns, plan) <= optimum.objective_x60


@pytest.mark.parametrize("seed", SEEDS)
def test_improving_keeps_every_rule_and_never_loses(seed: int, threads: ThreadPoolExecutor) -> None:
    """
    Neighbourhoods give plans that pass the checker and are worth what is said of them, up to the optimum.

    None is worth less than before; where new minutes are limited some may be saved for later instead.
    """
    case = small_problem(seed)
    columns = Columns(case)
    optimum = best_plan(case)
    if optimum is None or not columns.options:
        return
    pricing = _pricing(columns, threads)
    around = Neighbourhoods(pricing, greedy_plan(columns), _budget(), seed=seed, threads=threads)
    before = around.objective_x60
    for _ in range(5):
        around.improve()
        assert check_plan(case, around.plan) == ()
        assert objective_x60(columns, around.plan) == around.objective_x60 <= optimum.objective_x60
        assert before <= around.objective_x60 or case.policy.max_churn_minutes is not None
        before = around.objective_x60


def test_a_demand_without_a_shift_keeps_its_project_out(threads: ThreadPoolExecutor) -> None:
    """Moved as it must be, one demand of an all-or-nothing project leaves the horizon: no neighbourhood takes up the others."""
    wanted = [demand("d", shift=(1, 1)), demand("e", [0, 300, 300, 0]), demand("f", value_rate=20, project="Q")]
    case = problem([person("ana"), person("ben")], wanted, projects=[Project(id="P", all_or_nothing=True)])
    columns = Columns(case)
    around = Neighbourhoods(_pricing(columns, threads), (), _budget(), seed=1, threads=threads)
    for _ in range(9):
        around.improve()
        assert check_plan(case, around.plan) == ()
    assert [r.demand for r in around.plan] == ["f"]


def test_the_bound_is_tight_where_people_do_not_compete(threads: ThreadPoolExecutor) -> None:
    """Without competition for a demand, everybody's best schedule is a plan and the bound its objective."""
    people = [person("ana", skills={"x": 1}), person("ben", skills={"y": 1})]
    case = problem(people, [demand("d", requires={"x": 1}), demand("e", requires={"y": 1}), demand("f", [300] * 4, requires={"y": 1})])
    optimum = best_plan(case)
    assert optimum is not None
    assert _bound(case, threads) == optimum.objective_x60


def test_an_all_or_nothing_project_is_priced_as_a_whole(threads: ThreadPoolExecutor) -> None:
    """A project that cannot be filled is worth nothing to the bound, though each of its demands alone would be."""
    wanted = [demand("d"), demand("e", requires={"cobol": 1})]
    case = problem([person("ana")], wanted, projects=[Project(id="P", all_or_nothing=True)])
    assert _bound(case, threads) == 0
    assert _bound(problem([person("ana")], wanted), threads) > 0


def test_new_minutes_have_a_price(threads: ThreadPoolExecutor) -> None:
    """With a limit on new minutes, the bound counts only the best of them."""
    case = problem([person("ana")], [demand("d", [300] * 4), demand("e", [300] * 4, value_rate=50)], max_churn_minutes=1_200)
    assert case.policy == Policy(max_churn_minutes=1_200)
    assert _bound(case, threads) == 1_200 * 90


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bound_without_search_is_one_of_prices(seed: int) -> None:
    """What every demand could bring by itself bounds every plan, and its prices prove at least as much to anybody."""
    case = small_problem(seed)
    columns = Columns(case)
    optimum = best_plan(case)
    if optimum is None:
        return
    bound, prices = demand_bound(columns)
    assert optimum.objective_x60 <= priced_bound(Ledger.of(case), prices).bound_x60 <= bound


@pytest.mark.parametrize("seed", range(7_000, 7_400, 2))
def test_prices_show_that_a_project_is_hopeless(seed: int) -> None:
    """The prices of a project that cannot be filled leave nobody a reason to work on it, nor the project a reason to go ahead."""
    case = small_problem(seed)
    columns = Columns(case)
    if columns.conflicts or not (hopeless := hopeless_projects(columns)):
        return
    plain, shown = Market(RunTable(columns)), Market(RunTable(columns, hopeless))
    ledger = Ledger.of(case)
    with_runs = priced_bound(ledger, plain.listed(plain.free))
    without = priced_bound(ledger, shown.listed(shown.free))
    assert without.demand_side_e4 == with_runs.demand_side_e4 == 0
    exact = Pricer(shown.table).best(shown.vector(shown.free))
    assert [worth.limit for worth in without.people] == exact.limit.tolist()
    optimum = best_plan(case)
    assert optimum is not None
    assert optimum.objective_x60 <= without.bound_x60 <= with_runs.bound_x60
    in_vain = {d.id for project in hopeless for d in columns.terms.of_project[project]}
    assert not any(run.demand in in_vain for run in optimum.plan)

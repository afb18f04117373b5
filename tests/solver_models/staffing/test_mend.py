"""Whole projects: they are filled exactly, by those whom it costs least, or taken out; a plan that has part of one is mended."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from solver_models.limits import Limits
from solver_models.staffing.bound import Pricing
from solver_models.staffing.budget import Budget
from solver_models.staffing.columns import Columns
from solver_models.staffing.dense_prices import Market
from solver_models.staffing.mend import mended
from solver_models.staffing.pricing import Pricer, schedules_of
from solver_models.staffing.problem import Project
from solver_models.staffing.recreate import Turns
from solver_models.staffing.run_table import RunTable
from solver_models.staffing.usage import Usage
from solver_models.staffing.verify import check_plan
from solver_models.staffing.whole_projects import WholeProjects
from tests.solver_models.staffing.random_problems import larger_problem
from tests.solver_models.staffing.small_cases import demand, person, problem, run

if TYPE_CHECKING:
    from solver_models.staffing.problem import Demand, Person, Problem, Run

WHOLE = (Project(id="P", all_or_nothing=True),)
SEEDS = range(7_500, 7_540)
RULE_8 = 8


def _priced(case: Problem) -> Pricing:
    market = Market(RunTable(Columns(case)))
    pricing = Pricing(market, Pricer(market.table), Budget(Limits(time_s=60), began=time.monotonic()))
    pricing.offer([market.table.plan(())])
    pricing.descend(share=1.0)
    return pricing


def _mended(case: Problem, runs: tuple[Run, ...]) -> set[Run]:
    pricing = _priced(case)
    return set(mended(pricing, runs, Budget(Limits(time_s=60), began=time.monotonic()), seed=1))


def _team(size: int) -> list[Person]:
    return [person(f"p{n}", cost_rate=10 + n) for n in range(size)]


def _shared(shares_e4: tuple[int, ...], people: int) -> Demand:
    return demand("d", shares_e4=shares_e4, max_people=people)


def test_a_part_is_filled_up() -> None:
    """Half of a demand is there: the other half goes to whom it costs least."""
    case = problem(_team(3), [_shared((5_000,), 2)], projects=WHOLE)
    half = run("p2", "d", share_e4=5_000)
    assert _mended(case, (half,)) == {half, run("p0", "d", share_e4=5_000)}


def test_a_part_that_leaves_what_nobody_can_fill_goes() -> None:
    """A quarter and a half are there, and nobody else may come: both go, and two fill the demand exactly."""
    case = problem(_team(3), [_shared((2_500, 5_000, 7_500), 2)], projects=WHOLE)
    found = _mended(case, (run("p0", "d", share_e4=2_500), run("p1", "d", share_e4=5_000)))
    assert sum(r.share_e4 for r in found) == 10_000
    assert len({r.person for r in found}) == len(found) == 2
    assert check_plan(case, tuple(found)) == ()


def test_what_cannot_be_filled_is_taken_out() -> None:
    """One of two demands finds nobody: what is there of the other goes, and its person takes up other work."""
    case = problem(_team(1), [demand("d"), demand("e", requires={"cobol": 1}), demand("f", value_rate=50, project="Q")], projects=WHOLE)
    assert _mended(case, (run("p0", "d"),)) == {run("p0", "f")}


def test_what_costs_more_to_fill_than_to_give_up_is_taken_out() -> None:
    """The rest of the project brings less than the work that its person would give up for it."""
    small = [demand("d", value_rate=20), demand("e", value_rate=20, requires={"x": 1})]
    case = problem(
        [person("ana"), person("ben", skills={"x": 1})],
        [*small, demand("f", value_rate=900, project="Q", requires={"x": 1})],
        projects=WHOLE,
    )
    assert _mended(case, (run("ana", "d"), run("ben", "f"))) == {run("ben", "f")}


@pytest.mark.parametrize("seed", SEEDS)
def test_no_project_is_left_in_part(seed: int) -> None:
    """Whatever runs of an optimal mix are lost, each all-or-nothing project that has runs afterwards has all it wants; the checker agrees."""
    case = larger_problem(seed)
    projects = tuple(replace(p, all_or_nothing=True, together=()) for p in case.projects)
    case = replace(case, projects=projects)
    columns = Columns(case)
    if columns.conflicts or not columns.options:
        return
    pricing = _priced(case)
    draw = random.Random(seed)
    market, table = pricing.market, pricing.market.table
    used, kept = Usage(market, table.pinned_runs()), list[int]()
    for _, _, runs in pricing.bundle.weights:
        for r in runs:
            if draw.random() < 0.7 and used.fits([r]) and all(table.person_of_run[r] != table.person_of_run[k] for k in kept):
                used.count(r)
                kept.append(r)
    plan = mended(pricing, table.plan(kept), Budget(Limits(time_s=60), began=time.monotonic()), seed=seed)
    after = Usage(market, table.pinned_runs())
    for schedule in schedules_of(table, plan):
        for r in schedule.chosen:
            after.count(r)
    projects_of = WholeProjects(market, pricing.pricer, Turns(market, pricing.pricer))
    for project in projects_of.projects:
        assert after.on_project[project] == 0 or projects_of.is_filled(project, after)
    assert [v for v in check_plan(case, plan) if v.rule == RULE_8] == []

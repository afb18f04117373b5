"""What an answer claims beside its runs: objective, bound, status, conflicts and filled minutes."""

from __future__ import annotations

import ast
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from solver_models.result import Status
from solver_models.staffing import verify
from solver_models.staffing.plan import Answer, DemandFill
from tests.solver_models.staffing.verify_cases import demand, person, problem, run

CASE = problem()
WORTH = 2_400 * 70
PLAN = Answer(status=Status.OPTIMAL, assignments=(run(),), objective_x60=WORTH, bound_x60=WORTH, proof="search")
CONTRADICTORY = problem(demands=[demand("a", effort=(2_400,) * 4), demand("b")], fixed=[run(what="a"), run(what="b", last=0)])
NO_PLAN = Answer(status=Status.INFEASIBLE, assignments=None, objective_x60=None, bound_x60=None, proof=None)


def claim(**changed: Any) -> verify.Report:
    """The report on the right answer with something else claimed."""
    return verify.verify(CASE, replace(PLAN, **changed))


def test_a_right_answer_holds_and_its_search_bound_is_called_claimed() -> None:
    """A bound proven by search alone cannot be recomputed: null, and the note says so."""
    report = verify.verify(CASE, PLAN)
    assert report.holds
    assert verify.report_to_json(report) == {
        "feasible": True,
        "violations": [],
        "objective": 2_800,
        "objective_x60": 168_000,
        "objective_matches": True,
        "bound": 2_800,
        "bound_x60": 168_000,
        "priced_bound": None,
        "priced_bound_x60": None,
        "bound_holds": None,
        "certificate": "search",
        "note": "bound claimed, not independently checked",
        "holds": True,
    }


@pytest.mark.parametrize("off", [-1, 1])
def test_another_objective_does_not_match(off: int) -> None:
    """Z is recomputed to the last unit."""
    report = claim(status=Status.FEASIBLE, objective_x60=WORTH + off, bound_x60=WORTH + 60)
    assert (report.feasible, report.objective_matches, report.holds) == (True, False, False)
    assert report.objective_x60 == WORTH


def test_a_bound_below_a_feasible_plan_is_false() -> None:
    """A plan worth more than the bound refutes it; one worth as much does not."""
    assert claim(status=Status.FEASIBLE, bound_x60=WORTH).bound_holds is None
    report = claim(status=Status.FEASIBLE, bound_x60=WORTH - 1)
    assert (report.bound_holds, report.holds) == (False, False)


def test_a_plan_that_breaks_rules_refutes_no_bound() -> None:
    """An infeasible plan may be worth more than any feasible one."""
    broken = (run(), run(first=1))
    report = verify.verify(CASE, replace(PLAN, status=Status.FEASIBLE, assignments=broken, objective_x60=(2_400 + 1_800) * 70))
    assert (report.feasible, report.objective_matches, report.bound_holds) == (False, True, None)
    assert not report.holds


@pytest.mark.parametrize("bound", [WORTH + 1, WORTH - 1, None])
def test_optimal_means_that_objective_and_bound_are_equal(bound: int | None) -> None:
    """The status optimal with another bound is a false claim."""
    assert claim(bound_x60=bound).bound_holds is False


def test_a_bare_plan_claims_nothing() -> None:
    """Without claims only the rules are checked, and the objective is computed."""
    bare = Answer(status=Status.FEASIBLE, assignments=(run(),), objective_x60=None, bound_x60=None, proof=None)
    report = verify.verify(CASE, bare)
    assert (report.feasible, report.objective_matches, report.bound_holds, report.holds) == (True, None, None, True)
    assert (report.objective_x60, report.certificate, report.note) == (WORTH, "none", "no bound claimed")
    assert not verify.verify(CASE, replace(bare, assignments=(run(first=1),))).holds


def test_s10_infeasible_is_true_only_of_contradictory_fixed_runs() -> None:
    """The claim is checked by another route: fixed runs alone; the conflicts must be those there are."""
    right = replace(NO_PLAN, conflicts=verify.fixed_conflicts(CONTRADICTORY))
    report = verify.verify(CONTRADICTORY, right)
    assert (report.feasible, report.objective_x60, report.violations, report.holds) == (None, None, (), True)
    (unnamed,) = verify.verify(CONTRADICTORY, NO_PLAN).violations
    assert unnamed.facts["missing"] == [{"rule": "capacity", "person": "ann", "period": 0, "minutes": 3_000, "limit": 2_400}]
    (false,) = verify.verify(CASE, NO_PLAN).violations
    assert (false.rule, false.facts["claim"]) == (0, "status")


def test_s10_contradictory_fixed_runs_have_no_plan() -> None:
    """A plan for a problem whose fixed runs contradict each other is a false claim."""
    answer = Answer(status=Status.FEASIBLE, assignments=CONTRADICTORY.fixed, objective_x60=None, bound_x60=None, proof=None)
    report = verify.verify(CONTRADICTORY, answer)
    assert not report.holds
    assert [violation.rule for violation in report.violations] == [0]


def test_s09_conflicts_of_pinned_runs_are_neither_hidden_nor_made_up() -> None:
    """An answer lists the limits that pinned runs exceed."""
    case = problem([person(max_demands=1)], [demand("a"), demand("b")], current=[run(what="a"), run(what="b")], frozen_periods=1)
    plan = run(what="a", last=0), run(what="b", last=0)
    told = Answer(
        status=Status.FEASIBLE,
        assignments=plan,
        objective_x60=1_200 * 70,
        bound_x60=10**6,
        proof="search",
        conflicts=verify.pinned_conflicts(case),
    )
    assert verify.verify(case, told).holds
    assert verify.verify(case, replace(told, conflicts=())).violations[0].facts["claim"] == "conflicts"
    assert not verify.verify(CASE, replace(PLAN, conflicts=told.conflicts)).holds


def test_filled_minutes_are_those_of_the_runs() -> None:
    """The minutes that an answer calls filled are recomputed."""
    assert claim(fills=(DemandFill(demand="build", filled_min=2_400, open_min=0),)).holds
    report = claim(fills=(DemandFill(demand="build", filled_min=2_399, open_min=1),))
    assert report.violations[0].facts == {"claim": "demands", "demand": "build", "minutes": 2_400}


def test_open_minutes_are_what_the_effort_has_more_than_the_runs() -> None:
    """A demand list that hides an open minute, or lists a demand twice, is a false claim."""
    mine = DemandFill(demand="build", filled_min=2_400, open_min=0)
    assert claim(fills=(mine,)).holds
    assert not claim(fills=(replace(mine, open_min=5),)).holds
    assert not claim(fills=(mine, mine)).holds


@pytest.mark.parametrize("figure", ["objective", "bound", "gap"])
def test_figures_that_contradict_each_other_are_false_claims(figure: str) -> None:
    """Two figures for one thing cannot both be right."""
    assert not claim(disagreeing=(figure,)).holds
    assert claim(disagreeing=("objective",)).objective_matches is False
    assert claim(disagreeing=("bound",)).bound_holds is False


def test_prices_as_proof_must_be_there() -> None:
    """An answer that says prices, and has none, proves nothing."""
    report = claim(proof="prices")
    assert (report.priced_bound_x60, report.bound_holds, report.holds) == (None, False, False)
    assert [violation.facts["claim"] for violation in report.violations] == ["proof"]


def test_s01_an_empty_problem_has_an_empty_plan() -> None:
    """Nobody and nothing: the empty plan is feasible and worth 0."""
    empty = problem(people=(), demands=())
    answer = Answer(status=Status.OPTIMAL, assignments=(), objective_x60=0, bound_x60=0, proof="search")
    assert verify.verify(empty, answer).holds


def test_the_report_is_json() -> None:
    """Violations, with their facts, can be written as JSON."""
    report = verify.verify(CASE, replace(PLAN, assignments=(run(first=1), run(first=2, share_e4=1))))
    assert json.loads(json.dumps(verify.report_to_json(report)))["violations"][0]["rule"] == 1


def test_the_checker_shares_nothing_with_the_solver() -> None:
    """Its modules import the values of problem, answer and prices, each other, numpy, numba and the standard library."""
    values = ("result", "staffing.problem", "staffing.plan", "staffing.certificate")
    allowed = {"numpy", "numpy.typing", "numba", *(f"solver_models.{name}" for name in values)}
    folder = Path(verify.__file__).parent
    own = {f"solver_models.staffing.{path.stem}": path for path in folder.glob("verify*.py")}
    assert len(own) > 1
    for path in own.values():
        for node in ast.walk(ast.parse(path.read_text())):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for name in names:
                assert name in allowed | own.keys() or str(name).split(".")[0] in sys.stdlib_module_names, (path.name, name)

"""A work limit: the same answer whatever the threads, the process or the machine; the clock can only stop it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from benchmarks.generators import Shape, generate
from solver_models.limits import Limits
from solver_models.staffing.solve import solve
from solver_models.staffing.verify import verify
from tests.solver_models.staffing.random_problems import small_problem

if TYPE_CHECKING:
    from benchmarks.generators import Mode
    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Problem

FIRM = Shape(people=60, demands=200, weeks=26)
HOUR_S = 3_600.0
"""Long enough for the clock to stop nothing."""
SAID = """
import sys
from benchmarks.generators import Shape, generate
from solver_models.limits import Limits
from solver_models.staffing.solve import solve
case = generate(Shape(people=60, demands=200, weeks=26), seed=6, mode="full")
answer = solve(case, Limits(time_s=3600, work=float(sys.argv[1]), workers=int(sys.argv[2])))
print(answer.objective_x60, answer.bound_x60, answer.assignments)
"""


def _solved(case: Problem, *, work: float, workers: int, seed: int = 0) -> Answer:
    return solve(case, Limits(time_s=HOUR_S, work=work, workers=workers, seed=seed))


def _said(answer: Answer) -> tuple[object, ...]:
    return answer.assignments, answer.objective_x60, answer.bound_x60, answer.certificate


@pytest.mark.parametrize("seed", range(7_100, 7_112))
def test_small_problems_do_not_depend_on_threads(seed: int) -> None:
    """Whatever keys a problem uses, one thread and two come to the same plan and the same bound."""
    case = small_problem(seed)
    assert _said(_solved(case, work=500, workers=1)) == _said(_solved(case, work=500, workers=2))


@pytest.mark.parametrize(("people", "mode", "work"), [(60, "plain", 300), (60, "plain", 800), (60, "full", 300), (40, "full", 1_500)])
def test_a_firm_does_not_depend_on_threads(people: int, mode: Mode, work: float) -> None:
    """With a work limit, one thread and two come to the same answer, and so does the same search once more."""
    case = generate(replace(FIRM, people=people), seed=5, mode=mode)
    one = _said(_solved(case, work=work, workers=1))
    assert one == _said(_solved(case, work=work, workers=2))
    assert one == _said(_solved(case, work=work, workers=2))


def test_another_process_comes_to_the_same() -> None:
    """Nothing depends on the order in which this process happens to keep its sets."""
    said = [
        subprocess.run(
            [sys.executable, "-c", SAID, "1500", workers],
            env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for workers, seed in (("1", "1"), ("2", "2"))
    ]
    assert said[0] == said[1] != b""


def test_more_work_finds_more() -> None:
    """The limit is what stops a search: with more of it the plan is better and the bound lower."""
    case = generate(FIRM, seed=5)
    little, much = _solved(case, work=10, workers=2), _solved(case, work=2_000, workers=2)
    assert little.objective_x60 is not None
    assert much.objective_x60 is not None
    assert little.objective_x60 < much.objective_x60 <= (much.bound_x60 or 0) < (little.bound_x60 or 0)


def test_the_gap_asked_for_ends_it_at_the_same_plan() -> None:
    """A gap ends a search at the same plan too, also where the whole model is searched for it."""
    case = generate(Shape(people=12, demands=25, weeks=12), seed=2, mode="full")
    answers = [solve(case, Limits(time_s=HOUR_S, work=20_000, workers=workers, gap=0.01)) for workers in (1, 2)]
    assert _said(answers[0]) == _said(answers[1])


def test_the_clock_stops_it_with_a_verified_plan() -> None:
    """A search that may work for an hour but not look at the clock for long ends with a plan that holds."""
    case = generate(FIRM, seed=5, mode="full")
    answer = solve(case, Limits(time_s=2, work=1e9, workers=2))
    assert answer.seconds < 20
    assert verify(case, answer).holds


def test_memory_stops_it_with_a_verified_plan() -> None:
    """A search that has nearly taken the memory it may ends with the best plan so far, and a limit that it never nears changes nothing."""
    case = generate(FIRM, seed=5, mode="full")
    answer = solve(case, Limits(time_s=HOUR_S, memory_mb=1, workers=2))
    assert answer.assignments
    assert answer.seconds < 20
    assert verify(case, answer).holds
    ample = solve(case, Limits(time_s=HOUR_S, work=50, memory_mb=10**6, workers=2))
    assert _said(ample) == _said(_solved(case, work=50, workers=2))

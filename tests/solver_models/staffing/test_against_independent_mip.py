"""Two hundred random problems too large to try everything, against a mixed-integer program written apart from the model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from solver_models.limits import Limits
from solver_models.result import Status
from solver_models.staffing.formats_write import problem_to_json
from solver_models.staffing.solve import solve
from solver_models.staffing.verify import verify
from tests.solver_models.staffing.random_problems import larger_problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver_models.staffing.problem import Problem

PROGRAM = Path(__file__).with_name("independent_mip.py")
SEEDS = range(200)
CHUNKS = 10


def _best_objectives_x60(problems: Sequence[Problem]) -> list[int | None]:
    """In a process of its own: HiGHS and ortools do not get along in one."""
    asked = json.dumps({"problems": [problem_to_json(problem) for problem in problems]})
    done = subprocess.run([sys.executable, PROGRAM], input=asked, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    objectives: list[int | None] = json.loads(done.stdout)["objectives_x60"]
    return objectives


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_solver_finds_what_an_independent_program_finds(chunk: int) -> None:
    """Both prove the same best objective, or both say that the fixed runs contradict each other."""
    seeds = SEEDS[chunk::CHUNKS]
    problems = [larger_problem(seed) for seed in seeds]
    for seed, problem, best in zip(seeds, problems, _best_objectives_x60(problems), strict=True):
        answer = solve(problem, Limits(workers=1))
        report = verify(problem, answer)
        assert report.violations == (), f"seed {seed}"
        assert answer.objective_x60 == best, f"seed {seed}"
        assert answer.status is (Status.INFEASIBLE if best is None else Status.OPTIMAL), f"seed {seed}"
        assert report.objective_matches is (None if best is None else True), f"seed {seed}"

"""
Solve one large seeded staffing problem and print what came out.

    python -m benchmarks.staffing_cpsat --people 100 --demands 300 --weeks 26 --seed 1 --time-limit 60

Exits 1 when the checker, which shares nothing with the solver, disagrees with the answer.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from importlib.metadata import version
from typing import TYPE_CHECKING

from benchmarks.generators import SIZES, Shape, generate
from solver_models.limits import Limits
from solver_models.staffing.solve import solve
from solver_models.staffing.verify import Report, verify

if TYPE_CHECKING:
    from solver_models.result import Progress
    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Problem


def main() -> int:
    """Generate, solve, check, print."""
    wanted = _arguments()
    shape = Shape(people=wanted.people, demands=wanted.demands, weeks=wanted.weeks, load=wanted.load)
    problem = generate(shape, seed=wanted.seed)
    print(_machine())
    print(_size(problem, seed=wanted.seed))
    began = time.perf_counter()
    limits = Limits(time_s=wanted.time_limit, gap=wanted.gap, workers=wanted.workers, seed=wanted.seed)
    answer = solve(problem, limits, on_progress=_show if wanted.progress else None)
    seconds = time.perf_counter() - began
    report = verify(problem, answer)
    print("\n".join(_result(problem, answer, report, seconds=seconds)))
    return 0 if report.feasible and report.objective_matches else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0] if __doc__ else None)
    default = SIZES["S"]
    parser.add_argument("--people", type=int, default=default.people)
    parser.add_argument("--demands", type=int, default=default.demands)
    parser.add_argument("--weeks", type=int, default=default.weeks)
    parser.add_argument("--load", type=float, default=default.load, help="demand over capacity")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds")
    parser.add_argument("--gap", type=float, default=0.0, help="stop once the gap is at most this")
    parser.add_argument("--workers", type=int, default=0, help="search threads; 0 = one per core")
    parser.add_argument("--progress", action="store_true", help="print every better plan or bound")
    return parser.parse_args()


def _machine() -> str:
    return f"machine    {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, ortools {version('ortools')}"


def _size(problem: Problem, *, seed: int) -> str:
    wanted = sum(sum(demand.effort) for demand in problem.demands)
    bookable = sum(sum(person.capacity) for person in problem.people)
    size = f"{len(problem.people)} people x {len(problem.demands)} demands x {len(problem.periods)} weeks"
    return f"problem    {size}, demand {wanted / bookable:.1%} of capacity, seed {seed}"


def _show(progress: Progress) -> None:
    gap = "-" if progress.gap is None else f"{progress.gap:.3%}"
    print(
        f"{progress.seconds:8.1f} s  objective {_hundredths(progress.objective_x60)}  bound {_hundredths(progress.bound_x60)}  gap {gap}",
        flush=True,
    )


def _hundredths(x60: int | None) -> str:
    return "-" if x60 is None else f"{x60 / 6000:,.2f}"


def _result(problem: Problem, answer: Answer, report: Report, *, seconds: float) -> list[str]:
    filled = sum(fill.filled_min for fill in answer.fills)
    wanted = sum(sum(demand.effort) for demand in problem.demands)
    gap = "-" if answer.gap is None else f"{answer.gap:.3%}"
    return [
        f"status     {answer.status}, proof {answer.proof}",
        f"objective  {problem.currency} {_hundredths(answer.objective_x60)}",
        f"bound      {problem.currency} {_hundredths(answer.bound_x60)}",
        f"gap        {gap}",
        f"filled     {filled / wanted:.1%} of the minutes wanted",
        f"seconds    {seconds:.1f}",
        f"verify     feasible {report.feasible}, {len(report.violations)} violations, objective matches {report.objective_matches}",
        f"bound      holds {report.bound_holds}, certificate {report.certificate}",
    ]


if __name__ == "__main__":
    sys.exit(main())

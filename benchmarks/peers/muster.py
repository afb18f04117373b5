"""Muster itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver_models.limits import Limits
from solver_models.staffing.formats import read_warm
from solver_models.staffing.solve import solve

if TYPE_CHECKING:
    from benchmarks.peers.contract import Task
    from solver_models.result import Progress
    from solver_models.staffing.plan import Answer
    from solver_models.staffing.warm_answer import Warm


def solve_with_muster(task: Task) -> Answer:
    """Solve within the task's limits."""
    return _solved(task, None)


def solve_from_earlier(task: Task) -> Answer:
    """Solve within the task's limits, reading the earlier plan included."""
    if task.earlier is None:
        raise ValueError("there is no earlier plan to start from")
    return _solved(task, read_warm(task.earlier.read_bytes()))


def _solved(task: Task, warm: Warm | None) -> Answer:
    def hear(progress: Progress) -> None:
        task.on_progress(progress.seconds, progress.objective_x60, progress.bound_x60)

    limits = Limits(time_s=task.left, workers=task.workers, seed=task.seed)
    return solve(task.problem, limits, on_progress=hear, warm=warm)

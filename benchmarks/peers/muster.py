"""Muster itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver_models.limits import Limits
from solver_models.staffing.solve import solve

if TYPE_CHECKING:
    from benchmarks.peers.contract import Task
    from solver_models.result import Progress
    from solver_models.staffing.plan import Answer


def solve_with_muster(task: Task) -> Answer:
    """Solve within the task's limits."""

    def hear(progress: Progress) -> None:
        task.on_progress(progress.seconds, progress.objective_x60, progress.bound_x60)

    return solve(task.problem, Limits(time_s=task.seconds, workers=task.workers, seed=task.seed), on_progress=hear)

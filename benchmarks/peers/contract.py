"""What every system in the comparison is given, and what it gives back."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from solver_models.result import Status
from solver_models.staffing.plan import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from solver_models.staffing.problem import Problem, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One problem, under the same seconds and cores for everybody. The clock runs from when the problem is in memory."""

    problem: Problem
    seconds: float
    workers: int
    seed: int
    on_progress: Callable[[float, int | None, int | None], None]
    """Hears of seconds, objective and bound (minor units x 60) whenever one of them is better."""
    earlier: Path | None = None
    """The file of an earlier plan, where there is one and the system makes use of it."""
    began: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        """Seconds since the clock began."""
        return time.monotonic() - self.began

    @property
    def left(self) -> float:
        """Seconds left, and a moment in any case."""
        return max(0.01, self.seconds - self.elapsed)

    def tell(self, objective_x60: int | None, bound_x60: int | None) -> None:
        """Report a better plan or bound."""
        self.on_progress(self.elapsed, objective_x60, bound_x60)


def answer_of(
    task: Task, runs: Sequence[Run] | None, *, objective_x60: int | None, bound_x60: int | None, engine: Mapping[str, str]
) -> Answer:
    """The answer of a peer, with what it claims."""
    done = objective_x60 is not None and objective_x60 == bound_x60
    return Answer(
        status=Status.UNKNOWN if runs is None else Status.OPTIMAL if done else Status.FEASIBLE,
        assignments=None if runs is None else tuple(runs),
        objective_x60=None if runs is None else objective_x60,
        bound_x60=bound_x60,
        proof=None if bound_x60 is None else "search",
        seed=task.seed,
        engine=dict(engine),
        seconds=task.elapsed,
    )

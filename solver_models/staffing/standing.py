"""Where a search stands: the best plan, the least bound, and whether that is enough."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from solver_models.result import Progress, relative_gap

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver_models.limits import Limits
    from solver_models.staffing.budget import Budget
    from solver_models.staffing.problem import Run


class Standing:
    """Plan and bound, kept outside of any solver; told of from any thread, heard of one call at a time."""

    def __init__(
        self,
        limits: Limits,
        budget: Budget,
        *,
        began: float,
        bound: int | None = None,
        on_progress: Callable[[Progress], None] | None,
        on_plan: Callable[[tuple[Run, ...], int], None] | None,
    ) -> None:
        self._limits = limits
        self._budget = budget
        self._began = began
        self._on_progress = on_progress
        self._on_plan = on_plan
        self._lock = threading.Lock()
        self.plan: tuple[Run, ...] | None = None
        self.objective: int | None = None
        self._bound = bound

    @property
    def bound(self) -> int:
        """The least bound so far; there must have been one."""
        assert self._bound is not None
        return self._bound

    @property
    def has_gap(self) -> bool:
        """Whether plan and bound are close enough."""
        gap = relative_gap(self.objective, self._bound)
        return gap is not None and gap <= self._limits.gap

    @property
    def is_settled(self) -> bool:
        """Whether to end now: close enough, out of time, or asked to."""
        return self.has_gap or self._budget.is_stopped

    def offer(self, runs: tuple[Run, ...], objective: int) -> None:
        """Take a plan if it is better than the best so far."""
        with self._lock:
            if self.objective is None or objective > self.objective:
                self.plan, self.objective = runs, objective
                if self._on_plan is not None:
                    self._on_plan(runs, objective)
                self._report()

    def tighten(self, bound: int) -> None:
        """Take a bound if it is less than the least so far."""
        with self._lock:
            if self._bound is None or bound < self._bound:
                self._bound = bound
                self._report()

    def _report(self) -> None:
        if self._on_progress is not None:
            seconds = time.monotonic() - self._began
            self._on_progress(Progress(seconds=seconds, objective_x60=self.objective, bound_x60=self._bound))

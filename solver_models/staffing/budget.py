"""How much of a solve is left: wall clock, work, and whether somebody asked to stop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solver_models.limits import Limits

LABELS = 1_000
"""Labels of the pricing search that count as one unit of work, about a millisecond's."""

ROW_WORK = 0.02
"""Work of a linear program for each of its schedules."""


class Budget:
    """
    Decides when phases of a search end.

    With a work limit they end by work done alone, counted at points that do not depend on threads, so that the same search
    always takes the same course; the clock then only stops it. Without one they end by the clock.
    """

    def __init__(self, limits: Limits, *, began: float) -> None:
        self._limits = limits
        self._began = began
        self.work = 0.0

    def spend(self, work: float) -> None:
        """Count work done."""
        self.work += work

    @property
    def seconds_left(self) -> float:
        """Wall-clock seconds."""
        return self._limits.time_s - (time.monotonic() - self._began)

    def patience_s(self, share: float) -> float:
        """Seconds that a search which cannot count its work may take: this share of those left, or all of them if work is counted."""
        return self.seconds_left * (1 if self.counts_work else share)

    @property
    def counts_work(self) -> bool:
        """Whether phases end by work done, so that the clock must not choose between plans."""
        return self._limits.work is not None

    @property
    def is_stopped(self) -> bool:
        """Whether the clock or somebody ends the search, wherever it is."""
        return self._limits.stop.is_set() or self.seconds_left <= 0

    @property
    def used(self) -> float:
        """Share of the budget that is spent, by work if that is limited."""
        if self._limits.work is not None:
            return self.work / self._limits.work
        return 1 - self.seconds_left / self._limits.time_s

    def is_over(self, share: float = 1.0) -> bool:
        """Whether so much of the budget is spent."""
        return self.is_stopped or self.used >= share

"""How much of a solve is left: wall clock, work, memory, and whether somebody asked to stop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from solver_models.limits import Limits

LABELS = 1_000
"""Labels of the pricing search that count as one unit of work, about a millisecond's."""

ROW_WORK = 0.02
"""Work of a linear program for each of its schedules."""


_SEARCHED = 0.8
"""Share of the memory allowed that a search may take; the rest is for what ends it, explains the plan and writes it down."""
_LOOK_S = 0.1


class Memory:
    """Whether this process has taken nearly what it may; once it has, that stays so, though some be given back."""

    def __init__(self, limit_mb: int | None) -> None:
        self._most = None if limit_mb is None else _SEARCHED * limit_mb * 2**20
        self._looked = -_LOOK_S
        self._is_short = False

    @property
    def is_short(self) -> bool:
        """Looked up ten times a second at most."""
        if self._most is not None and not self._is_short and (now := time.monotonic()) - self._looked >= _LOOK_S:
            self._looked = now
            self._is_short = psutil.Process().memory_info().rss >= self._most
        return self._is_short


class Budget:
    """
    Decides when phases of a search end.

    With a work limit they end by work done alone, counted at points that do not depend on threads, so that the same search
    always takes the same course; the clock then only stops it. Without one they end by the clock.
    """

    def __init__(self, limits: Limits, *, began: float) -> None:
        self.limits = limits
        self._began = began
        self.work = 0.0
        self._memory = Memory(limits.memory_mb)

    def spend(self, work: float) -> None:
        """Count work done."""
        self.work += work

    @property
    def seconds_left(self) -> float:
        """Wall-clock seconds."""
        return self.limits.time_s - (time.monotonic() - self._began)

    def patience_s(self, share: float) -> float:
        """Seconds that a search which cannot count its work may take: this share of those left, or all of them if work is counted."""
        return self.seconds_left * (1 if self.counts_work else share)

    @property
    def counts_work(self) -> bool:
        """Whether phases end by work done, so that the clock must not choose between plans."""
        return self.limits.work is not None

    @property
    def is_stopped(self) -> bool:
        """Whether the clock, memory or somebody ends the search, wherever it is."""
        return self.limits.stop.is_set() or self.seconds_left <= 0 or self._memory.is_short

    @property
    def used(self) -> float:
        """Share of the budget that is spent, by work if that is limited."""
        if self.limits.work is not None:
            return self.work / self.limits.work
        return 1 - self.seconds_left / self.limits.time_s

    def is_over(self, share: float = 1.0) -> bool:
        """Whether so much of the budget is spent."""
        return self.is_stopped or self.used >= share

"""Locked bookings that contradict each other: which can be kept as pins, and which cannot."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from solver_models.staffing.verify import fixed_conflicts

if TYPE_CHECKING:
    from solver_models.staffing.problem import Problem, Run


def without_conflicting_pins(problem: Problem) -> tuple[Problem, tuple[Run, ...]]:
    """The problem with as many of its fixed runs as fit together, taken in listed order, and the runs left out."""
    kept: list[Run] = []
    dropped: list[Run] = []
    for run in problem.fixed:
        fits = not fixed_conflicts(replace(problem, fixed=(*kept, run)))
        (kept if fits else dropped).append(run)
    return replace(problem, fixed=tuple(kept)), tuple(dropped)


def clashing_demands(problem: Problem) -> frozenset[str]:
    """Demands of the fixed runs that do not fit together with the others; none where all of them do."""
    if not fixed_conflicts(problem):
        return frozenset()
    return frozenset(run.demand for run in without_conflicting_pins(problem)[1])

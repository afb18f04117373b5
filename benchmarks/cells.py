"""What ``make bench-full`` measures: problems, limits, seeds and systems, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from benchmarks.bases import base_plan
from benchmarks.changes import changed
from benchmarks.generators import Shape, generate
from benchmarks.peers.systems import EVERY_KEY, FROM_NOTHING
from solver_models.staffing.formats import read_warm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from solver_models.staffing.problem import Problem

PROBLEMS: dict[str, Callable[[str | Shape, int], Problem]] = {
    "plain": lambda size, seed: generate(size, seed=seed),
    "full": lambda size, seed: generate(size, seed=seed, mode="full"),
}
"""How the problems of a cell are made, from size and seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One row of measurements: every system on the same problems within the same seconds."""

    name: str
    title: str
    size: str | Shape
    seconds: float
    seeds: tuple[int, ...]
    systems: tuple[str, ...]
    kind: str = "plain"
    base_s: float | None = None
    """Seconds for the plan in force, where a changed problem is planned anew from it."""

    def problem(self, seed: int) -> Problem:
        """The problem of one seed."""
        problem = PROBLEMS[self.kind](self.size, seed)
        earlier = self.earlier(seed)
        return problem if earlier is None else changed(problem, read_warm(earlier.read_bytes()).assignments, seed=seed)

    def earlier(self, seed: int) -> Path | None:
        """The plan in force of one seed."""
        return None if self.base_s is None else base_plan(self.size, seed, self.base_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One system on one problem of a cell."""

    cell: Cell
    system: str
    seed: int

    @property
    def name(self) -> str:
        """Such as ``M@60/muster/101``."""
        return f"{self.cell.name}/{self.system}/{self.seed}"


EVERYBODY = FROM_NOTHING
REPORTED = (101, 102, 103)
CELLS = (
    Cell(name="S@60", title="S, 60 s", size="S", seconds=60, seeds=REPORTED, systems=EVERYBODY),
    Cell(name="M@60", title="M, 60 s", size="M", seconds=60, seeds=REPORTED, systems=EVERYBODY),
    Cell(name="M-full@120", title="M with every key, 120 s", size="M", seconds=120, seeds=REPORTED, systems=EVERY_KEY, kind="full"),
    Cell(name="M@600", title="M, 10 min", size="M", seconds=600, seeds=(101,), systems=EVERYBODY),
    Cell(name="L@600", title="L, 10 min", size="L", seconds=600, seeds=(101,), systems=EVERYBODY),
    Cell(name="L-replan@15", title="L planned anew, 15 s", size="L", seconds=15, seeds=(101,), systems=("muster-warm",), base_s=600),
    Cell(name="L-replan@150", title="L planned anew, 150 s", size="L", seconds=150, seeds=(101,), systems=("muster",), base_s=600),
    Cell(name="XL@900", title="XL, 15 min", size="XL", seconds=900, seeds=(101,), systems=("muster", "greedy")),
)


def trials(cells: Sequence[Cell], *, only: Sequence[str] = ()) -> list[Trial]:
    """
    The trials of these cells, problem by problem.

    ``only`` keeps those that one of the patterns names: a cell (``M@60``), a cell and a system (``M@60/muster``), or all three;
    ``*`` stands for anything.
    """
    every = [Trial(cell=cell, system=system, seed=seed) for cell in cells for seed in cell.seeds for system in cell.systems]
    return [trial for trial in every if not only or any(_names(pattern, trial) for pattern in only)]


def _names(pattern: str, trial: Trial) -> bool:
    return fnmatch(trial.name, pattern) or fnmatch(trial.name, f"{pattern}/*")

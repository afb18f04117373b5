"""What is kept of a trial: one JSON file each, written as soon as the trial ends."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.generators import VERSION
from solver_models.result import relative_gap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.cells import Trial

RESULTS = Path(__file__).parent / "results"
NEAR = 0.01
"""Time to 1 %."""
_STEP = 0.0002
"""Progress that moves neither objective nor bound by as much is not kept."""

Course = list[tuple[float, int | None, int | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One system on one problem. Objective and bounds in minor units x 60; no objective counts that the checker refused."""

    cell: str
    system: str
    seed: int
    seconds_allowed: float
    workers: int
    generator: str
    problem_sha256: str
    currency: str
    status: str
    seconds: float | None
    objective_x60: int | None
    bound_x60: int | None
    """As claimed."""
    checked_bound_x60: int | None
    """Recomputed by the checker from the certificate; ``None`` where there is none."""
    feasible: bool | None
    holds: bool
    fault: str | None
    filled_runs: int
    peak_mb: float
    verify_seconds: float | None
    engine: dict[str, str]
    commit: str
    measured_on: str
    machine: dict[str, Any]
    course: Course
    moved_part: float | None = None
    """Share of the person-weeks of the plan in force that are others now, where there was one."""
    other_work: float | None = None
    """Share of the machine's cores that other processes had while the system ran; records from before 2026-11-30 do not say."""

    @property
    def best_bound_x60(self) -> int | None:
        """The bound that counts: the checker's where it has one."""
        return self.bound_x60 if self.checked_bound_x60 is None else self.checked_bound_x60

    @property
    def gap(self) -> float | None:
        """By the system's own bound."""
        return relative_gap(self.objective_x60, self.best_bound_x60)

    def gap_to(self, bound_x60: int | None) -> float | None:
        """By somebody's bound."""
        return relative_gap(self.objective_x60, bound_x60)

    def seconds_to_near(self, bound_x60: int | None) -> float | None:
        """When its plan first was within 1 % of the bound; ``None`` if it never was. Only for plans that held."""
        if self.objective_x60 is None or bound_x60 is None:
            return None
        final = (self.seconds or self.seconds_allowed, self.objective_x60, None)
        near = (moment for moment in [*self.course, final] if _is_near(moment[1], bound_x60))
        return next((seconds for seconds, *_ in near), None)


def _is_near(objective_x60: int | None, bound_x60: int) -> bool:
    gap = relative_gap(objective_x60, bound_x60)
    return gap is not None and gap <= NEAR


def path_of(trial: Trial, *, folder: Path = RESULTS) -> Path:
    """Where the record of a trial is."""
    return folder / trial.cell.name / f"{trial.system}-{trial.seed}.json"


def is_done(trial: Trial, *, folder: Path = RESULTS) -> bool:
    """Whether the trial has a record, made by today's generator under the cell's limit."""
    path = path_of(trial, folder=folder)
    if not path.exists():
        return False
    kept = read_record(path)
    return kept.generator == VERSION and kept.seconds_allowed == trial.cell.seconds


def write_record(record: Record, path: Path) -> None:
    """Keep a record, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    value = asdict(record)
    course = value.pop("course")
    lines = json.dumps(value, indent=1)[:-2] + ',\n "course": [' + ",".join(f"\n  {json.dumps(moment)}" for moment in course) + "\n ]\n}\n"
    unfinished = path.with_suffix(".part")
    unfinished.write_text(lines)
    unfinished.replace(path)


def read_record(path: Path) -> Record:
    """The record a file holds."""
    value = json.loads(path.read_text())
    value["course"] = [tuple(moment) for moment in value["course"]]
    return Record(**value)


def thinned(course: Sequence[tuple[float, int | None, int | None]]) -> Course:
    """The moments that changed objective or bound by a fiftieth of a percent, and the last."""
    kept: Course = []
    for moment in course:
        if not kept or _moved(kept[-1][1], moment[1]) or _moved(kept[-1][2], moment[2]):
            kept.append(moment)
    if course and kept[-1] != course[-1]:
        kept.append(course[-1])
    return kept


def _moved(before: int | None, now: int | None) -> bool:
    if before is None or now is None:
        return before != now
    return abs(now - before) > _STEP * abs(before)

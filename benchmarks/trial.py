"""One trial: make the problem, run the system, have its answer checked, keep what was found."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks import machine
from benchmarks.changes import moved_part
from benchmarks.child import Outcome, run_child
from benchmarks.generators import VERSION
from benchmarks.records import Record, thinned
from solver_models.staffing.certify import checked
from solver_models.staffing.formats import problem_to_json, read_plan

if TYPE_CHECKING:
    from benchmarks.cells import Trial
    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Problem
    from solver_models.staffing.verify import Report

_SHOWN_EVERY_S = 2.0


def run_trial(trial: Trial, *, workers: int) -> Record:
    """Run it; progress goes to standard error."""
    problem = trial.cell.problem(trial.seed)
    raw = json.dumps(problem_to_json(problem)).encode()
    with TemporaryDirectory() as folder:
        problem_file, answer_file = Path(folder) / "problem.json", Path(folder) / "answer.json"
        problem_file.write_bytes(raw)
        outcome = run_child(
            trial.system,
            problem_file,
            answer_file,
            seconds=trial.cell.seconds,
            workers=workers,
            seed=trial.seed,
            on_progress=_Shown(trial.name),
            earlier=trial.cell.earlier(trial.seed),
        )
        answer = None if outcome.fault else read_plan(answer_file.read_bytes(), problem)
    began = time.perf_counter()
    report = None
    if answer is not None:
        answer, report = checked(problem, answer)
    seconds = None if report is None else time.perf_counter() - began
    return _record(trial, problem, outcome, answer, report, sha256=hashlib.sha256(raw).hexdigest(), verify_s=seconds, workers=workers)


def _record(
    trial: Trial,
    problem: Problem,
    outcome: Outcome,
    answer: Answer | None,
    report: Report | None,
    *,
    sha256: str,
    verify_s: float | None,
    workers: int,
) -> Record:
    counts = answer is not None and report is not None and report.holds and report.feasible is True
    return Record(
        cell=trial.cell.name,
        system=trial.system,
        seed=trial.seed,
        seconds_allowed=trial.cell.seconds,
        workers=workers,
        generator=VERSION,
        problem_sha256=sha256,
        currency=problem.currency,
        status="none" if answer is None else answer.status.value,
        seconds=_rounded(outcome.seconds),
        objective_x60=report.objective_x60 if counts and report is not None else None,
        bound_x60=answer.bound_x60 if answer is not None else None,
        moved_part=_moved(trial, problem, answer) if counts else None,
        checked_bound_x60=getattr(report, "priced_bound_x60", None),
        feasible=None if report is None else report.feasible,
        holds=report is not None and report.holds,
        fault=outcome.fault or _refused(answer, report),
        filled_runs=len(answer.assignments or ()) if answer is not None else 0,
        peak_mb=round(outcome.peak_mb, 1),
        verify_seconds=_rounded(verify_s),
        engine=outcome.engine,
        commit=machine.commit(),
        measured_on=datetime.now(tz=UTC).date().isoformat(),
        machine=machine.machine(),
        course=thinned(outcome.course),
        other_work=round(outcome.other_work, 3),
    )


def _moved(trial: Trial, problem: Problem, answer: Answer | None) -> float | None:
    """Share of the person-weeks of the plan in force that are others now."""
    if trial.cell.base_s is None or answer is None:
        return None
    return moved_part(problem, problem.current, answer.assignments or ())


def _refused(answer: Answer | None, report: Report | None) -> str | None:
    if answer is None or report is None:
        return None
    if answer.assignments is None:
        return "no plan"
    if report.holds:
        return None
    return "refused by the checker: " + (report.violations[0].message if report.violations else report.note)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)


class _Shown:
    """Progress on standard error, every other second at most."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._last = -_SHOWN_EVERY_S

    def __call__(self, seconds: float, objective_x60: int | None, bound_x60: int | None) -> None:
        if seconds - self._last >= _SHOWN_EVERY_S:
            self._last = seconds
            figures = "  ".join("-" if x60 is None else f"{x60 / 6000:,.0f}" for x60 in (objective_x60, bound_x60))
            print(f"  {self._name}  {seconds:7.1f} s  {figures}", file=sys.stderr, flush=True)

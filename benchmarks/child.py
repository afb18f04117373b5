"""Run one system in a process of its own, measure its memory, and end it when it will not end itself."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import psutil

from benchmarks.machine import OtherWork

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
SAMPLED_EVERY_S = 0.2
START_S = 600.0
"""To read a problem; not part of anybody's limit."""


@dataclass(slots=True)
class Outcome:
    """What was heard of a child."""

    course: list[tuple[float, int | None, int | None]] = field(default_factory=list)
    """Seconds, objective and bound (minor units x 60) each time one of them was better."""
    engine: dict[str, str] = field(default_factory=dict)
    seconds: float | None = None
    """From when it had the problem to its answer; ``None`` without one."""
    peak_mb: float = 0.0
    fault: str | None = None
    """Why there is no answer."""
    other_work: float = 0.0
    """Share of all cores that other processes had meanwhile."""


def grace_s(seconds: float) -> float:
    """How long past its limit a system may take to end: a tenth of it, and at least ten seconds."""
    return max(10.0, seconds / 10)


def run_child(
    system: str,
    problem: Path,
    answer: Path,
    *,
    seconds: float,
    workers: int,
    seed: int,
    on_progress: Callable[[float, int | None, int | None], None],
    earlier: Path | None = None,
) -> Outcome:
    """Run ``python -m benchmarks.peers`` on a problem file; the answer is in ``answer`` unless the outcome names a fault."""
    limits = ["--seconds", str(seconds), "--workers", str(workers), "--seed", str(seed)]
    start = [] if earlier is None else ["--earlier", str(earlier)]
    command = [sys.executable, "-m", "benchmarks.peers", system, str(problem), str(answer), *limits, *start]
    outcome = Outcome()
    other_work = OtherWork()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        complaints: list[str] = []
        watch = _Watch(process.pid, outcome)
        threads = [
            threading.Thread(target=watch.run, daemon=True),
            threading.Thread(target=_collect, args=(process.stderr, complaints), daemon=True),
        ]
        for thread in threads:
            thread.start()
        watch.allow(START_S, "it did not read its problem in time")
        for line in process.stdout:
            fact = json.loads(line)
            if "began" in fact:
                watch.allow(seconds + grace_s(seconds), f"killed {grace_s(seconds):.0f} s past its limit")
            elif "seconds" in fact:
                outcome.course.append((fact["seconds"], fact["objective_x60"], fact["bound_x60"]))
                on_progress(*outcome.course[-1])
            else:
                _take_end(outcome, fact)
        process.wait()
        watch.end()
        for thread in threads:
            thread.join()
    outcome.other_work = other_work.share()
    if process.returncode != 0 or outcome.seconds is None:
        outcome.seconds = None
        sys.stderr.writelines(complaints)
        outcome.fault = outcome.fault or f"ended with {process.returncode}: {' '.join(complaints[-1:]).strip()}"
    return outcome


def _take_end(outcome: Outcome, fact: dict[str, Any]) -> None:
    outcome.seconds = fact["ended"]
    outcome.engine = fact["engine"]
    outcome.peak_mb = max(outcome.peak_mb, (fact["peak_kb"] or 0) / 1024)


def _collect(stream: IO[str], lines: list[str]) -> None:
    lines.extend(stream)


class _Watch:
    """Samples the memory of a process and its descendants together, and kills them all past the time allowed."""

    def __init__(self, pid: int, outcome: Outcome) -> None:
        self._process = psutil.Process(pid)
        self._outcome = outcome
        self._ended = threading.Event()
        self._deadline = time.monotonic() + START_S
        self._reason = ""

    def allow(self, seconds: float, reason: str) -> None:
        self._deadline, self._reason = time.monotonic() + seconds, reason

    def end(self) -> None:
        self._ended.set()

    def run(self) -> None:
        while not self._ended.wait(SAMPLED_EVERY_S):
            family = self._family()
            self._outcome.peak_mb = max(self._outcome.peak_mb, sum(map(_resident_mb, family)))
            if time.monotonic() > self._deadline:
                self._outcome.fault = self._reason
                for process in family:
                    _kill(process)

    def _family(self) -> list[psutil.Process]:
        try:
            return [self._process, *self._process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


def _resident_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 2**20
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0.0


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return

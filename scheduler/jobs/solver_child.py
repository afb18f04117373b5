"""Runs the solver in a child process, within its time and its memory, and keeps the best plan it has shown."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Any

import psutil

from scheduler.jobs.solver_process import limits_to_json
from solver_models.result import Progress
from solver_models.staffing.problem import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from solver_models.limits import Limits

SOLVER_COMMAND = (sys.executable, "-m", "scheduler.jobs.solver_process")
_TICK_S = 0.1
_OBSERVE_S = 0.5
_STDERR_TAIL = 4_000


class Ended(StrEnum):
    """How the child came to its end."""

    ANSWERED = "answered"
    TIMED_OUT = "timed_out"
    """Killed: it was not back by its time limit and the grace after it."""
    STOPPED = "stopped"
    """Killed: it was asked to stop and did not within the grace."""
    MEMORY_LIMIT = "memory_limit"
    """Killed: it used more memory than it may."""
    CONTRADICTED = "contradicted"
    """The solver found its own claim at odds with a plan in hand."""
    CRASHED = "crashed"
    """It died by itself, or spoke nonsense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildLimits:
    """What the parent grants beside the solver's own limits."""

    memory_mb: int
    grace_s: float = 10.0
    """Between the time limit (or the wish to stop) and SIGKILL."""
    start_s: float = 60.0
    """More than that, until the child has loaded the solver and read the problem: on a busy machine that is no part of the search."""
    command: Sequence[str] = SOLVER_COMMAND


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildResult:
    """What came of it. ``answer`` is JSON as it came, unchecked; ``incumbent`` the last plan shown before the end."""

    ended: Ended
    answer: Mapping[str, Any] | None
    incumbent: tuple[Run, ...] | None
    bound_x60: int | None
    seconds: float
    peak_memory_mb: int
    stderr: str
    """What it last said on stderr, or what contradicts what."""


def solve_in_child(
    *,
    problem: Mapping[str, Any],
    limits: Limits,
    child: ChildLimits,
    observe: Callable[[Progress | None], bool],
    besides: Mapping[str, Any] | None = None,
) -> ChildResult:
    """
    Solve a problem given as JSON; ``besides`` has what else the child is told, such as a plan to start from or to explain.

    ``observe`` is called about twice a second with what is new (or nothing); when it returns True the child is asked for its best plan.
    """
    with tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(
            list(child.command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True
        )
        watch = _Watch(process=process, limits=limits, child=child, observe=observe)
        try:
            granted = limits_to_json(replace(limits, memory_mb=child.memory_mb))
            watch.send({"problem": problem, "limits": granted, **(besides or {})})
            ended = watch.until_the_end()
        finally:
            watch.bury()
        return watch.result(ended=ended, stderr=_tail(stderr))


class _Watch:
    """One child from its start to its end."""

    def __init__(
        self, *, process: subprocess.Popen[bytes], limits: Limits, child: ChildLimits, observe: Callable[[Progress | None], bool]
    ) -> None:
        self._process = process
        self._child = child
        self._observe = observe
        self._started = time.monotonic()
        self._granted_s = limits.time_s + child.grace_s
        self._deadline = self._started + child.start_s + self._granted_s
        self._overdue = Ended.TIMED_OUT
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._progress: Progress | None = None
        self._incumbent: tuple[Run, ...] | None = None
        self._bound_x60: int | None = None
        self._answer: Mapping[str, Any] | None = None
        self._contradiction: str | None = None
        self._peak_bytes = 0
        self._stopping = False

    def send(self, request: Mapping[str, Any]) -> None:
        self._reader.start()
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died at once; until_the_end sees that
            self._process.stdin.write(json.dumps(request, allow_nan=False).encode() + b"\n")
            self._process.stdin.flush()

    def until_the_end(self) -> Ended:
        next_observation = self._started
        while True:
            open_pipe = self._take_lines()
            if self._answer is not None:
                return Ended.ANSWERED
            if self._contradiction is not None:
                return Ended.CONTRADICTED
            if not open_pipe:
                return Ended.CRASHED
            if self._memory_bytes() > self._child.memory_mb * 1024 * 1024:
                return Ended.MEMORY_LIMIT
            now = time.monotonic()
            if now >= self._deadline:
                return self._overdue
            if now >= next_observation:
                next_observation = now + _OBSERVE_S
                self._report(now)

    def _report(self, now: float) -> None:
        news, self._progress = self._progress, None
        if self._observe(news) and not self._stopping:
            self._stopping = True
            self._overdue = Ended.STOPPED
            self._deadline = min(self._deadline, now + self._child.grace_s)
            self._close_stdin()

    def _take_lines(self) -> bool:
        """Take what has come within one tick; False once the child has closed its end."""
        try:
            line = self._lines.get(timeout=_TICK_S)
            while line is not None:
                self._take(line)
                line = self._lines.get_nowait()
        except queue.Empty:
            return True
        return False

    def _take(self, line: bytes) -> None:
        try:
            event = json.loads(line)
            kind = event["event"]
            if kind == "started" and not self._stopping:
                self._deadline = time.monotonic() + self._granted_s
            elif kind == "answer":
                self._answer = event["answer"]
            elif kind == "progress":
                self._progress = Progress(seconds=event["seconds"], objective_x60=event["objective_x60"], bound_x60=event["bound_x60"])
                self._bound_x60 = event["bound_x60"]
            elif kind == "plan":
                self._incumbent = tuple(_run(fields) for fields in event["runs"])
            elif kind == "contradiction":
                self._contradiction = str(event["detail"])
        except (ValueError, TypeError, KeyError):
            self._lines.put(None)  # nonsense: as if it had died

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _memory_bytes(self) -> int:
        try:
            used = int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.Error:
            return 0
        self._peak_bytes = max(self._peak_bytes, used)
        return used

    def _close_stdin(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def bury(self) -> None:
        """Leave no process behind, whatever happened."""
        self._process.kill()
        self._process.wait()
        self._close_stdin()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def result(self, *, ended: Ended, stderr: str) -> ChildResult:
        return ChildResult(
            ended=ended,
            answer=self._answer,
            incumbent=self._incumbent,
            bound_x60=self._bound_x60,
            seconds=time.monotonic() - self._started,
            peak_memory_mb=self._peak_bytes // (1024 * 1024),
            stderr=self._contradiction or stderr,
        )


def _run(fields: Sequence[Any]) -> Run:
    person, demand, share_e4, first, last, shift = fields
    return Run(person=person, demand=demand, share_e4=share_e4, first=first, last=last, shift=shift)


def _tail(stream: IO[bytes]) -> str:
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _STDERR_TAIL))
    return stream.read().decode(errors="replace")

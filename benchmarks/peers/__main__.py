"""
One system on one problem, in a process of its own.

    python -m benchmarks.peers SYSTEM PROBLEM.json ANSWER.json --seconds 60 --workers 2 --seed 101

Progress goes to standard output, one JSON object a line; the answer, in the format of plans, goes to the file.
"""

from __future__ import annotations

import argparse
import json
import os
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from benchmarks.peers.contract import Task
from benchmarks.peers.systems import SYSTEMS
from solver_models.staffing.formats import answer_to_json, read_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver_models.staffing.plan import Answer


def main() -> None:
    """Read, solve, write."""
    parser = argparse.ArgumentParser(description="Run one system on one problem.")
    parser.add_argument("system", choices=SYSTEMS)
    parser.add_argument("problem", type=Path)
    parser.add_argument("answer", type=Path)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--earlier", type=Path, default=None, help="an earlier plan to start from")
    wanted = parser.parse_args()
    module, _, name = SYSTEMS[wanted.system].partition(":")
    solve = cast("Callable[[Task], Answer]", getattr(import_module(module), name))
    problem = read_problem(wanted.problem.read_bytes())
    _say({"began": True})
    task = Task(
        problem=problem, seconds=wanted.seconds, workers=wanted.workers, seed=wanted.seed, on_progress=_tell, earlier=wanted.earlier
    )
    answer = solve(task)
    seconds = task.elapsed
    wanted.answer.write_text(json.dumps(answer_to_json(answer, problem)))
    _say({"ended": seconds, "peak_kb": _peak_kb(), "engine": dict(answer.engine)})


def _tell(seconds: float, objective_x60: int | None, bound_x60: int | None) -> None:
    _say({"seconds": round(seconds, 3), "objective_x60": objective_x60, "bound_x60": bound_x60})


def _say(fact: dict[str, object]) -> None:
    _CHANNEL.write(json.dumps(fact) + "\n")
    _CHANNEL.flush()


def _own_channel() -> IO[str]:
    """Standard output for progress alone: what solvers print there goes to standard error instead."""
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return channel


_CHANNEL = _own_channel()


def _peak_kb() -> int | None:
    """
    Most memory this process ever held, where Linux says so.

    Not ``getrusage``: its figure of a child begins with what the parent held when it started it.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    return next((int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:")), None)


if __name__ == "__main__":
    main()

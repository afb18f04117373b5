"""The solver as a child process: it answers, and whatever it does instead, the parent stays in charge."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from scheduler.jobs.judgement import judge
from scheduler.jobs.solver_child import SOLVER_COMMAND, ChildLimits, ChildResult, Ended, solve_in_child
from scheduler.jobs.solver_process import limits_from_json, limits_to_json
from solver_models.limits import Limits
from solver_models.result import Status
from solver_models.staffing import formats
from solver_models.staffing.problem import Demand, Person, Problem, Run
from tests.cli.muster_process import hard_problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver_models.result import Progress

PROBLEM = Problem(
    currency="EUR",
    periods=("2027-01-04", "2027-01-11"),
    people=(Person(id="ada", capacity=(2400, 2400), cost_rate=6000, skills={"sap": 3}),),
    demands=(Demand(id="d1", project="p1", effort=(1200, 1200), value_rate=10000, requires={"sap": 2}),),
)
PLAN = [["ada", "d1", 10000, 0, 1, 0]]
RUN = Run(person="ada", demand="d1", share_e4=10000, first=0, last=1)


def bad(fault: str, value: object = None) -> tuple[str, ...]:
    script = str(Path(__file__).with_name("bad_solver.py"))
    return (sys.executable, script, fault) if value is None else (sys.executable, script, fault, json.dumps(value))


def run(
    *,
    command: Sequence[str] = SOLVER_COMMAND,
    time_s: float = 20.0,
    grace_s: float = 1.0,
    memory_mb: int = 4000,
    stop_after_s: float = 1e9,
    start_s: float = 60.0,
) -> tuple[ChildResult, list[Progress]]:
    began = time.monotonic()
    seen: list[Progress] = []

    def observe(progress: Progress | None) -> bool:
        if progress is not None:
            seen.append(progress)
        return time.monotonic() - began > stop_after_s

    child = ChildLimits(memory_mb=memory_mb, grace_s=grace_s, command=command, start_s=start_s)
    result = solve_in_child(problem=formats.problem_to_json(PROBLEM), limits=Limits(time_s=time_s, workers=1), child=child, observe=observe)
    return result, seen


def test_the_child_solves_and_answers() -> None:
    """The answer that comes back through the pipe is the whole answer of the solver."""
    result, _ = run()
    assert result.ended is Ended.ANSWERED, result.stderr
    assert result.answer is not None
    answer = formats.plan_from_json(result.answer, PROBLEM)
    assert (answer.status, answer.assignments) == ("optimal", (RUN,))
    assert answer.fills[0].filled_min == 2400
    assert result.peak_memory_mb > 10


def test_s18_hung_solver_is_killed_at_its_limit_and_its_best_plan_is_kept() -> None:
    """A child that is not back by limit + grace gets SIGKILL; the plan it had shown survives it."""
    result, seen = run(command=bad("hang", PLAN), time_s=0.5, grace_s=1.0)
    assert result.ended is Ended.TIMED_OUT
    assert result.incumbent == (RUN,)
    assert result.bound_x60 == 10**9
    assert 1.4 < result.seconds < 6
    assert seen[0].objective_x60 == 1


def test_s18_hung_solver_without_a_plan_leaves_none() -> None:
    """No plan is made up for a solver that showed none."""
    result, _ = run(command=bad("hang"), time_s=0.3, grace_s=0.3)
    assert (result.ended, result.incumbent, result.answer) == (Ended.TIMED_OUT, None, None)


def test_what_a_child_takes_to_start_is_no_part_of_its_limit() -> None:
    """A busy machine loads the solver slowly: the clock begins with the search, and one that never begins is not waited for for ever."""
    script = str(Path(__file__).with_name("bad_solver.py"))
    result, _ = run(command=(sys.executable, script, "sleepy", "2", json.dumps(PLAN)), time_s=0.3, grace_s=0.3)
    assert (result.ended, result.incumbent) == (Ended.TIMED_OUT, (RUN,))
    result, _ = run(command=(sys.executable, script, "sleepy", "600", "[]"), time_s=0.1, grace_s=0.1, start_s=0.5)
    assert (result.ended, result.incumbent) == (Ended.TIMED_OUT, None)
    assert result.seconds < 10


def test_s19_child_beyond_its_memory_is_killed() -> None:
    """Resident memory above the cap ends the child long before the machine suffers."""
    result, _ = run(command=bad("memory"), memory_mb=200)
    assert result.ended is Ended.MEMORY_LIMIT
    assert 200 <= result.peak_memory_mb < 1000


@pytest.mark.parametrize(
    ("fault", "ended"), [("segfault", Ended.CRASHED), ("nonsense", Ended.CRASHED), ("contradiction", Ended.CONTRADICTED)]
)
def test_a_child_that_dies_or_speaks_nonsense_is_told_apart(fault: str, ended: Ended) -> None:
    """A crash, garbage on the pipe and a contradiction are no answers, and end the wait at once."""
    result, _ = run(command=bad(fault))
    assert (result.ended, result.answer) == (ended, None)
    assert result.seconds < 10


def test_a_stopped_child_answers_with_what_it_has() -> None:
    """Closing the pipe asks the real solver for its best plan; it answers instead of being killed."""
    result, _ = run(stop_after_s=0.0, grace_s=20.0)
    assert result.ended is Ended.ANSWERED
    assert result.answer is not None


def test_a_child_that_does_not_hear_the_stop_is_killed_after_the_grace() -> None:
    """Cancelling ends in bounded time, whatever the child does."""
    result, _ = run(command=bad("deaf", PLAN), stop_after_s=0.5, grace_s=1.0)
    assert (result.ended, result.incumbent) == (Ended.STOPPED, (RUN,))
    assert result.seconds < 8


def test_limits_cross_the_pipe_unchanged() -> None:
    """All but the wish to stop, which is the pipe's end."""
    limits = Limits(time_s=3.25, gap=0.001, workers=2, seed=7, work=1.5, memory_mb=900)
    assert limits_from_json(json.loads(json.dumps(limits_to_json(limits)))) == limits


def test_a_plan_shown_before_memory_ran_out_is_kept() -> None:
    """A child killed for its memory leaves the best plan it had shown, checked like any other; only without one the solve has failed."""
    shown = ChildResult(ended=Ended.MEMORY_LIMIT, answer=None, incumbent=(RUN,), bound_x60=None, seconds=1, peak_memory_mb=300, stderr="")
    answer = judge(PROBLEM, shown, memory_mb=256).answer
    assert answer is not None
    assert (answer.status, answer.assignments) == (Status.FEASIBLE, (RUN,))
    failure = judge(PROBLEM, replace(shown, incumbent=None), memory_mb=256).failure
    assert failure is not None
    assert failure.code == "memory_limit"


def test_the_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    """SIGKILL of the server in the middle of a long solve leaves no solver running behind it."""
    request: dict[str, Any] = {
        "problem": hard_problem(),
        "limits": {"time_s": "600", "gap": "0", "workers": 1, "seed": 0},
    }
    program = f"""
import json, os, subprocess, sys, time
child = subprocess.Popen({list(SOLVER_COMMAND)!r}, stdin=subprocess.PIPE, start_new_session=True)
open({str(tmp_path / "pid")!r}, "w").write(str(child.pid))
child.stdin.write(json.dumps({request!r}).encode() + b"\\n")
child.stdin.flush()
time.sleep(3)
assert child.poll() is None
open({str(tmp_path / "solving")!r}, "w")
os.kill(os.getpid(), {int(signal.SIGKILL)})
"""
    subprocess.run([sys.executable, "-c", program], check=False, timeout=60, cwd=Path.cwd())
    child = int((tmp_path / "pid").read_text())
    assert (tmp_path / "solving").exists()
    deadline = time.monotonic() + 30
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the child outlived its parent"
        time.sleep(0.1)


@pytest.mark.parametrize(
    "plan",
    [
        {"format": "staffing-plan/1", "assignments": [{"person": "ada", "demand": "d1", "share": 1, "first": 1, "last": 2, "shift": 0}]},
        {"format": "staffing-plan/0", "runs": "of an older version"},
        [],
    ],
)
def test_the_child_starts_from_an_earlier_plan_or_from_nothing(plan: object) -> None:
    """An earlier plan is where the search begins; one that cannot be read is no reason for no plan."""
    result = solve_in_child(
        problem=formats.problem_to_json(PROBLEM),
        limits=Limits(time_s=20, workers=1),
        child=ChildLimits(memory_mb=4000),
        observe=lambda _: False,
        besides={"warm": {"plan": plan, "periods": 1, "shifts": {}}},
    )
    assert result.answer is not None, result.stderr
    assert formats.plan_from_json(result.answer, PROBLEM).assignments == (RUN,)

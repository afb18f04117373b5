"""``muster solve`` from outside: what it prints, writes and exits with."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest

from scheduler.commands.refusal import Refused
from scheduler.commands.solve import read_problem_file
from scheduler.commands.solver_options import checked_limits
from tests.cli.muster_process import COMMAND, ROOT, environment, hard_problem, muster, small_problem


def write(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value))
    return path


def test_solves_writes_and_exits_0(tmp_path: Path) -> None:
    """An optimal plan is written, summarised, and exit 0."""
    write(tmp_path / "problem.json", small_problem())
    done = muster("solve", "problem.json", "-o", "plan.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "optimal: objective EUR 1,600.00, bound EUR 1,600.00, gap 0.00%, proof prices" in done.stdout
    plan = json.loads((tmp_path / "plan.json").read_text())
    assert plan["assignments"] == [{"person": "ada", "demand": "d1", "share": 1.0, "first": 0, "last": 1, "shift": 0}]
    assert plan["objective"] == 160000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.json", "problem.json"]


def test_the_summary_as_json(tmp_path: Path) -> None:
    """``--json`` prints one JSON object and nothing else on stdout."""
    write(tmp_path / "problem.json", small_problem())
    done = muster("solve", "problem.json", "-o", "plan.json", "--json", "--seed", 3, "--workers", 1, cwd=tmp_path)
    summary = json.loads(done.stdout)
    assert (summary["status"], summary["objective_x60"], summary["assignments"], summary["output"]) == ("optimal", 9600000, 1, "plan.json")


def test_s10_contradictory_fixed_runs_exit_3_and_name_the_conflicts(tmp_path: Path) -> None:
    """Two full-time pins on one person are infeasible; the answer says which limit they break."""
    problem = small_problem()
    problem["demands"].append({**problem["demands"][0], "id": "d2"})
    for demand in problem["demands"]:
        demand["effort"] = [2400, 2400]
    problem["fixed"] = [{"person": "ada", "demand": d, "share": 1, "first": 0, "last": 1} for d in ("d1", "d2")]
    write(tmp_path / "problem.json", problem)
    done = muster("solve", "problem.json", "-o", "plan.json", cwd=tmp_path)
    assert done.returncode == 3
    assert "infeasible" in done.stdout
    assert "conflict: capacity: ada is booked for 80 h in period 2027-01-04 by bookings that must stay, with 40 h bookable." in done.stdout
    assert json.loads((tmp_path / "plan.json").read_text())["status"] == "infeasible"


@pytest.mark.parametrize("lacking", ["people", "demands"])
def test_s01_empty_problem_is_nothing_to_plan(tmp_path: Path, lacking: str) -> None:
    """Without people or demands there is nothing to plan: no error, and no boast of optimality."""
    write(tmp_path / "problem.json", {**small_problem(), lacking: []})
    done = muster("solve", "problem.json", "-o", "plan.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "nothing to plan" in done.stdout
    assert "optimal" not in done.stdout.lower()


def test_every_fault_is_listed_with_its_pointer_at_once(tmp_path: Path) -> None:
    """Bad input exits 2 with all of its faults, and writes nothing."""
    problem = small_problem()
    problem["people"][0]["capacty"] = [1]
    problem["demands"][0]["value_rate"] = "dear"
    problem["demands"][0]["effort"] = [1200]
    write(tmp_path / "problem.json", problem)
    done = muster("solve", "problem.json", "-o", "plan.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "3 faults" in done.stderr
    for pointer in ("/people/0/capacty", "/demands/0/value_rate", "/demands/0/effort"):
        assert pointer in done.stderr
    assert not (tmp_path / "plan.json").exists()


LIMITS: list[tuple[str, float]] = [("--time-limit", value) for value in (0.0, -1.0, nan, inf, 1e9, 86_400.1)]
LIMITS += [("--workers", value) for value in (-1, 0, 65, 5000)]
LIMITS += [("--gap", value) for value in (-0.1, 1.01, nan)] + [("--seed", -1), ("--seed", 2**31)]
LIMITS += [("--work-limit", value) for value in (0.0, -1.0, nan, inf, 1e13)] + [("--memory-limit", 255), ("--memory-limit", 2_000_000)]


@pytest.mark.parametrize(("option", "value"), LIMITS)
def test_s17_limit_out_of_range(option: str, value: float) -> None:
    """A limit out of its range is refused as bad input, and the range is named."""
    given = {"--time-limit": 60.0, "--gap": 0.0, "--workers": 1, "--seed": 0, "--work-limit": 1.0, "--memory-limit": 256, option: value}
    with pytest.raises(Refused) as refused:
        checked_limits(
            time_s=given["--time-limit"],
            gap=given["--gap"],
            workers=int(given["--workers"]),
            seed=int(given["--seed"]),
            work=given["--work-limit"],
            memory_mb=int(given["--memory-limit"]),
        )
    assert refused.value.exit_code == 2
    assert [option in line and "give " in line for line in refused.value.lines] == [False, True]


@pytest.mark.parametrize(("option", "value"), [("time_s", 86_400.0), ("gap", 1.0), ("workers", 64), ("workers", 1), ("seed", 2**31 - 1)])
def test_s17_limits_at_the_end_of_their_range_are_allowed(option: str, value: float) -> None:
    """The ends of every range belong to it."""
    given: dict[str, Any] = {"time_s": 60.0, "gap": 0.0, "workers": None, "seed": 0, option: value}
    assert getattr(checked_limits(**given), option) == value


def test_work_is_limited_by_the_clock_only_where_somebody_asks() -> None:
    """A work limit stands alone: without a time limit the clock leaves a search all the time there is."""
    limits = checked_limits(time_s=None, gap=0, workers=None, seed=0, work=500)
    assert (limits.work, limits.time_s) == (500, 86_400)
    assert checked_limits(time_s=None, gap=0, workers=None, seed=0).time_s == 60


def test_the_same_work_comes_to_the_same_plan(tmp_path: Path) -> None:
    """``--work-limit`` gives the same assignments and objective with one thread and with two."""
    write(tmp_path / "problem.json", hard_problem(people=10, demands=25, weeks=12))
    plans = []
    for workers in (1, 2):
        done = muster("solve", "problem.json", "-o", "plan.json", "--work-limit", 300, "--workers", workers, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        plan = json.loads((tmp_path / "plan.json").read_text())
        plans.append((plan["assignments"], plan["objective_x60"], plan["bound_x60"]))
    assert plans[0] == plans[1]


def test_s17_all_limits_out_of_range_are_named_together(tmp_path: Path) -> None:
    """Somebody who got three limits wrong learns of all three, before anything is read or solved, and exit code 2 says so."""
    done = muster("solve", "problem.json", "-o", "plan.json", "--time-limit=0", "--workers=999", "--gap=7", cwd=tmp_path)
    assert done.returncode == 2
    assert all(option in done.stderr for option in ("--time-limit", "--workers", "--gap"))


def test_an_earlier_plan_to_start_from(tmp_path: Path) -> None:
    """``--warm`` takes a plan that names people and demands the problem has not, and refuses a file that is no plan."""
    write(tmp_path / "problem.json", small_problem())
    ghost = {"person": "nobody", "demand": "d9", "share": 1, "first": 0, "last": 99}
    prices = {"heads": [["d1", 5], ["d9", 7]], "share": [["d9", 0, 99, 1]]}
    write(tmp_path / "earlier.json", {"format": "staffing-plan/1", "assignments": [ghost], "certificate": prices})
    done = muster("solve", "problem.json", "-o", "plan.json", "--warm", "earlier.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "plan.json").read_text())["objective"] == 160000
    for wrong in ("problem.json", "missing.json"):
        done = muster("solve", "problem.json", "-o", "other.json", "--warm", wrong, cwd=tmp_path)
        assert done.returncode == 2
        assert wrong in done.stderr
        assert not (tmp_path / "other.json").exists()


def bad_files(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "directory").mkdir()
    (tmp_path / "garbage").write_bytes(bytes(range(256)) * 50)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "deep").write_bytes(b"[" * 200_000)
    (tmp_path / "truncated").write_bytes(json.dumps(small_problem()).encode()[:-1])
    (tmp_path / "array").write_bytes(b"[]")
    (tmp_path / "huge_number").write_bytes(b'{"format": 1' + b"0" * 5000 + b"}")
    return {path.name: path for path in tmp_path.iterdir()} | {"missing": tmp_path / "missing", "nul": tmp_path / "a\0b"}


@pytest.mark.parametrize("name", ["directory", "garbage", "empty", "deep", "truncated", "array", "huge_number", "missing", "nul"])
def test_an_unreadable_problem_is_a_clear_refusal(tmp_path: Path, name: str) -> None:
    """Whatever lies where the problem should be: bad input, in few words that name the file."""
    path = bad_files(tmp_path)[name]
    with pytest.raises(Refused) as refused:
        read_problem_file(path)
    assert refused.value.exit_code == 2
    assert refused.value.lines[0].startswith(f"{path}: ")
    assert len("\n".join(refused.value.lines)) < 2000


@pytest.mark.parametrize("name", ["directory", "garbage"])
def test_an_unreadable_problem_exits_2_and_writes_nothing(tmp_path: Path, name: str) -> None:
    """The same from outside: exit 2, no traceback, no plan."""
    done = muster("solve", bad_files(tmp_path)[name], "-o", "plan.json", cwd=tmp_path)
    assert done.returncode == 2
    assert name in done.stderr
    assert not (tmp_path / "plan.json").exists()


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("no/such/plan.json", "does not exist"),
        (".", "is a directory"),
        ("problem.json", "problem file itself"),
        ("/proc/plan.json", "cannot be written"),
    ],
)
def test_an_output_that_cannot_be_written_is_refused_before_solving(tmp_path: Path, output: str, words: str) -> None:
    """Nobody waits an hour to learn that the plan cannot be saved."""
    write(tmp_path / "problem.json", hard_problem())
    began = time.monotonic()
    done = muster("solve", "problem.json", "-o", output, "--time-limit", 60, cwd=tmp_path)
    assert (done.returncode, time.monotonic() - began < 20) == (2, True)
    assert words in done.stderr
    assert json.loads((tmp_path / "problem.json").read_text())["format"] == "staffing-problem/1"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    """A write that fails at the end is said, and exits 2."""
    write(tmp_path / "problem.json", small_problem())
    done = muster("solve", "problem.json", "-o", "/dev/full", cwd=tmp_path)
    assert done.returncode == 2
    assert "/dev/full: cannot be written: no space left on device" in done.stderr
    assert Path("/dev/full").exists()


def test_an_old_plan_stays_whole_until_the_new_one_is(tmp_path: Path) -> None:
    """A refused run leaves the plan of the run before untouched; a good one replaces it in one step, keeping its permissions."""
    plan = tmp_path / "plan.json"
    plan.write_text("old")
    plan.chmod(0o640)
    (tmp_path / "problem.json").write_text("{")
    assert muster("solve", "problem.json", "-o", "plan.json", cwd=tmp_path).returncode == 2
    assert plan.read_text() == "old"
    write(tmp_path / "problem.json", small_problem())
    assert muster("solve", "problem.json", "-o", "plan.json", cwd=tmp_path).returncode == 0
    assert json.loads(plan.read_text())["status"] == "optimal"
    assert plan.stat().st_mode & 0o777 == 0o640


def start_hard(tmp_path: Path, **more: Any) -> subprocess.Popen[bytes]:
    """A solve that goes on until it is stopped; small enough that counting what its prices prove is soon done."""
    write(tmp_path / "problem.json", hard_problem(people=20, demands=60))
    command = [*COMMAND, "solve", "problem.json", "-o", "plan.json", "--time-limit", "300"]
    return subprocess.Popen(
        command, cwd=tmp_path, env=environment({"PYTHONPATH": str(ROOT)}), stdout=subprocess.PIPE, start_new_session=True, **more
    )


@pytest.mark.slow
def test_ctrl_c_ends_with_the_best_plan_so_far(tmp_path: Path) -> None:
    """One SIGINT in the middle of a solve: the plan in hand is written, passes verify, and the exit code is 0."""
    with start_hard(tmp_path, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        first = process.stderr.readline().decode()
        assert "objective EUR" in first, first
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=200)  # the search ends at once; what its prices prove takes longer to count
    assert process.returncode == 0, stderr
    assert stdout.startswith(b"feasible")
    assert b"stopping with the best plan so far" in stderr
    assert b"Traceback" not in stderr
    checked = muster("verify", "problem.json", "plan.json", "--json", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    assert json.loads(checked.stdout)["feasible"] is True


def test_a_second_ctrl_c_aborts(tmp_path: Path) -> None:
    """Two SIGINTs end at once, with nothing written."""
    with start_hard(tmp_path, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        while b"stopping with the best plan so far" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert [path.name for path in tmp_path.iterdir()] == ["problem.json"]


@pytest.mark.slow
def test_a_terminal_sees_one_live_line(tmp_path: Path) -> None:
    """On a terminal the progress is a line that rewrites itself: objective, bound, gap and seconds."""
    primary, secondary = pty.openpty()
    with start_hard(tmp_path, stderr=secondary) as process:
        os.close(secondary)
        seen = b""
        while b"objective EUR" not in seen:
            seen += _read(primary)
        process.send_signal(signal.SIGINT)
        while chunk := _read(primary):
            seen += chunk
        process.communicate(timeout=60)
    os.close(primary)
    assert process.returncode == 0
    assert b"objective EUR" in seen
    assert b"gap" in seen
    assert b"\r" in seen


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other end is closed
        return b""


@pytest.mark.parametrize("delay_s", [0.02, 0.15, 0.3])
def test_ctrl_c_while_the_program_loads_ends_it_quietly(tmp_path: Path, delay_s: float) -> None:
    """Libraries take their time to load; whenever Ctrl-C comes in it, nobody reads a traceback."""
    write(tmp_path / "problem.json", hard_problem())
    begin = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "  # a run in the background inherits that it is ignored
        "from scheduler.entry import main; print('begun', flush=True); sys.argv[0] = 'muster'; main()"
    )
    process = subprocess.Popen(
        [COMMAND[0], "-c", begin, "solve", "problem.json", "-o", "plan.json", "--time-limit", "20"],
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(ROOT)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    time.sleep(delay_s)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=40)
    assert process.returncode in {0, 4, 130}, errors
    assert "Traceback" not in errors
    assert "internal fault" not in errors

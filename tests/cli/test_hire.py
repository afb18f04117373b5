"""``muster hire`` from outside: what one more person is worth, and what it says of wrong input."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.muster_process import muster, small_problem

if TYPE_CHECKING:
    from pathlib import Path


def _firm(tmp_path: Path) -> dict[str, Any]:
    """A firm with one person and work for two, and its plan."""
    problem = small_problem()
    problem["demands"].append({**problem["demands"][0], "id": "d2"})
    for demand in problem["demands"]:
        demand["effort"] = [2400, 2400]
    (tmp_path / "problem.json").write_text(json.dumps(problem))
    done = muster("solve", "problem.json", "-o", "plan.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return problem


def test_a_second_person_for_work_of_two(tmp_path: Path) -> None:
    """The value is one figure, after cost, when both plans are optimal; the estimate is called one."""
    problem = _firm(tmp_path)
    skills = [f"--skill={name}={level}" for name, level in problem["people"][0].get("skills", {}).items()]
    done = muster("hire", "problem.json", "plan.json", *skills, "--cost-rate", 1000, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["exact"]
    assert found["low_x60"] == found["high_x60"] == 4800 * (problem["demands"][1]["value_rate"] - 1000)
    assert [run["demand"] for run in found["runs"]] in (["d1"], ["d2"])
    said = muster("hire", "problem.json", "plan.json", *skills, "--cost-rate", 1000, cwd=tmp_path).stdout
    assert "worth " in said
    assert "estimate " in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--skill", "cobol=3"], "Nobody has and nothing asks for 'cobol'"),
        (["--skill", "cobol"], "write it as sap=3"),
        (["--skill", "cobol=6"], "write it as sap=3"),
        (["--location", "Mars"], "No person or demand is at 'Mars'"),
        (["--cost-rate=-1"], "give 0 to"),
        (["--time-limit", "0"], "--time-limit"),
    ],
)
def test_what_the_problem_does_not_know_is_refused(tmp_path: Path, options: list[str], said: str) -> None:
    """Bad input ends with exit code 2 and says what is wrong, before anything is solved."""
    (tmp_path / "problem.json").write_text(json.dumps(small_problem()))
    done = muster("hire", "problem.json", "plan.json", "--cost-rate", 1000, *options, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_plan_without_a_bound_is_refused(tmp_path: Path) -> None:
    """Without a bound there is no interval; the way to one is named. A plan that breaks rules is refused too."""
    problem = _firm(tmp_path)
    plan = json.loads((tmp_path / "plan.json").read_text())
    bare = {"format": plan["format"], "assignments": plan["assignments"]}
    (tmp_path / "bare.json").write_text(json.dumps(bare))
    done = muster("hire", "problem.json", "bare.json", "--cost-rate", 1000, cwd=tmp_path)
    assert done.returncode == 2
    assert "muster solve" in done.stderr
    wrong = {**plan, "assignments": [{**plan["assignments"][0], "demand": d["id"]} for d in problem["demands"]]}
    (tmp_path / "wrong.json").write_text(json.dumps(wrong))
    done = muster("hire", "problem.json", "wrong.json", "--cost-rate", 1000, cwd=tmp_path)
    assert done.returncode == 1
    assert "does not hold" in done.stderr

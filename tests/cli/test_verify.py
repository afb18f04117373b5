"""``muster verify`` from outside: the three results and the exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.muster_process import ROOT, muster, small_problem

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("solved")
    (folder / "problem.json").write_text(json.dumps(small_problem()))
    assert muster("solve", "problem.json", "-o", "plan.json", cwd=folder).returncode == 0
    return (folder / "problem.json").read_text(), json.loads((folder / "plan.json").read_text())


def verify(tmp_path: Path, solved: tuple[str, dict[str, Any]], *options: str, **changes: Any) -> tuple[int, dict[str, Any]]:
    problem, plan = solved
    (tmp_path / "problem.json").write_text(problem)
    (tmp_path / "plan.json").write_text(json.dumps({**plan, **changes}))
    done = muster("verify", "problem.json", "plan.json", "--json", *options, cwd=tmp_path)
    return done.returncode, json.loads(done.stdout)


def test_a_sound_plan_holds(tmp_path: Path, solved: tuple[str, dict[str, Any]]) -> None:
    """Rules, objective and bound hold; the bound of a search is claimed, not independently checked, and that is no failure."""
    code, report = verify(tmp_path, solved)
    assert code == 0
    assert (report["feasible"], report["violations"], report["objective_matches"], report["bound_holds"]) == (True, [], True, True)
    code, report = verify(tmp_path, solved, proof="search", certificate=None)
    assert (code, report["bound_holds"]) == (0, None)
    text = muster("verify", "problem.json", "plan.json", cwd=tmp_path)
    assert text.returncode == 0
    assert "bound claimed, not independently checked" in text.stdout


def test_a_certificate_may_be_required(tmp_path: Path, solved: tuple[str, dict[str, Any]]) -> None:
    """Whoever insists on a recomputable bound gets exit 1 for a search proof."""
    assert verify(tmp_path, solved, "--require-certificate")[0] == 0
    code, report = verify(tmp_path, solved, "--require-certificate", proof="search", certificate=None)
    assert (code, report["bound_holds"]) == (1, None)


def test_a_proof_by_prices_is_recomputed(tmp_path: Path, solved: tuple[str, dict[str, Any]]) -> None:
    """Even no prices at all give a bound; a claim of that much holds, with --require-certificate too, and a claim of less does not."""
    _, beside = verify(tmp_path, solved, proof="search", certificate={})
    told = muster("verify", "problem.json", "plan.json", cwd=tmp_path).stdout
    given = beside["priced_bound_x60"]
    assert f"the prices beside it give EUR {given / 6000:,.2f}" in told
    assert given >= beside["objective_x60"]
    claim: dict[str, Any] = {"proof": "prices", "certificate": {}, "status": "feasible", "bound": None, "gap": None}
    code, report = verify(tmp_path, solved, "--require-certificate", **claim, bound_x60=given)
    assert (code, report["bound_holds"], report["priced_bound_x60"]) == (0, True, given)
    text = muster("verify", "problem.json", "plan.json", cwd=tmp_path)
    assert ": holds" in next(line for line in text.stdout.splitlines() if line.startswith("bound"))
    if given > report["objective_x60"]:
        code, report = verify(tmp_path, solved, **claim, bound_x60=given - 1)
        assert (code, report["bound_holds"]) == (1, False)


def test_a_certificate_that_cannot_be_read_is_bad_input(tmp_path: Path, solved: tuple[str, dict[str, Any]]) -> None:
    """Its faults are told with their places."""
    (tmp_path / "problem.json").write_text(solved[0])
    (tmp_path / "plan.json").write_text(json.dumps({**solved[1], "certificate": {"heads": [["nobody", -1]]}}))
    done = muster("verify", "problem.json", "plan.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "/certificate/heads/0/0" in done.stderr
    assert "/certificate/heads/0/1" in done.stderr


def test_a_wrong_objective_fails(tmp_path: Path, solved: tuple[str, dict[str, Any]]) -> None:
    """A plan that claims more than it is worth exits 1."""
    more = {f"{name}{unit}": solved[1][f"{name}{unit}"] + step for name in ("objective", "bound") for unit, step in (("", 1), ("_x60", 60))}
    code, report = verify(tmp_path, solved, **more)
    assert (code, report["objective_matches"]) == (1, False)


def test_a_broken_rule_fails_and_is_named(tmp_path: Path, solved: tuple[str, dict[str, Any]]) -> None:
    """A plan with a share that the demand does not allow exits 1 and names the rule."""
    changed = [{**run, "share": 0.5} for run in solved[1]["assignments"]]
    code, report = verify(tmp_path, solved, assignments=changed)
    assert (code, report["feasible"]) == (1, False)
    assert report["violations"]


def test_a_plan_that_cannot_be_read_exits_2_with_every_fault(tmp_path: Path, solved: tuple[str, dict[str, Any]]) -> None:
    """Unknown ids and keys are bad input, listed by pointer."""
    (tmp_path / "problem.json").write_text(solved[0])
    bad = {**solved[1], "assignments": [{**solved[1]["assignments"][0], "person": "nobody"}], "prooof": 1}
    (tmp_path / "plan.json").write_text(json.dumps(bad))
    done = muster("verify", "problem.json", "plan.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "/assignments/0/person" in done.stderr
    assert "/prooof" in done.stderr


def test_solving_and_checking_files_load_no_database() -> None:
    """Loading what talks to databases takes longer than checking most plans."""
    program = (
        "import sys, scheduler.cli, scheduler.commands.solve, scheduler.commands.verify; print({'sqlalchemy', 'dbos'} & {*sys.modules})"
    )
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert loaded.stdout == "set()\n"

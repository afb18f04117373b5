"""``muster explain`` from outside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.cli.muster_process import muster, small_problem

if TYPE_CHECKING:
    from pathlib import Path


def test_what_fills_an_open_demand_and_why_not(tmp_path: Path) -> None:
    """Relaxations in words and as figures, the rule that bars a person, and a refusal of what the problem does not know."""
    problem = small_problem()
    problem["demands"].append({**problem["demands"][0], "id": "d2", "requires": {"cobol": 3}})
    (tmp_path / "problem.json").write_text(json.dumps(problem))
    assert muster("solve", "problem.json", "-o", "plan.json", cwd=tmp_path).returncode == 0
    done = muster("explain", "problem.json", "plan.json", "--demand", "d2", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["relaxations"]
    assert all(one["is_minimal"] for one in found["relaxations"])
    why = muster("explain", "problem.json", "plan.json", "--demand", "d2", "--person", problem["people"][0]["id"], cwd=tmp_path)
    assert "cobol 3, they have 0 (rule 1)" in why.stdout
    refused = muster("explain", "problem.json", "plan.json", "--demand", "d3", cwd=tmp_path)
    assert refused.returncode == 2
    assert "no demand 'd3'" in refused.stderr

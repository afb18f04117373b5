"""Planning anew on a tiny firm: the change touches what it says, and both ways to plan anew give answers that hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import bases
from benchmarks.bases import base_plan
from benchmarks.cells import Cell, Trial
from benchmarks.changes import CHURN_COST, changed, moved_part
from benchmarks.generators import Shape, generate
from benchmarks.trial import run_trial
from solver_models.staffing.formats import problem_from_json, problem_to_json
from solver_models.staffing.problem import Run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FIRM = Shape(people=100, demands=300, weeks=26)
TINY = Shape(people=12, demands=45, weeks=26)
CELL = Cell(name="tiny-replan@4", title="tiny", size=TINY, seconds=4, seeds=(1,), systems=("muster-warm", "muster"), base_s=2)


def test_a_hundredth_is_touched() -> None:
    """One in a hundred people is away, one in a hundred demands is another, as many are new; the rest is as before."""
    for seed in range(20):
        before = generate(FIRM, seed=3, mode="full" if seed % 2 else "plain")
        after = changed(before, (), seed=seed)
        assert sum(p != q for p, q in zip(before.people, after.people, strict=True)) <= 1
        assert sum(d != e for d, e in zip(before.demands, after.demands, strict=False)) <= 3
        assert len(after.demands) == len(before.demands) + 3
        assert (after.policy.churn_cost, after.policy.frozen_periods) == (CHURN_COST, 0)
        assert problem_from_json(problem_to_json(after)) == after
        assert changed(before, (), seed=seed) == after


def test_moved_weeks_are_counted_against_what_was_planned() -> None:
    """A run passed on is moved in all its weeks; one that ends earlier in those it loses."""
    case = generate(TINY, seed=1)
    one, other = case.people[0].id, case.people[1].id
    was = Run(person=one, demand=case.demands[0].id, share_e4=10_000, first=2, last=5)
    passed = Run(person=other, demand=was.demand, share_e4=10_000, first=2, last=5)
    shorter = Run(person=one, demand=was.demand, share_e4=10_000, first=2, last=4)
    assert moved_part(case, [was], [was]) == 0
    assert moved_part(case, [was], [passed]) == 1
    assert moved_part(case, [was], [shorter]) == 0.25


def test_planning_anew_is_a_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan in force is made once and kept; from it and from nothing the answers hold, and say how much moved."""
    monkeypatch.setattr(bases, "BASES", tmp_path)
    records = [run_trial(Trial(cell=CELL, system=system, seed=1), workers=1) for system in CELL.systems]
    assert [path.name for path in tmp_path.iterdir()] == [base_plan(TINY, 1, 2).name]
    for record in records:
        assert record.fault is None
        assert record.holds
        assert record.moved_part is not None
        assert record.moved_part < 0.5
    assert records[0].problem_sha256 == records[1].problem_sha256

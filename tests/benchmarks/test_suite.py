"""The suite on a tiny firm: every system answers, every answer is checked, what was found is kept and told as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
import pytest

from benchmarks import child, machine, suite
from benchmarks.cells import CELLS, Cell, Trial, trials
from benchmarks.generators import Shape
from benchmarks.peers.systems import FROM_NOTHING, QUICK
from benchmarks.peers.timefold.peer import TimefoldMissingError, prepare
from benchmarks.records import Record, is_done, path_of, read_record, thinned, write_record
from benchmarks.tables import best_bounds, write_tables
from benchmarks.trial import run_trial

if TYPE_CHECKING:
    from pathlib import Path

TINY = Shape(people=12, demands=45, weeks=26)
CELL = Cell(name="tiny@5", title="tiny, 5 s", size=TINY, seconds=5, seeds=(1,), systems=FROM_NOTHING)
FULL = Cell(name="tiny-full@5", title="tiny, every key, 5 s", size=TINY, seconds=5, seeds=(1,), systems=("muster", "greedy"), kind="full")


def _run(system: str, cell: Cell = CELL) -> Record:
    return run_trial(Trial(cell=cell, system=system, seed=1), workers=1)


@pytest.fixture(scope="module")
def muster() -> Record:
    return _run("muster")


@pytest.mark.parametrize("system", [*QUICK[1:], "cpsat-tutorial"])
def test_every_peer_answers_a_plan_that_holds(system: str, muster: Record) -> None:
    """The checker accepts it, it was given the same problem, and it brings no more than Muster's bound."""
    record = _run(system)
    assert record.fault is None
    assert record.problem_sha256 == muster.problem_sha256
    assert record.objective_x60 is not None
    assert muster.best_bound_x60 is not None
    assert 0 < record.objective_x60 <= muster.best_bound_x60
    assert record.peak_mb > 10
    if system != "greedy":
        assert record.bound_x60 is not None
        assert muster.objective_x60 is not None
        assert record.bound_x60 >= muster.objective_x60


def test_timefold_answers_a_plan_that_holds(muster: Record) -> None:
    """Where there is a JDK and the wheel can be had."""
    try:
        prepare()
    except TimefoldMissingError as missing:
        pytest.skip(str(missing))
    record = _run("timefold", replace(CELL, seconds=12))
    assert record.fault is None
    assert record.objective_x60 is not None
    assert muster.best_bound_x60 is not None
    assert 0 < record.objective_x60 <= muster.best_bound_x60


def test_muster_and_greedy_plan_problems_with_every_key() -> None:
    """Both keep all the rules; Muster's plan is the better one."""
    muster, greedy = _run("muster", FULL), _run("greedy", FULL)
    assert muster.fault is greedy.fault is None
    assert muster.objective_x60 is not None
    assert greedy.objective_x60 is not None
    assert muster.objective_x60 >= greedy.objective_x60


def test_what_else_the_machine_did_is_what_was_busy_less_what_was_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three seconds busy on two cores for two seconds, one of them our own: half of the machine was others'."""
    for name, figures in (("_busy_s", [10.0, 13.0]), ("_own_s", [1.0, 2.0]), ("_clock_s", [100.0, 102.0])):
        monkeypatch.setattr(machine, name, iter(figures).__next__)
    monkeypatch.setattr(psutil, "cpu_count", lambda: 2)
    assert machine.OtherWork().share() == 0.5


def test_other_work_is_told_under_the_table(muster: Record, tmp_path: Path) -> None:
    """Only where it was more than a little."""
    for seed, share in ((1, 0.4), (2, 0.001)):
        write_record(replace(muster, seed=seed, other_work=share), path_of(Trial(cell=CELL, system="muster", seed=seed), folder=tmp_path))
    document = tmp_path / "doc.md"
    document.write_text("<!-- results: begin --><!-- results: end -->")
    write_tables([CELL], folder=tmp_path, document=document)
    text = document.read_text()
    assert "seed 1: other work had 40% of the machine meanwhile" in text
    assert "seed 2: other work" not in text


def test_a_system_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past what it is allowed it has no answer, and the record says so."""
    monkeypatch.setattr(child, "START_S", 0.0)
    record = _run("muster")
    assert record.objective_x60 is None
    assert record.fault is not None
    assert not record.holds


def test_a_record_reads_back_as_it_was_and_counts_as_done(muster: Record, tmp_path: Path) -> None:
    """Until the generator changes."""
    trial = Trial(cell=CELL, system="muster", seed=1)
    assert not is_done(trial, folder=tmp_path)
    write_record(muster, path_of(trial, folder=tmp_path))
    assert read_record(path_of(trial, folder=tmp_path)) == muster
    assert is_done(trial, folder=tmp_path)
    write_record(replace(muster, generator="1"), path_of(trial, folder=tmp_path))
    assert not is_done(trial, folder=tmp_path)


def test_the_tables_come_from_the_records_alone(muster: Record, tmp_path: Path) -> None:
    """They replace what is between the marks, and nothing else."""
    document = tmp_path / "document.md"
    document.write_text("before\n<!-- results: begin -->\nold\n<!-- results: end -->\nafter\n")
    write_record(replace(muster, objective_x60=594_000, bound_x60=600_000, checked_bound_x60=None), tmp_path / "tiny@5" / "muster-1.json")
    write_record(
        replace(muster, system="greedy", objective_x60=300_000, bound_x60=None, checked_bound_x60=None, course=[]),
        tmp_path / "tiny@5" / "greedy-1.json",
    )
    write_tables([CELL], folder=tmp_path, document=document)
    text = document.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "| Muster | 1 of 1 | 99 | 100 | 1.00% | 1.00% |" in text
    assert "| greedy by margin | 1 of 1 | 50 | - | - | 50.00% | never |" in text


def test_time_to_one_percent_is_the_first_moment_near_the_bound(muster: Record) -> None:
    """Not the last, and none of a plan that never came near."""
    course: list[tuple[float, int | None, int | None]] = [(1.0, 900, None), (2.0, 991, 1_000), (3.0, 995, 1_000)]
    record = replace(muster, course=[(s, None if z is None else 600 * z, None) for s, z, _ in course], objective_x60=600 * 995)
    assert record.seconds_to_near(600_000) == 2.0
    assert record.seconds_to_near(660_000) is None


def test_a_bound_counts_only_if_its_answer_holds(muster: Record) -> None:
    """The least of them all, checked before claimed."""
    held = replace(muster, objective_x60=100, bound_x60=120, checked_bound_x60=130)
    refused = replace(held, holds=False, bound_x60=90, checked_bound_x60=None)
    assert best_bounds([held, refused]) == {muster.problem_sha256: 130}


def test_progress_is_thinned_but_keeps_its_ends() -> None:
    """Steps of less than a fiftieth of a percent are left out."""
    course: list[tuple[float, int | None, int | None]] = [(float(n), 1_000_000 + n, None) for n in range(1_000)]
    kept = thinned(course)
    assert kept[0] == course[0]
    assert kept[-1] == course[-1]
    assert len(kept) < 10


def test_patterns_choose_cells_systems_and_seeds() -> None:
    """A cell alone means all of it."""
    assert {trial.cell.name for trial in trials(CELLS, only=["M@60"])} == {"M@60"}
    assert [trial.name for trial in trials(CELLS, only=["M@60/muster/101", "XL@900/greedy"])] == ["M@60/muster/101", "XL@900/greedy/101"]
    assert len(trials(CELLS)) == sum(len(cell.seeds) * len(cell.systems) for cell in CELLS)


def test_the_list_names_every_trial(capsys: pytest.CaptureFixture[str]) -> None:
    """Without running any."""
    assert suite.main(["full", "--list", "--only", "S@60"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3 * len(FROM_NOTHING)

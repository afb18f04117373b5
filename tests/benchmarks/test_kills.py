"""Kills of real processes, briefly, and that the tally tells what it must not find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.kill_rounds import Round
from benchmarks.kills import Tally, run

if TYPE_CHECKING:
    from pathlib import Path


def test_the_tally_tells_what_was_lost_doubled_or_late() -> None:
    """One of each is enough for the run to fail."""
    sound = Tally()
    sound.add(Round(kind="plan", victim="server", delay_s=0.1, ended_after_s=90, taken_over_after_s=59, effects=1, found="1"))
    assert sound.is_sound
    for effects, seconds in ((0, None), (2, 3), (1, 61)):
        tally = Tally()
        tally.add(
            Round(
                kind="plan", victim="server", delay_s=0.1, ended_after_s=3, taken_over_after_s=seconds, effects=effects, found=str(effects)
            )
        )
        assert not tally.is_sound
        assert any("plan/server after 0.10 s" in line for line in tally.lines())
    sound.add(
        Round(
            kind="plan",
            victim="server",
            delay_s=0.1,
            ended_after_s=90,
            taken_over_after_s=None,
            effects=1,
            found="failed",
            is_too_slow=True,
        )
    )
    assert sound.is_sound
    assert "failed for want of time: 1" in sound.lines()[-3]


@pytest.mark.slow
def test_j01_nothing_is_lost_or_doubled_by_kills(tmp_path: Path) -> None:
    """A server is killed in the middle of what it was asked, and the request is done once all the same; the tally is kept."""
    state = tmp_path / "tally.json"
    tally = run(database=None, kills=1, seed=6, state=state, folder=tmp_path)
    assert (tally.rounds, tally.lost, tally.doubled) == (1, [], [])
    assert run(database=None, kills=1, seed=6, state=state, folder=tmp_path / "unused") == tally

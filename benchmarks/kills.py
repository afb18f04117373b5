"""
Kill -9, again and again, of servers, workers and solver processes in the middle of plans, solves, applications and rebalances.

``python -m benchmarks.kills --kills 200 [--database URL] [--state FILE] [--seed N]``. Every round sends one request under an
``Idempotency-Key``, kills one process at a random moment, starts it again, and sends the request until it is answered. Counted are requests
that were acknowledged and came to nothing (lost), those that had more than one effect (doubled), and jobs that no other process took over
within 60 s (late). With ``--state`` the counts are kept after each round, and a run that was stopped goes on. Exit code 1 unless all three are none.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.kill_rounds import ROUNDS, Round
from benchmarks.killed_installation import Installation

TAKEN_OVER_WITHIN_S = 60.0


@dataclass(slots=True)
class Tally:
    """What came of the rounds so far."""

    kills: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    too_slow: list[str] = field(default_factory=list)
    """Requests that ended once, and as failures: the machine was too busy for their time limit."""
    slowest_s: float = 0.0
    taken_over: int = 0
    """Rounds in which a job was begun again by another process."""
    slowest_taken_over_s: float = 0.0

    @property
    def rounds(self) -> int:
        """How many processes were killed."""
        return sum(self.kills.values())

    def add(self, done: Round) -> None:
        """Count a round."""
        name = f"{done.kind}/{done.victim}"
        self.kills[name] = self.kills.get(name, 0) + 1
        told = f"{name} after {done.delay_s:.2f} s: {done.found}"
        if done.is_lost:
            self.lost.append(told)
        if done.is_doubled:
            self.doubled.append(told)
        if done.is_too_slow:
            self.too_slow.append(told)
        if done.taken_over_after_s is not None:
            self.taken_over += 1
            self.slowest_taken_over_s = max(self.slowest_taken_over_s, done.taken_over_after_s)
            if done.taken_over_after_s > TAKEN_OVER_WITHIN_S:
                self.late.append(f"{told} ({done.taken_over_after_s:.0f} s)")
        self.slowest_s = max(self.slowest_s, done.ended_after_s)

    def lines(self) -> list[str]:
        """The tally in words."""
        counts = ", ".join(f"{name} {count}" for name, count in sorted(self.kills.items()))
        found = [f"{self.rounds} kills ({counts})"]
        for what, cases in (
            ("lost", self.lost),
            ("doubled", self.doubled),
            (f"taken over later than {TAKEN_OVER_WITHIN_S:.0f} s", self.late),
            ("ended once, as failed for want of time", self.too_slow),
        ):
            found.append(f"{what}: {len(cases) or 'none'}" + "".join(f"\n  {case}" for case in cases))
        found.append(f"jobs taken over by another process: {self.taken_over}, the slowest after {self.slowest_taken_over_s:.1f} s")
        return [*found, f"slowest from the kill to the end: {self.slowest_s:.1f} s"]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was lost, doubled or late."""
        return not (self.lost or self.doubled or self.late)


def run(*, database: str | None, kills: int, seed: int, state: Path | None, folder: Path) -> Tally:
    """As many rounds as are wanted, those of an earlier run included."""
    tally = Tally(**json.loads(state.read_text())) if state is not None and state.exists() else Tally()
    if tally.rounds >= kills:
        return tally
    dice = random.Random(seed * 1_000 + tally.rounds)
    with Installation(folder, database=database) as installation:
        while tally.rounds < kills:
            kind = dice.choice([name for name, one in ROUNDS.items() if installation.is_shared or not one.needs_postgresql])
            tally.add(ROUNDS[kind].play(installation, dice))
            if state is not None:
                state.write_text(json.dumps(asdict(tally)))
            print(f"\r{tally.rounds}/{kills}", end="", file=sys.stderr, flush=True)
    return tally


def main() -> int:
    """Read the options, run, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--database", help="an empty PostgreSQL database; default: a SQLite file of its own")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", type=Path, help="where the tally is kept, so that a run can go on")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="muster-kills-") as folder:
        tally = run(database=options.database, kills=options.kills, seed=options.seed, state=options.state, folder=Path(folder))
    print("\n" + "\n".join(tally.lines()))
    return 0 if tally.is_sound else 1


if __name__ == "__main__":
    sys.exit(main())

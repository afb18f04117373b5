"""Runs ``muster`` as users do: a process of its own."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMAND = (sys.executable, "-m", "scheduler.cli")
ROOT = Path(__file__).resolve().parents[2]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours, without settings of the developer's own installation."""
    return {**{k: v for k, v in os.environ.items() if not k.startswith("MUSTER_")}, **(extra or {})}


def muster(*arguments: object, cwd: Path, timeout_s: float = 90.0, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run one command to its end. No command may ever show a traceback, so this checks it for all."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=environment({"PYTHONPATH": str(ROOT)}),
        input=stdin.decode(),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return done


def small_problem() -> dict[str, Any]:
    """One person, one demand, one best plan: all of it, at 40 an hour gain."""
    return {
        "format": "staffing-problem/1",
        "currency": "EUR",
        "periods": ["2027-01-04", "2027-01-11"],
        "people": [{"id": "ada", "capacity": [2400, 2400], "cost_rate": 6000, "skills": {"sap": 3}}],
        "demands": [{"id": "d1", "project": "p1", "effort": [1200, 1200], "value_rate": 10000, "requires": {"sap": 2}}],
    }


def hard_problem(*, people: int = 40, demands: int = 120, weeks: int = 26, seed: int = 7) -> dict[str, Any]:
    """Too much to be proven optimal within a minute."""
    dice = random.Random(seed)
    skills = [f"s{n}" for n in range(6)]
    return {
        "format": "staffing-problem/1",
        "currency": "EUR",
        "periods": [(date(2027, 1, 4) + timedelta(weeks=week)).isoformat() for week in range(weeks)],
        "people": [
            {
                "id": f"p{n}",
                "capacity": [2400 if dice.random() > 0.1 else 0 for _ in range(weeks)],
                "cost_rate": dice.randrange(4000, 9000),
                "skills": {s: dice.randrange(1, 6) for s in dice.sample(skills, 3)},
            }
            for n in range(people)
        ],
        "demands": [_demand(dice, n, weeks=weeks, skills=skills) for n in range(demands)],
    }


def _demand(dice: random.Random, number: int, *, weeks: int, skills: list[str]) -> dict[str, Any]:
    first = dice.randrange(weeks - 4)
    last = min(weeks - 1, first + dice.randrange(3, 12))
    return {
        "id": f"d{number}",
        "project": f"project {number // 4}",
        "effort": [dice.choice([600, 960, 1200, 2400]) if first <= t <= last else 0 for t in range(weeks)],
        "value_rate": dice.randrange(7000, 16000),
        "requires": {s: dice.randrange(1, 4) for s in dice.sample(skills, 2)},
        "shares": [0.25, 0.5, 1.0],
        "max_people": 3,
        "min_run": 2,
    }

"""Runs ``muster`` as users do: a process of its own."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
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


class _Forks:
    """The process that ``muster_forks`` is, started when first needed; it ends with this one."""

    def __init__(self) -> None:
        self._parent: subprocess.Popen[str] | None = None

    def run(self, request: dict[str, Any], *, timeout_s: float) -> int:
        """The exit code of one command; it is killed when it takes too long."""
        if self._parent is None or self._parent.poll() is not None:
            command = [sys.executable, "-m", "tests.cli.muster_forks"]
            self._parent = subprocess.Popen(command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(json.dumps(request) + "\n")
        self._parent.stdin.flush()
        child = json.loads(self._parent.stdout.readline())["pid"]
        alarm = threading.Timer(timeout_s, os.kill, (child, signal.SIGKILL))
        alarm.start()
        try:
            code: int = json.loads(self._parent.stdout.readline())["returncode"]
        finally:
            alarm.cancel()
        return code


_FORKS = _Forks()


def muster(*arguments: object, cwd: Path, timeout_s: float = 90.0, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run one command to its end. No command may ever show a traceback, so this checks it for all."""
    with tempfile.TemporaryDirectory() as folder:
        streams = {name: Path(folder) / name for name in ("stdin", "stdout", "stderr")}
        streams["stdin"].write_bytes(stdin)
        command = [str(argument) for argument in arguments]
        request = {"arguments": command, "cwd": str(cwd), "env": environment({"PYTHONPATH": str(ROOT)})}
        code = _FORKS.run(request | {name: str(path) for name, path in streams.items()}, timeout_s=timeout_s)
        out, err = (streams[name].read_text(encoding="utf-8") if streams[name].exists() else "" for name in ("stdout", "stderr"))
    done = subprocess.CompletedProcess(command, code, stdout=out, stderr=err)
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return done


def admin_token(cwd: Path, database: str) -> str:
    """An API token of a fresh admin, made as an operator makes it; not while a server writes to a SQLite database."""
    added = muster("user", "add", "root", "--role", "admin", "--database", database, cwd=cwd)
    assert added.returncode == 0, added.stderr
    made = muster("user", "token", "root", "--database", database, cwd=cwd)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


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

"""A solver process with a planted fault: speaks the protocol of ``scheduler.jobs.solver_process`` and then misbehaves.

``bad_solver.py FAULT [JSON]``; JSON is a plan (list of runs) or an answer, depending on the fault. ``bad_solver.py once MARKER COMMAND
FAULT [JSON]`` does so the first time only and runs the real solver later.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path


def say(value: object) -> None:
    print(json.dumps(value), flush=True)


def begin(fault: str, rest: list[str]) -> str:
    if fault == "sleepy":
        time.sleep(float(rest.pop(0)))
        fault = "hang"
    say({"event": "started"})
    return fault


def main() -> None:
    fault, *rest = sys.argv[1:]
    if fault == "once":
        marker, command, fault, *rest = rest
        if Path(marker).exists():
            os.execvp(json.loads(command)[0], json.loads(command))
        Path(marker).touch()
    request = json.loads(sys.stdin.buffer.readline())
    assert set(request) in ({"problem", "limits"}, {"problem", "limits", "plan", "explain"})
    fault = begin(fault, rest)
    if fault in {"hang", "deaf"}:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if rest:
            say({"event": "progress", "seconds": 0.1, "objective_x60": 1, "bound_x60": 10**9})
            say({"event": "plan", "runs": json.loads(rest[0])})
        time.sleep(600)
    elif fault == "memory":
        hoard = []
        while True:
            hoard.append(bytearray(os.urandom(1024)) * 16 * 1024)
            time.sleep(0.005)
    elif fault == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif fault == "kill_parent":
        os.kill(os.getppid(), signal.SIGKILL)
    elif fault == "nonsense":
        print("I am not JSON", flush=True)
        time.sleep(600)
    elif fault == "contradiction":
        say({"event": "contradiction", "detail": "planted"})
    elif fault == "answer":
        say({"event": "answer", "answer": json.loads(rest[0])})


if __name__ == "__main__":
    main()

"""On what and with what a result was measured."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import subprocess
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> dict[str, str | int | float]:
    """Processor, cores, memory, Python."""
    return {
        "processor": _processor(),
        "cores": cores(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _busy_s() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system)


def _own_s() -> float:
    """CPU seconds of this process and of those it started that have ended."""
    each = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in each)


def _clock_s() -> float:
    return time.monotonic()


class OtherWork:
    """What the machine does beside this process and those it starts, from when this is made."""

    def __init__(self) -> None:
        self._began, self._busy, self._own = _clock_s(), _busy_s(), _own_s()

    def share(self) -> float:
        """Share of all cores that other processes had; right once all that was started has ended."""
        foreign = (_busy_s() - self._busy) - (_own_s() - self._own)
        return min(1.0, max(0.0, foreign / ((_clock_s() - self._began) * (psutil.cpu_count() or 1))))


def commit() -> str:
    """The commit the code is at, with a ``+`` when the tree has other changes than new results."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    head = _said(git, "rev-parse", "HEAD")
    changed = _said(git, "status", "--porcelain", "--", ":!benchmarks/results", ":!docs/benchmarks.md")
    return f"{head[:12]}{'+' if changed else ''}" if head else "unknown"


def _said(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    return platform.processor() or "unknown"

"""Compile the Java model where there is a JDK, fetch the jars where there is a package index, and run it."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.pairs import Pairs
from benchmarks.peers.contract import answer_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from benchmarks.peers.contract import Task
    from solver_models.staffing.plan import Answer

WHEEL = "timefold==1.24.0b0"
SOURCE = Path(__file__).parent / "StaffingPeer.java"
WORKSHOP = Path(__file__).parents[3] / "var" / "timefold"
SILENCE = """<configuration>
  <statusListener class="ch.qos.logback.core.status.NopStatusListener"/>
  <root level="OFF"/>
</configuration>
"""


class TimefoldMissingError(RuntimeError):
    """There is no JDK here, or the wheel cannot be had."""


def prepare() -> list[str]:
    """
    Fetch and compile what is not there yet; the class path.

    Raises TimefoldMissingError where that cannot be done.
    """
    javac = shutil.which("javac")
    if shutil.which("java") is None or javac is None:
        raise TimefoldMissingError("no JDK (java and javac) on the path")
    WORKSHOP.mkdir(parents=True, exist_ok=True)
    with _alone():
        jars = WORKSHOP / "timefold" / "solver" / "jars"
        if not (WORKSHOP / "unpacked").exists():
            _fetch_jars()
        classes = WORKSHOP / f"classes-{hashlib.sha256(SOURCE.read_bytes() + SILENCE.encode()).hexdigest()[:12]}"
        if not classes.exists():
            _compile(javac, jars, classes)
    return [str(classes), f"{jars}/*"]


def solve_with_timefold(task: Task) -> Answer:
    """One solver per core with seeds of their own, since the open edition runs on one; the best of their plans."""
    class_path = ":".join(prepare())
    pairs = Pairs(task.problem)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        _write(pairs, Path(file.name))
        # The JVM's start is inside the limit, like everybody's building of the model.
        now = time.time()
        began_ms, ends_ms = round(1000 * (now - task.elapsed)), round(1000 * (now + task.left))
        options = ["-XX:+UseParallelGC", "-XX:MaxRAMPercentage=60", "-cp", class_path]
        command = ["java", *options, "StaffingPeer", file.name, str(began_ms), str(ends_ms), str(task.workers), str(task.seed)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as java:
            assert java.stdout is not None
            taken, objective = _hear(task, java.stdout)
    if java.returncode != 0 or objective is None:
        return answer_of(task, None, objective_x60=None, bound_x60=None, engine={"timefold": WHEEL})
    runs = [pairs.run(person, demand) for demand, person in taken]
    return answer_of(task, runs, objective_x60=objective, bound_x60=None, engine={"timefold": WHEEL.partition("==")[2]})


def _hear(task: Task, lines: Iterable[str]) -> tuple[list[tuple[int, int]], int | None]:
    """The assignments (demand, person) and the objective; better plans are passed on as they come."""
    taken: list[tuple[int, int]] = []
    objective: int | None = None
    for line in lines:
        kind, one, other = line.split()
        if kind == "P":
            objective = int(other)
            task.on_progress(int(one) / 1000, objective, None)
        else:
            taken.append((int(one), int(other)))
    return taken, objective


def _write(pairs: Pairs, path: Path) -> None:
    """Whole numbers in the order in which the Java side reads them."""
    people, periods = pairs.capacity.shape
    with path.open("w") as file:
        print(people, periods, file=file)
        for row in pairs.capacity.tolist():
            print(*row, file=file)
        print(len(pairs.by_demand), file=file)
        for c in pairs.by_demand:
            demand = pairs.problem.demands[c.demand]
            print(c.demand, c.first, c.last - c.first + 1, demand.value_rate * sum(demand.effort), len(c.people), file=file)
            for person, gain, minutes in zip(c.people.tolist(), c.gain.tolist(), c.minutes.tolist(), strict=True):
                print(person, gain, *minutes, file=file)


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time fetches and compiles."""
    with (WORKSHOP / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch_jars() -> None:
    fetched = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--retries",
            "1",
            "--timeout",
            "20",
            "--no-deps",
            "--dest",
            str(WORKSHOP),
            WHEEL,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    wheels = sorted(WORKSHOP.glob("timefold-*.whl"))
    if fetched.returncode != 0 or not wheels:
        raise TimefoldMissingError(f"{WHEEL} cannot be downloaded")
    with zipfile.ZipFile(wheels[0]) as wheel:
        wheel.extractall(WORKSHOP, [name for name in wheel.namelist() if name.endswith(".jar")])
    (WORKSHOP / "unpacked").touch()


def _compile(javac: str, jars: Path, classes: Path) -> None:
    with tempfile.TemporaryDirectory(dir=WORKSHOP) as folder:
        built = Path(folder) / "classes"
        built.mkdir()
        done = subprocess.run([javac, "-cp", f"{jars}/*", "-d", str(built), str(SOURCE)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise TimefoldMissingError(f"javac refused the model:\n{done.stderr}")
        (built / "logback.xml").write_text(SILENCE)
        built.rename(classes)

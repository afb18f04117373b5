"""The job engine on both databases: jobs belong to the transaction that enqueues them and survive whatever kills their process."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from scheduler.domain.ground.jobs import Job
from scheduler.jobs.engine import Engine, JobInterrupted

if TYPE_CHECKING:
    from collections.abc import Iterator

PROCESS = Path(__file__).with_name("engine_process.py")


class Recorder:
    """A handler that notes what happens to it."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.requeued: list[str] = []
        self.crashes: list[tuple[str, str]] = []
        self.came = threading.Event()

    def run(self, target_id: str, stopping: threading.Event) -> None:
        self.runs.append(target_id)
        self.came.set()
        if target_id == "bad":
            raise ZeroDivisionError("planted")
        if target_id == "long":
            assert stopping.wait(30)
            raise JobInterrupted

    def requeue(self, target_id: str) -> None:
        self.requeued.append(target_id)

    def crashed(self, target_id: str, error: Exception) -> None:
        self.crashes.append((target_id, type(error).__name__))


@pytest.fixture
def engine(prepared_url: str) -> Iterator[Engine]:
    engine = Engine(database_url=prepared_url)
    engine.migrate()
    yield engine
    engine.close()


def enqueue(engine: Engine, url: str, *targets: str, commit: bool = True) -> None:
    database = create_engine(url)
    with contextlib.suppress(KeyError), database.begin() as connection:
        for target in targets:
            engine.enqueue(connection, Job(kind="record", target_id=target))
        if not commit:
            raise KeyError("roll back")
    database.dispose()


def wait_until(condition: object, *, timeout_s: float = 20.0) -> None:
    assert callable(condition)
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_a_job_runs_once_and_a_rolled_back_one_never(engine: Engine, prepared_url: str) -> None:
    """A job exists exactly when the transaction that asked for it was committed."""
    recorder = Recorder()
    engine.handle({"record": recorder})
    enqueue(engine, prepared_url, "rolled back", commit=False)
    enqueue(engine, prepared_url, "first")
    engine.start()
    wait_until(lambda: recorder.runs)
    enqueue(engine, prepared_url, "second")
    wait_until(lambda: len(recorder.runs) == 2)
    time.sleep(0.6)
    assert recorder.runs == ["first", "second"]


def test_an_unexpected_error_ends_in_the_job_and_not_in_the_worker(engine: Engine, prepared_url: str) -> None:
    """One bad job is handed to its handler as crashed, and the next one runs."""
    recorder = Recorder()
    engine.handle({"record": recorder})
    enqueue(engine, prepared_url, "bad", "good")
    engine.start()
    wait_until(lambda: len(recorder.runs) == 2)
    wait_until(lambda: recorder.crashes)
    assert sorted(recorder.runs) == ["bad", "good"]
    assert recorder.crashes == [("bad", "ZeroDivisionError")]


def test_stop_interrupts_running_jobs_and_hands_them_back(engine: Engine, prepared_url: str) -> None:
    """A graceful stop waits for no solve: the job is told, and asked to go back into the queue."""
    recorder = Recorder()
    engine.handle({"record": recorder})
    enqueue(engine, prepared_url, "long")
    engine.start()
    assert recorder.came.wait(20)
    began = time.monotonic()
    engine.stop()
    assert time.monotonic() - began < 10
    assert recorder.requeued == ["long"]
    assert not engine.is_running


def test_j01_job_of_a_killed_process_runs_again_at_the_next_start(engine: Engine, prepared_url: str, tmp_path: Path) -> None:
    """SIGKILL in the middle of a job loses nothing: the next worker starts the job again."""
    log = tmp_path / "runs"
    enqueue(engine, prepared_url, "precious")
    killed = subprocess.run([sys.executable, str(PROCESS), prepared_url, str(log), "die"], timeout=60, check=False)
    assert killed.returncode == -9
    assert log.read_text() == "precious\n"
    recorder = Recorder()
    engine.handle({"record": recorder})
    engine.start()
    wait_until(lambda: recorder.runs)
    assert recorder.runs == ["precious"]


def test_the_tables_of_the_engine_hold_json_and_no_pickle(engine: Engine, prepared_url: str) -> None:
    """Whoever can write a row must not be able to run code, so what DBOS stores is JSON."""
    enqueue(engine, prepared_url, "first")
    database = create_engine(prepared_url)
    schema = "" if prepared_url.startswith("sqlite") else "dbos."
    with database.connect() as connection:
        inputs = connection.execute(text(f"SELECT inputs FROM {schema}workflow_input")).scalar_one()
        row = connection.execute(text(f"SELECT inputs, serialization, application_version FROM {schema}workflow_status")).one()
    database.dispose()
    assert inputs == '{"namedArgs":{"kind":"record","target_id":"first"},"positionalArgs":[]}'
    assert tuple(row) == (None, "portable_json", "1")

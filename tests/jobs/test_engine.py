"""The job engine on both databases: jobs belong to the transaction that enqueues them and survive whatever kills their process."""

from __future__ import annotations

import contextlib
import contextvars
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.jobs import ATTEMPTS_MAX, Job, JobRecord, JobState
from scheduler.jobs import job_rows
from scheduler.jobs.engine import Engine, JobInterrupted
from scheduler.jobs.worker import Worker
from scheduler.store import Store
from tests.factories import make_skill

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
def store(prepared_url: str) -> Iterator[Store]:
    store = Store(prepared_url)
    yield store
    store.close()


@pytest.fixture
def engine(store: Store, prepared_url: str) -> Iterator[Engine]:
    engine = Engine(store=store, database_url=prepared_url)
    store.wire(engine.enqueue)
    engine.migrate()
    yield engine
    engine.close()


def enqueue(store: Store, *targets: str, commit: bool = True) -> None:
    with contextlib.suppress(KeyError), store.begin(LOCAL) as tx:
        for target in targets:
            tx.enqueue(Job(kind="record", target_id=target))
        if not commit:
            raise KeyError("roll back")


def jobs(store: Store) -> dict[str, JobRecord]:
    with store.read(LOCAL) as view:
        return {job.target_id: job for state in JobState for job in view.jobs.in_state(state)}


def wait_until(condition: object, *, timeout_s: float = 20.0) -> None:
    assert callable(condition)
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_a_job_runs_once_and_a_rolled_back_one_never(engine: Engine, store: Store) -> None:
    """A job exists exactly when the transaction that asked for it was committed."""
    recorder = Recorder()
    engine.handle({"record": recorder})
    enqueue(store, "rolled back", commit=False)
    enqueue(store, "first")
    engine.start()
    wait_until(lambda: recorder.runs)
    enqueue(store, "second")
    wait_until(lambda: len(recorder.runs) == 2)
    time.sleep(0.6)
    assert recorder.runs == ["first", "second"]


def test_an_unexpected_error_ends_in_the_job_and_not_in_the_worker(engine: Engine, store: Store) -> None:
    """One bad job is handed to its handler as crashed, and the next one runs."""
    recorder = Recorder()
    engine.handle({"record": recorder})
    enqueue(store, "bad", "good")
    engine.start()
    wait_until(lambda: len(recorder.runs) == 2)
    wait_until(lambda: recorder.crashes)
    assert sorted(recorder.runs) == ["bad", "good"]
    assert recorder.crashes == [("bad", "ZeroDivisionError")]


def test_stop_interrupts_running_jobs_and_hands_them_back(engine: Engine, store: Store) -> None:
    """A graceful stop waits for no solve: the job is told, and asked to go back into the queue."""
    recorder = Recorder()
    engine.handle({"record": recorder})
    enqueue(store, "long")
    engine.start()
    assert recorder.came.wait(20)
    began = time.monotonic()
    engine.stop()
    assert time.monotonic() - began < 10
    assert recorder.requeued == ["long"]
    assert not engine.is_running


def worker_of(engine: Engine, store: Store) -> Worker:
    return Worker(store=store, engine=engine, is_alone=store.engine.dialect.name == "sqlite", keep=timedelta(days=30))


def test_j01_job_of_a_killed_process_is_taken_over(engine: Engine, store: Store, prepared_url: str, tmp_path: Path) -> None:
    """SIGKILL in the middle of a job loses nothing: another worker starts the job again, and the dead one is struck off."""
    log = tmp_path / "runs"
    enqueue(store, "precious")
    killed = subprocess.run([sys.executable, str(PROCESS), prepared_url, str(log), "die"], timeout=60, check=False)
    assert killed.returncode == -9
    assert log.read_text() == "precious\n"
    assert (jobs(store)["precious"].state, jobs(store)["precious"].attempts) == (JobState.RUNNING, 1)
    recorder = Recorder()
    engine.handle({"record": recorder})
    worker = worker_of(engine, store)
    worker.start()
    wait_until(lambda: jobs(store)["precious"].state is JobState.SUCCEEDED)
    assert (recorder.runs, jobs(store)["precious"].attempts) == (["precious"], 2)
    assert [row["id"] for row in job_rows.workers(store)] == [engine.worker_id]
    worker.stop()
    assert job_rows.workers(store) == ()


def test_j02_a_job_begun_three_times_in_vain_is_quarantined(engine: Engine, store: Store) -> None:
    """Attempts count at the claim; the fourth time the handler hears of it and nothing is run, and the queue flows on."""
    recorder = Recorder()
    engine.handle({"record": recorder})
    enqueue(store, "poison")
    for _ in range(ATTEMPTS_MAX):
        assert job_rows.claim(store, run_id=jobs(store)["poison"].run_id, worker_id="dead") is not None
        assert [job.target_id for job in job_rows.take_over(store)] == ["poison"]
    enqueue(store, "good")
    engine.start()
    wait_until(lambda: "good" in recorder.runs)
    poison = jobs(store)["poison"]
    assert (poison.state, poison.failure_code, poison.is_quarantined) == (JobState.FAILED, "job.crashed", True)
    assert (recorder.runs, recorder.crashes) == (["good"], [("poison", "JobQuarantined")])


def test_j03_a_worker_that_was_paused_finds_its_lease_lost(engine: Engine, store: Store) -> None:
    """What was taken over meanwhile is written by the new worker alone: the old one's next transaction is refused whole."""

    class Paused(Recorder):
        def run(self, target_id: str, _stopping: threading.Event) -> None:
            self.runs.append(target_id)
            if len(self.runs) == 1:  # nobody has heard of this worker for too long: another takes over
                job_rows.register(store, worker={"id": engine.worker_id, "place": "elsewhere", "pid": 1, "pid_started": 0.0})
                job_rows.strike_off(store, worker_id=engine.worker_id)
                elsewhere.extend(context.run(job_rows.take_over, store))
            with store.begin(LOCAL) as tx:
                tx.skills.add(make_skill(f"run-{len(self.runs)}"))

    elsewhere: list[JobRecord] = []
    context = contextvars.copy_context()  # another worker holds no lease of ours
    paused = Paused()
    engine.handle({"record": paused})
    enqueue(store, "slow")
    engine.start()
    wait_until(lambda: jobs(store)["slow"].state is JobState.SUCCEEDED)
    assert (len(elsewhere), paused.runs, paused.crashes) == (1, ["slow", "slow"], [])
    with store.read(LOCAL) as view:
        assert [skill.id for skill in view.skills.all()] == ["run-2"]


@pytest.mark.postgresql
def test_a_worker_that_is_not_heard_of_is_struck_off(prepared_postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A count that stands still for too long by the watcher's own clock is a dead worker, wherever it was; one that moves is not."""
    store = Store(prepared_postgres_url)
    engine = Engine(store=store, database_url=prepared_postgres_url)
    store.wire(engine.enqueue)
    for name in ("silent", "busy"):
        job_rows.register(store, worker={"id": name, "place": "elsewhere", "pid": 1, "pid_started": 0.0})
    enqueue(store, "left")
    job_rows.claim(store, run_id=jobs(store)["left"].run_id, worker_id="silent")
    worker = worker_of(engine, store)
    worker.look_after()
    assert len(job_rows.workers(store)) == 2
    monkeypatch.setattr("scheduler.jobs.worker.SILENCE_S", 0.05)
    time.sleep(0.1)
    job_rows.beat(store, worker_id="busy")
    worker.look_after()
    assert [row["id"] for row in job_rows.workers(store)] == ["busy"]
    assert (jobs(store)["left"].state, jobs(store)["left"].attempts) == (JobState.QUEUED, 1)
    engine.close()
    store.close()


@pytest.mark.postgresql
def test_j14_a_database_that_goes_away_in_the_middle_of_a_job(prepared_postgres_url: str) -> None:
    """All connections cut while a job runs: it is done again when the database is back, and ends once."""
    store = Store(prepared_postgres_url)
    engine = Engine(store=store, database_url=prepared_postgres_url)
    store.wire(engine.enqueue)

    class Cut(Recorder):
        def run(self, target_id: str, _stopping: threading.Event) -> None:
            self.runs.append(target_id)
            with store.begin(LOCAL) as tx:
                tx.skills.add(make_skill("effect"))
                if len(self.runs) == 1:
                    other = create_engine(prepared_postgres_url)
                    with other.connect() as connection:
                        connection.execute(
                            text(
                                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                            )
                        )
                    other.dispose()

    def is_done() -> bool:
        try:
            return jobs(store)["one"].state is JobState.SUCCEEDED
        except DomainError as error:  # whoever asks while the connections are cut is told so
            assert error.code == "store.unreachable"
            return False

    cut = Cut()
    engine.handle({"record": cut})
    enqueue(store, "one")
    engine.start()
    try:
        wait_until(is_done, timeout_s=40)
        assert (cut.runs, jobs(store)["one"].attempts, cut.crashes) == (["one", "one"], 2, [])
    finally:
        engine.close()
        store.close()


def test_a_waiting_job_that_the_queue_has_lost_is_queued_again(engine: Engine, store: Store) -> None:
    """A worker that died between taking a run and claiming its job leaves a job that waits and that nobody would ever begin."""
    recorder = Recorder()
    engine.handle({"record": recorder})
    enqueue(store, "lost")
    schema = "" if store.engine.dialect.name == "sqlite" else "dbos."
    with store.engine.begin() as connection:
        connection.execute(text(f"UPDATE {schema}workflow_status SET status = 'PENDING', executor_id = 'worker-that-died'"))
    worker = worker_of(engine, store)
    worker.start()
    wait_until(lambda: jobs(store)["lost"].state is JobState.SUCCEEDED)
    worker.stop()
    assert recorder.runs == ["lost"]


def test_the_same_job_is_wanted_once_while_it_is_open(engine: Engine, store: Store) -> None:
    """Asking again for what waits adds nothing; when it has ended it can be asked for anew."""
    recorder = Recorder()
    engine.handle({"record": recorder})
    enqueue(store, "same", "same")
    enqueue(store, "same")
    engine.start()
    wait_until(lambda: jobs(store)["same"].state is JobState.SUCCEEDED)
    enqueue(store, "same")
    wait_until(lambda: len(recorder.runs) == 2)


def test_old_jobs_are_forgotten(engine: Engine, store: Store) -> None:
    """Jobs that ended longer ago than is kept go, and the engine's own rows of them; what waits or is younger stays."""
    recorder = Recorder()
    engine.handle({"record": recorder})
    enqueue(store, "old")
    engine.start()
    wait_until(lambda: jobs(store)["old"].state is JobState.SUCCEEDED)
    engine.stop()
    enqueue(store, "waiting")
    worker = Worker(store=store, engine=engine, is_alone=True, keep=timedelta(days=1))
    worker.tidy()
    assert set(jobs(store)) == {"old", "waiting"}
    Worker(store=store, engine=engine, is_alone=True, keep=timedelta(seconds=-5)).tidy()
    assert set(jobs(store)) == {"waiting"}
    schema = "" if store.engine.dialect.name == "sqlite" else "dbos."
    with store.engine.connect() as connection:
        assert connection.execute(text(f"SELECT status FROM {schema}workflow_status")).scalars().all() == ["ENQUEUED"]


def test_the_tables_of_the_engine_hold_json_and_no_pickle(engine: Engine, store: Store, prepared_url: str) -> None:
    """Whoever can write a row must not be able to run code, so what DBOS stores is JSON."""
    enqueue(store, "first")
    database = create_engine(prepared_url)
    schema = "" if prepared_url.startswith("sqlite") else "dbos."
    with database.connect() as connection:
        inputs = connection.execute(text(f"SELECT inputs FROM {schema}workflow_input")).scalar_one()
        row = connection.execute(text(f"SELECT inputs, serialization, application_version FROM {schema}workflow_status")).one()
    database.dispose()
    assert inputs == '{"namedArgs":{"kind":"record","target_id":"first"},"positionalArgs":[]}'
    assert tuple(row) == (None, "portable_json", "1")

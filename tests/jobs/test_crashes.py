"""Servers that are killed, crash and stop in the middle of a plan."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.staffing.plans import PlanState
from scheduler.jobs import plan_rows
from scheduler.store.tables.jobs import JOBS
from tests.jobs.firms import WIRE_RUN, application, ask, load, outcome_of, plan_of, small_firm
from tests.jobs.server_process import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.application import Application
    from scheduler.domain.staffing.plans import Plan

HERE = Path(__file__).parent


def solver(fault: str, *options: str) -> tuple[str, ...]:
    return (sys.executable, str(HERE / "bad_solver.py"), fault, *options)


@pytest.fixture
def app(prepared_url: str) -> Iterator[Application]:
    """An application that asks and looks; the servers are other processes, until the test starts this one."""
    app = application(prepared_url)
    load(app.store, small_firm())
    yield app
    app.stop()


def wait_until_it_runs(app: Application, plan: Plan, *, attempt: int = 1) -> None:
    deadline = time.monotonic() + 40
    while (now := plan_of(app, plan)).state is not PlanState.RUNNING or now.attempts != attempt or now.progress is None:
        assert time.monotonic() < deadline, f"the plan is {now.state}, attempt {now.attempts}"
        time.sleep(0.05)


def test_j01_a_killed_servers_plans_are_taken_over_by_the_next(app: Application, prepared_url: str) -> None:
    """SIGKILL with one plan running and one queued: the next server finishes both, each once."""
    running, queued = ask(app, time_limit_s=300), ask(app)
    with serve(prepared_url, solver("hang", json.dumps([WIRE_RUN]))) as (server, _):
        wait_until_it_runs(app, running)
        server.kill()
    assert plan_of(app, running).state is PlanState.RUNNING
    app.start()
    first, second = outcome_of(app, running), outcome_of(app, queued)
    assert (first.state, first.attempts) == (PlanState.SUCCEEDED, 2)
    assert (second.state, second.attempts) == (PlanState.SUCCEEDED, 1)


@pytest.mark.slow
def test_j02_a_plan_that_kills_its_server_three_times_fails(app: Application, prepared_url: str) -> None:
    """Attempts are counted when the plan is taken up, so a poisonous plan does not take every server down for ever."""
    poison = ask(app)
    for attempt in (1, 2, 3):
        with serve(prepared_url, solver("kill_parent")) as (server, _):
            server.join(60)
            assert server.exitcode == -signal.SIGKILL
        assert plan_of(app, poison).attempts == attempt
    app.start()
    ended = outcome_of(app, poison)
    assert (ended.state, ended.failure_code, ended.attempts) == (PlanState.FAILED, "job.crashed", 3)
    assert "3 times" in str(ended.failure_detail)
    assert outcome_of(app, ask(app)).state is PlanState.SUCCEEDED


def test_a_graceful_stop_puts_the_running_plan_back(app: Application, prepared_url: str) -> None:
    """SIGTERM ends the server within the solver's grace; its plan is queued again, the attempt not counted, and runs at the next start."""
    plan = ask(app, time_limit_s=300)
    with serve(prepared_url, solver("hang", json.dumps([WIRE_RUN]))) as (server, _):
        wait_until_it_runs(app, plan)
        server.terminate()
        server.join(30)
        assert server.exitcode == 0
    waiting = plan_of(app, plan)
    assert (waiting.state, waiting.attempts) == (PlanState.QUEUED, 0)
    app.start()
    assert outcome_of(app, plan).state is PlanState.SUCCEEDED


def test_a_plan_without_a_job_is_taken_up_at_the_next_start(app: Application) -> None:
    """A plan left running, whose outcome could not be written when its job ended, is not forgotten; an ended one is left alone."""
    running = ask(app)
    plan_rows.claim(app.store, plan_id=running.id)
    done = ask(app)
    plan_rows.fail(app.store, plan_id=done.id, code="planted", detail="")
    with app.store.engine.begin() as connection:
        connection.execute(delete(JOBS))
    app.start()
    assert (outcome_of(app, running).state, outcome_of(app, running).attempts) == (PlanState.SUCCEEDED, 2)
    assert plan_of(app, done).failure_code == "planted"


def test_d04_one_process_writes_to_sqlite(sqlite_url: str) -> None:
    """While a server holds the database a second one refuses, says which process it is and names PostgreSQL; killing frees it."""
    second = application(sqlite_url)
    with serve(sqlite_url, solver("hang")) as (server, started):
        assert started.wait(60)
        with pytest.raises(DomainError) as refused:
            second.start()
        assert refused.value.code == "database.in_use"
        assert str(server.pid) in refused.value.detail
        assert "PostgreSQL" in refused.value.detail
        server.kill()
    second.start()
    assert second.is_ready()
    second.stop()

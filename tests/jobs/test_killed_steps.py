"""
Kill -9 just before and just after each commit of a plan's job and of a rebalance's: another worker ends it, with one effect.

All steps take minutes: ``MUSTER_TEST_ALL_STEPS=1`` runs them, else a few stand for the rest.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import new_id
from scheduler.domain.ground.jobs import JobState
from scheduler.domain.ground.webhooks import EventType, Webhook
from scheduler.domain.staffing.change_sets import ChangeSetState
from scheduler.domain.staffing.plans import PlanState
from scheduler.domain.staffing.rebalance_policies import Unasked
from scheduler.store.tables.jobs import DELIVERIES
from scheduler.usecases.rebalance_runs import run_policy
from tests.jobs.change_set_firm import RUN_AT, add_policy, change_set
from tests.jobs.firms import application, ask, load, outcome_of, small_firm
from tests.jobs.step_process import OTHER_WAY_S, works_until_step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.application import Application

IS_WHOLE = os.environ.get("MUSTER_TEST_ALL_STEPS") == "1"
PLAN_STEPS = [(step, before) for step in range(1, 10) for before in (True, False)] if IS_WHOLE else [(2, False)]
REBALANCE_STEPS = [(step, before) for step in range(1, 12) for before in (True, False)] if IS_WHOLE else [(6, False)]
ENOUGH_S = 120.0
"""For a search on a busy machine; how fast a job is taken over is asked for itself."""
ALL = (EventType.PLAN_FINISHED, EventType.CHANGE_SET_READY, EventType.BOOKING_CHANGED)


@pytest.fixture
def app(prepared_url: str) -> Iterator[Application]:
    """Ann, and a demand that she can fill; somebody hears of all events."""
    app = application(prepared_url)
    load(app.store, small_firm())
    with app.store.begin(LOCAL) as tx:
        webhook = Webhook(id=new_id(), url="https://127.0.0.1", events=ALL, actor_id=LOCAL.id, is_active=True, created_at=tx.now)
        tx.webhooks.add(webhook, secret="whsec_AAAA")
    yield app
    app.stop()


def killed(app: Application, step: int, *, before: bool) -> bool:
    """Whether the step came before the work was done."""
    process = works_until_step(app.settings.database, step, before=before)
    until = time.monotonic() + OTHER_WAY_S
    while process.is_alive() and time.monotonic() < until and jobs_of(app)[JobState.SUCCEEDED] == 0:
        time.sleep(0.1)
    process.join(1)
    came = process.exitcode == -signal.SIGKILL
    process.kill()
    process.join()
    return came


def jobs_of(app: Application) -> Counter[JobState]:
    with app.store.read(LOCAL) as view:
        return Counter({state: number for (_, state), number in view.jobs.counts().items()})


def told(app: Application) -> Counter[str]:
    with app.store.engine.connect() as connection:
        return Counter(row["event_type"].value for row in connection.execute(select(DELIVERIES)).mappings())


@pytest.mark.parametrize(("step", "before"), PLAN_STEPS)
def test_j01_a_plan_is_killed_at_a_step(app: Application, step: int, *, before: bool) -> None:
    """It is there once, and told of once."""
    plan = ask(app)
    came = killed(app, step, before=before)
    assert came or IS_WHOLE
    app.start(clock=False)
    take_over(app)
    assert outcome_of(app, plan, timeout_s=ENOUGH_S).state is PlanState.SUCCEEDED
    settle(app)
    assert (jobs_of(app), told(app)["plan.finished"]) == (Counter({JobState.SUCCEEDED: 1}), 1)


@pytest.mark.parametrize(("step", "before"), REBALANCE_STEPS)
def test_j01_a_rebalance_is_killed_at_a_step(app: Application, step: int, *, before: bool) -> None:
    """The set is made once, what needs nobody's leave is booked once, and each is told of once."""
    add_policy(app.store, unasked=Unasked.ALL)
    found = run_policy(app.store, actor=LOCAL, policy_id="nightly", now=RUN_AT)
    came = killed(app, step, before=before)
    assert came or IS_WHOLE
    app.start(clock=False)
    take_over(app)
    until = time.monotonic() + ENOUGH_S
    while change_set(app.store, found.id).state in (ChangeSetState.QUEUED, ChangeSetState.READY):
        assert time.monotonic() < until
        time.sleep(0.1)
    settle(app)
    with app.store.read(LOCAL) as view:
        assert [(one.person_id, one.demand_id) for one in view.bookings.all()] == [("ann", "alpha-lead")]
    assert change_set(app.store, found.id).state is ChangeSetState.DECIDED
    assert jobs_of(app) == Counter({JobState.SUCCEEDED: 1})
    assert told(app) == Counter({"plan.finished": 1, "change_set.ready": 1, "booking.changed": 1})


def take_over(app: Application) -> None:
    """Within a minute the job is this worker's, or done."""
    until = time.monotonic() + 60
    while True:
        with app.store.read(LOCAL) as view:
            mine = [job for job in view.jobs.in_state(JobState.RUNNING) if job.worker_id == app.engine.worker_id]
        if mine or jobs_of(app)[JobState.SUCCEEDED]:
            return
        assert time.monotonic() < until, "nobody took the job over"
        time.sleep(0.1)


def settle(app: Application) -> None:
    until = time.monotonic() + ENOUGH_S
    while jobs_of(app)[JobState.SUCCEEDED] == 0:
        assert time.monotonic() < until
        time.sleep(0.1)

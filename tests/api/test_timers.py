"""The timer over HTTP, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from scheduler.application import Application
from scheduler.domain.delivery.time_policies import PolicyRule, RuleKind
from scheduler.domain.delivery.timers import RunningTimer
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import PersonId, ProjectId
from scheduler.store.tables.time import RUNNING_TIMERS
from tests.api.access_firm import make_firm_of_two
from tests.api.test_time_entries import client_of, fault_of, set_policy

if TYPE_CHECKING:
    from starlette.testclient import TestClient

START = {"project_id": "alpha", "zone": "Europe/Berlin", "note": "Interviews"}


@pytest.fixture
def member(application: Application) -> TestClient:
    """Ann."""
    make_firm_of_two(application)
    return client_of(application)


def began(application: Application, ago: timedelta) -> datetime:
    """Ann's timer was started so long ago."""
    started = datetime.now(UTC) - ago
    with application.store.engine.begin() as connection:
        connection.execute(update(RUNNING_TIMERS).values(started_at=started))
    return started


def test_a_timer_is_started_once_and_stopped_as_entries(application: Application, member: TestClient) -> None:
    """It is a row, so another server knows of it; a second one is refused; what it comes to is split at midnight."""
    started = member.post("/v1/timer", json=START)
    assert started.status_code == 201, started.text
    second = member.post("/v1/timer", json=START)
    assert (second.status_code, second.json()["code"], second.json()["project_id"]) == (409, "timer.running", "alpha")
    at = began(application, timedelta(hours=30))
    other = client_of(Application(application.settings), login="after-a-restart")
    assert other.get("/v1/timer").json()["running"]["note"] == "Interviews"
    stopped = other.post("/v1/timer/stop", json={"note": "Interviews with sales"})
    assert stopped.status_code == 201, stopped.text
    entries = stopped.json()["entries"]
    assert sum(one["minutes"] for one in entries) in (1800, 1801), "whole minutes as a clock shows them"
    assert len({one["work_date"] for one in entries}) == len(entries) >= 2
    assert {one["note"] for one in entries} == {"Interviews with sales"}
    assert datetime.fromisoformat(entries[0]["started_at"]) == at.replace(second=0, microsecond=0)
    assert member.get("/v1/timer").json() == {"running": None}
    assert member.post("/v1/timer/stop", json={}).json()["code"] == "timer.not_running"


def test_a_timer_is_discarded_or_stopped_earlier(application: Application, member: TestClient) -> None:
    """Nothing is logged of less than a minute; an end may be given, not before the start and not to come."""
    assert member.delete("/v1/timer").json()["code"] == "timer.not_running"
    assert fault_of(member.post("/v1/timer", json=START | {"zone": "Mars/Olympus"})) == (422, "time.zone_unknown", "/zone")
    assert fault_of(member.post("/v1/timer", json=START | {"project_id": "beta"})) == (422, "reference.not_found", "/project_id")
    assert member.post("/v1/timer", json=START).status_code == 201
    assert member.delete("/v1/timer").status_code == 204
    assert member.get("/v1/timer").json() == {"running": None}
    assert member.post("/v1/timer", json=START).status_code == 201
    at = began(application, timedelta(hours=2)).replace(second=0, microsecond=0)
    for end, code in ((at - timedelta(minutes=1), "time.end_before_start"), (at + timedelta(days=1), "timer.in_future")):
        assert fault_of(member.post("/v1/timer/stop", json={"ended_at": end.isoformat()})) == (422, code, "/ended_at")
    assert member.post("/v1/timer/stop", json={"ended_at": at.isoformat()}).json()["code"] == "timer.too_short"
    entries = member.post("/v1/timer/stop", json={"ended_at": (at + timedelta(minutes=1)).isoformat()}).json()["entries"]
    assert sum(one["minutes"] for one in entries) == 1


def test_a_timer_runs_on_where_a_policy_stands_against_its_entries(application: Application, member: TestClient) -> None:
    """The refusal says which; with what was missing it can be stopped."""
    set_policy(application, PolicyRule(kind=RuleKind.MIN_NOTE_LENGTH, figure=20))
    assert member.post("/v1/timer", json=START).status_code == 201
    began(application, timedelta(minutes=5))
    assert member.post("/v1/timer/stop", json={}).json()["code"] == "time.policy"
    assert member.get("/v1/timer").json()["running"] is not None
    assert member.post("/v1/timer/stop", json={"note": "Interviews with all of sales"}).status_code == 201


def test_whose_timer(application: Application, member: TestClient) -> None:
    """A login without a person has none; a client may have none."""
    admin, viewer = client_of(application, "admin"), client_of(application, "client_viewer")
    assert (admin.post("/v1/timer", json=START).status_code, admin.post("/v1/timer", json=START).json()["code"]) == (409, "timer.no_person")
    assert admin.get("/v1/timer").json() == {"running": None}
    assert viewer.post("/v1/timer", json=START).json()["code"] == "access.denied"
    assert member.post("/v1/timer", json=START, headers={"Idempotency-Key": "k"}).status_code == 201
    assert member.post("/v1/timer", json=START, headers={"Idempotency-Key": "k"}).status_code == 201, "the same request again"


def test_of_timers_started_at_the_same_time_one_runs(application: Application, member: TestClient) -> None:
    """The database says so, past every check before."""
    outcomes: list[str] = []

    def start(number: int) -> None:
        timer: Any = RunningTimer(
            person_id=PersonId("ann"), project_id=ProjectId("alpha"), started_at=datetime.now(UTC), zone="UTC", note=str(number)
        )
        try:
            with application.store.begin(LOCAL) as tx:
                tx.timers.start(timer)
        except DomainError as error:
            outcomes.append(error.code)
        else:
            outcomes.append("started")

    threads = [threading.Thread(target=start, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["started", *["timer.running"] * 3]
    assert member.get("/v1/timer").json()["running"]["note"] in "0123"

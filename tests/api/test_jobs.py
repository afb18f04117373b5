"""Jobs over HTTP: listed, cancelled, retried; and what Prometheus collects. On both databases."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.permissions import Role
from scheduler.jobs import job_rows
from tests.api.access_firm import load_two_people
from tests.api.conftest import BASE
from tests.cli.muster_process import small_problem
from tests.logins import bearer, logged_in, make_user

if TYPE_CHECKING:
    from scheduler.application import Application

ASKED = {"horizon_start": "2027-03-01", "weeks": 8, "limits": {"time_limit_s": 20}}


@pytest.fixture
def firm(application: Application) -> None:
    load_two_people(application)


def test_jobs_are_listed_by_kind_and_state(application: Application, client: TestClient) -> None:
    """Everybody sees their own jobs, an admin all; filters and pages hold, and an unknown job is a 404."""
    manager = TestClient(create_app(application), base_url=BASE, headers=logged_in(application, make_user(role=Role.RESOURCE_MANAGER)))
    solve = manager.post("/v1/solve", json=small_problem()).json()
    plan = client.post("/v1/plans", json=ASKED).json()
    assert [job["target_id"] for job in manager.get("/v1/jobs").json()["items"]] == [solve["id"]]
    listed = client.get("/v1/jobs").json()["items"]
    assert {(job["kind"], job["target_id"], job["state"]) for job in listed} == {
        ("solve_problem", solve["id"], "queued"),
        ("solve_plan", plan["id"], "queued"),
    }
    assert [job["kind"] for job in client.get("/v1/jobs", params={"kind": "solve_plan"}).json()["items"]] == ["solve_plan"]
    assert client.get("/v1/jobs", params={"state": "running"}).json()["items"] == []
    first = client.get("/v1/jobs", params={"limit": 1, "sort": "-created_at"}).json()
    second = client.get("/v1/jobs", params={"limit": 1, "sort": "-created_at", "cursor": first["next_cursor"]}).json()
    assert [first["items"][0]["kind"], second["items"][0]["kind"]] == ["solve_plan", "solve_problem"]
    assert client.get("/v1/jobs", params={"sort": "actor_id"}).json()["code"] == "sort.not_allowed"
    assert client.get("/v1/jobs/nothing").json()["code"] == "record.not_found"
    other = TestClient(create_app(application), base_url=BASE, headers=logged_in(application, make_user(role=Role.FINANCE)))
    assert other.post(f"/v1/jobs/{solve['id']}/cancel").status_code == 404


@pytest.mark.usefixtures("firm")
def test_a_job_that_waits_is_cancelled_with_its_plan_and_retried(application: Application, working_client: TestClient) -> None:
    """Cancelled is cancelled on both sides; retried, the plan is computed from its beginning; what succeeded cannot be retried."""
    application.engine.stop()
    plan = working_client.post("/v1/plans", json=ASKED).json()
    (job,) = working_client.get("/v1/jobs", params={"target_id": plan["id"]}).json()["items"]
    assert working_client.post(f"/v1/jobs/{job['id']}/retry").json()["code"] == "job.illegal_transition"
    key = {"Idempotency-Key": "stop"}
    cancelled = working_client.post(f"/v1/jobs/{job['id']}/cancel", headers=key)
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    assert working_client.post(f"/v1/jobs/{job['id']}/cancel", headers=key).headers["Idempotent-Replay"] == "true"
    assert working_client.get(f"/v1/plans/{plan['id']}").json()["state"] == "cancelled"
    again = working_client.post(f"/v1/jobs/{job['id']}/retry").json()
    assert (again["state"], again["attempts"], again["cancel_requested"]) == ("queued", 0, False)
    application.engine.start()
    for _ in range(600):
        if (plan := working_client.get(f"/v1/plans/{plan['id']}").json())["state"] == "succeeded":
            break
        time.sleep(0.1)
    assert plan["plan"]["assignments"]
    (job,) = working_client.get("/v1/jobs", params={"target_id": plan["id"]}).json()["items"]
    assert (job["state"], job["attempts"]) == ("succeeded", 1)
    assert working_client.post(f"/v1/jobs/{job['id']}/retry").json()["code"] == "job.illegal_transition"


@pytest.mark.usefixtures("firm")
def test_a_cancelled_plan_takes_its_job_with_it(client: TestClient) -> None:
    """Whichever of the two is cancelled, no worker begins the other."""
    plan = client.post("/v1/plans", json=ASKED).json()
    client.post(f"/v1/plans/{plan['id']}/cancel")
    assert [job["state"] for job in client.get("/v1/jobs").json()["items"]] == ["cancelled"]


def test_metrics_are_for_those_who_may_read_them(application: Application, client: TestClient) -> None:
    """Jobs by kind and state, workers, requests: with a token of that scope alone; no names, no money."""
    admin = make_user()
    scraper = TestClient(create_app(application), base_url=BASE, headers=logged_in(application, admin))
    scraper.headers.update(bearer(application, admin, scopes=["metrics:read"]))
    client.post("/v1/solve", json=small_problem())
    with application.store.begin(LOCAL) as tx:
        tx.jobs.register({"id": "w", "place": "p", "pid": 1, "pid_started": 0.0, "beats": 0, "started_at": tx.now})
    answer = scraper.get("/v1/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert 'muster_jobs{kind="solve_problem",state="queued"} 1.0' in lines
    assert "muster_workers 1.0" in lines
    assert any(line.startswith('muster_http_requests_total{method="POST",route="/v1/solve",status="202"}') for line in lines)
    assert scraper.get("/v1/people").status_code == 403
    member = TestClient(create_app(application), base_url=BASE, headers=logged_in(application, make_user(role=Role.MEMBER)))
    assert member.get("/v1/metrics").json()["code"] == "access.denied"
    job_rows.strike_off(application.store, worker_id="w")

"""The optimiser as a service over HTTP, with the real worker and solver, on both databases."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.ground.permissions import Role
from solver_models.staffing import formats, verify
from tests.api.conftest import BASE
from tests.cli.muster_process import hard_problem, small_problem
from tests.logins import logged_in, make_user

if TYPE_CHECKING:
    from scheduler.application import Application

WAIT = {"Prefer": "wait=40"}
LIVE = ("people", "demands", "bookings", "projects", "skills")


def faults_of(answer: Any) -> list[tuple[str, str]]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]


def test_a_problem_in_a_proven_plan_out(working_client: TestClient) -> None:
    """The answer is the plan as a file would have it; the independent checker accepts it, and no row of the firm's own is there."""
    answer = working_client.post("/v1/solve", json=small_problem(), headers=WAIT)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Preference-Applied"] == "wait"
    solve = answer.json()
    assert (solve["state"], solve["plan"]["status"], solve["failure"]) == ("succeeded", "optimal", None)
    address = answer.headers["Location"].removeprefix(BASE)
    assert working_client.get(address).json() == solve
    problem = formats.read_problem(json.dumps(small_problem()).encode())
    report = verify.verify(problem, formats.read_plan(working_client.get(f"{address}/plan").content, problem))
    assert report.feasible
    assert report.objective_matches
    assert all(working_client.get(f"/v1/{area}").json()["items"] == [] for area in LIVE)
    job = working_client.get(f"/v1/jobs/{solve['id']}").json()
    assert (job["kind"], job["state"], job["attempts"], job["is_quarantined"]) == ("solve_problem", "succeeded", 1, False)
    assert job["request_id"] == answer.headers["Request-Id"]


def test_a_bad_problem_is_answered_with_the_formats_own_faults(client: TestClient) -> None:
    """Every fault of the format by its JSON pointer; nothing is kept."""
    problem = small_problem()
    problem["people"][0]["cost_rate"] = -5
    problem["demands"][0]["effort"] = [1]
    problem["demandz"] = []
    answer = client.post("/v1/solve", json=problem)
    assert answer.status_code == 422
    assert {"/people/0/cost_rate", "/demands/0/effort", "/demandz"} <= {pointer for pointer, _ in faults_of(answer)}
    for raw, status, code in (
        (b"{", 400, "json.syntax"),
        (b"", 400, "json.syntax"),
        (b"[]", 422, "field.type"),
        (b'{"format": "staffing-problem/2"}', 422, "format.unknown"),
        (json.dumps(small_problem()).replace("6000", "NaN").encode(), 422, "number.not_finite"),
        (json.dumps(small_problem()).replace("6000", "1e400").encode(), 422, "number.not_finite"),
        (json.dumps(small_problem()).replace("6000", "9" * 5000).encode(), 422, "number.too_large"),
        (json.dumps(small_problem()).replace('"ada"', '"\\ud800"').encode(), 422, "text.invalid_unicode"),
        (b'{"a":' * 5000, 400, "json.too_deep"),
    ):
        refused = client.post("/v1/solve", content=raw, headers={"Content-Type": "application/json"})
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    plain = client.post("/v1/solve", content=b"{}", headers={"Content-Type": "text/csv"})
    assert (plain.status_code, plain.json()["code"]) == (415, "content_type.not_supported")
    assert client.get("/v1/jobs").json()["items"] == []


def test_s17_limits_of_a_solve_out_of_range(client: TestClient) -> None:
    """A limit outside its range is refused by the parameter's name."""
    for name, value in (("time_limit_s", "0"), ("time_limit_s", "nan"), ("gap", "2"), ("workers", "0"), ("seed", "-1"), ("workers", "x")):
        answer = client.post("/v1/solve", params={name: value}, json=small_problem())
        assert answer.status_code == 422
        assert [pointer for pointer, _ in faults_of(answer)] == [f"?{name}"], answer.text
    assert client.post("/v1/solve", params={"time_limit": "5"}, json=small_problem()).json()["code"] == "field.unknown"


def test_a_solve_is_the_senders_alone(application: Application, client: TestClient) -> None:
    """A problem holds costs: not even an admin sees another's, only that there is a job."""
    app = create_app(application)
    manager = TestClient(app, base_url=BASE, headers=logged_in(application, make_user(role=Role.RESOURCE_MANAGER)))
    member = TestClient(app, base_url=BASE, headers=logged_in(application, make_user(role=Role.MEMBER)))
    solve = manager.post("/v1/solve", json=small_problem()).json()
    assert solve["state"] == "queued"
    address = f"/v1/solves/{solve['id']}"
    assert manager.get(address).status_code == 200
    assert manager.get(f"{address}/plan").json()["code"] == "plan.no_result"
    for other in (client, member):
        assert other.get(address).json()["code"] == "record.not_found"
        assert other.get(f"{address}/plan").status_code == 404
    job = client.get(f"/v1/jobs/{solve['id']}")
    assert job.status_code == 200
    assert "6000" not in job.text
    assert member.post("/v1/solve", json=small_problem()).json()["code"] == "access.denied"
    assert member.get("/v1/jobs").status_code == 403


def test_h38_a_problem_is_solved_once(working_client: TestClient) -> None:
    """The same problem under the same key is one job; who waits again gets its plan."""
    key = {"Idempotency-Key": "once"}
    first = working_client.post("/v1/solve", json=small_problem(), headers=WAIT | key)
    again = working_client.post("/v1/solve", json=small_problem(), headers=WAIT | key)
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["Idempotent-Replay"] == "true"
    other = small_problem() | {"currency": "USD"}
    assert working_client.post("/v1/solve", json=other, headers=key).json()["code"] == "idempotency.mismatch"
    assert len(working_client.get("/v1/jobs").json()["items"]) == 1


@pytest.mark.slow
def test_a_running_solve_is_cancelled_and_keeps_its_best_plan(working_client: TestClient) -> None:
    """Stopping a long search is seen within seconds; the job is cancelled, and what was found is there."""
    solve = working_client.post("/v1/solve", params={"time_limit_s": 600}, json=hard_problem()).json()
    deadline = time.monotonic() + 60
    while (job := working_client.get(f"/v1/jobs/{solve['id']}").json())["progress"] is None or job["progress"]["gap"] is None:
        assert time.monotonic() < deadline, job
        time.sleep(0.2)
    answer = working_client.post(f"/v1/jobs/{solve['id']}/cancel")
    assert (answer.status_code, answer.json()["cancel_requested"]) == (202, True)
    while (job := working_client.get(f"/v1/jobs/{solve['id']}").json())["state"] == "running":
        assert time.monotonic() < deadline, job
        time.sleep(0.2)
    assert job["state"] == "cancelled"
    kept = working_client.get(f"/v1/solves/{solve['id']}").json()
    assert kept["plan"]["assignments"]
    assert kept["ended"]["seconds"] < 100
    assert working_client.post(f"/v1/jobs/{solve['id']}/cancel").json()["code"] == "job.illegal_transition"

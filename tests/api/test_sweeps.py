"""Sweeps over HTTP, with the real worker and solver, on both databases."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.schemas.sweeps import SweepResult
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.staffing.work import ProjectState
from tests.api.access_firm import somebody
from tests.api.scenario_calls import ASKED, HIRE, WAIT, live_hash, make_firm_with_a_deal, told
from tests.factories import make_booking, make_demand, make_project

if TYPE_CHECKING:
    from scheduler.application import Application

PROFILE = HIRE["profile"]


@pytest.fixture(autouse=True)
def firm(application: Application) -> None:
    """Two people for two demands, of which one asks for what nobody has; a deal, and another that is booked by the way."""
    make_firm_with_a_deal(application)
    with application.store.begin(LOCAL) as tx:
        tx.projects.add(make_project("gamma", state=ProjectState.TENTATIVE, probability=Decimal("0.25")))
        tx.demands.add(make_demand(project="gamma", effort=dict.fromkeys(range(4), 2_400)))
        tx.bookings.add(make_booking("bob", demand=None, project="gamma", weekly_minutes=600))


def swept(client: TestClient, **asked: Any) -> dict[str, Any]:
    answer = client.post("/v1/sweeps", json={"plan": ASKED, **asked}, headers=WAIT)
    assert answer.status_code in (200, 202), answer.text
    found: dict[str, Any] = answer.json()
    until = time.monotonic() + 120  # on a busy machine; a sweep ends when its plans are proven
    while found["state"] in ("queued", "running") and time.monotonic() < until:
        time.sleep(0.2)
        found = client.get(f"/v1/sweeps/{found['id']}").json()
    assert (found["state"], found["failure"]) == ("succeeded", None)
    SweepResult.model_validate(found["result"])
    return found


def test_every_kind_of_sweep_from_the_question_to_the_answer(application: Application, working_client: TestClient) -> None:
    """Each has its answer with its proof, no live row differs, and whoever may not see costs sees hours and no amount."""
    client = working_client
    before = live_hash(application)
    ids = [_hires(client), _earliest_start(client), _churn(client), _fairness(client), _pipeline(client)]
    assert live_hash(application) == before
    planner = TestClient(
        create_app(application), base_url="http://127.0.0.1:8000", headers=somebody(application, "resource_manager").headers
    )
    for sweep_id in ids:
        seen = planner.get(f"/v1/sweeps/{sweep_id}")
        assert (seen.status_code, amounts_of(seen.json()["result"])) == (200, set())
    refused = planner.post("/v1/sweeps", json={"plan": ASKED, "kind": "pipeline"})
    assert told(refused)[:2] == (403, "access.denied")
    jobs = client.get("/v1/jobs", params={"kind": "sweep"}).json()["items"]
    assert {one["id"] for one in jobs} == set(ids)
    for reader in (client, planner):
        listed = reader.get("/v1/sweeps").json()["items"]
        assert [(one["id"], one["result"]) for one in listed] == [(sweep_id, None) for sweep_id in ids]
    assert all(one["request"]["profile"] is None for one in planner.get("/v1/sweeps").json()["items"])


def _listed(client: TestClient, **params: str) -> list[str]:
    return [one["id"] for one in client.get("/v1/sweeps", params=params).json()["items"]]


def amounts_of(value: Any) -> set[str]:
    """Where amounts stand that are not null."""
    if isinstance(value, list):
        return set().union(*map(amounts_of, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    return {"amounts" for name, one in value.items() if name == "amounts" and one is not None}.union(*map(amounts_of, value.values()))


def _hires(client: TestClient) -> str:
    found = swept(client, kind="hires", profile=PROFILE, count=1)
    points = found["result"]["points"]
    assert [(one["hires"], one["status"]) for one in points] == [(0, "optimal"), (1, "optimal")]
    assert points[0]["coverage"] < points[1]["coverage"] == 1.0
    none, one = (point["amounts"] for point in points)
    assert one["worth_low_minor"] == one["worth_high_minor"] == one["last_worth_low_minor"]
    assert one["worth_low_minor"] == one["objective_minor"] - none["objective_minor"]
    assert none.get("estimate_minor") is None
    assert one["estimate_minor"] >= one["worth_low_minor"], "prices that prove the plan without bound every plan with"
    return str(found["id"])


def _earliest_start(client: TestClient) -> str:
    found = swept(client, kind="earliest_start", project_id="gamma", weeks=8)
    result = found["result"]
    assert (result["project"]["name"], result["is_proven"], result["earliest_week"]) == ("Gamma", True, result["weeks"][-1]["start_week"])
    assert result["weeks"][-1]["verdict"] == "starts"
    assert result["earliest_possible_week"] == "2027-03-01"
    assert result["amounts"]["worth_low_minor"] == result["amounts"]["worth_high_minor"] > 0
    return str(found["id"])


def _churn(client: TestClient) -> str:
    found = swept(client, kind="churn_frontier", points=2)
    points = found["result"]["points"]
    assert (found["result"]["axis"], points[0]["new_minutes"]) == ("new_minutes", 0)
    _rises(points, "new_minutes")
    return str(found["id"])


def _fairness(client: TestClient) -> str:
    plan = {**ASKED, "policy": {"band_low": "0.4", "band_high": "0.6"}}
    found = swept(client, kind="fairness_frontier", points=2, plan=plan)
    _rises(found["result"]["points"], "outside_band_minutes")
    return str(found["id"])


def _rises(points: list[dict[str, Any]], axis: str) -> None:
    """No point is dominated: both rise together; each has its own proof."""
    for name in (lambda one: one[axis], lambda one: one["amounts"]["margin_after_bench_minor"]):
        values = list(map(name, points))
        assert values == sorted(set(values))
    assert all(one["amounts"]["gap"] == 0 for one in points)


def _pipeline(client: TestClient) -> str:
    found = swept(client, kind="pipeline")
    result = found["result"]
    assert [(one["id"], one["probability"]) for one in result["deals"]] == [("beta", "0.5"), ("gamma", "0.25")]
    assert (result["method"], result["is_complete"], result["outcomes_decided"]) == ("exact", True, 4)
    amounts = result["amounts"]
    assert amounts["least_margin_minor"] < amounts["expected_margin_minor"] < amounts["greatest_margin_minor"]
    assert amounts["expected_worth_low_minor"] == amounts["expected_worth_high_minor"]
    assert [(one["min_probability"], one["won"]) for one in result["thresholds"]] == [("0.5", ["beta"]), ("0.25", ["beta", "gamma"])]
    return str(found["id"])


def test_bad_sweeps_are_refused_and_nothing_is_kept(client: TestClient) -> None:
    """Unknown kinds, fields of another kind, what is missing, out of range or not there, each by its place."""
    cases: list[tuple[dict[str, Any], str]] = [
        ({"kind": "everything"}, "/kind"),
        ({"kind": "pipeline", "points": 3}, "/points"),
        ({"kind": "earliest_start"}, "/project_id"),
        ({"kind": "earliest_start", "project_id": "none"}, "/project_id"),
        ({"kind": "hires", "profile": PROFILE, "count": 11}, "/count"),
        ({"kind": "churn_frontier", "points": 1}, "/points"),
        ({"kind": "fairness_frontier"}, "/plan/policy/band_low"),
        ({"kind": "pipeline", "plan": {**ASKED, "teams": ["Nowhere"]}}, "/plan/teams/0"),
        ({"kind": "pipeline", "plan": {**ASKED, "weeks": 999}}, "/plan/weeks"),
        ({"kind": "pipeline", "plan": {**ASKED, "scenario_id": "none"}}, "/plan/scenario_id"),
    ]
    for body, pointer in cases:
        answer = client.post("/v1/sweeps", json={"plan": ASKED, **body})
        assert answer.status_code == 422, answer.text
        assert pointer in {one["pointer"] for one in answer.json()["errors"]}, answer.text
    assert client.get("/v1/jobs", params={"kind": "sweep"}).json()["items"] == []
    assert client.get("/v1/sweeps/none").status_code == 404


def test_h38_a_sweep_asked_for_twice_is_one_and_can_be_cancelled(client: TestClient) -> None:
    """The same key finds the same sweep; its job cancels it while it waits, and begins it anew."""
    body, headers = {"plan": ASKED, "kind": "pipeline"}, {"Idempotency-Key": "once"}
    first, second = (client.post("/v1/sweeps", json=body, headers=headers) for _ in range(2))
    assert (first.status_code, second.headers["Idempotent-Replay"], second.json()["id"]) == (202, "true", first.json()["id"])
    sweep_id = first.json()["id"]
    other = client.post("/v1/sweeps", json={"plan": ASKED, "kind": "churn_frontier", "points": 2}).json()["id"]
    assert _listed(client, sort="-created_at") == [other, sweep_id]
    newest = client.get("/v1/sweeps", params={"sort": "-created_at", "limit": 1}).json()
    assert _listed(client, sort="-created_at", limit="1", cursor=newest["next_cursor"]) == [sweep_id]
    assert client.post(f"/v1/jobs/{sweep_id}/cancel").json()["state"] == "cancelled"
    assert client.get(f"/v1/sweeps/{sweep_id}").json()["state"] == "cancelled"
    assert _listed(client, state="cancelled") == [sweep_id]
    assert _listed(client, state="succeeded") == []
    assert client.post(f"/v1/jobs/{sweep_id}/retry").json()["state"] == "queued"

"""Rebalance policies and change sets over HTTP, on both databases."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import DemandId, ProjectId
from scheduler.domain.ground.permissions import Role
from scheduler.domain.staffing.work import Booking, Demand, WeekEffort
from scheduler.jobs.policy_clock import run_due
from tests.factories import make_booking, make_calendar, make_firm, make_person, make_project, make_skill, make_term
from tests.logins import logged_in, make_user

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from scheduler.application import Application

TODAY = datetime.now(UTC).date()
NEXT = TODAY + timedelta(days=7 - TODAY.weekday())
POLICY = {"name": "Nightly", "weeks": 6, "frozen_weeks": 0, "churn_cost": "1", "time_limit_s": 10}


def weeks(name: str) -> Demand:
    effort = tuple(WeekEffort(week=NEXT + timedelta(weeks=n), minutes=1_200) for n in range(1, 4))
    return Demand(id=DemandId(name), project_id=ProjectId("alpha"), name=name, effort=effort, bill_rate=Decimal(100))


@pytest.fixture(autouse=True)
def firm(application: Application) -> None:
    """Ann is booked, Bob is free; a second demand is open."""
    first = weeks("one").effort[0].week
    with application.store.begin(LOCAL) as tx:
        tx.firm.save(make_firm())
        tx.calendars.add(make_calendar())
        tx.skills.add(make_skill())
        for name, rate in (("ann", "71.3391"), ("bob", "83.9177")):
            tx.people.add(make_person(name, terms=(make_term(cost_rate=Decimal(rate), location="Berlin"),)))
        tx.projects.add(make_project())
        for name in ("one", "two"):
            tx.demands.add(weeks(name))
        period = make_booking().period.__class__(first, first + timedelta(weeks=3))
        booking: Booking = make_booking("ann", demand="one", period=period)
        tx.bookings.add(booking)


def created(client: TestClient, **changes: Any) -> dict[str, Any]:
    answer = client.post("/v1/rebalance-policies", json={**POLICY, **changes})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["Location"].endswith(f"/v1/rebalance-policies/{found['id']}")
    return found


def ran(client: TestClient, policy: dict[str, Any], **params: str) -> dict[str, Any]:
    answer = client.post(f"/v1/rebalance-policies/{policy['id']}/runs", json={}, params=params)
    assert answer.status_code == 202, answer.text
    until = time.monotonic() + 60
    while True:
        found: dict[str, Any] = client.get(f"/v1/change-sets/{answer.json()['id']}").json()
        if found["state"] != "queued" or time.monotonic() > until:
            return found
        time.sleep(0.1)


def decide(client: TestClient, found: dict[str, Any], what: str, **body: Any) -> Any:
    return client.post(f"/v1/change-sets/{found['id']}/{what}", json=body, headers={"If-Match": f'"{found["version"]}"'})


def bookings(client: TestClient) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get("/v1/bookings").json()["items"]
    return [{name: value for name, value in one.items() if name != "version"} for one in items]


def test_the_night_of_a_firm_that_has_changed(application: Application, working_client: TestClient) -> None:
    """Ann falls ill: it is said, the change is proposed with its worth and proof, approved, undone; who may not see costs sees none."""
    client = working_client
    sick = {"start": weeks("one").effort[0].week.isoformat(), "end": (weeks("one").effort[0].week + timedelta(days=18)).isoformat()}
    assert client.post("/v1/absences", json={"person_id": "ann", "period": sick, "kind": "sickness"}).status_code == 201
    policy = created(client)
    before = bookings(client)
    found = ran(client, policy)
    assert (found["state"], found["proof"]["status"]) == ("ready", "optimal")
    assert {one["code"] for one in found["broken"]} >= {"broken.absent"}
    assert sum(group["worth_x60"] for group in found["groups"]) == found["gain_x60"]
    assert any(reason["code"] == "mends" for group in found["groups"] for reason in group["reasons"])
    number = next(group["number"] for group in found["groups"] if group["reasons"][0]["code"] == "mends")
    planner = logged_in(application, make_user(role=Role.RESOURCE_MANAGER))
    seen = client.get(f"/v1/change-sets/{found['id']}", headers=planner).json()
    assert (seen["gain_x60"], seen["dropped_count"], seen["proof"]["objective_x60"]) == (None, None, None)
    assert [(group["worth_x60"], group["worth_minor"]) for group in seen["groups"]] == [(None, None)] * len(found["groups"])
    done = decide(client, found, "approve", groups=[number])
    assert done.status_code == 200, done.text
    assert bookings(client) != before
    undone = decide(client, done.json(), "undo")
    assert undone.status_code == 200, undone.text
    assert bookings(client) == before
    again = ran(client, policy)
    assert (again["state"], again["groups"]) == ("empty", [])
    assert {one["code"] for one in again["broken"]} >= {"broken.absent"}


def test_c01_two_approvals_at_once_have_one_effect(working_client: TestClient) -> None:
    found = ran(working_client, created(working_client))
    assert found["state"] == "ready"
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: decide(working_client, found, "approve"), range(4)))
    assert sorted(one.status_code for one in answers) == [200, 412, 412, 412]
    assert len([one for one in bookings(working_client) if one["person_id"] == "bob" or one["demand_id"] == "two"]) == 1


def test_c04_decisions_and_policies_name_the_version_they_change(client: TestClient) -> None:
    policy = created(client)
    path = f"/v1/rebalance-policies/{policy['id']}"
    assert client.patch(path, json={"weeks": 4}).status_code == 428
    changed = client.patch(path, json={"weeks": 4, "unasked": "tentative"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["weeks"], changed.headers["ETag"]) == (200, 4, '"2"')
    stale = client.patch(path, json={"weeks": 5}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version.stale")
    assert any(one["pointer"] == "/weeks" for one in stale.json()["diff"])
    run = client.post(f"{path}/runs", json={}).json()
    assert client.post(f"/v1/change-sets/{run['id']}/approve", json={}).status_code == 428
    assert (decide(client, run, "approve").status_code, decide(client, run, "approve").json()["code"]) == (409, "change_set.not_open")
    assert client.post(f"{path}/runs", json={}).json()["code"] == "rebalance.running"
    assert client.delete(path, headers={"If-Match": '"2"'}).json()["code"] == "record.in_use"


def test_a_policy_of_a_narrower_scope_plans_just_that(client: TestClient) -> None:
    """What a plan can be limited to a policy can be too; an empty list holds for nothing, null asks nothing; unknown skills are refused."""
    scope = {
        "project_ids": ["alpha"],
        "project_states": ["won"],
        "demand_states": ["open", "partly_booked"],
        "skill_ids": ["sap"],
        "teams": [],
        "locations": ["Berlin"],
    }
    policy = created(client, **scope)
    assert {name: policy[name] for name in scope} == scope
    plan_id = client.post(f"/v1/rebalance-policies/{policy['id']}/runs", json={}).json()["plan_id"]
    asked = client.get(f"/v1/plans/{plan_id}").json()["request"]
    assert {name: asked[name] for name in scope} == scope
    path = f"/v1/rebalance-policies/{policy['id']}"
    wider = client.patch(path, json=dict.fromkeys(scope), headers={"If-Match": '"1"'})
    assert wider.status_code == 200, wider.text
    assert {name: wider.json()[name] for name in scope} == dict.fromkeys(scope)


BAD: list[tuple[dict[str, Any], str, str | None]] = [
    ({"project_states": ["lost"]}, "/project_states/0", None),
    ({"skill_ids": ["none"]}, "/skill_ids/0", "reference.not_found"),
    ({"teams": ["Nowhere"]}, "/teams/0", "reference.not_found"),
    ({"locations": ["Atlantis"]}, "/locations/0", "reference.not_found"),
    ({"cron": "every night"}, "/cron", "cron.invalid"),
    ({"cron": "0 0 30 2 *"}, "/cron", "cron.invalid"),
    ({"time_zone": "Mars/Olympus"}, "/time_zone", "time_zone.unknown"),
    ({"time_zone": "../../etc/passwd"}, "/time_zone", "time_zone.unknown"),
    ({"weeks": 0}, "/weeks", "number.out_of_range"),
    ({"weeks": 2, "frozen_weeks": 3}, "/frozen_weeks", "number.out_of_range"),
    ({"churn_cost": "-1"}, "/churn_cost", "number.out_of_range"),
    ({"project_ids": ["nonsense"]}, "/project_ids/0", "reference.not_found"),
    ({"tell": ["nobody"]}, "/tell/0", "reference.not_found"),
    ({"name": "  "}, "/name", "text.empty"),
    ({"unasked": "everything"}, "/unasked", None),
]


def test_bad_policies_are_refused(client: TestClient) -> None:
    """With what is wrong and where; nothing is kept."""
    for body, pointer, code in BAD:
        answer = client.post("/v1/rebalance-policies", json={**POLICY, **body})
        assert answer.status_code == 422, answer.text
        faults = {(one["pointer"], one["code"]) for one in answer.json()["errors"]}
        assert pointer in {place for place, _ in faults}
        assert code is None or (pointer, code) in faults, body
    assert client.get("/v1/rebalance-policies").json()["items"] == []


def test_a12_a_threshold_on_worth_is_for_those_who_see_costs(application: Application, client: TestClient) -> None:
    """By trying thresholds somebody could find out what people cost."""
    planner = logged_in(application, make_user(role=Role.RESOURCE_MANAGER))
    refused = client.post("/v1/rebalance-policies", json={**POLICY, "min_worth": "10"}, headers=planner)
    assert (refused.status_code, refused.json()["code"]) == (403, "field.not_allowed")
    policy = created(client, min_worth="500")
    seen = client.get(f"/v1/rebalance-policies/{policy['id']}", headers=planner).json()
    assert seen["min_worth"] == "0"
    path = f"/v1/rebalance-policies/{policy['id']}"
    changed = client.patch(path, json={"weeks": 5}, headers={**planner, "If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    assert client.get(path).json()["min_worth"] == "500"


def test_j08_what_is_due_runs_once_however_many_look(application: Application, client: TestClient) -> None:
    """Three missed nights are one run; a second process that looks at the same time finds it done; switched off, nothing is due."""
    policy = created(client, cron="30 2 * * *", time_zone="Europe/Berlin")
    later = datetime.now(UTC) + timedelta(days=3)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: run_due(application.store, now=later), range(4)))
    found = client.get("/v1/change-sets", params={"policy_id": policy["id"]}).json()["items"]
    assert len(found) == 1
    assert found[0]["due_at"] <= later.isoformat()
    assert run_due(application.store, now=later) == []
    path = f"/v1/rebalance-policies/{policy['id']}"
    assert client.patch(path, json={"is_active": False}, headers={"If-Match": '"1"'}).status_code == 200
    assert run_due(application.store, now=later + timedelta(days=9)) == []

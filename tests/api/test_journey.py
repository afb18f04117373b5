"""A firm's whole story over HTTP on both databases: tables in, a plan, why something is open, what fixes it, a night, and back."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import scheduler.sample_firm
from scheduler.jobs.policy_clock import run_due

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from scheduler.application import Application

MAP = (Path(scheduler.sample_firm.__file__).parent / "map.toml").read_bytes()
TODAY = datetime.now(UTC).date()
NEXT = TODAY + timedelta(days=14 - TODAY.weekday())
"""A Monday that is ahead of every run here, also of one on the night of a Sunday."""
WEEKS = [NEXT + timedelta(weeks=n) for n in range(3)]
TABLES = {
    "skills": "id,name,family\nsap,SAP,\njava,Java,\n",
    "calendars": "id,name,country,subdivision\nplain,Plain,,\n",
    "people": "id,name,email,team,max_demands\nP1,Ann,,North,\nP2,Bob,,North,\n",
    "terms": "person,start,end,employment,calendar,weekly_hours,workdays,cost_rate,location,grade\n"
    "P1,2020-01-01,,employee,plain,40,Mon-Fri,50,,\nP2,2020-01-01,,employee,plain,40,Mon-Fri,50,,\n",
    "person_skills": "person,skill,level,valid_from,valid_until\nP1,sap,4,,\nP2,sap,3,,\n",
    "projects": "id,name,client,state,probability,priority,contract,contract_value,planned_hours,budget_hours,start,end,all_or_nothing,"
    "shift_earliest,shift_latest,apart,together\nJ1,Roll-out,,won,,,time_and_materials,,,,,,,,,,\n",
    "demands": "id,project,name,requires,prefers,grade,bill_rate,first_week,last_week,weekly_hours,shares,max_people,min_run_weeks,"
    "min_coverage,shift_earliest,shift_latest,overqualified_cost,locations,only,never\n"
    f"D1,J1,Consultant,sap: 3,,,110,{WEEKS[0]},{WEEKS[-1]},30,,,,,,,,,,\n"
    f"D2,J1,Developer,java: 3,,,100,{WEEKS[0]},{WEEKS[-1]},20,,,,,,,,,,\n",
}
ASKED = {"horizon_start": NEXT.isoformat(), "weeks": 3, "limits": {"time_limit_s": 10}}
WAIT = {"Prefer": "wait=60"}


def test_a_firm_from_its_tables_to_a_night_undone(application: Application, working_client: TestClient) -> None:
    """Import, plan, read why something is open, a scenario that fixes it, apply, a night on a changed firm, approve, undo."""
    client = working_client
    _imported(client)
    plan = _planned(client)
    (still_open,) = [one for one in plan["plan"]["demands"] if one["open_minutes"]]
    assert (still_open["demand"]["name"], still_open["reason"]["kind"]) == ("Developer", "nobody_qualified")
    said = client.get(f"/v1/plans/{plan['id']}/explanations", params={"demand_id": still_open["demand"]["id"]}).json()
    assert any("Java" in one["sentence"] for one in said["relaxations"])
    _fixed_by_a_scenario(client)
    _falls_ill(client, "Ann")
    before = _bookings(client)
    assert {one["state"] for one in before} == {"confirmed"}
    assert len(before) == 2
    change_set = _night(application, client)
    assert any(one["code"].startswith("broken.") for one in change_set["broken"])
    approved = _decide(client, change_set, "approve")
    assert approved.status_code == 200, approved.text
    assert _bookings(client) != before
    undone = _decide(client, approved.json(), "undo")
    assert undone.status_code == 200, undone.text
    assert _bookings(client) == before


def _imported(client: TestClient) -> None:
    files = [("files", (f"{name}.csv", text.encode())) for name, text in TABLES.items()]
    answer = client.post("/v1/imports", files=[("map", ("map.toml", MAP)), *files])
    assert answer.status_code == 201, answer.text


def _planned(client: TestClient, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.post("/v1/plans", json={**ASKED, **more}, headers=WAIT).json()
    assert (found["state"], found["plan"]["proof"]["status"]) == ("succeeded", "optimal"), found
    return found


def _fixed_by_a_scenario(client: TestClient) -> None:
    """Bob learns Java: the plan of that what-if fills everything, and is applied with it in one step."""
    people = {one["name"]: one["id"] for one in client.get("/v1/people").json()["items"]}
    skills = {one["name"]: one["id"] for one in client.get("/v1/skills").json()["items"]}
    change = {"kind": "raise_skill", "person_id": people["Bob"], "skill_id": skills["Java"], "level": 3}
    made = client.post("/v1/scenarios", json={"name": "Bob learns Java", "changes": [change]})
    assert made.status_code == 201, made.text
    scenario = made.json()
    plan = _planned(client, scenario_id=scenario["id"])
    assert plan["plan"]["totals"]["demands_open"] == 0
    body, headers = {"plan_id": plan["id"], "state": "confirmed"}, {"If-Match": f'"{scenario["version"]}"'}
    applied = client.post(f"/v1/scenarios/{scenario['id']}/apply", json=body, headers=headers)
    assert applied.status_code == 200, applied.text


def _falls_ill(client: TestClient, name: str) -> None:
    """For all of their work."""
    people = {one["name"]: one["id"] for one in client.get("/v1/people").json()["items"]}
    sick = {"start": WEEKS[0].isoformat(), "end": (WEEKS[-1] + timedelta(weeks=1)).isoformat()}
    assert client.post("/v1/absences", json={"person_id": people[name], "period": sick, "kind": "sickness"}).status_code == 201


def _night(application: Application, client: TestClient) -> dict[str, Any]:
    """A policy runs by itself, and proposes what mends the bookings."""
    policy = {"name": "Nightly", "cron": "30 2 * * *", "weeks": 8, "frozen_weeks": 0, "churn_cost": "1", "time_limit_s": 10}
    assert client.post("/v1/rebalance-policies", json=policy).status_code == 201
    (run,) = run_due(application.store, now=datetime.now(UTC) + timedelta(days=1))
    until = time.monotonic() + 60
    while True:
        found: dict[str, Any] = client.get(f"/v1/change-sets/{run.id}").json()
        if found["state"] != "queued" or time.monotonic() > until:
            assert (found["state"], found["proof"]["status"]) == ("ready", "optimal"), found
            return found
        time.sleep(0.1)


def _decide(client: TestClient, found: dict[str, Any], what: str) -> Any:
    return client.post(f"/v1/change-sets/{found['id']}/{what}", json={}, headers={"If-Match": f'"{found["version"]}"'})


def _bookings(client: TestClient) -> list[dict[str, Any]]:
    return [{name: value for name, value in one.items() if name != "version"} for one in client.get("/v1/bookings").json()["items"]]

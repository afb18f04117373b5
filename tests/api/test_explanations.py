"""Asking of a plan why something is open, why somebody is not on it and who fits, with the real worker and solver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.access_firm import load_two_people, somebody
from tests.api.test_cost_privacy import client_of
from tests.factories import MONDAY

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from scheduler.application import Application

ASKED = {"horizon_start": MONDAY.isoformat(), "weeks": 8, "limits": {"time_limit_s": 10}}


@pytest.fixture
def plan(application: Application, working_client: TestClient) -> dict[str, Any]:
    """Two people, one demand for each of which one asks for what nobody has."""
    load_two_people(application)
    found: dict[str, Any] = working_client.post("/v1/plans", json=ASKED, headers={"Prefer": "wait=60"}).json()
    assert found["state"] == "succeeded", found
    return found


def test_what_fills_why_not_and_who_fits(application: Application, working_client: TestClient, plan: dict[str, Any]) -> None:
    """An open demand has relaxations in words; a person has the rule that bars them, or a cost; a planner sees no amount of it."""
    demands = {one["demand"]["name"]: one for one in plan["plan"]["demands"]}
    (still_open,) = [one for one in demands.values() if one["open_minutes"]]
    address = f"/v1/plans/{plan['id']}/explanations"
    asked = {"demand_id": still_open["demand"]["id"]}
    said = working_client.get(address, params=asked)
    assert said.status_code == 200, said.text
    assert said.json()["relaxations"]
    assert all(one["is_minimal"] and one["gain_minor"] > 0 and one["sentence"] for one in said.json()["relaxations"])
    assert any("java" in one["sentence"].lower() for one in said.json()["relaxations"])
    barred = working_client.get(address, params={**asked, "person_id": "bob"}).json()
    assert [(bar["rule"], bar["number"]) for bar in barred["bars"]] == [("requires", 1)]
    (filled,) = [one["demand"]["id"] for one in demands.values() if not one["open_minutes"]]
    (there,) = {one["person"]["id"] for one in plan["plan"]["assignments"] if one["demand"]["id"] == filled}
    question = {"demand_id": filled, "person_id": "bob" if there == "ann" else "ann"}
    other = working_client.get(address, params=question).json()
    assert other["is_exact"], other
    assert other["cost_low_minor"] == other["cost_high_minor"]
    listed = working_client.get(f"/v1/plans/{plan['id']}/candidates", params={"demand_id": filled}).json()["candidates"]
    assert {one["person"]["id"] for one in listed} == {"ann", "bob"}
    planner = client_of(application, somebody(application, "resource_manager"))
    theirs = planner.get(address, params=question).json()
    assert (theirs["cost_low_minor"], theirs["would_leave"], theirs["bars"]) == (None, None, [])
    assert "No rule keeps" in theirs["sentence"]
    assert all(
        one["cost_minor"] is None
        for one in planner.get(f"/v1/plans/{plan['id']}/candidates", params={"demand_id": filled}).json()["candidates"]
    )


def test_what_the_plan_does_not_hold_is_refused(working_client: TestClient, plan: dict[str, Any]) -> None:
    """Unknown demands and people by their place in the question; no question; a plan that is none."""
    address = f"/v1/plans/{plan['id']}/explanations"
    refused = working_client.get(address, params={"demand_id": "none", "person_id": "nobody"})
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["?demand_id", "?person_id"]
    assert working_client.get(f"/v1/plans/{plan['id']}/candidates", params={"demand_id": "none"}).status_code == 422
    assert working_client.get(address).json()["errors"][0]["pointer"] == "?demand_id"
    assert working_client.get("/v1/plans/none/explanations", params={"demand_id": "none"}).status_code == 404

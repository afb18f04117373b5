"""Asking of a plan why something is open, why somebody is not on it and who fits, with the real worker and solver."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import tests.jobs.bad_solver
from scheduler.jobs.explain_plan import ExplainPlan
from scheduler.jobs.solve_plan import SolveCaps
from scheduler.jobs.solver_child import ChildLimits
from tests.api.access_firm import load_two_people, somebody
from tests.api.test_cost_privacy import client_of
from tests.factories import MONDAY

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from scheduler.application import Application

BAD_SOLVER = str(Path(tests.jobs.bad_solver.__file__))
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


@pytest.mark.parametrize("fault", ["hang", "memory"])
def test_a_search_that_comes_to_no_end_is_labelled(
    application: Application, working_client: TestClient, plan: dict[str, Any], fault: str
) -> None:
    """Killed at its limit of time or memory: what is known without it is said, and that the rest is not proven; no fault of the server."""
    child = ChildLimits(memory_mb=40 if fault == "memory" else 2_000, grace_s=0.1, command=(sys.executable, BAD_SOLVER, fault))
    limit = 60.0 if fault == "memory" else 0.1
    application.explain_plan = ExplainPlan(store=application.store, caps=SolveCaps(time_s=limit, workers=1, child=child))
    address = f"/v1/plans/{plan['id']}/explanations"
    there = plan["plan"]["assignments"][0]
    demands = [one["demand"]["id"] for one in plan["plan"]["demands"]]
    (still_open,) = [one for one in demands if one != there["demand"]["id"]]
    said = working_client.get(address, params={"demand_id": still_open})
    assert said.status_code == 200, said.text
    found = said.json()
    assert (found["is_complete"], found["is_filled"], found["shortfall"], found["relaxations"]) == (False, None, None, [])
    assert "could not be found out" in found["sentence"]
    is_there = working_client.get(address, params={"demand_id": there["demand"]["id"], "person_id": there["person"]["id"]}).json()
    assert (is_there["is_complete"], is_there["is_there"]) == (True, True)
    planner = client_of(application, somebody(application, "resource_manager"))
    for asker in (working_client, planner):
        why_not = asker.get(address, params={"demand_id": still_open, "person_id": "bob"}).json()
        assert (why_not["is_complete"], why_not["is_there"], why_not["bars"], why_not["cost_low_minor"]) == (False, False, [], None)
        assert "could not be found out" in why_not["sentence"]


def test_what_the_plan_does_not_hold_is_refused(working_client: TestClient, plan: dict[str, Any]) -> None:
    """Unknown demands and people by their place in the question; no question; a plan that is none."""
    address = f"/v1/plans/{plan['id']}/explanations"
    refused = working_client.get(address, params={"demand_id": "none", "person_id": "nobody"})
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["?demand_id", "?person_id"]
    assert working_client.get(f"/v1/plans/{plan['id']}/candidates", params={"demand_id": "none"}).status_code == 422
    assert working_client.get(address).json()["errors"][0]["pointer"] == "?demand_id"
    assert working_client.get("/v1/plans/none/explanations", params={"demand_id": "none"}).status_code == 404

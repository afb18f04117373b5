"""What scenarios tell whom, and what is left of them after an erasure."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.ground.access import LOCAL
from scheduler.store.tables import METADATA
from scheduler.usecases.erasure import erase_person
from tests.api.access_firm import somebody
from tests.api.scenario_calls import ASKED, HIRE, apply, make_firm_with_a_deal, make_scenario, patch, planned, told

if TYPE_CHECKING:
    from scheduler.application import Application


@pytest.fixture(autouse=True)
def firm(application: Application) -> None:
    """Two people for two demands, of which one asks for what nobody has; and a deal that may be won."""
    make_firm_with_a_deal(application)


def test_a16_p01_scenarios_tell_no_costs(application: Application, working_client: TestClient) -> None:
    """Whoever may not see costs neither finds nor makes a scenario that names one, and compares without amounts."""
    admin = working_client
    manager = TestClient(
        create_app(application), base_url="http://127.0.0.1:8000", headers=somebody(application, "resource_manager").headers
    )
    rate = {"kind": "change_person", "id": "ann", "fields": {"terms": [{**HIRE["profile"]["terms"][0], "cost_rate": "7777.5"}]}}
    costly = make_scenario(admin, rate, name="A rise for Ann")
    assert told(manager.get(f"/v1/scenarios/{costly['id']}"))[:2] == (404, "record.not_found")
    assert manager.get("/v1/scenarios").json()["items"] == []
    assert manager.get("/v1/scenarios", params={"as_of": "2199-01-01T00:00:00Z"}).json()["items"] == []
    assert told(manager.get("/v1/scenarios/compare", params={"scenario_ids": costly["id"]}))[:2] == (422, "input.invalid")
    assert told(manager.post("/v1/scenarios", json={"name": "X", "base_id": costly["id"]}))[2] == [("/base_id", "reference.not_found")]
    assert told(manager.post("/v1/scenarios", json={"name": "X", "changes": [rate]}))[:2] == (403, "access.denied")
    assert told(manager.post("/v1/plans", json={**ASKED, "scenario_id": costly["id"]}))[0] == 422
    mine = make_scenario(manager, HIRE, {"kind": "raise_skill", "person_id": "bob", "skill_id": "java", "level": 3})
    assert told(patch(manager, mine, changes=[rate]))[:2] == (403, "access.denied")
    plan = planned(manager, mine["id"])
    assert plan["plan"]["proof"]["objective_minor"] is None
    side = manager.get("/v1/scenarios/compare", params={"scenario_ids": mine["id"]})
    proof = side.json()["columns"][1]["proof"]
    assert (proof["status"], {value for name, value in proof.items() if "objective" in name or "bound" in name}) == ("optimal", {None})
    assert told(apply(manager, mine))[:2] == (403, "field.not_allowed"), "a hire has a cost rate, which they may not set"
    raised = make_scenario(manager, {"kind": "raise_skill", "person_id": "bob", "skill_id": "java", "level": 3})
    assert apply(manager, raised).status_code == 200
    with application.store.read(LOCAL) as view:
        bob = view.people.get("bob")
    assert {held.skill_id: held.level for held in bob.skills} == {"sap": 3, "java": 3}
    assert str(bob.terms[0].cost_rate) == "50", "what they could not see stays"
    stays = manager.get(f"/v1/scenarios/{mine['id']}").text + side.text + json.dumps(plan)
    assert 'cost_rate":"' not in stays.replace(" ", "")


def test_p05_an_erasure_takes_what_scenarios_say_of_a_person(application: Application, client: TestClient) -> None:
    """What changes say of somebody goes with them, in every version and in the audit; the rest of the scenario stays."""
    said = {"kind": "change_person", "id": "bob", "fields": {"name": "Robert Canary", "email": "canary@firm.example"}}
    scenario = make_scenario(client, said, {"kind": "win_project", "project_id": "beta"})
    client.patch("/v1/people/bob", json={"terms": []}, headers={"If-Match": '"1"'})
    erase_person(application.store, actor=LOCAL, person_id="bob", now=datetime.now(UTC), dry_run=False)
    left = client.get(f"/v1/scenarios/{scenario['id']}").json()
    assert [change["kind"] for change in left["changes"]] == ["win_project"]
    with application.store.read(LOCAL) as view:
        for name in ("scenario_changes", "scenario_changes_versions", "audit_changes"):
            rows = view.connection.execute(select(METADATA.tables[name])).all()
            assert rows
            assert "anary" not in repr(rows), name

"""Change orders over HTTP, on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from tests.api.access_firm import make_firm_of_two, somebody
from tests.api.test_records import created

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from scheduler.application import Application

VALUE = 10_000_000


def firm(client: TestClient) -> tuple[str, str]:
    """A project with a contract value and a budget, and a demand of it."""
    project = created(client, "projects", name="Alpha", contract_value_minor=VALUE, budget_minutes=60_000)["id"]
    effort = [{"week": "2027-03-01", "minutes": 1200}, {"week": "2027-03-08", "minutes": 1200}]
    return project, created(client, "demands", project_id=project, name="Lead", effort=effort)["id"]


def decide(client: TestClient, order: dict[str, Any], how: str = "approve", **body: Any) -> Any:
    return client.post(f"/v1/change-orders/{order['id']}/{how}", json=body, headers={"If-Match": f'"{order["version"]}"'})


def change(client: TestClient, address: str, **fields: Any) -> Any:
    version = client.get(f"/v1/{address}").headers["ETag"]
    return client.patch(f"/v1/{address}", json=fields, headers={"If-Match": version})


def test_an_approved_order_changes_value_budget_and_demand_at_once(client: TestClient) -> None:
    """The order keeps what was before and after; the history adds up, numbers count up, and nothing changes before the approval."""
    project, demand = firm(client)
    skill = created(client, "skills", name="SAP")["id"]
    demands = [
        {"demand_id": demand, "effort": [{"week": "2027-03-08", "minutes": -600}, {"week": "2027-03-15", "minutes": 1800}]},
        {"name": "Tester", "effort": [{"week": "2027-03-15", "minutes": 600}], "requires": {skill: 2}},
    ]
    first = created(
        client, "change-orders", project_id=project, name="Module", value_delta_minor=1_500_000, budget_delta_minutes=1800, demands=demands
    )
    second = created(client, "change-orders", project_id=project, name="Discount", value_delta_minor=-500_000)
    assert (first["number"], first["state"], second["number"]) == (1, "draft", 2)
    assert client.get(f"/v1/projects/{project}").json()["contract_value_minor"] == VALUE
    answer = decide(client, first)
    assert answer.status_code == 200, answer.text
    approved = answer.json()
    assert (approved["state"], approved["version"], answer.headers["ETag"]) == ("approved", 2, '"2"')
    assert approved["before"] == {"value_minor": VALUE, "budget_minutes": 60_000, "budget_minor": None}
    assert approved["after"] == {"value_minor": VALUE + 1_500_000, "budget_minutes": 61_800, "budget_minor": None}
    assert decide(client, second).json()["after"]["value_minor"] == VALUE + 1_000_000
    assert client.get(f"/v1/projects/{project}").json()["contract_value_minor"] == VALUE + 1_000_000
    found = {one["name"]: one for one in client.get("/v1/demands", params={"project_id": project}).json()["items"]}
    assert [one["minutes"] for one in found["Lead"]["effort"]] == [1200, 600, 1800]
    assert (found["Tester"]["requires"], found["Tester"]["effort"][0]["minutes"]) == ({skill: 2}, 600)
    history = client.get("/v1/change-orders", params={"project_id": project, "sort": "number", "state": "approved"}).json()["items"]
    assert [one["before"]["value_minor"] for one in history[1:]] == [one["after"]["value_minor"] for one in history[:-1]]


def test_what_was_decided_stays(client: TestClient) -> None:
    """A rejected order changes nothing, and has its reason; neither it nor an approved one is changed, deleted or decided again."""
    project, _ = firm(client)
    rejected = created(client, "change-orders", project_id=project, name="Dear", value_delta_minor=1)
    answer = decide(client, rejected, "reject", reason="Too dear")
    assert (answer.status_code, answer.json()["state"], answer.json()["reason"]) == (200, "rejected", "Too dear")
    approved = decide(client, created(client, "change-orders", project_id=project, name="Cheap", value_delta_minor=1)).json()
    for order in (answer.json(), approved):
        tries = [
            decide(client, order),
            decide(client, order, "reject", reason="No"),
            change(client, f"change-orders/{order['id']}", name="X"),
        ]
        tries.append(client.delete(f"/v1/change-orders/{order['id']}", headers={"If-Match": f'"{order["version"]}"'}))
        assert [(one.status_code, one.json()["code"]) for one in tries] == [(409, "change_order.decided")] * 4
    assert client.get(f"/v1/projects/{project}").json()["contract_value_minor"] == VALUE + 1


def test_no_number_is_used_twice(client: TestClient) -> None:
    """Also not that of a draft that was deleted; each project counts for itself."""
    project, _ = firm(client)
    draft = created(client, "change-orders", project_id=project, name="Draft")
    assert client.delete(f"/v1/change-orders/{draft['id']}", headers={"If-Match": '"1"'}).status_code == 204
    assert created(client, "change-orders", project_id=project, name="Next")["number"] == 2
    other = created(client, "projects", name="Beta")["id"]
    assert created(client, "change-orders", project_id=other, name="First")["number"] == 1


def test_an_order_for_what_has_changed_is_not_applied(client: TestClient) -> None:
    """Neither its value nor its demand; saved again it is an order for the demand as it is now."""
    project, demand = firm(client)
    changes = [{"demand_id": demand, "effort": [{"week": "2027-03-01", "minutes": 60}]}]
    order = created(client, "change-orders", project_id=project, name="More", value_delta_minor=5, demands=changes)
    assert change(client, f"demands/{demand}", grade="senior").status_code == 200
    refused = decide(client, order)
    assert (refused.status_code, refused.json()["code"]) == (409, "change_order.outdated")
    assert refused.json()["errors"][0]["pointer"] == "/demands/0/demand_id"
    assert client.get(f"/v1/projects/{project}").json()["contract_value_minor"] == VALUE
    saved = change(client, f"change-orders/{order['id']}", name="More")
    assert saved.json()["version"] == 2
    assert decide(client, saved.json()).status_code == 200
    assert client.get(f"/v1/demands/{demand}").json()["effort"][0]["minutes"] == 1260


def test_values_are_changed_by_orders_alone_once_one_was_approved(client: TestClient) -> None:
    """By hand it is refused with the field; before that, and for all else of the project, it is not."""
    project, _ = firm(client)
    assert change(client, f"projects/{project}", contract_value_minor=VALUE + 7).status_code == 200
    order = created(client, "change-orders", project_id=project, name="More", value_delta_minor=1)
    assert decide(client, order).status_code == 200
    refused = change(client, f"projects/{project}", contract_value_minor=1)
    assert (refused.status_code, refused.json()["errors"][0]) == (
        409,
        {"pointer": "/contract_value_minor", "code": "project.value_by_orders", "message": refused.json()["detail"]},
    )
    assert change(client, f"projects/{project}", name="Alpha II").status_code == 200


def test_an_order_names_demands_of_its_project(client: TestClient) -> None:
    """One of another project, and one that there is not, are refused with their place; and an order stays in its project."""
    project, demand = firm(client)
    other = created(client, "projects", name="Beta")["id"]
    for wrong, home, code in ((demand, other, "change_order.demand_elsewhere"), ("none", project, "reference.not_found")):
        body = {"project_id": home, "name": "X", "demands": [{"demand_id": wrong, "effort": []}]}
        answer = client.post("/v1/change-orders", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
        assert answer.json()["errors"][0]["pointer"] == "/demands/0/demand_id"
    order = created(client, "change-orders", project_id=project, name="X")
    moved = change(client, f"change-orders/{order['id']}", project_id=other)
    assert (moved.status_code, moved.json()["code"]) == (409, "change_order.project_fixed")


def test_of_two_approvals_at_once_one_is_done(client: TestClient) -> None:
    """The value goes up once; the other approval is refused as stale or as decided."""
    project, _ = firm(client)
    order = created(client, "change-orders", project_id=project, name="More", value_delta_minor=100)
    start = threading.Barrier(2)

    def approve(_: int) -> int:
        start.wait()
        status: int = decide(client, order).status_code
        return status

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(approve, range(2)))
    assert statuses in ([200, 409], [200, 412])
    assert client.get(f"/v1/projects/{project}").json()["contract_value_minor"] == VALUE + 100


def test_a_lead_drafts_and_finance_approves(application: Application, client: TestClient) -> None:
    """What finance approves changes demands and projects that finance may not change by hand; the manager may not approve."""
    make_firm_of_two(application)
    manager, finance = somebody(application, "project_manager"), somebody(application, "finance")
    budget = {"budget_delta_minor": 100, "project_id": "alpha", "name": "More"}
    changes = [{"demand_id": "alpha-lead", "effort": [{"week": "2027-03-01", "minutes": 60}]}]
    drafted = client.post("/v1/change-orders", json={**budget, "demands": changes}, headers=manager.headers)
    assert drafted.status_code == 201, drafted.text
    order = drafted.json()
    address, version = f"/v1/change-orders/{order['id']}/approve", {"If-Match": '"1"'}
    assert client.post(address, json={}, headers={**manager.headers, **version}).status_code == 403
    approved = client.post(address, json={}, headers={**finance.headers, **version})
    assert approved.status_code == 200, approved.text
    assert approved.json()["after"]["budget_minor"] == 5_000_100
    assert client.get("/v1/demands/alpha-lead").json()["effort"][0]["minutes"] == 1_260

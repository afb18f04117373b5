"""The audit over HTTP: what a request changed is there with the request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.api.test_records import bodies, created

if TYPE_CHECKING:
    from starlette.testclient import TestClient


def audit(client: TestClient, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get("/v1/audit", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_a_change_has_its_request_and_where_it_came_from(client: TestClient) -> None:
    """Request id, address, user agent, actor; before and after."""
    headers = {"Request-Id": "request-17", "User-Agent": "Tester/1"}
    made = client.post("/v1/clients", json={"name": "Acme"}, headers=headers).json()
    client.patch(f"/v1/clients/{made['id']}", json={"name": "Acme & Co"}, headers={**headers, "If-Match": '"1"'})
    changed, first = audit(client, request_id="request-17")
    assert (first["kind"], first["area"], first["record_id"], first["before"]) == ("created", "clients", made["id"], None)
    assert (first["source"], first["user_agent"], first["actor_id"]) == (
        "testclient",
        "Tester/1",
        client.get("/v1/session").json()["user_id"],
    )
    assert changed["before"] == {"version": 1, "name": "Acme"}
    assert changed["after"] == {"version": 2, "name": "Acme & Co"}


def test_every_kind_of_record_is_audited(client: TestClient) -> None:
    """Created and deleted, whatever it is: no use case can forget it."""
    for area, body in bodies(client).items():
        made = created(client, area, **body)
        assert client.delete(f"/v1/{area}/{made['id']}", headers={"If-Match": '"1"'}).status_code == 204
        assert [one["kind"] for one in audit(client, record_id=made["id"])] == ["deleted", "created"], area


def test_what_is_refused_leaves_no_record(client: TestClient) -> None:
    """Nothing was changed, so there is nothing to tell."""
    before = audit(client)
    assert client.post("/v1/clients", json={"name": ""}).status_code == 422
    assert client.post("/v1/bookings", json={}).status_code == 422
    assert audit(client) == before


def test_pages_follow_each_other_and_filters_are_checked(client: TestClient) -> None:
    """Newest first; an unknown filter or a time without zone is refused."""
    for number in range(5):
        created(client, "clients", name=f"Client {number}")
    first = client.get("/v1/audit", params={"limit": 3, "area": "clients"}).json()
    rest = client.get("/v1/audit", params={"limit": 3, "area": "clients", "cursor": first["next_cursor"]}).json()
    positions = [one["position"] for one in first["items"] + rest["items"]]
    assert positions == list(range(positions[0], positions[0] - 5, -1))
    assert rest["next_cursor"] is None
    assert (len(audit(client, kind="created", area="clients")), audit(client, kind="erased")) == (5, [])
    assert len(audit(client, area="clients", **{"from": first["items"][1]["recorded_at"], "until": first["items"][0]["recorded_at"]})) == 1
    for wrong in ({"from": "2027-01-01"}, {"colour": "red"}, {"sort": "hash"}, {"kind": "read"}, {"cursor": "x"}, {"actor_id": "\x00"}):
        assert client.get("/v1/audit", params=wrong).status_code == 422, wrong


def test_a_plan_is_in_the_records_of_its_steps(client: TestClient) -> None:
    """Who asked for it, and what became of it."""
    asked = client.post("/v1/plans", json={"horizon_start": "2027-03-01", "weeks": 8}, headers={"Request-Id": "plan-please"})
    client.post(f"/v1/plans/{asked.json()['id']}/cancel")
    cancelled, requested = audit(client, plan_id=asked.json()["id"])
    assert (requested["area"], requested["kind"], requested["request_id"]) == ("plans", "created", "plan-please")
    assert cancelled["after"]["state"] == "cancelled"

"""The same POST sent again, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.access import LOCAL
from tests import factories as make
from tests.api.access_firm import somebody
from tests.api.test_cost_privacy import client_of

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from scheduler.application import Application

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


def names(client: TestClient) -> list[str]:
    return [one["name"] for one in client.get("/v1/skills").json()["items"]]


def test_h38_the_same_request_again_is_replayed(client: TestClient) -> None:
    """The same key with the same body gets the first answer, byte for byte, and does nothing new."""
    first = client.post("/v1/skills", json={"name": "SAP"}, headers=KEY)
    again = client.post("/v1/skills", json={"name": "SAP"}, headers=KEY)
    assert (first.status_code, first.headers.get("Idempotent-Replay")) == (201, None)
    assert (again.status_code, again.content, again.headers["Idempotent-Replay"]) == (201, first.content, "true")
    assert (again.headers["Location"], again.headers["ETag"]) == (first.headers["Location"], first.headers["ETag"])
    assert names(client) == ["SAP"]


def test_a_refused_request_leaves_its_key_free(client: TestClient) -> None:
    """What was refused did nothing, so the corrected request may use the key."""
    assert client.post("/v1/skills", json={"name": ""}, headers=KEY).status_code == 422
    client.post("/v1/skills", json={"name": "SAP"})
    assert client.post("/v1/skills", json={"name": "sap"}, headers=KEY).status_code == 409
    assert client.post("/v1/skills", json={"name": "Java"}, headers=KEY).status_code == 201
    assert names(client) == ["Java", "SAP"]


def test_h39_the_same_key_for_another_request_is_refused(client: TestClient) -> None:
    """Another body or another address under a used key is a mistake of the caller."""
    client.post("/v1/skills", json={"name": "SAP"}, headers=KEY)
    for address, body in (("/v1/skills", {"name": "Java"}), ("/v1/clients", {"name": "SAP"})):
        answer = client.post(address, json=body, headers=KEY)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.mismatch")
    assert names(client) == ["SAP"]
    assert client.get("/v1/clients").json()["items"] == []


def test_h40_twenty_at_once_have_one_effect(client: TestClient) -> None:
    """Of twenty parallel requests with one key one acts; the others get its answer, or are told that it is under way."""
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: client.post("/v1/skills", json={"name": "SAP"}, headers=KEY), range(20)))
    acted = [answer for answer in answers if answer.status_code == 201 and "Idempotent-Replay" not in answer.headers]
    others = [answer for answer in answers if answer not in acted]
    assert len(acted) == 1
    assert all(
        (answer.status_code, answer.content) == (201, acted[0].content)
        or (answer.status_code, answer.json()["code"]) == (409, "idempotency.in_progress")
        for answer in others
    )
    assert names(client) == ["SAP"]


def test_keys_that_cannot_be_kept_are_refused(client: TestClient) -> None:
    """A key is short printable text."""
    for key in ("", "x" * 256):
        answer = client.post("/v1/skills", json={"name": "SAP"}, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.key_invalid")
    assert names(client) == []


def test_other_rights_get_no_kept_answer(application: Application, client: TestClient) -> None:
    """Who has lost rights gets no answer of before by its key, and nothing is done a second time; with them again they do."""
    with application.store.begin(LOCAL) as tx:
        tx.calendars.add(make.make_calendar())
    term = {
        "period": {"start": "2020-01-01"},
        "calendar_id": "plain",
        "weekly_minutes": [480] * 5 + [0] * 2,
        "cost_rate": "71.3391",
        "employment": "employee",
    }
    person = {"name": "Ann", "terms": [term]}
    who = somebody(application, "admin")
    theirs = client_of(application, who)
    created = theirs.post("/v1/people", json=person, headers=KEY)
    assert created.json()["terms"][0]["cost_rate"] == "71.3391"

    def become(**rights: Any) -> None:
        read = client.get(f"/v1/users/{who.user.id}")
        assert client.patch(f"/v1/users/{who.user.id}", json=rights, headers={"If-Match": read.headers["ETag"]}).status_code == 200

    become(role="resource_manager")
    refused = theirs.post("/v1/people", json=person, headers=KEY)
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency.rights_changed")
    assert "71.3391" not in refused.text
    become(role="admin")
    again = theirs.post("/v1/people", json=person, headers=KEY)
    assert (again.status_code, again.content, again.headers["Idempotent-Replay"]) == (201, created.content, "true")
    assert len(client.get("/v1/people").json()["items"]) == 1

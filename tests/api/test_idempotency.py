"""The same POST sent again, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.testclient import TestClient

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

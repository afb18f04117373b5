"""What is somebody else's is nobody's to change: by its id, in a body, and by whoever may only look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.ground.access import LOCAL
from tests.api.access_firm import make_firm_of_two, somebody
from tests.api.walking import MISSING

if TYPE_CHECKING:
    from scheduler.application import Application

PERIOD = {"start": "2027-05-03", "end": "2027-05-08"}
TAG = {"If-Match": '"1"'}


def client_of(application: Application, role: str) -> TestClient:
    return TestClient(create_app(application), base_url="http://127.0.0.1:8000", headers=somebody(application, role).headers)


def absences(application: Application) -> list[Any]:
    with application.store.read(LOCAL) as view:
        return list(view.absences.all())


def without_request_id(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}


def test_a08_a_member_keeps_absences_of_their_own_and_of_nobody_else(application: Application) -> None:
    """
    Their own they create, change and delete. Another's person id in a body is as one that is not there (422), another's absence is
    not there (404); their own cannot be handed to somebody else. Nothing is written.
    """
    make_firm_of_two(application)
    member = client_of(application, "member")
    before = absences(application)
    foreign, missing = (member.post("/v1/absences", json={"person_id": person, "period": PERIOD}) for person in ("bob", MISSING))
    assert (foreign.status_code, foreign.json()["errors"][0]["code"]) == (422, "reference.not_found")
    assert without_request_id(foreign) == without_request_id(missing), "word for word"
    for answer in (
        member.get("/v1/absences/absence-bob"),
        member.patch("/v1/absences/absence-bob", json={"kind": "x"}, headers=TAG),
        member.delete("/v1/absences/absence-bob", headers=TAG),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "record.not_found")
    handed = member.patch("/v1/absences/absence-ann", json={"person_id": "bob"}, headers=TAG)
    assert (handed.status_code, handed.json()["errors"][0]["code"]) == (422, "reference.not_found")
    assert absences(application) == before
    made = member.post("/v1/absences", json={"person_id": "ann", "period": PERIOD})
    assert made.status_code == 201, made.text
    address = f"/v1/absences/{made.json()['id']}"
    assert member.patch(address, json={"kind": "training"}, headers=TAG).json()["kind"] == "training"
    assert member.delete(address, headers={"If-Match": '"2"'}).status_code == 204
    assert [one["person_id"] for one in member.get("/v1/absences").json()["items"]] == ["ann"]


def test_a08_what_is_seen_and_not_theirs_to_do_is_forbidden(application: Application) -> None:
    """A project manager sees Ann, finance everybody's absences, a planner of North Bob's project: 403, and nothing is written."""
    make_firm_of_two(application)
    before = absences(application)
    lead, finance, north = (client_of(application, role) for role in ("project_manager", "finance", "resource_manager_of_north"))
    refused = [
        lead.post("/v1/absences", json={"person_id": "ann", "period": PERIOD}),
        finance.post("/v1/absences", json={"person_id": "ann", "period": PERIOD}),
        finance.patch("/v1/absences/absence-bob", json={"kind": "x"}, headers=TAG),
        finance.delete("/v1/absences/absence-bob", headers=TAG),
        client_of(application, "member").patch("/v1/bookings/booking-ann", json={"state": "tentative"}, headers=TAG),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(403, "access.denied")] * len(refused)
    body = {"person_id": "bob", "project_id": "beta", "weekly_minutes": 60, "period": PERIOD}
    assert north.post("/v1/bookings", json=body).json()["errors"][0]["code"] == "reference.not_found"
    assert absences(application) == before

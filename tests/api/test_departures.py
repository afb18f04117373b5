"""Somebody leaves: over HTTP, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from api.app import create_app
from tests import factories as make
from tests.api.access_firm import make_firm_of_two, somebody

if TYPE_CHECKING:
    from scheduler.application import Application


def test_a_person_who_leaves_is_out_and_their_work_is_open(application: Application) -> None:
    """A planner deactivates; the member's token dies at once, bookings end, cost stays hidden and kept; strangers' people are 404."""
    make_firm_of_two(application)

    def client(name: str) -> TestClient:
        return TestClient(create_app(application), base_url="http://127.0.0.1:8000", headers=somebody(application, name).headers)

    admin, north, member = client("admin"), client("resource_manager_of_north"), client("member")
    assert member.get("/v1/session").status_code == 200
    leaves = {"leaves": make.monday(1).isoformat()}
    assert north.post("/v1/people/bob/deactivate", json=leaves).status_code == 404
    answer = north.post("/v1/people/ann/deactivate", json=leaves, headers={"Idempotency-Key": "once"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["bookings_shortened"] == ["booking-ann"]
    again = north.post("/v1/people/ann/deactivate", json=leaves, headers={"Idempotency-Key": "once"})
    assert again.content == answer.content
    assert member.get("/v1/session").status_code == 401
    assert admin.get("/v1/bookings/booking-ann").json()["period"]["end"] == make.monday(1).isoformat()
    term = admin.get("/v1/people/ann").json()["terms"][0]
    assert (term["period"]["end"], term["cost_rate"]) == (make.monday(1).isoformat(), "71.3391")
    assert [user["is_active"] for user in admin.get("/v1/users", params={"role": "member"}).json()["items"]] == [False]

"""Somebody leaves: over HTTP, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.ground.ids import PersonId
from tests import factories as make
from tests.api.access_firm import make_firm_of_two, somebody

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.application import Application


def test_a_person_who_leaves_is_out_and_their_work_is_open(application: Application) -> None:
    """A planner deactivates; the member's token dies at once, bookings end, cost stays hidden and kept; strangers' people are 404."""
    make_firm_of_two(application)

    client = _client_for(application)
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


def test_a_planner_does_not_end_an_admins_access(application: Application) -> None:
    """Who plans people may let them go, but not an admin: that takes the right over users, and the last admin nobody lets go."""
    make_firm_of_two(application)
    boss = somebody(application, "admin", person_id=PersonId("ann"))
    client = _client_for(application)
    leaves = {"leaves": make.monday(1).isoformat()}
    for planner in ("resource_manager", "resource_manager_of_north"):
        refused = client(planner).post("/v1/people/ann/deactivate", json=leaves)
        assert (refused.status_code, refused.json()["code"], refused.json()["permission"]) == (403, "person.is_admin", "users:change")
    told = client("admin")
    mine = TestClient(create_app(application), base_url="http://127.0.0.1:8000", headers=boss.headers)
    assert mine.get("/v1/session").status_code == 200
    assert told.post("/v1/people/ann/deactivate", json=leaves).status_code == 200
    assert mine.get("/v1/session").status_code == 401


def test_no_door_locks_the_last_admin_out(application: Application) -> None:
    """Change, disabling, deactivation of the person and all of SCIM's doors, by the admin themselves: 409, and they are still in."""
    make_firm_of_two(application)
    boss = somebody(application, "admin", person_id=PersonId("ann"), external_id="E-1")
    mine = TestClient(create_app(application), base_url="http://127.0.0.1:8000", headers=boss.headers)
    user, scim, stale = f"/v1/users/{boss.user.id}", f"/scim/v2/Users/{boss.user.id}", {"If-Match": '"1"'}
    off = {"Operations": [{"op": "replace", "path": "active", "value": False}]}
    answers = [
        mine.patch(user, json={"role": "member"}, headers=stale),
        mine.patch(user, json={"is_active": False}, headers=stale),
        mine.post("/v1/people/ann/deactivate", json={"leaves": make.monday(1).isoformat()}),
        mine.patch(scim, json=off),
        mine.put(scim, json={"userName": boss.user.login, "active": False}),
        mine.put(scim, json={"userName": boss.user.login, "roles": [{"value": "member"}]}),
        mine.delete(scim),
    ]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [(409, "user.last_admin")] * len(answers)
    deleted = mine.delete("/v1/people/ann", headers=stale)
    assert (deleted.status_code, deleted.json()["code"]) == (409, "record.in_use")
    assert mine.get("/v1/session").json()["role"] == "admin"
    assert mine.get("/v1/bookings/booking-ann").status_code == 200, "nothing else came of it"


def _client_for(application: Application) -> Callable[[str], TestClient]:
    return lambda name: TestClient(create_app(application), base_url="http://127.0.0.1:8000", headers=somebody(application, name).headers)

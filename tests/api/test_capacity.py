"""Capacity over HTTP: refused with what is free, let in with a reason and the right, flagged when somebody falls ill."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.permissions import Role
from scheduler.usecases.users import create_user
from tests.factories import make_calendar, make_firm, make_person, make_project, make_skill
from tests.logins import bearer, make_user

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from scheduler.application import Application

WEEK = {"start": "2027-03-01", "end": "2027-03-08"}


@pytest.fixture(autouse=True)
def firm(application: Application) -> None:
    """One person and a project."""
    with application.store.begin(LOCAL) as tx:
        tx.firm.save(make_firm())
        tx.calendars.add(make_calendar())
        tx.skills.add(make_skill())
        tx.people.add(make_person())
        tx.projects.add(make_project())


def booking(minutes: int, **changes: Any) -> dict[str, Any]:
    return {"person_id": "ann", "project_id": "alpha", "weekly_minutes": minutes, "period": WEEK, **changes}


def test_c01_beyond_capacity_over_http(client: TestClient) -> None:
    """409 with the days and what is free on each; with a reason it is let in, flagged and found."""
    assert client.post("/v1/bookings", json=booking(1_440)).status_code == 201
    refused = client.post("/v1/bookings", json=booking(1_200))
    assert (refused.status_code, refused.json()["code"], refused.json()["free_minutes"]) == (409, "capacity.exceeded", 960)
    assert [(day["day"], day["free_minutes"], day["over_minutes"]) for day in refused.json()["days"]] == [
        (f"2027-03-0{n}", 192, 48) for n in range(1, 6)
    ]
    let_in = client.post("/v1/bookings", json=booking(1_200), params={"override_reason": "Go-live"})
    assert (let_in.status_code, let_in.json()["over_capacity"]) == (201, True)
    listed = client.get("/v1/bookings", params={"over_capacity": "true"}).json()["items"]
    assert [one["over_capacity"] for one in listed] == [True, True]
    assert client.get("/v1/bookings", params={"over_capacity": "false"}).json()["items"] == []
    changed = client.patch(
        f"/v1/bookings/{let_in.json()['id']}", json={"over_capacity": False}, headers={"If-Match": let_in.headers["ETag"]}
    )
    assert (changed.status_code, changed.json()["code"]) == (422, "field.read_only")


def test_sick_leave_is_never_refused(client: TestClient) -> None:
    """A full week and a day of illness: 201, and the booking is flagged until the absence is gone."""
    made = client.post("/v1/bookings", json=booking(2_400)).json()
    absence = {"person_id": "ann", "period": {"start": "2027-03-02", "end": "2027-03-03"}, "kind": "sickness"}
    sick = client.post("/v1/absences", json=absence)
    assert sick.status_code == 201
    address = f"/v1/bookings/{made['id']}"
    assert client.get(address).json()["over_capacity"]
    assert client.delete(f"/v1/absences/{sick.json()['id']}", headers={"If-Match": '"1"'}).status_code == 204
    assert not client.get(address).json()["over_capacity"]


@pytest.mark.parametrize(
    ("body", "params", "right"),
    [
        (booking(60, state="tentative"), {"override_reason": "Because"}, "bookings:overbook"),
        (booking(60), {}, "bookings:confirm"),
        (booking(60, state="locked"), {}, "bookings:lock"),
    ],
    ids=["overbook", "confirm", "lock"],
)
def test_each_of_these_needs_its_right(
    application: Application, client: TestClient, body: dict[str, Any], params: dict[str, str], right: str
) -> None:
    """A token without the scope is told which right it lacks; a tentative booking needs none of them."""
    given = {"bookings:read", "bookings:create", "people:read", "projects:read"}
    user = create_user(application.store, actor=LOCAL, user=make_user(role=Role.ADMIN), now=datetime.now(UTC))
    client.headers.update(bearer(application, user, scopes=given))
    refused = client.post("/v1/bookings", json=body, params=params)
    assert (refused.status_code, refused.json()["permission"]) == (403, right)
    assert client.post("/v1/bookings", json=booking(60, state="tentative")).status_code == 201

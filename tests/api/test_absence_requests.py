"""Asking for days off over HTTP, on both databases: deciding, balances, what an approval hits, and who sees what of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import PersonId
from scheduler.domain.ground.permissions import Role
from scheduler.usecases.users import create_user
from tests.api.access_firm import make_firm_of_two, somebody
from tests.api.scenario_calls import apply, make_scenario
from tests.factories import make_absence_kind, make_sick_leave, monday
from tests.logins import bearer, make_user

if TYPE_CHECKING:
    from datetime import date

    from httpx2 import Response

    from scheduler.application import Application

BASE = "http://127.0.0.1:8000"
REQUESTS = "/v1/absence-requests"


@pytest.fixture
def firm(application: Application) -> Application:
    """Ann is booked on Alpha for four weeks and had a day of vacation, so 20 half days are left; vacation has to be approved, sickness not."""
    make_firm_of_two(application)
    with application.store.begin(LOCAL) as tx:
        tx.area("absence_kinds").add(make_absence_kind(entitlement=22, first_year=2027))
        tx.area("absence_kinds").add(make_sick_leave())
    return application


def client_of(application: Application, role: str, **more: Any) -> TestClient:
    headers = somebody(application, role, **more).headers
    return TestClient(create_app(application), base_url=BASE, headers=headers, raise_server_exceptions=False)


def ask(client: TestClient, first: date, end: date, **more: Any) -> Response:
    period = {"start": first.isoformat(), "end": end.isoformat()}
    return client.post(REQUESTS, json={"person_id": "ann", "kind_id": "vacation", "period": period, **more})


def asked(client: TestClient, first: date, end: date, **more: Any) -> str:
    answer = ask(client, first, end, **more)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"{BASE}{REQUESTS}/{answer.json()['request']['id']}"
    own: str = answer.json()["request"]["id"]
    return own


def decide(client: TestClient, own: str, step: str, version: int = 1, **body: str) -> Response:
    return client.post(f"{REQUESTS}/{own}/{step}", json=body or None, headers={"If-Match": f'"{version}"'})


def left(client: TestClient, year: int = 2027) -> int:
    answer = client.get("/v1/people/ann/absence-balances", params={"year": year})
    assert answer.status_code == 200, answer.text
    (found,) = [one for one in answer.json()["balances"] if one["kind"] == "vacation"]
    assert found["left"] == sum(row["units"] for row in found["rows"])
    return int(found["left"])


def test_an_approved_request_is_an_absence_that_hits_bookings(firm: Application) -> None:
    """The half days are half, the bookings in its weeks are flagged and listed, and the plan that is offered can be asked for as it is."""
    ann, boss = client_of(firm, "member"), client_of(firm, "resource_manager")
    busy = {"person_id": "ann", "project_id": "alpha", "weekly_minutes": 1_200, "period": {"start": "2027-03-01", "end": "2027-03-29"}}
    assert boss.post("/v1/bookings", json=busy).status_code == 201
    own = asked(ann, monday(1), monday(2), first_half=True, note="To the sea")
    assert ann.get("/v1/absences", params={"from": "2027-03-08", "until": "2027-03-15"}).json()["items"] == []
    answer = decide(boss, own, "approve")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["request"]["state"], found["request"]["version"], answer.headers["ETag"]) == ("approved", 2, '"2"')
    listed = ann.get("/v1/absences", params={"from": "2027-03-08", "until": "2027-03-15"}).json()["items"]
    assert [(one["period"]["start"], one["part"], one["kind"], one["request_id"]) for one in listed] == [
        ("2027-03-08", "half", "vacation", own),
        ("2027-03-09", "whole", "vacation", own),
    ]
    flagged = {one["id"] for one in boss.get("/v1/bookings", params={"over_capacity": "true"}).json()["items"]}
    assert {one["booking_id"] for one in found["bookings"]} == flagged >= {"booking-ann"}
    offered = found["replan"]
    assert offered["body"] == {"horizon_start": "2027-03-08", "weeks": 1, "project_ids": ["alpha"]}
    assert boss.post(offered["address"], json=offered["body"]).status_code == 202


def test_sickness_is_recorded_at_once_and_gives_vacation_back(firm: Application) -> None:
    """No approver, during a vacation, by the person; the sick days count against no balance, and a member is offered no plan."""
    ann, boss = client_of(firm, "member"), client_of(firm, "resource_manager")
    own = asked(ann, monday(1), monday(2))
    decide(boss, own, "approve")
    assert left(ann) == 10
    answer = ask(ann, monday(1), monday(1).replace(day=monday(1).day + 2), kind_id="sick")
    assert (answer.status_code, answer.json()["request"]["state"]) == (201, "approved"), answer.text
    assert [one["booking_id"] for one in answer.json()["bookings"]] == ["booking-ann"]
    assert answer.json()["replan"] is None
    assert left(ann) == 14
    again = ask(ann, monday(1), monday(2), kind_id="sick")
    assert (again.status_code, again.json()["code"], again.json()["id"]) == (409, "absence.overlap", answer.json()["request"]["id"])


def test_a_balance_is_spent_kept_and_given_back(firm: Application) -> None:
    """A request takes its part before it is decided; withdrawn, rejected or cancelled it gives it back; more than is left is refused."""
    ann, boss = client_of(firm, "member"), client_of(firm, "resource_manager")
    one = asked(ann, monday(1), monday(2))
    two = asked(ann, monday(2), monday(3))
    assert left(ann) == 0
    answer = ask(ann, monday(3), monday(3).replace(day=27), last_half=True)
    assert (answer.status_code, answer.json()["code"]) == (409, "absence_request.beyond_balance")
    assert (answer.json()["missing"], answer.json()["unit"]) == (9, "half_days")
    assert decide(ann, two, "withdraw").json()["request"]["state"] == "withdrawn"
    assert left(ann) == 10
    assert decide(boss, one, "approve").status_code == 200
    cancelled = decide(boss, one, "cancel", 2, reason="The client needs you")
    assert (cancelled.json()["request"]["state"], cancelled.json()["bookings"]) == ("cancelled", [])
    assert left(ann) == 20
    three = asked(ann, monday(1), monday(2))
    assert decide(boss, three, "reject", reason="Too busy").json()["request"]["reason"] == "Too busy"
    assert left(ann) == 20
    assert boss.get("/v1/bookings", params={"over_capacity": "true"}).json()["items"] == []
    late = decide(boss, three, "approve", 2)
    assert (late.status_code, late.json()["code"]) == (409, "absence_request.illegal_step")


def test_a_policy_may_warn_instead(firm: Application) -> None:
    """The request is taken and says by how much it overdraws; the next year begins with the debt."""
    ann, admin = client_of(firm, "member"), client_of(firm, "admin")
    changed = admin.patch("/v1/absence-kinds/vacation", json={"beyond_balance": "warned"}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    answer = ask(ann, monday(1), monday(4))
    assert answer.status_code == 201, answer.text
    assert answer.json()["warnings"] == ["On 2027-04-05 the balance of vacation is overdrawn by 10 half days."]
    assert (left(ann), left(ann, 2028)) == (-10, 12)


def test_four_eyes(firm: Application) -> None:
    """Nobody decides for themselves or what they asked for on behalf of somebody; of another team nobody sees it; versions are kept."""
    boss, other = client_of(firm, "resource_manager"), client_of(firm, "resource_manager")
    headers = bearer(
        firm, create_user(firm.store, actor=LOCAL, user=make_user(role=Role.ADMIN, person_id=PersonId("ann")), now=datetime.now(UTC))
    )
    ann_as_admin = TestClient(create_app(firm), base_url=BASE, headers=headers)
    own = asked(boss, monday(1), monday(2))
    for client in (boss, ann_as_admin):
        answer = decide(client, own, "approve")
        assert (answer.status_code, answer.json()["code"]) == (403, "absence_request.own")
    north = client_of(firm, "resource_manager_of_north")
    assert north.get(f"{REQUESTS}/{own}").status_code == 200
    assert decide(north, "request-bob", "approve").status_code == 404
    assert decide(other, own, "approve", 7).json()["code"] == "version.stale"
    assert other.post(f"{REQUESTS}/{own}/approve").json()["code"] == "version.required"
    assert decide(other, own, "approve").status_code == 200


def test_nobody_goes_around_the_request(firm: Application) -> None:
    """Where somebody has to be asked, the person records no absence of theirs by hand; an absence of a request goes with it alone."""
    ann, boss = client_of(firm, "member"), client_of(firm, "resource_manager")
    period = {"start": monday(1).isoformat(), "end": monday(2).isoformat()}
    for kind in ("vacation", "holiday"):
        answer = ann.post("/v1/absences", json={"person_id": "ann", "period": period, "kind": kind})
        assert (answer.status_code, answer.json()["code"]) == (403, "absence.needs_request")
        assert answer.json()["allowed"] == ["sick", "training"]
    assert ann.delete("/v1/absences/absence-ann", headers={"If-Match": '"1"'}).json()["code"] == "absence.needs_request"
    own = asked(ann, monday(1), monday(2))
    decide(boss, own, "approve")
    (absence,) = [one for one in boss.get("/v1/absences").json()["items"] if one["request_id"] == own]
    address, tag = f"/v1/absences/{absence['id']}", {"If-Match": '"1"'}
    for answer in (boss.delete(address, headers=tag), boss.patch(address, json={"part": "half"}, headers=tag)):
        assert (answer.status_code, answer.json()["code"], answer.json()["absence_request_id"]) == (409, "absence.of_request", own)
    assert boss.patch(address, json={"request_id": None}, headers=tag).json()["errors"][0]["code"] == "field.read_only"


def test_no_scenario_goes_around_the_request(firm: Application) -> None:
    """A what-if may have the absence otherwise; applied it would change what was approved, so it is refused."""
    ann, boss = client_of(firm, "member"), client_of(firm, "resource_manager")
    own = asked(ann, monday(1), monday(2))
    decide(boss, own, "approve")
    (absence,) = [one["id"] for one in boss.get("/v1/absences").json()["items"] if one["request_id"] == own]
    changes: tuple[dict[str, Any], ...] = ({"kind": "remove_absence"}, {"kind": "change_absence", "fields": {"part": "half"}})
    for change in changes:
        scenario = make_scenario(boss, {**change, "id": absence}, name=change["kind"])
        answer = apply(boss, scenario)
        assert (answer.status_code, answer.json()["code"]) == (409, "absence.of_request"), answer.text
    assert boss.get(f"/v1/absences/{absence}").json()["version"] == 1


def test_a_request_for_days_nobody_works_is_refused(firm: Application) -> None:
    """A weekend takes nothing."""
    answer = ask(client_of(firm, "member"), monday(1).replace(day=13), monday(2))
    assert (answer.status_code, answer.json()["code"]) == (409, "absence_request.no_working_time")


def test_others_see_that_somebody_is_absent_and_no_more(firm: Application) -> None:
    """A project manager finds absences of who is booked on their projects, without kind; requests and balances they see none of."""
    ann, boss, lead = (client_of(firm, role) for role in ("member", "resource_manager", "project_manager"))
    decide(boss, asked(ann, monday(1), monday(2), note="Surgery"), "approve")
    shown = lead.get("/v1/absences").json()["items"]
    assert {(one["person_id"], one["kind"]) for one in shown} == {("ann", "absent")}
    assert len(shown) == 2
    assert lead.get("/v1/absences/absence-bob").status_code == 404
    assert lead.get("/v1/absences", params={"kind": "vacation"}).json()["code"] == "filter.not_allowed"
    assert lead.get(REQUESTS).status_code == 403
    assert lead.get("/v1/people/ann/absence-balances", params={"year": 2027}).status_code == 403
    assert "Surgery" not in lead.get("/v1/absences").text

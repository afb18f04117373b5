"""Putting plans in force over HTTP, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.access import LOCAL
from tests.factories import MONDAY, make_booking, make_calendar, make_demand, make_firm, make_person, make_project, make_skill

if TYPE_CHECKING:
    from httpx2 import Response
    from starlette.testclient import TestClient

    from scheduler.application import Application

ASKED = {"horizon_start": MONDAY.isoformat(), "weeks": 6, "limits": {"time_limit_s": 10}}


@pytest.fixture(autouse=True)
def firm(application: Application) -> None:
    """One person and a project that wants somebody."""
    with application.store.begin(LOCAL) as tx:
        tx.firm.save(make_firm())
        tx.calendars.add(make_calendar())
        tx.skills.add(make_skill())
        tx.people.add(make_person())
        tx.projects.add(make_project())
        tx.demands.add(make_demand())


def planned(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.post("/v1/plans", json=ASKED, headers={"Prefer": "wait=60"}).json()
    assert found["state"] == "succeeded"
    return found


def applied(client: TestClient, plan: dict[str, Any], *, key: str | None = None, **params: str) -> Response:
    headers = {"If-Match": f'"{plan["version"]}"'} | ({} if key is None else {"Idempotency-Key": key})
    return client.post(f"/v1/plans/{plan['id']}/apply", json={"state": "confirmed"}, headers=headers, params=params)


def bookings(client: TestClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/v1/bookings").json()["items"]
    return found


def test_a_plan_becomes_bookings(working_client: TestClient) -> None:
    """A dry run says what would be done; applying does just that, once, and says on the plan that it was done."""
    plan = planned(working_client)
    tried = applied(working_client, plan, dry_run="true")
    assert (tried.status_code, tried.json()["dry_run"], bookings(working_client)) == (200, True, [])
    answer = applied(working_client, plan, key="once")
    assert answer.status_code == 200, answer.text
    assert answer.json()["added"] == bookings(working_client)
    assert [(one["person_id"], one["plan_id"], one["state"]) for one in bookings(working_client)] == [("ann", plan["id"], "confirmed")]
    again = applied(working_client, plan, key="once")
    assert (again.content, again.headers["Idempotent-Replay"]) == (answer.content, "true")
    assert working_client.get(f"/v1/plans/{plan['id']}").json()["applied_by"] == working_client.get("/v1/session").json()["user_id"]
    booking = bookings(working_client)[0]
    address, version = f"/v1/bookings/{booking['id']}", {"If-Match": f'"{booking["version"]}"'}
    assert working_client.patch(address, json={"plan_id": "mine"}, headers=version).json()["code"] == "field.read_only"
    locked = working_client.patch(address, json={"state": "locked"}, headers=version).json()
    assert (locked["state"], locked["plan_id"]) == ("locked", plan["id"])


def test_s22_what_the_plan_rests_on_has_changed(working_client: TestClient) -> None:
    """A row that the plan touches has moved: nothing is applied, and the answer says which row and how."""
    plan = planned(working_client)
    changed = working_client.patch("/v1/people/ann", json={"max_demands": 3}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200
    answer = applied(working_client, plan)
    assert (answer.status_code, answer.json()["code"]) == (412, "plan.changed")
    assert [(row["area"], row["id"]) for row in answer.json()["rows"]] == [("people", "ann")]
    assert bookings(working_client) == []


def test_s23_the_same_plan_twice_and_two_plans_at_once(working_client: TestClient) -> None:
    """One application takes effect; the second, of the same plan or of another, is a conflict."""
    first, second = planned(working_client), planned(working_client)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda plan: applied(working_client, plan), (first, first, second, second)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {
        "plan.already_applied",
        "plan.superseded",
    }
    assert len(bookings(working_client)) == 1


def test_applying_needs_the_version_and_a_state(working_client: TestClient) -> None:
    """Which plan is meant, and how firm its bookings shall be, must be said."""
    plan = planned(working_client)
    address = f"/v1/plans/{plan['id']}/apply"
    assert working_client.post(address, json={"state": "confirmed"}).status_code == 428
    stale = working_client.post(address, json={"state": "confirmed"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["current_version"]) == (412, plan["version"])
    wrong = working_client.post(address, json={"state": "locked"}, headers={"If-Match": f'"{plan["version"]}"'})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "value.not_allowed")
    assert bookings(working_client) == []


def test_a_part_of_a_plan_and_its_diff(working_client: TestClient, application: Application) -> None:
    """The diff names the changes; one is applied by its id, a moved row beside it is listed, and the rest is applied after it."""
    with application.store.begin(LOCAL) as tx:
        tx.people.add(make_person("bob"))
        tx.demands.add(make_demand("second"))
    plan = planned(working_client)
    address = f"/v1/plans/{plan['id']}"
    diff = working_client.get(f"{address}/diff").json()
    assert (diff["before_minutes"], diff["change_minutes"], diff["next_cursor"]) == (0, 8 * 1_200, None)
    assert len(diff["remaining"]) == 2
    week = diff["items"][0]
    assert (week["week"], week["before_minutes"], week["capacity_minutes"]) == (MONDAY.isoformat(), 0, 2_400)
    chosen = diff["remaining"][0]
    assert chosen in {one["id"] for one in plan["plan"]["assignments"]}
    moved = working_client.post(
        "/v1/absences", json={"person_id": "ann", "period": {"start": "2028-01-03", "end": "2028-01-04"}, "kind": "vacation"}
    )
    assert moved.status_code == 201, moved.text
    body = {"state": "tentative", "part": {"assignment_ids": [chosen]}}
    first = working_client.post(f"{address}/apply", json=body, headers={"If-Match": f'"{plan["version"]}"'})
    assert first.status_code == 200, first.text
    assert (len(first.json()["added"]), first.json()["remaining"], first.json()["other_count"]) == (1, diff["remaining"][1:], 1)
    assert [(one["area"], one["change"]) for one in first.json()["other_moves"]] == [("absences", "added")]
    assert working_client.get(f"{address}/diff").json()["remaining"] == diff["remaining"][1:]
    rest = working_client.post(f"{address}/apply", json={"state": "tentative"}, headers={"If-Match": f'"{first.json()["version"]}"'})
    assert (rest.status_code, rest.json()["remaining"], len(bookings(working_client))) == (200, [], 2)
    wrong = {"state": "tentative", "part": {"person_ids": ["zoe"]}}
    refused = working_client.post(f"{address}/apply", json=wrong, headers={"If-Match": f'"{rest.json()["version"]}"'})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/part/person_ids/0")
    assert working_client.get(f"{address}/diff", params={"cursor": "made-up"}).json()["code"] == "cursor.invalid"


def test_s22_a_plan_may_be_checked_again(working_client: TestClient) -> None:
    """With ``revalidate`` a plan that still holds is applied although a row that it touches has moved."""
    plan = planned(working_client)
    more = {"max_demands": 5}
    assert working_client.patch("/v1/people/ann", json=more, headers={"If-Match": '"1"'}).status_code == 200
    assert applied(working_client, plan).json()["code"] == "plan.changed"
    body = {"state": "confirmed", "revalidate": True}
    answer = working_client.post(f"/v1/plans/{plan['id']}/apply", json=body, headers={"If-Match": f'"{plan["version"]}"'})
    assert (answer.status_code, len(bookings(working_client))) == (200, 1)


def test_the_firms_settings_may_change_before_a_plan_is_applied(working_client: TestClient) -> None:
    """No change of a plan rests on them; that they have changed is said, and not how where it tells an amount."""
    plan = planned(working_client)
    version = working_client.get("/v1/firm").headers["ETag"]
    changed = working_client.patch("/v1/firm", json={"name": "Renamed", "shadow_rate": "77"}, headers={"If-Match": version})
    assert changed.status_code == 200, changed.text
    answer = applied(working_client, plan)
    assert answer.status_code == 200, answer.text
    (moved,) = answer.json()["other_moves"]
    assert (moved["area"], moved["change"], moved["fields"]["shadow_rate"]) == ("firm", "changed", None)
    assert moved["fields"]["name"]["now"] == "Renamed"


def test_a_diff_of_a_plan_that_takes_away_what_is_gone_already(working_client: TestClient, application: Application) -> None:
    """Somebody's only booking, which the plan drops, was deleted meanwhile: nothing of theirs changes any more."""
    with application.store.begin(LOCAL) as tx:
        tx.people.add(make_person("bob"))
        tx.demands.add(make_demand("other", bill_rate=Decimal(1)))
        tx.bookings.add(make_booking("bob", demand="alpha-other", id="gone"))
    plan = planned(working_client)
    diff = working_client.get(f"/v1/plans/{plan['id']}/diff").json()
    assert {one["person_id"] for one in diff["items"]} == {"ann", "bob"}, diff
    assert working_client.delete("/v1/bookings/gone", headers={"If-Match": '"1"'}).status_code == 204
    left = working_client.get(f"/v1/plans/{plan['id']}/diff")
    assert left.status_code == 200, left.text
    assert {one["person_id"] for one in left.json()["items"]} == {"ann"}

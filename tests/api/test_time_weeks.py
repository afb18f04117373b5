"""Weeks of worked time over HTTP: the grid, copies, what bookings propose, and what is missing; on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.time_policies import PolicyRule, RuleKind
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import BookingId, ClientId, ProjectId
from scheduler.domain.staffing.people import DayPart
from scheduler.domain.staffing.work import BookingState
from tests import factories as make
from tests.api.access_firm import make_firm_of_two
from tests.api.test_time_entries import client_of, logged, set_policy, set_state

if TYPE_CHECKING:
    from httpx2 import Response
    from starlette.testclient import TestClient

    from scheduler.application import Application

WEEK = make.monday(0)
"""1 March 2027: Ann is booked on Alpha for 20 hours in it."""


@pytest.fixture
def member(application: Application) -> TestClient:
    """Ann."""
    make_firm_of_two(application)
    return client_of(application)


def day(number: int, week: date = WEEK) -> str:
    return (week + timedelta(days=number)).isoformat()


def cell(number: int, minutes: int, **more: Any) -> dict[str, Any]:
    return {"project_id": "alpha", "day": day(number), "minutes": minutes, **more}


def put(client: TestClient, *cells: dict[str, Any], person: str = "ann") -> Response:
    return client.put(f"/v1/people/{person}/time-week", json={"week": WEEK.isoformat(), "cells": list(cells)})


def week_of(client: TestClient, week: date = WEEK, person: str = "ann") -> dict[str, Any]:
    answer = client.get(f"/v1/people/{person}/time-week", params={"week": week.isoformat()})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def faults(answer: Response) -> list[tuple[str, str]]:
    return [(one["code"], one["pointer"]) for one in answer.json()["errors"]]


def test_a_week_is_set_and_read_as_a_grid(application: Application, member: TestClient) -> None:
    """Rows by what was worked on, sums by row, day and week; cells are changed by entry and version, and go at 0."""
    with application.store.begin(LOCAL) as tx:
        tx.absences.add(make.make_absence("ann", first=WEEK + timedelta(days=4), part=DayPart.HALF))
    found = put(member, cell(0, 240, note="Kick-off"), cell(1, 60), cell(0, 30, task_id="alpha-design", is_billable=False)).json()
    assert [(row["task_id"], row["is_billable"], row["minutes"]) for row in found["rows"]] == [
        (None, True, 300),
        ("alpha-design", False, 30),
    ]
    assert [(one["target_minutes"], one["logged_minutes"]) for one in found["days"]][:2] == [(480, 270), (480, 60)]
    assert (found["target_minutes"], found["logged_minutes"], found["iso_week"]) == (4 * 480 + 240, 330, "2027-W09")
    assert found["days"][4]["target_minutes"] == 240
    monday, tuesday = (one["entries"][0] for one in found["rows"][0]["cells"])
    changed = put(member, cell(0, 300, entry_id=monday["id"], version=1), cell(1, 0, entry_id=tuesday["id"], version=1), cell(2, 0)).json()
    assert [(one["day"], one["minutes"], one["entries"][0]["note"]) for one in changed["rows"][0]["cells"]] == [(day(0), 300, "Kick-off")]
    assert changed == {**week_of(member), "warnings": changed["warnings"]}
    same = put(member, cell(0, 300, entry_id=monday["id"], version=2)).json()
    assert same["rows"][0]["cells"][0]["entries"][0]["version"] == 2, "what does not differ is not written"
    assert member.get("/v1/people/ann/time-week", params={"week": day(1)}).json()["errors"][0]["code"] == "week.not_monday"


def test_a_week_is_set_whole_or_not_at_all(application: Application, member: TestClient) -> None:
    """Faults of all cells at once, each at its place; a stale version, or a cell that somebody filled meanwhile, writes nothing."""
    (entry,) = logged(member, work_date=day(3), minutes=60)
    before = week_of(member)
    bad = put(member, cell(0, 60), cell(9, 60), cell(1, 60, entry_id="nothing", version=1), cell(0, 30))
    assert faults(bad) == [
        ("time.outside_week", "/cells/1/day"),
        ("reference.not_found", "/cells/2/entry_id"),
        ("list.duplicate", "/cells/3"),
    ]
    worse = put(member, cell(0, 60, task_id="beta-design"), cell(1, 60, project_id="beta"))
    assert faults(worse) == [("reference.not_found", "/cells/0/task_id"), ("reference.not_found", "/cells/1/project_id")]
    taken = put(member, cell(0, 60), cell(3, 60))
    assert (taken.status_code, taken.json()["code"], faults(taken)[0][1]) == (409, "time.cell_taken", "/cells/1/entry_id")
    assert entry["id"] in taken.json()["detail"]
    stale = put(member, cell(0, 60), cell(3, 60, entry_id=entry["id"], version=7, note="x"))
    assert (stale.status_code, stale.json()["code"], stale.json()["id"]) == (412, "version.stale", entry["id"])
    set_policy(application, PolicyRule(kind=RuleKind.MAX_MINUTES_PER_DAY, figure=100), PolicyRule(kind=RuleKind.TASK_REQUIRED))
    broken = put(member, cell(0, 60), cell(3, 70, task_id="alpha-design"))
    assert faults(broken) == [("time.task_required", "/cells/0/task_id"), ("time.day_full", "/cells/1/minutes")]
    assert week_of(member)["rows"] == before["rows"]


def test_iso_week_53_and_a_leap_day(member: TestClient) -> None:
    """The week that begins on 28 December 2026 is the 53rd and ends in the new year; 29 February 2028 is a day like others."""
    for work_date in ("2026-12-31", "2027-01-03", "2027-01-04", "2028-02-29"):
        logged(member, work_date=work_date)
    last = week_of(member, date(2026, 12, 28))
    assert (last["iso_week"], last["logged_minutes"], last["days"][-1]["day"]) == ("2026-W53", 120, "2027-01-03")
    assert (week_of(member, date(2027, 1, 4))["iso_week"], week_of(member, date(2027, 1, 4))["logged_minutes"]) == ("2027-W01", 60)
    assert [(one["day"], one["logged_minutes"]) for one in week_of(member, date(2028, 2, 28))["days"]][1] == ("2028-02-29", 60)


def test_last_week_is_copied_once(application: Application, member: TestClient) -> None:
    """Minutes by row and day as drafts, without clock times; what is there already, and what a rule forbids, is left out and said."""
    span = {"started_at": f"{day(0)}T09:00", "ended_at": f"{day(0)}T10:30", "zone": "Europe/Berlin"}
    (first,) = logged(member, **span, note="Kick-off", external_id="x")
    logged(member, work_date=day(1), minutes=30)
    set_state(application, first["id"], LineState.APPROVED)
    after = WEEK + timedelta(weeks=1)
    assert [row["project_id"] for row in week_of(member, after)["earlier_rows"]] == ["alpha"]
    answer = member.post("/v1/people/ann/time-week/copy", json={"week": after.isoformat()})
    assert answer.status_code == 200, answer.text
    made = answer.json()["entries"]
    assert [(one["work_date"], one["minutes"], one["state"], one["started_at"], one["note"], one["external_id"]) for one in made] == [
        (day(0, after), 90, "draft", None, None, None),
        (day(1, after), 30, "draft", None, None, None),
    ]
    again = member.post("/v1/people/ann/time-week/copy", json={"week": after.isoformat(), "with_notes": True}).json()
    assert (again["entries"], again["skipped"]) == ([], [])
    set_policy(application, PolicyRule(kind=RuleKind.MAX_MINUTES_PER_DAY, figure=60), PolicyRule(kind=RuleKind.TASK_REQUIRED))
    later = member.post(
        "/v1/people/ann/time-week/copy", json={"week": (after + timedelta(weeks=1)).isoformat(), "source": day(0), "with_notes": True}
    ).json()
    assert [(one["code"], one["minutes"]) for one in later["skipped"]] == [("time.day_full", 90)]
    assert [one["minutes"] for one in later["entries"]] == [30]
    assert [one["code"] for one in later["warnings"]] == ["time.task_required"], "a draft may lack it for now"


def test_bookings_propose_their_minutes_of_each_day_once(application: Application, member: TestClient) -> None:
    """Confirmed ones, shortened by absences, tied to booking and demand; days that have something on the project get no more."""
    with application.store.begin(LOCAL) as tx:
        tx.projects.add(make.make_project("gamma", client_id=ClientId("acme")))
        booking = make.make_booking(demand=None, project="gamma", id=BookingId("gamma"), weekly_minutes=600)
        tx.bookings.add(booking)
        tx.bookings.add(make.make_booking(demand=None, project="beta", id=BookingId("maybe"), state=BookingState.TENTATIVE))
    logged(member, project_id="gamma", work_date=day(1), minutes=45)
    answer = member.post("/v1/people/ann/time-week/prefill", json={"week": day(0)})
    assert answer.status_code == 200, answer.text
    made = [(one["booking_id"], one["demand_id"], one["work_date"], one["minutes"]) for one in answer.json()["entries"]]
    assert [one for one in made if one[0] == "booking-ann"] == [("booking-ann", "alpha-lead", day(n), 240) for n in range(5)]
    assert [one for one in made if one[0] == "gamma"] == [("gamma", None, day(n), 120) for n in (0, 2, 3, 4)]
    assert len(made) == 9
    assert member.post("/v1/people/ann/time-week/prefill", json={"week": day(0)}).json()["entries"] == []
    found = week_of(member)
    assert found["logged_minutes"] == 5 * 240 + 4 * 120 + 45
    entry = next(one for one in answer.json()["entries"] if one["booking_id"] == "booking-ann")
    changed = member.patch(f"/v1/time-entries/{entry['id']}", json={"minutes": 200}, headers={"If-Match": '"1"'}).json()["entries"][0]
    assert (changed["booking_id"], changed["minutes"]) == ("booking-ann", 200)


def test_whose_week_is_seen_by_whom(application: Application, member: TestClient) -> None:
    """One's own whole; a lead the lines of own projects, without targets; a team's manager the team's; a client nothing."""
    with application.store.begin(LOCAL) as tx:
        tx.projects.add(make.make_project("gamma"))
        tx.bookings.add(make.make_booking(demand=None, project="gamma", id=BookingId("gamma"), weekly_minutes=60))
    put(member, cell(0, 60), cell(0, 30, project_id="gamma"))
    lead = client_of(application, "project_manager", person_id=None)
    seen = week_of(lead)
    assert ([row["project_id"] for row in seen["rows"]], seen["target_minutes"], seen["warnings"]) == (["alpha"], None, [])
    north = client_of(application, "resource_manager_of_north")
    assert (week_of(north)["logged_minutes"], week_of(north)["target_minutes"]) == (90, 2400)
    assert put(north, cell(1, 60)).json()["code"] == "access.out_of_scope"
    for client, person in ((north, "bob"), (member, "bob"), (client_of(application, "client_viewer"), "ann")):
        answer = client.get(f"/v1/people/{person}/time-week", params={"week": day(0)})
        assert (answer.status_code, answer.json()["code"]) == (404, "record.not_found")
    own = client_of(application, "project_manager", login="ann-leads", project_ids=frozenset({ProjectId("beta")}))
    assert week_of(own)["logged_minutes"] == 90, "a lead's own week is whole, also on projects of others"
    assert put(own, cell(1, 60)).status_code == 200


def test_missing_time_by_person_and_week(application: Application, member: TestClient) -> None:
    """Target less logged, in whatever state; page by page; of those whose whole time one sees."""
    put(member, *(cell(number, 480) for number in range(5)))
    finance = client_of(application, "finance", person_id=None)

    def missing(client: TestClient, **query: Any) -> list[tuple[str, str, int]]:
        answer = client.get("/v1/missing-time", params={"week": day(0), **query})
        assert answer.status_code == 200, answer.text
        return [(one["person_id"], one["week"], one["missing_minutes"]) for one in answer.json()["items"]]

    second = day(0, WEEK + timedelta(weeks=1))
    everybody = [("ann", second, 2400), ("bob", day(0), 2400), ("bob", second, 2400)]
    assert missing(finance, weeks=2) == everybody
    page = finance.get("/v1/missing-time", params={"week": day(0), "weeks": 2, "limit": 1}).json()
    assert [one["person_id"] for one in page["items"]] == ["ann"]
    rest = finance.get("/v1/missing-time", params={"week": day(0), "weeks": 2, "limit": 10, "cursor": page["next_cursor"]}).json()
    assert ([one["person_id"] for one in rest["items"]], rest["next_cursor"]) == (["bob", "bob"], None)
    assert missing(finance, team="South") == [("bob", day(0), 2400)]
    assert missing(member, weeks=2) == [("ann", second, 2400)]
    assert missing(client_of(application, "resource_manager_of_north"), weeks=2) == [("ann", second, 2400)]
    assert missing(client_of(application, "project_manager", person_id=None), weeks=2) == []
    assert client_of(application, "client_viewer").get("/v1/missing-time", params={"week": day(0)}).status_code == 403

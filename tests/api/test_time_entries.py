"""Worked time over HTTP, entry by entry, on both databases."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.tasks import TaskKind, TaskState
from scheduler.domain.delivery.time_policies import PolicyRule, RuleKind, Severity, TimePolicy
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import ProjectId, TimePolicyId
from scheduler.domain.staffing.work import ContractKind, ProjectState
from tests import factories as make
from tests.api.access_firm import make_firm_of_two, somebody
from tests.api.walking import MISSING

if TYPE_CHECKING:
    from httpx2 import Response

    from scheduler.application import Application

BERLIN = "Europe/Berlin"
DAY = "2026-03-02"


def client_of(application: Application, role: str = "member", **more: Any) -> TestClient:
    headers = somebody(application, role, **more).headers
    return TestClient(create_app(application), base_url="http://127.0.0.1:8000", headers=headers, raise_server_exceptions=False)


@pytest.fixture
def member(application: Application) -> TestClient:
    """Ann, who is booked on Alpha."""
    make_firm_of_two(application)
    return client_of(application)


def log(client: TestClient, **fields: Any) -> Response:
    """An hour of Ann's on Alpha, or what is given."""
    body = {"person_id": "ann", "project_id": "alpha", **fields}
    return client.post("/v1/time-entries", json=body if "started_at" in fields else {"work_date": DAY, "minutes": 60, **body})


def logged(client: TestClient, **fields: Any) -> list[dict[str, Any]]:
    answer = log(client, **fields)
    assert answer.status_code == 201, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


def span(start: Any, end: Any, **more: Any) -> dict[str, Any]:
    return {"started_at": start, "ended_at": end, "zone": BERLIN, **more}


def fault_of(answer: Response) -> tuple[int, str, str]:
    first = answer.json()["errors"][0]
    return answer.status_code, first["code"], first["pointer"]


def patch(client: TestClient, entry: dict[str, Any], **fields: Any) -> Response:
    return client.patch(f"/v1/time-entries/{entry['id']}", json=fields, headers={"If-Match": f'"{entry["version"]}"'})


def set_policy(application: Application, *rules: PolicyRule, **more: Any) -> None:
    with application.store.begin(LOCAL) as tx:
        tx.area("time_policies").add(TimePolicy(**{"id": TimePolicyId("strict"), "name": "Strict", "rules": rules, **more}))


def set_state(application: Application, entry_id: str, state: LineState) -> None:
    with application.store.begin(LOCAL) as tx:
        tx.area("time_entries").save(replace(tx.area("time_entries").get(entry_id), state=state))


def test_the_life_of_an_entry(member: TestClient) -> None:
    """Logged by minutes, read, listed by day, changed, deleted; what the server sets cannot be given."""
    (entry,) = logged(member, note="Interviews\nwith sales", ticket_ref="ABC-1", external_id="x-1")
    assert (entry["state"], entry["minutes"], entry["is_billable"], entry["version"]) == ("draft", 60, True, 1)
    read = member.get(f"/v1/time-entries/{entry['id']}")
    assert (read.json(), read.headers["ETag"]) == (entry, '"1"')
    for query, count in (({"from": DAY, "until": "2026-03-03"}, 1), ({"from": "2026-03-03"}, 0), ({"until": DAY, "state": "draft"}, 1)):
        assert len(member.get("/v1/time-entries", params=query).json()["items"]) == count, query
    changed = patch(member, entry, minutes=90, note=None)
    assert changed.status_code == 200, changed.text
    assert changed.json()["entries"] == [entry | {"minutes": 90, "note": None, "version": 2}]
    assert patch(member, entry, minutes=30).json()["code"] == "version.stale"
    for field, value in (("state", "approved"), ("booking_id", "x"), ("person_id", "bob"), ("version", 3)):
        assert fault_of(patch(member, entry | {"version": 2}, **{field: value})) == (422, "field.read_only", f"/{field}")
    assert fault_of(log(member, state="approved")) == (422, "field.read_only", "/state")
    assert member.delete(f"/v1/time-entries/{entry['id']}", headers={"If-Match": '"2"'}).status_code == 204
    assert member.get(f"/v1/time-entries/{entry['id']}").status_code == 404


def test_t01_t02_and_other_faults_of_one_entry(member: TestClient) -> None:
    """Each names its place; nothing is written."""
    start, end = "2026-03-02T09:00:00+01:00", "2026-03-02T10:00:00+01:00"
    for fields, code, pointer in (
        (span(end, start), "time.end_before_start", "/ended_at"),
        (span(start, start), "time.end_before_start", "/ended_at"),
        ({"started_at": "2026-03-02T09:00:00", "ended_at": end}, "time.zone_required", "/started_at"),
        (span(1700000000, 1700003600), "time.zone_required", "/started_at"),
        (span(1700000000000, "2026-03-02T10:00"), "time.zone_required", "/started_at"),
        (span("2026-03-02", end), "time.invalid", "/started_at"),
        (span("2026-03-02T09:00:30+01:00", end), "time.whole_minutes", "/started_at"),
        (span(start, end, zone="Mars/Olympus"), "time.zone_unknown", "/zone"),
        (span(start, end, minutes=60), "time.minutes_from_span", "/minutes"),
        ({"started_at": start, "zone": BERLIN}, "field.missing", "/ended_at"),
        ({"minutes": 0}, "number.out_of_range", "/minutes"),
        ({"minutes": 1501}, "number.out_of_range", "/minutes"),
        ({"work_date": None}, "field.missing", "/work_date"),
        ({"note": "x" * 2001}, "text.length", "/note"),
        ({"project_id": "beta"}, "reference.not_found", "/project_id"),
        ({"task_id": "beta-design"}, "reference.not_found", "/task_id"),
        ({"demand_id": "beta-lead"}, "reference.not_found", "/demand_id"),
        ({"activity_type_id": MISSING}, "reference.not_found", "/activity_type_id"),
    ):
        answer = log(member, **fields)
        assert fault_of(answer) == (422, code, pointer), (fields, answer.text)
    assert len(member.get("/v1/time-entries").json()["items"]) == 1, "the one of the firm"


def test_z01_z02_z03_nights_in_which_clocks_change(member: TestClient) -> None:
    """A time that does not exist is refused with its neighbours, one that comes twice needs an offset or a fold; minutes are those that passed."""
    never = log(member, **span("2026-03-29T02:30", "2026-03-29T04:00"))
    assert fault_of(never) == (422, "time.nonexistent_local", "/started_at")
    assert never.json()["choices"] == ["2026-03-29T01:59:00+01:00", "2026-03-29T03:00:00+02:00"]
    twice = span("2026-10-25T02:30", "2026-10-25T04:00")
    answer = log(member, **twice)
    assert fault_of(answer) == (422, "time.ambiguous_local", "/started_at")
    assert answer.json()["choices"] == ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]
    minutes = [
        logged(member, **fields)[0]["minutes"]
        for fields in (
            twice | {"started_fold": 0},
            twice | {"started_fold": 1},
            twice | {"started_at": "2026-10-25T02:30:00+01:00"},
            span("2026-03-29T01:00", "2026-03-29T04:00"),
            span("2026-10-25T01:00", "2026-10-25T04:00"),
        )
    ]
    assert minutes == [150, 90, 90, 120, 240]


def test_z04_a_start_in_the_hour_that_comes_twice_stays_when_the_end_moves(member: TestClient) -> None:
    """Only the end is sent; the start is the instant that it was."""
    (entry,) = logged(member, **span("2026-10-25T02:30", "2026-10-25T04:00", started_fold=1))
    changed = patch(member, entry, ended_at="2026-10-25T05:00").json()["entries"]
    assert [(one["started_at"], one["minutes"]) for one in changed] == [(entry["started_at"], 150)]
    assert entry["started_at"] == "2026-10-25T01:30:00Z"


def test_t06_work_that_crosses_midnight_is_an_entry_for_each_day(member: TestClient) -> None:
    """Over a month's end and a night in which clocks go back; by a change too, where the first keeps the id."""
    parts = logged(member, **span("2026-02-28T22:00", "2026-03-01T01:30"), external_id="x", note="Cut-over")
    assert [(one["work_date"], one["minutes"], one["external_id"], one["note"]) for one in parts] == [
        ("2026-02-28", 120, "x", "Cut-over"),
        ("2026-03-01", 90, None, "Cut-over"),
    ]
    (entry,) = logged(member, **span("2026-10-25T20:00", "2026-10-25T21:00"))
    changed = patch(member, entry, started_at="2026-10-24T22:00").json()["entries"]
    assert [(one["id"] == entry["id"], one["work_date"], one["minutes"]) for one in changed] == [
        (True, "2026-10-24", 120),
        (False, "2026-10-25", 22 * 60),
    ]
    back = patch(member, changed[1], started_at=None, ended_at=None, minutes=1320)
    assert (back.json()["entries"][0]["zone"], back.json()["entries"][0]["minutes"]) == (None, 1320)


def test_t04_overlap_by_policy(application: Application, member: TestClient) -> None:
    """Told without a policy; forbidden by one, with the other's id; what begins when another ends is no overlap."""
    (nine,) = logged(member, **span("2026-03-02T09:00", "2026-03-02T10:00"))
    warned = log(member, **span("2026-03-02T09:30", "2026-03-02T09:45"))
    assert [(one["code"], one["other_entry_ids"]) for one in warned.json()["warnings"]] == [("time.overlap", [nine["id"]])]
    assert member.delete(f"/v1/time-entries/{warned.json()['entries'][0]['id']}", headers={"If-Match": '"1"'}).status_code == 204
    set_policy(application, PolicyRule(kind=RuleKind.OVERLAP))
    refused = log(member, **span("2026-03-02T09:30", "2026-03-02T11:00"))
    assert (refused.status_code, refused.json()["code"], refused.json()["entry_ids"]) == (409, "time.overlap", [nine["id"]])
    assert nine["id"] in refused.json()["detail"]
    assert log(member, **span("2026-03-02T10:00", "2026-03-02T11:00")).json()["warnings"] == []
    # The same hour by clocks 14 hours away is another.
    elsewhere = span("2026-03-02T09:00", "2026-03-02T10:00", zone="Pacific/Kiritimati")
    assert logged(member, **elsewhere)[0]["work_date"] == "2026-03-02"


@pytest.mark.parametrize("state", [LineState.SUBMITTED, LineState.APPROVED])
def test_t08_what_is_handed_in_is_locked(application: Application, member: TestClient, state: LineState) -> None:
    """By change, deletion and cell: 409 with who, since when, and what to do; nothing changes."""
    (entry,) = logged(member)
    set_state(application, entry["id"], state)
    entry = member.get(f"/v1/time-entries/{entry['id']}").json()
    cell = {"project_id": "alpha", "day": DAY, "minutes": 0, "entry_id": entry["id"], "version": 2}
    for answer in (
        patch(member, entry, minutes=30),
        member.delete(f"/v1/time-entries/{entry['id']}", headers={"If-Match": '"2"'}),
        member.put("/v1/people/ann/time-week", json={"week": DAY, "cells": [cell]}),
    ):
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["state"], problem["by"]) == (409, "entry.locked", state.value, "local")
        assert problem["since"] is not None
        assert ("draft" if state is LineState.SUBMITTED else "further entry") in problem["detail"]
    assert member.get(f"/v1/time-entries/{entry['id']}").json() == entry
    set_state(application, entry["id"], LineState.REJECTED)
    assert patch(member, entry | {"version": 3}, minutes=30).json()["entries"][0]["state"] == "rejected"


def test_a08_time_of_somebody_else(application: Application, member: TestClient) -> None:
    """Nobody logs, changes or deletes another's: 403, whoever that is; what is not seen is not there. An admin may, for corrections."""
    for role, person in (
        ("member", "bob"),
        ("member", MISSING),
        ("project_manager", "bob"),
        ("finance", "bob"),
        ("resource_manager", "bob"),
    ):
        refused = log(client_of(application, role), person_id=person)
        assert (refused.status_code, refused.json()["code"]) == (403, "access.out_of_scope"), role
    theirs = {"id": "time-bob", "version": 1}
    assert (patch(member, theirs, minutes=1).status_code, patch(client_of(application, "finance"), theirs, minutes=1).status_code) == (
        404,
        403,
    )
    lead = client_of(application, "project_manager", login="lead")
    assert {one["id"] for one in lead.get("/v1/time-entries").json()["items"]} == {"time-ann"}
    assert client_of(application, "client_viewer").get("/v1/time-entries").status_code == 403
    admin = client_of(application, "admin")
    assert logged(admin, person_id="bob", project_id="beta")[0]["person_id"] == "bob"
    assert fault_of(log(admin, person_id=MISSING)) == (422, "reference.not_found", "/person_id")
    assert len(member.get("/v1/time-entries").json()["items"]) == 1


def test_a_policy_explains_every_breach_at_once(application: Application, member: TestClient) -> None:
    """Rule, figure and what was found; one that warns lets the entry in; a project's policy lifts the firm's."""
    set_policy(
        application,
        PolicyRule(kind=RuleKind.LATEST_ENTRY_DAYS, figure=3),
        PolicyRule(kind=RuleKind.MAX_MINUTES_PER_DAY, figure=50, severity=Severity.WARN),
        PolicyRule(kind=RuleKind.MIN_NOTE_LENGTH, figure=10),
        PolicyRule(kind=RuleKind.TASK_REQUIRED),
    )
    refused = log(member, work_date="2020-03-02", note="short")
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "time.policy")
    assert [(one["code"], one["pointer"]) for one in problem["errors"]] == [
        ("time.too_late", "/work_date"),
        ("time.note_short", "/note"),
        ("time.task_required", "/task_id"),
    ]
    late, note, _task = problem["breaches"]
    assert (late["policy_id"], late["figure"], late["found"] > 3) == ("strict", 3, True)
    assert (note["rule"], note["figure"], note["found"]) == ("min_note_length", 10, 5)
    off = [PolicyRule(kind=kind, severity=Severity.OFF) for kind in (RuleKind.LATEST_ENTRY_DAYS, RuleKind.MIN_NOTE_LENGTH)]
    set_policy(application, *off, id=TimePolicyId("alpha"), name="Alpha", project_id=ProjectId("alpha"))
    taken = log(member, work_date="2020-03-02", task_id="alpha-design").json()
    assert [(one["code"], one["figure"], one["found"]) for one in taken["warnings"]] == [("time.day_full", 50, 60)]
    clash = client_of(application, "admin").post("/v1/time-policies", json={"name": "X", "rules": [{"kind": "task_required"}]})
    assert (clash.status_code, clash.json()["code"], clash.json()["policy_id"]) == (409, "time_policy.overlap", "strict")


def test_what_time_may_be_logged_on(application: Application, member: TestClient) -> None:
    """Not on closed projects, milestones and cancelled tasks; elsewhere with a warning. What is billable follows from the project."""
    with application.store.begin(LOCAL) as tx:
        tx.area("tasks").add(make.make_task("live", kind=TaskKind.MILESTONE))
        tx.area("tasks").add(make.make_task("gone", state=TaskState.CANCELLED))
        tx.area("tasks").add(make.make_task("done", state=TaskState.DONE))
        projects: dict[str, dict[str, Any]] = {
            "closed": {"state": ProjectState.CLOSED},
            "training": {"contract": ContractKind.INTERNAL},
            "maybe": {"state": ProjectState.TENTATIVE, "period": make.weeks(0, 1)},
        }
        for name, fields in projects.items():
            tx.projects.add(make.make_project(name, **fields))
            tx.bookings.add(make.make_booking(demand=None, project=name, id=f"on-{name}", weekly_minutes=30))
    for fields, code, pointer in (
        ({"project_id": "closed"}, "time.project_closed", "/project_id"),
        ({"task_id": "alpha-live"}, "time.on_milestone", "/task_id"),
        ({"task_id": "alpha-gone"}, "time.on_cancelled", "/task_id"),
    ):
        assert fault_of(log(member, **fields)) == (422, code, pointer)
    warned = log(member, project_id="maybe").json()
    assert [one["code"] for one in warned["warnings"]] == ["time.project_tentative", "time.outside_project"]
    assert [one["code"] for one in log(member, task_id="alpha-done").json()["warnings"]] == ["time.task_done"]
    assert logged(member, project_id="training")[0]["is_billable"] is False
    assert logged(member, project_id="training", is_billable=True)[0]["is_billable"] is True


def test_an_entry_is_logged_once_for_one_key(member: TestClient) -> None:
    """The same request again gets the first answer."""
    body = {"person_id": "ann", "project_id": "alpha", "work_date": DAY, "minutes": 60}
    first, again = (member.post("/v1/time-entries", json=body, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.json(), first.headers["Location"]) == (again.json(), again.headers["Location"])
    assert len(member.get("/v1/time-entries", params={"from": DAY, "until": "2026-03-03"}).json()["items"]) == 1


def test_p_an_erased_person_leaves_minutes_and_no_words(application: Application, member: TestClient) -> None:
    """Note, ticket and clock times go, from every version; the day's minutes stay."""
    (entry,) = logged(member, **span("2026-03-02T09:00", "2026-03-02T10:00"), note="At the doctor's", ticket_ref="SECRET-1")
    assert patch(member, entry, note="With the doctor").status_code == 200
    with application.store.begin(LOCAL) as tx:
        tx.erase("ann", None)
    with application.store.read(LOCAL) as view:
        for found in [one.value for one in view.area("time_entries").history(entry["id"])]:
            assert (found.minutes, found.note, found.ticket_ref, found.started_at) == (60, None, None, None)


def test_t06_work_across_the_end_of_a_locked_period_is_refused_whole(application: Application, member: TestClient) -> None:
    """The part in the open month is not kept either; from midnight on it is."""
    finance = client_of(application, "finance")
    assert finance.post("/v1/period-locks", json={"locked_before": "2026-03-01"}).status_code == 201
    refused = log(member, **span("2026-02-28T22:00", "2026-03-01T01:30"))
    assert (refused.status_code, refused.json()["code"]) == (409, "period.locked")
    assert len(member.get("/v1/time-entries").json()["items"]) == 1, "the one of the firm"
    (kept,) = logged(member, **span("2026-03-01T00:00", "2026-03-01T01:30"))
    assert patch(member, kept, started_at="2026-02-28T23:00").json()["code"] == "period.locked"
    copied = member.post("/v1/people/ann/time-week/copy", json={"week": "2026-02-16", "source": "2026-02-23"}).json()
    assert [(one["code"], one["work_date"]) for one in copied["skipped"]] == [("period.locked", "2026-02-22")], (
        "what was logged on the Sunday"
    )


def test_what_is_too_late_to_be_changed_cannot_leave_its_day(application: Application, member: TestClient) -> None:
    """Neither by a later work date nor by deletion."""
    (old,) = logged(member, work_date="2020-03-02")
    set_policy(application, PolicyRule(kind=RuleKind.LATEST_ENTRY_DAYS, figure=30), valid_until=date(2020, 12, 31))
    for answer in (
        patch(member, old, work_date=DAY),
        patch(member, old, minutes=1),
        member.delete(f"/v1/time-entries/{old['id']}", headers={"If-Match": '"1"'}),
    ):
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "time.too_late")
    assert member.get(f"/v1/time-entries/{old['id']}").json() == old


def test_of_two_that_fill_a_day_at_the_same_time_one_is_refused(application: Application, member: TestClient) -> None:
    """Each alone is within the limit: the second sees the first."""
    set_policy(application, PolicyRule(kind=RuleKind.MAX_MINUTES_PER_DAY, figure=100))
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(log(member).status_code)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 422, 422, 422]


def test_drafts_are_complete_when_they_are_handed_in(application: Application, member: TestClient) -> None:
    """What a copy may lack, a timesheet may not: the refusal names it."""
    (entry,) = logged(member)
    set_policy(
        application, PolicyRule(kind=RuleKind.TASK_REQUIRED), PolicyRule(kind=RuleKind.MIN_NOTE_LENGTH, figure=3, severity=Severity.WARN)
    )
    lines = {"lines": [{"kind": "time_entry", "id": entry["id"], "version": 1}]}
    refused = member.post("/v1/approvals/submit", json=lines)
    assert (refused.status_code, refused.json()["code"]) == (422, "time.policy")
    assert [(one["code"], one["pointer"]) for one in refused.json()["errors"]] == [("time.task_required", "/lines/0/task_id")]
    assert patch(member, entry, task_id="alpha-design").status_code == 200
    lines["lines"][0]["version"] = 2
    assert member.post("/v1/approvals/submit", json=lines).status_code == 200

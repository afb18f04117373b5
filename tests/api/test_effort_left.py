"""A lead's estimate of what is left, over HTTP, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.time_entries import TimeEntry
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import DemandId, PersonId, ProjectId, TimeEntryId
from scheduler.jobs.make_change_set import make_change_set
from scheduler.jobs.recorded_time import count_for_plan
from scheduler.planning.to_problem import to_problem
from scheduler.queries.snapshot import read_snapshot
from scheduler.usecases.rebalance_runs import run_policy
from tests import factories as make
from tests.api.access_firm import make_firm_of_two, somebody
from tests.api.conftest import BASE
from tests.jobs.change_set_firm import add_policy, answer_plan

if TYPE_CHECKING:
    from scheduler.application import Application

PATH = "/v1/demands/alpha-lead/effort-left"
ON = "2027-03-03"


def test_a_lead_says_what_is_left_and_plans_begin_from_it(application: Application) -> None:
    """Alpha's manager halves the coming weeks; the old version is refused, another project is none of theirs, the past can be read."""
    make_firm_of_two(application)
    lead = somebody(application, "project_manager")
    client = TestClient(create_app(application), base_url=BASE, headers=lead.headers, raise_server_exceptions=False)
    before = client.get("/v1/demands/alpha-lead")
    weeks = before.json()["effort"]
    coming = sum(one["minutes"] for one in weeks if one["week"] >= ON)
    tag = {"If-Match": before.headers["ETag"]}
    assert client.put(PATH, json={"minutes": coming // 2, "on": ON}).status_code == 428
    done = client.put(PATH, json={"minutes": coming // 2, "on": ON}, headers=tag)
    assert done.status_code == 200, done.text
    assert sum(one["minutes"] for one in done.json()["effort"] if one["week"] >= ON) == coming // 2
    assert [one for one in done.json()["effort"] if one["week"] < ON] == [one for one in weeks if one["week"] < ON]
    assert client.put(PATH, json={"minutes": 60, "on": ON}, headers=tag).json()["code"] == "version.stale"
    foreign = client.put("/v1/demands/beta-lead/effort-left", json={"minutes": 60, "on": ON}, headers=tag)
    assert foreign.status_code == 404
    with application.store.read(LOCAL) as view:
        snapshot, _ = read_snapshot(view)
        recorded = view.demands.history("alpha-lead")[0].recorded_from
    planned = {one.id: sum(one.effort) for one in to_problem(snapshot, make.make_request(horizon_start=make.monday(1))).problem.demands}
    assert planned["alpha-lead"] == coming // 2
    then = client.get("/v1/demands/alpha-lead", params={"as_of": recorded.isoformat()}).json()
    assert then["effort"] == weeks


def test_an_estimate_that_cannot_be_is_refused(application: Application) -> None:
    """No week to put it in, more than the booked have time for, a number that is none; nothing is changed."""
    make_firm_of_two(application)
    who = somebody(application, "admin")
    client = TestClient(create_app(application), base_url=BASE, headers=who.headers, raise_server_exceptions=False)
    tag = {"If-Match": '"1"'}
    late = client.put(PATH, json={"minutes": 60, "on": "2030-01-01"}, headers=tag)
    assert (late.status_code, late.json()["code"]) == (409, "effort.no_weeks")
    much = client.put(PATH, json={"minutes": 600_000, "on": ON}, headers=tag)
    assert (much.status_code, much.json()["code"]) == (409, "capacity.exceeded")
    for body, pointer in (({"minutes": -1, "on": ON}, "/minutes"), ({"minutes": 1}, "/on"), ({"minutes": 1, "on": "soon"}, "/on")):
        bad = client.put(PATH, json=body, headers=tag)
        assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, pointer)
    assert client.get("/v1/demands/alpha-lead").headers["ETag"] == '"1"'


def test_nothing_left_breaks_what_is_booked(application: Application) -> None:
    """A demand that is done has no week any more, and its booking is reported as one that no longer holds."""
    make_firm_of_two(application)
    who = somebody(application, "admin")
    client = TestClient(create_app(application), base_url=BASE, headers=who.headers, raise_server_exceptions=False)
    done = client.put(PATH, json={"minutes": 0, "on": "2027-03-01"}, headers={"If-Match": '"1"'})
    assert done.json()["effort"] == []
    with application.store.read(LOCAL) as view:
        snapshot, _ = read_snapshot(view)
    staffing = to_problem(snapshot, make.make_request(rebalances=True))
    assert ("booking-ann", "broken.nothing_wanted") in {(one.facts.get("booking"), one.code) for one in staffing.left_out}


def recorded(application: Application, week: int, minutes: int, *, state: LineState = LineState.APPROVED) -> None:
    """Ann's time on the lead of Alpha in a week."""
    with application.store.begin(LOCAL) as tx:
        entry = TimeEntry(
            id=TimeEntryId(f"{week} {minutes} {state}"),
            person_id=PersonId("ann"),
            project_id=ProjectId("alpha"),
            demand_id=DemandId("alpha-lead"),
            work_date=make.monday(week),
            minutes=minutes,
            state=state,
        )
        tx.area("time_entries").add(entry)


def night(application: Application, week: int, *, hour: int = 0) -> tuple[int, str]:
    """What is left from the Monday of that week on after the night before, and what became of its change set."""
    now = datetime.combine(make.monday(week), datetime.min.time(), UTC) - timedelta(hours=12 - hour)
    run = run_policy(application.store, actor=LOCAL, policy_id="nightly", now=now)
    if run.plan_id is not None:
        count_for_plan(application.store, run.plan_id)
        answer_plan(application.store, run.plan_id)
        make_change_set(application.store, plan_id=run.plan_id)
    with application.store.read(LOCAL) as view:
        effort = view.demands.get("alpha-lead").effort
    return sum(one.minutes for one in effort if one.week >= make.monday(week)), run.state.value


def make_firm_of_one(application: Application, *, minutes: int) -> None:
    """Ann, booked on all of a demand of four weeks, and a policy."""
    with application.store.begin(LOCAL) as tx:
        tx.firm.save(make.make_firm())
        tx.calendars.add(make.make_calendar())
        tx.skills.add(make.make_skill())
        tx.people.add(make.make_person())
        tx.projects.add(make.make_project())
        tx.demands.add(make.make_demand(effort=dict.fromkeys(range(4), minutes)))
        tx.bookings.add(make.make_booking(period=make.weeks(0, 3)))
    add_policy(application.store)


def test_approved_time_is_taken_off_before_a_night_plans(application: Application) -> None:
    """Once, and made up for when more comes; what is no more than submitted counts not; nothing new to count is no reason for a plan."""
    make_firm_of_one(application, minutes=1_000)
    recorded(application, 0, 700)
    recorded(application, 1, 400, state=LineState.SUBMITTED)
    assert night(application, 2, hour=0) == (2_300, "queued")
    assert night(application, 2, hour=1) == (2_300, "empty")
    recorded(application, 1, 1_200)
    assert night(application, 2, hour=2) == (2_100, "queued")
    assert night(application, 2, hour=3) == (2_100, "empty")
    with application.store.begin(LOCAL) as tx:
        (late,) = [one for one in tx.area("time_entries").matching(state=LineState.APPROVED) if one.work_date == make.monday(1)]
        tx.area("time_entries").save(replace(late, state=LineState.SUBMITTED))
    assert night(application, 2, hour=4) == (2_300, "queued")


def test_more_than_the_booked_have_time_for_is_not_booked_over_them(application: Application) -> None:
    """The demand stays as it was, the night has its plan and says so, and as long as nothing changes no other follows."""
    make_firm_of_one(application, minutes=2_400)
    recorded(application, 0, 100)
    assert night(application, 1) == (3 * 2_400, "queued")
    client = TestClient(create_app(application), base_url=BASE, headers=somebody(application, "admin").headers)
    newest = client.get("/v1/change-sets", params={"policy_id": "nightly"}).json()["items"][0]["id"]
    said = client.get(f"/v1/change-sets/{newest}").json()["broken"]
    assert [(one["code"], one["facts"]) for one in said] == [
        ("broken.more_left", {"booking": None, "demand": "alpha-lead", "minutes": 2_300})
    ]
    assert night(application, 1, hour=1) == (3 * 2_400, "empty")
    recorded(application, 0, 50)
    assert night(application, 1, hour=2) == (3 * 2_400, "queued")


def test_a_lead_who_knows_better_counts_instead_of_what_was_recorded(application: Application) -> None:
    """The time of before the estimate is not taken off again."""
    make_firm_of_one(application, minutes=1_000)
    client = TestClient(create_app(application), base_url=BASE, headers=somebody(application, "admin").headers)
    recorded(application, 0, 60)
    said = client.put(PATH, json={"minutes": 600, "on": make.monday(1).isoformat()}, headers={"If-Match": '"1"'})
    assert said.status_code == 200, said.text
    assert night(application, 1) == (600, "queued")
    recorded(application, 1, 100)
    assert night(application, 2) == (600 - 100, "queued")

"""A lead's estimate of what is left, over HTTP, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.ground.access import LOCAL
from scheduler.planning.to_problem import to_problem
from scheduler.queries.snapshot import read_snapshot
from tests import factories as make
from tests.api.access_firm import make_firm_of_two, somebody
from tests.api.conftest import BASE

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

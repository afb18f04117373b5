"""Deals that become projects or come to nothing, and demands that follow from tasks; over HTTP, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.api.test_records import TERM, created
from tests.api.test_tasks import task_of

if TYPE_CHECKING:
    from starlette.testclient import TestClient


def deal(client: TestClient) -> dict[str, Any]:
    """A tentative project with a task, its demand, and Ann booked on that and, a day a week, beside it."""
    skill = created(client, "skills", name="SAP")["id"]
    calendar = created(client, "calendars", name="Plain", closures=[{"day": "2027-03-19"}])["id"]
    ann = created(client, "people", name="Ann", terms=[TERM | {"calendar_id": calendar}])["id"]
    period = {"start": "2027-03-01", "end": "2027-03-13"}
    project = created(client, "projects", name="Alpha", state="tentative", probability="0.5", period=period)["id"]
    task = task_of(client, project, "Build", period=period, estimate_minutes=1200, requires={skill: 2})["id"]
    launch = task_of(client, project, "Launch", kind="milestone", due="2027-03-12")["id"]
    answer = client.post(f"/v1/projects/{project}/demands/from-tasks", json={})
    assert answer.status_code == 200, answer.text
    demand = next(one["demand_id"] for one in answer.json()["items"] if one["outcome"] == "created")
    weeks = {"start": "2027-03-01", "end": "2027-03-15"}
    booked = {"person_id": ann, "project_id": project, "state": "tentative"}
    run = created(client, "bookings", **booked, demand_id=demand, share="1", period=weeks)["id"]
    aside = created(client, "bookings", **booked, weekly_minutes=300, period={"start": "2027-03-03", "end": "2027-03-06"})["id"]
    return {"project": project, "task": task, "launch": launch, "demand": demand, "run": run, "aside": aside, "calendar": calendar}


def read(client: TestClient, area: str, row_id: str) -> dict[str, Any]:
    answer = client.get(f"/v1/{area}/{row_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def step(client: TestClient, project: str, name: str, version: int = 1, **body: Any) -> Any:
    return client.post(f"/v1/projects/{project}/{name}", json=body, headers={"If-Match": f'"{version}"'})


def test_demands_follow_from_tasks_and_nothing_is_made_twice(client: TestClient) -> None:
    """A dry run makes nothing; the demand has the task's weeks and skills, goes along with it, and stays when it was changed by hand."""
    skill = created(client, "skills", name="SAP")["id"]
    project = created(client, "projects", name="Alpha")["id"]
    task = task_of(
        client,
        project,
        "Build",
        period={"start": "2027-03-03", "end": "2027-03-10"},
        estimate_minutes=1000,
        requires={skill: 3},
        grade="senior",
    )
    address = f"/v1/projects/{project}/demands/from-tasks"

    def outcomes(**params: Any) -> list[tuple[str, str]]:
        answer = client.post(address, json={}, params=params)
        assert answer.status_code == 200, answer.text
        return [(one["task_id"], one["outcome"]) for one in answer.json()["items"]]

    def change(area: str, row_id: str, **fields: Any) -> None:
        version = read(client, area, row_id)["version"]
        answer = client.patch(f"/v1/{area}/{row_id}", json=fields, headers={"If-Match": f'"{version}"'})
        assert answer.status_code == 200, answer.text

    assert outcomes(dry_run=True) == [(task["id"], "created")]
    assert client.get("/v1/demands").json()["items"] == []
    assert outcomes() == [(task["id"], "created")]
    assert outcomes() == [(task["id"], "unchanged")]
    (demand,) = client.get("/v1/demands").json()["items"]
    assert demand["effort"] == [{"week": "2027-03-01", "minutes": 600}, {"week": "2027-03-08", "minutes": 400}]
    assert (demand["name"], demand["task_id"], demand["requires"], demand["grade"]) == ("Build", task["id"], {skill: 3}, "senior")
    change("demands", demand["id"], max_people=2)
    change("tasks", task["id"], estimate_minutes=500)
    assert outcomes() == [(task["id"], "updated")]
    assert read(client, "demands", demand["id"])["effort"][0]["minutes"] == 300
    assert read(client, "demands", demand["id"])["max_people"] == 2
    change("demands", demand["id"], grade="junior")
    assert outcomes() == [(task["id"], "changed_by_hand")]
    assert read(client, "demands", demand["id"])["grade"] == "junior"
    change("tasks", task["id"], state="cancelled")
    assert outcomes() == [(task["id"], "not_wanted")]


def test_a_won_deal_keeps_its_demand_and_bookings(client: TestClient) -> None:
    """Won it is certain, and nothing else of it differs; it cannot be won again, nor lost, nor by whoever saw another version."""
    ids = deal(client)
    before = {area: read(client, area, ids[one]) for area, one in (("demands", "demand"), ("bookings", "run"), ("tasks", "task"))}
    assert step(client, ids["project"], "win", version=7).json()["code"] == "version.stale"
    answer = step(client, ids["project"], "win")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["project"]["state"], answer.json()["project"]["probability"], answer.headers["ETag"]) == ("won", "1", '"2"')
    assert answer.json()["bookings_moved"] == []
    assert {area: read(client, area, before[area]["id"]) for area in before} == before
    for name in ("win", "lose"):
        again = step(client, ids["project"], name, version=2)
        assert (again.status_code, again.json()["code"]) == (409, "project.not_tentative")


def test_a_won_deal_moves_to_where_it_begins(client: TestClient) -> None:
    """Two weeks and a day off later: tasks by working days, the demand and its booking by whole weeks, and the demand still follows."""
    ids = deal(client)
    answer = step(client, ids["project"], "win", starts="2027-03-16", calendar_id=ids["calendar"])
    assert answer.status_code == 200, answer.text
    done = answer.json()
    # Ten working days from Tuesday the 16th, with Friday the 19th off: until Tuesday the 30th.
    assert done["project"]["period"] == {"start": "2027-03-16", "end": "2027-03-31"}
    assert read(client, "tasks", ids["task"])["period"] == {"start": "2027-03-16", "end": "2027-03-31"}
    assert read(client, "tasks", ids["launch"])["due"] == "2027-03-30"
    assert [one["week"] for one in read(client, "demands", ids["demand"])["effort"]] == ["2027-03-15", "2027-03-22"]
    assert read(client, "bookings", ids["run"])["period"] == {"start": "2027-03-15", "end": "2027-03-29"}
    assert read(client, "bookings", ids["aside"])["period"] == {"start": "2027-03-18", "end": "2027-03-24"}
    assert sorted(done["tasks_moved"]) == sorted([ids["task"], ids["launch"]])
    assert (done["demands_moved"], sorted(done["bookings_moved"])) == ([ids["demand"]], sorted([ids["run"], ids["aside"]]))
    follows = client.post(f"/v1/projects/{ids['project']}/demands/from-tasks", json={"calendar_id": ids["calendar"]})
    assert [one["outcome"] for one in follows.json()["items"]] == ["updated"]


def test_a_lost_deal_releases_whoever_is_booked_on_it(client: TestClient) -> None:
    """From a Monday on: what begins later goes, what goes on ends there; its demand stays as a record of what was asked for."""
    ids = deal(client)
    assert step(client, ids["project"], "lose", 1, **{"from": "2027-03-09"}).json()["errors"][0]["code"] == "week.not_monday"
    answer = step(client, ids["project"], "lose", 1, **{"from": "2027-03-08"})
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert (done["project"]["state"], done["project"]["probability"]) == ("lost", "0")
    assert (done["bookings_shortened"], done["bookings_deleted"]) == ([ids["run"]], [])
    assert read(client, "bookings", ids["run"])["period"]["end"] == "2027-03-08"
    assert read(client, "demands", ids["demand"])["effort"]


def test_a_lost_deal_releases_everything_without_a_day(client: TestClient) -> None:
    """Nobody is booked on it any more, and the same request under its key does nothing again."""
    ids = deal(client)
    headers = {"If-Match": '"1"', "Idempotency-Key": "lose it"}
    answers = [client.post(f"/v1/projects/{ids['project']}/lose", json={}, headers=headers) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert sorted(answers[0].json()["bookings_deleted"]) == sorted([ids["run"], ids["aside"]])
    assert client.get("/v1/bookings").json()["items"] == []


def test_a_deal_without_any_day_has_nothing_to_move(client: TestClient) -> None:
    """Said at the field; without it the deal is won."""
    project = created(client, "projects", name="Alpha", state="tentative", probability="0.5")["id"]
    refused = step(client, project, "win", starts="2027-03-01")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/starts")
    assert step(client, project, "win").status_code == 200


def test_a_template_says_who_could_do_its_parts(client: TestClient) -> None:
    """From a template over its project's tasks to demands that ask for the part's skills and grade; an unknown skill is refused at its place."""
    skill = created(client, "skills", name="SAP")["id"]
    part = {"key": "build", "name": "Build", "start_day": 0, "length_days": 5, "estimate_minutes": 1200, "grade": "senior"}
    unknown = client.post("/v1/project-templates", json={"name": "X", "parts": [part | {"requires": {"none": 1}}]})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/parts/0/requires/none")
    template = created(client, "project-templates", name="Rollout", parts=[part | {"requires": {skill: 2}}])
    assert template["parts"][0]["requires"] == {skill: 2}
    made = client.post(f"/v1/project-templates/{template['id']}/projects", json={"project": {"name": "Alpha"}, "first_day": "2027-03-01"})
    assert made.status_code == 201, made.text
    assert client.post(f"/v1/projects/{made.json()['id']}/demands/from-tasks", json={}).status_code == 200
    (demand,) = client.get("/v1/demands").json()["items"]
    assert (demand["requires"], demand["grade"], demand["effort"]) == ({skill: 2}, "senior", [{"week": "2027-03-01", "minutes": 1200}])

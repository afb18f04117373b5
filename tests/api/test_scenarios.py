"""What-if scenarios over HTTP, with the real worker and solver, on both databases."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.staffing.scenarios import ONE_OF
from scheduler.domain.staffing.work import ProjectState
from scheduler.store.areas import AREAS
from scheduler.store.tables import METADATA, TWINS
from scheduler.usecases.erasure import erase_person
from tests.api.access_firm import load_two_people, somebody
from tests.factories import MONDAY, make_booking, make_demand, make_project

if TYPE_CHECKING:
    from httpx2 import Response

    from scheduler.application import Application

ASKED = {"horizon_start": MONDAY.isoformat(), "weeks": 8, "limits": {"time_limit_s": 10}}
WAIT = {"Prefer": "wait=60"}
HIRE = {
    "kind": "hire",
    "count": 1,
    "ids": ["#gopher"],
    "profile": {
        "name": "Java expert",
        "skills": [{"skill_id": "java", "level": 4}],
        "terms": [
            {
                "period": {"start": "2027-01-04"},
                "employment": "employee",
                "calendar_id": "plain",
                "weekly_minutes": [480, 480, 480, 480, 480, 0, 0],
            }
        ],
    },
}


@pytest.fixture(autouse=True)
def firm(application: Application) -> None:
    """Two people for two demands, of which one asks for what nobody has; and a deal that may be won."""
    load_two_people(application)
    with application.store.begin(LOCAL) as tx:
        tx.projects.add(make_project("beta", state=ProjectState.TENTATIVE, probability=Decimal("0.5")))
        tx.demands.add(make_demand(project="beta", requires={"sap": 1}))


def live_hash(application: Application) -> str:
    """Every live row with all its versions, of every table that scenarios are not."""
    names = {"firm_settings", "clients", "calendars", "calendar_closures", "person_days", "booking_loads"}
    for area in ONE_OF:
        names |= {AREAS[area].table.name, *(child.table.name for child in AREAS[area].children)}
    tables = [METADATA.tables[name] for name in sorted(names)]
    tables += [TWINS[table.name] for table in tables if table.name in TWINS]
    digest = hashlib.sha256()
    with application.store.read(LOCAL) as view:
        for table in tables:
            rows = view.connection.execute(select(table).order_by(*table.primary_key)).all()
            digest.update(repr((table.name, [tuple(row) for row in rows])).encode())
    return digest.hexdigest()


def make_scenario(client: TestClient, *changes: Any, name: str = "What if", base_id: str | None = None) -> dict[str, Any]:
    answer = client.post("/v1/scenarios", json={"name": name, "base_id": base_id, "changes": list(changes)})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def planned(client: TestClient, scenario_id: str | None = None) -> dict[str, Any]:
    answer = client.post("/v1/plans", json={**ASKED, "scenario_id": scenario_id}, headers=WAIT)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert (found["state"], found["failure"]) == ("succeeded", None)
    return found


def patch(client: TestClient, scenario: dict[str, Any], **fields: Any) -> Response:
    return client.patch(f"/v1/scenarios/{scenario['id']}", json=fields, headers={"If-Match": f'"{scenario["version"]}"'})


def apply(client: TestClient, scenario: dict[str, Any], *, dry_run: bool = False, **body: Any) -> Response:
    headers = {"If-Match": f'"{scenario["version"]}"'}
    return client.post(f"/v1/scenarios/{scenario['id']}/apply", params={"dry_run": dry_run}, json=body, headers=headers)


def told(answer: Response) -> tuple[int, str, list[tuple[str, str]]]:
    body = answer.json()
    return answer.status_code, body["code"], [(fault["pointer"], fault["code"]) for fault in body.get("errors", ())]


def filled(plan: dict[str, Any]) -> dict[str, int]:
    return {f"{one['project']['name']} {one['demand']['name']}": one["filled_minutes"] for one in plan["plan"]["demands"]}


def test_a_what_if_from_the_question_to_the_firm(application: Application, working_client: TestClient) -> None:
    """Stack, plan, compare: no live row differs until the scenario is applied with its plan; then it is the firm, in one step."""
    client = working_client
    before = live_hash(application)
    win = make_scenario(client, {"kind": "win_project", "project_id": "beta"}, name="Win Beta")
    hire = make_scenario(
        client,
        HIRE,
        {"kind": "add_absence", "record": {"person_id": "#gopher", "period": {"start": "2027-04-05", "end": "2027-04-06"}}},
        name="Win and hire",
        base_id=win["id"],
    )
    gopher = hire["changes"][0]["ids"][0]
    assert hire["changes"][1]["record"]["person_id"] == gopher != "#gopher"
    as_it_is, won, hired = planned(client), planned(client, win["id"]), planned(client, hire["id"])
    assert filled(as_it_is) == {"Alpha Lead": 4800, "Alpha Expert": 0, "Beta Lead": 4800}
    assert filled(hired) == {"Alpha Lead": 4800, "Alpha Expert": 4800, "Beta Lead": 4800}
    assert {one["person"]["name"] for one in hired["plan"]["people"]} == {"Ann", "Bob", "Java expert"}
    _side_by_side(client, win, hire, (as_it_is, won, hired), gopher)
    _is_not_applied_alone(client, hired)
    tried = apply(client, hire, dry_run=True, plan_id=hired["id"], state="confirmed")
    assert (tried.status_code, tried.json()["dry_run"]) == (200, True), tried.text
    assert live_hash(application) == before

    done = apply(client, hire, plan_id=hired["id"], state="confirmed")
    assert done.status_code == 200, done.text
    assert done.json()["scenario_ids"] == [win["id"], hire["id"]]
    assert sorted((row["area"], row["change"]) for row in done.json()["rows"]) == [
        ("absences", "added"),
        *[("bookings", "added")] * 3,
        ("people", "added"),
        ("projects", "changed"),
    ]
    assert client.get(f"/v1/people/{gopher}").json()["terms"][0]["cost_rate"] == "50"
    assert client.get("/v1/projects/beta").json()["state"] == "won"
    booked = client.get("/v1/bookings").json()["items"]
    assert {(one["demand_id"], one["state"], one["plan_id"]) for one in booked} == {
        (demand, "confirmed", hired["id"]) for demand in ("alpha-lead", "alpha-expert", "beta-lead")
    }
    _is_closed(client, hire, hired)
    audited = client.get("/v1/audit", params={"area": "people", "record_id": gopher}).json()["items"]
    assert [one["kind"] for one in audited] == ["created"]


def _is_not_applied_alone(client: TestClient, hired: Any) -> None:
    assert client.get(f"/v1/plans/{hired['id']}/diff").json()["code"] == "plan.of_scenario"
    refused = client.post(f"/v1/plans/{hired['id']}/apply", json={"state": "tentative"}, headers={"If-Match": f'"{hired["version"]}"'})
    assert told(refused)[:2] == (409, "plan.of_scenario")


def _side_by_side(client: TestClient, win: Any, hire: Any, plans: tuple[Any, Any, Any], gopher: str) -> None:
    answer = client.get("/v1/scenarios/compare", params={"scenario_ids": f"{win['id']},{hire['id']}"})
    assert answer.status_code == 200, answer.text
    side = answer.json()
    assert [(one["name"], one["plan_id"], one["is_outdated"], one["moved_rows"], one["differs"]) for one in side["columns"]] == [
        ("As it is", plans[0]["id"], False, 0, []),
        ("Win Beta", plans[1]["id"], False, 0, []),
        ("Win and hire", plans[2]["id"], False, 0, []),
    ]
    expert = next(one for one in side["demands"] if one["demand"]["name"] == "Expert")
    assert [fill["filled_minutes"] for fill in expert["fills"]] == [0, 0, 4800]
    rows = [one for one in side["bookings"] if (one["person"]["id"], one["demand"]["name"]) == (gopher, "Expert")]
    assert [[run and run["total_minutes"] for run in one["runs"]] for one in rows] == [[None, None, 4800]]
    worth = [(one["worth_low_minor"], one["worth_high_minor"]) for one in side["columns"]]
    proofs = [one["proof"] for one in side["columns"]]
    assert {proof["status"] for proof in proofs} == {"optimal"}
    assert worth == [
        (None, None),
        *[(low, low) for low in (proof["objective_minor"] - proofs[0]["objective_minor"] for proof in proofs[1:])],
    ]
    assert worth[1][0] > 0, "a won deal counts at its full value"
    assert [one["value_coverage"] for one in side["columns"]] == sorted(one["value_coverage"] for one in side["columns"])


def _is_closed(client: TestClient, hire: Any, hired: Any) -> None:
    closed = client.get(f"/v1/scenarios/{hire['id']}")
    assert closed.json()["applied_at"] is not None
    again = {**hire, "version": closed.json()["version"]}
    assert told(apply(client, again, plan_id=hired["id"]))[1] == "scenario.applied"
    assert told(patch(client, again, name="Other"))[1] == "scenario.applied"
    assert told(client.post("/v1/plans", json={**ASKED, "scenario_id": hire["id"]}))[1] == "scenario.applied"


def test_a_plan_of_a_scenario_that_has_moved_is_shown_and_not_applied(application: Application, working_client: TestClient) -> None:
    """C04 for scenarios: an edit outdates the plan, a change of a row that it rests on refuses it, and both are seen beside it."""
    client = working_client
    scenario = make_scenario(client, {"kind": "change_demand", "id": "alpha-lead", "fields": {"max_people": 2}})
    plan = planned(client, scenario["id"])
    edited = patch(client, scenario, changes=[*scenario["changes"], {"kind": "win_project", "project_id": "beta"}])
    assert edited.status_code == 200, edited.text
    column = client.get("/v1/scenarios/compare", params={"scenario_ids": scenario["id"]}).json()["columns"][1]
    assert (column["plan_id"], column["is_outdated"]) == (plan["id"], True)
    before = live_hash(application)
    assert told(apply(client, edited.json(), plan_id=plan["id"]))[:2] == (409, "scenario.plan_outdated")
    plan = planned(client, scenario["id"])
    assert told(apply(client, scenario, plan_id=plan["id"]))[:2] == (412, "version.stale")
    assert live_hash(application) == before
    client.patch("/v1/demands/alpha-lead", json={"effort": [{"week": "2027-03-01", "minutes": 600}]}, headers={"If-Match": '"1"'})
    seen = client.get(f"/v1/scenarios/{scenario['id']}").json()
    assert [(one["pointer"], one["area"], one["id"], one["then_version"], one["now_version"]) for one in seen["moved"]] == [
        ("/changes/0", "demands", "alpha-lead", 1, 2)
    ]
    assert (seen["fits"], seen["faults"]) == (True, [])
    column = client.get("/v1/scenarios/compare", params={"scenario_ids": scenario["id"]}).json()["columns"][1]
    assert (column["is_outdated"], column["moved_rows"]) == (False, 1)
    before = live_hash(application)
    refused = apply(client, edited.json(), plan_id=plan["id"])
    assert told(refused)[:2] == (412, "plan.changed")
    assert [row["id"] for row in refused.json()["rows"]] == ["alpha-lead"]
    assert live_hash(application) == before
    assert apply(client, edited.json()).status_code == 200, "the changes alone still fit"
    lead = client.get("/v1/demands/alpha-lead").json()
    assert (len(lead["effort"]), lead["max_people"]) == (1, 2)


def test_changes_that_do_not_fit_are_named_and_nothing_is_kept(application: Application, client: TestClient) -> None:
    """Shapes and rules alike are refused by the place of the change; a base that moved away is shown, and refuses a plan and applying."""
    before = live_hash(application)
    cases: list[tuple[list[Any], str, list[tuple[str, str]]]] = [
        ([{"kind": "win_projekt"}], "value.not_allowed", [("/changes/0/kind", "value.not_allowed")]),
        ([{}], "field.missing", [("/changes/0/kind", "field.missing")]),
        (
            [HIRE, {"kind": "win_project", "projekt_id": "beta"}],
            "field.missing",
            [("/changes/1/project_id", "field.missing"), ("/changes/1/projekt_id", "field.unknown")],
        ),
        ([{"kind": "change_person", "id": "ann", "fields": {"nme": "X"}}], "field.unknown", [("/changes/0/fields/nme", "field.unknown")]),
        ([{"kind": "add_person", "record": {"name": "X", "version": 3}}], "field.read_only", [("/changes/0/record/version", "field.read_only")]),
        ([{"kind": "win_project", "project_id": "alpha"}], "scenario.does_not_fit", [("/changes/0/project_id", "project.not_tentative")]),
        (
            [{"kind": "remove_skill", "id": "sap"}, {"kind": "remove_absence", "id": "none"}],
            "scenario.does_not_fit",
            [("/changes/0/id", "record.in_use"), ("/changes/1/id", "reference.not_found")],
        ),
        ([{"kind": "add_skill", "id": "mine", "record": {"name": "X"}}], "input.invalid", [("/changes/0/id", "id.not_given")]),
    ]  # fmt: skip
    for changes, code, faults in cases:
        answer = client.post("/v1/scenarios", json={"name": "X", "changes": changes})
        assert told(answer) == (422, code, faults), changes
    assert "Did you mean project_id?" in client.post("/v1/scenarios", json={"name": "X", "changes": cases[2][0]}).text
    assert told(client.post("/v1/scenarios", json={"name": "X", "base_id": "none"}))[2] == [("/base_id", "reference.not_found")]
    assert told(client.post("/v1/plans", json={**ASKED, "scenario_id": "none"}))[2] == [("/scenario_id", "reference.not_found")]
    assert client.get("/v1/scenarios").json()["items"] == []
    assert live_hash(application) == before
    scenario = make_scenario(client, {"kind": "win_project", "project_id": "beta"})
    assert client.patch("/v1/projects/beta", json={"state": "lost"}, headers={"If-Match": '"1"'}).status_code == 200
    seen = client.get(f"/v1/scenarios/{scenario['id']}").json()
    assert (seen["fits"], [fault["pointer"] for fault in seen["faults"]]) == (False, ["/changes/0/project_id"])
    assert told(apply(client, scenario)) == (409, "scenario.does_not_fit", [("/changes/0/project_id", "project.not_tentative")])
    assert patch(client, scenario, name="Renamed all the same").status_code == 200


def test_a_plan_of_a_scenario_that_fits_no_more_fails_and_says_so(working_client: TestClient) -> None:
    """The job ends with the finding, the worker goes on; a scenario that was thrown away meanwhile likewise."""
    client = working_client
    scenario = make_scenario(client, {"kind": "win_project", "project_id": "beta"})
    client.patch("/v1/projects/beta", json={"state": "lost"}, headers={"If-Match": '"1"'})
    failed = client.post("/v1/plans", json={**ASKED, "scenario_id": scenario["id"]}, headers=WAIT).json()
    assert (failed["state"], failed["failure"]["code"]) == ("failed", "scenario.does_not_fit")
    assert "/changes/0/project_id" in failed["failure"]["detail"]
    assert client.get("/v1/plans", params={"scenario_id": scenario["id"]}).json()["items"][0]["id"] == failed["id"]
    assert planned(client)["state"] == "succeeded"


def test_c04_c05_versions_of_scenarios(client: TestClient) -> None:
    """Without If-Match 428, with an old one 412; what others stand on stays; a thrown-away scenario is gone, its plans are not."""
    below = make_scenario(client, name="Below")
    above = make_scenario(client, name="Above", base_id=below["id"])
    address = f"/v1/scenarios/{below['id']}"
    assert client.patch(address, json={"name": "X"}).status_code == 428
    assert told(patch(client, {**below, "version": 9}, name="X"))[:2] == (412, "version.stale")
    assert told(patch(client, below, base_id=above["id"]))[:2] == (422, "scenario.stands_on_itself")
    assert told(client.delete(address, headers={"If-Match": '"1"'}))[:2] == (409, "record.in_use")
    plan = client.post("/v1/plans", json={**ASKED, "scenario_id": above["id"]}).json()
    for one in (above, below):
        assert client.delete(f"/v1/scenarios/{one['id']}", headers={"If-Match": '"1"'}).status_code == 204
    assert client.get(address).status_code == 404
    assert client.get(f"/v1/plans/{plan['id']}").json()["scenario_id"] == above["id"]


def test_h38_c01_two_apply_at_once(application: Application, client: TestClient) -> None:
    """Of several who apply a scenario at the same time one does; the same request sent again finds the first answer."""
    scenario = make_scenario(client, {"kind": "add_booking", "record": _plain_booking()})
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: apply(client, scenario), range(4)))
    assert min(answer.status_code for answer in answers) == 200
    assert {answer.json().get("code") for answer in answers if answer.status_code != 200} <= {"scenario.applied", "version.stale"}
    assert len(client.get("/v1/bookings").json()["items"]) == 1
    other = make_scenario(client, {"kind": "shift_project", "project_id": "alpha", "weeks": 1})
    headers = {"If-Match": '"1"', "Idempotency-Key": "once"}
    first, second = (client.post(f"/v1/scenarios/{other['id']}/apply", json={}, headers=headers) for _ in range(2))
    assert (first.status_code, second.json(), second.headers["Idempotent-Replay"]) == (200, first.json(), "true")
    with application.store.read(LOCAL) as view:
        assert view.demands.get("alpha-lead").effort == make_demand(effort=dict.fromkeys(range(1, 5), 1_200)).effort


def _plain_booking(**changes: Any) -> dict[str, Any]:
    period = {"start": "2027-03-01", "end": "2027-03-29"}
    return {"person_id": "ann", "project_id": "alpha", "weekly_minutes": 2_400, "period": period, **changes}


def test_c01_applying_never_books_beyond_capacity(application: Application, client: TestClient) -> None:
    """A scenario whose bookings do not fit the days any more is refused whole; with a reason and the right it is let in and flagged."""
    scenario = make_scenario(client, {"kind": "win_project", "project_id": "beta"}, {"kind": "add_booking", "record": _plain_booking()})
    with application.store.begin(LOCAL) as tx:
        tx.bookings.add(make_booking())
    before = live_hash(application)
    assert told(apply(client, scenario))[:2] == (409, "capacity.exceeded")
    assert live_hash(application) == before
    done = apply(client, scenario, override_reason="Ann agreed to overtime")
    assert done.status_code == 200, done.text
    assert client.get("/v1/bookings", params={"over_capacity": "true"}).json()["items"]


def test_a16_p01_scenarios_tell_no_costs(application: Application, working_client: TestClient) -> None:
    """Whoever may not see costs neither finds nor makes a scenario that names one, and compares without amounts."""
    admin = working_client
    manager = TestClient(
        create_app(application), base_url="http://127.0.0.1:8000", headers=somebody(application, "resource_manager").headers
    )
    rate = {"kind": "change_person", "id": "ann", "fields": {"terms": [{**HIRE["profile"]["terms"][0], "cost_rate": "7777.5"}]}}  # type: ignore[index]
    costly = make_scenario(admin, rate, name="A rise for Ann")
    assert told(manager.get(f"/v1/scenarios/{costly['id']}"))[:2] == (404, "record.not_found")
    assert manager.get("/v1/scenarios").json()["items"] == []
    assert manager.get("/v1/scenarios", params={"as_of": "2199-01-01T00:00:00Z"}).json()["items"] == []
    assert told(manager.get("/v1/scenarios/compare", params={"scenario_ids": costly["id"]}))[:2] == (422, "input.invalid")
    assert told(manager.post("/v1/scenarios", json={"name": "X", "base_id": costly["id"]}))[2] == [("/base_id", "reference.not_found")]
    assert told(manager.post("/v1/scenarios", json={"name": "X", "changes": [rate]}))[:2] == (403, "access.denied")
    assert told(manager.post("/v1/plans", json={**ASKED, "scenario_id": costly["id"]}))[0] == 422
    mine = make_scenario(manager, HIRE, {"kind": "raise_skill", "person_id": "bob", "skill_id": "java", "level": 3})
    assert told(patch(manager, mine, changes=[rate]))[:2] == (403, "access.denied")
    plan = planned(manager, mine["id"])
    assert plan["plan"]["proof"]["objective_minor"] is None
    side = manager.get("/v1/scenarios/compare", params={"scenario_ids": mine["id"]})
    proof = side.json()["columns"][1]["proof"]
    assert (proof["status"], {value for name, value in proof.items() if "objective" in name or "bound" in name}) == ("optimal", {None})
    assert told(apply(manager, mine))[:2] == (403, "field.not_allowed"), "a hire has a cost rate, which they may not set"
    raised = make_scenario(manager, {"kind": "raise_skill", "person_id": "bob", "skill_id": "java", "level": 3})
    assert apply(manager, raised).status_code == 200
    with application.store.read(LOCAL) as view:
        bob = view.people.get("bob")
    assert {held.skill_id: held.level for held in bob.skills} == {"sap": 3, "java": 3}
    assert str(bob.terms[0].cost_rate) == "50", "what they could not see stays"
    stays = manager.get(f"/v1/scenarios/{mine['id']}").text + side.text + json.dumps(plan)
    assert 'cost_rate":"' not in stays.replace(" ", "")


def test_p05_an_erasure_takes_what_scenarios_say_of_a_person(application: Application, client: TestClient) -> None:
    """What changes say of somebody goes with them, in every version and in the audit; the rest of the scenario stays."""
    said = {"kind": "change_person", "id": "bob", "fields": {"name": "Robert Canary", "email": "canary@firm.example"}}
    scenario = make_scenario(client, said, {"kind": "win_project", "project_id": "beta"})
    client.patch("/v1/people/bob", json={"terms": []}, headers={"If-Match": '"1"'})
    erase_person(application.store, actor=LOCAL, person_id="bob", now=datetime.now(UTC), dry_run=False)
    left = client.get(f"/v1/scenarios/{scenario['id']}").json()
    assert [change["kind"] for change in left["changes"]] == ["win_project"]
    with application.store.read(LOCAL) as view:
        for name in ("scenario_changes", "scenario_changes_versions", "audit_changes"):
            rows = view.connection.execute(select(METADATA.tables[name])).all()
            assert rows
            assert "anary" not in repr(rows), name

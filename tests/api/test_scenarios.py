"""What-if scenarios over HTTP, with the real worker and solver, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.access import LOCAL
from tests.api.scenario_calls import ASKED, HIRE, WAIT, apply, filled, live_hash, make_firm_with_a_deal, make_scenario, patch, planned, told
from tests.factories import make_booking, make_demand

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from scheduler.application import Application


@pytest.fixture(autouse=True)
def firm(application: Application) -> None:
    """Two people for two demands, of which one asks for what nobody has; and a deal that may be won."""
    make_firm_with_a_deal(application)


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


def test_what_a_hire_of_each_skill_is_worth(application: Application, working_client: TestClient) -> None:
    """One request: a plan without, a scenario and a plan for each skill; the comparison has the worth, exact here, and the estimate beside it."""
    client, before = working_client, live_hash(application)
    profile = HIRE["profile"] | {"skills": []}
    skills = [{"skill_id": "java", "level": 3}, {"skill_id": "java", "level": 2}]
    answer = client.post("/v1/scenarios/hires", json={"plan": ASKED, "profile": profile, "skills": skills})
    assert answer.status_code == 202, answer.text
    swept = answer.json()
    for plan_id in (swept["base_plan_id"], *(hire["plan_id"] for hire in swept["hires"])):
        with client.stream("GET", f"/v1/plans/{plan_id}/events") as stream:
            assert "event: ended" in "".join(stream.iter_text())
    side = client.get(swept["compare"].removeprefix("http://127.0.0.1:8000")).json()
    assert [one["name"] for one in side["columns"]] == ["As it is", "Java expert: JAVA 3", "Java expert: JAVA 2"]
    expert, novice = side["columns"][1:]
    assert expert["worth_low_minor"] == expert["worth_high_minor"] == _bill_of_a_demand() - _cost_of_eight_weeks()
    assert novice["worth_low_minor"] == novice["worth_high_minor"] < expert["worth_low_minor"]
    assert expert["estimate_minor"] == expert["worth_low_minor"], "nobody else wants those hours, so prices are exact"
    assert live_hash(application) == before
    wrong = {"plan": ASKED, "profile": profile, "skills": [{"skill_id": "cobol", "level": 3}, skills[0], skills[0]]}
    assert told(client.post("/v1/scenarios/hires", json=wrong))[2] == [("/skills/2", "list.duplicate")]
    assert told(client.post("/v1/scenarios/hires", json={**wrong, "skills": wrong["skills"][:2]}))[2] == [
        ("/skills/0/skill_id", "reference.not_found")
    ]


def _bill_of_a_demand() -> int:
    return 4 * 20 * 100_00


def _cost_of_eight_weeks() -> int:
    return 8 * 40 * 50_00

"""Cost rates are salaries: without the right to read them, nothing leaves the system from which one follows."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from api.app import create_app
from api.permissions import OPERATIONS
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.permissions import COST_AGGREGATE, COST_READ
from scheduler.domain.staffing.people import Employment
from tests import factories as make
from tests.api.access_firm import FOREIGN, OWN, ROLES, Who, make_firm_of_two, somebody
from tests.api.walking import MISSING, ask, operations
from tests.logins import bearer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

    from scheduler.application import Application

BASE = "http://127.0.0.1:8000"
RATES = {"ann": Decimal("4171.3391"), "bob": Decimal("3983.9177"), "cem": Decimal("5219.4733")}
"""No two alike, and no figure of anything else."""
HOURS = 80
ASKED = {"horizon_start": make.MONDAY.isoformat(), "weeks": 8, "limits": {"time_limit_s": 10}}
WITHOUT_COST = [name for name in ROLES if name not in {"admin", "finance"}]
GRANTED = frozenset({COST_AGGREGATE})
OF_THEIR_OWN = {"log_out", "change_password"}
"""Operations that would end what the others are asked with."""
PLANNERS_OWN = {
    "explain_plan",
    "list_candidates",
    "read_plan_diff",
    "read_plan",
    "watch_plan",
    "list_plans",
    "read_margins",
    "apply",
    "another plan",
}
"""What a planner gets an answer to, so that there is something in which a cost could stand."""


@pytest.fixture
def firm(application: Application) -> None:
    """Three contractors: what they cost decides what they do, what is left open, and why."""
    make_firm_of_two(application)
    with application.store.begin(LOCAL) as tx:
        for name, rate in RATES.items():
            terms = (make.make_term(cost_rate=rate, employment=Employment.CONTRACTOR),)
            person = tx.people.find(name)
            if person is None:
                tx.people.add(replace(make.make_person(name, team="North"), terms=terms))
            else:
                tx.people.save(replace(person, terms=terms))
        for name, bill in (("rich", 9000), ("fair", 5000), ("poor", 3000), ("rival", 8800)):
            effort = dict.fromkeys(range(2), 2_400) if name != "poor" else {6: 1_200}
            tx.demands.add(make.make_demand(name, effort=effort, bill_rate=Decimal(bill)))


@pytest.fixture
def plan(working_client: TestClient, firm: None) -> dict[str, Any]:
    """A plan as an admin sees it."""
    found: dict[str, Any] = working_client.post("/v1/plans", json=ASKED, headers={"Prefer": "wait=60"}).json()
    assert found["state"] == "succeeded", found
    return found


def giveaways(plan: dict[str, Any]) -> set[str]:
    """Each rate as it is written anywhere, what its hours cost and bring, and every amount of the plan that costs are part of."""
    found = {format(rate, "f") for rate in RATES.values()}
    minor = [int(rate * 100) for rate in RATES.values()]
    amounts = {*minor, *(one + 1 for one in minor), *(round(rate * 100 * HOURS) for rate in RATES.values())}
    amounts |= {abs(one - other) for one in minor for other in minor if one != other} | {one + other for one in minor for other in minor}
    amounts |= {abs(bill * 100 - one) for bill in (9000, 5000, 3000, 8800, 100) for one in minor}
    confidential = [said["facts"] for said in plan["plan"]["valuation"] if said["confidential"]]
    confidential += [demand["reason"]["facts"] for demand in plan["plan"]["demands"] if (demand["reason"] or {}).get("confidential")]
    confidential.append({name: value for name, value in plan["plan"]["proof"].items() if name not in {"seed", "seconds", "gap"}})
    amounts |= set(integers(confidential))
    amounts.discard(10_000)  # a whole share, and a bill rate that anybody who plans may see
    return found | {str(amount) for amount in amounts if abs(amount) >= 10_000}


def integers(value: Any) -> Iterator[int]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from integers(one)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


def told(text: str, secrets: set[str]) -> set[str]:
    """Secrets that the text holds as numbers of their own: with or without a decimal point, not within an id or the seconds of an instant."""
    numbers = set(re.findall(r"(?<![0-9A-Za-z-])[0-9]+(?:\.[0-9]+)?(?![0-9A-Za-z-])", text))
    plain = numbers | {number.replace(".", "") for number in numbers}
    pointed = {secret for secret in secrets if "." in secret and re.search(rf"(?<![0-9]){re.escape(secret)}(?![0-9])", text)}
    return {secret for secret in secrets if secret in plain} | pointed


def requests(client: TestClient, who: Who, plan: dict[str, Any]) -> Iterator[tuple[str, Response]]:
    """Every operation on every object, and the odd doors: earlier states, stale versions, refusals, filters and sorts."""
    for operation, method, path in operations():
        if OPERATIONS[operation].is_public or operation in OF_THEIR_OWN:
            continue
        for object_id in ids_for(path, plan, who):
            yield operation, ask(client, operation, method, path, object_id=object_id, who=who)
    for area in OWN:
        for object_id in (OWN[area], FOREIGN.get(area, MISSING)):
            yield f"old {area}", client.get(f"/v1/{area}/{object_id}", params={"as_of": "2199-01-01T00:00:00Z"})
            yield f"stale {area}", client.patch(f"/v1/{area}/{object_id}", json={"external_id": "E"}, headers={"If-Match": '"1"'})
            yield f"deleted {area}", client.delete(f"/v1/{area}/{object_id}", headers={"If-Match": '"77"'})
        for params in ({"sort": "cost_rate"}, {"cost_rate": "4171.3391"}, {"sort": "terms"}, {"limit": "500"}):
            yield f"list {area}", client.get(f"/v1/{area}", params=params)
    for asked in ({"demand_id": "alpha-poor"}, {"demand_id": "alpha-poor", "person_id": "ann"}):
        yield "explanation", client.get(f"/v1/plans/{plan['id']}/explanations", params=asked)
    for demand in ("alpha-rich", "alpha-poor"):
        yield "candidates", client.get(f"/v1/plans/{plan['id']}/candidates", params={"demand_id": demand})
    yield "margins", client.get("/v1/reports/margin", params={"from": "2027-03", "months": "3"})
    another = client.post("/v1/plans", json=ASKED, headers={"Prefer": "wait=60"})
    yield "another plan", another
    for plan_id, version in ((plan["id"], plan["version"]), (another.json().get("id", MISSING), another.json().get("version", 1))):
        body, headers = {"state": "tentative"}, {"If-Match": f'"{version}"'}
        yield "apply", client.post(f"/v1/plans/{plan_id}/apply", params={"dry_run": "true"}, json=body, headers=headers)


def ids_for(path: str, plan: dict[str, Any], who: Who) -> list[str]:
    area = "users" if path.startswith("/scim/") else path.split("/")[2]
    if "{" not in path:
        return [""]
    if area == "plans":
        return [plan["id"], MISSING]
    return [OWN[area], FOREIGN.get(area, MISSING)] if area in OWN else [who.user.id]


def client_of(application: Application, who: Who, headers: dict[str, str] | None = None) -> TestClient:
    return TestClient(create_app(application), base_url=BASE, headers=headers or who.headers, raise_server_exceptions=False)


def test_p01_no_answer_event_or_log_tells_a_cost_rate(
    application: Application, working_client: TestClient, plan: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Rates, their sums and differences, margins, objective and bound are searched in all that is said to every role without costs."""
    caplog.set_level(logging.DEBUG)
    secrets = giveaways(plan)
    assert len(secrets) > 40
    address = f"/v1/plans/{plan['id']}"
    seen_by_admin = working_client.get(address).text + working_client.get("/v1/people").text + working_client.get(f"{address}/plan").text
    assert len(told(seen_by_admin, secrets)) > 10
    asked = {name for name, rule in OPERATIONS.items() if not rule.is_public} - OF_THEIR_OWN
    for role in WITHOUT_COST:
        caplog.clear()
        who = somebody(application, role, extra=GRANTED if role == "resource_manager" else frozenset())
        with capture_logs() as lines:
            heard = list(requests(client_of(application, who), who, plan))
        assert asked <= {operation for operation, _ in heard}
        if who.user.extra:
            assert {operation for operation, answer in heard if answer.status_code < 400} >= PLANNERS_OWN
        found = {operation: told(answer.text + str(answer.headers), secrets) for operation, answer in heard}
        assert {operation: secret for operation, secret in found.items() if secret} == {}, role
        logged = [record.getMessage() for record in caplog.records if not record.name.startswith("httpx")]  # the client's own log
        assert told(json.dumps([lines, logged], default=str), secrets) == set(), role


def test_p01_what_has_moved_tells_no_cost_rate(application: Application, plan: dict[str, Any]) -> None:
    """A plan is refused because people cost something else and work by other terms: that they do is said, not what they cost or did."""
    secrets = giveaways(plan) | {"7777.77", "777777"}
    with application.store.begin(LOCAL) as tx:
        for name in RATES:
            person = tx.people.get(name)
            terms = tuple(replace(term, cost_rate=Decimal("7777.77"), weekly_minutes=(240,) * 5 + (0, 0)) for term in person.terms)
            tx.people.save(replace(person, terms=terms))
    planner = client_of(application, somebody(application, "resource_manager"))
    version = {"If-Match": f'"{plan["version"]}"'}
    for body in ({"state": "tentative"}, {"state": "tentative", "revalidate": True}):
        refused = planner.post(f"/v1/plans/{plan['id']}/apply", json=body, headers=version)
        assert (refused.status_code, refused.json()["code"]) == (412, "plan.changed")
        moved = {row["id"]: row["fields"] for row in (*refused.json()["rows"], *refused.json()["other_moves"])}
        assert {fields["terms"] for fields in moved.values()} == {None}
        assert told(refused.text, secrets) == set()
    stale = planner.patch("/v1/people/ann", json={"team": "South"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, told(stale.text, secrets)) == (412, set())


@pytest.mark.usefixtures("firm")
def test_a16_a_planner_plans_with_costs_and_without_seeing_them(application: Application, working_client: TestClient) -> None:
    """The same plan comes out as for an admin; no objective, no bound, no amount in an explanation; the gap in whole percent."""
    mine = working_client.post("/v1/plans", json=ASKED, headers={"Prefer": "wait=60"}).json()
    who = somebody(application, "resource_manager")
    planner = client_of(application, who)
    theirs = planner.post("/v1/plans", json=ASKED, headers={"Prefer": "wait=60"}).json()
    assert theirs["state"] == "succeeded"
    assert theirs["plan"]["assignments"] == mine["plan"]["assignments"]
    proof = theirs["plan"]["proof"]
    assert [proof[name] for name in ("objective_minor", "bound_minor", "objective_x60", "bound_x60")] == [None] * 4
    assert all(
        not (demand["reason"] or {}).get("facts") for demand in theirs["plan"]["demands"] if (demand["reason"] or {}).get("confidential")
    )
    assert {said["code"] for said in theirs["plan"]["valuation"]} >= {"value.chosen"}
    assert not [said for said in theirs["plan"]["valuation"] if said["confidential"]]
    for name in ("problem", "plan"):
        refused = planner.get(f"/v1/plans/{theirs['id']}/{name}")
        assert (refused.status_code, refused.json()["code"]) == (403, "access.denied")
    applied = planner.post(f"/v1/plans/{theirs['id']}/apply", json={"state": "tentative"}, headers={"If-Match": f'"{theirs["version"]}"'})
    assert applied.status_code == 200, applied.text
    kept = working_client.get(f"/v1/plans/{theirs['id']}").json()["plan"]
    assert kept["proof"]["objective_minor"] == mine["plan"]["proof"]["objective_minor"], "what the planner could not see is kept"


@pytest.mark.usefixtures("firm")
def test_a16_cost_blind_where_the_choice_would_tell(application: Application, working_client: TestClient) -> None:
    """With the setting, a planner's plan is the same whatever people cost; somebody who may read costs still plans with them."""
    application.settings = application.settings.model_copy(update={"cost_blind_plans": True})
    planner = client_of(application, somebody(application, "resource_manager"))
    before = planner.post("/v1/plans", json=ASKED, headers={"Prefer": "wait=60"}).json()
    assert before["request"]["cost_blind"] is True
    fills = {one["demand"]["id"]: one["open_minutes"] for one in before["plan"]["demands"]}
    assert fills["alpha-poor"] == 0, "nobody costs anything, so every demand pays"
    with application.store.begin(LOCAL) as tx:
        for name in RATES:
            person = tx.people.get(name)
            tx.people.save(replace(person, terms=tuple(replace(term, cost_rate=Decimal(9999)) for term in person.terms)))
    after = planner.post("/v1/plans", json=ASKED, headers={"Prefer": "wait=60"}).json()
    assert {one["demand"]["id"]: one["open_minutes"] for one in after["plan"]["demands"]} == fills
    mine = working_client.post("/v1/plans", json=ASKED, headers={"Prefer": "wait=60"}).json()
    assert mine["request"]["cost_blind"] is False
    assert {one["demand"]["id"]: one["open_minutes"] for one in mine["plan"]["demands"]} != fills


@pytest.mark.usefixtures("firm")
def test_a11_a12_columns_out_of_sight_are_no_filter_sort_or_field(application: Application) -> None:
    """Asking for a hidden column by any name is refused with what this role may ask for; the same filter works for who may see it."""
    lead = client_of(application, somebody(application, "project_manager"))
    planner = client_of(application, somebody(application, "resource_manager"))
    assert [one["email"] for one in planner.get("/v1/people", params={"email": "ann@firm.example"}).json()["items"]] == ["ann@firm.example"]
    assert [one["email"] for one in lead.get("/v1/people").json()["items"]] == [None]
    refused = lead.get("/v1/people", params={"email": "ann@firm.example"})
    assert (refused.status_code, refused.json()["code"]) == (422, "filter.not_allowed")
    assert "email" not in refused.json()["allowed"]
    for params in ({"sort": "cost_rate"}, {"sort": "-email"}):
        refused = lead.get("/v1/people", params=params)
        assert (refused.status_code, refused.json()["code"]) == (422, "sort.not_allowed")
    for params in ({"fields": "cost_rate"}, {"expand": "salary"}, {"include": "*"}, {"group_by": "cost"}, {"filter": "cost_rate>80"}):
        assert lead.get("/v1/people", params=params).status_code == 422


@pytest.mark.usefixtures("firm")
def test_what_its_author_cannot_see_stays(application: Application, client: TestClient) -> None:
    """A planner changes a person's terms: the cost rate stays, a new term goes on at it, and setting one is refused."""
    planner = client_of(application, somebody(application, "resource_manager"))
    read = planner.get("/v1/people/ann")
    term = read.json()["terms"][0]
    assert term["cost_rate"] is None
    split = [
        {**term, "period": {"start": "2020-01-01", "end": "2027-01-01"}},
        {**term, "period": {"start": "2027-01-01"}, "grade": "senior"},
    ]
    etag = {"If-Match": read.headers["ETag"]}
    for terms in ([{**term, "cost_rate": "1"}], [{**split[0], "cost_rate": "4171.3391"}, split[1]]):
        refused = planner.patch("/v1/people/ann", json={"terms": terms}, headers=etag)
        assert (refused.status_code, refused.json()["code"]) == (403, "field.not_allowed")
    changed = planner.patch("/v1/people/ann", json={"terms": split, "team": "South"}, headers=etag)
    assert changed.status_code == 200, changed.text
    assert [one["cost_rate"] for one in client.get("/v1/people/ann").json()["terms"]] == ["4171.3391", "4171.3391"]
    new = planner.post("/v1/people", json={"name": "Dan", "terms": [term]})
    assert (new.status_code, new.json()["errors"][0]["pointer"]) == (403, "/terms/0/cost_rate")
    missing = client.post("/v1/people", json={"name": "Dan", "terms": [{**term, "cost_rate": None}]})
    assert (missing.status_code, missing.json()["errors"][0]["code"]) == (422, "field.missing")


@pytest.mark.usefixtures("firm")
def test_a_token_sees_no_more_than_its_scopes(application: Application, client: TestClient) -> None:
    """An admin's token without the right to see prices changes a demand and leaves its rate alone; rates as such are closed to it."""
    who = somebody(application, "admin")
    scopes = {"demands:read", "demands:change", "projects:read", "skills:read", "people:read", "bill_rates:read"}
    narrow = client_of(application, who, bearer(application, who.user, scopes=scopes))
    read = narrow.get("/v1/demands/alpha-rich")
    assert (read.json()["bill_rate"], read.json()["name"]) == (None, "Rich")
    changed = narrow.patch("/v1/demands/alpha-rich", json={"name": "Richer"}, headers={"If-Match": read.headers["ETag"]})
    assert changed.status_code == 200, changed.text
    whole = client.get("/v1/demands/alpha-rich").json()
    assert (whole["name"], whole["bill_rate"]) == ("Richer", "9000")
    refused = narrow.patch("/v1/demands/alpha-rich", json={"bill_rate": "1"}, headers={"If-Match": '"2"'})
    assert (refused.status_code, refused.json()["code"]) == (403, "field.not_allowed")
    assert narrow.get("/v1/bill_rates").status_code == 403
    assert narrow.get("/v1/bill_rates/rate-alpha").status_code == 404
    assert not who.actor.scopes
    assert COST_READ not in scopes

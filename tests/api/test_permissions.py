"""Every operation of the description, for every role, on own, foreign and missing objects: what the written table says, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.authentication import PUBLIC
from api.permissions import OPERATIONS, Needs, On
from api.permissions import main as permissions_page
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import ClientId, new_id
from scheduler.domain.ground.permissions import GRANTS, MEANINGS, SHOWN_TO_CLIENTS, USER_ROLES, Role, Scope
from scheduler.domain.ground.webhooks import Webhook
from scheduler.domain.staffing.work import ProjectState
from scheduler.store.areas import AREAS
from scheduler.store.invoice_runs import RunRepository
from scheduler.store.reach import REACH
from tests.api.access_firm import FOREIGN, OWN, ROLES, Who, make_decided_set, make_ended_plan, make_firm_of_two, somebody
from tests.api.walking import MISSING, ask, operations
from tests.cli.muster_process import small_problem
from tests.factories import make_project
from tests.logins import bearer

if TYPE_CHECKING:
    from httpx2 import Response

    from scheduler.application import Application

BASE = "http://127.0.0.1:8000"


def test_every_operation_has_its_row_in_the_table() -> None:
    """No operation without a row, no row without an operation; what is public is listed as such, and the page is current."""
    described = {operation: (method, path) for operation, method, path in operations()}
    assert set(described) == set(OPERATIONS)
    public = {described[operation] for operation, needs in OPERATIONS.items() if needs.is_public}
    assert public == {(method, path) for method, path in PUBLIC if path.startswith("/v1/") and path != "/v1/openapi.json"}
    named = {right for needs in OPERATIONS.values() for right in (needs.see, needs.right, needs.also, needs.instead) if right is not None}
    assert named <= set(GRANTS)
    assert permissions_page(["--check"]) == 0, "run: make permissions"


def test_the_table_of_rights_is_whole() -> None:
    """Every area can be read by somebody, every scope that is granted reaches something, and every meaning is of a right."""
    for name in AREAS:
        assert any(scope is not Scope.NONE for scope in GRANTS[f"{name}:read"].values())
    for right, scopes in GRANTS.items():
        assert set(scopes) == set(USER_ROLES)
        area = right.partition(":")[0]
        limited = {scope for scope in scopes.values() if scope not in (Scope.NONE, Scope.ALL)}
        assert area not in AREAS or limited <= set(REACH[area]), right
    assert set(MEANINGS) <= set(GRANTS)


def test_what_a_client_is_shown_is_in_the_table_and_nothing_else() -> None:
    """Every area that a client viewer has a right in says in which states its rows are shown; where there are states some are hidden."""
    granted = {right.partition(":")[0] for right, scopes in GRANTS.items() if scopes[Role.CLIENT_VIEWER] is Scope.CLIENT}
    assert granted == set(SHOWN_TO_CLIENTS)
    assert {right for right, scopes in GRANTS.items() if scopes[Role.CLIENT_VIEWER] not in (Scope.NONE, Scope.CLIENT)} == {"tokens:own"}
    assert {name for name, rules in REACH.items() if Scope.CLIENT in rules} == granted
    for area in granted:
        states = SHOWN_TO_CLIENTS[area]
        assert (states is None) == ("state" not in AREAS[area].table.c), "what has states is not shown in all of them"
        assert states is None or set(states) < {state.value for state in ProjectState}


def test_a_client_viewer_sees_agreed_things_of_their_client(application: Application) -> None:
    """In every state of a project but those two it is not there for them; no money, no people and no staffing in what is."""
    make_firm_of_two(application)
    who = somebody(application, "client_viewer")
    client = TestClient(create_app(application), base_url=BASE, headers=who.headers, raise_server_exceptions=False)
    said: dict[str, Any] = {"budget_minor": 777_777, "budget_minutes": 777_777, "planned_minutes": 777_777, "priority": Decimal("77.75")}
    with application.store.begin(LOCAL) as tx:
        for state in ProjectState:
            chance = {"probability": Decimal("0.5")} if state is ProjectState.TENTATIVE else {}
            tx.projects.add(make_project(f"their {state}", client_id=ClientId("acme"), state=state, **said, **chance))
    shown = everything(client, "projects", {})
    assert {one["name"].casefold() for one in shown} == {"alpha", "their won", "their closed"}
    assert client.get(f"/v1/projects/their {ProjectState.TENTATIVE}").status_code == 404
    assert "777777" not in json.dumps(shown)
    assert "77.75" not in json.dumps(shown)


def test_a01_no_credential(application: Application) -> None:
    """Without a credential, or with a made-up one, every operation that is not on the public list answers 401 and how to log in."""
    client = TestClient(create_app(application), base_url=BASE, raise_server_exceptions=False)
    made_up: list[dict[str, str]] = [
        {},
        {"Authorization": "Bearer mst_nonsense"},
        {"Authorization": "Basic YTpi"},
        {"Cookie": "muster_session=x"},
    ]
    for operation, method, path in operations():
        for headers in made_up:
            answer = client.request(method, path.replace("{", "").replace("}", ""), headers=headers)
            is_refused = answer.status_code == 401 and answer.json()["code"] == "login.required"
            assert is_refused == (not OPERATIONS[operation].is_public), (operation, answer.text)
            assert not is_refused or answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("role", ROLES)
def test_a04_a05_every_operation_against_the_table(application: Application, role: str) -> None:
    """Own, foreign and missing objects: 404 for what is not seen, word for word as for what is not there; 403 for what may not be done."""
    make_firm_of_two(application)
    plan_id = make_ended_plan(application)
    make_decided_set(application, plan_id)
    who = somebody(application, role)
    client = TestClient(create_app(application), base_url=BASE, headers=who.headers, raise_server_exceptions=False)
    wrong = []
    for operation, method, path in operations():
        needs = OPERATIONS[operation]
        if needs.is_public:
            continue
        for kind, object_id in objects(application, who, operation, path, plan_id).items():
            answer = ask(client, operation, method, path, object_id=object_id, who=who)
            found, wanted = outcome(answer), expected(who, needs, kind, path)
            if found != wanted:
                wrong.append((operation, kind, wanted, answer.status_code, answer.text[:200]))
            if found == "unseen" and kind != "missing" and "{" in path:
                missing = ask(client, operation, method, path, object_id=MISSING, who=who)
                assert told(missing, MISSING) == told(answer, object_id), operation
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_a12_lists_hold_what_the_scope_reaches(application: Application, role: str) -> None:
    """A list has all own objects and no foreign one, with every filter and sort alike; a count or an order tells nothing of the rest."""
    make_firm_of_two(application)
    who = somebody(application, role)
    client = TestClient(create_app(application), base_url=BASE, headers=who.headers, raise_server_exceptions=False)
    for area, own in OWN.items():
        scope = reach_of(who, f"{area.replace('-', '_')}:read")
        if scope is Scope.NONE:
            continue
        if area == "scenarios" and scope is Scope.TEAM:
            assert everything(client, area, {}) == [], "a what-if of the whole firm is no business of one team"
            continue
        wanted = {own} | ({FOREIGN[area]} if area in FOREIGN and scope is Scope.ALL else set())
        for params in ({}, {"sort": "-id"}, {"sort": "id", "limit": "1"}, {"as_of": "2199-01-01T00:00:00Z"}):
            assert {one["id"] for one in everything(client, area, params)} == wanted, (area, params)
        if area in FOREIGN and scope is not Scope.ALL:
            key = {"projects": "client_id", "people": "team", "clients": "name"}.get(area)
            value = {"projects": "globex", "people": "South", "clients": "globex"}.get(area, "x")
            assert everything(client, area, {key: value} if key else {"external_id": "x"}) == []


def everything(client: TestClient, area: str, params: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get(f"/v1/{area}", params={**params, **cursor})
        assert page.status_code == 200, page.text
        found += page.json()["items"]
        if page.json()["next_cursor"] is None:
            return found
        cursor = {"cursor": page.json()["next_cursor"]}


def objects(application: Application, who: Who, operation: str, path: str, plan_id: str) -> dict[str, str]:
    """What the operation is tried on, by kind; one try where it is about no object."""
    if "{" not in path:
        return {"own": ""}
    area = "users" if path.startswith("/scim/") else path.split("/")[2]
    if area == "rebalance-policies":
        return {"foreign": "nightly", "missing": MISSING}
    if area == "change-sets":
        return {"foreign": "the-set", "missing": MISSING}
    if area == "plans":
        return {"foreign": plan_id, "missing": MISSING}
    if area == "webhooks":
        return {"foreign": _webhook(application), "missing": MISSING}
    if area in ("jobs", "solves"):
        return {"own": _job(who, application), "foreign": _job(somebody(application, "resource_manager"), application), "missing": MISSING}
    if area == "sweeps":
        with application.store.begin(LOCAL) as tx:
            return {"foreign": tx.sweeps.add(request={"kind": "hires"}, now=tx.now).id, "missing": MISSING}
    if area == "invoice-runs":
        with application.store.begin(LOCAL) as tx:
            return {"foreign": RunRepository(tx.connection, LOCAL).add(request={}, now=tx.now).id, "missing": MISSING}
    if area == "users":
        return {"foreign": who.user.id, "missing": MISSING}
    if area == "tokens":
        other = somebody(application, "member")
        return {"own": _token(application, who), "foreign": _token(application, other), "missing": MISSING}
    return {"own": OWN[area], **({"foreign": FOREIGN[area]} if area in FOREIGN else {}), "missing": MISSING}


def _job(who: Who, application: Application) -> str:
    """The job of a problem that was sent in, while sending was allowed."""
    with application.store.begin(replace(who.actor, role=Role.SYSTEM)) as tx:
        return tx.solves.add(problem=small_problem(), limits={}, now=tx.now).id


def _webhook(application: Application) -> str:
    with application.store.begin(LOCAL) as tx:
        webhook = Webhook(id=new_id(), url="https://a.example", events=(), actor_id=LOCAL.id, is_active=True, created_at=tx.now)
        return tx.webhooks.add(webhook, secret="whsec_AAAA").id


def _token(application: Application, who: Who) -> str:
    bearer(application, who.user)
    with application.store.read(who.actor) as view:
        return view.credentials.tokens_of(who.user.id)[0].id


OF_PERSONS = frozenset({"expenses"})
"""Areas in which roles of every sort have rights to what belongs to the person that they are."""


def reach_of(who: Who, right: str) -> Scope:
    """How far a right reaches; everything for a team's right of somebody who is limited to no team, nothing of one's own for who is nobody."""
    scope: Scope = who.actor.scope(right)
    if scope is Scope.OWN and who.user.person_id is None and right.partition(":")[0] in OF_PERSONS:
        return Scope.NONE
    return Scope.ALL if scope is Scope.TEAM and who.user.team is None else scope


def expected(who: Who, needs: Needs, kind: str, path: str) -> str:
    """By the table alone: ``unseen`` (404), ``denied`` (403) or ``allowed``."""
    if kind == "missing":
        return "unseen"
    if needs.by_session and path != "/v1/oidc/link":  # that is answered before: no provider is set up here
        return "denied"
    if needs.right is None or (needs.instead is not None and reach_of(who, needs.instead) is Scope.ALL):
        return "allowed"
    about_all = ("/v1/plans", "/v1/scenarios", "/v1/sweeps", "/v1/rebalance-policies", "/v1/change-sets")
    limited_to_a_team = path.startswith(about_all) and who.user.team is not None
    reached = {Scope.ALL} if kind == "foreign" or limited_to_a_team else set(Scope) - {Scope.NONE}
    if needs.on is On.OBJECT and needs.see is not None and reach_of(who, needs.see) not in reached:
        return "unseen"
    rights = [right for right in (needs.right, needs.also) if right is not None]
    if needs.on in (On.OBJECT, On.NEW) and rights[0].startswith("time_entries:"):
        reached -= set() if who.user.person_id is not None else {Scope.OWN}  # their own time is nobody's
    if needs.on is On.LIST:
        return "denied" if any(reach_of(who, right) is Scope.NONE for right in rights) else "allowed"
    return "allowed" if all(reach_of(who, right) in reached for right in rights) else "denied"


def outcome(answer: Response) -> str:
    assert answer.status_code not in (401, 405, 500), answer.text
    if answer.status_code == 404 and answer.json()["code"] == "record.not_found":
        return "unseen"
    return "denied" if answer.status_code == 403 else "allowed"


def told(answer: Response, object_id: str) -> tuple[int, dict[str, Any]]:
    """What an answer says, without the id that was asked for and the request's own."""
    body = {name: value for name, value in answer.json().items() if name != "request_id"}
    return answer.status_code, json.loads(json.dumps(body).replace(object_id, "ID"))

"""SCIM 2.0: an identity provider makes, finds, changes and deactivates users, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.permissions import Role
from scheduler.usecases.users import create_user
from tests.api.access_firm import make_firm_of_two, somebody
from tests.logins import bearer, make_user

if TYPE_CHECKING:
    from scheduler.application import Application

SCIM = {"Content-Type": "application/scim+json"}
USERS = "/scim/v2/Users"


@pytest.fixture
def provider(application: Application) -> TestClient:
    """An identity provider with a token that can do nothing but keep users."""
    user = create_user(application.store, actor=LOCAL, user=make_user(), now=datetime.now(UTC))
    headers = {**bearer(application, user, scopes={"users:read", "users:create", "users:change"}), **SCIM}
    return TestClient(create_app(application), base_url="http://127.0.0.1:8000", headers=headers, raise_server_exceptions=False)


def made(provider: TestClient, **fields: Any) -> dict[str, Any]:
    answer = provider.post(USERS, json={"schemas": [], "userName": "ann@idp", "emails": [{"value": "a@b.c"}], **fields})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_users_are_made_found_and_changed(provider: TestClient) -> None:
    """What a provider sends comes back; it finds users by login and external id; the same login twice is a conflict."""
    user = made(provider, displayName="Ann", externalId="E-1", roles=[{"value": "finance"}])
    assert (user["userName"], user["active"], user["roles"]) == ("ann@idp", True, [{"value": "finance"}])
    assert provider.post(USERS, json={"userName": "ANN@idp"}).status_code == 409
    for query in ('userName eq "Ann@IDP"', 'externalId eq "E-1"'):
        assert [one["id"] for one in provider.get(USERS, params={"filter": query}).json()["Resources"]] == [user["id"]]
    assert provider.get(USERS, params={"filter": 'userName eq "eve"'}).json()["totalResults"] == 0
    assert provider.get(USERS, params={"filter": "userName sw a"}).json()["code"] == "scim.filter_not_supported"
    address = f"{USERS}/{user['id']}"
    changes = [{"op": "Replace", "path": "displayName", "value": "Anne"}, {"op": "replace", "value": {"userName": "anne@idp"}}]
    changed = provider.patch(address, json={"Operations": changes})
    assert (changed.json()["displayName"], changed.json()["userName"]) == ("Anne", "anne@idp")
    replaced = provider.put(address, json={"userName": "ann@idp", "name": {"formatted": "Ann B."}, "active": True})
    assert (replaced.json()["displayName"], replaced.json()["roles"]) == ("Ann B.", [{"value": "finance"}])
    for bad in ([{"op": "remove", "path": "userName"}], [{"op": "replace", "path": "roles", "value": [{"value": "boss"}]}]):
        assert provider.patch(address, json={"Operations": bad}).json()["code"] == "scim.value_not_supported"
    assert provider.get("/scim/v2/ServiceProviderConfig").json()["patch"] == {"supported": True}


@pytest.mark.parametrize("how", ["patch", "put", "delete"])
def test_deactivating_ends_access_and_opens_future_bookings(application: Application, provider: TestClient, how: str) -> None:
    """Who leaves by the provider's word is out at once, and what they were booked for is open; their id and past stay."""
    make_firm_of_two(application)
    with application.store.begin(LOCAL) as tx:
        tx.people.save(replace(tx.people.get("ann"), external_id="E-1"))
    user = made(provider, externalId="E-1")
    admin = TestClient(create_app(application), base_url="http://127.0.0.1:8000", headers=somebody(application, "admin").headers)
    stored = admin.get(f"/v1/users/{user['id']}").json()
    assert (stored["person_id"], stored["role"]) == ("ann", "member")
    with application.store.read(LOCAL) as view:
        theirs = view.users.get(user["id"])
    member = TestClient(create_app(application), base_url="http://127.0.0.1:8000", headers=bearer(application, theirs))
    assert member.get("/v1/bookings").json()["items"]
    address = f"{USERS}/{user['id']}"
    if how == "patch":
        done = provider.patch(address, json={"Operations": [{"op": "Replace", "path": "active", "value": "False"}]})
    elif how == "put":
        done = provider.put(address, json={"userName": "ann@idp", "externalId": "E-1", "active": False})
    else:
        done = provider.delete(address)
    assert done.status_code in (200, 204), done.text
    assert member.get("/v1/bookings").status_code == 401
    assert [one["person_id"] for one in admin.get("/v1/bookings").json()["items"]] == ["bob"]
    assert provider.get(address).json()["active"] is False


def test_errors_have_the_form_of_the_standard(application: Application, provider: TestClient) -> None:
    """RFC 7644, 3.12: schema, status as text, scimType where it has one; 400 where problems say 422; at the door and within."""
    first = made(provider)
    user = create_user(application.store, actor=LOCAL, user=make_user(role=Role.FINANCE), now=datetime.now(UTC))
    stranger = TestClient(create_app(application), base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
    finance = TestClient(create_app(application), base_url="http://127.0.0.1:8000", headers=bearer(application, user))
    refused = [
        (provider.post(USERS, json={"userName": "ANN@idp"}), 409, "uniqueness", "login.taken"),
        (provider.post(USERS, json={"displayName": "Ann"}), 400, "invalidValue", "field.missing"),
        (provider.post(USERS, content=b"{"), 400, "invalidSyntax", "json.syntax"),
        (provider.get(USERS, params={"filter": "userName sw a"}), 400, "invalidFilter", "scim.filter_not_supported"),
        (provider.get(USERS, params={"count": "x"}), 400, "invalidValue", "field.type"),
        (provider.get(f"{USERS}/nobody"), 404, None, "record.not_found"),
        (provider.put("/scim/v2/Groups", json={}), 404, None, "path.not_found"),
        (provider.delete(USERS), 405, None, "method.not_allowed"),
        (provider.post(USERS, content=b"x", headers={"Content-Type": "text/plain"}), 415, None, "content_type.not_supported"),
        (finance.get(USERS), 403, None, "access.denied"),
        (stranger.get(f"{USERS}/{first['id']}"), 401, None, "login.required"),
    ]
    for answer, status, kind, code in refused:
        told = answer.json()
        assert answer.headers["Content-Type"] == "application/scim+json", code
        assert told["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
        assert (answer.status_code, told["status"], told.get("scimType"), told["code"]) == (status, str(status), kind, code)
        assert told["detail"]
        assert told["request_id"] == answer.headers["Request-Id"]
    assert stranger.get("/v1/users").headers["Content-Type"] == "application/problem+json"


def test_a_provider_sees_users_and_nothing_else(provider: TestClient) -> None:
    """Its token opens no other door, however much its user may do."""
    assert provider.get("/v1/people").status_code == 403
    assert provider.post("/v1/skills", json={"name": "SAP"}, headers={"Content-Type": "application/json"}).status_code == 403

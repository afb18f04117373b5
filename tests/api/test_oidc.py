"""Login through an identity provider: bound by issuer and subject, never by a mail address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwk
from pydantic import SecretStr
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.ground.access import LOCAL
from scheduler.store.credentials import hash_password
from scheduler.usecases.users import create_user
from tests.api.identity_provider import CLIENT, FakeProvider, identity_provider
from tests.logins import bearer, make_user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

    from scheduler.application import Application
    from scheduler.domain.ground.users import User

BASE = "http://127.0.0.1:8000"
PASSWORD = "correct horse battery"


@pytest.fixture
def provider(application: Application) -> Iterator[FakeProvider]:
    with identity_provider() as running:
        secret = SecretStr("the client's secret")
        changes = {"oidc_issuer": running.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": secret}
        application.settings = application.settings.model_copy(update=changes)
        yield running


@pytest.fixture
def ada(application: Application) -> User:
    user = make_user("ada@firm.example")
    return create_user(application.store, actor=LOCAL, user=user, now=datetime.now(UTC), password_hash=hash_password(PASSWORD))


def browser_of(application: Application) -> TestClient:
    return TestClient(create_app(application), base_url=BASE, follow_redirects=False, raise_server_exceptions=False)


def come_back(browser: TestClient, provider: FakeProvider, address: str, **changes: str) -> Response:
    """The provider sends the browser back, with a token for just this login unless a test says otherwise."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["code_challenge_method"] == "S256"
    provider.claims.setdefault("nonce", asked["nonce"])
    return browser.get("/v1/oidc/callback", params={"code": "a-code", "state": asked["state"], **changes})


def log_in(browser: TestClient, provider: FakeProvider, **changes: str) -> Response:
    began = browser.get("/v1/oidc/login")
    assert began.status_code == 303, began.text
    assert "SameSite=lax" in began.headers["set-cookie"]
    return come_back(browser, provider, began.headers["location"], **changes)


def tie(browser: TestClient, provider: FakeProvider) -> Response:
    session = browser.post("/v1/session", json={"login": "ada@firm.example", "password": PASSWORD}).json()
    began = browser.post("/v1/oidc/link", headers={"X-CSRF-Token": session["csrf_token"]})
    assert began.status_code == 200, began.text
    return come_back(browser, provider, began.json()["authorization_url"])


@pytest.mark.usefixtures("ada")
def test_a_user_ties_an_identity_and_logs_in_by_it(application: Application, provider: FakeProvider) -> None:
    """Tied once by somebody who is logged in; from then on the provider's word is enough, in any browser."""
    assert tie(browser_of(application), provider).status_code == 303
    provider.claims.clear()
    another = browser_of(application)
    assert log_in(another, provider).headers["location"].startswith(BASE)
    assert another.get("/v1/session").json()["name"] == "Ada@Firm.Example"


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("verified", [True, False, None])
def test_a29_the_same_mail_address_ties_nobody(application: Application, provider: FakeProvider, *, verified: bool | None) -> None:
    """Same address, another subject: refused, verified or not, and no user is made."""
    provider.claims.update(email="ada@firm.example", email_verified=verified, sub="somebody-else")
    browser = browser_of(application)
    answer = log_in(browser, provider)
    assert (answer.status_code, answer.json()["code"]) == (403, "login.link_required")
    assert browser.get("/v1/session").status_code == 401
    with application.store.read(LOCAL) as view:
        assert view.users.count() == 1


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-client"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"nonce": "of another login"},
        {"sub": None},
        {"sub": ""},
        {"exp": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_login(application: Application, provider: FakeProvider, claims: dict[str, Any]) -> None:
    """Another audience, issuer or login, no subject, too old: refused."""
    provider.claims.update(claims)
    answer = log_in(browser_of(application), provider)
    assert (answer.status_code, answer.json()["code"]) == (403, "oidc.refused")


@pytest.mark.usefixtures("ada")
def test_a_token_that_the_provider_did_not_sign(application: Application, provider: FakeProvider) -> None:
    """Signed by another key, or with the client's secret as if it were a key: refused."""
    for algorithm, key in (("RS256", jwk.RSAKey.generate_key(2048)), ("HS256", jwk.OctKey.import_key("the client's secret"))):
        provider.algorithm, provider.signing_key = algorithm, key
        assert log_in(browser_of(application), provider).json()["code"] == "oidc.refused"


@pytest.mark.usefixtures("ada")
def test_an_answer_to_a_login_that_this_browser_did_not_begin(application: Application, provider: FakeProvider) -> None:
    """Another state, or none of this browser's, is refused: nobody is logged in as somebody else by a link."""
    assert log_in(browser_of(application), provider, state="another").json()["code"] == "oidc.refused"
    began = browser_of(application).get("/v1/oidc/login").headers["location"]
    assert come_back(browser_of(application), provider, began).json()["code"] == "oidc.refused"


def test_a_disabled_user_and_a_taken_identity(application: Application, provider: FakeProvider, ada: User) -> None:
    """The provider's word lets no disabled user in; one identity is one user's; tokens tie nothing."""
    browser = browser_of(application)
    tie(browser, provider)
    eve = create_user(application.store, actor=LOCAL, user=make_user("eve"), now=datetime.now(UTC), password_hash=hash_password(PASSWORD))
    other = browser_of(application)
    session = other.post("/v1/session", json={"login": "eve", "password": PASSWORD}).json()
    began = other.post("/v1/oidc/link", headers={"X-CSRF-Token": session["csrf_token"]}).json()["authorization_url"]
    provider.claims.clear()
    assert come_back(other, provider, began).json()["code"] == "identity.taken"
    headers = bearer(application, eve)
    program = TestClient(create_app(application), base_url=BASE, headers=headers)
    assert program.post("/v1/oidc/link").json()["code"] == "session.required"
    assert program.patch(f"/v1/users/{ada.id}", json={"is_active": False}, headers={"If-Match": '"1"'}).status_code == 200
    provider.claims.clear()
    assert log_in(browser_of(application), provider).json()["code"] == "login.failed"


def test_without_a_provider(application: Application) -> None:
    """Where none is set up, the doors say so; one that cannot be reached is 503."""
    browser = browser_of(application)
    for path in ("/v1/oidc/login", "/v1/oidc/callback"):
        assert browser.get(path).json()["code"] == "oidc.not_configured"
    changes = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": CLIENT, "oidc_client_secret": SecretStr("x")}
    application.settings = application.settings.model_copy(update=changes)
    answer = browser.get("/v1/oidc/login")
    assert (answer.status_code, answer.json()["code"]) == (503, "oidc.unavailable")

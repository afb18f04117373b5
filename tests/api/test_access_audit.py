"""What happens at the door is in the audit: logins, tokens, changed users and what was refused; never a secret, nor its digest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.ground.access import LOCAL, Origin
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.paging import PageRequest
from scheduler.store.credentials import hash_password
from scheduler.store.tables import METADATA
from scheduler.usecases.login import Attempt, log_in
from scheduler.usecases.passwords import make_reset_link
from scheduler.usecases.users import create_user
from tests.api.access_firm import make_ended_plan, make_firm_of_two, somebody
from tests.api.walking import MISSING
from tests.logins import make_user

if TYPE_CHECKING:
    from scheduler.application import Application
    from scheduler.domain.ground.users import User

BASE = "http://127.0.0.1:8000"
PASSWORD = "correct horse battery"


@pytest.fixture
def ada(application: Application) -> User:
    return create_user(application.store, actor=LOCAL, user=make_user("ada"), now=datetime.now(UTC), password_hash=hash_password(PASSWORD))


def told(application: Application) -> list[dict[str, Any]]:
    """What happened at the door, oldest first."""
    application.refusals.settle()
    with application.store.read(LOCAL) as view:
        page = view.audit.page(PageRequest(filters={"area": "access"}, sort="id", limit=500))
    return [{"about": one.row_id, "by": one.actor_id, "from": one.source, **(one.after or {})} for one in page.items]


def browser_of(application: Application, headers: dict[str, str] | None = None) -> TestClient:
    return TestClient(create_app(application), base_url=BASE, headers=headers or {}, raise_server_exceptions=False)


def test_logins_and_tokens_are_told_without_secrets(application: Application, ada: User) -> None:
    """Who came in and from where, who did not, which token was made and revoked; no password, secret, hash or digest anywhere in it."""
    browser = browser_of(application)
    browser.post("/v1/session", json={"login": "ada", "password": "not the one"})
    browser.post("/v1/session", json={"login": "nobody at all", "password": "not the one"})
    csrf = {"X-CSRF-Token": browser.post("/v1/session", json={"login": "ada", "password": PASSWORD}).json()["csrf_token"]}
    made = browser.post("/v1/tokens", json={"name": "nightly export", "scopes": ["skills:read"]}, headers=csrf).json()
    assert browser.delete(f"/v1/tokens/{made['id']}", headers=csrf).status_code == 204
    session = next(str(one.value) for one in browser.cookies.jar if one.name == "muster_session")
    assert browser.delete("/v1/session", headers=csrf).status_code == 204
    assert [(one["event"], one["about"]) for one in told(application)] == [
        ("password set", ada.id),
        ("login failed", ada.id),
        ("login failed", "unknown"),
        ("login succeeded", ada.id),
        ("token made", ada.id),
        ("token revoked", ada.id),
        ("logged out", ada.id),
    ]
    assert {one["token_id"] for one in told(application) if "token_id" in one} == {made["id"]}
    assert {one["from"] for one in told(application)[1:]} == {"testclient"}
    secrets = [PASSWORD, "not the one", "nobody at all", made["token"], session, application.digest.of("session", session)]
    text = audited(application)
    assert [one for one in secrets if one in text] == []
    assert "argon2" not in text


def test_a23_strangers_cannot_fill_the_audit(application: Application, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up logins from ever new addresses, and from one: few records, which say how many there were; what is tried on a user is told apart."""
    monkeypatch.setattr("scheduler.usecases.login.fits", lambda *_: False)
    now = datetime.now(UTC)

    def fails(login: str, source: str) -> str:
        attempt = Attempt(login=login, password="no", origin=Origin(source=source))
        with pytest.raises(DomainError) as failed:
            log_in(application.store, digest=application.digest, attempt=attempt, now=now)
        return failed.value.code

    for number in range(40):
        assert fails(f"nobody{number}", f"198.51.100.{number}") == "login.failed"
    assert fails("ada", "192.0.2.1") == "login.failed"
    failed = [(one["about"], one["failures_this_hour"]) for one in told(application) if one["event"] == "login failed"]
    assert failed == [*(("unknown", number) for number in (1, 2, 3, 4, 5, 8, 16, 32)), (ada.id, 1)]
    codes = [fails(f"noone{number}", "203.0.113.9") for number in range(22)]
    assert codes[-2:] == ["login.too_many"] * 2
    before = counted_tries(application)
    assert {fails(f"yet another {number}", "203.0.113.9") for number in range(20)} == {"login.too_many"}
    assert counted_tries(application) == before, "who has to wait leaves nothing behind"


def counted_tries(application: Application) -> int:
    with application.store.read(LOCAL) as view:
        return int(view.connection.execute(select(func.count()).select_from(METADATA.tables["login_tries"])).scalar_one())


def audited(application: Application) -> str:
    """Everything in the audit's tables, opened where it is sealed."""
    with application.store.engine.connect() as connection:
        rows = [connection.execute(select(METADATA.tables[name])).all() for name in ("audit_records", "audit_changes")]
    with application.store.read(LOCAL) as view:
        assert view.audit.verify().holds
        return str(rows) + str(view.audit.page(PageRequest(limit=500)).items)


def test_a_changed_user_is_a_change_like_any(application: Application, ada: User) -> None:
    """Before and after, by whom; the login is sealed until somebody may read it."""
    admin = somebody(application, "admin")
    client = browser_of(application, admin.headers)
    changed = client.patch(f"/v1/users/{ada.id}", json={"role": "finance", "login": "lovelace"}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    entry = client.get("/v1/audit", params={"record_id": ada.id, "area": "users"}).json()["items"][0]
    assert (entry["kind"], entry["actor_id"]) == ("changed", admin.user.id)
    assert entry["before"] == {"version": 1, "role": "admin", "login": "ada"}
    assert entry["after"] == {"version": 2, "role": "finance", "login": "lovelace"}
    with application.store.engine.connect() as connection:
        assert "lovelace" not in str(connection.execute(select(METADATA.tables["audit_changes"])).all())


def test_a04_what_is_out_of_reach_is_audited(application: Application) -> None:
    """An object that is there and not for the asker is told with who and which operation; one that is not there is no refusal."""
    make_firm_of_two(application)
    member = somebody(application, "member")
    client = browser_of(application, member.headers)
    before = len(told(application))
    assert client.get("/v1/people/bob").status_code == 404
    assert client.get("/v1/people/bob").json().keys() == client.get(f"/v1/people/{MISSING}").json().keys()
    assert client.delete(f"/v1/plans/{make_ended_plan(application)}").status_code in (404, 405)
    assert client.get("/v1/plans/the-plan").status_code == 404
    assert client.post("/v1/clients", json={"name": "Acme"}).status_code == 403
    assert client.get("/v1/people/ann").status_code == 200
    assert client.get("/v1/people/ann", params={"as_of": "2020-01-01T00:00:00Z"}).status_code == 404
    events = told(application)[before:]
    assert {(one["event"], one["about"], one["by"]) for one in events} == {("access refused", member.user.id, member.user.id)}
    assert [(one["operation"], one["code"], one.get("id")) for one in events] == [
        ("read_person", "record.not_found", "bob"),
        ("read_person", "record.not_found", "bob"),
        ("read_plan", "record.not_found", "the-plan"),
        ("create_client", "access.denied", None),
    ]


@pytest.mark.parametrize("scopes", [["audit:read"], ["cost:read"]])
def test_a_token_needs_both_rights_to_read_the_audit(application: Application, scopes: list[str]) -> None:
    """What is told there has costs in it."""
    admin = browser_of(application, somebody(application, "admin").headers)
    made = admin.post("/v1/tokens", json={"name": "limited", "scopes": scopes}).json()
    limited = browser_of(application, {"Authorization": f"Bearer {made['token']}"})
    assert limited.get("/v1/audit").json()["code"] == "access.denied"
    assert admin.get("/v1/audit").status_code == 200


def test_what_is_done_before_somebody_is_known_has_its_origin(application: Application, ada: User) -> None:
    """Passwords by link and by their owner: the address, not the command line's; by the owner where there is one."""
    browser = browser_of(application)
    secret, _ = make_reset_link(application.store, actor=LOCAL, digest=application.digest, user_id=ada.id, now=datetime.now(UTC))
    assert browser.post("/v1/password_resets", json={"secret": secret, "password": "a wholly new one"}).status_code == 204
    csrf = {"X-CSRF-Token": browser.post("/v1/session", json={"login": "ada", "password": "a wholly new one"}).json()["csrf_token"]}
    changed = browser.post("/v1/session/password", json={"current": "a wholly new one", "password": PASSWORD}, headers=csrf)
    assert changed.status_code == 204, changed.text
    events = [one for one in told(application) if one["event"] == "password set"]
    assert [(one["by"], one["from"]) for one in events] == [("local", "cli"), ("gatekeeper", "testclient"), (ada.id, "testclient")]


def test_a_change_without_the_csrf_token_is_told(application: Application, ada: User) -> None:
    """Somebody's browser was made to ask for something, or a program forgot the header: refused, and in the audit with the user's name."""
    browser = browser_of(application)
    browser.post("/v1/session", json={"login": "ada", "password": PASSWORD})
    assert browser.post("/v1/skills", json={"name": "SAP"}).status_code == 403
    last = told(application)[-1]
    assert (last["event"], last["by"], last["code"]) == ("access refused", ada.id, "csrf.invalid")


def test_a06_what_is_named_in_a_body_and_out_of_sight_is_audited(application: Application) -> None:
    """The answer is that of an id that nobody has; the audit says which of the named are there. Only those."""
    make_firm_of_two(application)
    member = somebody(application, "member")
    client = browser_of(application, member.headers)
    period = {"start": "2027-03-01", "end": "2027-03-08"}
    before = len(told(application))
    answers = [client.post("/v1/absences", json={"person_id": one, "period": period}) for one in ("bob", MISSING)]
    assert [one.status_code for one in answers] == [422, 422]
    assert [{**one.json(), "request_id": ""} for one in answers] == [{**answers[1].json(), "request_id": ""}] * 2
    (event,) = told(application)[before:]
    assert (event["event"], event["by"], event["operation"]) == ("access refused", member.user.id, "create_absence")
    assert (event["code"], event["named"]) == ("reference.not_found", ["people/bob"])


def test_a01_strangers_are_audited_once_an_hour_and_counted(application: Application) -> None:
    """Requests without a credential, with a made-up one, and with a made-up link: one record a source, however many come."""
    stranger = browser_of(application)
    before = len(told(application))
    for _ in range(5):
        assert stranger.get("/v1/people").status_code == 401
        assert stranger.get("/v1/people", headers={"Authorization": "Bearer made-up"}).status_code == 401
        assert stranger.post("/v1/password_resets", json={"secret": "x" * 43, "password": PASSWORD}).status_code == 410
    (event,) = told(application)[before:]
    assert (event["event"], event["about"], event["by"], event["from"]) == ("access refused", "unknown", "gatekeeper", "testclient")
    assert (event["code"], event["unrecorded_before"]) == ("login.required", 0)
    later = datetime.now(UTC) + timedelta(hours=1, minutes=1)
    application.refusals.tell_of_stranger(origin=Origin(source="192.0.2.1"), code="login.required", now=later)
    assert told(application)[-1]["unrecorded_before"] == 14

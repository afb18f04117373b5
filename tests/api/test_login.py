"""Logging in: sessions, one-time links, tokens, and what strangers can do about them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.ground.access import CLI, LOCAL, Origin
from scheduler.domain.ground.credentials import Identity
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import PersonId
from scheduler.domain.ground.paging import PageRequest
from scheduler.domain.ground.permissions import Role
from scheduler.store.credentials import hash_password
from scheduler.store.tables import METADATA
from scheduler.store.tables.access import API_TOKENS, LOGIN_TRIES, ONE_TIME_LINKS, SESSIONS
from scheduler.usecases.identities import begin_tie, log_in_by_identity
from scheduler.usecases.login import Attempt, log_in
from scheduler.usecases.passwords import make_reset_link, make_setup_link
from scheduler.usecases.users import change_user, create_user
from tests.api.access_firm import make_firm_of_two, somebody
from tests.logins import bearer, make_user

if TYPE_CHECKING:
    from httpx2 import Response

    from scheduler.application import Application
    from scheduler.domain.ground.users import User

BASE = "http://127.0.0.1:8000"
PASSWORD = "correct horse battery"
NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def ada(application: Application) -> User:
    return create_user(application.store, actor=LOCAL, user=make_user("ada"), now=datetime.now(UTC), password_hash=hash_password(PASSWORD))


@pytest.fixture
def browser(application: Application) -> TestClient:
    return TestClient(create_app(application), base_url=BASE, raise_server_exceptions=False)


def log_in_with(browser: TestClient, login: str = "ada", password: str = PASSWORD) -> Response:
    return browser.post("/v1/session", json={"login": login, "password": password})


def reset_link(application: Application, user: User, now: datetime | None = None) -> tuple[str, datetime]:
    """A link for somebody who has only forgotten their password."""
    now = now or datetime.now(UTC)
    return make_reset_link(application.store, actor=LOCAL, digest=application.digest, user_id=user.id, now=now, keep_access=True)


def tried(
    application: Application, *, login: str = "ada", password: str = "wrong", now: datetime = NOW, source: str = "192.0.2.1", **changes: Any
) -> str | None:
    """The code that a try at a login is refused with."""
    try:
        attempt = Attempt(login=login, password=password, origin=Origin(source=source), **changes)
        log_in(application.store, digest=application.digest, attempt=attempt, now=now)
    except DomainError as error:
        return error.code
    return None


@pytest.mark.usefixtures("ada")
def test_a_session_from_login_to_logout(browser: TestClient) -> None:
    """The cookie is out of reach for scripts and other sites, changes need the CSRF token, and logging out ends it at once."""
    answer = log_in_with(browser)
    assert (answer.status_code, answer.json()["role"]) == (200, "admin")
    cookies = answer.headers.get_list("set-cookie")
    assert all("HttpOnly" in one and "SameSite=strict" in one and "Path=/" in one for one in cookies)
    read = browser.get("/v1/session")
    assert (read.json(), read.headers["Cache-Control"]) == (answer.json(), "no-store")
    for headers in ({}, {"X-CSRF-Token": "nonsense"}):
        refused = browser.post("/v1/skills", json={"name": "SAP"}, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "csrf.invalid")
    csrf = {"X-CSRF-Token": answer.json()["csrf_token"]}
    assert browser.post("/v1/skills", json={"name": "SAP"}, headers=csrf).status_code == 201
    kept = dict(browser.cookies)
    assert browser.delete("/v1/session", headers=csrf).status_code == 204
    browser.cookies.update(kept)
    assert browser.get("/v1/session").json()["code"] == "login.required"


@pytest.mark.usefixtures("ada")
def test_a27_the_session_is_new_at_each_login_and_ends_with_other_rights(application: Application, browser: TestClient, ada: User) -> None:
    """A session that somebody planted is not the one after the login; the one before ends; other rights end all of them."""
    planted = TestClient(create_app(application), base_url=BASE, cookies={"muster_session": "planted"})
    assert "muster_session=planted" not in log_in_with(planted).headers["set-cookie"]
    log_in_with(browser)
    before = next(str(one.value) for one in browser.cookies.jar if one.name == "muster_session")
    log_in_with(browser)
    other = TestClient(create_app(application), base_url=BASE, cookies={"muster_session": before})
    assert other.get("/v1/session").status_code == 401
    admin = bearer(application, create_user(application.store, actor=LOCAL, user=make_user(), now=datetime.now(UTC)))
    plain = TestClient(create_app(application), base_url=BASE, headers=admin)
    assert browser.get("/v1/session").status_code == 200
    changed = plain.patch(f"/v1/users/{ada.id}", json={"role": "finance"}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    assert browser.get("/v1/session").status_code == 401


def test_disabling_ends_every_access_at_once(application: Application, browser: TestClient, ada: User) -> None:
    """Session, token and reset link of a disabled user are worth nothing from then on; nor can they log in."""
    log_in_with(browser)
    token = TestClient(create_app(application), base_url=BASE, headers=bearer(application, ada))
    secret, _ = reset_link(application, ada)
    assert (browser.get("/v1/session").status_code, token.get("/v1/session").status_code) == (200, 200)
    admin = bearer(application, create_user(application.store, actor=LOCAL, user=make_user(), now=datetime.now(UTC)))
    other = TestClient(create_app(application), base_url=BASE, headers=admin)
    assert other.patch(f"/v1/users/{ada.id}", json={"is_active": False}, headers={"If-Match": '"1"'}).status_code == 200
    assert (browser.get("/v1/session").status_code, token.get("/v1/session").status_code) == (401, 401)
    assert browser.post("/v1/password_resets", json={"secret": secret, "password": "a wholly new one"}).json()["code"] == "reset.invalid"
    assert log_in_with(browser).json()["code"] == "login.failed"


@pytest.mark.usefixtures("ada")
def test_a_failed_login_does_not_say_why(browser: TestClient) -> None:
    """Wrong password and unknown login are one answer."""
    answers = [log_in_with(browser, password="wrong"), log_in_with(browser, login="eve"), log_in_with(browser, login="x" * 200)]
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert (answers[0].status_code, bodies[0]["code"]) == (401, "login.failed")
    assert bodies[0] == bodies[1] == bodies[2]


@pytest.mark.usefixtures("ada")
def test_a23_fifty_wrong_passwords_on_one_account(application: Application) -> None:
    """From many places: the account waits, up to a minute; its owner's known browser does not, and after a minute nobody does."""
    attempt = Attempt(login="ada", password=PASSWORD, origin=Origin(source="198.51.100.7"))
    known = log_in(application.store, digest=application.digest, attempt=attempt, now=NOW).device_secret
    codes = [tried(application, source=f"192.0.2.{number}", now=NOW) for number in range(1, 51)]
    assert codes[:10] == ["login.failed"] * 10
    assert set(codes[10:]) == {"login.too_many"}
    assert tried(application, password=PASSWORD, source="203.0.113.5", device_secret=known, now=NOW) is None
    assert tried(application, password=PASSWORD, source="203.0.113.6", now=NOW) == "login.too_many"
    assert tried(application, password=PASSWORD, source="203.0.113.6", now=NOW + timedelta(seconds=61)) is None


@pytest.mark.usefixtures("ada")
def test_a23_one_password_on_many_accounts(application: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    """From one place: it waits longer and longer, whichever account it tries; other places are not affected."""
    monkeypatch.setattr("scheduler.usecases.login.fits", lambda password, password_hash: password == PASSWORD and password_hash is not None)
    codes = [tried(application, login=f"user{number}") for number in range(40)]
    assert codes[:20] == ["login.failed"] * 20
    assert set(codes[20:]) == {"login.too_many"}
    assert tried(application, password=PASSWORD) == "login.too_many"
    assert tried(application, password=PASSWORD, source="203.0.113.5") is None
    assert tried(application, password=PASSWORD, now=NOW + timedelta(minutes=31)) is None


@pytest.mark.usefixtures("ada")
def test_a23_over_http_with_retry_after(browser: TestClient) -> None:
    """The answer is 429 and says how long to wait."""
    answers = [log_in_with(browser, password="wrong") for _ in range(11)]
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (429, "login.too_many")
    assert int(answers[-1].headers["Retry-After"]) == answers[-1].json()["retry_after_s"] >= 1


def test_a25_reset_links(application: Application, browser: TestClient, ada: User) -> None:
    """A link that was used, is too old, was replaced, or is left over from before the password changed, is 410; weak passwords keep it."""

    def link(now: datetime) -> str:
        return reset_link(application, ada, now)[0]

    def used(secret: str, password: str = "a wholly new one") -> tuple[int, str | None]:
        answer = browser.post("/v1/password_resets", json={"secret": secret, "password": password})
        return answer.status_code, answer.json()["code"] if answer.content else None

    now = datetime.now(UTC)
    replaced, good = link(now), link(now)
    assert len(good) >= 43
    assert used(replaced) == (410, "reset.invalid")
    assert used(good, "short") == (422, "password.too_weak")
    log_in_with(browser)
    assert used(good) == (204, None)
    assert browser.get("/v1/session").status_code == 401, "a new password ends every session"
    assert used(good) == (410, "reset.invalid")
    assert used(link(now - timedelta(minutes=31))) == (410, "reset.invalid")
    left_over = link(now)
    csrf = {"X-CSRF-Token": log_in_with(browser, password="a wholly new one").json()["csrf_token"]}
    wrong = browser.post("/v1/session/password", json={"current": "wrong", "password": PASSWORD}, headers=csrf)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "password.wrong")
    assert browser.post("/v1/session/password", json={"current": "a wholly new one", "password": PASSWORD}, headers=csrf).status_code == 204
    assert used(left_over) == (410, "reset.invalid")
    assert used("made-up") == (410, "reset.invalid")


def test_a23_the_present_password_cannot_be_guessed(application: Application, browser: TestClient) -> None:
    """Whoever has got hold of a session or a token cannot find the password out by changing it: ten tries, then waiting; a token has none."""
    user = create_user(application.store, actor=LOCAL, user=make_user("eve"), now=datetime.now(UTC), password_hash=hash_password(PASSWORD))
    csrf = {"X-CSRF-Token": log_in_with(browser, login="eve").json()["csrf_token"]}
    guess = {"current": "not the one at all", "password": "a wholly new one"}
    answers = [browser.post("/v1/session/password", json=guess, headers=csrf) for _ in range(12)]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [(422, "password.wrong")] * 10 + [(429, "login.too_many")] * 2
    assert "Retry-After" in answers[-1].headers
    right = browser.post("/v1/session/password", json={**guess, "current": PASSWORD}, headers=csrf)
    assert right.status_code == 429, "the right one waits as well"
    by_token = browser.post("/v1/session/password", json={**guess, "current": PASSWORD}, headers=bearer(application, user))
    assert (by_token.status_code, by_token.json()["code"]) == (403, "session.required")


def test_a_reset_password_ends_what_was_begun_before_it(application: Application, browser: TestClient) -> None:
    """Whoever had the session could have begun to tie their own identity to the user; with a new password that comes to nothing."""
    user = create_user(application.store, actor=LOCAL, user=make_user("eve"), now=datetime.now(UTC))
    now = datetime.now(UTC)
    begin_tie(application.store, actor=user.actor(credential_id="s"), digest=application.digest, secret="flow", now=now)
    secret, _ = make_reset_link(application.store, actor=LOCAL, digest=application.digest, user_id=user.id, now=now)
    assert browser.post("/v1/password_resets", json={"secret": secret, "password": PASSWORD}).status_code == 204
    with pytest.raises(DomainError, match=r"login\.link_required"):
        log_in_by_identity(
            application.store,
            digest=application.digest,
            identity=Identity(issuer="https://id.example", subject="mallory"),
            flow_secret="flow",
            device_secret=None,
            session_secret=None,
            origin=CLI,
            now=now,
        )


@pytest.mark.parametrize("keep", [False, True])
def test_a_reset_ends_all_that_lets_somebody_in(application: Application, browser: TestClient, ada: User, keep: bool) -> None:
    """Password, session, token and identity are worth nothing from the reset on; told to keep access, it only makes the link."""
    eve = create_user(application.store, actor=LOCAL, user=make_user("eve"), now=datetime.now(UTC), password_hash=hash_password(PASSWORD))
    identity = Identity(issuer="https://id.example", subject="eve")
    with application.store.begin(LOCAL) as tx:
        tx.credentials.tie(identity, eve.id, now=tx.now)
    token = TestClient(create_app(application), base_url=BASE, headers=bearer(application, eve))
    log_in_with(browser, login="eve")
    admin = TestClient(create_app(application), base_url=BASE, headers=bearer(application, ada))
    body = {"keep_access": True} if keep else None
    link = admin.post(f"/v1/users/{eve.id}/reset", json=body).json()["link"]
    still = 200 if keep else 401
    assert [one.get("/v1/session").status_code for one in (browser, token)] == [still] * 2
    fresh = TestClient(create_app(application), base_url=BASE)
    assert log_in_with(fresh, login="eve").status_code == still
    used = {"secret": link.partition("#")[2], "password": "a wholly new one"}
    assert fresh.post("/v1/password_resets", json=used).status_code == 204
    assert browser.get("/v1/session").status_code == 401
    assert token.get("/v1/session").status_code == still
    assert log_in_with(fresh, login="eve", password="a wholly new one").status_code == 200
    with application.store.read(LOCAL) as view:
        assert (view.credentials.user_of_identity(identity) is not None) == keep
        page = view.audit.page(PageRequest(filters={"area": "access"}, limit=50))
    events = [(one.after or {})["event"] for one in page.items if one.row_id == eve.id]
    assert ("access ended" in events) != keep
    assert admin.get("/v1/session").status_code == 200, "nobody else is out"


def test_the_set_up_link_makes_one_admin(application: Application, browser: TestClient) -> None:
    """It is good once, and not for resets; once there are users it is good for nothing."""
    secret = make_setup_link(application.store, digest=application.digest, now=datetime.now(UTC))
    assert browser.post("/v1/password_resets", json={"secret": secret, "password": PASSWORD}).status_code == 410
    wanted = {"secret": secret, "login": "ada", "name": "Ada", "password": PASSWORD}
    assert browser.post("/v1/setup", json=wanted).json()["role"] == "admin"
    later = make_setup_link(application.store, digest=application.digest, now=datetime.now(UTC))
    for again in (secret, later):
        assert browser.post("/v1/setup", json={**wanted, "login": "eve", "secret": again}).json()["code"] == "reset.invalid"
    assert log_in_with(browser).status_code == 200
    page = browser.get("/password")
    assert (page.status_code, "default-src 'none'" in page.headers["Content-Security-Policy"]) == (200, True)


def test_tokens_have_scopes_and_expiry_and_are_shown_once(application: Application, ada: User) -> None:
    """A token does what its scopes say until it expires or is revoked; no more rights can be asked for than one has."""
    mine = TestClient(create_app(application), base_url=BASE, headers=bearer(application, ada))
    made = mine.post("/v1/tokens", json={"name": "reader", "scopes": ["skills:read", "tokens:own"], "expires_in_days": 7}).json()
    token = TestClient(create_app(application), base_url=BASE, headers={"Authorization": f"Bearer {made['token']}"})
    assert token.get("/v1/skills").status_code == 200
    assert token.post("/v1/skills", json={"name": "SAP"}).json()["permission"] == "skills:create"
    assert token.get("/v1/people").status_code == 403
    refused = token.post("/v1/tokens", json={"name": "more", "scopes": ["skills:create"]})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/scopes")
    assert "token" not in mine.get("/v1/tokens").json()["items"][0]
    with application.store.begin(LOCAL) as tx:
        tx.connection.execute(update(API_TOKENS).where(API_TOKENS.c.id == made["id"]).values(expires_at=datetime.now(UTC)))
    assert token.get("/v1/skills").status_code == 401
    again = mine.post("/v1/tokens", json={"name": "again", "scopes": ["skills:read"]}).json()
    assert mine.delete(f"/v1/tokens/{again['id']}").status_code == 204
    headers = {"Authorization": f"Bearer {again['token']}"}
    assert TestClient(create_app(application), base_url=BASE, headers=headers).get("/v1/skills").status_code == 401


def test_a_demoted_users_tokens_lose_what_their_user_loses(application: Application) -> None:
    """Scopes limit rights and never give any."""
    user = create_user(application.store, actor=LOCAL, user=make_user(role=Role.FINANCE), now=datetime.now(UTC))
    token = TestClient(create_app(application), base_url=BASE, headers=bearer(application, user))
    assert "cost:read" in token.get("/v1/session").json()["rights"]
    admin = bearer(application, create_user(application.store, actor=LOCAL, user=make_user(), now=datetime.now(UTC)))
    other = TestClient(create_app(application), base_url=BASE, headers=admin)
    other.patch(f"/v1/users/{user.id}", json={"role": "project_manager"}, headers={"If-Match": '"1"'})
    assert "cost:read" not in token.get("/v1/session").json()["rights"]


def test_the_last_admin_stays(application: Application, ada: User) -> None:
    """Nobody can lock everybody out of administration."""
    mine = TestClient(create_app(application), base_url=BASE, headers=bearer(application, ada))
    for change in ({"role": "member"}, {"is_active": False}):
        refused = mine.patch(f"/v1/users/{ada.id}", json=change, headers={"If-Match": '"1"'})
        assert (refused.status_code, refused.json()["code"]) == (409, "user.last_admin")


@pytest.mark.usefixtures("ada")
def test_two_admins_who_demote_each_other_at_once(application: Application, ada: User) -> None:
    """One of them comes first; the other is the last admin then, and stays."""
    eve = create_user(application.store, actor=LOCAL, user=make_user("eve"), now=datetime.now(UTC))
    ready = threading.Barrier(2)

    def demote(user: User) -> str | None:
        ready.wait()
        try:
            change_user(application.store, actor=LOCAL, user=replace(user, role=Role.MEMBER), now=datetime.now(UTC))
        except DomainError as error:
            return error.code
        return None

    with ThreadPoolExecutor(2) as pool:
        assert sorted(str(code) for code in pool.map(demote, (ada, eve))) == ["None", "user.last_admin"]


def test_secrets_are_kept_as_digests_only(application: Application, browser: TestClient, ada: User) -> None:
    """Neither a session's nor a token's nor a link's secret, nor a password, stands anywhere in the database."""
    log_in_with(browser)
    secrets = [one.value for one in browser.cookies.jar]
    secrets += [bearer(application, ada)["Authorization"].removeprefix("Bearer "), PASSWORD]
    secrets.append(reset_link(application, ada)[0])
    with application.store.read(LOCAL) as view:
        stored = repr([view.connection.execute(select(table)).all() for table in METADATA.tables.values()])
        for table in (SESSIONS, API_TOKENS, ONE_TIME_LINKS, LOGIN_TRIES):
            assert view.connection.execute(select(table)).all()
    assert [secret for secret in secrets if secret and secret in stored] == []
    assert "$argon2id$" in stored


def test_a06_ids_in_bodies_go_through_the_same_loaders(application: Application) -> None:
    """A body that names what its author may not see gets the same answer as one that names what does not exist."""
    make_firm_of_two(application)
    lead = TestClient(create_app(application), base_url=BASE, headers=somebody(application, "project_manager").headers)
    answers = [
        lead.post("/v1/demands", json={"project_id": project, "name": "Role", "effort": [], "never": [person]})
        for project, person in (("beta", "bob"), ("nothing", "nobody"))
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    told = [[(fault["pointer"], fault["code"], fault["message"]) for fault in answer.json()["errors"]] for answer in answers]
    assert told[0] == told[1]
    assert {code for _, code, _ in told[0]} == {"reference.not_found"}


def test_what_was_referred_to_before_stays(application: Application) -> None:
    """A project manager changes a demand that bars somebody they cannot see: the bar stays, and no new one of that kind can be set."""
    make_firm_of_two(application)
    with application.store.begin(LOCAL) as tx:
        tx.demands.save(replace(tx.demands.get("alpha-lead"), never=frozenset({PersonId("bob")})))
    lead = TestClient(create_app(application), base_url=BASE, headers=somebody(application, "project_manager").headers)
    assert lead.get("/v1/people/bob").status_code == 404
    changed = lead.patch("/v1/demands/alpha-lead", json={"name": "Head"}, headers={"If-Match": '"2"'})
    assert (changed.status_code, changed.json()["never"]) == (200, ["bob"]), changed.text
    refused = lead.patch("/v1/demands/alpha-lead", json={"only": ["bob", "nobody"]}, headers={"If-Match": '"3"'})
    assert (refused.status_code, refused.json()["code"]) == (422, "reference.not_found")


def test_a08_somebody_elses_rows(application: Application) -> None:
    """A member enters absences of their own only; nothing is written for anybody else, and nothing of theirs is given away."""
    make_firm_of_two(application)
    member = TestClient(create_app(application), base_url=BASE, headers=somebody(application, "member").headers)
    period = {"start": "2027-06-01", "end": "2027-06-05"}
    mine = member.post("/v1/absences", json={"person_id": "ann", "period": period})
    assert mine.status_code == 201
    theirs = member.post("/v1/absences", json={"person_id": "bob", "period": period})
    assert (theirs.status_code, theirs.json()["code"]) == (422, "reference.not_found")
    moved = member.patch(f"/v1/absences/{mine.json()['id']}", json={"person_id": "bob"}, headers={"If-Match": '"1"'})
    assert (moved.status_code, moved.json()["code"]) == (422, "reference.not_found")
    assert {one["person_id"] for one in member.get("/v1/absences").json()["items"]} == {"ann"}


def test_nobody_moves_rows_out_of_their_reach(application: Application) -> None:
    """Whoever is limited to a team neither gives people away to another nor makes some there."""
    make_firm_of_two(application)
    north = TestClient(create_app(application), base_url=BASE, headers=somebody(application, "resource_manager_of_north").headers)
    for answer in (
        north.patch("/v1/people/ann", json={"team": "South"}, headers={"If-Match": '"1"'}),
        north.post("/v1/people", json={"name": "Dan", "team": "South"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "access.out_of_scope")
    assert north.get("/v1/people/ann").json()["team"] == "North"
    assert [one["id"] for one in north.get("/v1/people").json()["items"]] == ["ann"]

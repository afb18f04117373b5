"""E-mail over HTTP, with a real mail server, on both databases."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.application import Application
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import PersonId
from scheduler.domain.ground.permissions import Role
from scheduler.store.tables.jobs import MAILS
from tests.api.conftest import BASE
from tests.factories import make_booking, make_calendar, make_firm, make_person, make_project, make_skill
from tests.logins import logged_in, make_user
from tests.mail_server import MailBox, mail_server

if TYPE_CHECKING:
    from collections.abc import Iterator

BOOKING = {"person_id": "ann", "project_id": "alpha", "weekly_minutes": 60, "period": {"start": "2027-03-01", "end": "2027-03-29"}}
WISHES = {"mail": ["plan.finished", "booking.changed"]}


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mail_server() as made:
        yield made


@pytest.fixture
def inside(application: Application, box: MailBox) -> Iterator[Application]:
    """Ann and Bob have addresses, Cat has none; nothing is sent but by the test."""
    with application.store.begin(LOCAL) as tx:
        tx.firm.save(make_firm())
        tx.calendars.add(make_calendar())
        tx.skills.add(make_skill())
        for name, email in (("ann", "ann@firm.example"), ("bob", "bob@firm.example"), ("cat", None)):
            tx.people.add(make_person(name, email=email))
        tx.projects.add(make_project())
    mail = {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "none", "mail_from": "muster@firm.example"}
    made = Application(application.settings.model_copy(update=mail))
    yield made
    made.stop()


@pytest.fixture
def client(inside: Application) -> TestClient:
    """Requests that show who sends them one by one."""
    return TestClient(create_app(inside), base_url=BASE, raise_server_exceptions=False)


def login(inside: Application, person: str, role: Role = Role.ADMIN) -> dict[str, str]:
    return logged_in(inside, make_user(role=role, person_id=PersonId(person)))


def send_all(inside: Application) -> None:
    while inside.mails.send_next():
        pass


def due_again(inside: Application) -> None:
    with inside.store.engine.begin() as connection:
        connection.execute(update(MAILS).values(next_at=datetime.now(UTC) - timedelta(seconds=1)))


def test_each_hears_what_they_want_to_and_no_more(inside: Application, client: TestClient, box: MailBox) -> None:
    """Ann planned and is booked; Bob is not; Cat has no address; who wants nothing gets nothing. Names and money are in no mail."""
    ann, bob, cat = login(inside, "ann"), login(inside, "bob", Role.MEMBER), login(inside, "cat", Role.MEMBER)
    client.post("/v1/bookings", json=BOOKING, headers=ann)
    assert client.get("/v1/notifications", headers=ann).json() == {"mail": [], "address": "ann@firm.example"}
    for who in (ann, bob, cat):
        assert client.put("/v1/notifications", json=WISHES, headers=who).status_code == 200
    assert client.get("/v1/notifications", headers=cat).json() == {"mail": ["booking.changed", "plan.finished"], "address": None}
    for person in ("ann", "cat"):
        assert client.post("/v1/bookings", json=BOOKING | {"person_id": person}, headers=ann).status_code == 201
    assert client.post("/v1/bookings", json=BOOKING | {"weekly_minutes": 9_000}, headers=ann).status_code in (409, 422)
    plan = client.post("/v1/plans", json={"horizon_start": "2027-03-01", "weeks": 4}, headers=ann).json()
    client.post(f"/v1/plans/{plan['id']}/cancel", headers=ann)
    send_all(inside)
    assert [(one["To"], one["Subject"]) for one in box.got] == [
        ("ann@firm.example", "Muster: A booking of yours has changed"),
        ("ann@firm.example", "Muster: Plan cancelled"),
    ]
    texts = [one.get_content() for one in box.got]
    assert f"{inside.settings.public_url}/v1/plans/{plan['id']}" in texts[1]
    assert not any(re.search(r"Ann|Alpha|EUR|\b50\b", text) for text in texts), "an id may well have a 50 in it, a figure stands alone"
    assert all(one["Auto-Submitted"] == "auto-generated" for one in box.got)
    listed = client.get("/v1/mails", headers=ann).json()["items"]
    assert sorted((one["person_id"], one["state"], one["last_result"]) for one in listed) == [
        ("ann", "delivered", "accepted"),
        ("ann", "delivered", "accepted"),
        ("cat", "failed", "mail.no_address"),
    ]
    assert {f"<{one['id']}@firm.example>" for one in listed if one["person_id"] == "ann"} == {one["Message-ID"] for one in box.got}
    client.put("/v1/notifications", json={"mail": []}, headers=ann)
    client.post("/v1/bookings", json=BOOKING, headers=ann)
    assert not inside.mails.send_next()


def test_whose_booking_it_was_hears_that_it_is_gone(inside: Application, client: TestClient, box: MailBox) -> None:
    """One that passes from Ann to Bob concerns both; one that is removed its person."""
    with inside.store.begin(LOCAL) as tx:
        booking = tx.bookings.add(make_booking("ann", demand=None, weekly_minutes=60))
    for name in ("ann", "bob"):
        client.put("/v1/notifications", json=WISHES, headers=login(inside, name, Role.MEMBER))
    admin = login(inside, "cat")
    moved = client.patch(f"/v1/bookings/{booking.id}", json={"person_id": "bob"}, headers={**admin, "If-Match": '"1"'})
    assert moved.status_code == 200, moved.text
    send_all(inside)
    assert sorted(one["To"] for one in box.got) == ["ann@firm.example", "bob@firm.example"]
    assert client.delete(f"/v1/bookings/{booking.id}", headers={**admin, "If-Match": moved.headers["ETag"]}).status_code == 204
    send_all(inside)
    assert [one["To"] for one in box.got[2:]] == ["bob@firm.example"]


def test_x14_a_mail_that_is_not_taken_is_sent_again_under_the_same_id(inside: Application, client: TestClient, box: MailBox) -> None:
    """A full mailbox is tried again, a receiver that is none is given up at once; an admin has what was given up sent again."""
    ann = login(inside, "ann")
    client.put("/v1/notifications", json=WISHES, headers=ann)
    client.post("/v1/bookings", json=BOOKING, headers=ann)
    box.answers = ["452 mailbox full", "550 nobody here"]
    states: list[Any] = []
    for _ in range(2):
        due_again(inside)
        assert inside.mails.send_next()
        assert not inside.mails.send_next()
        (one,) = client.get("/v1/mails", headers=ann).json()["items"]
        states.append((one["state"], one["attempts"], one["last_result"]))
    assert states == [("waiting", 1, "SMTP 452"), ("failed", 2, "SMTP 550")]
    again = client.post("/v1/mails/replay", json={"since": "2026-01-01T00:00:00Z"}, headers=ann)
    assert again.json() == {"messages": 1}
    send_all(inside)
    assert [one["Message-ID"] for one in box.got] == [
        f"<{one['id']}@firm.example>" for one in client.get("/v1/mails", headers=ann).json()["items"]
    ]
    assert client.post("/v1/mails/replay", json={"since": "2026-01-01T00:00:00Z"}, headers=ann).json() == {"messages": 0}
    member = login(inside, "bob", Role.MEMBER)
    assert client.get("/v1/mails", headers=member).status_code == 403


def test_x14_who_took_a_mail_and_died_leaves_it_to_others(inside: Application, client: TestClient, box: MailBox) -> None:
    """It is nobody else's for two minutes, then anybody's; what a late sender says of its attempt does not count any more."""
    ann = login(inside, "ann")
    client.put("/v1/notifications", json=WISHES, headers=ann)
    client.post("/v1/bookings", json=BOOKING, headers=ann)
    with inside.store.begin(LOCAL) as tx:
        taken = tx.mails.take_due(now=tx.now)
    assert taken is not None
    assert not inside.mails.send_next()
    due_again(inside)
    send_all(inside)
    assert len(box.got) == 1
    with inside.store.begin(LOCAL) as tx:
        tx.mails.not_sent(taken.mail, result="late", is_final=True, now=tx.now)
    (one,) = client.get("/v1/mails", headers=ann).json()["items"]
    assert (one["state"], one["last_result"]) == ("delivered", "accepted")


def test_who_may_not_read_it_any_more_is_not_told(inside: Application, client: TestClient, box: MailBox) -> None:
    """Between the change and the mail the login ended: nothing is sent."""
    user = make_user(role=Role.MEMBER, person_id=PersonId("ann"))
    ann = logged_in(inside, user)
    client.put("/v1/notifications", json=WISHES, headers=ann)
    client.post("/v1/bookings", json=BOOKING, headers=login(inside, "bob"))
    admin = login(inside, "cat")
    ended = client.patch(f"/v1/users/{user.id}", json={"is_active": False}, headers={**admin, "If-Match": '"1"'})
    assert ended.status_code == 200, ended.text
    send_all(inside)
    assert box.got == []
    assert [one["last_result"] for one in client.get("/v1/mails", headers=admin).json()["items"]] == ["mail.not_allowed"]


def test_bad_wishes_are_refused(inside: Application, client: TestClient) -> None:
    """What cannot be chosen is named with its place."""
    ann = login(inside, "ann")
    answer = client.put("/v1/notifications", json={"mail": ["change_set.ready"]}, headers=ann)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/mail/0")
    assert client.get("/v1/mails", params={"state": "lost"}, headers=ann).status_code == 422

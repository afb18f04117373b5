"""Webhooks over HTTP, with a real receiver, on both databases."""

from __future__ import annotations

import json
import socket
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpcore2
import pytest
from sqlalchemy import update
from standardwebhooks import Webhook
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.application import Application
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.staffing.plans import PlanState
from scheduler.integrations import webhook_sender
from scheduler.jobs import plan_rows
from scheduler.store.tables.jobs import DELIVERIES
from tests.api.access_firm import load_two_people
from tests.api.conftest import BASE
from tests.factories import make_booking
from tests.logins import logged_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BOTH = ["plan.finished", "booking.changed"]


class Receiver:
    """Takes messages, and answers as it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], str]] = []
        self.answers: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(outer.answers.pop(0) if outer.answers else 204)
                self.send_header("Location", "http://169.254.169.254/")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def inside(application: Application, prepared_url: str, tmp_path: Path) -> Iterator[Application]:
    """An installation that may send to this machine; nothing is sent but by the test."""
    load_two_people(application)
    made = Application(application.settings.model_copy(update={"webhook_private": True}))
    yield made
    made.stop()


@pytest.fixture
def admin(inside: Application) -> TestClient:
    return TestClient(create_app(inside), base_url=BASE, headers=logged_in(inside), raise_server_exceptions=False)


def due_again(application: Application) -> None:
    with application.store.engine.begin() as connection:
        connection.execute(update(DELIVERIES).values(next_at=datetime.now(UTC) - timedelta(seconds=1)))


def test_events_are_signed_and_tell_ids_alone(inside: Application, admin: TestClient, receiver: Receiver) -> None:
    """Whoever has the secret can check the message; it names bookings and plans and nothing else; a change that is rolled back is not told."""
    made = admin.post("/v1/webhooks", json={"url": receiver.url, "events": BOTH}).json()
    assert made["secret"].startswith("whsec_")
    listed = admin.get("/v1/webhooks").json()["items"]
    assert [(one["id"], one["secret"]) for one in listed] == [(made["id"], None)]
    body = {"person_id": "ann", "project_id": "alpha", "weekly_minutes": 60, "period": {"start": "2027-03-01", "end": "2027-03-29"}}
    booking = admin.post("/v1/bookings", json=body).json()
    assert admin.post("/v1/bookings", json=body | {"weekly_minutes": 9_000}).status_code in (409, 422)
    plan = admin.post("/v1/plans", json={"horizon_start": "2027-03-01", "weeks": 4}).json()
    admin.post(f"/v1/plans/{plan['id']}/cancel")
    while inside.outbox.send_next():
        pass
    told = [Webhook(made["secret"]).verify(body, headers) for headers, body in receiver.got]
    assert [(one["type"], one["data"]) for one in told] == [
        ("booking.changed", {"booking_ids": [booking["id"]]}),
        ("plan.finished", {"plan_id": plan["id"], "state": "cancelled"}),
    ]
    deliveries = admin.get(f"/v1/webhooks/{made['id']}/deliveries").json()["items"]
    assert {(one["state"], one["attempts"], one["last_result"]) for one in deliveries} == {("delivered", 1, "HTTP 204")}
    assert {one["id"] for one in deliveries} == {headers["webhook-id"] for headers, _ in receiver.got}


def test_x14_what_is_not_taken_is_sent_again_under_the_same_id(inside: Application, admin: TestClient, receiver: Receiver) -> None:
    """Later and later; a redirect is not followed; on request all since an instant again; gone is gone."""
    made = admin.post("/v1/webhooks", json={"url": receiver.url, "events": ["booking.changed"]}).json()
    receiver.answers = [500, 302]
    with inside.store.begin(LOCAL) as tx:
        tx.bookings.add(make_booking())
    assert inside.outbox.send_next()
    assert not inside.outbox.send_next()
    for state in ("waiting", "delivered"):
        due_again(inside)
        assert inside.outbox.send_next()
        (one,) = admin.get(f"/v1/webhooks/{made['id']}/deliveries").json()["items"]
        assert one["state"] == state
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert (len(receiver.got), one["attempts"], one["last_result"]) == (3, 3, "HTTP 204")
    receiver.answers = [410]
    again = admin.post(f"/v1/webhooks/{made['id']}/replay", json={"since": "2026-01-01T00:00:00Z"})
    assert again.json() == {"messages": 1}
    assert inside.outbox.send_next()
    assert admin.get("/v1/webhooks").json()["items"][0]["is_active"] is False
    assert admin.delete(f"/v1/webhooks/{made['id']}").status_code == 204
    assert admin.get("/v1/webhooks").json()["items"] == []


def test_a_receiver_that_is_not_there_is_given_up_at_last(inside: Application, admin: TestClient, receiver: Receiver) -> None:
    """After ten attempts the message is failed, and the queue is empty."""
    made = admin.post("/v1/webhooks", json={"url": receiver.url, "events": ["booking.changed"]}).json()
    receiver.close()
    with inside.store.begin(LOCAL) as tx:
        tx.bookings.add(make_booking())
    attempts = 0
    while inside.outbox.send_next():
        attempts += 1
        due_again(inside)
    (one,) = admin.get(f"/v1/webhooks/{made['id']}/deliveries").json()["items"]
    assert (attempts, one["state"], one["last_result"], one["next_at"]) == (10, "failed", "ConnectError", None)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost.", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1", "169.254.169.254"]
)
def test_x10_private_addresses_are_refused_at_save(client: TestClient, host: str) -> None:
    """However the address is written."""
    answer = client.post("/v1/webhooks", json={"url": f"https://{host}/", "events": BOTH})
    assert (answer.status_code, answer.json()["code"]) == (422, "url.not_public")
    assert client.get("/v1/webhooks").json()["items"] == []


def test_x11_a_name_that_turns_private_after_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection goes to the address that was checked; a name with one private address among its own is refused whole."""
    asked: list[str] = []
    answers = [["93.184.216.34"], ["93.184.216.34", "10.0.0.1"]]

    def resolve(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        return [(2, 1, 6, "", (one, port)) for one in answers[len(asked) - 1]]

    connected: list[str] = []

    def connect(_self: Any, host: str, *_: Any) -> Any:
        connected.append(host)
        raise OSError("far enough")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(httpcore2.SyncBackend, "connect_tcp", connect)
    terms: dict[str, Any] = {
        "url": "https://rebind.example/",
        "secret": "whsec_AAAA",
        "message_id": "m",
        "body": "{}",
        "allow_private": False,
    }
    assert webhook_sender.send(**terms).result == "OSError"
    assert (asked, connected) == (["rebind.example"], ["93.184.216.34"])
    assert webhook_sender.send(**terms).result == "url.not_public"
    assert connected == ["93.184.216.34"]
    with pytest.raises(DomainError, match=r"url\.not_public"):
        answers.append([])
        webhook_sender.public_address("nowhere.example", 443, allow_private=False)


def test_bad_webhooks(client: TestClient) -> None:
    """Unknown events, no events and addresses that are none are named by their place."""
    for body, pointer in (
        ({"url": "https://a.example", "events": ["plan.started"]}, "/events/0"),
        ({"url": "https://a.example", "events": []}, "/events"),
        ({"url": "http://a.example", "events": BOTH}, "/url"),
        ({"url": "https://a.example:22/", "events": BOTH}, "/url"),
    ):
        answer = client.post("/v1/webhooks", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text


def test_a_failed_plan_is_told(inside: Application, admin: TestClient, receiver: Receiver) -> None:
    """The end that a worker records is told like any other."""
    admin.post("/v1/webhooks", json={"url": receiver.url, "events": ["plan.finished"]})
    plan = admin.post("/v1/plans", json={"horizon_start": "2027-03-01", "weeks": 4}).json()
    plan_rows.claim(inside.store, plan_id=plan["id"])
    plan_rows.fail(inside.store, plan_id=plan["id"], code="job.failed", detail="cost 71.33")
    assert inside.outbox.send_next()
    assert json.loads(receiver.got[0][1])["data"] == {"plan_id": plan["id"], "state": PlanState.FAILED.value}

"""Timesheets from handing in to the locked month over HTTP, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.application import Application
from scheduler.store.tables.jobs import MAILS
from scheduler.usecases.escalation import escalate_lines
from tests import factories as make
from tests.api.conftest import BASE
from tests.approval_firm import log, make_entry, make_firm, user
from tests.logins import bearer
from tests.mail_server import MailBox, mail_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

WEEK = {"day": "2027-03-03"}


class Desk:
    """Requests of everybody in the firm."""

    def __init__(self, application: Application) -> None:
        make_firm(application.store)
        self.application = application
        self._client = TestClient(create_app(application), base_url=BASE, raise_server_exceptions=False)
        self._headers: dict[str, dict[str, str]] = {}

    def ask(self, who: str, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> Response:
        if who not in self._headers:
            self._headers[who] = bearer(self.application, user(who))
        return self._client.request(method, f"/v1/{path}", headers={**self._headers[who], **(headers or {})}, **more)

    def sheet(self, who: str, person: str = "ann") -> dict[str, Any]:
        answer = self.ask(who, "GET", f"people/{person}/timesheet", params=WEEK)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def inbox(self, who: str, **params: Any) -> list[dict[str, Any]]:
        answer = self.ask(who, "GET", "approvals/inbox", params=params)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def move(self, who: str, step: str, *lines: dict[str, Any], headers: dict[str, str] | None = None, **more: Any) -> Response:
        chosen = [{"kind": one["kind"], "id": one["id"], "version": one["version"]} for one in lines]
        return self.ask(who, "POST", f"approvals/{step}", json={"lines": chosen, **more}, headers=headers)

    def submit_week(self, who: str = "ann") -> None:
        sheet = {"person_id": who, **WEEK, "seen": self.sheet(who, who)["seen"]}
        answer = self.ask(who, "POST", "approvals/submit", json={"sheets": [sheet]})
        assert answer.status_code == 200, answer.text


@pytest.fixture
def desk(application: Application) -> Desk:
    made = Desk(application)
    log(application.store, make_entry("on-alpha"), make_entry("on-beta", project="beta", day=1))
    return made


def test_a_week_is_approved_by_two_leads(desk: Desk) -> None:
    """Handed in as a whole; each lead sees and decides their part; what was given back comes again; then it is approved."""
    assert desk.sheet("ann")["state"] == "draft"
    desk.submit_week()
    sheet = desk.sheet("ann")
    assert (sheet["state"], sheet["period"]) == ("submitted", {"start": "2027-03-01", "end": "2027-03-08"})
    assert [(one["level"], one["people"], one["lines"]) for one in sheet["waits_for"]] == [("lead", ["lea"], 1), ("lead", ["leo"], 1)]
    assert sheet["names"]["people"] == {"ann": "Ann", "lea": "Lea", "leo": "Leo"}
    (mine,) = desk.inbox("leo")
    assert (mine["id"], mine["minutes"], mine["can_decide"], mine["decide_for"]) == ("on-alpha", 120, True, None)
    (theirs,) = desk.inbox("lea")
    assert desk.move("lea", "reject", theirs).json()["errors"][0]["pointer"] == "/reason"
    assert desk.move("lea", "reject", theirs, reason="Not ours").json()["lines"][0]["state"] == "rejected"
    assert desk.sheet("ann")["state"] == "rejected"
    (approved,) = desk.move("leo", "approve", mine).json()["lines"]
    assert (approved["state"], approved["version"], approved["decided_by"]) == ("approved", 3, "user-leo")
    desk.submit_week()
    assert desk.sheet("ann")["state"] == "partly_approved"
    assert desk.move("lea", "approve", *desk.inbox("lea")).status_code == 200
    assert desk.sheet("ann")["state"] == "approved"
    assert desk.inbox("leo") == desk.inbox("lea") == []


def test_t13_a_line_that_is_none_of_ones_business(desk: Desk) -> None:
    """The whole request is refused with its place; nothing tells it from one that is not there."""
    desk.submit_week()
    mine, theirs = desk.inbox("leo") + desk.inbox("lea")
    refused = desk.move("leo", "approve", mine, theirs)
    missing = desk.move("leo", "approve", mine, {**theirs, "id": "no-such"})
    assert refused.status_code == 422
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [("/lines/1", "reference.not_found")]
    assert {**refused.json(), "request_id": ""} == {**missing.json(), "request_id": ""}
    assert desk.inbox("leo") == [mine]
    assert desk.ask("bob", "GET", "people/ann/timesheet", params=WEEK).status_code == 404
    assert desk.move("bob", "approve", mine).status_code == 403


def test_what_was_decided_meanwhile_is_not_decided_again(desk: Desk) -> None:
    """412 with the place of the line; with an idempotency key the first answer comes again."""
    desk.submit_week()
    lines = desk.inbox("leo")
    first = desk.move("leo", "approve", *lines, headers={"Idempotency-Key": "one"})
    again = desk.move("leo", "approve", *lines, headers={"Idempotency-Key": "one"})
    assert (again.status_code, again.json(), again.headers["Idempotent-Replay"]) == (200, first.json(), "true")
    late = desk.move("leo", "approve", *lines)
    assert (late.status_code, late.json()["code"], late.json()["errors"][0]["pointer"]) == (412, "version.stale", "/lines/0")


def test_a_lead_lends_their_standing(desk: Desk) -> None:
    """From today on the deputy finds the lines in the own inbox, and decides in the lead's name."""
    today = datetime.now(UTC).date()
    period = {"start": str(today - timedelta(days=1)), "end": str(today + timedelta(days=2))}
    desk.submit_week()
    assert desk.inbox("dan") == []
    made = desk.ask("leo", "POST", "delegations", json={"person_id": "leo", "deputy_id": "dan", "period": period})
    assert made.status_code == 201, made.text
    (line,) = desk.inbox("dan")
    assert line["decide_for"] == "leo"
    assert desk.sheet("ann")["waits_for"][0]["people"] == ["dan", "leo"]
    assert desk.move("dan", "approve", line).json()["lines"][0]["decided_for"] == "leo"
    assert desk.ask("dan", "GET", f"delegations/{made.json()['id']}").status_code == 404
    for who, body in (("dan", {"person_id": "lea", "deputy_id": "dan"}), ("leo", {"person_id": "lea", "deputy_id": "dan"})):
        assert desk.ask(who, "POST", "delegations", json={**body, "period": period}).status_code == 403
    open_ended = {"person_id": "leo", "deputy_id": "dan", "period": {"start": str(today)}}
    assert desk.ask("leo", "POST", "delegations", json=open_ended).json()["errors"][0]["pointer"] == "/period/end"


def test_an_approval_is_taken_back(desk: Desk) -> None:
    """Finance does with a reason, its person cannot; it waits for the lead again."""
    desk.submit_week()
    (line,) = desk.move("leo", "approve", *desk.inbox("leo")).json()["lines"]
    assert desk.move("ann", "unapprove", line, reason="Oh").status_code == 403
    taken = desk.move("fin", "unapprove", line, reason="Wrong month")
    assert taken.json()["lines"][0] | {"state": "submitted", "reason": "Wrong month", "waits_for": "lead"} == taken.json()["lines"][0]
    assert [one["id"] for one in desk.inbox("leo")] == ["on-alpha"]


def test_a_month_is_closed(desk: Desk) -> None:
    """Finance locks; nothing in it moves, and the refusal says who and when; the lock is lifted with a reason, once."""
    desk.submit_week()
    lines = desk.inbox("leo")
    assert desk.ask("rita", "POST", "period-locks", json={"locked_before": "2027-04-01"}).status_code == 403
    made = desk.ask("fin", "POST", "period-locks", json={"locked_before": "2027-04-01", "note": "March is closed"})
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    path = f"period-locks/{made.json()['id']}/lift"
    assert made.headers["Location"] == f"{BASE}/v1/period-locks/{made.json()['id']}"
    refused = desk.move("leo", "approve", *lines)
    assert (refused.status_code, refused.json()["code"]) == (409, "period.locked")
    assert (refused.json()["locked_by"], refused.json()["locked_at"][:4]) == ("user-fin", str(datetime.now(UTC).year))
    assert [one["is_locked"] for one in desk.sheet("ann")["lines"]] == [True, True]
    assert desk.ask("fin", "POST", path, json={"reason": "Late"}).status_code == 428
    assert desk.ask("fin", "POST", path, json={"reason": "Late"}, headers={"If-Match": '"7"'}).status_code == 412
    assert desk.ask("fin", "POST", path, json={"reason": " "}, headers={"If-Match": '"1"'}).status_code == 422
    lifted = desk.ask("fin", "POST", path, json={"reason": "A late receipt"}, headers={"If-Match": '"1"'})
    assert (lifted.status_code, lifted.json()["lifted_by"], lifted.json()["lift_reason"]) == (200, "user-fin", "A late receipt")
    assert desk.ask("fin", "POST", path, json={"reason": "Again"}, headers={"If-Match": '"2"'}).json()["code"] == "period.not_locked"
    assert [one["id"] for one in desk.ask("ann", "GET", "period-locks").json()["items"]] == [made.json()["id"]]
    assert desk.move("leo", "approve", *lines).status_code == 200


def test_the_firm_s_policy(desk: Desk) -> None:
    """Everybody reads it, an admin changes it; what it says counts at once."""
    found = desk.ask("ann", "GET", "approval-policy")
    assert (found.headers["ETag"], found.json()["sheet_period"], found.json()["escalation_days"]) == ('"0"', "week", 3)
    change = {"sheet_period": "month", "escalation_days": None}
    assert desk.ask("fin", "PATCH", "approval-policy", json=change, headers={"If-Match": '"0"'}).status_code == 403
    assert desk.ask("root", "PATCH", "approval-policy", json=change, headers={"If-Match": '"3"'}).status_code == 412
    assert desk.ask("root", "PATCH", "approval-policy", json={"escalation_days": 0}, headers={"If-Match": '"0"'}).status_code == 422
    assert desk.ask("root", "PATCH", "approval-policy", json=change, headers={"If-Match": '"0"'}).json()["version"] == 1
    assert desk.ask("root", "PATCH", "approval-policy", json={"reject_needs_reason": False}, headers={"If-Match": '"0"'}).status_code == 412
    assert desk.sheet("ann")["period"] == {"start": "2027-03-01", "end": "2027-04-01"}


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mail_server() as made:
        yield made


def test_those_concerned_hear_by_mail(application: Application, box: MailBox) -> None:
    """The lead of what was handed in, its person of what was given back, the next level once of what waits too long; names are in no mail."""
    mail = {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "none", "mail_from": "muster@firm.example"}
    inside = Application(application.settings.model_copy(update=mail))
    desk = Desk(inside)
    log(inside.store, make_entry("on-alpha"), make_entry("later", day=1), make_entry("on-beta", project="beta"))
    desk.submit_week()
    lines = desk.inbox("leo")
    assert desk.move("leo", "reject", lines[0], reason="Not ours").status_code == 200
    late = datetime.now(UTC) + timedelta(days=4)
    root = user("root").actor(credential_id="test")
    assert [escalate_lines(inside.store, actor=root, now=late) for _ in range(2)] == [2, 0]
    with inside.store.engine.begin() as connection:  # what was told four days from now is due now
        connection.execute(update(MAILS).values(next_at=datetime.now(UTC) - timedelta(seconds=1)))
    while inside.mails.send_next():
        pass
    told = sorted((one["To"], one["Subject"]) for one in box.got)
    assert told == [
        ("ann@firm.example", "Muster: 1 line given back to you"),
        ("lea@firm.example", "Muster: 1 line to approve"),
        ("leo@firm.example", "Muster: 2 lines to approve"),
        ("rita@firm.example", "Muster: 2 lines to approve, nobody has decided yet"),
    ]
    assert all(make.make_project().name not in str(one) and "Not ours" not in str(one) for one in box.got)
    inside.stop()

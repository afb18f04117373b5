"""Expenses over HTTP, on both databases: who enters and sees them, policies, money, and receipts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.receipts import RECEIPT_BYTES_MAX
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import PersonId
from tests.api.access_firm import make_firm_of_two, somebody

if TYPE_CHECKING:
    from httpx2 import Response

    from scheduler.application import Application

BASE = "http://127.0.0.1:8000"
PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"
SPENT = {"person_id": "ann", "project_id": "alpha", "category_id": "travel", "work_date": "2026-03-02", "amount_minor": 119_00}


@pytest.fixture
def firm(application: Application) -> Application:
    """The two lines of the firm have one file together."""
    make_firm_of_two(application)
    return application


def client_of(application: Application, role: str, **more: Any) -> TestClient:
    headers = somebody(application, role, **more).headers
    return TestClient(create_app(application), base_url=BASE, headers=headers, raise_server_exceptions=False)


def spend(client: TestClient, **fields: Any) -> Response:
    return client.post("/v1/expenses", json={**SPENT, "currency": "EUR", **fields})


def tag(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


def attach(client: TestClient, own: str, version: int, content: bytes = PDF, *, name: str = "taxi.pdf", key: str | None = None) -> Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(f"/v1/expenses/{own}/receipts", files={"file": (name, content)}, headers={**tag(version), **headers})


def contents(application: Application) -> int:
    with application.store.read(LOCAL) as view:
        return int(view.connection.exec_driver_sql("SELECT count(*) FROM receipt_contents").scalar_one())


def test_a_member_enters_an_expense_and_does_not_see_what_the_client_pays(firm: Application) -> None:
    """The category's tax, markup and flags are taken over; markup and charge are shown to whoever may see prices; a later category changes nothing."""
    ann, finance = client_of(firm, "member"), client_of(firm, "finance")
    answer = spend(ann, note="Train to Bonn")
    assert answer.status_code == 201, answer.text
    line = answer.json()
    assert (line["state"], line["home_minor"], line["tax_minor"], line["tax_rate"]) == ("draft", 119_00, 19_00, "0.19")
    assert (line["markup"], line["charged_minor"], line["is_billable"]) == (None, None, True)
    seen = finance.get(f"/v1/expenses/{line['id']}").json()
    assert (seen["markup"], seen["charged_minor"]) == ("0.1", 110_00)
    changed = finance.patch("/v1/expense-categories/travel", json={"markup": "0.5", "tax_rate": "0"}, headers=tag(1))
    assert changed.status_code == 200, changed.text
    assert finance.get(f"/v1/expenses/{line['id']}").json() == seen
    patched = ann.patch(f"/v1/expenses/{line['id']}", json={"amount_minor": 238_00}, headers=tag(1))
    assert (patched.status_code, patched.json()["markup"]) == (200, None)
    assert finance.get(f"/v1/expenses/{line['id']}").json()["charged_minor"] == 220_00
    assert spend(ann, markup="0.2").json()["code"] == "field.not_allowed"
    assert ann.patch(f"/v1/expenses/{line['id']}", json={"home_minor": 1}, headers=tag(2)).json()["errors"][0]["code"] == "field.read_only"


def test_a_foreign_amount_keeps_its_rate(firm: Application) -> None:
    """With ten places, its day and its source; without them the answer says all that is missing."""
    ann = client_of(firm, "member")
    answer = spend(ann, currency="JPY", amount_minor=10_000, rate="0.0061234567", rate_date="2026-03-02", rate_source="ECB")
    assert answer.status_code == 201, answer.text
    assert {name: answer.json()[name] for name in ("rate", "rate_date", "rate_source", "home_minor", "home_currency")} == {
        "rate": "0.0061234567",
        "rate_date": "2026-03-02",
        "rate_source": "ECB",
        "home_minor": 61_23,
        "home_currency": "EUR",
    }
    assert [one["code"] for one in spend(ann, currency="JPY").json()["errors"]] == ["expense.rate_missing"] * 2
    assert spend(ann, currency="XXX").json()["errors"][0]["code"] == "currency.unknown"
    assert spend(ann, rate="1e-5").status_code == 422
    assert spend(ann, currency="CHF", rate="1.00000000001").json()["errors"][0]["code"] == "number.too_precise"


def test_a_policy_explains_every_breach_at_once(firm: Application) -> None:
    """Item and day limits, a closed project and another project's task in one answer, and nothing is kept."""
    ann, admin = client_of(firm, "member"), client_of(firm, "admin")
    limits = {"limit_item_minor": 100_00, "limit_day_minor": 150_00, "receipt_above_minor": 10_00}
    assert admin.patch("/v1/expense-categories/travel", json=limits, headers=tag(1)).status_code == 200
    first = spend(ann, amount_minor=90_00)
    assert first.status_code == 201, first.text
    before = len(ann.get("/v1/expenses").json()["items"])
    refused = spend(admin, task_id="beta-design")
    assert (refused.status_code, refused.json()["code"]) == (422, "expense.policy")
    assert {one["code"] for one in refused.json()["errors"]} == {
        "expense.beyond_item_limit",
        "expense.beyond_day_limit",
        "expense.task_elsewhere",
    }
    assert len(ann.get("/v1/expenses").json()["items"]) == before
    own = first.json()["id"]
    check = ann.get(f"/v1/expenses/{own}/check").json()
    assert (check["can_be_submitted"], [one["code"] for one in check["breaches"]]) == (False, ["expense.receipt_missing"])
    assert attach(ann, own, 1).status_code == 201
    assert ann.get(f"/v1/expenses/{own}/check").json() == {"can_be_submitted": True, "breaches": []}
    admin.patch("/v1/projects/alpha", json={"state": "closed"}, headers=tag(1))
    assert spend(ann, amount_minor=1_00).json()["errors"][0]["code"] == "expense.project_closed"


def test_a_receipt_is_kept_given_back_and_gone(firm: Application) -> None:
    """Byte for byte, as a download that no browser runs; the same file of two lines is kept once, and goes with the last of them."""
    ann = client_of(firm, "member")
    one, other = (spend(ann).json()["id"] for _ in range(2))
    answer = attach(ann, one, 1, name="C:\\taxi\\..\\Täxi 1;.html")
    assert answer.status_code == 201, answer.text
    assert answer.headers["ETag"] == '"2"'
    (receipt,) = answer.json()["receipts"]
    assert (receipt["media_type"], receipt["size_bytes"], receipt["name"]) == ("application/pdf", len(PDF), "Täxi 1;.html")
    found = ann.get(answer.headers["Location"])
    assert (found.status_code, found.content, found.headers["Content-Type"]) == (200, PDF, "application/pdf")
    assert found.headers["Content-Disposition"] == "attachment; filename*=UTF-8''T%C3%A4xi%201%3B.html"
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in found.headers["Content-Security-Policy"]
    assert attach(ann, one, 2).json()["code"] == "receipt.added_already"
    second = attach(ann, other, 1).json()["receipts"][0]["id"]
    assert contents(firm) == 2
    gone = ann.delete(f"/v1/expenses/{one}/receipts/{receipt['id']}", headers=tag(2))
    assert (gone.status_code, gone.json()["receipts"], gone.json()["version"]) == (200, [], 3)
    assert ann.get(answer.headers["Location"]).status_code == 404
    assert ann.get(f"/v1/expenses/{other}/receipts/{second}").content == PDF
    assert ann.delete(f"/v1/expenses/{other}", headers=tag(2)).status_code == 204
    assert contents(firm) == 1


def test_what_is_no_receipt_is_refused(firm: Application) -> None:
    """A page under a PDF's name, an empty file, too large a one, none at all, an old version; nothing is kept of any of them."""
    ann = client_of(firm, "member")
    own = spend(ann).json()["id"]
    for content in (b"<html><script>alert(1)</script></html>", b"", b"%PDF-1.7 cut off"):
        answer = attach(ann, own, 1, content)
        assert (answer.status_code, answer.json()["code"]) == (422, "receipt.type_not_supported")
    large = attach(ann, own, 1, b"%PDF-" + b"0" * RECEIPT_BYTES_MAX + b"%%EOF")
    assert (large.status_code, large.json()["code"]) == (413, "receipt.too_large")
    assert ann.post(f"/v1/expenses/{own}/receipts", json={}, headers=tag(1)).status_code == 415
    assert attach(ann, own, 7).json()["code"] == "version.stale"
    assert contents(firm) == 1


def test_the_same_receipt_sent_again_is_one(firm: Application) -> None:
    """By its idempotency key; with the key and another file it is refused."""
    ann = client_of(firm, "member")
    own = spend(ann).json()["id"]
    first, again = (attach(ann, own, 1, key="once") for _ in range(2))
    assert (first.status_code, again.status_code, again.headers["Idempotent-Replay"]) == (201, 201, "true")
    assert again.json() == first.json()
    assert attach(ann, own, 1, PDF + b"\n", key="once").json()["code"] == "idempotency.mismatch"


def test_who_sees_and_enters_expenses(firm: Application) -> None:
    """
    Leads see lines of their projects and their own anywhere, enter only their own; finance reads all; another's receipt is not there;
    a client viewer sees nothing.
    """
    bob = client_of(firm, "project_manager", person_id=PersonId("bob"))
    ann, finance, viewer = (client_of(firm, role) for role in ("member", "finance", "client_viewer"))
    own = spend(ann).json()["id"]
    receipt = attach(ann, own, 1).json()["receipts"][0]["id"]
    assert {one["id"] for one in bob.get("/v1/expenses").json()["items"]} == {own, "expense-ann", "expense-bob"}
    assert bob.get(f"/v1/expenses/{own}/receipts/{receipt}").content == PDF
    assert bob.patch(f"/v1/expenses/{own}", json={"note": "x"}, headers=tag(2)).json()["code"] == "access.out_of_scope"
    mine = spend(bob, person_id="bob")
    assert mine.status_code == 201, mine.text
    assert spend(bob).json()["code"] == "access.out_of_scope"
    assert finance.get(f"/v1/expenses/{own}/receipts/{receipt}").status_code == 200
    address = f"/v1/expenses/{mine.json()['id']}"
    assert ann.get(address).status_code == ann.get(f"{address}/check").status_code == 404
    assert viewer.get("/v1/expenses").status_code == 403
    assert viewer.get(f"/v1/expenses/{own}/receipts/{receipt}").status_code == 404
    assert spend(ann, person_id="bob").json()["errors"][0]["code"] == "reference.not_found"


def test_t08_what_is_handed_in_stays(firm: Application) -> None:
    """No change, no deletion, no receipt more or less."""
    ann = client_of(firm, "member")
    own = spend(ann).json()["id"]
    receipt = attach(ann, own, 1).json()["receipts"][0]["id"]
    with firm.store.begin(LOCAL) as tx:
        tx.area("expenses").save(replace(tx.area("expenses").get(own), state=LineState.SUBMITTED))
    address = f"/v1/expenses/{own}"
    for answer in (
        ann.patch(address, json={"amount_minor": 1}, headers=tag(3)),
        ann.delete(address, headers=tag(3)),
        attach(ann, own, 3, PDF + b"\n"),
        ann.delete(f"{address}/receipts/{receipt}", headers=tag(3)),
    ):
        assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "expense.locked", "submitted")
    assert ann.get(f"{address}/receipts/{receipt}").content == PDF

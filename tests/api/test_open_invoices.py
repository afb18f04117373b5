"""Open invoices of other books over HTTP, on both databases: what ``BODY`` says, reckoned by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.permissions import Role
from scheduler.queries.ledger_verify import verify_ledger
from tests.api.access_firm import somebody
from tests.api.test_cost_privacy import client_of
from tests.billing_firm import fill

if TYPE_CHECKING:
    from httpx2 import Response
    from starlette.testclient import TestClient

    from scheduler.application import Application

BODY: dict[str, Any] = {
    "number": "2025-104",
    "legal_entity_id": "firm",
    "client_id": "acme",
    "currency": "EUR",
    "issued_on": "2026-02-20",
    "due_on": "2026-03-20",
    "taken_over_on": "2026-04-01",
    "net_minor": 100_000,
    "gross_minor": 119_000,
    "open_minor": 69_000,
    "retained_minor": 10_000,
    "retention_due_on": "2026-07-01",
    "external_id": "old-104",
}
"""1,190.00, of which 500.00 were paid before 1 April and 100.00 are held back until July."""


@pytest.fixture(autouse=True)
def firm(application: Application) -> None:
    fill(application.store)


def post(client: TestClient, key: str | None = None, **changes: Any) -> Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post("/v1/open-invoices", json={**BODY, **changes}, headers=headers)


def taken(client: TestClient, **changes: Any) -> dict[str, Any]:
    """One that was taken over, as the whole."""
    answer = post(client, **changes)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = client.get(f"/v1/invoices/{answer.json()['id']}").json()
    return found


def step(client: TestClient, invoice: dict[str, Any], name: str, **body: Any) -> Response:
    return client.post(f"/v1/invoices/{invoice['id']}/{name}", json=body, headers={"If-Match": f'"{invoice["version"]}"'})


def pay(client: TestClient, invoice: dict[str, Any], amount: int, day: str = "2026-04-10", kind: str = "payment") -> Response:
    return client.post(f"/v1/invoices/{invoice['id']}/payments", json={"kind": kind, "paid_on": day, "amount_minor": amount})


def owed(client: TestClient, on: str) -> dict[str, Any]:
    found = client.get("/v1/reports/receivables", params={"on": on}).json()["currencies"]
    return found[0] if found else {}


def code_of(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_it_stands_among_the_invoices(client: TestClient) -> None:
    """Marked, filterable, with one line, without sequence, files or anything to be credited; done once for a key."""
    first, again = post(client, key="k"), post(client, key="k")
    assert (first.status_code, again.json(), again.headers["Idempotent-Replay"]) == (201, first.json(), "true")
    assert first.headers["Location"].endswith(f"/v1/invoices/{first.json()['id']}")
    whole = client.get(f"/v1/invoices/{first.json()['id']}").json()
    shown = {name: whole[name] for name in BODY if name in whole}
    assert shown == {name: BODY[name] for name in shown}
    assert len(shown) == len(BODY)
    assert (whole["state"], whole["payment_state"], whole["paid_before_minor"], whole["paid_minor"]) == ("issued", "partly_paid", 50_000, 0)
    assert (whole["parties"], whole["files"], whole["creditable"], whole["contract_id"]) == (None, [], None, None)
    assert [(line["kind"], line["description"], line["net_minor"], line["tax_percent"]) for line in whole["lines"]] == [
        ("taken_over", "Invoice 2025-104, taken over from other books", 100_000, "19")
    ]
    for wanted, count in (("true", 1), ("false", 0)):
        assert len(client.get("/v1/invoices", params={"taken_over": wanted}).json()["items"]) == count


def test_it_is_owed_by_its_own_days(client: TestClient) -> None:
    """
    On 30 April 590.00 are 41 days overdue and 100.00 are not due; nothing is owed here before 1 April.

    Days of sales: 590.00 of the 1,190.00 of February are 28 x 590 / 1190 = 13.88 days, after 30 of April and 31 of March: 74.9.
    """
    taken(client)
    found = owed(client, "2026-04-30")
    assert {name: one["minor"] for name, one in found["owed"].items() if one["minor"]} == {
        "not_due": 10_000,
        "days_31_60": 59_000,
        "total": 69_000,
    }
    assert found["days_sales_outstanding"] == "74.9"
    assert owed(client, "2026-03-31") == {}


def test_it_is_paid_to_nothing(client: TestClient, application: Application) -> None:
    """From 1 April on, never more than is open; paid, it is owed no longer, and the books hold."""
    invoice = taken(client)
    assert code_of(pay(client, invoice, 1, "2026-03-31")) == (409, "payment.before_taken_over")
    assert code_of(pay(client, invoice, 69_001)) == (409, "payment.too_much")
    assert code_of(pay(client, invoice, 1, kind="refund")) == (409, "payment.too_much")
    for amount, kind in ((60_000, "payment"), (9_000, "write_off"), (500, "recovery"), (1_000, "refund"), (1_500, "payment")):
        answer = pay(client, invoice, amount, kind=kind)
        assert answer.status_code == 201, answer.text
    whole = client.get(f"/v1/invoices/{invoice['id']}").json()
    assert (whole["open_minor"], whole["paid_minor"], whole["written_off_minor"]) == (0, 60_500, 8_500)
    assert owed(client, "2026-04-30") == {}
    assert verify_ledger(application.store, actor=LOCAL).difference is None


def test_it_never_changes_and_has_no_document_here(client: TestClient) -> None:
    """Each with its code, which says what to do; the files of other programs leave it out."""
    invoice = taken(client)
    version = {"If-Match": '"1"'}
    path = f"/v1/invoices/{invoice['id']}"
    assert code_of(client.patch(path, json={"note": "x"}, headers=version)) == (409, "invoice.issued")
    assert code_of(client.delete(path, headers=version)) == (409, "invoice.issued")
    assert code_of(step(client, invoice, "credit", reason="Half")) == (409, "credit.taken_over")
    for kind in ("pdf", "cii", "ubl"):
        assert code_of(client.get(f"{path}/files/{kind}")) == (404, "invoice.taken_over")
    months = {"from": "2026-02", "until": "2026-04", "item": "200", "tax_code": "S/19=20S"}
    for form in ("quickbooks", "xero"):
        answer = client.get("/v1/ledger/invoices/file", params={**months, "format": form})
        assert (answer.status_code, len(answer.text.splitlines())) == (200, 1)


def test_it_is_void_as_long_as_nothing_was_paid_here(client: TestClient, application: Application) -> None:
    """What was paid before does not count; number and id are free for the right one; what was paid here keeps it."""
    wrong = taken(client)
    assert step(client, wrong, "void", reason="Wrong client").status_code == 200
    assert owed(client, "2099-01-01") == {}
    right = taken(client, client_id="globex")
    assert pay(client, right, 1).status_code == 201
    assert code_of(step(client, right, "void", reason="Again")) == (409, "invoice.paid")
    assert verify_ledger(application.store, actor=LOCAL).difference is None


def test_a_number_is_there_once(client: TestClient) -> None:
    """Of one legal entity."""
    taken(client)
    answer = post(client, external_id="other")
    assert code_of(answer) == (409, "invoice.number_taken")
    assert answer.json()["errors"][0]["pointer"] == "/number"
    assert code_of(post(client, number="2025-105")) == (409, "external_id.taken")


def test_what_is_wrong_is_named(client: TestClient) -> None:
    """All faults at once, each at its field; a foreign currency needs its rate."""
    answer = post(client, net_minor=1, open_minor=119_001, due_on="2026-02-19")
    assert code_of(answer) == (422, "input.invalid")
    assert {one["pointer"] for one in answer.json()["errors"]} == {"/net_minor", "/open_minor", "/due_on"}
    note = post(client, net_minor=-100_000, gross_minor=-119_000, open_minor=-69_000)
    assert note.json()["errors"][0]["code"] == "open_invoice.credit_note"
    assert code_of(post(client, currency="USD")) == (409, "rate.exchange_missing")
    assert code_of(post(client, client_id="nobody")) == (422, "reference.not_found")


def test_the_journal_takes_it_over(client: TestClient) -> None:
    """590.00 receivable and 100.00 held back against the account of open invoices, on 1 April; a closed month takes no more."""
    taken(client)
    months = {"from": "2026-02", "until": "2026-04"}
    (entry,) = client.get("/v1/ledger/journal", params=months).json()["entries"]
    assert (entry["kind"], entry["day"], entry["document_number"], entry["client"]) == ("opening", "2026-04-01", "2025-104", "Acme")
    assert {one["account"]: one["debit_minor"] - one["credit_minor"] for one in entry["postings"]} == {
        "receivable": 59_000,
        "retained_receivable": 10_000,
        "opening_receivable": -69_000,
    }
    assert code_of(client.post("/v1/closed-months", json={"month": "2026-05"})) == (409, "month.earlier_open")
    assert client.post("/v1/closed-months", json={"month": "2026-04"}).status_code == 200
    assert code_of(post(client, number="2025-105", external_id=None)) == (409, "month.closed")
    assert post(client, number="2025-105", external_id=None, taken_over_on="2026-05-01").status_code == 201


def test_whoever_issues_invoices_takes_them_over(application: Application) -> None:
    """Finance does; a project manager does not."""
    assert post(client_of(application, somebody(application, Role.FINANCE, person_id=None))).status_code == 201
    manager = client_of(application, somebody(application, Role.PROJECT_MANAGER, person_id=None))
    assert code_of(post(manager, number="2")) == (403, "access.denied")

"""Invoices over HTTP: drafts, steps, files, explanations, credits, payments, runs, and what was never billed."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.ground.access import LOCAL
from scheduler.jobs.draft_invoices import DraftInvoices
from scheduler.jobs.engine import JobInterrupted
from scheduler.queries.unbilled import unbilled_work
from scheduler.usecases.invoices import cancel_invoice
from tests.billing_firm import FINANCE, NOW, draft, fill, log, make_entry

if TYPE_CHECKING:
    from httpx2 import Response
    from starlette.testclient import TestClient

    from scheduler.application import Application

MARCH = date(2026, 3, 2)
"""A day that has passed, since nothing is issued before its work or on a day to come."""
DRAFT: dict[str, Any] = {"contract_ids": ["c-alpha"], "until": "2027-03-31"}
RUN: dict[str, Any] = {"until": "2027-03-31"}


@pytest.fixture(autouse=True)
def firm(application: Application) -> None:
    fill(application.store, starts_on=MARCH)
    for entry in (make_entry("e1", minutes=90), make_entry("b1", project="beta"), make_entry("c1", project="gamma")):
        log(application.store, replace(entry, work_date=MARCH))


def step(client: TestClient, invoice: dict[str, Any], name: str, **body: Any) -> Response:
    headers = {"If-Match": f'"{read(client, invoice["id"])["version"]}"'}
    return client.post(f"/v1/invoices/{invoice['id']}/{name}", json=body, headers=headers)


def read(client: TestClient, invoice_id: str) -> dict[str, Any]:
    answer = client.get(f"/v1/invoices/{invoice_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def issued(client: TestClient) -> dict[str, Any]:
    made = client.post("/v1/invoices", json=DRAFT).json()
    assert step(client, made, "approve").status_code == 200
    answer = step(client, made, "issue", issued_on="2026-04-01")
    assert answer.status_code == 200, answer.text
    return read(client, made["id"])


def test_from_draft_to_payment(client: TestClient) -> None:
    """Drafted, approved, issued with real files, explained, partly credited and paid; the whole shows what is open and what can be credited."""
    made = client.post("/v1/invoices", json=DRAFT, headers={"Idempotency-Key": "k"})
    assert (made.status_code, made.headers["Location"].rpartition("/")[2]) == (201, made.json()["id"])
    again = client.post("/v1/invoices", json=DRAFT, headers={"Idempotency-Key": "k"})
    assert (again.json(), again.headers["Idempotent-Replay"]) == (made.json(), "true")
    assert step(client, made.json(), "approve").json()["state"] == "approved"
    assert step(client, made.json(), "issue", issued_on="2026-04-01").json()["number"] == "INV-2026-00001"
    whole = read(client, made.json()["id"])
    assert (whole["gross_minor"], whole["open_minor"], whole["payment_state"]) == (178_50, 178_50, "open")
    assert [file["kind"] for file in whole["files"]] == ["cii", "pdf", "ubl"]
    pdf = client.get(f"/v1/invoices/{whole['id']}/files/pdf")
    assert pdf.content.startswith(b"%PDF")
    assert pdf.headers["Content-Disposition"].endswith("INV-2026-00001.pdf")
    told = client.get(f"/v1/invoices/{whole['id']}/lines/1/explain").json()
    assert [one["rule"] for one in told["trail"]][:1] == ["bill_rate"]
    assert [item["source_id"] for item in told["items"]] == ["e1"]
    note = step(client, whole, "credit", reason="Half", lines=[{"position": 1, "amount_minor": 50_00}])
    assert (note.status_code, note.json()["gross_minor"]) == (201, 59_50)
    assert read(client, whole["id"])["creditable"]["gross_minor"] == 119_00
    paid = client.post(f"/v1/invoices/{whole['id']}/payments", json={"paid_on": "2026-04-02", "amount_minor": 100_00})
    assert paid.status_code == 201
    (listed,) = client.get("/v1/invoices", params={"state": "issued"}).json()["items"]
    assert (listed["payment_state"], listed["open_minor"]) == ("partly_paid", 78_50)
    assert [one["amount_minor"] for one in client.get("/v1/payments").json()["items"]] == [100_00]


@pytest.mark.parametrize("field", ["total", "tax", "line_total", "net_minor", "number", "state"])
def test_m04_sums_are_never_taken(client: TestClient, field: str) -> None:
    """Whoever sends a total, a tax or a line's total is refused, wherever they send it."""
    made = client.post("/v1/invoices", json=DRAFT).json()
    version = {"If-Match": '"1"'}
    answers = [
        client.post("/v1/invoices", json={**DRAFT, field: 1}),
        client.post("/v1/invoice-runs", json={**RUN, field: 1}),
        client.patch(f"/v1/invoices/{made['id']}", json={field: 1}, headers=version),
        client.post(f"/v1/invoices/{made['id']}/credit", json={"reason": "x", "lines": [{"position": 1, field: 1}]}, headers=version),
    ]
    assert [(one.status_code, one.json()["errors"][0]["code"]) for one in answers] == [(422, "field.read_only")] * 4


def test_m12_an_issued_invoice_is_neither_changed_nor_deleted(client: TestClient) -> None:
    """409 with a stable code for words, days and deletion; the file stays the same."""
    made = issued(client)
    before = client.get(f"/v1/invoices/{made['id']}/files/pdf").content
    version = {"If-Match": f'"{made["version"]}"'}
    answers = [
        client.patch(f"/v1/invoices/{made['id']}", json={"note": "x"}, headers=version),
        client.delete(f"/v1/invoices/{made['id']}", headers=version),
        step(client, made, "issue", issued_on="2026-03-01"),
        step(client, made, "reopen"),
    ]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [(409, "invoice.issued")] * 4
    assert client.get(f"/v1/invoices/{made['id']}/files/pdf").content == before


def test_an_approval_is_not_taken_back_once_it_is_billed(client: TestClient) -> None:
    """409 with the invoice's number, until the invoice is void."""
    made = issued(client)
    body = {"lines": [{"id": "e1", "version": 1}], "reason": "Oh"}
    answer = client.post("/v1/approvals/unapprove", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "line.invoiced")
    assert "INV-2026-00001" in answer.json()["errors"][0]["message"]
    assert step(client, made, "void", reason="Wrong").status_code == 200
    assert client.post("/v1/approvals/unapprove", json=body).status_code == 200


def test_a_run_drafts_each_contract_and_goes_on_after_a_stop(application: Application, client: TestClient) -> None:
    """A dry run writes nothing; a run that is begun again after its first group drafts the rest and nothing twice; progress is told."""
    dry = client.post("/v1/invoice-runs", params={"dry_run": "true"}, json=RUN)
    assert dry.status_code == 200
    assert [one["gross_minor"] for one in dry.json()["proposals"]] == [178_50, 119_00, 119_00]
    assert client.get("/v1/invoices").json()["items"] == []
    run = client.post("/v1/invoice-runs", json=RUN)
    assert (run.status_code, run.json()["state"]) == (202, "queued")
    handler = DraftInvoices(store=application.store)

    class StopsAfterOne(threading.Event):
        asked = 0

        def is_set(self) -> bool:
            self.asked += 1
            return self.asked > 1

    with pytest.raises(JobInterrupted):
        handler.run(run.json()["id"], StopsAfterOne())
    half = client.get(f"/v1/invoice-runs/{run.json()['id']}").json()
    assert (half["done"], half["total"]) == (1, 3)
    handler.run(run.json()["id"], threading.Event())
    handler.run(run.json()["id"], threading.Event())
    whole = client.get(f"/v1/invoice-runs/{run.json()['id']}").json()
    assert whole["done"] == 3
    made = client.get("/v1/invoices").json()["items"]
    assert {one["invoice_id"] for one in whole["outcomes"]} == {one["id"] for one in made}
    assert len(made) == 3
    assert [one["id"] for one in client.get("/v1/invoice-runs").json()["items"]] == [run.json()["id"]]


def test_what_was_never_billed_is_told_with_its_reasons(application: Application) -> None:
    """By contract: what could be drafted, what lacks a rate, and work of a project without a contract; not what is billed or not approved."""
    store = application.store
    billed = draft(store)
    log(store, make_entry("e2", work_date=MARCH, state=LineState.SUBMITTED))
    with store.begin(LOCAL) as tx:
        tx.area("contracts").delete("c-gamma", 1)
    leaks = unbilled_work(store, actor=FINANCE, days=0, now=NOW)
    assert [(one.project_id, one.contract_id, dict(one.reasons), one.billable_minor) for one in leaks] == [
        ("beta", "c-beta", {"not_drafted": 1}, 100_00),
        ("gamma", None, {"no_contract": 1}, 0),
    ]
    with store.begin(LOCAL) as tx:
        tx.bill_rates.delete("rate-100", 1)
    assert dict(unbilled_work(store, actor=FINANCE, days=0, now=NOW)[0].reasons) == {"no_rate": 1}
    assert unbilled_work(store, actor=FINANCE, days=600, now=NOW) == ()
    cancel_invoice(store, actor=FINANCE, invoice_id=billed.id, expected_version=1, reason="No", now=NOW)
    assert len(unbilled_work(store, actor=FINANCE, days=0, now=NOW)) == 3

"""A contract over HTTP, as one story: worked and spent, approved, proposed, drafted, issued, paid in part, credited, and free again."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.application import Application
from scheduler.config import Settings
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import PersonId, ProjectId
from scheduler.domain.ground.permissions import Role
from scheduler.queries.ledger_verify import verify_ledger
from scheduler.usecases.users import create_user
from tests.logins import bearer, logged_in, make_user

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx2 import Response

BASE = "http://127.0.0.1:8000"
TODAY = datetime.now(UTC).date()
MONDAY = TODAY - timedelta(days=TODAY.weekday() + 7)
TUESDAY = MONDAY + timedelta(days=1)
TERM = {"employment": "employee", "weekly_minutes": [480, 480, 480, 480, 480, 0, 0], "cost_rate": "60", "period": {"start": "2020-01-01"}}


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody's requests."""

    client: TestClient

    def get(self, path: str, **params: str) -> Any:
        answer = self.client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, *, version: int | None = None, wait: bool = False, **params: str) -> Any:
        answer = self.ask(path, body, version=version, wait=wait, **params)
        assert answer.status_code in {200, 201, 202}, answer.text
        return answer.json()

    def ask(self, path: str, body: Any, *, version: int | None = None, wait: bool = False, **params: str) -> Response:
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return self.client.post(path, json=body, params=params, headers=headers | ({"Prefer": "wait=60"} if wait else {}))

    def new(self, area: str, **body: Any) -> str:
        return str(self.post(f"/v1/{area}", body)["id"])


@dataclass(frozen=True, slots=True)
class Firm:
    """Who is there, and what they work on."""

    application: Application
    finance: Caller
    ann: Caller
    lea: Caller
    person: str
    project: str
    contract: str
    rate: str


@pytest.fixture
def firm(prepared_url: str, tmp_path: Path) -> Iterator[Firm]:
    """Ann works for Acme at 100 an hour under a contract that rounds each entry up to a quarter of an hour and gives 10 % discount."""
    application = Application(Settings(database_url=prepared_url, data_dir=tmp_path))
    with TestClient(create_app(application), base_url=BASE, headers=logged_in(application)) as client:
        admin = Caller(client)

        def as_user(role: Role, **limits: Any) -> Caller:
            user = create_user(application.store, actor=LOCAL, user=make_user(role=role, **limits), now=datetime.now(UTC))
            return Caller(TestClient(create_app(application), base_url=BASE, headers=bearer(application, user)))

        finance = as_user(Role.FINANCE)
        person, project, rate, contract = _agreed(admin, finance)
        yield Firm(
            application=application,
            finance=finance,
            ann=as_user(Role.MEMBER, person_id=PersonId(person)),
            lea=as_user(Role.PROJECT_MANAGER, project_ids=frozenset({ProjectId(project)})),
            person=person,
            project=project,
            contract=contract,
            rate=rate,
        )


def _agreed(admin: Caller, finance: Caller) -> tuple[str, str, str, str]:
    """The person, the project they are booked on, what an hour costs, and the contract."""
    calendar = admin.new("calendars", name="Plain")
    person = admin.new("people", name="Ann", terms=[{**TERM, "calendar_id": calendar}])
    acme = admin.new("clients", name="Acme")
    project = admin.new("projects", name="Rollout", client_id=acme)
    days = {"start": MONDAY.isoformat(), "end": (MONDAY + timedelta(weeks=1)).isoformat()}
    admin.new("bookings", person_id=person, project_id=project, weekly_minutes=600, period=days, state="confirmed")
    rate = finance.new("bill_rates", rate="100")
    tax = finance.new("tax-codes", name="VAT", category="S", rates=[{"valid_from": "2020-01-01", "percent": "19"}])
    address = {"line1": "Main Street 1", "postcode": "10115", "city": "Berlin", "country": "DE"}
    seller = {"vat_id": "DE123456789", "tax_number": "30/123/45678", "email": "books@firm.example", "iban": "DE02120300000000202051"}
    entity = finance.new("legal-entities", name="Firm GmbH", address=address, tax_code_id=tax, **seller)
    finance.new("client-accounts", client_id=acme, name="Acme AG", address=address, vat_id="DE987654321", email="ap@acme.example")
    terms = {"rounding": {"step_min": 15, "mode": "up"}, "discount": "0.1"}
    contract = finance.new(
        "contracts",
        project_id=project,
        name="Rollout",
        kind="time_and_materials",
        currency="EUR",
        legal_entity_id=entity,
        starts_on="2026-01-01",
        **terms,
    )
    return person, project, rate, contract


def test_work_is_billed_once_issued_for_good_and_free_again_once_credited(firm: Firm) -> None:
    """
    By hand: 50 minutes bill as 60 and 125 as 135: 195 minutes at 100 an hour are 325.00. 119.00 spent are 100.00 net, 110.00 with 10 % markup.

    Lines 435.00, less 10 %: 43.50, net 391.50; 19 % of it 74.385, so 74.39; gross 465.89. Of it 200.00 are paid: 265.89 are open.
    """
    entries, expense = _work(firm)
    proposed = firm.finance.post("/v1/invoice-runs", {"until": TODAY.isoformat()}, dry_run="true")["proposals"]
    assert [(one["net_minor"], one["tax_minor"], one["gross_minor"]) for one in proposed] == [(39_150, 7_439, 46_589)]
    assert firm.finance.get("/v1/invoices")["items"] == []
    run = firm.finance.post("/v1/invoice-runs", {"until": TODAY.isoformat()}, wait=True)
    (outcome,) = run["outcomes"]
    invoice = _issued(firm, outcome["invoice_id"])
    assert (invoice["number"], invoice["gross_minor"]) == (f"INV-{TODAY.year}-00001", 46_589)
    assert {line["quantity"]: line["net_minor"] for line in invoice["lines"]} == {195: 32_500, 1: 11_000}
    assert {(item["source_id"], item["minutes"], item["billed_minutes"]) for item in invoice["items"]} == {
        (entries[0]["id"], 50, 60),
        (entries[1]["id"], 125, 135),
        (expense, None, None),
    }
    again = firm.finance.post("/v1/invoice-runs", {"until": TODAY.isoformat()}, wait=True)
    assert [one["invoice_id"] for one in again["outcomes"]] == [None] * len(again["outcomes"])
    _what_was_issued_stays(firm, invoice, entries[0]["id"])
    _paid(firm, invoice["id"])
    _credited(firm, invoice["id"], entries[0]["id"])
    _booked(firm)
    _exported(firm)


def _work(firm: Firm) -> tuple[list[dict[str, Any]], str]:
    """Two entries and an expense of Ann's, which Lea approves."""
    entries = [
        firm.ann.post("/v1/time-entries", {"person_id": firm.person, "project_id": firm.project, "work_date": day, "minutes": minutes})
        for day, minutes in ((MONDAY.isoformat(), 50), (TUESDAY.isoformat(), 125))
    ]
    entries = [entry for one in entries for entry in one["entries"]]
    category = firm.finance.new("expense-categories", name="Travel", tax_rate="0.19", markup="0.1")
    spent = {"person_id": firm.person, "project_id": firm.project, "category_id": category, "work_date": MONDAY.isoformat()}
    expense = firm.ann.post("/v1/expenses", {**spent, "amount_minor": 11_900, "currency": "EUR"})
    lines = [{"kind": "time_entry", "id": one["id"], "version": one["version"]} for one in entries]
    lines.append({"kind": "expense", "id": expense["id"], "version": expense["version"]})
    handed_in = firm.ann.post("/v1/approvals/submit", {"lines": lines})["lines"]
    firm.lea.post("/v1/approvals/approve", {"lines": [{name: one[name] for name in ("kind", "id", "version")} for one in handed_in]})
    return entries, expense["id"]


def _issued(firm: Firm, invoice_id: str) -> Any:
    """The draft approved and issued, with its files."""
    for step in ("approve", "issue"):
        version = firm.finance.get(f"/v1/invoices/{invoice_id}")["version"]
        firm.finance.post(f"/v1/invoices/{invoice_id}/{step}", {}, version=version)
    for kind, start in (("pdf", b"%PDF-"), ("cii", b"<?xml"), ("ubl", b"<?xml")):
        file = firm.finance.client.get(f"/v1/invoices/{invoice_id}/files/{kind}", headers={"Accept": "*/*"})
        assert (file.status_code, file.content[:5]) == (200, start)
    return firm.finance.get(f"/v1/invoices/{invoice_id}")


def _what_was_issued_stays(firm: Firm, invoice: Any, entry_id: str) -> None:
    """No approval is taken back, no rate changed in the past, and the explanation names the rate's row."""
    entry = firm.ann.get(f"/v1/time-entries/{entry_id}")
    line = {"kind": "time_entry", "id": entry_id, "version": entry["version"]}
    refused = firm.finance.ask("/v1/approvals/unapprove", {"lines": [line], "reason": "Wrong project"})
    assert (refused.status_code, refused.json()["code"]) == (409, "line.invoiced")
    dearer = firm.finance.client.patch(f"/v1/bill_rates/{firm.rate}", json={"rate": "120"}, headers={"If-Match": '"1"'})
    assert (dearer.status_code, dearer.json()["code"]) == (409, "rate.in_use")
    position = next(one["position"] for one in invoice["lines"] if one["kind"] == "time")
    trail = firm.finance.get(f"/v1/invoices/{invoice['id']}/lines/{position}/explain")["trail"]
    assert firm.rate in str(trail), trail
    assert firm.finance.get(f"/v1/invoices/{invoice['id']}")["content_sha256"] == invoice["content_sha256"]


def _paid(firm: Firm, invoice_id: str) -> None:
    """A part; more than is open is refused."""
    path, paid = f"/v1/invoices/{invoice_id}/payments", {"paid_on": TODAY.isoformat(), "amount_minor": 20_000}
    version = firm.finance.get(f"/v1/invoices/{invoice_id}")["version"]
    firm.finance.post(path, paid, version=version)
    whole = firm.finance.get(f"/v1/invoices/{invoice_id}")
    assert (whole["payment_state"], whole["open_minor"]) == ("partly_paid", 26_589)
    more = firm.finance.ask(path, {**paid, "amount_minor": 26_590}, version=whole["version"])
    assert more.status_code == 409


def _credited(firm: Firm, invoice_id: str, entry_id: str) -> None:
    """All of it: the credit note has a number of its own, and the work can be taken back and billed again."""
    version = firm.finance.get(f"/v1/invoices/{invoice_id}")["version"]
    draft = firm.finance.post(f"/v1/invoices/{invoice_id}/credit", {"reason": "Wrong project"}, version=version)
    note = _issued(firm, draft["id"])
    assert (note["kind"], note["number"], note["gross_minor"]) == ("credit_note", f"CN-{TODAY.year}-00001", 46_589)
    entry = firm.ann.get(f"/v1/time-entries/{entry_id}")
    line = {"kind": "time_entry", "id": entry_id, "version": entry["version"]}
    taken_back = firm.finance.ask("/v1/approvals/unapprove", {"lines": [line], "reason": "Wrong project"})
    assert taken_back.status_code == 200, taken_back.text
    proposed = firm.finance.post("/v1/invoice-runs", {"until": TODAY.isoformat()}, dry_run="true")["proposals"]
    assert [one["net_minor"] for one in proposed] == [(22_500 + 11_000) * 9 // 10]


def _booked(firm: Firm) -> None:
    """What was billed was given back, so all that is earned is work in progress: 335.00 less 10 %; and the books hold."""
    found = firm.finance.get("/v1/ledger/roll-forward", contract_id=firm.contract, **{"from": MONDAY.isoformat()[:7]})
    months = found["contracts"][0]["months"]
    for row in months:
        assert row["opening_minor"] + row["earned_minor"] - row["billed_minor"] + row["adjusted_minor"] == row["closing_minor"]
    assert months[-1]["closing_minor"] == 30_150
    verified = verify_ledger(firm.application.store, actor=LOCAL)
    assert (verified.holds, verified.documents) == (True, 2)


def _exported(firm: Firm) -> None:
    """For Xero both documents, the credit note below 0; for QuickBooks the invoice alone, with hours that make the line's amount."""
    asked = {"item": "200", "tax_code": "S/19=20S", "until": TODAY.isoformat()[:7]}
    rows = {}
    for program in ("xero", "quickbooks"):
        file = firm.finance.client.get("/v1/ledger/invoices/file", params={**asked, "format": program}, headers={"Accept": "*/*"})
        assert (file.status_code, file.headers["Content-Type"].partition(";")[0]) == (200, "text/csv"), file.text
        rows[program] = list(csv.DictReader(file.text.splitlines()))
    assert {row["*InvoiceNumber"] for row in rows["xero"]} == {f"INV-{TODAY.year}-00001", f"CN-{TODAY.year}-00001"}
    assert sum(Decimal(row["*Quantity"]) * Decimal(row["*UnitAmount"]) for row in rows["xero"]) == 0
    assert sorted(Decimal(row["*ItemAmount"]) for row in rows["quickbooks"]) == [Decimal("-43.5"), Decimal(110), Decimal(325)]
    assert sum(Decimal(row["ItemTaxAmount"]) for row in rows["quickbooks"]) == Decimal("74.39")
    unnamed = firm.finance.client.get("/v1/ledger/invoices/file", params={"format": "xero", "item": "200"})
    assert (unnamed.status_code, unnamed.json()["code"]) == (422, "accounting_file.tax_code_missing")

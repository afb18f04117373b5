"""The books over HTTP, on both databases: what ``fill_books`` has, reckoned by hand."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.billing.contracts import ContractKind
from scheduler.domain.billing.invoices import PaymentKind
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.permissions import Role
from tests.ledger_firm import fill_books, issue, pay
from tests.logins import bearer, logged_in, make_user

if TYPE_CHECKING:
    from scheduler.application import Application

BASE = "http://127.0.0.1:8000"
FIRST = {"from": "2025-01", "until": "2025-02"}


@pytest.fixture
def books(application: Application) -> TestClient:
    """Finance's requests to a firm with two months of work and bills."""
    fill_books(application.store)
    headers = logged_in(application, make_user(role=Role.FINANCE))
    return TestClient(create_app(application), base_url=BASE, headers=headers, raise_server_exceptions=False)


def asked(client: TestClient, path: str, **params: str) -> Any:
    answer = client.get(f"/v1/{path}", params={name.replace("from_", "from"): value for name, value in params.items()})
    assert answer.status_code == 200, answer.text
    return answer.json()


def close(client: TestClient, month: str, **more: Any) -> Any:
    answer = client.post("/v1/closed-months", json={"month": month, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_balances_roll_forward(books: TestClient) -> None:
    """Alpha: 1,000.00 earned less 400.00 billed is 600.00 of WIP, gone in February; Gamma loses 200.00 EUR when it is billed at 0.80."""
    found = asked(books, "ledger/roll-forward", **FIRST)
    assert (found["home_currency"], found["last_closed"], found["unpriced"]) == ("EUR", None, [])
    months = {one["contract_id"]: one["months"] for one in found["contracts"]}
    wip = {name: [(row["wip_minor"], row["deferred_minor"]) for row in rows] for name, rows in months.items()}
    assert wip == {"alpha": [(60_000, 0), (0, 0)], "beta": [(400_000, 0), (400_000, 0)], "gamma": [(200_000, 0), (0, 0)]}
    assert months["gamma"][1]["home"] == {
        "opening_minor": 180_000,
        "earned_minor": 0,
        "billed_minor": 160_000,
        "adjusted_minor": 0,
        "exchange_minor": -20_000,
        "closing_minor": 0,
    }
    only = asked(books, "ledger/roll-forward", **FIRST, contract_id="alpha")
    assert [one["contract_id"] for one in only["contracts"]] == ["alpha"]
    assert asked(books, "ledger/roll-forward", **FIRST, client_id="nobody")["contracts"] == []


def test_revenue_is_by_month_and_currency(books: TestClient) -> None:
    """January: 1,000.00 + 4,000.00 EUR and 2,000.00 USD, worth 1,800.00 EUR; February: 500.00 EUR. Unlike currencies are not added."""
    months = asked(books, "ledger/revenue", **FIRST)["months"]
    found = {(one["month"], one["currency"]): (one["earned_minor"], one["home_minor"]) for one in months}
    assert found == {
        ("2025-01", "EUR"): (500_000, 500_000),
        ("2025-01", "USD"): (200_000, 180_000),
        ("2025-02", "EUR"): (50_000, 50_000),
        ("2025-02", "USD"): (0, 0),
    }


def test_the_journal_balances_and_uses_the_firms_accounts(books: TestClient, application: Application) -> None:
    """Each entry balances in both currencies; what is written off and paid is there; accounts that nobody named have their own names."""
    with application.store.read(LOCAL) as view:
        first = view.area("invoices").get("i1")
    pay(application.store, "p1", first, date(2025, 2, 20), 40_000)
    pay(application.store, "w1", first, date(2025, 2, 21), 7_600, kind=PaymentKind.WRITE_OFF)
    entries = asked(books, "ledger/journal", **FIRST)["entries"]
    for entry in entries:
        for side in ("minor", "home_minor"):
            debit, credit = (sum(one[f"{name}_{side}"] for one in entry["postings"]) for name in ("debit", "credit"))
            assert debit == credit, entry
    left: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        for one in entry["postings"]:
            left[one["account"], entry["currency"]] += one["debit_minor"] - one["credit_minor"]
    assert left["1400", "EUR"] == 130_900
    assert (left["1776", "EUR"], left["bank", "EUR"], left["bad_debt", "EUR"]) == (-28_500, 40_000, 7_600)
    assert (left["8400", "EUR"], left["contract_asset", "EUR"], left["8400", "USD"]) == (-550_000, 400_000, -200_000)
    (invoice,) = [one for one in entries if one["id"] == "invoice:i1"]
    assert (invoice["kind"], invoice["day"], invoice["document_number"], invoice["client"]) == ("invoice", "2025-01-29", "R-1", "Acme")


def test_the_journal_is_a_file_for_accounting_programs(books: TestClient) -> None:
    """In the firm's currency, every entry balanced: as a general ledger, and as DATEV's once all accounts have numbers."""
    answer = books.get("/v1/ledger/journal/file", params=FIRST)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/csv")
    assert "journal-2025-01-2025-02.csv" in answer.headers["Content-Disposition"]
    rows = [dict(zip(*pair, strict=True)) for pair in _with_head(answer.text)]
    assert {row["currency"] for row in rows} == {"EUR"}
    for entry_id in {row["entry_id"] for row in rows}:
        own = [row for row in rows if row["entry_id"] == entry_id]
        assert sum(Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0) for row in own) == 0
    (gross,) = [row["debit"] for row in rows if (row["entry_id"], row["account"]) == ("invoice:i3", "1400")]
    assert gross == "1904.00"
    datev = books.get("/v1/ledger/journal/file", params={**FIRST, "format": "datev"})
    assert code_of(datev) == (422, "datev.account")
    assert books.get("/v1/ledger/journal/file", params={**FIRST, "format": "datev", "consultant": "7"}).status_code == 422


def _with_head(text: str) -> list[tuple[list[str], list[str]]]:
    head, *rows = list(csv.reader(io.StringIO(text)))
    return [(head, row) for row in rows]


def test_a_month_is_closed_and_stays(books: TestClient, application: Application) -> None:
    """A dry run keeps nothing; once closed, its rows and entries stay, also when more is learnt; the list has it with its hashes."""
    tried = close(books, "2025-01", dry_run=True)
    assert tried["closed"] is None
    assert asked(books, "closed-months")["items"] == []
    done = close(books, "2025-01")
    assert [one["balance"]["is_closed"] for one in done["balances"]] == [True] * 3
    assert [{**one["balance"], "is_closed": True} for one in tried["balances"]] == [one["balance"] for one in done["balances"]]
    (listed,) = asked(books, "closed-months")["items"]
    assert (listed["month"], len(listed["chain_sha256"]), listed["version"]) == ("2025-01", 64, 1)
    january = {"from": "2025-01", "until": "2025-01"}
    before = asked(books, "ledger/journal", **january), asked(books, "ledger/roll-forward", **january)
    from tests.ledger_firm import log_time

    log_time(application.store, "late", date(2025, 1, 20), hours=3)
    assert (asked(books, "ledger/journal", **january), asked(books, "ledger/roll-forward", **january)) == before
    february = asked(books, "ledger/roll-forward", **{"from": "2025-02", "until": "2025-02"}, contract_id="alpha")["contracts"][0][
        "months"
    ][0]
    assert (february["earned_minor"], february["is_closed"]) == (80_000, False)
    again = books.post("/v1/closed-months", json={"month": "2025-01"})
    assert code_of(again) == (409, "month.closed")
    assert code_of(books.post("/v1/closed-months", json={"month": "2025-03"})) == (409, "month.earlier_open")
    assert code_of(books.post("/v1/closed-months", json={"month": "2199-01"})) == (409, "month.not_over")
    assert books.post("/v1/closed-months", json={"month": "2025-13"}).status_code == 422


def test_an_answer_is_repeated_for_its_key(books: TestClient) -> None:
    """Closing twice with one key closes once and answers the same."""
    headers = {"Idempotency-Key": "close-january"}
    first, second = (books.post("/v1/closed-months", json={"month": "2025-01"}, headers=headers) for _ in range(2))
    assert (first.status_code, first.json()) == (second.status_code, second.json())


def test_balances_are_taken_over_and_given_back(books: TestClient) -> None:
    """A contract has one; it goes with its version, and not once its month is closed."""
    body = {"contract_id": "alpha", "month": "2025-02", "earned_minor": 100_000, "billed_minor": 40_000, "home_minor": 60_000}
    made = books.post("/v1/contract-openings", json=body)
    assert made.status_code == 201, made.text
    assert made.json() == {**body, "external_id": None, "id": made.json()["id"], "version": 1}
    assert [one["id"] for one in asked(books, "contract-openings", contract_id="alpha")["items"]] == [made.json()["id"]]
    assert code_of(books.post("/v1/contract-openings", json=body)) == (409, "opening.taken")
    nobody = books.post("/v1/contract-openings", json={**body, "contract_id": "nobody"})
    assert code_of(nobody) == (422, "reference.not_found")
    assert nobody.json()["errors"][0]["code"] == "reference.not_found"
    odd = books.post("/v1/contract-openings", json={**body, "billed_minor": 100_000})
    assert odd.json()["errors"][0]["code"] == "opening.home_without_balance"
    path = f"/v1/contract-openings/{made.json()['id']}"
    assert books.delete(path, headers={"If-Match": '"7"'}).status_code == 412
    assert books.delete(path, headers={"If-Match": '"1"'}).status_code == 204


def test_revenue_is_adjusted_by_hand_in_an_open_month(books: TestClient) -> None:
    """With a reason; in a closed month it is refused; what it did stands beside what was earned."""
    close(books, "2025-01")
    body = {"contract_id": "alpha", "day": "2025-02-10", "amount_minor": -5_000, "reason": "Agreed with the client\non the phone"}
    made = books.post("/v1/revenue-adjustments", json=body)
    assert made.status_code == 201, made.text
    assert made.json()["reason"] == body["reason"]
    assert code_of(books.post("/v1/revenue-adjustments", json={**body, "day": "2025-01-31"})) == (409, "month.closed")
    assert books.post("/v1/revenue-adjustments", json={**body, "amount_minor": 0}).status_code == 422
    assert len(asked(books, "revenue-adjustments", contract_id="alpha")["items"]) == 1
    row = asked(books, "ledger/roll-forward", **{"from": "2025-02", "until": "2025-02"}, contract_id="alpha")["contracts"][0]["months"][0]
    assert (row["adjusted_minor"], row["closing_minor"], row["deferred_minor"]) == (-5_000, -5_000, 5_000)


def test_receivables_by_age_and_their_days_of_sales(books: TestClient, application: Application) -> None:
    """
    On 31 March 476.00 EUR are 31 days overdue, 1,309.00 EUR and 2,380.00 USD (1,904.00 EUR) 2 days.

    EUR: March had no sales (31 days), February 1,309.00 (28) and January 476.00 (31) make up all that is owed: 90 days. USD: 31 + 28.
    A payment of 100.00 on the day counts, one on the next day does not.
    """
    found = asked(books, "reports/receivables", on="2025-03-31")
    assert [one["client_id"] for one in found["clients"]] == ["acme", "acme"]
    euros, dollars = found["currencies"]
    assert (euros["currency"], euros["days_sales_outstanding"]) == ("EUR", "90.0")
    assert (dollars["currency"], dollars["days_sales_outstanding"]) == ("USD", "59.0")
    owed = {name: worth["minor"] for name, worth in euros["owed"].items()}
    assert owed == {"not_due": 0, "days_1_30": 130_900, "days_31_60": 47_600, "days_61_90": 0, "over_90": 0, "total": 178_500}
    assert dollars["owed"]["days_1_30"] == {"minor": 238_000, "home_minor": 190_400}
    with application.store.read(LOCAL) as view:
        first = view.area("invoices").get("i1")
    pay(application.store, "p1", first, date(2025, 3, 31), 10_000)
    pay(application.store, "p2", first, date(2025, 4, 1), 1_000)
    issue(application.store, "c1", date(2025, 3, 30), credits_id="i2", amount=10_000)
    later = asked(books, "reports/receivables", on="2025-03-31")["currencies"][0]["owed"]
    assert (later["days_31_60"]["minor"], later["days_1_30"]["minor"]) == (37_600, 130_900 - 11_900)


def test_how_long_work_waits_for_its_bill(books: TestClient) -> None:
    """EUR: 400.00 after 18 days, 600.00 after 46, 500.00 after 24: a mean of 46,800 / 1,500 = 31.2; 24 is where half of 1,500 is reached."""
    cycles = asked(books, "reports/billing-cycle", from_="2025-01-01", until="2025-03-31")["cycles"]
    found = {(one["client_id"], one["currency"]): (one["amount_minor"], one["mean_days"], one["median_days"]) for one in cycles}
    assert found[None, "EUR"] == found["acme", "EUR"] == (150_000, "31.2", 24)
    assert found[None, "USD"] == (200_000, "45.0", 45)
    assert asked(books, "reports/billing-cycle", from_="2025-03-01", until="2025-03-31")["cycles"] == []


def test_profitability_adds_up_to_its_lines(books: TestClient) -> None:
    """Alpha in January: 10 h at 100.00 and 50.00; by person Ann has 30 h; every group is the sum of its lines."""
    days = {"from_": "2025-01-01", "until": "2025-01-31"}
    for by, key in (("project", "alpha"), ("client", "acme"), ("person", "ann"), ("team", None)):
        groups = {one["key"]: one for one in asked(books, "reports/profitability", **days, by=by)["groups"]}
        lines = asked(books, "reports/profitability/lines", **days, by=by, **({} if key is None else {"key": key}))["lines"]
        actual = groups[key]["actual"]
        assert actual["minutes"] == sum(one["minutes"] for one in lines if one["kind"] != "planned")
        assert actual["cost_minor"] == sum(one["cost_minor"] for one in lines if one["kind"] != "planned")
        assert actual["margin_minor"] == actual["value_minor"] - actual["cost_minor"]
        if by == "project":
            assert (actual["minutes"], actual["value_minor"], actual["cost_minor"]) == (600, 100_000, 50_000)
            assert {name: one["earned_minor"] for name, one in groups.items()} == {"alpha": 100_000, "beta": 400_000, "gamma": 180_000}
        if by == "client":
            assert groups[key]["earned_minor"] == 680_000
        if by == "person":
            assert (actual["minutes"], actual["cost_minor"], groups[key]["earned_minor"]) == (1_800, 150_000, None)


def test_what_a_cost_plus_contract_tells_needs_the_right_to_see_costs(books: TestClient, application: Application) -> None:
    """Its revenue and its bills follow from what an hour costs: without ``cost:read`` they are in no report."""
    with application.store.begin(LOCAL) as tx:
        alpha, bill = tx.area("contracts").get("alpha"), tx.area("invoices").get("i1")
        tx.area("contracts").save(replace(alpha, kind=ContractKind.COST_PLUS, markup=Decimal("0.2")))
        tx.area("invoices").save(replace(bill, tells_cost=True))
    client = _without_costs(application)
    shown = {one["contract_id"] for one in asked(client, "ledger/roll-forward", **FIRST)["contracts"]}
    assert shown == {"beta", "gamma"}
    assert {one["contract_id"] for one in asked(books, "ledger/roll-forward", **FIRST)["contracts"]} == {"alpha", *shown}
    euros = [asked(one, "reports/receivables", on="2025-03-31")["currencies"][0]["owed"]["total"]["minor"] for one in (client, books)]
    assert euros == [130_900, 178_500]
    days = {"from_": "2025-01-01", "until": "2025-01-31"}
    assert (asked(client, "reports/billing-cycle", **days)["cycles"], len(asked(books, "reports/billing-cycle", **days)["cycles"])) == (
        [],
        2,
    )


def _without_costs(application: Application) -> TestClient:
    """A token of finance that cannot read costs."""
    user = make_user(role=Role.FINANCE)
    with application.store.begin(LOCAL) as tx:
        tx.users.add(user)
    headers = bearer(application, user, scopes=frozenset({"ledger:read", "ledger:close", "closed_months:create", "price:read"}))
    return TestClient(create_app(application), base_url=BASE, headers=headers, raise_server_exceptions=False)


def test_whoever_may_not_see_costs_sees_no_provision(books: TestClient, application: Application) -> None:
    """A token without ``cost:read`` reads the roll-forward without provisions, and neither journal nor profitability, and closes no month."""
    client = _without_costs(application)
    assert {row["provision_minor"] for one in asked(client, "ledger/roll-forward")["contracts"] for row in one["months"]} == {None}
    assert {row["provision_minor"] for one in asked(books, "ledger/roll-forward")["contracts"] for row in one["months"]} == {0}
    for path in ("reports/profitability", "reports/profitability/lines", "ledger/journal", "ledger/journal/file"):
        assert code_of(client.get(f"/v1/{path}")) == (403, "access.denied")
    assert code_of(client.post("/v1/closed-months", json={"month": "2025-01"})) == (403, "access.denied")

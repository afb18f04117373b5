"""M31: whoever edits a row of a bill, a tax, a payment or a closed month past the program is found, and the row is named."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from scheduler.domain.billing.invoices import PaymentKind
from scheduler.domain.billing.ledger import RevenueAdjustment
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import AdjustmentId, ContractId
from scheduler.queries.ledger_verify import verify_ledger
from scheduler.usecases.ledger import adjust_revenue, close_month
from tests import factories as make
from tests.ledger_firm import FEB, JAN, NOW, issue, log_time, make_books, pay, void

if TYPE_CHECKING:
    from scheduler.domain.billing.verification import Difference
    from scheduler.store import Store

TODAY = NOW.date()


@pytest.fixture
def books(store: Store) -> Store:
    """Bills in two currencies, one of them void, a credit note, payments and a write-off; January and February are closed."""
    make_books(store)
    with store.begin(LOCAL, now=NOW) as tx:
        tx.clients.add(make.make_client("other"))
    for name, day, hours, project in (("a1", date(2025, 1, 11), 4, "alpha"), ("g1", date(2025, 1, 13), 20, "gamma")):
        log_time(store, name, day, hours=hours, project=project)
    first = issue(store, "i1", date(2025, 1, 29), items={"a1": (date(2025, 1, 11), 4)})
    dollars = issue(store, "i2", date(2025, 1, 30), contract="gamma", items={"g1": (date(2025, 1, 13), 20)})
    issue(store, "i3", date(2025, 2, 1), contract="beta", charges={"design": 400_000})
    issue(store, "c1", date(2025, 2, 5), credits_id="i1", amount=10_000)
    pay(store, "p1", first, date(2025, 2, 10), 20_000)
    pay(store, "p2", first, date(2025, 2, 11), 7_600, kind=PaymentKind.WRITE_OFF)
    pay(store, "p3", dollars, date(2025, 2, 12), 100_000)
    pay(store, "p4", dollars, date(2025, 2, 13), 138_000)
    close_month(store, actor=LOCAL, month=JAN, now=NOW)
    value = RevenueAdjustment(
        id=AdjustmentId("adj"), contract_id=ContractId("alpha"), day=FEB, amount_minor=500, reason="By hand", made_at=NOW, made_by=LOCAL.id
    )
    adjust_revenue(store, actor=LOCAL, value=value, now=NOW)
    close_month(store, actor=LOCAL, month=FEB, now=NOW)
    return store


def edit(store: Store, statement: str, **values: Any) -> None:
    """As somebody who has the database and not the program."""
    with store.engine.begin() as connection:
        assert connection.execute(text(statement), values).rowcount > 0


def found(store: Store) -> Difference:
    difference = verify_ledger(store, actor=LOCAL).difference
    assert difference is not None
    return difference


def test_what_nobody_edited_holds(books: Store) -> None:
    """Also when things come to light later: work of a closed month, a payment before others, a void."""
    assert verify_ledger(books, actor=LOCAL).difference is None
    log_time(books, "late", date(2025, 1, 12), hours=3)
    with books.read(LOCAL) as view:
        dollars = view.area("invoices").get("i2")
    pay(books, "p0", dollars, date(2025, 2, 1), 1)
    void(books, "i3", at=NOW)
    checked = verify_ledger(books, actor=LOCAL)
    assert (checked.difference, checked.documents, checked.months, checked.holds) == (None, 4, 2, True)
    assert checked.entries > 10


HEAD = {
    "net_minor": "net_minor + 1",
    "tax_minor": "tax_minor + 1",
    "gross_minor": "gross_minor + 1",
    "retained_minor": "1",
    "home_rate": "home_rate + 1",
    "home_net_minor": "home_net_minor + 1",
    "home_tax_minor": "home_tax_minor + 1",
    "home_gross_minor": "home_gross_minor + 1",
    "currency": "'CHF'",
    "issued_on": "'2025-01-28'",
    "due_on": "'2025-12-31'",
    "number": "'R-7'",
    "sequence": "7",
    "client_id": "'other'",
    "state": "'draft'",
    "kind": "'credit_note'",
    "parties": "'{}'",
    "content_sha256": "'0'",
    "chain_sha256": "'0'",
}


@pytest.mark.parametrize("column", HEAD)
def test_m31_an_edited_head_is_named_with_its_column(books: Store, column: str) -> None:
    """Its versions say what it was."""
    edit(books, f"UPDATE invoices SET {column} = {HEAD[column]} WHERE id = 'i1'")
    difference = found(books)
    assert (difference.table, difference.row, difference.column) == ("invoices", "i1", column)
    assert difference.stored != difference.derived


PARTS = [
    ("invoice_lines", "quantity = quantity + 60", "invoice_lines", "i1/1", "quantity"),
    ("invoice_lines", "unit_price = unit_price + 10000", "invoice_lines", "i1/1", "unit_price"),
    ("invoice_lines", "net_minor = net_minor + 1", "invoice_lines", "i1/1", "net_minor"),
    ("invoice_lines", "tax_percent = tax_percent + 10000", "invoice_lines", "i1/1", "tax_percent"),
    ("invoice_lines", "tax_category = 'E'", "invoice_lines", "i1/1", "tax_category"),
    ("invoice_lines", "description = 'Gifts'", "invoice_lines", "i1/1", "description"),
    ("invoice_lines", "service_from = '2025-01-01'", "invoice_lines", "i1/1", "service_from"),
    ("invoice_taxes", "net_minor = net_minor + 1", "invoice_taxes", "i1/S 19", "net_minor"),
    ("invoice_taxes", "tax_minor = tax_minor - 1", "invoice_taxes", "i1/S 19", "tax_minor"),
    ("invoice_taxes", "percent = percent + 10000", "invoice_taxes", "i1/S 19", "net_minor"),
    ("invoice_taxes", "exemption_reason = 'None of it'", "invoices", "i1", "content_sha256"),
    ("invoice_items", "net_minor = net_minor + 1", "invoice_items", "i1/time_entry/a1", "net_minor"),
    ("invoice_items", "billed_minutes = billed_minutes + 1", "invoice_items", "i1/time_entry/a1", "billed_minutes"),
]


@pytest.mark.parametrize(("table", "change", "named", "row", "column"), PARTS)
def test_m31_an_edited_part_of_a_bill_is_found(books: Store, table: str, change: str, named: str, row: str, column: str) -> None:  # noqa: PLR0917
    """Lines and what stands on them by their versions, taxes by the lines, everything else by the hash of what was issued."""
    edit(books, f"UPDATE {table} SET {change} WHERE invoice_id = 'i1'")
    difference = found(books)
    assert (difference.table, difference.row, difference.column) == (named, row, column)


@pytest.mark.parametrize(
    ("statement", "table", "row"),
    [
        ("UPDATE payments SET amount_minor = amount_minor - 1 WHERE id = 'p1'", "payments", "p1"),
        ("UPDATE payments SET home_minor = 0 WHERE id = 'p3'", "payments", "p3"),
        ("UPDATE payments SET paid_on = '2025-02-01' WHERE id = 'p1'", "payments", "p1"),
        ("DELETE FROM payments WHERE id = 'p1'", "payments", "p1"),
        ("UPDATE revenue_adjustments SET amount_minor = 501 WHERE id = 'adj'", "revenue_adjustments", "adj"),
        ("UPDATE charges SET amount_minor = 1 WHERE id = 'design'", "charges", "design"),
        ("UPDATE time_entries SET minutes = 1 WHERE id = 'a1'", "time_entries", "a1"),
        ("UPDATE exchange_rates SET rate = rate + 1 WHERE id = '2025-02-01'", "exchange_rates", "2025-02-01"),
        ("UPDATE number_series SET last = 9 WHERE series = 'invoice'", "number_series", "firm/invoice"),
        ("DELETE FROM invoice_taxes WHERE invoice_id = 'i1'", "invoice_taxes", "i1/S 19"),
        (
            ";".join(f"DELETE FROM {one} WHERE month = '2025-02-01'" for one in ("contract_balances", "ledger_postings", "closed_months")),
            "closed_months",
            None,
        ),
    ],
)
def test_m31_other_rows_are_named(books: Store, statement: str, table: str, row: str | None) -> None:
    """Payments, adjustments, charges, time, rates and counters: changed or taken out."""
    for one in statement.split(";"):
        edit(books, one)
    difference = found(books)
    assert difference.table == table
    assert row in {None, difference.row}


BALANCES = (
    "opening_minor",
    "earned_minor",
    "billed_minor",
    "adjusted_minor",
    "closing_minor",
    "opening_home_minor",
    "earned_home_minor",
    "billed_home_minor",
    "adjusted_home_minor",
    "exchange_home_minor",
    "closing_home_minor",
)


@pytest.mark.parametrize("column", BALANCES)
def test_m31_an_edited_balance_is_found(books: Store, column: str) -> None:
    """Opening and closing no longer follow from the rest of the row, or from the month before."""
    edit(books, f"UPDATE contract_balances SET {column} = {column} + 1 WHERE contract_id = 'gamma' AND month = '2025-01-01'")
    difference = found(books)
    assert (difference.table, difference.row) == ("contract_balances", "gamma/2025-01")


@pytest.mark.parametrize("column", ["provision_minor", "provision_home_minor"])
def test_m31_an_edited_provision_breaks_the_months_hash(books: Store, column: str) -> None:
    """It stands in no sum."""
    edit(books, f"UPDATE contract_balances SET {column} = 7 WHERE contract_id = 'gamma' AND month = '2025-01-01'")
    assert (found(books).table, found(books).column) == ("closed_months", "content_sha256")


def test_m31_a_balance_that_was_edited_so_that_it_adds_up_is_found(books: Store) -> None:
    """Whoever also moves opening and closing of all months breaks the hash of the month."""
    edit(
        books, "UPDATE contract_balances SET earned_minor = earned_minor + 1, closing_minor = closing_minor + 1 WHERE month = '2025-02-01'"
    )
    difference = found(books)
    assert (difference.table, difference.column) == ("closed_months", "content_sha256")


@pytest.mark.parametrize(
    ("change", "table", "column"),
    [
        ("amount_minor = amount_minor + 1", "ledger_postings", "amount_minor"),
        ("amount_home_minor = amount_home_minor + 1", "ledger_postings", "amount_home_minor"),
        ("account = 'pocket'", "closed_months", "content_sha256"),
        ("day = '2025-01-01'", "closed_months", "content_sha256"),
        ("document_number = 'R-9'", "closed_months", "content_sha256"),
    ],
)
def test_m31_an_edited_posting_is_found(books: Store, change: str, table: str, column: str) -> None:
    """Its entry does not balance any more, or the month's hash does not hold."""
    edit(books, f"UPDATE ledger_postings SET {change} WHERE month = '2025-01-01' AND position = 1")
    difference = found(books)
    assert (difference.table, difference.column) == (table, column)


def test_m31_a_month_that_was_rewritten_with_its_hash_is_found(books: Store) -> None:
    """Entries that balance, a hash that fits and versions that agree: the journal still does not follow from the bills."""
    from scheduler.domain.billing.ledger import chain_hash, content_hash
    from scheduler.store.ledger_rows import kept_rows

    edit(books, "UPDATE ledger_postings SET amount_minor = 2 * amount_minor WHERE entry_id = 'invoice:i3'")
    with books.engine.begin() as connection:
        content = content_hash(FEB, *kept_rows(connection, FEB))
        before = connection.execute(text("SELECT chain_sha256 FROM closed_months WHERE month = '2025-01-01'")).scalar_one()
    for table in ("closed_months", "closed_months_versions"):
        change = f"UPDATE {table} SET content_sha256 = :content, chain_sha256 = :chain WHERE month = '2025-02-01'"
        edit(books, change, content=content, chain=chain_hash(before, content))
    difference = found(books)
    assert (difference.table, difference.row.startswith("2025-02/invoice:i3")) == ("ledger_postings", True)

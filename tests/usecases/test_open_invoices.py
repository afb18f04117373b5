"""Open invoices of other books in the books of these: beside the firm's own numbers, and found when somebody edits them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from scheduler.domain.billing.invoices import InvoiceState
from scheduler.domain.billing.open_invoices import OpenInvoice
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import ClientId, InvoiceId, LegalEntityId
from scheduler.queries.ledger_verify import verify_ledger
from scheduler.store.invoices import InvoiceReader
from scheduler.usecases.open_invoices import take_over_invoice
from tests.billing_firm import FINANCE, NOW, draft, fill, issue, log, make_entry, refused

if TYPE_CHECKING:
    from scheduler.domain.billing.invoices import Invoice
    from scheduler.store import Store


def take(store: Store, name: str = "old", **changes: Any) -> Invoice:
    """1,000.00 and mixed taxes of 123.45; 600.00 are open."""
    base: dict[str, Any] = {
        "id": InvoiceId(name),
        "number": name,
        "legal_entity_id": LegalEntityId("firm"),
        "client_id": ClientId("acme"),
        "currency": "EUR",
        "issued_on": date(2026, 11, 20),
        "due_on": date(2026, 12, 20),
        "taken_over_on": date(2027, 3, 1),
        "net_minor": 100_000,
        "gross_minor": 112_345,
        "open_minor": 60_000,
    }
    return take_over_invoice(store, actor=FINANCE, value=OpenInvoice(**{**base, **changes}), now=NOW)


def test_the_firms_own_numbers_count_on(store: Store) -> None:
    """Whatever is taken over before and between; a number of other books that would be the next one stops it until the form is another."""
    fill(store)
    log(store, make_entry("e1"), make_entry("e2", project="beta"), make_entry("e3", project="gamma"))
    take(store)
    assert issue(store, draft(store)).number == "INV-2027-00001"
    take(store, "more")
    second = issue(store, draft(store, "beta"))
    assert (second.number, second.sequence) == ("INV-2027-00002", 2)
    assert refused(take, store, "twice", number="INV-2027-00002").code == "invoice.number_taken"
    take(store, "next", number="INV-2027-00003")
    assert refused(issue, store, draft(store, "gamma")).code == "invoice.number_taken"
    assert verify_ledger(store, actor=LOCAL).difference is None


def test_what_is_kept_is_what_was_hashed(store: Store) -> None:
    """Head and parts as they are read again; no item, so nothing is claimed."""
    fill(store)
    invoice = take(store)
    with store.read(LOCAL) as view:
        parts = InvoiceReader(view.connection).parts(invoice.id)
    value = OpenInvoice.of(invoice, parts)
    assert (value.open_minor, value.tax_minor, str(value.tax_percent)) == (60_000, 12_345, "12.345")
    assert (invoice.state, invoice.chain_sha256, invoice.issued_by, invoice.created_at, parts.items) == (
        InvoiceState.ISSUED,
        None,
        None,
        NOW,
        (),
    )


EDITS = {
    "paid_before_minor": ("invoices", "paid_before_minor = 0"),
    "taken_over_on": ("invoices", "taken_over_on = '2027-02-01'"),
    "no longer taken over": ("invoices", "taken_over_on = NULL"),
    "number": ("invoices", "number = 'x'"),
    "due_on": ("invoices", "due_on = '2027-12-31'"),
    "gross_minor": ("invoices", "gross_minor = gross_minor + 1"),
    "line": ("invoice_lines", "net_minor = net_minor + 1"),
    "words": ("invoice_lines", "description = 'Gifts'"),
    "tax": ("invoice_taxes", "tax_minor = tax_minor + 1"),
    "percent": ("invoice_taxes", "percent = percent + 10000"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_one_is_found(store: Store, edit: str) -> None:
    """By its versions, its sums or its hash; untouched it holds."""
    fill(store)
    take(store)
    assert verify_ledger(store, actor=LOCAL).difference is None
    table, change = EDITS[edit]
    with store.engine.begin() as connection:
        assert connection.execute(text(f"UPDATE {table} SET {change}")).rowcount == 1
    found = verify_ledger(store, actor=LOCAL).difference
    assert found is not None
    assert found.table in {"invoices", table}


def test_one_that_the_program_did_not_take_over_is_found(store: Store) -> None:
    """A row that somebody copied."""
    fill(store)
    take(store)
    with store.engine.begin() as connection:
        names = [name for name in connection.execute(text("SELECT * FROM invoices")).keys() if name not in {"id", "number"}]  # noqa: SIM118
        columns = ", ".join(names)
        connection.execute(text(f"INSERT INTO invoices (id, number, {columns}) SELECT 'copy', 'copy', {columns} FROM invoices"))
    found = verify_ledger(store, actor=LOCAL).difference
    assert found is not None
    assert (found.table, found.row) == ("invoices", "copy")

"""Invoices of other books: what may be taken over, what stands for it here, and what it enters in the journal."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing.books import BilledDocument, document_entries
from scheduler.domain.billing.content import content_sha256
from scheduler.domain.billing.document_lines import SUM_MAX, LineUnit, TaxLine
from scheduler.domain.billing.documents import NUMBER_MAX
from scheduler.domain.billing.invoices import Invoice, InvoiceKind, InvoiceLine, InvoiceState, LineKind, Payment, PaymentKind
from scheduler.domain.billing.journal import EntryKind, LedgerAccounts, balances
from scheduler.domain.billing.open_invoices import OpenInvoice, is_tax, percent_of
from scheduler.domain.billing.settlement import PaymentState, check_payment, settlement
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.billing.verification import check_document
from scheduler.domain.ground.ids import ClientId, InvoiceId, LegalEntityId, PaymentId
from tests.domain.billing.refusals import faults, refused

if TYPE_CHECKING:
    from scheduler.domain.billing.invoice_parts import InvoiceParts
    from scheduler.domain.billing.journal import Entry

NOW = datetime(2027, 1, 4, 8, 0, tzinfo=UTC)
START = date(2027, 1, 1)


def make_open(**changes: Any) -> OpenInvoice:
    """1,000.00 and 19 %, of which 690.00 are open."""
    base: dict[str, Any] = {
        "id": InvoiceId("old"),
        "number": "2026-104",
        "legal_entity_id": LegalEntityId("firm"),
        "client_id": ClientId("acme"),
        "currency": "EUR",
        "issued_on": date(2026, 11, 20),
        "due_on": date(2026, 12, 20),
        "taken_over_on": START,
        "net_minor": 100_000,
        "gross_minor": 119_000,
        "open_minor": 69_000,
    }
    return OpenInvoice(**{**base, **changes})


def kept(value: OpenInvoice, home_gross: int | None = None) -> tuple[Invoice, InvoiceParts]:
    """As it is stored; ``home_gross``: what it counts for in the firm's currency."""
    invoice, parts = value.as_issued(home_currency="EUR", now=NOW)
    home = value.gross_minor if home_gross is None else home_gross
    net = home * value.net_minor // value.gross_minor
    return replace(invoice, home_net_minor=net, home_tax_minor=home - net, home_gross_minor=home), parts


def paid(name: str, day: date, amount: int, kind: PaymentKind = PaymentKind.PAYMENT, home: int = 0) -> Payment:
    about: dict[str, Any] = {"id": PaymentId(name), "invoice_id": InvoiceId("old"), "kind": kind}
    return Payment(**about, paid_on=day, amount_minor=amount, home_minor=home or amount)


def postings(entry: Entry) -> dict[str, tuple[int, int]]:
    return {one.account: (one.worth.minor, one.worth.home) for one in entry.postings}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"gross_minor": 0}, [("/gross_minor", "open_invoice.credit_note")]),
        ({"net_minor": -100_000, "gross_minor": -119_000, "open_minor": -1}, [("/gross_minor", "open_invoice.credit_note")]),
        ({"open_minor": 119_001}, [("/open_minor", "open_invoice.open")]),
        ({"open_minor": -1}, [("/open_minor", "open_invoice.open")]),
        ({"net_minor": 119_001}, [("/net_minor", "invoice.sums")]),
        ({"net_minor": 59_499}, [("/net_minor", "invoice.sums")]),
        ({"net_minor": 0}, [("/net_minor", "number.out_of_range"), ("/net_minor", "invoice.sums")]),
        ({"tax_percent": Decimal(20)}, [("/tax_percent", "invoice.sums")]),
        ({"due_on": date(2026, 11, 19)}, [("/due_on", "invoice.due_before_issue")]),
        ({"taken_over_on": date(2026, 11, 19)}, [("/taken_over_on", "open_invoice.issued_later")]),
        ({"retained_minor": 69_001, "retention_due_on": date(2027, 6, 1)}, [("/retained_minor", "invoice.retention")]),
        ({"retained_minor": 1}, [("/retention_due_on", "invoice.retention")]),
        ({"retained_minor": 1, "retention_due_on": START}, [("/retention_due_on", "invoice.retention")]),
        ({"number": ""}, [("/number", "text.empty")]),
        ({"number": "1" * (NUMBER_MAX + 1)}, [("/number", "text.too_long")]),
        ({"external_id": "x" * 300}, [("/external_id", "text.too_long")]),
        ({"tax_percent": Decimal(-1)}, [("/tax_percent", "number.out_of_range"), ("/tax_percent", "invoice.sums")]),
        ({"tax_percent": Decimal(1001)}, [("/tax_percent", "number.out_of_range"), ("/tax_percent", "invoice.sums")]),
        ({"open_minor": 0, "retained_minor": 1, "retention_due_on": date(2027, 6, 1)}, [("/retained_minor", "invoice.retention")]),
        ({"currency": "EURO"}, [("/currency", "currency.unknown")]),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], found: list[tuple[str, str]]) -> None:
    """Each at its field."""
    assert faults(make_open, **changes) == found
    assert refused(make_open, **changes).detail.startswith("The open invoice is not valid: /")


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "1" * NUMBER_MAX},
        {"due_on": date(2026, 11, 20)},
        {"taken_over_on": date(2026, 11, 20)},
        {"open_minor": 0},
        {"open_minor": 119_000},
        {"open_minor": 1, "retained_minor": 1, "retention_due_on": date(2027, 1, 2)},
        {"net_minor": 59_500, "tax_percent": Decimal(100)},
        {"gross_minor": 100_000, "tax_percent": Decimal(0)},
        {"net_minor": SUM_MAX, "gross_minor": SUM_MAX, "tax_percent": Decimal(0)},
        {"external_id": "fibu-104", "version": 3},
    ],
    ids=str,
)
def test_what_is_just_taken_over(changes: dict[str, Any]) -> None:
    """As it is given."""
    made = make_open(**changes)
    assert {name: getattr(made, name) for name in changes} == changes


def test_the_document_that_stands_for_it() -> None:
    """Every field of it: nothing of a contract, no days to pay, and the tax at once of the standard rate, or of the zero rate."""
    head, parts = make_open(external_id="fibu-104", currency="JPY").as_issued(home_currency="CHF", now=NOW)
    assert head == Invoice(
        id=InvoiceId("old"),
        kind=InvoiceKind.INVOICE,
        state=InvoiceState.ISSUED,
        legal_entity_id=LegalEntityId("firm"),
        client_id=ClientId("acme"),
        currency="JPY",
        net_minor=100_000,
        tax_minor=19_000,
        gross_minor=119_000,
        number="2026-104",
        issued_on=date(2026, 11, 20),
        due_on=date(2026, 12, 20),
        payment_days=0,
        home_currency="CHF",
        taken_over_on=START,
        paid_before_minor=50_000,
        created_at=NOW,
        external_id="fibu-104",
    )
    tax: dict[str, Any] = {"tax_category": TaxCategory.STANDARD, "tax_percent": Decimal(19)}
    piece: dict[str, Any] = {"unit": LineUnit.PIECE, "quantity": 1, "unit_price": Decimal(100_000), "net_minor": 100_000}
    text = "Invoice 2026-104, taken over from other books"
    assert parts.lines == (InvoiceLine(position=1, kind=LineKind.TAKEN_OVER, description=text, **piece, **tax),)
    assert parts.taxes == (TaxLine(category=TaxCategory.STANDARD, rate=Decimal(19), net_minor=100_000, tax_minor=19_000),)
    free = make_open(gross_minor=100_000).as_issued(home_currency="EUR", now=NOW)[1]
    assert [(line.tax_category, line.tax_percent) for line in free.lines] == [(TaxCategory.ZERO, Decimal(0))]
    assert [(one.category, one.rate) for one in free.taxes] == [(TaxCategory.ZERO, Decimal(0))]


def test_what_is_kept_says_what_was_taken_over() -> None:
    """The percent that was given stays, also where a rounder one makes the same tax."""
    value = make_open(net_minor=105, gross_minor=125, open_minor=125, tax_percent=Decimal("19.05"), external_id="x")
    head, parts = kept(value)
    assert OpenInvoice.of(replace(head, version=4), parts) == replace(value, version=4)


def test_it_stands_as_an_issued_document_that_adds_up() -> None:
    """One line and one tax, of which the document is made again; number and days are those of other books, no sequence is."""
    value = make_open(retained_minor=11_900, retention_due_on=date(2027, 6, 1), external_id="x")
    invoice, parts = kept(value)
    assert (invoice.state, invoice.number, invoice.series, invoice.sequence) == (InvoiceState.ISSUED, "2026-104", None, None)
    assert (invoice.net_minor, invoice.tax_minor, invoice.paid_before_minor, invoice.contract_id) == (100_000, 19_000, 50_000, None)
    assert [(line.description, line.unit_price, line.tax_percent) for line in parts.lines] == [
        ("Invoice 2026-104, taken over from other books", Decimal("1000.00"), Decimal(19))
    ]
    assert OpenInvoice.of(invoice, parts) == value
    assert list(check_document(asdict(invoice), **rows(parts))) == []


def rows(parts: InvoiceParts) -> dict[str, Any]:
    taxes = [{**asdict(tax), "percent": tax.rate} for tax in parts.taxes]
    return {"lines": [asdict(line) for line in parts.lines], "allowances": [], "taxes": taxes}


@pytest.mark.parametrize(
    ("net", "tax", "percent"),
    [
        (100_000, 19_000, "19"),
        (100_000, 0, "0"),
        (105, 20, "19"),
        (10_000, 550, "5.5"),
        (12_345, 1_000, "8.1"),
        (10_000, 1_211, "12.11"),
        (10**9, 123_456_789, "12.3457"),
    ],
)
def test_the_percent_is_the_roundest_that_makes_the_tax(net: int, tax: int, percent: str) -> None:
    """Also where other books do not say it."""
    assert percent_of(net, tax) == Decimal(percent)


@given(net=st.integers(1, 10**13), share=st.integers(0, 100_0000))
def test_every_tax_has_its_percent(net: int, share: int) -> None:
    """At most four decimals, and a document of it adds up again: also where rates are mixed and no percent makes just that tax."""
    tax = net * share // 100_0000
    percent = percent_of(net, tax)
    assert is_tax(net, percent, tax)
    assert percent == round(percent, 4)
    invoice, parts = kept(make_open(net_minor=net, gross_minor=net + tax, open_minor=net + tax))
    assert list(check_document(asdict(invoice), **rows(parts))) == []


def test_a_tax_that_was_edited_does_not_add_up() -> None:
    """Of a mixed rate too: the percent no longer follows."""
    invoice, parts = kept(make_open(net_minor=1_000_000_007, gross_minor=1_123_456_789, open_minor=1))
    edited = {**rows(parts), "taxes": [{**row, "tax_minor": row["tax_minor"] + 10_000} for row in rows(parts)["taxes"]]}
    assert [one.column for one in check_document(asdict(invoice), **edited)][:1] == ["tax_minor"]


def test_the_hash_covers_what_was_paid_before() -> None:
    """And from when it is here."""
    invoice, parts = kept(make_open())
    others = (replace(invoice, paid_before_minor=49_999), replace(invoice, taken_over_on=date(2027, 2, 1)))
    assert len({content_sha256(one, parts) for one in (invoice, *others)}) == 3


def test_what_was_paid_before_is_not_open() -> None:
    """119.00 of which 50.00 were paid before are partly paid; 69.00 more settle them; nobody here has touched it until then."""
    fresh = settlement(11_900, credited_minor=0, payments=(), paid_before_minor=5_000)
    assert (fresh.open_minor, fresh.paid_minor, fresh.state, fresh.is_untouched) == (6_900, 0, PaymentState.PARTLY_PAID, True)
    done = settlement(11_900, credited_minor=0, payments=[(PaymentKind.PAYMENT, 6_900)], paid_before_minor=5_000)
    assert (done.open_minor, done.state) == (0, PaymentState.PAID)


def test_it_is_paid_here_from_the_day_on_which_it_was_taken_over() -> None:
    """What was paid before is in what was open; what was paid there is not refunded here."""
    invoice, _ = kept(make_open())
    fresh = settlement(invoice.gross_minor, credited_minor=0, payments=(), paid_before_minor=50_000)
    check_payment(invoice, fresh, paid("p", START, 69_000), today=START)
    for payment, code in (
        (paid("p", date(2026, 12, 31), 1), "payment.before_taken_over"),
        (paid("p", START, 69_001), "payment.too_much"),
        (paid("p", START, 1, PaymentKind.REFUND), "payment.too_much"),
    ):
        assert refused(check_payment, invoice, fresh, payment, today=START).code == code


def test_the_journal_takes_over_what_is_open() -> None:
    """
    By hand, in USD at 0.90: of 1,190.00 (1,071.00 EUR) 500.00 were paid before (450.00 EUR), 119.00 (107.10 EUR) are held back.

    Receivable 690.00 - 119.00 = 571.00 (513.90 EUR); against it the opening account 690.00 (621.00 EUR). No tax, no revenue.
    """
    value = make_open(currency="USD", retained_minor=11_900, retention_due_on=date(2027, 6, 1))
    document = BilledDocument(head=kept(value, home_gross=107_100)[0], nets={}, taxes=(("S 19", 19_000),))
    (entry,) = document_entries(document, (), LedgerAccounts(), until=date(2027, 1, 31))
    assert (entry.id, entry.kind, entry.date, entry.text) == ("opening:old", EntryKind.OPENING, START, "Invoice 2026-104 taken over")
    assert postings(entry) == {
        "receivable": (57_100, 51_390),
        "retained_receivable": (11_900, 10_710),
        "opening_receivable": (-69_000, -62_100),
    }
    assert list(document.by_contract()) == []
    assert list(document_entries(document, (), LedgerAccounts(), until=date(2026, 12, 31))) == []


def test_paid_to_zero_nothing_is_left_in_any_currency() -> None:
    """Uneven parts of an uneven worth: receivables come to 0, and the rest is an exchange difference."""
    value = make_open(currency="USD", net_minor=99_999, gross_minor=118_999, open_minor=66_667)
    document = BilledDocument(head=kept(value, home_gross=107_099)[0], nets={}, taxes=(("S 19", 19_000),))
    payments = [paid("p1", date(2027, 2, 1), 33_333, home=30_000), paid("p2", date(2027, 3, 1), 33_334, home=31_000)]
    left = balances(document_entries(document, payments, LedgerAccounts(), until=date(2027, 4, 1)))
    receivable = left["receivable", "USD"]
    assert (receivable.minor, receivable.home) == (0, 0)
    assert (left["bank", "USD"].minor, left["bank", "USD"].home) == (66_667, 61_000)
    assert sum(one.home for one in left.values()) == 0


def test_a_void_takes_back_what_was_taken_over() -> None:
    """On the day of the void; nothing is left on any account."""
    head = replace(kept(make_open())[0], state=InvoiceState.VOID)
    document = BilledDocument(head=head, nets={}, taxes=(("S 19", 19_000),), voided_at=datetime(2027, 2, 3, tzinfo=UTC))
    entries = list(document_entries(document, (), LedgerAccounts(), until=date(2027, 3, 1)))
    assert [(one.kind, one.date) for one in entries] == [(EntryKind.OPENING, START), (EntryKind.VOID, date(2027, 2, 3))]
    assert not any(balances(entries).values())


def test_what_was_held_back_and_is_due_goes_with_the_void() -> None:
    """Void after it became due: nothing is left, neither receivable nor held back."""
    head = replace(kept(make_open(retained_minor=11_900, retention_due_on=date(2027, 2, 1)))[0], state=InvoiceState.VOID)
    for day in (date(2027, 1, 15), date(2027, 2, 1), date(2027, 2, 2)):
        at = datetime(day.year, day.month, day.day, tzinfo=UTC)
        document = BilledDocument(head=head, nets={}, taxes=(("S 19", 19_000),), voided_at=at)
        assert not any(balances(document_entries(document, (), LedgerAccounts(), until=date(2027, 3, 1))).values()), day

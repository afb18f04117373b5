"""From issued documents to entries and contracts' bills."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing.books import BilledDocument, accounts_of, document_entries, journal_of
from scheduler.domain.billing.invoices import Invoice, InvoiceKind, InvoiceState, Payment, PaymentKind
from scheduler.domain.billing.journal import LedgerAccounts, Worth, balances
from scheduler.domain.ground.ids import ClientId, InvoiceId, LegalEntityId, PaymentId

JAN, FEB, MAR = (date(2026, month, 1) for month in (1, 2, 3))
DUE = date(2026, 3, 15)
ACCOUNTS = LedgerAccounts()
AMOUNTS = st.integers(min_value=1, max_value=10**7)


def document(
    nets: dict[str, int], *, tax: int = 0, home_rate: str = "0.9", retained: int = 0, kind: InvoiceKind = InvoiceKind.INVOICE
) -> BilledDocument:
    """A document of 20 January in USD."""
    net = sum(nets.values())
    rate = Decimal(home_rate)
    head = Invoice(
        id=InvoiceId("i"),
        kind=kind,
        state=InvoiceState.ISSUED,
        legal_entity_id=LegalEntityId("e"),
        client_id=ClientId("c"),
        currency="USD",
        net_minor=net,
        tax_minor=tax,
        gross_minor=net + tax,
        number="R-1",
        issued_on=date(2026, 1, 20),
        retained_minor=retained,
        retention_due_on=DUE if retained else None,
        home_currency="EUR",
        home_rate=rate,
        home_net_minor=int(net * rate),
        home_tax_minor=int(tax * rate),
    )
    return BilledDocument(head=head, nets=nets, taxes=(("S 19", tax),) if tax else ())


def paid(name: str, day: date, amount: int, *, home: int, kind: PaymentKind = PaymentKind.PAYMENT) -> Payment:
    """Something that settles the document."""
    return Payment(id=PaymentId(name), invoice_id=InvoiceId("i"), kind=kind, paid_on=day, amount_minor=amount, home_minor=home)


@given(st.dictionaries(st.sampled_from("abcd"), AMOUNTS, min_size=1), st.sampled_from(InvoiceKind), st.booleans())
def test_contracts_parts_add_up_to_the_document(nets: dict[str, int], kind: InvoiceKind, is_void: bool) -> None:
    """In both currencies, below 0 for a credit note; a void takes all of it back on its own day."""
    made = document(nets, kind=kind)
    made = replace(made, voided_at=datetime(2026, 2, 3, tzinfo=UTC)) if is_void else made
    amounts = list(made.by_contract())
    issued = [one for _, one in amounts if one.day == date(2026, 1, 20)]
    sign = -1 if kind is InvoiceKind.CREDIT_NOTE else 1
    assert sum(one.amount_minor for one in issued) == sign * made.head.net_minor
    assert sum(one.home_minor for one in issued) == sign * made.home_net
    if is_void:
        assert sum(one.amount_minor for _, one in amounts) == sum(one.home_minor for _, one in amounts) == 0
        assert {one.day for _, one in amounts} == {date(2026, 1, 20), date(2026, 2, 3)}


@given(
    net=AMOUNTS,
    tax=AMOUNTS,
    parts=st.lists(st.integers(min_value=1, max_value=10**6), max_size=5),
    retained=st.integers(min_value=0, max_value=99),
)
def test_what_is_paid_in_full_is_owed_no_more(*, net: int, tax: int, parts: list[int], retained: int) -> None:
    """In however many payments at whatever rates, with a part held back: receivables are 0 in both currencies, and all that is left balances."""
    held = (net + tax) * retained // 100
    made = document({"a": net}, tax=tax, retained=held)
    left = made.head.gross_minor
    payments = []
    for number, wanted in enumerate([*parts, left]):
        amount = min(wanted, left)
        if amount:
            payments.append(paid(f"p{number}", date(2026, 2, 1 + number), amount, home=amount // 2))
            left -= amount
    entries = list(document_entries(made, payments, ACCOUNTS, until=date(2026, 4, 30)))
    found = balances(entries)
    for account in ("receivable", "retained_receivable"):
        assert found.get((account, "USD"), Worth()) == Worth()
    assert sum(found.values(), Worth()) == Worth()
    assert found["contract_asset", "USD"] == Worth(minor=-net, home=-made.home_net)


def test_refunds_and_recoveries_take_back_what_payments_and_write_offs_did() -> None:
    """100.00 paid and 40.00 paid back, 30.00 given up and 10.00 of it recovered: 40.00 of 100.00 + 19.00 are left to be paid."""
    made = document({"a": 10_000}, tax=1_900, home_rate="1")
    payments = [
        paid("p1", FEB, 10_000, home=10_000),
        paid("p2", date(2026, 2, 2), 4_000, home=4_000, kind=PaymentKind.REFUND),
        paid("p3", date(2026, 2, 3), 3_000, home=0, kind=PaymentKind.WRITE_OFF),
        paid("p4", date(2026, 2, 4), 1_000, home=0, kind=PaymentKind.RECOVERY),
    ]
    found = balances(document_entries(made, payments, ACCOUNTS, until=MAR))
    assert found["receivable", "USD"].minor == 11_900 - 10_000 + 4_000 - 3_000 + 1_000
    assert (found["bank", "USD"].minor, found["bad_debt", "USD"].minor) == (6_000, 2_000)


def test_nothing_is_entered_before_its_day() -> None:
    """Of a document of 20 January with a payment in February and a retention due in March."""
    made = document({"a": 10_000}, retained=1_000)
    payment = paid("p", FEB, 500, home=450)
    kinds = [
        [entry.kind.value for entry in document_entries(made, [payment], ACCOUNTS, until=until)]
        for until in (date(2026, 1, 19), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31))
    ]
    assert kinds == [[], ["invoice"], ["invoice", "payment"], ["invoice", "retention", "payment"]]


def test_every_entry_is_in_the_journal_once_and_late_ones_on_the_first_open_day() -> None:
    """January is closed with the invoice alone; a payment of January that comes to light later is entered on 1 February, and says so."""
    made = document({"a": 10_000})
    closed = [(JAN, entry) for entry in document_entries(made, (), ACCOUNTS, until=date(2026, 1, 31))]
    late = paid("late", date(2026, 1, 30), 500, home=450)
    soon = paid("soon", date(2026, 3, 2), 500, home=450)
    derived = list(document_entries(made, [late, soon], ACCOUNTS, until=date(2026, 3, 31)))
    found = journal_of(derived, closed=closed, last_closed=JAN, until=FEB)
    assert [entry.id for _, entry in found.closed] == ["invoice:i"]
    assert [(entry.id, entry.date) for entry in found.open] == [("payment:late", FEB)]
    assert found.open[0].text == "Payment R-1 (of 2026-01-30)"
    whole = journal_of(derived, closed=closed, last_closed=JAN, until=MAR)
    assert [entry.id for entry in whole.open] == ["payment:late", "payment:soon"]
    assert whole.open[1].date == date(2026, 3, 2)


def test_a_document_is_entered_as_it_was_issued() -> None:
    """119.00 USD at 0.9: 107.10 in the firm's currency, of which 90.00 net; a tenth is held back; project, client and number go with it."""
    made = replace(document({"a": 10_000}, tax=1_900, retained=1_190), project="Apollo", client="Acme")
    issued = made.as_issued()
    assert (issued.id, issued.number, issued.issued_on, issued.currency) == ("i", "R-1", date(2026, 1, 20), "USD")
    assert (issued.project, issued.client, issued.is_credit_note) == ("Apollo", "Acme", False)
    assert (issued.net, issued.gross, issued.retained) == (
        Worth(minor=10_000, home=9_000),
        Worth(minor=11_900, home=10_710),
        Worth(minor=1_190, home=1_071),
    )
    assert [(one.code, one.worth) for one in issued.taxes] == [("S 19", Worth(minor=1_900, home=1_710))]
    assert document({"a": 1}, kind=InvoiceKind.CREDIT_NOTE).as_issued().is_credit_note
    unnumbered = replace(made, head=replace(made.head, number=None, home_net_minor=None, home_tax_minor=None))
    assert (unnumbered.as_issued().number, unnumbered.home_net, unnumbered.home_tax) == ("i", 10_000, 1_900)


def test_a_void_document_holds_nothing_back_any_more() -> None:
    """Void before the retention is due: it never is; void after that day: it was. Void on a day to come: not yet."""
    made = document({"a": 10_000}, retained=1_000)

    def kinds(voided: datetime | None, until: date = date(2026, 3, 31)) -> list[str]:
        return [one.kind.value for one in document_entries(replace(made, voided_at=voided), (), ACCOUNTS, until=until)]

    assert kinds(datetime(2026, 3, 14, tzinfo=UTC)) == kinds(datetime(2026, 3, 15, tzinfo=UTC)) == ["invoice", "void"]
    assert kinds(datetime(2026, 3, 16, tzinfo=UTC)) == ["invoice", "void", "retention"]
    assert kinds(datetime(2026, 3, 16, tzinfo=UTC), until=DUE) == ["invoice", "retention"]
    assert kinds(None, until=date(2026, 3, 14)) == ["invoice"]
    assert kinds(datetime(2026, 1, 20, tzinfo=UTC), until=date(2026, 1, 20)) == ["invoice", "void"]


def test_payments_are_entered_at_what_they_brought() -> None:
    """Two of one day in order of their ids; half of 119.00 was carried at 53.55 and brought 60.00; a refund takes back what it cost."""
    made = document({"a": 10_000}, tax=1_900)
    payments = [
        paid("b", FEB, 5_950, home=6_000),
        paid("a", FEB, 5_950, home=5_355),
        paid("c", MAR, 5_950, home=5_000, kind=PaymentKind.REFUND),
    ]
    found = [one for one in document_entries(made, payments, ACCOUNTS, until=MAR) if one.kind.value == "payment"]
    assert [one.id for one in found] == ["payment:a", "payment:b", "payment:c"]
    amounts = [{line.account: (line.worth.minor, line.worth.home) for line in one.postings} for one in found]
    assert amounts == [
        {"bank": (5_950, 5_355), "receivable": (-5_950, -5_355)},
        {"bank": (5_950, 6_000), "receivable": (-5_950, -5_355), "exchange_difference": (0, -645)},
        {"bank": (-5_950, -5_000), "receivable": (5_950, 5_355), "exchange_difference": (0, -355)},
    ]
    assert [one.about.document_number for one in found] == ["R-1"] * 3


def test_a_legal_entity_names_accounts_by_what_they_are_for() -> None:
    """Taxes by category and percent; what it does not name, and names that mean nothing here, change nothing."""
    made = accounts_of({"receivable": "1400", "tax:S 19": "1776", "tax:S 7": "1771", "coffee": "4950"})
    assert (made.receivable, made.revenue) == ("1400", "revenue")
    assert (made.tax("S 19"), made.tax("S 7"), made.tax("Z 0")) == ("1776", "1771", "tax_payable")
    assert accounts_of({"tax_payable_by_code": "1776"}) == LedgerAccounts()


def test_a_document_without_a_day_is_none_of_the_books() -> None:
    """A draft has no day of issue."""
    made = document({"a": 1})
    with pytest.raises(ValueError, match="not issued"):
        _ = replace(made, head=replace(made.head, issued_on=None)).issued_on

"""A contract's book: its first open month, its roll-forward, and what it enters in the journal; and what each document enters, to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.billing.books import BilledDocument, ContractBook, all_entries, book_entries, document_entries, journal_of, rolled
from scheduler.domain.billing.contracts import ContractKind, Retainer
from scheduler.domain.billing.earning import ContractRecord, WorkItem
from scheduler.domain.billing.invoices import InvoiceKind, LineKind, Payment, PaymentKind
from scheduler.domain.billing.journal import About, Entry, IssuedDocument, LedgerAccounts, TaxAmount, Worth
from scheduler.domain.billing.months import following
from scheduler.domain.billing.roll_forward import AdjustedAmount, BalanceMonth, BilledAmount, Opening
from scheduler.domain.ground.ids import InvoiceId, PaymentId
from tests.domain.billing.contract_factories import make_contract
from tests.domain.billing.invoice_factories import make_invoice

if TYPE_CHECKING:
    from collections.abc import Iterable

JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))
ISSUED, DUE = date(2026, 1, 20), date(2026, 3, 15)
ACCOUNTS = LedgerAccounts()
CONTRACT = make_contract(currency="USD", starts_on=date(2026, 2, 15))
RATES = {JAN: Fraction(9, 10), FEB: Fraction(8, 10), MAR: Fraction(7, 10)}


def work(day: date, amount: int) -> WorkItem:
    return WorkItem(day=day, kind=LineKind.TIME, amount_minor=amount, minutes=60)


def billed(day: date, amount: int, home: int) -> BilledAmount:
    return BilledAmount(day=day, amount_minor=amount, home_minor=home)


def book(*items: WorkItem, opening: Opening | None = None, **changes: Any) -> ContractBook:
    record = ContractRecord(contract=CONTRACT, items=items, opening=opening)
    return ContractBook(**{"record": record, "project": "Portal", "client": "Acme", **changes})


def rate_of(currency: str, month: date) -> Fraction:
    assert currency == "USD"
    return RATES[month]


def rows(one: ContractBook, until: date, last_closed: date | None = None) -> tuple[BalanceMonth, ...]:
    return rolled(one, until=until, last_closed=last_closed, rate_of=rate_of)


def told(entries: Iterable[Entry]) -> list[tuple[str, date, list[tuple[str, int, int]]]]:
    """Entries in short: id, day, and what is on which account in both currencies."""
    return [(one.id, one.date, [(side.account, side.worth.minor, side.worth.home) for side in one.postings]) for one in entries]


@pytest.mark.parametrize(
    ("changes", "last_closed", "wanted"),
    [
        ({}, None, FEB),
        ({"billed": (billed(ISSUED, 1, 1),)}, None, JAN),
        ({"adjusted": (AdjustedAmount(day=date(2025, 12, 31), amount_minor=1),)}, None, date(2025, 12, 1)),
        ({"billed": (billed(APR, 1, 1),), "adjusted": (AdjustedAmount(day=MAR, amount_minor=1),)}, None, FEB),
        ({}, JAN, FEB),
        ({}, FEB, MAR),
        ({"billed": (billed(ISSUED, 1, 1),)}, JAN, FEB),
    ],
)
def test_the_first_open_month_is_that_in_which_anything_happened(changes: dict[str, Any], last_closed: date | None, wanted: date) -> None:
    """The contract's start, a bill or an adjustment before it; never a month that was closed without it."""
    assert book(**changes).first_open(last_closed) == wanted


def test_what_was_taken_over_begins_the_book() -> None:
    """Bills before it are in the opening; work before the start counts where nothing was taken over."""
    opening = Opening(month=MAR, earned_minor=0, billed_minor=0, home_minor=0)
    before = {"billed": (billed(ISSUED, 1, 1),), "adjusted": (AdjustedAmount(day=ISSUED, amount_minor=1),)}
    assert book(opening=opening, **before).first_open(None) == MAR
    assert book(work(ISSUED, 5)).first_open(None) == JAN


BOOK = book(
    work(ISSUED, 300_00), work(MAR, 50_00), billed=(billed(FEB, 200_00, 190_00),), adjusted=(AdjustedAmount(day=MAR, amount_minor=-10_00),)
)
"""300.00 of work in January, of which 200.00 are billed in February, and 50.00 in March, when 10.00 are taken off."""


def test_a_book_is_rolled_month_by_month_at_the_rates_of_its_currency() -> None:
    """
    January: 300.00 at 0.9 are 270.00. February: 200.00 of that go at 0.9, 180.00, and were billed at 190.00, so 10.00 are gained.

    March: 50.00 at 0.7 are 35.00, and the 10.00 that are taken off go at what the balance is carried at, 125 of 150: 8.33.
    """
    found = rows(BOOK, MAR)
    assert [one.month for one in found] == [JAN, FEB, MAR]
    assert [(one.earned_minor, one.billed_minor, one.adjusted_minor) for one in found] == [
        (300_00, 0, 0),
        (0, 200_00, 0),
        (50_00, 0, -10_00),
    ]
    assert [(one.earned_home_minor, one.billed_home_minor) for one in found] == [(270_00, 0), (0, 190_00), (35_00, 0)]
    assert [one.exchange_home_minor for one in found] == [0, 10_00, 0]
    assert [(one.closing_minor, one.closing_home_minor, one.adjusted_home_minor) for one in found] == [
        (300_00, 270_00, 0),
        (100_00, 90_00, 0),
        (140_00, 116_67, -8_33),
    ]
    assert rows(BOOK, FEB) == found[:2]


def test_closed_months_stay_and_what_is_learnt_late_counts_after_them() -> None:
    """January is kept; another 7.00 of it that are found later are earned in February, at February's rate."""
    january = rows(BOOK, JAN)
    late = replace(BOOK, record=replace(BOOK.record, items=(*BOOK.record.items, work(ISSUED, 7_00))), closed=january)
    found = rows(late, FEB, JAN)
    assert found[0] == january[0]
    assert (found[1].earned_minor, found[1].earned_home_minor) == (7_00, 5_60)
    assert late.first_open(JAN) == FEB


def test_what_is_learnt_of_months_that_were_closed_without_it_counts_in_the_first_open_one() -> None:
    """All work of January and February comes to light in March: it is earned there, at March's rate."""
    late = book(work(ISSUED, 300_00), work(FEB, 100_00), work(MAR, 50_00))
    assert [(one.month, one.earned_minor, one.earned_home_minor) for one in rows(late, MAR, FEB)] == [(MAR, 450_00, 315_00)]


def test_a_retainer_earns_the_fee_of_every_month_that_is_asked_for() -> None:
    """Also that of the last one, and of none after it."""
    retainer = Retainer(fee_minor=600_00, included_min=60)
    record = ContractRecord(contract=make_contract(ContractKind.RETAINER, retainer=retainer, currency="USD"))
    found = rows(ContractBook(record=record, project="Portal", client=None), FEB)
    assert [(one.month, one.earned_minor) for one in found] == [(JAN, 600_00), (FEB, 600_00)]


def test_before_anything_is_open_only_closed_months_are_there() -> None:
    """Up to the month that is asked for; without any there are none."""
    closed = rows(BOOK, FEB)
    known = replace(BOOK, closed=closed)
    assert rows(known, FEB, FEB) == closed
    assert rows(known, JAN, FEB) == closed[:1]
    assert rows(BOOK, date(2025, 12, 1)) == ()


def test_what_was_taken_over_is_where_the_roll_forward_begins() -> None:
    """50.00 earned beyond what was billed, carried at 40.00, in February."""
    opening = Opening(month=FEB, earned_minor=150_00, billed_minor=100_00, home_minor=40_00)
    found = rows(book(work(FEB, 10_00), opening=opening), FEB)
    assert [(one.opening_minor, one.opening_home_minor, one.earned_minor, one.closing_home_minor) for one in found] == [
        (50_00, 40_00, 10_00, 48_00)
    ]


def test_a_book_enters_its_opening_and_its_months() -> None:
    """What was taken over on its first day, revenue and exchange differences on the last of each month; all about the contract's project."""
    opening = Opening(month=JAN, earned_minor=20_00, billed_minor=0, home_minor=18_00)
    one = replace(BOOK, record=replace(BOOK.record, opening=opening))
    found = list(book_entries(one, rows(BOOK, MAR)))
    assert told(found) == [
        ("opening:contract", JAN, [("contract_asset", 20_00, 18_00), ("opening_balance", -20_00, -18_00)]),
        ("revenue:contract:2026-01", date(2026, 1, 31), [("contract_asset", 300_00, 270_00), ("revenue", -300_00, -270_00)]),
        ("exchange:contract:2026-02", date(2026, 2, 28), [("contract_asset", 0, 10_00), ("exchange_difference", 0, -10_00)]),
        ("revenue:contract:2026-03", date(2026, 3, 31), [("contract_asset", 50_00, 35_00), ("revenue", -50_00, -35_00)]),
        ("adjustment:contract:2026-03", date(2026, 3, 31), [("contract_asset", -10_00, -8_33), ("revenue", 10_00, 8_33)]),
    ]
    assert {entry.about for entry in found} == {About(currency="USD", project="Portal", client="Acme")}


def test_a_book_names_its_own_accounts() -> None:
    """Those of its legal entity, for its opening and its months."""
    own = LedgerAccounts(contract_asset="1300", revenue="8400", opening_balance="9000", contract_liability="1700")
    opening = Opening(month=JAN, earned_minor=20_00, billed_minor=0, home_minor=18_00)
    one = replace(BOOK, record=replace(BOOK.record, opening=opening), accounts=own)
    assert {side.account for entry in book_entries(one, rows(BOOK, JAN)) for side in entry.postings} == {"1300", "8400", "9000"}


def test_a_provision_is_entered_as_it_changes() -> None:
    """5.00 in January, as much in February, 3.00 in March: 5.00 are entered, then nothing, then 2.00 are taken back; in both currencies."""
    provided = ((5_00, 4_50), (5_00, 4_50), (3_00, 2_10))
    made = [
        replace(rows(book(), FEB)[0], month=following(JAN, by=n), provision_minor=minor, provision_home_minor=home)
        for n, (minor, home) in enumerate(provided)
    ]
    assert told(book_entries(BOOK, made)) == [
        ("provision:contract:2026-01", date(2026, 1, 31), [("contract_loss", 5_00, 4_50), ("loss_provision", -5_00, -4_50)]),
        ("provision:contract:2026-03", date(2026, 3, 31), [("contract_loss", -2_00, -2_40), ("loss_provision", 2_00, 2_40)]),
    ]


def document(
    kind: InvoiceKind = InvoiceKind.INVOICE, *, retained: int = 0, voided_on: date | None = None, **changes: Any
) -> BilledDocument:
    """100.00 net with 19.00 and 7.00 of tax in USD, at 0.9 on 20 January."""
    head = make_invoice(
        kind=kind,
        currency="USD",
        net_minor=100_00,
        tax_minor=26_00,
        gross_minor=126_00,
        issued_on=ISSUED,
        retained_minor=retained,
        retention_due_on=DUE if retained else None,
        home_net_minor=90_00,
        home_tax_minor=23_40,
    )
    given: dict[str, Any] = {
        "head": replace(head, **changes),
        "nets": {"b": 66_67, "a": 33_33},
        "taxes": (("S 19", 19_00), ("S 7", 7_00)),
        "voided_at": None if voided_on is None else datetime(voided_on.year, voided_on.month, voided_on.day, 23, 59, tzinfo=UTC),
        "project": "Portal",
        "client": "Acme",
    }
    return BilledDocument(**given)


def test_each_contracts_part_of_a_document_is_told_to_the_cent() -> None:
    """In the order of their ids, the rounding in the firm's currency carried on; void, each is taken back on that day."""
    assert list(document().by_contract()) == [("a", billed(ISSUED, 33_33, 30_00)), ("b", billed(ISSUED, 66_67, 60_00))]
    assert list(document(InvoiceKind.CREDIT_NOTE, voided_on=FEB).by_contract()) == [
        ("a", billed(ISSUED, -33_33, -30_00)),
        ("a", billed(FEB, 33_33, 30_00)),
        ("b", billed(ISSUED, -66_67, -60_00)),
        ("b", billed(FEB, 66_67, 60_00)),
    ]


def test_a_document_is_the_journals_with_all_its_amounts_in_both_currencies() -> None:
    """Net, each tax, and what is held back of the gross; its number, else its id."""
    wanted = IssuedDocument(
        id="invoice",
        number="INV-1",
        issued_on=ISSUED,
        currency="USD",
        net=Worth(minor=100_00, home=90_00),
        taxes=(
            TaxAmount(code="S 19", worth=Worth(minor=19_00, home=17_10)),
            TaxAmount(code="S 7", worth=Worth(minor=7_00, home=6_30)),
        ),
        retained=Worth(minor=12_60, home=11_34),
        is_credit_note=False,
        project="Portal",
        client="Acme",
    )
    assert document(retained=12_60).as_issued() == wanted
    assert document(number=None).as_issued().number == "invoice"
    credit = document(InvoiceKind.CREDIT_NOTE).as_issued()
    assert (credit.is_credit_note, credit.retained) == (True, Worth())
    own = document(home_net_minor=None, home_tax_minor=None)
    assert (own.home_net, own.home_tax, own.home_gross) == (100_00, 26_00, 126_00)


ISSUE = [
    ("receivable", 126_00, 113_40),
    ("contract_asset", -100_00, -90_00),
    ("tax_payable", -19_00, -17_10),
    ("tax_payable", -7_00, -6_30),
]


def entries(
    one: BilledDocument, *payments: Payment, until: date = date(2026, 12, 31)
) -> list[tuple[str, date, list[tuple[str, int, int]]]]:
    return told(document_entries(one, payments, ACCOUNTS, until=until))


def names(one: BilledDocument, *, until: date) -> list[str]:
    return [name for name, _, _ in entries(one, until=until)]


def test_a_document_is_entered_on_its_day_and_taken_back_on_the_day_of_its_void() -> None:
    """Of the same amounts; a credit note the other way round."""
    back = [(account, -minor, -home) for account, minor, home in ISSUE]
    assert entries(document(voided_on=FEB)) == [("invoice:invoice", ISSUED, ISSUE), ("void:invoice", FEB, back)]
    assert entries(document(InvoiceKind.CREDIT_NOTE)) == [("credit_note:invoice", ISSUED, back)]
    assert names(document(voided_on=FEB), until=date(2026, 1, 31)) == ["invoice:invoice"]
    assert names(document(voided_on=FEB), until=FEB) == ["invoice:invoice", "void:invoice"]
    assert names(document(), until=ISSUED) == ["invoice:invoice"]
    assert names(document(), until=date(2026, 1, 19)) == []


def test_what_is_held_back_is_due_on_its_day_unless_the_document_is_void_by_then() -> None:
    """On the day of the void it is not; a void after that takes the whole back, whatever became of it."""
    held = document(retained=12_60)
    assert entries(held)[1] == ("retention:invoice", DUE, [("receivable", 12_60, 11_34), ("retained_receivable", -12_60, -11_34)])
    assert names(held, until=date(2026, 3, 14)) == ["invoice:invoice"]
    assert names(held, until=DUE) == ["invoice:invoice", "retention:invoice"]
    assert names(document(retained=12_60, voided_on=DUE), until=APR) == ["invoice:invoice", "void:invoice"]
    later = document(retained=12_60, voided_on=date(2026, 3, 16))
    assert names(later, until=APR) == ["invoice:invoice", "void:invoice", "retention:invoice"]
    assert names(document(retention_due_on=DUE), until=APR) == ["invoice:invoice"]
    assert names(document(retained_minor=1, retention_due_on=None), until=APR) == ["invoice:invoice"]


def payment(name: str, day: date, amount: int, home: int, kind: PaymentKind = PaymentKind.PAYMENT) -> Payment:
    return Payment(id=PaymentId(name), invoice_id=InvoiceId("invoice"), kind=kind, paid_on=day, amount_minor=amount, home_minor=home)


def test_payments_are_entered_in_order_at_what_the_document_was_carried_at() -> None:
    """
    63.00 of 126.00 count for half of 113.40, 56.70; what came in was worth 50.00, so 6.70 are lost.

    Of 20.00 that went back, 18.00; of 10.00 given up, 9.00, and of 5.00 of it recovered, 4.50.
    """
    given = [
        payment("d", MAR, 5_00, 0, PaymentKind.RECOVERY),
        payment("c", FEB, 10_00, 0, PaymentKind.WRITE_OFF),
        payment("b", FEB, 20_00, 17_00, PaymentKind.REFUND),
        payment("a", FEB, 63_00, 50_00),
    ]
    assert entries(document(), *given)[1:] == [
        ("payment:a", FEB, [("bank", 63_00, 50_00), ("receivable", -63_00, -56_70), ("exchange_difference", 0, 6_70)]),
        ("payment:b", FEB, [("bank", -20_00, -17_00), ("receivable", 20_00, 18_00), ("exchange_difference", 0, -1_00)]),
        ("write_off:c", FEB, [("bad_debt", 10_00, 9_00), ("receivable", -10_00, -9_00)]),
        ("write_off:d", MAR, [("bad_debt", -5_00, -4_50), ("receivable", 5_00, 4_50)]),
    ]
    assert [name for name, _, _ in entries(document(), *given, until=FEB)] == ["invoice:invoice", "payment:a", "payment:b", "write_off:c"]
    assert {one.about for one in document_entries(document(), given, ACCOUNTS, until=MAR)} == {
        About(currency="USD", project="Portal", client="Acme", document_number="INV-1")
    }


def test_every_entry_of_books_and_documents_is_there_to_the_months_end() -> None:
    """Books with their rows, then documents with their payments, each with its own accounts; what is paid on the last day counts."""
    other = document(id=InvoiceId("other"))
    payments = {"invoice": [payment("a", date(2026, 2, 28), 1_00, 1_00), payment("late", MAR, 1_00, 1_00)]}
    own = LedgerAccounts(receivable="1400")
    found = list(all_entries([(BOOK, rows(BOOK, FEB))], [(document(), ACCOUNTS), (other, own)], payments, until=FEB))
    assert [one.id for one in found] == [
        "revenue:contract:2026-01",
        "exchange:contract:2026-02",
        "invoice:invoice",
        "payment:a",
        "invoice:other",
    ]
    assert [one.postings[0].account for one in found[2:]] == ["receivable", "bank", "1400"]


def test_a_journal_ends_with_its_month() -> None:
    """The last day is in it, the next is not; where nothing is closed, every entry keeps its day and its text."""
    given = [payment("a", date(2026, 2, 28), 1_00, 1_00), payment("b", MAR, 1_00, 1_00)]
    derived = list(document_entries(document(), given, ACCOUNTS, until=APR))
    found = journal_of(derived, closed=(), last_closed=None, until=FEB)
    assert found.open == tuple(derived[:2])
    assert found.closed == ()
    on_the_first = journal_of(derived, closed=(), last_closed=FEB, until=MAR)
    assert [(one.id, one.date, one.text) for one in on_the_first.open] == [
        ("invoice:invoice", MAR, "Invoice INV-1 (of 2026-01-20)"),
        ("payment:a", MAR, "Payment INV-1 (of 2026-02-28)"),
        ("payment:b", MAR, "Payment INV-1"),
    ]

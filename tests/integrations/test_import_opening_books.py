"""Importing what other books leave: balances of contracts and open invoices, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from scheduler.domain.billing.invoices import InvoiceState, PaymentKind
from scheduler.domain.ground.access import LOCAL
from scheduler.queries.ledger import Months, journal_report, roll_forward_report
from scheduler.queries.ledger_verify import verify_ledger
from scheduler.queries.receivables import receivables_report
from scheduler.usecases.invoices import void_invoice
from scheduler.usecases.ledger import close_month
from scheduler.usecases.payments import record_payment
from tests.integrations.firm_files import faults_of, run, standard_map

if TYPE_CHECKING:
    from scheduler.domain.billing.invoices import Invoice
    from scheduler.integrations.imports.importing import ImportReport
    from scheduler.store import Store

FIRM = ("clients", "projects", "tax_codes", "legal_entities", "exchange_rates", "contracts")
BOOKS = ("contract_openings", "open_invoices")
BALANCES = "contract,month,earned,billed,currency,home\n"
INVOICES = (
    "number,legal_entity,client,currency,issued_on,due_on,taken_over_on,net,tax,tax_percent,gross,open,paid,retained,retention_due_on\n"
)
FILES = {
    "clients.csv": "id,name\nacme,Acme\nglobex,Globex\n",
    "projects.csv": "id,name,client\nalpha,Alpha,acme\nbeta,Beta,globex\n",
    "tax_codes.csv": "id,name,category\nvat,VAT,Z\n",
    "legal_entities.csv": "id,name,country,tax_code\nde,Acme GmbH,DE,vat\n",
    "exchange_rates.csv": "currency,day,rate,source\nUSD,2026-10-01,0.90,ECB\n",
    "contracts.csv": (
        "project,name,kind,currency,legal_entity,starts_on\n"
        "alpha,Alpha,time_and_materials,EUR,de,2026-01-01\n"
        "beta,Beta,time_and_materials,USD,de,2026-01-01\n"
    ),
    "contract_openings.csv": BALANCES + "alpha,2027-01-01,40000,35000.50,,\nbeta,2027-01-01,1000,3000,USD,-1800\n",
    "open_invoices.csv": (
        INVOICES
        + "2026-104,de,acme,,2026-11-20,2026-12-20,2027-01-01,1000,190,19,1190,690,,,\n"
        + "2026-105,de,acme,EUR,2026-12-01,2027-01-31,2027-01-01,500,47.50,,547.50,,,100,2027-06-01\n"
        + "2026-106,de,globex,USD,2026-12-15,2027-01-15,2027-01-01,2000,,0,2000,,500.25,,\n"
    ),
}
JANUARY = Months(first=date(2027, 1, 1), last=date(2027, 1, 1))
LATER = datetime(2027, 2, 3, 9, 0, tzinfo=UTC)


def imported(store: Store, *, dry_run: bool = False, **files: str) -> ImportReport:
    """The files, some of them with other contents."""
    given = {**FILES, **{f"{name}.csv": text for name, text in files.items()}}
    return run(store, given, standard_map(*FIRM, *BOOKS), dry_run=dry_run)


def again(store: Store, area: str, text: str) -> list[tuple[str, str]]:
    """The faults of one file of an area alone."""
    return faults_of(store, {f"{area}.csv": text}, standard_map(area))


def invoices(store: Store) -> dict[str, Invoice]:
    with store.read(LOCAL) as view:
        return {one.number: one for one in view.area("invoices").all() if one.state is InvoiceState.ISSUED}


def pay(store: Store, invoice: Invoice, amount: int, day: date, kind: PaymentKind = PaymentKind.PAYMENT) -> object:
    return record_payment(store, actor=LOCAL, invoice_id=invoice.id, kind=kind, paid_on=day, amount_minor=amount, now=LATER)


def void(store: Store, invoice: Invoice) -> Invoice:
    return void_invoice(store, actor=LOCAL, invoice_id=invoice.id, expected_version=invoice.version, reason="Wrong", now=LATER)


def test_balances_and_invoices_come_with_their_totals(store: Store) -> None:
    """Totals by currency agree, also of a dry run, which keeps nothing; the same again changes nothing; the books hold."""
    tried = imported(store, dry_run=True)
    with store.read(LOCAL) as view:
        assert view.area("invoices").is_empty()
    report = imported(store)
    assert report.totals == tried.totals
    counts = {one.area: (one.created, one.changed, one.unchanged) for one in report.areas}
    assert (counts["contract_openings"], counts["open_invoices"]) == ((2, 0, 0), (3, 0, 0))
    totals = {(one.area, one.figure, one.currency): (one.records_in, one.total_in, one.total_out, one.agrees) for one in report.totals}
    assert totals == {
        ("contract_openings", "earned", "EUR"): (1, Decimal(40_000), Decimal(40_000), True),
        ("contract_openings", "earned", "USD"): (1, Decimal(1_000), Decimal(1_000), True),
        ("contract_openings", "billed", "EUR"): (1, Decimal("35000.5"), Decimal("35000.5"), True),
        ("contract_openings", "billed", "USD"): (1, Decimal(3_000), Decimal(3_000), True),
        ("contract_openings", "home", None): (1, Decimal(-1_800), Decimal(-1_800), True),
        ("open_invoices", "net", "EUR"): (2, Decimal(1_500), Decimal(1_500), True),
        ("open_invoices", "net", "USD"): (1, Decimal(2_000), Decimal(2_000), True),
        ("open_invoices", "gross", "EUR"): (2, Decimal("1737.5"), Decimal("1737.5"), True),
        ("open_invoices", "gross", "USD"): (1, Decimal(2_000), Decimal(2_000), True),
        ("open_invoices", "open", "EUR"): (1, Decimal(690), Decimal(690), True),
        ("open_invoices", "paid", "USD"): (1, Decimal("500.25"), Decimal("500.25"), True),
    }
    second = imported(store)
    assert (second.created, second.changed) == (0, 0)
    assert second.totals == report.totals
    checked = verify_ledger(store, actor=LOCAL)
    assert (checked.difference, checked.documents) == (None, 3)


def test_an_invoice_is_kept_as_other_books_have_it(store: Store) -> None:
    """Number and days are theirs; what was paid before is not open; a mean percent where none is given; the rate is that of its day."""
    imported(store)
    found = invoices(store)
    first, second, third = found["2026-104"], found["2026-105"], found["2026-106"]
    assert (first.sequence, first.series, first.parties, first.contract_id) == (None, None, None, None)
    assert (first.issued_on, first.due_on, first.taken_over_on) == (date(2026, 11, 20), date(2026, 12, 20), date(2027, 1, 1))
    assert (first.net_minor, first.tax_minor, first.paid_before_minor, first.external_id) == (100_000, 19_000, 50_000, "de/2026-104")
    assert (second.retained_minor, second.retention_due_on, second.paid_before_minor) == (10_000, date(2027, 6, 1), 0)
    assert (third.paid_before_minor, third.home_rate, third.home_rate_on, third.home_gross_minor) == (
        50_025,
        Decimal("0.9"),
        date(2026, 10, 1),
        180_000,
    )


def test_the_journal_and_the_roll_forward_begin_with_them(store: Store) -> None:
    """Receivables against an account of their own, to the minor unit; Alpha opens with 4,999.50 of WIP; nothing is revenue or billed."""
    imported(store)
    entries = {one.text: one for one in journal_report(store, actor=LOCAL, months=JANUARY, today=date(2027, 1, 31)).entries}
    posted = {
        text: {one.account: (one.worth.minor, one.worth.home) for one in entry.postings}
        for text, entry in entries.items()
        if "Invoice" in text
    }
    assert posted == {
        "Invoice 2026-104 taken over": {"receivable": (69_000, 69_000), "opening_receivable": (-69_000, -69_000)},
        "Invoice 2026-105 taken over": {
            "receivable": (44_750, 44_750),
            "retained_receivable": (10_000, 10_000),
            "opening_receivable": (-54_750, -54_750),
        },
        # 500.25 of 2,000.00 were paid before: 450.23 (450.225) of 1,800.00 EUR are gone.
        "Invoice 2026-106 taken over": {"receivable": (149_975, 134_977), "opening_receivable": (-149_975, -134_977)},
    }
    assert {one.date for one in entries.values()} == {date(2027, 1, 1)}
    found = roll_forward_report(store, actor=LOCAL, months=JANUARY, today=date(2027, 1, 31))
    rows = {one.project: one.rows[0] for one in found.contracts}
    assert [(rows[name].opening_minor, rows[name].billed_minor, rows[name].earned_minor) for name in ("Alpha", "Beta")] == [
        (499_950, 0, 0),
        (-200_000, 0, 0),
    ]


ROW = "2026-104,de,acme,,2026-11-20,2026-12-20,2027-01-01,1000,190,19,1190,690,,,\n"


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (ROW.replace("1000,190,19,1190,690", "-1000,-190,19,-1190,-690"), "gross", "open_invoice.credit_note"),
        (ROW.replace("1190,690", "1190,1190.01"), "open", "open_invoice.open"),
        (ROW.replace("1000,190", "1000,180"), "tax", "invoice.sums"),
        (ROW.replace("190,19,", "190,20,"), "tax_percent", "invoice.sums"),
        (ROW.replace("1190,690,", "1190,690,499"), "open", "invoice.sums"),
        (ROW.replace("690,", "690.005,"), "open", "money.too_precise"),
        (ROW.replace("acme,,", "acme,EURO,"), "currency", "currency.unknown"),
        (ROW.replace("acme,,", "acme,CHF,"), "currency", "rate.exchange_missing"),
        (ROW.replace("acme,,2026-11-20", "acme,USD,2026-09-30"), "currency", "rate.exchange_missing"),
        (ROW.replace("2026-12-20", "2026-11-19"), "due_on", "invoice.due_before_issue"),
        (ROW.replace("2027-01-01", "2026-11-19"), "taken_over_on", "open_invoice.issued_later"),
        (ROW.replace("acme", "nobody"), "client", "reference.not_found"),
        (ROW.replace(",,,\n", ",,700,2027-06-01\n"), "retained", "invoice.retention"),
        (ROW.replace(",,,\n", ",,7,\n"), "retention_due_on", "invoice.retention"),
        (ROW.replace("1000,190", ",190"), "net", "field.missing"),
    ],
)
def test_a_faulty_row_is_named(store: Store, row: str, column: str, code: str) -> None:
    """With its column; nothing is written."""
    run(store, FILES, standard_map(*FIRM))
    assert again(store, "open_invoices", INVOICES + row) == [(f"open_invoices.csv, row 2, column {column}", code)]
    assert invoices(store) == {}


def test_each_number_is_taken_over_once(store: Store) -> None:
    """Under another id too, in one file or later."""
    imported(store)
    head = "id," + INVOICES
    assert again(store, "open_invoices", f"{head}a,{ROW}b,{ROW.replace('2026-104', '9')}c,{ROW.replace('2026-104', '9')}") == [
        ("open_invoices.csv, row 2, column number", "invoice.number_taken"),
        ("open_invoices.csv, row 4, column number", "invoice.number_taken"),
    ]


def test_what_was_taken_over_stays_and_is_void_to_be_imported_anew(store: Store) -> None:
    """Each field that differs is named. Void, it leaves number and id to the right one; once paid it is not void."""
    imported(store)
    right = ROW.replace("1190,690", "1190,700").replace("2026-12-20", "2026-12-21")
    assert again(store, "open_invoices", INVOICES + right) == [
        ("open_invoices.csv, row 2, column due_on", "open_invoice.differs"),
        ("open_invoices.csv, row 2, column open", "open_invoice.differs"),
    ]
    both = again(store, "open_invoices", INVOICES + right + ROW.replace("2026-104", "9").replace("1190,690", "1190,-1"))
    assert sorted(both)[2:] == [("open_invoices.csv, row 3, column open", "open_invoice.open")]
    void(store, invoices(store)["2026-104"])
    report = run(store, {"open_invoices.csv": INVOICES + right}, standard_map("open_invoices"))
    assert (report.created, report.changed) == (1, 0)
    assert invoices(store)["2026-104"].paid_before_minor == 49_000
    assert verify_ledger(store, actor=LOCAL).difference is None


def test_nothing_is_taken_over_into_a_closed_month(store: Store) -> None:
    """Neither invoice nor balance, nor is a balance of one changed; the same again is no change."""
    imported(store)
    close_month(store, actor=LOCAL, month=date(2027, 1, 1), now=LATER)
    assert verify_ledger(store, actor=LOCAL).difference is None
    assert again(store, "open_invoices", INVOICES + ROW.replace("2026-104", "9")) == [
        ("open_invoices.csv, row 2, column taken_over_on", "month.closed")
    ]
    assert again(store, "contract_openings", BALANCES + "alpha,2027-01-01,40000,35000,,\n") == [
        ("contract_openings.csv, row 2, column month", "month.closed")
    ]
    assert again(store, "contract_openings", BALANCES + "alpha,2027-02-01,40000,35000,,\n") == [
        ("contract_openings.csv, row 2, column month", "month.closed")
    ]
    assert imported(store).unchanged > 0
    void(store, invoices(store)["2026-104"])
    assert verify_ledger(store, actor=LOCAL).difference is None


def test_a_balance_changes_as_long_as_its_month_is_open(store: Store) -> None:
    """It is the contract's only one, whatever its id."""
    imported(store)
    changed = BALANCES + "alpha,2027-01-01,41000,35000.50,,\n"
    report = run(store, {"contract_openings.csv": changed}, standard_map("contract_openings"))
    assert (report.created, report.changed) == (0, 1)
    assert again(store, "contract_openings", "id,contract,month,earned,billed\nx,alpha,2027-01-01,1,1\n") == [
        ("contract_openings.csv, row 2, column contract", "opening.taken")
    ]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("alpha,2027-01-02,1,0,,\n", "month", "month.not_first_day"),
        ("alpha,2027-01-01,1,0,USD,1\n", "currency", "money.currency_mismatch"),
        ("alpha,2027-01-01,1.005,0,,\n", "earned", "money.too_precise"),
        ("alpha,2027-01-01,1,1,,5\n", "home", "opening.home_without_balance"),
        ("beta,2027-01-01,1,0,USD,\n", "home", "field.missing"),
        ("gamma,2027-01-01,1,0,,\n", "contract", "reference.not_found"),
        ("alpha,2027-01-01,,0,,\n", "earned", "field.missing"),
    ],
)
def test_a_faulty_balance_is_named(store: Store, row: str, column: str, code: str) -> None:
    """With its column; nothing is written."""
    run(store, FILES, standard_map(*FIRM))
    assert again(store, "contract_openings", BALANCES + row) == [(f"contract_openings.csv, row 2, column {column}", code)]
    with store.read(LOCAL) as view:
        assert view.area("contract_openings").is_empty()


def test_paid_here_to_zero_the_books_hold(store: Store) -> None:
    """Also once the month is closed; a later import of the same file changes nothing."""
    imported(store)
    found = invoices(store)
    pay(store, found["2026-104"], 60_000, date(2027, 1, 10))
    pay(store, found["2026-104"], 9_000, date(2027, 1, 20), PaymentKind.WRITE_OFF)
    pay(store, found["2026-106"], 149_975, date(2027, 1, 20))
    close_month(store, actor=LOCAL, month=date(2027, 1, 1), now=LATER)
    report = imported(store)
    assert (report.created, report.changed) == (0, 0)
    assert verify_ledger(store, actor=LOCAL).difference is None


def test_what_is_owed_is_what_the_journal_carries(store: Store) -> None:
    """Of 1,800.00 EUR 1,349.775 are open: both say 1,349.77, since 450.225 that were paid before took 450.23 with them."""
    imported(store)
    report = receivables_report(store, actor=LOCAL, on=date(2027, 1, 31))
    dollars = next(one for one in report.clients if one.currency == "USD")
    assert (dollars.total.minor, dollars.total.home) == (149_975, 134_977)
    euros = next(one for one in report.clients if one.currency == "EUR")
    owed = {name.value: worth.minor for name, worth in euros.buckets.items() if worth}
    assert owed == {"days_31_60": 69_000, "not_due": 44_750 + 10_000}

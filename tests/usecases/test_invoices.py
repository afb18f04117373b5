"""From approved time to an issued invoice and what becomes of it, on both databases."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.billing.content import chained, content_sha256
from scheduler.domain.billing.invoices import InvoiceState
from scheduler.domain.billing.parties import Address
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.lines import LineKind, LineRef, LineStep, WantedLine, WantedLines
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.exchange import ExchangeRate
from scheduler.domain.ground.ids import ExchangeRateId
from scheduler.store.invoices import InvoiceRows
from scheduler.usecases.invoice_issue import issue_invoice
from scheduler.usecases.invoices import cancel_invoice, change_draft, reopen_invoice
from scheduler.usecases.line_steps import move_lines
from scheduler.usecases.time_entries import change_time, delete_time
from tests import factories as make
from tests.billing_firm import (
    FINANCE,
    NOW,
    TODAY,
    approve,
    draft,
    files_of,
    fill,
    invoice_of,
    issue,
    log,
    make_account,
    make_entity,
    make_entry,
    parts_of,
    refused,
    void,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.store import Store


@pytest.fixture
def firm(store: Store) -> Store:
    fill(store)
    return store


def test_approved_time_becomes_an_issued_invoice(firm: Store) -> None:
    """90 minutes at 100: 150.00, with 19 % tax 178.50; it has the first number, its day, its files, its hashes and both parties."""
    log(firm, make_entry("e1", minutes=90), make_entry("e2", day=1, minutes=30, state=LineState.SUBMITTED))
    made = draft(firm)
    assert (made.state, made.net_minor, made.tax_minor, made.gross_minor) == (InvoiceState.DRAFT, 150_00, 28_50, 178_50)
    assert made.period_start == make.MONDAY
    issued = issue(firm, made)
    assert (issued.number, issued.issued_on, issued.due_on) == ("INV-2027-00001", TODAY, TODAY + timedelta(days=30))
    assert issued.parties is not None
    assert issued.parties["buyer"]["name"] == "Acme Ltd"
    parts = parts_of(firm, issued.id)
    assert [(item.source_id, item.minutes, item.net_minor) for item in parts.items] == [("e1", 90, 150_00)]
    assert issued.content_sha256 == content_sha256(issued, parts)
    assert issued.chain_sha256 == chained(None, issued.content_sha256)
    with firm.read(LOCAL) as view:
        rows = InvoiceRows(view.connection)
        content = rows.file(issued.id, "pdf")
        assert content is not None
        assert rows.files(issued.id) == {"pdf": hashlib.sha256(content).hexdigest()}


def test_m02_what_stands_on_a_draft_is_on_no_other(firm: Store) -> None:
    """A second draft that names a claimed entry is refused with its place and whole; without naming, only the rest is billed."""
    log(firm, make_entry("e1"), make_entry("e2", day=1))
    first = draft(firm, entries=["e1"])
    error = refused(draft, firm, entries=["e2", "e1"])
    assert (error.kind, error.code) == (ErrorKind.CONFLICT, "entry.already_billed")
    assert [fault.pointer for fault in error.faults] == ["/entries/1"]
    second = draft(firm)
    assert [item.source_id for item in parts_of(firm, second.id).items] == ["e2"]
    assert [item.source_id for item in parts_of(firm, first.id).items] == ["e1"]
    assert refused(draft, firm).code == "invoice.nothing_billable"


def test_m03_only_the_contract_that_is_billed(firm: Store) -> None:
    """Entries of Beta in the same week stay unbilled when Alpha is billed, and are billed with Beta."""
    log(firm, make_entry("a1"), make_entry("b1", project="beta"))
    assert [item.source_id for item in parts_of(firm, draft(firm).id).items] == ["a1"]
    assert [item.source_id for item in parts_of(firm, draft(firm, "beta").id).items] == ["b1"]


def test_what_cannot_be_billed_is_named(firm: Store) -> None:
    """Of entries that are named one by one, one that is not approved or of another project refuses all, with its place."""
    log(firm, make_entry("e1"), make_entry("e2", state=LineState.DRAFT, day=1), make_entry("b1", project="beta"))
    error = refused(draft, firm, entries=["e1", "e2", "b1"])
    assert (error.code, [fault.pointer for fault in error.faults]) == ("entry.not_billable", ["/entries/1", "/entries/2"])
    assert len(parts_of(firm, draft(firm, entries=["e1"]).id).items) == 1


def test_m09_unlike_currencies_are_never_on_one_invoice(firm: Store) -> None:
    """A contract in USD and one in EUR of the same client are refused together."""
    with firm.begin(LOCAL, now=NOW) as tx:
        beta = tx.area("contracts").get("c-beta")
        tx.area("contracts").save(replace(beta, currency="USD", blended_rate=Decimal(90)))
    log(firm, make_entry("a1"), make_entry("b1", project="beta"))
    assert refused(draft, firm, "alpha", "beta").code == "money.currency_mismatch"


def test_contracts_of_one_client_stand_on_one_invoice_and_others_do_not(firm: Store) -> None:
    """Alpha and Beta go together, and their lines count on; Gamma is another client's."""
    log(firm, make_entry("a1"), make_entry("b1", project="beta"), make_entry("c1", project="gamma"))
    assert refused(draft, firm, "alpha", "gamma").code == "invoice.not_together"
    parts = parts_of(firm, draft(firm, "alpha", "beta").id)
    assert [(line.position, line.contract_id) for line in parts.lines] == [(1, "c-alpha"), (2, "c-beta")]
    assert {item.source_id: item.position for item in parts.items} == {"a1": 1, "b1": 2}


def test_a_draft_that_is_cancelled_gives_back_what_it_billed(firm: Store) -> None:
    """Cancelled, its entries are billed anew; it goes nowhere from there."""
    log(firm, make_entry("e1"))
    made = draft(firm)
    cancelled = cancel_invoice(firm, actor=FINANCE, invoice_id=made.id, expected_version=1, reason="Too early", now=NOW)
    assert (cancelled.state, cancelled.reason) == (InvoiceState.CANCELLED, "Too early")
    again = draft(firm)
    assert [item.source_id for item in parts_of(firm, again.id).items] == ["e1"]
    assert refused(approve, firm, cancelled).code == "invoice.illegal_step"


def test_lines_are_left_out_of_a_draft(firm: Store) -> None:
    """What stood on a line that is left out can be billed; sums and tax follow; the last line cannot go."""
    log(firm, make_entry("e1", minutes=60), make_entry("e2", person="bob", minutes=30))
    made = draft(firm)
    changed = change_draft(firm, actor=FINANCE, invoice_id=made.id, expected_version=1, given={"note": "Thank you"}, leave_out=[1], now=NOW)
    assert (changed.net_minor, changed.tax_minor, changed.note) == (50_00, 9_50, "Thank you")
    assert [item.source_id for item in parts_of(firm, made.id).items] == ["e2"]
    assert [item.source_id for item in parts_of(firm, draft(firm).id).items] == ["e1"]
    error = refused(change_draft, firm, actor=FINANCE, invoice_id=made.id, expected_version=2, given={}, leave_out=[1], now=NOW)
    assert error.code == "invoice.nothing_left"


def test_an_approved_invoice_goes_back_to_draft_before_it_is_changed(firm: Store) -> None:
    """Approved it is not changed; reopened it is."""
    log(firm, make_entry("e1"))
    approved = approve(firm, draft(firm))
    change: dict[str, Any] = {"actor": FINANCE, "invoice_id": approved.id, "given": {"payment_days": 14}, "now": NOW}
    assert refused(change_draft, firm, expected_version=2, **change).code == "invoice.not_draft"
    reopened = reopen_invoice(firm, actor=FINANCE, invoice_id=approved.id, expected_version=2, now=NOW)
    assert change_draft(firm, expected_version=reopened.version, **change).payment_days == 14


def test_m01_a_second_issue_is_refused_and_takes_no_number(firm: Store) -> None:
    """Issued twice: one number, and the other hears that it is issued; the next invoice has the next number."""
    log(firm, make_entry("e1"), make_entry("b1", project="beta"))
    issued = issue(firm, draft(firm))
    args: dict[str, Any] = {"actor": FINANCE, "invoice_id": issued.id, "files_of": files_of, "now": NOW}
    assert refused(issue_invoice, firm, expected_version=2, **args).code == "invoice.issued"
    following = issue(firm, draft(firm, "beta"))
    assert (following.sequence, following.chain_sha256) == (2, chained(issued.chain_sha256, following.content_sha256 or ""))


def test_m12_what_was_issued_stays_as_it_was(firm: Store) -> None:
    """Nobody changes, cancels, reopens or issues it anew; other names and rates afterwards change neither its parties, amounts, nor file."""
    log(firm, make_entry("e1"))
    issued = issue(firm, draft(firm))
    args: dict[str, Any] = {"actor": FINANCE, "invoice_id": issued.id, "expected_version": issued.version, "now": NOW}
    for act, more in (
        (change_draft, {"given": {"note": "x"}}),
        (cancel_invoice, {"reason": "x"}),
        (reopen_invoice, {}),
        (issue_invoice, {"files_of": files_of, "issued_on": TODAY - timedelta(days=1)}),
    ):
        assert refused(act, firm, **args, **more).code == "invoice.issued"
    with firm.read(LOCAL) as view:
        before = InvoiceRows(view.connection).files(issued.id)
    with firm.begin(LOCAL, now=NOW) as tx:
        account = tx.area("client_accounts").get("account-acme")
        tx.area("client_accounts").save(replace(account, name="Another", address=Address(line1="x", city="y", country="FR")))
        tx.bill_rates.save(replace(tx.bill_rates.get("rate-100"), rate=Decimal(1)))
    assert invoice_of(firm, issued.id) == issued
    assert content_sha256(issued, parts_of(firm, issued.id)) == issued.content_sha256
    with firm.read(LOCAL) as view:
        assert InvoiceRows(view.connection).files(issued.id) == before


def test_an_invoice_says_who_and_where(firm: Store) -> None:
    """Without a complete legal entity and client account nothing is issued, no number is taken, and everything that lacks is named at once."""
    log(firm, make_entry("e1"))
    with firm.begin(LOCAL, now=NOW) as tx:
        entities, accounts = tx.area("legal_entities"), tx.area("client_accounts")
        entities.save(replace(entities.get("firm"), vat_id=None, address=Address(country="DE")))
        accounts.delete("account-acme", 1)
    error = refused(issue, firm, draft(firm))
    assert (error.kind, error.code) == (ErrorKind.INVALID, "invoice.party_incomplete")
    wanted = {"/legal_entity/address/line1", "/legal_entity/address/city", "/legal_entity/vat_id", "/client_account"}
    assert {fault.pointer for fault in error.faults} == wanted
    with firm.begin(LOCAL, now=NOW) as tx:
        entities = tx.area("legal_entities")
        entities.save(replace(make_entity(), version=entities.get("firm").version))
        tx.area("client_accounts").add(make_account())
        (made,) = tx.area("invoices").all()
    args: dict[str, Any] = {"actor": FINANCE, "invoice_id": made.id, "files_of": files_of, "now": NOW}
    assert issue_invoice(firm, expected_version=made.version, **args).sequence == 1


def test_a_file_that_cannot_be_made_takes_no_number(firm: Store) -> None:
    """When rendering fails, nothing of the issue stays: state, number, files."""
    log(firm, make_entry("e1"))

    def broken(_document: object) -> dict[str, bytes]:
        raise DomainError(ErrorKind.INVALID, "invoice.too_large", "Too large.")

    made = draft(firm)
    assert refused(issue, firm, made, files_of=broken).code == "invoice.too_large"
    assert invoice_of(firm, made.id).state is InvoiceState.APPROVED
    args: dict[str, Any] = {"actor": FINANCE, "invoice_id": made.id, "files_of": files_of, "now": NOW}
    assert issue_invoice(firm, expected_version=2, **args).sequence == 1


def test_numbers_begin_anew_each_year_where_they_bear_it(firm: Store) -> None:
    """Invoices of two years have sequences of their own; days ahead are refused."""
    with firm.begin(LOCAL, now=NOW) as tx:
        tx.area("contracts").save(replace(tx.area("contracts").get("c-beta"), starts_on=TODAY - timedelta(days=200)))
    log(firm, make_entry("a1"), make_entry("b1", project="beta", day=-90), make_entry("c1", project="gamma"))
    days = (TODAY, TODAY - timedelta(days=120), TODAY)
    numbers = [issue(firm, draft(firm, one), issued_on=day).number for one, day in zip(("alpha", "beta", "gamma"), days, strict=True)]
    assert numbers == ["INV-2027-00001", "INV-2026-00001", "INV-2027-00002"]
    log(firm, make_entry("late", day=2))
    assert refused(issue, firm, draft(firm), issued_on=TODAY + timedelta(days=2)).code == "invoice.in_future"


def test_a_foreign_invoice_keeps_the_rate_of_its_day(firm: Store) -> None:
    """Net and tax in the firm's currency at the latest rate on or before the day of issue; without one it is not issued."""
    with firm.begin(LOCAL, now=NOW) as tx:
        alpha = tx.area("contracts").get("c-alpha")
        tx.area("contracts").save(replace(alpha, currency="USD", blended_rate=Decimal(90)))
    log(firm, make_entry("a1", minutes=60))
    made = draft(firm)
    assert refused(issue, firm, made).code == "rate.exchange_missing"
    with firm.begin(LOCAL, now=NOW) as tx:
        day = TODAY - timedelta(days=3)
        rate = ExchangeRate(id=ExchangeRateId("usd"), currency="USD", day=day, rate=Decimal("0.9123"), source="ECB")
        tx.area("exchange_rates").add(rate)
    args: dict[str, Any] = {"actor": FINANCE, "invoice_id": made.id, "files_of": files_of, "now": NOW}
    issued = issue_invoice(firm, expected_version=invoice_of(firm, made.id).version, **args)
    # 90.00 x 0.9123 = 82.107 -> 82.11; tax 17.10 x 0.9123 = 15.60033 -> 15.60
    assert (issued.home_net_minor, issued.home_tax_minor, issued.home_gross_minor) == (82_11, 15_60, 97_71)
    assert (issued.home_rate, issued.home_rate_on, issued.home_rate_source) == (Decimal("0.9123"), day, "ECB")


def test_an_approval_is_not_taken_back_while_the_line_is_billed(firm: Store) -> None:
    """On a draft and on an issued invoice it stands, and the invoice is named; after a cancelled draft, a void or a whole credit it goes."""
    log(firm, make_entry("e1"))
    with firm.read(LOCAL) as view:
        version = view.area("time_entries").get("e1").version
    wanted = WantedLines(lines=(WantedLine(ref=LineRef(kind=LineKind.TIME_ENTRY, id="e1"), version=version),))
    take_back = partial(move_lines, firm, actor=FINANCE, step=LineStep.UNAPPROVE, wanted=wanted, reason="Oh", now=NOW)
    made = draft(firm)
    assert made.id in refused(take_back).faults[0].message
    issued = issue(firm, made)
    error = refused(take_back)
    assert (error.kind, error.code) == (ErrorKind.CONFLICT, "line.invoiced")
    assert "INV-2027-00001" in error.faults[0].message
    void(firm, issued)
    assert take_back().lines[0][0].state is LineState.SUBMITTED


@pytest.mark.parametrize("verb", ["change", "delete"])
def test_billed_time_is_neither_changed_nor_deleted(firm: Store, verb: str) -> None:
    """It is approved, and stays as it was invoiced, for admins too."""
    log(firm, make_entry("e1"))
    issue(firm, draft(firm))
    args: dict[str, Any] = {"actor": LOCAL, "entry_id": "e1", "version": 1, "now": NOW}
    acts: dict[str, Callable[[], object]] = {
        "change": partial(change_time, firm, given={"minutes": 5}, **args),
        "delete": partial(delete_time, firm, **args),
    }
    assert refused(acts[verb]).code == "entry.locked"

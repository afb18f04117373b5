"""Voiding, crediting and paying what was issued, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.billing.content import content_sha256
from scheduler.domain.billing.contracts import ContractKind
from scheduler.domain.billing.crediting import Credits, WantedCredit
from scheduler.domain.billing.invoices import InvoiceState, PaymentKind
from scheduler.domain.billing.settlement import PaymentState
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.store.invoices import InvoiceRows
from scheduler.usecases.invoices import cancel_invoice
from tests.billing_firm import (
    FINANCE,
    NOW,
    TODAY,
    credit,
    draft,
    fill,
    issue,
    log,
    make_contract,
    make_entry,
    parts_of,
    pay,
    refused,
    state_of,
    void,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.store import Store


@pytest.fixture
def firm(store: Store) -> Store:
    fill(store)
    return store


def test_m14_a_void_invoice_gives_back_its_entries_once_and_keeps_its_number(firm: Store) -> None:
    """Void, the entries are billed on another number; the void one keeps its own, with the reason, and says who did it in the audit."""
    log(firm, make_entry("e1"))
    first = issue(firm, draft(firm))
    gone = void(firm, first)
    assert (gone.state, gone.number, gone.reason) == (InvoiceState.VOID, first.number, "Wrong")
    assert gone.content_sha256 == content_sha256(gone, replace(parts_of(firm, gone.id)))
    second = issue(firm, draft(firm))
    assert (second.sequence, [item.source_id for item in parts_of(firm, second.id).items]) == (2, ["e1"])
    assert refused(draft, firm).code == "invoice.nothing_billable"
    assert refused(void, firm, gone).code == "invoice.issued"
    with firm.read(LOCAL) as view:
        states = [one.value.state for one in view.area("invoices").history(first.id)]
    assert states[-2:] == [InvoiceState.ISSUED, InvoiceState.VOID]


def test_what_was_paid_or_credited_is_not_void(firm: Store) -> None:
    """A payment or a credit note that counts stands in the way, until it is set right by its opposite or cancelled."""
    log(firm, make_entry("e1"))
    issued = issue(firm, draft(firm))
    pay(firm, issued, 1)
    assert refused(void, firm, issued).code == "invoice.paid"
    pay(firm, issued, 1, PaymentKind.REFUND)
    note = credit(firm, issued)
    assert refused(void, firm, issued).code == "invoice.credited"
    cancel_invoice(firm, actor=FINANCE, invoice_id=note.id, expected_version=1, reason="No", now=NOW)
    assert void(firm, issued).state is InvoiceState.VOID


def test_m13_never_more_is_credited_than_was_invoiced(firm: Store) -> None:
    """Too much, twice, of a credit note, of a draft: all refused with what is left; whole, the entries can be billed again."""
    log(firm, make_entry("e1", minutes=60))
    made = draft(firm)
    assert refused(credit, firm, made).code == "credit.not_issued"
    issued = issue(firm, made)
    error = refused(credit, firm, issued, wanted=[WantedCredit(position=1, amount_minor=100_01)])
    assert (error.code, error.facts["net_minor"], error.facts["creditable_minor"]) == ("credit.too_much", 100_00, 119_00)
    note = credit(firm, issued)
    assert (note.net_minor, note.tax_minor) == (100_00, 19_00)
    assert refused(credit, firm, issued).code == "credit.nothing"
    assert refused(draft, firm).code == "invoice.nothing_billable", "as long as the credit note is a draft"
    sent = issue(firm, note)
    assert sent.number == "CN-2027-00001"
    assert refused(credit, firm, sent).code == "credit.of_credit"
    assert state_of(firm, issued) == (PaymentState.PAID, 0)
    assert [item.source_id for item in parts_of(firm, draft(firm).id).items] == ["e1"]


def test_m13_parts_that_were_rounded_re_add_exactly(firm: Store) -> None:
    """An hour at 100.00 in three parts of 20 minutes: 33.33 + 33.33 + 33.34, tax 6.33 + 6.34 + 6.33; the part credited last releases it."""
    log(firm, make_entry("e1", minutes=60))
    issued = issue(firm, draft(firm))
    notes = []
    for _ in range(3):
        notes.append(issue(firm, credit(firm, issued, wanted=[WantedCredit(position=1, quantity=20)])))
        is_released = refused_code(draft, firm) is None
        assert is_released == (len(notes) == 3), "a part releases nothing"
    assert [(note.net_minor, note.tax_minor) for note in notes] == [(33_33, 6_33), (33_33, 6_34), (33_34, 6_33)]
    with firm.read(LOCAL) as view:
        rows = InvoiceRows(view.connection)
        left = Credits(rows.parts(issued.id), [rows.parts(note.id) for note in notes], currency="EUR").left
    assert (left.is_nothing, left.gross_minor) == (True, 0)


def refused_code(act: Callable[..., object], *args: Any, **kwargs: Any) -> str | None:
    try:
        act(*args, **kwargs)
    except DomainError as error:
        return error.code
    return None


def test_a_void_credit_note_owes_again_unless_it_was_billed_since(firm: Store) -> None:
    """Void, what it had released stands on its invoice again; not when another invoice has it by now."""
    log(firm, make_entry("e1"))
    issued = issue(firm, draft(firm))
    note = issue(firm, credit(firm, issued))
    again = draft(firm)
    assert refused(void, firm, note).code == "entry.already_billed"
    cancel_invoice(firm, actor=FINANCE, invoice_id=again.id, expected_version=1, reason="No", now=NOW)
    assert void(firm, note).state is InvoiceState.VOID
    assert refused(draft, firm).code == "invoice.nothing_billable"
    assert state_of(firm, issued) == (PaymentState.OPEN, 119_00)


def test_payments_never_pass_what_is_open(firm: Store) -> None:
    """Open, partly paid, paid, written off; more than is open and what was never paid are refused; opposites set it right."""
    log(firm, make_entry("e1", minutes=60))
    made = draft(firm)
    assert refused(pay, firm, made, 1).code == "payment.not_issued"
    issued = issue(firm, made)
    assert state_of(firm, issued) == (PaymentState.OPEN, 119_00)
    assert refused(pay, firm, issued, 119_01).facts == {"most_minor": 119_00, "open_minor": 119_00}
    assert refused(pay, firm, issued, 1, PaymentKind.REFUND).code == "payment.too_much"
    assert refused(pay, firm, issued, 1, paid_on=TODAY - timedelta(days=1)).code == "payment.before_issue"
    pay(firm, issued, 100_00)
    assert state_of(firm, issued) == (PaymentState.PARTLY_PAID, 19_00)
    pay(firm, issued, 19_00, PaymentKind.WRITE_OFF)
    assert state_of(firm, issued) == (PaymentState.WRITTEN_OFF, 0)
    pay(firm, issued, 19_00, PaymentKind.RECOVERY)
    pay(firm, issued, 19_00)
    assert state_of(firm, issued) == (PaymentState.PAID, 0)
    note = issue(firm, credit(firm, issued))
    assert state_of(firm, issued) == (PaymentState.PAID, -119_00)
    assert refused(pay, firm, note, 1).code == "payment.on_credit_note"
    pay(firm, issued, 119_00, PaymentKind.REFUND)
    assert state_of(firm, issued) == (PaymentState.PAID, 0)


def test_a_cap_holds_over_drafts_and_credits(store: Store) -> None:
    """Of 150.00 under a cap of 100.00 a first draft bills 100.00 and a second nothing; a credit that was issued makes room for as much."""
    fill(store, alpha=make_contract(kind=ContractKind.CAPPED, cap_minor=100_00))
    log(store, make_entry("e1", minutes=60), make_entry("e2", day=1, minutes=30))
    first = issue(store, draft(store))
    assert first.net_minor == 100_00
    assert refused(draft, store).code == "invoice.nothing_billable"
    issue(store, credit(store, first, wanted=[WantedCredit(position=1, amount_minor=40_00)]))
    assert draft(store).net_minor == 40_00


def test_a_credit_note_is_not_void_when_its_room_under_the_cap_was_taken(store: Store) -> None:
    """40.00 of a full cap were credited and billed anew: void, the credit would leave 140.00 billed under a cap of 100.00."""
    fill(store, alpha=make_contract(kind=ContractKind.CAPPED, cap_minor=100_00))
    log(store, make_entry("e1", minutes=60), make_entry("e2", day=1, minutes=30))
    first = issue(store, draft(store))
    note = issue(store, credit(store, first, wanted=[WantedCredit(position=1, amount_minor=40_00)]))
    again = draft(store)
    assert refused(void, store, note).code == "invoice.prepaid_used"
    cancel_invoice(store, actor=FINANCE, invoice_id=again.id, expected_version=1, reason="No", now=NOW)
    assert void(store, note).state is InvoiceState.VOID


def test_retention_and_discount_come_from_the_contract(store: Store) -> None:
    """100.00 less 10 % is 90.00, with tax 107.10; a twentieth of that, 5.36 rounded half up, is due later. Crediting all gives all back."""
    contract = make_contract(discount=Decimal("0.1"), retention=Decimal("0.05"), retention_due_on=TODAY + timedelta(days=365))
    fill(store, alpha=contract)
    log(store, make_entry("e1", minutes=60))
    issued = issue(store, draft(store))
    assert (issued.net_minor, issued.gross_minor, issued.retained_minor) == (90_00, 107_10, 5_36)
    note = issue(store, credit(store, issued))
    assert (note.net_minor, note.tax_minor, parts_of(store, note.id).allowances[0].amount_minor) == (90_00, 17_10, 10_00)


def test_cost_plus_needs_the_right_to_see_costs(store: Store) -> None:
    """Whoever may not see costs makes no draft of it, and finds none."""
    fill(store, alpha=make_contract(kind=ContractKind.COST_PLUS, markup=Decimal("0.2")))
    log(store, make_entry("e1", minutes=60))
    blind = replace(FINANCE, scopes=FINANCE.rights() - {"cost:read"})
    assert refused(draft, store, actor=blind).code == "access.denied"
    made = draft(store)
    assert (made.net_minor, made.tells_cost) == (60_00, True)
    with store.read(blind) as view:
        assert view.area("invoices").find(made.id) is None

"""What of an invoice is open, and which payments may be recorded."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing.invoices import InvoiceKind, InvoiceState, Payment, PaymentKind
from scheduler.domain.billing.settlement import PaymentState, Settlement, check_payment, settlement
from scheduler.domain.ground.errors import ErrorKind
from scheduler.domain.ground.ids import InvoiceId, PaymentId
from tests.domain.billing.invoice_factories import ISSUED_ON, make_invoice
from tests.domain.billing.refusals import refused

TODAY = ISSUED_ON + timedelta(days=10)
PAYMENT, REFUND, WRITE_OFF, RECOVERY = PaymentKind.PAYMENT, PaymentKind.REFUND, PaymentKind.WRITE_OFF, PaymentKind.RECOVERY
HUNDRED = Settlement(gross_minor=119_00, credited_minor=9_00, paid_minor=60_00, written_off_minor=20_00)
"""Of 119.00, 9.00 were credited, 60.00 paid and 20.00 given up: 30.00 are open."""


def make_payment(amount_minor: int, kind: PaymentKind = PAYMENT, *, paid_on: date = TODAY) -> Payment:
    return Payment(id=PaymentId("payment"), invoice_id=InvoiceId("invoice"), kind=kind, paid_on=paid_on, amount_minor=amount_minor)


def test_every_kind_of_payment_has_its_own_sum() -> None:
    """Refunds lower what was paid, recoveries what was given up; each may come several times, in any order."""
    told = [(PAYMENT, 50_00), (REFUND, 7_00), (WRITE_OFF, 11_00), (PAYMENT, 20_00), (RECOVERY, 2_00), (REFUND, 1_00), (WRITE_OFF, 3_00)]
    found = settlement(119_00, credited_minor=13_00, payments=told)
    assert found == Settlement(gross_minor=119_00, credited_minor=13_00, paid_minor=62_00, written_off_minor=12_00)
    assert found.open_minor == 32_00
    assert settlement(119_00, credited_minor=0, payments=()).open_minor == 119_00


@given(
    gross=st.integers(0, 10**9),
    credited=st.integers(0, 10**9),
    payments=st.lists(st.tuples(st.sampled_from(PaymentKind), st.integers(1, 10**6)), max_size=20),
)
def test_what_is_open_moves_by_every_payment_and_back_by_its_opposite(
    *, gross: int, credited: int, payments: list[tuple[PaymentKind, int]]
) -> None:
    """What settles lowers it, what takes that back raises it, and in no order they come to something else."""
    found = settlement(gross, credited_minor=credited, payments=payments)
    signed = sum(-amount if kind in {PAYMENT, WRITE_OFF} else amount for kind, amount in payments)
    assert found.open_minor == gross - credited + signed
    assert settlement(gross, credited_minor=credited, payments=reversed(payments)) == found
    opposite = {PAYMENT: REFUND, REFUND: PAYMENT, WRITE_OFF: RECOVERY, RECOVERY: WRITE_OFF}
    undone = settlement(gross, credited_minor=credited, payments=[*payments, *((opposite[kind], amount) for kind, amount in payments)])
    assert undone == settlement(gross, credited_minor=credited, payments=())


@pytest.mark.parametrize(
    ("credited", "paid", "written_off", "state"),
    [
        (0, 0, 0, PaymentState.OPEN),
        (99, 0, 0, PaymentState.OPEN),
        (0, 1, 0, PaymentState.PARTLY_PAID),
        (0, 99, 0, PaymentState.PARTLY_PAID),
        (0, 0, 1, PaymentState.PARTLY_PAID),
        (0, -1, 0, PaymentState.PARTLY_PAID),
        (0, 100, 0, PaymentState.PAID),
        (100, 0, 0, PaymentState.PAID),
        (1, 100, 0, PaymentState.PAID),
        (0, 99, 1, PaymentState.WRITTEN_OFF),
        (0, 0, 100, PaymentState.WRITTEN_OFF),
        (1, 99, 1, PaymentState.WRITTEN_OFF),
        (0, 101, -1, PaymentState.PAID),
    ],
)
def test_how_far_an_invoice_is_settled(credited: int, paid: int, written_off: int, state: PaymentState) -> None:
    """Of 100: open until somebody pays or gives something up, then in part; with nothing open it is paid, or written off if any of it was."""
    found = Settlement(gross_minor=100, credited_minor=credited, paid_minor=paid, written_off_minor=written_off)
    assert found.state is state
    assert found.is_untouched is (paid == 0 and written_off == 0)


@pytest.mark.parametrize(("kind", "most"), [(PAYMENT, 30_00), (WRITE_OFF, 30_00), (REFUND, 60_00), (RECOVERY, 20_00)])
def test_no_more_is_recorded_than_there_is(kind: PaymentKind, most: int) -> None:
    """What is open may be paid or given up, what was paid may go back, what was given up may be recovered: to the cent, and not one more."""
    check_payment(make_invoice(), HUNDRED, make_payment(most, kind), today=TODAY)
    error = refused(check_payment, make_invoice(), HUNDRED, make_payment(most + 1, kind), today=TODAY)
    assert (error.kind, error.code) == (ErrorKind.CONFLICT, "payment.too_much")
    assert error.facts == {"most_minor": most, "open_minor": 30_00}


def test_where_the_client_is_owed_money_nothing_can_be_paid() -> None:
    """At most 0, never less; what is open tells by how much."""
    owed = Settlement(gross_minor=100, credited_minor=100, paid_minor=40, written_off_minor=0)
    assert refused(check_payment, make_invoice(), owed, make_payment(1), today=TODAY).facts == {"most_minor": 0, "open_minor": -40}
    check_payment(make_invoice(), owed, make_payment(40, REFUND), today=TODAY)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        *(({"state": state}, "payment.not_issued") for state in InvoiceState if state is not InvoiceState.ISSUED),
        ({"issued_on": None}, "payment.not_issued"),
        ({"kind": InvoiceKind.CREDIT_NOTE, "credits_id": InvoiceId("first")}, "payment.on_credit_note"),
    ],
)
def test_only_issued_invoices_are_paid(changes: dict[str, Any], code: str) -> None:
    """No draft, no void one, and no credit note: that names the invoice on which to record it."""
    error = refused(check_payment, make_invoice(**changes), HUNDRED, make_payment(1), today=TODAY)
    assert (error.kind, error.code) == (ErrorKind.CONFLICT, code)
    assert error.facts == ({"invoice_id": "first"} if code == "payment.on_credit_note" else {})


def test_a_payment_is_of_the_day_of_issue_or_later_and_not_ahead_of_time() -> None:
    """On the day of issue and on tomorrow's date it may be, since somewhere it is tomorrow; a day before or after that it is refused."""
    for day in (ISSUED_ON, TODAY, TODAY + timedelta(days=1)):
        check_payment(make_invoice(), HUNDRED, make_payment(1, paid_on=day), today=TODAY)
    early = refused(check_payment, make_invoice(), HUNDRED, make_payment(1, paid_on=ISSUED_ON - timedelta(days=1)), today=TODAY)
    assert (early.kind, early.code, early.facts) == (ErrorKind.CONFLICT, "payment.before_issue", {"issued_on": "2026-03-10"})
    late = refused(check_payment, make_invoice(), HUNDRED, make_payment(1, paid_on=TODAY + timedelta(days=2)), today=TODAY)
    assert (late.kind, late.code) == (ErrorKind.INVALID, "payment.in_future")

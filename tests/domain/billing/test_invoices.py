"""Heads of invoices: which steps they take, what their sums are, and what settles them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from scheduler.domain.billing.invoices import LIVE, NUMBERED, InvoiceState, Payment, PaymentKind, check_step
from scheduler.domain.billing.totals import Totals
from scheduler.domain.ground.checks import INTEGER_MAX
from scheduler.domain.ground.errors import ErrorKind
from scheduler.domain.ground.ids import InvoiceId, PaymentId
from tests.domain.billing.invoice_factories import make_invoice
from tests.domain.billing.refusals import faults, refused

DRAFT, APPROVED, ISSUED, VOID, CANCELLED = InvoiceState
STEPS = {DRAFT: {APPROVED, CANCELLED}, APPROVED: {DRAFT, ISSUED, CANCELLED}, ISSUED: {VOID}, VOID: set(), CANCELLED: set()}
LONG = "x" * 201


@pytest.mark.parametrize("before", InvoiceState)
@pytest.mark.parametrize("after", InvoiceState)
def test_an_invoice_takes_its_steps_and_no_other(before: InvoiceState, after: InvoiceState) -> None:
    """What was issued never changes again, whatever is asked of it; of others it is told what they can become."""
    if after in STEPS[before]:
        check_step(before, after)
        return
    error = refused(check_step, before, after)
    assert error.kind is ErrorKind.CONFLICT
    if before in {ISSUED, VOID}:
        assert (error.code, error.facts) == ("invoice.issued", {"state": before.value})
    else:
        assert (error.code, error.facts) == ("invoice.illegal_step", {"state": before.value, "allowed": sorted(STEPS[before])})


def test_a_step_that_is_refused_says_which_are_allowed() -> None:
    """Or that there are none."""
    assert (
        refused(check_step, DRAFT, ISSUED).detail == "An invoice that is draft cannot become issued; it can become approved or cancelled."
    )
    assert refused(check_step, CANCELLED, DRAFT).detail == "An invoice that is cancelled cannot become draft; it can become nothing else."


def test_what_is_live_holds_its_entries_and_what_is_numbered_its_number() -> None:
    """A void invoice has its number and no entries."""
    assert {DRAFT, APPROVED, ISSUED} == LIVE
    assert {ISSUED, VOID} == NUMBERED


def test_a_head_is_written_in_its_normal_form() -> None:
    """Note and reason have several lines; what is blank is nothing."""
    made = make_invoice(external_id=" x ", note=" a\nb ", reason=" \n")
    assert (made.external_id, made.note, made.reason) == ("x", "a\nb", None)
    assert len(make_invoice(note="x" * 2_000).note or "") == 2_000


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"external_id": LONG}, [("/external_id", "text.too_long")]),
        ({"note": "x" * 2_001}, [("/note", "text.too_long")]),
        ({"reason": "x" * 2_001}, [("/reason", "text.too_long")]),
    ],
)
def test_what_a_head_does_not_take(changes: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """Texts that are too long, each in its place."""
    assert faults(make_invoice, **changes) == wanted


@pytest.mark.parametrize("name", ["net_minor", "tax_minor", "gross_minor"])
def test_a_head_whose_sums_do_not_add_up_does_not_exist(name: str) -> None:
    """A cent more in any of them."""
    with pytest.raises(ValueError, match="do not make gross"):
        make_invoice(**{name: getattr(make_invoice(), name) + 1})


def sums(net: int, tax: int) -> Totals:
    return Totals(taxes=(), lines_minor=net, allowances_minor=0, net_minor=net, tax_minor=tax, gross_minor=net + tax)


def test_a_head_takes_the_sums_of_other_lines() -> None:
    """And their period, whether they tell costs, and what is held back; all else stays."""
    before = make_invoice()
    first, last = date(2026, 2, 1), date(2026, 2, 28)
    after = before.with_sums(sums(200_00, 14_00), retention=Decimal("0.05"), tells_cost=True, period=(first, last))
    assert after == replace(
        before,
        net_minor=200_00,
        tax_minor=14_00,
        gross_minor=214_00,
        retained_minor=10_70,
        tells_cost=True,
        period_start=first,
        period_end=last,
    )


@pytest.mark.parametrize(
    ("gross", "retention", "retained"),
    [(100, "0", 0), (10, "0.05", 1), (9, "0.05", 0), (30, "0.05", 2), (100, "1", 100), (-100, "0.5", 0), (2, "0.5", 1)],
)
def test_what_is_held_back_rounds_half_up_and_is_never_below_0(gross: int, retention: str, retained: int) -> None:
    """A share of the gross; of less than nothing, nothing."""
    made = make_invoice().with_sums(sums(gross, 0), retention=Decimal(retention), tells_cost=False, period=(None, None))
    assert (made.retained_minor, made.gross_minor) == (retained, gross)


def payment(**changes: Any) -> Payment:
    base: dict[str, Any] = {
        "id": PaymentId("p"),
        "invoice_id": InvoiceId("invoice"),
        "kind": PaymentKind.PAYMENT,
        "paid_on": date(2026, 3, 2),
        "amount_minor": 1,
    }
    return Payment(**{**base, **changes})


def test_a_payment_is_above_0() -> None:
    """Of every kind, up to what is reckoned with; its texts are short and trimmed."""
    assert payment(amount_minor=INTEGER_MAX).amount_minor == INTEGER_MAX
    assert (payment(reference=" a ").reference, payment(reference=" ").reference, payment(external_id=" b ").external_id) == (
        "a",
        None,
        "b",
    )
    for amount in (0, -1, INTEGER_MAX + 1):
        assert faults(payment, amount_minor=amount) == [("/amount_minor", "number.out_of_range")]
    assert faults(payment, reference=LONG, external_id=LONG) == [("/reference", "text.too_long"), ("/external_id", "text.too_long")]

"""Expenses: money in two currencies, what a category gives a line, and every rule that a line does not keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.delivery.expense_categories import BeyondLimit
from scheduler.domain.delivery.expenses import Expense, breaches, refuse, require_complete, require_editable
from scheduler.domain.delivery.line_states import EDITABLE, LineState
from scheduler.domain.delivery.receipts import RECEIPT_BYTES_MAX, MediaType, Receipt, media_type_of, receipt_of
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import ReceiptId
from tests.factories import MONDAY, make_expense, make_expense_category

TRAVEL = make_expense_category()
PDF, PNG, JPEG = b"%PDF-1.7\n%%EOF\n", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR....IEND\xaeB`\x82", b"\xff\xd8\xff\xe0..\xff\xd9"


def spent(category: Any = TRAVEL, **changes: Any) -> Expense:
    return make_expense(**changes).completed(category, home="EUR")


def faults(error: DomainError) -> set[tuple[str, str]]:
    return {(fault.pointer, fault.code) for fault in error.faults}


def test_a_line_takes_over_what_its_category_says() -> None:
    """Tax, markup and flags, where it says none of its own; later the category may say what it likes."""
    line = spent()
    assert (line.tax_rate, line.markup, line.is_billable, line.is_reimbursable) == (Decimal("0.19"), Decimal("0.1"), True, True)
    own = spent(tax_rate=Decimal(0), markup=Decimal(0), is_billable=False, is_reimbursable=False)
    assert (own.tax_rate, own.markup, own.is_billable, own.is_reimbursable) == (Decimal(0), Decimal(0), False, False)
    assert line.completed(replace(TRAVEL, tax_rate=Decimal("0.07"), markup=Decimal(1)), home="EUR") == line


def test_m05_money_of_a_line_by_hand() -> None:
    """119.00 with 19 % tax is 100.00 net; 10 % markup makes 110.00. 10,000 yen at 0.006123 are 61.23; net 51.45, charged 56.60."""
    line = spent()
    assert (line.home_minor, line.tax_minor, line.charged_minor) == (119_00, 19_00, 110_00)
    yen = spent(amount_minor=10_000, currency="JPY", rate=Decimal("0.006123"), rate_date=MONDAY, rate_source="ECB")
    assert (yen.home_minor, yen.home_currency, yen.tax_minor, yen.charged_minor) == (61_23, "EUR", 1_597, 56_60)
    assert spent(is_billable=False).charged_minor == 0
    assert replace(line, markup=None).charged_minor is None


@given(amount=st.integers(1, 10**10), tax=st.decimals(0, 1, places=4), markup=st.decimals(0, 10, places=4))
def test_tax_and_net_are_the_amount(amount: int, tax: Decimal, markup: Decimal) -> None:
    """The net rounds once, half up, and the tax is the rest; what is charged rounds once too, not twice over a rounded net."""
    line = spent(amount_minor=amount, tax_rate=tax, markup=markup)
    net = (Decimal(amount) / (1 + tax)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    assert amount - line.tax_minor == net
    assert line.charged_minor is not None
    assert abs(Decimal(line.charged_minor) - Decimal(amount) * (1 + markup) / (1 + tax)) <= Decimal("0.5000001")


def test_a_rate_says_of_when_and_from_where() -> None:
    """A foreign currency without is refused with all that is missing; the firm's own has no rate; unknown currencies are none."""
    for changes, wanted in (
        ({"currency": "CHF"}, {("/rate_date", "expense.rate_missing"), ("/rate_source", "expense.rate_missing")}),
        ({"rate": Decimal("1.1")}, {("/rate", "expense.rate_of_own")}),
        ({"rate_source": "ECB"}, {("/rate", "expense.rate_of_own")}),
        ({"currency": "HRK", "rate_date": MONDAY, "rate_source": "HNB"}, {("/currency", "currency.unknown")}),
    ):
        with pytest.raises(DomainError) as refused:
            spent(**changes)
        assert faults(refused.value) == wanted
    for rate, code in ((Decimal(0), "out_of_range"), (Decimal("0.00000000001"), "too_precise"), (Decimal("NaN"), "not_finite")):
        with pytest.raises(DomainError) as refused:
            make_expense(rate=rate)
        assert faults(refused.value) == {("/rate", f"number.{code}")}


def receipt(own: str = "r1") -> Receipt:
    return receipt_of(ReceiptId(own), name="taxi.pdf", content=PDF)


def test_every_breach_is_told_at_once() -> None:
    """A category that is closed, a day that has not come, both limits and the receipt; all in one answer, with amounts in words."""
    category = replace(TRAVEL, is_allowed=False, limit_item_minor=100_00, limit_day_minor=200_00, receipt_above_minor=0)
    line = spent(work_date=MONDAY + timedelta(days=2))
    found = breaches(line, category, same_day=[spent()], today=MONDAY)
    assert [(one.pointer, one.code) for one in found] == [
        ("/category_id", "expense.category_not_allowed"),
        ("/work_date", "expense.in_future"),
        ("/amount_minor", "expense.beyond_item_limit"),
        ("/amount_minor", "expense.beyond_day_limit"),
        ("/receipts", "expense.receipt_missing"),
    ]
    assert "at most 100.00 EUR a time; this is 119.00 EUR" in found[2].message
    assert "with this it is 238.00 EUR" in found[3].message
    with pytest.raises(DomainError) as refused:
        refuse(found)
    assert refused.value.code == "expense.policy"
    assert len(refused.value.faults) == 4, "a receipt can only be added to a line that is there"
    with pytest.raises(DomainError) as held:
        require_complete(found)
    assert len(held.value.faults) == 5


def test_limits_hold_at_their_figure() -> None:
    """Exactly the limit is within it, one cent more is not; tomorrow is today somewhere; a receipt is enough."""
    line = spent()
    at = replace(TRAVEL, limit_item_minor=119_00, limit_day_minor=238_00, receipt_above_minor=119_00)
    assert breaches(line, at, same_day=[spent()], today=MONDAY - timedelta(days=1)) == ()
    below = replace(TRAVEL, limit_item_minor=118_99, limit_day_minor=237_99, receipt_above_minor=118_99)
    assert len(breaches(line, below, same_day=[spent()], today=MONDAY)) == 3
    assert breaches(replace(line, receipts=(receipt(),)), replace(TRAVEL, receipt_above_minor=0), same_day=[], today=MONDAY) == ()


def test_a_limit_may_warn_instead() -> None:
    """The line is taken and can be handed in; who decides is told."""
    category = replace(TRAVEL, limit_item_minor=1, beyond_limit=BeyondLimit.WARNED)
    found = breaches(spent(), category, same_day=[], today=MONDAY)
    assert [one.code for one in found] == ["expense.beyond_item_limit"]
    refuse(found)
    require_complete(found)


@pytest.mark.parametrize("state", LineState)
def test_t08_a_line_is_its_persons_until_it_is_handed_in(state: LineState) -> None:
    """Draft and given back can be changed, nothing else."""
    line = spent(state=state)
    if state in EDITABLE:
        require_editable(line)
        return
    with pytest.raises(DomainError) as refused:
        require_editable(line)
    assert (refused.value.code, refused.value.facts) == ("expense.locked", {"state": state.value})


def test_a_receipt_is_what_its_content_is() -> None:
    """Whatever it is called: whole PDF, PNG and JPEG files are taken; pages, programs, archives and halves of files are not."""
    for content, wanted in ((PDF, MediaType.PDF), (PNG, MediaType.PNG), (JPEG, MediaType.JPEG)):
        assert receipt_of(ReceiptId("r"), name="page.html", content=content).media_type is wanted
    for content in (b"", b"<html>%PDF-1.7 %%EOF", b"MZ\x90", b"PK\x03\x04", PDF[:-6], PNG[:-4], JPEG[:-1], b"GIF89a", b"<svg/>"):
        assert media_type_of(content) is None
        with pytest.raises(DomainError) as refused:
            receipt_of(ReceiptId("r"), name="taxi.pdf", content=content)
        assert refused.value.code == "receipt.type_not_supported"


def test_a_receipt_has_a_size_and_a_name() -> None:
    """Ten MiB are taken and a byte more is not; a name is text that can be kept."""
    whole = b"%PDF-" + b"0" * (RECEIPT_BYTES_MAX - 10) + b"%%EOF"
    assert receipt_of(ReceiptId("r"), name="a", content=whole).size_bytes == RECEIPT_BYTES_MAX
    with pytest.raises(DomainError) as large:
        receipt_of(ReceiptId("r"), name="a", content=b"x" + whole)
    assert large.value.kind is ErrorKind.TOO_LARGE
    with pytest.raises(DomainError) as named:
        receipt_of(ReceiptId("r"), name="a\x00.pdf", content=PDF)
    assert faults(named.value) == {("/file", "text.nul")}

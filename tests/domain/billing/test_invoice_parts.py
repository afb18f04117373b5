"""Everything of an invoice but its head: lines, discounts, taxes, what stands on the lines, and their sums."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from scheduler.domain.billing.document_lines import Allowance, DocumentLine, ExemptionReason, LineUnit, TaxLine
from scheduler.domain.billing.documents import LINES_MAX
from scheduler.domain.billing.invoice_parts import InvoiceParts, document_allowance, document_line, joined, reasons_of, summed
from scheduler.domain.billing.tax_codes import TaxCategory, TaxCode
from scheduler.domain.ground.errors import ErrorKind
from scheduler.domain.ground.ids import ContractId
from tests.domain.billing.invoice_factories import make_allowance, make_item, make_line, make_parts, make_piece
from tests.domain.billing.refusals import refused
from tests.factories import make_tax_code

ZERO = Decimal(0)


def test_parts_have_sums_of_their_own() -> None:
    """Lines less discounts, and all taxes: 100.00 + 50.00 - 15.00 at 19 % and 20.00 at 7 %."""
    lines = (make_line(1), make_line(2, quantity=30), make_piece(3, "20", tax_percent=Decimal(7)))
    made = make_parts(*lines, allowances=(make_allowance("10", 150_00),))
    assert (made.net_minor, made.tax_minor) == (155_00, 25_65 + 1_40)
    assert (InvoiceParts(lines=()).net_minor, InvoiceParts(lines=()).tax_minor) == (0, 0)


def test_parts_tell_costs_if_one_of_their_lines_does() -> None:
    """Whoever may not see costs sees none of it."""
    assert not make_parts(make_line(1), make_line(2)).tells_cost
    assert make_parts(make_line(1), make_line(2, tells_cost=True)).tells_cost


def test_the_period_is_from_the_first_day_to_the_last_that_a_line_names() -> None:
    """A line may name only one of both, or none."""
    first, middle, last = date(2026, 1, 5), date(2026, 2, 5), date(2026, 3, 5)
    lines = (make_line(1, service_from=middle, service_until=last), make_line(2), make_line(3, service_from=first))
    assert make_parts(*lines).period == (first, last)
    assert make_parts(make_line(1, service_until=first)).period == (first, first)
    assert make_parts(make_line(1)).period == (None, None)


def test_lines_are_found_by_their_contract() -> None:
    """In their order; of an unknown one there are none."""
    other = ContractId("other")
    made = make_parts(make_line(1), make_line(2, contract_id=other), make_line(3))
    assert [line.position for line in made.of_contract("contract")] == [1, 3]
    assert [line.position for line in made.of_contract("other")] == [2]
    assert made.of_contract("third") == ()


def test_taxes_say_why_there_is_none() -> None:
    """In words or by a code; a tax that is charged says nothing."""
    none = {"rate": ZERO, "net_minor": 1, "tax_minor": 0}
    taxes = (
        TaxLine(category=TaxCategory.STANDARD, rate=Decimal(19), net_minor=100, tax_minor=19),
        TaxLine(category=TaxCategory.EXEMPT, exemption_reason="Exempt", **none),  # type: ignore[arg-type]
        TaxLine(category=TaxCategory.EXPORT, exemption_code="VATEX-EU-G", **none),  # type: ignore[arg-type]
    )
    assert InvoiceParts(lines=(), taxes=taxes).reasons == {
        TaxCategory.EXEMPT: ExemptionReason(text="Exempt"),
        TaxCategory.EXPORT: ExemptionReason(code="VATEX-EU-G"),
    }


def code(category: TaxCategory, text: str | None = None, code_: str | None = None) -> TaxCode:
    return make_tax_code(category=category, rates=(), exemption_reason=text, exemption_code=code_)


def test_of_two_tax_codes_of_a_category_the_first_says_why() -> None:
    """Words, a code of the list or both; one that says nothing is passed over."""
    codes = [
        make_tax_code(),
        code(TaxCategory.EXEMPT, "First"),
        code(TaxCategory.EXEMPT, "Second"),
        code(TaxCategory.EXPORT, None, "VATEX-EU-G"),
        code(TaxCategory.OUTSIDE, "Both", "VATEX-EU-O"),
    ]
    assert reasons_of(codes) == {
        TaxCategory.EXEMPT: ExemptionReason(text="First"),
        TaxCategory.EXPORT: ExemptionReason(code="VATEX-EU-G"),
        TaxCategory.OUTSIDE: ExemptionReason(text="Both", code="VATEX-EU-O"),
    }


def test_a_line_is_printed_as_it_is() -> None:
    """What it says, how much of what at which price, its tax, its days and its note."""
    first, last = date(2026, 2, 1), date(2026, 2, 28)
    line = make_line(3, quantity=90, service_from=first, service_until=last, note="On site", tax_percent=Decimal(7))
    assert document_line(line) == DocumentLine(
        position=3,
        description="Work 3",
        unit=LineUnit.MINUTE,
        quantity=90,
        unit_price=Decimal(100),
        net_minor=150_00,
        tax_category=TaxCategory.STANDARD,
        tax_rate=Decimal(7),
        service_from=first,
        service_until=last,
        note="On site",
    )


def test_a_discount_is_printed_with_its_share_where_that_makes_the_amount() -> None:
    """10 % of 33.33 are 3.33; a part that was rounded with others to 3.34 is printed as an amount."""
    plain = {"reason": "Friends", "base_minor": 33_33, "tax_category": TaxCategory.STANDARD, "tax_rate": Decimal(19)}
    shared = document_allowance(make_allowance("10", 33_33))
    assert shared == Allowance(percent=Decimal(10), amount_minor=3_33, **plain)  # type: ignore[arg-type]
    fixed = document_allowance(make_allowance("10", 33_33, amount_minor=3_34))
    assert fixed == Allowance(percent=None, amount_minor=3_34, **plain)  # type: ignore[arg-type]


def test_sums_are_made_of_lines_and_discounts_with_the_reasons_that_are_needed() -> None:
    """The same parts come back with their taxes; without a reason for what is exempt there are no sums."""
    lines = (make_line(1), make_line(2, tax_category=TaxCategory.EXEMPT, tax_percent=ZERO))
    item = make_item(1, "entry", 100_00)
    parts = InvoiceParts(lines=lines, allowances=(make_allowance("10", 100_00),), items=(item,))
    made, sums = summed(parts, {TaxCategory.EXEMPT: ExemptionReason(text="Exempt")})
    assert (made.lines, made.allowances, made.items, made.taxes) == (parts.lines, parts.allowances, (item,), sums.taxes)
    assert [(tax.net_minor, tax.tax_minor, tax.exemption_reason) for tax in made.taxes] == [(90_00, 17_10, None), (100_00, 0, "Exempt")]
    assert (sums.net_minor, sums.tax_minor, sums.gross_minor) == (190_00, 17_10, 207_10)
    assert refused(summed, parts, {}).code == "tax.reason_missing"


def test_an_invoice_has_only_so_many_lines() -> None:
    """At the limit it is summed; with one more it is refused, with both figures."""
    lines = tuple(make_line(position) for position in range(1, LINES_MAX + 2))
    assert summed(InvoiceParts(lines=lines[:-1]), {})[1].net_minor == LINES_MAX * 100_00
    error = refused(summed, InvoiceParts(lines=lines), {})
    assert (error.kind, error.code) == (ErrorKind.CONFLICT, "invoice.too_many_lines")
    assert error.facts == {"lines": LINES_MAX + 1, "most": LINES_MAX}


def test_parts_of_several_contracts_stand_one_after_the_other() -> None:
    """Positions count on, and what stands on a line stays on it; discounts keep their order."""
    off = [make_allowance(percent, 100_00) for percent in ("10", "20")]
    first = make_parts(make_line(1), make_line(2), allowances=(off[0],), items=(make_item(2, "a", 100_00),))
    second = make_parts(make_line(1), allowances=(off[1],), items=(make_item(1, "b", 100_00),))
    made = joined([first, second, first])
    assert [line.position for line in made.lines] == [1, 2, 3, 4, 5]
    assert [line.description for line in made.lines] == ["Work 1", "Work 2", "Work 1", "Work 1", "Work 2"]
    assert [(item.position, item.source_id) for item in made.items] == [(2, "a"), (3, "b"), (5, "a")]
    assert made.allowances == (off[0], off[1], off[0])
    assert made.taxes == ()


@pytest.mark.parametrize("position", [1, 2])
def test_one_contract_alone_keeps_its_positions(position: int) -> None:
    """Nothing before it moves it."""
    made = make_parts(make_line(1), make_line(2), items=(make_item(position, "a", 100_00),))
    assert joined([made]) == replace(made, taxes=())

"""Drafts: what may be changed of them, and which lines may be left out."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from scheduler.domain.billing.drafts import changed_draft, without_lines
from scheduler.domain.billing.invoice_parts import InvoiceParts
from scheduler.domain.billing.invoices import InvoiceKind, InvoiceState, LineKind
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.ground.errors import ErrorKind
from scheduler.domain.ground.ids import ContractId
from tests.domain.billing.invoice_factories import make_allowance, make_invoice, make_item, make_line, make_parts, make_piece
from tests.domain.billing.refusals import faults, refused

DRAFT = make_invoice(InvoiceState.DRAFT)
SEVEN = Decimal(7)
OTHER = ContractId("other")


@pytest.mark.parametrize("given", [{}, {"note": "Thanks"}, {"note": None}, {"payment_days": 0}, {"payment_days": 365}, {"language": "fr"}])
def test_words_days_and_language_of_a_draft_change_alone(given: dict[str, Any]) -> None:
    """All else stays; days go from none to a year."""
    assert changed_draft(DRAFT, given) == replace(DRAFT, **given)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"payment_days": -1}, [("/payment_days", "number.out_of_range")]),
        ({"payment_days": 366}, [("/payment_days", "number.out_of_range")]),
        ({"language": "tlh"}, [("/language", "language.unknown")]),
        ({"language": "tlh", "payment_days": 366}, [("/language", "language.unknown"), ("/payment_days", "number.out_of_range")]),
    ],
)
def test_what_a_draft_does_not_take(given: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """Each fault has its place, and all are told at once."""
    assert faults(changed_draft, DRAFT, given) == wanted


def test_nothing_else_of_a_draft_changes() -> None:
    """Whoever asks for that has made a mistake in the program; it is told by name."""
    with pytest.raises(ValueError, match=r"^\['currency', 'state'\] cannot be changed$"):
        changed_draft(DRAFT, {"state": InvoiceState.ISSUED, "note": "x", "currency": "USD"})


WHOLE = make_parts(
    make_line(1),
    make_line(2, quantity=30),
    make_piece(3, "20", tax_percent=SEVEN),
    make_line(4, contract_id=OTHER),
    allowances=(
        make_allowance("10", 150_00),
        make_allowance("10", 20_00, tax_percent=SEVEN),
        make_allowance("25", 100_00, contract_id=OTHER),
    ),
    items=(make_item(1, "a", 60_00), make_item(1, "b", 40_00), make_item(2, "c", 50_00), make_item(4, "d", 100_00)),
)


def test_a_line_is_left_out_with_what_stands_on_it() -> None:
    """The others count from one again, discounts are on what is left, and the taxes have to be made anew."""
    made = without_lines(DRAFT, WHOLE, [1])
    assert made.lines == tuple(replace(line, position=line.position - 1) for line in WHOLE.lines[1:])
    assert [(item.position, item.source_id) for item in made.items] == [(1, "c"), (3, "d")]
    assert [(one.base_minor, one.amount_minor) for one in made.allowances] == [(50_00, 5_00), (20_00, 2_00), (100_00, 25_00)]
    assert made.allowances == (replace(WHOLE.allowances[0], base_minor=50_00, amount_minor=5_00), *WHOLE.allowances[1:])
    assert made.taxes == ()


def test_discounts_of_lines_that_are_gone_go_too() -> None:
    """Those of another contract and of another tax; the line that is named twice is left out once."""
    made = without_lines(DRAFT, WHOLE, [4, 3, 4])
    assert [line.position for line in made.lines] == [1, 2]
    assert made.allowances == WHOLE.allowances[:1]


def test_a_discount_on_what_is_left_rounds_half_up() -> None:
    """10 % of 0.15 are 2 cents, and of 0.14 one."""
    for price, amount in (("0.15", 2), ("0.14", 1)):
        parts = make_parts(make_line(1), make_piece(2, price), allowances=(make_allowance("10", 100_15),))
        assert [one.amount_minor for one in without_lines(DRAFT, parts, [1]).allowances] == [amount]


def test_a_discount_is_not_on_deposits_nor_on_less_than_nothing() -> None:
    """A deposit is not discounted, what is left below 0 neither; 0.01 is, and comes to nothing at 10 %."""
    lines = (make_line(1), make_piece(2, "50", kind=LineKind.DEPOSIT), make_piece(3, "-30", kind=LineKind.SCHEDULE))
    parts = make_parts(*lines, allowances=(make_allowance("50", 70_00),))
    assert without_lines(DRAFT, parts, [1]).allowances == ()
    assert [one.base_minor for one in without_lines(DRAFT, parts, [3]).allowances] == [100_00]
    cent = make_parts(make_line(1), make_piece(2, "0.01"), allowances=(make_allowance("10", 100_01),))
    assert without_lines(DRAFT, cent, [1]).allowances == ()
    nickel = make_parts(make_line(1), make_piece(2, "0.05"), allowances=(make_allowance("10", 100_05),))
    assert [(one.base_minor, one.amount_minor) for one in without_lines(DRAFT, nickel, [1]).allowances] == [(5, 1)]


def test_a_discount_is_of_its_category_too() -> None:
    """Two categories at 0 % are two taxes."""
    zero: dict[str, Any] = {"tax_percent": Decimal(0)}
    lines = (make_line(1, tax_category=TaxCategory.ZERO, **zero), make_line(2, tax_category=TaxCategory.EXEMPT, **zero), make_line(3))
    parts = make_parts(*lines, allowances=(make_allowance("10", 100_00, tax_category=TaxCategory.ZERO, **zero),))
    assert [one.amount_minor for one in without_lines(DRAFT, parts, [2]).allowances] == [10_00]
    assert without_lines(DRAFT, parts, [1]).allowances == ()


def test_only_lines_that_there_are_can_be_left_out() -> None:
    """Each that there is not is told with its place in the request."""
    assert faults(without_lines, DRAFT, WHOLE, [5, 1, 0]) == [
        ("/leave_out/0", "invoice.no_such_line"),
        ("/leave_out/2", "invoice.no_such_line"),
    ]


def test_a_draft_keeps_a_line() -> None:
    """Without any it is to be cancelled."""
    error = refused(without_lines, DRAFT, make_parts(make_line(1), make_line(2)), [1, 2])
    assert (error.kind, error.code) == (ErrorKind.CONFLICT, "invoice.nothing_left")


def test_lines_of_a_credit_note_go_together() -> None:
    """None of them can be left out."""
    note = replace(DRAFT, kind=InvoiceKind.CREDIT_NOTE)
    error = refused(without_lines, note, WHOLE, [1])
    assert (error.kind, error.code, error.facts) == (ErrorKind.CONFLICT, "invoice.lines_depend", {})


@pytest.mark.parametrize("kind", LineKind)
def test_what_follows_from_all_lines_of_a_contract_holds_them(kind: LineKind) -> None:
    """A cap, a deposit that is drawn and work that was paid for beforehand; lines of another contract can go."""
    parts = InvoiceParts(lines=(make_line(1), make_line(2, kind=kind), make_line(3, contract_id=OTHER)))
    if kind in {LineKind.CAP, LineKind.DEPOSIT_DRAW, LineKind.COVERED}:
        error = refused(without_lines, DRAFT, parts, [1])
        assert (error.kind, error.code, error.facts) == (ErrorKind.CONFLICT, "invoice.lines_depend", {"kinds": [kind.value]})
        assert refused(without_lines, DRAFT, parts, [3, 2]).facts == {"kinds": [kind.value]}
    else:
        assert [line.kind for line in without_lines(DRAFT, parts, [1]).lines] == [kind, LineKind.TIME]
    assert len(without_lines(DRAFT, parts, [3]).lines) == 2


def test_every_kind_that_holds_the_lines_is_told_once() -> None:
    """In one order."""
    kinds = (LineKind.DEPOSIT_DRAW, LineKind.CAP, LineKind.COVERED, LineKind.CAP)
    parts = InvoiceParts(lines=(make_line(1), *(make_line(number, kind=kind) for number, kind in enumerate(kinds, start=2))))
    assert refused(without_lines, DRAFT, parts, [1]).facts == {"kinds": ["cap", "covered", "deposit_draw"]}

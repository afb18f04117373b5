"""Credit notes: what of an invoice is left to be credited, and what a credit of part or all of it consists of."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from scheduler.domain.billing.crediting import LineLeft, WantedCredit
from scheduler.domain.billing.document_lines import LineUnit
from scheduler.domain.billing.invoice_parts import InvoiceParts
from scheduler.domain.billing.invoices import LineKind
from scheduler.domain.ground.errors import ErrorKind
from scheduler.domain.ground.ids import ContractId
from tests.domain.billing.credit_factories import amount, credits_of, in_turn, minutes, note_of, taxes, told, whole
from tests.domain.billing.invoice_factories import make_allowance, make_line, make_parts, make_piece
from tests.domain.billing.refusals import faults, refused

SEVEN = Decimal(7)
OTHER = ContractId("other")
MIXED = make_parts(
    make_line(1, quantity=90, trail=({"rule": "bill_rate"},)),
    make_piece(2, "20"),
    make_piece(3, "10", tax_percent=SEVEN),
    make_piece(4, "50", kind=LineKind.DEPOSIT, contract_id=OTHER),
    allowances=(make_allowance("10", 170_00), make_allowance("10", 10_00, tax_percent=SEVEN)),
)
"""150.00 of work, 20.00 and 10.00 of expenses with 10 % off, and a deposit of 50.00 of another contract."""


def test_a_credit_of_everything_is_the_invoice_given_back() -> None:
    """Every line says which one it credits and keeps no trail; discounts and taxes are those of the invoice; nothing is left."""
    note = note_of(MIXED, wanted=None)
    assert note.lines == tuple(replace(line, credits_position=line.position, trail=()) for line in MIXED.lines)
    assert (note.allowances, note.taxes, note.items) == (MIXED.allowances, MIXED.taxes, ())
    left = credits_of(MIXED, note).left
    assert left.is_nothing
    assert (left.net_minor, left.tax_minor, left.gross_minor) == (0, 0, 0)


def test_what_is_left_is_the_invoice_less_its_notes() -> None:
    """Of 90 minutes at 100.00 with 10 % off, 30 are credited: an hour, 90.00 and 17.10 of tax are left of the line; the others are whole."""
    before = credits_of(MIXED).left
    assert (before.net_minor, before.tax_minor, before.gross_minor) == (212_00, 39_20, 251_20)
    note = note_of(MIXED, wanted=[minutes(30)])
    left = credits_of(MIXED, note).left
    assert left.lines[0] == LineLeft(position=1, quantity=60, net_minor=100_00)
    assert [(line.position, line.quantity, line.net_minor) for line in left.lines[1:]] == [(2, 1, 20_00), (3, 1, 10_00), (4, 1, 50_00)]
    assert (left.net_minor, left.tax_minor) == (before.net_minor - 45_00, before.tax_minor - 8_55)
    assert not left.is_nothing


@pytest.mark.parametrize(("quantity", "net", "is_nothing"), [(0, 0, True), (1, 0, False), (0, 1, False), (-1, -1, False)])
def test_nothing_is_left_where_neither_quantity_nor_money_is(quantity: int, net: int, *, is_nothing: bool) -> None:
    """Minutes at no price are something too."""
    assert LineLeft(position=1, quantity=quantity, net_minor=net).is_nothing is is_nothing


def test_credited_lines_are_counted_from_one_and_name_those_of_the_invoice() -> None:
    """The third and the first of three, in the order in which they are asked for; a second note of the third is in the light of the first."""
    invoice = make_parts(make_line(1), make_line(2), make_line(3, quantity=120))
    first, second = in_turn(invoice, [minutes(30, 3), whole(1)], [whole(3)])
    assert [line.position for line in first.lines] == [1, 2]
    assert told(first) == [(3, "time", 30, 50_00), (1, "time", 60, 100_00)]
    assert told(second) == [(3, "time", 90, 150_00)]
    assert [(line.quantity, line.net_minor) for line in credits_of(invoice, first, second).left.lines] == [(0, 0), (60, 100_00), (0, 0)]


def test_what_rounding_left_over_goes_back_with_the_rest() -> None:
    """Three times 20 minutes of an hour at 100.00: 33.33, 33.33, and 33.33 with a cent that has a line of its own."""
    invoice = make_parts(make_line(1, trail=({"rule": "bill_rate"},)))
    notes = in_turn(invoice, [minutes(20)], [minutes(20)], [minutes(20)])
    assert [told(note) for note in notes] == [
        [(1, "time", 20, 33_33)],
        [(1, "time", 20, 33_33)],
        [(1, "time", 20, 33_33), (1, "correction", 1, 1)],
    ]
    cent = notes[2].lines[1]
    assert (cent.unit, cent.unit_price, cent.trail, cent.description) == (LineUnit.PIECE, Decimal("0.01"), (), "Work 1")
    assert [note.tax_minor for note in notes] == [6_33, 6_34, 6_33]
    assert credits_of(invoice, *notes).left.is_nothing


def test_what_was_rounded_up_before_leaves_less_for_the_last() -> None:
    """4 minutes at 0.50 are 3 cents, and each of them is 1: two are credited by the minute, and the rest is the cent that is left."""
    invoice = make_parts(make_line(1, quantity=4, unit_price=Decimal("0.50")))
    notes = in_turn(invoice, [minutes(1)], [minutes(1)], None)
    assert [told(note) for note in notes] == [[(1, "time", 1, 1)], [(1, "time", 1, 1)], [(1, "correction", 1, 1)]]
    assert credits_of(invoice, *notes).left.is_nothing


def test_a_part_that_would_round_to_more_than_is_left_is_what_is_left() -> None:
    """10 minutes at 0.30 are 5 cents; four were credited at a cent each; 5 of the other 6 would round to 3, and 1 cent is left."""
    invoice = make_parts(make_line(1, quantity=10, unit_price=Decimal("0.30")))
    notes = in_turn(invoice, *[[minutes(1)]] * 4, [minutes(5)])
    assert told(notes[-1]) == [(1, "correction", 1, 1)]
    assert credits_of(invoice, *notes).left.lines == (LineLeft(position=1, quantity=0, net_minor=0),)


def test_an_amount_goes_back_without_minutes_until_all_money_is_gone() -> None:
    """40.00 of an hour at 100.00 leave 60 minutes and 60.00; the last 60.00 take the minutes with them."""
    invoice = make_parts(make_line(1))
    first = note_of(invoice, wanted=[amount(40_00)])
    assert told(first) == [(1, "correction", 1, 40_00)]
    assert (first.lines[0].unit_price, taxes(first)) == (Decimal(40), [("19", 40_00, 7_60)])
    assert credits_of(invoice, first).left.lines == (LineLeft(position=1, quantity=60, net_minor=60_00),)
    assert told(note_of(invoice, first, wanted=[minutes(36)])) == [(1, "time", 36, 60_00)]
    assert told(note_of(invoice, first, wanted=[minutes(37)])) == [(1, "correction", 1, 60_00)]
    assert told(note_of(invoice, first, wanted=None)) == [(1, "correction", 1, 60_00)]
    last = note_of(invoice, first, wanted=[amount(60_00)])
    assert credits_of(invoice, first, last).left.lines == (LineLeft(position=1, quantity=0, net_minor=0),)


def test_money_that_is_left_without_minutes_goes_back_as_an_amount() -> None:
    """A note gave back all 60 minutes and a cent too little: the cent is left, and no minute."""
    invoice = make_parts(make_line(1))
    short = make_parts(make_line(1, net_minor=100_00, credits_position=1))
    short = replace(short, lines=(replace(short.lines[0], net_minor=99_99),))
    assert credits_of(invoice, short).left.lines == (LineLeft(position=1, quantity=0, net_minor=1),)
    assert told(note_of(invoice, short, wanted=None)) == [(1, "correction", 1, 1)]


def test_work_at_no_price_goes_back_by_the_minute() -> None:
    """An hour that a retainer had paid for: 20 minutes, then the other 40; its tax line says 0; then nothing is left."""
    invoice = make_parts(make_line(1, kind=LineKind.COVERED, unit_price=Decimal(0)), make_line(2))
    notes = in_turn(invoice, [minutes(20)], [whole(1)])
    assert [told(note) for note in notes] == [[(1, "covered", 20, 0)], [(1, "covered", 40, 0)]]
    assert taxes(notes[0]) == [("19", 0, 0)]
    assert refused(note_of, invoice, *notes, wanted=[whole(1)]).code == "credit.nothing"


@pytest.mark.parametrize(("currency", "price"), [("EUR", "0.05"), ("JPY", "5"), ("KWD", "0.005")])
def test_an_amount_is_printed_in_the_currencys_own_places(currency: str, price: str) -> None:
    """5 minor units: cents, yen, thousandths of a dinar; so are the minutes that go back."""
    invoice = InvoiceParts(lines=(make_line(1, currency=currency),))
    note = credits_of(invoice, currency=currency).credit([amount(5)])
    assert (note.lines[0].unit_price, note.lines[0].net_minor) == (Decimal(price), 5)
    half = credits_of(invoice, currency=currency).credit([minutes(30)])
    assert half.lines[0].net_minor * 2 == invoice.net_minor


def test_what_is_left_over_is_in_the_currencys_own_places() -> None:
    """Of an hour at 100 dinars a thousandth is left: by rounding, by an amount that went back, or by a note that was short."""
    invoice = InvoiceParts(lines=(make_line(1, currency="KWD"),))
    notes: list[InvoiceParts] = []
    for _ in range(3):
        notes.append(credits_of(invoice, *notes, currency="KWD").credit([minutes(20)]))
    assert told(notes[2]) == [(1, "time", 20, 33_333), (1, "correction", 1, 1)]
    amounts = credits_of(invoice, currency="KWD").credit([amount(99_999)])
    short = InvoiceParts(lines=(replace(invoice.lines[0], net_minor=99_999, credits_position=1),))
    lefts = [notes[2].lines[1:], *(credits_of(invoice, note, currency="KWD").credit(None).lines for note in (amounts, short))]
    lefts.append(credits_of(invoice, amounts, currency="KWD").credit([minutes(59)]).lines)
    assert [[(line.unit_price, line.net_minor) for line in lines] for lines in lefts] == [[(Decimal("0.001"), 1)]] * 4


def test_a_credit_names_lines_that_there_are_and_each_once() -> None:
    """Every wrong one is told with its place."""
    wanted = [whole(7), whole(1), whole(2), whole(1), whole(0)]
    assert faults(note_of, MIXED, wanted=wanted) == [
        ("/lines/0/position", "credit.no_such_line"),
        ("/lines/3/position", "credit.line_twice"),
        ("/lines/4/position", "credit.no_such_line"),
    ]


@pytest.mark.parametrize("wanted", [[amount(0)], [minutes(0)], [amount(0), minutes(0, 2)], []])
def test_a_credit_of_nothing_is_none(wanted: list[WantedCredit]) -> None:
    """0 minutes, no money, or no line at all; it says what could be credited."""
    error = refused(note_of, MIXED, wanted=wanted)
    assert (error.kind, error.code, error.facts) == (ErrorKind.CONFLICT, "credit.nothing", {"creditable_minor": 251_20})


def test_what_was_credited_is_not_credited_again() -> None:
    """All of it, or the one line that is asked for."""
    note = note_of(MIXED, wanted=[whole(2)])
    assert refused(note_of, MIXED, note, wanted=[whole(2)]).code == "credit.nothing"
    assert refused(note_of, MIXED, note_of(MIXED, wanted=None), wanted=None).facts == {"creditable_minor": 0}


def test_a_line_of_nothing_among_others_is_left_out() -> None:
    """0 of the first and all of the second are one line, counted from one."""
    note = note_of(MIXED, wanted=[amount(0), whole(2)])
    assert [(line.position, line.credits_position) for line in note.lines] == [(1, 2)]


@pytest.mark.parametrize("wanted", [amount(100_01), amount(-1), minutes(61), minutes(-1)])
def test_no_more_of_a_line_goes_back_than_is_left_of_it(wanted: WantedCredit) -> None:
    """One cent or one minute too many, or anything that would charge anew, is refused with what is left."""
    invoice = make_parts(make_line(1, quantity=90), make_line(2))
    note = note_of(invoice, wanted=[minutes(30)])
    error = refused(note_of, invoice, note, wanted=[wanted])
    assert (error.kind, error.code) == (ErrorKind.CONFLICT, "credit.too_much")
    assert error.facts == {"position": 1, "quantity": 60, "net_minor": 100_00, "creditable_minor": 238_00}
    assert ("10000 minor units are left" if wanted.quantity is None else "60 minutes or pieces are left") in error.detail


@pytest.mark.parametrize("wanted", [amount(100_00), minutes(60), minutes(59), amount(99_99), whole(1)])
def test_all_of_a_line_that_is_left_may_go_back(wanted: WantedCredit) -> None:
    """At the limit it is allowed."""
    invoice = make_parts(make_line(1, quantity=90), make_line(2))
    note = note_of(invoice, wanted=[minutes(30)])
    assert len(note_of(invoice, note, wanted=[wanted]).lines) == 1

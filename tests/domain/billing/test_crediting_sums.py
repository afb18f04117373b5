"""Credits of parts: what is taken off goes back with what it was taken off, and discounts and taxes re-add to the invoice's."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing.invoices import LineKind
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.ground.errors import ErrorKind
from scheduler.domain.ground.ids import ContractId
from tests.domain.billing.credit_factories import amount, credits_of, in_turn, minutes, note_of, taxes, told, whole
from tests.domain.billing.invoice_factories import make_allowance, make_line, make_parts, make_piece
from tests.domain.billing.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.domain.billing.crediting import WantedCredit
    from scheduler.domain.billing.invoice_parts import InvoiceParts
    from scheduler.domain.billing.invoices import InvoiceLine

SEVEN = Decimal(7)
OTHER = ContractId("other")
CAPPED = make_parts(make_line(1), make_piece(2, "-30", kind=LineKind.CAP))
"""100.00 of work of which the cap left 70.00."""


def test_what_takes_something_off_goes_back_with_what_it_is_taken_off() -> None:
    """Of 100.00 that a cap of 70.00 cut, 70.00 can go back alone and not 70.01; with the line that cut it, all."""
    error = refused(note_of, CAPPED, wanted=[whole(1)])
    assert (error.kind, error.code) == (ErrorKind.CONFLICT, "credit.too_much")
    assert error.facts == {"net_minor": 70_00, "asked_minor": 100_00, "creditable_minor": 83_30}
    assert "With 19 % tax," in error.detail
    assert refused(note_of, CAPPED, wanted=[amount(70_01)]).facts["asked_minor"] == 70_01
    assert note_of(CAPPED, wanted=[amount(70_00)]).net_minor == 70_00
    both = note_of(CAPPED, wanted=None)
    assert (told(both), both.net_minor) == ([(1, "time", 60, 100_00), (2, "cap", -1, -30_00)], 70_00)


def test_what_takes_something_off_alone_would_be_a_charge() -> None:
    """The cap's line without the work is refused, whole, by amount and by half; with as much work it makes nothing, and is allowed."""
    assert refused(note_of, CAPPED, wanted=[whole(2)]).facts["asked_minor"] == -30_00
    assert refused(note_of, CAPPED, wanted=[amount(-10_00, 2)]).facts == {
        "net_minor": 70_00,
        "asked_minor": -10_00,
        "creditable_minor": 83_30,
    }
    made = note_of(CAPPED, wanted=[amount(-10_00, 2), amount(10_00)])
    assert (told(made), taxes(made)) == ([(2, "correction", -1, -10_00), (1, "correction", 1, 10_00)], [("19", 0, 0)])
    assert made.lines[0].unit_price == Decimal(10)


def test_what_takes_something_off_goes_back_whole_with_the_work() -> None:
    """At the limit it is allowed: the cap's 30.00 by amount, with all the work or half of it."""
    assert note_of(CAPPED, wanted=[amount(-30_00, 2), whole(1)]).net_minor == 70_00
    assert note_of(CAPPED, wanted=[amount(-30_00, 2), minutes(30)]).net_minor == 20_00


def test_a_tax_below_0_does_not_hinder_what_is_under_another() -> None:
    """Under 7 % only something is taken off: the work at 19 % is credited without it, and the invoice whole."""
    invoice = make_parts(make_line(1), make_piece(2, "-30", kind=LineKind.SCHEDULE, tax_percent=SEVEN))
    assert taxes(note_of(invoice, wanted=[whole(1)])) == [("19", 100_00, 19_00)]
    assert taxes(note_of(invoice, wanted=None)) == [("19", 100_00, 19_00), ("7", -30_00, -2_10)]


@pytest.mark.parametrize("wanted", [amount(1, 2), amount(-30_01, 2), minutes(1, 2), minutes(-2, 2)])
def test_a_line_below_0_goes_back_below_0_and_no_further(wanted: WantedCredit) -> None:
    """Neither more than was taken off nor anything on top of it."""
    assert refused(note_of, CAPPED, wanted=[whole(1), wanted]).facts == {
        "position": 2,
        "quantity": -1,
        "net_minor": -30_00,
        "creditable_minor": 83_30,
    }


def test_of_each_tax_no_more_goes_back_than_was_invoiced() -> None:
    """Work at 7 % that a fixed amount cut is not credited whole, however much else is on the invoice; earlier notes count."""
    seven = make_piece(2, "-30", kind=LineKind.SCHEDULE, tax_percent=SEVEN), make_line(3, tax_percent=SEVEN, contract_id=None)
    invoice = make_parts(make_line(1, quantity=600), *seven)
    assert refused(note_of, invoice, wanted=[whole(3)]).facts["net_minor"] == 70_00
    note = note_of(invoice, wanted=[amount(50_00, 3), whole(1)])
    assert refused(note_of, invoice, note, wanted=[amount(20_01, 3)]).facts == {
        "net_minor": 20_00,
        "asked_minor": 20_01,
        "creditable_minor": 21_40,
    }
    assert note_of(invoice, note, wanted=[amount(20_00, 3)]).net_minor == 20_00


def test_of_what_a_contracts_cap_counts_no_more_goes_back_than_was_invoiced() -> None:
    """Another contract under the same tax leaves room, yet of the capped one 70.00 are all; earlier notes count, by amount too."""
    invoice = make_parts(make_line(1, contract_id=OTHER, quantity=600), make_line(2), make_piece(3, "-30", kind=LineKind.CAP))
    error = refused(note_of, invoice, wanted=[whole(2)])
    assert error.facts == {"net_minor": 70_00, "asked_minor": 100_00, "creditable_minor": 1_273_30}
    assert "With work and expenses of the contract," in error.detail
    note = note_of(invoice, wanted=[amount(30_00, 2), minutes(300, 1)])
    again = note_of(invoice, note, wanted=[amount(20_00, 2)])
    assert refused(note_of, invoice, note, again, wanted=[amount(20_01, 2)]).facts["net_minor"] == 20_00
    assert note_of(invoice, note, again, wanted=[amount(20_00, 2)]).net_minor == 20_00
    assert note_of(invoice, note, again, wanted=None).net_minor == 520_00


def test_of_several_contracts_the_first_that_does_not_fit_is_told() -> None:
    """In the order of their ids, whatever that of the lines; lines of no contract are under no cap."""
    lines = [make_line(1, contract_id=ContractId("b")), make_piece(2, "-30", kind=LineKind.CAP, contract_id=ContractId("b"))]
    lines += [make_line(3, contract_id=ContractId("a"), quantity=120), make_piece(4, "-30", kind=LineKind.CAP, contract_id=ContractId("a"))]
    invoice = make_parts(*lines, make_line(5, quantity=600, contract_id=None), make_piece(6, "-1", contract_id=None))
    assert refused(note_of, invoice, wanted=[whole(1), whole(3)]).facts["net_minor"] == 170_00
    assert note_of(invoice, wanted=[whole(5)]).net_minor == 1_000_00


def test_a_deposit_that_is_drawn_does_not_bind_the_work() -> None:
    """It counts towards no cap: 100.00 of work go back without the draw, as long as its tax has as much left."""
    draw = make_piece(2, "-30", kind=LineKind.DEPOSIT_DRAW)
    invoice = make_parts(make_line(1), draw, make_line(3, contract_id=OTHER))
    assert told(note_of(invoice, wanted=[whole(1)])) == [(1, "time", 60, 100_00)]
    assert told(note_of(invoice, wanted=[amount(30_00), whole(2)]))[1] == (2, "deposit_draw", -1, -30_00)


def test_parts_of_a_discount_readd_to_it() -> None:
    """10 % off 33.33 + 66.67: 3.33 go back with the first and 6.67 with the second, on what they are reckoned."""
    invoice = make_parts(make_piece(1, "33.33"), make_piece(2, "66.67"), allowances=(make_allowance("10", 100_00),))
    first, second = in_turn(invoice, [whole(1)], [whole(2)])
    assert [(one.base_minor, one.amount_minor, one.percent) for one in first.allowances] == [(33_33, 3_33, Decimal(10))]
    assert [(one.base_minor, one.amount_minor) for one in second.allowances] == [(66_67, 6_67)]
    assert (first.net_minor, second.net_minor) == (30_00, 60_00)
    assert first.tax_minor + second.tax_minor == invoice.tax_minor


def test_a_discount_goes_back_half_up_and_never_as_a_line_of_0() -> None:
    """50 % off 3 cents are 2: with the first cent goes 0.67, so 1; with the second 1.33 less that, so none; with the last the other."""
    invoice = make_parts(make_piece(1, "0.03"), allowances=(make_allowance("50", 3),))
    notes = in_turn(invoice, [amount(1)], [amount(1)], [amount(1)])
    assert [[one.amount_minor for one in note.allowances] for note in notes] == [[1], [], [1]]
    assert [note.net_minor for note in notes] == [0, 1, 0]


def test_a_discount_is_of_its_contract_its_tax_and_no_deposit() -> None:
    """Only what it was taken off brings it back: not another contract's work, another tax, a deposit or the draw of one."""
    lines = [make_line(1), make_line(2, contract_id=OTHER), make_line(3, tax_percent=SEVEN), make_piece(4, "100", kind=LineKind.DEPOSIT)]
    off = (make_allowance("10", 100_00), make_allowance("20", 100_00, tax_percent=SEVEN))
    draw = make_piece(5, "-10", kind=LineKind.DEPOSIT_DRAW)
    invoice = make_parts(*lines, draw, allowances=off)
    notes = {position: note_of(invoice, wanted=[whole(position)]) for position in (1, 2, 3, 4)}
    assert {position: [one.amount_minor for one in note.allowances] for position, note in notes.items()} == {
        1: [10_00],
        2: [],
        3: [20_00],
        4: [],
    }
    after = note_of(invoice, notes[4], wanted=[amount(50_00, 1), whole(5)])
    assert [(one.base_minor, one.amount_minor) for one in after.allowances] == [(50_00, 5_00)]


def test_two_discounts_of_a_contract_are_told_apart_by_their_reason() -> None:
    """Each goes back by its own amount, and what went back of one is not taken for the other."""
    off = (make_allowance("10", 100_00), make_allowance("20", 100_00, reason="Late"), make_allowance("30", 100_00, contract_id=OTHER))
    invoice = make_parts(make_line(1), make_line(2, contract_id=OTHER), allowances=off)
    first, second = in_turn(invoice, [minutes(30), whole(2)], None)
    assert [(one.reason, one.amount_minor) for one in first.allowances] == [("Friends", 5_00), ("Late", 10_00), ("Friends", 30_00)]
    assert [(one.reason, one.amount_minor) for one in second.allowances] == [("Friends", 5_00), ("Late", 10_00)]


def test_no_more_of_a_discount_goes_back_than_was_given() -> None:
    """10 % off 100.00 - 30.00: the 100.00 alone bring back all 7.00 and no more; what took off brings back none, and is no base."""
    lines = [make_piece(1, "100", kind=LineKind.SCHEDULE), make_piece(2, "-30", kind=LineKind.SCHEDULE), make_line(3, contract_id=OTHER)]
    invoice = make_parts(*lines, allowances=(make_allowance("10", 70_00),))
    first, second = in_turn(invoice, [whole(1)], None)
    assert [(one.base_minor, one.amount_minor) for one in first.allowances] == [(100_00, 7_00)]
    assert second.allowances == ()
    assert second.net_minor == 70_00


def test_parts_of_a_tax_readd_to_it() -> None:
    """19 % on ten times 0.03 are 6 cents: they go back as the sum so far is rounded."""
    invoice = make_parts(*(make_piece(position, "0.03") for position in range(1, 11)))
    notes = in_turn(invoice, *([whole(position)] for position in range(1, 11)))
    assert [note.tax_minor for note in notes] == [1, 0, 1, 0, 1, 0, 1, 1, 0, 1]
    assert sum(note.tax_minor for note in notes) == invoice.tax_minor == 6


def test_the_tax_of_a_part_is_at_most_a_unit_away_from_its_own() -> None:
    """Where the notes that rounded down were given up, and then those that rounded up: 3 cents have a tax of 0 to 2 cents, whatever it lags."""
    invoice = make_parts(*(make_piece(position, "0.03") for position in range(1, 11)))
    notes = in_turn(invoice, *([whole(position)] for position in range(1, 11)))
    up = [note for note in notes[:9] if note.tax_minor == 1]
    down = [note for note in notes[:9] if note.tax_minor == 0]
    assert taxes(note_of(invoice, *up, wanted=[whole(10)])) == [("19", 3, 0)]
    assert taxes(note_of(invoice, *down, wanted=[whole(10)])) == [("19", 3, 2)]


def test_only_taxes_of_credited_lines_go_back_each_by_itself() -> None:
    """The second of three, then all: rates and categories are not mixed, and each keeps why it charges none."""
    none: dict[str, Any] = {"tax_percent": Decimal(0)}
    exempt = make_line(3, tax_category=TaxCategory.EXEMPT, **none)
    invoice = make_parts(make_line(1), make_line(2, tax_percent=SEVEN), exempt, make_line(4, tax_category=TaxCategory.ZERO, **none))
    first, second = in_turn(invoice, [minutes(30, 2), minutes(15, 3)], None)
    assert [(tax.category.value, tax.rate, tax.net_minor, tax.tax_minor, tax.exemption_reason) for tax in first.taxes] == [
        ("S", SEVEN, 50_00, 3_50, None),
        ("E", Decimal(0), 25_00, 0, "why E"),
    ]
    assert taxes(second) == [("19", 100_00, 19_00), ("7", 50_00, 3_50), ("0", 100_00, 0), ("0", 75_00, 0)]


LINES = st.tuples(st.integers(1, 5_000), st.sampled_from(["0.30", "0.5", "7.01", "100", "133.33"]), st.sampled_from(["19", "7"]))
STEPS = st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 12))


@given(
    lines=st.lists(LINES, min_size=1, max_size=4),
    percent=st.sampled_from(["0", "3.33", "10", "50", "100"]),
    steps=st.lists(STEPS, max_size=12),
)
def test_credits_in_any_parts_readd_to_the_invoice(
    *, lines: list[tuple[int, str, str]], percent: str, steps: list[tuple[int, bool, int]]
) -> None:
    """By minutes, by amount and at last the rest: lines, discounts and taxes come to the invoice's own to the cent, and then nothing is left."""
    made = [make_line(n, quantity=one[0], unit_price=Decimal(one[1]), tax_percent=Decimal(one[2])) for n, one in enumerate(lines, start=1)]
    bases = {rate: sum(line.net_minor for line in made if line.tax_percent == rate) for rate in sorted({line.tax_percent for line in made})}
    off = tuple(one for rate, base in bases.items() if (one := make_allowance(percent, base, tax_percent=rate)).amount_minor)
    invoice = make_parts(*made, allowances=off)
    notes: list[InvoiceParts] = []
    for index, is_amount, twelfths in steps:
        left = credits_of(invoice, *notes).left.lines[index % len(made)]
        part = (left.net_minor if is_amount else left.quantity) * twelfths // 12
        if part:
            notes.append(note_of(invoice, *notes, wanted=[(amount if is_amount else minutes)(part, left.position)]))
    if not credits_of(invoice, *notes).left.is_nothing:
        notes.append(note_of(invoice, *notes, wanted=None))
    assert all(tax.tax_minor >= 0 for note in notes for tax in note.taxes)
    for line in made:
        assert sum(_net_of(note.lines, line) for note in notes) == line.net_minor
    for one in off:
        assert sum(gone.amount_minor for note in notes for gone in note.allowances if gone.tax == one.tax) == one.amount_minor
    for tax in invoice.taxes:
        parts = [gone for note in notes for gone in note.taxes if gone.rate == tax.rate]
        assert (sum(gone.net_minor for gone in parts), sum(gone.tax_minor for gone in parts)) == (tax.net_minor, tax.tax_minor)
    assert credits_of(invoice, *notes).left.is_nothing


def _net_of(lines: Sequence[InvoiceLine], of: InvoiceLine) -> int:
    return sum(line.net_minor for line in lines if line.credits_position == of.position)

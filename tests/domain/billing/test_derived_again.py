"""Documents that are derived once more are what they were, whatever was left out of them and whatever was credited."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing.derived_again import as_left, credited_again, left_out
from scheduler.domain.billing.drafts import without_lines
from scheduler.domain.billing.invoices import InvoiceState, LineKind
from scheduler.domain.ground.errors import DomainError
from tests.domain.billing.contract_factories import make_contract
from tests.domain.billing.credit_factories import amount, in_turn, minutes, whole
from tests.domain.billing.invoice_factories import make_allowance, make_invoice, make_item, make_line, make_parts, make_piece
from tests.domain.billing.refusals import refused

if TYPE_CHECKING:
    from scheduler.domain.billing.crediting import WantedCredit
    from scheduler.domain.billing.invoice_parts import InvoiceParts

HEAD = make_invoice(InvoiceState.DRAFT)
CONTRACT = make_contract()
TWO_FARES = make_parts(
    make_line(1),
    make_piece(2, "20", description="Taxi"),
    make_piece(3, "20", description="Taxi"),
    make_line(4),
    items=(make_item(1, "a", 100_00), make_item(2, "b", 20_00), make_item(3, "c", 20_00), make_item(4, "d", 100_00)),
)
"""Two expenses of one day that read alike, and hours before and after them."""


@pytest.mark.parametrize("out", [(1,), (2,), (3,), (4,), (1, 2), (1, 3), (2, 3), (2, 4), (1, 2, 4), (1, 3, 4)], ids=str)
def test_lines_that_read_alike_are_told_apart_by_what_stands_on_them(out: tuple[int, ...]) -> None:
    """Of two fares the first was left out: it is the first that is missing, not the second."""
    stored = without_lines(HEAD, TWO_FARES, out)
    assert left_out(TWO_FARES, stored) == out
    assert as_left(HEAD, TWO_FARES, out, CONTRACT)[1].items == stored.items


def test_nothing_is_left_out_of_a_draft_that_is_whole() -> None:
    assert left_out(TWO_FARES, TWO_FARES) == ()


@pytest.mark.parametrize("change", [{"quantity": 61}, {"description": "Other"}, {"tax_percent": Decimal(7)}], ids=str)
def test_a_line_that_became_another_is_missing(change: dict[str, Any]) -> None:
    """And so are all after it, for none of them stands where it should."""
    stored = replace(TWO_FARES, lines=(make_line(1, **change), *TWO_FARES.lines[1:]))
    assert left_out(TWO_FARES, stored) == (1, 2, 3, 4)


def test_sums_of_what_is_left() -> None:
    """An hour of 100.00 with 10 % off and 19 % tax is left of two and a fare; 5 % are kept back until later."""
    parts = make_parts(make_line(1), make_line(2), make_piece(3, "20"), allowances=(make_allowance("10", 220_00),))
    head, left = as_left(HEAD, parts, (2, 3), make_contract(retention=Decimal("0.05"), retention_due_on=date(2027, 1, 31)))
    assert (head.net_minor, head.tax_minor, head.gross_minor) == (90_00, 17_10, 107_10)
    assert [(tax.rate, tax.net_minor, tax.tax_minor) for tax in left.taxes] == [(Decimal(19), 90_00, 17_10)]
    assert head.retained_minor == 5_36, "5 % of 107.10, half up"


def test_what_nobody_may_leave_out_is_refused() -> None:
    """Lines on which a cap rests, and all of them."""
    capped = make_parts(make_line(1), make_line(2), make_piece(3, "-50", kind=LineKind.CAP))
    assert refused(as_left, HEAD, capped, (1,), CONTRACT).code == "invoice.lines_depend"
    assert refused(as_left, HEAD, TWO_FARES, (1, 2, 3, 4), CONTRACT).code == "invoice.nothing_left"


INVOICE = make_parts(
    make_line(1, quantity=90),
    make_line(2, quantity=7, unit_price=Decimal("33.33")),
    make_piece(3, "20"),
    make_piece(4, "10", tax_percent=Decimal(7)),
    allowances=(make_allowance("10", 170_00 + 3_89), make_allowance("10", 10_00, tax_percent=Decimal(7))),
)

_CREDITS = st.one_of(
    st.builds(minutes, st.integers(1, 30), st.just(1)),
    st.builds(minutes, st.integers(1, 3), st.just(2)),
    st.builds(amount, st.integers(1, 4_00), st.integers(1, 4)),
    st.builds(whole, st.integers(1, 4)),
)


def _notes(asked: list[list[WantedCredit]]) -> list[InvoiceParts]:
    """Credit notes of what is still left of what was asked for."""
    steps: list[list[WantedCredit]] = []
    for wanted in asked:
        once = list({one.position: one for one in wanted}.values())
        try:
            in_turn(INVOICE, *steps, once)
        except DomainError:
            continue  # of more than is left nothing is credited
        steps.append(once)
    return in_turn(INVOICE, *steps)


@given(st.lists(st.lists(_CREDITS, min_size=1, max_size=3), max_size=4))
def test_credit_notes_are_made_once_more_of_what_they_name(asked: list[list[WantedCredit]]) -> None:
    """By quantity, by amount, whole lines, one after the other: each comes out as it was, to the cent."""
    notes = _notes(asked)
    for number, note in enumerate(notes):
        assert credited_again(INVOICE, notes[:number], note, currency="EUR") == note


def test_a_note_that_names_more_than_was_left_is_not_made_again() -> None:
    """Not even where the note itself says so."""
    (note,) = in_turn(INVOICE, [whole(3)])
    assert refused(credited_again, INVOICE, [note], note, currency="EUR").code == "credit.too_much"

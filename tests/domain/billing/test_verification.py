"""Rows that are not what follows from the rest are named, with the column, what it says and what it should."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.billing.content import chained, content_sha256
from scheduler.domain.billing.invoices import InvoiceKind, InvoiceLine
from scheduler.domain.billing.roll_forward import BalanceMonth, Opening
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.billing.verification import (
    Difference,
    check_balances,
    check_content,
    check_document,
    check_parts,
    check_series,
    check_taxes,
    differences,
)
from tests.domain.billing.invoice_factories import make_allowance, make_invoice, make_item, make_line, make_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scheduler.domain.billing.invoice_parts import InvoiceParts

JAN, FEB, MAR = (date(2026, month, 1) for month in (1, 2, 3))
PARTS = make_parts(
    make_line(1),
    make_line(2, tax_percent=Decimal(7)),
    allowances=(make_allowance("10", 100_00),),
    items=(make_item(1, "e1", 60_00), make_item(1, "e2", 40_00)),
)
"""100.00 less 10.00 at 19 % and 100.00 at 7 %: 190.00, 17.10 + 7.00 of tax."""


def told(found: Iterable[Difference]) -> list[str]:
    return [str(one) for one in found]


def head(**changes: Any) -> dict[str, Any]:
    """Of the parts, in dollars at 0.5."""
    plain: dict[str, Any] = {
        "id": "i",
        "kind": InvoiceKind.INVOICE,
        "currency": "USD",
        "net_minor": 190_00,
        "tax_minor": 24_10,
        "gross_minor": 214_10,
        "home_currency": "EUR",
        "home_rate": Decimal("0.5"),
        "home_net_minor": 95_00,
        "home_tax_minor": 12_05,
        "home_gross_minor": 107_05,
        "taken_over_on": None,
    }
    return {**plain, **changes}


def rows(parts: InvoiceParts = PARTS) -> dict[str, list[dict[str, Any]]]:
    taxes = [{"category": one.category, "percent": one.rate, "net_minor": one.net_minor, "tax_minor": one.tax_minor} for one in parts.taxes]
    return {"lines": [asdict(one) for one in parts.lines], "allowances": [asdict(one) for one in parts.allowances], "taxes": taxes}


def test_a_document_that_adds_up_has_no_difference() -> None:
    """Also one that has no worth in the firm's currency yet."""
    assert not told(check_document(head(), **rows()))
    assert not told(check_document(head(home_net_minor=None, home_tax_minor=None, home_gross_minor=None), **rows()))


@pytest.mark.parametrize(
    ("column", "says"),
    [
        ("net_minor", "invoices i: net_minor is 19001, and 19000 follows from the rest"),
        ("tax_minor", "invoices i: tax_minor is 2411, and 2410 follows from the rest"),
        ("gross_minor", "invoices i: gross_minor is 21411, and 21410 follows from the rest"),
        ("home_net_minor", "invoices i: home_net_minor is 9501, and 9500 follows from the rest"),
        ("home_tax_minor", "invoices i: home_tax_minor is 1206, and 1205 follows from the rest"),
        ("home_gross_minor", "invoices i: home_gross_minor is 10706, and 10705 follows from the rest"),
    ],
)
def test_a_sum_of_a_head_follows_from_its_lines(column: str, says: str) -> None:
    """One minor unit more is named; what depends on it too, but first of all the sum itself."""
    found = told(check_document(head(**{column: head()[column] + 1}), **rows()))
    assert found[0] == says


def test_lines_and_taxes_follow_from_quantity_price_and_discount() -> None:
    """Each with the invoice and its place, or its category and percent; a tax of no line, and one that is missing."""
    wrong = rows()
    wrong["lines"][0]["net_minor"] += 1
    assert told(check_document(head(), **wrong)) == ["invoice_lines i/1: net_minor is 10001, and 10000 follows from the rest"]
    wrong = rows()
    wrong["allowances"][0]["amount_minor"] -= 1_00
    assert told(check_document(head(), **wrong))[:2] == [
        "invoice_taxes i/S 19: net_minor is 9000, and 9100 follows from the rest",
        "invoice_taxes i/S 19: tax_minor is 1710, and 1729 follows from the rest",
    ]
    wrong = rows()
    (lost,) = (one for one in wrong["taxes"] if one["percent"] == 7)
    wrong["taxes"] = [one if one is not lost else {**lost, "percent": Decimal(5)} for one in wrong["taxes"]]
    assert told(check_document(head(), **wrong)) == [
        "invoice_taxes i/S 5: net_minor is 10000, and nothing follows from the rest",
        "invoice_taxes i/S 5: tax_minor is 700, and nothing follows from the rest",
        "invoice_taxes i/S 7: net_minor is nothing, and 10000 follows from the rest",
        "invoice_taxes i/S 7: tax_minor is nothing, and 700 follows from the rest",
    ]


@pytest.mark.parametrize(
    ("changes", "tax", "is_taken"),
    [
        ({"kind": InvoiceKind.CREDIT_NOTE}, 17_11, True),
        ({"taken_over_on": MAR}, 17_10, True),
        ({"taken_over_on": MAR}, 17_12, False),
        ({}, 17_11, False),
    ],
)
def test_taxes_that_follow_from_more_than_the_document(changes: Mapping[str, Any], tax: int, is_taken: bool) -> None:
    """A credit note's depend on those before; of what was taken over any is right that its percent makes; of an invoice one alone."""
    found = rows()
    (own,) = (one for one in found["taxes"] if one["percent"] == 19)
    more = tax - own["tax_minor"]
    own["tax_minor"] = tax
    home = head()["home_tax_minor"] + more // 2 + more % 2
    sums = {"tax_minor": 24_10 + more, "gross_minor": 214_10 + more, "home_tax_minor": home, "home_gross_minor": 95_00 + home}
    assert (told(check_document(head(**changes, **sums), **found)) == []) is is_taken


def test_the_hash_of_what_was_issued_follows_from_it() -> None:
    """One word changed, and another hash follows."""
    invoice = make_invoice()
    invoice = replace(invoice, content_sha256=content_sha256(invoice, PARTS))
    assert not told(check_content(invoice, PARTS))
    (found,) = check_content(invoice, replace(PARTS, lines=(replace(PARTS.lines[0], description="Other"), *PARTS.lines[1:])))
    assert (found.table, found.row, found.column, found.stored) == ("invoices", "invoice", "content_sha256", invoice.content_sha256)


SERIES = ("firm", "invoice")
FIRST = chained(None, "a")
SECOND = chained(FIRST, "b")
NUMBERED = (
    make_invoice(id="i1", sequence=1, content_sha256="a", chain_sha256=FIRST),
    make_invoice(id="i2", sequence=2, content_sha256="b", chain_sha256=SECOND),
)


def test_numbers_count_without_a_gap_each_chained_to_the_one_before() -> None:
    """In whatever order they are read; those of other books are in no sequence, and one without a hash is chained as nothing."""
    assert not told(check_series(reversed(NUMBERED), {SERIES: (2, SECOND)}))
    others = make_invoice(id="o", sequence=None, series=None, taken_over_on=MAR)
    assert not told(check_series((*NUMBERED, others), {SERIES: (2, SECOND)}))
    assert not told(check_series((), {}))
    bare = make_invoice(id="i1", chain_sha256=chained(None, ""))
    assert not told(check_series((bare,), {SERIES: (1, chained(None, ""))}))


def test_a_number_that_is_missing_changed_or_not_counted_is_named() -> None:
    """A gap, another chain, a counter that stands elsewhere, a sequence of nobody's."""
    gap = (NUMBERED[0], replace(NUMBERED[1], sequence=3))
    assert told(check_series(gap, {SERIES: (2, SECOND)})) == ["invoices i2: sequence is 3, and 2 follows from the rest"]
    torn = (NUMBERED[0], replace(NUMBERED[1], chain_sha256="x"))
    assert told(check_series(torn, {SERIES: (2, SECOND)})) == [f"invoices i2: chain_sha256 is x, and {SECOND} follows from the rest"]
    assert told(check_series(NUMBERED, {SERIES: (3, "y")})) == [
        "number_series firm/invoice: last is 3, and 2 follows from the rest",
        f"number_series firm/invoice: chain_sha256 is y, and {SECOND} follows from the rest",
    ]
    assert told(check_series((), {("firm", "credit_note"): (1, None)})) == [
        "number_series firm/credit_note: last is 1, and 0 follows from the rest"
    ]
    assert told(check_series(NUMBERED, {}))[0] == "number_series firm/invoice: last is 0, and 2 follows from the rest"


def month(day: date, opening: int, earned: int, opening_home: int = 0) -> BalanceMonth:
    """A month that earns, at half of it in the firm's currency."""
    zero = dict.fromkeys(("billed_minor", "adjusted_minor", "billed_home_minor", "adjusted_home_minor", "exchange_home_minor"), 0)
    return BalanceMonth(
        month=day, opening_minor=opening, earned_minor=earned, opening_home_minor=opening_home, earned_home_minor=earned // 2, **zero
    )


def kept(row: BalanceMonth, **changes: Any) -> tuple[dict[str, Any], BalanceMonth]:
    stored = {
        "month": row.month,
        "opening_minor": row.opening_minor,
        "opening_home_minor": row.opening_home_minor,
        "closing_minor": row.closing_minor,
        "closing_home_minor": row.closing_home_minor,
    }
    return {**stored, **changes}, row


def test_months_open_with_what_the_one_before_left() -> None:
    """The first with nothing, or with what was taken over; each follows the one before."""
    first, second = month(JAN, 0, 100), month(FEB, 100, 20, 50)
    assert not told(check_balances("c", [kept(first), kept(second)], None))
    opening = Opening(month=JAN, earned_minor=30, billed_minor=10, home_minor=15)
    assert not told(check_balances("c", [kept(month(JAN, 20, 4, 15))], opening))
    assert told(check_balances("c", [kept(first)], opening)) == [
        "contract_balances c/2026-01: opening_minor is 0, and 20 follows from the rest",
        "contract_balances c/2026-01: opening_home_minor is 0, and 15 follows from the rest",
    ]
    for column, value in (("closing_minor", 100), ("closing_home_minor", 50)):
        wrong = kept(first, **{column: value + 1})
        assert told(check_balances("c", [wrong], None)) == [
            f"contract_balances c/2026-01: {column} is {value + 1}, and {value} follows from the rest"
        ]
    late = kept(replace(second, month=MAR))
    assert told(check_balances("c", [kept(first), late], None)) == [
        "contract_balances c/2026-03: month is 2026-03-01, and 2026-02-01 follows from the rest"
    ]


LINE_COLUMNS: dict[str, Any] = {
    "unit_price": Decimal(101),
    "quantity": 61,
    "net_minor": 1,
    "tax_category": TaxCategory.ZERO,
    "tax_percent": Decimal(7),
    "contract_id": "other",
    "project_id": "other",
    "person_id": "other",
    "service_from": JAN,
    "service_until": JAN,
    "tells_cost": True,
    "credits_position": 7,
}


@pytest.mark.parametrize("column", LINE_COLUMNS)
def test_a_column_of_a_line_that_does_not_come_of_the_work_is_named(column: str) -> None:
    """Words and trails may differ: the hash holds them."""
    line: InvoiceLine = replace(PARTS.lines[0], **{column: LINE_COLUMNS[column]}, description="Erased person", trail=())
    (found,) = check_parts("i", replace(PARTS, lines=(line, PARTS.lines[1])), PARTS)
    assert (found.table, found.row, found.column) == ("invoice_lines", "i/1", column)
    wanted = getattr(PARTS.lines[0], column)
    assert (found.stored, found.derived) == (str(LINE_COLUMNS[column]), "nothing" if wanted is None else str(wanted))


def test_what_stands_on_lines_and_their_discounts_come_of_the_work() -> None:
    """Another amount, another thing, one too many, one too few."""
    assert not told(check_parts("i", PARTS, PARTS))
    first, second = PARTS.items
    other: dict[str, Any] = {"net_minor": 1, "day": JAN, "person_id": "bob", "minutes": 1, "billed_minutes": 1, "position": 2}
    for column, value in other.items():
        (found,) = check_parts("i", replace(PARTS, items=(replace(first, **{column: value}), second)), PARTS)
        assert (found.table, found.row, found.column) == ("invoice_items", "i/time_entry/e1", column)
    assert told(check_parts("i", replace(PARTS, items=(first,)), PARTS)) == [
        "invoice_items i/time_entry/e2: source_id is nothing, and time_entry/e2 follows from the rest"
    ]
    assert told(check_parts("i", PARTS, replace(PARTS, items=(first,)))) == [
        "invoice_items i/time_entry/e2: source_id is time_entry/e2, and nothing follows from the rest"
    ]
    (off,) = PARTS.allowances
    of_discount: dict[str, Any] = {"amount_minor": 9, "base_minor": 9, "percent": Decimal(9), "contract_id": "x", "tax_percent": Decimal(7)}
    for column, value in of_discount.items():
        (found,) = check_parts("i", replace(PARTS, allowances=(replace(off, **{column: value}),)), PARTS)
        assert (found.table, found.row, found.column) == ("invoice_allowances", "i/1", column)
    assert told(check_parts("i", replace(PARTS, lines=PARTS.lines[:1]), PARTS)) == [
        "invoice_lines i/2: position is nothing, and 2 follows from the rest"
    ]


def test_the_taxes_of_a_credit_note_follow_from_those_before() -> None:
    """By category and percent, however that is written."""
    tax = PARTS.taxes[0]
    same = replace(PARTS, taxes=(replace(tax, rate=Decimal("19.00")), *PARTS.taxes[1:]))
    assert not told(check_taxes("i", same, PARTS))
    for column in ("net_minor", "tax_minor"):
        value = getattr(tax, column)
        wrong = replace(PARTS, taxes=(replace(tax, **{column: value + 1}), *PARTS.taxes[1:]))
        assert told(check_taxes("i", wrong, PARTS)) == [f"invoice_taxes i/S 19: {column} is {value + 1}, and {value} follows from the rest"]


def test_long_values_are_cut_and_only_what_follows_is_looked_at() -> None:
    """200 characters say enough."""
    (found,) = differences("t", "r", {"a": "x" * 300, "b": 1}, {"a": "y" * 300})
    assert (found.stored, found.derived) == ("x" * 200, "y" * 200)
    assert not told(differences("t", "r", {"a": 1, "b": 2}, {"a": 1}))

"""What was issued as one text, and the chain of hashes: whoever changes or takes out anything shows."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing.content import HEAD, TAKEN_OVER, chained, content_of, content_sha256
from scheduler.domain.billing.document_lines import TaxLine
from scheduler.domain.billing.invoice_parts import InvoiceParts
from scheduler.domain.billing.invoices import Invoice, InvoiceState, ItemKind
from scheduler.domain.billing.tax_codes import TaxCategory
from tests.domain.billing.invoice_factories import make_allowance, make_invoice, make_item, make_line

HEAD_OF = make_invoice(parties={"seller": {"name": "Müller", "address_lines": ["Weg 1"]}, "buyer": None}, home_rate=Decimal("0.90"))
STANDARD, LOWER = (
    TaxLine(category=TaxCategory.STANDARD, rate=Decimal(rate), net_minor=net, tax_minor=tax)
    for rate, net, tax in (("19", 90_00, 17_10), ("7", 1, 0))
)
EXEMPT = TaxLine(category=TaxCategory.EXEMPT, rate=Decimal(0), net_minor=5, tax_minor=0, exemption_reason="Exempt")
PARTS = InvoiceParts(
    lines=(make_line(1, service_from=date(2026, 3, 2), trail=({"rule": "rate", "figures": {"rate": "100"}},)), make_line(2)),
    allowances=(make_allowance("10", 100_00), make_allowance("5", 100_00)),
    taxes=(EXEMPT, LOWER, STANDARD),
    items=(make_item(1, "a", 60_00), make_item(1, "b", 40_00), make_item(2, "c", 1, kind=ItemKind.EXPENSE)),
)


def plain(head: Invoice = HEAD_OF, parts: InvoiceParts = PARTS) -> dict[str, Any]:
    found = json.loads(content_of(head, parts))
    assert isinstance(found, dict)
    return found


def test_what_was_issued_is_one_text_that_says_all_of_it() -> None:
    """Keys in order without spaces, letters as they are, days and decimals as text, decimals without idle zeros."""
    item = make_item(1, "a", 100_00)
    made = content_of(make_invoice(note="Müller"), InvoiceParts(lines=(), items=(item,), taxes=(STANDARD,)))
    assert made == (
        '{"allowances":[],"head":{"client_id":"acme","contract_id":null,"credits_id":null,"currency":"EUR","due_on":"2026-04-09",'
        '"gross_minor":11900,"home_currency":"EUR","home_gross_minor":null,"home_net_minor":null,"home_rate":"1","home_rate_on":null,'
        '"home_rate_source":null,"home_tax_minor":null,"id":"invoice","issued_on":"2026-03-10","kind":"invoice","language":"en",'
        '"legal_entity_id":"firm","net_minor":10000,"note":"Müller","number":"INV-1","parties":null,"payment_days":30,"period_end":null,'
        '"period_start":null,"retained_minor":0,"retention_due_on":null,"sequence":1,"series":"invoice","tax_minor":1900},'
        '"items":[{"billed_minutes":null,"day":"2026-03-02","kind":"time_entry","minutes":null,"net_minor":10000,"person_id":null,'
        '"position":1,"source_id":"a"}],"lines":[],"taxes":[{"category":"S","exemption_code":null,"exemption_reason":null,'
        '"net_minor":9000,"rate":"19","tax_minor":1710}]}'
    )


def test_values_of_every_sort_are_told_plainly() -> None:
    """What is nested too: the parties of the head and the trail of a line, whose pairs may come as a tuple or a list."""
    assert plain()["head"]["parties"] == {"seller": {"name": "Müller", "address_lines": ["Weg 1"]}, "buyer": None}
    assert plain()["head"]["home_rate"] == "0.9"
    first = plain()["lines"][0]
    assert first["trail"] == [{"rule": "rate", "figures": {"rate": "100"}}]
    assert (first["unit_price"], first["kind"], first["service_from"], first["tells_cost"]) == ("100", "time", "2026-03-02", False)
    pairs = (Decimal("1.50"), [date(2026, 1, 2), ItemKind.EXPENSE])
    line = replace(PARTS.lines[0], trail=({"pairs": pairs},))
    assert plain(parts=replace(PARTS, lines=(line,)))["lines"][0]["trail"] == [{"pairs": ["1.5", ["2026-01-02", "expense"]]}]


def test_the_order_in_which_rows_are_read_does_not_matter() -> None:
    """Lines by position, taxes by category and rate, items by kind and source; discounts keep the order in which they were made."""
    turned = replace(PARTS, lines=PARTS.lines[::-1], taxes=PARTS.taxes[::-1], items=PARTS.items[::-1])
    assert content_of(HEAD_OF, turned) == content_of(HEAD_OF, PARTS)
    found = plain(parts=turned)
    assert [line["position"] for line in found["lines"]] == [1, 2]
    assert [(tax["category"], tax["rate"]) for tax in found["taxes"]] == [("E", "0"), ("S", "7"), ("S", "19")]
    assert [(item["kind"], item["source_id"]) for item in found["items"]] == [("expense", "c"), ("time_entry", "a"), ("time_entry", "b")]
    assert content_of(HEAD_OF, replace(PARTS, allowances=PARTS.allowances[::-1])) != content_of(HEAD_OF, PARTS)


def test_decimals_that_are_the_same_number_are_the_same_text() -> None:
    """However a database writes them: 100, 100.0 and 1E+2."""
    texts = {content_of(HEAD_OF, replace(PARTS, lines=(make_line(1, unit_price=Decimal(one)),))) for one in ("100", "100.00", "1E+2")}
    assert len(texts) == 1


def test_what_is_no_number_is_not_frozen() -> None:
    """JSON has no word for it, so nobody could read it again."""
    line = make_line(1, trail=({"rule": "rate", "figures": {"rate": math.nan}},))
    with pytest.raises(ValueError, match="JSON"):
        content_of(HEAD_OF, replace(PARTS, lines=(line,)))


def other(value: Any) -> Any:
    """Something of the same sort that is not the same."""
    if isinstance(value, Enum):
        return next(one for one in type(value) if one is not value)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | Decimal):
        return value + 1
    if isinstance(value, date):
        return value.replace(day=28)
    if isinstance(value, tuple):
        return (*value, {"rule": "more"})
    return f"{value or ''}x"


@pytest.mark.parametrize("name", [name for name in HEAD if name not in {"gross_minor", "parties"}])
def test_every_change_of_the_head_shows(name: str) -> None:
    """Whatever of it was issued."""
    changes = {name: other(getattr(HEAD_OF, name))}
    if name in {"net_minor", "tax_minor"}:
        changes["gross_minor"] = HEAD_OF.gross_minor + 1
    assert content_sha256(replace(HEAD_OF, **changes), PARTS) != content_sha256(HEAD_OF, PARTS)


def test_every_change_of_the_parties_shows() -> None:
    """They are frozen with the invoice."""
    assert content_sha256(replace(HEAD_OF, parties={"seller": None, "buyer": None}), PARTS) != content_sha256(HEAD_OF, PARTS)


AFTERWARDS: dict[str, Any] = {
    "state": InvoiceState.VOID,
    "reason": "Wrong",
    "approved_by": "x",
    "issued_by": "x",
    "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    "content_sha256": "x",
    "chain_sha256": "x",
    "external_id": "x",
    "version": 9,
    "tells_cost": True,
}


@pytest.mark.parametrize("name", AFTERWARDS)
def test_what_may_change_afterwards_is_not_part_of_it(name: str) -> None:
    """An invoice that becomes void is still the one that was issued."""
    assert content_sha256(replace(HEAD_OF, **{name: AFTERWARDS[name]}), PARTS) == content_sha256(HEAD_OF, PARTS)


def test_the_head_is_told_whole() -> None:
    """What is not part of it is known: a field that is added has to be one or the other."""
    assert {field.name for field in fields(Invoice)} - set(HEAD) == set(AFTERWARDS) | {"approved_at", "issued_at"} | set(TAKEN_OVER)


@pytest.mark.parametrize("change", [{"taken_over_on": date(2026, 3, 2)}, {"paid_before_minor": 2}])
def test_what_was_taken_over_is_told_with_its_day_and_what_was_paid(change: dict[str, Any]) -> None:
    """Of an invoice of other books alone: the hashes of all others stay what they were."""
    others = replace(HEAD_OF, taken_over_on=date(2026, 3, 1), paid_before_minor=1)
    assert content_sha256(replace(others, **change), PARTS) != content_sha256(others, PARTS)
    assert content_sha256(replace(HEAD_OF, paid_before_minor=1), PARTS) == content_sha256(HEAD_OF, PARTS)


@pytest.mark.parametrize("part", ["lines", "allowances", "taxes", "items"])
def test_every_change_of_a_row_shows(part: str) -> None:
    """Each column of each row, a row that is gone, and one that is there twice."""
    rows = getattr(PARTS, part)
    known = content_sha256(HEAD_OF, PARTS)
    for index, row in enumerate(rows):
        for field in fields(row):
            changed = replace(row, **{field.name: other(getattr(row, field.name))})
            made = replace(PARTS, **{part: (*rows[:index], changed, *rows[index + 1 :])})
            assert content_sha256(HEAD_OF, made) != known, (field.name, index)
    assert content_sha256(HEAD_OF, replace(PARTS, **{part: rows[1:]})) != known
    assert content_sha256(HEAD_OF, replace(PARTS, **{part: (*rows, rows[0])})) != known


def test_the_hash_is_that_of_the_text() -> None:
    """SHA-256 in hexadecimal digits, of UTF-8."""
    assert content_sha256(HEAD_OF, PARTS) == sha256(content_of(HEAD_OF, PARTS).encode("utf-8")).hexdigest()


def test_the_chain_goes_on_from_the_document_before() -> None:
    """The first has none before it."""
    first = chained(None, "aa")
    assert first == sha256(b"aa").hexdigest() == chained("", "aa")
    assert chained(first, "bb") == sha256(f"{first}bb".encode()).hexdigest()


@given(contents=st.lists(st.text("0123456789abcdef", min_size=8, max_size=8), min_size=2, max_size=8, unique=True), place=st.integers(0, 7))
def test_taking_a_document_out_breaks_the_chain(contents: list[str], place: int) -> None:
    """Of every number after it, wherever it was; so does another content in its place."""

    def chain(told: list[str]) -> list[str]:
        found: list[str] = []
        for one in told:
            found.append(chained(found[-1] if found else None, one))
        return found

    at = place % (len(contents) - 1)
    whole = chain(contents)
    without = chain(contents[:at] + contents[at + 1 :])
    assert set(without[at:]).isdisjoint(whole)
    changed = chain([*contents[:at], "changed", *contents[at + 1 :]])
    assert changed[:at] == whole[:at]
    assert set(changed[at:]).isdisjoint(whole)

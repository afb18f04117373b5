"""Lines, discounts and reasons of a document: what each of them takes, and the place and rule of what it does not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from scheduler.domain.billing.document_lines import (
    DESCRIPTION_MAX,
    PRICE_MAX,
    QUANTITY_MAX,
    SUM_MAX,
    Allowance,
    DocumentLine,
    ExemptionReason,
    LineUnit,
)
from scheduler.domain.billing.tax_codes import PERCENT_MAX, TaxCategory
from scheduler.domain.ground.checks import NAME_MAX
from tests.domain.billing.refusals import faults, refused

DAY = date(2026, 11, 30)
NO_NUMBER = Decimal("NaN")


def make_line(**changes: Any) -> DocumentLine:
    fields: dict[str, Any] = {
        "position": 1,
        "description": "Work",
        "unit": LineUnit.MINUTE,
        "quantity": 60,
        "unit_price": Decimal(100),
        "net_minor": 100_00,
        "tax_category": TaxCategory.STANDARD,
        "tax_rate": Decimal(19),
    }
    return DocumentLine(**{**fields, **changes})


def make_discount(**changes: Any) -> Allowance:
    fields: dict[str, Any] = {
        "reason": "Friends",
        "base_minor": 100_00,
        "percent": Decimal(10),
        "amount_minor": 10_00,
        "tax_category": TaxCategory.STANDARD,
        "tax_rate": Decimal(19),
    }
    return Allowance(**{**fields, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"description": "d" * DESCRIPTION_MAX, "note": "n" * DESCRIPTION_MAX},
        {"description": "one\n\ttwo", "note": "three\nfour"},
        {"note": None},
        {"position": 10_000},
        *({"net_minor": sign * SUM_MAX, "quantity": sign * QUANTITY_MAX} for sign in (1, -1)),
        {"quantity": 0},
        {"unit_price": Decimal(0)},
        {"unit_price": PRICE_MAX},
        {"tax_rate": PERCENT_MAX},
        {"tax_rate": Decimal("0.5")},
        *({"tax_rate": Decimal(0), "tax_category": one} for one in TaxCategory if one is not TaxCategory.STANDARD),
        {"service_from": DAY, "service_until": DAY},
        {"service_from": DAY, "service_until": None},
        {"service_from": None, "service_until": DAY},
    ],
    ids=str,
)
def test_what_a_line_just_takes(changes: dict[str, Any]) -> None:
    """As it is given."""
    made = make_line(**changes)
    assert {name: getattr(made, name) for name in changes} == changes


def test_texts_of_a_line_are_without_space_around_them() -> None:
    """And their lines end alike on every machine."""
    made = make_line(description=" a\r\nb ", note=" c\r\nd ")
    assert (made.description, made.note) == ("a\nb", "c\nd")


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"description": " "}, [("/description", "text.empty")]),
        ({"description": "d" * (DESCRIPTION_MAX + 1)}, [("/description", "text.too_long")]),
        ({"description": "a\x07"}, [("/description", "text.control")]),
        ({"note": "n" * (DESCRIPTION_MAX + 1)}, [("/note", "text.too_long")]),
        ({"note": "a\x07"}, [("/note", "text.control")]),
        ({"position": 0}, [("/position", "number.out_of_range")]),
        *(({"net_minor": sign * (SUM_MAX + 1)}, [("/net_minor", "number.out_of_range")]) for sign in (1, -1)),
        *(({"quantity": sign * (QUANTITY_MAX + 1)}, [("/quantity", "number.out_of_range")]) for sign in (1, -1)),
        ({"unit_price": Decimal("-0.01")}, [("/unit_price", "number.out_of_range")]),
        ({"unit_price": PRICE_MAX + 1}, [("/unit_price", "number.out_of_range")]),
        ({"unit_price": NO_NUMBER}, [("/unit_price", "number.not_finite")]),
        ({"tax_rate": PERCENT_MAX + 1}, [("/tax_rate", "number.out_of_range")]),
        ({"tax_rate": NO_NUMBER}, [("/tax_rate", "number.not_finite")]),
        ({"tax_rate": Decimal(0)}, [("/tax_rate", "tax.rate_of_category")]),
        ({"tax_category": TaxCategory.EXPORT}, [("/tax_rate", "tax.rate_of_category")]),
        ({"tax_category": TaxCategory.ZERO, "tax_rate": Decimal("0.5")}, [("/tax_rate", "tax.rate_of_category")]),
        ({"service_from": DAY, "service_until": date(2026, 11, 29)}, [("/service_until", "interval.reversed")]),
    ],
    ids=str,
)
def test_what_a_line_does_not_take(changes: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """Each is named with its place and its rule."""
    assert faults(make_line, **changes) == wanted


@pytest.mark.parametrize(
    "changes",
    [
        {"percent": None, "amount_minor": 3},
        {"base_minor": 0, "amount_minor": 0},
        {"base_minor": SUM_MAX, "amount_minor": SUM_MAX, "percent": Decimal(100)},
        {"percent": Decimal(0), "amount_minor": 0},
        {"base_minor": 5, "amount_minor": 1},
        {"reason": "r" * NAME_MAX},
    ],
    ids=str,
)
def test_what_a_discount_just_takes(changes: dict[str, Any]) -> None:
    """A fixed amount, none, all of it; half a cent is one."""
    made = make_discount(**changes)
    assert {name: getattr(made, name) for name in changes} == changes
    assert made.tax == (TaxCategory.STANDARD, Decimal(19))


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"reason": ""}, [("/reason", "text.empty")]),
        ({"reason": "r" * (NAME_MAX + 1)}, [("/reason", "text.too_long")]),
        ({"tax_rate": Decimal(0)}, [("/tax_rate", "tax.rate_of_category")]),
        ({"percent": None, "amount_minor": -1}, [("/amount_minor", "number.out_of_range")]),
        ({"percent": None, "amount_minor": SUM_MAX + 1}, [("/amount_minor", "number.out_of_range")]),
        ({"percent": None, "base_minor": -1}, [("/base_minor", "number.out_of_range")]),
        ({"percent": None, "base_minor": SUM_MAX + 1}, [("/base_minor", "number.out_of_range")]),
        ({"percent": PERCENT_MAX + 1, "amount_minor": 100_00 + 1_00}, [("/percent", "number.out_of_range")]),
        ({"percent": Decimal(-1), "amount_minor": 0}, [("/percent", "number.out_of_range"), ("/amount_minor", "invoice.sums")]),
        ({"percent": NO_NUMBER}, [("/percent", "number.not_finite")]),
        ({"amount_minor": 10_01}, [("/amount_minor", "invoice.sums")]),
        ({"amount_minor": 9_99}, [("/amount_minor", "invoice.sums")]),
    ],
    ids=str,
)
def test_what_a_discount_does_not_take(changes: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """Each is named with its place and its rule."""
    assert faults(make_discount, **changes) == wanted


@pytest.mark.parametrize("given", [{"text": " Export "}, {"code": "VATEX-EU-AE"}, {"text": "Export", "code": "VATEX-EU-143-1A"}], ids=str)
def test_why_no_tax_is_charged(given: dict[str, str]) -> None:
    """In words, by a code, or both; without space around them."""
    made = ExemptionReason(**given)
    assert (made.text, made.code) == tuple(given[name].strip() if name in given else None for name in ("text", "code"))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, [("/text", "tax.reason_missing")]),
        ({"text": "t" * (NAME_MAX + 1)}, [("/text", "text.too_long")]),
        ({"code": "vatex-eu-ae"}, [("/code", "tax.reason_code")]),
        ({"code": "VATEX-EU-"}, [("/code", "tax.reason_code")]),
        ({"text": "Export", "code": "VATEX-EU-AE."}, [("/code", "tax.reason_code")]),
    ],
    ids=str,
)
def test_what_is_no_reason(given: dict[str, str], wanted: list[tuple[str, str]]) -> None:
    """Nothing at all, and what is no code of the list."""
    assert faults(ExemptionReason, **given) == wanted


@pytest.mark.parametrize(
    ("made", "wrong", "what"),
    [
        (make_line, {"position": 0}, "invoice line"),
        (make_discount, {"reason": ""}, "discount"),
        (ExemptionReason, {}, "exemption reason"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_the_error_says_what_is_not_valid(made: Any, wrong: dict[str, Any], what: str) -> None:
    """In whole sentences."""
    assert refused(made, **wrong).detail.startswith(f"The {what} is not valid: /")

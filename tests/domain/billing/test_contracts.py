"""Contracts: which terms each kind needs before anything can be billed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from scheduler.domain.billing.contracts import DEFAULT_METHOD, ContractKind, Recognition, Retainer, Rounding, Unused
from tests.domain.billing.contract_factories import make_contract
from tests.domain.billing.refusals import faults

RETAINER = Retainer(fee_minor=0, included_min=60)
NEEDED: dict[ContractKind, tuple[dict[str, Any], dict[str, Any], str]] = {
    ContractKind.CAPPED: ({"cap_minor": 0}, {"cap_minor": None}, "/cap_minor"),
    ContractKind.COST_PLUS: ({"markup": Decimal(0)}, {"markup": None}, "/markup"),
    ContractKind.RETAINER: ({"retainer": RETAINER}, {"retainer": replace(RETAINER, fee_minor=None)}, "/retainer/fee_minor"),
}
"""What makes a contract of a kind whole, the same without its amount, and where that is missing."""


@pytest.mark.parametrize("kind", ContractKind)
def test_a_contract_that_is_billed_has_the_amounts_of_its_kind(kind: ContractKind) -> None:
    """A cap, a markup or a monthly fee; 0 is an amount; other kinds need none of them."""
    whole, without, pointer = NEEDED.get(kind, ({}, {}, ""))
    make_contract(kind, **whole).require_terms()
    if pointer:
        assert faults(make_contract(kind, **without).require_terms) == [(pointer, "contract.terms")]


@pytest.mark.parametrize("kind", ContractKind)
def test_revenue_counts_as_earned_as_its_kind_has_it_unless_agreed(kind: ContractKind) -> None:
    """What was agreed goes before."""
    terms: dict[str, Any] = {"retainer": RETAINER} if kind is ContractKind.RETAINER else {}
    contract = make_contract(kind, **terms)
    assert contract.method is DEFAULT_METHOD[kind]
    if kind is ContractKind.RETAINER:
        assert (contract.method, replace(contract, recognition=Recognition.AS_APPROVED).method) == (
            Recognition.STRAIGHT_LINE,
            Recognition.AS_APPROVED,
        )


OUT_OF_RANGE = "number.out_of_range"
TERMS = "contract.terms"


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"name": " "}, "/name", "text.empty"),
        ({"order_reference": "x" * 201}, "/order_reference", "text.too_long"),
        ({"external_id": "x" * 201}, "/external_id", "text.too_long"),
        ({"currency": "XXX"}, "/currency", "currency.unknown"),
        ({"discount": Decimal("-0.0001")}, "/discount", OUT_OF_RANGE),
        ({"discount": Decimal("1.0001")}, "/discount", OUT_OF_RANGE),
        ({"retention": Decimal("1.0001"), "retention_due_on": date(2026, 12, 31)}, "/retention", OUT_OF_RANGE),
        ({"blended_rate": Decimal("-0.01")}, "/blended_rate", OUT_OF_RANGE),
        ({"kind": ContractKind.COST_PLUS, "markup": Decimal("10.0001")}, "/markup", OUT_OF_RANGE),
        ({"kind": ContractKind.CAPPED, "cap_minor": -1}, "/cap_minor", OUT_OF_RANGE),
        ({"kind": ContractKind.FIXED_PRICE, "value_minor": -1}, "/value_minor", OUT_OF_RANGE),
        ({"payment_days": -1}, "/payment_days", OUT_OF_RANGE),
        ({"payment_days": 366}, "/payment_days", OUT_OF_RANGE),
        ({"ends_on": date(2025, 12, 31)}, "/ends_on", "interval.empty"),
        ({"retainer": RETAINER}, "/retainer", TERMS),
        ({"kind": ContractKind.RETAINER}, "/retainer", TERMS),
        ({"cap_minor": 0}, "/cap_minor", TERMS),
        ({"markup": Decimal(0)}, "/markup", TERMS),
        ({"kind": ContractKind.FIXED_PRICE, "blended_rate": Decimal(1)}, "/blended_rate", TERMS),
        ({"value_minor": 0}, "/value_minor", TERMS),
        ({"recognition": Recognition.MILESTONE}, "/recognition", "contract.recognition"),
        ({"retention": Decimal("0.1")}, "/retention_due_on", TERMS),
        ({"retention_due_on": date(2026, 12, 31)}, "/retention_due_on", TERMS),
    ],
)
def test_what_a_contract_does_not_take(changes: dict[str, Any], pointer: str, code: str) -> None:
    """One beyond each limit, and terms of another kind."""
    assert faults(make_contract, **changes) == [(pointer, code)]


def test_at_the_limit_a_contract_is_taken() -> None:
    """All off, all held back, a rate of nothing, a year to pay, and one day from its first to its last."""
    made = make_contract(
        discount=Decimal(1),
        retention=Decimal(1),
        retention_due_on=date(2026, 12, 31),
        blended_rate=Decimal(0),
        payment_days=365,
        ends_on=date(2026, 1, 1),
        name=" A ",
        order_reference=" PO ",
        external_id=" ",
    )
    assert (made.name, made.order_reference, made.external_id) == ("A", "PO", None)
    assert make_contract(payment_days=0).payment_days == 0
    assert make_contract(ContractKind.COST_PLUS, markup=Decimal(10)).markup == 10


@pytest.mark.parametrize(
    ("make", "changes", "wanted"),
    [
        (Rounding, {"step_min": 0}, ("/step_min", OUT_OF_RANGE)),
        (Rounding, {"step_min": 481}, ("/step_min", OUT_OF_RANGE)),
        (Rounding, {"minimum_min": -1}, ("/minimum_min", OUT_OF_RANGE)),
        (Rounding, {"minimum_min": 481}, ("/minimum_min", OUT_OF_RANGE)),
        (Retainer, {"fee_minor": -1, "included_min": 0}, ("/fee_minor", OUT_OF_RANGE)),
        (Retainer, {"fee_minor": 0, "included_min": -1}, ("/included_min", OUT_OF_RANGE)),
        (Retainer, {"fee_minor": 0, "included_min": 0, "roll_months": 1}, ("/roll_months", "contract.roll_months")),
        (Retainer, {"fee_minor": 0, "included_min": 0, "unused": Unused.ROLL_OVER}, ("/roll_months", "contract.roll_months")),
        (Retainer, {"fee_minor": 0, "included_min": 0, "unused": Unused.ROLL_OVER, "roll_months": 61}, ("/roll_months", OUT_OF_RANGE)),
        (Retainer, {"fee_minor": 0, "included_min": 0, "overage_rate": Decimal("-0.01")}, ("/overage_rate", OUT_OF_RANGE)),
    ],
)
def test_what_rounding_and_retainers_do_not_take(make: Any, changes: dict[str, Any], wanted: tuple[str, str]) -> None:
    """One beyond each limit; unused time rolls over for some months or not at all."""
    assert faults(make, **changes) == [wanted]


def test_at_the_limit_rounding_and_retainers_are_taken() -> None:
    """A working day, and five years."""
    assert Rounding(step_min=480, minimum_min=480).step_min == 480
    assert Rounding(step_min=1, minimum_min=0).minimum_min == 0
    made = Retainer(fee_minor=0, included_min=0, unused=Unused.ROLL_OVER, roll_months=60, overage_rate=Decimal(0))
    assert (made.roll_months, made.overage_rate) == (60, Decimal(0))
    assert replace(made, roll_months=1).roll_months == 1

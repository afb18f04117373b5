"""Contracts: which terms each kind needs before anything can be billed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from scheduler.domain.billing.contracts import DEFAULT_METHOD, ContractKind, Recognition, Retainer
from tests.domain.billing.contract_factories import make_contract
from tests.domain.billing.invoice_factories import faults

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

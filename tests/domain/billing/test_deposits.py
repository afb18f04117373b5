"""Deposits are taken off as they were taxed when they were issued."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from scheduler.domain.billing.billed_before import BilledLine, billed_before
from scheduler.domain.billing.charges import ChargeKind
from scheduler.domain.billing.invoices import LineKind
from scheduler.domain.billing.tax_codes import TaxCategory, TaxCode, TaxRate
from tests.domain.billing.contract_factories import VAT, ledger, make_charge, make_contract, make_work, worked

JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 28)
LATER = replace(VAT, rates=(TaxRate(valid_from=date(2020, 1, 1), percent=Decimal(20)),))
REVERSE = TaxCode(id=VAT.id, name="AE", category=TaxCategory.REVERSE_CHARGE, exemption_reason="Reverse charge")


@pytest.mark.parametrize("rewritten", [VAT, LATER, REVERSE])
def test_a_deposit_is_drawn_at_the_tax_of_its_invoice(rewritten: TaxCode) -> None:
    """Issued at 19 %; whatever the tax code says of that day by now, 19 % is what is taken off again."""
    deposit = make_charge(ChargeKind.DEPOSIT, 50_00, date(2026, 1, 1))
    run = ledger(make_work(make_contract(), worked("a1", date(2026, 2, 2), 60), charges=(deposit,)))
    run.bill(JANUARY)
    run.work = replace(run.work, tax=rewritten)
    made = run.bill(FEBRUARY)
    assert [(one.kind, one.net_minor, one.tax_category, one.tax_percent) for one in made.lines] == [
        (LineKind.TIME, 100_00, rewritten.category, rewritten.percent(FEBRUARY)),
        (LineKind.DEPOSIT_DRAW, -50_00, TaxCategory.STANDARD, Decimal(19)),
    ]
    (step,) = (one for one in made.lines[1].trail if one["rule"] == "tax")
    assert (step["row"]["id"], step["figures"]) == (deposit.id, {"category": "S", "percent": "19"})


def test_only_what_was_issued_is_drawn() -> None:
    """An older deposit that is drafted has no tax yet: the later one, which was issued, is taken off first."""
    drafted, issued = (make_charge(ChargeKind.DEPOSIT, 30_00, date(2026, 1, day), name=f"d{day}") for day in (1, 2))
    run = ledger(make_work(make_contract(), worked("a1", date(2026, 2, 2), 60), charges=(drafted, issued)))
    lines = run.bill(JANUARY).lines
    before = billed_before(BilledLine(line=one, kind=one.kind, is_issued=one.description == "d2") for one in lines)
    run.work = replace(run.work, before=before)
    drawn = [(one.description, one.net_minor) for one in run.bill(FEBRUARY).lines if one.kind is LineKind.DEPOSIT_DRAW]
    assert drawn == [("Less deposit: d2", -30_00)]

"""What the values of billing refuse: every fault with its field and code, at the last value that is taken and the first that is not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.billing.charges import ChargeKind, ChargeState
from scheduler.domain.billing.contracts import (
    PAYMENT_DAYS_MAX,
    ROLL_MONTHS_MAX,
    STEP_MAX,
    ContractKind,
    Recognition,
    Retainer,
    Rounding,
    Unused,
)
from scheduler.domain.billing.document_lines import SUM_MAX, Allowance, ExemptionReason
from scheduler.domain.billing.journal import LedgerAccounts
from scheduler.domain.billing.journal_lines import ACCOUNT_MAX, JournalLine
from scheduler.domain.billing.prepaid import MinutesUsed, Pot, RetainerPeriod
from scheduler.domain.billing.tax_codes import TaxCategory, TaxCode, TaxRate
from scheduler.domain.ground.checks import NAME_MAX
from tests.domain.billing.contract_factories import START, make_charge, make_contract
from tests.domain.billing.refusals import faults

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONG = "x" * (NAME_MAX + 1)
TAX: dict[str, Any] = {
    "id": "vat",
    "name": " VAT ",
    "category": TaxCategory.STANDARD,
    "rates": (TaxRate(valid_from=START, percent=Decimal(19)),),
}
LINE: dict[str, Any] = {
    "entry_id": " e1 ",
    "date": START,
    "account": " 1400 ",
    "contra_account": None,
    "debit_minor": 1,
    "credit_minor": 0,
    "currency": "EUR",
}
OFF: dict[str, Any] = {
    "reason": " Discount ",
    "base_minor": 100,
    "percent": Decimal(10),
    "amount_minor": 10,
    "tax_category": TaxCategory.STANDARD,
    "tax_rate": Decimal(19),
}
PERIOD: dict[str, Any] = {"month": START, "fee_minor": 1, "included_minutes": 1}
CONTRACTS: tuple[tuple[dict[str, Any], list[tuple[str, str]]], ...] = (
    ({"name": ""}, [("/name", "text.empty")]),
    ({"order_reference": LONG}, [("/order_reference", "text.too_long")]),
    ({"external_id": LONG}, [("/external_id", "text.too_long")]),
    ({"currency": "eur"}, [("/currency", "currency.unknown")]),
    *(({name: Decimal("-0.01")}, [(f"/{name}", "number.out_of_range")]) for name in ("discount", "blended_rate")),
    ({"discount": Decimal("1.01")}, [("/discount", "number.out_of_range")]),
    ({"retention": Decimal("1.01"), "retention_due_on": START}, [("/retention", "number.out_of_range")]),
    ({"kind": ContractKind.COST_PLUS, "markup": Decimal("-0.01")}, [("/markup", "number.out_of_range")]),
    ({"kind": ContractKind.COST_PLUS, "markup": Decimal("10.01")}, [("/markup", "number.out_of_range")]),
    ({"kind": ContractKind.CAPPED, "cap_minor": -1}, [("/cap_minor", "number.out_of_range")]),
    ({"kind": ContractKind.FIXED_PRICE, "value_minor": -1}, [("/value_minor", "number.out_of_range")]),
    ({"payment_days": -1}, [("/payment_days", "number.out_of_range")]),
    ({"payment_days": PAYMENT_DAYS_MAX + 1}, [("/payment_days", "number.out_of_range")]),
    ({"ends_on": date(2025, 12, 31)}, [("/ends_on", "interval.empty")]),
    ({"kind": ContractKind.RETAINER}, [("/retainer", "contract.terms")]),
    ({"retainer": Retainer(fee_minor=1, included_min=1)}, [("/retainer", "contract.terms")]),
    ({"cap_minor": 1}, [("/cap_minor", "contract.terms")]),
    ({"markup": Decimal(1)}, [("/markup", "contract.terms")]),
    ({"kind": ContractKind.FIXED_PRICE, "blended_rate": Decimal(1)}, [("/blended_rate", "contract.terms")]),
    ({"kind": ContractKind.COST_PLUS, "blended_rate": Decimal(1)}, [("/blended_rate", "contract.terms")]),
    ({"value_minor": 1}, [("/value_minor", "contract.terms")]),
    ({"recognition": Recognition.MILESTONE}, [("/recognition", "contract.recognition")]),
    ({"retention": Decimal("0.1")}, [("/retention_due_on", "contract.terms")]),
    ({"retention_due_on": START}, [("/retention_due_on", "contract.terms")]),
)
MILESTONE: dict[str, Any] = {"kind": ChargeKind.MILESTONE, "amount_minor": 1, "due_on": START}
CHARGES: tuple[tuple[dict[str, Any], list[tuple[str, str]]], ...] = (
    ({"name": ""}, [("/name", "text.empty")]),
    ({"external_id": LONG}, [("/external_id", "text.too_long")]),
    ({"amount_minor": -1}, [("/amount_minor", "number.out_of_range")]),
    ({"minutes": 1}, [("/minutes", "contract.terms")]),
    ({"kind": ChargeKind.BLOCK}, [("/minutes", "contract.terms")]),
    ({"kind": ChargeKind.BLOCK, "minutes": 0}, [("/minutes", "number.out_of_range")]),
    ({"kind": ChargeKind.DEPOSIT, "state": ChargeState.APPROVED}, [("/state", "charge.not_approvable")]),
)


@pytest.mark.parametrize(
    ("make", "given", "changes", "expected"),
    [
        (TaxRate, {"valid_from": START}, {"percent": Decimal("-0.01")}, [("/percent", "number.out_of_range")]),
        (TaxRate, {"valid_from": START}, {"percent": Decimal("100.01")}, [("/percent", "number.out_of_range")]),
        (TaxCode, TAX, {"name": ""}, [("/name", "text.empty")]),
        (TaxCode, TAX, {"name": LONG}, [("/name", "text.too_long")]),
        *((TaxCode, TAX, {name: LONG}, [(f"/{name}", "text.too_long")]) for name in ("exemption_code", "exemption_reason", "external_id")),
        (TaxCode, TAX, {"rates": TAX["rates"] * 2}, [("/rates", "tax.duplicate")]),
        (TaxCode, TAX, {"rates": ()}, [("/rates", "tax.rates")]),
        (TaxCode, TAX, {"category": TaxCategory.ZERO}, [("/rates", "tax.rates")]),
        (TaxCode, TAX, {"category": TaxCategory.EXEMPT, "rates": ()}, [("/exemption_reason", "tax.reason_missing")]),
        (ExemptionReason, {}, {}, [("/text", "tax.reason_missing")]),
        (ExemptionReason, {}, {"text": LONG}, [("/text", "text.too_long")]),
        (ExemptionReason, {}, {"code": "EU-AE"}, [("/code", "tax.reason_code")]),
        (ExemptionReason, {}, {"code": LONG}, [("/code", "text.too_long"), ("/code", "tax.reason_code")]),
        (Allowance, OFF, {"reason": ""}, [("/reason", "text.empty")]),
        (Allowance, OFF, {"amount_minor": 11}, [("/amount_minor", "invoice.sums")]),
        (Allowance, OFF, {"percent": None, "amount_minor": -1}, [("/amount_minor", "number.out_of_range")]),
        (Allowance, OFF, {"percent": None, "base_minor": -1}, [("/base_minor", "number.out_of_range")]),
        (Allowance, OFF, {"percent": None, "base_minor": SUM_MAX + 1}, [("/base_minor", "number.out_of_range")]),
        (Allowance, OFF, {"percent": None, "amount_minor": SUM_MAX + 1}, [("/amount_minor", "number.out_of_range")]),
        (JournalLine, LINE, {"entry_id": ""}, [("/entry_id", "text.empty")]),
        (JournalLine, LINE, {"account": "4" * (ACCOUNT_MAX + 1)}, [("/account", "text.too_long")]),
        *(
            (JournalLine, LINE, {name: LONG}, [(f"/{name}", "text.too_long")])
            for name in ("contra_account", "text", "document_number", "project", "client")
        ),
        (JournalLine, LINE, {"debit_minor": -1}, [("/debit_minor", "number.out_of_range")]),
        (JournalLine, LINE, {"debit_minor": SUM_MAX + 1}, [("/debit_minor", "number.out_of_range")]),
        (JournalLine, LINE, {"debit_minor": 0, "credit_minor": -1}, [("/credit_minor", "number.out_of_range")]),
        (JournalLine, LINE, {"debit_minor": 0, "credit_minor": SUM_MAX + 1}, [("/credit_minor", "number.out_of_range")]),
        (JournalLine, LINE, {"debit_minor": 0}, [("/debit_minor", "journal.one_side")]),
        (JournalLine, LINE, {"credit_minor": 1}, [("/debit_minor", "journal.one_side")]),
        (JournalLine, LINE, {"currency": "eur"}, [("/currency", "currency.unknown")]),
        (LedgerAccounts, {}, {"bank": ""}, [("/bank", "text.empty")]),
        (LedgerAccounts, {}, {"tax_payable_by_code": {"S 19": ""}}, [("/tax_payable_by_code/S 19", "text.empty")]),
        (Pot, {"opens_on": START}, {"price_minor": -1, "minutes": 0}, [("/price_minor", "number.out_of_range")]),
        (Pot, {"opens_on": START}, {"price_minor": 0, "minutes": -1}, [("/minutes", "number.out_of_range")]),
        (Pot, {"opens_on": START}, {"price_minor": 0, "minutes": 0, "lapses_on": START}, [("/lapses_on", "interval.empty")]),
        (MinutesUsed, {"day": START}, {"minutes": -1}, [("/minutes", "number.out_of_range")]),
        (RetainerPeriod, PERIOD, {"month": date(2026, 1, 2)}, [("/month", "month.not_first_day")]),
        *(
            (RetainerPeriod, PERIOD, {name: -1}, [(f"/{name}", "number.out_of_range")])
            for name in ("fee_minor", "included_minutes", "used_minutes")
        ),
        (Rounding, {}, {"step_min": 0}, [("/step_min", "number.out_of_range")]),
        (Rounding, {}, {"step_min": STEP_MAX + 1}, [("/step_min", "number.out_of_range")]),
        (Rounding, {}, {"minimum_min": -1}, [("/minimum_min", "number.out_of_range")]),
        (Rounding, {}, {"minimum_min": STEP_MAX + 1}, [("/minimum_min", "number.out_of_range")]),
        (Retainer, {}, {"fee_minor": -1, "included_min": 0}, [("/fee_minor", "number.out_of_range")]),
        (Retainer, {}, {"fee_minor": None, "included_min": -1}, [("/included_min", "number.out_of_range")]),
        (Retainer, {"fee_minor": 0, "included_min": 0}, {"roll_months": 1}, [("/roll_months", "contract.roll_months")]),
        (Retainer, {"fee_minor": 0, "included_min": 0}, {"unused": Unused.ROLL_OVER}, [("/roll_months", "contract.roll_months")]),
        (
            Retainer,
            {"fee_minor": 0, "included_min": 0, "unused": Unused.ROLL_OVER},
            {"roll_months": ROLL_MONTHS_MAX + 1},
            [("/roll_months", "number.out_of_range")],
        ),
        (Retainer, {"fee_minor": 0, "included_min": 0}, {"overage_rate": Decimal("-0.01")}, [("/overage_rate", "number.out_of_range")]),
        *((make_contract, {}, changes, expected) for changes, expected in CONTRACTS),
        *((make_charge, MILESTONE, changes, expected) for changes, expected in CHARGES),
    ],
)
def test_what_is_wrong_is_named(
    make: Callable[..., Any], given: Mapping[str, Any], changes: Mapping[str, Any], expected: list[tuple[str, str]]
) -> None:
    """One wrong value, one fault, at its field."""
    assert faults(make, **{**given, **changes}) == expected


def test_what_is_just_allowed_is_taken_and_put_in_order() -> None:
    """Limits themselves, texts without white space around them, rates by day."""
    assert [TaxRate(valid_from=START, percent=Decimal(percent)).percent for percent in (0, 100)] == [0, 100]
    later = TaxRate(valid_from=date(2027, 1, 1), percent=Decimal(20))
    made = TaxCode(
        **{**TAX, "rates": (later, *TAX["rates"]), "external_id": " v ", "exemption_reason": " why ", "exemption_code": " VATEX-EU-O "}
    )
    assert (made.name, made.external_id, made.exemption_reason, made.exemption_code) == ("VAT", "v", "why", "VATEX-EU-O")
    assert [rate.percent for rate in made.rates] == [19, 20]
    assert TaxCode(id=made.id, name="Z", category=TaxCategory.ZERO).percent(START) == 0
    kind = TaxCategory.REVERSE_CHARGE
    assert TaxCode(id=made.id, name="AE", category=kind, exemption_reason="Why").percent(START) == 0
    assert TaxCode(id=made.id, name="AE", category=kind, exemption_code="VATEX-EU-AE").percent(START) == 0
    assert (ExemptionReason(text=" why ").text, ExemptionReason(code=" VATEX-EU-AE ").code) == ("why", "VATEX-EU-AE")
    assert Allowance(**{**OFF, "percent": None, "base_minor": SUM_MAX, "amount_minor": SUM_MAX}).reason == "Discount"
    assert Allowance(**{**OFF, "percent": None, "base_minor": 0, "amount_minor": 0}).amount_minor == 0
    line = JournalLine(**{**LINE, "account": "4" * ACCOUNT_MAX, "debit_minor": SUM_MAX, "contra_account": " 8400 ", "text": " t "})
    assert (line.entry_id, line.contra_account, line.text) == ("e1", "8400", "t")
    texts = {name: f" {name} " for name in ("document_number", "project", "client")}
    line = JournalLine(**{**LINE, "account": " 1400 ", "debit_minor": 0, "credit_minor": SUM_MAX, **texts})
    assert (line.account, line.document_number, line.project, line.client) == ("1400", "document_number", "project", "client")
    assert LedgerAccounts(bank=" 1200 ").bank == "1200"
    accounts = LedgerAccounts(tax_payable_by_code={"S 19": "1776"})
    assert (accounts.tax("S 19"), accounts.tax("S 7")) == ("1776", "tax_payable")
    assert Pot(opens_on=START, price_minor=0, minutes=0, lapses_on=date(2026, 1, 2)).is_open(START)
    assert RetainerPeriod(month=START, fee_minor=0, included_minutes=0).used_minutes == MinutesUsed(day=START, minutes=0).minutes == 0
    assert Rounding(step_min=STEP_MAX, minimum_min=STEP_MAX).step_min == STEP_MAX
    rolled = Retainer(fee_minor=0, included_min=0, unused=Unused.ROLL_OVER, roll_months=ROLL_MONTHS_MAX, overage_rate=Decimal(0))
    assert rolled.roll_months == ROLL_MONTHS_MAX


def test_terms_at_their_limits_are_taken() -> None:
    """Nothing, everything, the longest time, a contract of one day."""
    contract = make_contract(
        discount=Decimal(1),
        retention=Decimal(1),
        retention_due_on=START,
        payment_days=PAYMENT_DAYS_MAX,
        ends_on=START,
        order_reference=" PO ",
    )
    assert (contract.order_reference, contract.payment_days) == ("PO", PAYMENT_DAYS_MAX)
    assert make_contract(payment_days=0, blended_rate=Decimal(0), external_id=" x ", name=" C ").external_id == "x"
    for markup in (0, 10):
        assert make_contract(ContractKind.COST_PLUS, markup=Decimal(markup)).markup == markup
    assert make_contract(ContractKind.CAPPED, cap_minor=0).cap_minor == 0
    assert make_contract(ContractKind.FIXED_PRICE, value_minor=0, recognition=Recognition.MILESTONE).value_minor == 0
    block = make_charge(ChargeKind.BLOCK, 0, START, minutes=1, name=" Block ", external_id=" b ")
    assert (block.name, block.external_id) == ("Block", "b")


@pytest.mark.parametrize(
    ("kind", "lacking", "whole", "pointer"),
    [
        (ContractKind.CAPPED, {}, {"cap_minor": 0}, "/cap_minor"),
        (ContractKind.COST_PLUS, {}, {"markup": Decimal(0)}, "/markup"),
        (
            ContractKind.RETAINER,
            {"retainer": Retainer(fee_minor=None, included_min=1)},
            {"retainer": Retainer(fee_minor=0, included_min=1)},
            "/retainer/fee_minor",
        ),
    ],
)
def test_what_a_contract_cannot_be_billed_without_is_named(
    kind: ContractKind, lacking: dict[str, Any], whole: dict[str, Any], pointer: str
) -> None:
    """Whoever may not see prices reads it without; to be billed it has to be there, and 0 is enough."""
    assert faults(make_contract(kind, **lacking).require_terms) == [(pointer, "contract.terms")]
    make_contract(kind, **whole).require_terms()
    make_contract().require_terms()

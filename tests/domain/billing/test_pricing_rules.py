"""What contracts bill, case by case: why something is left, what a line says, where caps and months end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from scheduler.domain.billing.charges import ChargeKind
from scheduler.domain.billing.contracts import BeyondCap, ContractKind, LineDetail, Retainer, Rounding, RoundingScope
from scheduler.domain.billing.invoices import ItemKind
from scheduler.domain.billing.pricing import bill
from scheduler.domain.billing.tax_codes import TaxCategory, TaxRate
from tests.domain.billing.contract_factories import (
    START,
    VAT,
    at,
    ledger,
    make_charge,
    make_contract,
    make_work,
    reached,
    spent,
    told,
    worked,
)
from tests.domain.billing.test_pricing import CHANGING, LAST


def test_a_draw_is_taxed_as_its_deposit_was() -> None:
    """A deposit at 19 % is taken off at 19 %, though the work is taxed at 16 %; the older one goes first."""
    first = make_charge(ChargeKind.DEPOSIT, 10_000, date(2026, 1, 5), name="First")
    second = make_charge(ChargeKind.DEPOSIT, 10_000, date(2026, 2, 20), name="Second")
    run = ledger(make_work(make_contract(), worked("a1", date(2026, 3, 1), 90), charges=(second, first), tax=CHANGING))
    run.bill(date(2026, 2, 28))
    march = run.bill(date(2026, 3, 31))
    assert [(line.kind.value, line.description, line.net_minor, line.tax_percent) for line in march.lines] == [
        ("time", "Anna", 15_000, Decimal(16)),
        ("deposit_draw", "Less deposit: First", -10_000, Decimal(19)),
        ("deposit_draw", "Less deposit: Second", -5_000, Decimal(16)),
    ]


def test_a_draw_goes_on_where_the_last_one_ended() -> None:
    """What was drawn before is of the oldest; what was credited of deposits is not drawn; one that is not billed, or no deposit, never is."""
    names = {"Unbilled": START, "First": date(2026, 1, 2), "Second": date(2026, 1, 3)}
    deposits = [make_charge(ChargeKind.DEPOSIT, 100, day, name=name, version=5) for name, day in names.items()]
    block = make_charge(ChargeKind.BLOCK, 100, START, name="Block", minutes=1)
    work = make_work(make_contract(ContractKind.BLOCK_HOURS), spent("x1", date(2026, 2, 1), 1_000), charges=(block, *deposits))
    taken = frozenset((ItemKind.CHARGE, name) for name in ("First", "Second", "Block"))
    taxes = dict.fromkeys(("First", "Second"), (TaxCategory.STANDARD, Decimal(19)))
    work = replace(work, taken=taken, before=replace(work.before, deposits_minor=190, deposit_taxes=taxes, drawn_minor=60))
    found = bill(work, since=date(2026, 2, 1), until=LAST)
    assert told(found) == [
        ("expense", "Expense", 1, 1_000),
        ("deposit_draw", "Less deposit: First", -1, -40),
        ("deposit_draw", "Less deposit: Second", -1, -90),
    ]
    line = found.lines[1]
    assert [(step["rule"], step["row"], step["figures"]) for step in line.trail] == [
        (
            "deposit",
            {"kind": "charge", "id": "First", "version": 5},
            {"amount_minor": "100", "drawn_before_minor": "60", "drawn_minor": "40"},
        ),
        ("tax", {"kind": "charge", "id": "First", "version": 5}, {"category": "S", "percent": "19"}),
        ("amount", {"kind": "contract", "id": "contract", "version": 2}, {"pieces": "-1", "net_minor": "-40", "currency": "EUR"}),
    ]
    all_but_one = replace(work, before=replace(work.before, deposits_minor=200, drawn_minor=199))
    assert told(bill(all_but_one, since=date(2026, 2, 1), until=LAST))[1:] == [("deposit_draw", "Less deposit: Second", -1, -1)]


def test_why_something_is_left() -> None:
    """Before the contract, after its end, beyond the period, without a rate, without a tax: each says so."""
    contract = make_contract(ends_on=date(2026, 3, 31))
    tax = replace(CHANGING, rates=(TaxRate(valid_from=date(2026, 1, 10), percent=Decimal(19)),))
    work = make_work(
        contract,
        worked("early", date(2025, 12, 31), 60),
        worked("late", date(2026, 4, 1), 60),
        worked("untaxed", date(2026, 1, 9), 60),
        spent("untaxed too", date(2026, 1, 9), 60),
        worked("before", date(2026, 1, 31), 60),
        worked("after", date(2026, 3, 1), 60),
        worked("nobody", date(2026, 2, 2), 60, person_id="zoe"),
        worked("billed", date(2026, 2, 28), 60),
        tax=tax,
    )
    found = bill(work, since=date(2026, 2, 1), until=date(2026, 2, 28))
    assert {one.source_id: one.reason.value for one in found.left} == {
        "early": "outside_contract",
        "late": "outside_contract",
        "untaxed": "outside_period",
        "untaxed too": "outside_period",
        "before": "outside_period",
        "after": "outside_period",
        "nobody": "no_rate",
    }
    assert [item.source_id for item in found.items] == ["billed"]
    whole = {one.source_id: (one.reason.value, one.detail) for one in bill(work, since=None, until=LAST).left}
    assert whole["untaxed"] == whole["untaxed too"] == ("no_tax_rate", "VAT has no rate on 2026-01-09.")
    assert whole["nobody"] == ("no_rate", "zoe has no rate on 2026-02-02.")


def test_charges_wait_for_their_day() -> None:
    """A milestone for its approval, others for their day; a period that began later passes them over."""
    work = make_work(
        make_contract(ContractKind.FIXED_PRICE),
        charges=(
            reached(make_charge(ChargeKind.MILESTONE, 1, date(2026, 1, 1), name="later"), date(2026, 3, 1)),
            make_charge(ChargeKind.MILESTONE, 2, date(2026, 1, 1), name="open"),
            make_charge(ChargeKind.DEPOSIT, 3, date(2026, 2, 1), name="on time"),
            make_charge(ChargeKind.DEPOSIT, 4, date(2026, 1, 31), name="old"),
            make_charge(ChargeKind.DEPOSIT, 5, date(2026, 3, 1), name="new"),
        ),
    )
    found = bill(work, since=date(2026, 2, 1), until=date(2026, 2, 28))
    assert told(found) == [("deposit", "on time", 1, 3)]
    assert {one.source_id: one.reason.value for one in found.left} == {
        "later": "not_due",
        "open": "not_approved",
        "old": "outside_period",
        "new": "not_due",
    }
    assert {one.source_id: one.day for one in found.left}["later"] == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("detail", "wanted"),
    [
        (LineDetail.ENTRY, [("Anna", "anna", "Call", 60), ("Anna", "anna", None, 30), ("Ben", "ben", None, 15)]),
        (LineDetail.PERSON, [("Anna", "anna", None, 90), ("Ben", "ben", None, 15)]),
        (LineDetail.TASK, [("Design", None, None, 75), ("Work", None, None, 30)]),
        (LineDetail.GRADE, [("Senior", None, None, 90), ("Work", None, None, 15)]),
    ],
)
def test_what_stands_on_a_line(detail: LineDetail, wanted: list[tuple[str, str | None, str | None, int]]) -> None:
    """By entry with its note, by person, by task, or by grade without anybody's name."""
    day = date(2026, 1, 5)
    work = make_work(
        make_contract(detail=detail),
        worked("a1", day, 60, task_id="design", grade="Senior", note="Call"),
        worked("a2", day, 30, grade="Senior"),
        worked("b1", day, 15, task_id="design", person_id="ben"),
        rate_of=at(("anna", "100"), ("ben", "100")),
    )
    found = bill(work, since=None, until=day)
    assert sorted(((line.description, line.person_id, line.note, line.quantity) for line in found.lines), key=str) == sorted(
        wanted, key=str
    )


def test_a_rate_without_a_rest_is_told_by_its_trail() -> None:
    """A line says which rows made its rate, how its minutes were rounded, which tax is on it, and what it comes to."""
    work = make_work(make_contract(rounding=Rounding(step_min=30)), worked("a1", START, 61), worked("a2", START, 5))
    (line,) = bill(work, since=None, until=START).lines
    assert [(step["rule"], step["row"]) for step in line.trail] == [
        ("bill_rate", {"kind": "bill_rate", "id": "rate-anna", "version": 1}),
        ("rounding", {"kind": "contract", "id": "contract", "version": 2}),
        ("tax", {"kind": "tax_code", "id": "vat", "version": 3}),
        ("amount", {"kind": "contract", "id": "contract", "version": 2}),
    ]
    assert line.trail[1]["figures"] == {
        "step_min": "30",
        "mode": "up",
        "minimum_min": "0",
        "scope": "entry",
        "recorded_minutes": "66",
        "billed_minutes": "120",
    }
    assert line.trail[2]["figures"] == {"category": "S", "percent": "19"}
    assert line.trail[3]["figures"] == {"minutes": "120", "rate": "100.0000", "net_minor": "20000", "currency": "EUR"}


def test_words_are_in_the_language_of_the_invoice() -> None:
    """What the program says of its own is said in the client's language; in English where that is none of those it knows."""
    terms = Retainer(fee_minor=100, included_min=30)
    work = make_work(make_contract(ContractKind.RETAINER, retainer=terms, discount=Decimal("0.5")), worked("a1", START, 30))
    german = bill(replace(work, language="de"), since=None, until=date(2026, 1, 31))
    assert [line.description for line in german.lines] == ["Monatspauschale 2026-01", "Anna, enthalten in 2026-01"]
    assert german.allowances[0].reason == "Rabatt"
    other = bill(replace(work, language="xx"), since=None, until=date(2026, 1, 31))
    assert [line.description for line in other.lines] == ["Monthly fee 2026-01", "Anna, included in 2026-01"]


def test_a_retainer_ends_with_its_contract() -> None:
    """No fee after the last day, nor before the first; the part of a month costs the whole fee and says its days."""
    contract = make_contract(
        ContractKind.RETAINER, retainer=Retainer(fee_minor=100, included_min=0), starts_on=date(2026, 1, 31), ends_on=date(2026, 3, 1)
    )
    found = bill(make_work(contract), since=None, until=date(2026, 12, 31))
    assert [(line.service_from, line.service_until) for line in found.lines] == [
        (date(2026, 1, 31), date(2026, 1, 31)),
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2026, 3, 1), date(2026, 3, 1)),
    ]
    assert bill(make_work(contract), since=None, until=date(2026, 1, 30)).lines == ()
    passed_over = bill(make_work(contract), since=date(2026, 2, 1), until=date(2026, 2, 1))
    assert [line.service_from for line in passed_over.lines] == [date(2026, 2, 1)]
    assert [(one.source_id, one.reason.value) for one in passed_over.left] == [("contract:2026-01", "outside_period")]


def test_work_of_a_month_that_goes_on_waits() -> None:
    """It is settled on the month's last day, not before."""
    work = make_work(make_contract(ContractKind.RETAINER, retainer=Retainer(fee_minor=0, included_min=60)), worked("a1", START, 60))
    early = bill(work, since=None, until=date(2026, 1, 30))
    assert (early.lines, [one.reason.value for one in early.left]) == ((), ["not_due"])
    settled = bill(work, since=None, until=date(2026, 1, 31))
    assert told(settled) == [("covered", "Anna, included in 2026-01", 60, 0)]
    assert settled.left == ()
    assert settled.lines[0].trail[0]["row"] == {"kind": "contract", "id": "contract", "version": 2}


def test_what_has_no_rate_uses_no_time_of_a_block() -> None:
    """An entry that reaches beyond the block and has no rate is left whole, and what comes after it finds the block as it was."""
    block = make_charge(ChargeKind.BLOCK, 100, START, name="Block", minutes=100)
    work = make_work(
        make_contract(ContractKind.BLOCK_HOURS),
        worked("z1", START, 150, person_id="zoe"),
        worked("a1", START + timedelta(days=1), 90),
        charges=(block,),
    )
    found = bill(work, since=None, until=LAST)
    assert told(found) == [("block", "Block", 1, 100), ("covered", "Anna, included in Block", 90, 0)]
    assert [(one.source_id, one.reason.value) for one in found.left] == [("z1", "no_rate")]


def test_a_cap_says_how_it_came_about() -> None:
    """The line that takes off what is beyond says the cap, what was billed before and by how much; the finding says the same."""
    contract = make_contract(ContractKind.CAPPED, cap_minor=10_000)
    items = (worked("a1", date(2026, 2, 9), 60), worked("a2", date(2026, 2, 12), 61), worked("a3", date(2026, 2, 13), 30))
    work = make_work(contract, *items, tax=CHANGING)
    before = replace(work.before, capped_minor=-9_999)
    found = bill(replace(work, before=before), since=None, until=LAST)
    assert told(found) == [("time", "Anna", 60, 10_000), ("time", "Anna", 61, 10_167), ("cap", "Beyond the agreed limit", -1, -168)]
    line = found.lines[2]
    assert (line.unit_price, line.tax_percent, line.tax_category, line.contract_id) == (
        Decimal("1.68"),
        Decimal(16),
        TaxCategory.STANDARD,
        contract.id,
    )
    assert [(step["rule"], step["row"]["kind"], step["row"]["id"], step["row"]["version"], step["figures"]) for step in line.trail] == [
        ("cap", "contract", "contract", 2, {"cap_minor": "10000", "billed_before_minor": "-9999", "over_minor": "168"}),
        ("tax", "tax_code", "vat", 0, {"category": "S", "percent": "16"}),
        ("amount", "contract", "contract", 2, {"pieces": "-1", "net_minor": "-168", "currency": "EUR"}),
    ]
    (finding,) = found.findings
    assert (finding.code, dict(finding.facts)) == ("cap.reached", {"contract": "contract", "cap_minor": 10_000, "over_minor": 5_168})
    assert "not billed" in finding.message
    warned = bill(replace(work, contract=replace(contract, beyond_cap=BeyondCap.WARN)), since=None, until=LAST).findings[0]
    assert (warned.code, warned.facts["over_minor"]) == ("cap.exceeded", 15_167)
    assert "agree on a higher one" in warned.message


def test_a_cap_takes_off_a_single_cent() -> None:
    """Down to the minor unit; of no cap at all nothing is billed."""
    work = make_work(make_contract(ContractKind.CAPPED, cap_minor=9_999), worked("a1", START, 60))
    assert told(bill(work, since=None, until=LAST)) == [("time", "Anna", 60, 10_000), ("cap", "Beyond the agreed limit", -1, -1)]
    yen = make_contract(ContractKind.CAPPED, cap_minor=150, currency="JPY")
    work = make_work(yen, worked("a1", START, 60), worked("a2", START, 60), rate_of=at(("anna", "100"), currency="JPY"))
    assert told(bill(work, since=None, until=LAST)) == [("time", "Anna", 120, 200), ("cap", "Beyond the agreed limit", -1, -50)]
    nothing = make_work(make_contract(ContractKind.CAPPED, cap_minor=0), spent("x1", START, 1))
    assert told(bill(nothing, since=None, until=LAST)) == []


def test_paid_work_without_a_tax_is_left() -> None:
    """Before the tax code has a rate a block covers nothing, and says why; several reasons stand side by side."""
    tax = replace(VAT, rates=(TaxRate(valid_from=date(2026, 1, 10), percent=Decimal(19)),))
    block = make_charge(ChargeKind.BLOCK, 100, date(2026, 1, 10), name="Block", minutes=30)
    work = make_work(
        make_contract(ContractKind.BLOCK_HOURS),
        worked("early", date(2026, 1, 9), 10),
        worked("nobody", date(2026, 1, 11), 40, person_id="zoe"),
        worked("nor she", date(2026, 1, 12), 40, person_id="zoe"),
        worked("anna", date(2026, 1, 13), 40),
        charges=(block,),
        tax=tax,
    )
    found = bill(work, since=None, until=LAST)
    assert {(one.source_id, one.kind, one.reason.value, one.detail, one.minutes) for one in found.left} == {
        ("early", ItemKind.TIME_ENTRY, "no_tax_rate", "VAT has no rate on 2026-01-09.", 10),
        ("nobody", ItemKind.TIME_ENTRY, "no_rate", "zoe has no rate on 2026-01-11.", 40),
        ("nor she", ItemKind.TIME_ENTRY, "no_rate", "zoe has no rate on 2026-01-12.", 40),
    }
    assert told(found)[1:] == [("time", "Anna", 10, 1_667), ("covered", "Anna, included in Block", 30, 0)]
    covered = found.lines[2]
    assert (covered.unit_price, covered.tax_percent) == (Decimal(0), Decimal(19))
    assert covered.trail[0] == {
        "rule": "covered",
        "row": {"kind": "charge", "id": "Block", "version": 0},
        "figures": {"cover": "Block", "minutes": "30"},
    }


def test_the_last_day_of_a_month_is_in_it() -> None:
    """Time that lapses is there for the month's last day, and gone on the next."""
    retainer = Retainer(fee_minor=0, included_min=60, overage_rate=Decimal(60))
    contract = make_contract(ContractKind.RETAINER, retainer=retainer)
    work = make_work(contract, worked("a1", date(2026, 1, 31), 60), worked("a2", date(2026, 2, 28), 70))
    assert told(bill(work, since=None, until=date(2026, 2, 28))) == [
        ("time", "Anna", 10, 1_000),
        ("covered", "Anna, included in 2026-01", 60, 0),
        ("covered", "Anna, included in 2026-02", 60, 0),
    ]


def test_lines_are_rounded_apart_where_they_are_settled_apart() -> None:
    """By line: each person's work of a month of a retainer is rounded for itself, also where two months are settled together."""
    contract = make_contract(
        ContractKind.RETAINER,
        retainer=Retainer(fee_minor=0, included_min=0, overage_rate=Decimal(60)),
        rounding=Rounding(step_min=60, scope=RoundingScope.LINE),
    )
    items = [worked(f"{who}{month}", date(2026, month, 3), 10, person_id=who) for who in ("anna", "ben") for month in (1, 2)]
    found = bill(make_work(contract, *items), since=None, until=date(2026, 2, 28))
    assert sum(line.quantity for line in found.lines) == 4 * 60


def test_a_discount_says_whose_it_is() -> None:
    """Contract, tax and share stand on it; a share that comes to nothing is none."""
    work = make_work(make_contract(discount=Decimal("0.0001")), spent("x1", START, 5_000), spent("x2", START, 4_999))
    (allowance,) = bill(work, since=None, until=LAST).allowances
    assert (allowance.contract_id, allowance.tax_category, allowance.tax_percent) == (
        work.contract.id,
        TaxCategory.STANDARD,
        Decimal(19),
    )
    assert (allowance.base_minor, allowance.percent, allowance.amount_minor) == (9_999, Decimal("0.01"), 1)
    assert bill(make_work(work.contract, spent("x1", START, 4_999)), since=None, until=LAST).allowances == ()

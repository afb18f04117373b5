"""A contract of each kind over three periods, counted by hand to the minor unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from scheduler.domain.billing.charges import ChargeKind
from scheduler.domain.billing.contracts import BeyondCap, ContractKind, LineDetail, Retainer, Rounding, Unused
from scheduler.domain.billing.pricing import bill
from scheduler.domain.billing.tax_codes import TaxCategory, TaxCode, TaxRate
from scheduler.domain.ground.ids import TaxCodeId
from tests.domain.billing.contract_factories import at, ledger, make_charge, make_contract, make_work, reached, spent, told, worked

JANUARY, FEBRUARY, MARCH = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)


def test_time_and_materials() -> None:
    """Work and expenses month by month at the rates of their people, less the discount; a change of tax makes lines of its own."""
    tax = TaxCode(
        id=TaxCodeId("vat"),
        name="VAT",
        category=TaxCategory.STANDARD,
        rates=(TaxRate(valid_from=date(2020, 1, 1), percent=Decimal(19)), TaxRate(valid_from=date(2026, 2, 16), percent=Decimal(16))),
    )
    contract = make_contract(discount=Decimal("0.05"), rounding=Rounding(step_min=15))
    run = ledger(
        make_work(
            contract,
            worked("a1", date(2026, 1, 5), 100),
            worked("a2", date(2026, 1, 6), 61),
            worked("b1", date(2026, 1, 6), 45, person_id="ben"),
            spent("x1", date(2026, 1, 7), 12_345, note="Train"),
            worked("a3", date(2026, 2, 13), 60),
            worked("a4", date(2026, 2, 16), 60),
            worked("b2", date(2026, 3, 2), 20, person_id="ben"),
            rate_of=at(("anna", "120.50"), ("ben", "99.99")),
            tax=tax,
        )
    )
    # January. Anna 100 -> 105, 61 -> 75: 180 min x 120.50 / 60 = 361.50. Ben 45 min x 99.99 / 60 = 74.9925 -> 74.99.
    january = run.bill(JANUARY)
    assert told(january) == [
        ("time", "Anna", 180, 36_150),
        ("time", "Ben", 45, 7_499),
        ("expense", "Train", 1, 12_345),
    ]
    # 361.50 + 74.99 + 123.45 = 559.94; 5 % = 27.997 -> 28.00.
    assert [(one.base_minor, one.amount_minor, one.tax_percent) for one in january.allowances] == [(55_994, 2_800, Decimal(19))]
    assert january.net_minor == 53_194
    # February: an hour at 19 %, an hour at 16 %; 5 % of 120.50 = 6.025 -> 6.03 for each.
    february = run.bill(FEBRUARY)
    assert [(line.net_minor, line.tax_percent) for line in february.lines] == [(12_050, Decimal(19)), (12_050, Decimal(16))]
    assert [(one.amount_minor, one.tax_percent) for one in february.allowances] == [(603, Decimal(19)), (603, Decimal(16))]
    # March: 20 -> 30 min x 99.99 / 60 = 49.995 -> 50.00; 5 % = 2.50.
    assert told(run.bill(MARCH)) == [("time", "Ben", 30, 5_000)]
    assert run.bills[2].net_minor == 4_750


def test_capped() -> None:
    """The invoice that crosses the cap is brought down to it; what comes later stays unbilled, and shows."""
    run = ledger(
        make_work(
            make_contract(ContractKind.CAPPED, cap_minor=100_000),
            worked("a1", date(2026, 1, 5), 360),
            spent("x1", date(2026, 1, 6), 5_000, note="Train"),
            worked("a2", date(2026, 2, 2), 150),
            worked("a3", date(2026, 2, 3), 60),
            worked("a4", date(2026, 2, 4), 60),
            worked("a5", date(2026, 3, 2), 60),
        )
    )
    # 6 h x 100.00 + 50.00 = 650.00; 350.00 are left.
    assert told(run.bill(JANUARY)) == [("time", "Anna", 360, 60_000), ("expense", "Train", 1, 5_000)]
    # 2.5 h = 250.00, then an hour to 350.00: exactly the cap, and the next hour stays.
    february = run.bill(FEBRUARY)
    assert told(february) == [("time", "Anna", 210, 35_000)]
    assert [(one.source_id, one.reason.value) for one in february.left if one.day <= FEBRUARY] == [("a4", "after_cap")]
    march = run.bill(MARCH)
    assert told(march) == []
    assert sorted((one.source_id, one.reason.value) for one in march.left) == [("a4", "after_cap"), ("a5", "after_cap")]
    assert run.work.before.capped_minor == 100_000


def test_capped_brought_down() -> None:
    """What crosses the cap is billed whole, and a line takes off what is beyond; under a warning all is billed."""
    contract = make_contract(ContractKind.CAPPED, cap_minor=100_000, rounding=Rounding(step_min=30))
    items = (worked("a1", date(2026, 1, 5), 590), worked("a2", date(2026, 1, 6), 20), worked("a3", date(2026, 1, 7), 60))
    # 590 -> 600 min = 1000.00: the cap itself. So only the first is billed.
    assert told(ledger(make_work(contract, *items)).bill(JANUARY)) == [("time", "Anna", 600, 100_000)]
    # At a cap of 1020.00 the second, 20 -> 30 min = 50.00, crosses by 30.00.
    run = ledger(make_work(replace(contract, cap_minor=102_000), *items))
    january = run.bill(JANUARY)
    assert told(january) == [("time", "Anna", 630, 105_000), ("cap", "Beyond the agreed limit", -1, -3_000)]
    assert january.net_minor == 102_000
    assert [one.code for one in january.findings] == ["cap.reached"]
    # Under a warning: 600 + 30 + 60 min = 1150.00, 130.00 too much.
    warned = bill(make_work(replace(contract, cap_minor=102_000, beyond_cap=BeyondCap.WARN), *items), since=None, until=JANUARY)
    assert warned.net_minor == 115_000
    assert [(one.code, one.facts["over_minor"]) for one in warned.findings] == [("cap.exceeded", 13_000)]


def test_fixed_price() -> None:
    """Milestones are billed once they are approved, expenses beside them, and the deposit is taken off."""
    start = make_charge(ChargeKind.DEPOSIT, 200_000, date(2026, 1, 1), name="Start")
    draft = make_charge(ChargeKind.MILESTONE, 150_000, date(2026, 2, 10), name="Draft")
    final = make_charge(ChargeKind.MILESTONE, 350_001, date(2026, 3, 20), name="Final")
    run = ledger(
        make_work(
            make_contract(ContractKind.FIXED_PRICE),
            worked("a1", date(2026, 1, 5), 480),
            spent("x1", date(2026, 1, 7), 9_900, note="Hotel"),
            charges=(start, draft, final),
        )
    )
    # The deposit and the hotel; nothing is taken off a deposit on its own invoice.
    january = run.bill(JANUARY)
    assert told(january) == [("deposit", "Start", 1, 200_000), ("expense", "Hotel", 1, 9_900)]
    assert [(one.source_id, one.reason.value) for one in january.left] == [
        ("Draft", "not_approved"),
        ("Final", "not_approved"),
        ("a1", "in_price"),
    ]
    # 1500.00 are reached, all of which the deposit pays; 500.00 of it are left.
    february = run.bill(FEBRUARY, charges={"Draft": reached(draft, date(2026, 2, 12))})
    assert told(february) == [("milestone", "Draft", 1, 150_000), ("deposit_draw", "Less deposit: Start", -1, -150_000)]
    assert february.net_minor == 0
    march = run.bill(MARCH, charges={"Final": reached(final, date(2026, 3, 25))})
    assert told(march) == [("milestone", "Final", 1, 350_001), ("deposit_draw", "Less deposit: Start", -1, -50_000)]
    # 2000.00 + 99.00, 0.00, 3000.01: the price of 5000.01 and the hotel.
    assert sum(one.net_minor for one in run.bills) == 500_001 + 9_900


def test_fixed_schedule() -> None:
    """Each part of the price is billed on the day that was agreed."""
    charges = tuple(make_charge(ChargeKind.SCHEDULE, 33_334 - (n > 1), date(2026, n, 15), name=f"Part {n}") for n in (1, 2, 3))
    run = ledger(make_work(make_contract(ContractKind.FIXED_SCHEDULE), charges=charges))
    assert told(run.bill(date(2026, 1, 14))) == []
    assert told(run.bill(date(2026, 1, 15))) == [("schedule", "Part 1", 1, 33_334)]
    assert told(run.bill(FEBRUARY)) == [("schedule", "Part 2", 1, 33_333)]
    assert told(run.bill(MARCH)) == [("schedule", "Part 3", 1, 33_333)]
    assert sum(one.net_minor for one in run.bills) == 100_000


def test_retainer() -> None:
    """The fee on a month's first day; its work after its end: what was rolled over first, then its own time, then beyond."""
    terms = Retainer(fee_minor=80_000, included_min=600, unused=Unused.ROLL_OVER, roll_months=1, overage_rate=Decimal("95.50"))
    run = ledger(
        make_work(
            make_contract(ContractKind.RETAINER, retainer=terms, starts_on=date(2026, 1, 10)),
            worked("a1", date(2026, 1, 12), 400),
            worked("a2", date(2026, 2, 3), 500),
            worked("a3", date(2026, 2, 20), 350),
            worked("a4", date(2026, 3, 5), 700),
        )
    )
    # Begun on the 10th: the whole fee for the part of a month, and no work settled yet.
    assert told(run.bill(date(2026, 1, 10))) == [("retainer", "Monthly fee 2026-01", 1, 80_000)]
    # January ends: 400 of 600 min used, 200 roll over into February alone.
    assert told(run.bill(JANUARY)) == [("covered", "Anna, included in 2026-01", 400, 0)]
    # February: 850 min = 200 of January's, 600 of its own, 50 beyond: 50 x 95.50 / 60 = 79.583 -> 79.58.
    assert told(run.bill(FEBRUARY)) == [
        ("retainer", "Monthly fee 2026-02", 1, 80_000),
        ("time", "Anna", 50, 7_958),
        ("covered", "Anna, included in 2026-01", 200, 0),
        ("covered", "Anna, included in 2026-02", 600, 0),
    ]
    # March: 600 of its own, 100 beyond: 159.1666 -> 159.17.
    assert told(run.bill(MARCH)) == [
        ("retainer", "Monthly fee 2026-03", 1, 80_000),
        ("time", "Anna", 100, 15_917),
        ("covered", "Anna, included in 2026-03", 600, 0),
    ]
    assert run.work.before.covered_minutes == {"2026-01": 600, "2026-02": 600, "2026-03": 600}


def test_block_hours() -> None:
    """Blocks are billed on their day, work uses the oldest first, and what they do not cover is billed at the bill rates."""
    first = make_charge(ChargeKind.BLOCK, 90_000, date(2026, 1, 1), name="Block 1", minutes=600)
    second = make_charge(ChargeKind.BLOCK, 85_000, date(2026, 2, 15), name="Block 2", minutes=600)
    run = ledger(
        make_work(
            make_contract(ContractKind.BLOCK_HOURS, rounding=Rounding(step_min=6)),
            worked("a1", date(2026, 1, 8), 481),
            worked("a2", date(2026, 2, 10), 180),
            worked("a3", date(2026, 2, 16), 60),
            worked("a4", date(2026, 3, 3), 500),
            worked("a5", date(2026, 3, 4), 120),
            charges=(first, second),
        )
    )
    # 481 -> 486 min of 600: 114 are left.
    assert told(run.bill(JANUARY)) == [("block", "Block 1", 1, 90_000), ("covered", "Anna, included in Block 1", 486, 0)]
    # On the 10th 180 min: the last 114 of the first block, and 66 beyond = 110.00; the second is there from the 15th.
    assert told(run.bill(FEBRUARY)) == [
        ("block", "Block 2", 1, 85_000),
        ("time", "Anna", 66, 11_000),
        ("covered", "Anna, included in Block 1", 114, 0),
        ("covered", "Anna, included in Block 2", 60, 0),
    ]
    # 540 are left: 500 -> 504, then 36 of 120; 84 min beyond = 140.00.
    march = run.bill(MARCH)
    assert told(march) == [("time", "Anna", 84, 14_000), ("covered", "Anna, included in Block 2", 540, 0)]
    assert [(one.source_id, one.position, one.billed_minutes, one.net_minor) for one in march.items] == [
        ("a5", 1, 120, 14_000),
        ("a4", 2, 504, 0),
    ]


def test_cost_plus() -> None:
    """Work at what it costs with the markup; whoever sees its lines could tell a cost rate."""
    run = ledger(
        make_work(
            make_contract(ContractKind.COST_PLUS, markup=Decimal("0.15"), detail=LineDetail.GRADE),
            worked("a1", date(2026, 1, 5), 90, grade="Senior"),
            worked("b1", date(2026, 1, 5), 30, grade="Senior", person_id="ben"),
            spent("x1", date(2026, 2, 7), 1_999, note="Licence"),
            worked("a2", date(2026, 3, 5), 7, grade=None),
            rate_of=at(("anna", "54.0615"), ("ben", "54.0615")),
        )
    )
    # 47.01 x 1.15 = 54.0615 an hour; 120 min = 108.123 -> 108.12; nobody is named.
    january = run.bill(JANUARY)
    assert told(january) == [("time", "Senior", 120, 10_812)]
    assert [(line.person_id, line.tells_cost) for line in january.lines] == [(None, True)]
    # 90/120 and 30/120 of 108.12.
    assert [(one.source_id, one.net_minor) for one in january.items] == [("a1", 8_109), ("b1", 2_703)]
    assert told(run.bill(FEBRUARY)) == [("expense", "Licence", 1, 1_999)]
    # 7 x 54.0615 / 60 = 6.307 -> 6.31.
    assert told(run.bill(MARCH)) == [("time", "Work", 7, 631)]


def test_internal() -> None:
    """Nothing is ever billed, and everything says why."""
    run = ledger(make_work(make_contract(ContractKind.INTERNAL), worked("a1", date(2026, 1, 5), 60), spent("x1", date(2026, 2, 5), 100)))
    for until in (JANUARY, FEBRUARY, MARCH):
        made = run.bill(until)
        assert (made.lines, made.items) == ((), ())
        assert [(one.source_id, one.reason.value) for one in made.left] == [("a1", "internal"), ("x1", "internal")]

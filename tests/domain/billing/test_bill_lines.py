"""What lines of each sort say: their days, their rows, and the figures behind them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from scheduler.domain.billing.charges import ChargeKind
from scheduler.domain.billing.contracts import ContractKind, LineDetail, Retainer, Rounding
from scheduler.domain.billing.invoices import ItemKind, LineKind
from scheduler.domain.billing.pricing import bill
from scheduler.domain.billing.tax_codes import TaxCategory, TaxRate
from tests.domain.billing.contract_factories import (
    START,
    VAT,
    make_charge,
    make_contract,
    make_work,
    reached,
    spent,
    worked,
)
from tests.domain.billing.test_pricing import CHANGING, LAST


def test_a_fee_says_its_month() -> None:
    """What it is for, its tax on its first day, and the rule that made it."""
    contract = make_contract(ContractKind.RETAINER, retainer=Retainer(fee_minor=500, included_min=60), starts_on=date(2026, 2, 12))
    found = bill(make_work(contract, tax=CHANGING), since=None, until=date(2026, 2, 12))
    (line,), (item,) = found.lines, found.items
    assert (line.kind, line.tax_percent, line.service_from, line.service_until) == (
        LineKind.RETAINER,
        Decimal(16),
        date(2026, 2, 12),
        date(2026, 2, 28),
    )
    assert (item.kind, item.source_id, item.day, item.net_minor, item.position) == (
        ItemKind.RETAINER_PERIOD,
        "contract:2026-02",
        date(2026, 2, 12),
        500,
        1,
    )
    assert all((step["row"]["id"], step["row"]["version"]) in {("contract", 2), ("vat", 0)} for step in line.trail)
    assert [(step["rule"], step["row"]["kind"], step["figures"]) for step in line.trail] == [
        ("retainer", "contract", {"month": "2026-02", "fee_minor": "500", "included_min": "60"}),
        ("tax", "tax_code", {"category": "S", "percent": "16"}),
        ("amount", "contract", {"pieces": "1", "net_minor": "500", "currency": "EUR"}),
    ]
    untaxed = replace(VAT, rates=(TaxRate(valid_from=date(2026, 3, 1), percent=Decimal(19)),))
    left = bill(make_work(contract, tax=untaxed), since=None, until=date(2026, 2, 12)).left
    assert [one.day for one in left] == [date(2026, 2, 12)]
    assert [(one.kind, one.source_id, one.reason.value) for one in left] == [(ItemKind.RETAINER_PERIOD, "contract:2026-02", "no_tax_rate")]


def test_a_charge_says_its_day() -> None:
    """Milestones and agreed days are services of their day, blocks and deposits of none; each says the row it was read from."""
    sold = make_charge(ChargeKind.BLOCK, 700, date(2026, 1, 9), name="Block", minutes=60, version=4)
    found = bill(make_work(make_contract(ContractKind.BLOCK_HOURS), charges=(sold,)), since=None, until=LAST)
    (line,), (item,) = found.lines, found.items
    assert (line.kind, line.unit_price, line.service_from, line.service_until) == (LineKind.BLOCK, Decimal("7.00"), None, None)
    assert (item.kind, item.source_id, item.day, item.net_minor) == (ItemKind.CHARGE, "Block", date(2026, 1, 9), 700)
    assert [(step["rule"], step["row"], step["figures"]) for step in line.trail] == [
        ("block", {"kind": "charge", "id": "Block", "version": 4}, {"day": "2026-01-09", "amount_minor": "700"}),
        ("tax", {"kind": "tax_code", "id": "vat", "version": 3}, {"category": "S", "percent": "19"}),
        ("amount", {"kind": "contract", "id": "contract", "version": 2}, {"pieces": "1", "net_minor": "700", "currency": "EUR"}),
    ]
    stone = reached(make_charge(ChargeKind.MILESTONE, 1, date(2026, 1, 1), name="Draft"), date(2026, 2, 12))
    (line,) = bill(make_work(make_contract(ContractKind.FIXED_PRICE), charges=(stone,), tax=CHANGING), since=None, until=LAST).lines
    assert (line.service_from, line.service_until, line.tax_percent) == (date(2026, 2, 12), date(2026, 2, 12), Decimal(16))


def test_an_expense_says_whose_it_is_where_lines_name_people() -> None:
    """By person or entry the line names who spent it; by task or grade nobody. Without a note it is an expense."""
    for detail, person in ((LineDetail.PERSON, "anna"), (LineDetail.ENTRY, "anna"), (LineDetail.TASK, None), (LineDetail.GRADE, None)):
        work = make_work(make_contract(detail=detail), spent("x1", date(2026, 2, 12), 250, version=6), tax=CHANGING)
        found = bill(work, since=None, until=LAST)
        (line,), (item,) = found.lines, found.items
        assert (line.description, line.person_id, line.tax_percent, line.service_from) == (
            "Expense",
            person,
            Decimal(16),
            date(2026, 2, 12),
        )
        assert (item.kind, item.source_id, item.person_id, item.day, item.minutes) == (
            ItemKind.EXPENSE,
            "x1",
            "anna",
            date(2026, 2, 12),
            None,
        )
        assert (line.trail[0]["rule"], line.trail[0]["row"]) == ("expense", {"kind": "expense", "id": "x1", "version": 6})
        assert line.trail[0]["figures"] == {"day": "2026-02-12", "charged_minor": "250"}


def test_beyond_a_retainer_its_own_rate_is_told() -> None:
    """The trail of work beyond says that the contract made its rate; without one the bill rates do."""
    retainer = Retainer(fee_minor=0, included_min=0, overage_rate=Decimal("77.5"))
    contract = make_contract(ContractKind.RETAINER, retainer=retainer)
    (line,) = bill(make_work(contract, worked("a1", START, 60)), since=None, until=LAST).lines
    assert (line.unit_price, line.trail[0]) == (
        Decimal("77.5"),
        {"rule": "overage_rate", "row": {"kind": "contract", "id": "contract", "version": 2}, "figures": {"rate": "77.5"}},
    )
    by_rates = replace(contract, retainer=replace(retainer, overage_rate=None))
    (line,) = bill(make_work(by_rates, worked("a1", START, 60)), since=None, until=LAST).lines
    assert (line.unit_price, line.trail[0]["rule"]) == (Decimal(100), "bill_rate")


def test_a_line_covers_the_days_of_its_work() -> None:
    """From the first to the last; contract, project, person and tax stand on it, and each entry with its minutes and its part."""
    work = make_work(make_contract(rounding=Rounding(step_min=15)), worked("a1", date(2026, 1, 9), 20), worked("a2", START, 10))
    found = bill(work, since=None, until=LAST)
    (line,) = found.lines
    assert (line.service_from, line.service_until) == (START, date(2026, 1, 9))
    assert (line.contract_id, line.project_id, line.person_id, line.tells_cost, line.note) == ("contract", "project", "anna", False, None)
    assert (line.tax_category, line.tax_percent) == (TaxCategory.STANDARD, Decimal(19))
    assert [(one.source_id, one.day, one.person_id, one.minutes, one.billed_minutes, one.net_minor) for one in found.items] == [
        ("a2", START, "anna", 10, 15, 2_500),
        ("a1", date(2026, 1, 9), "anna", 20, 30, 5_000),
    ]
    assert START + timedelta(days=8) == date(2026, 1, 9)

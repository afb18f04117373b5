"""Revenue of contracts at its limits: what other books earned, losses, work that is over, and figures from which none follows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from scheduler.domain.billing.recognition import (
    ContractFacts,
    CostEstimate,
    DayAmount,
    Method,
    Milestone,
    PriceChange,
    Termination,
    recognised,
)
from scheduler.domain.ground.checks import INTEGER_MAX
from scheduler.domain.ground.interval import DateInterval
from tests.domain.billing.refusals import faults, refused

JAN, FEB, MAR = (date(2026, month, 1) for month in (1, 2, 3))


def on(month: date, day: int) -> date:
    """A day of the month."""
    return month.replace(day=day)


def test_milestones_and_expenses_of_other_books_are_not_earned_again() -> None:
    """What was approved or spent on the last day before these books count is in the 500.00 that were taken over; on their first day it is not."""
    for method, more in (
        (Method.MILESTONE, {"milestones": tuple(Milestone(amount_minor=50_000, approved_on=day) for day in (on(JAN, 31), FEB))}),
        (Method.AS_APPROVED, {"beside": tuple(DayAmount(day=day, amount_minor=50_000) for day in (on(JAN, 31), FEB))}),
    ):
        facts = ContractFacts(method=method, price_minor=300_000, counts_from=FEB, earned_before_minor=50_000, **more)
        assert [(one.earned_minor, one.cumulative_minor) for one in recognised(facts, (FEB, MAR))] == [(50_000, 100_000), (0, 100_000)]


def test_expenses_beside_the_price_bear_no_part_of_a_loss() -> None:
    """
    A price of 1,000.00 for costs of 1,200.00: a loss of 200.00 is expected.

    600.00 are spent, half of all: 500.00 are earned, 100.00 lost, 100.00 provided for; 70.00 of expenses are charged beside, and change nothing.
    """
    facts = ContractFacts(
        method=Method.COST_TO_COST,
        price_minor=100_000,
        costs=(DayAmount(day=on(JAN, 5), amount_minor=60_000),),
        estimates=(CostEstimate(day=JAN, at_completion_minor=120_000),),
        beside=(DayAmount(day=on(JAN, 6), amount_minor=7_000),),
    )
    (found,) = recognised(facts, (JAN,))
    assert (found.earned_minor, found.provision_minor) == (57_000, 10_000)


@pytest.mark.parametrize("costs", [(), (DayAmount(day=on(JAN, 5), amount_minor=-1),)], ids=["none", "given back"])
def test_of_a_price_nothing_is_earned_before_anything_is_spent(costs: tuple[DayAmount, ...]) -> None:
    """Not even a minor unit, where one that is spent earns one."""
    facts = ContractFacts(
        method=Method.COST_TO_COST, price_minor=100, costs=costs, estimates=(CostEstimate(day=JAN, at_completion_minor=100),)
    )
    assert [one.earned_minor for one in recognised(facts, (JAN,))] == [0]


@pytest.mark.parametrize("over", [{"completed_on": FEB}, {"termination": Termination(day=FEB, price_minor=90_000)}], ids=["done", "ended"])
def test_work_that_is_over_costs_no_more_than_it_did(over: dict[str, Any]) -> None:
    """
    From the month of its last day on what was spent is all there is, whatever was expected; before it, it is not over.

    400.00 of 1,200.00 are spent: of a price of 900.00 a third is earned in January, and 200.00 of the loss of 300.00 are provided for.
    Over on 1 February the rest is earned, and no loss is left.
    """
    facts = ContractFacts(
        method=Method.COST_TO_COST,
        price_minor=90_000,
        costs=(DayAmount(day=on(JAN, 5), amount_minor=40_000),),
        estimates=(CostEstimate(day=JAN, at_completion_minor=120_000),),
        **over,
    )
    found = recognised(facts, (JAN, FEB))
    assert [one.cost_at_completion_minor for one in found] == [120_000, 40_000]
    assert [(one.earned_minor, one.provision_minor) for one in found] == [(30_000, 20_000), (60_000, 0)]


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({"method": Method.MILESTONE}, [("/price_minor", "revenue.price_missing")]),
        (
            {"method": Method.AS_APPROVED, "changes": (PriceChange(approved_on=JAN, delta_minor=1),)},
            [("/price_minor", "revenue.price_missing")],
        ),
        ({"method": Method.AS_APPROVED, "price_minor": -1}, [("/price_minor", "number.out_of_range")]),
        ({"method": Method.STRAIGHT_LINE, "price_minor": 1}, [("/service", "revenue.service_missing")]),
        ({"method": Method.STRAIGHT_LINE, "price_minor": 1, "service": DateInterval(JAN)}, [("/service", "revenue.service_missing")]),
        (
            {"method": Method.MILESTONE, "price_minor": 1, "termination": Termination(day=JAN)},
            [("/termination/price_minor", "revenue.termination_price")],
        ),
        (
            {"method": Method.AS_APPROVED, "termination": Termination(day=JAN, price_minor=1)},
            [("/termination/price_minor", "revenue.termination_price")],
        ),
        (
            {"method": Method.MILESTONE, "price_minor": 1, "termination": Termination(day=JAN, price_minor=-1)},
            [("/termination/price_minor", "number.out_of_range")],
        ),
        ({"method": Method.AS_APPROVED, "counts_from": on(JAN, 2)}, [("/counts_from", "month.not_first_day")]),
        ({"method": Method.AS_APPROVED, "earned_before_minor": INTEGER_MAX + 1}, [("/earned_before_minor", "number.out_of_range")]),
        ({"method": Method.AS_APPROVED, "earned_before_minor": -INTEGER_MAX - 1}, [("/earned_before_minor", "number.out_of_range")]),
    ],
)
def test_figures_from_which_no_revenue_follows_are_refused(facts: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """What a method needs is there, and each thing that is not is named."""
    assert faults(ContractFacts, **facts) == wanted
    assert refused(ContractFacts, **facts).detail.startswith("The revenue of a contract is not valid: /")


def test_change_orders_cannot_bring_a_price_below_nothing() -> None:
    """A price of less than nothing is a mistake in the orders, and said to be one; nothing at all is a price."""
    facts = ContractFacts(method=Method.MILESTONE, price_minor=10, changes=(PriceChange(approved_on=JAN, delta_minor=-11),))
    assert faults(recognised, facts, (JAN,)) == [("/changes", "change_order.below_zero")]
    assert refused(recognised, facts, (JAN,)).detail.startswith("The revenue of a contract is not valid: /changes: Before 2026-02-01 ")
    free = ContractFacts(method=Method.MILESTONE, price_minor=10, changes=(PriceChange(approved_on=JAN, delta_minor=-10),))
    assert [one.earned_minor for one in recognised(free, (JAN,))] == [0]

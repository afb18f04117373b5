"""Budgets, earned value and flags: the rules, by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.delivery.budgets import Budget, Measure, Used, check_limits, due_alerts
from scheduler.domain.delivery.earned_value import earned_value, in_money
from scheduler.domain.delivery.flags import FlagKind, Staffing, late, margin_below_target, over_budget, under_staffed
from scheduler.domain.delivery.structure import tree
from scheduler.domain.delivery.tasks import TaskState
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import BudgetId, DemandId, ProjectId, TaskId
from tests.factories import MONDAY, make_task, weeks

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def make_budget(**changes: Any) -> Budget:
    return Budget(**{"id": BudgetId("budget"), "project_id": ProjectId("alpha"), "grade": "senior", "minutes": 600, **changes})


def make_used(limit: int = 1_000, *, actual: int = 0, booked: int = 0, **changes: Any) -> Used:
    return Used(budget=make_budget(**changes), measure=Measure.MINUTES, limit=limit, actual=actual, booked=booked)


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"task_id": TaskId("t")}, "/grade", "budget.two_targets"),
        ({"grade": None}, "/minutes", "budget.of_project"),
        ({"minutes": None}, "/minutes", "budget.no_limit"),
        ({"target_margin": Decimal("0.2")}, "/target_margin", "budget.margin_of_project"),
        ({"alert_percents": (80, 80)}, "/alert_percents", "budget.percent_twice"),
        ({"alert_percents": (0,)}, "/alert_percents/0", "number.out_of_range"),
        ({"minutes": -1}, "/minutes", "number.out_of_range"),
    ],
)
def test_a_budget_that_cannot_be(fields: dict[str, Any], pointer: str, code: str) -> None:
    """Each fault at its field."""
    with pytest.raises(DomainError) as refused:
        check_limits(make_budget(**fields))
    assert (pointer, code) in [(one.pointer, one.code) for one in refused.value.faults]


@given(
    limit=st.integers(0, 10_000),
    steps=st.lists(st.integers(0, 3_000), max_size=8),
    percents=st.sets(st.integers(1, 200), max_size=6),
)
def test_each_part_is_told_once_as_use_grows(limit: int, steps: list[int], percents: set[int]) -> None:
    """However often it is looked: by their ids, the alerts are those parts that the greatest use has reached, one for each."""
    told: dict[str, int] = {}
    used = 0
    for step in steps:
        used += step
        for alert in due_alerts([make_used(limit, actual=used, alert_percents=tuple(percents))], now=NOW):
            told.setdefault(alert.id, alert.percent)
    assert sorted(told.values()) == sorted(percent for percent in percents if used and used * 100 >= percent * limit)


def test_of_another_limit_the_same_part_is_told_anew() -> None:
    """Ids differ by budget, measure, part and limit, and by nothing else."""
    (one,) = due_alerts([make_used(1_000, actual=500, alert_percents=(50,))], now=NOW)
    (again,) = due_alerts([make_used(1_000, actual=700, alert_percents=(50,))], now=NOW + DAY)
    (raised,) = due_alerts([make_used(1_200, actual=700, alert_percents=(50,))], now=NOW)
    assert one.id == again.id != raised.id
    assert list(due_alerts([make_used(1_000, actual=499, alert_percents=(50,))], now=NOW)) == []
    assert list(due_alerts([make_used(0, actual=0, alert_percents=(50,))], now=NOW)) == []


def test_earned_value_by_hand() -> None:
    """Two tasks of two weeks each, looked at after the first: half of one should be done; it is done to 30 %, and another is done early."""
    first = make_task("first", period=weeks(0, 1), estimate_minutes=1_000, progress_percent=30, state=TaskState.ACTIVE)
    second = make_task("second", period=weeks(2, 3), estimate_minutes=500, state=TaskState.DONE)
    dropped = make_task("dropped", period=weeks(0, 0), estimate_minutes=999, state=TaskState.CANCELLED)
    found = earned_value(tree([first, second, dropped]), project_days=None, on=MONDAY + 7 * DAY, actual_minutes=640)
    assert (found.total, found.planned, found.earned, found.actual) == (1_500, 500, 800, 640)
    assert (found.cpi, found.spi) == (Fraction(5, 4), Fraction(8, 5))
    money = in_money(found, budget_minor=300_001, actual_minor=100_000)
    assert money is not None
    assert (money.total, money.planned, money.earned, money.actual) == (300_001, 100_000, 160_001, 100_000)


def test_earned_value_of_nothing() -> None:
    """Without estimates or work there is nothing to divide by; without a period nothing is planned."""
    nothing = earned_value((), project_days=None, on=MONDAY, actual_minutes=0)
    assert (nothing.cpi, nothing.spi, in_money(nothing, budget_minor=1, actual_minor=0)) == (None, None, None)
    undated = earned_value(tree([make_task(estimate_minutes=100)]), project_days=None, on=MONDAY, actual_minutes=0)
    assert (undated.total, undated.planned) == (100, 0)


def test_late() -> None:
    """An open task whose days are over, or work that is booked beyond the project's end."""
    assert list(late(late_tasks=[], minutes_after_end=0)) == []
    (flag,) = late(late_tasks=[TaskId("b"), TaskId("a")], minutes_after_end=60)
    assert (flag.kind, flag.figures) == (FlagKind.LATE, {"late_task_ids": ["a", "b"], "booked_minutes_after_end": 60})


def test_over_budget() -> None:
    """At the limit it is not, a minute over it is: with what is worked, what is booked, and which budget."""
    assert list(over_budget([make_used(1_000, actual=400, booked=600)])) == []
    (flag,) = over_budget([make_used(1_000, actual=401, booked=600), make_used(1_000)])
    assert flag.figures == {
        "target": "grade senior",
        "measure": "minutes",
        "limit": 1_000,
        "actual": 401,
        "booked": 600,
        "at_completion": 1_001,
    }


def test_under_staffed() -> None:
    """What is missing is summed over the demands that want more than is booked; more on one makes up for nothing on another."""
    staffing = [Staffing(demand_id=DemandId(name), wanted=600, booked=booked) for name, booked in (("a", 500), ("b", 900), ("c", 600))]
    (flag,) = under_staffed(staffing)
    assert flag.figures["missing_minutes"] == 100
    assert [one["demand_id"] for one in flag.figures["demands"]] == ["a"]
    assert list(under_staffed(staffing[1:])) == []


@pytest.mark.parametrize(
    ("revenue", "cost", "target", "is_flagged"),
    [
        (1_000, 800, "0.2", False),
        (1_000, 801, "0.2", True),
        (0, 1, "0", True),
        (0, 0, "0.2", False),
        (1_000, 1_000, "0", False),
        (1_000, 999_999, None, False),
    ],
)
def test_margin_below_target(revenue: int, cost: int, target: str | None, is_flagged: bool) -> None:
    """At the target it is not below it; without revenue any cost is; without a target nothing is."""
    wanted = None if target is None else Decimal(target)
    assert bool(list(margin_below_target(revenue_minor=revenue, cost_minor=cost, target=wanted))) == is_flagged


def test_every_flag_says_its_rule() -> None:
    """In words, whatever its kind."""
    (flag,) = late(late_tasks=[TaskId("a")], minutes_after_end=0)
    assert flag.rule.startswith("Tasks that are neither done nor cancelled")

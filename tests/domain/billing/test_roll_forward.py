"""A contract's balance from month to month."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing.months import following
from scheduler.domain.billing.recognition import ContractFacts, DayAmount, Method, MonthRevenue, recognised
from scheduler.domain.billing.roll_forward import (
    AdjustedAmount,
    BalanceMonth,
    BilledAmount,
    Opening,
    check_closable,
    check_month_open,
    roll_forward,
)
from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Sequence

JAN, FEB, MAR = (date(2026, month, 1) for month in (1, 2, 3))
MONTHS = tuple(following(JAN, by=n) for n in range(6))
SAME = dict.fromkeys(MONTHS, Fraction(1))


def of_work(*work: tuple[date, int], months: Sequence[date] = MONTHS, before: int = 0) -> tuple[MonthRevenue, ...]:
    """Revenue of work at its price."""
    done = tuple(DayAmount(day=day, amount_minor=amount) for day, amount in work)
    return recognised(ContractFacts(method=Method.AS_APPROVED, work=done, earned_before_minor=before), months)


def bill(day: date, amount: int, home: int | None = None) -> BilledAmount:
    """A bill; in the firm's currency it is worth the same where nothing else is said."""
    return BilledAmount(day=day, amount_minor=amount, home_minor=amount if home is None else home)


def test_each_month_opens_with_what_the_last_one_closed_with() -> None:
    """
    Opening + earned - billed + adjusted = closing.

    January: 0 + 300 - 0 = 300 (WIP). February: 300 + 100 - 550 = -150 (deferred). March: -150 + 200 - 0 - 20 = 30 (WIP).
    """
    rows = roll_forward(
        revenue=of_work((JAN, 300), (FEB, 100), (MAR, 200), months=MONTHS[:3]),
        billed=[bill(FEB, 550)],
        adjusted=[AdjustedAmount(day=MAR, amount_minor=-20)],
        rates=SAME,
    )
    assert [(row.opening_minor, row.closing_minor) for row in rows] == [(0, 300), (300, -150), (-150, 30)]
    assert [(row.wip_minor, row.deferred_minor) for row in rows] == [(300, 0), (0, 150), (30, 0)]


def test_an_opening_that_was_taken_over_is_the_first() -> None:
    """
    What other books billed and earned before the month is its opening balance, and is not billed or earned again.

    Taken over for February: 1,000 earned, 700 billed -> 300. A bill of January does not count; February: 300 + 50 - 300 = 50.
    """
    rows = roll_forward(
        revenue=of_work((FEB, 50), months=(FEB,), before=1_000),
        billed=[bill(JAN, 700), bill(FEB, 300)],
        rates=SAME,
        opening=Opening(month=FEB, earned_minor=1_000, billed_minor=700, home_minor=300),
    )
    assert [(row.opening_minor, row.earned_minor, row.billed_minor, row.closing_minor) for row in rows] == [(300, 50, 300, 50)]


def test_late_work_counts_in_the_first_open_month() -> None:
    """January is closed with 300; 40 of January's work are approved later: January stays, February has 100 + 40."""
    first = roll_forward(revenue=of_work((JAN, 300), months=(JAN,)), billed=[], rates=SAME)
    rows = roll_forward(revenue=of_work((JAN, 300), (JAN, 40), (FEB, 100), months=(FEB,)), billed=[], rates=SAME, closed=first)
    assert rows[0] == first[0]
    assert (rows[1].earned_minor, rows[1].closing_minor) == (140, 440)


def test_what_was_paid_in_advance_is_earned_at_the_rate_of_its_bill() -> None:
    """
    Deferred revenue keeps what it was worth when it was billed; only work beyond it is worth the rate of its month.

    January: 1,000 USD billed at 0.90 = 900. February (0.80): 1,200 USD earned: 1,000 at 0.90 and 200 at 0.80 -> 900 + 160 = 1,060.
    March: the 200 are billed at 0.85 = 170, 10 more than they are carried at: an exchange gain of 10, and nothing is left.
    """
    rows = roll_forward(
        revenue=of_work((FEB, 1_200), months=MONTHS[:3]),
        billed=[bill(JAN, 1_000, 900), bill(MAR, 200, 170)],
        rates={JAN: Fraction(9, 10), FEB: Fraction(8, 10), MAR: Fraction(85, 100)},
    )
    assert [row.closing_home_minor for row in rows] == [-900, 160, 0]
    assert [row.earned_home_minor for row in rows] == [0, 1_060, 0]
    assert [row.exchange_home_minor for row in rows] == [0, 0, 10]
    assert [(row.wip_home_minor, row.deferred_home_minor) for row in rows] == [(0, 900), (160, 0), (0, 0)]


def test_months_without_a_gap() -> None:
    """A month that is left out would hide what happened in it."""
    with pytest.raises(ValueError, match="does not follow"):
        roll_forward(revenue=of_work(months=(JAN, MAR)), billed=[], rates=SAME)


@pytest.mark.parametrize(
    ("month", "closed", "today", "code", "named"),
    [
        (FEB, (JAN,), date(2026, 2, 28), "month.not_over", "2026-02-01"),
        (MAR, (JAN,), date(2026, 4, 1), "month.earlier_open", "2026-02-01"),
        (FEB, (), date(2026, 4, 1), "month.earlier_open", "2026-01-01"),
        (JAN, (JAN,), date(2026, 4, 1), "month.closed", "2026-01-01"),
        (date(2025, 12, 1), (JAN,), date(2026, 4, 1), "month.closed", "2025-12-01"),
    ],
)
def test_months_are_closed_in_order_and_once(month: date, closed: tuple[date, ...], today: date, code: str, named: str) -> None:
    """Neither before it is over, nor before an earlier one, nor twice; the month that stands in the way is named."""
    with pytest.raises(DomainError) as refused:
        check_closable(month, closed=closed, first=JAN, today=today)
    assert (refused.value.kind, refused.value.code, refused.value.facts) == (ErrorKind.CONFLICT, code, {"month": named})


def test_the_next_month_can_be_closed_on_the_first_day_after_it() -> None:
    """That is all it takes; the first one may be earlier than anything that happened, or where nothing did."""
    check_closable(FEB, closed=(JAN,), first=JAN, today=MAR)
    check_closable(JAN, closed=(), first=JAN, today=MAR)
    check_closable(JAN, closed=(), first=FEB, today=MAR)
    check_closable(JAN, closed=(), first=None, today=MAR)


def test_nothing_is_dated_into_a_closed_month() -> None:
    """Up to the last day of the last closed month."""
    check_month_open(FEB, (JAN,))
    with pytest.raises(DomainError) as refused:
        check_month_open(date(2026, 1, 31), (JAN,))
    assert (refused.value.kind, refused.value.code) == (ErrorKind.CONFLICT, "month.closed")
    assert refused.value.facts == {"month": "2026-01-01"}
    check_month_open(date(2020, 1, 1), ())


def test_no_balance_is_worth_nothing() -> None:
    """A balance of 0 with a worth in the firm's currency would never go away."""
    with pytest.raises(DomainError) as refused:
        Opening(month=JAN, earned_minor=5, billed_minor=5, home_minor=1)
    assert refused.value.faults[0].code == "opening.home_without_balance"


DAYS = st.dates(min_value=JAN, max_value=date(2026, 6, 30))
AMOUNTS = st.integers(min_value=-(10**6), max_value=10**7)
WORK = st.lists(st.tuples(DAYS, AMOUNTS), max_size=8)
BILLS = st.lists(st.builds(BilledAmount, day=DAYS, amount_minor=AMOUNTS, home_minor=AMOUNTS), max_size=6)
BY_HAND = st.lists(st.builds(AdjustedAmount, day=DAYS, amount_minor=AMOUNTS), max_size=3)
RATES = st.fixed_dictionaries({month: st.fractions(min_value="0.01", max_value=100, max_denominator=10**4) for month in MONTHS})


FACTS = st.tuples(WORK, BILLS, BY_HAND)
Facts: TypeAlias = "tuple[list[tuple[date, int]], list[BilledAmount], list[AdjustedAmount]]"


@given(known=FACTS, late=FACTS, rates=RATES, closed=st.integers(min_value=1, max_value=5))
def test_closed_months_never_change_and_late_facts_land_in_the_first_open_one(
    *, known: Facts, late: Facts, rates: dict[date, Fraction], closed: int
) -> None:
    """Whatever is learnt late: stored rows stay, each month opens as the last closed, and the end is what all facts come to."""
    (work, bills, by_hand), (late_work, late_bills, late_by_hand) = known, late
    first = roll_forward(revenue=of_work(*work), billed=bills, adjusted=by_hand, rates=rates)[:closed]
    every_bill, every_hand = bills + late_bills, by_hand + late_by_hand
    rows = roll_forward(
        revenue=of_work(*work, *late_work, months=MONTHS[closed:]), billed=every_bill, adjusted=every_hand, rates=rates, closed=first
    )
    assert rows[:closed] == first
    _check_chain(rows)
    assert sum(row.earned_minor for row in rows) == sum(amount for _, amount in work + late_work)
    assert sum(row.billed_minor for row in rows) == sum(one.amount_minor for one in every_bill)
    assert sum(row.billed_home_minor for row in rows) == sum(one.home_minor for one in every_bill)
    assert sum(row.adjusted_minor for row in rows) == sum(one.amount_minor for one in every_hand)
    caught_up = sum(amount for day, amount in work + late_work if day < following(MONTHS[closed]))
    assert rows[closed].earned_minor == caught_up - sum(row.earned_minor for row in first)


def _check_chain(rows: Sequence[BalanceMonth]) -> None:
    for earlier, later in pairwise(rows):
        assert (later.opening_minor, later.opening_home_minor) == (earlier.closing_minor, earlier.closing_home_minor)
    for row in rows:
        assert row.closing_minor or not row.closing_home_minor, "no balance is worth nothing"
        assert row.wip_minor - row.deferred_minor == row.closing_minor
        assert row.wip_home_minor - row.deferred_home_minor == row.closing_home_minor


@given(WORK, st.lists(st.tuples(DAYS, AMOUNTS), max_size=6), BY_HAND)
def test_in_the_firms_own_currency_both_amounts_are_the_same(
    work: list[tuple[date, int]], bills: list[tuple[date, int]], by_hand: list[AdjustedAmount]
) -> None:
    """At a rate of 1 nothing is gained or lost by exchange."""
    rows = roll_forward(revenue=of_work(*work), billed=[bill(day, amount) for day, amount in bills], adjusted=by_hand, rates=SAME)
    assert all(row.exchange_home_minor == 0 and row.closing_home_minor == row.closing_minor for row in rows)
    assert all(row.earned_home_minor == row.earned_minor for row in rows)

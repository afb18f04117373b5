"""What clients owe, and how long it takes to bill and to be paid."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing.journal import Worth
from scheduler.domain.billing.receivables import (
    BilledWork,
    Bucket,
    OpenItem,
    ageing,
    bucket,
    cycle_time,
    days_sales_outstanding,
    totals,
)

ON = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-5, Bucket.NOT_DUE),
        (0, Bucket.NOT_DUE),
        (1, Bucket.DAYS_1_30),
        (30, Bucket.DAYS_1_30),
        (31, Bucket.DAYS_31_60),
        (60, Bucket.DAYS_31_60),
        (61, Bucket.DAYS_61_90),
        (90, Bucket.DAYS_61_90),
        (91, Bucket.OVER_90),
    ],
)
def test_a_bucket_is_chosen_by_days_overdue(days: int, expected: Bucket) -> None:
    """On the day on which it is due, it is not overdue; each bucket has its last day in it."""
    assert bucket(ON - timedelta(days=days), on=ON) is expected


CURRENCIES = st.sampled_from(["EUR", "USD", "JPY"])
WORTHS = st.builds(Worth, minor=st.integers(min_value=-1000, max_value=10**6), home=st.integers(min_value=-1000, max_value=10**6))
ITEMS = st.builds(
    OpenItem,
    client_id=st.sampled_from(["a", "b", "c"]),
    currency=CURRENCIES,
    due_on=st.dates(min_value=date(2025, 9, 1), max_value=date(2026, 6, 30)),
    worth=WORTHS,
)


@given(st.lists(ITEMS, max_size=20))
def test_everything_owed_is_in_one_bucket_of_its_currency(items: list[OpenItem]) -> None:
    """Buckets of clients add up to all that is owed in the currency, in both amounts, and no currency has anything of another."""
    rows = ageing(items, on=ON)
    sums = totals(rows)
    for currency in {one.currency for one in items}:
        owed = sum((one.worth for one in items if one.currency == currency), Worth())
        assert sum(sums.get(currency, {}).values(), Worth()) == owed
        assert sum((row.total for row in rows if row.currency == currency), Worth()) == owed
    assert all(set(row.buckets) == set(Bucket) for row in rows)
    assert len({(row.client_id, row.currency) for row in rows}) == len(rows)


def test_days_sales_outstanding_counts_sales_back_from_the_day() -> None:
    """
    March sold 1,000 in its 31 days, February 500 in 28: 1,250 owed are all of March and half of February: 31 + 14 = 45 days.

    800 owed are 800/1000 of March: 24.8 days.
    """
    sales = [(date(2026, 2, 10), 500), (date(2026, 3, 5), 1_200), (date(2026, 3, 9), -200), (date(2026, 4, 1), 9_999)]
    assert days_sales_outstanding(1_250, sales, on=ON) == 45
    assert days_sales_outstanding(800, sales, on=ON) == Fraction(248, 10)
    assert days_sales_outstanding(0, sales, on=ON) == 0


def test_a_month_without_sales_counts_whole() -> None:
    """200 owed, sold in January: March and February passed, and all of January: 31 + 28 + 31 days."""
    assert days_sales_outstanding(200, [(date(2026, 1, 2), 200)], on=ON) == 90


def test_what_sales_do_not_make_up_has_no_days() -> None:
    """More is owed than was sold in two years."""
    assert days_sales_outstanding(201, [(date(2026, 1, 2), 200), (date(2023, 1, 2), 999)], on=ON) is None


@given(
    st.lists(st.tuples(st.dates(min_value=date(2025, 1, 1), max_value=ON), st.integers(min_value=1, max_value=10**6)), max_size=12),
    st.integers(min_value=1, max_value=10**7),
)
def test_who_owes_more_owes_it_for_longer(sales: list[tuple[date, int]], owed: int) -> None:
    """The figure never falls when more is owed, and stays within the time that sales go back."""
    some, more = (days_sales_outstanding(amount, sales, on=ON) for amount in (owed, owed + 1))
    if more is not None:
        assert some is not None
        assert 0 < some <= more <= 24 * 31
    if owed <= sum(amount for _, amount in sales):
        assert some is not None


def test_cycle_time_is_weighted_by_amount() -> None:
    """
    900.00 billed after 10 days and 100.00 after 60: a mean of (900 x 10 + 100 x 60) / 1000 = 15 days, and half of it within 10.

    A credit weighs nothing; work that was billed in advance waits for 0 days.
    """
    work = [
        BilledWork(work_date=date(2026, 3, 1), issued_on=date(2026, 3, 11), amount_minor=90_000),
        BilledWork(work_date=date(2026, 1, 10), issued_on=date(2026, 3, 11), amount_minor=10_000),
        BilledWork(work_date=date(2025, 1, 10), issued_on=date(2026, 3, 11), amount_minor=-5_000),
    ]
    found = cycle_time(work)
    assert found is not None
    assert (found.amount_minor, found.mean, found.median) == (100_000, Fraction(15), 10)
    assert cycle_time(work[2:]) is None
    assert BilledWork(work_date=ON, issued_on=date(2026, 1, 1), amount_minor=1).days == 0


@given(st.lists(st.tuples(st.integers(min_value=0, max_value=90), st.integers(min_value=1, max_value=9)), min_size=1, max_size=9))
def test_the_median_is_that_of_single_units(work: list[tuple[int, int]]) -> None:
    """As if every minor unit had been billed for itself: the lower one in the middle of all of them."""
    every = sorted(days for days, amount in work for _ in range(amount))
    found = cycle_time([BilledWork(work_date=ON - timedelta(days=d), issued_on=ON, amount_minor=a) for d, a in work])
    assert found is not None
    assert found.median == every[(len(every) - 1) // 2]
    assert found.mean == Fraction(sum(every), len(every))

"""Shares of amounts that add up to them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing.carrying import carried, without_discount

AMOUNTS = st.integers(min_value=0, max_value=10**6)


@given(st.lists(AMOUNTS, max_size=6), st.integers(min_value=-(10**6), max_value=10**6))
def test_parts_of_a_whole_count_for_exactly_the_whole(parts: list[int], home: int) -> None:
    """However a document is paid, its payments take away all that it was carried at, and nothing else."""
    whole = sum(parts)
    assert sum(carried(parts, whole_minor=whole, whole_home=home)) == (home if whole else 0)


def test_a_third_is_rounded_once_with_what_came_before() -> None:
    """100 over three equal payments: 33.3 is 33, 66.7 is 67 and so 34 more, and 33 are left."""
    assert carried([1, 1, 1], whole_minor=3, whole_home=100) == [33, 34, 33]
    assert carried([], whole_minor=0, whole_home=0) == []


@given(st.lists(AMOUNTS, min_size=1, max_size=6), st.integers(min_value=0, max_value=100))
def test_a_discount_on_these_parts_alone_is_taken_off_exactly(parts: list[int], percent: int) -> None:
    """What is left of the parts is what is left of the bill, and no part falls below 0."""
    whole = sum(parts)
    discount = whole * percent // 100
    left = without_discount(parts, discount_minor=discount, base_minor=whole)
    assert sum(left) == whole - discount
    assert all(0 <= now <= before for now, before in zip(left, parts, strict=True))


def test_a_discount_on_more_is_shared() -> None:
    """10 off a bill of 100, of which these are 40 and 10: 5 of it, 4 and 1."""
    assert without_discount([40, 10], discount_minor=10, base_minor=100) == [36, 9]
    assert without_discount([40, 10], discount_minor=10, base_minor=0) == [40, 10]

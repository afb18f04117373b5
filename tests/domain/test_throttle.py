"""How often a login may fail, and how much of it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.throttle import TOLD_WITHIN, Tries, counted_source, is_told

START = datetime(2027, 2, 1, tzinfo=UTC)


@given(st.integers(1, 10**9), st.integers(0, 300))
def test_a23_what_is_told_grows_with_the_logarithm(number: int, first: int) -> None:
    """The first ones and the powers of two: so few that nobody fills a disk, so many that each doubling is told."""
    assert is_told(number, first=first) or number > first
    assert any(is_told(one, first=first) for one in (2**power for power in range(31)) if number <= one < 2 * number)
    assert sum(is_told(one, first=5) for one in range(1, 1_001)) == 5 + 7


def test_failures_are_counted_by_the_hour() -> None:
    """From the first one on; after an hour, or when the clock was put back, anew."""
    tries = Tries()
    numbers = []
    for minutes in (0, 1, 59, 60, 61, 20):
        tries = tries.one_more_within(TOLD_WITHIN, now=START + timedelta(minutes=minutes))
        numbers.append(tries.failures)
    assert numbers == [1, 2, 3, 1, 2, 1]


@pytest.mark.parametrize(
    ("source", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a23_a_network_is_one_source(source: str, counted: str) -> None:
    """Whoever has one address of an IPv6 network has 2**64, and would otherwise have as many free tries."""
    assert counted_source(source) == counted

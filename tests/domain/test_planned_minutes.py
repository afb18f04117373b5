"""What bookings have planned for the days of a timesheet."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.ids import BookingId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.person_days import Load
from scheduler.domain.staffing.planned_minutes import minutes_within

MONDAY = date(2027, 3, 29)


def load(*minutes: int, start: date = MONDAY, end: date | None = None) -> Load:
    period = DateInterval(start, end or MONDAY + timedelta(weeks=len(minutes)))
    return Load(booking_id=BookingId("b"), period=period, promised=minutes, minutes=minutes)


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        (DateInterval(MONDAY, MONDAY + timedelta(weeks=1)), 600),
        (DateInterval(date(2027, 3, 1), date(2027, 4, 1)), 360),
        (DateInterval(date(2027, 4, 1), date(2027, 5, 1)), 240),
        (DateInterval(date(2027, 4, 3), date(2027, 4, 5)), 0),
        (DateInterval(date(2027, 5, 1), date(2027, 6, 1)), 0),
    ],
)
def test_a_week_lies_on_its_working_days(days: DateInterval, wanted: int) -> None:
    """Three of the five are in March; the weekend has none."""
    assert minutes_within(load(600), days) == wanted


def test_a_booking_of_a_weekend_lies_on_the_weekend() -> None:
    """Where it covers no working day, on the days that it covers."""
    weekend = load(120, start=date(2027, 4, 3), end=date(2027, 4, 5))
    assert minutes_within(weekend, DateInterval(date(2027, 4, 4), date(2027, 4, 5))) == 60


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=6), st.integers(1, 6), st.lists(st.integers(1, 60), max_size=4))
def test_the_parts_add_up(minutes: list[int], first_day: int, cuts: list[int]) -> None:
    """However the days are cut into timesheets, no minute is lost and none is counted twice."""
    whole = load(*minutes, start=MONDAY + timedelta(days=first_day % 7))
    bounds = sorted({date(2027, 1, 1), date(2028, 1, 1), *(MONDAY + timedelta(days=cut) for cut in cuts)})
    parts = [minutes_within(whole, DateInterval(start, end)) for start, end in itertools.pairwise(bounds)]
    assert sum(parts) == sum(minutes)

"""Moving days so that as many working days lie between them as before."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.working_days import DayShift
from tests.factories import MONDAY, monday

DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))
OFF = st.sets(DAYS, max_size=30)


def working(first: date, until: date, off: set[date]) -> int:
    return sum(1 for n in range((until - first).days) if (first + timedelta(days=n)).weekday() < 5 and first + timedelta(days=n) not in off)


@given(begins=DAYS, to=DAYS, first=DAYS, length=st.integers(1, 60), off=OFF)
def test_an_interval_keeps_its_working_days_and_their_distance(begins: date, to: date, first: date, length: int, off: set[date]) -> None:
    """As many working days within it, and as many between it and the beginning; the beginning itself goes where it should."""
    shift = DayShift(begins=begins, to=to, off=off)
    days = DateInterval(first, first + timedelta(days=length))
    moved = shift.interval(days)
    assert moved.end is not None
    assert days.end is not None
    assert shift.day(shift.begins) == shift.to
    count = working(days.start, days.end, off)
    if not count or shift.is_none:
        assert moved.end - moved.start == days.end - days.start
        return
    assert working(moved.start, moved.end, off) == count
    if days.start >= shift.begins:
        assert working(shift.to, moved.start, off) == working(shift.begins, days.start, off)
    else:
        assert working(moved.start, shift.to, off) == working(days.start, shift.begins, off)


def test_weeks_of_a_shift() -> None:
    """From a Friday to the Monday after it is a week, within one week it is none; a weekend begins on the Monday."""
    friday = MONDAY + timedelta(days=4)
    assert DayShift(begins=friday, to=monday(1)).weeks == 1
    assert DayShift(begins=MONDAY, to=friday).weeks == 0
    assert DayShift(begins=friday + timedelta(days=1), to=monday(1)).is_none
    assert DayShift(begins=monday(2), to=MONDAY).weeks == -2

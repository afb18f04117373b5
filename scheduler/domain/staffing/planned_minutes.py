"""What bookings have planned for some days."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler.domain.staffing.booked_minutes import covered_days, monday_of

if TYPE_CHECKING:
    from datetime import date

    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.staffing.person_days import Load

_WORKING_DAYS = 5


def minutes_within(load: Load, days: DateInterval) -> int:
    """
    Minutes that a booking takes of these days.

    Those of a week lie on its days from Monday to Friday that the booking covers, or where there are none on the others; so the parts
    of a week add up to the week.
    """
    first = monday_of(load.period.start)
    return sum(_of_week(load, days, index=index, first=first) for index in range(len(load.minutes)) if load.minutes[index])


def _of_week(load: Load, days: DateInterval, *, index: int, first: date) -> int:
    monday = first + timedelta(weeks=index)
    covered = covered_days(load.period.start, load.period.end, monday=monday)
    booked = [monday + timedelta(days=day) for day in covered if day < _WORKING_DAYS] or [monday + timedelta(days=day) for day in covered]
    before = sum(day < days.start for day in booked)
    until = before + sum(day in days for day in booked)
    minutes = load.minutes[index]
    return minutes * until // len(booked) - minutes * before // len(booked) if booked else 0

"""What a booking promises of each week, and what it can take of it: one rule for planning and for the counters of people's days."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler.domain.staffing.capacity import WEEK_DAYS, promised_in_week, taken_by_stay

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from scheduler.domain.staffing.capacity import Minutes
    from scheduler.domain.staffing.work import Booking, WeekEffort


def monday_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def promised_by_week(booking: Booking, *, effort: Iterable[WeekEffort] | None, start: date, days: Sequence[Minutes]) -> tuple[int, ...]:
    """
    Minutes the booking promises in each week from the Monday ``start`` on; ``days``: the person's, seven for each week.

    Its share of the demand's ``effort`` (``None``: it is on no demand, or on one that is unknown), else its weekly minutes; of a
    week that it covers in part, the part that the covered days are of the person's contracted minutes.
    """
    promised = []
    for index, amount in enumerate(_weekly_amounts(booking, effort=effort, start=start, weeks=len(days) // WEEK_DAYS)):
        covered = covered_days(booking.period.start, booking.period.end, monday=start + timedelta(weeks=index))
        if not amount or not covered:
            promised.append(0)
        elif len(covered) == WEEK_DAYS:
            promised.append(amount)
        else:
            week = days[index * WEEK_DAYS : (index + 1) * WEEK_DAYS]
            promised.append(promised_in_week(amount, week=week, booked=[day in covered for day in range(WEEK_DAYS)]))
    return tuple(promised)


def taken_by_week(promised: Iterable[int], weeks: Sequence[Minutes]) -> tuple[int, ...]:
    """Minutes that a booking which promises so much can take of each week: what is promised, shortened by absences."""
    return tuple(taken_by_stay(minutes, week=week) for minutes, week in zip(promised, weeks, strict=True))


def covered_days(start: date, end: date | None, *, monday: date) -> range:
    """Which days of the week (0 = Monday) lie in ``[start, end)``."""
    first = max(0, (start - monday).days)
    return range(first, WEEK_DAYS if end is None else max(first, min(WEEK_DAYS, (end - monday).days)))


def _weekly_amounts(booking: Booking, *, effort: Iterable[WeekEffort] | None, start: date, weeks: int) -> list[int]:
    if effort is None or booking.share is None:
        return [booking.weekly_minutes or 0] * weeks
    amounts = [0] * weeks
    for wanted in effort:
        index = (wanted.week - start).days // WEEK_DAYS + booking.shift_weeks
        if 0 <= index < weeks:
            amounts[index] += int(booking.share * wanted.minutes)
    return amounts

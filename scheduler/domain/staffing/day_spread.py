"""
How the minutes that bookings take of a person's week lie on its days.

Bookings that cover the week only in part go first, each over the free minutes of its own days, in proportion; then those of the
whole week over what is free. So whatever fits into the week fits into its days. What does not fit is laid where minutes were
lost to absences and days off, then on the contracted days: there the excess shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.staffing.capacity import WEEK_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.domain.staffing.capacity import Minutes

    Wanted = tuple[int, range]

WHOLE_WEEK = range(WEEK_DAYS)


def spread_week(wanted: Sequence[Wanted], *, week: Sequence[Minutes]) -> tuple[int, ...]:
    """
    Minutes booked on each of the seven days.

    ``wanted``: of each booking its minutes in the week and the days that it covers (0 = Monday; not empty). Their sum is the sum
    of the answer, whose excess over the days' bookable minutes is as small as it can be.
    """
    parts = sorted((one for one in wanted if len(one[1]) < WEEK_DAYS), key=lambda one: (len(one[1]), one[1].start, one[0]))
    free = [day.bookable_min for day in week]
    rest = [(_pour(minutes, days, free), days) for minutes, days in parts]
    if len(parts) > 1 and any(minutes for minutes, _ in rest):
        free = [day.bookable_min for day in week]
        rest = _by_deadline(parts, free)
    rest.append((_pour(sum(minutes for minutes, days in wanted if len(days) == WEEK_DAYS), WHOLE_WEEK, free), WHOLE_WEEK))
    booked = [day.bookable_min - left for day, left in zip(week, free, strict=True)]
    lost = [day.contracted_min - day.bookable_min for day in week]
    for minutes, days in rest:
        if minutes:
            _lay_excess(minutes, days, booked=booked, lost=lost, week=week)
    return tuple(booked)


def least_excess(wanted: Sequence[Wanted], *, week: Sequence[Minutes]) -> int:
    """Minutes for which the week has no room."""
    if all(len(days) == WEEK_DAYS for _, days in wanted):
        return max(0, sum(minutes for minutes, _ in wanted) - sum(day.bookable_min for day in week))
    return excess_of(spread_week(wanted, week=week), week=week)


def excess_of(booked: Sequence[int], *, week: Sequence[Minutes]) -> int:
    """Minutes booked beyond what is bookable, day by day."""
    return sum(max(0, minutes - day.bookable_min) for minutes, day in zip(booked, week, strict=True))


def _pour(minutes: int, days: range, room: list[int]) -> int:
    """Take room in proportion to what there is, by largest remainder; what found no room."""
    total = sum(room[day] for day in days)
    taken = min(minutes, total)
    if not taken:
        return minutes
    # All weights are read before any room is taken.
    weights = [room[day] for day in days]
    for day, part in zip(days, _parts(taken, weights), strict=True):
        room[day] -= part
    return minutes - taken


def _parts(minutes: int, weights: Sequence[int]) -> list[int]:
    total = sum(weights)
    parts = [minutes * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: (-(minutes * weights[n] % total), n))
    for number in by_remainder[: minutes - sum(parts)]:
        parts[number] += 1
    return parts


def _by_deadline(parts: Sequence[Wanted], free: list[int]) -> list[Wanted]:
    """Day by day, what must be done first is done first: no other way leaves less without room. What is left of each."""
    left = [minutes for minutes, _ in parts]
    for day in WHOLE_WEEK:
        for number in sorted((n for n, (_, days) in enumerate(parts) if day in days), key=lambda n: (parts[n][1].stop, n)):
            taken = min(left[number], free[day])
            left[number] -= taken
            free[day] -= taken
    return [(minutes, days) for minutes, (_, days) in zip(left, parts, strict=True)]


def _lay_excess(minutes: int, days: range, *, booked: list[int], lost: list[int], week: Sequence[Minutes]) -> None:
    before = list(lost)
    rest = _pour(minutes, days, lost)
    for day in days:
        booked[day] += before[day] - lost[day]
    if rest:
        weights = [week[day].contracted_min for day in days]
        for day, part in zip(days, _parts(rest, weights if any(weights) else [1] * len(days)), strict=True):
            booked[day] += part

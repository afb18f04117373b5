"""
What the bookings of a person take of one week.

Together they may promise the contracted minutes. What holidays, closures and absences take of the week, those that are written
later give: each takes what it promises, shortened by absences as a plan shortens it, as far as the others leave room. Where the
promises are more than the contract, nothing gives, and the excess shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.staffing.capacity import WEEK_DAYS, Minutes
from scheduler.domain.staffing.day_spread import least_excess

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scheduler.domain.ground.ids import BookingId


@dataclass(slots=True, kw_only=True)
class WeekShare:
    """One booking in one week; ``minutes`` is what it takes."""

    booking_id: BookingId
    monday: date
    days: range
    """The days that it covers, 0 = Monday."""
    promised: int
    most: int
    """What it would take of the week were it alone."""
    full: int
    """What it promises, shortened by absences only."""
    minutes: int = 0
    is_fresh: bool = False
    """Whether it is to be settled now; else its minutes stand."""
    ceiling: int | None = None
    """It took so much before, of the same promise."""


def shortened(promised_min: int, *, week: Minutes) -> int:
    """What is left of a promise in a week with absences."""
    return promised_min * week.bookable_min // week.usual_min if week.bookable_min < week.usual_min else promised_min


def fit_week(shares: Sequence[WeekShare], *, week: Sequence[Minutes]) -> None:
    """Settle those that are fresh, one after the other; then let all take back what they promise out of what is free."""
    if all(len(share.days) == WEEK_DAYS for share in shares):
        _fit_whole_weeks(shares, week=week)
        return
    fresh = [share for share in shares if share.is_fresh]
    if fresh:
        contracted = [Minutes(contracted_min=m, usual_min=m, bookable_min=m) for m in (day.contracted_min for day in week)]
        too_much = least_excess([(share.promised, share.days) for share in shares], week=contracted) > 0
        for share in fresh:
            wanted = _wanted(share, too_much=too_much)
            if too_much:
                share.minutes = wanted
            else:
                _grow(share, wanted, shares, week)
    for share in shares:
        _grow(share, share.most, shares, week)


def _fit_whole_weeks(shares: Sequence[WeekShare], *, week: Sequence[Minutes]) -> None:
    """The same where all cover the whole week, as most do: then sums are enough."""
    too_much = sum(share.promised for share in shares) > sum(day.contracted_min for day in week)
    room = sum(day.bookable_min for day in week) - sum(share.minutes for share in shares)
    for share in shares:
        if share.is_fresh:
            wanted = _wanted(share, too_much=too_much)
            share.minutes = wanted if too_much else min(wanted, max(0, room))
            room -= share.minutes
    for share in shares:
        if room > 0 and share.most > share.minutes:
            more = min(room, share.most - share.minutes)
            share.minutes += more
            room -= more


def _wanted(share: WeekShare, *, too_much: bool) -> int:
    wanted = share.full if too_much else share.most
    return wanted if share.ceiling is None else min(wanted, share.ceiling)


def _grow(share: WeekShare, wanted: int, shares: Sequence[WeekShare], week: Sequence[Minutes]) -> None:
    """As far as it adds nothing to the excess, which grows minute by minute once there is no room."""
    if wanted <= share.minutes:
        return
    before = least_excess([(one.minutes, one.days) for one in shares], week=week)
    share.minutes = wanted
    share.minutes -= least_excess([(one.minutes, one.days) for one in shares], week=week) - before

"""
The counters of a person's days, and when a booking is too much.

What a booking takes of a week is settled when it is written (``week_fit``), or is what the plan says that it is made from. Later it
only takes back what it promises, out of minutes that are free. So an absence that is recorded later leaves it as it is: where the
week's days do not hold it any more, they have an excess and the booking is flagged. Writing it anew settles it anew.

Bookings may not add to the excess of a week. What cuts capacity may.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scheduler.domain.staffing.booked_minutes import covered_days, monday_of, promised_by_week, taken_by_week
from scheduler.domain.staffing.capacity import WEEK_DAYS, Minutes, minutes_by_week
from scheduler.domain.staffing.day_spread import least_excess, spread_week
from scheduler.domain.staffing.week_fit import WeekShare, fit_week, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scheduler.domain.ground.ids import BookingId
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.staffing.work import Booking, WeekEffort

_WEEK = timedelta(weeks=1)
_NOTHING = Minutes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a booking promises, and what it takes, of the weeks from that of ``period.start`` on."""

    booking_id: BookingId
    period: DateInterval
    promised: tuple[int, ...]
    minutes: tuple[int, ...]

    def week(self, monday: date) -> int | None:
        """The index of a week; ``None`` outside the period."""
        index = (monday - monday_of(self.period.start)).days // WEEK_DAYS
        return index if 0 <= index < len(self.minutes) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDay:
    """A day's counter."""

    capacity_min: int
    booked_min: int

    @property
    def excess_min(self) -> int:
        """Minutes booked beyond the capacity."""
        return max(0, self.booked_min - self.capacity_min)


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """A person's minutes on every day from the Monday ``start`` on, which is no later than that of any booking."""

    start: date
    days: tuple[Minutes, ...]
    weeks: tuple[Minutes, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "weeks", minutes_by_week(self.days))

    def week(self, monday: date) -> Sequence[Minutes]:
        """Seven days."""
        first = (monday - self.start).days
        return self.days[first : first + WEEK_DAYS] if 0 <= first < len(self.days) else (_NOTHING,) * WEEK_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A booking as it is now, and what is to be settled of it."""

    booking: Booking
    effort: tuple[WeekEffort, ...] | None = None
    """Of its demand; ``None`` when it is on none."""
    is_written: bool = False
    """Whether it, or its demand, was written."""
    planned: Mapping[date, int] = field(default_factory=dict)
    """What a plan gives it, by week: taken as it is when the booking was written by that plan, else it takes no more than that."""
    is_planned: bool = False
    """Whether the plan wrote the booking."""
    refreshed: DateInterval | None = None
    """Weeks in which a plan has seen it: there it takes no more than today's absences leave it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverbookedWeek:
    """A week to whose excess bookings would add; each of their days with what is free beside the bookings that were not written."""

    monday: date
    days: tuple[tuple[date, PersonDay, int], ...]

    @property
    def over_min(self) -> int:
        """Minutes that do not fit."""
        return sum(day.excess_min for _, day, _ in self.days)

    @property
    def free_min(self) -> int:
        """Minutes that could be booked."""
        return sum(free for _, _, free in self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A person's loads and days as they are to be kept."""

    loads: Mapping[BookingId, Load]
    days: Mapping[date, PersonDay]
    """Days with something booked."""
    over_capacity: frozenset[BookingId]
    """Bookings on a day with an excess."""
    overbooked: tuple[OverbookedWeek, ...]
    """Weeks to whose excess the written bookings add."""


def settle(claims: Iterable[Claim], *, before: Mapping[BookingId, Load], availability: Availability) -> Settled:
    """Settle a person's bookings; ``before``: their loads as they were, those of bookings that are gone too."""
    ordered = sorted(claims, key=lambda claim: (claim.booking.period.start, claim.booking.id))
    weeks: dict[date, list[WeekShare]] = defaultdict(list)
    shares: dict[BookingId, list[WeekShare]] = {}
    for claim in ordered:
        row = shares[claim.booking.id] = list(_shares(claim, before=before.get(claim.booking.id), availability=availability))
        for share in row:
            weeks[share.monday].append(share)
    for monday, row in weeks.items():
        fit_week(row, week=availability.week(monday))
    loads = {
        claim.booking.id: Load(
            booking_id=claim.booking.id,
            period=claim.booking.period,
            promised=tuple(share.promised for share in shares[claim.booking.id]),
            minutes=tuple(share.minutes for share in shares[claim.booking.id]),
        )
        for claim in ordered
    }
    return _counted(loads, weeks=weeks, before=before, availability=availability, written={c.booking.id for c in ordered if c.is_written})


def _shares(claim: Claim, *, before: Load | None, availability: Availability) -> Iterator[WeekShare]:
    """Each week of the booking, with what it takes to begin with."""
    booking = claim.booking
    start, end = monday_of(booking.period.start), booking.period.end
    assert end is not None
    count = -(-(end - start).days // WEEK_DAYS)
    first = (start - availability.start).days // WEEK_DAYS
    days = availability.days[first * WEEK_DAYS : (first + count) * WEEK_DAYS]
    promised = promised_by_week(booking, effort=claim.effort, start=start, days=days)
    weeks = availability.weeks[first : first + count]
    for number, most in enumerate(taken_by_week(promised, weeks)):
        monday = start + _WEEK * number
        share = WeekShare(
            booking_id=booking.id,
            monday=monday,
            days=covered_days(booking.period.start, end, monday=monday),
            promised=promised[number],
            most=most,
            full=shortened(promised[number], week=weeks[number]),
        )
        _begin(share, claim, before)
        yield share


def _begin(share: WeekShare, claim: Claim, before: Load | None) -> None:
    planned, index = claim.planned.get(share.monday), None if before is None else before.week(share.monday)
    if planned is not None and claim.is_planned:
        share.minutes = planned
    elif before is None or index is None:
        share.is_fresh = True
    else:
        is_same = share.promised == before.promised[index]
        taken = before.minutes[index]
        share.minutes = taken
        if claim.is_written:
            share.is_fresh, share.minutes, share.ceiling = True, 0, taken if is_same else None
        elif claim.refreshed is not None and share.monday in claim.refreshed:
            share.minutes = min(taken, share.full if planned is None else planned)
        elif not is_same:
            share.minutes = min(taken, share.full)


def _wanted(load: Load, monday: date) -> tuple[int, range]:
    index = load.week(monday)
    assert index is not None
    return load.minutes[index], covered_days(load.period.start, load.period.end, monday=monday)


def _counted(
    loads: Mapping[BookingId, Load],
    *,
    weeks: Mapping[date, Sequence[WeekShare]],
    before: Mapping[BookingId, Load],
    availability: Availability,
    written: set[BookingId],
) -> Settled:
    days: dict[date, PersonDay] = {}
    flagged: set[BookingId] = set()
    overbooked = []
    for monday in sorted(weeks):
        week, row = availability.week(monday), weeks[monday]
        booked = spread_week([(share.minutes, share.days) for share in row], week=week)
        counters = [PersonDay(capacity_min=day.bookable_min, booked_min=minutes) for day, minutes in zip(week, booked, strict=True)]
        days.update({monday + timedelta(days=n): one for n, one in enumerate(counters) if one.booked_min})
        excess = sum(one.excess_min for one in counters)
        if not excess:
            continue
        flagged.update(share.booking_id for share in row if share.minutes and any(counters[day].excess_min for day in share.days))
        cut = [_wanted(load, monday) for load in before.values() if load.week(monday) is not None]
        if excess > least_excess(cut, week=week):
            overbooked.append(_overbooked(monday, row, counters, week=week, written=written))
    return Settled(loads=loads, days=days, over_capacity=frozenset(flagged), overbooked=tuple(overbooked))


def _overbooked(
    monday: date, row: Sequence[WeekShare], counters: Sequence[PersonDay], *, week: Sequence[Minutes], written: set[BookingId]
) -> OverbookedWeek:
    others = spread_week([(share.minutes, share.days) for share in row if share.booking_id not in written], week=week)
    touched = sorted({day for share in row if share.booking_id in written and share.minutes for day in share.days})
    found = ((monday + timedelta(days=n), counters[n], max(0, counters[n].capacity_min - others[n])) for n in touched)
    return OverbookedWeek(monday=monday, days=tuple(one for one in found if one[1].capacity_min or one[1].booked_min))

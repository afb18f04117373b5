"""
The counters of a person's days, and when a booking is too much.

What a booking takes of a week is settled when it is written: what it promises, shortened by the absences known then; or what the
plan says that it is made from. Later it only takes back what it promises, out of minutes that are free. So an absence that is
recorded later leaves it as it is: where the week's days do not hold it any more, they have an excess and the booking is flagged.
Writing it anew settles it anew.

Bookings may not add to the excess of a week. What cuts capacity may.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scheduler.domain.staffing.booked_minutes import covered_days, monday_of, promised_by_week, taken_by_week
from scheduler.domain.staffing.capacity import WEEK_DAYS, Minutes, minutes_by_week
from scheduler.domain.staffing.day_spread import excess_of, spread_week

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
    offers = [_offer(claim, before=before.get(claim.booking.id), availability=availability) for claim in ordered]
    minutes = {load.booking_id: list(load.minutes) for load, _ in offers}
    most = {load.booking_id: most for load, most in offers}
    weeks = _by_week(load for load, _ in offers)
    for monday, loads in weeks.items():
        _take_back(monday, loads, minutes, most, availability.week(monday))
    settled = {
        load.booking_id: Load(
            booking_id=load.booking_id, period=load.period, promised=load.promised, minutes=tuple(minutes[load.booking_id])
        )
        for load, _ in offers
    }
    return _counted(settled, weeks=weeks, before=before, availability=availability, written={c.booking.id for c in ordered if c.is_written})


def _offer(claim: Claim, *, before: Load | None, availability: Availability) -> tuple[Load, tuple[int, ...]]:
    """What the booking takes to begin with, and the most it would take."""
    booking = claim.booking
    start, end = monday_of(booking.period.start), booking.period.end
    assert end is not None
    count = -(-(end - start).days // WEEK_DAYS)
    mondays = [start + _WEEK * n for n in range(count)]
    first = (start - availability.start).days // WEEK_DAYS
    days = availability.days[first * WEEK_DAYS : (first + count) * WEEK_DAYS]
    promised = promised_by_week(booking, effort=claim.effort, start=start, days=days)
    most = taken_by_week(promised, availability.weeks[first : first + count])
    taken = tuple(_taken(claim, monday, was=_was(before, monday), promised=promised[n], most=most[n]) for n, monday in enumerate(mondays))
    return Load(booking_id=booking.id, period=booking.period, promised=promised, minutes=taken), most


def _was(before: Load | None, monday: date) -> tuple[int, int] | None:
    index = None if before is None else before.week(monday)
    return None if before is None or index is None else (before.promised[index], before.minutes[index])


def _taken(claim: Claim, monday: date, *, was: tuple[int, int] | None, promised: int, most: int) -> int:
    planned = claim.planned.get(monday)
    if planned is not None and claim.is_planned:
        return planned
    if was is None:
        return most
    promised_before, taken = was
    if claim.is_written:
        return min(taken, most) if promised == promised_before else most
    if claim.refreshed is not None and monday in claim.refreshed:
        return min(taken, most if planned is None else planned)
    return taken if promised == promised_before else min(taken, most)


def _by_week(loads: Iterable[Load]) -> dict[date, list[Load]]:
    weeks: dict[date, list[Load]] = defaultdict(list)
    for load in loads:
        start = monday_of(load.period.start)
        for number in range(len(load.minutes)):
            weeks[start + _WEEK * number].append(load)
    return weeks


def _take_back(
    monday: date,
    loads: Sequence[Load],
    minutes: Mapping[BookingId, list[int]],
    most: Mapping[BookingId, tuple[int, ...]],
    week: Sequence[Minutes],
) -> None:
    """Let bookings that were shortened take what they promise out of what is free."""
    for load in loads:
        index = load.week(monday)
        assert index is not None
        lacking = most[load.booking_id][index] - minutes[load.booking_id][index]
        if lacking > 0:
            booked = spread_week([_wanted(one, monday, minutes[one.booking_id]) for one in loads], week=week)
            days = covered_days(load.period.start, load.period.end, monday=monday)
            minutes[load.booking_id][index] += min(lacking, sum(max(0, week[day].bookable_min - booked[day]) for day in days))


def _wanted(load: Load, monday: date, minutes: Sequence[int]) -> tuple[int, range]:
    index = load.week(monday)
    assert index is not None
    return minutes[index], covered_days(load.period.start, load.period.end, monday=monday)


def _counted(
    settled: Mapping[BookingId, Load],
    *,
    weeks: Mapping[date, Sequence[Load]],
    before: Mapping[BookingId, Load],
    availability: Availability,
    written: set[BookingId],
) -> Settled:
    days: dict[date, PersonDay] = {}
    flagged: set[BookingId] = set()
    overbooked = []
    old_weeks: dict[date, list[Load]] | None = None
    for monday in sorted(weeks):
        week = availability.week(monday)
        loads = [settled[load.booking_id] for load in weeks[monday]]
        booked = spread_week([_wanted(load, monday, load.minutes) for load in loads], week=week)
        counters = [PersonDay(capacity_min=day.bookable_min, booked_min=minutes) for day, minutes in zip(week, booked, strict=True)]
        days.update({monday + timedelta(days=n): one for n, one in enumerate(counters) if one.booked_min})
        excess = sum(one.excess_min for one in counters)
        if not excess:
            continue
        flagged.update(load.booking_id for load in loads if _is_over(load, monday, counters))
        old_weeks = _by_week(before.values()) if old_weeks is None else old_weeks
        cut = spread_week([_wanted(load, monday, load.minutes) for load in old_weeks.get(monday, ())], week=week)
        if excess > excess_of(cut, week=week):
            overbooked.append(_overbooked(monday, loads, counters, week=week, written=written))
    return Settled(loads=settled, days=days, over_capacity=frozenset(flagged), overbooked=tuple(overbooked))


def _is_over(load: Load, monday: date, counters: Sequence[PersonDay]) -> bool:
    minutes, days = _wanted(load, monday, load.minutes)
    return minutes > 0 and any(counters[day].excess_min for day in days)


def _overbooked(
    monday: date, loads: Sequence[Load], counters: Sequence[PersonDay], *, week: Sequence[Minutes], written: set[BookingId]
) -> OverbookedWeek:
    others = spread_week([_wanted(load, monday, load.minutes) for load in loads if load.booking_id not in written], week=week)
    wanted = [_wanted(load, monday, load.minutes) for load in loads if load.booking_id in written]
    touched = sorted({day for minutes, days in wanted if minutes for day in days})
    found = ((monday + timedelta(days=n), counters[n], max(0, counters[n].capacity_min - others[n])) for n in touched)
    return OverbookedWeek(monday=monday, days=tuple(one for one in found if one[1].capacity_min or one[1].booked_min))

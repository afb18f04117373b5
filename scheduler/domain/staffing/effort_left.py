"""
What a demand still needs, by its lead's own estimate or by what was recorded of it: its coming weeks are wanted more or less, in the
proportions that they have.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.work import WeekEffort

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from scheduler.domain.ground.ids import PersonId
    from scheduler.domain.staffing.work import Booking, Demand

EFFORT_LEFT_MAX = 60_000_000
"""Minutes: a million hours."""


def with_effort_left(demand: Demand, *, minutes: int, on: date) -> Demand:
    """
    The demand with ``minutes`` left to be done from the first Monday on or after ``on``; what lies before stays as it was.

    Weeks keep their proportions, in whole minutes that add up exactly; weeks that come to nothing go, and with 0 minutes all of them.

    Raises
    ------
    DomainError
        ``input.invalid`` for minutes out of range; ``effort.no_weeks`` (CONFLICT) when no week from then on has effort.
    """
    faults = Faults()
    faults.integer("/minutes", minutes, least=0, most=EFFORT_LEFT_MAX)
    faults.raise_any("effort left")
    before = [one for one in demand.effort if one.week < on]
    coming = [one for one in demand.effort if one.week >= on]
    total = sum(one.minutes for one in coming)
    if not total:
        if minutes == 0:
            return demand
        detail = f"The demand has no effort in a week that begins on or after {on}, so nobody can say when the rest is to be done; give it weeks."
        raise DomainError(ErrorKind.CONFLICT, "effort.no_weeks", detail, facts={"on": on.isoformat()})
    scaled, passed, given = [], 0, 0
    for one in coming:
        passed += one.minutes
        until = minutes * passed // total
        if until > given:
            scaled.append(WeekEffort(week=one.week, minutes=until - given))
        given = until
    return replace(demand, effort=(*before, *scaled))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Approved time of a person on a demand on one day."""

    person_id: PersonId
    day: date
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What of a demand's coming weeks comes from what was recorded of it."""

    counts_from: date | None = None
    """Work from this Monday on counts, ``None``: all; a lead's estimate knew what was done before."""
    minutes: int = 0
    """What was added to the coming weeks so far; less than 0: taken off them."""


def estimated(on: date) -> Carried:
    """What is carried once a lead has said on that day what is left: nothing, and work counts from the first Monday on or after it."""
    return Carried(counts_from=on + timedelta(days=-on.weekday() % 7))


def with_recorded(
    demand: Demand, *, recorded: Collection[Recorded], bookings: Collection[Booking], carried: Carried, on: date
) -> tuple[Demand, Carried]:
    """
    The demand with its estimate less what was recorded left to be done, from the Monday ``on`` on; and what it carries then.

    Weeks count as recorded in their order, as long as everybody who is booked in them has approved time there or later; what they wanted more
    or less than was worked is wanted in the coming weeks. Weeks after them are taken to go as planned until they are recorded. Said again,
    nothing changes; what is recorded or withdrawn later is made up for. A demand without coming weeks stays.
    """
    shift = timedelta(weeks=next((b.shift_weeks for b in sorted(bookings, key=lambda b: b.id)), 0))
    counted = [one for one in recorded if (carried.counts_from or date.min) <= one.day < on]
    wanted = {one.week + shift: one.minutes for one in demand.effort}
    past = sorted(week for week in wanted if (carried.counts_from or date.min) <= week < on)
    through = _recorded_through(past, counted, bookings)
    surplus = sum(wanted[week] for week in past if week < through) - sum(one.minutes for one in counted if one.day < through)
    coming = sum(minutes for week, minutes in wanted.items() if week >= on)
    if surplus == carried.minutes or not coming:
        return demand, carried
    left = min(EFFORT_LEFT_MAX, max(0, coming + surplus - carried.minutes))
    return with_effort_left(demand, minutes=left, on=on - shift), replace(carried, minutes=carried.minutes + left - coming)


def _recorded_through(weeks: Sequence[date], recorded: Collection[Recorded], bookings: Collection[Booking]) -> date:
    """The end of the last week that counts as recorded."""
    last: dict[PersonId, date] = {}
    for one in recorded:
        last[one.person_id] = max(one.day, last.get(one.person_id, one.day))
    through = date.min
    for week in weeks:
        days = DateInterval(week, week + timedelta(weeks=1))
        booked = {b.person_id for b in bookings if b.period.overlaps(days)}
        missing = any(last.get(person, date.min) < week for person in booked)
        if missing or (not booked and max(last.values(), default=date.min) < week):
            break
        through = week + timedelta(weeks=1)
    return through

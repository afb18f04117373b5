"""
Bookable minutes of people, by day and by week.

A day's contracted minutes come from the term in force that day. Two things take from it: days off for everybody (public
holidays and closures) and the person's own absences, each in halves of a day:

* holidays and closures on one day do not add up: the greater part counts (a half closure on a half holiday is one half);
* absences on one day add up to at most a whole day (two different half absences are a day off);
* the two together add up to at most a whole day: a half holiday and a half absence are one day off.

Half of an odd number of minutes is rounded down: what is left is never more than there is.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from scheduler.domain.staffing.people import DayPart

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from scheduler.domain.ground.ids import CalendarId
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.staffing.people import Absence, Closure, Term

WHOLE_DAY = 2
"""A whole day, in halves."""

HALVES: Mapping[DayPart, int] = {DayPart.HALF: 1, DayPart.WHOLE: WHOLE_DAY}
WEEK_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """Minutes of one person in one day or week."""

    contracted_min: int = 0
    """By the terms alone."""
    usual_min: int = 0
    """Without holidays and closures: bookable were the person never absent."""
    bookable_min: int = 0
    """Without absences too."""


def merge_days_off(closures: Iterable[Closure], holidays: Mapping[date, DayPart]) -> dict[date, DayPart]:
    """Days nobody works under a calendar: its public holidays and closures, the greater part where they meet."""
    days = dict(holidays)
    for closure in closures:
        if closure.part is DayPart.WHOLE or closure.day not in days:
            days[closure.day] = closure.part
    return days


def working_minutes(contracted_min: int, *, off_halves: int) -> int:
    """What is left of a day's minutes when that many halves of it are off; an odd minute is lost, not gained."""
    return contracted_min * max(0, WHOLE_DAY - off_halves) // WHOLE_DAY


def minutes_by_day(
    *,
    terms: Sequence[Term],
    absences: Iterable[Absence],
    days_off: Mapping[CalendarId, Mapping[date, DayPart]],
    days: DateInterval,
) -> tuple[Minutes, ...]:
    """
    One person's minutes on each of ``days``, which must have an end.

    ``days_off`` has an entry for the calendar of every term: what ``merge_days_off`` answers for it.
    """
    absent = _absent_halves(absences, days=days)
    return tuple(_minutes_of(day, term=_term_on(terms, day), days_off=days_off, absent_halves=absent[day]) for day in days.days())


def minutes_by_week(by_day: Sequence[Minutes]) -> tuple[Minutes, ...]:
    """Sums of seven days each, from the first day on."""
    weeks = (by_day[first : first + WEEK_DAYS] for first in range(0, len(by_day), WEEK_DAYS))
    return tuple(
        Minutes(
            contracted_min=sum([day.contracted_min for day in week]),
            usual_min=sum([day.usual_min for day in week]),
            bookable_min=sum([day.bookable_min for day in week]),
        )
        for week in weeks
    )


def promised_in_week(weekly_min: int, *, week: Sequence[Minutes], booked: Sequence[bool]) -> int:
    """
    What a booking of ``weekly_min`` promises in a week of which it covers the ``booked`` days.

    All of it when every contracted day is covered, else the part that the covered days are of the week's contracted
    minutes, rounded down.
    """
    contracted_min = sum(day.contracted_min for day in week)
    covered_min = sum(day.contracted_min for day, is_booked in zip(week, booked, strict=True) if is_booked)
    return weekly_min * covered_min // contracted_min if contracted_min else 0


def taken_by_stay(promised_min: int, *, week: Minutes) -> int:
    """What a booking takes of a week: an absence shortens it as it shortens every booking, and it never exceeds what is there."""
    if week.bookable_min >= week.usual_min:
        return min(promised_min, week.bookable_min)
    return min(promised_min * week.bookable_min // week.usual_min, week.bookable_min)


def _term_on(terms: Sequence[Term], day: date) -> Term | None:
    return next((term for term in terms if day in term.period), None)


def _minutes_of(day: date, *, term: Term | None, days_off: Mapping[CalendarId, Mapping[date, DayPart]], absent_halves: int) -> Minutes:
    if term is None:
        return Minutes()
    contracted_min = term.weekly_minutes[day.weekday()]
    if not contracted_min:
        return Minutes()
    part = days_off[term.calendar_id].get(day)
    return _day(contracted_min, HALVES[part] if part else 0, min(WHOLE_DAY, absent_halves))


@lru_cache(maxsize=4096)
def _day(contracted_min: int, off_halves: int, absent_halves: int) -> Minutes:
    """A firm has few sorts of days, and very many days."""
    return Minutes(
        contracted_min=contracted_min,
        usual_min=working_minutes(contracted_min, off_halves=off_halves),
        bookable_min=working_minutes(contracted_min, off_halves=off_halves + absent_halves),
    )


def _absent_halves(absences: Iterable[Absence], *, days: DateInterval) -> Counter[date]:
    """Halves absent on each day of ``days``, not yet capped at a whole day."""
    halves: Counter[date] = Counter()
    for absence in absences:
        day = max(absence.period.start, days.start)
        while day in absence.period and day in days:
            halves[day] += HALVES[absence.part]
            day += timedelta(days=1)
    return halves


def term_changes(terms: Sequence[Term], *, days: DateInterval) -> tuple[Term, ...]:
    """The terms in force at some time during ``days``, in order of time."""
    return tuple(sorted((t for t in terms if t.period.overlaps(days)), key=lambda t: t.period.start))

"""Bookable minutes against a slow reference, and the rules one by one."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from scheduler.domain.ground.ids import AbsenceId, CalendarId, PersonId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.capacity import (
    Minutes,
    merge_days_off,
    minutes_by_day,
    minutes_by_week,
    promised_in_week,
    taken_by_stay,
    working_minutes,
)
from scheduler.domain.staffing.people import Absence, Closure, DayPart, Term
from tests.factories import FULL_WEEK, make_absence, make_term

CALENDARS = ("north", "south")
LEAP_DAY = date(2028, 2, 29)
CASES = 10_000
AT_LEAST = 300
"""How often each special circumstance must occur among the random cases."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One person's random terms and absences under random calendars."""

    days: DateInterval
    terms: tuple[Term, ...]
    absences: tuple[Absence, ...]
    holidays: dict[CalendarId, dict[date, DayPart]]
    closures: dict[CalendarId, tuple[Closure, ...]]

    def minutes(self) -> tuple[Minutes, ...]:
        days_off = {c: merge_days_off(self.closures[c], self.holidays[c]) for c in self.holidays}
        return minutes_by_day(terms=self.terms, absences=self.absences, days_off=days_off, days=self.days)


def random_case(rng: random.Random) -> Case:
    start = rng.choice((date(2028, 2, 14), date(2028, 2, 21), date(2027, 12, 20), date(2027, 5, 3))) + timedelta(weeks=rng.randint(0, 1))
    days = DateInterval(start, start + timedelta(weeks=rng.randint(1, 2)))
    return Case(
        days=days,
        terms=random_terms(rng, days),
        absences=tuple(random_absence(rng, days, number) for number in range(rng.randint(0, 6))),
        holidays={CalendarId(c): {day: random_part(rng) for day in days.days() if rng.random() < 0.15} for c in CALENDARS},
        closures={
            CalendarId(c): tuple(Closure(day=d, part=random_part(rng)) for d in days.days() if rng.random() < 0.1) for c in CALENDARS
        },
    )


def random_part(rng: random.Random) -> DayPart:
    return rng.choice((DayPart.WHOLE, DayPart.HALF))


def random_terms(rng: random.Random, days: DateInterval) -> tuple[Term, ...]:
    """Up to three terms, some after one another without a gap, some with one, the last perhaps open-ended."""
    terms: list[Term] = []
    start = days.start - timedelta(days=rng.randint(-9, 9))
    for _ in range(rng.randint(0, 3)):
        end = None if rng.random() < 0.2 else start + timedelta(days=rng.randint(1, 16))
        weekly = (*rng.choices((480, 480, 450, 462, 231, 233, 0), k=5), rng.choice((0, 0, 121)), 0)
        terms.append(make_term(period=DateInterval(start, end), weekly_minutes=weekly, calendar_id=CalendarId(rng.choice(CALENDARS))))
        if end is None:
            break
        start = end + timedelta(days=rng.choice((0, 0, 0, 2)))
    return tuple(terms)


def random_absence(rng: random.Random, days: DateInterval, number: int) -> Absence:
    first = days.start + timedelta(days=rng.randint(-4, 12))
    length = rng.choice((1, 1, 2, 5, 9))
    return make_absence(id=AbsenceId(str(number)), first=first, days=length, part=random_part(rng))


HALF_MINUTES = {"half": 1, "whole": 2}


def reference(case: Case, day: date, *, with_absences: bool) -> int:
    """A working day as a row of half minutes, from which days off and absences strike theirs one after the other."""
    contracted, calendar = 0, None
    for term in case.terms:
        if term.period.start <= day and not (term.period.end is not None and day >= term.period.end):
            contracted, calendar = term.weekly_minutes[day.isoweekday() - 1], term.calendar_id
    row = ["work"] * (2 * contracted)
    if calendar is not None:
        off = [case.holidays[calendar][day].value] if day in case.holidays[calendar] else []
        off += [closure.part.value for closure in case.closures[calendar] if closure.day == day]
        strike = max((HALF_MINUTES[part] for part in off), default=0) * contracted
        row[:strike] = ["off"] * strike
    if with_absences:
        for absence in case.absences:
            if absence.period.end is None or day.toordinal() in range(absence.period.start.toordinal(), absence.period.end.toordinal()):
                first = row.index("work") if "work" in row else len(row)
                strike = min(HALF_MINUTES[absence.part.value] * contracted, len(row) - first)
                row[first : first + strike] = ["absent"] * strike
    return row.count("work") // 2


def test_minutes_equal_a_slow_reference_on_random_calendars() -> None:
    """10,000 random calendars, terms and absences: every day's and week's minutes equal the reference's."""
    rng, seen = random.Random(20261123), Counter[str]()
    for _ in range(CASES):
        case = random_case(rng)
        by_day = case.minutes()
        days = list(case.days.days())
        usual = [reference(case, day, with_absences=False) for day in days]
        bookable = [reference(case, day, with_absences=True) for day in days]
        assert [m.usual_min for m in by_day] == usual
        assert [m.bookable_min for m in by_day] == bookable
        weeks = minutes_by_week(by_day)
        assert [w.bookable_min for w in weeks] == [sum(bookable[first : first + 7]) for first in range(0, len(days), 7)]
        seen.update(circumstances(case, dict(zip(days, by_day, strict=True))))
    assert set(seen) == {"leap day", "mid-week change", "half and half", "whole twice", "odd half"}
    assert min(seen.values()) >= AT_LEAST, seen


def circumstances(case: Case, by_day: dict[date, Minutes]) -> set[str]:
    """What makes a case special."""
    found = set()
    if LEAP_DAY in by_day and by_day[LEAP_DAY].bookable_min:
        found.add("leap day")
    starts = [t.period.start for t in case.terms[1:] if t.period.start in case.days and t.period.start.weekday() in range(1, 5)]
    if any(by_day[start].contracted_min for start in starts):
        found.add("mid-week change")
    for day, minutes in by_day.items():
        away = [a.part for a in case.absences if day in a.period]
        if minutes.contracted_min and 0 < minutes.usual_min < minutes.contracted_min and away == [DayPart.HALF]:
            assert minutes.bookable_min == 0
            found.add("half and half")
        if minutes.usual_min and away.count(DayPart.WHOLE) > 1:
            found.add("whole twice")
        if minutes.contracted_min % 2 and 0 < minutes.usual_min < minutes.contracted_min:
            found.add("odd half")
    return found


NO_DAYS_OFF: dict[CalendarId, dict[date, DayPart]] = {CalendarId("plain"): {}}


def one_day(day: date, *, absences: tuple[Absence, ...] = (), off: dict[date, DayPart] | None = None) -> Minutes:
    days_off = {CalendarId("plain"): off or {}}
    (minutes,) = minutes_by_day(terms=(make_term(),), absences=absences, days_off=days_off, days=DateInterval(day, day + timedelta(days=1)))
    return minutes


def test_leap_day_is_a_working_day() -> None:
    """29 February 2028, a Tuesday, has a Tuesday's minutes."""
    assert one_day(LEAP_DAY) == Minutes(contracted_min=480, usual_min=480, bookable_min=480)


def test_contract_changes_in_mid_week() -> None:
    """Each day counts by the term in force on it: two long days, then three short ones."""
    monday = date(2027, 3, 1)
    terms = (
        make_term(period=DateInterval(date(2027, 1, 1), date(2027, 3, 3))),
        make_term(period=DateInterval(date(2027, 3, 3)), weekly_minutes=(240, 240, 240, 240, 240, 0, 0)),
    )
    days = DateInterval(monday, monday + timedelta(weeks=1))
    by_day = minutes_by_day(terms=terms, absences=(), days_off=NO_DAYS_OFF, days=days)
    assert [m.bookable_min for m in by_day] == [480, 480, 240, 240, 240, 0, 0]


def test_half_holiday_and_half_leave_are_a_day_off() -> None:
    """A half absence on a half holiday leaves nothing; were the person not absent, half the day."""
    day = date(2027, 3, 2)
    minutes = one_day(day, absences=(make_absence(first=day, part=DayPart.HALF),), off={day: DayPart.HALF})
    assert (minutes.usual_min, minutes.bookable_min) == (240, 0)


@pytest.mark.parametrize(
    ("parts", "left_min"),
    [((DayPart.HALF,), 240), ((DayPart.HALF, DayPart.HALF), 0), ((DayPart.WHOLE, DayPart.WHOLE), 0), ((DayPart.WHOLE, DayPart.HALF), 0)],
)
def test_absences_on_one_day_add_up_to_at_most_the_day(parts: tuple[DayPart, ...], left_min: int) -> None:
    """Two half absences are a day; more than a day is a day."""
    day = date(2027, 3, 2)
    absences = tuple(make_absence(id=AbsenceId(str(n)), first=day, part=part) for n, part in enumerate(parts))
    assert one_day(day, absences=absences).bookable_min == left_min


def test_closure_on_a_holiday_counts_once() -> None:
    """A half closure on a half holiday is one half; the greater part counts."""
    day, other = date(2027, 12, 24), date(2027, 12, 31)
    merged = merge_days_off(
        (Closure(day=day, part=DayPart.HALF), Closure(day=other, part=DayPart.WHOLE)), {day: DayPart.HALF, other: DayPart.HALF}
    )
    assert merged == {day: DayPart.HALF, other: DayPart.WHOLE}
    assert merge_days_off((Closure(day=day, part=DayPart.HALF),), {day: DayPart.WHOLE}) == {day: DayPart.WHOLE}


def test_half_of_an_odd_number_rounds_down() -> None:
    """Half of 231 minutes is 115: never a minute that is not there."""
    assert working_minutes(231, off_halves=1) == 115


def test_days_without_a_term_have_no_minutes() -> None:
    """Before the first term and after the last there is nothing to book."""
    term = make_term(period=DateInterval(date(2027, 3, 2), date(2027, 3, 3)))
    by_day = minutes_by_day(terms=(term,), absences=(), days_off=NO_DAYS_OFF, days=DateInterval(date(2027, 3, 1), date(2027, 3, 4)))
    assert [m.bookable_min for m in by_day] == [0, 480, 0]


def test_booking_of_part_of_a_week_promises_its_days() -> None:
    """Wednesday to Friday of a 1,000-minute booking is three fifths of it; the part of a week nobody works is nothing."""
    week = [Minutes(contracted_min=m, usual_min=m, bookable_min=m) for m in FULL_WEEK]
    assert promised_in_week(1_000, week=week, booked=[False, False, True, True, True, True, True]) == 600
    assert promised_in_week(1_000, week=week, booked=[True] * 7) == 1_000
    assert promised_in_week(1_000, week=[Minutes()] * 7, booked=[True] * 7) == 0


def test_absence_shortens_a_staying_booking_too() -> None:
    """Away two days of five, a half-time booking takes half of the other three; it never takes more than there is."""
    week = Minutes(contracted_min=2_400, usual_min=2_400, bookable_min=1_440)
    assert taken_by_stay(1_200, week=week) == 720
    assert taken_by_stay(5_000, week=week) == 1_440
    assert taken_by_stay(1_200, week=Minutes()) == 0


def test_absence_outside_the_days_asked_for_is_ignored() -> None:
    """An absence that began before the days counts from their start only, and an open-ended one to their end."""
    days = DateInterval(date(2027, 3, 1), date(2027, 3, 4))
    open_ended = Absence(id=AbsenceId("a"), person_id=PersonId("ann"), period=DateInterval(date(2027, 3, 2)))
    by_day = minutes_by_day(terms=(make_term(),), absences=(open_ended,), days_off=NO_DAYS_OFF, days=days)
    assert [m.bookable_min for m in by_day] == [480, 0, 0]

"""What bookings take of people's days: settled when written, kept when somebody falls ill, and never beyond the capacity."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.ids import BookingId, CalendarId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.capacity import Minutes, minutes_by_day
from scheduler.domain.staffing.people import DayPart
from scheduler.domain.staffing.person_days import Availability, Claim, Load, Settled, settle
from scheduler.domain.staffing.week_fit import WeekShare, fit_week
from tests.factories import FULL_WEEK_MIN, MONDAY, make_absence, make_booking, make_effort, make_term, monday, weeks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scheduler.domain.staffing.people import Absence
    from scheduler.domain.staffing.work import Booking, WeekEffort

EFFORT = make_effort(dict.fromkeys(range(4), FULL_WEEK_MIN))
SICK = make_absence()


def available(*absences: Absence) -> Availability:
    days = DateInterval(monday(-1), monday(8))
    return Availability(
        start=days.start, days=minutes_by_day(terms=[make_term()], absences=absences, days_off={CalendarId("plain"): {}}, days=days)
    )


def written(*bookings: Booking, effort: tuple[WeekEffort, ...] = EFFORT, **changes: Any) -> list[Claim]:
    return [Claim(booking=one, effort=effort if one.demand_id else None, is_written=True, **changes) for one in bookings]


def as_they_are(claims: Iterable[Claim]) -> list[Claim]:
    return [replace(claim, is_written=False, is_planned=False, planned={}) for claim in claims]


def minutes_of(settled: Settled) -> list[tuple[int, ...]]:
    return [load.minutes for load in settled.loads.values()]


def plain(minutes: int, period: DateInterval, key: str = "x") -> Booking:
    return make_booking(demand=None, id=key, weekly_minutes=minutes, period=period)


def test_a_booking_takes_what_it_promises_less_known_absences() -> None:
    """A day of five off shortens the week by a fifth, and nothing is over."""
    settled = settle(written(make_booking()), before={}, availability=available(SICK))
    assert minutes_of(settled) == [(1_920, 2_400, 2_400, 2_400)]
    assert (settled.over_capacity, settled.overbooked) == (frozenset(), ())
    assert [settled.days[monday(1) + timedelta(days=n)].booked_min for n in range(5)] == [480] * 5
    assert MONDAY not in settled.days


def test_a_later_absence_leaves_an_excess_and_flags() -> None:
    """Falling ill is never refused: the day is over by what was booked on it, and the booking says so."""
    claims = written(make_booking())
    before = settle(claims, before={}, availability=available()).loads
    settled = settle(as_they_are(claims), before=before, availability=available(SICK))
    assert minutes_of(settled) == [(2_400,) * 4]
    assert (settled.days[MONDAY].capacity_min, settled.days[MONDAY].excess_min) == (0, 480)
    assert settled.over_capacity == {make_booking().id}
    assert settled.overbooked == ()
    again = settle(claims, before=settled.loads, availability=available(SICK))
    assert (minutes_of(again)[0][0], again.over_capacity) == (1_920, frozenset())


def test_an_absence_that_the_week_can_bear_flags_nothing() -> None:
    """Half a week's work fits into four days."""
    claims = written(plain(1_200, weeks(0, 0)))
    before = settle(claims, before={}, availability=available()).loads
    settled = settle(as_they_are(claims), before=before, availability=available(SICK))
    assert (settled.over_capacity, sum(day.booked_min for day in settled.days.values())) == (frozenset(), 1_200)


def test_minutes_come_back_with_the_capacity_as_far_as_they_are_free() -> None:
    """An absence is withdrawn: the booking takes its whole promise again, but not from others."""
    claims = written(make_booking())
    before = settle(claims, before={}, availability=available(SICK)).loads
    settled = settle(as_they_are(claims), before=before, availability=available())
    assert minutes_of(settled) == [(2_400,) * 4]
    other = written(plain(400, weeks(0, 0), "other"))
    both = settle([*as_they_are(claims), *other], before=before, availability=available())
    assert [load.minutes[0] for load in both.loads.values()] == [2_000, 400]
    assert both.overbooked == ()


def test_c01_what_does_not_fit_is_named_with_what_is_free() -> None:
    """Two bookings of 60 % of one day: the second adds to the excess, and the week says how much is free on which day."""
    first, second = (plain(1_440, DateInterval(MONDAY, MONDAY + timedelta(days=1)), key) for key in ("a", "b"))
    before = settle(written(first), before={}, availability=available()).loads
    assert minutes_of(settle(written(first), before={}, availability=available())) == [(288,)]
    settled = settle([*as_they_are(written(first)), *written(second)], before=before, availability=available())
    (week,) = settled.overbooked
    assert (week.monday, week.over_min) == (MONDAY, 96)
    assert [(day, free) for day, _, free in week.days] == [(MONDAY, 192)]


def test_an_excess_does_not_grow_by_bookings_but_may_shrink() -> None:
    """In a week that is over already, a booking more is refused; one less, or shorter, never is."""
    claims = written(make_booking())
    before = settle(claims, before={}, availability=available()).loads
    ill = available(SICK)
    sick = settle(as_they_are(claims), before=before, availability=ill).loads
    more = settle([*as_they_are(claims), *written(plain(60, weeks(0, 0)))], before=sick, availability=ill)
    assert [week.over_min for week in more.overbooked] == [528]
    assert more.overbooked[0].free_min == 0
    shorter = settle(written(make_booking(period=weeks(1, 3))), before=sick, availability=ill)
    assert (shorter.overbooked, shorter.over_capacity) == ((), frozenset())


def test_only_weeks_whose_promise_changes_are_settled_anew() -> None:
    """A booking that a plan had squeezed may be made firm or longer without claiming its full promise everywhere."""
    squeezed = written(make_booking(), planned={monday(n): 1_200 for n in range(4)}, is_planned=True)
    others = written(plain(1_200, weeks(0, 3)))
    before = settle([*squeezed, *others], before={}, availability=available()).loads
    firm = settle([*written(make_booking()), *as_they_are(others)], before=before, availability=available())
    assert (firm.overbooked, [load.minutes for load in firm.loads.values()]) == ((), [(1_200,) * 4, (1_200,) * 4])
    effort = make_effort({0: 2_400, 1: 1_300, 2: 2_400, 3: 2_400})
    changed = settle([*written(make_booking(), effort=effort), *as_they_are(others)], before=before, availability=available())
    assert [(week.monday, week.over_min) for week in changed.overbooked] == [(monday(1), 100)]


def test_a_plan_settles_all_that_it_has_seen() -> None:
    """What it keeps takes no more than the plan says, so that what is new fits; other weeks stay."""
    claims = written(make_booking())
    before = settle(claims, before={}, availability=available()).loads
    ill = available(make_absence(days=5), make_absence(first=monday(2), days=5))
    kept = [replace(claim, refreshed=weeks(0, 1), planned={MONDAY: 0, monday(1): 2_000}) for claim in as_they_are(claims)]
    new = written(plain(400, weeks(1, 1), "new"), planned={monday(1): 400}, is_planned=True)
    settled = settle([*kept, *new], before=before, availability=ill)
    assert settled.overbooked == ()
    assert settled.loads[make_booking().id].minutes == (0, 2_000, 2_400, 2_400)
    assert {day for day, one in settled.days.items() if one.excess_min} == {monday(2) + timedelta(days=n) for n in range(5)}


def test_a_period_that_begins_and_ends_in_a_week() -> None:
    """The part that its days are of the contracted week; its load begins with the week's Monday."""
    wednesday = date(2027, 3, 3)
    settled = settle(written(plain(1_000, DateInterval(wednesday, monday(1) + timedelta(days=2)))), before={}, availability=available())
    (load,) = settled.loads.values()
    assert isinstance(load, Load)
    assert (load.minutes, load.week(MONDAY), load.week(monday(2))) == ((600, 400), 0, None)
    assert sorted(settled.days) == [wednesday + timedelta(days=n) for n in (0, 1, 2, 5, 6)]


def test_promises_may_fill_the_contract_whatever_holidays_take() -> None:
    """Two half-time bookings over a week with a day off: the second takes what the first leaves; a third is too much."""
    halves = [plain(1_200, weeks(0, 1), key) for key in ("a", "b")]
    easter = DateInterval(monday(-1), monday(8))
    off = {CalendarId("plain"): dict.fromkeys((MONDAY, MONDAY + timedelta(days=4)), DayPart.WHOLE)}
    calendar = Availability(start=easter.start, days=minutes_by_day(terms=[make_term()], absences=(), days_off=off, days=easter))
    settled = settle(written(*halves), before={}, availability=calendar)
    assert (minutes_of(settled), settled.over_capacity) == ([(1_200, 1_200), (240, 1_200)], frozenset())
    third = settle([*as_they_are(written(*halves)), *written(plain(60, weeks(0, 0), "c"))], before=settled.loads, availability=calendar)
    assert [(week.monday, week.over_min) for week in third.overbooked] == [(MONDAY, 60)]
    firm = settle(written(*halves), before=settled.loads, availability=calendar)
    assert firm.loads == settled.loads


def test_one_booking_beyond_the_contract_is_too_much() -> None:
    """Fifty hours of a forty-hour week; and any of somebody who is not employed."""
    settled = settle(written(plain(3_000, weeks(0, 0))), before={}, availability=available())
    assert [week.over_min for week in settled.overbooked] == [600]
    nobody = settle(written(plain(60, weeks(0, 0))), before={}, availability=replace(available(), days=(Minutes(),) * 63))
    assert [week.over_min for week in nobody.overbooked] == [60]


@given(st.lists(st.tuples(st.integers(0, 3_000), st.booleans(), st.integers(0, 2_400)), max_size=4), st.booleans(), st.booleans())
def test_sums_are_enough_for_whole_weeks(asked: list[tuple[int, bool, int]], is_ill: bool, has_ceiling: bool) -> None:
    """The short way gives what the long way gives: the same shares with a booking of no minutes for a day beside them."""
    week = available(*([SICK] if is_ill else [])).week(MONDAY)

    def shares() -> list[WeekShare]:
        return [
            WeekShare(
                booking_id=BookingId(f"{n}"),
                monday=MONDAY,
                days=range(7),
                promised=promised,
                most=min(promised, 2_400),
                full=promised,
                minutes=0 if is_fresh else taken,
                is_fresh=is_fresh,
                ceiling=taken if is_fresh and has_ceiling else None,
            )
            for n, (promised, is_fresh, taken) in enumerate(asked)
        ]

    short, long = shares(), shares()
    fit_week(short, week=week)
    fit_week([*long, WeekShare(booking_id=BookingId("x"), monday=MONDAY, days=range(1), promised=0, most=0, full=0)], week=week)
    assert [one.minutes for one in short] == [one.minutes for one in long]

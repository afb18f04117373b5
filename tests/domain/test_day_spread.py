"""Minutes of a week on its days: nothing is lost, and what can fit fits."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.staffing.capacity import Minutes
from scheduler.domain.staffing.day_spread import WHOLE_WEEK, excess_of, least_excess, spread_week

DAYS = st.tuples(st.sampled_from((0, 240, 241, 480)), st.sampled_from((0, 1, 2))).map(
    lambda one: Minutes(contracted_min=one[0], usual_min=one[0], bookable_min=one[0] * (2 - one[1]) // 2)
)
WEEKS = st.lists(DAYS, min_size=7, max_size=7)
SPANS = st.tuples(st.integers(0, 6), st.integers(1, 7)).map(lambda one: range(one[0], min(7, one[0] + one[1])))
WANTED = st.lists(st.tuples(st.integers(0, 1_500), st.one_of(st.just(WHOLE_WEEK), SPANS)), max_size=5)


def week(*bookable: int) -> list[Minutes]:
    return [Minutes(contracted_min=480, usual_min=480, bookable_min=minutes) for minutes in bookable] + [Minutes()] * (7 - len(bookable))


def by_cuts(wanted: list[tuple[int, range]], days: list[Minutes]) -> int:
    """By minimum cut over every set of bookings: what no way of spreading can avoid."""
    everything = sum(minutes for minutes, _ in wanted)
    delivered = min(
        sum(minutes for n, (minutes, _) in enumerate(wanted) if n not in chosen)
        + sum(days[day].bookable_min for day in set().union(*(wanted[n][1] for n in chosen)))
        for size in range(len(wanted) + 1)
        for chosen in combinations(range(len(wanted)), size)
    )
    return everything - delivered


@given(WANTED, WEEKS)
def test_all_minutes_are_there_and_the_excess_is_the_least(wanted: list[tuple[int, range]], days: list[Minutes]) -> None:
    """The sum is kept, no other way has less excess, and the same question has the same answer in whatever order."""
    booked = spread_week(wanted, week=days)
    assert sum(booked) == sum(minutes for minutes, _ in wanted)
    assert min(booked) >= 0
    assert excess_of(booked, week=days) == least_excess(wanted, week=days) == by_cuts(wanted, days)
    assert spread_week(wanted[::-1], week=days) == booked


@given(WANTED, WEEKS)
def test_nothing_lies_on_days_that_no_booking_covers(wanted: list[tuple[int, range]], days: list[Minutes]) -> None:
    """A booking that ends on Tuesday takes nothing of Wednesday."""
    booked = spread_week(wanted, week=days)
    covered = {day for minutes, span in wanted if minutes for day in span}
    assert all(not minutes for day, minutes in enumerate(booked) if day not in covered)


def test_in_proportion_to_what_is_free() -> None:
    """Half days get half, and odd minutes go to the largest remainder, then to the earlier day."""
    assert spread_week([(1_200, WHOLE_WEEK)], week=week(480, 480, 480, 480, 480))[:5] == (240,) * 5
    assert spread_week([(1_081, WHOLE_WEEK)], week=week(480, 480, 240, 480, 480))[:5] == (241, 240, 120, 240, 240)
    assert spread_week([(480, range(2)), (480, WHOLE_WEEK)], week=week(480, 480, 480, 480, 480))[:5] == (300, 300, 120, 120, 120)


def test_a_week_that_others_leave_room_in() -> None:
    """A booking of one day finds its day, though one of two days would take half of it in proportion."""
    assert spread_week([(480, range(2)), (480, range(1, 3)), (480, range(1, 2))], week=week(480, 480, 480))[:3] == (480, 480, 480)


def test_excess_lies_where_minutes_were_lost() -> None:
    """A full week and a day off: the day off is over, the others are full."""
    assert spread_week([(2_400, WHOLE_WEEK)], week=week(0, 480, 480, 480, 480))[:5] == (480,) * 5
    assert spread_week([(3_000, WHOLE_WEEK)], week=week(480, 480, 480, 480, 480))[:5] == (600,) * 5
    assert spread_week([(7, range(5, 7))], week=[Minutes()] * 7) == (0, 0, 0, 0, 0, 4, 3)

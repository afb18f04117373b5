"""Minutes by group and column: they add up whichever way they are cut."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.delivery.work_hours import (
    NAMES,
    Accuracy,
    DayMinutes,
    Grouping,
    Minutes,
    PersonMinutes,
    Span,
    accuracy,
    column_of,
    column_starts,
    grouped,
    summed,
)
from scheduler.domain.ground.ids import PersonId

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = date(2027, 3, 3)
"""A Wednesday."""
_minutes = st.integers(0, 2_000)
_days = st.builds(DayMinutes, *[_minutes] * 4, st.integers(0, 20_000_000), st.integers(0, 10_000), *[_minutes] * 3)
_rows = st.lists(
    st.builds(
        PersonMinutes,
        person_id=st.sampled_from([PersonId("ann"), PersonId("ben"), PersonId("cem")]),
        name=st.just("x"),
        team=st.sampled_from([None, "North", "south"]),
        grade=st.sampled_from([None, "senior"]),
        location=st.sampled_from(["Bonn", "Rome"]),
        start=st.sampled_from([DAY, DAY + timedelta(days=5)]),
        minutes=st.lists(_days, max_size=3).map(summed),
    ),
    max_size=12,
)


def test_a_day_decides_bench_overload_and_target() -> None:
    """An overbooked day does not use up the bench of another one; a target is rounded down each day."""
    free = DayMinutes(contracted_min=480, bookable_min=480, confirmed_min=100, tentative_min=50, weighted_e4=1_250_000, target_e4=7_525)
    over = DayMinutes(contracted_min=480, bookable_min=241, confirmed_min=300, tentative_min=60, target_e4=7_525, logged_min=9)
    assert summed([free, over]) == Minutes(
        contracted_min=960,
        bookable_min=721,
        confirmed_min=400,
        tentative_min=110,
        weighted_e4=1_250_000,
        bench_min=330,
        overload_min=119,
        target_min=361 + 181,
        logged_min=9,
    )


def test_utilisation_is_over_what_is_bookable() -> None:
    """Of nothing it is not known, rather than nothing."""
    minutes = Minutes(bookable_min=400, confirmed_min=100, tentative_min=100, billable_min=300, productive_min=320, weighted_e4=5_000)
    assert (minutes.booked_utilisation, minutes.billable_utilisation) == (Fraction(1, 2), Fraction(3, 4))
    assert minutes.productive_utilisation == Fraction(4, 5)
    assert minutes.weighted_min == 1, "half a minute is rounded up"
    assert Minutes(billable_min=5).billable_utilisation is None


@given(rows=_rows, by=st.sampled_from([grouping for grouping in Grouping if grouping is not Grouping.SKILL]))
def test_groups_add_up_to_the_firm_and_columns_to_the_total(rows: Sequence[PersonMinutes], by: Grouping) -> None:
    """Whatever the rows are grouped by, every figure sums to the firm's, column by column."""
    starts = (DAY, DAY + timedelta(days=5))
    (firm,) = grouped(rows, by=Grouping.FIRM, starts=starts)
    groups = grouped(rows, by=by, starts=starts)
    for name in NAMES:
        assert getattr(firm.total, name) == sum(getattr(row.minutes, name) for row in rows)
        assert getattr(firm.total, name) == sum(getattr(group.total, name) for group in groups)
        for start in starts:
            assert getattr(firm.columns[start], name) == sum(getattr(group.columns[start], name) for group in groups)


def test_groups_are_in_order_of_their_names_and_those_without_last() -> None:
    """Case does not matter."""
    rows = [
        PersonMinutes(person_id=PersonId(str(n)), name="n", team=team, grade=None, location=None, start=DAY, minutes=Minutes())
        for n, team in enumerate(["south", None, "North"])
    ]
    assert [group.key for group in grouped(rows, by=Grouping.TEAM, starts=(DAY,))] == ["North", "south", None]


def test_columns_begin_on_mondays_and_on_the_first_of_months() -> None:
    """The first is cut short where the days do not begin with a week or month."""
    until = date(2027, 4, 6)
    assert column_starts(DAY, until, Span.WEEK)[:3] == (DAY, date(2027, 3, 8), date(2027, 3, 15))
    assert column_starts(DAY, until, Span.MONTH) == (DAY, date(2027, 4, 1))
    assert column_starts(DAY, until, Span.WHOLE) == (DAY,)


def test_a_leap_day_and_week_53_are_in_columns_of_their_own_week_and_month() -> None:
    """2028 has a 29 February, a Tuesday; 2026 ends in the ISO week 53, which goes on in January."""
    leap = [date(2028, 2, 28) + timedelta(days=number) for number in range(4)]
    assert column_of(leap, column_starts(leap[0], leap[-1] + timedelta(days=1), Span.MONTH))[date(2028, 2, 29)] == date(2028, 2, 28)
    turn = [date(2026, 12, 28) + timedelta(days=number) for number in range(8)]
    weeks = Counter(column_of(turn, column_starts(turn[0], turn[-1] + timedelta(days=1), Span.WEEK)).values())
    assert turn[0].isocalendar().week == 53
    assert weeks == {date(2026, 12, 28): 7, date(2027, 1, 4): 1}


def test_forecasts_of_the_wrong_people_do_not_cancel() -> None:
    """100 minutes of Ann's that were Ben's are 200 missed, though the sums agree."""
    found = accuracy({"ann": 100, "cem": 300}, {"ben": 100, "cem": 300})
    assert found == Accuracy(forecast_min=400, logged_min=400, missed_min=200)
    assert found.accuracy == Fraction(1, 2)
    assert accuracy({"ann": 500}, {"ben": 100}).accuracy == 0, "never less than nothing"
    assert accuracy({"ann": 1}, {}).accuracy is None

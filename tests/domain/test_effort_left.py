"""A lead's estimate of what is left."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.staffing.effort_left import with_effort_left
from tests import factories as make

THIRD = make.monday(2)


@given(st.dictionaries(st.integers(0, 8), st.integers(1, 10_000), min_size=1), st.integers(0, 100_000), st.integers(0, 60).map(timedelta))
def test_what_is_left_adds_up_and_the_past_stays(weeks: dict[int, int], minutes: int, later: timedelta) -> None:
    """Exactly the minutes, in the weeks that were there, each within a minute of its proportion; nothing before the date changes."""
    demand = make.make_demand(effort=weeks)
    on = make.MONDAY + later
    coming = {one.week: one.minutes for one in demand.effort if one.week >= on}
    if not coming:
        if minutes == 0:
            assert with_effort_left(demand, minutes=0, on=on) == demand
            return
        with pytest.raises(DomainError, match=r"effort\.no_weeks"):
            with_effort_left(demand, minutes=minutes, on=on)
        return
    found = with_effort_left(demand, minutes=minutes, on=on)
    assert [one for one in found.effort if one.week < on] == [one for one in demand.effort if one.week < on]
    left = {one.week: one.minutes for one in found.effort if one.week >= on}
    assert sum(left.values()) == minutes
    assert left.keys() <= coming.keys()
    for week, before in coming.items():
        assert abs(left.get(week, 0) - minutes * before / sum(coming.values())) <= 1


def test_the_week_that_has_begun_stays() -> None:
    """An estimate of a Wednesday is about the weeks from the next Monday on."""
    demand = make.make_demand(effort=dict.fromkeys(range(4), 600))
    found = with_effort_left(demand, minutes=300, on=make.monday(1) + timedelta(days=2))
    assert [(one.week, one.minutes) for one in found.effort] == [
        (make.monday(0), 600),
        (make.monday(1), 600),
        (THIRD, 150),
        (make.monday(3), 150),
    ]


def test_nothing_left_ends_the_demand() -> None:
    found = with_effort_left(make.make_demand(effort=dict.fromkeys(range(4), 600)), minutes=0, on=THIRD)
    assert [one.week for one in found.effort] == [make.monday(0), make.monday(1)]


@pytest.mark.parametrize("minutes", [-1, 10**12])
def test_minutes_have_a_range(minutes: int) -> None:
    with pytest.raises(DomainError, match=r"input\.invalid"):
        with_effort_left(make.make_demand(), minutes=minutes, on=date(2020, 1, 1))

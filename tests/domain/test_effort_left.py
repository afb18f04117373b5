"""A lead's estimate of what is left."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import PersonId
from scheduler.domain.staffing.effort_left import Carried, Recorded, estimated, with_effort_left, with_recorded
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


ON = make.monday(4)
SIX_WEEKS = make.make_demand(effort=dict.fromkeys(range(6), 600))
ANN = make.make_booking(period=make.weeks(0, 5))


def worked(week: int, minutes: int, *, person: str = "ann", day: int = 2) -> Recorded:
    return Recorded(person_id=PersonId(person), day=make.monday(week) + timedelta(days=day), minutes=minutes)


def coming(demand: Any) -> int:
    return sum(one.minutes for one in demand.effort if one.week >= ON)


@pytest.mark.parametrize(
    ("recorded", "left"),
    [
        ([], 1_200),
        ([worked(0, 500)], 1_300),
        ([worked(0, 500), worked(1, 600), worked(2, 700), worked(3, 900)], 6 * 600 - 2_700),
        ([worked(1, 600)], 1_800),
        ([worked(3, 9_000)], 0),
        ([worked(4, 60), worked(5, 60)], 1_200),
    ],
)
def test_what_is_left_is_the_estimate_less_what_was_recorded(recorded: list[Recorded], left: int) -> None:
    """Up to the last week with approved time; weeks after it are taken as planned, a week left out was not worked, the future is none."""
    found, carried = with_recorded(SIX_WEEKS, recorded=recorded, bookings=[ANN], carried=Carried(), on=ON)
    assert (coming(found), carried.minutes) == (left, left - 1_200)
    assert [one for one in found.effort if one.week < ON] == [one for one in SIX_WEEKS.effort if one.week < ON]


def test_a_week_counts_once_everybody_booked_in_it_has_recorded() -> None:
    """Bob's time is not approved beyond his first week: until it is, the later weeks are as planned; he is done after the second."""
    bob = make.make_booking("bob", period=make.weeks(0, 1), share=Decimal("0.5"))
    half = [worked(0, 200), worked(1, 300), worked(2, 300), worked(0, 300, person="bob")]
    found, carried = with_recorded(SIX_WEEKS, recorded=half, bookings=[ANN, bob], carried=Carried(), on=ON)
    assert coming(found) == 1_300
    found, carried = with_recorded(found, recorded=[*half, worked(1, 300, person="bob")], bookings=[ANN, bob], carried=carried, on=ON)
    assert coming(found) == 1_200 + 1_800 - (200 + 300 + 300 + 300 + 300)


def test_a_leads_estimate_counts_instead() -> None:
    """What was done before it was known when it was given; what is recorded of the weeks after it counts again."""
    said = estimated(make.monday(1) + timedelta(days=3))
    assert said == Carried(counts_from=make.monday(2))
    before = [worked(0, 60), worked(1, 60)]
    assert with_recorded(SIX_WEEKS, recorded=before, bookings=[ANN], carried=said, on=ON) == (SIX_WEEKS, said)
    found, _ = with_recorded(SIX_WEEKS, recorded=[*before, worked(2, 500)], bookings=[ANN], carried=said, on=ON)
    assert coming(found) == 1_300


def test_a_demand_that_its_bookings_have_moved() -> None:
    """Its weeks are where it is done: moved by a week, its first week is the second, and three of its weeks are still to come."""
    moved = make.make_booking(period=make.weeks(1, 6), shift_weeks=1)
    found, _ = with_recorded(SIX_WEEKS, recorded=[worked(1, 500)], bookings=[moved], carried=Carried(), on=ON)
    assert sum(one.minutes for one in found.effort if one.week >= make.monday(3)) == 1_900


def test_a_demand_without_coming_weeks_stays() -> None:
    demand = make.make_demand(effort={0: 600})
    assert with_recorded(demand, recorded=[worked(0, 60)], bookings=[ANN], carried=Carried(), on=ON) == (demand, Carried())


RECORDS = st.lists(
    st.builds(worked, st.integers(0, 5), st.integers(1, 400), person=st.sampled_from(["ann", "bob"]), day=st.integers(0, 6)), max_size=9
)


@given(RECORDS, RECORDS)
def test_what_was_recorded_counts_once_in_whatever_order(first: list[Recorded], more: list[Recorded]) -> None:
    """Counted again nothing changes; counted in two steps, or after something was withdrawn, the same is left as counted in one."""

    def counted(demand: Any, carried: Carried, recorded: list[Recorded]) -> tuple[Any, Carried]:
        return with_recorded(demand, recorded=recorded, bookings=[ANN], carried=carried, on=ON)

    demand = make.make_demand(effort=dict.fromkeys(range(6), 6_000))
    one_step = counted(demand, Carried(), [*first, *more])
    part = counted(demand, Carried(), first)
    two_steps = counted(*part, [*first, *more])
    assert counted(*one_step, [*first, *more]) == one_step
    assert (coming(two_steps[0]), two_steps[1]) == (coming(one_step[0]), one_step[1])
    withdrawn = counted(*two_steps, first)
    assert (coming(withdrawn[0]), withdrawn[1]) == (coming(part[0]), part[1])

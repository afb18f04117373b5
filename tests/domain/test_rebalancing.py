"""What counts as a moved booking, and when a rebalance needs somebody's eyes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import BookingId, DemandId, PersonId, PlanId, ProjectId
from scheduler.domain.staffing.rebalancing import Move, MoveLimit, Upheaval, upheaval
from scheduler.domain.staffing.rebooking import PlannedRun, in_force, rebook
from scheduler.domain.staffing.work import Booking, BookingState
from tests import factories as make

HORIZON = make.weeks(0, 7)
FROZEN = make.weeks(0, 0)
PEOPLE = ("ann", "bob", "cyd", "dee")
DEMANDS = ("alpha-lead", "alpha-dev")
STATES = (BookingState.TENTATIVE, BookingState.CONFIRMED)

spans = st.tuples(st.integers(-5, 9), st.integers(0, 9)).map(lambda pair: (pair[0], pair[0] + pair[1]))
inside = st.tuples(st.integers(0, 7), st.integers(0, 7)).map(lambda pair: (min(pair), max(pair)))
shares = st.sampled_from([Decimal(1), Decimal("0.5")])
shifts = st.sampled_from([0, 1])
pairs = st.sampled_from([(person, demand) for person in PEOPLE for demand in DEMANDS])
booked = st.dictionaries(pairs, st.tuples(spans, shares, shifts, st.sampled_from(list(BookingState))), max_size=8)
planned = st.dictionaries(pairs, st.tuples(inside, shares, shifts), max_size=8)


def bookings(drawn: dict[tuple[str, str], tuple[tuple[int, int], Decimal, int, BookingState]]) -> list[Booking]:
    return [
        make.make_booking(person, demand=demand, period=make.weeks(*span), share=share, shift_weeks=shift, state=state)
        for (person, demand), (span, share, shift, state) in drawn.items()
    ]


def seen(before: list[Booking], after: list[Booking]) -> Upheaval:
    return upheaval(before, after, horizon=HORIZON, frozen=FROZEN)


def promises(all_bookings: list[Booking]) -> dict[tuple[str, str | None], set[tuple[int, Decimal | None, int]]]:
    """Week by week inside the horizon, what each person is to do on each demand."""
    found: dict[tuple[str, str | None], set[tuple[int, Decimal | None, int]]] = {}
    for booking in all_bookings:
        weeks = [week for week in range(8) if make.monday(week) in booking.period]
        if weeks and booking.state is not BookingState.LOCKED:
            found.setdefault((booking.person_id, booking.demand_id), set()).update((w, booking.share, booking.shift_weeks) for w in weeks)
    return found


@settings(max_examples=60)
@given(drawn=booked, other=st.sampled_from(STATES))
def test_nothing_moves_where_everything_stays(drawn: dict, other: BookingState) -> None:  # type: ignore[type-arg]
    """The same bookings again are no move, however firm they are now; nor is what comes on top for others."""
    before = bookings(drawn)
    after = [booking if booking.state is BookingState.LOCKED else replace(booking, state=other) for booking in before]
    newcomer = make.make_booking("zoe", period=make.weeks(0, 7))
    found = seen(before, [*after, newcomer])
    assert found.moved_share == 0
    assert (found.moves, len(found.people), len(found.notified_people)) == ((), 0, 0)


@given(drawn=booked, wanted=planned)
def test_moved_is_what_a_plan_does_otherwise(drawn: dict, wanted: dict) -> None:  # type: ignore[type-arg]
    """Of what applying a plan leaves, exactly the bookings whose weeks in the horizon differ are moved; those gone there are dropped."""
    before = bookings(drawn)
    locked = {(b.person_id, b.demand_id) for b in before if b.state is BookingState.LOCKED}
    runs = [
        PlannedRun(
            person_id=PersonId(person),
            demand_id=DemandId(demand),
            project_id=ProjectId("alpha"),
            share=share,
            period=make.weeks(*span),
            shift_weeks=shift,
        )
        for (person, demand), (span, share, shift) in wanted.items()
        if (person, demand) not in locked
    ]
    numbers = count(1)
    free = [booking for booking in before if booking.state is not BookingState.LOCKED]
    done = rebook(
        in_force(free, [(b.person_id, b.demand_id) for b in free if b.demand_id], horizon=HORIZON),
        runs,
        horizon=HORIZON,
        state=BookingState.TENTATIVE,
        plan_id=PlanId("plan"),
        next_id=lambda: BookingId(f"new{next(numbers)}"),
    )
    replaced = {booking.id for booking in (*done.changed, *done.deleted)}
    after = [*(booking for booking in before if booking.id not in replaced), *done.changed, *done.added]
    was, now = promises(before), promises(after)
    found = seen(before, after)
    assert found.in_force == len(was)
    assert {(m.was.person_id, m.was.demand_id) for m in found.moves} == {pair for pair, weeks in was.items() if now.get(pair) != weeks}
    assert {(m.was.person_id, m.was.demand_id) for m in found.moves if m.now is None} == set(was) - set(now)
    assert found.moved_share == Fraction(len(found.moves), max(1, len(was)))
    assert found.people == {move.was.person_id for move in found.moves}


@settings(max_examples=60)
@given(drawn=booked)
def test_told_are_those_booked_firmly_in_the_frozen_weeks(drawn: dict) -> None:  # type: ignore[type-arg]
    """A tentative booking tells nobody, a later one not yet; with everything dropped all that were told and can be moved are."""
    before = bookings(drawn)
    told = {b.person_id for b in before if b.state is not BookingState.TENTATIVE and b.period.start <= make.monday(0) < b.period.end}  # type: ignore[operator]
    found = seen(before, [booking for booking in before if booking.state is BookingState.LOCKED])
    assert found.notified == told
    assert found.notified_people == told & {person for person, _ in promises(before)}
    assert found.moved_share == (1 if found.in_force else 0)
    assert upheaval(before, [], horizon=HORIZON, frozen=None).notified == frozenset()


def test_a_booking_without_demand_tells_its_person_but_cannot_move() -> None:
    """It takes their time, so they know; no plan moves it, so it does not make the moved share look smaller."""
    found = seen([make.make_booking(demand=None), make.make_booking("bob")], [make.make_booking(demand=None)])
    assert (found.in_force, len(found.moves)) == (1, 1)
    assert sorted(found.notified) == ["ann", "bob"]


def test_of_two_bookings_of_a_pair_the_dropped_one_counts() -> None:
    """One that stays does not stand for its twin."""
    first = make.make_booking(period=make.weeks(1, 2))
    second = replace(first, id=BookingId("second"))
    found = seen([first, second], [first])
    assert (found.in_force, len(found.moves)) == (2, 1)


def an_upheaval(*, in_force_count: int, moved: int, told: int = 0, told_moved: int = 0) -> Upheaval:
    """``moved`` bookings of as many people, of whom some have been told."""
    moves = tuple(Move(was=make.make_booking(f"p{n}"), now=None) for n in range(moved))
    notified = frozenset(PersonId(f"p{n}" if n < told_moved else f"q{n}") for n in range(told))
    return Upheaval(in_force=in_force_count, moves=moves, notified=notified)


@given(moved=st.integers(0, 30), stay=st.integers(0, 30), percent=st.integers(0, 100))
def test_the_limit_is_inclusive_and_exact(moved: int, stay: int, percent: int) -> None:
    """Exactly the limit is allowed, a booking more is not, by fractions and not by rounded figures."""
    found = an_upheaval(in_force_count=moved + stay, moved=moved)
    assert MoveLimit(max_moved=Decimal(percent) / 100).allows(found) is (100 * moved <= percent * (moved + stay))


@given(told_moved=st.integers(0, 15), told_stay=st.integers(0, 15), percent=st.integers(2, 100))
def test_the_limit_holds_for_people_told_too(told_moved: int, told_stay: int, percent: int) -> None:
    """Few moved bookings are too many when they are those of the few who have been told."""
    told = told_moved + told_stay
    found = an_upheaval(in_force_count=1_000, moved=told_moved, told=told, told_moved=told_moved)
    assert MoveLimit(max_moved=Decimal(percent) / 100).allows(found) is (100 * told_moved <= percent * told)


@pytest.mark.parametrize("share", ["-0.01", "1.01", "NaN", "Infinity", "1E+1000000", "0.00001"])
def test_s30_a_limit_out_of_range(share: str) -> None:
    """A part is 0 to 1, with four places."""
    with pytest.raises(DomainError) as caught:
        MoveLimit(max_moved=Decimal(share))
    assert caught.value.code == "input.invalid"

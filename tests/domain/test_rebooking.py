"""What becomes of the bookings when a plan is put in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import BookingId, DemandId, PersonId, PlanId, ProjectId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.rebooking import PlannedRun, Rebooking, in_force, rebook
from scheduler.domain.staffing.work import Booking, BookingState
from tests import factories as make

HORIZON = make.weeks(0, 7)
WEEK = timedelta(weeks=1)
ANN, LEAD = PersonId("ann"), DemandId("alpha-lead")

Promise = tuple[Decimal | None, int]


def run(first: int, last: int, share: str = "1", shift: int = 0) -> PlannedRun:
    return PlannedRun(
        person_id=ANN,
        demand_id=LEAD,
        project_id=ProjectId("alpha"),
        share=Decimal(share),
        period=make.weeks(first, last),
        shift_weeks=shift,
    )


def rebooked(booking: Booking | None, planned: PlannedRun | None) -> Rebooking:
    numbers = count(1)
    return rebook(
        {} if booking is None else {(ANN, LEAD): booking},
        () if planned is None else (planned,),
        horizon=HORIZON,
        state=BookingState.CONFIRMED,
        plan_id=PlanId("plan"),
        next_id=lambda: BookingId(f"new{next(numbers)}"),
    )


def promises(bookings: list[Booking]) -> dict[int, Promise]:
    """Share and shift by week; no week twice."""
    found: dict[int, Promise] = {}
    for booking in bookings:
        assert booking.period.end is not None
        week = booking.period.start
        while week < booking.period.end:
            number = (week - make.MONDAY).days // 7
            assert number not in found, "booked twice in one week"
            found[number] = (booking.share, booking.shift_weeks)
            week += WEEK
    return found


spans = st.tuples(st.integers(-5, 12), st.integers(0, 12)).map(lambda pair: (pair[0], pair[0] + pair[1]))
inside = st.tuples(st.integers(0, 7), st.integers(0, 7)).map(lambda pair: (min(pair), max(pair)))
terms = st.tuples(st.sampled_from(["1", "0.5"]), st.sampled_from([0, 1]))


@given(before=spans.filter(lambda span: span[0] <= 7 and span[1] >= 0), old=terms, planned=st.none() | st.tuples(inside, terms))
def test_inside_the_horizon_the_plan_outside_what_was(
    before: tuple[int, int], old: tuple[str, int], planned: tuple[tuple[int, int], tuple[str, int]] | None
) -> None:
    """Week by week: the plan's promise inside the horizon, the booking's own outside; the booking's id lives on while weeks are left."""
    booking = make.make_booking(period=make.weeks(*before), share=Decimal(old[0]), shift_weeks=old[1], external_id="x", version=3)
    wanted = None if planned is None else run(*planned[0], *planned[1])
    done = rebooked(booking, wanted)
    untouched = [booking] if not done.changed and not done.deleted else []
    after = promises([*done.added, *done.changed, *untouched])
    expected = {week: (Decimal(old[0]), old[1]) for week in range(before[0], before[1] + 1) if not 0 <= week <= 7}
    if planned is not None:
        (first, last), (share, shift) = planned
        expected |= {week: (Decimal(share), shift) for week in range(first, last + 1)}
    assert after == expected
    for one in done.changed:
        assert (one.id, one.external_id, one.version) == (booking.id, "x", 3)
    assert [one.external_id for one in done.added] == [None] * len(done.added)
    assert bool(done.deleted) == (not expected)


def test_neighbours_with_the_same_promise_are_one_booking() -> None:
    """A booking that reaches over both edges and is kept in between is changed in nothing but its plan."""
    booking = make.make_booking(period=make.weeks(-2, 9))
    done = rebooked(booking, run(0, 7))
    assert done.added == ()
    assert done.changed == (replace(booking, plan_id=PlanId("plan"), state=BookingState.CONFIRMED),)


def test_what_nobody_was_booked_for_is_new() -> None:
    """A run without a booking is added under a new id, and names the plan."""
    (booking,) = rebooked(None, run(2, 3, "0.5", 1)).added
    assert (booking.id, booking.period, booking.share, booking.shift_weeks, booking.plan_id) == (
        "new1",
        make.weeks(2, 3),
        Decimal("0.5"),
        1,
        "plan",
    )


def test_bookings_in_force_are_those_of_the_pairs_in_the_horizon() -> None:
    """Others, those on no demand and those outside the horizon are not the plan's business."""
    wanted = make.make_booking()
    others = [make.make_booking("bob"), make.make_booking(demand=None), replace(wanted, id=BookingId("past"), period=make.weeks(-4, -1))]
    assert in_force([wanted, *others], [(ANN, LEAD)], horizon=HORIZON) == {(ANN, LEAD): wanted}


def test_two_bookings_of_a_pair_cannot_be_replaced() -> None:
    """It would be a guess which of them the plan means."""
    twice = [make.make_booking(period=make.weeks(0, 1)), make.make_booking(id=BookingId("second"), period=make.weeks(4, 5))]
    with pytest.raises(DomainError) as caught:
        in_force(twice, [(ANN, LEAD)], horizon=HORIZON)
    assert caught.value.code == "plan.booking_ambiguous"


def test_the_horizon_is_half_open() -> None:
    """The week after its end is outside."""
    assert DateInterval(make.monday(0), make.monday(8)) == HORIZON

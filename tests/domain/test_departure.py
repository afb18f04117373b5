"""What becomes of terms and bookings when somebody leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from scheduler.domain.ground.ids import DemandId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.departure import Departure, departure
from scheduler.domain.staffing.work import BookingState
from tests import factories as make


def left(*bookings: object, leaves: date) -> Departure:
    return departure(make.make_person(), bookings, leaves=leaves, next_id=lambda: DemandId("new"))  # type: ignore[arg-type]


def test_past_bookings_stay_and_later_ones_go() -> None:
    """What has ended stays, what has begun is cut at the Monday, what has not begun goes, locked or not."""
    past = make.make_booking(id="past", period=make.weeks(0, 1))
    running = make.make_booking(id="running", period=make.weeks(1, 4), state=BookingState.LOCKED)
    future = make.make_booking(id="future", period=make.weeks(3, 4))
    done = left(past, running, future, leaves=make.monday(2))
    assert done.changed == (replace(running, period=make.weeks(1, 1)),)
    assert done.deleted == (future,)
    assert done.demands == ()


@pytest.mark.parametrize(("days", "kept_weeks"), [(0, 2), (1, 3), (4, 3), (7, 3)])
def test_the_week_in_which_somebody_leaves_is_worked(days: int, kept_weeks: int) -> None:
    """Bookings of demands take whole weeks, so they end on the Monday after the last day."""
    done = left(make.make_booking(period=make.weeks(0, 5)), leaves=make.monday(2) + timedelta(days=days))
    assert done.changed[0].period == make.weeks(0, kept_weeks - 1)


def test_work_without_a_demand_becomes_one() -> None:
    """Nobody forgets it: the same minutes in the weeks that are left."""
    booking = make.make_booking(demand=None, period=DateInterval(make.monday(0), make.monday(4) - timedelta(days=3)))
    done = left(booking, leaves=make.monday(2))
    (demand,) = done.demands
    assert [(one.week, one.minutes) for one in demand.effort] == [(make.monday(2), 480), (make.monday(3), 480)]
    assert (demand.project_id, "Ann" in demand.name) == (booking.project_id, False)


def test_terms_end() -> None:
    """The term in force ends on the day, later ones never begin, ended ones stay."""
    ended = make.make_term(period=DateInterval(date(2020, 1, 1), date(2021, 1, 1)))
    current = make.make_term(period=DateInterval(date(2021, 1, 1), date(2028, 1, 1)))
    later = make.make_term(period=DateInterval(date(2028, 1, 1)))
    person = replace(make.make_person(), terms=(ended, current, later))
    done = departure(person, (), leaves=date(2027, 3, 3), next_id=lambda: DemandId("new"))
    assert done.person.terms == (ended, replace(current, period=DateInterval(date(2021, 1, 1), date(2027, 3, 3))))


def test_terms_cover_what_is_approved() -> None:
    """Approved time of later days keeps the terms from which its price and cost follow; bookings end all the same."""
    term = make.make_term(period=DateInterval(date(2021, 1, 1)))
    person = replace(make.make_person(), terms=(term,))
    booking = make.make_booking(period=make.weeks(0, 5))
    for approved, end in ((make.monday(2), make.monday(2) + timedelta(days=1)), (make.monday(0), make.monday(1)), (None, make.monday(1))):
        done = departure(person, (booking,), leaves=make.monday(1), next_id=lambda: DemandId("new"), approved_until=approved)
        assert done.person.terms == (replace(term, period=DateInterval(date(2021, 1, 1), end)),)
        assert done.changed[0].period == make.weeks(0, 0)

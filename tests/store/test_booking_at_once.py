"""Many writers book the same people: capacity is never exceeded, nothing acknowledged is lost, nobody waits for ever."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import BookingId, PersonId, new_id
from scheduler.domain.ground.interval import DateInterval
from scheduler.queries.capacity import capacity_faults
from scheduler.store.tables.capacity import PERSON_DAYS
from scheduler.usecases.records import change_record, create_record, delete_record
from tests import factories as make

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.domain.staffing.work import Booking
    from scheduler.store import Store

NOW = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)
PEOPLE = ("ann", "bob", "cat")
WRITERS = 50
MOVES = 4
ROUNDS = 100


@pytest.fixture
def firm(store: Store) -> Store:
    with store.begin(LOCAL, now=NOW) as tx:
        tx.calendars.add(make.make_calendar())
        tx.projects.add(make.make_project())
        for name in PEOPLE:
            tx.people.add(make.make_person(name, skills=()))
    return store


def book(store: Store, value: Booking) -> Booking:
    """As the program does it."""
    return create_record(store, actor=LOCAL, value=value, now=NOW)


def check_then_insert(store: Store, value: Booking) -> Booking:
    """The bug that everybody writes once: look whether there is room, then book."""
    with store.read(LOCAL) as view:
        taken = view.connection.execute(
            select(func.max(PERSON_DAYS.c.booked_min)).where(
                PERSON_DAYS.c.person_id == value.person_id,
                PERSON_DAYS.c.day >= value.period.start,
                PERSON_DAYS.c.day < value.period.end,
            )
        ).scalar_one()
    if (taken or 0) + (value.weekly_minutes or 0) // 5 > 480:
        raise DomainError(ErrorKind.CONFLICT, "capacity.exceeded", "The days are taken.")
    with store.begin(LOCAL, now=NOW) as tx:
        tx.allow_excess("planted")
        return tx.bookings.add(value)


def wanted(rng: random.Random) -> Booking:
    week = rng.randrange(2)
    period = rng.choice((make.weeks(week, week), DateInterval(make.monday(week), make.monday(week) + timedelta(days=rng.randint(1, 5)))))
    return make.make_booking(
        rng.choice(PEOPLE), demand=None, id=BookingId(new_id()), weekly_minutes=rng.choice((300, 900, 1_500)), period=period
    )


def hammer(store: Store, book: Callable[[Store, Booking], Booking]) -> None:
    """Fifty writers book, move and cancel; then everything is looked at."""
    standing: dict[str, Booking] = {}
    gate = threading.Barrier(WRITERS)

    def write(number: int) -> list[str]:
        rng = random.Random(number)
        codes: list[str] = []
        mine: list[Booking] = []
        gate.wait()
        for _ in range(MOVES):
            try:
                if mine and rng.random() < 0.4:
                    gone = mine.pop()
                    delete_record(store, actor=LOCAL, area="bookings", record_id=gone.id, version=gone.version, now=NOW)
                    del standing[gone.id]
                elif mine and rng.random() < 0.4:
                    moved = change_record(store, actor=LOCAL, value=replace(mine[-1], person_id=PersonId(rng.choice(PEOPLE))), now=NOW)
                    mine[-1] = standing[moved.id] = moved
                else:
                    made = book(store, wanted(rng))
                    mine.append(made)
                    standing[made.id] = made
            except DomainError as error:
                codes.append(error.code)
        return codes

    with ThreadPoolExecutor(WRITERS) as pool:
        codes = [code for found in pool.map(write, range(WRITERS)) for code in found]
    assert set(codes) <= {"capacity.exceeded"}
    assert codes, "nobody was refused, so nothing was put to the test"
    with store.read(LOCAL) as view:
        assert {one.id: one for one in view.bookings.all()} == standing
        over = view.connection.execute(select(func.count()).select_from(PERSON_DAYS).where(PERSON_DAYS.c.excess_min > 0)).scalar_one()
    assert over == 0
    assert capacity_faults(store, actor=LOCAL) == ()


@pytest.mark.slow
def test_c03_fifty_writers_book_the_same_people(firm: Store) -> None:
    """No day is beyond capacity, every acknowledged booking, move and cancellation is there, and nothing but a full day refuses."""
    hammer(firm, book)


def test_a_planted_check_then_insert_is_found(firm: Store) -> None:
    """The same test fails for a program that looks first and books then."""
    with pytest.raises(AssertionError):
        hammer(firm, check_then_insert)


@pytest.mark.slow
def test_c01_c02_two_times_60_percent_of_a_day(firm: Store) -> None:
    """A hundred rounds: exactly one of two writers gets the day, the other hears what is free."""
    gate = threading.Barrier(2)

    def act(number: int) -> object:
        day = make.MONDAY + timedelta(days=number // 2 % 5, weeks=number // 10)
        value = make.make_booking(
            demand=None, id=BookingId(f"{number}"), weekly_minutes=1_440, period=DateInterval(day, day + timedelta(days=1))
        )
        gate.wait()
        try:
            return book(firm, value)
        except DomainError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        for number in range(ROUNDS):
            outcomes = list(pool.map(act, (2 * number, 2 * number + 1)))
            refused = [one for one in outcomes if isinstance(one, DomainError)]
            assert [(one.code, one.facts["free_minutes"]) for one in refused] == [("capacity.exceeded", 192)]
    assert capacity_faults(firm, actor=LOCAL) == ()

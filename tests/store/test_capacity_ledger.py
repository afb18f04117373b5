"""The counters of people's days follow every row that they rest on, in the same transaction, and guard it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import BookingId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.paging import PageRequest
from scheduler.domain.staffing.people import DayPart
from scheduler.domain.staffing.work import Booking, BookingState
from scheduler.queries.capacity import capacity_faults
from scheduler.store.tables.capacity import CAPACITY_OVERRIDES, PERSON_DAYS
from scheduler.usecases.departures import deactivate_person
from scheduler.usecases.records import change_record, create_record, delete_record
from tests import factories as make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scheduler.store import Store

NOW = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
FULL = dict.fromkeys(range(4), make.FULL_WEEK_MIN)


@pytest.fixture
def firm(store: Store) -> Store:
    """Two people, and a demand of one full-time person for four weeks that Ann is booked on."""
    values = (
        make.make_skill(),
        make.make_calendar(),
        make.make_person(),
        make.make_person("bob"),
        make.make_project(),
        make.make_demand(effort=FULL, shares=(Decimal(1), Decimal("0.5"))),
        make.make_booking(),
    )
    for value in values:
        create_record(store, actor=LOCAL, value=value, now=NOW)
    return store


@pytest.fixture(autouse=True)
def sound(store: Store) -> Iterator[None]:
    """After whatever happened, the counters are what they follow from."""
    yield
    assert capacity_faults(store, actor=LOCAL) == ()


def counters(store: Store, person: str = "ann") -> dict[date, tuple[int, int, int]]:
    with store.engine.connect() as connection:
        rows = connection.execute(select(PERSON_DAYS).where(PERSON_DAYS.c.person_id == person)).all()
    return {row.day: (row.capacity_min, row.booked_min, row.excess_min) for row in rows}


def booking(store: Store, booking_id: str = "booking-ann-alpha-lead") -> Booking:
    with store.read(LOCAL) as view:
        return view.bookings.get(booking_id)


def refusal(act: Callable[[], object]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        act()
    return caught.value


def edit(store: Store, area: str, record_id: str, **changes: Any) -> None:
    with store.read(LOCAL) as view:
        value = view.area(area).get(record_id)
    change_record(store, actor=LOCAL, value=replace(value, **changes), now=LATER)


def other(person: str = "ann", minutes: int = 480, **changes: Any) -> Booking:
    return make.make_booking(person, demand=None, weekly_minutes=minutes, **changes)


def test_a_booking_is_counted_on_its_days(firm: Store) -> None:
    """Every working day has its minutes; free days have no row; a booking that goes takes them along."""
    assert counters(firm) == {make.monday(w) + timedelta(days=d): (480, 480, 0) for w in range(4) for d in range(5)}
    delete_record(firm, actor=LOCAL, area="bookings", record_id="booking-ann-alpha-lead", version=1, now=LATER)
    assert counters(firm) == {}


def test_c01_beyond_capacity_is_refused_with_what_is_free(firm: Store) -> None:
    """The answer names each day and the free minutes; nothing is written."""
    half = make.make_booking("bob", demand=None, weekly_minutes=1_440, period=DateInterval(make.MONDAY, make.MONDAY + timedelta(days=1)))
    create_record(firm, actor=LOCAL, value=half, now=NOW)
    error = refusal(lambda: create_record(firm, actor=LOCAL, value=replace(half, id=BookingId("second")), now=NOW))
    assert (error.kind, error.code, error.facts["free_minutes"]) == (ErrorKind.CONFLICT, "capacity.exceeded", 192)
    day = {"person_id": "bob", "day": "2027-03-01", "capacity_minutes": 480, "free_minutes": 192, "over_minutes": 96}
    assert error.facts["days"] == [day]
    assert counters(firm, "bob") == {make.MONDAY: (480, 288, 0)}


CUTS: dict[str, Callable[[Store], object]] = {
    "sick": lambda s: create_record(s, actor=LOCAL, value=make.make_absence(), now=LATER),
    "closure": lambda s: edit(s, "calendars", "plain", closures=(make.make_closure(),)),
    "shorter hours": lambda s: edit(s, "people", "ann", terms=(make.make_term(weekly_minutes=(0, 480, 480, 480, 480, 0, 0)),)),
    "leaves": lambda s: deactivate_person(s, actor=LOCAL, person_id="ann", leaves=make.monday(3) + timedelta(days=2), now=LATER),
}


@pytest.mark.parametrize("cut", CUTS)
def test_a_cut_of_capacity_is_never_refused_and_flags(firm: Store, cut: str) -> None:
    """The day has an excess, the booking is flagged without a new version of its own, and its history says since when."""
    before = booking(firm)
    CUTS[cut](firm)
    now = booking(firm)
    assert now.over_capacity
    assert sum(excess for _, _, excess in counters(firm).values()) > 0
    if cut != "leaves":
        assert now.version == before.version
    with firm.read(LOCAL) as view:
        assert [one.value.over_capacity for one in view.bookings.history(now.id)] == [False, True]
        assert [b.id for b in view.bookings.page(PageRequest(filters={"over_capacity": "true"})).items] == [now.id]
        assert view.bookings.page(PageRequest(filters={"over_capacity": "false"})).items == ()


def test_the_flag_goes_when_the_capacity_is_back_or_the_booking_is_written_anew(firm: Store) -> None:
    """An absence withdrawn, or a planner who has seen it."""
    sick = make.make_absence()
    create_record(firm, actor=LOCAL, value=sick, now=LATER)
    delete_record(firm, actor=LOCAL, area="absences", record_id=sick.id, version=1, now=LATER)
    assert not booking(firm).over_capacity
    create_record(firm, actor=LOCAL, value=replace(sick, part=DayPart.HALF), now=LATER)
    assert counters(firm)[make.MONDAY] == (240, 480, 240)
    saved = change_record(firm, actor=LOCAL, value=replace(booking(firm), state=BookingState.LOCKED), now=LATER)
    assert not saved.over_capacity
    assert counters(firm)[make.MONDAY] == (240, 240, 0)


def test_an_absence_passed_on_moves_the_excess(firm: Store) -> None:
    """Both people's days are counted again."""
    create_record(firm, actor=LOCAL, value=make.make_absence("bob"), now=LATER)
    edit(firm, "absences", f"absence-bob-{make.MONDAY}", person_id="ann")
    assert booking(firm).over_capacity
    edit(firm, "absences", f"absence-bob-{make.MONDAY}", person_id="bob")
    assert not booking(firm).over_capacity


def test_a_booking_passed_on_is_counted_there(firm: Store) -> None:
    """Its minutes leave one person's days and come to the other's; where they do not fit, nothing moves."""
    edit(firm, "bookings", booking(firm).id, person_id="bob")
    assert (counters(firm), len(counters(firm, "bob"))) == ({}, 20)
    create_record(firm, actor=LOCAL, value=other(), now=LATER)
    assert refusal(lambda: edit(firm, "bookings", booking(firm).id, person_id="ann")).code == "capacity.exceeded"
    assert len(counters(firm, "bob")) == 20


def test_a_demand_that_grows_beyond_its_people_is_refused(firm: Store) -> None:
    """The minutes of its bookings follow from it; less is always possible."""
    more = make.make_effort({**FULL, 2: 2_401})
    error = refusal(lambda: edit(firm, "demands", "alpha-lead", effort=more))
    assert (error.code, {day["day"] for day in error.facts["days"]}) == (
        "capacity.exceeded",
        {(make.monday(2) + timedelta(days=n)).isoformat() for n in range(5)},
    )
    edit(firm, "demands", "alpha-lead", effort=make.make_effort({0: 600}))
    assert {day: minutes for day, (_, minutes, _) in counters(firm).items()} == {make.MONDAY + timedelta(days=n): 120 for n in range(5)}


def test_an_override_lets_in_is_recorded_and_flags(firm: Store) -> None:
    """Who, when, how much and why; in the audit too. Both bookings of the days are flagged."""
    made = create_record(firm, actor=LOCAL, value=other(), now=LATER, override_reason="Go-live weekend")
    assert (made.over_capacity, booking(firm).over_capacity) == (True, True)
    with firm.engine.connect() as connection:
        (row,) = connection.execute(select(CAPACITY_OVERRIDES)).all()
    assert (row.person_id, row.over_min, row.reason, row.actor_id) == ("ann", 4 * 480, "Go-live weekend", LOCAL.id)
    assert (row.first_day, row.last_day) == (make.MONDAY, make.monday(3) + timedelta(days=4))
    with firm.read(LOCAL) as view:
        found = view.audit.page(PageRequest(filters={"area": "capacity_overrides"})).items
    assert [(one.kind, one.after and one.after["reason"]) for one in found] == [("created", "Go-live weekend")]
    error = refusal(lambda: create_record(firm, actor=LOCAL, value=other(id="one more", minutes=5), now=LATER))
    assert error.code == "capacity.exceeded"
    with pytest.raises(DomainError, match="input"):
        create_record(firm, actor=LOCAL, value=other(id="no reason"), now=LATER, override_reason=" ")


def test_the_database_itself_refuses_more_than_there_is(firm: Store) -> None:
    """Whatever the program does, booked is at most capacity and excess."""
    with firm.engine.begin() as connection, pytest.raises(IntegrityError, match="within_capacity"):
        connection.execute(update(PERSON_DAYS).values(booked_min=PERSON_DAYS.c.booked_min + 1))
    row = {"person_id": "x", "day": make.MONDAY, "capacity_min": 0, "booked_min": 1, "excess_min": 0}
    with firm.engine.begin() as connection, pytest.raises(IntegrityError, match="within_capacity"):
        connection.execute(insert(PERSON_DAYS), row)


def test_faults_of_the_counters_are_found(firm: Store) -> None:
    """The check of the counters is no check if it finds nothing."""
    with firm.engine.begin() as connection:
        connection.execute(update(PERSON_DAYS).where(PERSON_DAYS.c.day == make.MONDAY).values(booked_min=479))
    (fault,) = capacity_faults(firm, actor=LOCAL)
    assert "2027-03-01" in fault
    with firm.engine.begin() as connection:
        connection.execute(update(PERSON_DAYS).where(PERSON_DAYS.c.day == make.MONDAY).values(booked_min=480))


def test_a_booking_has_an_end_in_reach() -> None:
    """Every day of it is counted, so it cannot last for ever."""
    with pytest.raises(DomainError) as caught:
        other(period=DateInterval(make.MONDAY, date(2090, 1, 2)))
    assert [fault.code for fault in caught.value.faults] == ["booking.too_long"]

"""Bookings as minutes and money by month."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from scheduler.domain.billing.contracts import Contract
from scheduler.domain.billing.contracts import ContractKind as Kind
from scheduler.domain.ground.exchange import ExchangeRate
from scheduler.domain.ground.ids import ExchangeRateId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.margin import Sums, summed
from scheduler.domain.staffing.work import BookingState, ContractKind, ProjectState
from scheduler.planning.availability import availabilities
from scheduler.planning.bookings import demand_of, promised_by, taken_by
from scheduler.planning.planned_work import planned_work
from scheduler.planning.time_grid import TimeGrid
from tests import factories as make
from tests.planning.random_snapshots import random_snapshot

MARCH = DateInterval(date(2027, 3, 1), date(2027, 4, 1))
SPRING = DateInterval(date(2027, 3, 1), date(2027, 6, 1))


def sums(**changes: Any) -> Sums:
    return summed(planned_work(make.make_snapshot(**changes), SPRING))


def test_a_booking_of_a_demand_costs_and_brings_by_the_hour() -> None:
    """Four weeks of 20 hours at 50 cost and 100 bring."""
    assert sums(bookings=[make.make_booking()]) == Sums(minutes=4_800, unpriced_minutes=0, revenue=Fraction(8_000), cost=Fraction(4_000))


def test_a_week_across_two_months_belongs_to_both_by_its_days() -> None:
    """The week of 29 March has three days in March and two in April; together they are what the booking takes of it."""
    booking = make.make_booking(demand=None, period=make.weeks(4, 4), weekly_minutes=1_001)
    works = planned_work(make.make_snapshot(bookings=[booking]), SPRING)
    assert {work.month: work.minutes for work in works} == {date(2027, 3, 1): 600, date(2027, 4, 1): 401}
    assert [work.minutes for work in planned_work(make.make_snapshot(bookings=[booking]), MARCH)] == [600]


def test_a_new_term_costs_from_its_day() -> None:
    """Wednesday to Friday at 80 after two days at 50."""
    terms = (
        make.make_term(period=DateInterval(date(2020, 1, 1), date(2027, 3, 3))),
        make.make_term(period=DateInterval(date(2027, 3, 3)), cost_rate=Decimal(80)),
    )
    booking = make.make_booking(demand=None, period=make.weeks(0, 0), weekly_minutes=600)
    found = sums(people=[make.make_person(terms=terms)], bookings=[booking])
    assert (found.minutes, found.cost) == (600, 4 * Fraction(50) + 6 * Fraction(80))


def test_an_absence_takes_its_part() -> None:
    """Two days of the week away leave three fifths, on the other three."""
    booking = make.make_booking(demand=None, period=make.weeks(0, 0), weekly_minutes=1_000)
    assert sums(bookings=[booking], absences=[make.make_absence(days=2)]).minutes == 600


@pytest.mark.parametrize(
    ("project", "rates", "revenue", "unpriced"),
    [
        ({"contract": ContractKind.INTERNAL}, (), 0, 0),
        ({"contract": ContractKind.FIXED_PRICE, "contract_value_minor": 1_200_000}, (), 12_000, 0),
        ({"contract": ContractKind.FIXED_PRICE, "contract_value_minor": 1_200_000, "planned_minutes": 9_600}, (), 6_000, 0),
        ({"contract": ContractKind.FIXED_PRICE}, (), 0, 4_800),
        ({}, (), 0, 4_800),
        ({}, (make.make_bill_rate(90), make.make_bill_rate(120, valid_from=date(2027, 3, 15))), 8_400, 0),
        ({"state": ProjectState.TENTATIVE, "probability": Decimal("0.1"), "priority": Decimal(3)}, (make.make_bill_rate(90),), 7_200, 0),
    ],
)
def test_what_an_hour_brings_follows_the_contract(project: dict[str, Any], rates: Any, revenue: int, unpriced: int) -> None:
    """By bill rate of the day, or contract value by planned hours; chances and priorities are no money; what has no rate is counted."""
    demand = make.make_demand(bill_rate=None)
    booking = make.make_booking(state=BookingState.TENTATIVE)
    found = sums(projects=(make.make_project(**project),), demands=[demand], bookings=[booking], bill_rates=rates)
    assert (found.revenue, found.unpriced_minutes, found.minutes) == (Fraction(revenue), unpriced, 4_800)


@pytest.mark.parametrize(
    ("terms", "revenue", "unpriced"),
    [
        ({"blended_rate": Decimal("70.5")}, 5_640, 0),
        ({"currency": "USD"}, 80 * 95 * Fraction("0.9"), 0),
        ({"currency": "CHF"}, 0, 4_800),
        ({"currency": "JPY", "blended_rate": Decimal(100)}, 0, 4_800),
        ({"kind": Kind.COST_PLUS, "markup": Decimal("0.2")}, 80 * 60, 0),
        ({"kind": Kind.INTERNAL}, 0, 0),
        (None, 80 * 90, 0),
    ],
)
def test_clients_and_contracts_have_rates(terms: dict[str, Any] | None, revenue: Fraction | int, unpriced: int) -> None:
    """The client's rate before that for all, the contract's before both; in its currency alone, and then at the day's exchange rate."""
    rates = (make.make_bill_rate(80), make.make_bill_rate(90, client_id="acme"), make.make_bill_rate(95, currency="USD"))
    dollars = ExchangeRate(id=ExchangeRateId("usd"), currency="USD", day=date(2027, 1, 1), rate=Decimal("0.9"), source="ECB")
    found = sums(
        clients=(make.make_client("acme"),),
        projects=(make.make_project(client_id="acme"),),
        demands=[make.make_demand(bill_rate=None)],
        bookings=[make.make_booking()],
        bill_rates=rates,
        exchange_rates=(dollars,),
        contracts=() if terms is None else (contract(**terms),),
    )
    assert (found.revenue, found.unpriced_minutes) == (Fraction(revenue), unpriced)


def test_costs_do_not_follow_from_prices_for_whoever_may_not_see_them() -> None:
    """Hours whose price is their cost with a markup have none then."""
    snapshot = make.make_snapshot(bookings=[make.make_booking()], contracts=(contract(kind=Kind.COST_PLUS, markup=Decimal("0.2")),))
    assert {work.bill_rate for work in planned_work(snapshot, SPRING)} == {Fraction(60)}
    assert {work.bill_rate for work in planned_work(snapshot, SPRING, with_costs=False)} == {None}


def contract(**terms: Any) -> Contract:
    given: dict[str, Any] = {"id": "c", "project_id": "alpha", "name": "c", "kind": Kind.TIME_AND_MATERIALS, "currency": "EUR"}
    return Contract(**{**given, "legal_entity_id": "we", "starts_on": date(2027, 1, 1), **terms})


def test_lost_projects_are_no_work() -> None:
    """Whatever is still booked on them."""
    assert sums(projects=(make.make_project(state=ProjectState.LOST),), bookings=[make.make_booking()]).minutes == 0


@pytest.mark.parametrize("seed", range(30))
def test_months_add_up_to_what_bookings_take(seed: int) -> None:
    """No minute is lost or counted twice at the ends of weeks and months."""
    snapshot = random_snapshot(random.Random(seed))
    days = DateInterval(date(2026, 12, 1), date(2028, 6, 1))
    grid = TimeGrid(start=date(2026, 11, 30), weeks=79)
    people = availabilities(snapshot, grid)
    demands = {demand.id: demand for demand in snapshot.demands}
    lost = {project.id for project in snapshot.projects if project.state is ProjectState.LOST}
    taken = 0
    for booking in snapshot.bookings:
        if booking.project_id not in lost:
            person = people[booking.person_id]
            promised = promised_by(booking, demand=demand_of(booking, demands), availability=person, grid=grid)
            taken += sum(taken_by(promised, person))
    works = planned_work(snapshot, days)
    assert sum(work.minutes for work in works) == taken
    assert all(work.minutes > 0 and work.month in days for work in works)

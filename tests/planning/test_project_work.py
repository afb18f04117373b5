"""The forecast of a project against a slow reference that goes day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.delivery.forecast import Forecast, WorkedMinutes, forecast, forecast_by
from scheduler.domain.ground.ids import PersonId, ProjectId, TaskId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.work import Booking, ContractKind, ProjectState
from scheduler.planning.project_work import ProjectWork, next_monday
from tests.factories import (
    MONDAY,
    make_absence,
    make_bill_rate,
    make_booking,
    make_demand,
    make_person,
    make_project,
    make_snapshot,
    make_term,
    monday,
    weeks,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scheduler.domain.staffing.people import Absence
    from scheduler.planning.snapshot import Snapshot

WEEKS = 6
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A project that one person works on: her rates and the client's both change on a day."""

    on: date
    cost: tuple[Decimal, Decimal]
    bill: tuple[Decimal, Decimal]
    turn: date
    bookings: tuple[Booking, ...]
    absences: tuple[Absence, ...]
    worked: tuple[WorkedMinutes, ...]

    def snapshot(self) -> Snapshot:
        before, after = self.cost
        terms = (
            make_term(period=DateInterval(date(2020, 1, 1), self.turn), cost_rate=before),
            make_term(period=DateInterval(self.turn), cost_rate=after),
        )
        rates = (
            make_bill_rate(str(self.bill[0]), rate_id="before", valid_until=self.turn - DAY),
            make_bill_rate(str(self.bill[1]), rate_id="after", valid_from=self.turn),
        )
        people, demands = [make_person(terms=terms)], [make_demand(bill_rate=None)]
        return make_snapshot(people=people, demands=demands, bill_rates=rates, absences=self.absences)

    def rates(self, day: date) -> tuple[Decimal, Decimal]:
        return (self.bill[day >= self.turn], self.cost[day >= self.turn])


RATES = st.decimals(Decimal(0), Decimal(500), places=4)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    days = st.integers(0, WEEKS * 7 - 1).map(lambda n: MONDAY + timedelta(days=n))
    bookings = []
    for number in range(draw(st.integers(0, 3))):
        start = draw(days)
        period = DateInterval(start, start + timedelta(days=draw(st.integers(1, 25))))
        bookings.append(make_booking(demand=None, id=f"plain {number}", period=period, weekly_minutes=draw(st.integers(1, 2_400))))
    if draw(st.booleans()):
        first = draw(st.integers(0, 2))
        share = draw(st.sampled_from([Decimal(1), Decimal("0.5"), Decimal("0.3333")]))
        bookings.append(make_booking(id="run", period=weeks(first, 3), share=share))
    absences = {draw(days) for _ in range(draw(st.integers(0, 4)))}
    worked = [
        WorkedMinutes(
            project_id=ProjectId("alpha"),
            person_id=PersonId("ann"),
            day=draw(days),
            minutes=draw(st.integers(1, 600)),
            is_billable=draw(st.booleans()),
        )
        for _ in range(draw(st.integers(0, 5)))
    ]
    return Case(
        on=draw(days),
        cost=(draw(RATES), draw(RATES)),
        bill=(draw(RATES), draw(RATES)),
        turn=draw(days),
        bookings=tuple(bookings),
        absences=tuple(make_absence(first=day) for day in sorted(absences)),
        worked=tuple(worked),
    )


def found(case: Case) -> Forecast:
    work = ProjectWork(case.snapshot(), bookings=case.bookings)
    return forecast([*work.worked(case.worked), *work.booked(on=case.on)])


def reference(case: Case) -> list[tuple[int, int, int]]:
    """Minutes, bill and cost in minor units: actual, then booked."""
    away = {absence.period.start for absence in case.absences}
    actual = [(one.minutes, *_amounts(one.minutes, *_unbilled(case.rates(one.day), one.is_billable))) for one in case.worked]
    booked = []
    for booking in case.bookings:
        for day, minutes in _day_by_day(booking, away):
            if day >= case.on:
                booked.append((minutes, *_amounts(minutes, *case.rates(day))))
    return [_added(actual), _added(booked)]


def _added(rows: Sequence[tuple[int, int, int]]) -> tuple[int, int, int]:
    return (sum(row[0] for row in rows), sum(row[1] for row in rows), sum(row[2] for row in rows))


def _unbilled(rates: tuple[Decimal, Decimal], is_billable: bool) -> tuple[Decimal, Decimal]:
    return rates if is_billable else (Decimal(0), rates[1])


def _amounts(minutes: int, *rates: Decimal) -> tuple[int, int]:
    bill, cost = (int((Fraction(rate) * minutes * 100 / 60 + Fraction(1, 2)).__floor__()) for rate in rates)
    return bill, cost


def _day_by_day(booking: Booking, away: set[date]) -> Iterator[tuple[date, int]]:
    """Week by week: what it promises, less what an absence takes, on the days that are left, running sums rounded down."""
    first = MONDAY - timedelta(weeks=1)
    for number in range(WEEKS + 8):
        week = [first + timedelta(weeks=number, days=n) for n in range(7)]
        working = [day for day in week if day.weekday() < 5]
        covered = [day for day in working if day in booking.period]
        there = [day for day in working if day not in away]
        wanted = booking.weekly_minutes or (int((booking.share or 0) * 1_200) if MONDAY <= week[0] < monday(4) else 0)
        promised = wanted if len(covered) == 5 else wanted * len(covered) // 5
        taken = min(promised, 480 * 5) if len(there) == 5 else min(promised * len(there) // 5, 480 * len(there))
        days = [day for day in covered if day in there] or covered
        given = 0
        for passed, day in enumerate(days, 1):
            until = taken * passed // len(days)
            yield day, until - given
            given = until


@given(case=cases())
@settings(max_examples=60)
def test_the_forecast_equals_a_slow_reference(case: Case) -> None:
    """Actual, booked and their sum: minutes, what they are billed and what they cost, at the rates valid on each day."""
    whole = found(case)
    (minutes, bill, cost), (to_come, to_bill, to_cost) = reference(case)
    assert (whole.actual.minutes, whole.actual.bill_minor, whole.actual.cost_minor) == (minutes, bill, cost)
    assert (whole.booked.minutes, whole.booked.bill_minor, whole.booked.cost_minor) == (to_come, to_bill, to_cost)
    done = whole.at_completion
    assert (done.minutes, done.bill_minor, done.cost_minor) == (minutes + to_come, bill + to_bill, cost + to_cost)


@given(case=cases())
@settings(max_examples=30)
def test_parts_add_up_to_the_whole(case: Case) -> None:
    """By day or by anything else: no minor unit is lost or gained by putting lines together."""
    work = ProjectWork(case.snapshot(), bookings=case.bookings)
    lines = [*work.worked(case.worked), *work.booked(on=case.on)]
    for parts in (forecast_by(lines, lambda line: line.day), forecast_by(lines, lambda line: line.demand_id)):
        assert sum(parts.values(), Forecast()) == forecast(lines)


def test_a_rate_counts_from_its_day_on() -> None:
    """A week of full days at 100, and from Wednesday on at 200: two days at the one, three at the other."""
    wednesday = MONDAY + 2 * DAY
    case = Case(
        on=MONDAY,
        cost=(Decimal(50), Decimal(60)),
        bill=(Decimal(100), Decimal(200)),
        turn=wednesday,
        bookings=(make_booking(demand=None, period=weeks(0, 0), weekly_minutes=2_400),),
        absences=(),
        worked=(),
    )
    booked = found(case).booked
    assert (booked.minutes, booked.bill_minor, booked.cost_minor) == (2_400, 100 * (16 * 100 + 24 * 200), 100 * (16 * 50 + 24 * 60))


def test_what_has_no_rate_is_counted_apart() -> None:
    """Without a bill rate minutes are unpriced; of somebody without a term they are uncosted; neither is in an amount."""
    snapshot = make_snapshot(people=[make_person(terms=())], demands=[])
    worked = WorkedMinutes(project_id=ProjectId("alpha"), person_id=PersonId("ann"), day=MONDAY, minutes=90, is_billable=True)
    actual = forecast(ProjectWork(snapshot, bookings=()).worked([worked])).actual
    assert (actual.unpriced_minutes, actual.uncosted_minutes, actual.bill_minor, actual.cost_minor) == (90, 90, 0, 0)


def test_work_counts_for_the_task_of_its_demand() -> None:
    """Unless the entry names another task; and the grade is the demand's before the person's."""
    demand = make_demand(task_id=TaskId("alpha-design"), grade="senior")
    work = ProjectWork(make_snapshot(demands=[demand]), bookings=())
    worked = {"project_id": ProjectId("alpha"), "person_id": PersonId("ann"), "day": MONDAY, "minutes": 60, "is_billable": True}
    lines = list(
        work.worked([WorkedMinutes(**worked, demand_id=demand.id), WorkedMinutes(**worked, demand_id=demand.id, task_id=TaskId("other"))])  # type: ignore[arg-type]
    )
    assert [(line.task_id, line.grade) for line in lines] == [("alpha-design", "senior"), ("other", "senior")]


def test_a_fixed_price_is_spread_over_its_planned_work_and_a_lost_deal_has_none() -> None:
    """1,000.00 for 100 hours are 10.00 an hour; nothing is to come on a project that was lost."""
    booking = make_booking(demand=None, period=weeks(0, 0), weekly_minutes=600)
    for state, minutes in ((ProjectState.WON, 600), (ProjectState.LOST, 0)):
        project = make_project(contract=ContractKind.FIXED_PRICE, contract_value_minor=100_000, planned_minutes=6_000, state=state)
        work = ProjectWork(make_snapshot(projects=(project,)), bookings=(booking,))
        booked = forecast(work.booked(on=MONDAY)).booked
        assert (booked.minutes, booked.bill_minor) == (minutes, minutes * 1_000 // 60)


def test_bookings_beyond_the_longest_horizon_are_counted() -> None:
    """Ten years of a day a week: every week of them."""
    booking = make_booking(demand=None, period=weeks(0, 519), weekly_minutes=480)
    assert forecast(ProjectWork(make_snapshot(), bookings=(booking,)).booked(on=MONDAY)).booked.minutes == 520 * 480


def test_the_next_monday_is_today_on_a_monday() -> None:
    """And the one after it on any other day."""
    assert next_monday(MONDAY) == MONDAY
    assert next_monday(MONDAY + DAY) == monday(1)


def test_half_a_minor_unit_goes_up() -> None:
    """One minute at 0.30 an hour is half a cent: billed as one. The reference rounds as Decimal does."""
    assert _amounts(1, Decimal("0.30"), Decimal("0.2999")) == (1, 0)
    assert (Decimal("0.30") * 100 / 60).quantize(Decimal(1), rounding=ROUND_HALF_UP) == 1

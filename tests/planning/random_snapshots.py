"""Random small firms, with every kind of row."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.ground.ids import AbsenceId, BookingId, PersonId, ProjectId, SkillId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.people import Closure, DayPart, Employment
from scheduler.domain.staffing.work import BookingState, ContractKind, ProjectState
from scheduler.planning.request import ChangePolicy
from tests.factories import (
    MONDAY,
    make_absence,
    make_bill_rate,
    make_booking,
    make_calendar,
    make_demand,
    make_held,
    make_person,
    make_project,
    make_request,
    make_snapshot,
    make_term,
    monday,
    weeks,
)

if TYPE_CHECKING:
    import random

    from scheduler.domain.staffing.people import Absence, HeldSkill, Person
    from scheduler.domain.staffing.work import Booking, Demand, Project
    from scheduler.planning.request import PlanRequest
    from scheduler.planning.snapshot import Snapshot

PEOPLE = ("ann", "bob", "cat", "dan")
PROJECTS = ("alpha", "beta", "gamma")
HORIZON = 6


def random_snapshot(rng: random.Random) -> Snapshot:
    people = tuple(_person(rng, name) for name in PEOPLE[: rng.randint(1, 4)])
    projects = tuple(_project(rng, name) for name in PROJECTS[: rng.randint(1, 3)])
    demands = tuple(_demand(rng, f"d{n}", rng.choice(projects)) for n in range(rng.randint(0, 6)))
    closures = tuple(Closure(day=MONDAY + timedelta(days=n), part=_part(rng)) for n in range(42) if rng.random() < 0.05)
    rates = [make_bill_rate(90 + n, person_id=PersonId(p.id)) for n, p in enumerate(people) if rng.random() < 0.5]
    rates += [make_bill_rate(70, grade="senior"), make_bill_rate(65, valid_from=monday(3))] if rng.random() < 0.7 else []
    return make_snapshot(
        people=people,
        projects=projects,
        demands=demands,
        calendars=(make_calendar(country="DE", subdivision="BY", closures=closures),),
        absences=tuple(_absence(rng, n) for n in range(rng.randint(0, 4)) if people),
        bookings=tuple(_booking(rng, n, people, demands) for n in range(rng.randint(0, 6))),
        bill_rates=tuple(rates),
    )


def random_request(rng: random.Random) -> PlanRequest:
    policy = ChangePolicy(
        setup_cost=Decimal(rng.choice((0, 20))),
        churn_cost=Decimal(rng.choice(("0", "1.5"))),
        max_churn_hours=rng.choice((None, Decimal(40))),
        frozen_weeks=rng.choice((0, 0, 2)),
        fairness_cost=Decimal(rng.choice((0, 2))),
        band_low=Decimal(rng.choice(("0", "0.6"))),
    )
    return make_request(weeks=HORIZON, policy=policy)


def _part(rng: random.Random) -> DayPart:
    return rng.choice((DayPart.WHOLE, DayPart.HALF))


def _person(rng: random.Random, name: str) -> Person:
    change = MONDAY + timedelta(days=rng.randint(-10, 50))
    first = make_term(
        period=DateInterval(MONDAY - timedelta(days=400), change),
        employment=rng.choice(tuple(Employment)),
        weekly_minutes=(*rng.choices((480, 465, 0), k=5), 0, 0),
        location=rng.choice((None, "Berlin", "Rome")),
        grade=rng.choice((None, "senior")),
    )
    second = make_term(period=DateInterval(change), cost_rate=Decimal(rng.choice(("55.55", "60"))), location="Rome")
    terms = rng.choice(((), (first,), (first, second), (second,), (make_term(),)))
    return make_person(name, terms=terms, skills=_skills(rng), max_demands=rng.choice((None, 1, 2)))


def _skills(rng: random.Random) -> tuple[HeldSkill, ...]:
    until = MONDAY + timedelta(days=rng.randint(-5, 45))
    sap = rng.choice(
        (
            (),
            (make_held(level=4),),
            (make_held(level=3, valid_until=until),),
            (make_held(level=5, valid_until=until), make_held(level=2, valid_from=until + timedelta(days=1))),
        )
    )
    return (*sap, make_held("java", rng.randint(1, 5)))


def _project(rng: random.Random, name: str) -> Project:
    group = frozenset({PersonId("ann"), PersonId("bob")})
    return make_project(
        name,
        state=rng.choice((ProjectState.WON, ProjectState.TENTATIVE, ProjectState.TENTATIVE, ProjectState.LOST)),
        probability=Decimal(rng.choice(("0.3", "0.75", "1"))),
        priority=Decimal(rng.choice(("1", "1.25"))),
        contract=rng.choice(tuple(ContractKind)),
        contract_value_minor=rng.choice((None, 5_000_000)),
        all_or_nothing=rng.random() < 0.3,
        shift_weeks=rng.choice((None, None, (0, 2), (-1, 1))),
        apart=(group,) if rng.random() < 0.2 else (),
        together=(group,) if rng.random() < 0.2 else (),
    )


def _demand(rng: random.Random, name: str, project: Project) -> Demand:
    first = rng.randint(-2, 5)
    effort = {week: rng.randint(1, 2_400) for week in range(first, first + rng.randint(1, 4)) if week == first or rng.random() < 0.8}
    return make_demand(
        name,
        project=project.id,
        effort=effort,
        requires=rng.choice(({}, {SkillId("sap"): 3}, {SkillId("java"): 2})),
        prefers=rng.choice(({}, {SkillId("sap"): Decimal("1.5")})),
        overqualified_cost=Decimal(rng.choice((0, 2))),
        grade=rng.choice((None, "senior")),
        bill_rate=rng.choice((None, Decimal("88.88"))),
        locations=rng.choice((None, frozenset({"Rome"}))),
        shares=rng.choice(((Decimal(1),), (Decimal("0.29"), Decimal("0.5"), Decimal(1)))),
        max_people=rng.randint(1, 2),
        min_run_weeks=rng.choice((None, 1, 2)),
        min_coverage=Decimal(rng.choice(("0.8", "0.3333"))),
        shift_weeks=rng.choice(((0, 0), (0, 0), (0, 2), (-1, 1))),
        only=rng.choice((None, None, frozenset({PersonId("ann"), PersonId("dan")}))),
        never=rng.choice((frozenset(), frozenset({PersonId("bob")}))),
    )


def _absence(rng: random.Random, number: int) -> Absence:
    first = MONDAY + timedelta(days=rng.randint(-5, 40))
    return make_absence(rng.choice(PEOPLE), id=AbsenceId(str(number)), first=first, days=rng.randint(1, 9), part=_part(rng))


def _booking(rng: random.Random, number: int, people: tuple[Person, ...], demands: tuple[Demand, ...]) -> Booking:
    person, first = rng.choice(people).id, rng.randint(-2, 6)
    if not demands or rng.random() < 0.3:
        start = MONDAY + timedelta(days=rng.randint(-10, 40))
        period = DateInterval(start, start + timedelta(days=rng.randint(1, 20)))
        return make_booking(
            person, demand=None, project="alpha", id=BookingId(str(number)), period=period, weekly_minutes=rng.randint(1, 1_500)
        )
    demand = rng.choice(demands)
    return make_booking(
        person,
        id=BookingId(str(number)),
        demand=demand.id,
        project=ProjectId(demand.project_id),
        period=weeks(first, first + rng.randint(0, 4)),
        share=rng.choice((Decimal("0.29"), Decimal("0.5"), Decimal(1))),
        shift_weeks=rng.choice((0, 0, 1, -1)),
        state=rng.choice(tuple(BookingState)),
    )

"""People as a plan sees them: minutes left by the bookings that stay, cost, skills, and whom each demand is closed to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scheduler.domain.staffing.held_levels import best_levels, lapses_on, level_throughout
from scheduler.planning.bookings import demand_of, overlaps, promised_by, taken_by
from scheduler.planning.valuation import person_cost
from scheduler.planning.wording import Statement, count, hours, minor_units
from solver_models.staffing.problem import Person

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scheduler.domain.ground.ids import BookingId, DemandId, PersonId, SkillId
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.staffing.people import HeldSkill
    from scheduler.domain.staffing.work import Booking, Demand
    from scheduler.planning.availability import Availability
    from scheduler.planning.planned_demands import PlannedDemand
    from scheduler.planning.time_grid import TimeGrid
    from scheduler.planning.valuation import DemandValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """What a booking that is not planned takes of a person."""

    booking: Booking
    promised: tuple[int, ...]
    taken: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPerson:
    """A person of the problem, and what is said about them."""

    person: Person
    stays: tuple[int, ...]
    bars: Mapping[str, str] = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()
    left_out: tuple[Statement, ...] = ()


def staying(
    bookings: Iterable[Booking],
    *,
    planned: frozenset[BookingId],
    demands: Mapping[DemandId, Demand],
    people: Mapping[PersonId, Availability],
    grid: TimeGrid,
) -> dict[PersonId, list[Stay]]:
    """The bookings in the horizon that are not ``planned`` as runs, by person."""
    stays: dict[PersonId, list[Stay]] = {}
    for booking in sorted(bookings, key=lambda b: b.id):
        if booking.id in planned or booking.person_id not in people or not overlaps(booking, grid):
            continue
        availability = people[booking.person_id]
        promised = promised_by(booking, demand=demand_of(booking, demands), availability=availability, grid=grid)
        stay = Stay(booking=booking, promised=promised, taken=taken_by(promised, availability))
        stays.setdefault(booking.person_id, []).append(stay)
    return stays


def plan_person(
    availability: Availability,
    *,
    stays: Sequence[Stay],
    demands: Sequence[PlannedDemand],
    values: Mapping[DemandId, DemandValue],
    skill_names: Mapping[SkillId, str],
    grid: TimeGrid,
    currency: str,
) -> PlannedPerson:
    """One person of the problem. ``demands``: those whose required levels the person holds at some time of the horizon."""
    person = availability.person
    cost = person_cost(availability, grid=grid, currency=currency)
    taken = tuple(sum(column) for column in zip(*(s.taken for s in stays), strict=True)) or (0,) * grid.weeks
    capacity, usual = _what_is_left(availability, stays=stays, taken=taken)
    best = best_levels(person.skills, days=grid.days)
    bars, preferences = _closed_and_preferred(
        availability, best=best, demands=demands, values=values, skill_names=skill_names, grid=grid, currency=currency
    )
    term = availability.opening_term
    return PlannedPerson(
        person=Person(
            id=person.id,
            capacity=capacity,
            usual=None if usual == capacity else usual,
            cost_rate=cost.cost_rate_minor,
            idle_cost=cost.idle_cost_minor,
            skills={str(s): level for s, level in best.items()},
            location=term.location if term else None,
            max_demands=person.max_demands,
            not_for=frozenset(bars),
            preferences=preferences,
        ),
        stays=taken,
        bars=bars,
        statements=cost.statements,
        left_out=tuple(_overbooked(availability, stays=stays, taken=taken, grid=grid)),
    )


def _what_is_left(availability: Availability, *, stays: Sequence[Stay], taken: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """
    Capacity and usual capacity per week beside the bookings that stay.

    Usual is less what they would take were nobody absent, so that an absence shortens new runs as it shortens those bookings.
    """
    capacity, usual = [], []
    for t, week in enumerate(availability.weeks):
        left = max(0, week.bookable_min - taken[t])
        capacity.append(left)
        usual.append(max(left, week.usual_min - sum(s.promised[t] for s in stays)))
    return tuple(capacity), tuple(usual)


def _overbooked(availability: Availability, *, stays: Sequence[Stay], taken: Sequence[int], grid: TimeGrid) -> Iterable[Statement]:
    """Weeks with bookings beyond what is bookable, or (a single one takes no more than that) promising beyond the contract."""
    person = availability.person
    over = []
    for t, week in enumerate(availability.weeks):
        beyond = sum(s.promised[t] for s in stays) - week.contracted_min if week.contracted_min else 0
        if (excess := max(0, taken[t] - week.bookable_min) or beyond) > 0:
            over.append((t, excess))
    if over:
        first, total_min = over[0][0], sum(minutes for _, minutes in over)
        yield Statement(
            code="person.overbooked",
            subject="person",
            id=person.id,
            name=person.name,
            text=f"{person.name}: bookings that stay exceed what is bookable by {hours(total_min)} in {count(len(over), 'week')},"
            f" first in the week of {grid.monday(first)}; nothing more is planned there.",
            facts={"weeks": [grid.monday(t).isoformat() for t, _ in over], "minutes": [minutes for _, minutes in over]},
        )


def _closed_and_preferred(
    availability: Availability,
    *,
    best: Mapping[SkillId, int],
    demands: Sequence[PlannedDemand],
    values: Mapping[DemandId, DemandValue],
    skill_names: Mapping[SkillId, str],
    grid: TimeGrid,
    currency: str,
) -> tuple[dict[str, str], dict[str, int]]:
    """Demands closed to the person, with the reason; bonuses per hour on the others."""
    person = availability.person
    timed = tuple(s for s in person.skills if s.valid_from is not None or s.valid_until is not None)
    bars: dict[str, str] = {}
    preferences: dict[str, int] = {}
    for planned in demands:
        demand, value = planned.demand, values[planned.demand.id]
        bonus = value.differences.get(person.id, 0)
        if timed:
            days = grid.span(*planned.reach)
            if lapse := _lapse(person.skills, requires=demand.requires, days=days, names=skill_names):
                bars[demand.id] = lapse
                continue
            bonus += _level_correction(person.skills, best=best, demand=demand, days=days, currency=currency)
        if person.id in value.unrated:
            bars[demand.id] = "has no bill rate on it"
        elif bonus:
            preferences[demand.id] = bonus
    return bars, preferences


def _lapse(held: Sequence[HeldSkill], *, requires: Mapping[SkillId, int], days: DateInterval, names: Mapping[SkillId, str]) -> str | None:
    """Why the levels valid on all of ``days`` do not suffice where the best ones would."""
    for skill_id, level in sorted(requires.items()):
        lapsed = lapses_on(held, skill_id, level=level, days=days)
        if lapsed is not None:
            return (
                f"does not hold {names.get(skill_id, skill_id)} at level {level} on {lapsed}, while the work may run to {max(days.days())}"
            )
    return None


def _level_correction(held: Sequence[HeldSkill], *, best: Mapping[SkillId, int], demand: Demand, days: DateInterval, currency: str) -> int:
    """What the levels valid throughout are worth above the best ones, which are those in the problem."""
    total = 0
    for skill_id in {*demand.prefers, *demand.requires}:
        missing = best.get(skill_id, 0) - level_throughout(held, skill_id, days=days)
        if not missing:
            continue
        if skill_id in demand.prefers:
            total -= missing * minor_units(demand.prefers[skill_id], currency)
        if skill_id in demand.requires:
            total += missing * minor_units(demand.overqualified_cost, currency)
    return total

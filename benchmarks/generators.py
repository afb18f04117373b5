"""Seeded staffing problems in the shape of a professional-services firm."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from solver_models.staffing.problem import E4, Demand, Person, Policy, Problem, Project

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST_MONDAY = date(2027, 1, 4)
FULL_WEEK_MIN = 2_400
STEP_MIN = 30
FAMILIES = {
    "cloud": ("platform", "network", "security", "operations"),
    "software": ("backend", "frontend", "mobile", "testing"),
    "records": ("warehouse", "reporting", "statistics", "migration"),
    "finance": ("ledger", "controlling", "treasury", "tax"),
    "change": ("analysis", "training", "process", "governance"),
}
GRADES = ((0.25, 2, 4_500), (0.35, 3, 6_200), (0.28, 4, 8_800), (0.12, 5, 12_500))
"""Share of the staff, highest skill level, cost in minor units per hour."""
LOCATIONS = ("north", "south", "east")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How large a firm, and how much work for it."""

    people: int = 100
    demands: int = 300
    weeks: int = 26
    load: float = 1.1
    """Minutes of all demands over bookable minutes of all people."""
    median_weeks: float = 10.0
    """Demand windows are log-normal with this median, cut by the horizon."""


def staffing_problem(shape: Shape, *, seed: int) -> Problem:
    """Make the same problem for the same shape and seed, on any machine."""
    rng = random.Random(seed)
    people = tuple(_person(rng, number=n, weeks=shape.weeks) for n in range(shape.people))
    drafts = [_draft(rng, number=n, shape=shape) for n in range(shape.demands)]
    demands = _loaded(drafts, minutes=shape.load * sum(sum(person.capacity) for person in people))
    projects = sorted({demand.project for demand in demands})
    return Problem(
        currency="EUR",
        periods=tuple((FIRST_MONDAY + timedelta(weeks=t)).isoformat() for t in range(shape.weeks)),
        people=people,
        demands=demands,
        projects=tuple(Project(id=name, all_or_nothing=rng.random() < 0.05) for name in projects),
        policy=Policy(setup_cost=20_000),
    )


def _person(rng: random.Random, *, number: int, weeks: int) -> Person:
    _, top_level, cost = rng.choices(GRADES, weights=[grade[0] for grade in GRADES])[0]
    part = rng.choice((0.5, 0.6, 0.8)) if rng.random() < 0.15 else 1.0
    usual = tuple([_stepped(FULL_WEEK_MIN * part)] * weeks)
    cost_rate = round(cost * rng.uniform(0.9, 1.15))
    return Person(
        id=f"p{number:03d}",
        capacity=_with_absences(rng, usual=usual),
        usual=usual,
        cost_rate=cost_rate,
        skills=_skills(rng, top_level=top_level),
        location=rng.choice(LOCATIONS),
        max_demands=3,
        idle_cost=cost_rate if rng.random() < 0.85 else 0,
    )


def _with_absences(rng: random.Random, *, usual: tuple[int, ...]) -> tuple[int, ...]:
    """One holiday of one to three weeks, and single days here and there."""
    capacity = list(usual)
    start = rng.randrange(len(usual))
    for t in range(start, min(len(usual), start + rng.randint(1, 3))):
        capacity[t] = 0
    for t in range(len(usual)):
        if capacity[t] and rng.random() < 0.12:
            capacity[t] = _stepped(capacity[t] * (5 - rng.choice((1, 1, 2))) / 5)
    return tuple(capacity)


def _skills(rng: random.Random, *, top_level: int) -> dict[str, int]:
    """Two to four skills of one family, perhaps one of another."""
    home, other = rng.sample(sorted(FAMILIES), 2)
    skills = {skill: max(1, top_level - rng.choice((0, 0, 1, 2))) for skill in rng.sample(FAMILIES[home], rng.randint(2, 4))}
    if rng.random() < 0.5:
        skills[rng.choice(FAMILIES[other])] = max(1, top_level - 2)
    return skills


def _draft(rng: random.Random, *, number: int, shape: Shape) -> Demand:
    """A demand whose effort is not yet scaled to the load."""
    length = max(1, min(shape.weeks, round(rng.lognormvariate(math.log(shape.median_weeks), 0.6))))
    first = rng.randint(0, shape.weeks - length)
    weekly = rng.choice((480, 960, 960, 1_200, 1_440, 1_920, 2_400, 2_400))
    family = FAMILIES[rng.choice(sorted(FAMILIES))]
    level = rng.choices((1, 2, 3, 4), weights=(15, 40, 35, 10))[0]
    requires = {skill: max(1, level - step) for step, skill in enumerate(rng.sample(family, rng.choice((1, 1, 2))))}
    shared = rng.random() < 0.2
    return Demand(
        id=f"d{number:03d}",
        project=f"project-{rng.randrange(max(1, shape.demands // 4)):03d}",
        effort=tuple(weekly if first <= t < first + length else 0 for t in range(shape.weeks)),
        value_rate=round((7_000 + 2_600 * level) * rng.uniform(0.6, 1.2)),
        requires=requires,
        overqualified_cost=150,
        locations=frozenset(rng.sample(LOCATIONS, 2)) if rng.random() < 0.15 else None,
        shares_e4=(E4 // 2, E4) if shared else (E4,),
        max_people=2 if shared else 1,
        shift=(0, 2) if rng.random() < 0.2 else (0, 0),
    )


def _loaded(drafts: Sequence[Demand], *, minutes: float) -> tuple[Demand, ...]:
    """Scale all effort alike to ``minutes`` in all, no week above a full one. Raises ValueError if that is too little."""
    low, high = 0.0, FULL_WEEK_MIN / STEP_MIN
    if sum(sum(_scaled(draft, factor=high).effort) for draft in drafts) < minutes:
        raise ValueError("demands too few or too short for this load: ask for more demands, a longer median window or a lower load")
    for _ in range(40):
        middle = (low + high) / 2
        reached = sum(sum(_scaled(draft, factor=middle).effort) for draft in drafts) >= minutes
        low, high = (low, middle) if reached else (middle, high)
    return tuple(_scaled(draft, factor=high) for draft in drafts)


def _scaled(draft: Demand, *, factor: float) -> Demand:
    return replace(draft, effort=tuple(min(FULL_WEEK_MIN, _stepped(minutes * factor)) for minutes in draft.effort))


def _stepped(minutes: float) -> int:
    """Minutes to the nearest half hour."""
    return round(minutes / STEP_MIN) * STEP_MIN

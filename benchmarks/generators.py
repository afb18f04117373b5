"""
Seeded staffing problems in the shape of a professional-services firm.

    python -m benchmarks.generators --size M --seed 1 --mode full -o problem.json

prints what the problem is like. The same shape, seed and mode make the same problem on any machine. Seeds 1 to 9 are for
tuning; 101 to 103 are for reporting only.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from solver_models.staffing.problem import Demand, Person, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION = "2"
"""Raised whenever a seed makes another problem than before; results kept under another version are stale."""

Mode = Literal["plain", "full"]

FIRST_MONDAY = date(2027, 1, 4)
FULL_WEEK_MIN = 2_400
HALF_DAY_MIN = 240
FAMILY_SKILLS = 5
GRADES = (  # share of staff and of demands, level of the strong skill, cost and bill rate in minor units per hour
    (0.28, 2, 4_400, 9_200),
    (0.36, 3, 6_000, 12_000),
    (0.25, 4, 8_300, 15_600),
    (0.11, 5, 11_500, 21_000),
)
PRIORITIES = ((0.60, 1.0), (0.28, 1.3), (0.12, 1.7))
"""Share of the demands, and what it multiplies the value of an hour by."""
LOADS = range(2, 11)
"""Half days a week: 20 to 100 % of a full one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How large a firm, and how much work for it."""

    people: int
    demands: int
    weeks: int
    load: float = 1.1
    """Minutes of all demands over bookable minutes of all people."""
    median_weeks: float = 10.0
    """Demand windows are log-normal with this median, from 2 to 40 weeks, cut by the horizon."""
    skills: int | None = None
    """``None``: grows with the demands, so that a person stays eligible for about as many of them."""

    @property
    def skill_count(self) -> int:
        """How many skills the firm knows."""
        return self.skills if self.skills is not None else max(2 * FAMILY_SKILLS, round(self.demands / 100))


SIZES = {
    "S": Shape(people=100, demands=300, weeks=26),
    "M": Shape(people=300, demands=1_750, weeks=52),
    "L": Shape(people=1_000, demands=6_000, weeks=52),
    "XL": Shape(people=10_000, demands=60_000, weeks=52),
}


def generate(size: str | Shape, *, seed: int, mode: Mode = "plain") -> Problem:
    """
    Make a problem of a named size (S, M, L, XL) or of a shape of your own.

    ``plain`` asks for one Boolean per person and demand; ``full`` draws every optional key of the format besides.
    """
    shape = size if isinstance(size, Shape) else SIZES[size]
    rng = random.Random(seed)
    skills = _Skills(rng, count=shape.skill_count)
    people = tuple(_person(rng, skills, number=n, weeks=shape.weeks) for n in range(shape.people))
    drafts = [_draft(rng, skills, number=n, shape=shape) for n in range(shape.demands)]
    minutes = shape.load * sum(sum(person.capacity) for person in people)
    problem = Problem(
        currency="EUR",
        periods=tuple((FIRST_MONDAY + timedelta(weeks=t)).isoformat() for t in range(shape.weeks)),
        people=people,
        demands=_loaded(drafts, minutes=minutes, weeks=shape.weeks),
    )
    if mode == "plain":
        return problem
    from benchmarks.generators_full import with_every_key

    return with_every_key(problem, rng)


class _Skills:
    """Skills in families of five; demand and supply weigh them alike, but not equally."""

    def __init__(self, rng: random.Random, *, count: int) -> None:
        self.names = [f"skill-{n // FAMILY_SKILLS:03d}-{n % FAMILY_SKILLS}" for n in range(count)]
        self.families = [self.names[at : at + FAMILY_SKILLS] for at in range(0, count, FAMILY_SKILLS)]
        self._held = _running_sums([rng.uniform(0.7, 1.3) for _ in self.names])
        self._wanted = _running_sums([rng.uniform(0.7, 1.3) for _ in self.names])

    def held(self, rng: random.Random) -> int:
        """The number of a skill that a person has."""
        return rng.choices(range(len(self.names)), cum_weights=self._held)[0]

    def wanted(self, rng: random.Random) -> int:
        """The number of a skill that a demand needs."""
        return rng.choices(range(len(self.names)), cum_weights=self._wanted)[0]

    def beside(self, number: int) -> list[str]:
        """The other skills of its family."""
        return [name for name in self.families[number // FAMILY_SKILLS] if name != self.names[number]]


def _running_sums(weights: Sequence[float]) -> list[float]:
    return [math.fsum(weights[: n + 1]) for n in range(len(weights))]


def _person(rng: random.Random, skills: _Skills, *, number: int, weeks: int) -> Person:
    _, level, cost, _ = _graded(rng)
    part = rng.choice((0.5, 0.6, 0.8)) if rng.random() < 0.15 else 1.0
    usual = _after_bookings(rng, week_min=round(FULL_WEEK_MIN * part), weeks=weeks)
    return Person(
        id=f"p{number:05d}",
        capacity=_with_absences(rng, usual=usual),
        usual=usual,
        cost_rate=round(cost * rng.uniform(0.85, 1.2)),
        skills=_skill_levels(rng, skills, level=level),
    )


def _graded(rng: random.Random) -> tuple[float, int, int, int]:
    return rng.choices(GRADES, weights=[grade[0] for grade in GRADES])[0]


def _after_bookings(rng: random.Random, *, week_min: int, weeks: int) -> tuple[int, ...]:
    """What bookings that stay leave of each week: they thin out over the first third of the horizon."""
    usual = [week_min] * weeks
    ends = [rng.randint(1, max(1, weeks // 3)) for _ in range(rng.choice((0, 1, 1, 2)))]
    for end in ends:
        booked = HALF_DAY_MIN * rng.randint(2, 6)
        for t in range(min(end, weeks)):
            usual[t] = max(0, usual[t] - booked)
    return tuple(usual)


def _with_absences(rng: random.Random, *, usual: Sequence[int]) -> tuple[int, ...]:
    """A long holiday, perhaps a short one, and single days here and there; an absence takes its part of what is usual."""
    days_away = [0] * len(usual)
    for longest in (3, 1) if rng.random() < 0.6 else (3,):
        start = rng.randrange(len(usual))
        for t in range(start, min(len(usual), start + rng.randint(1, longest))):
            days_away[t] = 5
    for t, away in enumerate(days_away):
        if not away and rng.random() < 0.08:
            days_away[t] = rng.choice((1, 1, 2))
    return tuple(minutes * (5 - away) // 5 for minutes, away in zip(usual, days_away, strict=True))


def _skill_levels(rng: random.Random, skills: _Skills, *, level: int) -> dict[str, int]:
    """One strong skill, one to three weaker ones of its family, and for every third person one of another family."""
    strong = skills.held(rng)
    beside = skills.beside(strong)
    held = {skills.names[strong]: level}
    for name in rng.sample(beside, min(len(beside), rng.randint(1, 3))):
        held[name] = max(1, level - rng.choice((1, 1, 2)))
    if rng.random() < 1 / 3:
        held.setdefault(skills.names[skills.held(rng)], max(1, level - 1))
    return held


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A demand but for its weekly minutes, of which ``pressure`` in [0, 1) decides how many once the load is known."""

    number: int
    first: int
    length: int
    pressure: float
    requires: dict[str, int]
    value_rate: int
    project: int

    def weekly_min(self, exponent: float) -> int:
        """Half days a week by pressure: the smaller the exponent, the more."""
        return HALF_DAY_MIN * LOADS[int(len(LOADS) * self.pressure**exponent)]


def _draft(rng: random.Random, skills: _Skills, *, number: int, shape: Shape) -> _Draft:
    length = min(shape.weeks, max(2, min(40, round(rng.lognormvariate(math.log(shape.median_weeks), 0.65)))))
    _, level, _, bill = _graded(rng)
    wanted = skills.wanted(rng)
    requires = {skills.names[wanted]: level}
    beside = skills.beside(wanted)
    if beside and rng.random() < 0.35:
        requires[rng.choice(beside)] = max(1, level - 2)
    priority = rng.choices(PRIORITIES, weights=[chance for chance, _ in PRIORITIES])[0][1]
    return _Draft(
        number=number,
        first=rng.randint(0, shape.weeks - length),
        length=length,
        pressure=rng.random(),
        requires=requires,
        value_rate=round(bill * priority * rng.uniform(0.85, 1.2)),
        project=rng.randrange(max(1, shape.demands // 5)),
    )


def _loaded(drafts: Sequence[_Draft], *, minutes: float, weeks: int) -> tuple[Demand, ...]:
    """Demands whose effort sums to about ``minutes``. Raises ValueError if full weeks are too little or the least loads too much."""

    def total(exponent: float) -> int:
        return sum(draft.length * draft.weekly_min(exponent) for draft in drafts)

    low, high = 0.0001, 20.0
    if not total(high) <= minutes <= total(low):
        raise ValueError("demands too few or too many, too short or too long for this load: change the shape or its load")
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if total(middle) >= minutes else (low, middle)
    return tuple(_demand(draft, weekly_min=draft.weekly_min(low), weeks=weeks) for draft in drafts)


def _demand(draft: _Draft, *, weekly_min: int, weeks: int) -> Demand:
    ends = draft.first + draft.length
    return Demand(
        id=f"d{draft.number:05d}",
        project=f"project-{draft.project:05d}",
        effort=tuple(weekly_min if draft.first <= t < ends else 0 for t in range(weeks)),
        value_rate=draft.value_rate,
        requires=draft.requires,
    )


if __name__ == "__main__":
    from benchmarks.generators_print import main

    main()

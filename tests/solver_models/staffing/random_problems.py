"""Random staffing problems with awkward numbers, the same for the same seed.

Every rule of the problem is switched on in a share of the problems, so that over many seeds each of them meets each other one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, TypeVar

from solver_models.staffing.problem import Demand, Person, Policy, Problem, Project, Run
from tests.solver_models.staffing.brute_force import count_plans

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Value = TypeVar("Value")

MOST_PLANS = 10**6
_SKILLS = ("law", "tax")
_PLACES = ("Bonn", "Oslo")
_SHARES = ((5_000, 10_000), (3_300,), (3_300, 2_900), (3_333, 6_667), (2_500, 7_500), (700, 9_900), (5_000,), (3_400, 3_300), (6_000,))
_VALUES = (35, 48, 60, 77, 95, 120, 150)
_EFFORTS = (240, 333, 480, 480, 777, 960, 1_200, 1_437, 1_921, 2_401)
_RANGES = ((0, 1), (-1, 0), (-1, 1), (1, 2), (0, 2), (-3, -1), (1, 1))
_SHIFTS = (0, 0, 0, 0, -1, 1, 1, 2)
_BANDS = ((0, 5_000), (3_333, 6_667), (5_000, 10_000), (2_900, 9_001), (8_000, 10_000), (0, 3_300))
_SWITCHES = {
    "requires": 0.5,
    "usual": 0.35,
    "locations": 0.5,
    "max_demands": 0.3,
    "available_for": 0.35,
    "not_for": 0.45,
    "preferences": 0.45,
    "idle_cost": 0.35,
    "fairness": 0.35,
    "overqualified_cost": 0.45,
    "prefers": 0.3,
    "shares": 0.55,
    "max_people": 0.65,
    "min_run": 0.5,
    "min_coverage": 0.5,
    "only": 0.4,
    "never": 0.55,
    "demand_shift": 0.4,
    "project_shift": 0.5,
    "all_or_nothing": 0.35,
    "apart": 0.45,
    "together": 0.3,
    "fixed": 0.55,
    "current": 0.65,
    "setup_cost": 0.35,
    "churn_cost": 0.4,
    "max_churn_minutes": 0.4,
    "frozen_periods": 0.5,
}


def small_problem(seed: int) -> Problem:
    """About 3 people x 3 demands x 4 periods, and at most a million plans; all but a few leave much to choose."""
    draw = _Draw(Random(seed))
    least = draw.one((1, 50, 50, 50, 50, 50, 500, 500, 500, 3_000))
    while True:
        people, demands, periods = draw.one(((3, 3, 4), (3, 3, 4), (3, 3, 3), (2, 4, 4), (4, 2, 4), (3, 3, 5), (2, 3, 5)))
        problem = _problem(draw, people=people, demands=demands, periods=periods)
        if least <= count_plans(problem) <= MOST_PLANS:
            return problem


def larger_problem(seed: int) -> Problem:
    """5 people x 5 demands x 6 periods, and more than a million plans."""
    draw = _Draw(Random(1_000_000 + seed))
    while True:
        problem = _problem(draw, people=5, demands=5, periods=6)
        if count_plans(problem) > MOST_PLANS:
            return problem


def other_plans(problem: Problem, runs: tuple[Run, ...], *, seed: int, count: int) -> list[tuple[Run, ...]]:
    """Sets of runs a step or several away from a plan; most of them are no plans."""
    draw = _Draw(Random(seed))
    plans: list[tuple[Run, ...]] = []
    while len(plans) < count:
        changed = list(runs)
        for _ in range(draw.one((1, 1, 1, 2, 3))):
            _change(draw, problem, changed)
        plans.append(tuple(changed))
    return plans


def _change(draw: _Draw, problem: Problem, runs: list[Run]) -> None:
    """Leave a run out, add one, let somebody join one, or move one a little."""
    step = draw.one(("drop", "add", "first", "last", "shift", "whole", "share", "person", "copy", "copy"))
    if step == "add" or not runs:
        demand = draw.one(problem.demands)
        shifts = [run.shift for run in (*problem.fixed, *problem.current) if run.demand == demand.id] or _SHIFTS
        runs.append(_run(draw, demand, [person.id for person in problem.people], len(problem.periods), shifts))
        return
    run = runs.pop(draw.between(0, len(runs) - 1))
    if step == "copy":
        runs += (run, replace(run, person=draw.one(problem.people).id, last=draw.between(run.first, run.last)))
        return
    by = draw.one((-1, 1))
    shares = next(demand.shares_e4 for demand in problem.demands if demand.id == run.demand)
    moved = {
        "first": replace(run, first=run.first + by),
        "last": replace(run, last=run.last + by),
        "shift": replace(run, shift=run.shift + by),
        "whole": replace(run, first=run.first + by, last=run.last + by, shift=run.shift + by),
        "share": replace(run, share_e4=draw.one((*shares, *shares, 10_000, 4_999))),
        "person": replace(run, person=draw.one(problem.people).id),
    }.get(step)
    if moved is not None:
        runs.append(moved if 0 <= moved.first <= moved.last < len(problem.periods) else run)


@dataclass(frozen=True, slots=True)
class _Draw:
    rng: Random

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def one(self, values: Sequence[Value]) -> Value:
        return values[self.rng.randrange(len(values))]

    def some(self, values: Sequence[str], share: float) -> frozenset[str]:
        return frozenset(value for value in values if self.chance(share))

    def between(self, low: int, high: int) -> int:
        return self.rng.randrange(low, high + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """What the parts of one problem must agree on."""

    on: frozenset[str]
    periods: int
    people: tuple[str, ...]
    demands: tuple[str, ...]
    projects: tuple[str, ...]


def _problem(draw: _Draw, *, people: int, demands: int, periods: int) -> Problem:
    scope = _Scope(
        on=frozenset(key for key, share in _SWITCHES.items() if draw.chance(share)),
        periods=periods,
        people=tuple(f"p{number}" for number in range(people)),
        demands=tuple(f"d{number}" for number in range(demands)),
        projects=tuple(f"j{number}" for number in range(2 if demands < 5 else 3)),
    )
    projects = tuple(_project(draw, scope, name) for name in scope.projects)
    moved = {project.id for project in projects if project.shift is not None}
    made = tuple(_demand(draw, scope, name, moved) for name in scope.demands)
    named = tuple(project for project in projects if project != Project(id=project.id) or draw.chance(0.5))
    known = (*scope.demands, *sorted({project.id for project in named} | {demand.project for demand in made}))
    monday = date(2027, 1, 4)
    return Problem(
        currency="EUR",
        periods=tuple((monday + timedelta(weeks=number)).isoformat() for number in range(periods)),
        people=tuple(_person(draw, scope, name, known) for name in scope.people),
        demands=made,
        projects=named,
        fixed=_fixed(draw, scope, made) if "fixed" in scope.on else (),
        current=_current(draw, scope, made) if "current" in scope.on else (),
        policy=_policy(draw, scope),
    )


def _person(draw: _Draw, scope: _Scope, name: str, known: Sequence[str]) -> Person:
    def has(key: str, share: float) -> bool:
        return key in scope.on and draw.chance(share)

    normal = draw.one((2_400, 2_400, 2_400, 1_921, 1_437, 900))
    capacity = tuple(
        0 if draw.chance(0.1) else normal - (draw.between(0, 3) * 401 if draw.chance(0.3) else 0) for _ in range(scope.periods)
    )
    capacity = tuple(max(0, minutes) for minutes in capacity)
    return Person(
        id=name,
        capacity=capacity,
        cost_rate=draw.between(10, 70),
        skills={skill: level for skill in _SKILLS if (level := draw.between(0, 5))},
        usual=tuple(_usual(draw, minutes) for minutes in capacity) if has("usual", 0.7) else None,
        location=draw.one((*_PLACES, None)) if "locations" in scope.on else None,
        max_demands=draw.one((1, 1, 1, 2, 0)) if has("max_demands", 0.8) else None,
        available_for=draw.some(scope.demands, 0.5) if has("available_for", 0.7) else None,
        not_for=draw.some(scope.demands, 0.4) if has("not_for", 0.7) else frozenset(),
        preferences=_preferences(draw, known) if has("preferences", 0.7) else {},
        idle_cost=draw.between(5, 60) if has("idle_cost", 0.8) else 0,
        band=draw.one(_BANDS) if has("fairness", 0.5) else None,
    )


def _usual(draw: _Draw, capacity: int) -> int:
    """Mostly more than the capacity (an absence), sometimes the same, less, or nothing."""
    return draw.one((capacity, capacity, capacity + 60, capacity + 480, 2_400, 2_400, capacity // 2, 0))


def _preferences(draw: _Draw, known: Sequence[str]) -> Mapping[str, int]:
    return {name: draw.between(-70, 70) for name in known if draw.chance(0.5)}


def _demand(draw: _Draw, scope: _Scope, name: str, moved: set[str]) -> Demand:
    def has(key: str, share: float) -> bool:
        return key in scope.on and draw.chance(share)

    project = draw.one(scope.projects)
    shares = draw.one(_SHARES) if has("shares", 0.7) else (10_000,)
    return Demand(
        id=name,
        project=project,
        effort=_effort(draw, scope.periods),
        value_rate=draw.one(_VALUES) * draw.one((5, 10, 10, 12)) // 10,
        requires={draw.one(_SKILLS): draw.between(1, 3) for _ in range(draw.between(1, 2))} if has("requires", 0.6) else {},
        prefers={draw.one(_SKILLS): draw.between(-10, 25)} if has("prefers", 0.7) else {},
        overqualified_cost=draw.between(5, 40) if has("overqualified_cost", 0.8) else 0,
        locations=draw.some(_PLACES, 0.7) if has("locations", 0.6) else None,
        shares_e4=shares,
        max_people=3 if shares == (3_300,) else draw.between(2, 3) if has("max_people", 0.8) else 1,
        min_run=draw.one((1, 1, 2, 2, 3)) if has("min_run", 0.7) else None,
        min_coverage_e4=draw.one((0, 3_700, 5_000, 9_999, 10_000)) if has("min_coverage", 0.7) else 8_000,
        shift=draw.one(_RANGES) if project not in moved and has("demand_shift", 0.6) else (0, 0),
        only=draw.some(scope.people, 0.5) if has("only", 0.6) else None,
        never=draw.some(scope.people, 0.4) if has("never", 0.6) else frozenset(),
    )


def _effort(draw: _Draw, periods: int) -> tuple[int, ...]:
    """One level or several, over a part of the horizon; sometimes with zeros inside, sometimes nothing at all."""
    if draw.chance(0.09):
        return (0,) * periods
    length = draw.between(1, periods)
    first = draw.between(0, periods - length)
    level, varied = draw.one(_EFFORTS), draw.chance(0.4)
    effort = [0] * periods
    for period in range(first, first + length):
        effort[period] = draw.one(_EFFORTS) if varied else level
        if first < period < first + length - 1 and draw.chance(0.2):
            effort[period] = 0
    return tuple(effort)


def _project(draw: _Draw, scope: _Scope, name: str) -> Project:
    def groups(key: str) -> tuple[frozenset[str], ...]:
        if key not in scope.on or draw.chance(0.3):
            return ()
        several = tuple(draw.some(scope.people, 0.7) for _ in range(draw.between(1, 2)))
        return tuple(group for group in several if group)

    return Project(
        id=name,
        all_or_nothing="all_or_nothing" in scope.on and draw.chance(0.7),
        shift=draw.one((*_RANGES, (0, 0))) if "project_shift" in scope.on and draw.chance(0.6) else None,
        apart=groups("apart"),
        together=groups("together"),
    )


def _run(draw: _Draw, demand: Demand, people: Sequence[str], periods: int, shifts: Sequence[int] = _SHIFTS) -> Run:
    """A run that looks like the demand, or, now and then, one that nobody would plan."""
    wanted = [period for period, minutes in enumerate(demand.effort) if minutes]
    shift = 0
    if wanted and draw.chance(0.75):
        shift = draw.one(shifts)
        first = min(max(0, wanted[0] + shift), periods - 1)
        last = max(first, min(wanted[-1] + shift, periods - 1))
        last = draw.between(first, last) if draw.chance(0.4) else last
    else:
        first = draw.between(0, periods - 1)
        last = draw.between(first, periods - 1)
    share = draw.one((2_900, 5_000, 10_000, 1)) if draw.chance(0.25) else draw.one(demand.shares_e4)
    return Run(person=draw.one(people), demand=demand.id, share_e4=share, first=first, last=last, shift=shift)


def _fixed(draw: _Draw, scope: _Scope, demands: Sequence[Demand]) -> tuple[Run, ...]:
    """One run or two; now and then a second one of the same person on the same demand."""
    runs = [_run(draw, draw.one(demands), scope.people, scope.periods) for _ in range(draw.one((1, 1, 1, 2)))]
    last = runs[-1].last
    if last + 1 < scope.periods and draw.chance(0.2):
        runs.append(replace(runs[-1], first=last + 1, last=last + 1))
    return tuple(runs)


def _current(draw: _Draw, scope: _Scope, demands: Sequence[Demand]) -> tuple[Run, ...]:
    """Runs of everybody on everything, or many on one person, or many on one project."""
    people: Sequence[str] = scope.people
    if draw.chance(0.4):
        people = (draw.one(people),)
    elif draw.chance(0.3):
        project = draw.one(demands).project
        demands = [demand for demand in demands if demand.project == project]
    runs = [_run(draw, draw.one(demands), people, scope.periods) for _ in range(draw.between(1, 6))]
    return tuple({(run.person, run.demand): run for run in runs}.values())


def _policy(draw: _Draw, scope: _Scope) -> Policy:
    def when(key: str, value: int) -> int:
        return value if key in scope.on else 0

    fairness = "fairness" in scope.on
    return Policy(
        setup_cost=when("setup_cost", draw.between(100, 3_000)),
        churn_cost=when("churn_cost", draw.between(3, 60)),
        max_churn_minutes=draw.one((0, 333, 1_000, 2_400, 4_000)) if "max_churn_minutes" in scope.on else None,
        frozen_periods=when("frozen_periods", draw.one((1, 1, 2, 2, 3, scope.periods))),
        fairness_cost=when("fairness", draw.between(10, 90)),
        band=draw.one(_BANDS) if fairness and draw.chance(0.8) else (0, 10_000),
    )

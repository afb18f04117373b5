"""Every optional key of ``staffing-problem/1`` on a plain problem, each on a tenth or more of what it may stand on, and binding."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.generators_current import plan_in_force
from benchmarks.pairs import Pairs
from solver_models.staffing.problem import E4, Policy, Project

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from solver_models.staffing.problem import Demand, Person, Problem

LOCATIONS = ("north", "south", "east", "remote")
SPLITS = (((5_000, E4), 2), ((5_000,), 2), ((3_300, 6_600, E4), 3), ((2_500, 5_000, 7_500), 2))
"""Shares of the effort that one person may take, and how many people may."""
FIXED_PART = 0.12
FROZEN_PERIODS = 2
MAX_SMALL_PROJECT = 4
"""Demands of a project that may ask for all or nothing: with more, hardly any is ever staffed."""


def with_every_key(problem: Problem, rng: random.Random) -> Problem:
    """The plain problem with the optional keys drawn, a plan in force, and some of its runs fixed."""
    pairs = Pairs(problem)
    able = {problem.demands[c.demand].id: [problem.people[n].id for n in c.people.tolist()] for c in pairs.by_demand}
    projects = _projects(problem, able, rng)
    moving = {project.id for project in projects if project.shift is not None}
    demands = tuple(_with_keys_of_demand(d, able.get(d.id, []), moving=d.project in moving, rng=rng) for d in problem.demands)
    wanted: defaultdict[str, list[Demand]] = defaultdict(list)
    for demand in demands:
        for person in able.get(demand.id, ()):
            wanted[person].append(demand)
    people = tuple(_with_keys_of_person(p, wanted[p.id], rng) for p in problem.people)
    drawn = replace(problem, people=people, demands=demands, projects=projects)
    current = plan_in_force(drawn, pairs, rng)
    effort = sum(sum(demand.effort) for demand in demands)
    return replace(
        drawn,
        current=current,
        fixed=tuple(sorted(rng.sample(current, round(FIXED_PART * len(current))))),
        policy=Policy(
            setup_cost=20_000,
            churn_cost=600,
            max_churn_minutes=effort // 3,
            frozen_periods=FROZEN_PERIODS,
            fairness_cost=500,
            band=(6_000, 9_500),
        ),
    )


def _with_keys_of_demand(demand: Demand, able: Sequence[str], *, moving: bool, rng: random.Random) -> Demand:
    shares, max_people = rng.choice(SPLITS) if rng.random() < 0.3 else ((E4,), 1)
    length = sum(1 for minutes in demand.effort if minutes)
    skill = max(demand.requires)
    return replace(
        demand,
        shares_e4=shares,
        max_people=max_people,
        min_run=max(1, length // rng.choice((2, 3))) if rng.random() < 0.25 else None,
        min_coverage_e4=rng.choice((6_000, 9_000)) if rng.random() < 0.2 else demand.min_coverage_e4,
        shift=rng.choice(((0, 2), (-1, 1), (0, 3))) if not moving and rng.random() < 0.2 else (0, 0),
        locations=frozenset(rng.sample(LOCATIONS, 2)) if rng.random() < 0.15 else None,
        prefers={skill: 100 * rng.randint(2, 6)} if rng.random() < 0.15 else {},
        overqualified_cost=rng.choice((300, 800)) if rng.random() < 0.25 else 0,
        only=frozenset(rng.sample(able, (len(able) + 1) // 2)) if able and rng.random() < 0.15 else None,
        never=frozenset(rng.sample(able, (len(able) + 2) // 3)) if able and rng.random() < 0.15 else frozenset(),
    )


def _with_keys_of_person(person: Person, wanted: Sequence[Demand], rng: random.Random) -> Person:
    available_for = rng.sample(wanted, 2 * len(wanted) // 3) if rng.random() < 0.16 else None
    not_for = rng.sample(wanted, len(wanted) // 4) if rng.random() < 0.15 else []
    return replace(
        person,
        location=rng.choice(LOCATIONS),
        max_demands=rng.choice((1, 2, 2, 3)) if rng.random() < 0.5 else None,
        available_for=None if available_for is None else frozenset(demand.id for demand in available_for),
        not_for=frozenset(demand.id for demand in not_for),
        preferences=_preferences(wanted, rng) if rng.random() < 0.25 else {},
        idle_cost=person.cost_rate // 2 if rng.random() < 0.4 else 0,
        band=(7_000, 8_500) if rng.random() < 0.16 else None,
    )


def _preferences(wanted: Sequence[Demand], rng: random.Random) -> dict[str, int]:
    """A few demands or whole projects liked or disliked."""
    liked = rng.sample(wanted, min(len(wanted), 4))
    return {rng.choice((demand.id, demand.project)): 100 * rng.choice((-25, -10, 8, 15, 30)) for demand in liked}


def _projects(problem: Problem, able: Mapping[str, Sequence[str]], rng: random.Random) -> tuple[Project, ...]:
    members: defaultdict[str, list[Demand]] = defaultdict(list)
    for demand in problem.demands:
        members[demand.project].append(demand)
    return tuple(_project(name, members[name], able, rng) for name in sorted(members))


def _project(name: str, demands: Sequence[Demand], able: Mapping[str, Sequence[str]], rng: random.Random) -> Project:
    people = sorted({person for demand in demands for person in able.get(demand.id, ())})
    small = len(demands) <= MAX_SMALL_PROJECT
    apart, together = _apart(people, rng), _together(demands, able, rng)
    return Project(
        id=name,
        all_or_nothing=small and rng.random() < 0.5,
        shift=(0, 2) if rng.random() < 0.15 else None,
        apart=apart,
        together=together if not set().union(*apart) & set().union(*together) else (),
    )


def _apart(people: Sequence[str], rng: random.Random) -> tuple[frozenset[str], ...]:
    """One or two groups of which at most one person may work on the project."""
    if len(people) < 4 or rng.random() > 0.2:
        return ()
    return tuple(frozenset(rng.sample(people, min(len(people), rng.randint(3, 6)))) for _ in range(rng.choice((1, 1, 2))))


def _together(demands: Sequence[Demand], able: Mapping[str, Sequence[str]], rng: random.Random) -> tuple[frozenset[str], ...]:
    """A pair that comes as one: people of two different demands."""
    if len(demands) < 2 or rng.random() > 0.25:
        return ()
    one, other = (able.get(demand.id, ()) for demand in rng.sample(list(demands), 2))
    others = sorted(set(other) - set(one))
    return (frozenset((rng.choice(one), rng.choice(others))),) if one and others else ()

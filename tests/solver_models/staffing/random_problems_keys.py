"""How to drop each key of a staffing problem: the problem with the key's default everywhere.

A key is present where dropping it changes the problem, and binding where that changes the best objective. Not here are the keys without which
nothing is left to compare: ids, ``currency``, ``periods``, and person, demand, share, first and last of a run.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from solver_models.staffing.problem import Demand, Person, Problem, Run

    Dropping = Callable[[Problem], Problem]


def _people(**default: Any) -> Dropping:
    return lambda problem: replace(problem, people=tuple(replace(person, **default) for person in problem.people))


def _demands(**default: Any) -> Dropping:
    return lambda problem: replace(problem, demands=tuple(replace(demand, **default) for demand in problem.demands))


def _projects(**default: Any) -> Dropping:
    return lambda problem: replace(problem, projects=tuple(replace(project, **default) for project in problem.projects))


def _policy(**default: Any) -> Dropping:
    return lambda problem: replace(problem, policy=replace(problem.policy, **default))


def _each_person(change: Callable[[Problem, Person], Person]) -> Dropping:
    return lambda problem: replace(problem, people=tuple(change(problem, person) for person in problem.people))


def _each_demand(change: Callable[[Demand], Demand]) -> Dropping:
    return lambda problem: replace(problem, demands=tuple(change(demand) for demand in problem.demands))


def _only_preferences_for(kept: Callable[[Problem], set[str]]) -> Dropping:
    def change(problem: Problem, person: Person) -> Person:
        names = kept(problem)
        return replace(person, preferences={name: bonus for name, bonus in person.preferences.items() if name in names})

    return _each_person(change)


def _ample(problem: Problem, person: Person) -> Person:
    """Room for everything."""
    everything = sum(sum(demand.effort) for demand in problem.demands)
    return replace(person, capacity=tuple(everything for _ in problem.periods))


def _without_holes(demand: Demand) -> Demand:
    """Zeros inside the window filled with what comes before them."""
    effort = list(demand.effort)
    wanted = [period for period, minutes in enumerate(effort) if minutes]
    for period in range(wanted[0], wanted[-1]) if wanted else ():
        effort[period] = effort[period] or effort[period - 1]
    return replace(demand, effort=tuple(effort))


def _with_effort(demand: Demand) -> Demand:
    return demand if any(demand.effort) else replace(demand, effort=tuple(480 for _ in demand.effort))


def _unshifted(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    return tuple(replace(run, shift=0) for run in runs)


DROPPED: Mapping[str, Dropping] = {
    "people.capacity": _each_person(_ample),
    "people.cost_rate": _people(cost_rate=0),
    "people.skills": _people(skills={}),
    "people.usual": _people(usual=None),
    "people.location": _people(location=None),
    "people.max_demands": _people(max_demands=None),
    "people.available_for": _people(available_for=None),
    "people.not_for": _people(not_for=frozenset()),
    "people.preferences: demand": _only_preferences_for(lambda problem: {demand.project for demand in problem.demands}),
    "people.preferences: project": _only_preferences_for(lambda problem: {demand.id for demand in problem.demands}),
    "people.idle_cost": _people(idle_cost=0),
    "people.band": _people(band=None),
    "demands.project": _each_demand(lambda demand: replace(demand, project=f"own {demand.id}")),
    "demands.requires": _demands(requires={}),
    "demands.effort: zeros inside": _each_demand(_without_holes),
    "demands.effort: all zero": _each_demand(_with_effort),
    "demands.value_rate": _demands(value_rate=60),
    "demands.prefers": _demands(prefers={}),
    "demands.overqualified_cost": _demands(overqualified_cost=0),
    "demands.locations": _demands(locations=None),
    "demands.shares": _demands(shares_e4=(10_000,)),
    "demands.max_people": _demands(max_people=1),
    "demands.min_run": _demands(min_run=None),
    "demands.min_coverage": _demands(min_coverage_e4=8_000),
    "demands.shift": _demands(shift=(0, 0)),
    "demands.only": _demands(only=None),
    "demands.never": _demands(never=frozenset()),
    "projects.all_or_nothing": _projects(all_or_nothing=False),
    "projects.shift": _projects(shift=None),
    "projects.apart": _projects(apart=()),
    "projects.together": _projects(together=()),
    "fixed": lambda problem: replace(problem, fixed=()),
    "fixed.shift": lambda problem: replace(problem, fixed=_unshifted(problem.fixed)),
    "current": lambda problem: replace(problem, current=()),
    "current.shift": lambda problem: replace(problem, current=_unshifted(problem.current)),
    "policy.setup_cost": _policy(setup_cost=0),
    "policy.churn_cost": _policy(churn_cost=0),
    "policy.max_churn_minutes": _policy(max_churn_minutes=None),
    "policy.frozen_periods": _policy(frozen_periods=0),
    "policy.fairness_cost": _policy(fairness_cost=0),
    "policy.band": _policy(band=(0, 10_000)),
}

"""Atomic changes to a problem that give an open demand more room, each in whole steps, and problems so changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from solver_models.staffing.problem import E4, Person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from solver_models.staffing.problem import Demand, Policy, Problem, Project

HIRE = "hire"
"""What hired people are called, with a number where there are several."""


class Kind(StrEnum):
    """What is changed; the unit of its steps in brackets."""

    LEVEL = "level"
    """The demand asks for less of a skill (levels)."""
    LATER = "later"
    """It may begin later (periods); where its project moves as a whole, all of that."""
    EARLIER = "earlier"
    PEOPLE = "people"
    """More people may share it (people)."""
    SHARE = "share"
    """One person may take this share of it (``share_e4`` says which; one step)."""
    RUN = "run"
    """Its runs may be shorter (periods)."""
    PLACE = "place"
    """It may be done at a location; without one, wherever people are (one step)."""
    ADMIT = "admit"
    """A person is admitted to it, against a list named in ``rule`` (one step)."""
    AT_ONCE = "at_once"
    """A person may have more demands at once (runs)."""
    APART = "apart"
    """People who are kept apart on a project may meet there (one step)."""
    TOGETHER = "together"
    """People who work together on a project may be there alone (one step)."""
    WHOLE = "whole"
    """A project need no longer be all or nothing (one step)."""
    CHURN = "churn"
    """The plan may bring more new minutes (minutes)."""
    PIN = "pin"
    """A fixed run is no longer fixed: it counts as the plan in force (one step)."""
    UNFREEZE = "unfreeze"
    """Fewer periods are frozen (periods)."""
    HIRE = "hire"
    """People are hired for it, who are qualified, cost what such people cost and are there all the time (people)."""
    RATE = "rate"
    """It brings more an hour (minor units)."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Change:
    """One kind of change with all that says what is changed, but for how much."""

    kind: Kind
    demand: str = ""
    skill: str = ""
    person: str = ""
    project: str = ""
    place: str = ""
    rule: str = ""
    share_e4: int = 0
    group: int = 0


Relaxation = tuple[tuple[Change, int], ...]
"""Changes with the number of steps of each, at least one; sorted."""


def relaxation(steps: Mapping[Change, int]) -> Relaxation:
    """The changes that have steps."""
    return tuple(sorted((change, n) for change, n in steps.items() if n > 0))


def keeps_old_plans(problem: Problem, change: Change) -> bool:
    """Whether every plan stays one and keeps its worth, so that more of the change never does less."""
    match change.kind:
        case Kind.PIN | Kind.UNFREEZE:
            return False
        case Kind.LEVEL:
            return next(d for d in problem.demands if d.id == change.demand).overqualified_cost <= 0
        case Kind.HIRE:
            return hired(problem, change.demand, 1).idle_cost <= 0
        case _:
            return True


def changed(problem: Problem, changes: Relaxation) -> Problem:
    """The problem with these changes, in an order that does not matter: each reads and writes keys of its own."""
    for change, steps in changes:
        problem = _CHANGERS[change.kind](problem, change, steps)
    return problem


def hired(problem: Problem, demand_id: str, number: int) -> Person:
    """
    Somebody hired for one demand: just the levels it asks for, at a place it allows, never absent, at what such people cost.

    That is the middle one of those who hold its levels, or of everybody where nobody does. Their time is the fullest that anybody
    usually has in each period, or in any where nobody has a quarter of that.
    """
    demand = next(d for d in problem.demands if d.id == demand_id)
    held = [p for p in problem.people if all(p.skills.get(s, 0) >= level for s, level in demand.requires.items())] or problem.people
    rows = [p.capacity if p.usual is None else p.usual for p in problem.people]
    fullest = [max(column) for column in zip(*rows, strict=True)]
    places = sorted(demand.locations or ())
    return Person(
        id=_name(problem, number),
        capacity=tuple(minutes if 4 * minutes >= max(fullest) else max(fullest) for minutes in fullest) if rows else demand.effort,
        cost_rate=_middle(p.cost_rate for p in held),
        idle_cost=_middle(p.idle_cost for p in held),
        skills=dict(demand.requires),
        location=places[0] if places else None,
        available_for=frozenset({demand_id}),
        band=(0, E4),
    )


def _middle(values: Iterable[int]) -> int:
    listed = sorted(values)
    return listed[(len(listed) - 1) // 2] if listed else 0


def _name(problem: Problem, number: int) -> str:
    taken = {p.id for p in problem.people} | {d.id for d in problem.demands} | {p.id for p in problem.projects}
    name = HIRE if number == 1 else f"{HIRE}-{number}"
    while name in taken:
        name += "-"
    return name


def _level(problem: Problem, change: Change, steps: int) -> Problem:
    def lower(demand: Demand) -> Demand:
        left = demand.requires[change.skill] - steps
        rest = {s: level for s, level in demand.requires.items() if s != change.skill}
        return replace(demand, requires={**rest, change.skill: left} if left > 0 else rest)

    return _on_demand(problem, change.demand, lower)


def _move(problem: Problem, change: Change, steps: int) -> Problem:
    early, late = (steps, 0) if change.kind is Kind.EARLIER else (0, steps)

    def widen(shift: tuple[int, int]) -> tuple[int, int]:
        return shift[0] - early, shift[1] + late

    if change.project:
        return _on_project(problem, change.project, lambda p: replace(p, shift=widen(p.shift or (0, 0))))
    return _on_demand(problem, change.demand, lambda d: replace(d, shift=widen(d.shift)))


def _people(problem: Problem, change: Change, steps: int) -> Problem:
    return _on_demand(problem, change.demand, lambda d: replace(d, max_people=d.max_people + steps))


def _share(problem: Problem, change: Change, steps: int) -> Problem:  # noqa: ARG001 - one step
    return _on_demand(problem, change.demand, lambda d: replace(d, shares_e4=(*d.shares_e4, change.share_e4)))


def _run(problem: Problem, change: Change, steps: int) -> Problem:
    return _on_demand(problem, change.demand, lambda d: replace(d, min_run=max(1, shortest_run(d) - steps)))


def shortest_run(demand: Demand) -> int:
    """The shortest run that the demand asks for, in periods: at most its window."""
    wanted = [t for t, minutes in enumerate(demand.effort) if minutes > 0]
    window = wanted[-1] - wanted[0] + 1 if wanted else 1
    return window if demand.min_run is None else min(demand.min_run, window)


def _place(problem: Problem, change: Change, steps: int) -> Problem:  # noqa: ARG001
    def widen(demand: Demand) -> Demand:
        if not change.place or demand.locations is None:
            return replace(demand, locations=None)
        return replace(demand, locations=demand.locations | {change.place})

    return _on_demand(problem, change.demand, widen)


def _admit(problem: Problem, change: Change, steps: int) -> Problem:  # noqa: ARG001
    demand_id, person_id = change.demand, change.person
    match change.rule:
        case "only":
            return _on_demand(problem, demand_id, lambda d: replace(d, only=None if d.only is None else d.only | {person_id}))
        case "never":
            return _on_demand(problem, demand_id, lambda d: replace(d, never=d.never - {person_id}))
        case "not_for":
            return _on_person(problem, person_id, lambda p: replace(p, not_for=p.not_for - {demand_id}))
        case "available_for":
            return _on_person(
                problem, person_id, lambda p: replace(p, available_for=None if p.available_for is None else p.available_for | {demand_id})
            )
        case rule:
            raise ValueError(f"nobody is admitted against {rule!r}")


def _at_once(problem: Problem, change: Change, steps: int) -> Problem:
    return _on_person(problem, change.person, lambda p: replace(p, max_demands=None if p.max_demands is None else p.max_demands + steps))


def _apart(problem: Problem, change: Change, steps: int) -> Problem:  # noqa: ARG001
    return _on_project(problem, change.project, lambda p: replace(p, apart=_without(p.apart, change.group)))


def _together(problem: Problem, change: Change, steps: int) -> Problem:  # noqa: ARG001
    return _on_project(problem, change.project, lambda p: replace(p, together=_without(p.together, change.group)))


def _without(groups: tuple[frozenset[str], ...], number: int) -> tuple[frozenset[str], ...]:
    """The groups with one that binds nobody in its place, so that the others keep their numbers."""
    return tuple(frozenset[str]() if n == number else group for n, group in enumerate(groups))


def _whole(problem: Problem, change: Change, steps: int) -> Problem:  # noqa: ARG001
    return _on_project(problem, change.project, lambda p: replace(p, all_or_nothing=False))


def _churn(problem: Problem, change: Change, steps: int) -> Problem:  # noqa: ARG001
    limit = problem.policy.max_churn_minutes
    return _on_policy(problem, lambda policy: replace(policy, max_churn_minutes=None if limit is None else limit + steps))


def _pin(problem: Problem, change: Change, steps: int) -> Problem:  # noqa: ARG001
    pair = (change.person, change.demand)
    lifted = [r for r in problem.fixed if (r.person, r.demand) == pair]
    known = any((r.person, r.demand) == pair for r in problem.current)
    current = problem.current if known else (*problem.current, *lifted[:1])
    return replace(problem, fixed=tuple(r for r in problem.fixed if (r.person, r.demand) != pair), current=current)


def _unfreeze(problem: Problem, change: Change, steps: int) -> Problem:  # noqa: ARG001
    frozen = min(problem.policy.frozen_periods, len(problem.periods))
    return _on_policy(problem, lambda policy: replace(policy, frozen_periods=max(0, frozen - steps)))


def _hire(problem: Problem, change: Change, steps: int) -> Problem:
    people = tuple(hired(problem, change.demand, n) for n in range(1, steps + 1))
    ids = {p.id for p in people}
    larger = replace(problem, people=(*problem.people, *people))
    return _on_demand(larger, change.demand, lambda d: replace(d, only=None if d.only is None else d.only | ids))


def _rate(problem: Problem, change: Change, steps: int) -> Problem:
    return _on_demand(problem, change.demand, lambda d: replace(d, value_rate=d.value_rate + steps))


def _on_demand(problem: Problem, demand_id: str, change: Callable[[Demand], Demand]) -> Problem:
    return replace(problem, demands=tuple(change(d) if d.id == demand_id else d for d in problem.demands))


def _on_person(problem: Problem, person_id: str, change: Callable[[Person], Person]) -> Problem:
    return replace(problem, people=tuple(change(p) if p.id == person_id else p for p in problem.people))


def _on_project(problem: Problem, project_id: str, change: Callable[[Project], Project]) -> Problem:
    return replace(problem, projects=tuple(change(p) if p.id == project_id else p for p in problem.projects))


def _on_policy(problem: Problem, change: Callable[[Policy], Policy]) -> Problem:
    return replace(problem, policy=change(problem.policy))


_CHANGERS: dict[Kind, Callable[[Problem, Change, int], Problem]] = {
    Kind.LEVEL: _level,
    Kind.LATER: _move,
    Kind.EARLIER: _move,
    Kind.PEOPLE: _people,
    Kind.SHARE: _share,
    Kind.RUN: _run,
    Kind.PLACE: _place,
    Kind.ADMIT: _admit,
    Kind.AT_ONCE: _at_once,
    Kind.APART: _apart,
    Kind.TOGETHER: _together,
    Kind.WHOLE: _whole,
    Kind.CHURN: _churn,
    Kind.PIN: _pin,
    Kind.UNFREEZE: _unfreeze,
    Kind.HIRE: _hire,
    Kind.RATE: _rate,
}

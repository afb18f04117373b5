"""
The best plan for each outcome of deals that are won or lost, one after the other in one process.

A lost deal takes its demands, its bookings, and what else its people were kept for with it. Every answer passes the independent
checker before it counts.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from solver_models.staffing.nothing import is_empty
from solver_models.staffing.solve import solve
from solver_models.staffing.verify import objective_x60, verify

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from solver_models.limits import Limits
    from solver_models.staffing.problem import Person, Problem, Run

_LEAST_S = 0.05


Freed = tuple[tuple[int, ...], tuple[int, ...]]
"""Minutes per period by which somebody's capacity, and their usual capacity, is larger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A project that may come or not; ``freed``: what people get back of their time when it does not."""

    project: str
    freed: Mapping[str, Freed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The best plan found when just these deals are won; between ``low_x60`` and ``high_x60`` lies what the best there is is worth."""

    won: frozenset[str]
    low_x60: int
    high_x60: int
    problem: Problem
    runs: tuple[Run, ...]


class RejectedAnswerError(Exception):
    """The checker did not accept an answer."""


def freed_between(before: Person, after: Person) -> Freed:
    """What somebody has more afterwards."""
    rows = zip(_rows(before), _rows(after), strict=True)
    capacity, usual = (tuple(b - a for a, b in zip(*pair, strict=True)) for pair in rows)
    return capacity, usual


def _rows(person: Person) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return person.capacity, person.capacity if person.usual is None else person.usual


def _with_more(person: Person, freed: list[Freed]) -> Person:
    capacity, usual = _rows(person)
    for more, usually in freed:
        capacity = tuple(a + b for a, b in zip(capacity, more, strict=True))
        usual = tuple(a + b for a, b in zip(usual, usually, strict=True))
    return replace(person, capacity=capacity, usual=None if usual == capacity else usual)


def outcome_problem(problem: Problem, lost: Collection[Deal]) -> Problem:
    """The problem without the deals that are lost."""
    gone = {deal.project for deal in lost}
    if not gone:
        return problem
    demands = tuple(d for d in problem.demands if d.project not in gone)
    kept = {d.id for d in demands}
    freed = {p.id: [deal.freed[p.id] for deal in lost if p.id in deal.freed] for p in problem.people}
    people = (_with_more(p, freed[p.id]) if freed[p.id] else p for p in problem.people)
    known = kept | {d.project for d in demands}
    return replace(
        problem,
        people=tuple(
            replace(p, not_for=p.not_for & kept, preferences={k: v for k, v in p.preferences.items() if k in known}) for p in people
        ),
        demands=demands,
        projects=tuple(p for p in problem.projects if p.id not in gone),
        fixed=tuple(r for r in problem.fixed if r.demand in kept),
        current=tuple(r for r in problem.current if r.demand in kept),
    )


def explore(problem: Problem, deals: tuple[Deal, ...], wanted: Iterable[frozenset[str]], limits: Limits) -> Iterator[Outcome]:
    """
    The best plan of each wanted outcome (the deals that are won), in their order, until the time is over or a stop is asked for.

    Raises RejectedAnswerError when an answer breaks a rule or is not worth what it says.
    """
    until = time.monotonic() + limits.time_s
    for won in wanted:
        left = until - time.monotonic()
        if left < _LEAST_S or limits.stop.is_set():
            return
        found = outcome(outcome_problem(problem, tuple(d for d in deals if d.project not in won)), won, limits, left)
        if found is None:
            return
        yield found


def outcome(problem: Problem, won: frozenset[str], limits: Limits, time_s: float) -> Outcome | None:
    """The best plan of one outcome; ``None`` when none was found in time."""
    if is_empty(problem):
        worth = objective_x60(problem, ())
        return Outcome(won=won, low_x60=worth, high_x60=worth, problem=problem, runs=())
    answer = solve(problem, replace(limits, time_s=time_s))
    if answer.assignments is None or answer.objective_x60 is None or answer.bound_x60 is None:
        return None
    report = verify(problem, answer)
    if not (report.feasible and report.objective_matches):
        raise RejectedAnswerError(f"of the outcome {sorted(won)}: {report}")
    return Outcome(won=won, low_x60=answer.objective_x60, high_x60=answer.bound_x60, problem=problem, runs=answer.assignments)

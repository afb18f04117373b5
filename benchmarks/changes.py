"""A plan in force, and the small changes of a week that make it worth planning anew."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from solver_models.staffing.problem import Demand, Person, Problem, Run

PART = 0.01
"""Of the people, and of the demands, that a change touches; and of new demands."""
CHURN_COST = 2_000
"""Minor units per changed hour."""


def changed(problem: Problem, plan: Sequence[Run], *, seed: int) -> Problem:
    """
    The problem a week later, with the plan in force.

    One in a hundred people is away for one to three weeks; one in a hundred demands is cancelled, moved by up to two weeks or grown by
    a quarter, and as many are new. Demands with runs that are fixed stay as they are.
    """
    draw = random.Random(seed)
    settled = {run.demand for run in problem.fixed}
    away = set(draw.sample(range(len(problem.people)), _part(problem.people)))
    open_ones = [n for n, d in enumerate(problem.demands) if d.id not in settled and any(d.effort)]
    touched = set(draw.sample(open_ones, min(len(open_ones), _part(problem.demands))))
    models = draw.sample(open_ones, min(len(open_ones), _part(problem.demands)))
    demands = [_touched(d, draw) if n in touched else d for n, d in enumerate(problem.demands)]
    demands += [_new(problem.demands[n], number, draw) for number, n in enumerate(models)]
    return replace(
        problem,
        people=tuple(_absent(p, draw) if n in away else p for n, p in enumerate(problem.people)),
        demands=tuple(demands),
        current=tuple(plan),
        policy=replace(problem.policy, churn_cost=CHURN_COST, frozen_periods=0),
    )


def moved_part(problem: Problem, before: Iterable[Run], after: Iterable[Run]) -> float:
    """Share of the person-weeks with work before in which the person's demands are not the same after."""
    effort = {d.id: d.effort for d in problem.demands}
    was, is_now = _work(before, effort), _work(after, effort)
    moved = sum(demands != is_now.get(week, set()) for week, demands in was.items())
    return moved / max(1, len(was))


def _work(runs: Iterable[Run], effort: dict[str, tuple[int, ...]]) -> dict[tuple[str, int], set[str]]:
    """Demands by person and week."""
    work: dict[tuple[str, int], set[str]] = {}
    for run in runs:
        for t in range(run.first, run.last + 1):
            if 0 <= t - run.shift < len(effort[run.demand]):
                work.setdefault((run.person, t), set()).add(run.demand)
    return work


def _part(listed: Sequence[object]) -> int:
    return max(1, round(PART * len(listed)))


def _absent(person: Person, draw: random.Random) -> Person:
    first = draw.randrange(len(person.capacity))
    weeks = range(first, first + draw.randint(1, 3))
    usual = person.capacity if person.usual is None else person.usual
    return replace(person, usual=usual, capacity=tuple(0 if t in weeks else c for t, c in enumerate(person.capacity)))


def _touched(demand: Demand, draw: random.Random) -> Demand:
    match draw.choice(("cancelled", "moved", "grown")):
        case "cancelled":
            return replace(demand, effort=(0,) * len(demand.effort))
        case "moved":
            return replace(demand, effort=_moved(demand.effort, draw.choice((-2, -1, 1, 2))))
        case _:
            return replace(demand, effort=tuple(e * 5 // 4 for e in demand.effort))


def _moved(effort: tuple[int, ...], weeks: int) -> tuple[int, ...]:
    """The effort so many weeks later, or as far as the horizon lets it."""
    busy = [t for t, e in enumerate(effort) if e]
    weeks = max(-busy[0], min(len(effort) - 1 - busy[-1], weeks))
    return tuple(effort[t - weeks] if 0 <= t - weeks < len(effort) else 0 for t in range(len(effort)))


def _new(model: Demand, number: int, draw: random.Random) -> Demand:
    """Another demand like one that there is, in a project of its own."""
    shift = draw.randint(-len(model.effort), len(model.effort))
    return replace(
        model,
        id=f"new-{number:05d}",
        project=f"project-new-{number:05d}",
        effort=_moved(model.effort, shift),
        value_rate=round(model.value_rate * draw.uniform(0.9, 1.1)),
    )

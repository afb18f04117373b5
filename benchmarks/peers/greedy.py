"""What planning tools do: demands in order of value, each to the person who is free and leaves the best margin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.pairs import Pairs, is_plain
from benchmarks.peers.contract import answer_of
from benchmarks.peers.greedy_rules import greedy_runs

if TYPE_CHECKING:
    from benchmarks.peers.contract import Task
    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Run


def greedy_pairs(pairs: Pairs) -> tuple[list[Run], int]:
    """The plan and what it brings, in minor units x 60."""
    free = pairs.capacity.copy()
    demands = pairs.problem.demands
    runs: list[Run] = []
    brings = 0
    for candidates in sorted(pairs.by_demand, key=lambda c: -demands[c.demand].value_rate * sum(demands[c.demand].effort)):
        weeks = slice(candidates.first, candidates.last + 1)
        fits = (free[candidates.people, weeks] >= candidates.minutes).all(axis=1)
        if not fits.any():
            continue
        chosen = int((candidates.gain * fits).argmax())
        person = int(candidates.people[chosen])
        free[person, weeks] -= candidates.minutes[chosen]
        runs.append(pairs.run(person, candidates.demand))
        brings += int(candidates.gain[chosen])
    return runs, brings


def solve_greedily(task: Task) -> Answer:
    """The plan of a planning tool: no search, no bound. With more than plain keys its worth is left to the checker."""
    if not is_plain(task.problem):
        return answer_of(task, greedy_runs(task.problem), objective_x60=None, bound_x60=None, engine={})
    runs, brings_x60 = greedy_pairs(Pairs(task.problem))
    task.tell(brings_x60, None)
    return answer_of(task, runs, objective_x60=brings_x60, bound_x60=None, engine={})

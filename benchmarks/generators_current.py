"""A plausible plan in force: good people, not always the best ones, on about half of the work that begins in the first half."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.problem import Run

if TYPE_CHECKING:
    import random

    from benchmarks.pairs import Candidates, Pairs
    from solver_models.staffing.problem import Demand, Person, Problem

PLANNED_PART = 0.65
"""Of the demands that begin in the first half; not for all of them somebody is free."""


def plan_in_force(problem: Problem, pairs: Pairs, rng: random.Random) -> tuple[Run, ...]:
    """
    One run over the whole window, at the largest share, for each demand that somebody free could be found for.

    Projects whose rules a single run could break, or would switch off (all or nothing, groups), have none.
    """
    barred = {p.id for p in problem.projects if p.all_or_nothing or p.apart or p.together}
    free = pairs.capacity.copy()
    busy = np.zeros_like(free)
    runs: list[Run] = []
    for candidates in pairs.by_demand:
        demand = problem.demands[candidates.demand]
        if candidates.first > len(problem.periods) // 2 or demand.project in barred or rng.random() > PLANNED_PART:
            continue
        weeks = slice(candidates.first, candidates.last + 1)
        share = max(demand.shares_e4)
        fits = [
            row for row in _willing(problem, candidates, demand) if (free[candidates.people[row], weeks] >= candidates.minutes[row]).all()
        ]
        fits = [row for row in fits if _has_room(problem.people[int(candidates.people[row])], busy[candidates.people[row], weeks])]
        if not fits:
            continue
        row = rng.choice(sorted(fits, key=lambda row: -int(candidates.gain[row]))[:3])
        person = int(candidates.people[row])
        free[person, weeks] -= candidates.minutes[row]
        busy[person, weeks] += 1
        runs.append(Run(person=problem.people[person].id, demand=demand.id, share_e4=share, first=candidates.first, last=candidates.last))
    return tuple(runs)


def _willing(problem: Problem, candidates: Candidates, demand: Demand) -> list[int]:
    """Rows of the candidates who may work on the demand by every list that names them."""
    rows = []
    for row, number in enumerate(candidates.people.tolist()):
        person = problem.people[number]
        listed = (demand.only is None or person.id in demand.only) and person.id not in demand.never
        offered = (person.available_for is None or demand.id in person.available_for) and demand.id not in person.not_for
        if listed and offered and (demand.locations is None or person.location in demand.locations):
            rows.append(row)
    return rows


def _has_room(person: Person, busy: np.ndarray[tuple[int], np.dtype[np.int64]]) -> bool:
    return person.max_demands is None or int(busy.max(initial=0)) < person.max_demands

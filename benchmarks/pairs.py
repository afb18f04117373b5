"""Who could do which demand in full, and for what: the plain problem as arrays, for the generator and the peers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.problem import E4, Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from solver_models.staffing.problem import Demand, Problem


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The people who could do one demand over its whole window; arrays in the order of ``people`` (their numbers)."""

    demand: int
    first: int
    last: int
    people: NDArray[np.int64]
    minutes: NDArray[np.int64]
    """One row per person, one column per period of the window."""
    gain: NDArray[np.int64]
    """Minor units x 60 that each brings."""


class Pairs:
    """
    Every (person, demand) pair of a plain problem that may have a run, demand by demand.

    Plain means: whole shares, one person per demand, whole windows, no shift, no rules of projects, no plan in force. Pairs that
    bring nothing are left out: no best plan needs them.
    """

    def __init__(self, problem: Problem) -> None:
        if not is_plain(problem):
            raise ValueError("peers of this kind solve plain problems only")
        self.problem = problem
        usual = [p.capacity if p.usual is None else p.usual for p in problem.people]
        self.capacity = np.array([p.capacity for p in problem.people], dtype=np.int64).reshape(len(problem.people), -1)
        self._usual = np.array(usual, dtype=np.int64).reshape(self.capacity.shape)
        self._cost = np.array([p.cost_rate for p in problem.people], dtype=np.int64)
        self._levels = _levels(problem)

    @cached_property
    def by_demand(self) -> list[Candidates]:
        """The candidates of every demand that has any."""
        return list(self._candidates())

    def run(self, person: int, demand: int) -> Run:
        """The run of a pair, given by numbers."""
        d = self.problem.demands[demand]
        first, last = _window(d)
        return Run(person=self.problem.people[person].id, demand=d.id, share_e4=E4, first=first, last=last)

    def _candidates(self) -> Iterator[Candidates]:
        for number, demand in enumerate(self.problem.demands):
            people = self._qualified(demand)
            if len(people) == 0 or not any(demand.effort):
                continue
            first, last = _window(demand)
            effort = np.array(demand.effort[first : last + 1], dtype=np.int64)
            capacity, usual = self.capacity[people, first : last + 1], self._usual[people, first : last + 1]
            shortened = effort * capacity // np.maximum(usual, 1)
            minutes = np.minimum(np.where(capacity >= usual, effort, shortened), capacity)
            total = minutes.sum(axis=1)
            gain = total * (demand.value_rate - self._cost[people])
            able = (total * E4 >= demand.min_coverage_e4 * int(effort.sum())) & (gain > 0)
            if able.any():
                yield Candidates(number, first, last, people[able], minutes[able], gain[able])

    def _qualified(self, demand: Demand) -> NDArray[np.int64]:
        people: NDArray[np.int64] | None = None
        for skill, level in demand.requires.items():
            numbers, levels = self._levels.get(skill, (_NOBODY, _NOBODY))
            able = numbers[levels >= level]
            people = able if people is None else np.intersect1d(people, able, assume_unique=True)
        return np.arange(len(self.capacity)) if people is None else people


_NOBODY = np.zeros(0, dtype=np.int64)


def is_plain(problem: Problem) -> bool:
    """Whether the problem uses none of the keys that the peers do not know."""
    plain_demands = all(
        d.shares_e4 == (E4,) and d.max_people == 1 and d.shift == (0, 0) and d.min_run is None and d.locations is None
        and d.only is None and not d.never and not d.prefers and not d.overqualified_cost
        for d in problem.demands
    )  # fmt: skip
    plain_people = all(
        p.max_demands is None and p.available_for is None and not p.not_for and not p.preferences and not p.idle_cost
        for p in problem.people
    )  # fmt: skip
    policy = problem.policy
    nothing_in_force = not problem.projects and not problem.fixed and not problem.current and not policy.frozen_periods
    return plain_demands and plain_people and nothing_in_force and not policy.setup_cost and not policy.fairness_cost


def _levels(problem: Problem) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Who holds each skill, and at what level."""
    held: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, person in enumerate(problem.people):
        for skill, level in person.skills.items():
            held[skill].append((number, level))
    return {
        skill: (np.array([number for number, _ in pairs], dtype=np.int64), np.array([level for _, level in pairs], dtype=np.int64))
        for skill, pairs in held.items()
    }


def _window(demand: Demand) -> tuple[int, int]:
    wanted = [t for t, minutes in enumerate(demand.effort) if minutes]
    return wanted[0], wanted[-1]

"""The neighbourhood of a demand in a plan: who could do it, who could take over their work, and all that binds these together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from solver_models.staffing.columns import Columns
from solver_models.staffing.enumerate_options import OptionMaker
from solver_models.staffing.minutes import Terms

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from solver_models.staffing.options import Option
    from solver_models.staffing.problem import Problem, Run

_CANDIDATES = 10
_SUBSTITUTES = 3
"""For each demand that a candidate would have to leave."""
_PEOPLE = 30
_BEYOND = 10**18


class PartColumns(Columns):
    """The options of some demands only; all else as in the whole problem. Listing all options is what takes time."""

    def __init__(self, problem: Problem, demands: Collection[str]) -> None:
        super().__init__(problem)
        self._part = frozenset(demands)

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """Every option of these demands."""
        maker = OptionMaker(self.terms, self.eligibility, self.pins, self.shifts, self.used)
        return tuple(o for d in self.problem.demands if d.id in self._part for o in maker.options_of(d))


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """People who may choose anew, all demands that they have runs on, and the problem with the new minutes that others leave."""

    problem: Problem
    people: frozenset[str]
    demands: frozenset[str]


def around(problem: Problem, demand_id: str, runs: Sequence[Run], *, first: str | None = None) -> Around:
    """The neighbourhood of a demand; ``first`` is somebody who has to be in it."""
    near = _Near(problem, runs)
    candidates = [first] if first is not None else near.candidates(demand_id)
    people = dict.fromkeys([*candidates, *(r.person for r in runs if r.demand == demand_id)])
    for person in candidates:
        for left in near.in_the_way(person, demand_id):
            people.update(dict.fromkeys(near.substitutes(left, people)))
    chosen = frozenset([*people][:_PEOPLE])
    demands = {demand_id} | {r.demand for r in runs if r.person in chosen}
    demands |= {d.id for d in problem.demands if d.project in near.bound_projects(demands)}
    return Around(problem=near.with_churn_left(demands), people=chosen, demands=frozenset(demands))


def kept_runs(columns: Columns, runs: Iterable[Run], chosen: Around) -> list[Run]:
    """Runs of others on the demands of the neighbourhood."""
    return [r for r in runs if r.demand in chosen.demands and r.person not in chosen.people and columns.find_option(r) is not None]


class _Near:
    def __init__(self, problem: Problem, runs: Sequence[Run]) -> None:
        self._problem = problem
        self._runs = runs
        self._terms = Terms(problem)
        self._part = PartColumns(problem, ())
        self._pinned = {(pin.run.person, pin.run.demand) for pin in self._part.pins}
        self._of_person: defaultdict[str, list[Run]] = defaultdict(list)
        for r in runs:
            self._of_person[r.person].append(r)

    def candidates(self, demand_id: str) -> list[str]:
        """Who may do it, first those who would lose least for it."""
        scored = sorted((-self._score(p, demand_id), p) for p in self._allowed(demand_id))
        return [p for _, p in scored[:_CANDIDATES]]

    def substitutes(self, demand_id: str, known: Collection[str]) -> list[str]:
        """Who else may do what somebody leaves, first those who would lose least for it."""
        scored = sorted((-self._score(p, demand_id), p) for p in self._allowed(demand_id) if p not in known)
        return [p for _, p in scored[:_SUBSTITUTES]]

    def in_the_way(self, person: str, demand_id: str) -> list[str]:
        """Demands of runs that take time the person would need."""
        short = self._short(person, demand_id)
        return [r.demand for r in self._of_person[person] if any(r.first <= t <= r.last for t in short) and r.demand != demand_id]

    def bound_projects(self, demands: Collection[str]) -> set[str]:
        """Projects of these demands whose rules bind all of their demands together."""
        projects = {self._terms.demands[d].project for d in demands}
        return {p.id for p in self._problem.projects if p.id in projects and (p.all_or_nothing or p.apart or p.together or p.shift)}

    def with_churn_left(self, demands: Collection[str]) -> Problem:
        """The problem with the new minutes that runs on other demands leave."""
        policy = self._problem.policy
        if policy.max_churn_minutes is None:
            return self._problem
        fixed = {(r.person, r.demand) for r in self._problem.fixed}
        elsewhere = (r for r in self._runs if r.demand not in demands and (r.person, r.demand) not in fixed)
        left = policy.max_churn_minutes - sum(map(self._new_minutes, elsewhere))
        return replace(self._problem, policy=replace(policy, max_churn_minutes=max(0, left)))

    def _new_minutes(self, run: Run) -> int:
        row = self._terms.minutes(run.person, run.demand, run.share_e4, run.shift)
        now = self._terms.current_minutes(run.person, run.demand) or [0] * len(row)
        return sum(max(0, row[t] - now[t]) for t in range(run.first, run.last + 1))

    def _allowed(self, demand_id: str) -> list[str]:
        demand = self._terms.demands[demand_id]
        return [self._problem.people[row].id for row in self._part.eligibility.allowed_rows(demand)]

    def _score(self, person: str, demand_id: str) -> int:
        """About what it would bring to have the person there, whole runs being lost where time is short."""
        short = self._short(person, demand_id)
        effort = sum(self._terms.demands[demand_id].effort)
        score = self._terms.value_per_hour(person, demand_id) * effort
        for r in self._of_person[person]:
            if r.demand == demand_id or not any(r.first <= t <= r.last for t in short):
                continue
            if (person, r.demand) in self._pinned:
                return -_BEYOND
            row = self._terms.minutes(person, r.demand, r.share_e4, r.shift)
            score -= self._terms.value_per_hour(person, r.demand) * sum(row[r.first : r.last + 1])
        return score

    def _short(self, person: str, demand_id: str) -> list[int]:
        """Periods in which the person's free minutes do not reach for all of the demand."""
        free = list(self._terms.people[person].capacity)
        for r in self._of_person[person]:
            if r.demand != demand_id:
                row = self._terms.minutes(person, r.demand, r.share_e4, r.shift)
                for t in range(r.first, r.last + 1):
                    free[t] -= row[t]
        return [t for t, minutes in enumerate(self._terms.demands[demand_id].effort) if minutes > free[t]]

"""
The choices a planner has, enumerated: who may run on which demand, with which share, shift and periods, and what it brings.

An option is one person on one demand with one share and one shift; choosing it means choosing an interval of its periods.
Everything here is exact integer arithmetic in units of Z (minor units x 60).
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from solver_models.staffing.eligibility import Eligibility
from solver_models.staffing.enumerate_options import OptionMaker
from solver_models.staffing.minutes import Terms
from solver_models.staffing.options import Option
from solver_models.staffing.pins import fixed_conflicts, limits_used, pinned_runs
from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from collections.abc import Iterable

    from solver_models.staffing.problem import Demand, Person, Problem, Run

__all__ = ["Columns", "Option"]


class Columns:
    """All options of a problem, its pins, its relaxed limits and the constant part of Z."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.terms = Terms(problem)
        self.pins = pinned_runs(problem, self.terms)
        self.used = limits_used(problem, self.terms, self.pins)
        self.conflicts = fixed_conflicts(problem, self.terms)
        self.eligibility = Eligibility(self.terms)
        self._options_by_key: dict[str, dict[tuple[str, int, int], Option]] = {}
        self._pinned_people = frozenset(p.run.person for p in self.pins)
        self._bases: dict[str, int] = {}
        self._unbooked: dict[str, int] = {}
        pinned_demands = {p.run.demand for p in self.pins}
        self.pinned_projects = frozenset(self.terms.demands[d].project for d in pinned_demands)

    @cached_property
    def shifts(self) -> dict[str, tuple[int, ...]]:
        """The shifts of every unit: with pinned runs that of the first; else those that keep all its windows in the horizon."""
        found: dict[str, tuple[int, ...]] = {}
        for pin in self.pins:
            found.setdefault(self.terms.unit_of[pin.run.demand], (pin.run.shift,))
        for unit, demands in self.terms.units.items():
            if unit not in found:
                found[unit] = tuple(s for s in self._shift_range(unit, demands) if all(self._inside(d, s) for d in demands))
        return found

    def _shift_range(self, unit: str, demands: list[Demand]) -> range:
        project = self.terms.projects.get(unit)
        low, high = project.shift if project is not None and project.shift is not None else demands[0].shift
        return range(low, high + 1)

    def _inside(self, demand: Demand, shift: int) -> bool:
        window = self.terms.windows[demand.id]
        return window is None or (window[0] + shift >= 0 and window[1] + shift < self.terms.horizon)

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """Every option that has a run, pinned ones included, ordered by demand and person."""
        maker = OptionMaker(self.terms, self.eligibility, self.pins, self.shifts, self.used)
        return tuple(o for d in self.problem.demands for o in maker.options_of(d))

    @cached_property
    def by_person(self) -> dict[str, list[Option]]:
        """Options of each person."""
        return _grouped((o.person, o) for o in self.options)

    @cached_property
    def by_demand(self) -> dict[str, list[Option]]:
        """Options of each demand."""
        return _grouped((o.demand, o) for o in self.options)

    @cached_property
    def pinned_options(self) -> tuple[Option, ...]:
        """The options of the pinned runs."""
        return tuple(o for o in self.options if o.pin is not None)

    def option_of(self, run: Run) -> Option:
        """The option that a run belongs to."""
        found = self.find_option(run)
        if found is None:
            raise KeyError(run)
        return found

    def find_option(self, run: Run) -> Option | None:
        """The option that a run belongs to, if it is one."""
        # By demand, and only for demands that are asked for: one table of all options would take as much room as they do.
        keys = self._options_by_key.get(run.demand)
        if keys is None:
            keys = {(o.person, o.share_e4, o.shift): o for o in self.by_demand.get(run.demand, ())}
            self._options_by_key[run.demand] = keys
        return keys.get((run.person, run.share_e4, run.shift))

    def best_alone(self, p: Person) -> int:
        """A bound on Z(p): every option of the person at its best, as if they never met."""
        best: dict[str, int] = {}
        for o in self.by_person.get(p.id, ()):
            gain = o.best_gain()
            best[o.demand] = gain if o.pin is not None else max(best.get(o.demand, 0), gain)
        return self.base(p) + sum(best.values())

    def is_overrun(self, p: Person, t: int) -> bool:
        """Whether pinned runs alone exceed the person's capacity of that period: then its minutes are decided and none is idle."""
        return self.used.capacity.get((p.id, t), 0) > p.capacity[t]

    def capacity_limit(self, p: Person, t: int) -> int:
        """Capacity as relaxed by what is pinned."""
        return max(p.capacity[t], self.used.capacity.get((p.id, t), 0))

    def capacity_limits(self, p: Person) -> list[int]:
        """``capacity_limit`` of every period."""
        if p.id not in self._pinned_people:
            return list(p.capacity)
        return [self.capacity_limit(p, t) for t in range(self.terms.horizon)]

    def share_limits_e4(self, demand: str) -> list[int]:
        """``share_limit_e4`` of every period."""
        if demand not in self.used.people:
            return [E4] * self.terms.horizon
        return [self.share_limit_e4(demand, t) for t in range(self.terms.horizon)]

    def share_limit_e4(self, demand: str, t: int) -> int:
        """The whole of a demand's period, or what pinned runs take of it."""
        return max(E4, self.used.share_e4.get((demand, t), 0))

    def people_limit(self, demand: Demand) -> int:
        """``max_people`` as relaxed by what is pinned."""
        return max(demand.max_people, self.used.people.get(demand.id, 0))

    def is_whole(self, project: str) -> bool:
        """Whether rule 8 binds the project."""
        listed = self.terms.projects.get(project)
        return listed is not None and listed.all_or_nothing and project not in self.pinned_projects

    def base(self, p: Person) -> int:
        """Z of the person without any run, fairness apart: idle capacity and every minute of the plan in force dropped."""
        if (base := self._bases.get(p.id)) is None:
            idle = sum(c for t, c in enumerate(p.capacity) if not self.is_overrun(p, t)) if p.idle_cost else 0
            base = -p.idle_cost * idle - self.problem.policy.churn_cost * self._current_minutes_of.get(p.id, 0)
            self._bases[p.id] = base
        return base

    @cached_property
    def unbooked_total(self) -> int:
        """Z of the plan without any run."""
        return sum(self.unbooked_objective(p.id) for p in self.problem.people)

    def unbooked_objective(self, person: str) -> int:
        """Z of the person without any run."""
        if (value := self._unbooked.get(person)) is None:
            value = self._unbooked[person] = self.person_objective(self.terms.people[person], ())
        return value

    @cached_property
    def _current_minutes_of(self) -> dict[str, int]:
        total: defaultdict[str, int] = defaultdict(int)
        for person, demand in self.terms.current_runs:
            total[person] += sum(self.terms.current_minutes(person, demand) or ())
        return total

    def fair_minutes(self, p: Person) -> tuple[int, int]:
        """Least and most minutes of the person's fairness band over the horizon."""
        low, high = self.problem.policy.band if p.band is None else p.band
        capacity = sum(p.capacity)
        return low * capacity // E4, -(-high * capacity // E4)

    def person_objective(self, p: Person, runs: Iterable[tuple[Option, int, int]]) -> int:
        """Z(p) of a schedule, each run given as its option, first and last period."""
        booked, total = 0, self.base(p)
        for option, first, last in runs:
            booked += sum(option.minutes[first - option.lo : last - option.lo + 1])
            total += option.run_gain(first, last)
        return total - self.unfairness(p, booked)

    def unfairness(self, p: Person, booked: int) -> int:
        """What so many minutes cost for lying outside the person's fairness band."""
        if not self.problem.policy.fairness_cost:
            return 0
        low, high = self.fair_minutes(p)
        return self.problem.policy.fairness_cost * (max(0, low - booked) + max(0, booked - high))


def _grouped(pairs: Iterable[tuple[str, Option]]) -> dict[str, list[Option]]:
    groups: defaultdict[str, list[Option]] = defaultdict(list)
    for key, option in pairs:
        groups[key].append(option)
    return groups

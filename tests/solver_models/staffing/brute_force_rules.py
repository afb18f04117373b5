"""The rules of the staffing problem, written down once more for the brute force.

Minutes, pinned runs, units, limits and what each run is worth, straight from the problem's definition. Nothing here is taken from the
package but the plain values, so that a mistake made there is not made here.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from solver_models.staffing.problem import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from solver_models.staffing.problem import Demand, Problem

ONE = 10_000
Unit = tuple[str, str]
"""(``project``, id) where the project moves as a whole, else (``demand``, id)."""


class Rules:
    """One problem with what follows from it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.periods = range(len(problem.periods))
        self.frozen_before = problem.policy.frozen_periods
        self.people = {person.id: person for person in problem.people}
        self.demands = {demand.id: demand for demand in problem.demands}
        self.projects = {project.id: project for project in problem.projects}
        self.current = {(run.person, run.demand): run for run in problem.current}
        fixed_pairs = {(run.person, run.demand) for run in problem.fixed}
        self.frozen = tuple(
            run for run in problem.current if run.first < self.frozen_before and (run.person, run.demand) not in fixed_pairs
        )
        self.pinned = (*problem.fixed, *self.frozen)
        self.pinned_projects = {self.demands[run.demand].project for run in self.pinned}
        self.shifts = {unit: self._shifts(unit) for unit in map(self.unit_of, self.demands)}

    def unit_of(self, demand_id: str) -> Unit:
        project = self.projects.get(self.demands[demand_id].project)
        if project is not None and project.shift is not None:
            return ("project", project.id)
        return ("demand", demand_id)

    def _shifts(self, unit: Unit) -> tuple[int, ...]:
        for run in self.pinned:
            if self.unit_of(run.demand) == unit:
                return (run.shift,)
        kind, name = unit
        moved = self.projects[name].shift if kind == "project" else self.demands[name].shift
        assert moved is not None
        members = [demand for demand in self.demands.values() if self.unit_of(demand.id) == unit]
        return tuple(shift for shift in range(moved[0], moved[1] + 1) if all(self.stays_inside(demand, shift) for demand in members))

    def stays_inside(self, demand: Demand, shift: int) -> bool:
        span = window(demand)
        return span is None or (span[0] + shift in self.periods and span[1] + shift in self.periods)

    def effort(self, demand_id: str, period: int) -> int:
        return self.demands[demand_id].effort[period] if period in self.periods else 0

    def promised(self, run: Run, period: int) -> int:
        if not run.first <= period <= run.last:
            return 0
        return run.share_e4 * self.effort(run.demand, period - run.shift) // ONE

    def minutes(self, run: Run, period: int) -> int:
        """Minutes a run delivers: one rounding down, of the exact product."""
        if not run.first <= period <= run.last:
            return 0
        person = self.people[run.person]
        capacity = person.capacity[period]
        usual = capacity if person.usual is None else person.usual[period]
        wanted = run.share_e4 * self.effort(run.demand, period - run.shift)
        delivered = wanted * capacity // (ONE * usual) if capacity < usual else wanted // ONE
        return min(delivered, capacity)

    def per_hour(self, person_id: str, demand_id: str) -> int:
        """What an hour of the person on the demand is worth, net of its cost."""
        person, demand = self.people[person_id], self.demands[demand_id]
        levels = person.skills
        preference = person.preferences.get(demand.id, person.preferences.get(demand.project, 0))
        liked = sum(bonus * levels.get(skill, 0) for skill, bonus in demand.prefers.items())
        above = sum(max(0, levels.get(skill, 0) - least) for skill, least in demand.requires.items())
        return demand.value_rate - person.cost_rate + preference + liked - demand.overqualified_cost * above

    def may_take(self, person_id: str, demand: Demand) -> bool:
        """Rule 1 without the share."""
        person = self.people[person_id]
        return (
            all(person.skills.get(skill, 0) >= least for skill, least in demand.requires.items())
            and (demand.locations is None or person.location in demand.locations)
            and (person.available_for is None or demand.id in person.available_for)
            and demand.id not in person.not_for
            and (demand.only is None or person_id in demand.only)
            and person_id not in demand.never
        )

    def free_runs(self, person_id: str, demand: Demand) -> Iterator[Run]:
        """All runs that keep rules 1 and 4, for the shifts of the demand's unit."""
        span = window(demand)
        if span is None or not self.may_take(person_id, demand):
            return
        for shift in self.shifts[self.unit_of(demand.id)]:
            if not self.stays_inside(demand, shift):
                continue
            start, end = max(span[0] + shift, self.frozen_before), span[1] + shift
            asked = span[1] - span[0] + 1 if demand.min_run is None else demand.min_run
            shortest = max(1, min(asked, end - start + 1))
            for first, last, share in product(range(start, end + 1), range(start, end + 1), sorted(set(demand.shares_e4))):
                run = Run(person=person_id, demand=demand.id, share_e4=share, first=first, last=last, shift=shift)
                if last - first + 1 >= shortest and self._delivers(run, demand.min_coverage_e4):
                    yield run

    def _delivers(self, run: Run, coverage_e4: int) -> bool:
        span = range(run.first, run.last + 1)
        delivered = sum(self.minutes(run, period) for period in span)
        return delivered >= 1 and delivered * ONE >= coverage_e4 * sum(self.promised(run, period) for period in span)

    def frozen_variants(self, run: Run) -> tuple[Run, ...]:
        """The runs a frozen run may become: only its last period may move, and only from n-1 on."""
        if run.last < self.frozen_before - 1:
            return (run,)
        span = window(self.demands[run.demand])
        latest = run.last if span is None else max(run.last, span[1] + run.shift)
        return tuple(replace(run, last=last) for last in self.periods if self.frozen_before - 1 <= last <= latest)

    def is_new_pair(self, run: Run) -> bool:
        return (run.person, run.demand) not in self.current

    def current_minutes(self, person_id: str, demand_id: str, period: int) -> int:
        run = self.current.get((person_id, demand_id))
        return 0 if run is None else self.minutes(run, period)

    def new_minutes(self, run: Run) -> int:
        return sum(max(0, self.minutes(run, period) - self.current_minutes(run.person, run.demand, period)) for period in self.periods)

    def relaxing(self, period: int) -> Iterator[Run]:
        """Pinned runs whose use in this period widens a limit."""
        yield from self.problem.fixed
        if period < self.frozen_before:
            yield from self.frozen

    def capacity_limit(self, person_id: str, period: int) -> int:
        used = sum(self.minutes(run, period) for run in self.relaxing(period) if run.person == person_id)
        return max(self.people[person_id].capacity[period], used)

    def run_limit(self, person_id: str, period: int) -> int:
        most = self.people[person_id].max_demands
        if most is None:
            return len(self.demands) + len(self.pinned)
        return max(most, sum(run.person == person_id and run.first <= period <= run.last for run in self.relaxing(period)))

    def share_limit(self, demand_id: str, period: int) -> int:
        return max(ONE, share_in(self.relaxing(period), demand_id, period))

    def people_limit(self, demand_id: str) -> int:
        return max(self.demands[demand_id].max_people, sum(run.demand == demand_id for run in self.pinned))

    def apart_limit(self, project_id: str, group: frozenset[str]) -> int:
        return max(1, len(self.on_project(self.pinned, project_id) & group))

    def on_project(self, runs: Iterable[Run], project_id: str) -> set[str]:
        return {run.person for run in runs if self.demands[run.demand].project == project_id}


def window(demand: Demand) -> tuple[int, int] | None:
    """First and last period with effort, unshifted."""
    wanted = [period for period, minutes in enumerate(demand.effort) if minutes > 0]
    return (wanted[0], wanted[-1]) if wanted else None


def share_in(runs: Iterable[Run], demand_id: str, period: int) -> int:
    return sum(run.share_e4 for run in runs if run.demand == demand_id and run.first <= period <= run.last)


def fixed_contradict(rules: Rules) -> bool:
    """Whether the ``fixed`` runs by themselves break the unrelaxed rules 2, 3, 5 or ``apart``: only then has a problem no plan."""
    fixed = rules.problem.fixed
    pairs = [(run.person, run.demand) for run in fixed]
    shifts = {(rules.unit_of(run.demand), run.shift) for run in fixed}
    return (
        len(set(pairs)) < len(pairs)
        or len({unit for unit, _ in shifts}) < len(shifts)
        or any(_overloaded(rules, person_id, period) for person_id in rules.people for period in rules.periods)
        or any(share_in(fixed, demand_id, period) > ONE for demand_id in rules.demands for period in rules.periods)
        or any(sum(run.demand == demand.id for run in fixed) > demand.max_people for demand in rules.demands.values())
        or any(len(rules.on_project(fixed, project.id) & group) > 1 for project in rules.projects.values() for group in project.apart)
    )


def _overloaded(rules: Rules, person_id: str, period: int) -> bool:
    person = rules.people[person_id]
    runs = [run for run in rules.problem.fixed if run.person == person_id and run.first <= period <= run.last]
    too_many = person.max_demands is not None and len(runs) > person.max_demands
    return too_many or sum(rules.minutes(run, period) for run in runs) > person.capacity[period]

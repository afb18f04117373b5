"""A plan being built by hand under every rule of the format: what is booked, and what still fits."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from solver_models.staffing.problem import E4, Run

if TYPE_CHECKING:
    from solver_models.staffing.problem import Demand, Person, Problem


class Board:
    """
    The runs so far, with the minutes and shares they take.

    Rules are read in their stricter sense where that is simpler: limits do not give way to pinned runs, and of a group
    ``together`` nobody gets a new run.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.periods = len(problem.periods)
        self.frozen = min(problem.policy.frozen_periods, self.periods)
        self.people = {p.id: p for p in problem.people}
        self.demands = {d.id: d for d in problem.demands}
        self.projects = {p.id: p for p in problem.projects}
        self.windows = {d.id: _window(d) for d in problem.demands}
        self.runs: dict[tuple[str, str], Run] = {}
        self.current = {(run.person, run.demand): run for run in problem.current}
        self.new_left = problem.policy.max_churn_minutes
        self.pinned_projects: set[str] = set()
        self._used = {p.id: [0] * self.periods for p in problem.people}
        self._busy = {p.id: [0] * self.periods for p in problem.people}
        self._shares = {d.id: [0] * self.periods for d in problem.demands}
        self._shifts: defaultdict[str, list[int]] = defaultdict(list)
        self._on_project: defaultdict[str, list[str]] = defaultdict(list)
        self._pin()

    def _pin(self) -> None:
        """Fixed runs as they are; frozen ones to their old end, or to the end of the frozen periods where that does not fit."""
        fixed = {(run.person, run.demand) for run in self.problem.fixed}
        for run in self.problem.fixed:
            self.add(run, counts_as_new=False)
        for pair, run in self.current.items():
            if run.first < self.frozen and pair not in fixed:
                cut = min(run.last, max(run.first, self.frozen - 1))
                self.add(run if self._fits(run) else _ending(run, cut))
        self.pinned_projects = {self.demands[demand].project for _, demand in self.runs}

    def _fits(self, run: Run) -> bool:
        minutes = self.minutes(run.person, run.demand, run.share_e4, run.shift)
        return all(self._has_room(run, t, minutes[t]) for t in range(run.first, run.last + 1))

    def _has_room(self, run: Run, t: int, minutes: int) -> bool:
        person = self.people[run.person]
        return (
            self._used[run.person][t] + minutes <= person.capacity[t]
            and (person.max_demands is None or self._busy[run.person][t] < person.max_demands)
            and self._shares[run.demand][t] + run.share_e4 <= E4
        )

    def add(self, run: Run, *, counts_as_new: bool = True) -> None:
        """Book a run."""
        self._book(run, 1)
        self.runs[run.person, run.demand] = run
        self._shifts[self.unit(run.demand)].append(run.shift)
        self._on_project[self.demands[run.demand].project].append(run.person)
        if self.new_left is not None and counts_as_new:
            self.new_left -= self.new_minutes(run)

    def remove(self, run: Run) -> None:
        """Take a run back that was added as new."""
        self._book(run, -1)
        del self.runs[run.person, run.demand]
        self._shifts[self.unit(run.demand)].remove(run.shift)
        self._on_project[self.demands[run.demand].project].remove(run.person)
        if self.new_left is not None:
            self.new_left += self.new_minutes(run)

    def _book(self, run: Run, sign: int) -> None:
        minutes = self.minutes(run.person, run.demand, run.share_e4, run.shift)
        for t in range(run.first, run.last + 1):
            self._used[run.person][t] += sign * minutes[t]
            self._busy[run.person][t] += sign
            self._shares[run.demand][t] += sign * run.share_e4

    def unit(self, demand: str) -> str:
        """What the demand moves with: its project, or itself alone."""
        project = self.projects.get(self.demands[demand].project)
        return project.id if project is not None and project.shift is not None else demand

    def shifts(self, demand: Demand) -> list[int]:
        """Shifts the demand may still have: that of its unit's runs, or any that keeps the unit's windows inside the horizon."""
        unit = self.unit(demand.id)
        if taken := self._shifts[unit]:
            return [taken[0]]
        moves_alone = unit == demand.id
        first, last = demand.shift if moves_alone else self.projects[unit].shift or (0, 0)
        members = [demand] if moves_alone else [d for d in self.problem.demands if d.project == unit]
        windows = [window for d in members if (window := self.windows[d.id]) is not None]
        return [s for s in range(first, last + 1) if all(a + s >= 0 and b + s < self.periods for a, b in windows)]

    def minutes(self, person: str, demand: str, share_e4: int, shift: int) -> list[int]:
        """Minutes a run would deliver in every period."""
        p, effort = self.people[person], self.demands[demand].effort
        usual = p.capacity if p.usual is None else p.usual
        row = [0] * self.periods
        for t in range(max(0, shift), min(self.periods, self.periods + shift)):
            wanted, capacity = share_e4 * effort[t - shift], p.capacity[t]
            row[t] = min(wanted // E4 if capacity >= usual[t] else wanted * capacity // (E4 * usual[t]), capacity)
        return row

    def new_minutes(self, run: Run) -> int:
        """Minutes beyond those of the plan in force."""
        before = self.minutes_in_force(run.person, run.demand)
        minutes = self.minutes(run.person, run.demand, run.share_e4, run.shift)
        return sum(max(0, minutes[t] - before[t]) for t in range(run.first, run.last + 1))

    def minutes_in_force(self, person: str, demand: str) -> list[int]:
        """The pair's minutes in the plan in force."""
        run = self.current.get((person, demand))
        if run is None:
            return [0] * self.periods
        row = self.minutes(person, demand, run.share_e4, run.shift)
        return [minutes if run.first <= t <= run.last else 0 for t, minutes in enumerate(row)]

    def may_join(self, person: Person, demand: Demand) -> bool:
        """Whether the rules that know no minutes let the person have a run on the demand now."""
        project = self.projects.get(demand.project)
        if (person.id, demand.id) in self.runs or len(self._holders(demand)) >= demand.max_people:
            return False
        if project is None:
            return True
        here = self._on_project[project.id]
        apart = all(person.id not in group or not any(other in group for other in here if other != person.id) for group in project.apart)
        bound = project.id not in self.pinned_projects and any(person.id in group and len(group) > 1 for group in project.together)
        return apart and not bound

    def _holders(self, demand: Demand) -> list[Run]:
        return [] if not any(self._shares[demand.id]) else [run for run in self.runs.values() if run.demand == demand.id]

    def best_stretch(self, person: Person, demand: Demand, share_e4: int, shift: int) -> Run | None:
        """The longest run that fits the person and the demand, if it is long enough and delivers enough."""
        window = self.windows[demand.id]
        if window is None:
            return None
        begin, end = max(window[0] + shift, self.frozen), window[1] + shift
        least = max(1, end - begin + 1 if demand.min_run is None else min(demand.min_run, end - begin + 1))
        minutes = self.minutes(person.id, demand.id, share_e4, shift)
        draft = Run(person=person.id, demand=demand.id, share_e4=share_e4, first=begin, last=end, shift=shift)
        first, last = _longest([self._has_room(draft, t, minutes[t]) for t in range(begin, end + 1)])
        run = Run(person=person.id, demand=demand.id, share_e4=share_e4, first=begin + first, last=begin + last, shift=shift)
        if last - first + 1 < least or not self._delivers(run, demand, minutes):
            return None
        return run if self.new_left is None or self.new_minutes(run) <= self.new_left else None

    def _delivers(self, run: Run, demand: Demand, minutes: list[int]) -> bool:
        got = sum(minutes[run.first : run.last + 1])
        promised = sum(run.share_e4 * demand.effort[t - run.shift] // E4 for t in range(run.first, run.last + 1))
        return got >= 1 and got * E4 >= demand.min_coverage_e4 * promised

    def is_full(self, demand: Demand) -> bool:
        """Whether everything the demand wants after the frozen periods is promised."""
        holders = self._holders(demand)
        if not holders:
            return self.windows[demand.id] is None
        shift = holders[0].shift
        wanted = (t for t in range(self.frozen, self.periods) if 0 <= t - shift < self.periods and demand.effort[t - shift])
        return all(self._shares[demand.id][t] >= 9_900 for t in wanted)


def _ending(run: Run, last: int) -> Run:
    return Run(person=run.person, demand=run.demand, share_e4=run.share_e4, first=run.first, last=last, shift=run.shift)


def _window(demand: Demand) -> tuple[int, int] | None:
    wanted = [t for t, minutes in enumerate(demand.effort) if minutes]
    return (wanted[0], wanted[-1]) if wanted else None


def _longest(free: list[bool]) -> tuple[int, int]:
    """First and last of the longest stretch of true values; (0, -1) without one."""
    best, start = (0, -1), 0
    for at, is_free in enumerate([*free, False]):
        if not is_free:
            if at - start > best[1] - best[0] + 1:
                best = (start, at - 1)
            start = at + 1
    return best

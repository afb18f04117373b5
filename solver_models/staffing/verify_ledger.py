"""
What a plan means in minutes, computed from the definitions alone and in whole numbers.

This is the checker's own reading of the problem; nothing here is used by the solver, and nothing of the solver is used here.

Decisions where the definition leaves room: no usual capacity but some capacity counts as nobody absent; a unit with pinned runs
has exactly one shift, that of the first pinned run, in range or not; minutes of the plan in force follow from each run's own
shift; a frozen run that reaches the last frozen period may end anywhere from there to the end of its window or to its old end,
whichever is later, inside the horizon.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from solver_models.staffing.problem import E4, Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from solver_models.staffing.problem import Demand, Person, Problem, Project

Unit = tuple[str, str]
"""``("project", id)`` for a project that moves as a whole, else ``("demand", id)``."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned run, and the last periods it may end in: one for a fixed run, perhaps more for a frozen one."""

    run: Run
    last_low: int
    last_high: int

    def allows(self, run: Run) -> bool:
        """Whether a run is this pinned one, with an end that it may have."""
        pinned = self.run
        same = (pinned.person, pinned.demand, pinned.share_e4, pinned.first, pinned.shift)
        return same == (run.person, run.demand, run.share_e4, run.first, run.shift) and self.last_low <= run.last <= self.last_high

    @property
    def cut(self) -> Run:
        """The run ended as early as it may be."""
        return replace(self.run, last=self.last_low)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The problem by id, its pinned runs and its units."""

    problem: Problem
    people: Mapping[str, Person]
    demands: Mapping[str, Demand]
    projects: Mapping[str, Project]
    windows: Mapping[str, tuple[int, int] | None]
    """First and last period with effort, by demand, unshifted."""
    units: Mapping[Unit, tuple[str, ...]]
    """The demands of each unit."""
    frozen: tuple[Pin, ...]
    pinned_shift: Mapping[Unit, int]
    """The only shift of a unit with pinned runs."""
    current_pairs: frozenset[tuple[str, str]]
    fixed_pairs: frozenset[tuple[str, str]]
    _unit_shifts: dict[Unit, tuple[int, ...]] = field(default_factory=dict)

    @staticmethod
    def of(problem: Problem) -> Ledger:
        """Read a problem for checking."""
        demands = {d.id: d for d in problem.demands}
        projects = {p.id: p for p in problem.projects}
        windows = {d.id: _window(d.effort) for d in problem.demands}
        fixed_pairs = frozenset((r.person, r.demand) for r in problem.fixed)
        units: defaultdict[Unit, list[str]] = defaultdict(list)
        for d in problem.demands:
            units[_unit(d, projects)].append(d.id)
        frozen = tuple(_frozen_runs(problem, fixed_pairs, windows))
        pinned_shift: dict[Unit, int] = {}
        for run in (*problem.fixed, *(f.run for f in frozen)):
            pinned_shift.setdefault(_unit(demands[run.demand], projects), run.shift)
        return Ledger(
            problem=problem,
            people={p.id: p for p in problem.people},
            demands=demands,
            projects=projects,
            windows=windows,
            units={unit: tuple(members) for unit, members in units.items()},
            frozen=frozen,
            pinned_shift=pinned_shift,
            current_pairs=frozenset((r.person, r.demand) for r in problem.current),
            fixed_pairs=fixed_pairs,
        )

    @property
    def horizon(self) -> int:
        """T, the number of periods."""
        return len(self.problem.periods)

    def unit_of(self, demand_id: str) -> Unit:
        """The unit a demand moves with."""
        return _unit(self.demands[demand_id], self.projects)

    def project_of(self, run: Run) -> str:
        """The project a run works on."""
        return self.demands[run.demand].project

    def unit_shifts(self, unit: Unit) -> Sequence[int]:
        """The shifts a unit may have."""
        if unit in self.pinned_shift:
            return (self.pinned_shift[unit],)
        if unit not in self._unit_shifts:
            self._unit_shifts[unit] = tuple(self._shifts_inside(unit))
        return self._unit_shifts[unit]

    def _shifts_inside(self, unit: Unit) -> Iterator[int]:
        kind, name = unit
        earliest, latest = (self.projects[name].shift or (0, 0)) if kind == "project" else self.demands[name].shift
        windows = [w for d in self.units[unit] if (w := self.windows[d]) is not None]
        low = max((-w[0] for w in windows), default=earliest)
        high = min((self.horizon - 1 - w[1] for w in windows), default=latest)
        return iter(range(max(earliest, low), min(latest, high) + 1))

    def effort(self, run: Run, t: int) -> int:
        """Minutes the run's demand wants in period t, as shifted by the run; 0 outside the horizon."""
        at = t - run.shift
        return self.demands[run.demand].effort[at] if 0 <= at < self.horizon else 0

    def promised(self, run: Run, t: int) -> int:
        """Minutes the run promises in period t, were nobody absent."""
        return run.share_e4 * self.effort(run, t) // E4 if run.first <= t <= run.last else 0

    def minutes(self, run: Run, t: int) -> int:
        """Minutes the run delivers in period t."""
        if not run.first <= t <= run.last:
            return 0
        person = self.people[run.person]
        capacity = person.capacity[t]
        usual = capacity if person.usual is None else person.usual[t]
        wanted_e4 = run.share_e4 * self.effort(run, t)
        if capacity >= usual:
            return min(wanted_e4 // E4, capacity)
        return min(wanted_e4 * capacity // (E4 * usual), capacity)

    def minutes_by_period(self, run: Run) -> list[tuple[int, int]]:
        """(period, minutes) of each of the run's periods."""
        return [(t, self.minutes(run, t)) for t in range(run.first, run.last + 1)]

    def current_minutes(self) -> dict[tuple[str, str], dict[int, int]]:
        """Minutes of the plan in force by (person, demand) and period, with today's effort and capacity."""
        return {(run.person, run.demand): dict(self.minutes_by_period(run)) for run in self.problem.current}

    def pinned_projects(self) -> frozenset[str]:
        """Projects with a pinned run, whose ``together`` and ``all_or_nothing`` do not bind."""
        return frozenset(self.project_of(run) for run in (*self.problem.fixed, *(f.run for f in self.frozen)))

    def pins(self) -> Iterator[Pin]:
        """The pinned runs, fixed ones first."""
        yield from (Pin(run, run.last, run.last) for run in self.problem.fixed)
        yield from self.frozen

    def held_down(self) -> Iterator[tuple[Run, range]]:
        """Pinned runs and the periods in which they lift a limit: fixed ones throughout, frozen ones before the first free period."""
        for run in self.problem.fixed:
            yield run, range(run.first, run.last + 1)
        for frozen in self.frozen:
            yield frozen.run, range(frozen.run.first, min(frozen.run.last, self.problem.policy.frozen_periods - 1) + 1)

    def free_runs(self, runs: Iterable[Run]) -> tuple[list[Run], list[Run]]:
        """The runs that are not pinned, and the pinned ones that are missing; each run stands for one pin at most."""
        listed = list(runs)
        by_pair: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for i, run in enumerate(listed):
            by_pair[run.person, run.demand].append(i)
        taken: set[int] = set()
        missing: list[Run] = []
        for pin in self.pins():
            match = next((i for i in by_pair[pin.run.person, pin.run.demand] if i not in taken and pin.allows(listed[i])), None)
            if match is None:
                missing.append(pin.run)
            else:
                taken.add(match)
        return [run for i, run in enumerate(listed) if i not in taken], missing


def _window(effort: tuple[int, ...]) -> tuple[int, int] | None:
    busy = [t for t, minutes in enumerate(effort) if minutes]
    return (busy[0], busy[-1]) if busy else None


def _unit(demand: Demand, projects: Mapping[str, Project]) -> Unit:
    project = projects.get(demand.project)
    return ("project", project.id) if project is not None and project.shift is not None else ("demand", demand.id)


def _frozen_runs(problem: Problem, fixed_pairs: frozenset[tuple[str, str]], windows: Mapping[str, tuple[int, int] | None]) -> Iterator[Pin]:
    n = problem.policy.frozen_periods
    for run in problem.current:
        if run.first >= n or (run.person, run.demand) in fixed_pairs:
            continue
        if run.last < n - 1:
            yield Pin(run, run.last, run.last)
            continue
        window = windows[run.demand]
        window_end = window[1] + run.shift if window is not None else run.last
        yield Pin(run, n - 1, min(max(window_end, run.last), len(problem.periods) - 1))

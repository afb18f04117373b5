"""
The choices a planner has, enumerated: who may run on which demand, with which share, shift and periods, and what it brings.

An option is one person on one demand with one share and one shift; choosing it means choosing an interval of its periods.
Everything here is exact integer arithmetic in units of Z (minor units x 60).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from solver_models.staffing.eligibility import Eligibility
from solver_models.staffing.minutes import Terms
from solver_models.staffing.pins import Pin, fixed_conflicts, limits_used, pinned_runs
from solver_models.staffing.problem import E4, Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from solver_models.staffing.problem import Demand, Person, Problem


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Option:
    """
    A person on a demand with a share and a shift, in periods ``lo`` to ``hi``; a run of it lasts at least ``shortest``.

    ``minutes``, ``promised``, ``gain`` and ``fresh`` have one entry for each of those periods. ``gain`` is what running there adds
    to Z against not using the pair, ``entry`` what using it at all adds; ``fresh`` counts new minutes (rule 6).
    """

    person: str
    demand: str
    share_e4: int
    shift: int
    lo: int
    hi: int
    shortest: int
    minutes: tuple[int, ...]
    promised: tuple[int, ...]
    gain: tuple[int, ...]
    fresh: tuple[int, ...]
    entry: int
    min_coverage_e4: int
    pin: Pin | None = None

    @property
    def is_single(self) -> bool:
        """Whether it has but one run: all its periods."""
        return self.shortest == self.hi - self.lo + 1

    @property
    def must_cover(self) -> bool:
        """Whether some period alone falls short of the coverage or delivers nothing, so that rule 4 must look at the sum."""
        return self.pin is None and any(
            E4 * m < self.min_coverage_e4 * q or m == 0 for m, q in zip(self.minutes, self.promised, strict=True)
        )

    def run(self, first: int, last: int) -> Run:
        """The run from ``first`` to ``last``."""
        return Run(person=self.person, demand=self.demand, share_e4=self.share_e4, first=first, last=last, shift=self.shift)

    def run_gain(self, first: int, last: int) -> int:
        """What the run adds to Z, its person's fairness apart."""
        return self.entry + sum(self.gain[first - self.lo : last - self.lo + 1])

    def intervals(self) -> Iterator[tuple[int, int]]:
        """First and last period of every run that keeps rule 4 (or, pinned, its freedom to end later)."""
        if self.pin is not None:
            yield from ((self.lo, last) for last in range(self.pin.last_min, self.hi + 1))
            return
        minutes = [0, *accumulate(self.minutes)]
        promised = [0, *accumulate(self.promised)]
        size = self.hi - self.lo + 1
        for a in range(size - self.shortest + 1):
            for b in range(a + self.shortest, size + 1):
                delivered = minutes[b] - minutes[a]
                if delivered >= 1 and E4 * delivered >= self.min_coverage_e4 * (promised[b] - promised[a]):
                    yield self.lo + a, self.lo + b - 1


class Columns:
    """All options of a problem, its pins, its relaxed limits and the constant part of Z."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.terms = Terms(problem)
        self.pins = pinned_runs(problem, self.terms)
        self.used = limits_used(problem, self.terms, self.pins)
        self.conflicts = fixed_conflicts(problem, self.terms)
        self.eligibility = Eligibility(self.terms)
        self._pin_of = {(p.run.person, p.run.demand): p for p in self.pins}
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
        found: list[Option] = []
        for d in self.terms.problem.demands:
            for p in self._candidates(d):
                pin = self._pin_of.get((p.id, d.id))
                if pin is not None:
                    found.append(self._pinned_option(p, d, pin))
                else:
                    found.extend(o for o in self._free_options(p, d) if next(o.intervals(), None) is not None)
        return tuple(found)

    @cached_property
    def by_person(self) -> dict[str, list[Option]]:
        """Options of each person."""
        return _grouped((o.person, o) for o in self.options)

    @cached_property
    def by_demand(self) -> dict[str, list[Option]]:
        """Options of each demand."""
        return _grouped((o.demand, o) for o in self.options)

    @cached_property
    def _option_by_key(self) -> dict[tuple[str, str, int, int], Option]:
        return {(o.person, o.demand, o.share_e4, o.shift): o for o in self.options}

    def option_of(self, run: Run) -> Option:
        """The option that a run belongs to."""
        return self._option_by_key[run.person, run.demand, run.share_e4, run.shift]

    def find_option(self, run: Run) -> Option | None:
        """The option that a run belongs to, if it is one."""
        return self._option_by_key.get((run.person, run.demand, run.share_e4, run.shift))

    def best_alone(self, p: Person) -> int:
        """A bound on Z(p): every option of the person at its best, as if they never met."""
        best: dict[str, int] = {}
        for o in self.by_person.get(p.id, ()):
            gain = max(o.run_gain(first, last) for first, last in o.intervals())
            best[o.demand] = gain if o.pin is not None else max(best.get(o.demand, 0), gain)
        return self.base(p) + sum(best.values())

    def _candidates(self, demand: Demand) -> Iterator[Person]:
        allowed = self.eligibility.allowed(demand)
        for p in self.terms.problem.people:
            if p.id in allowed or (p.id, demand.id) in self._pin_of:
                yield p

    def _free_options(self, p: Person, d: Demand) -> Iterator[Option]:
        window = self.terms.windows[d.id]
        if window is None:
            return
        for shift in self.shifts[self.terms.unit_of[d.id]]:
            lo, hi = max(window[0] + shift, self.terms.frozen), window[1] + shift
            if lo > hi or not self._inside(d, shift):
                continue
            wanted = window[1] - window[0] + 1 if d.min_run is None else d.min_run
            for share in sorted(set(d.shares_e4)):
                yield self._option(p, d, share_e4=share, shift=shift, lo=lo, hi=hi, shortest=max(1, min(wanted, hi - lo + 1)), pin=None)

    def _pinned_option(self, p: Person, d: Demand, pin: Pin) -> Option:
        r = pin.run
        return self._option(
            p, d, share_e4=r.share_e4, shift=r.shift, lo=r.first, hi=pin.last_max, shortest=pin.last_min - r.first + 1, pin=pin
        )

    def _option(self, p: Person, d: Demand, *, share_e4: int, shift: int, lo: int, hi: int, shortest: int, pin: Pin | None) -> Option:
        policy, part = self.problem.policy, slice(lo, hi + 1)
        minutes = self.terms.minutes(p.id, d.id, share_e4, shift)[part]
        current = self.terms.current_minutes(p.id, d.id)
        now = [0] * len(minutes) if current is None else current[part]
        value = self.terms.value_per_hour(p.id, d.id)
        idle = [0 if self.is_overrun(p, t) else p.idle_cost for t in range(lo, hi + 1)]
        gain = [m * (value + i) - policy.churn_cost * (abs(m - c) - c) for m, c, i in zip(minutes, now, idle, strict=True)]
        fixed = pin is not None and pin.fixed
        return Option(
            person=p.id,
            demand=d.id,
            share_e4=share_e4,
            shift=shift,
            lo=lo,
            hi=hi,
            shortest=shortest,
            minutes=tuple(minutes),
            promised=tuple(self.terms.promised(d.id, share_e4, shift)[part]),
            gain=tuple(gain),
            fresh=tuple(0 if fixed else max(0, m - c) for m, c in zip(minutes, now, strict=True)),
            entry=0 if current is not None else -60 * policy.setup_cost,
            min_coverage_e4=d.min_coverage_e4,
            pin=pin,
        )

    def is_overrun(self, p: Person, t: int) -> bool:
        """Whether pinned runs alone exceed the person's capacity of that period: then its minutes are decided and none is idle."""
        return self.used.capacity.get((p.id, t), 0) > p.capacity[t]

    def capacity_limit(self, p: Person, t: int) -> int:
        """Capacity as relaxed by what is pinned."""
        return max(p.capacity[t], self.used.capacity.get((p.id, t), 0))

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
        idle = sum(c for t, c in enumerate(p.capacity) if not self.is_overrun(p, t))
        return -p.idle_cost * idle - self.problem.policy.churn_cost * self._current_minutes_of.get(p.id, 0)

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
        low, high = self.fair_minutes(p)
        return total - self.problem.policy.fairness_cost * (max(0, low - booked) + max(0, booked - high))


def _grouped(pairs: Iterable[tuple[str, Option]]) -> dict[str, list[Option]]:
    groups: defaultdict[str, list[Option]] = defaultdict(list)
    for key, option in pairs:
        groups[key].append(option)
    return groups

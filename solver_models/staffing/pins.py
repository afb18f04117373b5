"""What is pinned, how limits give way to it, and when pins alone make a problem infeasible."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver_models.staffing.plan import Conflict
from solver_models.staffing.problem import E4, Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from solver_models.staffing.minutes import Terms
    from solver_models.staffing.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A run that must be in the plan; only a frozen one may end elsewhere, between ``last_min`` and ``last_max``."""

    run: Run
    fixed: bool
    last_min: int
    last_max: int

    @property
    def shortest(self) -> Run:
        """The run, ended as early as it may be."""
        r = self.run
        return Run(person=r.person, demand=r.demand, share_e4=r.share_e4, first=r.first, last=self.last_min, shift=r.shift)


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedLimits:
    """Limits of rules 2, 3 and ``apart`` as relaxed by the pinned runs; keys by id and period."""

    capacity: Mapping[tuple[str, int], int]
    """Minutes that pinned runs use of a person's period, where they use any."""
    runs: Mapping[tuple[str, int], int]
    """Runs that pinned runs put into a person's period."""
    share_e4: Mapping[tuple[str, int], int]
    """Shares that pinned runs take of a demand's period."""
    people: Mapping[str, int]
    """Pinned runs per demand."""
    apart: Mapping[tuple[str, int], int]
    """People with a pinned run, per project and index of its ``apart`` group."""


def pinned_runs(problem: Problem, terms: Terms) -> tuple[Pin, ...]:
    """The fixed runs, then the frozen ones, in listed order."""
    n = terms.frozen
    fixed_pairs = {(r.person, r.demand) for r in problem.fixed}
    pins = [Pin(run=r, fixed=True, last_min=r.last, last_max=r.last) for r in problem.fixed]
    for r in problem.current:
        if r.first >= n or (r.person, r.demand) in fixed_pairs:
            continue
        if r.last < n - 1:
            pins.append(Pin(run=r, fixed=False, last_min=r.last, last_max=r.last))
            continue
        window = terms.windows[r.demand]
        window_end = r.last if window is None else window[1] + r.shift
        pins.append(Pin(run=r, fixed=False, last_min=n - 1, last_max=min(max(window_end, r.last), terms.horizon - 1)))
    return tuple(pins)


def limits_used(problem: Problem, terms: Terms, pins: Iterable[Pin]) -> PinnedLimits:
    """
    What pinned runs use of each limit: fixed runs everywhere, frozen ones before the frozen periods end
    (for ``max_people`` and ``apart``: at all).
    """
    capacity: Counter[tuple[str, int]] = Counter()
    runs: Counter[tuple[str, int]] = Counter()
    share: Counter[tuple[str, int]] = Counter()
    people: Counter[str] = Counter()
    on_project: defaultdict[str, set[str]] = defaultdict(set)
    for pin in pins:
        r = pin.run
        minutes = terms.minutes(r.person, r.demand, r.share_e4, r.shift)
        last = pin.last_min if pin.fixed else min(pin.last_min, terms.frozen - 1)
        for t in range(r.first, last + 1):
            capacity[r.person, t] += minutes[t]
            runs[r.person, t] += 1
            share[r.demand, t] += r.share_e4
        people[r.demand] += 1
        on_project[terms.demands[r.demand].project].add(r.person)
    apart = {(p.id, g): len(group & on_project[p.id]) for p in problem.projects for g, group in enumerate(p.apart)}
    return PinnedLimits(capacity=capacity, runs=runs, share_e4=share, people=people, apart=apart)


def exceeded_limits(problem: Problem, used: PinnedLimits) -> tuple[Conflict, ...]:
    """The unrelaxed limits of rules 2, 3 and ``apart`` that the pinned runs exceed."""
    found: list[Conflict] = []
    for p in problem.people:
        for t, capacity in enumerate(p.capacity):
            if (minutes := used.capacity.get((p.id, t), 0)) > capacity:
                found.append(Conflict(rule="capacity", facts={"person": p.id, "period": t, "minutes": minutes, "limit": capacity}))
            if p.max_demands is not None and (runs := used.runs.get((p.id, t), 0)) > p.max_demands:
                found.append(Conflict(rule="max_demands", facts={"person": p.id, "period": t, "runs": runs, "limit": p.max_demands}))
    found += (
        Conflict(rule="effort", facts={"demand": demand, "period": t, "share_e4": share, "limit_e4": E4})
        for (demand, t), share in sorted(used.share_e4.items())
        if share > E4
    )
    found += (
        Conflict(rule="max_people", facts={"demand": d.id, "people": people, "limit": d.max_people})
        for d in problem.demands
        if (people := used.people.get(d.id, 0)) > d.max_people
    )
    found += (
        Conflict(rule="apart", facts={"project": project, "group": group, "people": people, "limit": 1})
        for (project, group), people in sorted(used.apart.items())
        if people > 1
    )
    return tuple(found)


def fixed_conflicts(problem: Problem, terms: Terms) -> tuple[Conflict, ...]:
    """Why the ``fixed`` runs by themselves break rules 2, 3 (shifts included), 5 or ``apart``; empty when they do not."""
    pins = [pin for pin in pinned_runs(problem, terms) if pin.fixed]
    found = list(exceeded_limits(problem, limits_used(problem, terms, pins)))
    for (person, demand), times in Counter((r.person, r.demand) for r in problem.fixed).items():
        if times > 1:
            found.append(Conflict(rule="duplicate", facts={"person": person, "demand": demand, "runs": times}))
    shifts: defaultdict[str, set[int]] = defaultdict(set)
    for r in problem.fixed:
        shifts[terms.unit_of[r.demand]].add(r.shift)
    for unit, distinct in sorted(shifts.items()):
        if len(distinct) > 1:
            found.append(Conflict(rule="shift", facts={"unit": unit, "shifts": sorted(distinct)}))
    return tuple(found)

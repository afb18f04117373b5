"""The limits of rules 2, 3 and ``apart``, what pinned runs use of them, and the conflicts that follow."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from solver_models.staffing.plan import Conflict
from solver_models.staffing.problem import E4
from solver_models.staffing.verify_ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from solver_models.staffing.problem import Problem, Run

APART_LIMIT = 1


@dataclass(slots=True)
class Use:
    """What a set of runs uses of every limit."""

    minutes: Counter[tuple[str, int]] = field(default_factory=Counter)
    """By (person, period)."""
    runs: Counter[tuple[str, int]] = field(default_factory=Counter)
    """By (person, period), with or without minutes."""
    shares_e4: Counter[tuple[str, int]] = field(default_factory=Counter)
    """By (demand, period)."""
    people: Counter[str] = field(default_factory=Counter)
    """Runs by demand."""
    on_project: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """People with a run, by project."""

    @staticmethod
    def of(ledger: Ledger, runs: Iterable[tuple[Run, range]]) -> Use:
        """Add up runs, each over some of its periods."""
        use = Use()
        for run, periods in runs:
            use.people[run.demand] += 1
            use.on_project[ledger.project_of(run)].add(run.person)
            for t in periods:
                use.minutes[run.person, t] += ledger.minutes(run, t)
                use.runs[run.person, t] += 1
                use.shares_e4[run.demand, t] += run.share_e4
        return use


def over(runs: Iterable[Run]) -> Iterator[tuple[Run, range]]:
    """Each run with all of its periods."""
    return ((run, range(run.first, run.last + 1)) for run in runs)


def exceeded(ledger: Ledger, use: Use, relaxed_by: Use) -> Iterator[Conflict]:
    """Limits that ``use`` exceeds; each limit gives way to what ``relaxed_by`` uses of it."""
    for (person, t), minutes in sorted(use.minutes.items()):
        if minutes > (limit := max(ledger.people[person].capacity[t], relaxed_by.minutes[person, t])):
            yield Conflict(rule="capacity", facts={"person": person, "period": t, "minutes": minutes, "limit": limit})
    for (person, t), runs in sorted(use.runs.items()):
        most = ledger.people[person].max_demands
        if most is not None and runs > (limit := max(most, relaxed_by.runs[person, t])):
            yield Conflict(rule="max_demands", facts={"person": person, "period": t, "runs": runs, "limit": limit})
    for (demand, t), share_e4 in sorted(use.shares_e4.items()):
        if share_e4 > (limit := max(E4, relaxed_by.shares_e4[demand, t])):
            yield Conflict(rule="effort", facts={"demand": demand, "period": t, "share_e4": share_e4, "limit_e4": limit})
    for demand, people in sorted(use.people.items()):
        if people > (limit := max(ledger.demands[demand].max_people, relaxed_by.people[demand])):
            yield Conflict(rule="max_people", facts={"demand": demand, "people": people, "limit": limit})
    for project in ledger.problem.projects:
        for index, group in enumerate(project.apart):
            people = len(group & use.on_project[project.id])
            if people > (limit := max(APART_LIMIT, len(group & relaxed_by.on_project[project.id]))):
                yield Conflict(rule="apart", facts={"project": project.id, "group": index, "people": people, "limit": limit})


def fixed_conflicts(problem: Problem) -> tuple[Conflict, ...]:
    """
    Why the ``fixed`` runs by themselves make the problem infeasible; empty when they do not.

    They do when they break the unrelaxed rules 2, 3 (all fixed runs of a unit have one shift), 5 or ``apart``.
    """
    return fixed_conflicts_of(Ledger.of(problem))


def fixed_conflicts_of(ledger: Ledger) -> tuple[Conflict, ...]:
    """``fixed_conflicts`` of a problem already read."""
    fixed = ledger.problem.fixed
    found = list(exceeded(ledger, Use.of(ledger, over(fixed)), Use()))
    for (person, demand), runs in sorted(Counter((r.person, r.demand) for r in fixed).items()):
        if runs > 1:
            found.append(Conflict(rule="duplicate", facts={"person": person, "demand": demand, "runs": runs}))
    shifts: defaultdict[str, set[int]] = defaultdict(set)
    for run in fixed:
        shifts[ledger.unit_of(run.demand)[1]].add(run.shift)
    found += [
        Conflict(rule="shift", facts={"unit": unit, "shifts": sorted(given)}) for unit, given in sorted(shifts.items()) if len(given) > 1
    ]
    return tuple(found)


def pinned_conflicts(problem: Problem) -> tuple[Conflict, ...]:
    """The unrelaxed limits that the pinned runs (frozen ones ended as early as they may be) exceed, and which give way to them."""
    return pinned_conflicts_of(Ledger.of(problem))


def pinned_conflicts_of(ledger: Ledger) -> tuple[Conflict, ...]:
    """``pinned_conflicts`` of a problem already read."""
    pinned = (*ledger.problem.fixed, *(pin.cut for pin in ledger.frozen))
    return tuple(exceeded(ledger, Use.of(ledger, over(pinned)), Use()))

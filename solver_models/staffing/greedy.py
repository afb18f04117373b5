"""A first plan at once: the most urgent demand first, each time the person on whom it brings most."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from solver_models.staffing.roster import Booked, Roster, objective_x60

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from solver_models.staffing.columns import Columns, Option
    from solver_models.staffing.problem import Demand, Project, Run


def greedy_plans(columns: Columns) -> Iterator[tuple[Run, ...]]:
    """The pinned runs alone, a plan from nothing, and a plan from what can stay of the plan in force, each as soon as it is made."""
    yield Roster(columns).runs()
    yield filled_plan(columns, ())
    if columns.problem.current:
        yield filled_plan(columns, columns.problem.current)


def greedy_plan(columns: Columns) -> tuple[Run, ...]:
    """The best of ``greedy_plans``."""
    return max(greedy_plans(columns), key=lambda runs: objective_x60(columns, runs))


def filled_plan(columns: Columns, start: Sequence[Run]) -> tuple[Run, ...]:
    """
    A plan from the pinned runs and those of ``start`` that fit, in their order, filled up greedily.

    Of people who work together all keep their runs on a project, or none; a project that is filled whole or not at all is filled up,
    or loses its runs.
    """
    roster = Roster(columns)
    whole = _whole_projects(columns)
    barred = _together_pairs(columns)
    _start_from(columns, roster, start)
    for listed in columns.problem.projects:
        if listed.id not in columns.pinned_projects:
            _part_the_divided(columns, roster, listed)
            if listed.id in whole:
                _fill_or_clear(columns, roster, listed, barred)
    for option in columns.pinned_options:
        _extend(roster, option)
    for project in sorted(whole):
        _fill_whole(columns, roster, columns.terms.of_project.get(project, []), barred)
    for d in sorted((d for d in columns.problem.demands if d.project not in whole), key=lambda d: -_urgency(columns, d)):
        _fill(columns, roster, d, barred)
    return roster.runs()


def _whole_projects(columns: Columns) -> set[str]:
    return {p.id for p in columns.problem.projects if columns.is_whole(p.id)}


def _together_pairs(columns: Columns) -> set[tuple[str, str]]:
    """People of ``together`` groups that bind, with the project: left to the search."""
    free = (p for p in columns.problem.projects if p.id not in columns.pinned_projects)
    return {(person, p.id) for p in free for group in p.together if len(group) > 1 for person in group}


def _urgency(columns: Columns, demand: Demand) -> float:
    """
    What the demand can bring, over the root of its minutes and of the number of people who could take it.

    By value alone the longest demands would go first and take the time of several shorter ones that bring more together, by value
    per minute scraps would go first; the root of the size stands between (Lehmann, O'Callaghan, Shoham 2002, for bundles in
    auctions). What few people could take goes before they are taken.
    """
    options = columns.by_demand.get(demand.id, ())
    value = max((o.run_gain(o.lo, o.hi) for o in options), default=0)
    return value / sqrt(max(1, sum(demand.effort) * len({o.person for o in options}))) if value > 0 else 0.0


def _part_the_divided(columns: Columns, roster: Roster, project: Project) -> None:
    """Take back a group's runs on a project where some of those who work together have none."""
    for group in project.together:
        working = {person for person in group if roster.works_on(person, project.id)}
        if working and working != group:
            for b in _booked_on(columns, roster, project):
                if b.option.person in working:
                    roster.remove(b)


def _fill_or_clear(columns: Columns, roster: Roster, project: Project, barred: set[tuple[str, str]]) -> None:
    """Fill an all-or-nothing project up, or take its runs back."""
    demands = columns.terms.of_project.get(project.id, ())
    if not _booked_on(columns, roster, project):
        return
    for d in demands:
        _fill(columns, roster, d, barred)
    if not all(_is_full(columns, roster, d) for d in demands):
        for b in _booked_on(columns, roster, project):
            roster.remove(b)


def _booked_on(columns: Columns, roster: Roster, project: Project) -> list[Booked]:
    return [b for d in columns.terms.of_project.get(project.id, ()) for b in roster.on_demand(d.id)]


def _start_from(columns: Columns, roster: Roster, start: Sequence[Run]) -> None:
    for run in start:
        option = columns.find_option(run)
        if option is None or option.pin is not None:
            continue
        if (run.first, run.last) not in option.intervals():
            continue
        if roster.fits(booked := Booked(option, run.first, run.last)):
            roster.add(booked)


def _extend(roster: Roster, option: Option) -> None:
    """Let a frozen run go on as long as that brings something and fits."""
    booked = roster.booked[option.person, option.demand]
    roster.remove(booked)
    better = booked
    for last in range(booked.last + 1, option.hi + 1):
        if roster.obstacle(option, last) is not None:
            break
        longer = Booked(option, booked.first, last)
        left = roster.churn_left()
        if left is not None and sum(option.fresh[: last - option.lo + 1]) > left:
            break
        if longer.gain > better.gain:
            better = longer
    roster.add(better)


def _fill(columns: Columns, roster: Roster, demand: Demand, barred: set[tuple[str, str]]) -> list[Booked]:
    """Book people on a demand while somebody fits and brings something; what was booked."""
    added: list[Booked] = []
    promising = _promising(columns.by_demand.get(demand.id, ()), demand, barred)
    limit = columns.people_limit(demand)
    while roster.people_on(demand.id) < limit and (best := _best(roster, promising)) is not None:
        roster.add(best)
        added.append(best)
    return added


def _promising(options: Iterable[Option], demand: Demand, barred: set[tuple[str, str]]) -> list[tuple[int, Option]]:
    """The options that can bring something, with the most that they could; the most promising first."""
    bounded = [(o.gain_limit(), o) for o in options if (o.person, demand.project) not in barred]
    return sorted((pair for pair in bounded if pair[0] > 0), key=lambda pair: -pair[0])


def _best(roster: Roster, promising: Sequence[tuple[int, Option]]) -> Booked | None:
    best, best_gain = None, 0
    for limit, option in promising:
        if limit <= best_gain:
            break
        fit = roster.best_fit(option)
        if fit is not None and (gain := fit.gain) > best_gain:
            best, best_gain = fit, gain
    return best


def _fill_whole(columns: Columns, roster: Roster, demands: list[Demand], barred: set[tuple[str, str]]) -> None:
    """Fill an all-or-nothing project, or take everything back."""
    added: list[Booked] = []
    for d in demands:
        added += _fill(columns, roster, d, barred)
        if not _is_full(columns, roster, d):
            break
    else:
        return
    for booked in added:
        roster.remove(booked)


def _is_full(columns: Columns, roster: Roster, demand: Demand) -> bool:
    terms = columns.terms
    if terms.windows[demand.id] is None:
        return True
    shifts = {b.option.shift for b in roster.on_demand(demand.id)}
    if not shifts:
        return False
    effort = terms.effort(demand.id, shifts.pop())
    return all(roster.share_e4(demand.id, t) >= 9_900 for t in range(terms.frozen, terms.horizon) if effort[t] > 0)

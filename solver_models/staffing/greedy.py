"""A first plan at once: the most urgent demand first, each time the person on whom it brings most."""

from __future__ import annotations

from collections import defaultdict
from math import sqrt
from typing import TYPE_CHECKING

from solver_models.staffing.roster import Booked, Roster, objective_x60

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from solver_models.staffing.columns import Columns, Option
    from solver_models.staffing.problem import Demand, Run


def greedy_plan(columns: Columns) -> tuple[Run, ...]:
    """The best of a plan from nothing, a plan from what can stay of the plan in force, and the pinned runs alone."""
    plans = [Roster(columns).runs(), filled_plan(columns, ())]
    if columns.problem.current:
        plans.append(filled_plan(columns, columns.problem.current))
    return max(plans, key=lambda runs: objective_x60(columns, runs))


def filled_plan(columns: Columns, start: Sequence[Run]) -> tuple[Run, ...]:
    """A plan from the pinned runs and those of ``start`` that fit, in their order, filled up greedily."""
    roster = Roster(columns)
    whole = _whole_projects(columns)
    barred = _together_pairs(columns)
    of_project: defaultdict[str, list[Demand]] = defaultdict(list)
    for d in columns.problem.demands:
        of_project[d.project].append(d)
    _start_from(columns, roster, start)
    _part_the_broken(columns, roster, of_project)
    for option in columns.pinned_options:
        _extend(roster, option)
    for project in sorted(whole):
        _fill_whole(columns, roster, of_project[project], barred)
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


def _part_the_broken(columns: Columns, roster: Roster, of_project: Mapping[str, Sequence[Demand]]) -> None:
    """Take back what breaks ``together`` or rule 8: a group's runs where some have none, a whole project that cannot be filled up."""
    for project in columns.problem.projects:
        booked = [b for d in of_project[project.id] for b in roster.on_demand(d.id)]
        if not booked or project.id in columns.pinned_projects:
            continue
        for group in project.together:
            if any(roster.works_on(p, project.id) for p in group) and not all(roster.works_on(p, project.id) for p in group):
                for b in booked:
                    if b.option.person in group and (b.option.person, b.option.demand) in roster.booked:
                        roster.remove(b)
        grouped = _together_pairs(columns)
        if columns.is_whole(project.id):
            booked = [b for d in of_project[project.id] for b in roster.on_demand(d.id)]
            added = [b for d in of_project[project.id] for b in _fill(columns, roster, d, grouped)]
            if not all(_is_full(columns, roster, d) for d in of_project[project.id]):
                for b in (*booked, *added):
                    roster.remove(b)


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

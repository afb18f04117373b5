"""A plan against the bookings that it was made from, in the smallest groups of changes that can be applied alone, with their worth."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.domain.staffing.linked_changes import TOGETHER, SharedLimit, linked
from scheduler.domain.staffing.plan_changes import change_id
from solver_models.staffing.minutes import Terms
from solver_models.staffing.problem import E4
from solver_models.staffing.verify import check_plan, objective_x60

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from solver_models.staffing.problem import Problem, Run

    Pair = tuple[str, str]
    Runs = Mapping[Pair, Run]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Pairs of person and demand that change together, and what that brings (minor units x 60)."""

    pairs: frozenset[Pair]
    worth_x60: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """The groups that are worth it, what all of them bring together, and how many are not."""

    groups: tuple[Group, ...]
    gain_x60: int
    dropped: int


def grouping(problem: Problem, planned: Sequence[Run], *, min_worth_x60: int, mends: Collection[Pair] = ()) -> Grouping:
    """
    The changes from ``problem.current`` to ``planned``, a feasible plan.

    Each group is verified to be applicable alone. Its worth is the objective of all groups less that of all the others, exactly. Groups
    worth less than ``min_worth_x60`` are left out, the least first, except those with a pair that ``mends`` what no longer holds.
    """
    before = {(run.person, run.demand): run for run in problem.current}
    after = {(run.person, run.demand): run for run in planned}
    changed = sorted(pair for pair in {*before, *after} if before.get(pair) != after.get(pair))
    names = {change_id(*pair): pair for pair in changed}
    parts = linked(names, _limits(problem, before, after, changed))
    kept = _verified([frozenset(names[name] for name in part) for part in parts], problem, before, after)
    everything, count = list(kept), len(kept)
    worths = {group: _worth(problem, before, after, everything, group) for group in everything}
    while True:
        poor = [g for g in everything if worths[g] < min_worth_x60 and not g & frozenset(mends)]
        if not poor:
            break
        least = min(poor, key=lambda g: (worths[g], min(g)))
        everything.remove(least)
        people = {person for person, _ in least}
        for group in everything:
            if people & {person for person, _ in group}:
                worths[group] = _worth(problem, before, after, everything, group)
    whole = with_changes(before, after, frozenset().union(*everything))
    gain = objective_x60(problem, whole) - objective_x60(problem, problem.current)
    groups = tuple(Group(pairs=group, worth_x60=worths[group]) for group in sorted(everything, key=min))
    return Grouping(groups=groups, gain_x60=gain, dropped=count - len(groups))


def with_changes(before: Runs, after: Runs, pairs: Collection[Pair]) -> list[Run]:
    """The bookings in force with these pairs as planned."""
    kept = [run for pair, run in before.items() if pair not in pairs]
    return [*kept, *(after[pair] for pair in sorted(pairs) if pair in after)]


def _worth(problem: Problem, before: Runs, after: Runs, everything: Iterable[frozenset[Pair]], group: frozenset[Pair]) -> int:
    """The objective is a sum over people, so those of the group are enough."""
    people = {person for person, _ in group}
    mine = replace(
        problem,
        people=tuple(p for p in problem.people if p.id in people),
        fixed=tuple(run for run in problem.fixed if run.person in people),
        current=tuple(run for run in problem.current if run.person in people),
    )
    pairs = frozenset().union(*everything)
    with_group, without = (
        objective_x60(mine, [run for run in with_changes(before, after, chosen) if run.person in people])
        for chosen in (pairs, pairs - group)
    )
    return with_group - without


def _verified(parts: list[frozenset[Pair]], problem: Problem, before: Runs, after: Runs) -> list[frozenset[Pair]]:
    """The independent checker has the last word: what does not hold alone is put together."""
    known = _broken(problem, list(before.values()))
    failing = [part for part in parts if _broken(problem, with_changes(before, after, part)) - known]
    if not failing:
        return parts
    joined = frozenset().union(*failing)
    if len(failing) == 1 or _broken(problem, with_changes(before, after, joined)) - known:
        return [frozenset().union(*parts)]
    return [*(part for part in parts if part not in failing), joined]


def _broken(problem: Problem, runs: Sequence[Run]) -> frozenset[str]:
    return frozenset(violation.message for violation in check_plan(problem, runs))


def _limits(problem: Problem, before: Runs, after: Runs, changed: Sequence[Pair]) -> Iterator[SharedLimit]:
    """What several of the changes share; docs/model.md numbers the rules."""
    terms = Terms(problem)
    yield from _of_people(terms, before, after, changed)
    yield from _of_demands(terms, before, after, changed)
    yield from _of_projects(terms, before, after, changed)


def _of_people(terms: Terms, before: Runs, after: Runs, changed: Sequence[Pair]) -> Iterator[SharedLimit]:
    """Rule 2: minutes, and runs at once, of each person in each period."""
    minutes: defaultdict[tuple[str, int], dict[str, int]] = defaultdict(dict)
    runs: defaultdict[tuple[str, int], dict[str, int]] = defaultdict(dict)
    taken, standing = Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    for pair, run in before.items():
        if after.get(pair) == run:
            for t, amount in _minutes(terms, run).items():
                taken[run.person, t] += amount
                standing[run.person, t] += 1
    for pair in changed:
        for run in filter(None, (before.get(pair), after.get(pair))):
            for t, amount in _minutes(terms, run).items():
                mine = minutes[run.person, t]
                mine[change_id(*pair)] = max(amount, mine.get(change_id(*pair), 0))
                runs[run.person, t][change_id(*pair)] = 1
    for (person, t), most in minutes.items():
        yield SharedLimit(free=terms.people[person].capacity[t] - taken[person, t], most=most)
        limit = terms.people[person].max_demands
        if limit is not None:
            yield SharedLimit(free=limit - standing[person, t], most=runs[person, t])


def _minutes(terms: Terms, run: Run) -> dict[int, int]:
    row = terms.minutes(run.person, run.demand, run.share_e4, run.shift)
    return {t: row[t] for t in range(run.first, run.last + 1)}


def _of_demands(terms: Terms, before: Runs, after: Runs, changed: Sequence[Pair]) -> Iterator[SharedLimit]:
    """Rule 3: the shares of each demand in each period, and how many people it has."""
    shares: defaultdict[tuple[str, int], dict[str, int]] = defaultdict(dict)
    people: defaultdict[str, dict[str, int]] = defaultdict(dict)
    taken, standing = Counter[tuple[str, int]](), Counter[str]()
    for pair, run in before.items():
        if after.get(pair) == run:
            standing[run.demand] += 1
            taken.update({(run.demand, t): run.share_e4 for t in range(run.first, run.last + 1)})
    for pair in changed:
        name = change_id(*pair)
        for run in filter(None, (before.get(pair), after.get(pair))):
            people[run.demand][name] = 1
            for t in range(run.first, run.last + 1):
                mine = shares[run.demand, t]
                mine[name] = max(run.share_e4, mine.get(name, 0))
    yield from (SharedLimit(free=E4 - taken[place], most=most) for place, most in shares.items())
    yield from (SharedLimit(free=terms.demands[demand].max_people - standing[demand], most=most) for demand, most in people.items())


def _of_projects(terms: Terms, before: Runs, after: Runs, changed: Sequence[Pair]) -> Iterator[SharedLimit]:
    """Rule 3 on shifts, 7 and 8: whoever starts, works or is staffed together."""
    shifts: defaultdict[str, set[int]] = defaultdict(set)
    of_unit: defaultdict[str, dict[str, int]] = defaultdict(dict)
    of_project: defaultdict[str, dict[str, int]] = defaultdict(dict)
    of_group: defaultdict[tuple[str, frozenset[str]], dict[str, int]] = defaultdict(dict)
    for pair in changed:
        name, demand = change_id(*pair), terms.demands[pair[1]]
        shifts[terms.unit_of[demand.id]].update(run.shift for run in (before.get(pair), after.get(pair)) if run is not None)
        of_unit[terms.unit_of[demand.id]][name] = 1
        project = terms.projects.get(demand.project)
        if project is not None and project.all_or_nothing:
            of_project[project.id][name] = 1
        for group in () if project is None else (*project.apart, *project.together):
            if pair[0] in group:
                of_group[project.id if project is not None else "", group][name] = 1
    yield from (SharedLimit(free=TOGETHER, most=most) for unit, most in of_unit.items() if len(shifts[unit]) > 1)
    yield from (SharedLimit(free=TOGETHER, most=most) for most in (*of_project.values(), *of_group.values()))

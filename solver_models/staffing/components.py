"""
Problems within a problem: people and demands that nothing ties to the others.

Who may work on what ties people to demands; runs that are pinned or in force, rules of a project and people in its groups tie too.
A limit on new minutes ties everything. What is not tied can be planned, and proven, by itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from solver_models.staffing.columns import Columns
    from solver_models.staffing.problem import Problem, Project

_MOST_OF_ALL = 0.9
"""Share of the options in one component from which on apart from it there is too little to gain."""


def components(columns: Columns, *, few: int) -> list[Problem]:
    """
    The problem in parts, those with fewest options first; the problem itself where it does not fall apart.

    Components of together at most ``few`` options stay in one part: so much is searched as a whole anyway.
    """
    problem = columns.problem
    whole = len(columns.options)
    if whole <= few or problem.policy.max_churn_minutes is not None:
        return [problem]
    part_of, size_of = _parts(columns, few)
    if max(size_of.values()) >= _MOST_OF_ALL * whole:
        return [problem]
    order = sorted(size_of, key=lambda part: (size_of[part], part))
    return [_part(problem, [p == part for p in part_of]) for part in order]


class _Ties:
    """Sets of people and demands, by number: people first."""

    def __init__(self, count: int) -> None:
        self._next = list(range(count))

    def root(self, a: int) -> int:
        while self._next[a] != a:
            self._next[a] = a = self._next[self._next[a]]
        return a

    def tie(self, several: Iterable[int]) -> None:
        first: int | None = None
        for root in {self.root(a) for a in several}:
            first = root if first is None else first
            self._next[max(first, root)] = first = min(first, root)


def _parts(columns: Columns, few: int) -> tuple[list[int], Counter[int]]:
    """The part of each person and demand, and the options of each part. Whoever has no options goes with the largest."""
    people, demands = columns.problem.people, columns.problem.demands
    ties = _Ties(len(people) + len(demands))
    for several in _tied(columns):
        ties.tie(several)
    options = Counter[int]()
    for n, d in enumerate(demands):
        options[ties.root(len(people) + n)] += len(columns.by_demand.get(d.id, ()))
    part_of_root, size_of = dict[int, int](), Counter[int]()
    part, left = -1, 0
    for root, size in sorted((+options).items(), key=lambda item: (-item[1], item[0])):
        if size > left:
            part, left = part + 1, few
        part_of_root[root], left = part, left - size
        size_of[part] += size
    return [part_of_root.get(ties.root(n), 0) for n in range(len(people) + len(demands))], size_of


def _tied(columns: Columns) -> Iterator[list[int]]:
    """Numbers of people and demands that belong together."""
    problem, terms = columns.problem, columns.terms
    person = {p.id: n for n, p in enumerate(problem.people)}
    demand = {d.id: len(person) + n for n, d in enumerate(problem.demands)}
    for d in problem.demands:
        yield [demand[d.id], *(person[p] for p in {o.person for o in columns.by_demand.get(d.id, ())})]
    yield from ([person[r.person], demand[r.demand]] for r in (*problem.fixed, *problem.current))
    for project in problem.projects:
        if _binds(project) and project.id in terms.of_project:
            group = {p for g in (*project.apart, *project.together) for p in g}
            yield [*(demand[d.id] for d in terms.of_project[project.id]), *(person[p] for p in group)]


def _binds(project: Project) -> bool:
    return project.all_or_nothing or project.shift is not None or bool(project.apart or project.together)


def _part(problem: Problem, is_in: list[bool]) -> Problem:
    people = tuple(p for p, inside in zip(problem.people, is_in, strict=False) if inside)
    demands = tuple(d for d, inside in zip(problem.demands, is_in[len(problem.people) :], strict=True) if inside)
    names, wanted = {p.id for p in people}, {d.id for d in demands}
    here = {d.project for d in demands}
    return replace(
        problem,
        people=people,
        demands=demands,
        projects=tuple(p for p in problem.projects if p.id in here),
        fixed=tuple(r for r in problem.fixed if r.person in names and r.demand in wanted),
        current=tuple(r for r in problem.current if r.person in names and r.demand in wanted),
    )

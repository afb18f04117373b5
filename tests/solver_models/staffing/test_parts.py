"""Parts of a problem that nothing ties to each other: found, planned and proven each by itself, and put together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.generators import Shape, generate
from solver_models.limits import Limits
from solver_models.staffing import solve as solving
from solver_models.staffing.columns import Columns
from solver_models.staffing.components import components
from solver_models.staffing.problem import Policy, Project
from solver_models.staffing.search import FEW_OPTIONS
from solver_models.staffing.solve import solve
from solver_models.staffing.verify import verify
from solver_models.staffing.warm_answer import Warm
from tests.solver_models.staffing.brute_force import best_plan
from tests.solver_models.staffing.random_problems import small_problem
from tests.solver_models.staffing.small_cases import demand, person, problem, run

if TYPE_CHECKING:
    from solver_models.result import Progress
    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Person, Problem, Run

PEOPLE = [person(name, skills={name: 1}) for name in ("ana", "ben", "cem")]
DEMANDS = [demand(f"{name}-{n}", requires={name: 1}, project=f"{name}-{n}") for name in ("ana", "ben", "cem") for n in range(2)]


def _parts(case: Problem, few: int = 0) -> list[set[str]]:
    return [{p.id for p in part.people} | {d.id for d in part.demands} for part in components(Columns(case), few=few)]


def test_who_shares_no_demand_is_a_part() -> None:
    """Three people with a skill each, and what needs it; everybody and everything is in one part."""
    assert _parts(problem(PEOPLE, DEMANDS)) == [{name, f"{name}-0", f"{name}-1"} for name in ("ana", "ben", "cem")]


def test_small_parts_stay_together() -> None:
    """What is searched as a whole anyway is one part."""
    assert sorted(map(len, _parts(problem(PEOPLE, DEMANDS), few=4))) == [3, 6]
    assert len(_parts(problem(PEOPLE, DEMANDS), few=6)) == 1


@pytest.mark.parametrize(
    ("project", "keys"),
    [
        ("ben-0", {"projects": [Project(id="ben-0", shift=(0, 1))]}),
        ("ben-0", {"projects": [Project(id="ben-0", all_or_nothing=True)]}),
        ("ana-1", {"projects": [Project(id="ana-1", apart=(frozenset({"ben", "ana"}),))]}),
        ("ana-1", {"projects": [Project(id="ana-1", together=(frozenset({"ben", "ana"}),))]}),
        ("ana-1", {"fixed": [run("ana", "ben-1")]}),
        ("ana-1", {"current": [run("ben", "ana-1")]}),
    ],
)
def test_what_binds_ties(project: str, keys: dict[str, Any]) -> None:
    """A project that moves or goes ahead as a whole, its groups, and runs pinned or in force keep two parts together."""
    demands = [replace(d, project=project) if d.id == "ana-1" else d for d in DEMANDS]
    assert sorted(map(len, _parts(problem(PEOPLE, demands, **keys)))) == [3, 6]


def test_a_project_without_rules_ties_nothing() -> None:
    """What it is called does not bind its demands, nor do people and demands without any choice make parts."""
    demands = [*(replace(d, project="P") for d in DEMANDS), demand("x", requires={"cobol": 5})]
    case = problem([*PEOPLE, person("dan")], demands, projects=[Project(id="P")])
    assert sorted(map(len, _parts(case))) == [3, 3, 5]


def test_new_minutes_tie_everything() -> None:
    """A limit on new minutes is everybody's."""
    assert len(_parts(problem(PEOPLE, DEMANDS, max_churn_minutes=600))) == 1


def _side_by_side(cases: list[Problem]) -> Problem:
    """Several problems as one, each with names of its own."""
    return replace(
        cases[0],
        people=tuple(p for n, case in enumerate(cases) for p in _renamed(case, f"{n}:").people),
        demands=tuple(d for n, case in enumerate(cases) for d in _renamed(case, f"{n}:").demands),
        projects=tuple(p for n, case in enumerate(cases) for p in _renamed(case, f"{n}:").projects),
        fixed=tuple(r for n, case in enumerate(cases) for r in _renamed(case, f"{n}:").fixed),
        current=tuple(r for n, case in enumerate(cases) for r in _renamed(case, f"{n}:").current),
    )


def _renamed(case: Problem, tag: str) -> Problem:
    """The same problem, in a place of its own."""

    def ids(names: frozenset[str] | None) -> frozenset[str] | None:
        return None if names is None else frozenset(tag + name for name in names)

    def runs(listed: tuple[Run, ...]) -> tuple[Run, ...]:
        return tuple(replace(r, person=tag + r.person, demand=tag + r.demand) for r in listed)

    def moved(p: Person) -> Person:
        wishes = {tag + name: bonus for name, bonus in p.preferences.items()}
        skills = {tag + skill: level for skill, level in (*p.skills.items(), ("here", 1))}
        return replace(
            p, id=tag + p.id, skills=skills, preferences=wishes, available_for=ids(p.available_for), not_for=ids(p.not_for) or frozenset()
        )

    return replace(
        case,
        people=tuple(map(moved, case.people)),
        demands=tuple(
            replace(
                d,
                id=tag + d.id,
                project=tag + d.project,
                requires={tag + skill: level for skill, level in d.requires.items()} | {tag + "here": 1},
                prefers={tag + skill: bonus for skill, bonus in d.prefers.items()},
                only=ids(d.only),
                never=ids(d.never) or frozenset(),
            )
            for d in case.demands
        ),
        projects=tuple(
            replace(
                p,
                id=tag + p.id,
                apart=tuple(ids(g) or frozenset() for g in p.apart),
                together=tuple(ids(g) or frozenset() for g in p.together),
            )
            for p in case.projects
        ),
        fixed=runs(case.fixed),
        current=runs(case.current),
    )


@pytest.mark.parametrize("seed", range(7_700, 7_724))
def test_parts_add_up_to_the_optimum(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small problems with every key side by side: the optimum is the sum of theirs, and the proof holds; so from the answer before."""
    monkeypatch.setattr(solving, "FEW_OPTIONS", 0)
    policy, length = small_problem(seed).policy, len(small_problem(seed).periods)
    cases = [replace(small_problem(n), policy=replace(policy, max_churn_minutes=None)) for n in range(seed, seed + 90, 30)]
    cases = [case for case in cases if len(case.periods) == length]
    whole = _side_by_side([_renamed(case, "") for case in cases])
    best = [best_plan(_renamed(case, f"{n}:")) for n, case in enumerate(cases)]
    answer = solve(whole, Limits(time_s=30, workers=1))
    report = verify(whole, answer)
    assert report.holds
    if None in best:
        assert answer.assignments is None
        return
    optimum = sum(b.objective_x60 for b in best if b is not None)
    assert answer.objective_x60 == optimum
    assert answer.bound_x60 is not None
    assert optimum <= answer.bound_x60 <= optimum + len(cases)
    again = solve(whole, Limits(time_s=30, workers=1), warm=Warm.of(answer))
    assert again.objective_x60 == optimum
    assert verify(whole, again).holds


def _two_firms() -> Problem:
    shape = Shape(people=60, demands=200, weeks=26)
    return _side_by_side([generate(shape, seed=seed, mode="plain") for seed in (3, 4)])


def _said(answer: Answer) -> tuple[object, ...]:
    return answer.assignments, answer.objective_x60, answer.bound_x60, answer.certificate


def test_two_firms_are_planned_one_by_one() -> None:
    """Above what is searched as a whole: the answer holds whatever the threads, progress only ever gets better, and is the answer's in the end."""
    case = _two_firms()
    heard: list[Progress] = []
    assert len(components(Columns(case), few=FEW_OPTIONS)) == 2
    answers = [solve(case, Limits(time_s=3_600, work=600, workers=workers), heard.append) for workers in (1, 2)]
    assert _said(answers[0]) == _said(answers[1])
    assert verify(case, answers[0]).holds
    heard = heard[: len(heard) // 2]
    objectives, bounds = [[getattr(p, name) for p in heard] for name in ("objective_x60", "bound_x60")]
    assert objectives == sorted(objectives)
    known = [bound for bound in bounds if bound is not None]  # the first plans do not wait for one
    assert bounds[len(bounds) - len(known) :] == known == sorted(known, reverse=True)
    assert (objectives[-1], bounds[-1]) == (answers[0].objective_x60, answers[0].bound_x60)


def test_a_stop_leaves_the_parts_to_come_as_they_were() -> None:
    """Asked to stop at once, the first plan and its bound are the answer."""
    limits = Limits(time_s=60, workers=1)
    limits.stop.set()
    answer = solve(_two_firms(), limits)
    assert answer.assignments
    assert verify(_two_firms(), answer).holds


def test_the_policy_is_everybodys() -> None:
    """Each part keeps it."""
    case = replace(problem(PEOPLE, DEMANDS), policy=Policy(fairness_cost=3, band=(0, 5_000)))
    assert {part.policy for part in components(Columns(case), few=0)} == {case.policy}

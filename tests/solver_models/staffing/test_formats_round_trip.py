"""Whatever problem or plan is written is read back equal."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from solver_models.staffing.formats import decode_json, problem_from_json, problem_to_json, read_problem
from solver_models.staffing.problem import Demand, Person, Policy, Problem, Project, Run

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_RATE = 10**6
E4 = 10_000

Draw = Any

names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs"]), min_size=1, max_size=5).filter(str.strip)
rates = st.integers(-MAX_RATE, MAX_RATE)
costs = st.integers(0, MAX_RATE)
shares = st.integers(1, E4)
bands = st.tuples(st.integers(0, 10 * E4), st.integers(0, 10 * E4)).map(lambda pair: (min(pair), max(pair)))
shifts = st.tuples(st.integers(-9, 9), st.integers(-9, 9)).map(lambda pair: (min(pair), max(pair)))
levels = st.dictionaries(names, st.integers(1, 5), max_size=2)


def some(ids: Sequence[str]) -> st.SearchStrategy[frozenset[str]]:
    """Any subset."""
    return st.frozensets(st.sampled_from(ids)) if ids else st.just(frozenset())


def minutes(periods: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Minutes for each period."""
    return st.lists(st.integers(0, 5_000), min_size=periods, max_size=periods).map(tuple)


def runs(people: Sequence[str], demands: Sequence[str], periods: int) -> st.SearchStrategy[tuple[Run, ...]]:
    """Runs inside the horizon, at most one for each person and demand."""
    if not people or not demands:
        return st.just(())
    ends = st.tuples(st.integers(0, periods - 1), st.integers(0, periods - 1))
    one = st.builds(
        lambda who, what, share, ends, shift: Run(person=who, demand=what, share_e4=share, first=min(ends), last=max(ends), shift=shift),
        st.sampled_from(people),
        st.sampled_from(demands),
        shares,
        ends,
        st.integers(-9, 9),
    )
    return st.lists(one, max_size=3, unique_by=lambda run: (run.person, run.demand)).map(tuple)


@st.composite
def problems(draw: Draw) -> Problem:
    """Any problem that the format can hold."""
    periods = draw(st.integers(1, 4))
    ids = draw(st.lists(names, min_size=0, max_size=7, unique=True))
    people, demands, projects = ids[:2], ids[2:4], ids[4:] or ["-a project-"]
    listed = draw(st.lists(st.sampled_from(projects), unique=True))
    first, step = draw(st.dates(date(2000, 1, 1), date(2100, 1, 1))), draw(st.sampled_from([1, 7]))
    moving = {name: draw(st.none() | shifts) if name in listed else None for name in projects}
    return Problem(
        currency=draw(st.sampled_from(["EUR", "JPY"])),
        periods=tuple((first + timedelta(days=step * t)).isoformat() for t in range(periods)),
        people=tuple(draw(any_person(name, demands, listed, periods)) for name in people),
        demands=tuple(draw(any_demand(name, people, moving, periods)) for name in demands),
        projects=tuple(draw(any_project(name, people, moving[name])) for name in listed),
        fixed=draw(runs(people, demands, periods)),
        current=draw(runs(people, demands, periods)),
        policy=draw(policies),
    )


policies = st.builds(
    Policy,
    setup_cost=costs,
    churn_cost=costs,
    max_churn_minutes=st.none() | st.integers(0, 10**6),
    frozen_periods=st.integers(0, 5),
    fairness_cost=costs,
    band=bands,
)


@st.composite
def any_person(draw: Draw, name: str, demands: Sequence[str], listed: Sequence[str], periods: int) -> Person:
    """A person who may prefer any demand and any listed project."""
    return Person(
        id=name,
        capacity=draw(minutes(periods)),
        cost_rate=draw(costs),
        skills=draw(levels),
        usual=draw(st.none() | minutes(periods)),
        location=draw(st.none() | names),
        max_demands=draw(st.none() | st.integers(0, 3)),
        available_for=draw(st.none() | some(demands)),
        not_for=draw(some(demands)),
        preferences={other: draw(rates) for other in sorted(draw(some([*demands, *listed])))},
        idle_cost=draw(costs),
        band=draw(st.none() | bands),
    )


@st.composite
def any_demand(draw: Draw, name: str, people: Sequence[str], moving: dict[str, tuple[int, int] | None], periods: int) -> Demand:
    """A demand of any project, with a shift of its own unless its project has one."""
    project = draw(st.sampled_from(sorted(moving)))
    return Demand(
        id=name,
        project=project,
        effort=draw(minutes(periods)),
        value_rate=draw(rates),
        requires=draw(levels),
        prefers=draw(st.dictionaries(names, rates, max_size=2)),
        overqualified_cost=draw(rates),
        locations=draw(st.none() | st.frozensets(names, max_size=2)),
        shares_e4=tuple(draw(st.lists(shares, max_size=3, unique=True))),
        max_people=draw(st.integers(0, 3)),
        min_run=draw(st.none() | st.integers(1, 9)),
        min_coverage_e4=draw(st.integers(0, E4)),
        shift=draw(shifts) if moving[project] is None else (0, 0),
        only=draw(st.none() | some(people)),
        never=draw(some(people)),
    )


@st.composite
def any_project(draw: Draw, name: str, people: Sequence[str], shift: tuple[int, int] | None) -> Project:
    """A project with groups of people."""
    groups = st.lists(some(people), max_size=2).map(tuple)
    return Project(id=name, all_or_nothing=draw(st.booleans()), shift=shift, apart=draw(groups), together=draw(groups))


@given(problems())
def test_a_problem_written_and_read_is_the_same(problem: Problem) -> None:
    """As a value, as text, and as text decoded first."""
    value = problem_to_json(problem)
    raw = json.dumps(value).encode()
    assert problem_from_json(value) == problem
    assert read_problem(raw) == problem
    assert problem_from_json(decode_json(raw)) == problem


@given(st.integers(0, 10 * E4))
def test_every_fraction_of_four_places_survives_a_binary_float(value_e4: int) -> None:
    """A JSON number of at most four places is read as the ten-thousandths it says."""
    problem = Problem(currency="EUR", periods=("2026-01-05",), policy=Policy(band=(value_e4, 10 * E4)))
    assert read_problem(json.dumps(problem_to_json(problem)).encode()) == problem

"""Changes come in the smallest groups that can be applied alone; their worth is exact."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.staffing.linked_changes import TOGETHER, SharedLimit, linked
from scheduler.planning.change_grouping import grouping, with_changes
from scheduler.planning.to_problem import to_problem
from solver_models.limits import Limits
from solver_models.staffing.problem import E4, Demand, Person, Problem, Project, Run
from solver_models.staffing.solve import solve
from solver_models.staffing.verify import check_plan, objective_x60
from tests.planning.random_snapshots import random_request, random_snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST = -(10**18)


def problem(demands: Sequence[Demand], *, people: int = 2, current: Sequence[Run] = (), projects: Sequence[Project] = ()) -> Problem:
    staff = tuple(Person(id=f"p{n}", capacity=(100, 100), cost_rate=0) for n in range(people))
    listed = projects or [Project(id=name) for name in sorted({d.project for d in demands})]
    return Problem(
        currency="EUR",
        periods=("2027-03-01", "2027-03-08"),
        people=staff,
        demands=tuple(demands),
        projects=tuple(listed),
        current=tuple(current),
    )


def demand(name: str, minutes: int = 60, **changes: object) -> Demand:
    return Demand(**{"id": name, "project": f"of-{name}", "effort": (minutes, minutes), "value_rate": 6_000, **changes})  # type: ignore[arg-type]


def run(person: str, on: str, share_e4: int = E4) -> Run:
    return Run(person=person, demand=on, share_e4=share_e4, first=0, last=1)


def pairs(case: Problem, planned: Sequence[Run]) -> list[list[tuple[str, str]]]:
    return [sorted(group.pairs) for group in grouping(case, planned, min_worth_x60=LEAST).groups]


def test_a_limit_links_only_where_it_can_bind() -> None:
    """Who fits beside each other whatever is chosen is not linked; one minute less is."""
    assert linked("ab", [SharedLimit(free=10, most={"a": 4, "b": 6})]) == (frozenset("a"), frozenset("b"))
    assert linked("ab", [SharedLimit(free=9, most={"a": 4, "b": 6})]) == (frozenset("ab"),)
    chain = [SharedLimit(free=TOGETHER, most={"a": 1, "b": 1}), SharedLimit(free=TOGETHER, most={"b": 1, "c": 1})]
    assert linked("abcd", chain) == (frozenset("abc"), frozenset("d"))
    assert linked("a", [SharedLimit(free=TOGETHER, most={"a": 1})]) == (frozenset("a"),)


def test_two_new_bookings_of_one_person_with_time_for_both_are_two_groups() -> None:
    """A person with 100 minutes takes 40 and 60 independently, and 41 and 60 only as one decision."""
    apart = problem([demand("d", 40), demand("e", 60)])
    assert pairs(apart, [run("p0", "d"), run("p0", "e")]) == [[("p0", "d")], [("p0", "e")]]
    tight = problem([demand("d", 41), demand("e", 59), demand("f", 59)], current=[run("p0", "f")])
    assert pairs(tight, [run("p0", "d"), run("p0", "e")]) == [[("p0", "d"), ("p0", "e"), ("p0", "f")]]


def test_work_that_is_handed_over_is_one_group() -> None:
    """The demand has one place: whoever leaves it and whoever takes it are decided together."""
    case = problem([demand("d")], current=[run("p0", "d")])
    assert pairs(case, [run("p1", "d")]) == [[("p0", "d"), ("p1", "d")]]


def test_a_project_that_comes_whole_is_one_group() -> None:
    """All or nothing, and people who are to work on it together."""
    demands = [demand("d", project="x"), demand("e", project="x")]
    planned = [run("p0", "d"), run("p1", "e")]
    assert len(pairs(problem(demands), planned)) == 2
    assert len(pairs(problem(demands, projects=[Project(id="x", all_or_nothing=True)]), planned)) == 1
    assert len(pairs(problem(demands, projects=[Project(id="x", together=(frozenset({"p0", "p1"}),))]), planned)) == 1


def test_groups_worth_too_little_are_left_out_but_what_mends_stays() -> None:
    """Exactly the least worth stays, one less does not; a booking that no longer holds is mended whatever it brings."""
    case = problem([demand("d", 30), demand("e", 60)])
    planned = [run("p0", "d"), run("p1", "e")]
    worth = {min(g.pairs): g.worth_x60 for g in grouping(case, planned, min_worth_x60=0).groups}
    assert worth == {("p0", "d"): 2 * 30 * 6_000, ("p1", "e"): 2 * 60 * 6_000}
    least = worth["p0", "d"]
    assert grouping(case, planned, min_worth_x60=least).dropped == 0
    one_more = grouping(case, planned, min_worth_x60=least + 1)
    assert ([sorted(g.pairs) for g in one_more.groups], one_more.dropped) == ([[("p1", "e")]], 1)
    assert one_more.gain_x60 == worth["p1", "e"]
    assert grouping(case, planned, min_worth_x60=least + 1, mends=[("p0", "d")]).dropped == 0


def test_a_plan_that_keeps_everything_has_no_groups() -> None:
    case = problem([demand("d")], current=[run("p0", "d")])
    found = grouping(case, [run("p0", "d")], min_worth_x60=0)
    assert (found.groups, found.gain_x60, found.dropped) == ((), 0, 0)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**9))
def test_any_choice_of_groups_can_be_applied_and_worth_is_exact(seed: int) -> None:
    """Every union of groups breaks nothing that the bookings did not break; worth and gain equal the objectives computed anew."""
    rng = random.Random(seed)
    request = replace(random_request(rng), rebalances=True)
    case = to_problem(random_snapshot(rng), request).problem
    answer = solve(case, Limits(time_s=3, workers=1))
    assert answer.assignments is not None
    found = grouping(case, answer.assignments, min_worth_x60=LEAST)
    before, after = ({(r.person, r.demand): r for r in runs} for runs in (case.current, answer.assignments))
    everything = frozenset().union(*(group.pairs for group in found.groups))
    assert everything == {pair for pair in {*before, *after} if before.get(pair) != after.get(pair)}
    base = {v.message for v in check_plan(case, case.current)}
    for size in range(min(3, len(found.groups)) + 1):
        for chosen in list(combinations(found.groups, size))[:30]:
            union = frozenset().union(*(group.pairs for group in chosen))
            assert {v.message for v in check_plan(case, with_changes(before, after, union))} <= base
    whole = objective_x60(case, answer.assignments)
    assert found.gain_x60 == whole - objective_x60(case, case.current)
    for group in found.groups:
        assert group.worth_x60 == whole - objective_x60(case, with_changes(before, after, everything - group.pairs))

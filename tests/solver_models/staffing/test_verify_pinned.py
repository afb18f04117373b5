"""Limits give way to pinned runs and to nothing else; fixed runs that contradict each other make a problem infeasible."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver_models.staffing import verify
from solver_models.staffing.problem import Problem, Project, Run
from tests.solver_models.staffing.verify_cases import broken, demand, person, problem, run

ANN, BOB, CAT = person("ann"), person("bob"), person("cat")


def rules_of(conflicts: tuple[object, ...]) -> list[str]:
    """The rules of conflicts, once for each."""
    return [getattr(conflict, "rule", "") for conflict in conflicts]


def test_pinned_runs_are_exempt_from_rules_1_and_4() -> None:
    """A pinned run may be unqualified, out of its window, too short and at an unlisted share."""
    wants = demand(effort=(0, 600, 600, 0), requires={"sap": 5}, never=frozenset({"ann"}))
    pin = run(first=3, last=3, share_e4=1_234)
    assert broken(problem(demands=[wants], fixed=[pin]), pin) == []
    assert broken(problem(demands=[wants], current=[replace(pin, first=0, last=0)], frozen_periods=1), replace(pin, first=0, last=0)) == []


def test_capacity_gives_way_to_frozen_runs_before_n_only() -> None:
    """In the frozen periods capacity reads as what frozen runs use; from n on they must fit."""
    work = [demand("a"), demand("b")]
    tight = person(capacity=(600, 600, 600, 600))
    current = [run(what="a"), run(what="b")]
    case = problem([tight], work, current=current, frozen_periods=2)
    assert broken(case, run(what="a", last=1), run(what="b", last=1)) == []
    assert broken(case, run(what="a", last=3), run(what="b", last=1)) == []
    assert broken(case, run(what="a", last=2), run(what="b", last=2)) == [2]
    assert rules_of(verify.pinned_conflicts(case)) == ["capacity", "capacity"]
    assert verify.fixed_conflicts(case) == ()


def test_a_lifted_capacity_has_no_room_for_more() -> None:
    """Capacity exceeded by pinned runs is a limit still: a further run breaks it."""
    work = [demand("a"), demand("b"), demand("c", effort=(0, 1, 0, 0))]
    tight = person(capacity=(600, 600, 600, 600))
    pins = [run(what="a"), run(what="b")]
    case = problem([tight], work, fixed=pins)
    assert broken(case, *pins) == []
    assert broken(case, *pins, run(what="c", first=1, last=1)) == [2]


def test_runs_at_once_give_way_to_pinned_ones() -> None:
    """``max_demands`` reads as the number of pinned runs where that is more."""
    work = [demand("a"), demand("b"), demand("c")]
    busy = person(max_demands=1)
    pins = [run(what="a"), run(what="b")]
    assert broken(problem([busy], work, fixed=pins), *pins) == []
    assert broken(problem([busy], work, fixed=pins), *pins, run(what="c")) == [2, 2, 2, 2]
    frozen = problem([busy], work, current=[run(what="a"), run(what="b")], frozen_periods=3)
    assert broken(frozen, run(what="a", last=2), run(what="b", last=3)) == []
    assert broken(frozen, run(what="a", last=3), run(what="b", last=3)) == [2]


def test_shares_give_way_to_pinned_runs() -> None:
    """Shares of pinned runs above 1 stand, before n, and nothing joins them."""
    wants = demand(shares_e4=(2_500,), max_people=9)
    current = [run("ann", share_e4=7_500), run("bob", share_e4=7_500)]
    case = problem([ANN, BOB, CAT], [wants], current=current, frozen_periods=2)
    kept = [run("ann", share_e4=7_500, last=1), run("bob", share_e4=7_500, last=3)]
    assert broken(case, *kept) == []
    assert broken(case, replace(kept[0], last=2), kept[1]) == [3]
    assert broken(case, *kept, run("cat", share_e4=2_500, first=2)) == []
    assert rules_of(verify.pinned_conflicts(case)) == ["effort", "effort"]


def test_people_per_demand_give_way_to_frozen_runs_at_any_time() -> None:
    """``max_people`` reads as the number of pinned runs, over the whole horizon."""
    wants = demand(shares_e4=(2_500,), min_run=1)
    current = [run("ann", share_e4=2_500, last=0), run("bob", share_e4=2_500)]
    case = problem([ANN, BOB, CAT], [wants], current=current, frozen_periods=2)
    plan = run("ann", share_e4=2_500, last=0), run("bob", share_e4=2_500)
    assert broken(case, *plan) == []
    assert broken(case, *plan, run("cat", share_e4=2_500, first=3)) == [3]
    assert rules_of(verify.pinned_conflicts(case)) == ["max_people"]


def test_apart_gives_way_to_pinned_people() -> None:
    """Two pinned people of an ``apart`` group stand; a third person of it may not join."""
    split = Project(id="tower", apart=(frozenset({"ann", "bob", "cat"}),))
    work = [demand("a"), demand("b"), demand("c")]
    case = problem([ANN, BOB, CAT], work, projects=[split], current=[run("ann", "a"), run("bob", "b")], frozen_periods=1)
    pins = run("ann", "a", last=0), run("bob", "b", last=0)
    assert broken(case, *pins) == []
    assert broken(case, *pins, run("cat", "c", first=1)) == [7]
    assert rules_of(verify.pinned_conflicts(case)) == ["apart"]


def test_together_and_all_or_nothing_do_not_bind_a_pinned_project() -> None:
    """A project with a pinned run need not be full, and its ``together`` groups may be split."""
    joined = Project(id="tower", together=(frozenset({"ann", "bob"}),), all_or_nothing=True)
    work = [demand("a"), demand("b")]
    pin = run("ann", "a")
    assert broken(problem([ANN, BOB], work, projects=[joined]), pin) == [7, 8]
    assert broken(problem([ANN, BOB], work, projects=[joined], fixed=[pin]), pin) == []


def test_a_pinned_unit_has_the_shift_of_its_first_pinned_run() -> None:
    """Fixed before frozen, in listed order; whether in the unit's range or not."""
    wants = demand(effort=(600, 600, 0, 0), shift=(0, 1), shares_e4=(2_500,), max_people=3, min_run=1)
    pin = run("ann", share_e4=2_500, first=2, last=2, shift=2)
    other = run("bob", share_e4=2_500, first=0, last=0, shift=0)
    case = problem([ANN, BOB, CAT], [wants], fixed=[pin], current=[other], frozen_periods=1)
    assert broken(case, pin, other) == []
    assert broken(case, pin, other, run("cat", share_e4=2_500, first=2, last=3, shift=2)) == []
    assert broken(case, pin, other, run("cat", share_e4=2_500, first=1, last=1, shift=0)) == [3]


def test_a_frozen_run_is_left_to_fixed_where_both_name_the_pair() -> None:
    """A run of the plan in force whose person and demand are in ``fixed`` is not frozen."""
    fixed = run(first=1)
    case = problem(fixed=[fixed], current=[run(last=0)], frozen_periods=2)
    assert broken(case, fixed) == []


@pytest.mark.parametrize(
    ("rule", "case"),
    [
        (
            "capacity",
            problem(demands=[demand("a", effort=(2_000,) * 4), demand("b")], fixed=[run(what="a"), run(what="b", first=2, last=2)]),
        ),
        ("max_demands", problem([person(max_demands=1)], [demand("a"), demand("b")], fixed=[run(what="a"), run(what="b", last=0)])),
        ("effort", problem([ANN, BOB], [demand(max_people=2)], fixed=[run("ann"), run("bob", last=0, share_e4=1)])),
        ("max_people", problem([ANN, BOB], fixed=[run("ann", last=0), run("bob", first=1)])),
        (
            "shift",
            problem([ANN, BOB], [demand(max_people=2)], fixed=[run("ann", share_e4=1_000), run("bob", share_e4=1_000, first=1, shift=1)]),
        ),
        ("duplicate", problem(demands=[demand(max_people=2)], fixed=[run(last=0), run(first=2)])),
        (
            "apart",
            problem(
                [ANN, BOB],
                [demand("a"), demand("b")],
                projects=[Project(id="tower", apart=(frozenset({"ann", "bob"}),))],
                fixed=[run("ann", "a"), run("bob", "b")],
            ),
        ),
    ],
)
def test_s10_contradictory_fixed_runs_make_a_problem_infeasible(rule: str, case: Problem) -> None:
    """Fixed runs that by themselves break rule 2, 3, 5 or ``apart`` are named; any one of them alone is no conflict."""
    assert rules_of(verify.fixed_conflicts(case)) == [rule]
    for kept in case.fixed:
        assert verify.fixed_conflicts(replace(case, fixed=(kept,))) == ()


def test_s10_every_conflict_of_fixed_runs_is_listed() -> None:
    """Two full-time pins on one person: each period over capacity is named, with its figures."""
    work = [demand("a", effort=(2_400,) * 4), demand("b", effort=(2_400,) * 4)]
    conflicts = verify.fixed_conflicts(problem(demands=work, fixed=[run(what="a"), run(what="b", first=2)]))
    assert [dict(conflict.facts) for conflict in conflicts] == [
        {"person": "ann", "period": 2, "minutes": 4_800, "limit": 2_400},
        {"person": "ann", "period": 3, "minutes": 4_800, "limit": 2_400},
    ]


def test_s09_fixed_and_frozen_runs_over_capacity_are_conflicts_and_still_a_plan() -> None:
    """Where fixed runs fit by themselves, what frozen ones add is listed and the limit gives way."""
    work = [demand("a", effort=(2_400,) * 4), demand("b", effort=(2_400,) * 4)]
    case = problem(demands=work, fixed=[run(what="a")], current=[run(what="b")], frozen_periods=1)
    assert verify.fixed_conflicts(case) == ()
    (conflict,) = verify.pinned_conflicts(case)
    assert conflict.facts == {"person": "ann", "period": 0, "minutes": 4_800, "limit": 2_400}
    assert broken(case, run(what="a"), run(what="b", last=0)) == []


def test_a_fixed_share_that_no_capacity_covers_is_no_conflict() -> None:
    """A run delivers at most the capacity, so one fixed run alone never exceeds it."""
    pin = Run(person="ann", demand="build", share_e4=10_000, first=0, last=3)
    case = problem([person(capacity=(0, 10, 0, 0), usual=(2_400,) * 4)], [demand(effort=(9_000,) * 4)], fixed=[pin])
    assert verify.fixed_conflicts(case) == verify.pinned_conflicts(case) == ()
    assert broken(case, pin) == []

"""
Explanations held against plans found by trying everything: relaxations fill, no part of them does, every figure is a fresh solve's.

As a program: ``python -m tests.solver_models.staffing.explanation_checks 0 200`` checks the firms of those seeds and prints what it saw.
A third figure is the seconds that each explanation may take, for machines that are busy with other things: what is checked is truth.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from itertools import product
from typing import TYPE_CHECKING

from solver_models.staffing.changes import Kind, changed, relaxation
from solver_models.staffing.forced import Basis, Clock, is_filled
from solver_models.staffing.relaxations import remedies
from solver_models.staffing.verify import check_plan, objective_x60
from solver_models.staffing.why_not import why_not
from tests.solver_models.staffing.brute_force import best_plan
from tests.solver_models.staffing.forced_plans import best_plan_that, can_fill, employs
from tests.solver_models.staffing.random_problems import small_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver_models.staffing.changes import Relaxation
    from solver_models.staffing.problem import Problem
    from solver_models.staffing.relaxations import Remedy

TIME_S = 10.0
_ALL_PARTS = 400
"""Relaxations of more parts than that are checked by the parts that lack one step."""


def clock(time_s: float = TIME_S) -> Clock:
    """Some seconds from now."""
    return Clock(until=time.monotonic() + time_s)


def basis_of(problem: Problem) -> Basis | None:
    """The best plan, proven by trying everything."""
    best = best_plan(problem)
    return None if best is None else Basis(runs=best.plan, objective_x60=best.objective_x60, bound_x60=best.objective_x60)


def does_fill(problem: Problem, changes: Relaxation, demand_id: str, basis: Basis) -> bool:
    """The definition: some plan of the changed problem fills the demand and is worth more than the plan in hand."""
    return can_fill(changed(problem, changes), demand_id, over_x60=basis.objective_x60)


def parts(changes: Relaxation) -> Iterator[Relaxation]:
    """Every smaller part; of amounts of money and minutes, of which more never does less, none of it and one unit less."""
    kinds = [change for change, _ in changes]
    sizes = [sorted({0, n - 1, n}) if change.kind in (Kind.RATE, Kind.CHURN) else range(n + 1) for change, n in changes]
    whole = tuple(n for _, n in changes)
    listed = [part for part in product(*sizes) if part != whole]
    if len(listed) > _ALL_PARTS:
        listed = [tuple(n - (k == lacking) for k, n in enumerate(whole)) for lacking in range(len(whole))]
    yield from (relaxation(dict(zip(kinds, part, strict=True))) for part in listed)


def check_remedy(problem: Problem, demand_id: str, basis: Basis, remedy: Remedy) -> None:
    """The remedy's plan is one, fills the demand and is worth what it says; no part of it does, where that is claimed."""
    relaxed = changed(problem, remedy.changes)
    assert check_plan(relaxed, remedy.plan) == ()
    assert is_filled(relaxed, remedy.plan, demand_id)
    assert remedy.gain_x60 == objective_x60(relaxed, remedy.plan) - basis.objective_x60 > 0
    assert does_fill(problem, remedy.changes, demand_id, basis)
    if remedy.is_minimal:
        assert [part for part in parts(remedy.changes) if does_fill(problem, part, demand_id, basis)] == []


def check_relaxations(seed: int, time_s: float = TIME_S) -> Counter[str]:
    """Check every open demand of a random firm; what was seen."""
    problem, seen = small_problem(seed), Counter[str]()
    if (basis := basis_of(problem)) is None:
        return seen
    for demand in problem.demands:
        if not any(demand.effort) or is_filled(problem, basis.runs, demand.id):
            continue
        found = list(remedies(problem, demand.id, basis, clock(time_s)))
        assert found, f"nothing fills {demand.id} of firm {seed}"
        for remedy in found:
            check_remedy(problem, demand.id, basis, remedy)
            seen["minimal" if remedy.is_minimal else "unproven"] += 1
            seen.update(change.kind.value for change, _ in remedy.changes)
        seen["open"] += 1
    return seen


def check_why_not(seed: int, time_s: float = TIME_S) -> Counter[str]:
    """Check every person and demand of a random firm; what was seen."""
    problem, seen = small_problem(seed), Counter[str]()
    if (basis := basis_of(problem)) is None:
        return seen
    for person, demand in product(problem.people, problem.demands):
        said = why_not(problem, basis, person.id, demand.id, clock(time_s))
        forced = best_plan_that(problem, employs(person.id, demand.id))
        assert said.is_there == any((r.person, r.demand) == (person.id, demand.id) for r in basis.runs)
        if said.bars:
            assert forced is None, f"{said} is no bar in firm {seed}"
            seen.update(bar.rule for bar in said.bars)
        elif not said.is_there:
            assert forced is not None
            assert said.cost is not None
            assert said.cost.is_exact
            assert said.cost.low_x60 == basis.objective_x60 - forced.objective_x60
            seen["cost"] += 1
    return seen


def main() -> None:
    """Check a range of firms, and say after each how far it has come."""
    first, end = int(sys.argv[1]), int(sys.argv[2])
    time_s = float(sys.argv[3]) if len(sys.argv) > 3 else TIME_S
    relaxed, asked = Counter[str](), Counter[str]()
    for seed in range(first, end):
        relaxed += check_relaxations(seed, time_s)
        asked += check_why_not(seed, time_s)
        print(f"firms {first} to {seed} hold; relaxations {dict(relaxed)}; why not {dict(asked)}", flush=True)


if __name__ == "__main__":
    main()

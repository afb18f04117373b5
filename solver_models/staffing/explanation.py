"""Everything that is said of one open demand, or of one person and demand, as plain JSON: what crosses a pipe and what a command prints."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from solver_models.staffing.forced import Basis, Clock, is_filled
from solver_models.staffing.hall_sets import hall_set
from solver_models.staffing.relaxations import remedies
from solver_models.staffing.verify import objective_x60
from solver_models.staffing.why_not import Cost, why_not

if TYPE_CHECKING:
    from collections.abc import Mapping

    from solver_models.staffing.hall_sets import HallSet
    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Problem
    from solver_models.staffing.relaxations import Remedy
    from solver_models.staffing.why_not import WhyNot

_HALL_S = 0.15
"""Share of the time that the search for a shortfall may take."""


def basis_of(problem: Problem, answer: Answer) -> Basis:
    """
    The answer's plan as what is explained.

    Its bound counts only where the problem still gives its objective: somebody erased since costs nothing any more.
    """
    assert answer.assignments is not None
    value = objective_x60(problem, answer.assignments)
    bound = answer.bound_x60 if value == answer.objective_x60 else None
    return Basis(runs=answer.assignments, objective_x60=value, bound_x60=bound)


def explain_demand(problem: Problem, answer: Answer, demand_id: str, clock: Clock) -> dict[str, Any]:
    """Why a demand is open and what would fill it: ``is_filled``, ``shortfall``, ``relaxations`` and whether the time sufficed."""
    basis = basis_of(problem, answer)
    filled = is_filled(problem, basis.runs, demand_id)
    short = None
    relaxed: list[dict[str, Any]] = []
    if not filled:
        early = Clock(until=clock.until - (1 - _HALL_S) * clock.left_s, workers=clock.workers, stop=clock.stop)
        short = hall_set(problem, demand_id, early)
        relaxed = [_relaxed(remedy) for remedy in remedies(problem, demand_id, basis, clock)]
    return {
        "demand": demand_id,
        "is_filled": filled,
        "shortfall": None if short is None else _shortfall(short),
        "relaxations": relaxed,
        "is_complete": clock.left_s > 0,
    }


def explain_person(problem: Problem, answer: Answer, demand_id: str, person_id: str, clock: Clock) -> dict[str, Any]:
    """Why a person is not on a demand: ``is_there``, ``bars``, ``cost``, the runs that would go and come, and whether the time sufficed."""
    basis = basis_of(problem, answer)
    said = why_not(problem, basis, person_id, demand_id, clock)
    if said.cost is not None and not said.cost.is_exact:
        low = max(said.cost.low_x60, _least_cost_x60(problem, answer, basis, demand_id, person_id))
        high = None if said.cost.high_x60 is None else max(low, said.cost.high_x60)
        said = replace(said, cost=Cost(low_x60=low, high_x60=high))
    return {**_why_not(said, basis), "is_complete": said.is_there or bool(said.bars) or clock.left_s > 0}


def _least_cost_x60(problem: Problem, answer: Answer, basis: Basis, demand_id: str, person_id: str) -> int:
    """What the prices of the answer prove that it costs at least; nothing where they are not what its bound comes from."""
    if answer.certificate is None or answer.proof != "prices" or basis.bound_x60 is None:
        return 0
    from solver_models.staffing.fits import costs_of, least_cost_x60  # the pricing takes long to load, and is not needed where all is exact

    priced = costs_of(problem, answer.certificate, demand_id, [person_id]).get(person_id)
    return 0 if priced is None else least_cost_x60(basis.objective_x60, basis.bound_x60, priced)


def _why_not(said: WhyNot, basis: Basis) -> dict[str, Any]:
    cost = None if said.cost is None else {"low_x60": said.cost.low_x60, "high_x60": said.cost.high_x60, "is_exact": said.cost.is_exact}
    gone = new = None
    if said.plan is not None:
        gone = [asdict(r) for r in sorted(set(basis.runs) - set(said.plan))]
        new = [asdict(r) for r in sorted(set(said.plan) - set(basis.runs))]
    return {
        "demand": said.demand,
        "person": said.person,
        "is_there": said.is_there,
        "bars": [{"rule": bar.rule, "number": bar.number, "facts": dict(bar.facts)} for bar in said.bars],
        "cost": cost,
        "gone": gone,
        "new": new,
    }


def _shortfall(found: HallSet) -> dict[str, Any]:
    facts = asdict(found)
    return {**facts, "demands": list(found.demands), "people": list(found.people), "requires": dict(found.requires)}


def _relaxed(remedy: Remedy) -> dict[str, Any]:
    changes: list[Mapping[str, Any]] = [
        {name: value for name, value in asdict(change).items() if value not in ("", 0)} | {"kind": change.kind.value, "steps": steps}
        for change, steps in remedy.changes
    ]
    return {"changes": changes, "gain_x60": remedy.gain_x60, "is_minimal": remedy.is_minimal}

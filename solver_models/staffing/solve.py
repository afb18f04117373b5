"""
Solve a staffing problem, with a proof of how good the plan is.

The proof is the least bound met: of prices, which anybody can recompute (``prices``), or of an exact search that ended below it
(``search``). Prices are in the answer either way.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from itertools import islice
from typing import TYPE_CHECKING

from solver_models.limits import Limits
from solver_models.result import Progress, Status
from solver_models.staffing.budget import Budget
from solver_models.staffing.columns import Columns
from solver_models.staffing.components import components
from solver_models.staffing.demand_bound import demand_bound
from solver_models.staffing.exact import ModelContradictionError
from solver_models.staffing.explain import explain
from solver_models.staffing.greedy import greedy_plans
from solver_models.staffing.nothing import is_empty, nothing_planned
from solver_models.staffing.parts import Parts
from solver_models.staffing.pins import exceeded_limits
from solver_models.staffing.plan import Answer
from solver_models.staffing.problem import E4
from solver_models.staffing.roster import objective_x60
from solver_models.staffing.search import FEW_OPTIONS, Search
from solver_models.staffing.standing import Standing
from solver_models.staffing.warm import resumed_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver_models.staffing.problem import Problem, Run
    from solver_models.staffing.warm_answer import Warm

_EXPLAINED = 0.2
"""Share of the time that is kept for the explanation at most."""
_SHOWN_AT_ONCE = 2
"""First plans that do not wait for a bound: the pinned runs alone, and the one from nothing."""

__all__ = ["ModelContradictionError", "solve"]


_version = cache(version)
"""Reading what is installed takes longer than solving a small problem."""


def solve(
    problem: Problem,
    limits: Limits | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_plan: Callable[[tuple[Run, ...], int], None] | None = None,
    warm: Warm | None = None,
) -> Answer:
    """
    The best plan found within the limits, its bound, and the reason for every demand left open.

    Without people or demands there is nothing to plan, and nothing is claimed of the empty plan.

    ``on_progress`` hears of every better plan or bound, ``on_plan`` of every better plan (its runs and Z); both from search
    threads, one call at a time. ``warm`` is an earlier answer to begin from, of this problem or one like it.
    Raises ``ModelContradictionError`` if the search contradicts a plan in hand.
    """
    if is_empty(problem):
        return nothing_planned(problem)
    limits = limits or Limits()
    began = time.monotonic()
    columns = Columns(problem)
    engine = {name: _version(name) for name in ("muster", "ortools")}
    if columns.conflicts:
        return Answer(
            status=Status.INFEASIBLE,
            assignments=None,
            objective_x60=None,
            bound_x60=None,
            proof=None,
            conflicts=columns.conflicts,
            seed=limits.seed,
            engine=engine,
            seconds=time.monotonic() - began,
        )
    _ = columns.options
    # A third more than the options took to list, or less, the explanation will take; it is part of the time given.
    explained_s = min(_EXPLAINED * limits.time_s, (time.monotonic() - began) * 4 / 3)
    budget = Budget(replace(limits, time_s=limits.time_s - explained_s), began=began)
    standing = Standing(limits, budget, began=began, on_progress=on_progress, on_plan=on_plan)
    search = _searched(columns, budget, standing, warm)
    assert standing.plan is not None
    return Answer(
        status=Status.OPTIMAL if standing.objective == standing.bound else Status.FEASIBLE,
        assignments=standing.plan,
        objective_x60=standing.objective,
        bound_x60=standing.bound,
        proof="prices" if search.bound_e4 // E4 == standing.bound else "search",
        certificate=search.prices,
        conflicts=exceeded_limits(problem, columns.used),
        fills=explain(columns, standing.plan),
        seed=limits.seed,
        engine=engine,
        seconds=time.monotonic() - began,
    )


def _searched(columns: Columns, budget: Budget, standing: Standing, warm: Warm | None) -> Search | Parts:
    """A first plan at once, then a bound, then the search for better ones of both, part by part where there are several."""
    plans = greedy_plans(columns) if warm is None else iter((resumed_plan(columns, warm),))
    for first in islice(plans, _SHOWN_AT_ONCE):
        standing.offer(first, objective_x60(columns, first))
    bound, prices = demand_bound(columns)
    standing.tighten(bound)
    for first in plans:
        standing.offer(first, objective_x60(columns, first))
    parts = [] if standing.is_settled else components(columns, few=FEW_OPTIONS)
    several = len(parts) > 1
    search = Parts(parts, budget, standing, prices, warm) if several else Search(columns, budget, standing, prices, warm)
    search.run()
    return search

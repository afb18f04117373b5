"""A plan from the mix of schedules that the best prices come from, made whole step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.pricing import schedules_in
from solver_models.staffing.usage import Usage

if TYPE_CHECKING:
    from solver_models.staffing.bound import Pricing
    from solver_models.staffing.budget import Budget
    from solver_models.staffing.dense_prices import DensePrices
    from solver_models.staffing.pricing import Bests
    from solver_models.staffing.problem import Run

_HEAVY, _STEP = 0.9, 0.1
"""Schedules of at least this weight are fixed in a dive, and in any case a share of those left."""
_SURE, _PROJECTS = 0.1, 0.2
"""Projects are decided of which no more than this is sold, or missing, and in any case a share of those left."""
_ROUNDS, _ROOM = 3, 100
"""Rounds of pricing between two steps, and labels for one person: a good schedule, not a proof."""
_HALF = 0.5


class Dive:
    """
    Fixes the heaviest schedules, and whether all-or-nothing projects go ahead, lets the others answer to new prices, and so on.

    The bundle method ends with it: what it knows are only schedules that fit.
    """

    def __init__(self, pricing: Pricing, budget: Budget) -> None:
        self._pricing = pricing
        self._market = pricing.market
        self._table = pricing.market.table
        self._budget = budget
        self._bundle = pricing.bundle
        self._used = Usage(pricing.market, self._table.pinned_runs())
        self._fixed: dict[int, list[int]] = {}
        columns, a = self._table.columns, self._table.arrays
        self._open = [p.id for p in columns.problem.projects if columns.is_whole(p.id) and columns.terms.of_project.get(p.id)]
        self._of_demand = np.array([d.project for d in columns.problem.demands])
        self._barred = np.zeros(len(a.runs), dtype=bool)

    def run(self, *, share: float) -> tuple[Run, ...]:
        """A plan, within this share of the budget; what binds people together, or a project as a whole, may need mending."""
        while not self._budget.is_over(share):
            self._decide()
            if not self._fix():
                break
            self._settle()
        rest = [runs for weight, p, runs in self._bundle.weights if p not in self._fixed and weight > _HALF]
        return self._table.plan(r for runs in (*self._fixed.values(), *rest) for r in runs)

    def _decide(self) -> None:
        """Which of the projects go ahead whose share in the mix is surest."""
        sold = {project: self._bundle.sold(project) for project in self._open}
        surest = sorted(self._open, key=lambda project: -abs(sold[project] - _HALF))
        many = round(_PROJECTS * len(surest) + _HALF)
        decided = {p for n, p in enumerate(surest) if n < many or not _SURE < sold[p] < 1 - _SURE}
        a = self._table.arrays
        for project in decided:
            if sold[project] > _HALF:
                self._bundle.sell(project)
            else:
                self._barred |= (self._of_demand == project)[a.demand[a.option]]
        self._open = [project for project in self._open if project not in decided]

    def _fix(self) -> int:
        """Fix the next schedules, all of which fit together with the fixed ones; how many."""
        wanted, before = max(1, _STEP * (len(self._table.people) - len(self._fixed))), len(self._fixed)
        for weight, p, runs in self._bundle.weights:
            if weight < _HEAVY and len(self._fixed) - before >= wanted:
                break
            if p not in self._fixed and not self._barred[runs].any() and self._used.fits(runs):
                self._fixed[p] = runs
                for r in runs:
                    self._used.count(r)
        return len(self._fixed) - before

    def _settle(self) -> None:
        """Let everybody not fixed answer to the new prices, a few times."""
        people = np.array([p for p in range(len(self._table.people)) if p not in self._fixed], dtype=np.int64)
        if len(people) == 0:
            return
        barred = self._used.barred(people, self._barred)
        self._bundle.restrict(self._fixed, barred)

        def answer(prices: DensePrices) -> Bests:
            bests = self._pricing.pricer.best(self._market.vector(prices, barred), people, room=_ROOM)
            self._pricing.count(bests)
            self._pricing.pool.update(dict.fromkeys(schedules_in(self._table, bests)))
            return bests

        self._bundle.settle(answer, rounds=_ROUNDS)

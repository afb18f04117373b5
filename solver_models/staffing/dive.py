"""Plans from prices: everybody in turn takes the best schedule that is left, or the mix is made whole step by step."""

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

_ROOM = 1_000
"""Labels for one person: a good schedule, not a proof."""
_HEAVY, _STEP = 0.9, 0.1
"""Schedules of at least this weight are fixed in a dive, and in any case a share of those left."""
_SURE, _PROJECTS = 0.1, 0.2
"""Projects are decided of which no more than this is sold, or missing, and in any case a share of those left."""
_ROUNDS, _DIVE_ROOM = 3, 100
"""Rounds of pricing between two steps of a dive, and labels for one person."""
_HALF = 0.5


def take_turns(pricing: Pricing) -> tuple[Run, ...]:
    """
    Everybody takes the best schedule at the best prices, whoever brings most first, of what the ones before leave.

    Rules that bind people together may need mending.
    """
    market, table = pricing.market, pricing.market.table
    a = table.arrays
    assert pricing.best is not None
    prices = market.vector(pricing.best.prices)
    used = Usage(market, table.pinned_runs())
    pricer = pricing.pricer.fork()
    chosen: list[int] = []
    for p in np.argsort(-(pricing.values - a.base), kind="stable"):
        found = pricer.best(prices._replace(barred=used.barred([p])), np.array([p]), room=_ROOM)
        pricing.count(found)
        for r in found.chosen[0][found.chosen[0] >= 0] + a.run_at[p]:
            chosen.append(int(r))
            used.count(int(r))
    return table.plan(chosen)


class Dive:
    """
    Makes the mix of the bundle method whole.

    Step by step it fixes the heaviest schedules, and whether all-or-nothing projects go ahead, and lets the others answer to the new
    prices.
    """

    def __init__(self, pricing: Pricing, budget: Budget) -> None:
        self._pricing = pricing
        self._market = pricing.market
        self._table = pricing.market.table
        self._budget = budget
        self._bundle = pricing.bundle.copy()
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
            bests = self._pricing.pricer.best(self._market.vector(prices, barred), people, room=_DIVE_ROOM)
            self._pricing.count(bests)
            self._pricing.pool.update(dict.fromkeys(schedules_in(self._table, bests)))
            return bests

        self._bundle.settle(answer, rounds=_ROUNDS)

"""One search: greedy, prices that bound every plan, plans from the prices, neighbourhoods; small problems by the whole model."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from solver_models.staffing.bound import Pricing
from solver_models.staffing.bundle import PACE_NEAR
from solver_models.staffing.dense_prices import Market
from solver_models.staffing.dive import Dive
from solver_models.staffing.exact import prove
from solver_models.staffing.formats_size import largest_person_x60
from solver_models.staffing.greedy import filled_plan
from solver_models.staffing.hopeless import hopeless_projects
from solver_models.staffing.improve import Neighbourhoods
from solver_models.staffing.master import Master, NoMixError
from solver_models.staffing.mend import mended
from solver_models.staffing.pricing import Pricer
from solver_models.staffing.problem import E4
from solver_models.staffing.roster import objective_x60
from solver_models.staffing.run_table import RunTable
from solver_models.staffing.warm import resumed_prices

if TYPE_CHECKING:
    from solver_models.staffing.budget import Budget
    from solver_models.staffing.certificate import Prices
    from solver_models.staffing.columns import Columns
    from solver_models.staffing.problem import Run
    from solver_models.staffing.standing import Standing
    from solver_models.staffing.warm_answer import Warm

FEW_OPTIONS = 1_500
"""Up to so many options the whole model is searched right after the prices."""
_SOME_OPTIONS = 6_000
"""Up to so many it is searched once neighbourhoods find nothing any more."""
_COUNTED = 1 << 61
"""Largest amount that pricing may meet."""
_MANY_ROWS, _MANY_SHARED_ROWS = 10_000, 4_000
"""From so many rows on the linear program takes longer than it is worth, sooner where demands are shared."""
_FILLED_EVERY = 25
"""Better plans between two attempts to fill up what is left over of new minutes."""
_DESCENT, _GENERATION, _DIVE, _CUTS = 0.3, 0.5, 0.6, 0.7
"""Shares of the budget by which each phase has ended."""
_WARM_DESCENT = 0.75
"""The same where prices of an earlier answer are at hand."""
_FEW_PEOPLE = 150
"""Up to so many people the best choice among all schedules met is searched."""
_CHOICE_NODES = 500
_IN_VAIN = 30
"""Neighbourhoods in a row without a better plan after which the bound is looked at again."""


class Search:
    """
    Runs the phases; ``standing`` has a plan and a bound to begin with, and what they found.

    ``bound_e4`` is what ``prices`` prove, in ten-thousandths of Z; at first they are those of the bound there is.
    """

    def __init__(self, columns: Columns, budget: Budget, standing: Standing, prices: Prices, warm: Warm | None = None) -> None:
        self._columns = columns
        self._limits = budget.limits
        self._budget = budget
        self._standing = standing
        self._warm = warm
        self._workers = budget.limits.workers or os.cpu_count() or 1
        self.prices, self.bound_e4 = prices, E4 * standing.bound

    def run(self) -> None:
        """Search until optimal, the gap, the budget or a stop."""
        assert self._standing.plan is not None
        if self._standing.is_settled:
            return
        if not self._fits_pricing():
            prove(self._columns, self._standing, self._limits, self._budget, workers=self._workers)
            return
        with ThreadPoolExecutor(max_workers=self._workers) as threads:
            market = Market(RunTable(self._columns, hopeless_projects(self._columns)))
            pricing = Pricing(market, Pricer(market.table, threads), self._budget, self._standing.tighten)
            pricing.offer([market.table.plan(()), self._standing.plan])
            try:
                self._search(pricing, threads)
            finally:
                if pricing.best is not None and pricing.best.x60 <= self.bound_e4 // E4:
                    self.prices, self.bound_e4 = market.listed(pricing.best.prices), pricing.best.e4

    def _fits_pricing(self) -> bool:
        """Whether pricing can count in 64 bits: it does in ten-thousandths of Z, person by person and demand by demand."""
        problem = self._columns.problem
        most_people = max((min(d.max_people, len(problem.people)) for d in problem.demands), default=1)
        return E4 * max(1, most_people) * largest_person_x60(problem) < _COUNTED

    def _search(self, pricing: Pricing, threads: ThreadPoolExecutor) -> None:
        options = len(self._columns.options)
        is_warm = self._descend(pricing)
        if options > FEW_OPTIONS and not is_warm and not self._standing.is_settled:
            self._dive(pricing)
        master = None
        if len(self._columns.problem.people) <= _FEW_PEOPLE and self._suits_programs(pricing) and not self._standing.is_settled:
            master = self._generate(pricing)
            pricing.sharpen()
        if options > FEW_OPTIONS and not self._standing.is_settled:
            self._improve(pricing, master, threads, gives_up=options <= _SOME_OPTIONS)
        if not self._standing.is_settled and not self._budget.is_over():
            prove(self._columns, self._standing, self._limits, self._budget, workers=self._workers)

    def _descend(self, pricing: Pricing) -> bool:
        """Prices by the bundle method, from an earlier answer's if there are any; whether there were."""
        if self._warm is None or self._warm.prices is None:
            pricing.descend(share=_DESCENT)
            return False
        pricing.descend(resumed_prices(pricing.market, pricing.pricer, self._warm), share=_WARM_DESCENT, pace=PACE_NEAR)
        return True

    def _generate(self, pricing: Pricing) -> Master:
        """Column generation, and plans from what it mixes."""
        master = Master(pricing.market)
        try:
            pricing.vary(seed=self._limits.seed, share=_DESCENT)
            pricing.generate(master, share=_GENERATION)
            self._choose(pricing, master.copy_of(pricing.pool))
            if not self._standing.is_settled:
                pricing.cut(master, seed=self._limits.seed, share=_CUTS)
                self._choose(pricing, master.copy_of(pricing.pool))
        except NoMixError:
            pass
        return master

    def _dive(self, pricing: Pricing) -> None:
        """A plan from the mix that the prices come from."""
        runs = Dive(pricing, self._budget).run(share=_DIVE)
        self._offer(filled_plan(self._columns, mended(pricing, runs, self._budget, seed=self._limits.seed)))

    def _choose(self, pricing: Pricing, master: Master) -> None:
        """The best whole schedules among those met."""
        if not self._standing.is_settled:
            _, chosen = master.choose(seconds=self._budget.patience_s(1 / 4), nodes=_CHOICE_NODES)
            self._offer(filled_plan(self._columns, pricing.market.table.plan(r for s in chosen for r in s.chosen)))

    def _improve(self, pricing: Pricing, master: Master | None, threads: ThreadPoolExecutor, *, gives_up: bool) -> None:
        """Re-plan neighbourhoods until the budget is spent, or one after the other is in vain; then cuts, once."""
        assert self._standing.plan is not None
        around = Neighbourhoods(pricing, self._standing.plan, self._budget, seed=self._limits.seed, threads=threads)
        in_vain = better = 0
        while not self._standing.is_settled and not self._budget.is_over():
            if around.improve():
                in_vain, better = 0, better + 1
                self._standing.offer(around.plan, around.objective_x60)
                if better % _FILLED_EVERY == 0 and around.has_slack:
                    self._offer(filled_plan(self._columns, around.plan))
                continue
            if not around.looked_wide:
                continue
            in_vain += 1
            if in_vain == _IN_VAIN and gives_up:
                return
            if in_vain == _IN_VAIN and master is None and self._suits_programs(pricing):
                master, in_vain = self._mix(pricing), 0
            elif in_vain == _IN_VAIN and master is not None and pricing.mix:
                # Cuts that end for want of time leave prices and plan as they were.
                with suppress(NoMixError):
                    pricing.cut(master, seed=self._limits.seed, share=self._half_left)

    @staticmethod
    def _suits_programs(pricing: Pricing) -> bool:
        return pricing.market.rows < (_MANY_SHARED_ROWS if pricing.market.has_shares else _MANY_ROWS)

    @property
    def _half_left(self) -> float:
        """The share of the budget at which half of what is left now is spent."""
        return (1 + self._budget.used) / 2

    def _mix(self, pricing: Pricing) -> Master:
        """Column generation alone, for better prices, with half of what is left."""
        master = Master(pricing.market)
        with suppress(NoMixError):
            pricing.generate(master, share=self._half_left)
        return master

    def _offer(self, runs: tuple[Run, ...]) -> None:
        self._standing.offer(runs, objective_x60(self._columns, runs))

"""Plans from prices: everybody in turn takes the best schedule that is left, or the mix is made whole step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.budget import ROW_WORK
from solver_models.staffing.master import Master, NoMixError
from solver_models.staffing.pricing import schedules_in
from solver_models.staffing.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Collection

    from solver_models.staffing.bound import Pricing
    from solver_models.staffing.budget import Budget
    from solver_models.staffing.problem import Run
    from solver_models.staffing.schedules import Schedule

_HEAVY = 0.9
"""Schedules of at least this weight are fixed in a dive, and in any case a share of all."""
_STEP = 0.1
_ROOM = 1_000
"""Labels for one person: a good schedule, not a proof."""
_ROUNDS = 3
"""Rounds of pricing between two steps of a dive."""
_SHARED_STEP, _SHARED_ROUNDS = 0.2, 1
"""The same where demands are shared and each round takes long."""


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
    """Makes the mix of a master whole: fixes its heaviest schedules, lets the others answer to the new prices, and so on."""

    def __init__(self, pricing: Pricing, budget: Budget) -> None:
        self._pricing = pricing
        self._budget = budget
        self._table = pricing.market.table
        self._master = Master(pricing.market)
        self._master.add(pricing.pool)
        self._used = Usage(pricing.market, self._table.pinned_runs())
        self._fixed: dict[str, Schedule] = {}
        self._step, self._rounds = (_SHARED_STEP, _SHARED_ROUNDS) if pricing.market.has_shares else (_STEP, _ROUNDS)

    def run(self, *, share: float) -> tuple[Run, ...]:
        """A plan, within this share of the budget; where shifts were mixed, rules may need mending."""
        try:
            self._master.solve(seconds=self._budget.seconds_left)
            while not self._budget.is_over(share) and (step := self._heaviest()):
                for schedule in step:
                    self._master.fix(schedule)
                self._settle()
        except NoMixError:
            pass
        rest = [s for _, s in self._master.mix() if s.person not in self._fixed]
        return self._table.plan(r for s in (*self._fixed.values(), *rest) for r in s.chosen)

    def _heaviest(self) -> Collection[Schedule]:
        """The next schedules to fix, all of which fit together with the fixed ones."""
        step: list[Schedule] = []
        for weight, schedule in self._master.mix():
            if weight < _HEAVY and len(step) >= max(1, self._step * (len(self._table.people) - len(self._fixed))):
                break
            if schedule.person not in self._fixed and self._used.fits(schedule.chosen):
                step.append(schedule)
                self._fixed[schedule.person] = schedule
                for r in schedule.chosen:
                    self._used.count(r)
        return step

    def _settle(self) -> None:
        """Let everybody not fixed answer to the new prices, a few times."""
        people = np.array([n for n, p in enumerate(self._table.people) if p not in self._fixed], dtype=np.int64)
        barred = self._used.barred(people)
        for _ in range(self._rounds):
            _, prices = self._master.solve(seconds=self._budget.seconds_left)
            if self._budget.is_stopped or len(people) == 0:
                return
            bests = self._pricing.pricer.best(self._pricing.market.vector(prices, barred), people, room=_ROOM)
            self._pricing.count(bests)
            self._budget.spend(ROW_WORK * len(self._master.schedules))
            if self._master.add(schedules_in(self._table, bests)) == 0:
                return
        self._master.solve(seconds=self._budget.seconds_left)

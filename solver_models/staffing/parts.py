"""One search after the other through the parts of a problem that nothing ties to each other; plans, bounds and prices add up."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from solver_models.staffing.budget import Budget
from solver_models.staffing.certificate import Prices
from solver_models.staffing.columns import Columns
from solver_models.staffing.demand_bound import demand_bound
from solver_models.staffing.problem import E4
from solver_models.staffing.roster import objective_x60
from solver_models.staffing.search import Search
from solver_models.staffing.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver_models.limits import Limits
    from solver_models.result import Progress
    from solver_models.staffing.problem import Problem, Run
    from solver_models.staffing.warm_answer import Warm


class Parts:
    """
    Searches each part in its share of the budget, by people and demands; what one leaves goes to those after it.

    ``standing`` has a plan and a bound of the whole already, ``prices`` prove the bound; from them on the whole is as much better
    as the parts together are. ``bound_e4`` is what ``prices`` prove, in ten-thousandths of Z: parts are rounded together, not each.
    """

    def __init__(self, parts: Sequence[Problem], budget: Budget, standing: Standing, prices: Prices, warm: Warm | None = None) -> None:
        assert standing.plan is not None
        assert standing.objective is not None
        self._parts = parts
        self._budget = budget
        self._standing = standing
        self._warm = warm
        self._objective, self._bound_e4 = standing.objective, E4 * standing.bound
        self.prices, self.bound_e4 = prices, E4 * standing.bound
        part_of = {p.id: n for n, part in enumerate(parts) for p in part.people}
        runs = defaultdict[int, list["Run"]](list)
        for r in standing.plan:
            runs[part_of[r.person]].append(r)
        self._runs = [tuple(runs[n]) for n in range(len(parts))]

    def run(self) -> None:
        """Search until all are optimal or near enough, the budget is spent, or somebody asks to stop."""
        for n, part in enumerate(self._parts):
            if self._standing.is_settled or self._budget.is_over():
                return
            self._search(n, Columns(part))

    def _search(self, n: int, columns: Columns) -> None:
        limits = self._limits_of(n)
        budget = Budget(limits, began=time.monotonic())
        first, (bound, prices) = objective_x60(columns, self._runs[n]), demand_bound(columns)
        objective_of_others, bound_of_others_e4 = self._objective - first, self._bound_e4 - E4 * bound

        def saw_plan(runs: tuple[Run, ...], objective: int) -> None:
            self._runs[n] = runs
            self._objective = objective_of_others + objective
            self._standing.offer(tuple(sorted(r for part in self._runs for r in part)), self._objective)

        def saw(progress: Progress) -> None:
            if progress.bound_x60 is not None and progress.bound_x60 < bound:
                # Rounded down here already: with all of the unit that may be missing, no sum of parts is too low.
                self._standing.tighten((bound_of_others_e4 + E4 * (progress.bound_x60 + 1)) // E4)

        standing = Standing(limits, budget, began=time.monotonic(), bound=bound, on_progress=saw, on_plan=saw_plan)
        standing.offer(self._runs[n], first)
        search = Search(columns, budget, standing, prices, self._warm)
        search.run()
        self._budget.spend(budget.work)
        is_priced = search.bound_e4 // E4 == standing.bound
        self._bound_e4 = bound_of_others_e4 + (search.bound_e4 if is_priced else E4 * standing.bound)
        self._standing.tighten(self._bound_e4 // E4)
        self.bound_e4 += search.bound_e4 - E4 * bound
        self.prices = _together(self.prices, search.prices, {d.id for d in columns.problem.demands})

    def _limits_of(self, n: int) -> Limits:
        """The part's share of what is left."""
        sizes = [len(part.people) * len(part.demands) for part in self._parts[n:]]
        share = sizes[0] / sum(sizes)
        work = None if self._budget.limits.work is None else share * (self._budget.limits.work - self._budget.work)
        return replace(self._budget.limits, time_s=share * self._budget.seconds_left, work=work)


def _together(prices: Prices, of_part: Prices, demands: set[str]) -> Prices:
    """Prices of the whole, with those of a part in place of what its demands had."""
    heads = {d: price for d, price in prices.heads.items() if d not in demands}
    return Prices(
        share={**prices.share, **of_part.share},
        heads={**heads, **of_part.heads},
        apart={**prices.apart, **of_part.apart},
        together={**prices.together, **of_part.together},
        cuts={**prices.cuts, **of_part.cuts},
    )

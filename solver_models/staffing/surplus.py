"""What prices leave over: what the demand side would sell at them less what everybody's best schedules use; a subgradient."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solver_models.staffing.problem import E4, LEAST_SHARE_E4

if TYPE_CHECKING:
    from solver_models.staffing.dense_prices import DensePrices, Market
    from solver_models.staffing.pricing import Bests

Floats = NDArray[np.float64]


class Surplus:
    """Vectors over the market's prices: of runs by demand, of shares by row and period, new minutes, groups apart and together."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._columns = market.table.columns
        problem = self._columns.problem
        self.apart = [(p.id, g) for p in problem.projects for g in range(len(p.apart))]
        free = [p for p in problem.projects if p.id not in self._columns.pinned_projects]
        self.together = [(p.id, g, i) for p in free for g, group in enumerate(p.together) if len(group) > 1 for i in sorted(group)]

    @cached_property
    def may_be_negative(self) -> NDArray[np.bool_]:
        """Rows and periods of all-or-nothing projects that the plan may still fill."""
        is_whole = np.array(
            [self._columns.is_whole(self._columns.terms.demands[d].project) for d, _ in self._market.table.row_index], dtype=bool
        )
        mask: NDArray[np.bool_] = self._market.priced & is_whole[:, None]
        mask[:, : self._columns.terms.frozen] = False
        return mask

    def supply(self, prices: DensePrices) -> Floats:
        """What the demand side sells: every unit at its dearest shift, whole projects only when they are worth it."""
        market, columns = self._market, self._columns
        sold = np.isin(market.row_choice, market.taken_choices(prices)[0])
        heads = np.zeros(len(market.table.demand_index))
        heads[market.row_demand[sold]] = market.people_limit[market.row_demand[sold]]
        share = np.zeros(0)
        if market.has_shares:
            limit = market.share_limit if not prices.share.size else np.where(prices.share >= 0, market.share_limit, LEAST_SHARE_E4)
            share = np.where(sold[:, None] & self._market.priced, limit / E4, 0.0).ravel()
        apart = [max(1, columns.used.apart.get(key, 0)) for key in self.apart]
        worth: dict[tuple[str, int], int] = {}
        for project, g, person in self.together:
            worth[project, g] = worth.get((project, g), 0) + prices.together.get((project, g, person), 0)
        together = [float(worth[project, g] > 0) for project, g, _ in self.together]
        return np.concatenate((heads, share, [columns.problem.policy.max_churn_minutes or 0], apart, together))

    def usage(self, bests: Bests) -> Floats:
        """What the schedules use, pinned runs included."""
        table, a = self._market.table, self._market.table.arrays
        runs = (bests.chosen + a.run_at[bests.people][:, None])[bests.chosen >= 0]
        heads = np.bincount(a.demand[a.option[runs]], weights=a.heads[runs], minlength=len(table.demand_index))
        share = np.zeros((len(table.row_index), table.horizon) if self._market.has_shares else (0, 0))
        fresh, working = float(a.fresh[runs].sum()), set()
        for b, n in zip(table.pinned_runs(), table.pins, strict=True):
            heads[a.demand[n]] += 1
            fresh += sum(b.option.fresh[: b.last - b.option.lo + 1])
            working.add(int(a.pair[n]))
            if share.size:
                share[a.row[n], b.first : b.last + 1] += b.option.share_e4 / E4
        if share.size:
            for r in runs:
                o = a.option[r]
                share[a.row[o], a.first[r] : a.last[r] + 1] += a.share_e4[o] / E4
            share *= self._market.priced
        working |= {int(pair) for pair in a.pair[a.option[runs]]}
        works = {key for key, n in table.pair_index.items() if n in working}
        projects = self._columns.terms.projects
        apart = [sum((person, project) in works for person in projects[project].apart[g]) for project, g in self.apart]
        together = [float((person, project) in works) for project, _, person in self.together]
        return np.concatenate((heads, share.ravel(), [fresh], apart, together))

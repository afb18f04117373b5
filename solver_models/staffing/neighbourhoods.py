"""
Where to look for a better plan: people who compete for the same demands, where plan and prices lie apart.

What separates plan and bound is, person by person, how much more the best schedule at the prices is worth than the one in the plan,
and demand by demand, what an open one would be sold for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Sequence

    from solver_models.staffing.bound import Pricing
    from solver_models.staffing.dense_prices import DensePrices
    from solver_models.staffing.run_table import Ints
    from solver_models.staffing.schedules import Schedule
    from solver_models.staffing.usage import Usage

Floats = NDArray[np.float64]

_NOISE = 0.5
"""How far chance may outweigh likeness when people are put together."""
_BY_DEMAND = 0.5
"""How often an open demand brings people together, rather than a person."""


class Losses:
    """What plan and prices lie apart: ``regret`` by person, ``open_worth`` by demand."""

    def __init__(self, pricing: Pricing) -> None:
        self._pricing = pricing
        self._market = pricing.market
        self._prices: DensePrices | None = None
        self._paid = np.zeros(0)
        self._worth = np.zeros(len(pricing.market.table.people))

    def look(self, schedules: Sequence[Schedule], used: Usage, changed: Iterable[int]) -> tuple[Floats, Floats]:
        """Both, of a plan in which these people have other schedules than when last asked."""
        assert self._pricing.best is not None
        prices = self._pricing.best.prices
        if self._prices is not prices:
            self._prices, self._paid, changed = prices, run_payments(self._pricing, prices), range(len(schedules))
        for p in changed:
            self._worth[p] = schedules[p].value - self._paid[list(schedules[p].chosen)].sum()
        return np.maximum(0.0, self._pricing.values - self._worth), self._open_worth(prices, used)

    def _open_worth(self, prices: DensePrices, used: Usage) -> Floats:
        market = self._market
        worth: Floats = prices.heads * np.maximum(0, market.people_limit - used.heads).astype(float)
        if prices.share.size:
            left = np.maximum(0, np.where(market.priced, market.share_limit - used.share_e4, 0))
            by_row = (np.maximum(0, prices.share) * left).sum(axis=1) / E4
            # Of a demand's shifts one is sold: the dearest.
            np.maximum.at(by_demand := np.zeros(len(worth)), market.row_demand, by_row)
            worth = worth + by_demand
        return worth


def run_payments(pricing: Pricing, prices: DensePrices) -> Floats:
    """What each run of the table pays at prices, in units of Z, groups and cuts apart."""
    a = pricing.market.table.arrays
    paid: Floats = (prices.heads[a.demand[a.option]] * a.heads + prices.fresh * a.fresh).astype(float)
    if prices.share.size:
        sums = np.zeros((len(prices.share), prices.share.shape[1] + 1), dtype=np.int64)
        np.cumsum(prices.share, axis=1, out=sums[:, 1:])
        row = a.row[a.option]
        paid += a.share_e4[a.option] / E4 * (sums[row, a.last + 1] - sums[row, a.first])
    return paid


class Rivals:
    """Draws people who want the same demands."""

    def __init__(self, pricing: Pricing, draw: random.Random) -> None:
        self._draw = draw
        table, a = pricing.market.table, pricing.market.table.arrays
        pairs = np.unique(np.stack([table.person_of_run, a.demand[a.option]]), axis=1)
        self._wanted = np.split(pairs[1], np.searchsorted(pairs[0], np.arange(1, len(table.people))))
        by_demand = pairs[:, np.lexsort((pairs[0], pairs[1]))]
        self._able = np.split(by_demand[0], np.searchsorted(by_demand[1], np.arange(1, len(table.demand_index))))
        self._sizes = np.array([len(w) for w in self._wanted])

    def people(self, regret: Floats, open_worth: Floats, taken: set[int], *, size: int) -> Ints:
        """Those who could do an open demand, or want the same demands as somebody who lost much, with some chance; sorted."""
        draw = self._draw
        if open_worth.any() and draw.random() < _BY_DEMAND:
            able = self._able[weighted(draw, open_worth)]
            start = int(able[draw.randrange(len(able))]) if len(able) else draw.randrange(len(regret))
            wanted = np.unique(np.concatenate([self._wanted[start], *(self._wanted[p] for p in able[:1])]))
            first = able
        else:
            start = weighted(draw, regret) if regret.any() else draw.randrange(len(regret))
            wanted, first = self._wanted[start], np.array([start])
        shared = np.bincount(np.concatenate([self._able[d] for d in wanted] or [first]), minlength=len(regret)).astype(float)
        likeness = shared / np.maximum(1, len(wanted) + self._sizes - shared)
        candidates = np.array([int(p) for p in np.flatnonzero(shared) if int(p) not in taken], dtype=np.int64)
        chance = np.array([draw.random() for _ in candidates])
        score = likeness[candidates] / max(1e-9, likeness.max()) + _NOISE * chance + np.isin(candidates, first) * 0.5
        return np.sort(candidates[np.argsort(-score, kind="stable")[:size]])


def weighted(draw: random.Random, weights: Floats) -> int:
    """An index, drawn by weight."""
    total = np.cumsum(weights)
    return int(min(np.searchsorted(total, draw.random() * total[-1], side="right"), len(weights) - 1))

"""
Prices to start from: of a problem in which a person's minutes may be sold in any parts, so that everything is arithmetic on arrays.

Each person's minutes get a price per period; a demand goes to whom it leaves most, and costs what lies between that and the next
best offer. A few hundred subgradient steps on the minutes' prices take a fraction of a second for hundreds of people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solver_models.staffing.dense_prices import DensePrices
from solver_models.staffing.kernel.auction import sell
from solver_models.staffing.problem import E4
from solver_models.staffing.usage import Usage

Floats = NDArray[np.float64]

if TYPE_CHECKING:
    from solver_models.staffing.dense_prices import Market
    from solver_models.staffing.pricing import Pricer
    from solver_models.staffing.run_table import Ints, RunTable

_STEPS = 250
_STEP = 0.05
_STEP_SHRINKS = 0.6
_STEP_LEAST = 1e-4
_PATIENCE = 5
_FRESH_SCALE = 1e-3
"""New minutes are counted over everybody, minutes person by person and period by period."""


def start_prices(market: Market, pricer: Pricer) -> DensePrices:
    """Prices of runs and new minutes; each person's own prices per minute become where the pricer starts from."""
    auction = _Auction(market)
    auction.run()
    pricer.per_minute[:] = auction.per_minute
    return auction.prices()


def offered_prices(market: Market, per_minute: Floats, fresh: int) -> DensePrices:
    """What demands would be sold for if people's minutes, and new ones, cost so much."""
    auction = _Auction(market)
    auction.per_minute, auction.per_fresh = per_minute.copy(), float(E4 * fresh)
    return auction.prices()


class _Auction:
    """Subgradient steps on the prices of people's minutes and of new minutes, in ten-thousandths of Z; the best are kept."""

    def __init__(self, market: Market) -> None:
        table = market.table
        self._market = market
        self._arrays = table.arrays
        self._runs = _best_runs(table)
        self._people = table.person_of_run[self._runs]
        self._demands = len(table.demand_index)
        limit = table.columns.problem.policy.max_churn_minutes
        self._fresh_limit = None if limit is None else limit - Usage(market, table.pinned_runs()).fresh
        self.per_minute = np.zeros((len(table.person_index), table.horizon))
        self.per_fresh = 0.0

    def run(self) -> None:
        """Step until the steps are small."""
        per_minute, per_fresh, least, step, fails = self.per_minute.copy(), 0.0, np.inf, _STEP, 0
        for _ in range(_STEPS):
            free = self._arrays.capacity.astype(float)
            total, fresh = self._sell(per_minute, per_fresh, free)
            slack = 0.0 if self._fresh_limit is None else float(self._fresh_limit - fresh)
            total += float((per_minute * self._arrays.capacity).sum()) + per_fresh * (self._fresh_limit or 0)
            if not np.isfinite(least) or total < least - 1e-5 * abs(least):
                self.per_minute, self.per_fresh, least, fails = per_minute.copy(), per_fresh, total, 0
            else:
                fails += 1
                if fails >= _PATIENCE:
                    step, fails = step * _STEP_SHRINKS, 0
                    per_minute, per_fresh = self.per_minute.copy(), self.per_fresh
                    if step < _STEP_LEAST:
                        return
                    continue
            active = (per_minute > 0) | (free < 0)
            norm = float((free[active] ** 2).sum()) + _FRESH_SCALE * slack * slack
            if norm == 0:
                return
            per_minute = np.maximum(0, per_minute - step * least / norm * free)
            per_fresh = max(0.0, per_fresh - step * least / norm * _FRESH_SCALE * slack)

    def prices(self) -> DensePrices:
        """What lies between the best and the second-best offer for each demand at the best prices of minutes."""
        self._sell(self.per_minute, self.per_fresh, self._arrays.capacity.astype(float))
        halfway = (np.maximum(self._first, 0) + np.maximum(self._second, 0)) / (2 * E4)
        return _by_share(self._market, np.maximum(0, halfway).astype(np.int64), int(self.per_fresh / E4))

    def _sell(self, per_minute: Floats, per_fresh: float, free: Floats) -> tuple[float, int]:
        self._first, self._second = np.zeros(self._demands), np.zeros(self._demands)
        left: tuple[float, int] = sell(self._arrays, self._runs, self._people, per_minute, per_fresh, free, self._first, self._second)
        return left


def _by_share(market: Market, heads: Ints, fresh: int) -> DensePrices:
    """The price of a demand that several people may share is one of its shares, evenly over its periods."""
    is_shared = market.people_limit > 1
    share = np.zeros((0, 0), dtype=np.int64)
    if is_shared.any():
        spread = np.where(is_shared, heads, 0)[market.row_demand] // np.maximum(1, market.priced.sum(axis=1))
        share = np.where(market.priced, spread[:, None], 0)
    return DensePrices(share=share, heads=np.where(is_shared, 0, heads), fresh=fresh, apart={}, together={})


def _best_runs(table: RunTable) -> Ints:
    """The most valuable run of each person on each demand."""
    a = table.arrays
    pair = table.person_of_run * len(table.demand_index) + a.demand[a.option]
    order = np.lexsort((-a.value, pair))
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = pair[order][1:] != pair[order][:-1]
    return np.ascontiguousarray(order[is_first & (a.heads[order] == 1)], dtype=np.int64)

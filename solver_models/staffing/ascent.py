"""
Subgradient steps on the prices: what people ask for beyond what there is becomes dearer, what is left over cheaper.

Each step is answered by everybody's best schedule, aims a little below the least bound so far and shrinks when that gains nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solver_models.staffing.dense_prices import DensePrices
from solver_models.staffing.surplus import Surplus

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver_models.staffing.dense_prices import Market
    from solver_models.staffing.pricing import Bests

Floats = NDArray[np.float64]

STEP = 0.01
"""First step from anywhere, as a share of the bound that it aims below."""
_STEP_LEAST = 2e-4
_STEP_SHRINKS = 0.6
_STEP_GROWS = 1.2
"""Of steps that begin small, as long as they all help."""
_PATIENCE = 4
_INERTIA = 0.5
_OF_SEVERAL = 0.1
"""How fast the price of a run moves where several people may share: the price of the share moves for it."""
_PER_MINUTE = 1 / 300_000
"""A new minute's price beside a run's, about."""


class Ascent:
    """The steps on one market; shares are priced only where they say more than the limit on runs does."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._surplus = Surplus(market)
        self._scale = self._scales()
        self._floor = self._floors()

    def climb(
        self, start: DensePrices, ask: Callable[[DensePrices], tuple[int, Bests]], is_over: Callable[[], bool], *, step: float = STEP
    ) -> None:
        """
        Take steps from ``start``, whose cuts keep their prices.

        ``ask``, which is asked once in any case, answers with the bound at prices and everybody's best schedules.
        """
        at = self._flat(start)
        fails, best, grows = 0, None, step < STEP
        direction: Floats | None = None
        while step >= _STEP_LEAST and (best is None or not is_over()):
            prices = replace(self._prices(at), cuts=start.cuts)
            bound, bests = ask(prices)
            is_better = best is None or bound < best - abs(best) // 1_000_000
            best = bound if best is None else min(best, bound)
            fails = 0 if is_better else fails + 1
            if fails >= _PATIENCE:
                step, fails, grows = step * _STEP_SHRINKS, 0, False
            elif is_better and grows:
                step = min(STEP, step * _STEP_GROWS)
            slack = self._surplus.supply(prices) - self._surplus.usage(bests)
            direction = slack if direction is None else _INERTIA * direction + (1 - _INERTIA) * slack
            moves = direction * self._scale
            free = (at > self._floor) | (moves < 0)
            norm = float(moves[free] @ slack[free])
            if norm <= 0:
                norm = float((slack[free] ** 2) @ self._scale[free])
            if norm <= 0:
                return
            at = np.maximum(self._floor, at - step * max(abs(best), 1) / norm * moves)

    def _flat(self, prices: DensePrices) -> Floats:
        rows, horizon = len(self._market.table.row_index), self._market.table.horizon
        share = prices.share.ravel() if prices.share.size else np.zeros(rows * horizon)
        apart = [prices.apart.get(key, 0) for key in self._surplus.apart]
        together = [prices.together.get(key, 0) for key in self._surplus.together]
        flat: Floats = np.concatenate((prices.heads, share if self._market.has_shares else [], [prices.fresh], apart, together)).astype(
            float
        )
        return flat

    def _prices(self, at: Floats) -> DensePrices:
        demands, rows, horizon = len(self._market.table.demand_index), len(self._market.table.row_index), self._market.table.horizon
        shares = rows * horizon if self._market.has_shares else 0
        whole = np.round(at).astype(np.int64)
        groups = whole[demands + shares + 1 :]
        return DensePrices(
            heads=whole[:demands],
            share=whole[demands : demands + shares].reshape(rows, horizon) if shares else np.zeros((0, 0), dtype=np.int64),
            fresh=int(whole[demands + shares]),
            apart={key: int(v) for key, v in zip(self._surplus.apart, groups[: len(self._surplus.apart)], strict=True) if v},
            together={key: int(v) for key, v in zip(self._surplus.together, groups[len(self._surplus.apart) :], strict=True) if v},
        )

    def _scales(self) -> Floats:
        """How far prices of a kind lie apart: the most that a run on the demand brings, by period for shares."""
        market, a = self._market, self._market.table.arrays
        most = np.ones(len(market.table.demand_index))
        np.maximum.at(most, a.demand[a.option], a.value.astype(float))
        mean = most.mean()
        share = np.zeros(0)
        if market.has_shares:
            length = np.maximum(1, market.priced.sum(axis=1))
            share = np.where(market.priced, (most[market.row_demand] / length)[:, None], 0.0).ravel()
        fresh = mean * _PER_MINUTE**2 if market.table.columns.problem.policy.max_churn_minutes is not None else 0.0
        groups = np.full(len(self._surplus.apart) + len(self._surplus.together), mean)
        heads = np.where(market.people_limit > 1, most * _OF_SEVERAL, most)
        scales: Floats = np.concatenate((heads, share, [fresh], groups)) / mean
        return scales

    def _floors(self) -> Floats:
        """Least prices: none is negative but shares of all-or-nothing projects and of people together."""
        market = self._market
        share = np.where(self._surplus.may_be_negative, -np.inf, 0.0).ravel() if market.has_shares else np.zeros(0)
        demands = np.zeros(len(market.table.demand_index))
        floors: Floats = np.concatenate(
            (demands, share, [0.0], np.zeros(len(self._surplus.apart)), np.full(len(self._surplus.together), -np.inf))
        )
        return floors

"""
A warm start: an earlier answer, perhaps of a slightly different problem, as where to begin.

Whatever the new problem does not know, or does not allow any more, is left out without a word. The earlier prices still bound
every plan, and what plan and prices lie apart at them is what changed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.certificate import Prices
from solver_models.staffing.greedy import filled_plan
from solver_models.staffing.price_space import PriceSpace
from solver_models.staffing.roster import Roster, objective_x60
from solver_models.staffing.start_prices import offered_prices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solver_models.staffing.columns import Columns
    from solver_models.staffing.dense_prices import Cut, DensePrices, Market
    from solver_models.staffing.pricing import Pricer
    from solver_models.staffing.problem import Run
    from solver_models.staffing.run_table import Ints
    from solver_models.staffing.warm_answer import Warm


def resumed_plan(columns: Columns, warm: Warm) -> tuple[Run, ...]:
    """The best of the pinned runs alone, what can stay of the earlier plan, and of the plan in force, both filled up."""
    plans = [Roster(columns).runs(), filled_plan(columns, warm.assignments)]
    if set(columns.problem.current) - set(warm.assignments):
        plans.append(filled_plan(columns, columns.problem.current))
    return max(plans, key=lambda runs: objective_x60(columns, runs))


def resumed_prices(market: Market, pricer: Pricer, warm: Warm) -> DensePrices:
    """
    The earlier prices, and for demands that have none what an auction of them gives.

    New demands are offered to people at the prices per minute that the earlier prices leave them.
    """
    assert warm.prices is not None
    prices = known_prices(market, warm.prices)
    new = _unknown(market, prices, warm)
    if not new.any():
        return prices
    a = market.table.arrays
    pricer.best(market.vector(prices, new[a.demand[a.option]]))
    offered = offered_prices(market, pricer.per_minute, prices.fresh)
    shape = max(prices.share.shape, offered.share.shape)
    share, fresh_share = (p.share if p.share.size else np.zeros(shape, dtype=np.int64) for p in (prices, offered))
    return replace(
        prices,
        heads=np.where(new, offered.heads, prices.heads),
        share=np.where(new[market.row_demand][:, None], fresh_share, share) if shape[0] else share,
    )


def known_prices(market: Market, prices: Prices) -> DensePrices:
    """The prices that a table knows, of rules that bind in its problem; each at least what it must be."""
    space, limited = PriceSpace(market), market.table.columns.problem.policy.max_churn_minutes is not None
    apart, together = set(space.apart), set(space.together)
    known = Prices(
        share={key: v for key, v in prices.share.items() if key[2] >= 0} if market.has_shares else {},
        heads={d: h for d, h in prices.heads.items() if h > 0},
        fresh=max(0, prices.fresh) if limited else 0,
        apart={key: a for key, a in prices.apart.items() if key in apart and a > 0},
        together={key: w for key, w in prices.together.items() if key in together},
    )
    dense = replace(market.dense(known), cuts=_known_cuts(market, prices))
    if not dense.share.size:
        return dense
    share = _placed(market, space, dense.share)
    return replace(dense, share=np.where((share > 0) | space.may_be_negative, share, 0))


def _placed(market: Market, space: PriceSpace, share: Ints) -> Ints:
    """Prices of shares where they count: where one period stands for a whole window, all that the window had."""
    placed = np.where(space.priced, share, 0)
    is_one = market.priced.sum(axis=1) == 1
    placed[is_one[:, None] & market.priced] = share.sum(axis=1)[is_one]
    return placed


def _known_cuts(market: Market, prices: Prices) -> dict[Cut, int]:
    """Cuts of demands that still have one run each."""
    table = market.table
    pinned = {int(table.arrays.demand[n]) for n in table.pins}
    single = {d: n for d, n in table.demand_index.items() if market.people_limit[n] == 1 and n not in pinned}
    return {
        (tuple(sorted(single[d] for d in demands)), -1 if person is None else table.person_index[person]): price
        for (demands, person), price in prices.cuts.items()
        if price > 0 and all(d in single for d in demands) and (person is None or person in table.person_index)
    }


def _unknown(market: Market, prices: DensePrices, warm: Warm) -> NDArray[np.bool_]:
    """Demands of which the earlier answer says nothing."""
    known: NDArray[np.bool_] = (prices.heads > 0) | np.array([d in warm.demands for d in market.table.demand_index], dtype=bool)
    if prices.share.size:
        known[market.row_demand[(prices.share != 0).any(axis=1)]] = True
    had = [market.table.demand_index[r.demand] for r in warm.assignments if r.demand in market.table.demand_index]
    known[had] = True
    unknown: NDArray[np.bool_] = ~known
    return unknown

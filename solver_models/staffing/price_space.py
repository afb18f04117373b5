"""All prices of a market in one vector: what it has a price for, the least each may be, and how far prices of a kind lie apart."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solver_models.staffing.dense_prices import DensePrices
from solver_models.staffing.kernel.arrays import R_MINUTES
from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from solver_models.staffing.dense_prices import Market
    from solver_models.staffing.run_table import Ints

Floats = NDArray[np.float64]

_OF_SEVERAL = 0.1
"""How fast the price of a run moves where several people may share: the price of the share moves for it."""
_LEAST_SCALE = 0.1
"""Of the mean: what a demand brings least, for its price may follow from others of its project."""


class PriceSpace:
    """
    Goods by index: runs by demand, the shares that are priced (by row and period), new minutes, groups apart, people together.

    Shares are goods only where they say more than the limit on runs does.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self._columns = market.table.columns
        problem = self._columns.problem
        self.apart = [(p.id, g) for p in problem.projects for g in range(len(p.apart))]
        free = [p for p in problem.projects if p.id not in self._columns.pinned_projects]
        self.together = [(p.id, g, i) for p in free for g, group in enumerate(p.together) if len(group) > 1 for i in sorted(group)]
        self.demands = len(market.table.demand_index)

    @cached_property
    def may_be_negative(self) -> NDArray[np.bool_]:
        """Rows and periods of all-or-nothing projects that the plan may still fill."""
        is_whole = np.array(
            [self._columns.is_whole(self._columns.terms.demands[d].project) for d, _ in self._market.table.row_index], dtype=bool
        )
        mask: NDArray[np.bool_] = self._market.priced & is_whole[:, None]
        mask[:, : self._columns.terms.frozen] = False
        return mask

    @cached_property
    def priced(self) -> NDArray[np.bool_]:
        """Rows and periods whose share is a good: those with effort, and those between that runs pass through."""
        some = self._market.priced
        passed: NDArray[np.bool_] = np.maximum.accumulate(some, axis=1) & np.maximum.accumulate(some[:, ::-1], axis=1)[:, ::-1]
        return passed

    @cached_property
    def shares(self) -> tuple[Ints, Ints]:
        """Row and period of every share that is a good, in the order of the goods."""
        none = np.zeros(0, dtype=np.int64)
        rows, periods = np.nonzero(self.priced) if self._market.has_shares else (none, none)
        return rows, periods

    @cached_property
    def share_good(self) -> Ints:
        """The good of a share by row and period, -1 where it has no price."""
        goods = np.full(self.priced.shape, -1, dtype=np.int64)
        goods[self.shares] = self.demands + np.arange(len(self.shares[0]))
        return goods

    @property
    def fresh(self) -> int:
        """The good that new minutes are."""
        return self.demands + len(self.shares[0])

    @property
    def size(self) -> int:
        """How many goods there are."""
        return self.fresh + 1 + len(self.apart) + len(self.together)

    @cached_property
    def pair_goods(self) -> list[list[int]]:
        """For each pair of a person and a project with groups the goods that a schedule with a run there takes one of."""
        index, projects = self._market.table.pair_index, self._columns.terms.projects
        goods: list[list[int]] = [[] for _ in index]
        for good, (project, g) in enumerate(self.apart, self.fresh + 1):
            for person in projects[project].apart[g]:
                goods[index[person, project]].append(good)
        for good, (project, _, person) in enumerate(self.together, self.fresh + 1 + len(self.apart)):
            goods[index[person, project]].append(good)
        return goods

    def flat(self, prices: DensePrices) -> Floats:
        """The vector of prices; cuts are not in it."""
        share = prices.share[self.shares] if prices.share.size else np.zeros(len(self.shares[0]))
        apart = [prices.apart.get(key, 0) for key in self.apart]
        together = [prices.together.get(key, 0) for key in self.together]
        flat: Floats = np.concatenate((prices.heads, share, [prices.fresh], apart, together)).astype(float)
        return flat

    def prices(self, flat: Floats) -> DensePrices:
        """The prices of a vector, in whole units of Z, without cuts."""
        whole = np.round(flat).astype(np.int64)
        share = np.zeros(self.priced.shape if self._market.has_shares else (0, 0), dtype=np.int64)
        if share.size:
            share[self.shares] = whole[self.demands : self.fresh]
        apart, together = np.split(whole[self.fresh + 1 :], [len(self.apart)])
        return DensePrices(
            heads=whole[: self.demands],
            share=share,
            fresh=int(whole[self.fresh]),
            apart={key: int(v) for key, v in zip(self.apart, apart, strict=True) if v},
            together={key: int(v) for key, v in zip(self.together, together, strict=True) if v},
        )

    @cached_property
    def scale(self) -> Floats:
        """How far prices of a kind lie apart, in units of Z: the most that a run on the demand may bring, by period for shares."""
        market, a = self._market, self._market.table.arrays
        most = np.ones(self.demands)
        evened = self._columns.problem.policy.fairness_cost * a.runs[:, R_MINUTES]
        np.maximum.at(most, a.demand[a.option], (a.value + evened).astype(float))
        mean = most.mean()
        most = np.maximum(most, _LEAST_SCALE * mean)
        rows = self.shares[0]
        share = most[market.row_demand[rows]] / np.maximum(1, self.priced.sum(axis=1))[rows]
        fresh, limit = 0.0, self._columns.problem.policy.max_churn_minutes
        if limit is not None and (a.fresh > 0).any():
            # What a new minute brings, about, where as many as there are may be left over or missing.
            a_run = float(a.fresh[a.fresh > 0].mean())
            fresh = mean / a_run / max(a_run, limit)
        groups = np.full(len(self.apart) + len(self.together), mean)
        heads = np.where(market.people_limit > 1, most * _OF_SEVERAL, most)
        scale: Floats = np.concatenate((heads, share, [fresh], groups))
        return scale

    @cached_property
    def floor(self) -> Floats:
        """Least prices: none is negative but shares of all-or-nothing projects and of people together."""
        floor = np.zeros(self.size)
        floor[self.demands : self.fresh][self.may_be_negative[self.shares]] = -np.inf
        floor[self.fresh + 1 + len(self.apart) :] = -np.inf
        return floor

    @cached_property
    def pinned_pairs(self) -> set[int]:
        """Pairs that pinned runs are of: the groups count them whatever is chosen."""
        pair = self._market.table.arrays.pair
        return {int(pair[n]) for n in self._market.table.pins if pair[n] >= 0}

    @cached_property
    def pinned(self) -> tuple[Ints, Ints, Floats]:
        """What pinned runs take: whose they are, of which good, and how much."""
        table = self._market.table
        a, taken = table.arrays, list[tuple[int, int, float]]()
        for booked, n in zip(table.pinned_runs(), table.pins, strict=True):
            o, p = booked.option, table.person_index[booked.option.person]
            taken += [(p, int(a.demand[n]), 1.0), (p, self.fresh, float(sum(o.fresh[: booked.last - o.lo + 1])))]
            if len(self.shares[0]):
                goods = self.share_good[a.row[n], booked.first : booked.last + 1]
                taken += [(p, int(good), o.share_e4 / E4) for good in goods if good >= 0]
        for (person, _), pair in table.pair_index.items():
            if pair in self.pinned_pairs:
                taken += [(table.person_index[person], good, 1.0) for good in self.pair_goods[pair]]
        people, goods, amounts = np.array(taken).reshape(-1, 3).T
        return people.astype(np.int64), goods.astype(np.int64), amounts

"""What the demand side sells at prices, as the bundle method mixes it: some goods in any case, others only together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.kernel.proximal import Sales
from solver_models.staffing.problem import E4, LEAST_SHARE_E4

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from solver_models.staffing.dense_prices import Market
    from solver_models.staffing.price_space import Floats, PriceSpace
    from solver_models.staffing.run_table import Ints

Offer = tuple[int, float, float]
"""A good, how much of it is sold, and how much where its price is negative."""


class Supply:
    """
    ``sales`` are the blocks of goods that are sold together; of others there is ``always`` so much, by good. ``block_of`` is the
    block of an all-or-nothing project.
    """

    def __init__(self, market: Market, space: PriceSpace) -> None:
        self._market = market
        self._space = space
        self.block_of: dict[str, int] = {}
        self.always = self._singles()
        blocks = [*self._units(), *self._groups()]
        self.sales = _sales(blocks)
        self.always[self.sales.own] = 0.0

    def sold(self, project: str, sold: Floats) -> float:
        """Which part of an all-or-nothing project is sold, of what is sold of every good."""
        block = self.block_of[project]
        goods = self.sales.own[self.sales.owns[block] : self.sales.owns[block + 1]]
        runs = goods[goods < self._space.demands]
        return float((sold[runs] / self._market.people_limit[runs]).max(initial=0.0))

    def sell(self, project: str) -> None:
        """From now on the project is sold whatever it brings."""
        self.sales.may_be_off[self.block_of[project]] = False

    def _singles(self) -> Floats:
        """What there would be of every good if none hung on another."""
        market, space, columns = self._market, self._space, self._market.table.columns
        rows, periods = space.shares
        always = np.zeros(space.size)
        always[: space.demands] = market.people_limit
        always[space.demands : space.fresh] = market.share_limit[rows, periods] / E4
        always[space.fresh] = columns.problem.policy.max_churn_minutes or 0
        groups = [max(1, columns.used.apart.get(key, 0)) for key in space.apart]
        always[space.fresh + 1 : space.fresh + 1 + len(groups)] = groups
        return always

    def _units(self) -> Iterator[tuple[bool, list[list[list[Offer]]]]]:
        """All-or-nothing projects, and other units that have several shifts."""
        market, columns = self._market, self._market.table.columns
        rows_of: list[list[int]] = [[] for _ in market.choice_unit]
        for row, choice in enumerate(market.row_choice):
            rows_of[choice].append(row)
        whole: dict[str, list[list[list[Offer]]]] = {}
        others = 0
        for unit, demands in columns.terms.units.items():
            choices = [[o for row in rows_of[market.choice_index[unit, s]] for o in self._offers(row)] for s in columns.shifts[unit]]
            if columns.is_whole(demands[0].project):
                whole.setdefault(demands[0].project, []).append(choices)
            elif len(choices) > 1:
                others += 1
                yield False, [choices]
        self.block_of = {project: n for n, project in enumerate(whole, others)}
        for units in whole.values():
            yield True, units

    def _offers(self, row: int) -> Iterator[Offer]:
        """A demand at one of its shifts."""
        market, space = self._market, self._space
        demand = int(market.row_demand[row])
        heads = float(market.people_limit[demand])
        yield demand, heads, heads
        if len(space.shares[0]):
            for t in np.flatnonzero(space.priced[row]):
                limit = market.share_limit[row, t] / E4
                yield int(space.share_good[row, t]), limit, LEAST_SHARE_E4 / E4 if space.may_be_negative[row, t] else limit

    def _groups(self) -> Iterator[tuple[bool, list[list[list[Offer]]]]]:
        """People together: all of them are there or none."""
        groups: dict[tuple[str, int], list[Offer]] = {}
        for good, (project, g, _) in enumerate(self._space.together, self._space.fresh + 1 + len(self._space.apart)):
            groups.setdefault((project, g), []).append((good, 1.0, 1.0))
        for offers in groups.values():
            yield True, [[offers]]


def _sales(blocks: Iterable[tuple[bool, list[list[list[Offer]]]]]) -> Sales:
    units, choices, at, owns = [0], [0], [0], [0]
    offers: list[Offer] = []
    own: list[int] = []
    may_be_off = []
    for may_be, of_block in blocks:
        for of_unit in of_block:
            for of_choice in of_unit:
                offers += of_choice
                at.append(len(offers))
            choices.append(len(at) - 1)
        units.append(len(choices) - 1)
        own += sorted({good for of_unit in of_block for of_choice in of_unit for good, _, _ in of_choice})
        owns.append(len(own))
        may_be_off.append(may_be)
    good, most, least = (np.array(column) for column in zip(*offers, strict=True)) if offers else (np.zeros(0),) * 3
    return Sales(
        _ints(units),
        _ints(choices),
        _ints(at),
        _ints(good),
        most.astype(float),
        least.astype(float),
        _ints(owns),
        _ints(own),
        np.array(may_be_off, dtype=np.bool_),
    )


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)

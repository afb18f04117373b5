"""
Prices that bound every plan, and the whole schedules that they call for.

First a bundle method on the prices, each answered by everybody's best schedule; then column generation: a master mixes the
schedules known, its dual prices go to everybody, and each answers with the best schedule at a point between them and the best
prices so far. Any prices give a bound; the least is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from solver_models.staffing.budget import ROW_WORK
from solver_models.staffing.bundle import PACE_FAR, Bundle
from solver_models.staffing.cuts import Separation
from solver_models.staffing.dense_prices import DensePrices
from solver_models.staffing.price_space import PriceSpace
from solver_models.staffing.pricing import ROOM, Pricer, cost_of, schedules_in, schedules_of
from solver_models.staffing.problem import E4
from solver_models.staffing.start_prices import start_prices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from solver_models.staffing.budget import Budget
    from solver_models.staffing.dense_prices import Market
    from solver_models.staffing.master import Master
    from solver_models.staffing.pricing import Bests
    from solver_models.staffing.problem import Run
    from solver_models.staffing.schedules import Schedule

Key = TypeVar("Key")

_CLOSED = 1e-7
"""Share of the bound at which the mix counts as the best there is."""
_FINE_ROOM = 4_000
"""Labels for one person at the prices that the bundle method ends with."""
_VARIED, _OFF, _VARIED_ROOM = 150, 0.05, 1_000
"""Answers to prices that are up to so far off, as a share of each, and labels for one person."""
_SHARED_ROOM = 300
"""Labels for one person in column generation where demands are shared: schedules that differ little are many there."""
_LARGE_ROOM = 20_000
_ANCHOR = 0.5
"""How far prices are held at the best ones so far, at first."""


@dataclass(slots=True)
class Bound:
    """The least bound met, in ten-thousandths of Z, and the prices that give it."""

    e4: int
    prices: DensePrices
    is_exact: bool
    """Whether everybody's best schedule at the prices is known, not only a limit on it."""

    @property
    def x60(self) -> int:
        """In units of Z."""
        return self.e4 // E4


class Pricing:
    """The bound of one problem, and the schedules that prices called for on the way (``pool``)."""

    def __init__(self, market: Market, pricer: Pricer, budget: Budget, on_bound: Callable[[int], None] = lambda _: None) -> None:
        self.market = market
        self.pricer = pricer
        self.pool: dict[Schedule, None] = {}
        self.best: Bound | None = None
        self.values = np.zeros(len(market.table.people), dtype=np.int64)
        self.mix: list[tuple[float, Schedule]] = []
        self._budget = budget
        self._on_bound = on_bound
        self.bundle = Bundle(market, lambda prices, room: self.ask(prices, room=room)[1], budget)

    def offer(self, plans: Iterable[Iterable[Run]]) -> None:
        """Add the schedules of plans to the pool."""
        for plan in plans:
            self.pool.update(dict.fromkeys(schedules_of(self.market.table, plan)))

    def ask(self, prices: DensePrices, *, room: int = ROOM) -> tuple[int, Bests]:
        """The bound at prices, and the schedules that they call for, which join the pool."""
        bests = self.pricer.best(self.market.vector(prices), room=room)
        self.count(bests)
        self.pool.update(dict.fromkeys(schedules_in(self.market.table, bests)))
        bound_e4 = self.market.demand_side_e4(prices) + sum(bests.limit.tolist())  # of all people together 64 bits may be too few
        bound = bound_e4 // E4
        if self.best is None or bound < self.best.x60:
            self.best, self.values = Bound(bound_e4, prices, bool((bests.limit == bests.value).all())), bests.limit // E4
            self._on_bound(bound)
        return bound, bests

    def count(self, bests: Bests) -> None:
        """Spend the work that an answer took."""
        self._budget.spend(cost_of(bests))

    def descend(self, start: DensePrices | None = None, *, share: float, pace: float = PACE_FAR) -> None:
        """Better prices by the bundle method until there is little to gain or this share of the budget is spent."""
        start = start or start_prices(self.market, self.pricer)
        centre = self.bundle.descend(start, self.pool, share=share, pace=pace)
        if not self._budget.is_over(share):
            self.ask(centre, room=_FINE_ROOM)

    def vary(self, *, seed: int, share: float) -> None:
        """Meet more schedules that are nearly best: everybody's best ones at prices a little off the best prices."""
        assert self.best is not None
        draw, space, best = np.random.default_rng(seed), PriceSpace(self.market), self.best.prices
        flat = space.flat(best)
        for _ in range(_VARIED):
            if self._budget.is_over(share):
                return
            near = flat * draw.uniform(1 - _OFF, 1 + _OFF, size=len(flat))
            self.ask(replace(space.prices(near), cuts=best.cuts), room=_VARIED_ROOM)

    def sharpen(self) -> None:
        """Price at the best prices once more with more room, where somebody's best schedule there is not known yet."""
        if self.best is not None and not self.best.is_exact and not self._budget.is_stopped:
            self.ask(self.best.prices, room=_LARGE_ROOM)

    def generate(self, master: Master, *, share: float) -> None:
        """Column generation until no schedule improves the mix, or this share of the budget is spent."""
        anchor, room = _ANCHOR, _SHARED_ROOM if self.market.has_shares else ROOM
        master.add(self.pool)
        while not self._budget.is_over(share):
            mix, prices = master.solve(seconds=self._budget.seconds_left)
            self._budget.spend(ROW_WORK * len(master.schedules))
            self.mix = master.mix()
            if self.best is not None and self.best.x60 - mix <= _CLOSED * abs(self.best.x60):
                return
            near = prices if self.best is None or anchor == 0 else between(self.best.prices, prices, anchor)
            _, bests = self.ask(near, room=room)
            if master.add(schedules_in(self.market.table, bests)) == 0:
                if anchor == 0 and room < _LARGE_ROOM and not (bests.limit == bests.value).all():
                    room *= 4
                elif anchor == 0:
                    return
                anchor = anchor * 0.3 if anchor > 0.05 else 0

    def cut(self, master: Master, *, seed: int, share: float) -> None:
        """Cuts, and column generation with them, until the mix keeps all that are found or the budget's share is spent."""
        separation = Separation(self.market, seed=seed)
        while not self._budget.is_over(share) and master.cut(separation.violated(self.mix)):
            self.generate(master, share=share)


def between(best: DensePrices, other: DensePrices, weight: float) -> DensePrices:
    """Prices between two: ``weight`` of the first."""

    def mixed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        if a.size == 0 and b.size == 0:
            return a
        a, b = (np.zeros_like(b) if a.size == 0 else a), (np.zeros_like(a) if b.size == 0 else b)
        return np.round(weight * a + (1 - weight) * b).astype(np.int64)

    def listed(a: Mapping[Key, int], b: Mapping[Key, int]) -> dict[Key, int]:
        return {key: price for key in a.keys() | b.keys() if (price := round(weight * a.get(key, 0) + (1 - weight) * b.get(key, 0)))}

    return DensePrices(
        share=mixed(best.share, other.share),
        heads=mixed(best.heads, other.heads),
        fresh=round(weight * best.fresh + (1 - weight) * other.fresh),
        apart=listed(best.apart, other.apart),
        together=listed(best.together, other.together),
        cuts=listed(best.cuts, other.cuts),
    )

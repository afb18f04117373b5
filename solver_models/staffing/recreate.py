"""
Some people give up their runs and choose anew, one after the other, each the best schedule that the others leave.

Runs whose rules bind several people to a project as a whole stay as they are. What others may want is left to them by prices, in a
part that changes from try to try: all of it leaves too much undone, none too little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.dense_prices import DensePrices
from solver_models.staffing.kernel.arrays import P_BOOKED
from solver_models.staffing.pricing import cost_of, schedule_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from solver_models.staffing.dense_prices import Market
    from solver_models.staffing.kernel.search import Arrays, PriceVector
    from solver_models.staffing.pricing import Pricer
    from solver_models.staffing.schedules import Schedule
    from solver_models.staffing.usage import Usage

PARTS = (0.0, 0.3, 0.6, 0.9, 1.0)
"""Parts of the prices that are asked."""
_ROOM = 100
"""Labels for one person."""


def bound_runs(market: Market) -> NDArray[np.bool_]:
    """Runs on all-or-nothing projects, and those of people in groups on the group's project, by run of the table."""
    columns, a = market.table.columns, market.table.arrays
    of_demand = np.array([columns.is_whole(d.project) for d in columns.problem.demands], dtype=bool)
    bound: NDArray[np.bool_] = of_demand[a.demand[a.option]] | (a.pair[a.option] >= 0)
    return bound


class HeldRuns:
    """Runs that stay while their people choose the rest anew: what they leave of everybody's time, and which runs they bar."""

    def __init__(self, a: Arrays, left: Arrays, is_held: NDArray[np.bool_], barred: NDArray[np.bool_]) -> None:
        self._a = a
        self._arrays = left
        self.is_held = is_held
        self.barred = barred

    @staticmethod
    def of(market: Market, schedules: Sequence[Schedule]) -> HeldRuns:
        """Those of a plan that is made of these schedules."""
        a, is_held = market.table.arrays, bound_runs(market)
        held = HeldRuns(a, _own(a), is_held, is_held.copy())
        for p, schedule in enumerate(schedules):
            held.hold(p, schedule)
        return held

    def copy(self) -> HeldRuns:
        """Another one, to be changed apart."""
        return HeldRuns(self._a, _own(self._arrays), self.is_held, self.barred.copy())

    def pricer(self, pricer: Pricer) -> Pricer:
        """One that prices what these runs leave, in the caller's thread."""
        return pricer.fork(self._arrays)

    def held(self, schedule: Schedule) -> list[int]:
        """Those of a schedule's runs that stay."""
        return [r for r in schedule.chosen if self.is_held[r]]

    def hold(self, p: int, schedule: Schedule) -> None:
        """The person has this schedule now."""
        a, part = self._a, slice(self._a.run_at[p], self._a.run_at[p + 1])
        self._arrays.capacity[p], self._arrays.places[p], booked = a.capacity[p], a.places[p], int(a.booked[p])
        self.barred[part] = self.is_held[part]
        for r in self.held(schedule):
            o, first, last = a.option[r], a.first[r], a.last[r] + 1
            minutes = a.minutes[a.at[o] - a.lo[o] + first : a.at[o] - a.lo[o] + last]
            self._arrays.capacity[p, first:last] -= minutes
            self._arrays.places[p, first:last] -= 1
            booked += int(minutes.sum())
            self.barred[part] |= a.demand[a.option[part]] == a.demand[o]
        self._arrays.people[p, P_BOOKED] = booked


def _own(a: Arrays) -> Arrays:
    """The same, with what people have left in arrays of their own."""
    return a._replace(capacity=a.capacity.copy(), places=a.places.copy(), people=a.people.copy())


class Turns:
    """Solves neighbourhoods in this way."""

    def __init__(self, market: Market, pricer: Pricer) -> None:
        self._market = market
        self._pricer = pricer
        self._known: tuple[DensePrices, list[PriceVector]] | None = None

    def vectors(self, prices: DensePrices) -> list[PriceVector]:
        """The parts of these prices, each as pricing wants them."""
        if self._known is None or self._known[0] is not prices:
            self._known = prices, [self._market.vector(_part(prices, part)) for part in PARTS]
        return self._known[1]

    def solve(self, order: Iterable[int], now: Mapping[int, Schedule], held: HeldRuns, used: Usage, asked: PriceVector) -> Made:
        """New schedules of these people, who have these now, in this order; ``used`` has what others use, and counts them."""
        table, pricer = self._market.table, held.pricer(self._pricer)
        made, work = [], 0.0
        for p in order:
            found = pricer.best(asked._replace(barred=used.barred([p], held.barred)), np.array([p]), room=_ROOM)
            new = [int(r + table.arrays.run_at[p]) for r in found.chosen[0] if r >= 0]
            for r in new:
                used.count(r)
            made.append(schedule_from(table, p, held.held(now[p]) + new))
            work += cost_of(found)
        return Made(made, work)


@dataclass(frozen=True, slots=True)
class Made:
    """Schedules, and the work they took."""

    schedules: list[Schedule]
    work: float


def _part(prices: DensePrices, part: float) -> DensePrices:
    """Part of the prices of demands; groups have none, their runs stay."""
    return DensePrices(
        share=(part * prices.share).astype(np.int64),
        heads=(part * prices.heads).astype(np.int64),
        fresh=prices.fresh,
        apart={},
        together={},
    )

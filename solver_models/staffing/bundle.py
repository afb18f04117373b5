"""
A proximal bundle method on the prices: better ones from all schedules met so far, person by person.

Every schedule met bounds from below what its person earns at any prices. The next prices are where the best of these bounds and the
demand side together are least, beside a penalty on the way from the best prices so far, the centre. Everybody answers to them; if
enough of what they promised comes true they are the next centre, else the answers mend the model.

After K. C. Kiwiel, "Proximity control in bundle methods for convex nondifferentiable minimization", Mathematical Programming 46
(1990), with answers that may fall short of the best schedule: steps are judged by the schedules found, bounds by the limits on them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.cuts import CutRows
from solver_models.staffing.kernel.proximal import CENTRE, FIGURES, FLOOR, LEFT, PACE, PRICE, SOLD, approach
from solver_models.staffing.known_schedules import KnownSchedules
from solver_models.staffing.price_space import PriceSpace
from solver_models.staffing.pricing import schedule_from
from solver_models.staffing.problem import E4
from solver_models.staffing.supply import Supply

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from solver_models.staffing.budget import Budget
    from solver_models.staffing.dense_prices import Cut, DensePrices, Market
    from solver_models.staffing.price_space import Floats
    from solver_models.staffing.pricing import Bests
    from solver_models.staffing.schedules import Schedule

UNIT = 6_000
"""Z of one major currency unit, in which all is counted here."""
PACE_FAR, PACE_NEAR = 0.1, 0.01
"""
How far prices move at first, from anywhere or from good ones, as a share of what a run on the demand brings, for every one that is
left over or missing.
"""
_PACE_MOST = 10.0
_FASTER, _SLOWER, _TO_CLOSE = 1.5, 0.7, 10.0
_GOOD, _GREAT = 0.1, 0.5
"""Of the gain promised, from how much on the centre moves, and the pace grows."""
_PATIENCE = 3
"""Answers that only mend the model before the pace falls."""
_CLOSED = 1e-5
"""Gain, as a share of the bound, from which on there is nothing to gain."""
_GAP, _GAP_OF_GAIN, _LEAST_GAP = 1e-4, 0.02, 1e-6
"""How near the mix comes to its best, as a share of the bound, at first, and then of the last gain promised."""
_FIRST = 5
_MOST_ROUNDS, _ROUNDS = 2_000, 100
"""Rounds of mixing in all, and between two looks at the clock."""
_FORGET = 20
"""Answers for which a schedule that the mix does not use stays known."""
_LOOKS = 80_000
"""Goods looked at that count as one unit of work."""
ROOM, _MOST_ROOM = 100, 400
"""Labels for one person at first, and in the end."""
_PACE_SETTLING, _SETTLED = 1.0, 2e-5
"""In a dive: how far prices move, and how near the mix comes to its best, as a share of the bound."""
_LOOSE, _IN_DOUBT = 0.5, 0.02
"""
Gain promised, as a share of what limits lie above the schedules found, from which on more labels are held, and from which on, when
there are no more, limits hide it.
"""


class Bundle:
    """The method on one market; what it has learned stays for the next start."""

    def __init__(self, market: Market, ask: Callable[[DensePrices, int], Bests], budget: Budget) -> None:
        self._market = market
        self._ask = ask
        self._budget = budget
        self._space = PriceSpace(market)
        self._supply = Supply(market, self._space)
        self._known = KnownSchedules(market, self._space)
        self._cuts: dict[Cut, int] = {}
        self._loose = 0.0
        self._pinned = self._space.pinned
        self._goods = np.zeros((self._space.size, FIGURES))
        self._goods[:, FLOOR] = self._space.floor
        self._scale = self._space.scale / UNIT
        self._settled = np.zeros(len(market.choice_unit), dtype=np.bool_)
        self._centre = np.zeros(self._space.size)

    def descend(self, start: DensePrices, pool: Collection[Schedule], *, share: float, pace: float = PACE_FAR) -> DensePrices:
        """
        Better prices from ``start`` on, whose cuts keep their prices, until there is little to gain or this share of the budget is spent.

        ``pool`` are schedules known. What comes back is the centre at the end.
        """
        if start.cuts != self._cuts:
            self._known, self._cuts = KnownSchedules(self._market, self._space), dict(start.cuts)
        self._learn(pool)
        room, gain, fails, answers = ROOM, np.inf, 0, 0
        centre = self._whole(self._space.flat(start) / UNIT)
        least = self._worth_at(centre, self._ask(self._priced(centre), room))
        while not self._budget.is_over(share):
            gap = _GAP if answers < _FIRST else max(_LEAST_GAP, _GAP_OF_GAIN * gain / max(1.0, abs(least)))
            flat = self._whole(self._approach(centre, pace, gap * max(1.0, abs(least))))
            least = max(least, self._model(centre))
            gain = least - self._model(flat)
            if gain <= _CLOSED * abs(least):
                if pace >= _PACE_MOST:
                    break
                pace *= _TO_CLOSE
                continue
            if gain < _LOOSE * self._loose:
                if room >= _MOST_ROOM and gain < _IN_DOUBT * self._loose:
                    break
                room = min(_MOST_ROOM, 2 * room)
            worth, answers = self._worth_at(flat, self._ask(self._priced(flat), room)), answers + 1
            if worth < least - _GOOD * gain:
                pace = pace * _FASTER if worth < least - _GREAT * gain else pace
                centre, least, fails = flat, worth, 0
            elif (fails := fails + 1) >= _PATIENCE:
                pace, fails = pace * _SLOWER, 0
            self._known.prune(patience=_FORGET)
        self._centre = centre
        return self._priced(centre)

    def sold(self, project: str) -> float:
        """Which part of an all-or-nothing project the last mix sells."""
        return self._supply.sold(project, self._goods[:, SOLD])

    def sell(self, project: str) -> None:
        """From now on the project goes ahead whatever it brings."""
        self._supply.sell(project)
        terms = self._market.table.columns.terms
        units = {terms.unit_of[d.id] for d in terms.of_project[project]}
        self._settled[[n for (unit, _), n in self._market.choice_index.items() if unit in units]] = True

    @property
    def weights(self) -> Iterator[tuple[float, int, list[int]]]:
        """Weight, person and runs of the schedules in the last mix, the heaviest first."""
        known = self._known
        for n in np.argsort(-known.weight, kind="stable"):
            if known.weight[n] > 0:
                yield float(known.weight[n]), int(known.person[n]), [int(r) for r in known.runs[n] if r >= 0]

    def restrict(self, fixed: Mapping[int, Sequence[int]], barred: NDArray[np.bool_]) -> None:
        """From now on these people have these runs, and nobody else any that are barred."""
        known, table = self._known, self._market.table
        others = [p for p in range(len(table.people)) if p not in fixed]
        self._learn([schedule_from(table, p, []) for p in others])
        stays: NDArray[np.bool_] = np.logical_not(((known.runs >= 0) & barred[np.maximum(known.runs, 0)]).any(axis=1))
        for n in np.flatnonzero(np.isin(known.person, list(fixed))):
            stays[n] = sorted(int(r) for r in known.runs[n] if r >= 0) == sorted(fixed[int(known.person[n])])
        known.keep(stays)
        known.weigh_anew()

    def settle(self, answer: Callable[[DensePrices], Bests], *, rounds: int) -> None:
        """A few steps on the prices, from where they are; who is answered for is the caller's choice."""
        least = self._worth_at(self._centre, answer(self._priced(self._centre)))
        for _ in range(rounds):
            flat = self._whole(self._approach(self._centre, _PACE_SETTLING, _SETTLED * max(1.0, abs(least))))
            least = max(least, self._model(self._centre))
            gain = least - self._model(flat)
            if gain <= _CLOSED * abs(least) or self._budget.is_stopped:
                return
            worth = self._worth_at(flat, answer(self._priced(flat)))
            if worth < least - _GOOD * gain:
                self._centre, least = flat, worth

    @staticmethod
    def _whole(flat: Floats) -> Floats:
        """The nearest prices in whole units of Z."""
        whole: Floats = np.round(flat * UNIT) / UNIT
        return whole

    def _priced(self, flat: Floats) -> DensePrices:
        return replace(self._space.prices(flat * UNIT), cuts=self._cuts)

    def _paid_for_pins(self, flat: Floats) -> Floats:
        people, goods, amounts = self._pinned
        return np.bincount(people, weights=flat[goods] * amounts, minlength=len(self._market.table.people)).astype(float)

    def _worth_at(self, flat: Floats, bests: Bests) -> float:
        """The best schedules found at prices, which join the model, and the demand side."""
        a, paid = self._market.table.arrays, self._paid_for_pins(flat)
        self._loose = float((bests.limit - bests.value).astype(float).sum()) / E4 / UNIT
        runs = np.where(bests.chosen >= 0, bests.chosen + a.run_at[bests.people][:, None], -1)
        self._known.add(bests.people, runs, bests.value / E4 / UNIT + paid[bests.people], flat)
        return self._model(flat)

    def _model(self, flat: Floats) -> float:
        """The best schedules known, and the demand side, at prices."""
        side = self._market.demand_side_e4(self._priced(flat), self._settled) / E4 / UNIT
        return side + float((self._known.best_at(flat) - self._paid_for_pins(flat)).sum())

    def _learn(self, pool: Collection[Schedule]) -> None:
        """Take up schedules met elsewhere."""
        if not pool:
            return
        table = self._market.table
        people = np.array([table.person_index[s.person] for s in pool], dtype=np.int64)
        runs = np.full((len(pool), max(1, *(len(s.chosen) for s in pool))), -1, dtype=np.int64)
        net = np.zeros(len(pool))
        rows = CutRows()
        for cut in self._cuts:
            rows.add(cut)
        for n, schedule in enumerate(pool):
            runs[n, : len(schedule.chosen)] = schedule.chosen
            demands = {int(table.arrays.demand[table.arrays.option[r]]) for r in schedule.chosen} if self._cuts else set()
            paid = sum(self._cuts[cut] * halves for cut, halves in rows.halves(int(people[n]), demands).items())
            net[n] = (schedule.value - paid) / UNIT
        self._known.add(people, runs, net, np.zeros(self._space.size))

    def _approach(self, centre: Floats, pace: float, gap: float) -> Floats:
        """Prices where the model and the way from the centre come to least, but for ``gap``."""
        goods, table, sales = self._goods, self._known.table(), self._supply.sales
        _, pinned, amounts = self._pinned
        taken = self._known.used() + np.bincount(pinned, weights=amounts, minlength=len(goods))
        goods[:, CENTRE], goods[:, PACE] = centre, pace * self._scale
        goods[:, LEFT] = self._supply.always + goods[:, SOLD] - taken
        goods[:, PRICE] = np.maximum(goods[:, FLOOR], centre - goods[:, PACE] * goods[:, LEFT])
        active, counts = np.zeros(len(table.listed), dtype=np.int64), np.zeros(len(table.begins) - 1, dtype=np.int64)
        for _ in range(_MOST_ROUNDS // _ROUNDS):
            left, looked = approach(goods, table, sales, self._known.weight, active, counts, gap, _ROUNDS)
            self._budget.spend(looked * len(table.good) / max(1, len(table.value)) / _LOOKS)
            if left <= gap or self._budget.is_stopped:
                break
        return goods[:, PRICE].copy()

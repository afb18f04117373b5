"""
Large-neighbourhood search: a few dozen people who compete for the same demands choose anew, everybody else keeps their runs.

A neighbourhood is solved like the whole: column generation among its people for what the others leave, then the best choice of
whole schedules. Where to look follows from the prices: what separates plan and bound is, person by person, how much more the best
schedule at the prices is worth than the one in the plan, and demand by demand, what an open one would be sold for.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.master import Master, NoMixError
from solver_models.staffing.pricing import schedules_in, schedules_of
from solver_models.staffing.problem import E4
from solver_models.staffing.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from concurrent.futures import ThreadPoolExecutor

    from numpy.typing import NDArray

    from solver_models.staffing.bound import Pricing
    from solver_models.staffing.budget import Budget
    from solver_models.staffing.problem import Run
    from solver_models.staffing.run_table import Ints
    from solver_models.staffing.schedules import Schedule

_SIZES = (10, 16, 24, 36)
"""How many people a neighbourhood has, drawn each time."""
_AT_ONCE = 2
"""Neighbourhoods that are solved side by side, whatever the number of threads."""
_NOISE = 0.5
"""How far chance may outweigh likeness when people are put together."""
_BY_DEMAND = 0.5
"""How often an open demand brings people together, rather than a person."""
_ROUNDS = 12
_ROOM = 2_000
"""Labels for one person: a good schedule, not a proof."""
_FROM_POOL = 40
"""Schedules of a person that a neighbourhood starts with."""
_COLUMN_WORK = 0.05
_DRAW_WORK = 2


@dataclass(frozen=True, slots=True)
class Found:
    """What a neighbourhood came to: its people's schedules if better than before, all schedules met, and the work it took."""

    better: list[Schedule]
    met: list[Schedule]
    work: float


class Neighbourhoods:
    """Improves a plan of one problem; the sequence of neighbourhoods follows from the seed."""

    def __init__(self, pricing: Pricing, plan: Iterable[Run], budget: Budget, *, seed: int, threads: ThreadPoolExecutor) -> None:
        self._pricing = pricing
        self._market = pricing.market
        self._table = pricing.market.table
        self._budget = budget
        self._threads = threads
        self._random = random.Random(seed)  # noqa: S311
        limited = self._table.columns.problem.policy.max_churn_minutes is not None and pricing.best is not None
        self._fresh_price = pricing.best.prices.fresh if limited and pricing.best is not None else 0
        self._pool: list[list[Schedule]] = [[] for _ in self._table.people]
        for schedule in pricing.pool:
            self._pool[self._table.person_index[schedule.person]].append(schedule)
        a = self._table.arrays
        pairs = np.unique(np.stack([self._table.person_of_run, a.demand[a.option]]), axis=1)
        self._wanted = np.split(pairs[1], np.searchsorted(pairs[0], np.arange(1, len(self._table.people))))
        by_demand = pairs[:, np.lexsort((pairs[0], pairs[1]))]
        self._able = np.split(by_demand[0], np.searchsorted(by_demand[1], np.arange(1, len(self._table.demand_index))))
        self.take(plan)

    def take(self, plan: Iterable[Run]) -> None:
        """Go on from this plan."""
        self.schedules = schedules_of(self._table, plan)
        self._used = Usage(self._market, self._table.pinned_runs())
        for schedule in self.schedules:
            for r in schedule.chosen:
                self._used.count(r)

    @property
    def plan(self) -> tuple[Run, ...]:
        """The plan so far."""
        return self._table.plan(r for s in self.schedules for r in s.chosen)

    @property
    def objective_x60(self) -> int:
        """Z of the plan so far."""
        return sum(s.value for s in self.schedules)

    def improve(self) -> bool:
        """Solve the next neighbourhoods, side by side as far as they do not meet; whether the plan is better."""
        parts = self._draw()
        is_better = False
        self._budget.spend(_DRAW_WORK)
        # All of them before any is taken over: what one leaves must not reach another that is still being solved.
        for part, found in zip(parts, list(self._threads.map(self._solve, parts)), strict=True):
            self._budget.spend(found.work)
            for schedule in found.met:
                p = self._table.person_index[schedule.person]
                if schedule not in self._pricing.pool:
                    self._pricing.pool[schedule] = None
                    self._pool[p].append(schedule)
            if found.better and not self._budget.is_stopped:
                is_better = True
                self._replace(part, found.better)
        return is_better

    def _replace(self, part: Ints, better: Sequence[Schedule]) -> None:
        for p in part:
            for r in self.schedules[p].chosen:
                self._used.count(r, -1)
        for schedule in better:
            self.schedules[self._table.person_index[schedule.person]] = schedule
            for r in schedule.chosen:
                self._used.count(r)

    def _draw(self) -> list[Ints]:
        """People for the next neighbourhoods; a second one only if it shares no demand with the first."""
        regret, open_worth = self._losses()
        parts: list[Ints] = []
        taken: set[int] = set()
        for _ in range(_AT_ONCE):
            part = self._people(regret, open_worth, taken)
            if len(part) and (not parts or self._is_apart(parts, part)):
                parts.append(part)
                taken |= {int(p) for p in part}
        return parts

    def _is_apart(self, parts: list[Ints], part: Ints) -> bool:
        """Whether two neighbourhoods can be solved side by side: rules that bind people over demands of their own need one."""
        if self._market.has_shares or self._table.pair_index or self._table.columns.problem.policy.max_churn_minutes is not None:
            return False
        theirs = {int(d) for other in parts for p in other for d in self._wanted[p]}
        return not any(int(d) in theirs for p in part for d in self._wanted[p])

    def _losses(self) -> tuple[Ints, Ints]:
        """By person, and by demand, what plan and prices lie apart."""
        assert self._pricing.best is not None
        heads, a = self._pricing.best.prices.heads, self._table.arrays
        paid = np.array([sum(int(heads[a.demand[a.option[r]]]) for r in s.chosen if a.heads[r]) for s in self.schedules], dtype=np.int64)
        values = np.array([s.value for s in self.schedules], dtype=np.int64)
        regret = np.maximum(0, self._pricing.values - (values - paid))
        return regret, heads * np.maximum(0, self._market.people_limit - self._used.heads)

    def _people(self, regret: Ints, open_worth: Ints, taken: set[int]) -> Ints:
        """Those who could do an open demand, or want the same demands as somebody who lost much, with some chance."""
        draw = self._random
        if open_worth.any() and draw.random() < _BY_DEMAND:
            able = self._able[_weighted(draw, open_worth)]
            start = int(able[draw.randrange(len(able))]) if len(able) else draw.randrange(len(regret))
            wanted = np.unique(np.concatenate([self._wanted[start], *(self._wanted[p] for p in able[:1])]))
            first = able
        else:
            start = _weighted(draw, regret) if regret.any() else draw.randrange(len(regret))
            wanted, first = self._wanted[start], np.array([start])
        shared = np.bincount(np.concatenate([self._able[d] for d in wanted] or [first]), minlength=len(regret)).astype(float)
        sizes = np.array([len(w) for w in self._wanted])
        likeness = shared / np.maximum(1, len(wanted) + sizes - shared)
        candidates = np.array([int(p) for p in np.flatnonzero(shared) if int(p) not in taken], dtype=np.int64)
        chance = np.array([draw.random() for _ in candidates])
        score = likeness[candidates] / max(1e-9, likeness.max()) + _NOISE * chance + np.isin(candidates, first) * 0.5
        size = draw.choice(_SIZES)
        return np.sort(candidates[np.argsort(-score, kind="stable")[:size]])

    def _solve(self, part: Ints) -> Found:
        """Column generation and a choice among these people, for what the others leave."""
        now = [self.schedules[p] for p in part]
        used = self._used.without(r for s in now for r in s.chosen)
        barred = used.barred(part)
        master = Master(self._market, people={self._table.people[p] for p in part}, used=used, fresh=self._fresh_price)
        master.add(now)
        master.add(s for p in part for s in self._likely(p, barred))
        pricer = self._pricing.pricer.fork()
        before, work = self._merit(now), 0.0
        met: list[Schedule] = []
        try:
            for _ in range(_ROUNDS):
                if self._budget.is_stopped:
                    return Found([], met, work)
                _, prices = master.solve(seconds=self._budget.seconds_left)
                bests = pricer.best(self._market.vector(prices, barred), part, room=_ROOM)
                new = list(schedules_in(self._table, bests))
                met += new
                work += self._pricing.cost_of(bests) + _COLUMN_WORK * len(master.schedules)
                if master.add(new) == 0:
                    break
            objective, chosen = master.choose(seconds=self._budget.seconds_left)
        except NoMixError:
            return Found([], met, work)
        work += _COLUMN_WORK * len(master.schedules)
        is_better = objective > before + 0.5 and self._merit(chosen) > before
        return Found(chosen if is_better else [], met, work)

    def _merit(self, schedules: Iterable[Schedule]) -> int:
        """Z of schedules less what their new minutes would be worth to others."""
        fresh, price = self._table.arrays.fresh, self._fresh_price
        return sum(s.value - (price * int(fresh[list(s.chosen)].sum()) if price and s.chosen else 0) for s in schedules)

    def _likely(self, p: int, barred: NDArray[np.bool_]) -> list[Schedule]:
        """The most valuable schedules known of a person that fit beside what the others keep."""
        open_ones = [s for s in self._pool[p] if not barred[list(s.chosen)].any()]
        return sorted(open_ones, key=lambda s: -self._merit([s]))[:_FROM_POOL]


def _weighted(draw: random.Random, weights: Ints) -> int:
    total = np.cumsum(weights.astype(float) / E4)
    return int(min(np.searchsorted(total, draw.random() * total[-1], side="right"), len(weights) - 1))

"""Schedules met, as what they take of each good: the cutting planes of a bundle method, in arrays that grow and are pruned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.kernel.proximal import Known
from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solver_models.staffing.dense_prices import Market
    from solver_models.staffing.price_space import Floats, PriceSpace
    from solver_models.staffing.run_table import Ints

NONE = np.zeros(0, dtype=np.int64)


class KnownSchedules:
    """By schedule: its person, its runs, what it is worth before prices, its weight in the mix, and for how long it has had none."""

    def __init__(self, market: Market, space: PriceSpace) -> None:
        self._market = market
        self._space = space
        self._pair_at = np.concatenate(([0], np.cumsum([len(goods) for goods in space.pair_goods]))).astype(np.int64)
        self._pair_good = np.array([good for goods in space.pair_goods for good in goods], dtype=np.int64)
        self._is_pinned = np.isin(np.arange(len(space.pair_goods) + 1), list(space.pinned_pairs))
        self.person, self.runs = NONE, np.zeros((0, 0), dtype=np.int64)
        self.value, self.weight, self._idle = np.zeros(0), np.zeros(0), NONE
        self._at, self._good, self._amount = np.zeros(1, dtype=np.int64), NONE, np.zeros(0)
        self._met: set[tuple[int, bytes]] = set()

    def add(self, people: Ints, runs: Ints, net: Floats, flat: Floats) -> int:
        """
        Take up schedules of which some may be known: each person's runs (-1 for none) and the worth at prices; how many were new.

        A person without any yet gives the first one all the weight.
        """
        runs = np.sort(np.asarray(runs, dtype=np.int64), axis=1)[:, ::-1]
        new = [n for n, p in enumerate(people) if self._is_new(int(p), runs[n])]
        if not new:
            return 0
        people, runs = people[new], runs[new]
        at, good, amount = self._taken(runs)
        paid = np.bincount(np.repeat(np.arange(len(new)), np.diff(at)), weights=flat[good] * amount, minlength=len(new))
        is_first = np.bincount(self.person, minlength=len(self._market.table.people))[people] == 0
        is_first &= np.isin(np.arange(len(people)), np.unique(people, return_index=True)[1])
        self._at = np.concatenate((self._at, self._at[-1] + at[1:]))
        self._good, self._amount = np.concatenate((self._good, good)), np.concatenate((self._amount, amount))
        self.person, self.value = np.concatenate((self.person, people)), np.concatenate((self.value, net[new] + paid))
        self.weight = np.concatenate((self.weight, is_first.astype(float)))
        self._idle = np.concatenate((self._idle, np.zeros(len(new), dtype=np.int64)))
        width = max(self.runs.shape[1], runs.shape[1])
        self.runs = np.vstack([np.pad(r, ((0, 0), (0, width - r.shape[1])), constant_values=-1) for r in (self.runs, runs)])
        return len(new)

    def _is_new(self, person: int, runs: Ints) -> bool:
        key = (person, runs[runs >= 0].tobytes())
        is_new = key not in self._met
        self._met.add(key)
        return is_new

    def _taken(self, runs: Ints) -> tuple[Ints, Ints, Floats]:
        """What schedules take of each good: where each one's goods begin, the goods, and how much."""
        a, space = self._market.table.arrays, self._space
        row, place = np.nonzero(runs >= 0)
        r = runs[row, place]
        o = a.option[r]
        parts = [(row[is_run := a.heads[r] == 1], a.demand[o][is_run], np.ones(int(is_run.sum())))]
        parts.append((row, np.full(len(r), space.fresh), a.fresh[r].astype(float)))
        if len(space.shares[0]):
            periods = a.last[r] - a.first[r] + 1
            of_run = np.repeat(np.arange(len(r)), periods)
            t = np.arange(len(of_run)) - np.repeat(np.cumsum(periods) - periods, periods) + a.first[r][of_run]
            good = space.share_good[a.row[o][of_run], t]
            parts.append((row[of_run][good >= 0], good[good >= 0], (a.share_e4[o] / E4)[of_run][good >= 0]))
        if len(self._pair_good):
            pairs = np.unique(np.column_stack((row, a.pair[o]))[(a.pair[o] >= 0) & ~self._is_pinned[a.pair[o]]], axis=0)
            first, size = self._pair_at[pairs[:, 1]], np.diff(self._pair_at)[pairs[:, 1]]
            k = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size - first, size)
            parts.append((np.repeat(pairs[:, 0], size), self._pair_good[k], np.ones(len(k))))
        of, goods, amounts = (np.concatenate([part[n] for part in parts]) for n in range(3))
        key, which = np.unique(of * space.size + goods, return_inverse=True)
        amount = np.bincount(which, weights=amounts, minlength=len(key))
        key, amount = key[amount != 0], amount[amount != 0]
        at = np.searchsorted(key, np.arange(len(runs) + 1) * space.size)
        return at.astype(np.int64), key % space.size, amount

    def table(self) -> Known:
        """The arrays that the compiled loops read."""
        people = len(self._market.table.people)
        begins = np.concatenate(([0], np.cumsum(np.bincount(self.person, minlength=people)))).astype(np.int64)
        return Known(begins, np.argsort(self.person, kind="stable"), self._at, self._good, self._amount, self.value)

    def used(self) -> Floats:
        """What the mix takes of each good."""
        weights = self._amount * np.repeat(self.weight, np.diff(self._at))
        return np.bincount(self._good, weights=weights, minlength=self._space.size).astype(float)

    def best_at(self, flat: Floats) -> Floats:
        """The worth of everybody's best one at prices; everybody has one."""
        paid = np.bincount(
            np.repeat(np.arange(len(self.person)), np.diff(self._at)), weights=flat[self._good] * self._amount, minlength=len(self.person)
        )
        best = np.full(len(self._market.table.people), -np.inf)
        np.maximum.at(best, self.person, self.value - paid)
        return best

    def prune(self, *, patience: int) -> None:
        """Count who had no weight, and forget what has had none for longer than ``patience`` calls."""
        self._idle = np.where(self.weight > 0, 0, self._idle + 1)
        stays = self._idle <= patience
        if 4 * stays.sum() <= 3 * len(stays):
            self.keep(stays)

    def keep(self, stays: NDArray[np.bool_]) -> None:
        """Forget the others."""
        for n in np.flatnonzero(~stays):
            self._met.discard((int(self.person[n]), self.runs[n][self.runs[n] >= 0].tobytes()))
        sizes = np.diff(self._at)
        amounts = np.repeat(stays, sizes)
        self._at = np.concatenate(([0], np.cumsum(sizes[stays]))).astype(np.int64)
        self._good, self._amount = self._good[amounts], self._amount[amounts]
        self.person, self.runs, self.value = self.person[stays], self.runs[stays], self.value[stays]
        self.weight, self._idle = self.weight[stays], self._idle[stays]

    def weigh_anew(self) -> None:
        """Everybody's weights add up to one again; who has none left has the first schedule known, which others may follow."""
        total = np.bincount(self.person, weights=self.weight, minlength=len(self._market.table.people))
        first = np.unique(self.person, return_index=True)[1]
        without = first[total[self.person[first]] <= 0]
        self.weight[without] = total[self.person[without]] = 1.0
        self.weight /= total[self.person]

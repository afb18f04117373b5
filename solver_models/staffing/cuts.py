"""
Cuts: of a few demands with one run each, no more than half can be paired off, however the runs are spread over people.

Let a person's runs on an odd set of demands be counted (one named person counts as one run more). Everybody's halves of these,
rounded down, sum to at most half of the set, rounded down; a mix of schedules may exceed that. These are Chvatal-Gomory cuts with
multipliers 1/2, known as subset-row cuts (Jepsen, Petersen, Spoorendonk, Pisinger, Operations Research 56, 2008).
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.dense_prices import most_of_cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from solver_models.staffing.dense_prices import Cut, Market
    from solver_models.staffing.schedules import Schedule

_VIOLATED = 0.01
_WHOLE = 1e-6
_MOST = 60
"""Cuts found at once."""
_MOST_OF_ONE = 6
"""Of those, how many may count the same demand or person."""
_TRIALS = 400
_FEW_ITEMS = 250
"""Up to so many demands and people in fractions, sets of five are tried as well."""


class Separation:
    """
    Finds cuts that a mix of schedules exceeds.

    Demands and people are *items* of a schedule: demands by index, person p as -1 - p.
    """

    def __init__(self, market: Market, *, seed: int) -> None:
        table = market.table
        self._table = table
        pinned = {int(table.arrays.demand[n]) for n in table.pins}
        self._counts = {d for d in range(len(table.demand_index)) if market.people_limit[d] == 1 and d not in pinned}
        self._random = random.Random(seed)  # noqa: S311

    def violated(self, mix: Iterable[tuple[float, Schedule]]) -> list[Cut]:
        """Cuts that the mix exceeds, the most exceeded first."""
        parts = [(w, self._items(s)) for w, s in mix if _WHOLE < w < 1 - _WHOLE]
        found = _triples(parts)
        if not found and len({i for _, items in parts for i in items}) <= _FEW_ITEMS:
            found = self._quintuples(parts)
        chosen: list[Cut] = []
        used: Counter[int] = Counter()
        for _, items in sorted(found, reverse=True):
            if len(chosen) < _MOST and all(used[i] < _MOST_OF_ONE for i in items):
                used.update(items)
                chosen.append(_cut(items))
        return chosen

    def _items(self, schedule: Schedule) -> tuple[int, ...]:
        a = self._table.arrays
        demands = sorted({int(a.demand[a.option[r]]) for r in schedule.chosen} & self._counts)
        return (-1 - self._table.person_index[schedule.person], *demands)

    def _quintuples(self, parts: Sequence[tuple[float, tuple[int, ...]]]) -> list[tuple[float, tuple[int, ...]]]:
        """Sets of five by local search: one item exchanged at a time, as long as that exceeds by more."""
        items = sorted({i for _, has in parts for i in has})
        if len(items) < 5:
            return []
        position = {i: n for n, i in enumerate(items)}
        has = np.zeros((len(items), len(parts)), dtype=np.int64)
        for k, (_, of_part) in enumerate(parts):
            has[[position[i] for i in of_part], k] = 1
        weights = np.array([w for w, _ in parts])
        is_person = np.array([i < 0 for i in items])
        found: dict[tuple[int, ...], float] = {}
        for _ in range(_TRIALS):
            chosen = self._random.sample(range(len(items)), 5)
            if is_person[chosen].sum() > 1:
                continue
            excess = _climb(chosen, has, weights, is_person)
            if excess > _VIOLATED:
                found[tuple(sorted(items[n] for n in chosen))] = excess
        return [(excess, cut) for cut, excess in found.items()]


def _triples(parts: Sequence[tuple[float, tuple[int, ...]]]) -> list[tuple[float, tuple[int, ...]]]:
    """All sets of three that are exceeded: halves of three are what pairs have in common, less twice what all have."""
    pairs: defaultdict[tuple[int, int], float] = defaultdict(float)
    triples: defaultdict[tuple[int, ...], float] = defaultdict(float)
    near: defaultdict[int, set[int]] = defaultdict(set)
    for weight, items in parts:
        ordered = sorted(items)
        for x, y in combinations(ordered, 2):
            pairs[x, y] += weight
            near[x].add(y)
            near[y].add(x)
        for triple in combinations(ordered, 3):
            triples[triple] += weight
    found: dict[tuple[int, ...], float] = {}
    for middle, around in near.items():
        for one, other in combinations(sorted(around), 2):
            x, y, z = sorted((middle, one, other))
            if y < 0 or (x, y, z) in found:
                continue
            excess = pairs.get((x, y), 0.0) + pairs.get((x, z), 0.0) + pairs.get((y, z), 0.0) - 2 * triples.get((x, y, z), 0.0) - 1
            if excess > _VIOLATED:
                found[x, y, z] = excess
    return [(excess, triple) for triple, excess in found.items()]


def _climb(chosen: list[int], has: np.ndarray, weights: np.ndarray, is_person: np.ndarray) -> float:
    """Exchange items of the set in place while that helps; by how much it is exceeded in the end."""
    most = len(chosen) // 2
    excess = float(weights @ (has[chosen].sum(axis=0) // 2)) - most
    improved = True
    while improved:
        improved = False
        for at in range(len(chosen)):
            others = [n for k, n in enumerate(chosen) if k != at]
            trials = weights @ ((has[others].sum(axis=0)[None, :] + has) // 2).T - most
            trials[others] = -1
            if is_person[others].any():
                trials[is_person] = -1
            best = int(np.argmax(trials))
            if trials[best] > excess + 1e-9:
                chosen[at], excess, improved = best, float(trials[best]), True
    return excess


def _cut(items: Iterable[int]) -> Cut:
    demands = tuple(sorted(i for i in items if i >= 0))
    person = next((-1 - i for i in items if i < 0), -1)
    return demands, person


class CutRows:
    """Cuts by what they count, to tell how far a schedule counts for each."""

    def __init__(self) -> None:
        self._by_demand: defaultdict[int, list[Cut]] = defaultdict(list)
        self._by_person: defaultdict[int, list[Cut]] = defaultdict(list)

    def add(self, cut: Cut) -> int:
        """Remember a cut; the most that it allows."""
        demands, person = cut
        for d in demands:
            self._by_demand[d].append(cut)
        if person >= 0:
            self._by_person[person].append(cut)
        return most_of_cut(cut)

    def halves(self, person: int, demands: Iterable[int]) -> dict[Cut, int]:
        """What a person's runs on these demands come to, where that is anything."""
        counted: Counter[Cut] = Counter(self._by_person.get(person, ()))
        for d in demands:
            counted.update(self._by_demand.get(d, ()))
        return {cut: n // 2 for cut, n in counted.items() if n > 1}

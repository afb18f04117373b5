"""The runs of a person's sweep, in the tables that the compiled loops read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.verify_cuts import LEAST_DEMANDS
from solver_models.staffing.verify_marks import CUT, DEMAND, PROJECT, SHIFT, Mark, Marks
from solver_models.staffing.verify_states import Facts, Parts, Runs
from solver_models.staffing.verify_states_sweep import NOTHING, sweep

if TYPE_CHECKING:
    from solver_models.staffing.verify_multipliers import Multipliers, Tree
    from solver_models.staffing.verify_offers import Offers
    from solver_models.staffing.verify_options import Numbers
    from solver_models.staffing.verify_room import Room

_CELLS = 1 << 24
"""Numbers of room that all states of a sweep may hold: 64 MB."""
_MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Swept:
    """
    What a sweep came to: no schedule is worth more than the larger of ``best`` and ``given_up``.

    ``best`` is the best schedule's worth (the one known before if none is better); ``given_up`` limits whatever was not followed for
    want of states or effort.
    """

    best: int
    given_up: int
    effort: int


def swept(offers: Offers, tree: Tree, room: Room, multipliers: Multipliers, kept: Numbers, *, known: int, cap: int, effort: int) -> Swept:
    """Follow the runs kept, for a schedule better than ``known``."""
    if not len(kept):
        return Swept(known, NOTHING, 0)
    tables = _Tables(offers, tree, room, multipliers, kept)
    booked = 0 if offers.fairness is None else offers.fairness.booked
    first = multipliers.room - tables.left_out, booked, np.minimum(room.most, _MOST).astype(np.int32), tables.start
    cap = max(1, min(cap, _CELLS // (4 * room.most.size)))
    best, given_up, tries, _ = sweep(tables.runs, tables.parts, tables.facts, first, known, cap, effort)
    return Swept(best, given_up, tries)


class _Tables:
    """Tables of the runs kept, by first period, demand, and what they bring."""

    def __init__(self, offers: Offers, tree: Tree, room: Room, multipliers: Multipliers, kept: Numbers) -> None:
        self._offers, self._tree, self._horizon = offers, tree, len(offers.room)
        names = sorted({offers.ways[way].pair for way in set(offers.way[kept].tolist())}, key=str)
        self._number = {pair: n for n, pair in enumerate(names)}
        demand = np.array([self._number.get(way.pair, -1) for way in offers.ways], dtype=np.int64)
        order = np.lexsort((-multipliers.paid[kept], demand[offers.way[kept]], offers.first[kept]))
        kept = kept[order]
        self._way, self._first, self._last, self._value = (of[kept] for of in (offers.way, offers.first, offers.last, offers.value))
        self._paid, self._demand = multipliers.paid[kept], demand[self._way]
        self._leaf = np.array(tree.leaf_of_way)[self._way]
        self._node = np.array(tree.node_of_leaf)[self._leaf]
        self._unit = np.array(tree.unit_of_node)[self._node]
        self._project = np.array(tree.project_of_unit)[self._unit]
        self._shifts = {unit: np.unique(self._node[self._unit == unit]).tolist() for unit in np.unique(self._unit).tolist()}
        used, self._row = np.unique(self._way, return_inverse=True)
        self._taken = np.ascontiguousarray(room.taken[:, used].swapaxes(0, 1), dtype=np.int32)
        sums = np.zeros((len(used), self._horizon + 1), dtype=np.int64)
        np.cumsum(self._taken[:, 0], axis=1, out=sums[:, 1:])
        self._minutes = sums[self._row, self._last + 1] - sums[self._row, self._first]
        self._read_cuts(multipliers)
        self._marks = Marks.of(self._spans(), self._horizon)
        self.start = np.array(self._marks.mask((CUT, n) for n in self._cuts if offers.cuts[n].named), dtype=np.int64)
        self.facts = self._facts(multipliers, room)
        self.parts, part, leaf = self._parts()
        self.runs = self._runs(part, leaf)

    def _read_cuts(self, multipliers: Multipliers) -> None:
        """The demands of each cut that matters, the rates in hand for the others, and the cuts of each demand."""
        self._cuts, self.left_out, self._rates = dict[int, list[int]](), 0, multipliers.rates
        self._cuts_of = defaultdict[int, list[Mark]](list)
        for n, (cut, rate) in enumerate(zip(self._offers.cuts, multipliers.rates, strict=True)):
            counted = [self._number[pair] for pair in sorted(cut.demands) if pair in self._number]
            if not counted or (not rate and len(counted) + cut.named < LEAST_DEMANDS):
                self.left_out += 0 if cut.named else rate
                continue
            self._cuts[n] = counted
            for demand in counted:
                self._cuts_of[demand].append((CUT, n))

    def _spans(self) -> dict[Mark, tuple[int, int]]:
        """From when to when each mark matters."""

        def span(of: Numbers) -> tuple[int, int]:
            first = self._first[of]
            return int(first[0]), int(first[-1])

        spans = {(DEMAND, n): span(self._demand == n) for n in range(len(self._number))}
        for project in np.unique(self._project).tolist():
            mine = self._project == project
            units, demands = (np.unique(of[mine]).tolist() for of in (self._unit, self._demand))
            begin, end = span(mine)
            shifts = {
                (SHIFT, node): span(self._unit == unit) for unit in units for node in self._shifts[unit] if len(self._shifts[unit]) > 1
            }
            if shifts or self._tree.fees[project]:
                # Hopes of what belongs together ask for all of its marks from the first run on.
                spans |= {mark: (begin, last) for mark, (_, last) in shifts.items()}
                spans |= {(DEMAND, n): (begin, spans[DEMAND, n][1]) for n in demands}
            if self._tree.fees[project]:
                spans[PROJECT, project] = begin, end
        # Where the person is named a cut stands odd from the start.
        return spans | {(CUT, n): (0, max(spans[DEMAND, demand][1] for demand in counted)) for n, counted in self._cuts.items()}

    def _facts(self, multipliers: Multipliers, room: Room) -> Facts:
        band, marks = self._offers.fairness, self._marks
        cost, low, high = (0, 0, 0) if band is None else (band.cost, band.low, band.high)
        lost = np.zeros((marks.count, 2), dtype=np.int64)
        for n in self._cuts:
            lost[marks.bits[CUT, n]] = self._offers.cuts[n].price, self._rates[n]
        return Facts(
            prices=np.array(multipliers.prices, dtype=np.int64),
            need=self._need(room),
            lasting=marks.lasting(),
            cuts=marks.meant(CUT),
            lost=lost,
            more=np.stack([self._more(self._value), self._more(self._value + cost * self._minutes)]),
            fewer=marks.amounts({(PROJECT, n): max(0, fee) for n, fee in enumerate(self._tree.fees)}),
            band=np.array([cost, low, high, 1 if self._offers.places is None else 2], dtype=np.int64),
        )

    def _need(self, room: Room) -> Numbers:
        """By period: the room that runs which begin then or later can use."""
        most = np.zeros((len(self._number), *room.most.shape), dtype=np.int64)
        need = np.zeros((self._horizon + 1, *room.most.shape), dtype=np.int64)
        n = len(self._first)
        for t in range(self._horizon - 1, -1, -1):
            while n and self._first[n - 1] == t:
                n -= 1
                wanted = most[self._demand[n], :, t : self._last[n] + 1]
                np.maximum(wanted, self._taken[self._row[n], :, t : self._last[n] + 1], out=wanted)
            need[t] = most.sum(axis=0)
        return np.minimum(need, _MOST).astype(np.int32)

    def _more(self, worth: Numbers) -> Numbers:
        """By period and bit: the most that runs to come which it bars bring, a fee that they could bring, the price of a cut."""
        demands = _best_from(self._demand, len(self._number), self._first, worth, self._horizon)
        more: dict[Mark, Numbers | int] = {(DEMAND, n): demands[n] for n in range(len(self._number))}
        leaves = _best_from(self._leaf, len(self._tree.node_of_leaf), self._first, worth, self._horizon)
        nodes = np.zeros((len(self._tree.unit_of_node), self._horizon + 1), dtype=np.int64)
        np.add.at(nodes, np.array(self._tree.node_of_leaf), leaves)
        for of_unit in self._shifts.values():
            for node in of_unit if len(of_unit) > 1 else ():
                more[SHIFT, node] = nodes[[other for other in of_unit if other != node]].max(axis=0)
        more |= {(PROJECT, n): max(0, -fee) for n, fee in enumerate(self._tree.fees)}
        return self._marks.amounts(more | {(CUT, n): self._offers.cuts[n].price for n in self._cuts})

    def _parts(self) -> tuple[Parts, Numbers, Numbers]:
        """What runs to come could add, and of each run the part and the leaf."""
        tree, marks = self._tree, self._marks
        by_part = defaultdict[tuple[int, int], set[int]](set)
        for project, unit, leaf in set(zip(self._project.tolist(), self._unit.tolist(), self._leaf.tolist(), strict=True)):
            together = tree.fees[project] or len(self._shifts[unit]) > 1
            by_part[project, -1 if together else leaf].add(leaf)
        parts, units, nodes, others, numbers = list[list[int]](), list[int](), list[int](), list[list[int]](), dict[int, tuple[int, int]]()
        for (project, _), of_part in sorted(by_part.items()):
            parts.append([len(units), tree.fees[project], marks.bits.get((PROJECT, project), -1), 0, -1])
            path = sorted((tree.unit_of_node[tree.node_of_leaf[leaf]], tree.node_of_leaf[leaf], leaf) for leaf in of_part)
            last = (-1, -1)
            for unit, node, leaf in path:
                if unit != last[0]:
                    units.append(len(nodes))
                if node != last[1]:
                    nodes.append(len(numbers))
                    others.append(marks.mask((SHIFT, other) for other in self._shifts[unit] if other != node))
                numbers[leaf] = len(parts) - 1, len(numbers)
                last = unit, node
            if len(path) == 1 and not tree.fees[project]:
                parts[-1][4] = numbers[path[0][2]][1]
        part, leaf_number = np.array([numbers[leaf] for leaf in self._leaf.tolist()], dtype=np.int64).T
        best = _best_from(leaf_number, len(numbers), self._first, self._paid, self._horizon)
        table = np.array([*parts, [len(units), 0, -1, 0, -1]], dtype=np.int64)
        np.maximum.at(table[:, 3], part, np.arange(1, len(part) + 1))
        demand_of = dict(zip(leaf_number.tolist(), self._demand.tolist(), strict=True))
        leaves = np.array([[marks.bits[DEMAND, demand_of[n]], best[n, 0]] for n in range(len(numbers))], dtype=np.int64)
        made = Parts(
            table, np.array([*units, len(nodes)]), np.array([*nodes, len(numbers)]), np.array(others, dtype=np.int64), leaves, best
        )
        return made, part, leaf_number

    def _runs(self, part: Numbers, leaf: Numbers) -> Runs:
        marks, fees = self._marks, np.array(self._tree.fees, dtype=np.int64)
        bit = np.array([marks.bits.get((PROJECT, n), -1) for n in range(len(fees))], dtype=np.int64)
        begins = np.flatnonzero(np.diff(self._first, prepend=-1) | np.diff(self._demand, prepend=-1))
        group = np.r_[begins[1:], len(self._first)][np.searchsorted(begins, np.arange(len(self._first)), side="right") - 1]
        columns = (self._first, self._last, self._row, self._value, self._paid, self._minutes)
        table = np.stack([*columns, fees[self._project], bit[self._project], part, leaf, group], axis=1).astype(np.int64)
        kinds, kind = np.unique(np.stack([self._demand, self._node], axis=1), axis=0, return_inverse=True)
        bars, sets, flips = [], [], []
        for demand, node in kinds.tolist():
            unit = self._tree.unit_of_node[node]
            mine: list[Mark] = [(DEMAND, demand), (SHIFT, node), (PROJECT, self._tree.project_of_unit[unit])]
            bars.append(marks.mask([mine[0], *((SHIFT, other) for other in self._shifts[unit] if other != node)]))
            sets.append(marks.mask(mine))
            flips.append(marks.mask(self._cuts_of[demand]))
        masks = [np.array(of, dtype=np.int64)[kind.reshape(-1)] for of in (bars, sets, flips)]
        return Runs(table, masks[0], masks[1], masks[2], self._taken)


def _best_from(index: Numbers, count: int, first: Numbers, worth: Numbers, horizon: int) -> Numbers:
    """By index and period: the most that a run which begins then or later is worth, 0 at least."""
    best = np.zeros((count, horizon + 1), dtype=np.int64)
    np.maximum.at(best, (index, first), worth)
    later: Numbers = np.maximum.accumulate(best[:, ::-1], axis=1)[:, ::-1]
    return np.ascontiguousarray(later)

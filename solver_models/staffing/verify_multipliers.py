"""
Multipliers for a person's capacity: a quick upper limit on the best schedule, and what each run takes away from it.

A period's minutes and runs get a price instead of a limit, minutes in all a slope instead of the fairness band. Any prices of 0
and more give an upper limit: what the room costs, and the best runs at those prices, one for each demand, one shift for each unit.
All in whole numbers, so that everybody who checks a certificate comes to the same figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import mul
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.verify_cuts import Rates
from solver_models.staffing.verify_options import SAFE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver_models.staffing.verify_offers import Offers, Way
    from solver_models.staffing.verify_options import Numbers
    from solver_models.staffing.verify_room import Room

_STALLED = 5
"""Steps without a better limit before the step is halved."""
_FINEST = 64


@dataclass(frozen=True, slots=True)
class Tree:
    """
    How runs exclude each other: of a leaf's runs at most one, of a unit's nodes at most one, a project's fee once.

    A leaf is a demand at a node, a node a shift of a unit; shifts of a unit with a single demand are one node, as rule 5 keeps them
    apart already.
    """

    leaf_of_way: tuple[int, ...]
    node_of_leaf: tuple[int, ...]
    unit_of_node: tuple[int, ...]
    project_of_unit: tuple[int, ...]
    fees: tuple[int, ...]
    """By project; units of projects without a fee stand alone."""

    @staticmethod
    def of(offers: Offers) -> Tree:
        """The tree of a person's ways."""
        pairs: dict[object, set[str]] = {}
        for way in offers.ways:
            pairs.setdefault(way.unit, set()).add(way.pair)

        def path(way: Way) -> tuple[object, object, object, object]:
            project = way.project if offers.fees.get(way.project) else way.unit
            node = (way.unit, way.shift if len(pairs[way.unit]) > 1 else 0)
            return (node, way.pair), node, way.unit, project

        leaves, nodes, units, projects = dict[object, int](), dict[object, int](), dict[object, int](), dict[object, int]()
        leaf_of_way, node_of_leaf, unit_of_node, project_of_unit, fees = [], list[int](), list[int](), list[int](), list[int]()
        for way in offers.ways:
            leaf, node, unit, project = path(way)
            if project not in projects:
                projects[project] = len(projects)
                fees.append(offers.fees.get(way.project, 0))
            if unit not in units:
                units[unit] = len(units)
                project_of_unit.append(projects[project])
            if node not in nodes:
                nodes[node] = len(nodes)
                unit_of_node.append(units[unit])
            if leaf not in leaves:
                leaves[leaf] = len(leaves)
                node_of_leaf.append(nodes[node])
            leaf_of_way.append(leaves[leaf])
        return Tree(tuple(leaf_of_way), tuple(node_of_leaf), tuple(unit_of_node), tuple(project_of_unit), tuple(fees))


@dataclass(frozen=True, slots=True)
class Multipliers:
    """Prices of a period's room, a slope in place of the fairness band, and what follows from them."""

    prices: tuple[tuple[int, ...], ...]
    """By kind of room and period."""
    slope: int
    room: int
    """What all room left is worth at them, and the most by which the slope falls short of the band."""
    paid: Numbers
    """Value of each run less what it pays."""
    rates: tuple[int, ...]
    """What each run that counts for a cut pays beforehand."""
    limit: int
    """No schedule is worth more."""


class Lagrangian:
    """The limits of one person at multipliers, and the search for good ones by subgradient steps."""

    def __init__(self, offers: Offers, tree: Tree, room: Room) -> None:
        self._offers, self._tree, self._room = offers, tree, room
        self._leaf = np.array(tree.leaf_of_way, dtype=np.int64)[offers.way]
        self._order = np.argsort(self._leaf, kind="stable")
        ordered = self._leaf[self._order]
        self._starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        self._ends = np.r_[self._starts[1:], len(ordered)]
        self._present = ordered[self._starts]
        self._node = np.array(tree.node_of_leaf, dtype=np.int64)
        self._unit = np.array(tree.unit_of_node, dtype=np.int64)
        self._project = np.array(tree.project_of_unit, dtype=np.int64)
        self._fees = np.array(tree.fees, dtype=offers.value.dtype)
        self._most: list[list[int]] = room.most.tolist()
        largest = [max(most) for most in self._most]
        self._rates = Rates.of(offers.cuts, [way.pair for way in offers.ways], offers.value.dtype)
        self._alike = max(1, largest[0]) ** 2
        self._dearest = SAFE // (8 * len(largest) * len(offers.room) * max(1, *largest))
        # A full period counts alike in all kinds, so that one length of step suits them.
        self._scale = [max(1, largest[0] // max(1, most)) ** 2 for most in largest]

    def start(self) -> Multipliers:
        """No prices at all."""
        return self.at([[0] * len(most) for most in self._most], 0, self._rates.start)

    def at(self, prices: Sequence[Sequence[int]], slope: int, rates: Sequence[int]) -> Multipliers:
        """What follows from these multipliers."""
        offers, whole = self._offers, self._offers.value.dtype
        charge = (np.array(prices, dtype=whole)[:, None, :] * self._room.taken).sum(axis=0)
        if offers.fairness is not None:
            charge = charge - slope * self._room.taken[0]
        net, once = offers.worth - charge, offers.once + self._rates.charge(rates)
        sums = np.zeros((net.shape[0], net.shape[1] + 1), dtype=whole)
        np.cumsum(net, axis=1, out=sums[:, 1:])
        paid = sums[offers.way, offers.last + 1] - sums[offers.way, offers.first] - once[offers.way]
        room = sum(sum(map(mul, price, most)) for price, most in zip(prices, self._most, strict=True))
        room += self._rates.in_hand(rates)
        if (band := offers.fairness) is not None:
            room -= slope * ((band.low if slope >= 0 else band.high) - band.booked)
        _, _, _, project = self._worth(paid)
        limit = room + sum(max(0, worth) for worth in project.tolist())
        return Multipliers(tuple(map(tuple, prices)), slope, room, paid, tuple(rates), limit)

    def improved(self, best: Multipliers, *, goal: int, steps: int) -> Multipliers:
        """Multipliers of a lower limit, if some steps find them; ``goal`` is what some schedule is worth."""
        now, fine, stalled = best, 1, 0
        for _ in range(steps):
            if best.limit <= goal or fine > _FINEST:
                break
            now = self._step(now, (now.limit - goal), fine)
            if now.limit < best.limit:
                best, stalled = now, 0
            elif (stalled := stalled + 1) >= _STALLED:
                now, fine, stalled = best, 2 * fine, 0
        return best

    def loss(self, multipliers: Multipliers) -> Numbers:
        """By how much the limit falls, at least, when each run is taken."""
        leaf, node, unit, project = self._worth(multipliers.paid)
        # Beside what its leaf loses: its unit's other shifts, and the fee of its project.
        of_unit = np.maximum(-project, 0)[self._project] + unit
        lost = of_unit[self._unit] - node
        loss: Numbers = (lost[self._node] + leaf)[self._leaf] - multipliers.paid
        return loss

    def _worth(self, paid: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """The best runs' worth by leaf, node, unit and project; the fees are off the last."""
        leaf, node, unit = (np.zeros(len(of), dtype=paid.dtype) for of in (self._node, self._unit, self._project))
        leaf[self._present] = np.maximum(np.maximum.reduceat(paid[self._order], self._starts), 0)
        np.add.at(node, self._node, leaf)
        np.maximum.at(unit, self._unit, node)
        project = -self._fees
        np.add.at(project, self._project, unit)
        return leaf, node, unit, project

    def _chosen(self, paid: Numbers) -> list[int]:
        """The runs that give the limit."""
        leaf, node, unit, project = self._worth(paid)
        goes = (node > 0) & (node >= unit[self._unit]) & (project > 0)[self._project[self._unit]]
        taken = ((leaf > 0) & goes[self._node])[self._present]
        spans = zip(self._starts[taken].tolist(), self._ends[taken].tolist(), strict=True)
        return [int(self._order[start + paid[self._order[start:end]].argmax()]) for start, end in spans]

    def _step(self, now: Multipliers, gap: int, fine: int) -> Multipliers:
        """One step towards the goal: what is used beyond the room gets dearer, what is left over cheaper."""
        left, booked, seconds = self._left(now)
        # Where the price is 0 already and something is left there is nowhere to go.
        off = [[min(0, x) if price == 0 else x for price, x in zip(*of, strict=True)] for of in zip(now.prices, left, strict=True)]
        seconds = self._rates.movable(now.rates, seconds)
        band, beside = self._offers.fairness, 0
        if band is not None:
            aim = band.low if now.slope > 0 else band.high if now.slope < 0 else min(max(booked, band.low), band.high)
            beside = booked - aim
        size = sum(scale * sum(map(mul, of, of)) for scale, of in zip(self._scale, off, strict=True)) + beside * beside
        size += self._alike * sum(map(mul, seconds, seconds))
        size = max(1, size) * fine
        slope = 0 if band is None else min(max(now.slope - gap * beside // size, -band.cost, -self._dearest), band.cost, self._dearest)
        prices = [
            [min(self._dearest, max(0, price - gap * scale * x // size)) for price, x in zip(of, away, strict=True)]
            for of, scale, away in zip(now.prices, self._scale, off, strict=True)
        ]
        rates = self._rates.moved(now.rates, [gap * self._alike * x // size for x in seconds])
        return self.at(prices, slope, rates)

    def _left(self, now: Multipliers) -> tuple[list[list[int]], int, list[int]]:
        """Room that the runs which give the limit leave by kind and period, the minutes booked with them, and seconds by cut."""
        offers, taken = self._offers, self._room.taken
        left = self._room.most.copy()
        chosen = self._chosen(now.paid)
        for run in chosen:
            span = slice(offers.first[run], offers.last[run] + 1)
            left[:, span] -= taken[:, offers.way[run], span]
        booked = 0 if offers.fairness is None else offers.fairness.booked + int((self._room.most[0] - left[0]).sum())
        return left.tolist(), booked, self._rates.seconds(offers.way[chosen])

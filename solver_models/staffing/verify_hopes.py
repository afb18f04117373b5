"""
What runs that begin later could still add to a schedule, and the bits that remember what that depends on.

A group is the steps of one demand that begin in one period; groups are numbered in the order of their periods.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import accumulate, count, groupby
from operator import add
from typing import TYPE_CHECKING

from solver_models.staffing.verify_cuts import Parities
from solver_models.staffing.verify_steps import Step, steps_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver_models.staffing.verify_multipliers import Multipliers, Tree
    from solver_models.staffing.verify_offers import Offers
    from solver_models.staffing.verify_options import Numbers


Leaf = tuple[int, list[int]]
"""The bit of a demand, and what runs of each group and later ones bring."""
Node = tuple[int, list[Leaf]]
"""The bits that bar a shift, and its demands."""


@dataclass(frozen=True, slots=True)
class Bits:
    """What a step decides, what bars it and what it needs, as bits; the bit of its project, and the project's fee."""

    sets: int
    barred: int
    needs: int
    project: int
    fee: int
    flips: int = 0
    """The cuts that it counts for."""


@dataclass(slots=True)
class Project:
    """Units that share a fee, or a unit whose demands share a shift: what they can still bring depends on what is decided."""

    bit: int
    fee: int
    units: list[list[Node]]
    """Nodes by unit."""
    mask: int
    end: int
    """Groups from here on have none of its runs."""
    known: dict[tuple[int, int], int] = field(default_factory=dict)

    @staticmethod
    def of(bit: int, fee: int, units: list[list[Node]], end: int) -> Project:
        """The project, and the bits that it depends on."""
        mask = bit
        for node in (node for unit in units for node in unit):
            mask |= node[0]
            for pair, _ in node[1]:
                mask |= pair
        return Project(bit, fee, units, mask, end)

    def hope(self, group: int, decided: int) -> int:
        """What runs of this and later groups could add at most."""
        if group >= self.end:
            return 0
        key = group, decided & self.mask
        if key not in self.known:
            total: int = sum(max(_of_node(node, group, decided) for node in unit) for unit in self.units)
            self.known[key] = total if decided & self.bit else max(0, total - self.fee)
        return self.known[key]


def _of_node(node: Node, group: int, decided: int) -> int:
    barred, leaves = node
    return 0 if decided & barred else sum(worth[group] for bit, worth in leaves if not decided & bit)


class Hopes:
    """The groups of steps of some runs of a person, and what each group and those after it could add."""

    def __init__(self, offers: Offers, tree: Tree, multipliers: Multipliers, kept: Numbers) -> None:
        self._tree, self._fees = tree, tree.fees
        self._pair = [way.pair for way in offers.ways]

        def place(step: Step) -> tuple[int, str]:
            return step.first, self._pair[step.way]

        self.groups = [list(group) for _, group in groupby(sorted(steps_of(offers, multipliers, kept), key=place), key=place)]
        self.first = [group[0].first for group in self.groups]
        self._later = self._later_worth()
        self._number_bits(offers, multipliers)
        self.alive = self._alive()
        self.asked_of = [bits & ~self.parities.all_bits for bits in self.alive]
        self._split()
        self._asked, self._answers = -1, dict[int, int]()

    def of(self, group: int, decided: int) -> int:
        """What steps of this and later groups could add at most, given what is decided."""
        decided &= self.asked_of[group]
        answers = self.answers(group)
        known = answers.get(decided)
        if known is None:
            known = answers[decided] = self._summed_up(group, decided)
        return known

    def answers(self, group: int) -> dict[int, int]:
        """What ``of`` has found out about this group, by the bits that matter (``asked_of``)."""
        if group != self._asked:
            self._asked, self._answers = group, {}
        return self._answers

    def _summed_up(self, group: int, decided: int) -> int:
        total, used = self._flat[group], decided & self._flat_bits
        while used:
            bit = used & -used
            total -= self._flat_worth[bit][group]
            used ^= bit
        begun = decided & self._going_bits
        while begun:
            bit = begun & -begun
            total += self._going_worth[bit]
            begun ^= bit
        for project in self._projects:
            total += project.hope(group, decided)
        return total

    def bits(self, step: Step) -> Bits:
        """What a step decides, and what it depends on."""
        after = self._going_bit[step.way, step.last] if step.continued else 0
        if step.goes_on:
            return Bits(sets=after, barred=0, needs=self._going_bit[step.way, step.first - 1], project=0, fee=0)
        node = self._tree.node_of_leaf[self._tree.leaf_of_way[step.way]]
        project = self._project(step.way)
        pair = self._pair_bit.get(self._pair[step.way], 0)
        return Bits(
            sets=pair | self._node_bit.get(node, 0) | after,
            barred=pair | self._others(node),
            needs=0,
            project=self._project_bit.get(project, 0),
            fee=self._fees[project],
            flips=self.parities.flips[self._pair[step.way]],
        )

    def _project(self, way: int) -> int:
        return self._tree.project_of_unit[self._tree.unit_of_node[self._tree.node_of_leaf[self._tree.leaf_of_way[way]]]]

    def _others(self, node: int) -> int:
        """Bits of the other shifts of a unit."""
        unit = self._tree.unit_of_node[node]
        return sum(self._node_bit.get(other, 0) for other in self._nodes[unit] if other != node)

    def _begin(self) -> Iterator[tuple[int, Step]]:
        """Every step that begins a run, with its group."""
        return ((g, step) for g, group in enumerate(self.groups) for step in group if not step.goes_on)

    def _later_worth(self) -> dict[int, list[int]]:
        """By leaf: the best run of each group and those after it, 0 at least."""
        later: dict[int, list[int]] = {}
        for g, step in self._begin():
            worth = later.setdefault(self._tree.leaf_of_way[step.way], [0] * (len(self.groups) + 1))
            worth[g] = max(worth[g], step.paid + step.later)
        return {leaf: list(accumulate(reversed(worth), max))[::-1] for leaf, worth in later.items()}

    def _number_bits(self, offers: Offers, multipliers: Multipliers) -> None:
        """Bits for what must be remembered: see ``_split`` and ``_alive`` for how long."""
        groups_of, nodes = defaultdict[str, set[int]](set), defaultdict[int, set[int]](set)
        for g, step in self._begin():
            groups_of[self._pair[step.way]].add(g)
        for leaf in self._later:
            node = self._tree.node_of_leaf[leaf]
            nodes[self._tree.unit_of_node[node]].add(node)
        projects = {self._tree.project_of_unit[unit] for unit in nodes}
        number = count()
        self._nodes = nodes
        self._pair_bit = {pair: 1 << next(number) for pair, several in groups_of.items() if len(several) > 1}
        self._node_bit = {node: 1 << next(number) for unit in nodes.values() if len(unit) > 1 for node in sorted(unit)}
        self._project_bit = {project: 1 << next(number) for project in sorted(projects) if self._fees[project]}
        self._going_bit: dict[tuple[int, int], int] = {}
        self._going_worth: dict[int, int] = {}
        for step in (step for group in self.groups for step in group if step.continued):
            bit = self._going_bit.setdefault((step.way, step.last), 1 << next(number))
            self._going_worth[bit] = step.later
        self._going_bits = sum(self._going_worth)
        self.parities = Parities.of(offers.cuts, multipliers.rates, groups_of, 1 << next(number))

    def _alive(self) -> list[int]:
        """By group: the bits that it or a later one looks at."""
        alive = [0] * (len(self.groups) + 1)
        for g in range(len(self.groups) - 1, -1, -1):
            alive[g] = alive[g + 1]
            for step in self.groups[g]:
                bits = self.bits(step)
                alive[g] |= bits.barred | bits.project | bits.needs | bits.flips
        return alive

    def _split(self) -> None:
        """Leaves that stand for themselves are summed up once; the others are summed up by project when asked."""
        pair_of = {self._tree.leaf_of_way[step.way]: self._pair[step.way] for _, step in self._begin()}
        self._flat, self._flat_worth = [0] * (len(self.groups) + 1), dict[int, list[int]]()
        units: defaultdict[int, defaultdict[int, list[Leaf]]] = defaultdict(lambda: defaultdict(list))
        for leaf, worth in self._later.items():
            node = self._tree.node_of_leaf[leaf]
            unit = self._tree.unit_of_node[node]
            bit = self._pair_bit.get(pair_of[leaf], 0)
            if self._tree.project_of_unit[unit] not in self._project_bit and len(self._nodes[unit]) == 1:
                self._flat = list(map(add, self._flat, worth))
                if bit:
                    self._flat_worth[bit] = worth
            else:
                units[unit][node].append((bit, worth))
        self._flat_bits = sum(self._flat_worth)
        by_project: defaultdict[int, list[list[Node]]] = defaultdict(list)
        for unit, nodes in units.items():
            by_project[self._tree.project_of_unit[unit]].append([(self._others(node), leaves) for node, leaves in nodes.items()])
        ends = {self._project(step.way): g + 1 for g, step in self._begin()}
        self._projects = [Project.of(self._project_bit.get(p, 0), self._fees[p], of_units, ends[p]) for p, of_units in by_project.items()]

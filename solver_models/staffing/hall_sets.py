"""
Demands that want more together than all who could do them have: no plan fills them all, whatever else it does.

Hall's condition over a range of periods. Wanted is what pinned runs leave of the effort that falls into the range at every allowed
shift; there is what they leave of the capacity of everybody who may take one of the demands, in periods that are not frozen. The
set and range with the largest shortfall are a minimum cut.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

import numpy as np
from ortools.graph.python import max_flow

from solver_models.staffing.around import PartColumns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from solver_models.staffing.forced import Clock
    from solver_models.staffing.problem import Demand, Problem

_ENDS = 9
"""Periods of a window between which ranges are tried, evenly spread over longer windows."""
_NO_LIMIT = 1 << 50


@dataclass(frozen=True, slots=True, kw_only=True)
class HallSet:
    """
    Demands that want ``wanted_min`` in the periods from ``first`` to ``last``, of people who have ``capacity_min`` there.

    ``people``: everybody who may take one of them. ``requires``: the levels that all of the demands ask for at least.
    """

    demands: tuple[str, ...]
    people: tuple[str, ...]
    first: int
    last: int
    wanted_min: int
    capacity_min: int
    requires: Mapping[str, int] = field(default_factory=dict)

    @property
    def short_min(self) -> int:
        """By how many minutes they fall short."""
        return self.wanted_min - self.capacity_min


def hall_set(problem: Problem, demand_id: str, clock: Clock) -> HallSet | None:
    """
    The demands, this one among them, with the largest shortfall over a range of its periods; ``None`` where none falls short.

    First only those that nobody can do who could not do this one: such a set is the easiest to understand. Then any.
    """
    room = _Room(problem)
    for find in (room.shortest_of_pool, room.shortest):
        best: HallSet | None = None
        for first, last in room.ranges(demand_id):
            if clock.left_s <= 0:
                break
            found = find(demand_id, first, last)
            if found is not None and (best is None or _rank(found) > _rank(best)):
                best = found
        if best is not None:
            return best
    return None


def _rank(found: HallSet) -> tuple[int, int, int]:
    return found.short_min, -len(found.demands), found.first - found.last


class _Room:
    """What pinned runs leave of efforts and capacities."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._part = PartColumns(problem, ())
        self._terms = self._part.terms
        self._row = {p.id: n for n, p in enumerate(problem.people)}
        booked: Counter[tuple[str, int]] = Counter()
        self._delivered: Counter[tuple[str, int]] = Counter()
        self._pinned_on: dict[str, set[int]] = {}
        for pin in self._part.pins:
            r = pin.shortest
            minutes = self._terms.minutes(r.person, r.demand, r.share_e4, r.shift)
            self._pinned_on.setdefault(r.demand, set()).add(self._row[r.person])
            for t in range(r.first, r.last + 1):
                booked[r.person, t] += minutes[t]
                self._delivered[r.demand, t] += minutes[t]
        frozen = self._terms.frozen
        self._free = np.array(
            [[0 if t < frozen else max(0, c - booked[p.id, t]) for t, c in enumerate(p.capacity)] for p in problem.people], dtype=np.int64
        ).reshape(len(problem.people), self._terms.horizon)
        self._rows = {d.id: self._able(d) for d in problem.demands}

    def _able(self, demand: Demand) -> np.ndarray:
        """Rows of those who may take it, or go on with a pinned run."""
        pinned = self._pinned_on.get(demand.id, set())
        return np.union1d(self._part.eligibility.allowed_rows(demand), np.array(sorted(pinned), dtype=np.int64)).astype(np.int64)

    def ranges(self, demand_id: str) -> Iterator[tuple[int, int]]:
        """First and last periods within all that the demand may run in."""
        window, unit = self._terms.windows[demand_id], self._terms.unit_of[demand_id]
        shifts = self._part.shifts[unit]
        if window is None or not shifts:
            return
        low, high = max(0, window[0] + min(shifts)), min(self._terms.horizon - 1, window[1] + max(shifts))
        ends = sorted({round(t) for t in np.linspace(low, high, min(_ENDS, high - low + 1))})
        yield from combinations_with_replacement(ends, 2)

    def shortest_of_pool(self, demand_id: str, first: int, last: int) -> HallSet | None:
        """The demands that only those who could do this one could do, if they fall short in these periods."""
        wanted = self._wanted_in(first, last)
        if demand_id not in wanted:
            return None
        pool = self._rows[demand_id]
        return self._falling_short([d for d in wanted if np.isin(self._rows[d], pool).all()], wanted, first, last)

    def shortest(self, demand_id: str, first: int, last: int) -> HallSet | None:
        """The demands with the largest shortfall in these periods; the fewest where there are several such sets."""
        wanted = self._wanted_in(first, last)
        if demand_id not in wanted:
            return None
        free = self._free[:, first : last + 1].sum(axis=1)
        chosen = self._joined(demand_id, self._cut([*self._joined(demand_id, wanted)], wanted, free))
        return self._falling_short([*chosen], wanted, first, last)

    def _wanted_in(self, first: int, last: int) -> dict[str, int]:
        return {d.id: n for d in self._problem.demands if (n := self._wanted(d, first, last)) > 0}

    def _falling_short(self, chosen: list[str], wanted: Mapping[str, int], first: int, last: int) -> HallSet | None:
        people = sorted({int(row) for d in chosen for row in self._rows[d]})
        total, capacity = sum(wanted[d] for d in chosen), int(self._free[people, first : last + 1].sum())
        if total <= capacity:
            return None
        return HallSet(
            demands=tuple(d.id for d in self._problem.demands if d.id in chosen),
            people=tuple(self._problem.people[row].id for row in people),
            first=first,
            last=last,
            wanted_min=total,
            capacity_min=capacity,
            requires=self._levels_asked(chosen),
        )

    def _joined(self, demand_id: str, demands: Iterable[str]) -> dict[str, None]:
        """The demand first, then those of the others that hang together with it by people who could do both, directly or not."""
        able = np.zeros(len(self._problem.people), dtype=bool)
        able[self._rows[demand_id]] = True
        joined, rest = {demand_id: None}, {d: None for d in demands if d != demand_id}
        while near := [d for d in rest if able[self._rows[d]].any()]:
            for d in near:
                able[self._rows[d]] = True
                joined[d] = rest.pop(d)
        return joined

    def _cut(self, demands: list[str], wanted: Mapping[str, int], free: np.ndarray) -> set[str]:
        """Demands on the source's side of a minimum cut between what is wanted and who is there; the first is always there."""
        flow = max_flow.SimpleMaxFlow()
        source, sink, people = 0, 1, 2 + len(demands)
        for n, d in enumerate(demands):
            flow.add_arc_with_capacity(source, 2 + n, _NO_LIMIT if n == 0 else wanted[d])
        tails = np.concatenate([np.full(len(self._rows[d]), 2 + n, dtype=np.int32) for n, d in enumerate(demands)])
        heads = np.concatenate([self._rows[d] + people for d in demands]).astype(np.int32)
        flow.add_arcs_with_capacity(tails, heads, np.full(len(tails), _NO_LIMIT, dtype=np.int64))
        rows = np.unique(heads) - people
        flow.add_arcs_with_capacity(
            (rows + people).astype(np.int32), np.full(len(rows), sink, dtype=np.int32), np.ascontiguousarray(free[rows], dtype=np.int64)
        )
        if flow.solve(source, sink) != flow.OPTIMAL:
            return {demands[0]}
        side = set(flow.get_source_side_min_cut())
        return {demands[0]} | {d for n, d in enumerate(demands) if 2 + n in side}

    def _wanted(self, demand: Demand, first: int, last: int) -> int:
        """What falls into these periods whatever the shift, less what pinned runs deliver."""
        shifts = self._part.shifts[self._terms.unit_of[demand.id]]
        if not shifts:
            return 0
        effort = min(sum(self._terms.effort(demand.id, s)[first : last + 1]) for s in shifts)
        return effort - sum(self._delivered[demand.id, t] for t in range(first, last + 1))

    def _levels_asked(self, chosen: Collection[str]) -> dict[str, int]:
        demands = [d for d in self._problem.demands if d.id in chosen]
        skills = set(demands[0].requires).intersection(*(d.requires for d in demands))
        return {s: min(d.requires[s] for d in demands) for s in sorted(skills)}

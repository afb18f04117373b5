"""What runs use of the demand-side limits (3, 6, 7, 8), and which further runs that leaves room for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.kernel.bars import bar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from solver_models.staffing.dense_prices import Market
    from solver_models.staffing.roster import Booked


NO_LIMIT = 1 << 62
"""New minutes where they are not limited."""


class Usage:
    """
    Counts over runs: runs by demand index (``heads``), shares by row index and period (only where the market ``has_shares``), new
    minutes, runs by project, runs by person and project with groups, unpinned runs by a unit's shift (``choices``, by choice index).
    """

    def __init__(self, market: Market, pinned: Iterable[Booked] = ()) -> None:
        self._market = market
        table = market.table
        self.heads = np.zeros(len(table.demand_index), dtype=np.int64)
        self.share_e4 = np.zeros((len(table.row_index), table.horizon) if market.has_shares else (0, 0), dtype=np.int64)
        self.fresh = 0
        self.on_project: Counter[str] = Counter()
        self.members: Counter[tuple[str, str]] = Counter()
        self.choices = np.zeros(len(market.choice_unit), dtype=np.int64)
        for booked in pinned:
            self.add(booked)

    def add(self, pinned: Booked) -> None:
        """Count a pinned run."""
        table, o = self._market.table, pinned.option
        n = table.number(o)
        self.heads[table.arrays.demand[n]] += 1
        if self.share_e4.size:
            self.share_e4[table.arrays.row[n], pinned.first : pinned.last + 1] += o.share_e4
        self.fresh += sum(o.fresh[pinned.first - o.lo : pinned.last - o.lo + 1])
        project = table.columns.terms.demands[o.demand].project
        self.on_project[project] += 1
        if table.arrays.pair[n] >= 0:
            self.members[project, o.person] += 1

    def count(self, r: int, sign: int = 1) -> None:
        """Count a run of the table by its index (of an extension what it adds), or with ``sign`` -1 no longer."""
        table, a = self._market.table, self._market.table.arrays
        n = int(a.option[r])
        o, is_run = table.options[n], int(a.heads[r])
        if self.share_e4.size:
            self.share_e4[a.row[n], a.first[r] : a.last[r] + 1] += sign * o.share_e4
        self.fresh += sign * int(a.fresh[r])
        self.heads[a.demand[n]] += sign * is_run
        project = table.columns.terms.demands[o.demand].project
        self.on_project[project] += sign * is_run
        if a.pair[n] >= 0:
            self.members[project, o.person] += sign * is_run
        if is_run:
            self.choices[self._market.row_choice[a.row[n]]] += sign

    def without(self, chosen: Iterable[int]) -> Usage:
        """The same without some runs of the table."""
        rest = Usage(self._market)
        rest.heads, rest.share_e4, rest.fresh = self.heads.copy(), self.share_e4.copy(), self.fresh
        rest.on_project, rest.members, rest.choices = self.on_project.copy(), self.members.copy(), self.choices.copy()
        for r in chosen:
            rest.count(r, -1)
        return rest

    def fits(self, chosen: Iterable[int]) -> bool:
        """Whether each of these runs of the table fits beside what is counted."""
        a = self._market.table.arrays
        left = self._market.table.columns.problem.policy.max_churn_minutes
        for r in chosen:
            n = int(a.option[r])
            if a.heads[r] and self.heads[a.demand[n]] >= self._market.people_limit[a.demand[n]]:
                return False
            if self.share_e4.size and self._lacks_room(n, int(a.first[r]), int(a.last[r])):
                return False
            if left is not None and a.fresh[r] > left - self.fresh:
                return False
        return True

    def shift_of(self, unit: str) -> int | None:
        """The shift that runs have chosen for a unit."""
        market = self._market
        return next((s for s in market.table.columns.shifts[unit] if self.choices[market.choice_index[unit, s]] > 0), None)

    def there(self, project: str, group: Iterable[str]) -> set[str]:
        """Who of a group has a run on the project."""
        return {person for person in group if self.members[project, person] > 0}

    def barred(self, people: Iterable[int], beside: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
        """
        Runs of these people, by index, that do not fit beside what is counted, or are barred ``beside``; others are not looked at.

        With a run every longer one is barred that has its periods.
        """
        a = self._market.table.arrays
        barred = np.zeros(len(a.runs), dtype=bool) if beside is None else beside.copy()
        full = self.heads >= self._market.people_limit
        left = self._market.table.columns.problem.policy.max_churn_minutes
        room = NO_LIMIT if left is None else left - self.fresh
        moved = self._of_other_shifts() if self.share_e4.size else full[:0]
        for p in people:
            bar(a, p, full, self.share_e4, self._market.share_limit, moved, room, barred)
        return barred

    def _of_other_shifts(self) -> NDArray[np.bool_]:
        """By row, whether runs have chosen another shift for its unit."""
        market = self._market
        of_unit = np.bincount(market.choice_unit, weights=self.choices)
        other: NDArray[np.bool_] = of_unit[market.choice_unit[market.row_choice]] > self.choices[market.row_choice]
        return other

    def _lacks_room(self, n: int, first: int, last: int) -> bool:
        """Whether an option, from ``first`` to ``last``, finds its share taken or the unit moved otherwise."""
        market, row = self._market, self._market.table.arrays.row[n]
        option, choice = market.table.options[n], market.row_choice[row]
        if option.pin is None and self.choices[market.choice_unit == market.choice_unit[choice]].sum() > self.choices[choice]:
            return True
        taken = self.share_e4[row, first : last + 1] + option.share_e4
        return bool((taken > market.share_limit[row, first : last + 1]).any())

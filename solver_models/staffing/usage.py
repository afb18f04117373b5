"""What runs use of the demand-side limits (3, 6, 7, 8), and which further runs that leaves room for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from solver_models.staffing.dense_prices import Market
    from solver_models.staffing.roster import Booked


class Usage:
    """
    Counts over runs: runs by demand index (``heads``), shares by row index and period (only where the market ``has_shares``), new
    minutes, runs by project, runs by person and project with groups, unpinned runs by unit and shift.
    """

    def __init__(self, market: Market, pinned: Iterable[Booked] = ()) -> None:
        self._market = market
        table = market.table
        self.heads = np.zeros(len(table.demand_index), dtype=np.int64)
        self.share_e4 = np.zeros((len(table.row_index), table.horizon) if market.has_shares else (0, 0), dtype=np.int64)
        self.fresh = 0
        self.on_project: Counter[str] = Counter()
        self.members: Counter[tuple[str, str]] = Counter()
        self.shifts: Counter[tuple[str, int]] = Counter()
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
            self.shifts[table.columns.terms.unit_of[o.demand], o.shift] += sign

    def without(self, chosen: Iterable[int]) -> Usage:
        """The same without some runs of the table."""
        rest = Usage(self._market)
        rest.heads, rest.share_e4, rest.fresh = self.heads.copy(), self.share_e4.copy(), self.fresh
        rest.on_project, rest.members, rest.shifts = self.on_project.copy(), self.members.copy(), self.shifts.copy()
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
            if self.share_e4.size and self._lacks_room(n, a.first[r : r + 1], a.last[r : r + 1])[0]:
                return False
            if left is not None and a.fresh[r] > left - self.fresh:
                return False
        return True

    def shift_of(self, unit: str) -> int | None:
        """The shift that runs have chosen for a unit."""
        return next((s for s in self._market.table.columns.shifts[unit] if self.shifts[unit, s] > 0), None)

    def there(self, project: str, group: Iterable[str]) -> set[str]:
        """Who of a group has a run on the project."""
        return {person for person in group if self.members[project, person] > 0}

    def barred(self, people: Iterable[int]) -> NDArray[np.bool_]:
        """Runs of these people, by index, that do not fit beside what is counted; others are not looked at."""
        a = self._market.table.arrays
        barred = np.zeros(len(a.runs), dtype=bool)
        full = self.heads >= self._market.people_limit
        left = self._market.table.columns.problem.policy.max_churn_minutes
        for p in people:
            part = slice(a.run_at[p], a.run_at[p + 1])
            options = a.option[part]
            barred[part] = full[a.demand[options]] & (a.heads[part] == 1)
            if self.share_e4.size:
                for n in range(a.option_at[p], a.option_at[p + 1]):
                    of_option = np.flatnonzero(options == n) + a.run_at[p]
                    barred[of_option] |= self._lacks_room(n, a.first[of_option], a.last[of_option])
            if left is not None:
                barred[part] |= a.fresh[part] > left - self.fresh
        return barred

    def _lacks_room(self, n: int, first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which runs of an option, from ``first`` to ``last``, find their share taken, the unit moved otherwise or a group full."""
        table = self._market.table
        option, row = table.options[n], table.arrays.row[n]
        chosen = self.shift_of(table.columns.terms.unit_of[option.demand])
        if option.pin is None and chosen is not None and chosen != option.shift:
            return np.ones(len(first), dtype=bool)
        if row < 0:
            return np.zeros(len(first), dtype=bool)
        lacks = self.share_e4[row] + option.share_e4 > self._market.share_limit[row]
        before = np.concatenate(([0], np.cumsum(lacks)))
        return before[last + 1] - before[first] > 0

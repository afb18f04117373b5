"""Prices as arrays over a run table: what a schedule pays, what the demand side is worth, and the certificate's lists."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.certificate import Prices
from solver_models.staffing.kernel.search import PriceVector
from solver_models.staffing.problem import E4, LEAST_SHARE_E4

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from solver_models.staffing.problem import Demand
    from solver_models.staffing.run_table import Ints, RunTable


Cut = tuple[tuple[int, ...], int]
"""Demands, sorted, and the person that counts as one more run (-1: nobody); all by index."""
_NOTHING = np.zeros(0, dtype=np.bool_)
_BEYOND_PRICE = 1 << 55


@dataclass(frozen=True, slots=True, kw_only=True)
class DensePrices:
    """As ``Prices``: ``share`` is rows x T (or 0 x 0 when nothing is priced by share), ``heads`` by demand index."""

    share: Ints
    heads: Ints
    fresh: int
    apart: Mapping[tuple[str, int], int]
    together: Mapping[tuple[str, int, str], int]
    cuts: Mapping[Cut, int] = field(default_factory=dict)


class Market:
    """What prices mean for one table of runs."""

    def __init__(self, table: RunTable) -> None:
        self.table = table
        self._columns = table.columns
        self._demands = list(table.demand_index)
        self._rows = list(table.row_index)

    @cached_property
    def has_shares(self) -> bool:
        """Whether some demand has rules on its shares or shifts beyond "one run"."""
        columns = self._columns
        return any(self.needs_shares(d) for d in columns.problem.demands) or any(len(s) > 1 for s in columns.shifts.values())

    @cached_property
    def rows(self) -> int:
        """How many rows a linear program of these rules has, about."""
        return len(self._demands) + int(self.priced.sum())

    @cached_property
    def priced(self) -> NDArray[np.bool_]:
        """
        Rows and periods whose share has a price: with effort, of demands that need one.

        Where every run takes the whole window, all its periods have the same runs, and one of them stands for all.
        """
        columns, mask = self._columns, np.zeros((len(self._rows), self.table.horizon), dtype=bool)
        for n, (demand, s) in enumerate(self._rows):
            if self.needs_shares(columns.terms.demands[demand]):
                wanted = [t for t, effort in enumerate(columns.terms.effort(demand, s)) if effort > 0]
                late = [t for t in wanted if t >= columns.terms.frozen]
                mask[n, late[:1] if late and self.is_undivided(demand) else wanted] = True
        return mask

    def is_undivided(self, demand: str) -> bool:
        """Whether every run on the demand takes its whole window."""
        return all(o.is_single and o.pin is None for o in self._columns.by_demand.get(demand, ()))

    def needs_shares(self, demand: Demand) -> bool:
        """Whether rules on the demand's shares say more than the limit on its runs does."""
        columns, unit = self._columns, self._columns.terms.unit_of[demand.id]
        is_alone = len(columns.shifts[unit]) < 2 or len(columns.terms.units[unit]) == 1
        return columns.people_limit(demand) > 1 or columns.is_whole(demand.project) or not is_alone

    @property
    def free(self) -> DensePrices:
        """Nothing costs anything."""
        return DensePrices(
            share=np.zeros((0, 0), dtype=np.int64), heads=np.zeros(len(self._demands), dtype=np.int64), fresh=0, apart={}, together={}
        )

    def vector(self, prices: DensePrices, barred: NDArray[np.bool_] = _NOTHING) -> PriceVector:
        """The prices as pricing wants them, beside runs that may not be chosen (by run of the table)."""
        horizon = self.table.horizon
        share = np.zeros((len(self._rows) if prices.share.size else 0, horizon + 1), dtype=np.int64)
        if prices.share.size:
            np.cumsum(prices.share, axis=1, out=share[:, 1:])
        pairs = self._pair_prices(prices)
        paid = self._pinned_payments(prices, share, pairs)
        for pair in self._pinned_pairs:
            pairs[pair] = 0
        return PriceVector(share, prices.heads, prices.fresh, pairs, paid, barred, *self._cut_tables(prices))

    def _cut_tables(self, prices: DensePrices) -> tuple[Ints, Ints, Ints]:
        """Price and person of each cut, and by demand which ones it counts for."""
        cuts = [(demands, person, price) for (demands, person), price in prices.cuts.items() if price > 0]
        counts = np.zeros(len(self._demands) + 1, dtype=np.int64)
        members = sorted((d, n) for n, (demands, _, _) in enumerate(cuts) for d in demands)
        for d, _ in members:
            counts[d + 1] += 1
        table = np.array([(price, person) for _, person, price in cuts], dtype=np.int64).reshape(-1, 2)
        return table, np.cumsum(counts), np.array([n for _, n in members], dtype=np.int64)

    def _pair_prices(self, prices: DensePrices) -> Ints:
        pairs = np.zeros(len(self.table.pair_index) + 1, dtype=np.int64)
        for (project, g), price in prices.apart.items():
            for person in self._columns.terms.projects[project].apart[g]:
                pairs[self.table.pair_index[person, project]] += price
        for (project, _, person), price in prices.together.items():
            pairs[self.table.pair_index[person, project]] += price
        return pairs

    def _pinned_payments(self, prices: DensePrices, share: Ints, pairs: Ints) -> Ints:
        arrays = self.table.arrays
        paid = np.zeros(len(arrays.base), dtype=np.int64)
        for n, booked in zip(self.table.pins, self.table.pinned_runs(), strict=True):
            o, row = booked.option, arrays.row[n]
            p = self.table.person_index[o.person]
            fresh = sum(o.fresh[: booked.last - o.lo + 1])
            paid[p] += E4 * (prices.heads[arrays.demand[n]] + prices.fresh * fresh)
            if share.shape[0] and row >= 0:
                paid[p] += o.share_e4 * (share[row, booked.last + 1] - share[row, booked.first])
        for pair, p in self._pinned_pairs.items():
            paid[p] += E4 * pairs[pair]
        return paid

    @cached_property
    def _pinned_pairs(self) -> dict[int, int]:
        """Pairs of a person and a project with groups that are pinned anyhow, with the person."""
        arrays, people = self.table.arrays, self.table.person_index
        return {int(arrays.pair[n]): people[self.table.options[n].person] for n in self.table.pins if arrays.pair[n] >= 0}

    def demand_side_e4(self, prices: DensePrices, settled: NDArray[np.bool_] | None = None) -> int:
        """
        What the demand side is worth at these prices, in ten-thousandths of Z.

        Each unit of shift takes its dearest shift, each all-or-nothing project goes ahead only when its units together are worth
        it, or (by choice) it is ``settled``. Added to everybody's best schedule at the same prices it bounds every plan.
        """
        columns = self._columns
        taken, worth = self.taken_choices(prices, settled)
        total: int = sum(worth[taken].tolist())
        total += E4 * prices.fresh * (columns.problem.policy.max_churn_minutes or 0)
        total += E4 * sum(a * max(1, columns.used.apart.get(key, 0)) for key, a in prices.apart.items())
        groups: defaultdict[tuple[str, int], int] = defaultdict(int)
        for (project, g, _), w in prices.together.items():
            groups[project, g] += w
        total += E4 * sum(c * most_of_cut(cut) for cut, c in prices.cuts.items())
        return total + E4 * sum(max(0, w) for w in groups.values())

    def taken_choices(self, prices: DensePrices, settled: NDArray[np.bool_] | None = None) -> tuple[Ints, Ints]:
        """
        Which shift each unit takes at these prices, by choice index (none where its project does not go ahead), and every worth.

        What is ``settled`` (by choice) is taken whatever it is worth.
        """
        worth = E4 * prices.heads[self.row_demand] * self.people_limit[self.row_demand]
        if prices.share.size:
            worth = worth + np.where(prices.share >= 0, prices.share * self.share_limit, prices.share * LEAST_SHARE_E4).sum(axis=1)
        by_choice = np.zeros(len(self.choice_unit), dtype=np.int64)
        np.add.at(by_choice, self.row_choice, worth)
        liked = by_choice if settled is None else by_choice + _BEYOND_PRICE * settled
        order = np.lexsort((-liked, self.choice_unit))
        is_first = np.ones(len(order), dtype=bool)
        is_first[1:] = self.choice_unit[order][1:] != self.choice_unit[order][:-1]
        taken = order[is_first]
        by_project: defaultdict[str, int] = defaultdict(int)
        for choice in taken:
            if (project := self._whole_project[self.choice_unit[choice]]) is not None:
                by_project[project] += int(liked[choice])
        gone = {project for project, total in by_project.items() if total <= 0}
        if gone:
            taken = np.array([c for c in taken if self._whole_project[self.choice_unit[c]] not in gone], dtype=np.int64)
        return taken, by_choice

    @cached_property
    def row_demand(self) -> Ints:
        """The demand of every row, by index."""
        return np.array([self.table.demand_index[d] for d, _ in self._rows], dtype=np.int64)

    @cached_property
    def people_limit(self) -> Ints:
        """``max_people`` by demand, as relaxed by what is pinned."""
        return np.array([self._columns.people_limit(d) for d in self._columns.problem.demands], dtype=np.int64)

    @cached_property
    def share_limit(self) -> Ints:
        """The whole of a demand by row and period, or what pinned runs take of it."""
        limit = np.full((len(self._rows), self.table.horizon), E4, dtype=np.int64)
        for (demand, t), share in self._columns.used.share_e4.items():
            for s in self._columns.shifts[self._columns.terms.unit_of[demand]]:
                row = self.table.row_index[demand, s]
                limit[row, t] = max(E4, share)
        return limit

    @cached_property
    def _unit_index(self) -> dict[str, int]:
        return {unit: n for n, unit in enumerate(self._columns.terms.units)}

    @cached_property
    def choice_index(self) -> dict[tuple[str, int], int]:
        """A unit at one of its shifts."""
        shifts = self._columns.shifts
        return {key: n for n, key in enumerate((unit, s) for unit in self._columns.terms.units for s in shifts[unit])}

    @cached_property
    def row_choice(self) -> Ints:
        """The unit's shift that every row belongs to, by choice index."""
        unit_of = self._columns.terms.unit_of
        return np.array([self.choice_index[unit_of[d], s] for d, s in self._rows], dtype=np.int64)

    @cached_property
    def choice_unit(self) -> Ints:
        """The unit of every choice, by index."""
        return np.array([self._unit_index[unit] for unit, _ in self.choice_index], dtype=np.int64)

    @cached_property
    def _whole_project(self) -> list[str | None]:
        """The all-or-nothing project of every unit, if it has one."""
        projects = (demands[0].project for demands in self._columns.terms.units.values())
        return [project if self._columns.is_whole(project) else None for project in projects]

    def listed(self, prices: DensePrices) -> Prices:
        """The prices as a certificate lists them; projects that cannot be filled have those that show it."""
        share = {(*self._rows[row], int(t)): int(prices.share[row, t]) for row, t in np.argwhere(prices.share)} if prices.share.size else {}
        heads = {self._demands[d]: int(prices.heads[d]) for d in np.flatnonzero(prices.heads)}
        cuts = {
            (tuple(self._demands[d] for d in demands), None if p < 0 else self.table.people[p]): c
            for (demands, p), c in prices.cuts.items()
            if c
        }
        in_vain = {d.id for project in self.table.hopeless for d in self._columns.terms.of_project[project]}
        share = {key: v for key, v in share.items() if key[0] not in in_vain}
        for shown in self.table.hopeless.values():
            share.update(shown.share)
            heads.update(shown.heads)
        apart = {key: a for key, a in prices.apart.items() if key[0] not in self.table.hopeless}
        together = {key: w for key, w in prices.together.items() if key[0] not in self.table.hopeless}
        return Prices(share=share, heads=heads, fresh=prices.fresh, apart=apart, together=together, cuts=cuts)

    def dense(self, prices: Prices) -> DensePrices:
        """Prices of a certificate; what this table does not know is left out, so that the certificate may be of another problem."""
        heads = np.zeros(len(self._demands), dtype=np.int64)
        for demand, h in prices.heads.items():
            if (d := self.table.demand_index.get(demand)) is not None:
                heads[d] = h
        share = np.zeros((len(self._rows) if prices.share else 0, self.table.horizon if prices.share else 0), dtype=np.int64)
        for (demand, s, t), v in prices.share.items():
            if (row := self.table.row_index.get((demand, s))) is not None and t < self.table.horizon:
                share[row, t] = v
        cuts = {cut: c for (demands, person), c in prices.cuts.items() if (cut := self._known_cut(demands, person)) is not None}
        return DensePrices(share=share, heads=heads, fresh=prices.fresh, apart=prices.apart, together=prices.together, cuts=cuts)

    def _known_cut(self, demands: tuple[str, ...], person: str | None) -> Cut | None:
        known = [d for demand in demands if (d := self.table.demand_index.get(demand)) is not None]
        if len(known) < len(demands) or (person is not None and person not in self.table.person_index):
            return None
        return tuple(sorted(known)), -1 if person is None else self.table.person_index[person]


def most_of_cut(cut: Cut) -> int:
    """How many halves there are of what counts for a cut, rounded down."""
    demands, person = cut
    return (len(demands) + (person >= 0)) // 2

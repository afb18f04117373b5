"""
All-or-nothing projects go into a plan, or out of it, as a whole.

Demand by demand those take part whom it costs least, each with the best schedule that has such a run; then others choose anew among
what was given up for it. Going out, the project's people choose anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.formats_size import largest_person_x60
from solver_models.staffing.pricing import cost_of, schedule_from
from solver_models.staffing.problem import E4, LEAST_SHARE_E4

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from solver_models.staffing.dense_prices import Market
    from solver_models.staffing.kernel.search import PriceVector
    from solver_models.staffing.pricing import Pricer
    from solver_models.staffing.problem import Demand
    from solver_models.staffing.recreate import HeldRuns, Turns
    from solver_models.staffing.run_table import Ints
    from solver_models.staffing.schedules import Schedule
    from solver_models.staffing.usage import Usage

_LEAST_BONUS = 1 << 36
"""Beside the prices, for a run that is to be had, or more: more than anybody's schedule is worth."""
_CANDIDATES = 16
_FOLLOWERS = 8
_ROOM = 100


@dataclass(slots=True)
class Change:
    """A plan on the way: the schedules changed so far, who has what of the rest, and the work it took."""

    now: Sequence[Schedule]
    used: Usage
    held: HeldRuns
    made: dict[int, Schedule] = field(default_factory=dict)
    work: float = 0.0

    def schedule(self, p: int) -> Schedule:
        """What the person has."""
        return self.made.get(p, self.now[p])

    def copy(self) -> Change:
        """Another one, to go on with apart."""
        return Change(self.now, self.used.without(()), self.held.copy(), dict(self.made))

    def worth(self, fresh: int) -> int:
        """What it brings, in units of Z, where a new minute costs so much; only differences say something."""
        return sum(schedule.value - self.now[p].value for p, schedule in self.made.items()) - fresh * self.used.fresh

    def take(self, p: int, schedule: Schedule) -> None:
        """The person has another schedule from now on."""
        for r in self.schedule(p).chosen:
            self.used.count(r, -1)
        for r in schedule.chosen:
            self.used.count(r)
        self.made[p] = schedule
        self.held.hold(p, schedule)


class WholeProjects:
    """Changes of plans by whole projects."""

    def __init__(self, market: Market, pricer: Pricer, turns: Turns) -> None:
        self._market = market
        self._pricer = pricer
        self._turns = turns
        self._bonus = max(_LEAST_BONUS, largest_person_x60(market.table.columns.problem))
        columns, a = market.table.columns, market.table.arrays
        self.projects = [p.id for p in columns.problem.projects if columns.is_whole(p.id) and columns.terms.of_project.get(p.id)]
        wanted = np.array([d.project in self.projects for d in columns.problem.demands], dtype=bool)
        self._order = np.argsort(a.demand[a.option], kind="stable")
        self._at = np.searchsorted(a.demand[a.option][self._order], np.arange(len(wanted) + 1))
        self._covers = self._covering()

    def _covering(self) -> NDArray[np.bool_]:
        """Runs that last as long as there is effort to cover, by run of the table."""
        columns, a, table = self._market.table.columns, self._market.table.arrays, self._market.table
        span = np.zeros((len(table.row_index), 2), dtype=np.int64)
        for (demand, s), row in table.row_index.items():
            wanted = [t for t, effort in enumerate(columns.terms.effort(demand, s)) if effort > 0 and t >= columns.terms.frozen]
            span[row] = (wanted[0], wanted[-1]) if wanted else (0, -1)
        of_run = span[a.row[a.option]]
        covers: NDArray[np.bool_] = (a.first <= of_run[:, 0]) & (a.last >= of_run[:, 1]) & (a.heads == 1)
        return covers

    def put_in(self, project: str, change: Change, asked: PriceVector, draw: random.Random) -> bool:
        """Fill it, at any cost, and let others take what was given up for it; whether that was possible."""
        before = dict(change.made)
        demands = [d for d in self._market.table.columns.terms.of_project[project] if any(d.effort)]
        scarcest_first = sorted(demands, key=lambda d: self._span(d)[1] - self._span(d)[0])
        if not all(self._fill(d, change, asked, draw) for d in scarcest_first):
            return False
        part = {p for p, schedule in change.made.items() if schedule is not before.get(p)}
        dropped = {d for p in part for d in self._demands(set(change.now[p].chosen) - set(change.made[p].chosen))}
        self._follow(part, dropped, change, asked, draw)
        return self._keeps_groups(project, change.used)

    def _fill(self, d: Demand, change: Change, asked: PriceVector, draw: random.Random) -> bool:
        """Fill a demand, without those who are there if nobody can fill what they leave."""
        has_begun = change.used.heads[self._market.table.demand_index[d.id]] > 0
        while not self.is_full(d, change.used):
            if (found := self._cheapest(d, change, asked, draw)) is not None:
                change.take(*found)
            elif has_begun:
                has_begun = False
                self._clear([d], change)
            else:
                return False
        return True

    def _clear(self, demands: Iterable[Demand], change: Change) -> list[int]:
        """Take all runs on demands back; who had them."""
        a, table = self._market.table.arrays, self._market.table
        cleared = {table.demand_index[d.id] for d in demands}
        there = []
        for p in range(len(change.now)):
            runs = change.schedule(p).chosen
            rest = [r for r in runs if int(a.demand[a.option[r]]) not in cleared]
            if len(rest) < len(runs):
                change.take(p, schedule_from(table, p, rest))
                there.append(p)
        return there

    def take_out(self, project: str, change: Change, asked: PriceVector, draw: random.Random) -> bool:
        """Take its runs back; those who had them choose anew."""
        there = self._clear(self._market.table.columns.terms.of_project[project], change)
        draw.shuffle(there)
        self._anew(there, change, asked)
        return True

    def _keeps_groups(self, project: str, used: Usage) -> bool:
        """Whether people apart are apart on the project, and people together are all there or not at all."""
        columns = self._market.table.columns
        listed = columns.terms.projects[project]
        for g, group in enumerate(listed.apart):
            if len(used.there(project, group)) > max(1, columns.used.apart.get((project, g), 0)):
                return False
        return all(len(used.there(project, group)) in (0, len(group)) for group in listed.together)

    def _span(self, d: Demand) -> tuple[int, int]:
        index = self._market.table.demand_index[d.id]
        return int(self._at[index]), int(self._at[index + 1])

    def _demands(self, runs: Iterable[int]) -> set[int]:
        a = self._market.table.arrays
        return {int(a.demand[a.option[r]]) for r in runs if a.heads[r]}

    def is_filled(self, project: str, used: Usage) -> bool:
        """Whether shares cover all of its demands."""
        return all(self.is_full(d, used) for d in self._market.table.columns.terms.of_project[project] if any(d.effort))

    def is_full(self, d: Demand, used: Usage) -> bool:
        """Whether a demand has a run, and shares cover it, as rule 8 wants it."""
        has_run = used.heads[self._market.table.demand_index[d.id]] > 0
        return bool(has_run) and all(taken >= LEAST_SHARE_E4 for taken in self._taken(d, used))

    def _taken(self, d: Demand, used: Usage) -> list[int]:
        """What is taken of a demand in the periods in which rule 8 wants it covered; nothing before its shift is chosen."""
        terms, table = self._market.table.columns.terms, self._market.table
        shift = used.shift_of(terms.unit_of[d.id])
        if shift is None:
            return []
        effort, taken = terms.effort(d.id, shift), used.share_e4[table.row_index[d.id, shift]]
        return [int(taken[t]) for t in range(terms.frozen, terms.horizon) if effort[t] > 0]

    def _cheapest(self, d: Demand, change: Change, asked: PriceVector, draw: random.Random) -> tuple[int, Schedule] | None:
        """Whom a run on the demand costs least, of some who can, and the schedule with it."""
        table, index = self._market.table, self._market.table.demand_index[d.id]
        low, high = self._span(d)
        runs = self._order[low:high]
        runs = runs[self._covers[runs] & np.isin(table.arrays.share_e4[table.arrays.option[runs]], self._fitting_shares(d, change.used))]
        people = self._free_of_groups(np.unique(table.person_of_run[runs]), d.project, change.used)
        if len(people) > _CANDIDATES:
            people = np.sort(np.array(draw.sample(people.tolist(), _CANDIDATES)))
        heads = asked.heads.copy()
        heads[index] -= self._bonus
        wanted = asked._replace(heads=heads)
        best: tuple[float, int, Schedule] | None = None
        for p in map(int, people):
            cost, schedule = self._with_run(p, index, runs, change, wanted)
            if schedule is not None and (best is None or cost < best[0]):
                best = cost, p, schedule
        return None if best is None else best[1:]

    def _fitting_shares(self, d: Demand, used: Usage) -> list[int]:
        """Shares with which one more run leaves what the people after it can fill exactly."""
        left = self._market.table.columns.people_limit(d) - int(used.heads[self._market.table.demand_index[d.id]])
        taken = self._taken(d, used)
        low, high = LEAST_SHARE_E4 - min(taken, default=0), E4 - max(taken, default=0)
        sums = {0}
        for _ in range(left - 1):
            sums |= {more + share for more in sums for share in d.shares_e4 if more + share <= E4}
        return [share for share in d.shares_e4 if any(low <= share + more <= high for more in sums)]

    def _free_of_groups(self, people: Ints, project: str, used: Usage) -> Ints:
        """Without those whom a group keeps off the project, or who would bring others along."""
        columns, table = self._market.table.columns, self._market.table
        listed = columns.terms.projects[project]
        off = set().union(*listed.together)
        for g, group in enumerate(listed.apart):
            there = used.there(project, group)
            if len(there) >= max(1, columns.used.apart.get((project, g), 0)):
                off |= group - there
        return np.array([p for p in people.tolist() if table.people[p] not in off], dtype=np.int64)

    def _with_run(self, p: int, demand: int, runs: Ints, change: Change, wanted: PriceVector) -> tuple[float, Schedule | None]:
        """What it costs the person, by share of the demand, to have a run on it, and the schedule with it."""
        table, a, now = self._market.table, self._market.table.arrays, change.schedule(p)
        if any(a.demand[a.option[r]] == demand for r in now.chosen):
            return 0.0, None
        given_up = [r for r in now.chosen if not change.held.is_held[r]]
        for r in given_up:
            change.used.count(r, -1)
        barred = change.used.barred([p])
        for r in given_up:
            change.used.count(r)
        mine = runs[table.person_of_run[runs] == p]
        closed, part = barred[mine], slice(a.run_at[p], a.run_at[p + 1])
        barred[part] |= change.held.barred[part]
        barred[mine] = closed
        pricer = change.held.pricer(self._pricer)
        one, kept = np.array([p]), change.held.held(now)
        found = pricer.best(wanted._replace(barred=barred), one, room=_ROOM)
        chosen = [int(r + a.run_at[p]) for r in found.chosen[0] if r >= 0]
        new = next((r for r in chosen if a.demand[a.option[r]] == demand), None)
        change.work += cost_of(found)
        if new is None:
            return 0.0, None
        barred[mine] = True
        rest = pricer.best(wanted._replace(barred=barred), one, room=_ROOM)
        change.work += cost_of(rest)
        cost = int(rest.value[0]) - (int(found.value[0]) - E4 * self._bonus)
        return cost / float(a.share_e4[a.option[new]]), schedule_from(table, p, kept + chosen)

    def _follow(self, before: set[int], dropped: set[int], change: Change, asked: PriceVector, draw: random.Random) -> None:
        """Some of those who could do what was given up choose anew."""
        able: set[int] = set()
        for d in dropped:
            runs = self._order[self._at[d] : self._at[d + 1]]
            able |= set(np.unique(self._market.table.person_of_run[runs]).tolist())
        rivals = sorted(able - before)
        self._anew(draw.sample(rivals, min(_FOLLOWERS, len(rivals))) + sorted(before), change, asked)

    def _anew(self, order: Sequence[int], change: Change, asked: PriceVector) -> None:
        now = {p: change.schedule(p) for p in order}
        used = change.used.without(r for s in now.values() for r in s.chosen if not change.held.is_held[r])
        made = self._turns.solve(order, now, change.held, used, asked)
        change.work += made.work
        for p, schedule in zip(order, made.schedules, strict=True):
            change.take(p, schedule)

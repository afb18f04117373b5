"""Everybody's best schedule at given prices, on all cores."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from solver_models.staffing.budget import LABELS
from solver_models.staffing.kernel.search import MOST_RUNS, best_schedules
from solver_models.staffing.schedules import Schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import ThreadPoolExecutor

    from solver_models.staffing.kernel.search import Arrays, PriceVector
    from solver_models.staffing.problem import Run
    from solver_models.staffing.run_table import Ints, RunTable

_AT_ONCE = 64
"""People that one thread prices in one go."""
ROOM = 4_000
"""Labels held for a person before the least promising are dropped."""


class Bests(NamedTuple):
    """For each of ``people``: a limit on the best schedule, the best one found (runs counted from the person's first) and its value."""

    people: Ints
    limit: Ints
    value: Ints
    chosen: Ints
    labels: int


def cost_of(bests: Bests) -> float:
    """Work that an answer took."""
    return bests.labels / LABELS + len(bests.people) / 20


class Pricer:
    """Answers for one table; each person's own prices and last schedule are kept to start the next answer from."""

    def __init__(self, table: RunTable, pool: ThreadPoolExecutor | None = None, arrays: Arrays | None = None) -> None:
        self.table = table
        self._arrays = table.arrays if arrays is None else arrays
        people = len(table.person_index)
        self._map = map if pool is None else pool.map
        self.per_minute = np.zeros((people, table.horizon))
        self._tilt = np.zeros(people)
        self._known = np.full((people, MOST_RUNS), -1, dtype=np.int64)
        self._fairness = table.columns.problem.policy.fairness_cost
        self.labels = 0

    def best(self, prices: PriceVector, people: Ints | None = None, *, room: int = ROOM) -> Bests:
        """The best schedules of some people, or of all; values in ten-thousandths of Z."""
        chosen_people = np.arange(len(self.table.person_index)) if people is None else np.ascontiguousarray(people, dtype=np.int64)
        parts = [chosen_people[n : n + _AT_ONCE] for n in range(0, len(chosen_people), _AT_ONCE)]

        def answer(part: Ints) -> tuple[Ints, Ints]:
            figures, chosen = best_schedules(self._arrays, prices, part, self.per_minute, self._tilt, self._fairness, self._known, room)
            return figures, chosen

        answers = list((map if len(parts) == 1 else self._map)(answer, parts))  # handing a single part over takes longer than most answers
        figures, chosen = (np.concatenate([answer[k] for answer in answers]) for k in range(2))
        limit, value, met = figures.T
        self._known[chosen_people] = chosen
        labels = int(met.sum())
        self.labels += labels
        return Bests(chosen_people, limit, value, chosen, labels)

    def fork(self, arrays: Arrays | None = None) -> Pricer:
        """Another one that starts where this one is, and works in the caller's thread alone; ``arrays`` may leave people less time."""
        other = Pricer(self.table, arrays=arrays)
        other.per_minute[:] = self.per_minute
        other._tilt[:] = self._tilt
        return other

    def start_from(self, runs: Iterable[Run]) -> None:
        """Take the schedules of a plan as the ones known."""
        self._known[:] = -1
        for schedule in schedules_of(self.table, runs):
            p = self.table.person_index[schedule.person]
            self._known[p, : len(schedule.chosen)] = [r - self.table.arrays.run_at[p] for r in schedule.chosen[:MOST_RUNS]]


def schedules_in(table: RunTable, bests: Bests) -> Iterator[Schedule]:
    """The schedules found."""
    for p, chosen in zip(bests.people, bests.chosen, strict=True):
        yield schedule_from(table, int(p), [int(r + table.arrays.run_at[p]) for r in chosen if r >= 0])


def schedules_of(table: RunTable, runs: Iterable[Run]) -> list[Schedule]:
    """Everybody's schedule in a plan."""
    chosen: list[list[int]] = [[] for _ in table.person_index]
    for run, index in table.indexed(runs):
        chosen[table.person_index[run.person]].append(index)
    return [schedule_from(table, p, runs_of) for p, runs_of in enumerate(chosen)]


def schedule_from(table: RunTable, person: int, chosen: list[int]) -> Schedule:
    """A schedule from the table's runs."""
    a = table.arrays
    runs = tuple(sorted(chosen))
    picked = np.array(runs, dtype=np.int64)
    value, booked = int(a.base[person] + a.value[picked].sum()), int(a.booked[person])
    fairness = table.columns.problem.policy.fairness_cost
    if fairness:
        booked += sum(
            int(a.minutes[a.at[o] + a.first[r] - a.lo[o] : a.at[o] + a.last[r] - a.lo[o] + 1].sum()) for r in runs for o in (a.option[r],)
        )
        value -= fairness * int(max(0, a.low[person] - booked) + max(0, booked - a.high[person]))
    return Schedule(table.people[person], runs, value)

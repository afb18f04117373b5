"""
Column generation: a bound on every plan from prices, and the whole schedules that those prices call for.

Each round the master mixes the schedules known so far, its dual prices go to every person, and each answers with the best
schedule at those prices. Any prices give a bound; the rounds end when no schedule improves the mix. A dive then fixes the
heaviest schedules of the mix, lets the others answer to the new prices, and so on until everybody has one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from solver_models.staffing.master import Master, NoMixError
from solver_models.staffing.prices import Prices, demand_side_e4
from solver_models.staffing.problem import E4
from solver_models.staffing.roster import Roster
from solver_models.staffing.schedules import Pricer, Schedule, schedule_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from solver_models.staffing.columns import Columns
    from solver_models.staffing.problem import Run

_CLOSED = 1e-7
"""Share of the bound at which the mix counts as the best there is."""
_HEAVY = 0.9
"""Schedules of at least this weight are fixed in a dive, and in any case the heaviest tenth."""
_DIVE_ROUNDS = 3
"""Rounds of pricing between two steps of a dive."""


class Pricing:
    """
    Column generation on one problem.

    ``plans`` (feasible ones) give the first schedules, beside everybody's pinned runs alone; ``is_over`` is asked between
    rounds, ``seconds_left`` limits a single answer.
    """

    def __init__(
        self,
        columns: Columns,
        plans: Iterable[Sequence[Run]],
        *,
        workers: int,
        is_over: Callable[[], bool],
        seconds_left: Callable[[], float],
    ) -> None:
        self._columns = columns
        self._master = Master(columns)
        self._is_over = is_over
        self._seconds_left = seconds_left
        self._workers = workers
        self._pricers = {p.id: Pricer(columns, p) for p in columns.problem.people}
        for plan in (Roster(columns).runs(), *plans):
            self._master.add(schedule_of(columns, p, plan) for p in columns.problem.people)

    def bound(self, on_bound: Callable[[int], None] = lambda _: None) -> tuple[int, Prices]:
        """The least bound met in units of Z, and the prices that give it; ``on_bound`` hears of every better one."""
        best: tuple[int, Prices] | None = None
        with ThreadPoolExecutor(max_workers=self._workers) as pool:
            while best is None or not self._is_over():
                mix_x60, prices = self._master.solve()
                value_e4, new = self._round(pool, prices, self._pricers.keys())
                bound = (demand_side_e4(self._columns, prices) + value_e4) // E4
                if best is None or bound < best[0]:
                    best = bound, prices
                    on_bound(bound)
                if new == 0 or best[0] - mix_x60 <= _CLOSED * abs(best[0]):
                    break
        return best

    def dive(self) -> list[Run]:
        """The runs of one schedule for each person, heaviest first; demand-side rules may need mending where shifts were mixed."""
        roster, fixed = Roster(self._columns), dict[str, Schedule]()
        with ThreadPoolExecutor(max_workers=self._workers) as pool:
            while not self._is_over() and (step := self._heaviest(roster, fixed)):
                for schedule in step:
                    self._master.fix(schedule)
                try:
                    self._settle(pool, fixed.keys() | {s.person for s in step})
                except NoMixError:
                    break
                fixed |= {s.person: s for s in step}
        rest = [s for _, s in self._master.mix() if s.person not in fixed]
        return [b.run for s in (*fixed.values(), *rest) for b in s.runs]

    def _heaviest(self, roster: Roster, fixed: Collection[str]) -> list[Schedule]:
        """The next schedules to fix, all of which fit together with the fixed ones; their runs are booked in the roster."""
        step: dict[str, Schedule] = {}
        for weight, schedule in self._master.mix():
            if weight < _HEAVY and len(step) >= max(1, len(self._pricers) // 10):
                break
            if schedule.person not in fixed and schedule.person not in step and _book(roster, schedule):
                step[schedule.person] = schedule
        return list(step.values())

    def _settle(self, pool: ThreadPoolExecutor, fixed: Collection[str]) -> None:
        """Let everybody not fixed answer to the new prices, a few times."""
        for _ in range(_DIVE_ROUNDS):
            _, prices = self._master.solve()
            if self._is_over() or self._round(pool, prices, [p for p in self._pricers if p not in fixed])[1] == 0:
                return
        self._master.solve()

    def _round(self, pool: ThreadPoolExecutor, prices: Prices, people: Iterable[str]) -> tuple[int, int]:
        """Ask people for their best schedules; the sum of what those are worth, and how many schedules were new."""

        def answer(person: str) -> tuple[int, tuple[Schedule, ...]]:
            return self._pricers[person].best(prices, seconds=max(0.05, self._seconds_left()))

        answers = list(pool.map(answer, people))
        new = self._master.add(schedule for _, found in answers for schedule in found)
        return sum(value for value, _ in answers), new


def _book(roster: Roster, schedule: Schedule) -> bool:
    """Book the whole schedule, or nothing of it."""
    free = [b for b in schedule.runs if b.option.pin is None]
    for n, booked in enumerate(free):
        if not roster.fits(booked):
            for earlier in free[:n]:
                roster.remove(earlier)
            return False
        roster.add(booked)
    return True

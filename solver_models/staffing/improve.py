"""
Large-neighbourhood search: people who compete for the same demands choose anew, everybody else keeps their runs.

Two ways take turns, as each has paid off for its work so far. One solves a neighbourhood like the whole: column generation among a
few dozen people for what the others leave, then the best choice of whole schedules. The other (``recreate``) lets a few choose one
after the other. Where new minutes are limited they cost what they are worth at the prices, so that what is saved in one place can be
used in another.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.master import Master, NoMixError
from solver_models.staffing.neighbourhoods import Losses, Rivals, weighted
from solver_models.staffing.pricing import cost_of, schedules_in, schedules_of
from solver_models.staffing.recreate import PARTS, HeldRuns, Turns
from solver_models.staffing.usage import Usage
from solver_models.staffing.whole_projects import Change, WholeProjects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from concurrent.futures import ThreadPoolExecutor

    from numpy.typing import NDArray

    from solver_models.staffing.bound import Pricing
    from solver_models.staffing.budget import Budget
    from solver_models.staffing.neighbourhoods import Floats
    from solver_models.staffing.problem import Run
    from solver_models.staffing.run_table import Ints
    from solver_models.staffing.schedules import Schedule

_SIZES = (10, 16, 24, 36)
"""How many people a neighbourhood has, drawn each time."""
_TURN_SIZES = (3, 4, 6, 8, 12)
_AT_ONCE = 2
"""Neighbourhoods that are solved side by side, whatever the number of threads; one where demands are shared."""
_TURNS_AT_ONCE = 8
_PROJECTS_AT_ONCE = 4
_GOES_OUT = 0.3
_ROUNDS = 12
_ROOM = 1_000
"""Labels for one person: a good schedule, not a proof."""
_FROM_POOL = 40
"""Schedules of a person that a neighbourhood starts with."""
_COLUMN_WORK = 0.05
_DRAW_WORK = 2
_TURN_WORK = 0.5
_LEAST_PART, _LEAST_SHARED_PART = 0.3, 0.05
"""Of the work, for each way; where demands are shared, whole neighbourhoods take long."""
_FADES = 0.98
"""What paid off earlier counts less and less."""
_SLACK = 0.002
"""New minutes left, as a share of the limit, up to which their price stays."""
_CHEAPER, _DEARER = 0.995, 1.002
_TOO_DEAR = 1.2


@dataclass(frozen=True, slots=True)
class Found:
    """What a neighbourhood came to: its people's schedules if better than before, all schedules met, and the work it took."""

    better: list[Schedule]
    met: list[Schedule]
    work: float


@dataclass(slots=True)
class Way:
    """A way to solve neighbourhoods, and what it brought for which work lately."""

    solve: Callable[[Ints, random.Random], Found]
    draw: Callable[[], list[Ints]]
    gain: float = 1.0
    work: float = 1.0
    spent: float = 0.0

    def paid_off(self, gain: float, work: float) -> None:
        """Count a step."""
        self.gain, self.work = _FADES * self.gain + gain, _FADES * self.work + work
        self.spent += work


class Neighbourhoods:
    """Improves a plan of one problem; the sequence of neighbourhoods follows from the seed."""

    def __init__(self, pricing: Pricing, plan: Iterable[Run], budget: Budget, *, seed: int, threads: ThreadPoolExecutor) -> None:
        assert pricing.best is not None
        self._pricing = pricing
        self._market = pricing.market
        self._table = pricing.market.table
        self._budget = budget
        self._threads = threads
        self._random = random.Random(seed)  # noqa: S311
        self._pool: list[list[Schedule]] = [[] for _ in self._table.people]
        for schedule in pricing.pool:
            self._pool[self._table.person_index[schedule.person]].append(schedule)
        self._rivals = Rivals(pricing, self._random)
        self._losses = Losses(pricing)
        self._limit = self._table.columns.problem.policy.max_churn_minutes
        self._price = 0 if self._limit is None else pricing.best.prices.fresh
        self._turns = Turns(self._market, pricing.pricer)
        self._projects = WholeProjects(self._market, pricing.pricer, self._turns)
        self._ways = [
            Way(self._by_columns, partial(self._draw, _SIZES, 1 if self._market.has_shares else _AT_ONCE)),
            Way(self._by_turns, partial(self._draw, _TURN_SIZES, _TURNS_AT_ONCE)),
        ]
        if self._projects.projects:
            self._ways.append(Way(self._by_projects, self._draw_projects))
        self._least = _LEAST_SHARED_PART if self._market.has_shares else _LEAST_PART
        self.looked_wide = False
        """Whether the last neighbourhoods were whole ones, which leave little undone where they were in vain."""
        self.take(plan)

    def take(self, plan: Iterable[Run]) -> None:
        """Go on from this plan."""
        self.schedules = schedules_of(self._table, plan)
        self._used = Usage(self._market, self._table.pinned_runs())
        self._count((r for s in self.schedules for r in s.chosen), 1)
        self._held = HeldRuns.of(self._market, self.schedules)
        self._changed = set(range(len(self.schedules)))

    @property
    def plan(self) -> tuple[Run, ...]:
        """The plan so far."""
        return self._table.plan(r for s in self.schedules for r in s.chosen)

    @property
    def objective_x60(self) -> int:
        """Z of the plan so far."""
        return sum(s.value for s in self.schedules)

    @property
    def merit_x60(self) -> int:
        """What the plan is worth so far: Z, less what its new minutes would be worth to others."""
        return self._merit(self.schedules)

    @property
    def has_slack(self) -> bool:
        """Whether new minutes are left over, so that filling the plan up may bring more."""
        return self._limit is not None and self._limit - self._used.fresh > _SLACK * self._limit

    def improve(self) -> bool:
        """Solve the next neighbourhoods, side by side; whether the plan has more merit."""
        way = min(self._ways, key=lambda w: w.spent / max(self._least, self._part_of(w)))
        self.looked_wide = way is self._ways[0]
        parts = way.draw()
        seeds = [random.Random(self._random.random()) for _ in parts]  # noqa: S311
        self._set_price()
        before, work, is_better, settled = self._budget.work, 0.0, False, set[str]()
        self._budget.spend(_DRAW_WORK if way.solve == self._by_columns else _TURN_WORK)
        gain = 0.0
        # All of them before any is taken over: what one leaves must not reach another that is still being solved.
        for found in list(self._threads.map(way.solve, parts, seeds)):
            self._budget.spend(found.work)
            self._keep(found.met)
            if found.better and not self._budget.is_stopped:
                more = self._merit(found.better) - self._merit(self._now(found.better))
                if self._replace(found.better, settled):
                    is_better, gain = True, gain + more
        work = self._budget.work - before
        way.paid_off(gain, work)
        return is_better

    def _part_of(self, way: Way) -> float:
        """Of the work, as it paid off."""
        rates = {id(w): w.gain / w.work for w in self._ways}
        return rates[id(way)] / max(1e-9, sum(rates.values()))

    def _set_price(self) -> None:
        """New minutes get cheaper while some are left over, and dearer again when all are used."""
        if self._limit is not None and self._pricing.best is not None:
            most = round(_TOO_DEAR * self._pricing.best.prices.fresh)
            self._price = min(most, round(self._price * (_CHEAPER if self.has_slack else _DEARER)))

    def _keep(self, met: Iterable[Schedule]) -> None:
        for schedule in met:
            if schedule not in self._pricing.pool:
                self._pricing.pool[schedule] = None
                self._pool[self._table.person_index[schedule.person]].append(schedule)

    def _count(self, runs: Iterable[int], sign: int) -> None:
        for r in runs:
            self._used.count(r, sign)

    def _now(self, others: Iterable[Schedule]) -> list[Schedule]:
        """What these people have now."""
        return [self.schedules[self._table.person_index[s.person]] for s in others]

    def _replace(self, better: Sequence[Schedule], settled: set[str]) -> bool:
        """
        Take schedules over, unless they no longer fit beside what was taken over since they were found.

        ``settled`` are the projects on which rules for several people together have been met anew.
        """
        new = {self._table.person_index[s.person]: s for s in better}
        old = {p: self.schedules[p] for p in new}
        bound = {project for p in old for project in self._bound_projects(old[p], new[p])}
        if bound & settled:
            return False
        self._count((r for s in old.values() for r in s.chosen), -1)
        added: list[int] = []
        for r in (r for s in new.values() for r in s.chosen):
            if not self._used.fits([r]):
                self._count(added, -1)
                self._count((r for s in old.values() for r in s.chosen), 1)
                return False
            self._count([r], 1)
            added.append(r)
        settled |= bound
        for p, schedule in new.items():
            self.schedules[p] = schedule
            self._held.hold(p, schedule)
            self._changed.add(p)
        return True

    def _bound_projects(self, old: Schedule, new: Schedule) -> set[str]:
        """Projects with rules for several people together on which one schedule has runs that the other has not."""
        a, is_held, table = self._table.arrays, self._held.is_held, self._table
        changed = {r for r in set(old.chosen) ^ set(new.chosen) if is_held[r]}
        return {table.columns.terms.demands[table.options[a.option[r]].demand].project for r in changed}

    def _look(self) -> tuple[Floats, Floats]:
        changed, self._changed = self._changed, set()
        return self._losses.look(self.schedules, self._used, changed)

    def _draw(self, sizes: Sequence[int], at_once: int) -> list[Ints]:
        """People for the next neighbourhoods; nobody is in two."""
        regret, open_worth = self._look()
        parts: list[Ints] = []
        taken: set[int] = set()
        for _ in range(at_once):
            part = self._rivals.people(regret, open_worth, taken, size=self._random.choice(sizes))
            if len(part):
                parts.append(part)
                taken |= {int(p) for p in part}
        return parts

    def _by_turns(self, part: Ints, draw: random.Random) -> Found:
        """One after the other, in an order left to chance."""
        assert self._pricing.best is not None
        held, now = self._held, {int(p): self.schedules[p] for p in part}
        used = self._used.without(r for s in now.values() for r in s.chosen if not held.is_held[r])
        asked = self._turns.vectors(self._pricing.best.prices)[draw.randrange(len(PARTS))]._replace(fresh=self._price)
        order = [int(p) for p in part]
        draw.shuffle(order)
        made = self._turns.solve(order, now, held, used, asked)
        return self._judged(made.schedules, used, made.work)

    def _judged(self, made: list[Schedule], used: Usage, work: float) -> Found:
        fits = self._limit is None or used.fresh <= self._limit
        is_better = fits and self._merit(made) > self._merit(self._now(made))
        return Found(made if is_better else [], made if is_better else [], work)

    def _draw_projects(self) -> list[Ints]:
        """All-or-nothing projects: one that would sell dearly goes in, or one of those in goes out."""
        worth, draw, table = self._look()[1], self._random, self._table
        projects = self._projects.projects
        is_in = np.array([self._used.on_project[p] > 0 for p in projects])
        worth_of = np.array([sum(worth[table.demand_index[d.id]] for d in table.columns.terms.of_project[p]) for p in projects])
        parts = []
        for _ in range(_PROJECTS_AT_ONCE):
            goes_out = is_in.any() and draw.random() < _GOES_OUT
            chances = is_in.astype(float) if goes_out else np.where(is_in, 0.0, worth_of + 1.0)
            if chances.any():
                parts.append(np.array([weighted(draw, chances)]))
        return parts

    def _by_projects(self, part: Ints, draw: random.Random) -> Found:
        """A project more or less."""
        assert self._pricing.best is not None
        project = self._projects.projects[part[0]]
        asked = self._turns.vectors(self._pricing.best.prices)[draw.randrange(len(PARTS))]._replace(fresh=self._price)
        change = Change(self.schedules, self._used.without(()), self._held.copy())
        goes = self._projects.take_out if change.used.on_project[project] > 0 else self._projects.put_in
        if not goes(project, change, asked, draw):
            return Found([], [], change.work)
        return self._judged(list(change.made.values()), change.used, change.work)

    def _by_columns(self, part: Ints, _draw: random.Random) -> Found:
        """Column generation and a choice among these people, for what the others leave."""
        now = [self.schedules[p] for p in part]
        used = self._used.without(r for s in now for r in s.chosen)
        barred = used.barred(part)
        master = Master(self._market, people={self._table.people[p] for p in part}, used=used, fresh=self._price)
        master.add(now)
        master.add(s for p in part for s in self._likely(p, barred))
        pricer = self._pricing.pricer.fork()
        before, work = self._merit(now), 0.0
        met: list[Schedule] = []
        try:
            for _ in range(_ROUNDS):
                if self._budget.is_stopped:
                    return Found([], met, work)
                _, prices = master.solve(seconds=self._budget.seconds_left)
                bests = pricer.best(self._market.vector(prices, barred), part, room=_ROOM)
                new = list(schedules_in(self._table, bests))
                met += new
                work += cost_of(bests) + _COLUMN_WORK * len(master.schedules)
                if master.add(new) == 0:
                    break
            objective, chosen = master.choose(seconds=self._budget.seconds_left)
        except NoMixError:
            return Found([], met, work)
        work += _COLUMN_WORK * len(master.schedules)
        is_better = objective > before + 0.5 and self._merit(chosen) > before
        return Found(chosen if is_better else [], met, work)

    def _merit(self, schedules: Iterable[Schedule]) -> int:
        fresh, price = self._table.arrays.fresh, self._price
        return sum(s.value - (price * int(fresh[list(s.chosen)].sum()) if price and s.chosen else 0) for s in schedules)

    def _likely(self, p: int, barred: NDArray[np.bool_]) -> list[Schedule]:
        """The schedules known of a person with the most merit that fit beside what the others keep."""
        open_ones = [s for s in self._pool[p] if not barred[list(s.chosen)].any()]
        return sorted(open_ones, key=lambda s: -self._merit([s]))[:_FROM_POOL]

"""
What capacity is worth: estimates from the prices of an answer, and intervals that hold whatever the best plans are.

Two answers enclose the difference of their problems' best plans, because each best plan lies between objective and bound. Prices
say the same in one figure and without a search, but only for a little more or less.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solver_models.limits import Limits
from solver_models.staffing.certify import certified
from solver_models.staffing.columns import Columns
from solver_models.staffing.dense_prices import Market
from solver_models.staffing.pricing import Pricer
from solver_models.staffing.problem import E4, Person
from solver_models.staffing.run_table import RunTable
from solver_models.staffing.solve import solve
from solver_models.staffing.warm import known_prices
from solver_models.staffing.warm_answer import Warm

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from solver_models.result import Progress
    from solver_models.staffing.certificate import Prices
    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Problem

_HIRE = "hire"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """What lies between ``low_x60`` and ``high_x60``, in units of Z (minor units x 60); one figure when they are the same."""

    low_x60: int
    high_x60: int

    @property
    def is_exact(self) -> bool:
        """Whether it is one figure."""
        return self.low_x60 == self.high_x60


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolValue:
    """An estimate of what one more hour in each period is worth, in minor units, of people who hold a skill at a level."""

    skill: str
    level: int
    people: int
    per_hour: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HireValue:
    """What one more person is worth over the horizon, after their own cost."""

    person: Person
    value: Interval
    """Encloses the difference of the best plans with and without the person."""
    estimate_x60: int | None
    """At the prices of the earlier answer; ``None`` where it has none. It may lie outside of the interval."""
    after: Answer
    """The answer with the person."""


def difference(before: Answer, after: Answer) -> Interval | None:
    """What lies between the best plans of two problems; ``None`` where an answer has no plan or no bound."""
    if before.objective_x60 is None or before.bound_x60 is None or after.objective_x60 is None or after.bound_x60 is None:
        return None
    return Interval(low_x60=after.objective_x60 - before.bound_x60, high_x60=after.bound_x60 - before.objective_x60)


def capacity_values(problem: Problem, prices: Prices) -> tuple[PoolValue, ...]:
    """
    An estimate, period by period, of what one more hour of each pool is worth: people who hold a skill at a level.

    It is the mean over the pool of each person's own price of a minute, which is what limits their best schedule at the prices.
    Pools are sorted by skill and level.
    """
    per_minute = _priced(problem, prices)[0].per_minute
    pools: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for n, person in enumerate(problem.people):
        for skill, level in person.skills.items():
            if level > 0:
                pools[skill, level].append(n)
    return tuple(
        PoolValue(skill=skill, level=level, people=len(rows), per_hour=_per_hour(per_minute[rows]))
        for (skill, level), rows in sorted(pools.items())
    )


def value_of_hire(
    problem: Problem,
    answer: Answer,
    *,
    skills: Mapping[str, int],
    cost_rate: int,
    location: str | None = None,
    idle_cost: int | None = None,
    capacity: tuple[int, ...] | None = None,
    limits: Limits | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> HireValue | None:
    """
    What one more person would be worth, by planning anew with them from the answer; ``None`` where an answer has no plan or bound.

    Without a ``capacity`` they are there as most people usually are, and never absent. Whoever is employed costs as much unbooked
    as booked, so ``idle_cost`` is ``cost_rate`` unless said otherwise.
    """
    row = usual_capacity(problem) if capacity is None else capacity
    idle = cost_rate if idle_cost is None else idle_cost
    hire = Person(id=_name(problem), capacity=row, cost_rate=cost_rate, skills=dict(skills), location=location, idle_cost=idle)
    larger = replace(problem, people=(*problem.people, hire))
    after = certified(larger, solve(larger, limits or Limits(), on_progress, warm=Warm.of(answer)))
    value = difference(answer, after)
    if value is None:
        return None
    # Whatever the others do, the person may stay unbooked.
    unbooked = Columns(larger).unbooked_objective(hire.id)
    value = replace(value, low_x60=max(value.low_x60, unbooked))
    estimate = None if answer.certificate is None else estimate_of_people(larger, answer.certificate, {hire.id})
    return HireValue(person=hire, value=value, estimate_x60=estimate, after=after)


def usual_capacity(problem: Problem) -> tuple[int, ...]:
    """The minutes per period that most people have when they are not absent."""
    rows = Counter(p.capacity if p.usual is None else p.usual for p in problem.people)
    return max(rows, key=lambda row: (rows[row], sum(row)))


def estimate_of_people(problem: Problem, prices: Prices, people: Collection[str]) -> int:
    """
    What these people would be worth in a problem that has them, at prices from one that has not: an estimate in units of Z.

    The sum of each one's best schedule: what it brings less what its demands cost at the prices.
    """
    market = Market(RunTable(Columns(problem)))
    rows = np.array([n for n, person in enumerate(problem.people) if person.id in people], dtype=np.int64)
    found = Pricer(market.table).best(market.vector(known_prices(market, prices)), rows)
    return sum(int(limit) // E4 for limit in found.limit)


def _priced(problem: Problem, prices: Prices) -> tuple[Pricer, Market]:
    """Everybody's best schedules at the prices are known to the pricer, and with them their own prices per minute."""
    market = Market(RunTable(Columns(problem)))
    pricer = Pricer(market.table)
    pricer.best(market.vector(known_prices(market, prices)))
    return pricer, market


def _per_hour(per_minute: np.ndarray) -> tuple[int, ...]:
    """The mean over people; 60 minutes of Z / 10,000 are an hour of minor units x 60."""
    return tuple(round(float(value) / E4) for value in per_minute.mean(axis=0))


def _name(problem: Problem) -> str:
    taken = {p.id for p in problem.people} | {d.id for d in problem.demands} | {p.id for p in problem.projects}
    return next(name for n in range(len(taken) + 1) if (name := _HIRE if n == 0 else f"{_HIRE}-{n + 1}") not in taken)

"""
Who fits a demand: everybody who could take it, by what it would cost to put them there at the prices of a plan's certificate.

No search is needed for that. At the prices everybody has a best schedule, and a best one with a run on the demand; what lies between
the two is what the choice costs, because others may buy what it frees. It is an estimate; ``least_cost_x60`` makes a proven one of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.around import PartColumns
from solver_models.staffing.dense_prices import Market
from solver_models.staffing.eligibility import Eligibility
from solver_models.staffing.pricing import Pricer
from solver_models.staffing.problem import E4
from solver_models.staffing.run_table import RunTable
from solver_models.staffing.warm import known_prices

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from solver_models.staffing.certificate import Prices
    from solver_models.staffing.eligibility import Rows
    from solver_models.staffing.minutes import Terms
    from solver_models.staffing.options import Option
    from solver_models.staffing.problem import Demand, Problem, Run

MOST = 40
"""People who are priced; more are first sorted by what they would leave."""
_DRAWN = 10**11
"""More than any schedule is worth, in units of Z: whoever can be on the demand is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A run of the plan that takes time the person would need: on which demand and when."""

    demand: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """
    One person on a demand.

    ``cost_x60``: what it would cost at the prices, in units of Z, at least 0; ``None`` without prices. ``value_per_hour``: what an hour
    of theirs brings there, net, in minor units. ``minutes``: the most that a run of theirs delivers. ``conflicts``: runs of the plan in
    the way; ``short``: periods in which they have not the time whatever they leave.
    """

    person: str
    is_there: bool
    cost_x60: int | None
    value_per_hour: int
    minutes: int
    conflicts: tuple[Left, ...]
    short: tuple[int, ...]


def fits(
    problem: Problem, runs: Sequence[Run], prices: Prices | None, demand_id: str, *, most: int = MOST, by_cost: bool = True
) -> tuple[Fit, ...]:
    """
    People who could have a run on the demand, the cheapest first; without prices those first who would leave least for it.

    Whoever has no such run beside what is pinned is left out where there are prices. Without ``by_cost`` who is listed, and in which
    order, follows from time alone: for readers who may not learn who costs more.
    """
    part = PartColumns(problem, {demand_id})
    options: dict[str, list[Option]] = {}
    for o in part.by_demand.get(demand_id, ()):
        options.setdefault(o.person, []).append(o)
    listed = [_fit(part.terms, runs, person, demand_id, mine) for person, mine in options.items()]
    by_time = sorted(listed, key=lambda fit: (not fit.is_there, len(fit.conflicts), len(fit.short), -fit.minutes, fit.person))
    by_value = sorted(listed, key=lambda fit: (not fit.is_there, len(fit.conflicts), -fit.value_per_hour, fit.person))
    listed = (by_value if by_cost else by_time)[:most]
    if prices is not None:
        costs = costs_of(problem, prices, demand_id, [fit.person for fit in listed])
        listed = [replace(fit, cost_x60=costs.get(fit.person)) for fit in listed if fit.is_there or fit.person in costs]
    if not by_cost:
        return tuple(listed)
    return tuple(sorted(listed, key=lambda fit: (not fit.is_there, fit.cost_x60 or 0, len(fit.conflicts), -fit.value_per_hour, fit.person)))


def costs_of(problem: Problem, prices: Prices, demand_id: str, people: Collection[str]) -> dict[str, int]:
    """
    For each of these people what their best schedule with a run on the demand falls short of their best one, at the prices.

    Never more than it does: for the one an upper limit is taken, for the other a schedule. People without such a run are left out.
    """
    if not people:
        return {}
    market = Market(RunTable(_SomePeople(problem, people)))
    table = market.table
    known = known_prices(market, prices)
    heads = known.heads.copy()
    heads[table.demand_index[demand_id]] -= _DRAWN
    rows = np.array(sorted(table.person_index[p] for p in people), dtype=np.int64)
    pricer = Pricer(table)
    best = pricer.best(market.vector(known), rows)
    drawn = pricer.best(market.vector(replace(known, heads=heads)), rows)
    demands = table.arrays.demand[table.arrays.option] if len(table.arrays.option) else np.zeros(0, dtype=np.int64)
    costs: dict[str, int] = {}
    for n, row in enumerate(rows):
        chosen = [int(r + table.arrays.run_at[row]) for r in drawn.chosen[n] if r >= 0]
        if any(demands[r] == table.demand_index[demand_id] for r in chosen):
            short = int(best.value[n]) - (int(drawn.limit[n]) - E4 * _DRAWN)
            costs[table.people[row]] = max(0, short // E4)
    return costs


def least_cost_x60(objective_x60: int, priced_bound_x60: int, cost_x60: int) -> int:
    """What it costs at least to have somebody on a demand, proven by the prices that give the bound and by the cost at them."""
    return max(0, objective_x60 - priced_bound_x60 + cost_x60)


def _fit(terms: Terms, runs: Sequence[Run], person: str, demand_id: str, options: list[Option]) -> Fit:
    best = max(options, key=lambda o: (sum(o.minutes), -abs(o.shift)))
    free = list(terms.people[person].capacity)
    mine = [r for r in runs if r.person == person]
    for r in mine:
        if r.demand != demand_id:
            for t, minutes in enumerate(terms.minutes(person, r.demand, r.share_e4, r.shift)):
                free[t] -= minutes if r.first <= t <= r.last else 0
    needed = {t for t in range(best.lo, best.hi + 1) if best.minutes[t - best.lo] > free[t]}
    conflicts = [Left(demand=r.demand, first=r.first, last=r.last) for r in mine if r.demand != demand_id and _meets(r, needed)]
    return Fit(
        person=person,
        is_there=any(r.demand == demand_id for r in mine),
        cost_x60=None,
        value_per_hour=terms.value_per_hour(person, demand_id),
        minutes=sum(best.minutes),
        conflicts=tuple(sorted(conflicts, key=lambda left: (left.first, left.demand))),
        short=tuple(t for t in range(best.lo, best.hi + 1) if best.minutes[t - best.lo] < best.promised[t - best.lo]),
    )


def _meets(run: Run, periods: set[int]) -> bool:
    return any(run.first <= t <= run.last for t in periods)


class _Only(Eligibility):
    """Some people alone."""

    def __init__(self, terms: Terms, people: Collection[str]) -> None:
        super().__init__(terms)
        self._kept = np.array([p.id in people for p in terms.problem.people], dtype=bool)

    def allowed_rows(self, demand: Demand) -> Rows:
        """Rows of those of them whom rule 1 lets work on the demand."""
        rows = super().allowed_rows(demand)
        kept: Rows = rows[self._kept[rows]]
        return kept


class _SomePeople(PartColumns):
    """All options of some people; of others only what is pinned."""

    def __init__(self, problem: Problem, people: Collection[str]) -> None:
        super().__init__(problem, ())
        self._some = frozenset(people)
        self.eligibility = _Only(self.terms, self._some)

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """Every option of these people, and the pinned ones."""
        self._part = frozenset(d.id for d in self.problem.demands)
        return super().options

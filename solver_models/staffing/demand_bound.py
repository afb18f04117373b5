"""A bound without search, and the prices that prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver_models.staffing.certificate import Prices

if TYPE_CHECKING:
    from solver_models.staffing.columns import Columns
    from solver_models.staffing.problem import Demand


def demand_bound(columns: Columns) -> tuple[int, Prices]:
    """
    Every demand on the people who bring most, as if each had nothing else to do.

    A run of a demand costs what the best of those who are left out would bring: who is in pays it out of what they bring, and nobody
    who is out would pay it.
    """
    total = sum(columns.base(p) for p in columns.problem.people)
    heads: dict[str, int] = {}
    for d in columns.problem.demands:
        worth, heads[d.id] = _of_demand(columns, d)
        total += worth
    return total, Prices(heads={d: price for d, price in heads.items() if price > 0})


def _of_demand(columns: Columns, d: Demand) -> tuple[int, int]:
    best: dict[str, int] = {}
    pinned = 0
    for o in columns.by_demand.get(d.id, ()):
        gain = o.best_gain()
        if o.pin is not None:
            pinned += gain
        else:
            best[o.person] = max(best.get(o.person, 0), gain)
    free = max(0, d.max_people - columns.used.people.get(d.id, 0))
    offers = sorted(best.values(), reverse=True)
    return pinned + sum(offers[:free]), offers[free] if len(offers) > free else 0

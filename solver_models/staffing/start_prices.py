"""
Prices to start from: of a problem in which a person's minutes may be sold in any parts, so that everything is arithmetic on arrays.

Each person's minutes get a price per period; a demand goes to whom it leaves most, and costs what lies between that and the next
best offer. A few hundred subgradient steps on the minutes' prices take a fraction of a second for hundreds of people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solver_models.staffing.dense_prices import DensePrices
from solver_models.staffing.kernel.auction import sell
from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from solver_models.staffing.dense_prices import Market
    from solver_models.staffing.pricing import Pricer
    from solver_models.staffing.run_table import Ints, RunTable

Floats = NDArray[np.float64]

_STEPS = 250
_STEP = 0.05
_STEP_SHRINKS = 0.6
_PATIENCE = 5


def start_prices(market: Market, pricer: Pricer) -> DensePrices:
    """Prices of runs; each person's own prices per minute become where the pricer starts from."""
    table = market.table
    a = table.arrays
    runs = _best_runs(table)
    people = table.person_of_run[runs]
    per_minute = np.zeros((len(table.person_index), table.horizon))
    best, least, step, fails = per_minute.copy(), np.inf, _STEP, 0
    first, second = np.zeros(len(table.demand_index)), np.zeros(len(table.demand_index))
    for _ in range(_STEPS):
        free = a.capacity.astype(float)
        total = sell(a, runs, people, per_minute, free, first, second) + float((per_minute * a.capacity).sum())
        if total < least - 1e-5 * abs(least) or not np.isfinite(least):
            best[:], least, fails = per_minute, total, 0
        else:
            fails += 1
            if fails >= _PATIENCE:
                step, fails = step * _STEP_SHRINKS, 0
                per_minute = best.copy()
                if step < 1e-4:
                    break
                continue
        active = (per_minute > 0) | (free < 0)
        norm = float((free[active] ** 2).sum())
        if norm == 0:
            break
        per_minute = np.maximum(0, per_minute - step * least / norm * free)
    pricer.per_minute[:] = best
    heads = offers(table, best)
    return DensePrices(share=np.zeros((0, 0), dtype=np.int64), heads=heads, fresh=0, apart={}, together={})


def offers(table: RunTable, per_minute: Floats) -> Ints:
    """What each demand would be sold for, halfway between the best offer and the next, if people's minutes cost so much."""
    runs = _best_runs(table)
    first, second = np.zeros(len(table.demand_index)), np.zeros(len(table.demand_index))
    sell(table.arrays, runs, table.person_of_run[runs], per_minute, table.arrays.capacity.astype(float), first, second)
    halfway = (np.maximum(first, 0) + np.maximum(second, 0)) / (2 * E4)
    return np.maximum(0, halfway).astype(np.int64)


def _best_runs(table: RunTable) -> Ints:
    """The most valuable run of each person on each demand."""
    a = table.arrays
    pair = table.person_of_run * len(table.demand_index) + a.demand[a.option]
    order = np.lexsort((-a.value, pair))
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = pair[order][1:] != pair[order][:-1]
    return np.ascontiguousarray(order[is_first & (a.heads[order] == 1)], dtype=np.int64)

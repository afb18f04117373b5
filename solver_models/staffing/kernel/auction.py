"""Demands sold to the runs that offer most, each person's minutes at a price per period."""

from __future__ import annotations

import numpy as np

from solver_models.staffing.kernel.compiled import jit
from solver_models.staffing.problem import E4


@jit
def sell(a, runs, people, per_minute, free, first, second):  # type: ignore[no-untyped-def]
    """Each demand to the run that leaves most; takes its minutes from ``free`` and returns what is left in all."""
    first[:] = -1.0
    second[:] = -1.0
    winner = np.full(len(first), -1, np.int64)
    for k in range(len(runs)):
        r = runs[k]
        o = a.option[r]
        left, at = float(E4 * a.value[r]), a.at[o] - a.lo[o]
        for t in range(a.first[r], a.last[r] + 1):
            left -= per_minute[people[k], t] * a.minutes[at + t]
        d = a.demand[o]
        if left > first[d]:
            second[d], first[d], winner[d] = first[d], left, k
        elif left > second[d]:
            second[d] = left
    total = 0.0
    for d in range(len(first)):
        if first[d] > 0:
            total += first[d]
            k = winner[d]
            o = a.option[runs[k]]
            for t in range(a.first[runs[k]], a.last[runs[k]] + 1):
                free[people[k], t] -= a.minutes[a.at[o] - a.lo[o] + t]
    return total

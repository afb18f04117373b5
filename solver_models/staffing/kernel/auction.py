"""Demands sold to the runs that offer most, each person's minutes at a price per period."""

from __future__ import annotations

import numpy as np

from solver_models.staffing.kernel.arrays import O_DEMAND, O_ORIGIN, R_FIRST, R_FRESH, R_LAST, R_OPTION, R_VALUE
from solver_models.staffing.kernel.compiled import entry
from solver_models.staffing.problem import E4


@entry
def sell(a, runs, people, per_minute, per_fresh, free, first, second):  # type: ignore[no-untyped-def]
    """Each demand to the run that leaves most; takes its minutes from ``free``; what is left in all, and new minutes sold."""
    first[:] = -1.0
    second[:] = -1.0
    winner = np.full(len(first), -1, np.int64)
    for k in range(len(runs)):
        r = runs[k]
        o = a.runs[r, R_OPTION]
        left, at = E4 * a.runs[r, R_VALUE] - per_fresh * a.runs[r, R_FRESH], a.options[o, O_ORIGIN]
        for t in range(a.runs[r, R_FIRST], a.runs[r, R_LAST] + 1):
            left -= per_minute[people[k], t] * a.minutes[at + t]
        d = a.options[o, O_DEMAND]
        if left > first[d]:
            second[d], first[d], winner[d] = first[d], left, k
        elif left > second[d]:
            second[d] = left
    total, fresh = 0.0, 0
    for d in range(len(first)):
        if first[d] > 0:
            total += first[d]
            k = winner[d]
            r = runs[k]
            fresh += a.runs[r, R_FRESH]
            at = a.options[a.runs[r, R_OPTION], O_ORIGIN]
            for t in range(a.runs[r, R_FIRST], a.runs[r, R_LAST] + 1):
                free[people[k], t] -= a.minutes[at + t]
    return total, fresh

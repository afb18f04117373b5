"""
Runs that may end in several periods are not told apart before they have ended: at each end they stop, or go on.

A *way* leads from one end of a run to the next. Rows of ways are like those of runs and say what going on adds.
"""

from __future__ import annotations

from solver_models.staffing.kernel.arrays import P_RUN, P_WAY, W_LONG, W_SHORT
from solver_models.staffing.kernel.case import PRICE
from solver_models.staffing.kernel.compiled import jit, plain
from solver_models.staffing.kernel.labels import (
    L_ACTIVE,
    L_BOOKED,
    L_COUNT,
    L_FREE,
    L_MOST,
    L_NODE,
    L_VALUE,
    LEAST,
    copy_label,
    has_room,
    longer,
    see_until,
    take_room,
)
from solver_models.staffing.kernel.limits import FIRST, HOPE, LAST, MINUTES, NET, NEVER, ON, TAIL, WORTH, copy_row, table


@jit
def ways_on(a, p, runs, row):  # type: ignore[no-untyped-def]
    """
    A row for each of a person's ways to go on; HOPE of runs and ways is the most that going on from their ends adds.

    Bars are of periods: a run is open where two that overlap and make it up are. What is barred otherwise, for its new minutes all told,
    may be gone on to here; the search then finds its schedule barred and keeps the best it knew.
    """
    low, begin, end = a.people[p, P_RUN], a.people[p, P_WAY], a.people[p + 1, P_WAY]
    ways = table(end - begin, runs.shape[1], 0)
    for k in range(end - begin - 1, -1, -1):
        short, long = row[a.ways[begin + k, W_SHORT] - low], row[a.ways[begin + k, W_LONG] - low]
        if short < 0 or long < 0:
            ways[k, WORTH] = ways[k, NET] = NEVER
            ways[k, ON] = -1
            continue
        copy_row(runs, long, ways, k)
        ways[k, FIRST] = runs[short, LAST] + 1
        ways[k, MINUTES] -= runs[short, MINUTES]
        ways[k, WORTH] -= runs[short, WORTH]
        ways[k, NET] -= runs[short, NET]
        _set_hope(ways, ways, k)
    for i in range(len(runs)):
        _set_hope(runs, ways, i)
    return ways


@jit
def ways_and_runs(a, p, runs, row):  # type: ignore[no-untyped-def]
    """A table with the ways, then place for all runs; and how many ways there are."""
    ways = ways_on(a, p, runs, row)
    rows = table(len(ways) + len(runs), runs.shape[1], 0)
    for k in range(len(ways)):
        copy_row(ways, k, rows, k)
    return rows, len(ways)


@plain
def _set_hope(rows, ways, k):  # type: ignore[no-untyped-def]
    on = rows[k, ON]
    rows[k, HOPE] = max(0, ways[on, NET] + ways[on, HOPE]) if on >= 0 else 0


@jit
def go_on(a, p, case, rows, size, t, reach, wanted, trail, nodes):  # type: ignore[no-untyped-def]
    """
    What ended in the period before t stops, or goes on, in labels of their own; those that go on come behind.

    Returns how many labels and nodes there are, how far labels see, the trail, and the most that was left out for want of place.
    """
    runs, k, lost = case.runs, 0, LEAST
    while k < size:
        n = _undecided(runs, rows, k, t)
        if n < 0:
            k += 1
            continue
        i = rows[k, L_ACTIVE + n]
        w = runs[i, ON]
        rows[k, L_MOST] -= runs[i, HOPE]
        most = rows[k, L_MOST] + runs[w, NET] + runs[w, HOPE] if runs[w, NET] > NEVER else LEAST
        reach = see_until(a, p, rows, size, reach, runs[w, LAST] + 1)
        if most - case.periods[t - 1, PRICE] * rows[k, L_FREE + t - 1] > wanted and has_room(a, p, runs, rows, k, w):
            if size == len(rows):
                lost = max(lost, most)
            else:
                if nodes == len(trail):
                    trail = longer(trail, size)
                copy_label(rows, k, size, t - 1, reach)
                rows[size, L_VALUE] += runs[w, WORTH]
                rows[size, L_MOST] = most
                rows[size, L_BOOKED] += runs[w, MINUTES]
                _replace(runs, rows, size, n, w)
                take_room(a, runs, w, rows, size)
                trail[nodes, 0], trail[nodes, 1] = rows[k, L_NODE], w
                rows[size, L_NODE] = nodes
                nodes, size = nodes + 1, size + 1
        for m in range(n + 1, rows[k, L_COUNT]):
            rows[k, L_ACTIVE + m - 1] = rows[k, L_ACTIVE + m]
        rows[k, L_COUNT] -= 1
    return size, nodes, reach, trail, lost


@plain
def _undecided(runs, rows, k, t):  # type: ignore[no-untyped-def]
    """Which of the active runs of label k ended in the period before t and may go on, -1 if none."""
    for n in range(rows[k, L_COUNT]):
        i = rows[k, L_ACTIVE + n]
        if runs[i, LAST] == t - 1 and runs[i, ON] >= 0:
            return n
    return -1


@plain
def _replace(runs, rows, k, n, w):  # type: ignore[no-untyped-def]
    """Put way w in the place of the active run that went on, in the order of TAIL."""
    at = L_ACTIVE + n
    while at > L_ACTIVE and runs[rows[k, at - 1], TAIL] > runs[w, TAIL]:
        rows[k, at] = rows[k, at - 1]
        at -= 1
    while at < L_ACTIVE + rows[k, L_COUNT] - 1 and runs[rows[k, at + 1], TAIL] < runs[w, TAIL]:
        rows[k, at] = rows[k, at + 1]
        at += 1
    rows[k, at] = w

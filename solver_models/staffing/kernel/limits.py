"""
One person's runs at given prices, and what they could bring at most: the upper limits that ``search`` cuts by.

Each period of the person gets a price per minute (and minutes as a whole a ``tilt`` that stands in for fairness), found by a few
subgradient steps: whatever a schedule is, it brings at most each demand's best run less the minutes it uses at these prices, plus
the person's free minutes at them. Runs that even so cannot be part of a schedule better than the one known are left out.
"""

from __future__ import annotations

import numpy as np

from solver_models.staffing.kernel.compiled import jit
from solver_models.staffing.problem import E4

NEVER = -(1 << 55)
"""What a barred run brings."""
_STEP_FIRST = 1.0
_STEP_SHRINKS = 0.85


@jit
def run_worths(a, v, p):  # type: ignore[no-untyped-def]
    """What each run of a person brings at the prices, its project's group apart."""
    low, high = a.run_at[p], a.run_at[p + 1]
    worth = np.empty(high - low, np.int64)
    priced = v.share.shape[0] > 0
    for i in range(high - low):
        r = low + i
        o = a.option[r]
        x = E4 * a.value[r] - E4 * v.fresh * a.fresh[r]
        if a.heads[r]:
            x -= E4 * v.heads[a.demand[o]]
        if priced and a.row[o] >= 0:
            x -= a.share_e4[o] * (v.share[a.row[o], a.last[r] + 1] - v.share[a.row[o], a.first[r]])
        worth[i] = NEVER if len(v.barred) and v.barred[r] else x
    return worth


@jit
def run_minutes(a, p):  # type: ignore[no-untyped-def]
    """Minutes of each run of a person."""
    low, high = a.run_at[p], a.run_at[p + 1]
    minutes = np.zeros(high - low, np.int64)
    for i in range(high - low):
        o = a.option[low + i]
        at = a.at[o] - a.lo[o]
        for t in range(a.first[low + i], a.last[low + i] + 1):
            minutes[i] += a.minutes[at + t]
    return minutes


@jit
def minute_costs(a, p, per_minute):  # type: ignore[no-untyped-def]
    """What the minutes of each run of a person cost at prices per period, in their type."""
    low, high = a.run_at[p], a.run_at[p + 1]
    begin, end = a.option_at[p], a.option_at[p + 1]
    sums = np.zeros(a.at[end] - a.at[begin] + end - begin, per_minute.dtype)
    costs = np.zeros(high - low, per_minute.dtype)
    for o in range(begin, end):
        k = a.at[o] - a.at[begin] + o - begin
        for n in range(a.at[o + 1] - a.at[o]):
            sums[k + n + 1] = sums[k + n] + per_minute[a.lo[o] + n] * a.minutes[a.at[o] + n]
    for i in range(high - low):
        o = a.option[low + i]
        k = a.at[o] - a.at[begin] + o - begin - a.lo[o]
        costs[i] = sums[k + a.last[low + i] + 1] - sums[k + a.first[low + i]]
    return costs


@jit
def local_demands(a, p, mark):  # type: ignore[no-untyped-def]
    """The person's demands, numbered; by run. ``mark`` (by demand, all -1) is left as it was."""
    low, high = a.run_at[p], a.run_at[p + 1]
    found, count = np.empty(high - low, np.int64), 0
    for i in range(high - low):
        d = a.demand[a.option[low + i]]
        if mark[d] < 0:
            mark[d] = count
            count += 1
        found[i] = mark[d]
    for i in range(high - low):
        mark[a.demand[a.option[low + i]]] = -1
    return found, count


@jit
def fair_constant(tilt, low, high):  # type: ignore[no-untyped-def]
    """The most that minus the fairness cost can exceed tilt x minutes, for -cost <= tilt <= cost."""
    return -tilt * low if tilt >= 0 else -tilt * high


@jit
def unfairness(booked, fairness, low, high):  # type: ignore[no-untyped-def]
    """Fairness cost of so many minutes."""
    return fairness * (max(0, low - booked) + max(0, booked - high))


@jit
def best_by_demand(net, demand, count):  # type: ignore[no-untyped-def]
    """The run of each demand with the most left, or -1 where none has anything left; and their sum."""
    best = np.full(count, -1, np.int64)
    for i in range(len(net)):
        if net[i] > 0 and (best[demand[i]] < 0 or net[i] > net[best[demand[i]]]):
            best[demand[i]] = i
    total = 0.0
    for d in range(count):
        if best[d] >= 0:
            total += net[best[d]]
    return best, total


@jit
def find_own_prices(a, p, worth, minutes, demand, count, fair, known, per_minute, tilt, steps):  # type: ignore[no-untyped-def]
    """
    Subgradient steps on the person's own prices, from those given, which hold the best met in the end.

    ``known`` is the value of a schedule, aimed at.
    """
    capacity, horizon = a.capacity[p], a.capacity.shape[1]
    prices, lean = per_minute.copy(), tilt[p]
    least, scale = np.inf, _STEP_FIRST
    low = a.run_at[p]
    for _ in range(steps):
        net = worth + lean * minutes - minute_costs(a, p, prices)
        best, total = best_by_demand(net, demand, count)
        total += np.sum(prices * capacity) + lean * fair[3] + fair_constant(lean, fair[1], fair[2])
        if total < least:
            least = total
            per_minute[:] = prices
            tilt[p] = lean
        else:
            scale *= _STEP_SHRINKS
        free, booked = capacity.astype(np.float64), fair[3]
        for d in range(count):
            if best[d] >= 0:
                o = a.option[low + best[d]]
                booked += minutes[best[d]]
                for t in range(a.first[low + best[d]], a.last[low + best[d]] + 1):
                    free[t] -= a.minutes[a.at[o] - a.lo[o] + t]
        off = 0.0
        if fair[0] > 0:
            off = booked - (fair[1] if lean >= 0 else fair[2])
        norm = off * off
        for t in range(horizon):
            if prices[t] > 0 or free[t] < 0:
                norm += free[t] * free[t]
        if norm == 0 or total <= known:
            break
        step = scale * (total - known) / norm
        for t in range(horizon):
            prices[t] = max(0.0, prices[t] - step * free[t])
        lean = min(float(fair[0]), max(-float(fair[0]), lean - step * off))


@jit
def schedule_value(a, v, p, runs, constant, worth, minutes, fair):  # type: ignore[no-untyped-def]
    """Value of a schedule of the person's runs (counted from its first one, -1 after the last) at the prices."""
    total, booked, low = constant, fair[3], a.run_at[p]
    for k in range(len(runs)):
        if runs[k] < 0:
            break
        total += worth[runs[k]]
        booked += minutes[runs[k]]
        pair = a.pair[a.option[low + runs[k]]]
        if pair >= 0 and v.pairs[pair] != 0:
            is_first = True
            for j in range(k):
                if a.pair[a.option[low + runs[j]]] == pair:
                    is_first = False
            if is_first:
                total -= E4 * v.pairs[pair]
    return total - unfairness(booked, fair[0], fair[1], fair[2])


@jit
def fits(a, p, i, demand, runs, count, free, places):  # type: ignore[no-untyped-def]
    """Whether the person's i-th run can join the ``count`` runs chosen, given what they leave free."""
    low = a.run_at[p]
    o = a.option[low + i]
    for k in range(count):
        other = a.option[low + runs[k]]
        if demand[runs[k]] == demand[i] or (a.unit[o] >= 0 and a.unit[other] == a.unit[o] and a.moved[other] != a.moved[o]):
            return False
    at = a.at[o] - a.lo[o]
    for t in range(a.first[low + i], a.last[low + i] + 1):
        if a.minutes[at + t] > free[t] or places[t] < 1:
            return False
    return True


@jit
def take(a, p, i, free, places):  # type: ignore[no-untyped-def]
    """Take a run's minutes and places."""
    low = a.run_at[p]
    o = a.option[low + i]
    for t in range(a.first[low + i], a.last[low + i] + 1):
        free[t] -= a.minutes[a.at[o] - a.lo[o] + t]
        places[t] -= 1


@jit
def greedy_schedule(a, p, net, worth, demand, runs):  # type: ignore[no-untyped-def]
    """Fill ``runs`` with a schedule: what has most left first."""
    free, places, count = a.capacity[p].copy(), a.places[p].copy(), 0
    runs[:] = -1
    for i in np.argsort(-net, kind="mergesort"):
        if worth[i] <= 0 or count == len(runs):
            continue
        if fits(a, p, i, demand, runs, count, free, places):
            take(a, p, i, free, places)
            runs[count] = i
            count += 1

"""
One person's runs at given prices, and what they could bring at most: the upper limits that ``search`` cuts by.

Each period of the person gets a price per minute (and minutes as a whole a ``tilt`` that stands in for fairness), found by a few
subgradient steps: whatever a schedule is, it brings at most each demand's best run less the minutes it uses at these prices, plus
the person's free minutes at them. Runs that even so cannot be part of a schedule better than the one known are left out.
"""

from __future__ import annotations

import numpy as np

from solver_models.staffing.kernel.arrays import (
    O_AT,
    O_DEMAND,
    O_LO,
    O_MOVED,
    O_ORIGIN,
    O_PAIR,
    O_ROW,
    O_SHARE,
    O_UNIT,
    P_OPTION,
    P_RUN,
    R_FIRST,
    R_FRESH,
    R_HEADS,
    R_LAST,
    R_MINUTES,
    R_OPTION,
    R_VALUE,
)
from solver_models.staffing.kernel.compiled import jit, plain
from solver_models.staffing.problem import E4

INDEX, FIRST, LAST, ORIGIN, DEMAND, ASKED, UNIT, MOVED, PAIR, MINUTES, WORTH, NET = range(12)
WORDS = 3
"""Integers that hold a label's memory."""
GROUP, GROUP_PRICE, CUTS, ENDS, SETS = range(12, 17)
BARS = SETS + WORDS
COLUMNS = BARS + WORDS
"""
Columns of a person's runs: number from the person's first one, periods, where the minutes of period 0 would be, demand (numbered for the
person, and as the firm numbers it), unit and its shift, pair, minutes, worth at the prices but for its project's group, worth less the
minutes at the person's own prices; and what ``case`` adds.
"""
FAIRNESS, LOW, HIGH, BOOKED, TILT, CONSTANT, START, BEST, WHO, GRAIN, WIDTH, OWN_CUTS = range(12)
"""Figures of a person; GRAIN and WIDTH are how ``labels`` keep room."""
NEVER = -(1 << 55)
"""What a barred run brings."""
_STEPS_FIRST = 60
_STEPS = 12
_STEP_FIRST = 1.0
_STEP_SHRINKS = 0.85


@jit
def table(rows, columns, value):  # type: ignore[no-untyped-def]
    """A new table; like the next one in place of numpy's many ways, each of which takes its time to compile."""
    made = np.empty((rows, columns), np.int64)
    for k in range(rows):
        for n in range(columns):
            made[k, n] = value
    return made


@plain
def copy_row(source, k, target, to):  # type: ignore[no-untyped-def]
    """Copy one row of a table to another place (an assignment of whole rows takes seconds to compile)."""
    for n in range(source.shape[1]):
        target[to, n] = source[k, n]


@jit
def own_runs(a, v, p, mark):  # type: ignore[no-untyped-def]
    """
    A person's runs at the prices but for barred ones, how many demands they are on, and by number from the person's first the row of
    each, -1 if it is barred. ``mark`` (by demand, all -1) is left as it was.
    """
    low, high = a.people[p, P_RUN], a.people[p + 1, P_RUN]
    row, count, demands = table(1, high - low, -1)[0], 0, 0
    for r in range(low, high):
        if not len(v.barred) or not v.barred[r]:
            row[r - low] = count
            count += 1
    runs = table(count, COLUMNS, 0)
    for r in range(low, high):
        i = row[r - low]
        if i < 0:
            continue
        o = a.runs[r, R_OPTION]
        d = a.options[o, O_DEMAND]
        if mark[d] < 0:
            mark[d] = demands
            demands += 1
        own = runs[i]
        own[INDEX], own[FIRST], own[LAST], own[MINUTES] = r - low, a.runs[r, R_FIRST], a.runs[r, R_LAST], a.runs[r, R_MINUTES]
        own[ORIGIN], own[DEMAND], own[PAIR] = a.options[o, O_ORIGIN], mark[d], a.options[o, O_PAIR]
        own[ASKED], own[GROUP] = d, -1
        own[UNIT], own[MOVED] = a.options[o, O_UNIT], a.options[o, O_MOVED]
        own[WORTH] = _worth(a, v, r, o, d)
    for i in range(count):
        mark[runs[i, ASKED]] = -1
    return runs, demands, row


@plain
def _worth(a, v, r, o, d):  # type: ignore[no-untyped-def]
    """What a run brings at the prices, its project's group apart."""
    worth = E4 * a.runs[r, R_VALUE] - E4 * v.fresh * a.runs[r, R_FRESH]
    if a.runs[r, R_HEADS]:
        worth -= E4 * v.heads[d]
    row = a.options[o, O_ROW]
    if v.share.shape[0] > 0 and row >= 0:
        worth -= a.options[o, O_SHARE] * (v.share[row, a.runs[r, R_LAST] + 1] - v.share[row, a.runs[r, R_FIRST]])
    return worth


@plain
def fair_constant(tilt, low, high):  # type: ignore[no-untyped-def]
    """The most that minus the fairness cost can exceed tilt x minutes, for -cost <= tilt <= cost."""
    return -tilt * low if tilt >= 0 else -tilt * high


@plain
def unfairness(booked, person):  # type: ignore[no-untyped-def]
    """Fairness cost of so many minutes."""
    if booked < person[LOW]:
        return person[FAIRNESS] * (person[LOW] - booked)
    return person[FAIRNESS] * (booked - person[HIGH]) if booked > person[HIGH] else 0


@plain
def _price_runs(a, p, runs, prices, lean, sums, net):  # type: ignore[no-untyped-def]
    """Fill ``net`` with the worth of each run, rebates included, less its minutes at prices per period."""
    low, begin, end = a.people[p, P_RUN], a.people[p, P_OPTION], a.people[p + 1, P_OPTION]
    base = a.options[begin, O_AT] + begin
    for o in range(begin, end):
        at, lo = a.options[o, O_AT], a.options[o, O_LO]
        k = at + o - base
        sums[k] = 0.0
        for n in range(a.options[o + 1, O_AT] - at):
            sums[k + n + 1] = sums[k + n] + prices[lo + n] * a.minutes[at + n]
    for i in range(len(runs)):
        k = runs[i, ORIGIN] + a.runs[low + runs[i, INDEX], R_OPTION] - base
        net[i] = runs[i, NET] + lean * runs[i, MINUTES] - sums[k + runs[i, LAST] + 1] + sums[k + runs[i, FIRST]]


@plain
def best_by_demand(runs, net, best):  # type: ignore[no-untyped-def]
    """The run of each demand with the most left, or -1 where none has anything left."""
    for d in range(len(best)):
        best[d] = -1
    for i in range(len(runs)):
        d = runs[i, DEMAND]
        if net[i] > 0 and (best[d] < 0 or net[i] > net[best[d]]):
            best[d] = i


@jit
def find_own_prices(a, p, runs, best, person, per_minute, tilt):  # type: ignore[no-untyped-def]
    """
    Subgradient steps on the person's own prices, from those given, which hold the best met in the end; NET holds what runs bring.

    They aim at the value of the best schedule known.
    """
    horizon, begin, end = len(per_minute), a.people[p, P_OPTION], a.people[p + 1, P_OPTION]
    prices, free, net = np.empty(horizon), np.empty(horizon), np.empty(len(runs))
    sums = np.empty(a.options[end, O_AT] - a.options[begin, O_AT] + end - begin)
    lean, steps = tilt[p], _STEPS_FIRST
    for t in range(horizon):
        prices[t] = per_minute[t]
        if prices[t] > 0:
            steps = _STEPS
    least, scale, known = np.inf, _STEP_FIRST, person[BEST] - person[CONSTANT]
    for _ in range(steps):
        _price_runs(a, p, runs, prices, lean, sums, net)
        best_by_demand(runs, net, best)
        total, booked = _all_brought(a, p, runs, best, net, prices, free)
        booked += person[BOOKED]
        total += lean * person[BOOKED] + fair_constant(lean, person[LOW], person[HIGH])
        if total < least:
            least = total
            for t in range(horizon):
                per_minute[t] = prices[t]
            tilt[p] = lean
        else:
            scale *= _STEP_SHRINKS
        off = float(booked - (person[LOW] if lean >= 0 else person[HIGH])) if person[FAIRNESS] > 0 else 0.0
        norm = _norm(prices, free) + off * off
        if norm == 0 or total <= known:
            break
        step = scale * (total - known) / norm
        for t in range(horizon):
            prices[t] -= step * free[t]
            if prices[t] < 0:
                prices[t] = 0.0
        lean -= step * off
        if abs(lean) > person[FAIRNESS]:
            lean = float(person[FAIRNESS] if lean > 0 else -person[FAIRNESS])


@plain
def _all_brought(a, p, runs, best, net, prices, free):  # type: ignore[no-untyped-def]
    """What these runs bring together with all minutes at prices per period, and their minutes; ``free`` holds what they leave."""
    total, booked = 0.0, 0
    for t in range(len(prices)):
        free[t] = a.capacity[p, t]
        total += prices[t] * free[t]
    for d in range(len(best)):
        i = best[d]
        if i >= 0:
            total += net[i]
            booked += runs[i, MINUTES]
            for t in range(runs[i, FIRST], runs[i, LAST] + 1):
                free[t] -= a.minutes[runs[i, ORIGIN] + t]
    return total, booked


@plain
def _norm(prices, free):  # type: ignore[no-untyped-def]
    norm = 0.0
    for t in range(len(prices)):
        if prices[t] > 0 or free[t] < 0:
            norm += free[t] * free[t]
    return norm


@plain
def schedule_value(runs, v, chosen, person):  # type: ignore[no-untyped-def]
    """Value of a schedule of the person's runs (counted from its first one, -1 after the last) at the prices."""
    total, booked = person[CONSTANT], person[BOOKED]
    for k in range(len(chosen)):
        if chosen[k] < 0:
            break
        total += runs[chosen[k], WORTH]
        booked += runs[chosen[k], MINUTES]
        pair = runs[chosen[k], PAIR]
        if pair >= 0 and v.pairs[pair] != 0:
            is_first = True
            for j in range(k):
                is_first = is_first and runs[chosen[j], PAIR] != pair
            if is_first:
                total -= E4 * v.pairs[pair]
        for n in range(v.cut_at[runs[chosen[k], ASKED]], v.cut_at[runs[chosen[k], ASKED] + 1]):
            total -= _cut_pays(runs, v, chosen, k, v.cut_of[n], person[WHO])
    return total - unfairness(booked, person)


@plain
def _cut_pays(runs, v, chosen, k, cut, who):  # type: ignore[no-untyped-def]
    """What the k-th run chosen pays for a cut: every second one that counts for it pays."""
    counted = 1 if v.cuts[cut, 1] == who else 0
    for j in range(k):
        asked = runs[chosen[j], ASKED]
        for n in range(v.cut_at[asked], v.cut_at[asked + 1]):
            counted += v.cut_of[n] == cut
    return E4 * v.cuts[cut, 0] if counted % 2 else 0


@plain
def fits(a, runs, i, chosen, count, free):  # type: ignore[no-untyped-def]
    """Whether a run can join the ``count`` runs chosen, given what they leave free."""
    run = runs[i]
    for k in range(count):
        other = runs[chosen[k]]
        if other[DEMAND] == run[DEMAND] or (run[UNIT] >= 0 and other[UNIT] == run[UNIT] and other[MOVED] != run[MOVED]):
            return False
    for t in range(run[FIRST], run[LAST] + 1):
        if a.minutes[run[ORIGIN] + t] > free[0, t] or free[1, t] < 1:
            return False
    return True


@plain
def take(a, runs, i, free):  # type: ignore[no-untyped-def]
    """Take a run's minutes and places."""
    for t in range(runs[i, FIRST], runs[i, LAST] + 1):
        free[0, t] -= a.minutes[runs[i, ORIGIN] + t]
        free[1, t] -= 1


@jit
def room_of(a, p):  # type: ignore[no-untyped-def]
    """Minutes and places free in each period."""
    free = table(2, a.capacity.shape[1], 0)
    for t in range(free.shape[1]):
        free[0, t], free[1, t] = a.capacity[p, t], a.places[p, t]
    return free


@jit
def greedy_schedule(a, p, runs, order, chosen):  # type: ignore[no-untyped-def]
    """Fill ``chosen`` with a schedule: what comes first in order first."""
    free, count = room_of(a, p), 0
    for k in range(len(chosen)):
        chosen[k] = -1
    for i in order:
        if runs[i, WORTH] <= 0 or count == len(chosen):
            continue
        if fits(a, runs, i, chosen, count, free):
            take(a, runs, i, free)
            chosen[count] = i
            count += 1

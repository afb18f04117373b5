"""What the search for one person's best schedule starts from: the runs that may still matter, and the best schedule known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver_models.staffing.kernel.compiled import jit
from solver_models.staffing.kernel.limits import (
    best_by_demand,
    fair_constant,
    find_own_prices,
    greedy_schedule,
    local_demands,
    minute_costs,
    run_minutes,
    run_worths,
    schedule_value,
)
from solver_models.staffing.problem import E4
from solver_models.staffing.run_table import Ints

_STEPS_FIRST = 60
_STEPS = 12
_BITS = 64


class Case(NamedTuple):
    """
    The runs that may be part of a better schedule, by first period, and what the search needs to know of them.

    ``tail`` is the same for runs that are the same from now on; ``net`` is ``worth`` less the minutes at the person's own prices; ``ends[i]`` is what runs from the i-th on can add at most;
    ``sets`` and ``bars`` are bits of memory, ``lives`` the bits that still matter in a period; ``group`` is the bit of a priced
    project and ``group_price`` what the first run on it pays. ``constant`` is Z with the pinned runs alone less what they pay;
    ``start`` is the most that anything can come to; ``fair`` is fairness cost, low, high and minutes of pinned runs.
    """

    run: Ints
    tail: Ints
    demand: Ints
    worth: Ints
    net: Ints
    minutes: Ints
    sets: Ints
    bars: Ints
    group: Ints
    group_price: Ints
    ends: Ints
    lives: Ints
    minute_price: Ints
    capacity: Ints
    places: Ints
    fair: Ints
    tilt: int
    constant: int
    start: int
    best: int


@jit
def case_of(a, v, p, per_minute, tilt, fairness, known, mark, chosen):  # type: ignore[no-untyped-def]
    """The case of a person; ``chosen`` becomes the better of ``known`` and a greedy schedule, counted from the person's first run."""
    worth, minutes = run_worths(a, v, p), run_minutes(a, p)
    demand, count = local_demands(a, p, mark)
    fair = np.array([fairness, a.low[p], a.high[p], a.booked[p]])
    constant = E4 * a.base[p] - v.paid[p]
    optimistic = worth.copy()
    for i in range(len(worth)):
        pair = a.pair[a.option[a.run_at[p] + i]]
        if pair >= 0:
            optimistic[i] += max(0, -E4 * v.pairs[pair])
    chosen[:] = known
    best = schedule_value(a, v, p, chosen, constant, worth, minutes, fair)
    steps = _STEPS if per_minute.any() else _STEPS_FIRST
    find_own_prices(a, p, optimistic, minutes, demand, count, fair, best - constant, per_minute, tilt, steps)
    minute_price, lean = np.floor(per_minute).astype(np.int64), int(tilt[p])
    net = optimistic + lean * minutes - minute_costs(a, p, minute_price)
    trial = np.empty_like(chosen)
    greedy_schedule(a, p, net, worth, demand, trial)
    value = schedule_value(a, v, p, trial, constant, worth, minutes, fair)
    if value > best:
        best = value
        chosen[:] = trial
    start = constant + np.sum(minute_price * a.capacity[p]) + lean * fair[3] + fair_constant(lean, fair[1], fair[2])
    kept = _worth_a_look(net, demand, count, best - start)
    return _reduced(a, v, p, kept, demand, worth, net, minutes, minute_price, fair, lean, constant, start, best)


@jit
def _worth_a_look(net, demand, count, wanted):  # type: ignore[no-untyped-def]
    """Runs with which the most that can be added exceeds what is wanted."""
    best, _ = best_by_demand(net, demand, count)
    total = 0
    for d in range(count):
        if best[d] >= 0:
            total += net[best[d]]
    kept, n = np.empty(len(net), np.int64), 0
    for i in range(len(net)):
        instead = net[best[demand[i]]] if best[demand[i]] >= 0 else 0
        if total - instead + net[i] > wanted:
            kept[n] = i
            n += 1
    return kept[:n]


@jit
def _reduced(a, v, p, kept, demand, worth, net, minutes, minute_price, fair, lean, constant, start, best):  # type: ignore[no-untyped-def]
    n, horizon = len(kept), a.capacity.shape[1]
    sets, bars, group = np.zeros(n, np.uint64), np.zeros(n, np.uint64), np.zeros(n, np.uint64)
    lives = np.zeros(horizon + 1, np.uint64)
    ends = np.zeros(n + 1, np.int64)
    price = np.zeros(n, np.int64)
    low = a.run_at[p]
    taken = np.full(_BITS, -1, np.int64)
    _remember_demands(a, low, kept, demand, taken, sets, bars, lives)
    _remember_shifts(a, low, kept, taken, sets, bars, lives)
    own = net[kept].copy()
    for i in range(n):
        pair = a.pair[a.option[low + kept[i]]]
        if pair >= 0:
            price[i] = E4 * v.pairs[pair]
            own[i] -= max(0, -price[i])
    _remember_groups(a, low, kept, taken, price, group, lives)
    most = np.zeros(demand.max() + 1 if len(demand) else 0, np.int64)
    for i in range(n - 1, -1, -1):
        d = demand[kept[i]]
        gained = max(0, net[kept[i]] - most[d])
        ends[i] = ends[i + 1] + gained
        most[d] += gained
    return Case(
        kept + low, a.option[kept + low] * (horizon + 1) + a.last[kept + low], demand[kept], worth[kept], own, minutes[kept], sets, bars, group, price, ends, lives,
        minute_price, a.capacity[p], a.places[p], fair, lean, constant, start, best,
    )  # fmt: skip


@jit
def _claim(taken, begin, end, lives):  # type: ignore[no-untyped-def]
    """
    A bit of memory that nobody else uses from ``begin`` to ``end``, 0 if none is left.

    One period lies between two uses of a bit, in which it is forgotten.
    """
    for k in range(_BITS):
        if taken[k] < begin:
            taken[k] = end + 1
            bit = np.uint64(1) << np.uint64(k)
            for t in range(begin, end + 1):
                lives[t] |= bit
            return bit
    return np.uint64(0)


@jit
def _remember_demands(a, low, kept, demand, taken, sets, bars, lives):  # type: ignore[no-untyped-def]
    """A bit for each demand with two runs that one could follow on the other."""
    count = demand.max() + 1 if len(demand) else 0
    first, last_first, first_last = np.full(count, -1, np.int64), np.zeros(count, np.int64), np.zeros(count, np.int64)
    for i in kept:
        d, begin, end = demand[i], a.first[low + i], a.last[low + i]
        if first[d] < 0:
            first[d], first_last[d] = begin, end
        last_first[d], first_last[d] = begin, min(first_last[d], end)
    bit = np.zeros(count, np.uint64)
    is_claimed = np.zeros(count, np.bool_)
    for k in range(len(kept)):
        d = demand[kept[k]]
        if last_first[d] > first_last[d]:
            if not is_claimed[d]:
                bit[d] = _claim(taken, first[d], last_first[d], lives)
                is_claimed[d] = True
            sets[k] |= bit[d]
            bars[k] |= bit[d]


@jit
def _remember_shifts(a, low, kept, taken, sets, bars, lives):  # type: ignore[no-untyped-def]
    """A bit for each shift of a project that moves as a whole, barred by its other shifts."""
    for k in range(len(kept)):
        o = a.option[low + kept[k]]
        unit, moved = a.unit[o], a.moved[o]
        if unit < 0:
            continue
        end, is_new = a.first[low + kept[k]], True
        for j in range(len(kept)):
            other = a.option[low + kept[j]]
            if a.unit[other] == unit:
                end = max(end, a.first[low + kept[j]])
                is_new = is_new and not (j < k and a.moved[other] == moved)
        if not is_new:
            continue
        bit = _claim(taken, a.first[low + kept[k]], end, lives)
        for j in range(len(kept)):
            other = a.option[low + kept[j]]
            if a.unit[other] == unit and a.moved[other] == moved:
                sets[j] |= bit
            elif a.unit[other] == unit:
                bars[j] |= bit


@jit
def _remember_groups(a, low, kept, taken, price, group, lives):  # type: ignore[no-untyped-def]
    """
    A bit for each project with a priced group and several runs.

    Without a bit left nobody pays there, and whoever is paid is paid for each run: more than can be, never less.
    """
    for k in range(len(kept)):
        pair = a.pair[a.option[low + kept[k]]]
        if price[k] == 0 or group[k] != 0:
            continue
        last, count = k, 0
        for j in range(k, len(kept)):
            if a.pair[a.option[low + kept[j]]] == pair:
                last, count = j, count + 1
        if count < 2 and k == last:
            continue
        bit = _claim(taken, a.first[low + kept[k]], a.first[low + kept[last]], lives)
        for j in range(k, last + 1):
            if a.pair[a.option[low + kept[j]]] == pair:
                group[j] = bit
                if bit == 0:
                    price[j] = min(0, price[j])

"""
The best schedules of people at given prices: a bounded dynamic program over their runs, compiled, exact unless it grows too large.

Runs are met in the order of their first periods. A *label* is a partial schedule: the runs still active, what of the past still
forbids something (``memory``: a bit for each demand with several runs left, each shift chosen, each project with a priced group),
minutes booked, and value. Labels that agree in all but value are merged. A label goes when even the best that could follow does
not lift it above the best schedule known; ``limits`` says what could follow. Beyond the labels allowed the least promising
go too, and the best of what they promised stays in the answer as an upper limit. Figures are integers in ten-thousandths of Z.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver_models.staffing.kernel.compiled import jit
from solver_models.staffing.kernel.case import case_of
from solver_models.staffing.kernel.limits import schedule_value, unfairness
from solver_models.staffing.problem import E4
from solver_models.staffing.run_table import Ints

MOST_AT_ONCE = 12
"""Runs that a label may have active; what needs more is left to the upper limit."""
MOST_RUNS = 64
"""Runs of a schedule that is reported."""
_LEAST = -(1 << 62)
_MIX = np.uint64(0x9E3779B97F4A7C15)


class PriceVector(NamedTuple):
    """
    Prices in units of Z: sums of each row's share prices before a period (rows x T + 1, or none at all), of a run by demand, of
    a new minute, by pair; and what each person's pinned runs pay, in ten-thousandths of Z. ``barred`` says which runs may not be
    chosen whatever they bring (by run, or nothing at all).
    """

    share: Ints
    heads: Ints
    fresh: int
    pairs: Ints
    paid: Ints
    barred: NDArray[np.bool_]


class Labels(NamedTuple):
    """
    Partial schedules: value without fairness, the most that can become of it but for runs to come, minutes, memory, active runs
    (by number in the case), and where their way back begins: ``before`` and ``took`` are by node.
    """

    value: Ints
    most: Ints
    booked: Ints
    memory: Ints
    count: Ints
    active: Ints
    node: Ints


@jit
def best_schedules(a, v, people, per_minute, tilt, fairness, known, room):  # type: ignore[no-untyped-def]
    """
    Upper limit, best value and best schedule of each of ``people``, and labels met.

    ``per_minute`` (people x T) and ``tilt`` carry each person's own prices from call to call; ``known`` has a schedule for each
    person, counted from the person's first run (-1 after the last), ``room`` is how many labels may be held at once.
    """
    n = len(people)
    limit, value, met = np.empty(n, np.int64), np.empty(n, np.int64), np.zeros(n, np.int64)
    chosen = np.full((n, MOST_RUNS), -1, np.int64)
    labels = _new_labels(room)
    mark = np.full(len(v.heads), -1, np.int64)
    for k in range(n):
        p = people[k]
        case = case_of(a, v, p, per_minute[p], tilt, E4 * fairness, known[p], mark, chosen[k])
        limit[k], value[k], met[k] = _search(a, v, p, case, labels, chosen[k])
    return limit, value, chosen, met


@jit
def _new_labels(room):  # type: ignore[no-untyped-def]
    return Labels(
        np.zeros(room, np.int64),
        np.zeros(room, np.int64),
        np.zeros(room, np.int64),
        np.zeros(room, np.uint64),
        np.zeros(room, np.int64),
        np.zeros((room, MOST_AT_ONCE), np.int64),
        np.zeros(room, np.int64),
    )


@jit
def _search(a, v, p, case, labels, chosen):  # type: ignore[no-untyped-def]
    """Run the program; ``chosen`` gets the best schedule, if it is better than the one already there."""
    horizon, runs = a.capacity.shape[1], len(case.run)
    before, took = np.full(1024, -1, np.int64), np.full(1024, -1, np.int64)
    nodes, size, met, lost = 1, 1, 0, _LEAST
    labels.value[0], labels.most[0], labels.booked[0] = case.constant, case.start, case.fair[3]
    labels.memory[0], labels.count[0], labels.node[0] = 0, 0, 0
    i = 0
    for t in range(horizon):
        if i == runs:
            break
        size = _advance(a, case, labels, size, t, case.best - case.ends[i])
        while i < runs and a.first[case.run[i]] == t:
            if 2 * size > len(labels.value):
                size, left_out = _drop_least(labels, size, len(labels.value) // 4)
                lost = max(lost, left_out + case.ends[i])
            if nodes + size > len(before):
                before, took = _longer(before, size), _longer(took, size)
            for k in range(size):
                most = _with_run(a, case, labels, k, i)
                if most + case.ends[i + 1] <= case.best:
                    continue
                if labels.count[k] == MOST_AT_ONCE:
                    lost = max(lost, most + case.ends[i + 1])
                    continue
                before[nodes], took[nodes] = labels.node[k], i
                _append(case, labels, k, i, size, most, nodes)
                nodes, size = nodes + 1, size + 1
            met += size
            i += 1
    limit, value = _answer(a, v, p, case, labels, size, before, took, chosen)
    return max(lost, limit), value, met


@jit
def _longer(values, by):  # type: ignore[no-untyped-def]
    longer = np.full(2 * len(values) + by, -1, np.int64)
    longer[: len(values)] = values
    return longer


@jit
def _with_run(a, case, labels, k, i):  # type: ignore[no-untyped-def]
    """The most that can become of label k with run i, runs to come apart; next to nothing if the run does not fit."""
    if labels.memory[k] & case.bars[i]:
        return _LEAST
    for n in range(labels.count[k]):
        if case.demand[labels.active[k, n]] == case.demand[i]:
            return _LEAST
    r = case.run[i]
    at = a.at[a.option[r]] - a.lo[a.option[r]]
    for t in range(a.first[r], a.last[r] + 1):
        minutes, places = a.minutes[at + t], 1
        for n in range(labels.count[k]):
            other = case.run[labels.active[k, n]]
            if a.last[other] >= t:
                minutes += a.minutes[a.at[a.option[other]] - a.lo[a.option[other]] + t]
                places += 1
        if minutes > case.capacity[t] or places > case.places[t]:
            return _LEAST
    return labels.most[k] + case.net[i] - _group_pays(case, labels, k, i)


@jit
def _group_pays(case, labels, k, i):  # type: ignore[no-untyped-def]
    """What the first run on a project with a priced group pays."""
    return 0 if labels.memory[k] & case.group[i] else case.group_price[i]


@jit
def _append(case, labels, k, i, to, most, node):  # type: ignore[no-untyped-def]
    """Label k with run i becomes label ``to``."""
    n = labels.count[k]
    labels.value[to] = labels.value[k] + case.worth[i] - _group_pays(case, labels, k, i)
    labels.most[to] = most
    labels.booked[to] = labels.booked[k] + case.minutes[i]
    labels.memory[to] = labels.memory[k] | case.sets[i] | case.group[i]
    at = n
    while at > 0 and case.tail[labels.active[k, at - 1]] > case.tail[i]:
        at -= 1
    labels.active[to, :at] = labels.active[k, :at]
    labels.active[to, at] = i
    labels.active[to, at + 1 : n + 1] = labels.active[k, at:n]
    labels.count[to] = n + 1
    labels.node[to] = node


@jit
def _move(labels, k, to):  # type: ignore[no-untyped-def]
    if k != to:
        labels.value[to] = labels.value[k]
        labels.most[to] = labels.most[k]
        labels.booked[to] = labels.booked[k]
        labels.memory[to] = labels.memory[k]
        labels.count[to] = labels.count[k]
        labels.active[to] = labels.active[k]
        labels.node[to] = labels.node[k]


@jit
def _advance(a, case, labels, size, t, wanted):  # type: ignore[no-untyped-def]
    """Forget what ended before period t, merge what agrees, and drop what cannot become more than ``wanted``."""
    left = 0
    for k in range(size):
        if t > 0:
            _pass(a, case, labels, k, t - 1)
        if labels.most[k] > wanted:
            labels.memory[k] &= case.lives[t]
            _move(labels, k, left)
            left += 1
    return _merge(case, labels, left)


@jit
def _pass(a, case, labels, k, t):  # type: ignore[no-untyped-def]
    """Free minutes of a period that is over are worth nothing; runs that end with it are no longer active."""
    free, n = case.capacity[t], 0
    for m in range(labels.count[k]):
        i = labels.active[k, m]
        r = case.run[i]
        free -= a.minutes[a.at[a.option[r]] - a.lo[a.option[r]] + t]
        if a.last[r] > t:
            labels.active[k, n] = i
            n += 1
    labels.count[k] = n
    labels.most[k] -= case.minute_price[t] * free


@jit
def _merge(case, labels, size):  # type: ignore[no-untyped-def]
    """Of labels that agree in active runs and memory the ones that another makes needless are dropped."""
    keys = np.empty(size, np.uint64)
    for k in range(size):
        key = labels.memory[k] * _MIX
        for n in range(labels.count[k]):
            key = (key ^ np.uint64(case.tail[labels.active[k, n]] + 1)) * _MIX
            key ^= key >> np.uint64(29)
        keys[k] = key
    order = np.argsort(keys, kind="mergesort")
    is_needless = np.zeros(size, np.bool_)
    for x in range(size):
        k = order[x]
        for y in range(x + 1, size):
            j = order[y]
            if keys[j] != keys[k] or is_needless[k]:
                break
            if not is_needless[j] and _agree(case, labels, k, j):
                apart = case.fair[0] * abs(labels.booked[k] - labels.booked[j])
                if labels.value[k] - labels.value[j] >= apart:
                    is_needless[j] = True
                elif labels.value[j] - labels.value[k] >= apart:
                    is_needless[k] = True
    left = 0
    for k in range(size):
        if not is_needless[k]:
            _move(labels, k, left)
            left += 1
    return left


@jit
def _agree(case, labels, k, j):  # type: ignore[no-untyped-def]
    if labels.memory[k] != labels.memory[j] or labels.count[k] != labels.count[j]:
        return False
    for n in range(labels.count[k]):
        if case.tail[labels.active[k, n]] != case.tail[labels.active[j, n]]:
            return False
    return True


@jit
def _drop_least(labels, size, keep):  # type: ignore[no-untyped-def]
    """Keep the most promising labels; how many are left, and the most that was promised by the others."""
    order = np.argsort(-labels.most[:size], kind="mergesort")
    stays = np.zeros(size, np.bool_)
    stays[order[:keep]] = True
    left_out = labels.most[order[keep]]
    left = 0
    for k in range(size):
        if stays[k]:
            _move(labels, k, left)
            left += 1
    return left, left_out


@jit
def _answer(a, v, p, case, labels, size, before, took, chosen):  # type: ignore[no-untyped-def]
    """Limit and value of the best schedule; ``chosen`` becomes it where a label is better and keeps every rule."""
    limit, at = case.best, -1
    for k in range(size):
        value = labels.value[k] - unfairness(labels.booked[k], case.fair[0], case.fair[1], case.fair[2])
        if value > limit:
            limit, at = value, k
    if at < 0:
        return limit, case.best
    runs, count = np.full(MOST_RUNS, -1, np.int64), 0
    node = labels.node[at]
    while node > 0 and count < MOST_RUNS:
        runs[count] = case.run[took[node]] - a.run_at[p]
        count, node = count + 1, before[node]
    if node > 0 or not keeps_rules(a, p, runs, count):
        return limit, case.best
    chosen[:] = runs
    return limit, limit


@jit
def keeps_rules(a, p, runs, count):  # type: ignore[no-untyped-def]
    """Whether runs of a person are a schedule: one run on a demand, one shift of a unit, capacity and places in every period."""
    low = a.run_at[p]
    free, places = a.capacity[p].copy(), a.places[p].copy()
    for k in range(count):
        o = a.option[low + runs[k]]
        for j in range(k):
            other = a.option[low + runs[j]]
            if a.demand[o] == a.demand[other] or (a.unit[o] >= 0 and a.unit[o] == a.unit[other] and a.moved[o] != a.moved[other]):
                return False
        for t in range(a.first[low + runs[k]], a.last[low + runs[k]] + 1):
            free[t] -= a.minutes[a.at[o] - a.lo[o] + t]
            places[t] -= 1
            if free[t] < 0 or places[t] < 0:
                return False
    return True

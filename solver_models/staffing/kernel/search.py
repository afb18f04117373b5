"""
The best schedules of people at given prices: a bounded dynamic program over their runs, compiled, exact unless it grows too large.

Runs are met in the order of their first periods. A *label* is a partial schedule: the runs still active, what of the past still
matters (``memory``: a bit for each demand with several runs left, each shift chosen, each project with a priced group, each cut),
minutes booked, and value. Labels that agree in all but value are merged. A label goes when even the best that could follow does
not lift it above the best schedule known; ``limits`` says what could follow. Beyond the labels allowed the least promising
go too, and the best of what they promised stays in the answer as an upper limit. Figures are integers in ten-thousandths of Z.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver_models.staffing.kernel.arrays import Arrays, Ints, PriceVector
from solver_models.staffing.kernel.case import (
    BITS,
    LIVES,
    PRICE,
    Case,
    price_groups,
    remember_cuts,
    remember_demands,
    remember_groups,
    remember_shifts,
    set_figures,
    set_own_prices,
    sum_ends,
    take_better,
    worth_a_look,
)
from solver_models.staffing.kernel.compiled import entry, jit, plain
from solver_models.staffing.kernel.limits import (
    BARS,
    BEST,
    BOOKED,
    CONSTANT,
    CUTS,
    DEMAND,
    ENDS,
    FAIRNESS,
    FIRST,
    GROUP,
    GROUP_PRICE,
    INDEX,
    LAST,
    MINUTES,
    NET,
    ORIGIN,
    OWN_CUTS,
    SETS,
    START,
    TAIL,
    WORTH,
    copy_row,
    find_own_prices,
    fits,
    greedy_schedule,
    own_runs,
    room_of,
    schedule_value,
    table,
    take,
    unfairness,
)
from solver_models.staffing.problem import E4

__all__ = ["MOST_AT_ONCE", "MOST_RUNS", "Arrays", "PriceVector", "best_schedules"]

MOST_AT_ONCE = 12
"""Runs that a label may have active; what needs more is left to the upper limit."""
MOST_RUNS = 64
"""Runs of a schedule that is reported."""
_LEAST = -(1 << 62)
_MIX = 0x1E3779B97F4A7C15
_VALUE, _MOST, _BOOKED, _MEMORY, _NODE, _COUNT, _ACTIVE = range(7)
"""
Columns of labels: value without fairness, the most that can become of it but for runs to come, minutes, memory, where the way back
begins, how many runs are active, and these (by number in the case); then what the active runs leave free by period.
"""
_FREE = _ACTIVE + MOST_AT_ONCE


class Labels(NamedTuple):
    """Partial schedules, and for merging them a table of hashed states (first column) with lists of labels (second)."""

    rows: Ints
    states: Ints


@entry
def best_schedules(a, v, people, per_minute, tilt, fairness, known, room):  # type: ignore[no-untyped-def]
    """
    Upper limit, best value and best schedule of each of ``people``, and labels met.

    ``per_minute`` (people x T) and ``tilt`` carry each person's own prices from call to call; ``known`` has a schedule for each
    person, counted from the person's first run (-1 after the last), ``room`` is how many labels may be held at once.
    """
    found, chosen = table(len(people), 3, 0), table(len(people), MOST_RUNS, -1)
    labels, mark = _new_labels(room, a.capacity.shape[1]), table(1, len(v.heads), -1)[0]
    trial = table(1, MOST_RUNS, -1)[0]
    for k in range(len(people)):
        p = people[k]
        runs, demands = own_runs(a, v, p, mark)
        periods, person = table(a.capacity.shape[1] + 1, PRICE + 1, 0), table(1, OWN_CUTS + 1, 0)[0]
        set_figures(a, v, p, E4 * fairness, person)
        price_groups(v, runs)
        person[BEST] = _LEAST
        take_better(v, runs, known[p], person, chosen[k])
        best, kept = table(1, demands, -1)[0], table(len(runs), runs.shape[1], 0)
        find_own_prices(a, p, runs, best, person, per_minute[p], tilt)
        set_own_prices(a, p, runs, periods, person, per_minute[p], tilt[p])
        greedy_schedule(a, p, runs, trial)
        take_better(v, runs, trial, person, chosen[k])
        kept = kept[: worth_a_look(runs, best, person[BEST] - person[START], kept)]
        sum_ends(kept, table(1, demands, 0)[0])
        taken = table(1, BITS, -1)[0]
        cuts = remember_cuts(v, person, kept, periods, taken)
        remember_demands(kept, periods, taken, table(demands, 3, -1))
        remember_shifts(kept, periods, taken)
        remember_groups(kept, periods, taken)
        case = Case(kept, periods, person, cuts)
        size, trail, found[k, 2], lost = _search(a, p, case, labels)
        limit, found[k, 1] = _answer(a, v, p, case, labels.rows, size, trail, chosen[k])
        found[k, 0] = max(limit, lost)
    return found, chosen


@jit
def _new_labels(room, horizon):  # type: ignore[no-untyped-def]
    room, slots = max(2, room), 1
    while slots < 2 * room:
        slots *= 2
    return Labels(np.empty((room, _FREE + horizon), np.int64), np.empty((slots, 2), np.int64))


@jit
def _search(a, p, case, labels):  # type: ignore[no-untyped-def]
    """Run the program: labels at its end, the ways back, labels met, and the most that those left out promised."""
    rows, runs, best = labels.rows, case.runs, case.person[BEST]
    trail = np.empty((1024, 2), np.int64)
    nodes, size, met, lost, i = 1, 1, 0, _LEAST, 0
    rows[0, _VALUE], rows[0, _MOST], rows[0, _BOOKED] = case.person[CONSTANT], case.person[START], case.person[BOOKED]
    rows[0, _MEMORY], rows[0, _NODE], rows[0, _COUNT] = case.person[OWN_CUTS], 0, 0
    for t in range(a.capacity.shape[1]):
        rows[0, _FREE + t] = a.capacity[p, t]
    for t in range(a.capacity.shape[1]):
        if i == len(runs):
            break
        size = _advance(case, labels, size, t, best - runs[i, ENDS])
        while i < len(runs) and runs[i, FIRST] == t:
            if 2 * size > len(rows):
                size, left_out = _drop_least(rows, size, len(rows) // 4 + 1)
                left_out += runs[i, ENDS]
                lost = max(lost, left_out)
            if nodes + size > len(trail):
                trail = _longer(trail, size)
            size, nodes, left_out = _extend(a, p, case, rows, size, i, trail, nodes)
            lost = max(lost, left_out)
            met += size
            i += 1
    return size, trail, met, lost


@jit
def _longer(trail, by):  # type: ignore[no-untyped-def]
    longer = np.empty((2 * len(trail) + by, 2), np.int64)
    for n in range(len(trail)):
        copy_row(trail, n, longer, n)
    return longer


@plain
def _extend(a, p, case, rows, size, i, trail, nodes):  # type: ignore[no-untyped-def]
    """Each label also with run i, where that fits and may become better than what is known; and the most left out."""
    runs, lost, to = case.runs, _LEAST, size
    end = runs[i + 1, ENDS] if i + 1 < len(runs) else 0
    wanted = case.person[BEST] - end
    for k in range(size):
        pays = 0 if rows[k, _MEMORY] & runs[i, GROUP] else runs[i, GROUP_PRICE]
        pays += _sum_of(case.cuts, rows[k, _MEMORY] & runs[i, CUTS])
        most = rows[k, _MOST] + runs[i, NET] - pays
        if most <= wanted or rows[k, _MEMORY] & runs[i, BARS] or not _has_room(a, p, runs, rows, k, i):
            continue
        count = rows[k, _COUNT]
        if count == MOST_AT_ONCE:
            lost = max(lost, most + end)
            continue
        copy_row(rows, k, rows, to)
        rows[to, _VALUE] += runs[i, WORTH] - pays
        rows[to, _MOST] = most
        rows[to, _BOOKED] += runs[i, MINUTES]
        rows[to, _MEMORY] = (rows[to, _MEMORY] | runs[i, SETS] | runs[i, GROUP]) ^ runs[i, CUTS]
        at = _ACTIVE + count
        while at > _ACTIVE and runs[rows[to, at - 1], TAIL] > runs[i, TAIL]:
            rows[to, at] = rows[to, at - 1]
            at -= 1
        rows[to, at] = i
        rows[to, _COUNT] = count + 1
        for t in range(runs[i, FIRST], runs[i, LAST] + 1):
            rows[to, _FREE + t] -= a.minutes[runs[i, ORIGIN] + t]
        trail[nodes, 0], trail[nodes, 1] = rows[k, _NODE], i
        rows[to, _NODE] = nodes
        nodes, to = nodes + 1, to + 1
    return to, nodes, lost


@plain
def _sum_of(cuts, bits):  # type: ignore[no-untyped-def]
    """The prices of some cuts."""
    total = 0
    if bits:
        for k in range(len(cuts)):
            if bits >> k & 1:
                total += cuts[k]
    return total


@plain
def _has_room(a, p, runs, rows, k, i):  # type: ignore[no-untyped-def]
    """Whether label k has minutes and places left for run i, and no active run on the same demand."""
    for t in range(runs[i, FIRST], runs[i, LAST] + 1):
        if a.minutes[runs[i, ORIGIN] + t] > rows[k, _FREE + t]:
            return False
    for n in range(rows[k, _COUNT]):
        if runs[rows[k, _ACTIVE + n], DEMAND] == runs[i, DEMAND]:
            return False
    for t in range(runs[i, FIRST], runs[i, LAST] + 1):
        places = a.places[p, t]
        if places <= rows[k, _COUNT]:
            for n in range(rows[k, _COUNT]):
                if runs[rows[k, _ACTIVE + n], LAST] >= t:
                    places -= 1
            if places < 1:
                return False
    return True


@plain
def _advance(case, labels, size, t, wanted):  # type: ignore[no-untyped-def]
    """Forget what ended before period t, drop what cannot become more than ``wanted``, and merge what agrees."""
    rows, left = labels.rows, 0
    for k in range(size):
        if t > 0:
            rows[k, _MOST] -= case.periods[t - 1, PRICE] * rows[k, _FREE + t - 1]
        if rows[k, _MOST] > wanted:
            _pass(case.runs, rows, k, t)
            rows[k, _MEMORY] &= case.periods[t, LIVES]
            copy_row(rows, k, rows, left)
            left += 1
    return _merge(case, labels, left)


@plain
def _pass(runs, rows, k, t):  # type: ignore[no-untyped-def]
    """Runs that ended before period t are no longer active."""
    n = 0
    for m in range(rows[k, _COUNT]):
        i = rows[k, _ACTIVE + m]
        if runs[i, LAST] >= t:
            rows[k, _ACTIVE + n] = i
            n += 1
    rows[k, _COUNT] = n


@plain
def _merge(case, labels, size):  # type: ignore[no-untyped-def]
    """
    Of labels that agree in active runs and memory the ones that another makes needless are dropped.

    What the needless one could yet save, in fairness and in cuts that the other may have to pay, is less than it lies behind.
    """
    rows, states, runs = labels.rows, labels.states, case.runs
    cuts = (1 << len(case.cuts)) - 1
    used = 1
    while used < 2 * size:
        used *= 2
    for slot in range(used):
        states[slot, 0] = -1
    left = 0
    for k in range(size):
        slot = _state(runs, rows, k, cuts) & (used - 1)
        j, is_needless = states[slot, 0], False
        while j >= 0 and not is_needless:
            if rows[j, _VALUE] > _LEAST and _agree(runs, rows, k, j, cuts):
                apart = case.person[FAIRNESS] * abs(rows[k, _BOOKED] - rows[j, _BOOKED])
                mine, other = rows[k, _MEMORY] & cuts, rows[j, _MEMORY] & cuts
                if rows[j, _VALUE] - rows[k, _VALUE] >= apart + _sum_of(case.cuts, other & ~mine):
                    is_needless = True
                elif rows[k, _VALUE] - rows[j, _VALUE] >= apart + _sum_of(case.cuts, mine & ~other):
                    rows[j, _VALUE] = _LEAST
            j = states[j, 1]
        if not is_needless:
            copy_row(rows, k, rows, left)
            states[left, 1], states[slot, 0] = states[slot, 0], left
            left += 1
    kept = 0
    for k in range(left):
        if rows[k, _VALUE] > _LEAST:
            copy_row(rows, k, rows, kept)
            kept += 1
    return kept


@plain
def _state(runs, rows, k, cuts):  # type: ignore[no-untyped-def]
    """A hash of active runs and memory, cuts apart."""
    key = (rows[k, _MEMORY] & ~cuts) * _MIX
    for n in range(rows[k, _COUNT]):
        key = (key ^ (runs[rows[k, _ACTIVE + n], TAIL] + 1)) * _MIX
        key ^= key >> 29
    return key ^ (key >> 32)


@plain
def _agree(runs, rows, k, j, cuts):  # type: ignore[no-untyped-def]
    if (rows[k, _MEMORY] ^ rows[j, _MEMORY]) & ~cuts or rows[k, _COUNT] != rows[j, _COUNT]:
        return False
    for n in range(rows[k, _COUNT]):
        if runs[rows[k, _ACTIVE + n], TAIL] != runs[rows[j, _ACTIVE + n], TAIL]:
            return False
    return True


@plain
def _drop_least(rows, size, keep):  # type: ignore[no-untyped-def]
    """Keep the ``keep`` most promising labels; how many are left, and the most that was promised by the others."""
    low, high = rows[0, _MOST] - 1, rows[0, _MOST]
    for k in range(size):
        low = rows[k, _MOST] - 1 if rows[k, _MOST] <= low else low
        high = max(high, rows[k, _MOST])
    while low + 1 < high:
        middle = low + (high - low) // 2
        if _above(rows, size, middle) > keep:
            low = middle
        else:
            high = middle
    ties, left, left_out = keep - _above(rows, size, high), 0, _LEAST
    for k in range(size):
        most = rows[k, _MOST]
        if most > high or (most == high and ties > 0):
            ties -= most == high
            copy_row(rows, k, rows, left)
            left += 1
        else:
            left_out = max(left_out, most)
    return left, left_out


@plain
def _above(rows, size, most):  # type: ignore[no-untyped-def]
    count = 0
    for k in range(size):
        count += rows[k, _MOST] > most
    return count


@jit
def _answer(a, v, p, case, rows, size, trail, chosen):  # type: ignore[no-untyped-def]
    """Limit and value of the best schedule; ``chosen`` becomes it where a label is better and keeps every rule."""
    limit, at, runs = case.person[BEST], -1, case.runs
    for k in range(size):
        value = rows[k, _VALUE] - unfairness(rows[k, _BOOKED], case.person)
        if value > limit:
            limit, at = value, k
    if at < 0:
        return limit, case.person[BEST]
    found, count, node, free = table(1, MOST_RUNS, -1)[0], 0, rows[at, _NODE], room_of(a, p)
    while node > 0:
        i = trail[node, 1]
        if count == MOST_RUNS or not fits(a, runs, i, found, count, free):
            return limit, case.person[BEST]
        take(a, runs, i, free)
        found[count] = i
        count, node = count + 1, trail[node, 0]
    value = schedule_value(runs, v, found, case.person)
    if value <= case.person[BEST]:
        return limit, case.person[BEST]
    for n in range(MOST_RUNS):
        chosen[n] = runs[found[n], INDEX] if n < count else -1
    return limit, value

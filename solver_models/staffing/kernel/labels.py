"""Labels of ``search``: how they are kept, what they forget from period to period, and which of them go."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from solver_models.staffing.kernel.case import LIVES, PRICE
from solver_models.staffing.kernel.compiled import jit, plain
from solver_models.staffing.kernel.limits import FAIRNESS, FIRST, LAST, ORIGIN, TAIL, copy_row

if TYPE_CHECKING:
    from solver_models.staffing.kernel.arrays import Ints

MOST_AT_ONCE = 12
"""Runs that a label may have active; what needs more is left to the upper limit."""
LEAST = -(1 << 62)
_MIX = 0x1E3779B97F4A7C15
L_VALUE, L_MOST, L_BOOKED, L_MEMORY, L_NODE, L_COUNT, L_ACTIVE = range(7)
"""
Columns of labels: value without fairness, the most that can become of it but for runs to come, minutes, memory, where the way back
begins, how many runs are active, and these (by number in the case); then what the active runs leave free by period.
"""
L_FREE = L_ACTIVE + MOST_AT_ONCE


class Labels(NamedTuple):
    """Partial schedules, and for merging them a table of hashed states (first column) with lists of labels (second)."""

    rows: Ints
    states: Ints


@jit
def new_labels(room, horizon):  # type: ignore[no-untyped-def]
    """Place for ``room`` labels, and for two at least."""
    room, slots = max(2, room), 1
    while slots < 2 * room:
        slots *= 2
    return Labels(np.empty((room, L_FREE + horizon), np.int64), np.empty((slots, 2), np.int64))


@jit
def longer(trail, by):  # type: ignore[no-untyped-def]
    """A longer table that begins with the same rows."""
    made = np.empty((2 * len(trail) + by, 2), np.int64)
    for n in range(len(trail)):
        copy_row(trail, n, made, n)
    return made


@plain
def see_until(a, p, rows, size, reach, until):  # type: ignore[no-untyped-def]
    """Labels know what is free in the periods before ``reach``: from now on, in those before ``until`` too."""
    for k in range(size):
        for t in range(reach, until):
            rows[k, L_FREE + t] = a.capacity[p, t]
    return max(reach, until)


@plain
def has_room(a, p, runs, rows, k, i):  # type: ignore[no-untyped-def]
    """Whether label k has minutes and places left for run or way i."""
    for t in range(runs[i, FIRST], runs[i, LAST] + 1):
        if a.minutes[runs[i, ORIGIN] + t] > rows[k, L_FREE + t]:
            return False
    for t in range(runs[i, FIRST], runs[i, LAST] + 1):
        places = a.places[p, t]
        if places <= rows[k, L_COUNT]:
            for n in range(rows[k, L_COUNT]):
                if runs[rows[k, L_ACTIVE + n], LAST] >= t:
                    places -= 1
            if places < 1:
                return False
    return True


@plain
def take_room(a, runs, i, rows, k):  # type: ignore[no-untyped-def]
    """Take the minutes of run or way i from what label k leaves free."""
    for t in range(runs[i, FIRST], runs[i, LAST] + 1):
        rows[k, L_FREE + t] -= a.minutes[runs[i, ORIGIN] + t]


@plain
def copy_label(rows, k, to, t, reach):  # type: ignore[no-untyped-def]
    """Copy what label k needs to know from period t on."""
    for n in range(L_ACTIVE + rows[k, L_COUNT]):
        rows[to, n] = rows[k, n]
    for n in range(L_FREE + t, L_FREE + reach):
        rows[to, n] = rows[k, n]


@plain
def sum_of(cuts, bits):  # type: ignore[no-untyped-def]
    """The prices of some cuts."""
    total = 0
    if bits:
        for k in range(len(cuts)):
            if bits >> k & 1:
                total += cuts[k]
    return total


@plain
def advance(case, labels, size, t, reach, wanted):  # type: ignore[no-untyped-def]
    """
    Forget what ended before period t, drop what cannot become more than ``wanted``, and merge what agrees.

    Labels agree in active runs and memory; then one may make another needless.
    """
    rows, states, left = labels.rows, labels.states, 0
    cuts, used = (1 << len(case.cuts)) - 1, 1
    while used < 2 * size:
        used *= 2
    for slot in range(used):
        states[slot, 0] = -1
    for k in range(size):
        if t > 0:
            rows[k, L_MOST] -= case.periods[t - 1, PRICE] * rows[k, L_FREE + t - 1]
        if rows[k, L_MOST] <= wanted:
            continue
        _pass(case.runs, rows, k, t)
        rows[k, L_MEMORY] &= case.periods[t, LIVES]
        slot = _state(case.runs, rows, k, cuts) & (used - 1)
        if not _is_needless(case, rows, states, k, states[slot, 0], cuts):
            if left != k:
                copy_label(rows, k, left, t, reach)
            states[left, 1], states[slot, 0] = states[slot, 0], left
            left += 1
    kept = 0
    for k in range(left):
        if rows[k, L_VALUE] > LEAST:
            if kept != k:
                copy_label(rows, k, kept, t, reach)
            kept += 1
    return kept


@plain
def _pass(runs, rows, k, t):  # type: ignore[no-untyped-def]
    """Runs that ended before period t are no longer active."""
    n = 0
    for m in range(rows[k, L_COUNT]):
        i = rows[k, L_ACTIVE + m]
        if runs[i, LAST] >= t:
            rows[k, L_ACTIVE + n] = i
            n += 1
    rows[k, L_COUNT] = n


@plain
def _is_needless(case, rows, states, k, j, cuts):  # type: ignore[no-untyped-def]
    """
    Whether label k is needless beside one listed from j on; those that are beside k lose their value.

    What the needless one could yet save, in fairness and in cuts that the other may have to pay, is less than it lies behind.
    """
    while j >= 0:
        if rows[j, L_VALUE] > LEAST and _agree(case.runs, rows, k, j, cuts):
            apart = case.person[FAIRNESS] * abs(rows[k, L_BOOKED] - rows[j, L_BOOKED])
            mine, other = rows[k, L_MEMORY] & cuts, rows[j, L_MEMORY] & cuts
            if rows[j, L_VALUE] - rows[k, L_VALUE] >= apart + sum_of(case.cuts, other & ~mine):
                return True
            if rows[k, L_VALUE] - rows[j, L_VALUE] >= apart + sum_of(case.cuts, mine & ~other):
                rows[j, L_VALUE] = LEAST
        j = states[j, 1]
    return False


@plain
def _state(runs, rows, k, cuts):  # type: ignore[no-untyped-def]
    """A hash of active runs and memory, cuts apart."""
    key = (rows[k, L_MEMORY] & ~cuts) * _MIX
    for n in range(rows[k, L_COUNT]):
        key = (key ^ (runs[rows[k, L_ACTIVE + n], TAIL] + 1)) * _MIX
        key ^= key >> 29
    return key ^ (key >> 32)


@plain
def _agree(runs, rows, k, j, cuts):  # type: ignore[no-untyped-def]
    if (rows[k, L_MEMORY] ^ rows[j, L_MEMORY]) & ~cuts or rows[k, L_COUNT] != rows[j, L_COUNT]:
        return False
    for n in range(rows[k, L_COUNT]):
        if runs[rows[k, L_ACTIVE + n], TAIL] != runs[rows[j, L_ACTIVE + n], TAIL]:
            return False
    return True


@plain
def drop_least(rows, size, keep, t, reach):  # type: ignore[no-untyped-def]
    """Keep the ``keep`` most promising labels; how many are left, and the most that was promised by the others."""
    low, high = rows[0, L_MOST] - 1, rows[0, L_MOST]
    for k in range(size):
        low = rows[k, L_MOST] - 1 if rows[k, L_MOST] <= low else low
        high = max(high, rows[k, L_MOST])
    while low + 1 < high:
        middle = low + (high - low) // 2
        if _above(rows, size, middle) > keep:
            low = middle
        else:
            high = middle
    ties, left, left_out = keep - _above(rows, size, high), 0, LEAST
    for k in range(size):
        most = rows[k, L_MOST]
        if most > high or (most == high and ties > 0):
            ties -= most == high
            if left != k:
                copy_label(rows, k, left, t, reach)
            left += 1
        else:
            left_out = max(left_out, most)
    return left, left_out


@plain
def _above(rows, size, most):  # type: ignore[no-untyped-def]
    count = 0
    for k in range(size):
        count += rows[k, L_MOST] > most
    return count

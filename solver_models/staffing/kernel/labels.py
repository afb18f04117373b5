"""
Labels of ``search``: how they are kept, what they forget from period to period, and which of them go.

A label is needless beside one that is worth as much, leaves as much room in every period to come, and may still do the same; or may do
less, but is better by more than that could bring. For whatever completes the first completes the other, but for runs that it bars.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from solver_models.staffing.kernel.case import LIVES, PRICE, WORD, sort
from solver_models.staffing.kernel.compiled import jit, plain
from solver_models.staffing.kernel.limits import FAIRNESS, FIRST, GRAIN, LAST, ORIGIN, WIDTH, WORDS, copy_row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solver_models.staffing.kernel.arrays import Ints

LEAST = -(1 << 62)
L_VALUE, L_MOST, L_BOOKED, L_TAKEN, L_NODE, L_MEMORY = range(6)
"""
Columns of labels: value without fairness, the most that can become of it but for runs to come, minutes, room taken in periods to come,
where the way back begins, memory.
"""
L_COLUMNS = L_MEMORY + WORDS
_MOST_ROOM = 32_000
"""Room is counted in grains, minutes where these are no more than so many: runs take whole ones, never more than they do take."""
_BESIDE = 100
"""Labels, the least of those more valuable, that each is compared with."""
_SPANS = (3, 8, 16)
"""Periods from now on where one sum of room ends and the next begins."""
_FIELD, _SHIFT, _MOST_SUM = 16, 6, (1 << 14) - 1
_SIGNS = (1 << 15) | (1 << 31) | (1 << 47) | (1 << 62)
"""A label's outline: four such sums in one integer, 64 grains each unit, and above each a bit that is missed when one is less."""


class Labels(NamedTuple):
    """
    Partial schedules: their columns, and the room that they leave by period, in grains, then places (runs at once) if they are limited;
    the same to copy to those that are kept; and tables to put them in order.
    """

    rows: Ints
    room: NDArray[np.int16]
    kept: Ints
    kept_room: NDArray[np.int16]
    order: Ints


@jit
def new_labels(room, horizon):  # type: ignore[no-untyped-def]
    """Place for ``room`` labels, and for two at least."""
    count, width = max(2, room), 2 * horizon
    return Labels(
        np.empty((count, L_COLUMNS), np.int64),
        np.empty((count, width), np.int16),
        np.empty((count, L_COLUMNS), np.int64),
        np.empty((count, width), np.int16),
        np.empty((4, count), np.int64),
    )


@jit
def longer(trail, by):  # type: ignore[no-untyped-def]
    """A longer table that begins with the same rows."""
    made = np.empty((2 * len(trail) + by, 2), np.int64)
    for n in range(len(trail)):
        copy_row(trail, n, made, n)
    return made


@plain
def set_grain(a, p, person):  # type: ignore[no-untyped-def]
    """How many minutes are a grain, and how many figures the room of a label has."""
    most, horizon = 0, a.capacity.shape[1]
    person[WIDTH] = horizon
    for t in range(horizon):
        most = max(most, a.capacity[p, t])
        if a.places[p, t] < _MOST_ROOM:
            person[WIDTH] = 2 * horizon
    person[GRAIN] = max(1, (most + _MOST_ROOM - 1) // _MOST_ROOM)


@plain
def set_room(a, p, person, room, k):  # type: ignore[no-untyped-def]
    """All the room there is."""
    horizon = a.capacity.shape[1]
    for t in range(horizon):
        room[k, t] = a.capacity[p, t] // person[GRAIN]
        room[k, horizon + t] = min(_MOST_ROOM, a.places[p, t])


@plain
def set_need(a, case, i, need):  # type: ignore[no-untyped-def]
    """The room that run i takes, the same figures as a label's room; their sum without places."""
    run, horizon, total = case.runs[i], a.capacity.shape[1], 0
    for n in range(len(need)):
        need[n] = 0
    for t in range(run[FIRST], run[LAST] + 1):
        grains = min(_MOST_ROOM + 1, a.minutes[run[ORIGIN] + t] // case.person[GRAIN])
        need[t], need[horizon + t] = grains, 1
        total += grains
    return total


@plain
def has_room(room, k, need, first, last):  # type: ignore[no-untyped-def]
    """Whether label k has as much room left in these figures, without a look back: so that several are compared at once."""
    lacks = False
    for n in range(first, last + 1):
        lacks |= room[k, n] < need[n]
    return not lacks


@plain
def copy_label(rows, room, k, to, to_room, at, width):  # type: ignore[no-untyped-def]
    """Copy label k to another place."""
    for n in range(L_COLUMNS):
        to[at, n] = rows[k, n]
    for n in range(width):
        to_room[at, n] = room[k, n]


@plain
def sum_of(figures, bits, begin):  # type: ignore[no-untyped-def]
    """The figures, from ``begin`` on, of the bits that are set."""
    total = 0
    while bits:
        if bits & 1:
            total += figures[begin]
        bits >>= 1
        begin += 1
    return total


@plain
def pass_period(a, p, case, rows, room, size, t):  # type: ignore[no-untyped-def]
    """What is left of the period before t is lost, and what does not matter from now on is forgotten."""
    price, most = case.periods[t - 1, PRICE] * case.person[GRAIN], a.capacity[p, t - 1] // case.person[GRAIN]
    for k in range(size):
        left = room[k, t - 1]
        rows[k, L_MOST] -= price * left
        rows[k, L_TAKEN] -= most - left
        for w in range(WORDS):
            rows[k, L_MEMORY + w] &= case.periods[t, LIVES + w]


@plain
def sift(case, labels, rows, room, kept, kept_room, size, t, wanted):  # type: ignore[no-untyped-def]
    """
    Copy to ``kept``, the most promising first, what can become more than ``wanted`` and is not needless.

    Returns how many, and how many were compared.
    """
    order, by_most, taken, outline, left, compared = labels.order[0], labels.order[1], labels.order[2], labels.order[3], 0, 0
    for k in range(size):
        if rows[k, L_MOST] > wanted:
            order[left] = k
            left += 1
    sort(rows, L_VALUE, order, left)
    stay = 0
    for n in range(left):
        k, is_needless = order[n], False
        most, mine = rows[k, L_TAKEN], _outline(room, k, t, len(case.periods) - 1)
        for m in range(stay - 1, max(-1, stay - 1 - _BESIDE), -1):
            if taken[m] <= most and ((outline[m] | _SIGNS) - mine) & _SIGNS == _SIGNS:
                compared += 1
                if _is_needless(case, rows, room, k, order[m], t):
                    is_needless = True
                    break
        if not is_needless:
            order[stay], taken[stay], outline[stay] = k, most, mine
            stay += 1
    for n in range(stay):
        by_most[n] = order[n]
    sort(rows, L_MOST, by_most, stay)
    for n in range(stay):
        copy_label(rows, room, by_most[n], kept, kept_room, n, case.person[WIDTH])
    return stay, compared


@plain
def _outline(room, k, t, horizon):  # type: ignore[no-untyped-def]
    """Sums of what label k leaves: who has less in one of them leaves less in some period."""
    outline, begin = 0, t
    for n in range(len(_SPANS) + 1):
        total, end = 0, min(horizon, t + _SPANS[n]) if n < len(_SPANS) else horizon
        for period in range(begin, end):
            total += room[k, period]
        outline |= min(total >> _SHIFT, _MOST_SUM) << (_FIELD * n)
        begin = max(begin, end)
    return outline


@plain
def _is_needless(case, rows, room, k, j, t):  # type: ignore[no-untyped-def]
    """Whether label k is needless beside label j, which is worth no less."""
    ahead = rows[j, L_VALUE] - rows[k, L_VALUE] - case.person[FAIRNESS] * abs(rows[k, L_BOOKED] - rows[j, L_BOOKED])
    if ahead < 0:
        return False
    lacks, horizon = False, len(case.periods) - 1
    for n in range(t, horizon):
        lacks |= room[j, n] < room[k, n]
    for n in range(horizon + t, case.person[WIDTH]):
        lacks |= room[j, n] < room[k, n]
    if lacks:
        return False
    for w in range(WORDS):
        mine, other = rows[k, L_MEMORY + w], rows[j, L_MEMORY + w]
        if mine != other:
            ahead -= sum_of(case.losses[t], other & ~mine, w * WORD) + sum_of(case.gains[t], mine & ~other, w * WORD)
            if ahead < 0:
                return False
    return True

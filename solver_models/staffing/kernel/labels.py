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
from solver_models.staffing.kernel.limits import FAIRNESS, FIRST, LAST, MINUTES, ORIGIN, PLACE, WORDS, copy_row

if TYPE_CHECKING:
    from solver_models.staffing.kernel.arrays import Ints

LEAST = -(1 << 62)
L_VALUE, L_MOST, L_BOOKED, L_TAKEN, L_NODE, L_MEMORY = range(6)
"""
Columns of labels: value without fairness, the most that can become of it but for runs to come, minutes, those of them in periods to come,
where the way back begins, memory; then what is left by period.
"""
L_ROOM = L_MEMORY + WORDS
_PLACE_AT = 40
_MINUTES = (1 << (_PLACE_AT - 1)) - 1
_FULL = (1 << (_PLACE_AT - 1)) | (1 << 62)
"""Room of a period in one integer: minutes, and places (runs at once) above; above each a bit that is missed when one has too few."""
_MOST_PLACES = (1 << 21) - 1
_BESIDE = 100
"""Labels, the least of those more valuable, that each is compared with."""


class Labels(NamedTuple):
    """Partial schedules, place for those that are kept of them, and tables to put them in order."""

    rows: Ints
    kept: Ints
    order: Ints


@jit
def new_labels(room, horizon):  # type: ignore[no-untyped-def]
    """Place for ``room`` labels, and for two at least."""
    room = max(2, room)
    return Labels(np.empty((room, L_ROOM + horizon), np.int64), np.empty((room, L_ROOM + horizon), np.int64), np.empty((3, room), np.int64))


@jit
def longer(trail, by):  # type: ignore[no-untyped-def]
    """A longer table that begins with the same rows."""
    made = np.empty((2 * len(trail) + by, 2), np.int64)
    for n in range(len(trail)):
        copy_row(trail, n, made, n)
    return made


@plain
def set_place(a, p, person):  # type: ignore[no-untyped-def]
    """What a run takes of room beside minutes: a place, where places are limited."""
    person[PLACE] = 0
    for t in range(a.places.shape[1]):
        if a.places[p, t] < _MOST_PLACES:
            person[PLACE] = 1 << _PLACE_AT


@plain
def see_until(a, p, rows, size, reach, until):  # type: ignore[no-untyped-def]
    """Labels know what is left in the periods before ``reach``: from now on, in those before ``until`` too."""
    for t in range(reach, until):
        room = a.capacity[p, t] + (min(_MOST_PLACES, a.places[p, t]) << _PLACE_AT)
        for k in range(size):
            rows[k, L_ROOM + t] = room
    return max(reach, until)


@plain
def has_room(a, case, i, rows, k):  # type: ignore[no-untyped-def]
    """Whether label k has minutes and places left for run i."""
    runs, place = case.runs, case.person[PLACE]
    for t in range(runs[i, FIRST], runs[i, LAST] + 1):
        if ((rows[k, L_ROOM + t] | _FULL) - (a.minutes[runs[i, ORIGIN] + t] + place)) & _FULL != _FULL:
            return False
    return True


@plain
def take_room(a, case, i, rows, k):  # type: ignore[no-untyped-def]
    """Take the minutes and the place of run i from what label k leaves."""
    runs, place = case.runs, case.person[PLACE]
    for t in range(runs[i, FIRST], runs[i, LAST] + 1):
        rows[k, L_ROOM + t] -= a.minutes[runs[i, ORIGIN] + t] + place
    rows[k, L_BOOKED] += runs[i, MINUTES]
    rows[k, L_TAKEN] += runs[i, MINUTES]


@plain
def copy_label(rows, k, to, at, t, reach):  # type: ignore[no-untyped-def]
    """Copy what label k needs to know from period t on to another place."""
    for n in range(L_ROOM):
        to[at, n] = rows[k, n]
    for n in range(L_ROOM + t, L_ROOM + reach):
        to[at, n] = rows[k, n]


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
def pass_period(a, p, case, rows, size, t):  # type: ignore[no-untyped-def]
    """What is left of the period before t is lost, and what does not matter from now on is forgotten."""
    price, capacity = case.periods[t - 1, PRICE], a.capacity[p, t - 1]
    for k in range(size):
        left = rows[k, L_ROOM + t - 1] & _MINUTES
        rows[k, L_MOST] -= price * left
        rows[k, L_TAKEN] -= capacity - left
        for w in range(WORDS):
            rows[k, L_MEMORY + w] &= case.periods[t, LIVES + w]


@plain
def sift(case, labels, rows, kept, size, t, reach, wanted):  # type: ignore[no-untyped-def]
    """
    Copy to ``kept``, the most promising first, what can become more than ``wanted`` and is not needless.

    Returns how many, and how many were compared.
    """
    order, by_most, taken, left, compared = labels.order[0], labels.order[1], labels.order[2], 0, 0
    for k in range(size):
        if rows[k, L_MOST] > wanted:
            order[left] = k
            left += 1
    sort(rows, L_VALUE, order, left)
    stay = 0
    for n in range(left):
        k, is_needless = order[n], False
        most = rows[k, L_TAKEN]
        for m in range(stay - 1, max(-1, stay - 1 - _BESIDE), -1):
            if taken[m] <= most:
                compared += 1
                if _is_needless(case, rows, k, order[m], t, reach):
                    is_needless = True
                    break
        if not is_needless:
            order[stay], taken[stay] = k, most
            stay += 1
    for n in range(stay):
        by_most[n] = order[n]
    sort(rows, L_MOST, by_most, stay)
    for n in range(stay):
        copy_label(rows, by_most[n], kept, n, t, reach)
    return stay, compared


@plain
def _is_needless(case, rows, k, j, t, reach):  # type: ignore[no-untyped-def]
    """Whether label k is needless beside label j, which is worth no less."""
    ahead = rows[j, L_VALUE] - rows[k, L_VALUE] - case.person[FAIRNESS] * abs(rows[k, L_BOOKED] - rows[j, L_BOOKED])
    if ahead < 0:
        return False
    for n in range(L_ROOM + t, L_ROOM + reach):
        if ((rows[j, n] | _FULL) - rows[k, n]) & _FULL != _FULL:
            return False
    for w in range(WORDS):
        mine, other = rows[k, L_MEMORY + w], rows[j, L_MEMORY + w]
        if mine != other:
            ahead -= sum_of(case.losses[t], other & ~mine, w * WORD) + sum_of(case.gains[t], mine & ~other, w * WORD)
            if ahead < 0:
                return False
    return True

"""One pass over the periods, compiled: every schedule of some runs, as far as it can matter."""

from __future__ import annotations

import numpy as np

from solver_models.staffing.verify_compiled import entry, plain
from solver_models.staffing.verify_states import (
    BOOKED,
    FIRST,
    GROUP,
    HOPE,
    LATER,
    LEFT,
    PAID,
    SUM,
    advance,
    close_group,
    extend,
    hope_of,
    may_have,
    new_states,
    take_room,
    worth_of,
)
from solver_models.staffing.verify_states_kept import most_promising, undominated

NOTHING = -(1 << 62)
_GROWN = 500
"""States more than twice those last compared before they are compared again."""
_A_STATE, _COMPARISONS = 8, 4
"""Tries that a new state counts for, and comparisons that count as one try."""


@plain
def _add(runs, parts, facts, s, size, i, best):  # type: ignore[no-untyped-def]
    """Every state with run i beside the state itself; how many states, and the best schedule's worth."""
    to, paid = size, runs.table[i, PAID]
    for k in range(size):
        if (
            s.rows[k, HOPE] + s.rows[k, LATER] + paid > best
            and may_have(runs, facts, s, k, i)
            and extend(runs, parts, facts, s, k, i, to, best)
        ):
            take_room(runs, s, k, i, to)
            best = max(best, worth_of(facts, s, to))
            to += 1
    return to, best


@plain
def _first_state(parts, s, start, booked, room, bits):  # type: ignore[no-untyped-def]
    """The schedule without runs."""
    s.rows[0, SUM], s.rows[0, HOPE], s.rows[0, LATER], s.rows[0, BOOKED], s.rows[0, LEFT] = 0, start, 0, booked, 0
    for kind in range(room.shape[0]):
        for q in range(room.shape[1]):
            s.room[0, kind, q] = room[kind, q]
            s.rows[0, LEFT] += room[kind, q] if kind == 0 else 0
    # Hopes ask whether demands are decided, whose bits those of cuts may be later on.
    for w in range(len(bits)):
        s.bits[0, w] = 0
    for p in range(len(parts.parts) - 1):
        s.rows[0, LATER] += hope_of(parts, p, s, 0, 0)
    for w in range(len(bits)):
        s.bits[0, w] = bits[w]


@entry
def sweep(runs, parts, facts, first, known, cap, most):  # type: ignore[no-untyped-def]
    """The best schedule's worth or ``known``, the most that any given up could have come to, the tries it took, the most states held."""
    start, booked, room, bits = first
    horizon, effort, peak = room.shape[1], 0, 1
    s = new_states(4 * cap, runs.bars.shape[1], room.shape[0], horizon)
    _first_state(parts, s, start, booked, room, bits)
    size, i, best, given_up = 1, 0, max(known, worth_of(facts, s, 0)), np.int64(NOTHING)
    for t in range(horizon):
        if t:
            size, tries = undominated(facts, s, advance(facts, s, size, t, best), t, best)
            effort += tries // _COMPARISONS
        compared, group = size, i
        while i < len(runs.table) and runs.table[i, FIRST] == t:
            before = size
            size, best = _add(runs, parts, facts, s, size, i, best)
            effort += before + _A_STATE * (size - before)
            peak = max(peak, size)
            if size > 2 * compared + _GROWN:
                compared, tries = undominated(facts, s, size, t, best)
                size, effort = compared, effort + tries // _COMPARISONS
            if size > 2 * cap:
                size, lost = most_promising(s, size, t, cap)
                compared, given_up = size, max(given_up, lost)
            if effort > most:
                for k in range(size):
                    given_up = max(given_up, s.rows[k, HOPE] + s.rows[k, LATER])
                return best, given_up, effort, peak
            i += 1
            if i == runs.table[group, GROUP]:
                close_group(runs, parts, s, size, group)
                group = i
    return best, given_up, effort, peak

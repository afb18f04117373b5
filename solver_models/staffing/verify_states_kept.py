"""
Which partial schedules are kept, compiled.

State A makes state B needless when it is ahead by what could still make up for it. Whatever completes B completes A too, but for runs
that only A bars; A has as much room left in every period, so it may have the others. It falls behind by no more than

- what those runs bring, each with what its minutes are worth where they are missing in the band,
- what the others cost more: fees that only B has paid, or had back that only A has had already, and cuts that stand odd in A alone,
- what minutes more or fewer than B's cost outside the band.
"""

from __future__ import annotations

import numpy as np

from solver_models.staffing.verify_compiled import jit, plain
from solver_models.staffing.verify_states import BOOKED, HOPE, LATER, LEFT, SUM, WORD, copy_state

_BLOCK = 32


@plain
def band_loss(facts, booked, left, other):  # type: ignore[no-untyped-def]
    """How much more minutes may cost who has ``booked`` of them, and could have ``left`` more, than who has ``other``."""
    cost, low, high = facts.band[0], facts.band[1], facts.band[2]
    if booked > other:
        return cost * min(booked - other, max(0, booked + left - high))
    return cost * min(other - booked, max(0, low - booked))


@plain
def has_more_room(facts, s, a, b, t):  # type: ignore[no-untyped-def]
    """Whether state a has at least as much room as state b from period t on."""
    for kind in range(facts.band[3]):
        for q in range(t, s.room.shape[2]):
            if s.room[a, kind, q] < s.room[b, kind, q]:
                return False
    return True


@plain
def behind(facts, s, a, b, t, most):  # type: ignore[no-untyped-def]
    """How far state a could fall behind for what is decided in one of the states only; once over ``most``, any figure above it."""
    total, with_band = 0, 1 if s.rows[a, BOOKED] < facts.band[1] else 0
    for w in range(s.bits.shape[1]):
        only, bit = s.bits[a, w] & ~s.bits[b, w], w * WORD
        while only:
            if only & 1:
                total += facts.more[with_band, t, bit]
            only >>= 1
            bit += 1
        only, bit = s.bits[b, w] & ~s.bits[a, w], w * WORD
        while only:
            if only & 1:
                total += facts.fewer[t, bit]
            only >>= 1
            bit += 1
        if total > most:
            return total
    return total


@plain
def _room_soon(s, k, t):  # type: ignore[no-untyped-def]
    """Minutes that state k has left in the first half of the periods to come."""
    total = np.int64(0)
    for q in range(t, (t + s.room.shape[2] + 1) // 2):
        total += s.room[k, 0, q]
    return total


@plain
def _is_needless(facts, s, b, t, figures, kept):  # type: ignore[no-untyped-def]
    """Whether one of the states kept makes state b needless, and with how many it was compared; ``figures`` holds theirs."""
    left, soon = s.rows[b, LEFT], _room_soon(s, b, t)
    for n in range(0, kept, _BLOCK):
        end = min(kept, n + _BLOCK)
        # Most comparisons end here, so a block of them is made at once.
        roomy = 0
        for m in range(n, end):
            roomy += (figures[0, m] >= left) & (figures[1, m] >= soon)
        for m in range(n, end if roomy else n):
            if figures[0, m] >= left and figures[1, m] >= soon:
                a = figures[2, m]
                ahead = s.rows[a, SUM] - s.rows[b, SUM] - band_loss(facts, s.rows[a, BOOKED], s.rows[a, LEFT], s.rows[b, BOOKED])
                if ahead >= 0 and has_more_room(facts, s, a, b, t) and behind(facts, s, a, b, t, ahead) <= ahead:
                    return True, m + 1
    return False, kept


@jit
def _best_first(worth):  # type: ignore[no-untyped-def]
    """The order of these figures, the highest first; of equal ones the first, whatever the library."""
    return np.argsort(-worth, kind="mergesort")


@plain
def _only(s, needed, t):  # type: ignore[no-untyped-def]
    """Keep the states that are needed; how many."""
    to = 0
    for k in range(len(needed)):
        if needed[k]:
            if to != k:
                copy_state(s, k, to, t)
            to += 1
    return to


@jit
def undominated(facts, s, size, t, best):  # type: ignore[no-untyped-def]
    """Keep the states that no other one makes needless and that may beat the best; how many, and the comparisons made."""
    # Only a state whose runs are worth as much makes another needless.
    worth, figures, needed, kept, tries = np.empty(size, np.int64), np.empty((3, size), np.int64), np.zeros(size, np.bool_), 0, 0
    for k in range(size):
        worth[k] = s.rows[k, SUM]
    for b in _best_first(worth):
        if s.rows[b, HOPE] + s.rows[b, LATER] <= best:
            continue
        needless, compared = _is_needless(facts, s, b, t, figures, kept)
        tries += compared
        if not needless:
            figures[0, kept], figures[1, kept], figures[2, kept] = s.rows[b, LEFT], _room_soon(s, b, t), b
            needed[b] = True
            kept += 1
    return _only(s, needed, t), tries


@jit
def most_promising(s, size, t, wanted):  # type: ignore[no-untyped-def]
    """Keep as many states as wanted; how many, and the most that one given up could have come to."""
    promise, needed = np.empty(size, np.int64), np.zeros(size, np.bool_)
    for k in range(size):
        promise[k] = s.rows[k, HOPE] + s.rows[k, LATER]
    order = _best_first(promise)
    for n in range(wanted):
        needed[order[n]] = True
    return _only(s, needed, t), promise[order[wanted]]

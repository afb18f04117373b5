"""
Partial schedules of one person, compiled: how they are kept, extended by a run, and taken from period to period.

Arithmetic is in integers of 64 bits; ``verify_sweep`` sees to it that no sum exceeds them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver_models.staffing.verify_compiled import jit, plain

Ints = NDArray[np.int64]
Small = NDArray[np.int32]

WORD = 62
"""Bits of a word."""
FIRST, LAST, WAY, VALUE, PAID, MINUTES, FEE, PROJECT, PART, LEAF, GROUP = range(11)
"""
Columns of runs: periods, way, value, value less what it pays at the multipliers, minutes; fee of its project and the project's bit
(-1: none), part and leaf of the hopes; where the next group begins (a group is the runs of one demand that begin in one period).
"""
UNIT_AT, PART_FEE, PART_BIT, PART_END, ALONE = range(5)
"""Columns of parts: their first unit; fee and bit of the project (-1: none); the run after their last one; their only leaf (-1: several)."""
PAIR, NOW = range(2)
"""Columns of leaves: the bit of their demand, and the most that a run still to come brings."""
SUM, HOPE, LATER, BOOKED, LEFT = range(5)
"""
Columns of states: value of the runs so far; what it could come to, were the room left sold at the multipliers and nothing more
chosen; what runs to come could add to that; minutes booked; minutes left in the periods to come.
"""


class Runs(NamedTuple):
    """The runs to choose from, by first period, demand and what they bring; one row each, with the bits that bar, follow and flip."""

    table: Ints
    bars: Ints
    sets: Ints
    flips: Ints
    taken: Small
    """Room that each way takes by kind and period."""


class Parts(NamedTuple):
    """Runs to come by part (a project with a fee, a unit with several shifts, or a leaf), unit, node and leaf: each begins with its first."""

    parts: Ints
    units: Ints
    nodes: Ints
    others: Ints
    """Bits that bar a node."""
    leaves: Ints
    best: Ints
    """By leaf and period: the best run that begins then or later."""


class Facts(NamedTuple):
    """What else follows from the multipliers and the runs."""

    prices: Ints
    """By kind and period."""
    need: Small
    """By period: the room that runs which begin then or later can use, by kind and period."""
    lasting: Ints
    """By period: the bits that stand for the same as in the period before."""
    cuts: Ints
    """By period: the bits of cuts that runs which begin then or later count for."""
    lost: Ints
    """By bit, of cuts: the price, and the rate that each of its runs pays beforehand."""
    more: Ints
    """With the band and without, by period and bit: what runs to come could bring that it bars, or that it makes dearer."""
    fewer: Ints
    """By period and bit: what runs to come cost more where it is missing."""
    band: Ints
    """Cost of a minute outside, low, high; kinds of room to be kept."""


class States(NamedTuple):
    """Partial schedules: figures, bits of what is decided, room left by kind and period."""

    rows: Ints
    bits: Ints
    room: Small


@jit
def new_states(size, words, kinds, horizon):  # type: ignore[no-untyped-def]
    """Place for states."""
    return States(np.empty((size, 5), np.int64), np.empty((size, words), np.int64), np.empty((size, kinds, horizon), np.int32))


@plain
def copy_state(s, k, to, t):  # type: ignore[no-untyped-def]
    """Copy what matters of state k from period t on."""
    for n in range(s.rows.shape[1]):
        s.rows[to, n] = s.rows[k, n]
    for w in range(s.bits.shape[1]):
        s.bits[to, w] = s.bits[k, w]
    for kind in range(s.room.shape[1]):
        for q in range(t, s.room.shape[2]):
            s.room[to, kind, q] = s.room[k, kind, q]


@plain
def has(s, k, bit):  # type: ignore[no-untyped-def]
    """Whether a bit of state k is set."""
    return bit >= 0 and (s.bits[k, bit // WORD] >> (bit % WORD)) & 1 == 1


@plain
def hope_of(parts, p, s, k, i):  # type: ignore[no-untyped-def]
    """What runs of a part from run i on could add to state k at most."""
    if i >= parts.parts[p, PART_END]:
        return 0
    total = 0
    for unit in range(parts.parts[p, UNIT_AT], parts.parts[p + 1, UNIT_AT]):
        most = 0
        for node in range(parts.units[unit], parts.units[unit + 1]):
            barred = False
            for w in range(s.bits.shape[1]):
                if s.bits[k, w] & parts.others[node, w]:
                    barred = True
            if barred:
                continue
            worth = 0
            for leaf in range(parts.nodes[node], parts.nodes[node + 1]):
                if not has(s, k, parts.leaves[leaf, PAIR]):
                    worth += parts.leaves[leaf, NOW]
            most = max(most, worth)
        total += most
    if parts.parts[p, PART_BIT] >= 0 and not has(s, k, parts.parts[p, PART_BIT]):
        total = max(0, total - parts.parts[p, PART_FEE])
    return total


@plain
def may_have(runs, facts, s, k, i):  # type: ignore[no-untyped-def]
    """Whether nothing bars run i in state k, and there is room."""
    for w in range(s.bits.shape[1]):
        if s.bits[k, w] & runs.bars[i, w]:
            return False
    way = runs.table[i, WAY]
    for kind in range(facts.band[3]):
        for q in range(runs.table[i, FIRST], runs.table[i, LAST] + 1):
            if runs.taken[way, kind, q] > s.room[k, kind, q]:
                return False
    return True


@plain
def extend(runs, parts, facts, s, k, i, to, best):  # type: ignore[no-untyped-def]
    """Make state ``to`` of state k and run i; whether it could beat the best."""
    worth = s.rows[k, SUM] + runs.table[i, VALUE]
    hope = s.rows[k, HOPE] + runs.table[i, PAID]
    if runs.table[i, PROJECT] >= 0 and not has(s, k, runs.table[i, PROJECT]):
        worth -= runs.table[i, FEE]
        hope -= runs.table[i, FEE]
    for w in range(s.bits.shape[1]):
        odd, bit = s.bits[k, w] & runs.flips[i, w], w * WORD
        while odd:
            if odd & 1:
                # The price, less the rate of this run and the one in hand since the last.
                worth -= facts.lost[bit, 0]
                hope -= facts.lost[bit, 0] - 2 * facts.lost[bit, 1]
            odd >>= 1
            bit += 1
        s.bits[to, w] = (s.bits[k, w] | runs.sets[i, w]) ^ runs.flips[i, w]
    part = runs.table[i, PART]
    if parts.parts[part, ALONE] >= 0:
        later = s.rows[k, LATER] - parts.leaves[runs.table[i, LEAF], NOW]
    else:
        later = s.rows[k, LATER] - hope_of(parts, part, s, k, i) + hope_of(parts, part, s, to, runs.table[i, GROUP])
    if hope + later <= best:
        return False
    s.rows[to, SUM], s.rows[to, HOPE], s.rows[to, LATER] = worth, hope, later
    s.rows[to, BOOKED] = s.rows[k, BOOKED] + runs.table[i, MINUTES]
    return True


@plain
def take_room(runs, s, k, i, to):  # type: ignore[no-untyped-def]
    """The room of state ``to``: that of state k without what run i takes."""
    first, last, way = runs.table[i, FIRST], runs.table[i, LAST], runs.table[i, WAY]
    left = 0
    for kind in range(s.room.shape[1]):
        for q in range(first, s.room.shape[2]):
            rest = s.room[k, kind, q]
            if q <= last:
                rest -= runs.taken[way, kind, q]
            s.room[to, kind, q] = rest
            if kind == 0:
                left += rest
    s.rows[to, LEFT] = left


@plain
def worth_of(facts, s, k):  # type: ignore[no-untyped-def]
    """What state k is worth as it is."""
    cost, low, high, booked = facts.band[0], facts.band[1], facts.band[2], s.rows[k, BOOKED]
    return s.rows[k, SUM] - cost * (max(0, low - booked) + max(0, booked - high))


@plain
def close_group(runs, parts, s, size, i):  # type: ignore[no-untyped-def]
    """Hopes forget the group that begins with run i, when all have had it."""
    after, part, t = runs.table[i, GROUP], runs.table[i, PART], runs.table[i, FIRST]
    if parts.parts[part, ALONE] >= 0:
        leaf = runs.table[i, LEAF]
        less = parts.leaves[leaf, NOW] - parts.best[leaf, t + 1]
        parts.leaves[leaf, NOW] -= less
        for k in range(size):
            if less and not has(s, k, parts.leaves[leaf, PAIR]):
                s.rows[k, LATER] -= less
        return
    for k in range(size):
        s.rows[k, LATER] -= hope_of(parts, part, s, k, i)
    for n in range(i, after):
        parts.leaves[runs.table[n, LEAF], NOW] = parts.best[runs.table[n, LEAF], t + 1]
    for k in range(size):
        s.rows[k, LATER] += hope_of(parts, part, s, k, after)


@plain
def advance(facts, s, size, t, best):  # type: ignore[no-untyped-def]
    """Take states into period t: room that nothing can use any more is lost, and states that cannot beat the best go."""
    kept = 0
    for k in range(size):
        for kind in range(s.room.shape[1]):
            s.rows[k, HOPE] -= facts.prices[kind, t - 1] * s.room[k, kind, t - 1]
            for q in range(t, s.room.shape[2]):
                beyond = s.room[k, kind, q] - facts.need[t, kind, q]
                if beyond > 0:
                    s.rows[k, HOPE] -= facts.prices[kind, q] * beyond
                    s.room[k, kind, q] -= beyond
                    s.rows[k, LEFT] -= beyond if kind == 0 else 0
        s.rows[k, LEFT] -= s.room[k, 0, t - 1]
        for w in range(s.bits.shape[1]):
            # Cuts that stand even and that nothing counts for any more give back the rate in hand.
            even, bit = facts.cuts[t - 1, w] & ~facts.cuts[t, w] & ~s.bits[k, w], w * WORD
            while even:
                s.rows[k, HOPE] -= facts.lost[bit, 1] if even & 1 else 0
                even >>= 1
                bit += 1
            s.bits[k, w] &= facts.lasting[t, w]
        if s.rows[k, HOPE] + s.rows[k, LATER] > best:
            if kept != k:
                copy_state(s, k, kept, t)
            kept += 1
    return kept

"""
Prices near a centre at which known schedules would earn least: the model of a proximal bundle method, solved in its dual.

The dual mixes: each person's weights over schedules known, and what the demand side sells. Prices follow from the mix: the centre's,
less what the mix leaves over. One block of the mix after the other moves to where the prices call it, by exact line search; a
person's weight goes from the worst schedule in use to the best one known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver_models.staffing.kernel.compiled import entry, plain

if TYPE_CHECKING:
    from solver_models.staffing.kernel.arrays import Ints

Floats = NDArray[np.float64]

FIGURES = 8
PRICE, CENTRE, PACE, FLOOR, LEFT, SOLD, SUM, MOVE = range(FIGURES)
"""
Columns of goods: what has a price. ``PACE`` is how far a price moves for each one left over, ``SOLD`` what blocks of sale sell; ``SUM``
and ``MOVE`` are room to work in, and zero between two steps.
"""
ROUND = 10
"""Every so many rounds everybody looks at all schedules, else only at those in use and the last best one."""
_SMALL = 1e-12


class Known(NamedTuple):
    """
    Schedules: person p's are ``listed[begins[p] : begins[p + 1]]``; schedule s is worth ``value[s]`` and takes ``amount[k]`` of the
    goods ``good[k]``, k in ``at[s]..at[s + 1] - 1``.
    """

    begins: Ints
    listed: Ints
    at: Ints
    good: Ints
    amount: Floats
    value: Floats


class Sales(NamedTuple):
    """
    What is sold together: block b has the units ``units[b]..units[b + 1] - 1``, each of which sells one of its choices
    ``choices[u]..choices[u + 1] - 1``; a choice sells ``most[k]`` of ``good[k]``, or ``least[k]`` where the price is negative, k in
    ``at[c]..at[c + 1] - 1``. A block that ``may_be_off`` sells nothing where that is better. Its goods are ``own[owns[b] : owns[b + 1]]``.
    """

    units: Ints
    choices: Ints
    at: Ints
    good: Ints
    most: Floats
    least: Floats
    owns: Ints
    own: Ints
    may_be_off: NDArray[np.bool_]


@entry
def approach(goods, known, sales, weights, active, counts, gap, rounds):  # type: ignore[no-untyped-def]
    """
    Move the mix until what it could still gain is at most ``gap``, or for so many rounds; the gain left, and schedules looked at.

    ``goods`` and ``weights`` (by schedule) are changed in place; ``active`` (by place in ``known.listed``) and ``counts`` (by person)
    are room to work in.
    """
    looked, left = 0, np.inf
    for n in range(rounds):
        left = 0.0
        for p in range(len(counts)):
            left += _mix_person(goods, known, weights, active, counts, p, n % ROUND == 0)
            looked += counts[p] if n % ROUND else known.begins[p + 1] - known.begins[p]
        for b in range(len(sales.may_be_off)):
            left += _mix_sale(goods, sales, b)
        if n % ROUND == 0 and left <= gap:
            break
    return left, looked


@plain
def _reprice(goods, i):  # type: ignore[no-untyped-def]
    goods[i, PRICE] = max(goods[i, FLOOR], goods[i, CENTRE] - goods[i, PACE] * goods[i, LEFT])


@plain
def _mix_person(goods, known, weights, active, counts, p, looks_at_all):  # type: ignore[no-untyped-def]
    """Move a person's weight to the best schedule; what all of it there would gain at the prices before."""
    begin, best, worst, mean, at_best, at_worst = known.begins[p], -np.inf, np.inf, 0.0, -1, -1
    size = known.begins[p + 1] - begin if looks_at_all else counts[p]
    used = 0
    for q in range(begin, begin + size):
        s = known.listed[q] if looks_at_all else active[q]
        worth = known.value[s]
        for k in range(known.at[s], known.at[s + 1]):
            worth -= goods[known.good[k], PRICE] * known.amount[k]
        if worth > best:
            best, at_best = worth, s
        if weights[s] > 0:
            mean += weights[s] * worth
            if worth < worst:
                worst, at_worst = worth, s
            if looks_at_all:
                active[begin + used] = s
                used += 1
    if looks_at_all:
        if at_best >= 0 and weights[at_best] <= 0:
            active[begin + used] = at_best
            used += 1
        counts[p] = used
    if at_best == at_worst or best - worst <= _SMALL:
        return 0.0
    _shift(goods, known, weights, at_worst, at_best, best - worst)
    return best - mean


@plain
def _shift(goods, known, weights, worst, best, gain):  # type: ignore[no-untyped-def]
    """Weight from one schedule to another, as far as that pays."""
    for k in range(known.at[best], known.at[best + 1]):
        goods[known.good[k], SUM] += known.amount[k]
    for k in range(known.at[worst], known.at[worst + 1]):
        goods[known.good[k], SUM] -= known.amount[k]
    bend = 0.0
    for s in (worst, best):
        for k in range(known.at[s], known.at[s + 1]):
            i = known.good[k]
            move = goods[i, SUM]
            if move != 0:
                goods[i, SUM], goods[i, MOVE] = 0.0, move
                # A price at its floor stays there when less is taken.
                if move > 0 or goods[i, PRICE] > goods[i, FLOOR]:
                    bend += move * move * goods[i, PACE]
    step = weights[worst] if bend * weights[worst] <= gain else gain / bend
    weights[worst] -= step
    weights[best] += step
    if weights[worst] < _SMALL:
        weights[worst] = 0.0
    for s in (worst, best):
        for k in range(known.at[s], known.at[s + 1]):
            i = known.good[k]
            if goods[i, MOVE] != 0:
                goods[i, LEFT] -= step * goods[i, MOVE]
                goods[i, MOVE] = 0.0
                _reprice(goods, i)


@plain
def _mix_sale(goods, sales, b):  # type: ignore[no-untyped-def]
    """Move what a block sells to the dearest that it could; what all of it there would gain at the prices before."""
    for k in range(sales.owns[b], sales.owns[b + 1]):
        goods[sales.own[k], MOVE] = 0.0
    worth = 0.0
    for u in range(sales.units[b], sales.units[b + 1]):
        best, at_best = -np.inf, -1
        for c in range(sales.choices[u], sales.choices[u + 1]):
            paid = 0.0
            for k in range(sales.at[c], sales.at[c + 1]):
                price = goods[sales.good[k], PRICE]
                paid += price * (sales.most[k] if price >= 0 else sales.least[k])
            if paid > best:
                best, at_best = paid, c
        worth += best
        for k in range(sales.at[at_best], sales.at[at_best + 1]):
            i = sales.good[k]
            goods[i, MOVE] = sales.most[k] if goods[i, PRICE] >= 0 else sales.least[k]
    is_off = sales.may_be_off[b] and worth <= 0
    gain, bend = 0.0 if is_off else worth, 0.0
    for k in range(sales.owns[b], sales.owns[b + 1]):
        i = sales.own[k]
        move = (0.0 if is_off else goods[i, MOVE]) - goods[i, SOLD]
        goods[i, MOVE] = move
        gain -= goods[i, PRICE] * goods[i, SOLD]
        # A price at its floor stays there when more is sold.
        if move < 0 or goods[i, PRICE] > goods[i, FLOOR]:
            bend += move * move * goods[i, PACE]
    is_worth_it = gain > _SMALL
    step = 0.0 if not is_worth_it else 1.0 if bend <= gain else gain / bend
    for k in range(sales.owns[b], sales.owns[b + 1]):
        i = sales.own[k]
        goods[i, SOLD] += step * goods[i, MOVE]
        goods[i, LEFT] += step * goods[i, MOVE]
        goods[i, MOVE] = 0.0
        _reprice(goods, i)
    return gain if is_worth_it else 0.0

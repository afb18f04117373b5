"""What the search for one person's best schedule starts from: the runs that may still matter, and the best schedule known."""

from __future__ import annotations

from typing import NamedTuple

from solver_models.staffing.kernel.arrays import P_BASE, P_BOOKED, P_HIGH, P_LOW, Ints
from solver_models.staffing.kernel.compiled import jit, plain
from solver_models.staffing.kernel.limits import (
    ASKED,
    BARS,
    BEGINS,
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
    HIGH,
    HOPE,
    LAST,
    LOW,
    MINUTES,
    MOVED,
    NET,
    ORIGIN,
    OWN_CUTS,
    PAIR,
    SETS,
    START,
    TILT,
    UNIT,
    WHO,
    WORTH,
    best_by_demand,
    copy_row,
    fair_constant,
    schedule_value,
    table,
)
from solver_models.staffing.problem import E4

LIVES, PRICE = range(2)
"""Columns of periods: bits of memory that still matter, the person's own price of a minute."""
BITS = 64
_MOST_CUTS = 40


class Case(NamedTuple):
    """
    What may be part of a better schedule, and what the search needs to know of it and of the person.

    ``runs`` has the ways to go on, then from ``begins`` on, by first period, the runs that begin (as short as they may be).

    Of these, SETS and BARS are bits of memory, GROUP is the bit of a priced project and GROUP_PRICE what the first run on it pays;
    CUTS are the bits of cuts it counts for, of which ``cuts`` has the prices (the first bits are theirs), ENDS is the most that the run
    and those after it can add. Of the person, CONSTANT is Z with the pinned runs alone less what they
    pay, START the most that anything can come to, BEST the value of the best schedule known.
    """

    runs: Ints
    begins: int
    periods: Ints
    person: Ints
    cuts: Ints


@plain
def set_figures(a, v, p, fairness, person):  # type: ignore[no-untyped-def]
    """What is known of a person before any run is looked at."""
    person[FAIRNESS], person[CONSTANT], person[WHO] = fairness, E4 * a.people[p, P_BASE] - v.paid[p], p
    person[LOW], person[HIGH], person[BOOKED] = a.people[p, P_LOW], a.people[p, P_HIGH], a.people[p, P_BOOKED]


@plain
def price_groups(v, runs):  # type: ignore[no-untyped-def]
    """What runs bring at most: their worth with the rebate that the first one on a project may get."""
    for i in range(len(runs)):
        runs[i, NET] = runs[i, WORTH]
        if runs[i, PAIR] >= 0:
            runs[i, GROUP_PRICE] = E4 * v.pairs[runs[i, PAIR]]
            runs[i, NET] += _rebate(runs, i)


@plain
def take_better(v, runs, trial, person, chosen):  # type: ignore[no-untyped-def]
    """Take a schedule as the best one known if it is."""
    value = schedule_value(runs, v, trial, person)
    if value > person[BEST]:
        person[BEST] = value
        for n in range(len(chosen)):
            chosen[n] = trial[n]


@plain
def _rebate(runs, i):  # type: ignore[no-untyped-def]
    """What the first run on its project may be paid."""
    return -runs[i, GROUP_PRICE] if runs[i, GROUP_PRICE] < 0 else 0


@plain
def set_own_prices(a, p, runs, periods, person, per_minute, tilt):  # type: ignore[no-untyped-def]
    """From now on in integers: the person's own prices, what they leave of each run, and the most that anything can come to."""
    lean = int(tilt)
    person[TILT] = lean
    person[START] = person[CONSTANT] + lean * person[BOOKED] + fair_constant(lean, person[LOW], person[HIGH])
    for t in range(len(per_minute)):
        periods[t, PRICE] = int(per_minute[t])
        person[START] += periods[t, PRICE] * a.capacity[p, t]
    for i in range(len(runs)):
        run = runs[i]
        run[NET] += lean * run[MINUTES]
        for t in range(run[FIRST], run[LAST] + 1):
            run[NET] -= periods[t, PRICE] * a.minutes[run[ORIGIN] + t]


@plain
def worth_a_look(runs, best, wanted, kept):  # type: ignore[no-untyped-def]
    """How many runs, gone on with or not, have more than is wanted as the most that can be added with them; ``kept`` begins with these."""
    total, n = 0, 0
    best_by_demand(runs, runs[:, NET], best)
    for d in range(len(best)):
        if best[d] >= 0:
            total += runs[best[d], NET]
    for i in range(len(runs)):
        other = best[runs[i, DEMAND]]
        if runs[i, BEGINS] and total - (runs[other, NET] if other >= 0 else 0) + runs[i, NET] + runs[i, HOPE] > wanted:
            copy_row(runs, i, kept, n)
            n += 1
    return n


@plain
def sum_ends(runs, most):  # type: ignore[no-untyped-def]
    """The most that each run and those after it can add; then rebates of groups are counted apart."""
    total = 0
    for i in range(len(runs) - 1, -1, -1):
        run = runs[i]
        gained = run[NET] + run[HOPE] - most[run[DEMAND]]
        if gained > 0:
            total += gained
            most[run[DEMAND]] += gained
        run[ENDS] = total
        run[NET] -= _rebate(runs, i)


@jit
def remember_cuts(v, person, runs, periods, taken):  # type: ignore[no-untyped-def]
    """
    The first bits are for cuts, as many as ``_MOST_CUTS``: each says whether an odd number of runs so far counts for the cut.

    What has no bit is not paid for: more than can be, never less.
    """
    prices, used, horizon, p = table(1, _MOST_CUTS, 0)[0], 0, len(periods) - 1, person[WHO]
    if len(v.cuts) == 0:
        return prices[:0]
    bits = table(1, len(v.cuts), -1)[0]
    for i in range(len(runs)):
        for n in range(v.cut_at[runs[i, ASKED]], v.cut_at[runs[i, ASKED] + 1]):
            cut = v.cut_of[n]
            if v.cuts[cut, 0] <= 0 or (bits[cut] < 0 and (used == _MOST_CUTS or not _may_pay(v, p, runs, i, cut))):
                continue
            if bits[cut] < 0:
                bits[cut], prices[used], taken[used] = used, E4 * v.cuts[cut, 0], horizon
                if v.cuts[cut, 1] == p:
                    person[OWN_CUTS] |= 1 << used
                    for t in range(runs[i, FIRST]):
                        periods[t, LIVES] |= 1 << used
                _live_until_last(v, runs, i, cut, periods, 1 << used)
                used += 1
            runs[i, CUTS] |= 1 << bits[cut]
    return prices[:used]


@plain
def _may_pay(v, p, runs, i, cut):  # type: ignore[no-untyped-def]
    """Whether two runs on different demands, this the first, or the person and a run, can count for the cut."""
    if v.cuts[cut, 1] == p:
        return True
    for j in range(i + 1, len(runs)):
        if runs[j, ASKED] != runs[i, ASKED] and _counts(v, runs[j, ASKED], cut):
            return True
    return False


@plain
def _counts(v, demand, cut):  # type: ignore[no-untyped-def]
    for n in range(v.cut_at[demand], v.cut_at[demand + 1]):
        if v.cut_of[n] == cut:
            return True
    return False


@plain
def _live_until_last(v, runs, i, cut, periods, bit):  # type: ignore[no-untyped-def]
    """A cut's bit matters from its first run to the first period of its last one."""
    last = runs[i, FIRST]
    for j in range(i, len(runs)):
        if _counts(v, runs[j, ASKED], cut):
            last = runs[j, FIRST]
    for t in range(runs[i, FIRST], last + 1):
        periods[t, LIVES] |= bit


@plain
def _claim(taken, begin, end, periods):  # type: ignore[no-untyped-def]
    """
    A bit of memory that nobody else uses from ``begin`` to ``end``, 0 if none is left.

    One period lies between two uses of a bit, in which it is forgotten.
    """
    for k in range(BITS):
        if taken[k] < begin:
            taken[k] = end + 1
            bit = 1 << k
            for t in range(begin, end + 1):
                periods[t, LIVES] |= bit
            return bit
    return 0


@plain
def remember_demands(runs, periods, taken, seen):  # type: ignore[no-untyped-def]
    """A bit for each demand with two runs that one could follow on the other."""
    for i in range(len(runs)):
        d, end = runs[i, DEMAND], runs[i, LAST]
        if seen[d, 0] < 0:
            seen[d, 0], seen[d, 2] = runs[i, FIRST], end
        seen[d, 1] = runs[i, FIRST]
        seen[d, 2] = min(seen[d, 2], end)
    for i in range(len(runs)):
        d = runs[i, DEMAND]
        if runs[i, FIRST] == seen[d, 0] and seen[d, 1] > seen[d, 2]:
            bit = _claim(taken, seen[d, 0], seen[d, 1], periods)
            seen[d, 0] = -1
            for j in range(i, len(runs)):
                if runs[j, DEMAND] == d:
                    runs[j, SETS] |= bit
                    runs[j, BARS] |= bit


@plain
def remember_shifts(runs, periods, taken):  # type: ignore[no-untyped-def]
    """A bit for each shift of a project that moves as a whole, barred by its other shifts."""
    for k in range(len(runs)):
        unit, moved = runs[k, UNIT], runs[k, MOVED]
        if unit < 0:
            continue
        end, is_new = runs[k, FIRST], True
        for j in range(len(runs)):
            if runs[j, UNIT] == unit:
                end = runs[j, FIRST]
                is_new = is_new and not (j < k and runs[j, MOVED] == moved)
        if not is_new:
            continue
        bit = _claim(taken, runs[k, FIRST], end, periods)
        for j in range(len(runs)):
            if runs[j, UNIT] == unit and runs[j, MOVED] == moved:
                runs[j, SETS] |= bit
            elif runs[j, UNIT] == unit:
                runs[j, BARS] |= bit


@plain
def remember_groups(runs, periods, taken):  # type: ignore[no-untyped-def]
    """
    A bit for each project with a priced group and several runs.

    Without a bit left nobody pays there, and whoever is paid is paid for each run: more than can be, never less.
    """
    for k in range(len(runs)):
        pair, last = runs[k, PAIR], k
        if runs[k, GROUP_PRICE] == 0 or runs[k, GROUP] != 0:
            continue
        for j in range(k + 1, len(runs)):
            if runs[j, PAIR] == pair:
                last = j
        if last == k:
            continue
        bit = _claim(taken, runs[k, FIRST], runs[last, FIRST], periods)
        for j in range(k, last + 1):
            if runs[j, PAIR] == pair:
                runs[j, GROUP] = bit
                if bit == 0 and runs[j, GROUP_PRICE] > 0:
                    runs[j, GROUP_PRICE] = 0

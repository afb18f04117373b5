"""What the search for one person's best schedule starts from: the runs that may still matter, and the best schedule known."""

from __future__ import annotations

from typing import NamedTuple

from solver_models.staffing.kernel.arrays import P_BASE, P_BOOKED, P_HIGH, P_LOW, Ints
from solver_models.staffing.kernel.compiled import jit, plain
from solver_models.staffing.kernel.limits import (
    ASKED,
    BARS,
    BEST,
    BOOKED,
    CONSTANT,
    CUTS,
    DEMAND,
    ENDS,
    FAIRNESS,
    FIRST,
    GRAIN,
    GROUP,
    GROUP_PRICE,
    HIGH,
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
    WORDS,
    WORTH,
    best_by_demand,
    copy_row,
    fair_constant,
    schedule_value,
    table,
)
from solver_models.staffing.problem import E4

PRICE = 0
LIVES = 1
PERIOD_COLUMNS = LIVES + WORDS
"""Columns of periods: the person's own price of a minute, bits of memory that still matter."""
WORD = 62
BITS = WORDS * WORD
"""Bits of memory in one integer, and in all."""
_MOST_CUTS = 40


class Case(NamedTuple):
    """
    What may be part of a better schedule, and what the search needs to know of it and of the person.

    Of the ``runs``, by first period, SETS and BARS are bits of memory, GROUP is the bit of a priced project by number (-1: none) and
    GROUP_PRICE what the first run on it pays; CUTS are the bits of cuts it counts for, of which ``cuts`` has the prices (the first bits
    are theirs), ENDS is the most that the run and those after it can add. Of the person, CONSTANT is Z with the pinned runs alone less
    what they pay, START the most that anything can come to, BEST the value of the best schedule known.
    ``losses`` (periods x bits) is how much less may follow, from a period on, with a bit than without it, ``gains`` how much more.
    """

    runs: Ints
    periods: Ints
    person: Ints
    cuts: Ints
    losses: Ints
    gains: Ints


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
def grains(minutes, grain):  # type: ignore[no-untyped-def]
    """Minutes in whole grains."""
    return minutes if grain == 1 else minutes - minutes % grain


@plain
def set_own_prices(a, p, runs, periods, person, per_minute, tilt):  # type: ignore[no-untyped-def]
    """From now on in integers: the person's own prices, what they leave of each run, and the most that anything can come to."""
    lean = int(tilt)
    person[TILT] = lean
    person[START] = person[CONSTANT] + lean * person[BOOKED] + fair_constant(lean, person[LOW], person[HIGH])
    for t in range(len(per_minute)):
        periods[t, PRICE] = int(per_minute[t])
        person[START] += periods[t, PRICE] * grains(a.capacity[p, t], person[GRAIN])
    for i in range(len(runs)):
        run = runs[i]
        run[NET] += lean * run[MINUTES]
        for t in range(run[FIRST], run[LAST] + 1):
            run[NET] -= periods[t, PRICE] * grains(a.minutes[run[ORIGIN] + t], person[GRAIN])


@jit
def worth_a_look(runs, best, wanted):  # type: ignore[no-untyped-def]
    """The runs that have more than is wanted as the most that can be added with them, those first that leave most."""
    total, n = 0, 0
    best_by_demand(runs, runs[:, NET], best)
    for d in range(len(best)):
        if best[d] >= 0:
            total += runs[best[d], NET]
    order = table(1, len(runs), 0)[0]
    for i in range(len(runs)):
        other = best[runs[i, DEMAND]]
        if total - (runs[other, NET] if other >= 0 else 0) + runs[i, NET] > wanted:
            order[n] = i
            n += 1
    sort(runs, NET, order, n)
    return order[:n]


@jit
def by_first(runs, order, horizon):  # type: ignore[no-untyped-def]
    """A table of some runs by first period, as they are ordered within each."""
    kept, at = table(len(order), runs.shape[1], 0), table(1, horizon + 1, 0)[0]
    for i in order:
        at[runs[i, FIRST] + 1] += 1
    for t in range(1, len(at)):
        at[t] += at[t - 1]
    for i in order:
        copy_row(runs, i, kept, at[runs[i, FIRST]])
        at[runs[i, FIRST]] += 1
    return kept


@plain
def sort(rows, column, order, size):  # type: ignore[no-untyped-def]
    """Put the first numbers of rows in order: most first, then by number (Shell's sort: little to compile)."""
    gap = 1
    while gap < size // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for n in range(gap, size):
            i, at = order[n], n
            value = rows[i, column]
            while at >= gap:
                other = order[at - gap]
                if rows[other, column] > value or (rows[other, column] == value and other < i):
                    break
                order[at] = other
                at -= gap
            order[at] = i
        gap //= 3


@plain
def sum_ends(runs, most):  # type: ignore[no-untyped-def]
    """The most that each run and those after it can add; then rebates of groups are counted apart."""
    total = 0
    for i in range(len(runs) - 1, -1, -1):
        run = runs[i]
        gained = run[NET] - most[run[DEMAND]]
        if gained > 0:
            total += gained
            most[run[DEMAND]] += gained
        run[ENDS] = total
        run[NET] -= _rebate(runs, i)


@plain
def flag(run, column, bit):  # type: ignore[no-untyped-def]
    """Set a bit, by number, in the words that begin with a column; -1 is none."""
    if bit >= 0:
        run[column + bit // WORD] |= 1 << bit % WORD


@jit
def remember_cuts(v, person, runs, periods, taken, losses):  # type: ignore[no-untyped-def]
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
                        losses[t, used] = prices[used]
                _live_until_last(v, runs, i, cut, periods, used, losses, prices[used])
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
def _live_until_last(v, runs, i, cut, periods, used, losses, price):  # type: ignore[no-untyped-def]
    """A cut's bit matters from its first run to the first period of its last one."""
    last = runs[i, FIRST]
    for j in range(i, len(runs)):
        if _counts(v, runs[j, ASKED], cut):
            last = runs[j, FIRST]
    for t in range(runs[i, FIRST], last + 1):
        periods[t, LIVES] |= 1 << used
        losses[t, used] = price


@plain
def _claim(taken, begin, end, periods):  # type: ignore[no-untyped-def]
    """
    The number of a bit of memory that nobody else uses from ``begin`` to ``end``, -1 if none is left.

    One period lies between two uses of a bit, in which it is forgotten.
    """
    for k in range(BITS):
        if taken[k] < begin:
            taken[k] = end + 1
            for t in range(begin, end + 1):
                flag(periods[t], LIVES, k)
            return k
    return -1


@plain
def _at_most(runs, i, person):  # type: ignore[no-untyped-def]
    """The most that a schedule can lose by leaving out a run."""
    return max(0, runs[i, WORTH] + _rebate(runs, i) + person[FAIRNESS] * runs[i, MINUTES])


@jit
def remember_demands(runs, person, periods, taken, last, losses):  # type: ignore[no-untyped-def]
    """A bit for each demand with several runs: a schedule has one of them. ``last`` (by demand) is all -1."""
    before, first = table(1, len(runs), -1)[0], table(1, len(last), -1)[0]
    for i in range(len(runs)):
        d = runs[i, DEMAND]
        before[i], last[d] = last[d], i
        if first[d] < 0:
            first[d] = i
    for i in range(len(runs)):
        j, most = last[runs[i, DEMAND]], 0
        if first[runs[i, DEMAND]] != i or j == i:
            continue
        bit = _claim(taken, runs[i, FIRST], runs[j, FIRST], periods)
        while j >= 0 and bit >= 0:
            flag(runs[j], SETS, bit)
            flag(runs[j], BARS, bit)
            most = max(most, _at_most(runs, j, person))
            _lose(losses, runs[i, FIRST], runs[j, FIRST], bit, most)
            j = before[j]


@plain
def _lose(losses, begin, end, bit, most):  # type: ignore[no-untyped-def]
    """Raise what a bit costs from ``begin`` to ``end`` to this much, from the end on."""
    for t in range(end, begin - 1, -1):
        if losses[t, bit] >= most:
            break
        losses[t, bit] = most


@jit
def remember_shifts(runs, person, periods, taken, most, losses):  # type: ignore[no-untyped-def]
    """A bit for each shift of a project that moves as a whole, barred by its other shifts. ``most`` (by demand) is left all 0."""
    moving, count = table(1, len(runs), 0)[0], 0
    for i in range(len(runs)):
        if runs[i, UNIT] >= 0:
            moving[count] = i
            count += 1
    for n in range(count):
        k, is_new = moving[n], True
        unit, moved, end = runs[k, UNIT], runs[k, MOVED], runs[k, FIRST]
        for m in range(n):
            is_new = is_new and runs[moving[m], MOVED] != moved
        if not is_new:
            continue
        for m in range(n, count):
            if runs[moving[m], UNIT] == unit:
                end = runs[moving[m], FIRST]
        bit, lost = _claim(taken, runs[k, FIRST], end, periods), 0
        for m in range(count - 1, -1, -1):
            j = moving[m]
            if runs[j, UNIT] == unit and runs[j, MOVED] == moved:
                flag(runs[j], SETS, bit)
            elif runs[j, UNIT] == unit:
                flag(runs[j], BARS, bit)
                more = _at_most(runs, j, person) - most[runs[j, DEMAND]]
                if bit >= 0 and more > 0:
                    most[runs[j, DEMAND]] += more
                    lost += more
                    _lose(losses, runs[k, FIRST], runs[j, FIRST], bit, lost)
        for m in range(count):
            most[runs[moving[m], DEMAND]] = 0


@plain
def remember_groups(runs, periods, taken, losses, gains):  # type: ignore[no-untyped-def]
    """
    A bit for each project with a priced group and several runs.

    Without a bit left nobody pays there, and whoever is paid is paid for each run: more than can be, never less.
    """
    for k in range(len(runs)):
        pair, last, price = runs[k, PAIR], k, runs[k, GROUP_PRICE]
        if price == 0 or runs[k, GROUP] >= 0:
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
                if bit < 0 and price > 0:
                    runs[j, GROUP_PRICE] = 0
        if bit >= 0:
            for t in range(runs[k, FIRST], runs[last, FIRST] + 1):
                losses[t, bit], gains[t, bit] = max(0, -price), max(0, price)

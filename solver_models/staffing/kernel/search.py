"""
The best schedules of people at given prices: a bounded dynamic program over their runs, compiled, exact unless it grows too large.

Runs are met in the order of their first periods. A *label* is a partial schedule: what it leaves of each period to come, what of the past
still matters (``memory``: a bit for each demand with several runs, each shift chosen, each project with a priced group, each cut),
minutes booked, and value. A label goes when another one makes it needless (``labels``), or when even the best that could follow does
not lift it above the best schedule known; ``limits`` says what could follow. Beyond the labels allowed the least promising
go too, and the best of what they promised stays in the answer as an upper limit. Figures are integers in ten-thousandths of Z.
"""

from __future__ import annotations

import numpy as np

from solver_models.staffing.kernel.arrays import Arrays, PriceVector
from solver_models.staffing.kernel.case import (
    BITS,
    PERIOD_COLUMNS,
    WORD,
    Case,
    by_first,
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
from solver_models.staffing.kernel.labels import (
    L_BOOKED,
    L_MEMORY,
    L_MOST,
    L_NODE,
    L_TAKEN,
    L_VALUE,
    LEAST,
    copy_label,
    has_room,
    longer,
    new_labels,
    pass_period,
    set_grain,
    set_need,
    set_room,
    sift,
    sum_of,
)
from solver_models.staffing.kernel.limits import (
    BARS,
    BEST,
    BOOKED,
    CONSTANT,
    CUTS,
    ENDS,
    FIRST,
    GROUP,
    GROUP_PRICE,
    INDEX,
    LAST,
    MINUTES,
    NET,
    OWN_CUTS,
    SETS,
    START,
    WIDTH,
    WORDS,
    WORTH,
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

__all__ = ["MOST_RUNS", "Arrays", "PriceVector", "best_schedules"]

MOST_RUNS = 64
"""Runs of a schedule that is reported."""
_AT_FIRST = 2_000
"""Labels in a first search, which finds a schedule to beat where the second may hold many more."""
_MANY_TIMES, _FEW = 100, 256
"""After so many times the labels that may be held, only a few go on: one person must not take all the time."""
_SIFTED_EVERY = 256
"""Labels more than twice as many as after the last time, after which needless ones are looked for within a period."""
_COMPARISONS = 32
"""Comparisons of labels that count as much as a label met."""


@entry
def best_schedules(a, v, people, per_minute, tilt, fairness, known, room):  # type: ignore[no-untyped-def]
    """
    Upper limit, best value and best schedule of each of ``people``, and labels met.

    ``per_minute`` (people x T) and ``tilt`` carry each person's own prices from call to call; ``known`` has a schedule for each
    person, counted from the person's first run (-1 after the last), ``room`` is how many labels may be held at once.
    """
    found, chosen = table(len(people), 3, 0), table(len(people), MOST_RUNS, -1)
    labels, mark = new_labels(room, a.capacity.shape[1]), table(1, len(v.heads), -1)[0]
    trial = table(1, MOST_RUNS, -1)[0]
    for k in range(len(people)):
        p = people[k]
        runs, demands, row = own_runs(a, v, p, mark)
        periods, person = table(a.capacity.shape[1] + 1, PERIOD_COLUMNS, 0), table(1, OWN_CUTS + 1, 0)[0]
        set_figures(a, v, p, E4 * fairness, person)
        set_grain(a, p, person)
        price_groups(v, runs)
        person[BEST] = LEAST
        if rows_of(row, known[p], trial):
            take_better(v, runs, trial, person, chosen[k])
        best = table(1, demands, -1)[0]
        find_own_prices(a, p, runs, best, person, per_minute[p], tilt)
        set_own_prices(a, p, runs, periods, person, per_minute[p], tilt[p])
        greedy_schedule(a, p, runs, worth_a_look(runs, best, person[BEST] - person[START]), trial)
        take_better(v, runs, trial, person, chosen[k])
        limit = person[BEST] + 1
        if room > 2 * _AT_FIRST:
            limit, found[k, 2] = _look(a, v, p, runs, row, best, periods, person, labels, _AT_FIRST, chosen[k])
        if limit > person[BEST]:
            limit, met = _look(a, v, p, runs, row, best, periods, person, labels, room, chosen[k])
            found[k, 2] += met
        found[k, 0], found[k, 1] = limit, person[BEST]
        for n in range(MOST_RUNS):
            if chosen[k, n] >= 0:
                chosen[k, n] = runs[chosen[k, n], INDEX]
    return found, chosen


@plain
def rows_of(row, chosen, found):  # type: ignore[no-untyped-def]
    """The rows of a schedule's runs; whether none is barred, and there is a schedule."""
    for n in range(len(chosen)):
        found[n] = row[chosen[n]] if 0 <= chosen[n] < len(row) else -1
        if found[n] < 0 and chosen[n] >= 0:
            return False
    return len(chosen) > 0


@jit
def _look(a, v, p, runs, row, best, periods, person, labels, room, chosen):  # type: ignore[no-untyped-def]
    """Search with place for so many labels: the limit on the best schedule and labels met; a better schedule becomes the best known."""
    horizon = len(periods)
    kept = by_first(runs, worth_a_look(runs, best, person[BEST] - person[START]), horizon)
    most = table(1, len(best), 0)[0]
    sum_ends(kept, most)
    for d in range(len(most)):
        most[d] = 0
    for t in range(horizon):
        for n in range(1, PERIOD_COLUMNS):
            periods[t, n] = 0
    person[OWN_CUTS] = 0
    taken, losses, gains = table(1, BITS, -1)[0], table(horizon, BITS, 0), table(horizon, BITS, 0)
    cuts = remember_cuts(v, person, kept, periods, taken, losses)
    remember_demands(kept, person, periods, taken, table(1, len(best), -1)[0], losses)
    remember_shifts(kept, person, periods, taken, most, losses)
    remember_groups(kept, periods, taken, losses, gains)
    case = Case(kept, periods, person, cuts, losses, gains)
    rows, size, trail, met, lost = _search(a, p, case, labels, min(room, len(labels.rows)))
    limit = _answer(a, v, p, case, row, rows, size, trail, chosen)
    return max(limit, lost), met


@jit
def _search(a, p, case, labels, most_labels):  # type: ignore[no-untyped-def]
    """Run the program: labels at its end, the ways back, labels met, and the most that those left out promised."""
    rows, room, kept, kept_room = labels.rows, labels.room, labels.kept, labels.kept_room
    runs, best, trail, need = case.runs, case.person[BEST], np.empty((1024, 2), np.int64), np.empty(labels.room.shape[1], np.int16)
    nodes, size, met, lost, i = 1, 1, 0, LEAST, 0
    _begin(a, p, case, rows, room)
    for t in range(a.capacity.shape[1]):
        if i == len(runs):
            break
        if t > 0:
            pass_period(a, p, case, rows, room, size, t)
        size, compared = sift(case, labels, rows, room, kept, kept_room, size, t, best - runs[i, ENDS])
        rows, kept, room, kept_room = kept, rows, kept_room, room
        sifted, met = size, met + compared // _COMPARISONS
        while i < len(runs) and runs[i, FIRST] == t:
            most = most_labels if met < _MANY_TIMES * most_labels else min(most_labels, _FEW)
            if 2 * size > most or size > 2 * sifted + _SIFTED_EVERY:
                size, compared = sift(case, labels, rows, room, kept, kept_room, size, t, best - runs[i, ENDS])
                rows, kept, room, kept_room = kept, rows, kept_room, room
                met += compared // _COMPARISONS
                if 2 * size > most:
                    lost, size = max(lost, rows[most // 4 + 1, L_MOST] + runs[i, ENDS]), most // 4 + 1
                sifted = size
            if nodes + size > len(trail):
                trail = longer(trail, size)
            before = size
            size, nodes = _extend(a, case, rows, room, sifted, size, i, need, trail, nodes)
            met += size - before
            i += 1
    return rows, size, trail, met, lost


@plain
def _begin(a, p, case, rows, room):  # type: ignore[no-untyped-def]
    """The first label has nothing."""
    rows[0, L_VALUE], rows[0, L_MOST], rows[0, L_BOOKED] = case.person[CONSTANT], case.person[START], case.person[BOOKED]
    rows[0, L_TAKEN], rows[0, L_NODE], rows[0, L_MEMORY] = 0, 0, case.person[OWN_CUTS]
    for w in range(1, WORDS):
        rows[0, L_MEMORY + w] = 0
    set_room(a, p, case.person, room, 0)


@plain
def _extend(a, case, rows, room, sifted, size, i, need, trail, nodes):  # type: ignore[no-untyped-def]
    """Each label also with run i, where that fits and may become better than what is known; the first ``sifted`` promise ever less."""
    runs, to, k, width = case.runs, size, 0, case.person[WIDTH]
    first, last, horizon = runs[i, FIRST], runs[i, LAST], a.capacity.shape[1]
    end = runs[i + 1, ENDS] if i + 1 < len(runs) else 0
    wanted, rebate, taken = case.person[BEST] - end, max(0, -runs[i, GROUP_PRICE]), set_need(a, case, i, need)
    while k < size:
        if rows[k, L_MOST] + runs[i, NET] + rebate <= wanted:
            k = k + 1 if k >= sifted else sifted
            continue
        pays = _pays(case, rows, k, i)
        most = rows[k, L_MOST] + runs[i, NET] - pays
        fits_in = most > wanted and not _is_barred(rows, k, runs, i) and has_room(room, k, need, first, last)
        if fits_in and (width == horizon or has_room(room, k, need, horizon + first, horizon + last)):
            copy_label(rows, room, k, rows, room, to, width)
            rows[to, L_VALUE] += runs[i, WORTH] - pays
            rows[to, L_MOST] = most
            rows[to, L_BOOKED] += runs[i, MINUTES]
            rows[to, L_TAKEN] += taken
            for n in range(width):
                room[to, n] -= need[n]
            _remember(rows, to, runs, i)
            trail[nodes, 0], trail[nodes, 1] = rows[k, L_NODE], i
            rows[to, L_NODE] = nodes
            nodes, to = nodes + 1, to + 1
        k += 1
    return to, nodes


@plain
def _pays(case, rows, k, i):  # type: ignore[no-untyped-def]
    """What label k pays for the group and the cuts of run i."""
    runs, pays = case.runs, case.runs[i, GROUP_PRICE]
    if runs[i, GROUP] >= 0 and rows[k, L_MEMORY + runs[i, GROUP] // WORD] >> runs[i, GROUP] % WORD & 1:
        pays = 0
    return pays + sum_of(case.cuts, rows[k, L_MEMORY] & runs[i, CUTS], 0)


@plain
def _is_barred(rows, k, runs, i):  # type: ignore[no-untyped-def]
    """Whether something that label k remembers bars run i."""
    for w in range(WORDS):
        if rows[k, L_MEMORY + w] & runs[i, BARS + w]:
            return True
    return False


@plain
def _remember(rows, k, runs, i):  # type: ignore[no-untyped-def]
    """Label k has run i from now on."""
    for w in range(WORDS):
        rows[k, L_MEMORY + w] |= runs[i, SETS + w]
    if runs[i, GROUP] >= 0:
        rows[k, L_MEMORY + runs[i, GROUP] // WORD] |= 1 << runs[i, GROUP] % WORD
    rows[k, L_MEMORY] ^= runs[i, CUTS]


@jit
def _answer(a, v, p, case, row, rows, size, trail, chosen):  # type: ignore[no-untyped-def]
    """The limit on the best schedule; the best one becomes the one known where a label is better and keeps every rule."""
    limit, at = case.person[BEST], -1
    for k in range(size):
        value = rows[k, L_VALUE] - unfairness(rows[k, L_BOOKED], case.person)
        if value > limit:
            limit, at = value, k
    if at < 0:
        return limit
    found, count, node, free = table(1, MOST_RUNS, -1)[0], 0, rows[at, L_NODE], room_of(a, p)
    while node > 0:
        i, node = trail[node, 1], trail[node, 0]
        if count == MOST_RUNS or not fits(a, case.runs, i, found, count, free):
            return limit
        take(a, case.runs, i, free)
        found[count] = i
        count += 1
    value = schedule_value(case.runs, v, found, case.person)
    if value > case.person[BEST]:
        case.person[BEST] = value
        for n in range(MOST_RUNS):
            chosen[n] = -1 if n >= count else row[case.runs[found[n], INDEX]]
    return limit

"""
The best schedules of people at given prices: a bounded dynamic program over their runs, compiled, exact unless it grows too large.

Runs are met in the order of their first periods. A *label* is a partial schedule: the runs still active, what of the past still
matters (``memory``: a bit for each demand with several runs left, each shift chosen, each project with a priced group, each cut),
minutes booked, and value. Labels that agree in all but value are merged. A label goes when even the best that could follow does
not lift it above the best schedule known; ``limits`` says what could follow. Beyond the labels allowed the least promising
go too, and the best of what they promised stays in the answer as an upper limit. Figures are integers in ten-thousandths of Z.
"""

from __future__ import annotations

import numpy as np

from solver_models.staffing.kernel.arrays import Arrays, PriceVector
from solver_models.staffing.kernel.case import (
    BITS,
    PRICE,
    Case,
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
    L_ACTIVE,
    L_BOOKED,
    L_COUNT,
    L_MEMORY,
    L_MOST,
    L_NODE,
    L_VALUE,
    LEAST,
    MOST_AT_ONCE,
    advance,
    copy_label,
    drop_least,
    has_room,
    longer,
    new_labels,
    see_until,
    sum_of,
    take_room,
)
from solver_models.staffing.kernel.limits import (
    BARS,
    BEST,
    BOOKED,
    CONSTANT,
    CUTS,
    DEMAND,
    ENDS,
    FIRST,
    GROUP,
    GROUP_PRICE,
    HOPE,
    INDEX,
    LAST,
    MINUTES,
    NET,
    OWN_CUTS,
    SETS,
    START,
    TAIL,
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
from solver_models.staffing.kernel.ways import go_on, ways_and_runs
from solver_models.staffing.problem import E4

__all__ = ["MOST_AT_ONCE", "MOST_RUNS", "Arrays", "PriceVector", "best_schedules"]

MOST_RUNS = 64
"""Runs of a schedule that is reported."""
_MANY_TIMES, _FEW = 40, 256
"""After so many times the labels that may be held, only a few go on: one person must not take all the time."""


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
        periods, person = table(a.capacity.shape[1] + 1, PRICE + 1, 0), table(1, OWN_CUTS + 1, 0)[0]
        set_figures(a, v, p, E4 * fairness, person)
        price_groups(v, runs)
        person[BEST] = LEAST
        if rows_of(row, known[p], trial):
            take_better(v, runs, trial, person, chosen[k])
        best = table(1, demands, -1)[0]
        find_own_prices(a, p, runs, best, person, per_minute[p], tilt)
        set_own_prices(a, p, runs, periods, person, per_minute[p], tilt[p])
        greedy_schedule(a, p, runs, trial)
        take_better(v, runs, trial, person, chosen[k])
        rows, begins = ways_and_runs(a, p, runs, row)
        rows = rows[: begins + worth_a_look(runs, best, person[BEST] - person[START], rows[begins:])]
        kept = rows[begins:]
        sum_ends(kept, table(1, demands, 0)[0])
        taken = table(1, BITS, -1)[0]
        cuts = remember_cuts(v, person, kept, periods, taken)
        remember_demands(kept, periods, taken, table(demands, 3, -1))
        remember_shifts(kept, periods, taken)
        remember_groups(kept, periods, taken)
        case = Case(rows, begins, periods, person, cuts)
        size, trail, found[k, 2], lost = _search(a, p, case, labels)
        limit, found[k, 1] = _answer(a, v, p, case, runs, row, labels.rows, size, trail, chosen[k])
        found[k, 0] = max(limit, lost)
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
def _search(a, p, case, labels):  # type: ignore[no-untyped-def]
    """Run the program: labels at its end, the ways back, labels met, and the most that those left out promised."""
    rows, runs, best = labels.rows, case.runs, case.person[BEST]
    trail = np.empty((1024, 2), np.int64)
    nodes, size, met, lost, i = 1, 1, 0, LEAST, case.begins
    rows[0, L_VALUE], rows[0, L_MOST], rows[0, L_BOOKED] = case.person[CONSTANT], case.person[START], case.person[BOOKED]
    rows[0, L_MEMORY], rows[0, L_NODE], rows[0, L_COUNT] = case.person[OWN_CUTS], 0, 0
    reach = 0
    for t in range(a.capacity.shape[1]):
        end = runs[i, ENDS] if i < len(runs) else 0
        if i == len(runs) and (case.begins == 0 or t == 0):
            break
        reach = see_until(a, p, rows, size, reach, t)
        if case.begins > 0 and t > 0:
            if 2 * size > len(rows):
                size, left_out = drop_least(rows, size, len(rows) // 4 + 1, t - 1, reach)
                lost = max(lost, left_out + end)
            before = size
            size, nodes, reach, trail, left_out = go_on(a, p, case, rows, size, t, reach, best - end, trail, nodes)
            lost, met = max(lost, left_out + end), met + size - before
        size = advance(case, labels, size, t, reach, best - end)
        while i < len(runs) and runs[i, FIRST] == t:
            most = len(rows) if met < _MANY_TIMES * len(rows) else min(len(rows), _FEW)
            if 2 * size > most:
                size, left_out = drop_least(rows, size, most // 4 + 1, t, reach)
                left_out += runs[i, ENDS]
                lost = max(lost, left_out)
            if nodes + size > len(trail):
                trail = longer(trail, size)
            reach = see_until(a, p, rows, size, reach, runs[i, LAST] + 1)
            size, nodes, left_out = _extend(a, p, case, rows, size, i, reach, trail, nodes)
            lost = max(lost, left_out)
            met += size
            i += 1
    return size, trail, met, lost


@plain
def _extend(a, p, case, rows, size, i, reach, trail, nodes):  # type: ignore[no-untyped-def]
    """Each label also with run i, where that fits and may become better than what is known; and the most left out."""
    runs, lost, to = case.runs, LEAST, size
    end = runs[i + 1, ENDS] if i + 1 < len(runs) else 0
    wanted = case.person[BEST] - end
    for k in range(size):
        pays = 0 if rows[k, L_MEMORY] & runs[i, GROUP] else runs[i, GROUP_PRICE]
        pays += sum_of(case.cuts, rows[k, L_MEMORY] & runs[i, CUTS])
        most = rows[k, L_MOST] + runs[i, NET] + runs[i, HOPE] - pays
        if most <= wanted or rows[k, L_MEMORY] & runs[i, BARS] or not has_room(a, p, runs, rows, k, i):
            continue
        if not _is_off(runs, rows, k, runs[i, DEMAND]):
            continue
        count = rows[k, L_COUNT]
        if count == MOST_AT_ONCE:
            lost = max(lost, most + end)
            continue
        copy_label(rows, k, to, runs[i, FIRST], reach)
        rows[to, L_VALUE] += runs[i, WORTH] - pays
        rows[to, L_MOST] = most
        rows[to, L_BOOKED] += runs[i, MINUTES]
        rows[to, L_MEMORY] = (rows[to, L_MEMORY] | runs[i, SETS] | runs[i, GROUP]) ^ runs[i, CUTS]
        at = L_ACTIVE + count
        while at > L_ACTIVE and runs[rows[to, at - 1], TAIL] > runs[i, TAIL]:
            rows[to, at] = rows[to, at - 1]
            at -= 1
        rows[to, at] = i
        rows[to, L_COUNT] = count + 1
        take_room(a, runs, i, rows, to)
        trail[nodes, 0], trail[nodes, 1] = rows[k, L_NODE], i
        rows[to, L_NODE] = nodes
        nodes, to = nodes + 1, to + 1
    return to, nodes, lost


@plain
def _is_off(runs, rows, k, demand):  # type: ignore[no-untyped-def]
    """Whether label k has no active run on the demand."""
    for n in range(rows[k, L_COUNT]):
        if runs[rows[k, L_ACTIVE + n], DEMAND] == demand:
            return False
    return True


@jit
def _answer(a, v, p, case, runs, row, rows, size, trail, chosen):  # type: ignore[no-untyped-def]
    """Limit and value of the best schedule; ``chosen`` becomes it where a label is better and keeps every rule."""
    limit, at = case.person[BEST], -1
    for k in range(size):
        value = rows[k, L_VALUE] - unfairness(rows[k, L_BOOKED], case.person)
        if value > limit:
            limit, at = value, k
    if at < 0:
        return limit, case.person[BEST]
    found, count, node, free = table(1, MOST_RUNS, -1)[0], 0, rows[at, L_NODE], room_of(a, p)
    gone_on = table(1, len(runs), 0)[0]
    while node > 0:
        i, node = trail[node, 1], trail[node, 0]
        if i < case.begins:
            gone_on[case.runs[i, DEMAND]] += 1
            continue
        # Runs of an option with one first period lie side by side, the shorter before the longer.
        i = row[case.runs[i, INDEX] + gone_on[case.runs[i, DEMAND]]]
        if i < 0 or count == MOST_RUNS or not fits(a, runs, i, found, count, free):
            return limit, case.person[BEST]
        take(a, runs, i, free)
        found[count] = i
        count += 1
    value = schedule_value(runs, v, found, case.person)
    if value <= case.person[BEST]:
        return limit, case.person[BEST]
    for n in range(MOST_RUNS):
        chosen[n] = found[n] if n < count else -1
    return limit, value

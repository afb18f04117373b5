"""Which of a person's runs find no room in the limits on demands."""

from __future__ import annotations

from solver_models.staffing.kernel.arrays import O_DEMAND, O_ROW, O_SHARE, P_RUN, R_FIRST, R_FRESH, R_HEADS, R_LAST, R_OPTION
from solver_models.staffing.kernel.compiled import entry


@entry
def bar(a, p, full, taken, limit, moved, left, barred):  # type: ignore[no-untyped-def]
    """
    Bar the runs of person p (by run) on demands that are ``full``, on rows that ``moved`` to another shift, with more than ``left`` new
    minutes, and those with which shares ``taken`` (rows x T, or none at all) pass their ``limit``.
    """
    for r in range(a.people[p, P_RUN], a.people[p + 1, P_RUN]):
        o = a.runs[r, R_OPTION]
        if a.runs[r, R_FRESH] > left or (a.runs[r, R_HEADS] and full[a.options[o, O_DEMAND]]):
            barred[r] = True
        elif len(taken) and not barred[r] and a.options[o, O_ROW] >= 0:
            row, share = a.options[o, O_ROW], a.options[o, O_SHARE]
            barred[r] = a.runs[r, R_HEADS] and moved[row]
            for t in range(a.runs[r, R_FIRST], a.runs[r, R_LAST] + 1):
                if taken[row, t] + share > limit[row, t]:
                    barred[r] = True
                    break
